"""Records what networks are given while a backend works, to calibrate their int8 forms on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from services.pose.engines.interface import Batch, Engine, ImageInput, input_of
from shared.data.skeleton import F32

#: A network's ranges hardly change after so many inputs; more only take time and memory.
_MOST_INPUTS = 64


@dataclass
class Recorded:
    """A network, and the inputs that it was given: float32, in its own layout."""

    model: Path
    inputs: list[F32] = field(default_factory=list)


class Recorder:
    """An engine that keeps what it is given."""

    def __init__(self, engine: Engine, recorded: Recorded, pictures: ImageInput | None) -> None:
        self._engine, self._recorded, self._pictures = engine, recorded, pictures
        self.about, self.output_names = engine.about, engine.output_names
        self.batch = engine.batch

    def infer(self, batch: Batch) -> list[F32]:
        """See `Engine.infer`."""
        if len(self._recorded.inputs) < _MOST_INPUTS:
            given = input_of(batch, self._pictures)
            kept = given.copy() if self._pictures is None else self._pictures.applied(given)
            self._recorded.inputs.append(kept)
        return self._engine.infer(batch)


_RECORDS: ContextVar[list[Recorded] | None] = ContextVar("records", default=None)


@contextmanager
def recording() -> Iterator[list[Recorded]]:
    """Within the block, engines that are loaded run in float32 and fill the list."""
    records: list[Recorded] = []
    token = _RECORDS.set(records)
    try:
        yield records
    finally:
        _RECORDS.reset(token)


def is_recording() -> bool:
    """Whether engines that are loaded now are to be recorded."""
    return _RECORDS.get() is not None


def recorded(engine: Engine, model: Path, pictures: ImageInput | None) -> Engine:
    """The engine as one that is recorded."""
    record = Recorded(model)
    records = _RECORDS.get()
    if records is not None:
        records.append(record)
    return Recorder(engine, record, pictures)
