"""Weight plates near the hands: circles from the side, upright ellipses from an angle. Pure.

A Hough transform (Duda & Hart 1972; each edge votes along its gradient, as Kimme et al. 1975) finds
likely circles; each rim is then traced and an ellipse fitted to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.data.messages import Person, Plate
from shared.data.skeleton import F32, L_WRIST, R_WRIST, trunk_length_px

#: The search is done at this scale: pixels of a trunk's length.
_TRUNK_LENGTH_PX = 64.0

#: It goes so far from the middle of the hands, in trunk lengths: in an oblique view a plate's
#: centre is within 0.9 of it, and its rim 0.45 from there.
_WINDOW = 1.3

#: Radii, in trunk lengths: 450 mm plates have 0.43 at a trunk of 0.52 m; a trunk that leans towards
#: the camera looks shorter, and the smallest iron plates have 0.15.
_RADII = (0.17, 0.62)

#: From here on plates are seen nearly edge-on, as bars.
_MAX_TURN_DEG = 60.0

#: So many of a frame's people are searched, the largest, and so many plates are kept of each.
_PEOPLE, _PLATES = 2, 4

#: Edges (Canny 1986) that vote begin at the first and go on down to the second; the least slope of
#: a rim. All of a Sobel filter, which counts a step of one grey level (0..255) four times: black
#: plates in dark gyms differ from what is behind them by ten levels or so.
_STRONG, _WEAK, _MIN_STEEP = 60.0, 25.0, 16.0

#: The votes' grid and the step of radii, pixels; likely circles that are traced; and by what they
#: must differ from surer ones: centres in pixels, radii as a share.
_CELL_PX, _RADIUS_STEP_PX, _TRACED, _APART_PX, _APART = 2, 1.5, 8, 4.0, 0.1

#: Likely circles have at least this share of the best one's votes; so many of them are looked at.
_LIKELY, _LOOKED_AT = 0.4, 400

#: A rim is traced in so many directions, within this share of the radius.
_DIRECTIONS, _STRIP, _SAMPLES = 48, 0.12, 11

#: A place on the rim is one whose gradient points along the radius so far (cosine), and that lies
#: this near to the ellipse: in radii, and at least in pixels.
_ALONG, _NEAR, _NEAR_PX = 0.92, 0.035, 0.8

#: Least share of the rim that must be seen: hands, shins and the other plate hide some of it.
_MIN_SEEN = 0.5

#: Of rings with one centre the outermost is the plate's rim, if it is so sure against the surest.
#: It is looked for up to so many times the radius of the ring that was found, at so many places:
#: the steel hub of a bumper plate is seen best, and a third as wide.
_OUTER, _OUTWARD, _RINGS = 0.65, 3.5, 4

_ANGLES = np.arange(_DIRECTIONS, dtype=np.float32) * (2 * np.pi / _DIRECTIONS)
_UNIT = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Window:
    """The picture around the hands, stretched so that plates are circles.

    gx, gy: float32 (height, width), the gradient. corner_px: of the window in the picture, (2,);
    scale: the window's pixels in one of the picture's, (2,).
    """

    gx: F32
    gy: F32
    corner_px: F32
    scale: F32


def find_plates(image: NDArray[np.uint8], people: Sequence[Person]) -> tuple[Plate, ...]:
    """Plates near the hands of the largest people of a BGR picture, in its pixels.

    Those of one person come together, surest first. In front views there are none.
    """
    large = sorted(people, key=lambda person: -_size_px(person))[:_PEOPLE]
    found = [_plates_of(image, person) for person in large]
    return tuple(Plate.of(values) for plates in found for values in plates)


def _size_px(person: Person) -> float:
    length = float(trunk_length_px(person.xy_px))
    return length if np.isfinite(length) else 0.0


def _plates_of(image: NDArray[np.uint8], person: Person) -> F32:
    nothing = np.zeros((0, 5), np.float32)
    window = _window(image, person)
    if window is None:
        return nothing
    circles = _circles(window)
    ellipses = [_traced(window, *circle) for circle in circles]
    seen = [ellipse for ellipse in ellipses if ellipse is not None]
    if not seen:
        return nothing
    plates = np.array(_rims(window, seen), np.float32)
    plates[:, :2] = plates[:, :2] / window.scale + window.corner_px
    plates[:, 2:4] /= window.scale
    return plates


def _window(image: NDArray[np.uint8], person: Person) -> _Window | None:
    """What is searched; None where there are no hands, or plates would be seen edge-on."""
    length = _size_px(person)
    wrists = person.xy_px[[L_WRIST, R_WRIST]]
    wrists = wrists[np.isfinite(wrists).all(-1)]
    turn_deg = person.turn_deg if np.isfinite(person.turn_deg) else 0.0
    if length < 1 or not len(wrists) or turn_deg > _MAX_TURN_DEG:
        return None
    low = np.maximum(np.floor(wrists.mean(0) - _WINDOW * length), 0).astype(int)
    high = np.ceil(wrists.mean(0) + _WINDOW * length).astype(int)
    part = image[low[1] : high[1], low[0] : high[0]]
    if min(part.shape[:2]) < 8:
        return None
    scale = _TRUNK_LENGTH_PX / length
    size = round(part.shape[1] * scale / np.cos(np.radians(turn_deg))), round(part.shape[0] * scale)
    if min(size) < 8:
        return None
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    grey = cv2.cvtColor(cv2.resize(part, size, interpolation=way), cv2.COLOR_BGR2GRAY)
    smooth = cv2.GaussianBlur(grey, (3, 3), 0)
    gx, gy = (
        cv2.Sobel(smooth, cv2.CV_32F, *order).astype(np.float32) for order in ((1, 0), (0, 1))
    )
    exact = np.array(size, np.float32) / part.shape[1::-1]
    return _Window(gx, gy, low.astype(np.float32), exact.astype(np.float32))


def _circles(window: _Window) -> list[tuple[float, float, float]]:
    """Likely circles of a window: centre x, y and radius, likeliest first."""
    edges = cv2.Canny(
        window.gx.astype(np.int16), window.gy.astype(np.int16), _WEAK, _STRONG, L2gradient=True
    )
    y, x = np.nonzero(edges)
    if not len(x):
        return []
    along = np.stack([window.gx[y, x], window.gy[y, x]])
    along /= np.linalg.norm(along, axis=0)
    least, most = _TRUNK_LENGTH_PX * np.array(_RADII)
    radii = np.arange(least, most, _RADIUS_STEP_PX, dtype=np.float32)
    ways = np.concatenate([radii, -radii])[:, None]
    height, width = (side // _CELL_PX + 1 for side in edges.shape)
    cx = np.rint((x + ways * along[0]) / _CELL_PX).astype(np.int32)
    cy = np.rint((y + ways * along[1]) / _CELL_PX).astype(np.int32)
    inside = (cx >= 0) & (cx < width) & (cy >= 0) & (cy < height)
    number = np.tile(np.arange(len(radii), dtype=np.int32), 2)[:, None]
    cells = ((cy * width + cx) * len(radii) + number)[inside]
    votes = np.bincount(cells, minlength=height * width * len(radii)).astype(np.float32)
    # By chance a circle gets votes as it is long; they scatter with the root of it.
    likely = cv2.blur(votes.reshape(height, width * len(radii)), (1, 3))
    likely = cv2.blur(likely.reshape(height * width, len(radii)), (3, 1))
    likely = likely.reshape(height, width, len(radii))
    likely[:, 1:-1] = (likely[:, :-2] + likely[:, 1:-1] + likely[:, 2:]) / np.sqrt(radii)
    likely[:, [0, -1]] = 0
    best = np.flatnonzero(likely > _LIKELY * likely.max())
    best = best[np.argsort(-likely.ravel()[best])[:_LOOKED_AT]]
    rows, columns, sizes = np.unravel_index(best, likely.shape)
    kept: list[tuple[float, float, float]] = []
    for a, b, r in zip(columns * _CELL_PX, rows * _CELL_PX, radii[sizes], strict=True):
        if all(np.hypot(a - c, b - d) > _APART_PX or abs(r / q - 1) > _APART for c, d, q in kept):
            kept.append((float(a), float(b), float(r)))
        if len(kept) == _TRACED:
            break
    return kept


def _traced(window: _Window, x: float, y: float, radius: float) -> F32 | None:
    """The ellipse whose rim is seen near a circle: centre, half axes, share seen; None if none."""
    out = np.linspace(1 - _STRIP, 1 + _STRIP, _SAMPLES, dtype=np.float32)
    radial = _radial(window, (x, y, radius, radius), out)
    best = radial.argmax(1)
    seen = radial.max(1) > 0
    rim = _UNIT * out[best, None]
    near = max(_NEAR, _NEAR_PX / radius)
    shape = np.array([0.0, 0.0, 1.0, 1.0])
    for tolerance in (3 * near, 1.5 * near, 1.5 * near):
        used = seen & (
            np.abs(np.linalg.norm((rim - shape[:2]) / shape[2:], axis=1) - 1) < tolerance
        )
        if used.sum() < _MIN_SEEN * _DIRECTIONS:
            return None
        fitted = _ellipse(rim[used])
        if fitted is None:
            return None
        shape = fitted
    off = np.abs(np.linalg.norm((rim - shape[:2]) / shape[2:], axis=1) - 1)
    share = float((seen & (off < near)).mean())
    if share < _MIN_SEEN or not 0.75 < shape[2] / shape[3] < 1.25:
        return None
    return np.array([*(radius * shape[:2] + (x, y)), *(radius * shape[2:]), share], np.float32)


def _ellipse(points: F32) -> NDArray[np.float64] | None:
    """Upright ellipse through points (n, 2), least squares: centre and half axes."""
    terms = np.column_stack([points**2, points])
    squares = terms.T @ terms + 1e-6 * np.eye(4)
    a, b, c, d = np.linalg.solve(squares, terms.sum(0))
    if a <= 0 or b <= 0:
        return None
    x, y = -c / (2 * a), -d / (2 * b)
    level = 1 + a * x**2 + b * y**2
    return np.array([x, y, np.sqrt(level / a), np.sqrt(level / b)])


def _radial(window: _Window, ellipse: Sequence[float] | F32, out: F32) -> F32:
    """Slopes along the radius, (directions, n), at shares `out` (n,) of an ellipse's half axes.

    0 where the gradient is too flat or points elsewhere.
    """
    x, y, wide, high = ellipse[:4]
    at_x = (x + wide * _UNIT[:, :1] * out).astype(np.float32)
    at_y = (y + high * _UNIT[:, 1:] * out).astype(np.float32)
    gx, gy = (cv2.remap(g, at_x, at_y, cv2.INTER_LINEAR) for g in (window.gx, window.gy))
    radial = np.abs(gx * _UNIT[:, :1] + gy * _UNIT[:, 1:])
    return np.where((radial > _ALONG * np.hypot(gx, gy)) & (radial > _MIN_STEEP), radial, 0)


def _rims(window: _Window, ellipses: list[F32]) -> list[F32]:
    """The outermost ring of each centre, surest first."""
    kept: list[F32] = []
    for one in sorted(ellipses, key=lambda ellipse: -float(ellipse[4])):
        if all(np.linalg.norm(one[:2] - o[:2]) > 0.25 * min(one[3], o[3]) for o in kept):
            kept.append(one)
    rims = [_outermost(window, ring) for ring in kept[:_PLATES]]
    return sorted(rims, key=lambda ellipse: -float(ellipse[4]))


def _outermost(window: _Window, ring: F32) -> F32:
    """The rim of the plate that a ring is on: the ring itself, or one further out."""
    limit = min(_OUTWARD, _RADII[1] * _TRUNK_LENGTH_PX / float(ring[3]))
    out = np.arange(1.08, limit, 1 / float(ring[3]), dtype=np.float32)
    if len(out) < 3:
        return ring
    seen = _radial(window, ring, out) > 0
    wide = seen.copy()
    wide[:, 1:] |= seen[:, :-1]
    wide[:, :-1] |= seen[:, 1:]
    likely = np.flatnonzero(wide.mean(0) > _OUTER * ring[4])
    for factor in out[likely][::-2][:_RINGS]:
        outer = _traced(window, float(ring[0]), float(ring[1]), float(ring[3] * factor))
        if outer is None or outer[4] <= _OUTER * ring[4] or outer[3] <= 1.05 * ring[3]:
            continue
        if abs(outer[3] / (ring[3] * factor) - 1) < _STRIP / 2:  # else it is the ring's own blur
            return outer
    return ring
