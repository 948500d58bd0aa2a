"""The clips of the schedules, and what `movenet-fast` saw in them; both are made once and kept.

Kept in the user's cache folder, under the hash of the code that makes them.
"""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from faults.harness import day
from platformdirs import user_cache_path

from services.decoder.chunks import chunks_of
from services.pose.backends import TimedImage, load_backend
from shared.data import codec
from shared.data.job_options import ANALYSIS_SIDE_PX
from shared.data.messages import FramePoses, KeypointChunk
from shared.data.pictures import decode_image
from shared.media.encode import VideoEncoder
from shared.media.limits import DEFAULT_LIMITS
from shared.media.source import open_source
from synthetic import Lift, render, write_video

ROOT = Path(__file__).resolve().parents[3]
PLUGIN = Path(__file__).with_name("plugin")

sys.path.append(str(PLUGIN))
from recorded_poses import HANGS, KILLS, key_of  # noqa: E402

#: The rendered sets. Small, so that decoding and writing take little of two cores.
_SETS = {
    "short": Lift(reps=1, fps=10, width_px=320, height_px=240),
    "faulty": Lift(reps=2, fps=10, width_px=256, height_px=192, fault="rounded_back", severity=30),
    "long": Lift(reps=3, fps=8, width_px=256, height_px=192, view="side"),
}

#: Sets in which two frames are poison: pictures that end or hang the process that looks at them.
_POISON = {"kills": KILLS, "hangs": HANGS}
_POISON_FRAMES = (20, 21)

#: Real clips, of those beside the checkout: the shortest ones, of two heights.
_REAL = {"real": "jeffjchen_good.mp4", "real-hd": "bichraix_good012.mp4"}

#: The recording.
_RECORDING = "day"

#: Frames in a chunk: few, so that a short clip has more chunks than a job's window.
CHUNK_FRAMES = 4

_TIME_BASE = Fraction(1, 90_000)

#: The code that clips and recordings depend on.
_MAKERS = (
    "shared/data", "shared/media", "services/decoder", "services/pose", "synthetic",
    "tests/faults/harness/clips.py", "tests/faults/harness/day.py", "tests/faults/harness/plugin",
)  # fmt: skip


@dataclass(frozen=True)
class Clip:
    """A clip.

    Attributes:
        name: Its name.
        path: Its file.
        is_poison: Whether it holds pictures that end or hang their worker.
        is_recording: Whether its sets get a result each.
    """

    name: str
    path: Path
    is_poison: bool = False
    is_recording: bool = False


def cache(name: str, sources: tuple[str, ...]) -> Path:
    """A folder that is kept for what these files and folders of code make."""
    folder = user_cache_path("weightlifting-coach") / "soak" / f"{name}-{_hash_of(sources)}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def all_clips() -> dict[str, Clip]:
    """The clips by name; they need not have been made yet."""
    folder = recordings()
    beside = ROOT.parent / "shared" / "clips"
    real = [name for name, file in _REAL.items() if (beside / file).is_file()]
    clips = {
        name: Clip(name, folder / f"{name}.mp4", is_poison=name in _POISON)
        for name in (*_SETS, *_POISON, *real)
    }
    return clips | {_RECORDING: Clip(_RECORDING, folder / f"{day.FILE}.mp4", is_recording=True)}


def make(names: Iterable[str]) -> None:
    """Render and record clips, unless this was done before."""
    clips = all_clips()
    for name in names:
        path = clips[name].path
        if name in _SETS:
            _make(path, lambda path, lift=_SETS[name]: write_video(lift, path))
        elif name in _POISON:
            _make(path, lambda path, colour=_POISON[name]: _write_poison(path, colour))
        elif name == _RECORDING:
            _make(path, day.write)
        else:
            file = ROOT.parent / "shared" / "clips" / _REAL[name]
            _make(path, lambda path, file=file: shutil.copy(file, path))
    missing = [clips[name] for name in names if not clips[name].path.with_suffix(".keys").exists()]
    if missing:
        _record(missing)


def recordings() -> Path:
    """The folder of the recorded poses."""
    return cache("clips", _MAKERS)


def _make(path: Path, write) -> None:
    if not path.exists():
        partial = path.with_name(f"{os.getpid()}-{path.name}")
        write(partial)
        partial.replace(path)


def _write_poison(path: Path, colour: tuple[int, int, int]) -> None:
    lift = _SETS["short"]
    with VideoEncoder(path, (lift.width_px, lift.height_px), _TIME_BASE) as encoder:
        for frame in render(lift):
            image = frame.image
            if frame.index in _POISON_FRAMES:
                image = np.full_like(image, colour)
            encoder.write(image, round(frame.time_s / _TIME_BASE))


def _record(clips: list[Clip]) -> None:
    backend = load_backend("movenet-fast")
    for clip in clips:
        with open_source(clip.path, DEFAULT_LIMITS) as source:
            chunks = list(chunks_of(source, 1, CHUNK_FRAMES, ANALYSIS_SIDE_PX))
        frames = [frame for chunk in chunks for frame in chunk.frames]
        if clip.is_recording:  # where nobody is, nothing was recorded, and nobody is replayed
            frames = [frame for frame in frames if day.is_shown(frame.time_s)]
        images = [TimedImage(decode_image(frame.image), frame.time_s) for frame in frames]
        seen = tuple(
            FramePoses(frame.index, frame.time_s, people, (), np.zeros(48, np.float32), 0.0)
            for frame, people in zip(frames, backend.people(images), strict=True)
        )
        poses = codec.pack(KeypointChunk("0123456789abcdef", 0, seen))
        _make(clip.path.with_suffix(".poses"), lambda path, poses=poses: path.write_bytes(poses))
        keys = json.dumps([key_of(image) for image, _ in images])
        _make(clip.path.with_suffix(".keys"), lambda path, keys=keys: path.write_text(keys))


def _hash_of(sources: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        path = ROOT / source
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
