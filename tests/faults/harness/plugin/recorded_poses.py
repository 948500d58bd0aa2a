"""A pose backend for the fault harness: replays what a real one saw in the same pictures.

The harness records `movenet-fast` once (`faults.harness.clips`). Replaying takes no processor time,
so that a whole deployment fits on two cores; each look lasts as long as the network's would.

Pictures of one colour are poison: they end or hang the process, as a picture may that meets a bug
in a decoder or a driver.
"""

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from services.pose.backends import Plugin, TimedImage
from services.pose.runtime import Runtime
from shared.data import codec
from shared.data.messages import KeypointChunk, Person
from shared.data.pose_options import PoseOptions

#: Folder of the recordings.
FOLDER = "COACH_SOAK_RECORDINGS"

#: A file: the process that finds it deletes it, and stops in the middle of its chunk.
HOLD = "COACH_SOAK_HOLD"

#: Duration of one look, in seconds: movenet-fast on one core of a laptop.
_LOOK_S = 0.05

#: Colours of the poison, BGR, and how far a JPEG may be off.
KILLS, HANGS = (255, 0, 255), (255, 255, 0)
_TOLERANCE = 12


def key_of(image: np.ndarray) -> str:
    """Identity of a picture."""
    return hashlib.sha256(image.tobytes()).hexdigest()[:16]


class RecordedPoses:
    """Replays the people of each picture."""

    engine = "recorded"

    def __init__(self, folder: Path) -> None:
        self._people: dict[str, tuple[Person, ...]] = {}
        for keys in sorted(folder.glob("*.keys")):
            chunk = codec.unpack(keys.with_suffix(".poses").read_bytes(), KeypointChunk)
            people = (frame.people for frame in chunk.frames)
            self._people |= dict(zip(json.loads(keys.read_text()), people, strict=True))

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield the recorded people; nobody in a picture that was not recorded."""
        for image, _time_s in images:
            if _is(image, KILLS):
                os.kill(os.getpid(), signal.SIGKILL)
            while _is(image, HANGS):
                time.sleep(1)
            time.sleep(_LOOK_S)
            _stop_if_asked()
            yield self._people.get(key_of(image), ())


def _stop_if_asked() -> None:
    with suppress(FileNotFoundError):
        os.unlink(os.environ.get(HOLD, ""))
        os.kill(os.getpid(), signal.SIGSTOP)


def _is(image: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.all(np.abs(image.reshape(-1, 3).mean(0) - colour) < _TOLERANCE))


def _load(_runtime: Runtime, _options: PoseOptions) -> RecordedPoses:
    return RecordedPoses(Path(os.environ[FOLDER]))


PLUGIN = Plugin(_load)
