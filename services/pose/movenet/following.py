"""People from image to image: MultiPose finds them, Thunder follows them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.pose.movenet.multipose import MultiPose
from services.pose.movenet.points import PersonPoints
from services.pose.movenet.singlepose import SinglePose, Square

Image = NDArray[np.uint8]

#: Time between two searches for everybody, in s. Chosen: new people wait no longer, and a search
#: costs as much as following one person.
_SEARCH_INTERVAL_S = 0.5

#: Maximum people that are followed from image to image, the largest first; the others are seen in
#: the images in which everybody is searched for. Chosen: each costs a run of the network per image.
_MAX_FOLLOWED = 3

#: Maximum time between two images across which people are followed, in s. Chosen: in a longer time
#: a lifter may leave the square in which they are looked for.
_MAX_GAP_S = 0.25

#: Mean score of the joints from shoulders to ankles below which somebody is searched for again, and
#: lost unless the search confirms them. Measured: 0.5 to 0.85 on people, 0.2 to 0.4 where the
#: skeleton slides off them.
_DOUBTFUL_SCORE = 0.4

#: Minimum number of joints that are likely seen of somebody who is followed while doubtful. Chosen:
#: the legs of a lifter whose trunk is behind a plate and whose head leaves the picture.
_MIN_JOINTS = 4

#: Two skeletons count as one person below this median distance of their joints, in body sizes.
#: Chosen: two networks place the joints of one half-hidden body closer together than this. The
#: joints of two people who stand side by side are farther apart.
_SAME_PERSON = 0.12

#: A doubtful skeleton counts as a copy of another one above this overlap of their boxes, as a
#: fraction of the smaller box. Chosen: half, because the networks draw several skeletons into a
#: body that is mostly covered.
_SAME_PLACE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Followed:
    """A person, and the square in which they were looked for; None for one just found."""

    points: PersonPoints
    square: Square | None

    @property
    def is_doubtful(self) -> bool:
        return self.points.body_score < _DOUBTFUL_SCORE


class Follower:
    """Follows people from each image to the one nearest in time; images may come in any order."""

    def __init__(self, finder: MultiPose, follower: SinglePose) -> None:
        self._finder, self._follower = finder, follower
        self._seen: dict[float, list[_Followed]] = {}
        self._searched_s: list[float] = []

    def next(self, image: Image, time_s: float) -> list[PersonPoints]:
        """The people of the next image, a BGR image; the followed ones first."""
        nearest_s = min(self._seen, key=lambda seen_s: abs(seen_s - time_s), default=np.inf)
        before = self._seen[nearest_s] if abs(nearest_s - time_s) <= _MAX_GAP_S else []
        now = _distinct([self._follow(image, one) for one in before])
        is_doubtful = any(one.is_doubtful for one in now)
        others: list[PersonPoints] = []
        if (
            len(now) < max(len(before), 1)
            or is_doubtful
            or is_due(time_s, self._searched_s, _SEARCH_INTERVAL_S)
        ):
            now, others = self._search(image, now)
            self._searched_s.append(time_s)
        self._seen[time_s] = now
        return [one.points for one in now] + others

    def _follow(self, image: Image, one: _Followed) -> _Followed:
        return self._see(image, Square.around(one.points, image).after(one.square))

    def _see(self, image: Image, square: Square) -> _Followed:
        return _Followed(self._follower.see(image, square), square)

    def _search(
        self, image: Image, known: list[_Followed]
    ) -> tuple[list[_Followed], list[PersonPoints]]:
        """Find everybody in an image: those to be followed, and the others."""
        found = self._finder.find(image)
        sure = [one for one in known if not one.is_doubtful]
        doubtful = [one for one in known if one.is_doubtful]
        new = [points for points in found if not any(_is_same(points, one.points) for one in sure)]
        new.sort(key=lambda points: -points.size_px)
        closer = [self._look_closer(image, points) for points in new[: _MAX_FOLLOWED - len(sure)]]
        if not sure and all(one.is_doubtful for one in closer):
            closer.append(self._look_carefully(image, Square.of_image(image)))
        partly = [one for one in closer + doubtful if one.points.joints_seen >= _MIN_JOINTS]
        people = _distinct(sure + partly)[:_MAX_FOLLOWED]
        others = [one for one in found if not any(_is_same(one, p.points) for p in people)]
        return people, others

    def _look_closer(self, image: Image, points: PersonPoints) -> _Followed:
        """A person that was found, as the following network sees them if it is sure."""
        closer = self._look_carefully(image, Square.around(points, image))
        if not closer.is_doubtful:
            return closer
        return max(closer, _Followed(points, None), key=lambda one: one.points.body_score)

    def _look_carefully(self, image: Image, square: Square) -> _Followed:
        """The person in a square, seen again in the square around them, also mirrored.

        The mean of all is used: it has 0.3 % more right joints than one of them, and 1.5 % more
        with a plate in front (222 pictures). The surer one is used alone if one is doubtful.
        """
        first = self._see(image, square)
        second = self._see(image, Square.around(first.points, image))
        if first.is_doubtful or second.is_doubtful:
            return max(first, second, key=lambda one: one.points.body_score)
        mirrored = self._follower.see(image, Square.around(first.points, image), mirrored=True)
        return _Followed(first.points.mean(second.points, mirrored), second.square)


def is_due(time_s: float, done_s: Iterable[float], interval_s: float) -> bool:
    """Whether nothing was done within an interval of a time; times are rounded."""
    return all(abs(time_s - one_s) >= interval_s - 1e-6 for one_s in done_s)


def _is_same(one: PersonPoints, other: PersonPoints) -> bool:
    if one.distance(other) < _SAME_PERSON:
        return True
    is_doubtful = min(one.body_score, other.body_score) < _DOUBTFUL_SCORE
    return is_doubtful and one.overlap(other) > _SAME_PLACE


def _distinct(people: list[_Followed]) -> list[_Followed]:
    """The surer one of each two skeletons of one person, the surest first."""
    kept: list[_Followed] = []
    for one in sorted(people, key=lambda one: -one.points.body_score):
        if not any(_is_same(one.points, other.points) for other in kept):
            kept.append(one)
    return kept
