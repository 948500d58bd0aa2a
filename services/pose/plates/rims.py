"""Traces the rim near a circle, fits an ellipse, and finds the outermost ring of a plate. Pure."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.plates.window import MAX_RADIUS, TRUNK_LENGTH_PX, Window
from shared.data.skeleton import F32

#: Directions in which a rim is traced. Chosen: one per 7.5°, so that a rim of half a trunk length
#: is traced every 4 px of the window.
_DIRECTIONS = 48

#: Strip around a circle in which its rim is traced: half width, as a fraction of the radius, and
#: samples across it. Chosen: wider than the steps of the circles' search.
_STRIP, _SAMPLES = 0.12, 11

#: Minimum gradient of a rim, in units of a Sobel filter (4 per grey level). Chosen: four grey
#: levels, below the thresholds of the edges that vote.
_MIN_GRADIENT = 16.0

#: Minimum cosine between the gradient on a rim and the radius. Chosen: 23° allow for an ellipse
#: that is taken for a circle.
_MIN_COSINE = 0.92

#: Maximum distance of a rim point from the ellipse, in radii, with a floor in px. Chosen: a pixel
#: of the window at usual radii of 28 px.
_TOLERANCE, _MIN_TOLERANCE_PX = 0.035, 0.8

#: Minimum fraction of the rim that has to be visible. Chosen: hands, shins and the other plate hide
#: parts, and shorter arcs are seen of other things as well.
_MIN_RIM_FRACTION = 0.5

#: Range of an ellipse's width divided by its height in the window, where plates are circles.
#: Chosen: the turn of the body, by which the window is stretched, is off by some degrees from that
#: of the plate.
_MIN_ASPECT, _MAX_ASPECT = 0.75, 1.25

#: Plates kept per person. Chosen: two of the bar, and two beside it.
_MAX_PLATES = 4

#: Minimum distance between the centres of two plates, in radii of the smaller one. Chosen: closer
#: ones are rings of one plate.
_MIN_CENTRE_DISTANCE = 0.25

#: Of concentric rings the outermost is the plate's rim, if its rim fraction is at least this
#: fraction of the most visible ring's. Chosen: a third of a rim may be hidden where its hub is not.
_MIN_RELATIVE_FRACTION = 0.65

#: Search for outer rings: from and up to this multiple of the ring's radius, and number of rings
#: examined. Chosen: a bumper plate's steel hub is its most visible ring, and a third as wide.
_OUTER_FROM, _OUTER_TO, _MAX_RINGS = 1.08, 3.5, 4

#: Minimum size of an outer ring relative to the ring itself. Chosen: closer ones are the same edge.
_MIN_GROWTH = 1.05

#: Angles of these directions, in radians. Derived from their number.
_ANGLES = np.arange(_DIRECTIONS, dtype=np.float32) * (2 * np.pi / _DIRECTIONS)
_UNIT = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1).astype(np.float32)


def trace_rim(window: Window, x: float, y: float, radius: float) -> F32 | None:
    """Trace the rim near a circle and fit an upright ellipse.

    Args:
        window: the search window.
        x: centre of the circle, in px of the window.
        y: as `x`.
        radius: in px of the window.

    Returns:
        Ellipse, float32 (5,): centre x and y, half width, half height, visible fraction of the rim;
        None if less than half of the rim is visible or it is no circle.
    """
    factors = np.linspace(1 - _STRIP, 1 + _STRIP, _SAMPLES, dtype=np.float32)
    gradients = _radial_gradients(window, (x, y, radius, radius), factors)
    is_visible = gradients.max(1) > 0
    rim = _UNIT * factors[gradients.argmax(1), None]
    tolerance = max(_TOLERANCE, _MIN_TOLERANCE_PX / radius)
    shape = np.array([0.0, 0.0, 1.0, 1.0])
    for limit in (3 * tolerance, 1.5 * tolerance, 1.5 * tolerance):
        used = is_visible & (_distances(rim, shape) < limit)
        if used.sum() < _MIN_RIM_FRACTION * _DIRECTIONS:
            return None
        fitted = _fit_ellipse(rim[used])
        if fitted is None:
            return None
        shape = fitted
    rim_fraction = float((is_visible & (_distances(rim, shape) < tolerance)).mean())
    if rim_fraction < _MIN_RIM_FRACTION or not _MIN_ASPECT < shape[2] / shape[3] < _MAX_ASPECT:
        return None
    centre, half_axes = radius * shape[:2] + (x, y), radius * shape[2:]
    return np.array([*centre, *half_axes, rim_fraction], np.float32)


def find_rims(window: Window, ellipses: list[F32]) -> list[F32]:
    """The rim of each plate: the outermost ring of each centre, most visible first.

    Args:
        window: the search window.
        ellipses: rings as `trace_rim` returns them.
    """
    kept: list[F32] = []
    for one in sorted(ellipses, key=_negative_rim_fraction):
        if all(
            np.linalg.norm(one[:2] - other[:2]) > _MIN_CENTRE_DISTANCE * min(one[3], other[3])
            for other in kept
        ):
            kept.append(one)
    rims = [_outermost_ring(window, ring) for ring in kept[:_MAX_PLATES]]
    return sorted(rims, key=_negative_rim_fraction)


def _negative_rim_fraction(ellipse: F32) -> float:
    return -float(ellipse[4])


def _distances(points: F32, shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances of points (n, 2) from an ellipse (centre, half axes), in its radii: (n,)."""
    return np.asarray(np.abs(np.linalg.norm((points - shape[:2]) / shape[2:], axis=1) - 1))


