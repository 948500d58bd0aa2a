"""Joins the pieces of each person's track. Pure.

Two pieces are one person if they hold the same bar, or if the person is found again near where they
were lost, about as large and in no other clothes. A piece that fits neither, such as a skeleton
drawn on a plate, stays alone: what comes before it is joined with what comes after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.scorer.lifter.pieces import Piece, wear_other_clothes, wear_same_clothes
from services.scorer.lifter.tracks import box_centre_px
from shared.data.messages import Person
from shared.data.skeleton import F32

#: Maximum ratio of sizes of two pieces of one person, and of two in the same clothes. Chosen: a
#: body that bends over changes the size of its box by less, and one that leaves the picture in part
#: by more.
_MAX_SIZE_RATIO, _MAX_RATIO_IN_SAME_CLOTHES = 1.6, 2.0

#: Maximum distance between where a person is lost and found again, in body sizes; and in the same
#: clothes. Chosen: nobody walks further while unseen, and the same clothes may have walked.
_MAX_STEP, _MAX_STEP_IN_SAME_CLOTHES = 1.0, 2.0

#: Maximum distance between the usual places of two pieces, in body sizes. Chosen: whoever lifts
#: stays in one place, also where the skeleton at the end of a piece is bad.
_MAX_APART = 0.5

#: Maximum fraction of a piece's rows in which the person is also seen elsewhere. Chosen: for some
#: frames a network may see a lifter twice.
_MAX_OVERLAP = 0.2

#: Minimum overlap of two boxes (intersection over union) of one body that was found twice. Chosen:
#: detectors use about this limit to remove doubles.
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
    is_alike = any(wear_same_clothes(one, piece) for one in here)
    if _size_ratio(here[0], piece) > (_MAX_RATIO_IN_SAME_CLOTHES if is_alike else _MAX_SIZE_RATIO):
        return False
    if any(one.hands.keys() & piece.hands.keys() for one in here):
        return True
    if all(wear_other_clothes(one, piece) for one in here):
        return False
    max_step = _MAX_STEP_IN_SAME_CLOTHES if is_alike else _MAX_STEP
    apart = min(float(np.linalg.norm(one.centre_px - piece.centre_px)) for one in here)
    size_px = here[0].size_px
    return apart <= _MAX_APART * size_px or _step_px(people, piece.people) <= max_step * size_px


def _size_ratio(one: Piece, other: Piece) -> float:
    return max(one.size_px / other.size_px, other.size_px / one.size_px)


def _step_px(people: Mapping[int, Person], others: Mapping[int, Person]) -> float:
    """Distance between two pieces where one ends and the other begins; the shorter of both ends."""
    start, end = min(others), max(others)
    before = max((row for row in people if row < start), default=None)
    after = min((row for row in people if row > end), default=None)
    steps = []
    if before is not None:
        steps.append(np.linalg.norm(box_centre_px(people[before]) - box_centre_px(others[start])))
    if after is not None:
        steps.append(np.linalg.norm(box_centre_px(people[after]) - box_centre_px(others[end])))
    return float(min(steps, default=np.inf))


def _distances(person: JoinedPerson) -> dict[int, float]:
    """Number of a lifted bar → its distance from the hands, in trunk lengths."""
    distances: dict[int, float] = {}
    for piece in person.pieces:
        for bar in piece.lifted:
            distances[bar] = min(piece.hands[bar].distance, distances.get(bar, np.inf))
    return distances


def overlap(one_px: F32, other_px: F32) -> float:
    """Intersection over union of two boxes, (4,) each."""
    low, high = np.maximum(one_px[:2], other_px[:2]), np.minimum(one_px[2:], other_px[2:])
    common = float(np.prod(np.maximum(high - low, 0)))
    areas = float(np.prod(one_px[2:] - one_px[:2]) + np.prod(other_px[2:] - other_px[:2]))
    return common / max(areas - common, 1e-6)
