"""Whether clothes tell lifters apart: histograms of their colours, and medians, on shared clips.

    python -m benchmarks.lifters

Each clip of `../shared/clips` gives one set, a longer one two. Two kinds of pairs are compared:
sets of the same person filmed from the same place, as in a recording, and sets of different people.
Each lifter is held out in turn: the limit is chosen on the pairs without this lifter, and errors
are counted on the pairs with this lifter. Then all is done again with light that changes from set
to set, by a quarter in brightness and by 5 % in colour.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.backends import Backend, TimedImage, load_backend
from services.pose.clothes import clothes_lab
from services.writer.clothes import clothes_distance, clothes_in
from shared.data.messages import Person
from shared.data.skeleton import F32
from shared.media.source import open_source

CLIPS = Path(__file__).resolve().parents[2] / "shared" / "clips"

#: Pictures of a set, frames from which a clip is two sets, and side of the pictures in px.
_PICTURES, _LONG, _SIDE_PX = 12, 300, 640

#: Lifters of clips that `CLIPS.csv` does not name.
_LIFTERS = {"bichraix_bad_10": "bichraix_F"}

#: Clips of one person that were filmed from one place.
_ONE_PLACE = (
    ("tby66_0016c_1", "tby66_0016h_1"), ("tby66_0016k_2", "tby66_0016r_2"),
    ("jeffjchen_good", "jeffjchen_heellift"),
    ("bichraix_bad007", "bichraix_bad008", "bichraix_bad009", "bichraix_bad018",
     "bichraix_good015"),
)  # fmt: skip

#: Largest change of the light from set to set, in brightness and in each colour.
_BRIGHTNESS, _TINT = 1.25, 1.05

Image = NDArray[np.uint8]
Picture = tuple[Image, F32]


@dataclass(frozen=True)
class Seen:
    """Some pictures of a set with the joints in them, its lifter, and the place of its camera."""

    lifter: str
    camera: str
    pictures: Sequence[Picture]


def main() -> None:
    """Print the errors of each measure, in the clips' own light and in changing light."""
    seen = list(_sets(load_backend("movenet-fast")))
    print(f"{len(seen)} sets of {len({one.lifter for one in seen})} lifters")
    rng = np.random.default_rng(0)
    for light, sets in (("same light", seen), ("other light", [_relit(one, rng) for one in seen])):
        medians = [_median(one.pictures) for one in sets]
        histograms = [clothes_in(one.pictures) for one in sets]
        _judge(f"{light}, medians", sets, medians, _median_distance)
        _judge(f"{light}, histograms", sets, histograms, clothes_distance)


def _judge(
    name: str, sets: list[Seen], seen: list[F32], distance: Callable[[F32, F32], float]
) -> None:
    rows = [
        (one, other)
        for one, other in combinations(range(len(seen)), 2)
        if sets[one].lifter != sets[other].lifter or sets[one].camera == sets[other].camera
    ]
    apart = np.array([distance(seen[one], seen[other]) for one, other in rows])
    pairs = [(sets[one].lifter, sets[other].lifter) for one, other in rows]
    is_same = np.array([one == other for one, other in pairs])
    split, joined, chosen = [], [], []
    for lifter in sorted({one.lifter for one in sets}):
        is_held_out = np.array([lifter in pair for pair in pairs])
        most = _threshold(apart[is_same & ~is_held_out], apart[~is_same & ~is_held_out])
        chosen.append(most)
        own, others = apart[is_same & is_held_out], apart[~is_same & is_held_out]
        split += [float((own > most).mean())] if len(own) else []
        joined.append(float((others <= most).mean()))
    print(
        f"{name:22} {is_same.sum()} pairs of the same person, {(~is_same).sum()} of different "
        f"people; held out: same taken for two in {np.mean(split):.1%}, two for one in "
        f"{np.mean(joined):.1%} (limit {min(chosen):.3g} to {max(chosen):.3g}); 95 % of the same "
        f"within {np.quantile(apart[is_same], 0.95):.3g}, 1 % of the different within "
        f"{np.quantile(apart[~is_same], 0.01):.3g}"
    )


def _threshold(same: NDArray[np.float64], different: NDArray[np.float64]) -> float:
    """The distance with the smallest sum of both rates of errors; the middle one of several."""
    candidates = np.unique(np.concatenate([same, different]))
    errors = np.array([(same > at).mean() + (different <= at).mean() for at in candidates])
    best = int(np.argmin(errors))
    return float(candidates[best : best + 2].mean())


def _median(pictures: Sequence[Picture]) -> F32:
    return np.asarray(np.nanmedian([clothes_lab(*one) for one in pictures], axis=0), np.float32)


def _median_distance(one: F32, other: F32) -> float:
    """Distance of the garment that differs most, in CIELAB."""
    return float(np.nanmax(np.sqrt(((one - other) ** 2).sum(1))))


def _relit(one: Seen, rng: np.random.Generator) -> Seen:
    gain = rng.uniform(1 / _BRIGHTNESS, _BRIGHTNESS) * rng.uniform(1 / _TINT, _TINT, 3)
    pictures = [
        (np.clip(image * gain, 0, 255).astype(np.uint8), xy_px) for image, xy_px in one.pictures
    ]
    return Seen(one.lifter, one.camera, pictures)


def _sets(backend: Backend) -> Iterator[Seen]:
    with (CLIPS / "CLIPS.csv").open() as file:
        groups = {Path(row["file"]).stem: row["lifter_group"] for row in csv.DictReader(file)}
    for path in sorted(CLIPS.glob("*.mp4")):
        lifter = groups.get(path.stem) or _LIFTERS.get(path.stem, path.stem)
        pictures = list(_pictures(path, backend))
        halves = np.array_split(np.arange(len(pictures)), 1 + (len(pictures) > _PICTURES))
        camera = next((place[0] for place in _ONE_PLACE if path.stem in place), path.stem)
        for half in halves:
            if len(half):
                yield Seen(lifter, camera, [pictures[row] for row in half])


def _pictures(path: Path, backend: Backend) -> Iterator[Picture]:
    with open_source(path) as source:
        frames = source.info.frames_estimate
        count = _PICTURES * (1 + (frames > _LONG))
        wanted = set(np.linspace(0, frames - 1, count).astype(int).tolist())
        for frame in source.frames():
            if frame.index in wanted:
                image = np.asarray(frame.shrunk(_SIDE_PX))
                people = next(iter(backend.people([TimedImage(image, frame.time_s)])))
                if people:
                    yield image, max(people, key=_size).xy_px


def _size(person: Person) -> float:
    return float(person.box_px[3] - person.box_px[1]) * person.detection_confidence


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main()
