"""The value that a rule measures in a repetition, and how it is read from a signal. Pure."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.rep_view import F64, RepView, Rows

#: Minimum fraction of the values of a hold that must be known. Chosen: clearly more than half.
_MIN_KNOWN_FRACTION = 0.6


@dataclass(frozen=True, eq=False, kw_only=True)
class Measurement:
    """What a rule measured in one repetition; a fault if `value` is beyond `threshold`.

    Attributes:
        value: What was measured, in the rule's unit.
        threshold: The threshold that was used: the rule's, adjusted to view and style.
        margin: Excess over the threshold at which the fault is certain.
        rows: Rows in which the value holds.
        worst_row: The row that shows it best.
        confidence: Confidence of the joints that the value depends on, 0..1.
        doubt: Why the value does not tell whether the fault is there, for people: it follows
            "because"; "" where it tells. The rule then does not judge, and the value stays
            evidence for the score.
        is_fault_below: Whether a fault lies below the threshold, and not above it; the rule's
            `evaluate` sets it.
    """

    value: float
    threshold: float
    margin: float
    rows: Rows
    worst_row: int
    confidence: float
    doubt: str = ""
    is_fault_below: bool = False

    @property
    def excess(self) -> float:
        """How far the value is beyond the threshold, in margins; negative where it is within."""
        sign = -1 if self.is_fault_below else 1
        return sign * (self.value - self.threshold) / self.margin


@dataclass(frozen=True)
class NotMeasured:
    """Why a rule cannot measure a repetition.

    Attributes:
        reason: The reason, for people: it follows "because".
    """

    reason: str


def median(values: F64, rows: Rows) -> float:
    """Median of the known values in rows; NaN if fewer than half are known."""
    part = values[rows]
    known = part[np.isfinite(part)]
    return float(np.median(known)) if 2 * known.size >= max(part.size, 1) else float("nan")


def median_confidence(rows: Rows, *parts: F64) -> float:
    """Lowest of the parts' median confidences in rows, each part (n,); 0 without rows."""
    return min(float(np.median(part[rows])) if rows.size else 0.0 for part in parts)


def max_sustained(values: F64, rows: Rows, time_s: F64, hold_s: float) -> tuple[float, int]:
    """Highest value that is held for `hold_s`, and the middle row of that time; NaN, 0 if none.

    A shorter peak counts as noise.

    Args:
        values: (n,).
        rows: consecutive rows to search.
        time_s: (n,).
        hold_s: where `rows` cover less time, all of them must hold.
    """
    best, at = float("nan"), 0
    if not rows.size:
        return best, at
    hold_s = min(hold_s, float(time_s[rows[-1]] - time_s[rows[0]]))
    for first in rows:
        last = int(np.searchsorted(time_s, time_s[first] + hold_s - 1e-6))
        if last > rows[-1]:
            break
        part = values[first : last + 1]
        known = np.isfinite(part)
        if known.mean() >= _MIN_KNOWN_FRACTION and not part[known].min() <= best:
            best, at = float(part[known].min()), (int(first) + last) // 2
    return best, at


def rows_above(values: F64, threshold: float, rows: Rows, worst_row: int) -> Rows:
    """Those of consecutive rows around the worst in which values are above the threshold."""
    above = values >= threshold
    first = last = worst_row
    while first > rows[0] and above[first - 1]:
        first -= 1
    while last < rows[-1] and above[last + 1]:
        last += 1
    return np.arange(first, last + 1)


def measure_peak(
    rep: RepView,
    values: F64,
    rows: Rows,
    *,
    threshold: float,
    hold_s: float,
    margin: float,
    confidence: float,
) -> Measurement | None:
    """The highest value that is held, against a threshold; None where too little is seen.

    Args:
        rep: the repetition.
        values: (n,), in the rule's unit.
        rows: consecutive rows to search.
        threshold: as in `Measurement`.
        hold_s: how long the value must hold.
        margin: as in `Measurement`.
        confidence: as in `Measurement`.
    """
    value, worst_row = max_sustained(values, rows, rep.motion.time_s, hold_s)
    if np.isnan(value):
        return None
    return Measurement(
        value=value,
        threshold=threshold,
        margin=margin,
        rows=rows_above(values, threshold, rows, worst_row),
        worst_row=worst_row,
        confidence=confidence,
    )
