"""How far found joints are from hand-placed ones, and what share of them is right. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.joints_labels import KINDS, Labels
from shared.data.messages import Person, empty_skeleton
from shared.data.skeleton import ARMS, LEGS

F64 = NDArray[np.float64]

#: Maximum error of a right joint, in trunk lengths. Chosen: the one of issue 13's table and of
#: `coach.cli.demo`.
RIGHT = 0.2

#: Minimum median error of a skeleton that is nonsense, in trunk lengths. Chosen: half of its joints
#: are then nearer to another joint than to their own.
NONSENSE = 0.5

#: Errors are counted as at most this when two assignments are compared, in trunk lengths. Chosen:
#: a joint that is missing or a trunk away must not decide alone.
_MAX_COMPARED = 1.0

#: Lower ends of the bins of confidence. Chosen: a tenth each, as in the issue's figures.
CONFIDENCE_BINS = tuple(n / 10 for n in range(10))

#: Resamples of a bootstrap, and the percentiles of its interval. Chosen: the usual 95 %.
_RESAMPLES, _INTERVAL = 2000, (2.5, 97.5)

#: Joints of the skeleton by side and kind of `KINDS`.
_SIDES = np.array([arm + leg for arm, leg in zip(ARMS, LEGS, strict=True)])


@dataclass(frozen=True, eq=False)
class Scored:
    """One picture as a backend saw it.

    Attributes:
        labels: The picture's labels.
        is_found: Whether any person was found.
        errors: float64 (2, 6), distance of each labelled joint from the found one in trunk lengths:
            infinite where none was found, NaN where there is no label.
        confidence: float64 (2, 6), the backend's confidence of each; 0 where none was found.
    """

    labels: Labels
    is_found: bool
    errors: F64
    confidence: F64

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which joints are right, bool (2, 6)."""
        return self.errors <= RIGHT

    @property
    def is_labelled(self) -> NDArray[np.bool_]:
        """Which joints have a label, bool (2, 6)."""
        return ~np.isnan(self.errors)

    @property
    def is_nonsense(self) -> bool:
        """Whether a skeleton was found that is wholly elsewhere; what it leaves out is no error."""
        given = self.errors[np.isfinite(self.errors)]
        return bool(given.size and np.median(given) > NONSENSE)


@dataclass(frozen=True)
class Share:
    """A share of joints or pictures.

    Attributes:
        part: Number of those meant.
        whole: Number of all.
        low: Lower end of the interval; NaN where there is one video only.
        high: Upper end.
    """

    part: int
    whole: int
    low: float = float("nan")
    high: float = float("nan")

    @property
    def fraction(self) -> float:
        """The share, 0..1; NaN of nothing."""
        return self.part / self.whole if self.whole else float("nan")


def score(labels: Labels, person: Person | None) -> Scored:
    """Compare a person with the labels of a picture.

    The labels do not say which side is the left one, so the better of both assignments of the whole
    body counts.

    Args:
        labels: of the picture.
        person: who was found in it; None for nobody.
    """
    xy_px, confidence = empty_skeleton() if person is None else (person.xy_px, person.confidence)
    both = [_errors(labels, xy_px[sides]) for sides in (_SIDES, _SIDES[::-1])]
    swapped = int(_compared(both[1]) < _compared(both[0]))
    sides = _SIDES[::-1] if swapped else _SIDES
    return Scored(labels, person is not None, both[swapped], confidence[sides].astype(np.float64))


def best_fit(labels: Labels, people: Sequence[Person]) -> Scored:
    """The person who fits the labels best: what choosing the right person could reach at most."""
    scored = [score(labels, person) for person in people]
    return min(scored, key=lambda one: _compared(one.errors), default=score(labels, None))


def share_right(
    pictures: Sequence[Scored], chosen: Callable[[Scored], NDArray[np.bool_]] | None = None
) -> Share:
    """Share of the labelled joints that are right; missing joints are wrong.

    Args:
        pictures: to count in.
        chosen: which joints of a picture to count, bool (2, 6); all if None.
    """
    parts = []
    for one in pictures:
        counted = one.is_labelled & (True if chosen is None else chosen(one))
        parts.append((int((one.right & counted).sum()), int(counted.sum())))
    return _share(pictures, parts)


def share_of_pictures(pictures: Sequence[Scored], which: Callable[[Scored], bool]) -> Share:
    """Share of the pictures for which something holds."""
    return _share(pictures, [(int(which(one)), 1) for one in pictures])


def of_kind(kind: str) -> Callable[[Scored], NDArray[np.bool_]]:
    """Choose the joints of one kind of `KINDS`."""
    is_kind = np.broadcast_to(np.array(KINDS) == kind, (2, len(KINDS)))
    return lambda _: is_kind


def in_bin(low: float, kind: str = "") -> Callable[[Scored], NDArray[np.bool_]]:
    """Choose the found joints whose confidence lies in a bin of `CONFIDENCE_BINS`.

    Args:
        low: the bin's lower end.
        kind: a kind of `KINDS`; "" for all.
    """
    width = CONFIDENCE_BINS[1]
    # a hair wider, because 0.3 is stored as a little less in single precision
    low, high = low - 1e-6, low + width - 1e-6 if low < CONFIDENCE_BINS[-1] else np.inf

    def chosen(one: Scored) -> NDArray[np.bool_]:
        inside = (one.confidence >= low) & (one.confidence < high) & np.isfinite(one.errors)
        return inside & of_kind(kind)(one) if kind else inside

    return chosen


def _errors(labels: Labels, xy_px: NDArray[np.floating]) -> F64:
    """Errors in trunk lengths of joints (2, 6, 2), as `Scored` has them."""
    errors = np.linalg.norm(labels.xy_px - xy_px, axis=-1) / labels.trunk_px
    errors[np.isnan(xy_px).any(-1)] = np.inf
    errors[np.isnan(labels.xy_px).any(-1)] = np.nan
    return np.asarray(errors, np.float64)


def _compared(errors: F64) -> float:
    """How bad an assignment is."""
    known = errors[~np.isnan(errors)]
    return float(np.minimum(known, _MAX_COMPARED).mean()) if known.size else _MAX_COMPARED


def _share(pictures: Sequence[Scored], parts: Sequence[tuple[int, int]]) -> Share:
    """A share with its interval from a bootstrap over videos: pictures of one are alike."""
    sums: dict[str, tuple[int, int]] = {}
    for one, (part, whole) in zip(pictures, parts, strict=True):
        before = sums.get(one.labels.video, (0, 0))
        sums[one.labels.video] = before[0] + part, before[1] + whole
    counts = np.array([both for both in sums.values() if both[1]], int).reshape(-1, 2)
    total = Share(*map(int, counts.sum(0)))
    if len(counts) < 2:
        return total
    drawn = np.random.default_rng(0).integers(len(counts), size=(_RESAMPLES, len(counts)))
    part, whole = counts[drawn].sum(1).T
    low, high = np.percentile(part / whole, _INTERVAL)
    return Share(total.part, total.whole, float(low), float(high))
