"""Rendered sets with a part of the lifter covered: reps, bar path and velocity against the truth.

python -m benchmarks.covered
python -m benchmarks.covered --backend blazepose-full --cover hands --cover head --view side --json

Each set has three reps. The path's error is the distance of the found bar from the true one, RMS
over the frames from the first rep to the last that have a bar, in metres by the renderer's scale. A
constant offset is taken out: the middle of the near plate stands for that of the bar. Errors of
velocity are of the analysis' own metres per second, as it reports them for each rep. The analysis
begins and ends a pull where the bar is fast enough, so its mean velocity is higher than that of the
whole pull even where all is seen: "same span" compares with the true bar between the same times.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import coach
from shared.data.defaults import BACKEND
from synthetic import COVERS, Lift, reps_s, truth, write_video
from synthetic.camera import camera_of
from synthetic.lift import bar_m
from synthetic.timing import RepTimes

F64 = NDArray[np.float64]

#: Sets are rendered at this size and rate. Chosen: a pixel is 5 mm, a quarter of the error that is
#: looked for, and a set takes half a minute to render.
_WIDTH_PX, _HEIGHT_PX, _FPS, _REPS = 640, 480, 20.0, 3

#: Maximum distance of a found lockout from the true one of the same rep, seconds. Chosen: half of
#: the shortest pull.
_MAX_APART_S = 0.6

_VIEWS = ("side", "oblique")


@dataclass(frozen=True)
class Measured:
    """What was found of a set; NaN where there is nothing to compare, or a rep has no metres.

    Attributes:
        true_reps: Reps that were rendered.
        found_reps: Reps that were counted, of all lifters.
        matched_reps: Found reps whose lockout is at a rendered one's.
        path_rms_m: Error of the bar's path, m.
        path_seen: Share of the frames, from first rep to last, that have a bar, 0..1.
        mean_velocity_m_s: Mean absolute error of the reps' mean velocity, m/s.
        same_span_m_s: Likewise, against the true bar from the found start to the found lockout.
        peak_velocity_m_s: Likewise of the peak velocity.
        lifter_seen: Share of all frames in which the lifter was seen, 0..1.
    """

    true_reps: int
    found_reps: int
    matched_reps: int
    path_rms_m: float
    path_seen: float
    mean_velocity_m_s: float
    same_span_m_s: float
    peak_velocity_m_s: float
    lifter_seen: float


def main() -> None:
    """Render, analyse and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.covered", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--backend", default=BACKEND)
    parser.add_argument("--cover", action="append", choices=["none", *COVERS])
    parser.add_argument("--view", action="append", choices=_VIEWS)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    given = parser.parse_args()
    backend = coach.load_backend(given.backend)
    rows = []
    for cover in given.cover or ["none", *COVERS]:
        for view in given.view or _VIEWS:
            covered = () if cover == "none" else (cover,)
            lift = Lift(_REPS, _FPS, _WIDTH_PX, _HEIGHT_PX, view=view, covered=covered)
            rows.append((cover, view, measure(lift, _analysed(lift, backend))))
            print(*rows[-1], file=sys.stderr, flush=True)
    if given.json:
        print(json.dumps([_record(*row) for row in rows], indent=1))
    else:
        Console(width=150).print(_table(rows, given.backend))


def measure(lift: Lift, found: coach.Analysis) -> Measured:
    """Compare an analysis with the rendered set that it is of."""
    times = reps_s(lift)
    pairs = _matched(times, [rep for one in found.lifters for rep in one.reps])
    path_rms_m, path_seen = _path_error(lift, found)
    rise_m = float(bar_m(1.0, lift)[1] - bar_m(0.0, lift)[1])
    mean_off, span_off, peak_off = [], [], []
    for true, rep in pairs:
        whole, span = (
            rise_m * _speed(lift, *ends)
            for ends in ((true.start_s, true.top_s), (rep.start_s, rep.top_s))
        )
        mean_off.append(abs(rep.mean_velocity_m_s - float(whole.mean())))
        span_off.append(abs(rep.mean_velocity_m_s - float(span.mean())))
        peak_off.append(abs(rep.peak_velocity_m_s - float(whole.max())))
    return Measured(
        true_reps=len(times),
        found_reps=sum(len(one.reps) for one in found.lifters),
        matched_reps=len(pairs),
        path_rms_m=path_rms_m,
        path_seen=path_seen,
        mean_velocity_m_s=_mean(mean_off),
        same_span_m_s=_mean(span_off),
        peak_velocity_m_s=_mean(peak_off),
        lifter_seen=_mean([float(frame.person is not None) for frame in found.frames]),
    )


def _analysed(lift: Lift, backend: coach.Backend) -> coach.Analysis:
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "set.mp4"
        write_video(lift, clip)
        return coach.judge(coach.track(clip, backend=backend))


def _matched(
    times: Sequence[RepTimes], reps: Sequence[coach.Rep]
) -> list[tuple[RepTimes, coach.Rep]]:
    """True reps with the found one whose lockout is nearest, if it is near."""
    pairs = []
    for true in times:
        nearest = min(reps, key=lambda rep: abs(rep.top_s - true.top_s), default=None)
        if nearest is not None and abs(nearest.top_s - true.top_s) <= _MAX_APART_S:
            pairs.append((true, nearest))
    return pairs


def _path_error(lift: Lift, found: coach.Analysis) -> tuple[float, float]:
    """RMS error of the path in m, and the share of frames that have one."""
    times = reps_s(lift)
    true_px = {frame.index: frame.lifter.bar_px for frame in truth(lift)}
    frames = [one for one in found.frames if times[0].start_s <= one.time_s <= times[-1].end_s]
    off_px = np.array([one.bar_px - true_px[one.index] for one in frames], float).reshape(-1, 2)
    known = off_px[np.isfinite(off_px).all(-1)]
    if not len(known):
        return float("nan"), 0.0
    off_m = (known - np.median(known, axis=0)) / camera_of(lift).px_per_m
    return float(np.sqrt((off_m**2).sum(-1).mean())), len(known) / len(off_px)


def _speed(lift: Lift, start_s: float, top_s: float) -> F64:
    """Speed of the true bar between two times, in its whole way per second."""
    time_s = np.linspace(start_s, top_s, 1000)
    return np.asarray(np.gradient(lift.timing.bar_progress(time_s), time_s))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _record(cover: str, view: str, one: Measured) -> dict[str, Any]:
    values = {k: round(v, 4) if np.isfinite(v) else None for k, v in asdict(one).items()}
    return {"cover": cover, "view": view, **values}


def _table(rows: Sequence[tuple[str, str, Measured]], backend: str) -> Table:
    table = Table(
        "covered", "view", "reps", "found", "at their lockout", "bar path, m RMS", "bar seen",
        "mean velocity off, m/s", "same span", "peak", "lifter seen", title=backend,
    )  # fmt: skip
    for cover, view, one in rows:
        table.add_row(
            cover, view, str(one.true_reps), str(one.found_reps), str(one.matched_reps),
            f"{one.path_rms_m:.3f}", f"{one.path_seen:.0%}", f"{one.mean_velocity_m_s:.3f}",
            f"{one.same_span_m_s:.3f}", f"{one.peak_velocity_m_s:.3f}", f"{one.lifter_seen:.1%}",
        )  # fmt: skip
    return table


if __name__ == "__main__":
    main()
