"""Description of OpenPose's network: its layers, their order and their channels.

Cao et al., "Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields" (2017): the first
ten layers of VGG-19 and two more give features at 1/8 of the image's size. Each stage then has two
branches, L1 for part affinity fields and L2 for heat maps; each stage after the first takes the
features and the maps of the stage before. The layouts MPI and COCO differ only in the number of
maps. BODY_25 is another architecture (dense blocks, PReLU, fields before heat maps) and is not
supported.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.errors import UsageError

#: Version of the converted network's format. Raised when the conversion of the same weights gives
#: another file.
VERSION = 1

#: Features, an input of every stage: name of their layer, and channels.
FEATURES, FEATURE_CHANNELS = "conv4_4_CPM", 128

#: Output channels of each layer, by block of the backbone, by definition of the published network;
#: pooling halves the size after each block but the last. Layers are named conv<block>_<number>,
#: except those that OpenPose added.
_BACKBONE = ((64, 64), (128, 128), (256, 256, 256, 256), (512, 512, 256, 128))
_ADDED = {"conv4_3": "conv4_3_CPM", "conv4_4": FEATURES}

#: Layers of a branch, by definition of the published network: kernel size and output channels; 0
#: channels stand for the maps, at the end.
_FIRST_STAGE = ((3, 128), (3, 128), (3, 128), (1, 512), (1, 0))
_LATER_STAGE = ((7, 128), (7, 128), (7, 128), (7, 128), (7, 128), (1, 128), (1, 0))

#: Stages of the published networks, by their definition; any number of them can be run, beginning
#: with the first.
MAX_STAGES = 6


@dataclass(frozen=True)
class Layout:
    """Numbers of maps of a trained network; one heat map is of the background."""

    name: str
    heatmaps: int
    fields: int


LAYOUTS = {
    layout.name: layout
    for layout in (Layout("mpi", heatmaps=16, fields=28), Layout("coco", heatmaps=19, fields=38))
}


@dataclass(frozen=True)
class Conv:
    """A convolution of stride 1 that keeps the size; with `pooled`, its input is halved first."""

    name: str
    bottom: str
    inputs: int
    outputs: int
    kernel: int
    relu: bool = True
    pooled: bool = False

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of its kernels and of its biases."""
        return (self.outputs, self.inputs, self.kernel, self.kernel), (self.outputs,)


@dataclass(frozen=True)
class Stage:
    """One stage: its two branches, each ending in the layer that outputs its maps."""

    number: int
    fields: tuple[Conv, ...]
    heatmaps: tuple[Conv, ...]

    @property
    def convolutions(self) -> tuple[Conv, ...]:
        """Convolutions of both branches."""
        return self.fields + self.heatmaps


def layout_of(name: str) -> Layout:
    """The layout of this name.

    Raises:
        UsageError: there is none; the message lists the known ones.
    """
    if name not in LAYOUTS:
        raise UsageError(f"no OpenPose layout {name!r}; there are: {', '.join(sorted(LAYOUTS))}")
    return LAYOUTS[name]


def backbone() -> Iterator[Conv]:
    """The layers that compute the features from `image`."""
    bottom, inputs = "image", 3
    for block, widths in enumerate(_BACKBONE, start=1):
        for number, outputs in enumerate(widths, start=1):
            name = f"conv{block}_{number}"
            name = _ADDED.get(name, name)
            pooled = number == 1 and block > 1
            yield Conv(name, bottom, inputs, outputs, kernel=3, pooled=pooled)
            bottom, inputs = name, outputs


def stages_of(layout: Layout, count: int) -> list[Stage]:
    """The first `count` stages.

    Raises:
        UsageError: the network has fewer stages.
    """
    if not 1 <= count <= MAX_STAGES:
        raise UsageError(f"an OpenPose network has 1 to {MAX_STAGES} stages, not {count}")
    return [
        Stage(
            number,
            fields=tuple(_branch(layout, number, 1, layout.fields)),
            heatmaps=tuple(_branch(layout, number, 2, layout.heatmaps)),
        )
        for number in range(1, count + 1)
    ]


def stage_input(stage: int) -> str:
    """Name of a stage's input: the features, joined with the maps of the stage before if any."""
    return FEATURES if stage == 1 else f"concat_stage{stage}"


def _branch(layout: Layout, stage: int, branch: int, maps: int) -> list[Conv]:
    first = stage == 1
    bottom = stage_input(stage)
    inputs = FEATURE_CHANNELS if first else FEATURE_CHANNELS + layout.fields + layout.heatmaps
    layers: list[Conv] = []
    for number, (kernel, width) in enumerate(_FIRST_STAGE if first else _LATER_STAGE, start=1):
        name = f"conv5_{number}_CPM_L{branch}" if first else f"Mconv{number}_stage{stage}_L{branch}"
        layers.append(Conv(name, bottom, inputs, width or maps, kernel, relu=width > 0))
        bottom, inputs = name, width
    return layers
