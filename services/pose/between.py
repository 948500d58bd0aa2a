"""People between two looks: paired, interpolated, and how far a third look is off. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from services.pose.details import BodyDetails
from shared.data.messages import Person
from shared.data.skeleton import F32, SEEN_CONFIDENCE, trunk_length_px

#: Maximum median distance of the joints of one person in two looks, in body sizes: a fixed part and
#: a part for each second between them. Chosen: a lifter's joints move by less, as in the scorer's
#: tracks.
_MAX_STEP, _MAX_STEP_PER_S = 0.1, 1.0

#: Minimum length assumed for a trunk, as a fraction of the diagonal of the person's box. Derived:
#: crown to sole is 3.4 trunk lengths, and a trunk that leans towards the camera appears shorter.
_MIN_TRUNK = 0.15

#: People whose motion decides, the largest first. Chosen: the lifters.
_DECIDING = 2

#: Minimum joints that are likely seen of somebody whose motion decides. Chosen: fewer are guessed
#: as a whole, and jump about.
_MIN_JOINTS = 4

People = tuple[Person, ...]


def pairs(before: Sequence[Person], after: Sequence[Person], apart_s: float) -> dict[int, int]:
    """Who of one look is who in another: places in `before` → places in `after`.

    Args:
        before: the people of the one look.
        after: the people of the other.
        apart_s: time between the looks.
    """
    farthest = _MAX_STEP + _MAX_STEP_PER_S * apart_s
    near = sorted(
        (distance, i, j)
        for (i, one), (j, other) in product(enumerate(before), enumerate(after))
        if (distance := _distance(one, other)) <= farthest
    )
    found: dict[int, int] = {}
    for _, i, j in near:
        if i not in found and j not in found.values():
            found[i] = j
    return found


def deviation(seen: People, before: People, after: People, times_s: Sequence[float]) -> float:
    """How far the largest people of a look are from the straight way between two others.

    Args:
        seen: the people of the look between.
        before: those of the look before it.
        after: those of the look after it.
        times_s: times of the three looks, in order: before, seen, after.

    Returns:
        Root mean square distance of the joints that are likely seen, weighted by their confidence,
        in trunk lengths; infinite where one of the looks does not show a person.
    """
    start_s, time_s, end_s = times_s
    earlier, later = pairs(seen, before, time_s - start_s), pairs(seen, after, end_s - time_s)
    worst = 0.0
    largest = sorted(range(len(seen)), key=lambda n: -_size_px(seen[n]))
    for n in largest[:_DECIDING]:
        person = seen[n]
        weight = np.where(person.confidence >= SEEN_CONFIDENCE, person.confidence, 0)
        if np.count_nonzero(weight) < _MIN_JOINTS:
            continue
        if n not in earlier or n not in later:
            return float("inf")
        one, other = before[earlier[n]], after[later[n]]
        way = one.xy_px + (other.xy_px - one.xy_px) * (time_s - start_s) / (end_s - start_s)
        squares = ((person.xy_px - way) ** 2).sum(-1)
        known = np.isfinite(squares) & (weight > 0)
        if known.any():
            mean = np.average(squares[known], weights=weight[known])
            worst = max(worst, float(np.sqrt(mean)) / trunk_px(person))
    return worst


def fill(looks: Mapping[int, People], times_s: Sequence[float]) -> list[People]:
    """The people of every frame of a chunk, from those of some of its frames.

    Who is seen in two consecutive looks moves between them along a cubic curve, whose slopes are
    those of the looks around it; see `_curve`.

    Args:
        looks: row → the people seen there; the first and the last row are among them.
        times_s: time of every row.
    """
    filled: list[People] = [looks.get(row, ()) for row in range(len(times_s))]
    rows = sorted(looks)
    # Place of a person in the latest look → the same person in the consecutive looks up to it.
    tracks: dict[int, list[Person]] = {}
    # The tracks that have ended, each with the number of its last look.
    ways: list[tuple[int, list[Person]]] = []
    for number, row in enumerate(rows):
        before = looks[rows[number - 1]] if number else ()
        apart_s = times_s[row] - times_s[rows[number - 1]] if number else 0.0
        found = {j: i for i, j in pairs(before, looks[row], apart_s).items()}
        ways += [(number - 1, tracks[i]) for i in tracks.keys() - set(found.values())]
        tracks = {
            j: [*(tracks[found[j]] if j in found else ()), person]
            for j, person in enumerate(looks[row])
        }
    ways += [(len(rows) - 1, people) for people in tracks.values()]
    for last, people in sorted(ways, key=lambda way: -_size_px(way[1][-1])):
        own = rows[last + 1 - len(people) : last + 1]
        for row, person in _between(own, people, times_s).items():
            filled[row] = (*filled[row], person)
    return filled


def _between(
    rows: Sequence[int], people: Sequence[Person], times_s: Sequence[float]
) -> dict[int, Person]:
    """One person in the rows between the consecutive looks in which they were seen."""
    if len(rows) < 2:
        return {}
    found: dict[int, Person] = {}
    seen_s = np.array([times_s[row] for row in rows])
    xy_px = np.stack([person.xy_px for person in people])
    confidences = np.stack([person.confidence for person in people])
    boxes = np.stack([person.box_px for person in people])
    slopes = np.gradient(xy_px, seen_s, axis=0)
    for n, (row, following) in enumerate(pairwise(rows)):
        inside = range(row + 1, following)
        if not inside:
            continue
        span_s = seen_s[n + 1] - seen_s[n]
        fractions = np.array([(times_s[one] - seen_s[n]) / span_s for one in inside])
        ways = _curve(xy_px[n : n + 2], slopes[n : n + 2] * span_s, fractions)
        for one, fraction, way in zip(inside, fractions, ways, strict=True):
            nearer = people[n] if fraction < 0.5 else people[n + 1]
            seen = confidences[n] + fraction * (confidences[n + 1] - confidences[n])
            box = boxes[n] + fraction * (boxes[n + 1] - boxes[n])
            found[one] = _moved(nearer, way, seen, box.astype(np.float32))
    return found


def _curve(
    ends: F32, slopes: NDArray[np.floating], fractions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cubic Hermite curves between two places, (k, 15, 2); straight where a slope is unknown.

    Args:
        ends: float32 (2, 15, 2), the places.
        slopes: (2, 15, 2), the slopes there per whole way.
        fractions: (k,), where on the way.
    """
    way = ends[1] - ends[0]
    start, end = np.where(np.isfinite(slopes), slopes, way)
    f = fractions[:, None, None]
    curve: NDArray[np.float64] = (
        ends[0] + (3 - 2 * f) * f**2 * way + f * (1 - f) * ((1 - f) * start - f * end)
    )
    return curve


