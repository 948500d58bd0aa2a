"""The result of a recording: its sets in one file and on one page. Each set has its own result."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from services.writer import report
from services.writer.lifters import name_lifters
from services.writer.looks import looks_of
from services.writer.publish import is_published, publish, remove_staged, staging
from services.writer.removal import remove_result, result_in
from services.writer.results import ANALYSIS, REPORT, SETS, library_versions
from shared.data import document
from shared.data.analysis import Analysis
from shared.data.manifest import FrameCounts, Manifest, ManifestSource
from shared.data.sets import NoLift, RecordingSets, SetRecord
from shared.errors import CoachError, OutputError
from shared.media.clock import began
from shared.media.limits import SourceLimits, allowed_folder, check_unmoved
from shared.media.recording import Recording
from shared.names import readable
from shared.queue.job import ACTIVE, Job
from shared.queue.patience import wait
from shared.queue.sets import looked_at, sets_of
from shared.queue.task_run import TaskRun

#: Time for which the clip of a part without a lift is kept once its job has ended, in seconds: a
#: server may forget its last second (`appendfsync everysec`), and has the job done again then.
_KEEP_CLIPS_S = 2.0


def is_lift(analysis: Analysis) -> bool:
    """Whether anybody lifts in a set, or tries to."""
    return any(lifter.reps or lifter.attempts for lifter in analysis.lifters)


def remove_no_lift(run: TaskRun) -> None:
    """Remove what was kept of the parts of a recording that show no lift, once it is written.

    Only then nobody needs their clips any more: a decoder that looks at a part again cuts them
    again, and a server that has lost its last second has their jobs done again.
    """
    passed = [one for one in sets_of(run.client, run.store, run.job.id) if not _has_result(one)]
    if not passed:
        return
    ended_s = max(one.progress_s for one in passed)
    wait(min(max(0.0, ended_s + _KEEP_CLIPS_S - time.time()), _KEEP_CLIPS_S), run.lease.check)
    for one in passed:
        _pass_over(one, run.settings.out_roots)


def _pass_over(job: Job, roots: Sequence[Path]) -> None:
    """Remove what was kept of a part that shows no lift: its clip, and its folder if it is empty.

    An earlier run with other options may have seen a lift there; that result goes too.
    """
    out = allowed_folder(Path(job.out), roots, "COACH_OUT_ROOTS")
    if (earlier := result_in(out)) is not None:
        remove_result(earlier)
    (out / Path(job.source).name).unlink(missing_ok=True)
    remove_staged(out, job.id)
    if out.is_dir() and not any(out.iterdir()):
        out.rmdir()


def _has_result(job: Job) -> bool:
    """Whether a set shows a lift, so that it has a result."""
    return is_published(Path(job.out), job.id, job.created_s)


def have_ended(run: TaskRun) -> bool:
    """Whether a recording was looked through, and all its sets have ended.

    A task may come too early: the monitor asks for the sets that are at work, and for whether the
    recording was looked through, one after the other; or the recording failed meanwhile, and goes
    on.
    """
    sets = sets_of(run.client, run.store, run.job.id)
    return bool(run.job.end_sent) and not any(one.state in ACTIVE for one in sets)


def are_known(run: TaskRun) -> bool:
    """Whether all sets of a recording are known that were found in it.

    The server may have lost one with its last second, or what is kept of it has expired.
    """
    state = looked_at(run.client, run.job.id)
    sets = sets_of(run.client, run.store, run.job.id)
    return state is not None and len(sets) >= state.sets


def write_sets(run: TaskRun, out: Path) -> None:
    """Write the result of a recording all of whose sets have ended.

    Raises:
        CoachError: one of them has no result.
    """
    job = run.job
    sets = sets_of(run.client, run.store, job.id)
    failed = [one for one in sets if one.state != "done"]
    if failed:
        raise _failure(job, failed, len(sets))
    kept = [one for one in sets if _has_result(one)]
    records, looks, analysed = [], [], 0
    engines: set[str] = set()
    start, clock, duration_s = _clock(run)
    limits = SourceLimits.of(run.settings, is_set=True)
    for one in kept:
        run.lease.check()
        analysis = _analysis_of(one)
        records.append(_record(one, analysis, start))
        looks.append(looks_of(analysis, Path(one.source), limits, run.lease.check))
        analysed += len(analysis.frames)
        engines.update(analysis.pose.engines)
    named = [
        replace(one, lifter=who) for one, who in zip(records, name_lifters(looks), strict=True)
    ]
    result = RecordingSets(
        job=job.id,
        source=ManifestSource(readable(job.source), job.sha256),
        duration_s=duration_s,
        starts_at=_text(start, 0.0),
        clock=clock,
        sets=tuple(named),
        no_lift=tuple(NoLift(from_s=one.from_s, to_s=one.to_s) for one in sets if one not in kept),
        warnings=_warnings(run),
    )
    manifest = Manifest(
        job=job.id,
        created_s=job.created_s,
        source=result.source,
        options=job.options,
        versions=dict(library_versions()),
        engines=tuple(sorted(engines)),
        frames=FrameCounts(job.frames, analysed),
    )
    remove_staged(out, job.id)
    with staging(out, job.id) as folder:
        run.lease.on_exit(lambda: shutil.rmtree(folder, ignore_errors=True))
        (folder / SETS).write_text(document.text_of(result), "utf-8")
        (folder / REPORT).write_text(report.render_sets(result), "utf-8")
        check_unmoved(out, run.settings.out_roots, "COACH_OUT_ROOTS")
        publish(folder, out, manifest, run.lease.check, run.lease.begin_final_step)


def _failure(job: Job, failed: Sequence[Job], count: int) -> CoachError:
    first = failed[0]
    return OutputError(
        f"{job.source}: {len(failed)} of {count} sets have no result, the first of them "
        f"{Path(first.out).name}: {first.error or first.state}; `coach retry` the recording"
    )


def _clock(run: TaskRun) -> tuple[datetime | None, str, float]:
    """When a recording began, where that comes from, and how long it is."""
    with Recording(Path(run.job.source), SourceLimits.of(run.settings)) as recording:
        duration_s = recording.duration_s
        return *began(recording.path, recording.creation_time, duration_s), duration_s


def _analysis_of(job: Job) -> Analysis:
    path = Path(job.out) / ANALYSIS
    try:
        return Analysis.from_json(path.read_bytes())
    except OSError as error:
        raise OutputError(
            f"{path}, the result of a set, cannot be read ({error.strerror}); submit the recording "
            "again with --force"
        ) from error


def _record(job: Job, analysis: Analysis, start: datetime | None) -> SetRecord:
    summary = analysis.summary
    headline = report.headline_of(analysis)
    return SetRecord(
        folder=Path(job.out).name,
        from_s=job.from_s,
        to_s=job.to_s,
        starts_at=_text(start, job.from_s),
        lifter="",
        headline="; ".join(part for part in (headline.title, headline.detail) if part),
        reps=sum(lifter.summary.reps for lifter in analysis.lifters),
        partial_reps=sum(lifter.summary.partial_reps for lifter in analysis.lifters),
        score=summary.score,
        score_interval=summary.score_interval,
        verdict=summary.verdict,
        faults=summary.faults,
    )


def _text(start: datetime | None, after_s: float) -> str:
    return "" if start is None else (start + timedelta(seconds=after_s)).isoformat("T", "seconds")


def _warnings(run: TaskRun) -> tuple[str, ...]:
    state = looked_at(run.client, run.job.id)
    if state is None or not state.skipped:
        return ()
    return (f"{state.skipped} looks, one a second, could not be taken: a set there may be missing",)
