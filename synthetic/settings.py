"""What can be rendered: the set, its style and fault, the camera, and other people. Pure."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from synthetic.timing import RepTimes, Timing

#: Turn of the camera from the side towards the front for each view, degrees.
VIEWS = {"side": 10.0, "oblique": 25.0, "front": 85.0}

#: The faults that can be injected: unit and meaning of the severity.
FAULTS = {
    "hips_shoot_up": "deg: increase of the trunk's forward lean from the start of the pull",
    "stiff_legged": "deg: elevation of the thighs above horizontal at the start (too high)",
    "squatted": "deg: elevation of the thighs above horizontal at the start (too low)",
    "rounded_back": "deg: bend between lower and upper half of the trunk",
    "bar_drifts": "trunk lengths: forward motion of the bar from the start of the pull",
    "incomplete_lockout": "deg: bend left in the hips at the top (half of it in the knees)",
    "leaning_back": "deg: backward lean of the trunk at lockout",
    "bent_arms": "deg: bend of the elbows",
    "heels_lift": "deg: maximum pitch of the feet in the pull, heels above toes",
    "hitching": "s: time for which the bar is slower than 15 % of its mean speed in mid-pull",
    "neck_craned": "deg: backward bend of neck and head beyond that of a correct lift",
}

#: What can be covered through a whole set, and how. Positions stay those of the uncovered set.
COVERS = {
    "legs": "a wall before the legs below the knees; from side and oblique, hands and bar are seen",
    "hands": "a post before each hand, nearer than the plates",
    "plate": "a post before the front half of the near plate",
    "head": "a black square over the head and neck, which goes with them",
    "bottom": "a band over all below the knees: on the floor, hands and plates too",
    "top": "a band over all above the standing shoulders: the head is cut off at lockout",
}


@dataclass(frozen=True)
class Lift:
    """A set as it is rendered.

    Attributes:
        reps: repetitions.
        fps: frames per second of the clip.
        width_px: width of the picture.
        height_px: height of the picture.
        view: side from which the camera sees the lifter.
        facing: side of the picture that the lifter faces, unless seen from the front.
        turn_deg: turn of the camera, instead of the view's.
        style: style of the deadlift.
        fault: one of `FAULTS`, in all reps; "" for a correct set.
        severity: severity of the fault, in its unit in `FAULTS`.
        bystanders: number of people who stand by; the first is nearer and larger than the lifter,
            the second moves the arms.
        walk_in: the lifter walks up to the bar before the set, and away afterwards.
        partial: the clip begins in the middle of the first pull, or ends in that of the last.
        second_lifter: another person lifts beside the lifter (`second_of`), and the camera shows
            both.
        tempo: duration of every part, relative to the usual.
        delay_s: waiting before the first rep, seconds.
        exercise: "deadlift", or what is done instead, without a bar, for as long as the set would
            take: "walking", or one of `synthetic.exercises.EXERCISES`.
        fails_at: fraction of the way up at which the last pull fails and the bar goes back down;
            1 in a set without a failure.
        covered: names of `COVERS`: what hides a part of the lifter in all frames.
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
    exercise: str = "deadlift"
    covered: tuple[str, ...] = ()
    fails_at: float = 1.0

    def __post_init__(self) -> None:
        if self.fault and self.fault not in FAULTS:
            raise ValueError(f"no fault {self.fault!r}; there are {', '.join(FAULTS)}")
        if unknown := [name for name in self.covered if name not in COVERS]:
            raise ValueError(f"no cover {unknown[0]!r}; there are {', '.join(COVERS)}")

    def severity_of(self, fault: str) -> float:
        """Severity of a fault: 0 unless it is the injected one."""
        return self.severity if fault == self.fault else 0.0

    @cached_property
    def timing(self) -> Timing:
        """The times of the set's parts."""
        hitch_s = self.severity_of("hitching")
        return Timing(
            self.reps,
            self.tempo,
            self.delay_s,
            hitch_s,
            self.walk_in,
            self.partial,
            self.fails_at,
        )

    @property
    def camera_turn_deg(self) -> float:
        """Turn of the camera from the side towards the front, degrees."""
        return VIEWS[self.view] if self.turn_deg is None else self.turn_deg

    @property
    def frames(self) -> int:
        """Number of frames of the clip."""
        return round(self.duration_s * self.fps)

    @property
    def duration_s(self) -> float:
        """Duration of the clip, seconds."""
        begin, end = self.timing.cut_s
        return end - begin


def reps_s(lift: Lift) -> list[RepTimes]:
    """The true boundaries of each rep, in seconds of the clip; a failed pull is none."""
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
        covered=(),
        fails_at=1.0,
        tempo=1.2,
        delay_s=1.1,
    )
