"""Memory of the server with a slow pose stage, fast decoders and many queued jobs.

    python -m benchmarks.queues.memory CLIP [--jobs 100] [--decoders 2] [--for-s 60]

The pose stage takes 2 s for a frame. The measurement ends once the server's memory stops growing,
or after --for-s seconds.
"""

import argparse
import time
from pathlib import Path

from benchmarks.queues.running import Running
from benchmarks.queues.stand_in import BACKEND
from shared.queue import keys
from shared.settings import Settings

#: Time without growth after which the memory counts as settled, in s. Chosen: decoders send
#: several chunks a second.
_SETTLED_S = 10.0


def main() -> None:
    """Measure, and print a line a second and the peak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--decoders", type=int, default=2)
    parser.add_argument("--for-s", type=float, default=60)
    parser.add_argument("--maxmemory", default="2gb")
    given = parser.parse_args()
    with Running("--maxmemory", given.maxmemory) as running:
        running.start_pose(2.0)
        running.start("scorer")
        for _ in range(given.decoders):
            running.start("decoder")
        running.wait_until_ready()
        base = used(running)
        running.submit(running.jobs(given.clip, given.jobs))
        peak, grown_s, began_s = base, time.monotonic(), time.monotonic()
        while time.monotonic() - began_s < given.for_s:
            now = used(running)
            if now > peak * 1.01:
                peak, grown_s = now, time.monotonic()
            if time.monotonic() - grown_s > _SETTLED_S and peak > 2 * base:
                break
            time.sleep(0.2)
        stream = keys.frames(BACKEND)
        chunks = running.client.xlen(stream)
        in_stream = running.client.memory_usage(stream, samples=0) or 0
        begun = sum(
            running.client.hget(keys.job(job_id), "state") == b"running"
            for job_id in running.store.active_ids()
        )
        window = given.decoders * Settings().window_chunks
        stored = in_stream / 2**20
        print(f"peak {peak / 2**20:.0f} MiB (base {base / 2**20:.0f}), settled after "
              f"{grown_s - began_s:.0f} s: {chunks} chunks of {begun} jobs in {stored:.0f} MiB; "
              f"{given.decoders} windows are {window} chunks")  # fmt: skip


def used(running: Running) -> int:
    """Memory of the server's data, in bytes."""
    return int(running.client.info("memory")["used_memory"])


if __name__ == "__main__":
    main()
