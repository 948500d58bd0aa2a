"""int8 forms of networks that are still to be judged: run by this process alone, from elsewhere."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from services.pose.engines.interface import int8_file

_ON_TRIAL: ContextVar[Mapping[Path, Path] | None] = ContextVar("on_trial", default=None)


@contextmanager
def trying(files: Mapping[Path, Path]) -> Iterator[None]:
    """Within the block, engines that are loaded in int8 run these: network → its int8 form."""
    token = _ON_TRIAL.set(files)
    try:
        yield
    finally:
        _ON_TRIAL.reset(token)


def int8_form(model: Path) -> Path:
    """The file that the precision int8 runs for a network: the one on trial, or that beside it."""
    return (_ON_TRIAL.get() or {}).get(model, int8_file(model))
