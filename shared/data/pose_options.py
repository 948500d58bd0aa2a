"""Options that change the poses that are found; they travel with a job and each of its chunks."""

from dataclasses import dataclass, fields
from typing import Annotated

from shared.data.defaults import POSE_HEIGHT_PX
from shared.data.fields import Flag, Whole
from shared.errors import UsageError

#: Step of the height, in pixels: the networks' maps are an eighth of their input.
_STEP_PX = 8

#: Range of the height, in pixels. Below it, joints of a lifter who fills half of the picture are
#: one cell of the maps apart. Chosen maximum: four times OpenPose's default.
_MIN_HEIGHT_PX, _MAX_HEIGHT_PX = 96, 1472

#: Maximum stages: the deepest network of the family has six.
_MAX_STAGES = 6

#: Field → option of the command line, where that is not `--pose-` and the field's name.
_FLAGS = {
    "height_px": "--pose-height",
    "auto_stages": "--pose-stages auto",
    "original": "--original",
}


@dataclass(frozen=True, slots=True)
class PoseOptions:
    """How poses are found, where a backend leaves a choice; the defaults suit every backend.

    Attributes:
        height_px: Height of the picture that the network takes.
        stages: Number of the network's stages that are run; 0 for the backend's usual number.
        original: Whether poses are found as the original program did, for comparison.
        region: Whether only the surroundings of the people of the frame before are searched.
        auto_stages: Whether stages end as soon as a picture needs no more of them.
    """

    height_px: Annotated[int, Whole(1, unit="px")] = POSE_HEIGHT_PX
    stages: Annotated[int, Whole()] = 0
    original: Flag = False
    region: Flag = False
    auto_stages: Flag = False

    def __post_init__(self) -> None:
        low, high = _MIN_HEIGHT_PX, _MAX_HEIGHT_PX
        if not low <= self.height_px <= high or self.height_px % _STEP_PX:
            raise UsageError(
                f"--pose-height takes a multiple of {_STEP_PX} from {low} to {high}, "
                f"not {self.height_px}"
            )
        if not 0 <= self.stages <= _MAX_STAGES:
            raise UsageError(
                f"--pose-stages takes a whole number from 1 to {_MAX_STAGES}, "
                f"or 0 for the backend's own, not {self.stages}"
            )
        if self.auto_stages and self.stages:
            raise UsageError(f"--pose-stages takes auto or {self.stages}, not both")
        beside = [option_flag(name) for name in self.changed() if name != "original"]
        if self.original and beside:
            raise UsageError(f"--original has its own ways; leave out {', '.join(beside)}")

    def changed(self) -> dict[str, int | bool]:
        """The options that differ from the defaults."""
        return {f.name: at for f in fields(self) if (at := getattr(self, f.name)) != f.default}


def option_flag(name: str) -> str:
    """The command line's name of an option.

    >>> option_flag("height_px"), option_flag("region")
    ('--pose-height', '--pose-region')
    """
    return _FLAGS.get(name, f"--pose-{name}")
