"""The outcomes of jobs as `coach analyze` prints them: for people, and as JSON for scripts."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from coach.files import load, load_sets
from services.writer.report import headline_of
from services.writer.report.words import format_score
from shared.data import document
from shared.data.analysis import Analysis
from shared.data.sets import RecordingSets
from shared.names import readable
from shared.queue.job import Job


def print_outcomes(jobs: Sequence[Job], as_json: bool) -> None:
    """Print the outcome of each job: lines on stderr, and with `as_json` JSON on stdout."""
    ended = [outcome_of(job) for job in jobs]
    if as_json:
        print(json.dumps([outcome for outcome, _ in ended], indent=2))
    for outcome, notes in ended:
        name = outcome["source"]
        if outcome["state"] != "done":
            print(f"error: {name}: {outcome['error'] or outcome['state']}", file=sys.stderr)
            continue
        print(f"{name}: {outcome['said']} → {outcome['out']}", file=sys.stderr)
        for note in notes:
            print(f"  note: {note}", file=sys.stderr)


def outcome_of(job: Job) -> tuple[dict[str, Any], list[str]]:
    """The outcome of a job for scripts, and notes on the clip for people."""
    outcome: dict[str, Any] = {
        "job": job.id,
        "source": readable(job.source),
        "out": readable(job.out),
        "state": job.state,
        "error": job.error or None,
        "score": None,
        "score_interval": None,
        "verdict": "",
        "said": "",
        "warnings": [],
    }
    if job.state == "done" and job.kind == "recording":
        found = load_sets(job.out)
        return outcome | _said_of_sets(found), list(found.warnings)
    if job.state == "done":
        analysis = load(job.out)
        summary = document.dumped(analysis.summary)
        outcome |= {field: summary[field] for field in ("score", "score_interval", "verdict")}
        said = _said(analysis)
        outcome |= {"said": said, "warnings": summary["warnings"]}
        # As in the report: without a rep, how it was filmed matters to nobody.
        notes = analysis.summary.warnings if analysis.reps else analysis.warnings
        return outcome, [note for note in notes if note.lower() not in said.lower()]
    return outcome, []


def _said_of_sets(found: RecordingSets) -> dict[str, Any]:
    """What is said of a recording: how many sets, and the sets themselves for scripts."""
    sets = [document.dumped(one) for one in found.sets]
    reps = sum(one.reps for one in found.sets)
    counts = f"{len(sets)} set{'s' * (len(sets) != 1)}, {reps} rep{'s' * (reps != 1)}"
    said = counts if sets else "no set was found"
    return {"said": said, "sets": sets, "warnings": list(found.warnings)}


def _said(analysis: Analysis) -> str:
    """The report's headline in one line, and the score or why there is none."""
    headline = headline_of(analysis)
    parts = [headline.title, headline.detail[:1].lower() + headline.detail[1:]]
    if analysis.reps and not analysis.refusal:
        unscored = analysis.summary.unscored
        parts.append(unscored or f"score {format_score(analysis.summary)}")
    return "; ".join(part for part in parts if part)