def _fit_ellipse(points: F32) -> NDArray[np.float64] | None:
    """Upright ellipse through points (n, 2) by least squares: centre and half axes, (4,)."""
    terms = np.column_stack([points**2, points])
    squares = terms.T @ terms + 1e-6 * np.eye(4)
    a, b, c, d = np.linalg.solve(squares, terms.sum(0))
    if a <= 0 or b <= 0:
        return None
    x, y = -c / (2 * a), -d / (2 * b)
    level = 1 + a * x**2 + b * y**2
    return np.array([x, y, np.sqrt(level / a), np.sqrt(level / b)])


def _radial_gradients(window: Window, ellipse: Sequence[float] | F32, factors: F32) -> F32:
    """Gradients along the radius, (directions, n), at multiples `factors` (n,) of the half axes.

    0 where the gradient is too small or points elsewhere.
    """
    x, y, half_width, half_height = ellipse[:4]
    at_x = (x + half_width * _UNIT[:, :1] * factors).astype(np.float32)
    at_y = (y + half_height * _UNIT[:, 1:] * factors).astype(np.float32)
    gx, gy = (cv2.remap(g, at_x, at_y, cv2.INTER_LINEAR) for g in (window.gx, window.gy))
    radial = np.abs(gx * _UNIT[:, :1] + gy * _UNIT[:, 1:])
    is_rim = (radial > _MIN_COSINE * np.hypot(gx, gy)) & (radial > _MIN_GRADIENT)
    return np.where(is_rim, radial, 0)


def _outermost_ring(window: Window, ring: F32) -> F32:
    """The rim of the plate that has this ring: the ring itself, or one further out."""
    limit = min(_OUTER_TO, MAX_RADIUS * TRUNK_LENGTH_PX / float(ring[3]))
    factors = np.arange(_OUTER_FROM, limit, 1 / float(ring[3]), dtype=np.float32)
    if len(factors) < 3:
        return ring
    is_visible = _radial_gradients(window, ring, factors) > 0
    widened = is_visible.copy()  # a rim that is no exact circle crosses neighbouring samples
    widened[:, 1:] |= is_visible[:, :-1]
    widened[:, :-1] |= is_visible[:, 1:]
    candidates = np.flatnonzero(widened.mean(0) > _MIN_RELATIVE_FRACTION * ring[4])
    for factor in factors[candidates][::-2][:_MAX_RINGS]:
        outer = trace_rim(window, float(ring[0]), float(ring[1]), float(ring[3] * factor))
        if outer is None or outer[4] <= _MIN_RELATIVE_FRACTION * ring[4]:
            continue
        if outer[3] <= _MIN_GROWTH * ring[3]:
            continue
        if abs(outer[3] / (ring[3] * factor) - 1) < _STRIP / 2:  # otherwise the ring's own blur
            return outer
    return ring
