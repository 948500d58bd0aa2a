"""Looking where it matters against a look at every frame: joints, reps, faults and scores.

python -m benchmarks.sampling CLIP… [--json FILE]

Every clip is analysed twice: with a look at each of the about 30 frames a second that the decoder
keeps, and by default. Joints of the frames that were interpolated are compared in trunk lengths,
after smoothing; where the dense analysis has no joint there is nothing to compare.
"""

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.goals import spread
from coach.tracking import track
from services.decoder.sampling import choose_every
from services.pose.backends import Backend, load_backend
from services.pose.between import trunk_px
from services.scorer.analysis import judge_poses
from services.scorer.score import lift_model
from shared.data.analysis import Analysis
from shared.data.defaults import BACKEND
from shared.data.job_options import AUTO, JudgingOptions
from shared.data.poses import Poses
from shared.media.source import open_source

#: Maximum distance of an interpolated joint, in trunk lengths. By the goal: as far as joints of one
#: frame scatter.
NEAR = 0.05


@dataclass(frozen=True)
class Difference:
    """What one clip's default analysis has otherwise than the dense one.

    Attributes:
        clip: Name of the clip.
        looks: Fraction of the analysed frames that were looked at.
        near: Fraction of the interpolated joints within `NEAR`; NaN without any.
        reps: Number of reps: by default, and dense.
        score: Scores, likewise; NaN without one.
        verdict: Verdicts, likewise.
        faults: Faults of single reps that one of the two has alone.
        start_s: Largest difference between the starts of a rep, in s; NaN where reps differ.
    """

    clip: str
    looks: float
    near: float
    reps: tuple[int, int]
    score: tuple[float, float]
    verdict: tuple[str, str]
    faults: int
    start_s: float


def compare(clip: Path, backend: Backend) -> Difference:
    """Analyse a clip in both ways."""
    with open_source(clip) as source:
        every = choose_every(AUTO, source.info.fps)
    model = lift_model.load_default()
    usual, dense = (
        (poses, judge_poses(poses, JudgingOptions(), model))
        for poses in (track(clip, backend=backend, every=step) for step in (AUTO, every))
    )
    sets, looked = (usual[1], dense[1]), _is_looked_at(usual[0])
    found = [{(fault.kind, fault.rep) for fault in one.faults} for one in sets]
    starts = [
        abs(one.start_s - other.start_s) if one and other else float("nan")
        for one, other in zip_longest(*(one.reps for one in sets))
    ]
    return Difference(
        clip=clip.stem,
        looks=float(looked.mean()),
        near=_near(*sets, looked),
        reps=(len(sets[0].reps), len(sets[1].reps)),
        score=(sets[0].score, sets[1].score),
        verdict=(str(sets[0].summary.verdict), str(sets[1].summary.verdict)),
        faults=len(found[0] ^ found[1]),
        start_s=max(starts, default=0.0),
    )


def _is_looked_at(poses: Poses) -> np.ndarray:
    """Whether each frame was looked at, (n,); one without people was."""
    return np.array(
        [not all(one.is_interpolated for one in frame.people) or not frame.people
         for frame in poses.frames]
    )  # fmt: skip


def _near(usual: Analysis, dense: Analysis, is_looked_at: np.ndarray) -> float:
    """Fraction of the interpolated joints near those of the dense analysis."""
    near: list[bool] = []
    for one, other, looked in zip(usual.frames, dense.frames, is_looked_at, strict=True):
        if looked or other.person is None:
            continue
        apart = np.linalg.norm(one.xy_px - other.xy_px, axis=-1) / trunk_px(other.person)
        near += (apart[np.isfinite(other.xy_px).all(-1)] <= NEAR).tolist()
    return float(np.mean(near)) if near else float("nan")


def table_of(found: Sequence[Difference]) -> Table:
    """One row a clip, and what they have in common below."""
    table = Table("clip", "looks", f"joints within {NEAR}", "reps", "score", "verdict", "faults")
    for one in found:
        usual, dense = one.score
        table.add_row(
            one.clip, f"{one.looks:.2f}", f"{one.near:.3f}", f"{one.reps[0]} / {one.reps[1]}",
            f"{usual:.2f} / {dense:.2f}", " / ".join(one.verdict), str(one.faults),
        )  # fmt: skip
    return table


def summary_of(found: Sequence[Difference]) -> list[str]:
    """The clips together, a line a value."""
    moved = [abs(one.score[0] - one.score[1]) for one in found]
    moved = [value for value in moved if np.isfinite(value)]
    near = [one.near for one in found if np.isfinite(one.near)]
    lines = [
        f"looks: {statistics.mean(one.looks for one in found):.3f} of the analysed frames",
        f"joints within {NEAR}: {spread(near)}; {sum(value >= 0.95 for value in near)} of "
        f"{len(near)} clips reach 0.95",
        f"other number of reps: {sum(one.reps[0] != one.reps[1] for one in found)} clips",
        f"other verdict: {sum(one.verdict[0] != one.verdict[1] for one in found)} clips; good "
        f"for poor: {sum(set(one.verdict) == {'good', 'poor'} for one in found)}",
        f"faults that one has alone: {sum(one.faults for one in found)}",
    ]
    if moved:
        within = float(np.mean([value <= 0.02 for value in moved]))
        lines.append(
            f"scores of {len(moved)} sets move by {np.median(moved):.3f} in the median, by "
            f"{np.quantile(moved, 0.9):.3f} or less in nine of ten; {within:.0%} by 0.02 or less"
        )
    return lines


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("clips", nargs="+", type=Path)
    made.add_argument("--backend", default=BACKEND)
    made.add_argument("--json", type=Path, help="file for all values")
    return made


def main() -> None:
    """Compare and print."""
    given = parser().parse_args()
    backend = load_backend(given.backend)
    console = Console()
    found = []
    for clip in given.clips:
        found.append(compare(clip, backend))
        console.print(f"{clip.name}: done", style="dim")
    console.print(table_of(found))
    for line in summary_of(found):
        console.print(line)
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n")


if __name__ == "__main__":
    main()
