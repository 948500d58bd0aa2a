"""`coach demo`: render a synthetic lift, analyse it like any clip, and compare with the truth."""

import filecmp
import itertools
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from coach.cli import analyze
from coach.cli.submission import check_out
from coach.files import load
from shared.data.analysis import LifterFrame
from shared.data.defaults import BACKEND
from shared.data.job_options import JobOptions
from shared.data.skeleton import trunk_length_px
from shared.settings import Settings
from synthetic import Lift, RenderedFrame, write_video

#: Maximum distance of a found joint from its true position, in trunk lengths: the PCK measure of
#: Sapp & Taskar 2013 (MODEC), with the trunk as unit.
MAX_DISTANCE = 0.2


def run(out: Path, settings: Settings, as_json: bool = False) -> int:
    """Render, analyse and compare.

    Args:
        out: folder for the clip, and for the results in a folder of their own.
        settings: of this process.
        as_json: print one JSON document instead of lines, as `coach analyze` does.

    Returns:
        The exit status of the analysis.
    """
    check_out(out)
    print(f"rendering a set of {Lift().reps} reps into {out} …", file=sys.stderr)
    clip, truth = _render(out)
    status, ended = analyze.run([clip], out, JobOptions(BACKEND), settings, as_json=as_json)
    if status == 0:
        folder = Path(ended[0].out)
        found = fraction_found(truth, load(folder).frames)
        print(
            f"joints within {MAX_DISTANCE} trunk lengths of the truth: {found:.1%}\n"
            f"look at {folder / 'annotated.mp4'} and {folder / 'report.html'}",
            file=sys.stderr,
        )
    return status


def _render(out: Path) -> tuple[Path, list[RenderedFrame]]:
    """Render the set into a folder, under a name that no other file has; its truth."""
    with tempfile.TemporaryDirectory(prefix=".coach-demo-", dir=out) as folder:
        made = Path(folder) / "lift.mp4"
        truth = write_video(Lift(), made)
        for number in itertools.count(1):
            clip = out / ("synthetic-lift.mp4" if number == 1 else f"synthetic-lift-{number}.mp4")
            if not os.path.lexists(clip):
                made.rename(clip)
                break
            if clip.is_file() and filecmp.cmp(made, clip, shallow=False):
                break  # of an earlier run
    return clip, truth


def fraction_found(truth: Sequence[RenderedFrame], frames: Sequence[LifterFrame]) -> float:
    """Fraction of the visible joints that were found near their true positions, 0..1.

    Args:
        truth: every frame of the rendered set.
        frames: the analysed frames; unseen joints, and those of missing frames, are not found.
    """
    xy_px = {frame.index: frame.xy_px for frame in frames}
    found = visible = 0
    for frame in truth:
        visible += int(frame.visible.sum())
        if frame.index in xy_px:
            distance_px = np.linalg.norm(xy_px[frame.index] - frame.joints_px, axis=-1)
            distance = distance_px / trunk_length_px(frame.joints_px)
            found += int(((distance <= MAX_DISTANCE) & frame.visible).sum())
    return found / max(visible, 1)
