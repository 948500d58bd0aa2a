"""A pose worker whose backend does what the brightness of a picture tells it to.

It is the real worker in all else. Run as a script, with the settings of a pose worker.
"""

import os
import signal
import sys
import time

from services.pose.worker import PoseWorker
from shared.queue import keys, worker
from shared.queue.watchdog import Watchdog
from shared.settings import read_settings

#: Brightness of a picture → what looking at it does.
CALM, KILLS, HANGS, TAKES_A_SECOND, TAKES_LONG = 10, 60, 110, 160, 210

#: What the log says once the process looks at a picture.
LOOKS = "looks at a picture"


def look(brightness: int) -> None:
    print(LOOKS, file=sys.stderr, flush=True)
    if abs(brightness - KILLS) < 20:
        os.kill(os.getpid(), signal.SIGKILL)
    if abs(brightness - HANGS) < 20:
        while True:  # the thread that renews its claim goes on
            time.sleep(1)
    if abs(brightness - TAKES_A_SECOND) < 20:
        time.sleep(1)
    if abs(brightness - TAKES_LONG) < 20:
        for _ in range(60):
            time.sleep(1)


class Acting:
    engine = "actor"

    def people(self, images):
        for image, _ in images:
            look(int(image.mean()))
            yield ()


def main() -> None:
    settings = read_settings()
    context = worker.start_worker_context("pose", settings)
    consumer = worker.join(context, keys.frames(settings.backend), keys.POSE_GROUP)
    pose = PoseWorker(lambda _: Acting(), consumer, context.store, Watchdog(settings.hang_s))
    worker.consume(context, consumer, pose.handle, skip=pose.skip)


if __name__ == "__main__":
    worker.run(main)
