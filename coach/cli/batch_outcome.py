"""What `coach batch` says at its end."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from coach.archive.batch import Batch
from coach.archive.rows import Row
from coach.archive.summary import CSV, INDEX
from shared.errors import SourceError
from shared.names import readable_line

#: Most recordings without a result that are listed. Chosen: a screen; the summary has all.
_MAX_LISTED = 20

#: States of a recording without a result.
_STATES = ("failed", "cancelled", "unreadable", "waiting")


def say_interrupted(batch: Batch, is_deployment: bool, is_here: bool, is_watch: bool) -> None:
    """Say what is finished, what goes on, and how to go on; of a watch, what it has left.

    Args:
        batch: the batch.
        is_deployment: whether it uses a deployment that goes on running.
        is_here: whether recordings and results lie on this computer's disks.
        is_watch: whether the archive was followed, which has no other end.
    """
    goes_on = is_deployment and is_here
    without = len(batch.rows_without_result())
    ended = ((len(batch.rows) - without, "done"), (without, "not analysed"))
    left = (
        (len(batch.running), "still running" if goes_on else "stopped, to begin again"),
        (len(batch.waiting), "waiting"),
    )
    counts = left if is_watch else ended + left
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    if not is_watch:
        print(f"interrupted: {said}; run the same command to go on", file=sys.stderr)
    elif said:
        print(f"not finished: {said}; the same command goes on with that", file=sys.stderr)


def say_outcome(batch: Batch, out: str, rows: Sequence[Row], lacks_parquet: bool) -> int:
    """Say what became of the recordings.

    Args:
        batch: the batch.
        out: folder for the results, as it was given.
        rows: rows to print as JSON; none for text alone.
        lacks_parquet: whether the summary could not be written as Parquet.

    Returns:
        The exit status: 2 if a recording could not be read, 1 if a job failed, else 0.
    """
    without = batch.rows_without_result()
    states = Counter(row.state for row in without)
    done = len(batch.rows) - len(without)
    if rows:
        shown = [asdict(row) | {"thumbnail": ""} for row in rows]
        counts = {"done": done, "done_before": batch.done_before}
        counts |= {state: states[state] for state in _STATES}  # type: ignore[index]
        print(json.dumps({"out": out, **counts, "rows": shown}, indent=2))
    for row in without[:_MAX_LISTED]:
        print(readable_line(f"{row.state}: {row.recording}: {row.error}"), file=sys.stderr)
    if len(without) > _MAX_LISTED:
        print(f"… and {len(without) - _MAX_LISTED} more: see {CSV}", file=sys.stderr)
    if lacks_parquet:
        remedy = "pip install 'weightlifting-coach[parquet]'"
        print(f"note: no summary.parquet: {remedy}", file=sys.stderr)
    others = "".join(f", {count} {state}" for state, count in sorted(states.items()))
    before = f" ({batch.done_before} before)" if batch.done_before else ""
    print(f"{done} done{before}{others} → {out.rstrip('/')}/{INDEX}", file=sys.stderr)
    if states["unreadable"]:
        return SourceError.exit_status
    return 1 if states["failed"] or states["cancelled"] else 0