def _moved(person: Person, xy_px: NDArray[np.float64], confidence: F32, box_px: F32) -> Person:
    """A person elsewhere: joints and box as given, and no details, which nobody has seen there."""
    is_known = np.isfinite(xy_px).all(-1)
    details = BodyDetails.unseen().of_person(
        (xy_px.astype(np.float32), np.where(is_known, confidence, 0).astype(np.float32)),
        box_px,
        person.detection_confidence,
    )
    return replace(details, clothes_lab=person.clothes_lab, is_interpolated=True)


def _distance(one: Person, other: Person) -> float:
    """Median distance of the joints that both have, in sizes of the larger body."""
    apart = np.linalg.norm(one.xy_px - other.xy_px, axis=-1)
    known = apart[np.isfinite(apart)]
    if not len(known):
        return float("inf")
    return float(np.median(known)) / max(_size_px(one), _size_px(other), 1e-6)


def _size_px(person: Person) -> float:
    """Diagonal of a person's box."""
    return float(np.hypot(*(person.box_px[2:] - person.box_px[:2])))


def trunk_px(person: Person) -> float:
    """Length of a person's trunk, or what the box lets expect where it appears shorter."""
    length = float(trunk_length_px(person.xy_px))
    return max(length if np.isfinite(length) else 0.0, _MIN_TRUNK * _size_px(person), 1e-6)
