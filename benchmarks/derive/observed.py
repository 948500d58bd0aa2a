"""The sets that quantities are measured in: rendered ones, and real clips that were analysed."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from coach.files import load
from services.scorer.analysis import judge_lifter
from services.scorer.observe import (
    LifterObservations,
    ObservedLift,
    observations_of,
    observe_lift,
    observe_lifters,
)
from services.scorer.score.lift_model import load_default
from synthetic import Lift, render_poses

#: Turns of the camera off the side of rendered sets, in degrees: a side and an oblique view.
_TURNS_DEG = (10.0, 35.0)


@dataclass(frozen=True)
class Observed:
    """A set with what the pose stage saw of it, and what is known of it.

    Attributes:
        lift: The set as it was done.
        seen: What the pose stage saw.
        label: The label of a real clip, "" for none.
        rendered: What was rendered; None for a real clip.
        set_score: Score of a real clip by the shipped model, 0..1; NaN for none.
    """

    lift: ObservedLift
    seen: LifterObservations
    label: str = ""
    rendered: Lift | None = None
    set_score: float = float("nan")

    @property
    def xy(self) -> np.ndarray:
        """The joints in trunk lengths, (n, 15, 2)."""
        return self.lift.motion.xy_px / self.lift.motion.trunk_length_px


def observe_rendered(lift: Lift, noise_px: float = 0.0) -> Observed:
    """Observe a rendered set."""
    seen = observe_lifters(render_poses(lift, noise_px))[0]
    return Observed(observe_lift(seen), seen, rendered=lift)


def rendered_sets() -> Iterator[Observed]:
    """Correct sets of each style, from each side and at two turns, with and without noise."""
    styles, sides = ("conventional", "sumo", "romanian"), ("left", "right")
    for style, turn_deg, facing, noise_px in product(styles, _TURNS_DEG, sides, (0.0, 3.0)):
        lift = Lift(reps=2, style=style, turn_deg=turn_deg, facing=facing)
        yield observe_rendered(lift, noise_px)


def real_sets(results: Path, labels: Path | None) -> Iterator[Observed]:
    """Real clips, observed again from their stored observations.

    Args:
        results: folder of results of `coach analyze`.
        labels: CLIPS.csv with file and video_label.
    """
    named: dict[str, str] = {}
    if labels:
        with labels.open(newline="", encoding="utf-8") as table:
            named = {Path(row["file"]).stem: row["video_label"] for row in csv.DictReader(table)}
    model = load_default()
    for path in sorted(results.glob("*/analysis.json")):
        analysis = load(path)
        seen = observations_of(analysis)
        yield Observed(
            lift=observe_lift(seen, analysis.judging),
            seen=seen,
            label=named.get(path.parent.name, ""),
            set_score=judge_lifter(seen, analysis.judging, model).summary.score,
        )
