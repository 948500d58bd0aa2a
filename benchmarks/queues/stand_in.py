"""A pose worker whose backend takes a fixed time for each frame, and sees nobody.

It is the real worker in all else. Run as a module, with the settings of a pose worker and

    STAND_IN_S     time for each frame, in seconds (it sleeps)
    STAND_IN_LOUD  1: print when a chunk is begun, not only the first
    STAND_IN_BARE  1: a chunk's pictures are not decoded either, and no plates are looked for

It prints a line when it is ready, and one with the time of the first frame that it looks at.
"""

import os
import time
from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from services.pose import worker as pose_worker
from services.pose.backends import TimedImage
from services.pose.worker import PoseWorker
from shared.data.messages import EncodedFrame, FramePoses, Person
from shared.queue import keys, worker
from shared.queue.watchdog import Watchdog
from shared.settings import read_settings

#: Name of the backend, which is that of its stream.
BACKEND = "stand-in"

#: Grey levels of a thumbnail.
_THUMBNAIL = np.zeros(48, np.float32)


class StandIn:
    """Sees nobody, after a while."""

    engine = "stand-in"

    def __init__(self, frame_s: float) -> None:
        self._frame_s = frame_s
        self._has_begun = False
        self._is_loud = os.environ.get("STAND_IN_LOUD") == "1"

    def people(self, images: Sequence[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Look at frames."""
        self._has_begun &= not self._is_loud
        for _ in images:
            self.look()
            yield ()

    def look(self) -> None:
        """Look at one frame."""
        if not self._has_begun:
            self._has_begun = True
            print(f"first {time.time()}", flush=True)
        if self._frame_s:
            time.sleep(self._frame_s)


def _bare_poses(
    backend: StandIn, frames: Sequence[EncodedFrame], *_: object
) -> Iterator[FramePoses]:
    for frame in frames:
        backend.look()
        yield FramePoses(frame.index, frame.time_s, (), (), _THUMBNAIL, float("nan"))


def main() -> None:
    """Run until stopped."""
    cv2.setNumThreads(1)
    settings = read_settings(backend=BACKEND)
    if os.environ.get("STAND_IN_BARE") == "1":
        pose_worker.find_poses = _bare_poses  # type: ignore[assignment]
    backend = StandIn(float(os.environ["STAND_IN_S"]))
    context = worker.start_worker_context("pose", settings)
    consumer = worker.join(context, keys.frames(BACKEND), keys.POSE_GROUP)
    pose = PoseWorker(lambda _: backend, consumer, context.store, Watchdog(settings.hang_s))
    print("ready", flush=True)
    worker.consume(context, consumer, pose.handle, skip=pose.skip)


if __name__ == "__main__":
    worker.run(main)
