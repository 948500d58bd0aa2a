"""Records the inputs of networks while a backend works, to calibrate their int8 forms."""

from dataclasses import dataclass, field
from pathlib import Path

from services.pose.engines.interface import Batch, Engine, ImageInput, as_input_array
from services.pose.engines.openvino_cpu import OpenVinoEngine
from services.pose.runtime import Runtime
from shared.data.skeleton import F32

#: Inputs kept per network. Chosen: value ranges hardly change after these, and more cost time and
#: memory.
_MAX_INPUTS = 64


@dataclass
class RecordedInputs:
    """A network and the inputs that it was given: float32, in the network's own layout."""

    model: Path
    inputs: list[F32] = field(default_factory=list)


class Recorder:
    """Loads engines that record their inputs; `load` is a `Runtime.engine_loader`."""

    def __init__(self) -> None:
        self.records: list[RecordedInputs] = []

    def load(self, model: Path, runtime: Runtime, image_input: ImageInput | None = None) -> Engine:
        """Compile a network in float32 on the processor, whatever the runtime asks for."""
        record = RecordedInputs(model)
        self.records.append(record)
        engine = OpenVinoEngine(model, runtime.threads, "f32", image_input)
        return RecordingEngine(engine, record, image_input)


class RecordingEngine:
    """An engine that keeps a copy of its inputs."""

    def __init__(
        self, engine: Engine, record: RecordedInputs, image_input: ImageInput | None
    ) -> None:
        self._engine, self._record, self._image_input = engine, record, image_input
        self.description, self.output_names = engine.description, engine.output_names
        self.batch_size = engine.batch_size

    def infer(self, batch: Batch) -> list[F32]:
        """See `Engine.infer`."""
        if len(self._record.inputs) < _MAX_INPUTS:
            data = as_input_array(batch, self._image_input)
            kept = data.copy() if self._image_input is None else self._image_input.apply(data)
            self._record.inputs.append(kept)
        return self._engine.infer(batch)
