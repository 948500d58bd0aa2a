"""`coach analyze --rescore`: judge stored observations again, without videos and pose stage."""

import json
import math
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from coach.cli.submission import check_names, check_out
from coach.files import load
from services.scorer.analysis import judge_again
from services.scorer.score import lift_model
from services.scorer.score.lift_model import LiftModel
from services.writer.publish import publish, staging
from services.writer.report import Earlier
from services.writer.results import manifest_of, write_data
from shared.data.analysis import Analysis
from shared.data.job_options import JobOptions, JudgingOptions
from shared.errors import UsageError
from shared.names import absolute, readable
from shared.queue.job import job_id

#: Where the results go when no --out is given: beside the analysis, which stays as it is.
_FOLDER = "rescored"

#: Options that judging depends on, and that stay those of the first time where none are given.
JUDGING = ("plate_mm", "height_cm", "smooth_hz", "faults")


def run(
    paths: Sequence[Path],
    out: Path | None,
    options: JudgingOptions,
    model_path: Path | None,
    as_json: bool,
    given: Collection[str] = (),
    earlier: Earlier | None = None,
) -> int:
    """Judge stored analyses again and write their results anew.

    Args:
        paths: `analysis.json` files, or folders that hold one.
        out: each analysis gets a folder of its own below it; None puts it beside the analysis.
        options: how to judge, where `given` names the option; else as the first time.
        model_path: the posture model; None for the shipped one.
        as_json: put one JSON document on stdout instead of lines on stderr.
        given: names of `JUDGING` options that were asked for.
        earlier: the lifter's own earlier set, which the reports show beside this one.

    Returns:
        The exit status.
    """
    model = lift_model.chosen(model_path)
    files = [path / "analysis.json" if path.is_dir() else path for path in paths]
    if out is not None:
        check_names(files)
    outcomes = []
    for path in files:
        started_s = time.perf_counter()
        before = load(path)
        folder = absolute(path).parent
        target = folder / _FOLDER if out is None else out / folder.name
        if target.resolve() == folder.resolve():
            raise UsageError(f"{target} holds the analysis itself; choose another --out")
        judging = replace(before.judging, **{name: getattr(options, name) for name in given})
        analysis = _write(before, judging, model, target, earlier)
        took_s = time.perf_counter() - started_s
        frames = len(analysis.frames)
        line = f"{path}: {frames} frames in {took_s:.2f} s → {target}"
        print(readable(line), file=sys.stderr)
        score = analysis.score
        outcomes.append(
            {
                "source": analysis.source.path,
                "out": readable(str(target)),
                "score": round(score, 4) if math.isfinite(score) else None,
                "reps": len(analysis.reps),
            }
        )
    if as_json:
        print(json.dumps(outcomes, indent=2))
    return 0


def _write(
    before: Analysis,
    judging: JudgingOptions,
    model: LiftModel,
    out: Path,
    earlier: Earlier | None,
) -> Analysis:
    """Judge an analysis again and put the result into a folder."""
    pose = before.pose
    options = JobOptions(pose.backend, pose.every, video=False, judging=judging, pose=pose.options)
    job = job_id(before.source.sha256, out, options)
    analysis = replace(judge_again(before, judging, model), job=job)
    check_out(out.parent)
    now_s = time.time()
    with staging(out, job) as folder:
        write_data(analysis, {}, folder, now_s, earlier)
        publish(folder, out, manifest_of(analysis, options, now_s, rescored=True))
    return analysis
