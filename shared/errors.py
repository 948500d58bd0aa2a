"""Every error that Coach raises on purpose.

    CoachError
    ├── Permanent            trying again gives the same result: the job fails
    │   ├── UsageError       the request cannot be fulfilled
    │   ├── SourceError      the video cannot be read
    │   ├── OutputError      the results cannot be written to their folder
    │   ├── ModelError       network weights or a posture model are missing, wrong or damaged
    │   ├── MessageError     bytes from a queue are not one of our messages
    │   └── PoisonError      a message ends, hangs or fails every worker that takes it
    └── Retryable            may pass: the queue delivers the work again
        ├── QueueError       Redis does not answer, or refuses a command
        ├── CapabilityError  this worker lacks what the work needs; another may have it
        └── DeviceError      the device that runs a network fails: the process ends and is restarted

A message says what happened, to which file or job, and what to do about it.
"""

from shared.names import readable


class CoachError(Exception):
    """Root of all errors raised on purpose. Its message is valid Unicode, whatever a file's name.

    Attributes:
        exit_status: Exit status of the command line: 2 where the user can correct the input, else
            1.
    """

    exit_status = 1

    def __init__(self, *args: object) -> None:
        super().__init__(*(readable(arg) if isinstance(arg, str) else arg for arg in args))


class Permanent(CoachError):
    """Trying again gives the same result; the job fails."""


class UsageError(Permanent):
    """An argument or a setting asks for something that cannot be done."""

    exit_status = 2


class SourceError(Permanent):
    """A video, GIF or image folder is missing, damaged, empty or outside the limits."""

    exit_status = 2


class OutputError(Permanent):
    """The output folder cannot be created or written, or the disk is full."""

    exit_status = 2


class ModelError(Permanent):
    """Network weights or posture-model coefficients are missing, wrong or damaged."""

    exit_status = 2


class MessageError(Permanent):
    """Bytes taken from a queue are not a message of this version."""


class PoisonError(Permanent):
    """A message ends, hangs or fails every worker that takes it."""


class Retryable(CoachError):
    """May pass by itself; the work is delivered again."""


class QueueError(Retryable):
    """Redis cannot be reached, or refuses a command."""

    exit_status = 2


class CapabilityError(Retryable):
    """A worker lacks what a message needs; the message is delivered again, to other workers too."""


class DeviceError(Retryable):
    """A device fails while a network runs on it: it is out of memory, or its driver restarts."""


def exit_status_of(kind: str) -> int:
    """Exit status for a failed job's stored error kind (the error's class name)."""
    for error in _family(CoachError):
        if error.__name__ == kind:
            return error.exit_status
    return CoachError.exit_status


def _family(root: type[CoachError]) -> list[type[CoachError]]:
    return [root, *(member for child in root.__subclasses__() for member in _family(child))]
