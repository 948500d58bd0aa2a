"""OpenPose's network in pieces, so that a picture need not go through all stages of it.

When a picture is done with is `services.pose.openpose.early_exit`'s to say.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.pose import engines
from services.pose.engines import Engine, ImageInput
from services.pose.openpose.backend import Image
from services.pose.openpose.early_exit import Maps
from shared.data.skeleton import F32
from shared.errors import UsageError
from shared.settings import Settings

#: Said wherever the two are asked for together.
INT8_NEEDS_A_NUMBER = (
    "--pose-stages auto does not go with int8, which is made for a number of stages: give one with "
    "--pose-stages N, or choose another --precision"
)


class StagedNetwork:
    """A network in pieces: the first has the body and the first stages, the others a stage each.

    The first takes pictures and gives what its last stage but one found, float32 (n, fields + heat
    maps, h/8, w/8), and a state: the same of its last stage with the features, float32 (n, fields +
    heat maps + features, h/8, w/8). A later piece takes such a state, and gives its fields and heat
    maps alone.
    """

    def __init__(self, pieces: Sequence[Engine], fields: int, heatmaps: int) -> None:
        """Join pieces in their order; `fields` and `heatmaps` are numbers of channels."""
        self._pieces, self._fields, self._maps = pieces, fields, fields + heatmaps
        self.batch = pieces[0].batch
        weights = (piece.about.rpartition(" ")[2] for piece in pieces[1:])
        self.engine = ", ".join([pieces[0].about, *weights])  # of which each piece has its own

    def stages(self, pictures: Image) -> Iterator[Maps]:
        """Yield the maps of stage after stage; see `openpose.Network.stages`."""
        first, *later = self._pieces
        before, state = first.infer(pictures)
        yield self._split(before)
        yield self._split(state)
        for piece in later:
            state[:, : self._maps] = piece.infer(state)[0]
            yield self._split(state)

    def _split(self, state: F32) -> Maps:
        return state[:, self._fields : self._maps], state[:, : self._fields]


def load_staged(
    files: Sequence[Path], threads: int, pictures: ImageInput, fields: int, heatmaps: int
) -> StagedNetwork:
    """Compile the pieces; for errors see `engines.load`."""
    first, *later = files
    pieces = [engines.load(first, threads, pictures), *(engines.load(p, threads) for p in later)]
    return StagedNetwork(pieces, fields, heatmaps)


def refuse_int8() -> None:
    """Refuse to look for int8 forms of pieces.

    Raises:
        UsageError: this process is to compute in int8.
    """
    if Settings().precision == "int8":
        raise UsageError(INT8_NEEDS_A_NUMBER)
