"""What the user of a schedule wants."""

from dataclasses import dataclass, field

from faults.harness.clips import Clip

from shared.queue.job import Job


@dataclass
class Order:
    """A job that the user wants.

    Attributes:
        number: Its number in the schedule.
        clip: The clip.
        at_s: When it is submitted, in seconds of the schedule.
        job: The job, once it was submitted.
        submissions: How often it was submitted.
        ended: The job's record when it had ended.
        failures: The errors that were resolved by submitting it again.
        is_cancelled: Whether the user has cancelled it, or a set of it, and is going to resume it.
    """

    number: int
    clip: Clip
    at_s: float
    job: Job | None = None
    submissions: int = 0
    ended: Job | None = None
    failures: list[str] = field(default_factory=list)
    is_cancelled: bool = False

    def __str__(self) -> str:
        return f"job {self.number} ({self.clip.name})"
