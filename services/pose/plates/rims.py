"""Traces rims near circles, fits ellipses, and finds the outermost ring of each plate. Pure."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.plates.window import MAX_RADIUS, MIN_RADIUS, TRUNK_LENGTH_PX, View
from shared.data.skeleton import F32

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Directions in which a rim is traced. Chosen: one per 7.5°, so that a rim of half a trunk length
#: is traced every 4 px of the window.
DIRECTIONS = 48

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

#: Minimum fraction of the rim inside the picture that has to be visible, and minimum fraction of
#: the rim that has to be inside. Chosen: hands, shins, the other plate and the picture's edge hide
#: parts, and shorter arcs are seen of other things as well.
MIN_RIM_FRACTION, MIN_INSIDE_FRACTION = 0.5, 0.55

#: Range of an ellipse's width divided by its height in the window, where plates are circles.
#: Chosen: the turn of the body, by which the window is stretched, is off by some degrees from that
#: of the plate.
_MIN_ASPECT, _MAX_ASPECT = 0.75, 1.25

#: Plates kept per view. Chosen: two of the bar, and four beside it.
MAX_PLATES = 6

#: Minimum distance between the centres of two plates, in radii of the smaller one. Chosen: closer
#: ones are rings of one plate.
_MIN_CENTRE_DISTANCE = 0.25

#: Of concentric rings the outermost is the plate's rim, if its rim fraction is at least this
#: fraction of the most visible ring's. Chosen: a third of a rim may be hidden where its hub is not.
MIN_RELATIVE_FRACTION = 0.65

#: Rings at a likely centre: step of their radii in px of the window, fraction of directions in
#: which an edge must be seen within a step, and rings traced. Chosen: a centre that is off by two
#: pixels still shows a third of its rim within three; hub, letters' ring and rim.
_RING_STEP_PX, _MIN_RING_FRACTION, _MAX_RADII = 1.5, 0.2, 4

#: Search for outer rings: from and up to this multiple of the ring's radius, and number of rings
#: examined. Chosen: a bumper plate's steel hub is its most visible ring, and a third as wide.
_OUTER_FROM, _OUTER_TO, _MAX_RINGS = 1.08, 3.5, 4

#: Maximum distance of an outer ring's centre from the ring's, in radii of the outer one. Chosen:
#: rings of a plate have one centre, up to its thickness seen at an angle; a plate with its shadow
#: has another.
_MAX_OFF_CENTRE = 0.1

#: Minimum size of an outer ring relative to the ring itself. Chosen: closer ones are the same edge.
_MIN_GROWTH = 1.05

#: Angles of these directions, in radians. Derived from their number.
_ANGLES = np.arange(DIRECTIONS, dtype=np.float32) * (2 * np.pi / DIRECTIONS)
UNIT = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1).astype(np.float32)


def trace_rims(view: View, circles: F32) -> F32:
    """Trace the rim near each circle and fit an upright ellipse.

    Args:
        view: the frame.
        circles: float32 (n, 3), centre x, centre y and radius in px of the window.

    Returns:
        Ellipses, float32 (n, 5): centre x and y, half width, half height, visible fraction of the
        rim inside the picture; NaN where that is less than half, or it is no circle.
    """
    factors = np.linspace(1 - _STRIP, 1 + _STRIP, _SAMPLES, dtype=np.float32)
    radius = circles[:, 2:].astype(np.float64)
    gradients = radial_gradients(view, circles[:, [0, 1, 2, 2]], factors)
    is_visible = gradients.max(-1) > 0
    rim = UNIT * factors[gradients.argmax(-1)][..., None].astype(np.float64)
    tolerance = np.maximum(_TOLERANCE, _MIN_TOLERANCE_PX / radius)
    shape = np.tile([0.0, 0.0, 1.0, 1.0], (len(circles), 1))
    inside = inside_fraction(view, circles[:, [0, 1, 2, 2]])
    is_rim = inside >= MIN_INSIDE_FRACTION
    inside = np.maximum(inside, MIN_INSIDE_FRACTION)
    for width in (3.0, 1.5, 1.5):
        used = is_visible & (_distances(rim, shape) < width * tolerance)
        is_rim &= used.mean(-1) >= MIN_RIM_FRACTION * inside
        fitted = _fit_ellipses(rim, used)
        is_rim &= np.isfinite(fitted).all(-1)
        shape = np.where(is_rim[:, None], fitted, shape)
    fraction = (is_visible & (_distances(rim, shape) < tolerance)).mean(-1)
    fraction = np.minimum(fraction / inside, 1.0)
    aspect = shape[:, 2] / shape[:, 3]
    is_rim &= (fraction >= MIN_RIM_FRACTION) & (aspect > _MIN_ASPECT) & (aspect < _MAX_ASPECT)
    ellipses = np.column_stack([radius * shape, fraction])
    ellipses[:, :2] += circles[:, :2]
    return np.where(is_rim[:, None], ellipses, np.nan).astype(np.float32)


def find_rims(view: View, centres: F32) -> F32:
    """The rims of the plates at likely centres (n, 2), as `trace_rims` returns them.

    A rim is the outermost ring of its centre. Those with the longest visible rim come first: chance
    edges make small circles rather than large ones.
    """
    if not len(centres):
        return np.zeros((0, 5), np.float32)
    rings = trace_rims(view, _rings_at(view, centres))
    rings = rings[np.isfinite(rings[:, 4])]
    kept: list[int] = []
    for n in np.argsort(-rings[:, 4], kind="stable"):
        apart = np.linalg.norm(rings[kept, :2] - rings[n, :2], axis=1)
        if (apart > _MIN_CENTRE_DISTANCE * np.minimum(rings[kept, 3], rings[n, 3])).all():
            kept.append(int(n))
    rims = _outermost_rings(view, rings[kept])
    evidence = rims[:, 4] * np.sqrt(rims[:, 3])
    order = np.argsort(-evidence, kind="stable")
    return np.asarray(rims[order[:MAX_PLATES]], np.float32)


def inside_fraction(view: View, ellipses: F32) -> F32:
    """Fraction of the rims of ellipses (n, 4) that is inside the window, float32 (n,)."""
    width, height = view.size
    x = ellipses[:, :1] + ellipses[:, 2:3] * UNIT[:, 0]
    y = ellipses[:, 1:2] + ellipses[:, 3:4] * UNIT[:, 1]
    is_inside = (x > 1) & (x < width - 2) & (y > 1) & (y < height - 2)
    return np.asarray(is_inside.mean(1), np.float32)


def radial_gradients(view: View, ellipses: F32, factors: F32) -> F32:
    """Gradients along the radius, (n, directions, k), at multiples `factors` (k,) of the half axes.

    0 where the gradient is too small or points elsewhere.

    Args:
        view: the frame.
        ellipses: float32 (n, 4 or more): centre x and y, half width, half height.
        factors: float32 (k,), or (n, k) where they differ.
    """
    along = np.broadcast_to(factors, (len(ellipses), factors.shape[-1]))[:, None, :]
    at_x = ellipses[:, 0, None, None] + ellipses[:, 2, None, None] * UNIT[:, :1] * along
    at_y = ellipses[:, 1, None, None] + ellipses[:, 3, None, None] * UNIT[:, 1:] * along
    return rim_gradients(view, at_x, at_y)


def rim_gradients(view: View, at_x: F32, at_y: F32) -> F32:
    """Gradients along the radius at places (n, directions, k) in px of the window, as above."""
    shape = (-1, at_x.shape[-1])  # OpenCV samples two dimensions
    places = at_x.astype(np.float32).reshape(shape), at_y.astype(np.float32).reshape(shape)
    gx, gy = (
        cv2.remap(one, *places, cv2.INTER_LINEAR).astype(np.float32).reshape(at_x.shape)
        for one in view.gradient
    )
    radial = np.abs(gx * UNIT[:, :1] + gy * UNIT[:, 1:])
    is_rim = (radial > _MIN_GRADIENT) & (
        radial
        > _MIN_COSINE * cv2.magnitude(gx.reshape(shape), gy.reshape(shape)).reshape(at_x.shape)
    )
    return np.where(is_rim, radial, np.float32(0))


def _rings_at(view: View, centres: F32) -> F32:
    """Likely rings around centres (n, 2): circles, float32 (m, 3)."""
    radii = np.arange(
        MIN_RADIUS * TRUNK_LENGTH_PX, MAX_RADIUS * TRUNK_LENGTH_PX, _RING_STEP_PX, dtype=np.float32
    )
    unit_circles = np.concatenate([centres, np.ones_like(centres)], axis=1)
    seen = (radial_gradients(view, unit_circles, radii) > 0).mean(1)
    seen = cv2.blur(seen.astype(np.float32), (3, 1))  # a centre is off by a pixel or two
    beside = np.pad(seen, ((0, 0), (1, 1)))
    stands_out = (seen > beside[:, :-2]) & (seen >= beside[:, 2:]) & (seen > _MIN_RING_FRACTION)
    ranked = np.argsort(-np.where(stands_out, seen, 0), axis=1, kind="stable")[:, :_MAX_RADII]
    centre, rank = np.nonzero(np.take_along_axis(stands_out, ranked, axis=1))
    return np.column_stack([centres[centre], radii[ranked[centre, rank]]]).astype(np.float32)


def _distances(points: F64, shape: F64) -> F64:
    """Distances of points (n, k, 2) from ellipses (n, 4), in their radii: (n, k)."""
    offset = (points - shape[:, None, :2]) / shape[:, None, 2:]
    return np.asarray(np.abs(np.sqrt((offset**2).sum(-1)) - 1))


def _fit_ellipses(points: F64, used: Bools) -> F64:
    """Upright ellipses through the used points (n, k, 2) by least squares, (n, 4); NaN if none."""
    terms = np.concatenate([points**2, points], axis=-1) * used[..., None]
    squares = np.swapaxes(terms, 1, 2) @ terms + 1e-6 * np.eye(4)
    a, b, c, d = np.moveaxis(np.linalg.solve(squares, terms.sum(1)[..., None])[..., 0], -1, 0)
    known = (a > 0) & (b > 0)
    a, b = np.where(known, a, 1.0), np.where(known, b, 1.0)
    x, y = -c / (2 * a), -d / (2 * b)
    level = 1 + a * x**2 + b * y**2
    shape = np.stack([x, y, np.sqrt(level / a), np.sqrt(level / b)], axis=-1)
    return np.where(known[:, None], shape, np.nan)


def _outermost_rings(view: View, rings: F32) -> F32:
    """The rims of the plates that have these rings (n, 5): the ring itself, or one further out."""
    owners: list[int] = []
    circles: list[tuple[float, float, float]] = []
    for n, ring in enumerate(rings):
        limit = min(_OUTER_TO, MAX_RADIUS * TRUNK_LENGTH_PX / float(ring[3]))
        factors = np.arange(_OUTER_FROM, limit, 1 / float(ring[3]), dtype=np.float32)
        if len(factors) < 3:
            continue
        is_visible = radial_gradients(view, ring[None], factors)[0] > 0
        widened = is_visible.copy()  # a rim that is no exact circle crosses neighbouring samples
        widened[:, 1:] |= is_visible[:, :-1]
        widened[:, :-1] |= is_visible[:, 1:]
        candidates = np.flatnonzero(widened.mean(0) > MIN_RELATIVE_FRACTION * ring[4])
        for factor in factors[candidates][::-2][:_MAX_RINGS]:
            owners.append(n)
            circles.append((float(ring[0]), float(ring[1]), float(ring[3] * factor)))
    rims = rings.copy()
    if not circles:
        return rims
    outer = trace_rims(view, np.array(circles, np.float32))
    for n, circle, found in zip(owners[::-1], circles[::-1], outer[::-1], strict=True):
        ring = rings[n]  # the outermost is first in the list, and written last
        grows = found[4] > MIN_RELATIVE_FRACTION * ring[4] and found[3] > _MIN_GROWTH * ring[3]
        apart = math.hypot(found[0] - ring[0], found[1] - ring[1])
        is_own_blur = abs(found[3] / circle[2] - 1) >= _STRIP / 2
        if grows and not is_own_blur and apart < _MAX_OFF_CENTRE * found[3]:
            rims[n] = found
    return rims
