"""What an engine is to the rest of the pose service."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.pose.weights.files import hash_of
from shared.data.skeleton import F32

#: What a network is given: float32 in its own layout, or uint8 pictures (see `ImageInput`).
Batch = NDArray[np.float32] | NDArray[np.uint8]

#: Precision → what a processor must be able to do to gain by it, in OpenVINO's words. Here and not
#: with its engine, because importing OpenVINO takes a third of a second.
OPENVINO_PRECISIONS = {"f32": "FP32", "bf16": "BF16", "int8": "INT8"}


@dataclass(frozen=True)
class ImageInput:
    """How pictures become a network's input; the engine then does it, on its device.

    A quarter of the bytes goes to the device, and the processor has nothing to convert.

    Args:
        scale: what a value 0..255 is multiplied by.
        channels_first: whether the network takes (n, 3, height, width), not (n, height, width, 3).
    """

    scale: float
    channels_first: bool = True

    def applied(self, batch: Batch) -> F32:
        """The network's own input for pictures, made here: for what no engine does."""
        scaled = np.asarray(batch, np.float32) * np.float32(self.scale)
        turned = scaled.transpose(0, 3, 1, 2) if self.channels_first else scaled
        return np.ascontiguousarray(turned)

    @property
    def dtype(self) -> type[np.uint8]:
        """Type of the pictures' values."""
        return np.uint8


class Engine(Protocol):
    """One network, compiled for one device. What it gives depends on what it is given alone."""

    @property
    def about(self) -> str:
        """What computes: library, version, device, precision, weights; for the record of a job."""
        ...

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the network's outputs, in the order of what `infer` returns."""
        ...

    @property
    def batch(self) -> int:
        """How many pictures are worth running together."""
        ...

    def infer(self, batch: Batch) -> list[F32]:
        """Outputs of the network for its one input, in the network's order.

        Args:
            batch: float32 as the network takes it; or, where the engine was made with `ImageInput`,
                uint8 (n, height, width, 3).

        Returns:
            Arrays that the next call may overwrite.

        Raises:
            DeviceError: what it runs on fails; another process may fare better.
        """
        ...


def int8_file(model: Path) -> Path:
    """Where the quantised form of a network lies: beside it."""
    return model.with_name(f"{model.name}.int8.xml")


def weights_of(model: Path) -> str:
    """A network's weights for the record of a job: the first digits of their file's SHA-256.

    OpenVINO's own networks (.xml) have theirs in a file beside.

    Raises:
        ModelError: the file cannot be read.
    """
    file = model.with_suffix(".bin") if model.suffix == ".xml" else model
    return f"weights {hash_of(file, 'SHA-256')[:12]}"


def input_of(batch: Batch, pictures: ImageInput | None) -> NDArray[Any]:
    """A batch as the engine's library takes it: of the right type, in one piece of memory."""
    return np.ascontiguousarray(batch, np.float32 if pictures is None else pictures.dtype)
