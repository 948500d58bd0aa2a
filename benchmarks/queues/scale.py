"""What 1, 100 and 10,000 cameras take: sums from measured costs, and how evenly jobs spread. Pure.

    python -m benchmarks.queues.scale

Each assumption has its source beside. The table stands in docs/scale.md.
"""

import math
import random
import statistics
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from shared.queue.shards import url_of

#: Minutes of lifting in an hour of a camera. Chosen: an assumption, which decides nearly all.
LIFTING_MIN = 5.0

#: Frames a second that are sent to the pose stage. Chosen: what most cameras record.
FPS = 30.0

#: Busiest hour over the mean. Chosen: a gym that is empty at night.
PEAK = 3.0

#: Bytes into and out of the server, and its commands, for each frame sent. Measured:
#: `python -m benchmarks.queues.speed path`, pictures of 50 kB, chunks of 16 frames.
BYTES_IN, BYTES_OUT, COMMANDS = 50_796.0, 50_373.0, 2.51

#: Processor time of the queues for each frame, in s: client sides and server. Measured: the same.
QUEUE_S = 2 / 2182

#: Processor time of the services for each frame sent, in s. Measured: docs/performance.md, 720p
#: with AVX2: 17.1 s on 1.75 cores for 361 frames.
WORK_S = 17.1 * 1.75 / 361

#: Processor time of the gate for a second of recording, in s. Measured: docs/recordings.md, an
#: hour of 720p with motion in 1323 of its seconds.
GATE_S = 168 / 3600

#: Bytes a second that one server should move, both ways together. Chosen: half of a 10 Gbit/s line.
SERVER_BYTES_S = 625e6

#: Processor time of the server's one thread for a frame, in s. Measured: as `QUEUE_S`.
SERVER_S = 0.28e-3

#: How busy that thread may be. Chosen: above that, answers wait for each other.
SERVER_BUSY = 0.7

#: Price of a core for an hour, in $. Chosen: an assumption; put in what you pay.
CORE_HOUR = 0.04


@dataclass(frozen=True)
class Sums:
    """What some cameras take in the busiest hour, and in a month.

    Attributes:
        frames_s: Frames sent to the pose stage, per second.
        megabytes_s: Traffic of all servers, in MB/s.
        commands_s: Commands of all servers, per second.
        cores: Cores of all services.
        servers: Servers of Redis.
        month: Cost of the mean number of cores for 30 days, in $.
    """

    frames_s: float
    megabytes_s: float
    commands_s: float
    cores: float
    servers: int
    month: float


def sums(cameras: int) -> Sums:
    """The sums for a number of cameras that record all day."""
    mean_s = cameras * LIFTING_MIN / 60 * FPS
    frames_s = PEAK * mean_s
    bytes_s = frames_s * (BYTES_IN + BYTES_OUT)
    cores = frames_s * (WORK_S + QUEUE_S) + cameras * GATE_S
    mean_cores = mean_s * (WORK_S + QUEUE_S) + cameras * GATE_S
    servers = math.ceil(max(bytes_s / SERVER_BYTES_S, frames_s * SERVER_S / SERVER_BUSY))
    month = mean_cores * CORE_HOUR * 24 * 30
    return Sums(frames_s, bytes_s / 1e6, frames_s * COMMANDS, cores, servers, month)


def unevenness(servers: int, jobs: int, seed: int = 0) -> float:
    """Work of the busiest server over the mean, if jobs of 10 to 90 s are shared by their ids."""
    drawn = random.Random(seed)
    work = dict.fromkeys((f"redis://r{number}/0" for number in range(servers)), 0.0)
    for _ in range(jobs):
        work[url_of(f"{drawn.getrandbits(64):016x}", list(work))] += drawn.uniform(10, 90)
    return max(work.values()) / statistics.fmean(work.values())


def main() -> None:
    """Print both tables."""
    table = Table("cameras", "frames/s", "MB/s", "commands/s", "cores", "servers", "$ a month")
    for cameras in (1, 100, 10_000):
        one = sums(cameras)
        table.add_row(
            f"{cameras:,}", f"{one.frames_s:,.1f}", f"{one.megabytes_s:,.2f}",
            f"{one.commands_s:,.0f}", f"{one.cores:,.1f}", str(one.servers), f"{one.month:,.0f}",
        )  # fmt: skip
    Console().print(table)
    table = Table("servers", "jobs", "busiest over mean")
    for servers, jobs in ((2, 100), (2, 10_000), (7, 10_000), (7, 100_000)):
        table.add_row(str(servers), f"{jobs:,}", f"{unevenness(servers, jobs):.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()
