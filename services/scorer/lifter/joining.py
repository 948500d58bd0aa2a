"""Joins the pieces of each person's track. Pure.

Two pieces are one person if they hold the same bar, or if the person is found again near where they
were lost, about as large and in no other clothes. A piece that fits neither, such as a skeleton
drawn on a plate, stays alone: what comes before it is joined with what comes after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.lifter.pieces import Piece, wear_other_clothes, wear_same_clothes
from services.scorer.lifter.tracks import box_centre_px, box_size_px
from shared.data.messages import Person
from shared.data.skeleton import F32

F64 = NDArray[np.float64]

#: Maximum ratio of the body sizes in two pieces of one person: in general, and if both wear the
#: same clothes or hold the same bar. Chosen: bending over changes the size of a body's box by less
#: than the first; the second also allows for a body that is partly outside the picture.
_MAX_SIZE_RATIO, _MAX_RATIO_OF_ALIKE = 1.6, 2.0

#: Maximum distance between where a person is lost and where they are found again, in body sizes: in
#: general, and if both wear the same clothes. Chosen: a lifter hardly walks further while unseen,
#: and where the clothes agree a longer walk is more likely than another person.
_MAX_STEP, _MAX_STEP_OF_ALIKE = 1.0, 2.0

#: Maximum distance, in body sizes, and ratio of sizes between the last sighting of one piece and
#: the first of the next. Within both, the pieces join even if their median sizes differ, as those
#: of a body first upright and then bent over do. Chosen: half of `_MAX_STEP`, and less than the
#: ratio between a body and a skeleton drawn on a plate.
_MAX_SEAM_STEP, _MAX_SEAM_RATIO = 0.5, 1.5

#: Two pieces may be one person up to this distance of their median places, in body sizes. Chosen: a
#: lifter stays in one place. The median also holds where a piece ends with a bad skeleton.
_MAX_APART = 0.5

#: Maximum fraction of a piece's rows in which the person is also seen elsewhere. Chosen: for some
#: frames a network may see a lifter twice.
_MAX_OVERLAP = 0.2

#: Two boxes show the same body from this intersection over union on. Chosen: detectors commonly
#: remove duplicates at 0.5.
_SAME_BODY = 0.5


@dataclass(frozen=True, eq=False)
class JoinedPerson:
    """One person through a clip.

    Attributes:
        people: Row → the person there, in order; rows that do not show the person are missing.
        pieces: What they were joined from, the heaviest first.
    """

    people: dict[int, Person]
    pieces: tuple[Piece, ...]

    @property
    def lifted(self) -> set[int]:
        """Numbers of the bars that move with the hands."""
        return set().union(*(piece.lifted for piece in self.pieces))

    def own_bars(self, other: "JoinedPerson") -> set[int]:
        """Numbers of the bars that this person lifts, and is nearer to than another who does."""
        nearest, theirs = _distances(self), _distances(other)
        return {bar for bar in nearest if nearest[bar] < theirs.get(bar, np.inf)}


def join_pieces(pieces: Sequence[Piece]) -> list[JoinedPerson]:
    """Everybody in a clip, from the pieces of their tracks, the heaviest first."""
    rest, joined = list(pieces), []
    while rest:
        joined.append(_join(rest))
    return joined


def _join(rest: list[Piece]) -> JoinedPerson:
    """The person of the first piece; their pieces are taken out of `rest`."""
    taken = [rest.pop(0)]
    people = dict(taken[0].people)
    while (number := _next_piece(people, taken, rest)) is not None:
        taken.append(rest.pop(number))
        people = {**taken[-1].people, **people}
    return JoinedPerson(dict(sorted(people.items())), tuple(taken))


def _next_piece(
    people: Mapping[int, Person], taken: Sequence[Piece], rest: Sequence[Piece]
) -> int | None:
    """Number of the first piece that is the same person; None if there is none left."""
    shots = {piece.shot for piece in taken}
    possible = [n for n, piece in enumerate(rest) if not _is_seen_twice(people, piece)]
    for number in possible:
        if rest[number].shot not in shots and not wear_other_clothes(taken[0], rest[number]):
            return number
        if rest[number].shot in shots and _is_same_person(people, taken, rest[number]):
            return number
    return next((number for number in possible if rest[number].shot not in shots), None)


def _is_seen_twice(people: Mapping[int, Person], piece: Piece) -> bool:
    """Whether piece and person are seen at once in too many rows, in different places."""
    elsewhere = sum(
        row in people and overlap(people[row].box_px, person.box_px) < _SAME_BODY
        for row, person in piece.people.items()
    )
    return elsewhere > _MAX_OVERLAP * len(piece.people)


def _is_same_person(people: Mapping[int, Person], taken: Sequence[Piece], piece: Piece) -> bool:
    """Whether a piece of the same shot is a part of the person of the pieces `taken`."""
    here = [one for one in taken if one.shot == piece.shot]
    steps, ratios = _seams(people, piece.people)
    goes_on = bool(((steps <= _MAX_SEAM_STEP) & (ratios <= _MAX_SEAM_RATIO)).any())
    is_alike = any(wear_same_clothes(one, piece) for one in here)
    holds_same_bar = any(one.hands.keys() & piece.hands.keys() for one in here)
    max_ratio = _MAX_RATIO_OF_ALIKE if is_alike or holds_same_bar else _MAX_SIZE_RATIO
    if not goes_on and min(_size_ratio(one, piece) for one in here) > max_ratio:
        return False
    if holds_same_bar:
        return True
    if all(wear_other_clothes(one, piece) for one in here):
        return False
    max_step = _MAX_STEP_OF_ALIKE if is_alike else _MAX_STEP
    apart = min(float(np.linalg.norm(one.centre_px - piece.centre_px)) for one in here)
    return apart <= _MAX_APART * here[0].size_px or bool((steps <= max_step).any())


def _size_ratio(one: Piece, other: Piece) -> float:
    return max(one.size_px / other.size_px, other.size_px / one.size_px)


def _seams(people: Mapping[int, Person], others: Mapping[int, Person]) -> tuple[F64, F64]:
    """Where a person is lost and others begin, and where others end and the person goes on.

    Returns:
        Distance of the boxes at each seam, in sizes of the larger, and ratio of their sizes.
    """
    start, end = min(others), max(others)
    before = max((row for row in people if row < start), default=None)
    after = min((row for row in people if row > end), default=None)
    steps, ratios = [], []
    for row, other in ((before, others[start]), (after, others[end])):
        if row is not None:
            sizes = sorted((box_size_px(people[row]), box_size_px(other)))
            distance_px = np.linalg.norm(box_centre_px(people[row]) - box_centre_px(other))
            steps.append(float(distance_px) / sizes[1])
            ratios.append(sizes[1] / sizes[0])
    return np.array(steps), np.array(ratios)


def _distances(person: JoinedPerson) -> dict[int, float]:
    """Number of a lifted bar → its distance from the hands, in trunk lengths."""
    distances: dict[int, float] = {}
    for piece in person.pieces:
        for bar in piece.lifted:
            distances[bar] = min(piece.hands[bar].distance, distances.get(bar, np.inf))
    return distances


def overlap(one_px: F32, other_px: F32) -> float:
    """Intersection over union of two boxes, (4,) each: left, top, right, bottom; 0..1."""
    low, high = np.maximum(one_px[:2], other_px[:2]), np.minimum(one_px[2:], other_px[2:])
    common = float(np.prod(np.maximum(high - low, 0)))
    areas = float(np.prod(one_px[2:] - one_px[:2]) + np.prod(other_px[2:] - other_px[:2]))
    return common / max(areas - common, 1e-6)
