"""The interface of an engine to the rest of the pose service."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.pose.weights.files import hash_of
from shared.data.skeleton import F32

#: Input of a network: float32 in the network's own layout, or uint8 images (see `ImageInput`).
Batch = NDArray[np.float32] | NDArray[np.uint8]

#: Precision → the capability that a processor needs to be faster in it, in OpenVINO's terms.
#: Defined here because importing OpenVINO takes a third of a second.
OPENVINO_PRECISIONS = {"f32": "FP32", "bf16": "BF16", "int8": "INT8"}


@dataclass(frozen=True)
class ImageInput:
    """How uint8 images become a network's input; the engine converts them on its device.

    Compared with float32 input a quarter of the bytes is copied to the device.

    Args:
        scale: factor applied to pixel values 0..255.
        channels_first: whether the network takes (n, 3, height, width) instead of
            (n, height, width, 3).
    """

    scale: float
    channels_first: bool = True

    def apply(self, batch: Batch) -> F32:
        """Convert images on the host, for code that runs no engine."""
        scaled = np.asarray(batch, np.float32) * np.float32(self.scale)
        ordered = scaled.transpose(0, 3, 1, 2) if self.channels_first else scaled
        return np.ascontiguousarray(ordered)

    @property
    def dtype(self) -> type[np.uint8]:
        """Type of the images' values."""
        return np.uint8


class Engine(Protocol):
    """One network, compiled for one device. The output depends on the input alone."""

    @property
    def description(self) -> str:
        """Library, version, device, precision and weights; recorded with each job."""
        ...

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the network's outputs, in the order in which `infer` returns them."""
        ...

    @property
    def batch_size(self) -> int:
        """Images per call at which the device is used well."""
        ...

    def infer(self, batch: Batch) -> list[F32]:
        """Run the network on its one input.

        Args:
            batch: float32 as the network takes it; uint8 (n, height, width, 3) where the engine was
                made with an `ImageInput`.

        Returns:
            The outputs, in the network's order. The next call may overwrite the arrays.

        Raises:
            DeviceError: the device failed; another process may succeed.
        """
        ...


def int8_file(model: Path) -> Path:
    """Path of a network's int8 form: beside the network."""
    return model.with_name(f"{model.name}.int8.xml")


def weights_label(model: Path) -> str:
    """A network's weights for the record of a job: the first digits of their file's SHA-256.

    OpenVINO's own networks (.xml) keep their weights in a .bin file beside them.

    Raises:
        ModelError: the file cannot be read.
    """
    file = model.with_suffix(".bin") if model.suffix == ".xml" else model
    return f"weights {hash_of(file, 'SHA-256')[:12]}"


def as_input_array(batch: Batch, image_input: ImageInput | None) -> NDArray[Any]:
    """A batch as the engines' libraries take it: of the right type and contiguous in memory."""
    return np.ascontiguousarray(batch, np.float32 if image_input is None else image_input.dtype)
