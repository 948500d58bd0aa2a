"""`coach analyze --rescore`: judge stored keypoints again, without videos and pose stage."""

import json
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from coach.cli.submission import check_out
from services.scorer.analysis import LifterObservations, judge
from services.scorer.score import posture_model
from services.scorer.score.posture_model import PostureModel
from services.writer import report
from services.writer.publish import MANIFEST, MANIFEST_SCHEMA, publish, staging
from services.writer.tables import (
    PoseRecord,
    SourceRecord,
    analysis_document,
    analysis_json,
    frames_csv,
)
from shared.data.messages import Analysis
from shared.data.pose_options import PoseOptions
from shared.data.recording import measured_of
from shared.errors import UsageError
from shared.queue.jobs import JobOptions, job_id

#: An analysis of an hour at 30 frames a second takes about 200 MB.
_MAX_BYTES = 2**30

#: Where the results go when no --out is given: beside the analysis, which stays as it is.
_FOLDER = "rescored"

#: Options that judging depends on, and that stay those of the first time where none are given.
JUDGING = ("plate_mm", "height_cm", "smooth_hz")


def run(
    paths: Sequence[Path],
    out: Path | None,
    options: JobOptions,
    model_path: Path | None,
    as_json: bool,
    given: Collection[str] = JUDGING,
) -> int:
    """Judge stored analyses again and write new ones; the exit status.

    Args:
        paths: `analysis.json` files of this version.
        out: each result goes into a folder of its clip's name below it; by default into `rescored`
            beside the analysis.
        options: plate, height and smoothing as they are to be now.
        model_path: a posture model; the shipped one if None.
        as_json: put one JSON document on stdout.
        given: those of `JUDGING` that were asked for. The others stay as the manifest beside the
            analysis has them, if there is one: in an archive each lifter has a height.

    Raises:
        UsageError: a file cannot be read, or is no analysis of this version.
    """
    model = posture_model.chosen(model_path)
    outcomes = []
    for path in paths:
        started_s = time.perf_counter()
        document = _read(path)
        folder = path.resolve().parent
        target = folder / _FOLDER if out is None else out / folder.name
        if target.resolve() == folder:
            raise UsageError(f"{target} holds the analysis itself; choose another --out")
        now = _as_before(options, path, given)
        analysis = rescored(document, path, now, model)
        _write(document, analysis, target, now)
        took_s = time.perf_counter() - started_s
        frames = len(analysis.lifter.frames)
        print(f"{path}: {frames} frames in {took_s:.2f} s → {target}", file=sys.stderr)
        score = analysis.lifter.score
        outcomes.append(
            {
                "source": document["source"]["path"],
                "out": str(target),
                "score": round(score, 4) if np.isfinite(score) else None,
                "reps": len(analysis.lifter.reps),
            }
        )
    if as_json:
        print(json.dumps(outcomes, indent=2))
    return 0


def rescored(
    document: dict[str, Any], path: Path, options: JobOptions, model: PostureModel
) -> Analysis:
    """The analysis of a stored document's keypoints; `path` is for errors."""
    try:
        options = replace(options, pose=PoseOptions(**document["pose"].get("options", {})))
        listed = [document["frames"], *(other["frames"] for other in document["others"])]
        lifters = tuple(judge(_sighted(frames), options, model) for frames in listed)
        return Analysis(str(document["job"]), lifters, tuple(document["warnings"]))
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise UsageError(
            f"{path} is no analysis that can be judged again ({error}); analyse the clip anew"
        ) from error


def _sighted(frames: Sequence[dict[str, Any]]) -> LifterObservations:
    """One lifter's measured frames from their JSON."""
    measured = [measured_of(frame["measured"]) for frame in frames]
    return LifterObservations(
        index=np.array([frame["index"] for frame in frames], np.int64),
        time_s=np.array([frame["time_s"] for frame in frames], np.float64),
        shot=np.array([frame["shot"] for frame in frames], np.int64),
        people=tuple(person for person, _ in measured),
        plates_px=tuple(plates for _, plates in measured),
        pose_ms=np.array([frame["pose_ms"] for frame in frames], np.float64),
    )


def _as_before(options: JobOptions, path: Path, given: Collection[str]) -> JobOptions:
    """The options, those that were not given being what the analysis was made with."""
    manifest = path.resolve().parent / MANIFEST
    try:
        before = json.loads(manifest.read_bytes()).get("options") or {}
        kept = {n: float(before[n]) for n in JUDGING if n in before and n not in given}
    except FileNotFoundError:
        return options
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"{manifest} is damaged ({error}); remove it, and give plate and height anew"
        ) from error
    return replace(options, **kept)


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UsageError(f"{path} is larger than {_MAX_BYTES} bytes; no analysis is")
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no JSON ({error}); give an analysis.json") from error
    if not isinstance(document, dict) or "frames" not in document or "source" not in document:
        raise UsageError(f"{path} is no analysis.json of Coach")
    return document


def _write(document: dict[str, Any], analysis: Analysis, out: Path, options: JobOptions) -> None:
    source = SourceRecord(**document["source"])
    found = document["pose"]
    pose = PoseRecord(found["backend"], found["every"], options=found.get("options", {}))
    check_out(out.parent)
    again = analysis_document(analysis, source, pose)
    job = job_id(source.sha256, out, options)
    with staging(out, job) as folder:
        (folder / "analysis.json").write_text(analysis_json(again), "utf-8")
        (folder / "frames.csv").write_text(frames_csv(again), "utf-8")
        (folder / "report.html").write_text(report.render(again, analysis, source, {}), "utf-8")
        publish(
            folder,
            out,
            {
                "schema": MANIFEST_SCHEMA,
                "job": job,
                "created_s": time.time(),
                "source": {"path": source.path, "sha256": source.sha256},
                "options": {name: getattr(options, name) for name in JUDGING},
                "rescored": True,
                "frames": {"source": source.frames, "analysed": len(analysis.lifter.frames)},
            },
        )
