"""What changes the poses that are found; it travels with a job and with each of its chunks."""

from dataclasses import dataclass, fields

from shared.errors import UsageError

#: Height of the picture that OpenPose's networks look at; OpenPose's own default.
POSE_HEIGHT_PX = 368

#: The networks' maps are an eighth of their input: the height is a multiple of this.
_STEP_PX = 8

#: Below, a lifter who fills half of the picture has joints a cell apart.
_MIN_HEIGHT_PX, _MAX_HEIGHT_PX = 96, 1472

#: The deepest network of the family has six.
_MAX_STAGES = 6

#: How the command line names what is not named `--pose-…` after its field.
_FLAGS = {
    "height_px": "--pose-height",
    "auto_stages": "--pose-stages auto",
    "original": "--original",
}


@dataclass(frozen=True, slots=True)
class PoseOptions:
    """How poses are found, where a backend leaves a choice; the defaults suit every backend.

    height_px: of the picture that the network looks at. stages: how many of the network's are run;
    0 for the backend's usual number. original: look as the original program did, for comparison.
    region: look only around the people of the frames before, where there are any.
    """

    height_px: int = POSE_HEIGHT_PX
    stages: int = 0
    original: bool = False
    region: bool = False
    auto_stages: bool = False

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
