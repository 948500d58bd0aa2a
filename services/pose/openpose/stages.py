"""OpenPose's network in parts, so that an image can skip its last stages.

`services.pose.openpose.early_exit` decides after which stage an image is finished.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.pose import engines
from services.pose.engines import Engine, ImageInput
from services.pose.openpose.backend import Image
from services.pose.openpose.early_exit import Maps
from services.pose.runtime import Runtime
from shared.data.skeleton import F32
from shared.errors import UsageError

#: Message of the error for int8 together with `--pose-stages auto`.
INT8_NEEDS_A_NUMBER = (
    "--pose-stages auto does not go with int8, which is quantized for a number of stages: give one "
    "with --pose-stages N, or choose another --precision"
)


class StagedNetwork:
    """A network in parts: the first has the backbone and the first stages, the others a stage each.

    The first part takes images. It returns the maps of its last stage but one, float32 (n, fields +
    heat maps, h/8, w/8), and a state: the maps of its last stage together with the features,
    float32 (n, fields + heat maps + features, h/8, w/8). Each later part takes such a state and
    returns the fields and heat maps of its stage.
    """

    def __init__(self, parts: Sequence[Engine], fields: int, heatmaps: int) -> None:
        """Join parts in their order; `fields` and `heatmaps` are numbers of channels."""
        self._parts, self._fields, self._maps = parts, fields, fields + heatmaps
        self.batch_size = parts[0].batch_size
        labels = (part.description.rpartition(" ")[2] for part in parts[1:])
        self.engine = ", ".join([parts[0].description, *labels])  # each part has its own weights

    def stages(self, images: Image) -> Iterator[Maps]:
        """Yield the maps of stage after stage; see `openpose.backend.Network.stages`."""
        first, *later = self._parts
        before, state = first.infer(images)
        yield self._split(before)
        yield self._split(state)
        for part in later:
            state[:, : self._maps] = part.infer(state)[0]
            yield self._split(state)

    def _split(self, state: F32) -> Maps:
        return state[:, self._fields : self._maps], state[:, : self._fields]


def load_staged(
    files: Sequence[Path], runtime: Runtime, image_input: ImageInput, fields: int, heatmaps: int
) -> StagedNetwork:
    """Compile the parts of a network; for errors see `engines.load`."""
    first, *later = files
    parts = [
        engines.load(first, runtime, image_input),
        *(engines.load(part, runtime) for part in later),
    ]
    return StagedNetwork(parts, fields, heatmaps)


def refuse_int8(runtime: Runtime) -> None:
    """Refuse int8, because the parts of a network are not quantized.

    Raises:
        UsageError: the runtime's precision is int8.
    """
    if runtime.precision == "int8":
        raise UsageError(INT8_NEEDS_A_NUMBER)
