"""What can be rendered: the set, its style and its fault, and who else is there. Pure."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from synthetic.timing import RepTimes, Timing

#: Turn of the camera from straight at the side, degrees.
VIEWS = {"side": 10.0, "oblique": 25.0, "front": 85.0}

#: The faults that can be injected, and what their severity says.
FAULTS = {
    "hips_shoot_up": "deg: the trunk leans so much further forward in the pull than at its start",
    "stiff_legged": "deg: elevation of the thighs above horizontal at the start (too high)",
    "squatted": "deg: elevation of the thighs above horizontal at the start (too low)",
    "rounded_back": "deg: bend between lower and upper half of the trunk",
    "bar_drifts": "trunk lengths: the bar is so much further forward in the pull than at its start",
    "incomplete_lockout": "deg: the hips stay so short of straight at the top (the knees, half)",
    "leaning_back": "deg: the trunk leans back at lockout",
    "bent_arms": "deg: the elbows are short of straight",
    "heels_lift": "deg: pitch of the feet, heels above toes, at its maximum in the pull",
    "hitching": "s: the bar is slower than 15 % of its mean speed in mid-pull",
    "neck_craned": "deg: neck and head are bent back beyond where a good lifter holds them",
}


@dataclass(frozen=True)
class Lift:
    """A set as it is rendered.

    fps, width_px, height_px: of the film. turn_deg: the camera's, instead of the view's.
    facing: the way the lifter looks in the picture, unless seen from the front.
    fault, severity: one of `FAULTS`, in all reps, in its unit there; "" for a correct set.
    bystanders: people who stand about; the first is nearer and larger than the lifter, the
    second moves the arms. walk_in: the lifter walks up to the bar before the set, and away after.
    partial: the clip begins in the middle of the first pull, or ends in the middle of the last.
    second_lifter: another, correct set goes on beside (`second_of`), and the camera shows both.
    tempo: how long everything takes, against the usual. delay_s: waiting before the first rep.
    """

    reps: int = 3
    fps: float = 30.0
    width_px: int = 1280
    height_px: int = 960
    view: Literal["side", "oblique", "front"] = "oblique"
    facing: Literal["right", "left"] = "right"
    turn_deg: float | None = None
    style: Literal["conventional", "sumo", "romanian"] = "conventional"
    fault: str = ""
    severity: float = 0.0
    bystanders: int = 0
    walk_in: bool = False
    partial: Literal["", "start", "end"] = ""
    second_lifter: bool = False
    tempo: float = 1.0
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        if self.fault and self.fault not in FAULTS:
            raise ValueError(f"no fault {self.fault!r}; there are {', '.join(FAULTS)}")

    def amount(self, fault: str) -> float:
        """Severity of one fault: 0 unless it is the injected one."""
        return self.severity if fault == self.fault else 0.0

    @cached_property
    def timing(self) -> Timing:
        """The set's clock."""
        return Timing(
            self.reps, self.tempo, self.delay_s, self.amount("hitching"), self.walk_in, self.partial
        )

    @property
    def camera_turn_deg(self) -> float:
        """How far the camera is turned from straight at the side towards the front."""
        return VIEWS[self.view] if self.turn_deg is None else self.turn_deg

    @property
    def frames(self) -> int:
        """How many frames the set takes."""
        return round(self.duration_s * self.fps)

    @property
    def duration_s(self) -> float:
        """Length of the clip."""
        begin, end = self.timing.cut_s
        return end - begin


def reps_s(lift: Lift) -> list[RepTimes]:
    """The true reps of a set, in seconds of the clip."""
    return lift.timing.reps_s()


def second_of(lift: Lift) -> Lift:
    """The set of the second lifter: correct, one rep fewer, slower, and beginning later."""
    return replace(
        lift,
        reps=max(lift.reps - 1, 1),
        fault="",
        severity=0.0,
        bystanders=0,
        walk_in=False,
        partial="",
        second_lifter=False,
        tempo=1.2,
        delay_s=1.1,
    )
