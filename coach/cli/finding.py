"""Result of one check of `coach doctor`."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """Result of one check.

    Args:
        area: group of the check, such as "models".
        name: what was checked.
        value: what was found.
        state: ok; note, if a job runs but something may be wanted; wrong, if no job can run.
        remedy: what to do about it; empty if nothing is necessary.
    """

    area: str
    name: str
    value: str
    state: State = "ok"
    remedy: str = ""
