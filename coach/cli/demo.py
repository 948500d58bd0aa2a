"""`coach demo`: render a synthetic lift, analyse it like any clip, and compare with the truth."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from coach.cli import analyze
from coach.cli.submission import check_out
from shared.data.job_options import JobOptions
from shared.data.skeleton import trunk_length_px
from shared.settings import Settings
from synthetic import Lift, RenderedFrame, write_video

#: A joint counts as found within this many trunk lengths of its true place: the PCK measure of
#: Sapp & Taskar 2013 (MODEC), with the trunk as unit.
WITHIN_TRUNKS = 0.2


def run(out: Path, settings: Settings, as_json: bool = False) -> int:
    """Render, analyse and compare; the exit status."""
    clip = out / "synthetic-lift.mp4"
    check_out(out)
    print(f"rendering a set of {Lift().reps} reps into {clip} …", file=sys.stderr)
    truth = write_video(Lift(), clip)
    status = analyze.run([clip], out, JobOptions("blazepose-full"), settings, as_json=as_json)
    if status == 0:
        folder = out / clip.stem
        share = share_found(truth, json.loads((folder / "analysis.json").read_text())["frames"])
        print(
            f"joints within {WITHIN_TRUNKS} trunk lengths of the truth: {share:.1%}\n"
            f"look at {folder / 'annotated.mp4'} and {folder / 'report.html'}",
            file=sys.stderr,
        )
    return status


def share_found(truth: Sequence[RenderedFrame], frames: Sequence[dict]) -> float:
    """Share of the visible joints that were found near their true places.

    Args:
        truth: every frame of the rendered set.
        frames: `frames` of an `analysis.json`; an unseen joint is not found.
    """
    by_index = {frame["index"]: frame["keypoints"] for frame in frames}
    found = visible = 0
    for frame in truth:
        keypoints = by_index.get(frame.index, [None] * len(frame.visible))
        xy = np.array([point[:2] if point else (np.nan, np.nan) for point in keypoints])
        far = np.linalg.norm(xy - frame.joints_px, axis=-1) / trunk_length_px(frame.joints_px)
        found += int(((far <= WITHIN_TRUNKS) & frame.visible).sum())
        visible += int(frame.visible.sum())
    return found / max(visible, 1)
