"""Outliers removed, short gaps filled, jitter smoothed; in seconds, not frames. Pure.

Series are rows of values over time, (n, k), NaN where nothing was measured. Each shot is cleaned on
its own, so that nothing leaks over a cut.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import butter, sosfiltfilt

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Maximum gap that is interpolated, in seconds. Chosen: a third of a fast pull of about 0.7 s.
MAX_GAP_S = 0.25

#: Half width of the Hampel filter's window, in seconds, and minimum number of frames to each side.
#: Chosen: a joint that is misplaced for two frames at 30 per second is still an outlier.
_HAMPEL_S, _HAMPEL_FRAMES = 0.12, 2

#: Distance from the window's median, in standard deviations, above which a value is an outlier
#: (Hampel 1974; Pearson 2002 uses 3). The scatter has a floor, since a fast joint is no outlier.
_HAMPEL_SIGMAS = 3.0

#: Standard deviation of a normal distribution over its median absolute deviation. Derived: 1 /
#: Φ⁻¹(3/4).
_MAD_TO_SIGMA = 1.4826

#: Order of the Butterworth filter. Chosen: run forwards and backwards its order is twice this, the
#: fourth.
_ORDER = 2

#: Factor by which two passes lower the cut-off frequency, (√2 - 1)^¼ (Winter 2009, ch. 3); the
#: cut-off of each pass is divided by it.
_TWO_PASS_FACTOR = 0.802

#: Longest even grid. Derived: four days at 30 frames per second; a damaged document may hold times
#: whose grid would not fit into memory.
_MAX_GRID = 10_000_000

#: Maximum cut-off, over half the frame rate, at which the filter is applied. Chosen: near half the
#: frame rate there is nothing to remove.
_MAX_NYQUIST_FRACTION = 0.9


def filter_outliers_and_smooth(
    values: F64, time_s: F64, cutoff_hz: float, floor: float
) -> tuple[F64, Bools]:
    """Clean one shot.

    Args:
        values: (n, k), NaN where not measured.
        time_s: (n,), rising.
        cutoff_hz: cut-off of the low-pass.
        floor: minimum scatter that the outlier test assumes, in the unit of `values`.

    Returns:
        The cleaned values (n, k), NaN in gaps longer than `MAX_GAP_S` and beyond the first and last
        measured value; and where a value was filled in, bool (n, k).
    """
    kept = np.where(_outliers(values, time_s, floor), np.nan, values)
    filled = _interpolated(kept, time_s, MAX_GAP_S)
    return lowpass(filled, time_s, cutoff_hz), np.isnan(kept) & np.isfinite(filled)


def clean_by_shot(
    values: F64, time_s: F64, shot: NDArray[np.int64], cutoff_hz: float, floor: float
) -> tuple[F64, Bools]:
    """`filter_outliers_and_smooth` for each shot of a clip; `shot` (n,) numbers the shots."""
    cleaned, filled = values.copy(), np.zeros(values.shape, bool)
    for number in np.unique(shot):
        rows = shot == number
        cleaned[rows], filled[rows] = filter_outliers_and_smooth(
            values[rows], time_s[rows], cutoff_hz, floor
        )
    return cleaned, filled


def lowpass(values: F64, time_s: F64, cutoff_hz: float) -> F64:
    """Zero-phase Butterworth low-pass of (n, k) values at `time_s` (n,); NaN stays NaN.

    Winter 2009, Biomechanics and Motor Control of Human Movement, ch. 3. Frames may be spaced
    unevenly, so the filter runs on an even grid and is interpolated at the frames' times. Where the
    frame rate is too low for the cut-off, or times lie absurdly far apart, values stay as they are.
    """
    n = len(time_s)
    if n < 4:
        return values.copy()
    step_s = float(np.median(np.diff(time_s)))
    cutoff_hz /= _TWO_PASS_FACTOR
    if step_s <= 0 or cutoff_hz >= _MAX_NYQUIST_FRACTION / (2 * step_s):
        return values.copy()
    grid_length = max(4, round((time_s[-1] - time_s[0]) / step_s) + 1)
    if grid_length > _MAX_GRID:
        return values.copy()
    sos = butter(_ORDER, cutoff_hz, fs=1 / step_s, output="sos")
    grid_s = time_s[0] + step_s * np.arange(grid_length)
    smooth = values.copy()
    for column in range(values.shape[1]):
        for rows in _runs(np.isfinite(values[:, column])):
            smooth[rows, column] = _filtered(
                sos, time_s[rows], values[rows, column], grid_s, 1 / cutoff_hz / step_s
            )
    return smooth


def _filtered(sos: F64, time_s: F64, values: F64, grid_s: F64, period: float) -> F64:
    """Filter one run without gaps; runs shorter than a period (in frames) stay as they are."""
    if len(values) < max(4, period):
        return values
    inside = grid_s[(grid_s >= time_s[0] - 1e-9) & (grid_s <= time_s[-1] + 1e-9)]
    if len(inside) < 4:
        return values
    even = np.interp(inside, time_s, values)
    smooth = sosfiltfilt(sos, even, padlen=min(len(even) - 1, 3 * round(period)))
    return np.asarray(np.interp(time_s, inside, smooth))


def _outliers(values: F64, time_s: F64, floor: float) -> Bools:
    """Hampel identifier: values far from the median of their neighbours, by their scatter."""
    if len(values) < 2 * _HAMPEL_FRAMES + 1:
        return np.zeros(values.shape, bool)
    step_s = max(float(np.median(np.diff(time_s))), 1e-3)
    width = 2 * max(_HAMPEL_FRAMES, round(_HAMPEL_S / step_s)) + 1
    whole = _interpolated(values, time_s, np.inf)
    whole = np.where(np.isfinite(whole), whole, 0.0)
    median = median_filter(whole, (width, 1), mode="nearest")
    far = np.abs(whole - median)
    sigma = _MAD_TO_SIGMA * median_filter(far, (width, 1), mode="nearest")
    return np.asarray(far > _HAMPEL_SIGMAS * np.maximum(sigma, floor))


def _interpolated(values: F64, time_s: F64, max_gap_s: float) -> F64:
    """Fill gaps between two measured values that lie at most `max_gap_s` apart, by straight lines.

    An infinite limit fills all gaps, and the ends with the nearest value.
    """
    filled = values.copy()
    for column in range(values.shape[1]):
        seen = np.flatnonzero(np.isfinite(values[:, column]))
        if not seen.size or seen.size == len(values):
            continue
        line = np.interp(time_s, time_s[seen], values[seen, column])
        after = np.searchsorted(seen, np.arange(len(values)))
        inside = (after > 0) & (after < len(seen))
        gap_s = np.full(len(values), 0.0 if np.isinf(max_gap_s) else np.inf)
        gap_s[inside] = time_s[seen[after[inside]]] - time_s[seen[after[inside] - 1]]
        fill = np.isnan(values[:, column]) & (gap_s <= max_gap_s)
        filled[fill, column] = line[fill]
    return filled


def _runs(mask: Bools) -> list[slice]:
    """Runs of rows in which a mask (n,) is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
