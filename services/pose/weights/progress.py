"""The progress bar of a download, on stderr: stdout is for `--json`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported where a file is fetched: pose workers show no bar
    from rich.progress import Progress, TaskID


@contextmanager
def download_bar(name: str, total: int | None = None) -> "Iterator[tuple[Progress, TaskID]]":
    """A bar for what is downloaded, and its task; `total` in bytes, if it is known."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with Progress("{task.description}", *columns, console=Console(file=sys.stderr)) as bar:
        yield bar, bar.add_task(name, total=total)
