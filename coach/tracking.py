"""From a video to poses: `coach.track`."""

from os import PathLike
from pathlib import Path

from services.decoder.chunks import chunks_of
from services.decoder.sampling import choose_every, is_adaptive
from services.pose.backends import Backend, load_backend
from services.pose.tracking import find_poses
from shared.data.analysis import PoseRecord, SourceRecord
from shared.data.defaults import BACKEND
from shared.data.job_options import ANALYSIS_SIDE_PX, AUTO, CHUNK_FRAMES
from shared.data.messages import FramePoses
from shared.data.pose_options import PoseOptions
from shared.data.poses import Poses, duration_s
from shared.media.fingerprint import fingerprint
from shared.media.limits import DEFAULT_LIMITS, SourceLimits
from shared.media.source import open_source
from shared.names import absolute, readable

_USUAL = PoseOptions()


def track(
    source: str | PathLike[str],
    *,
    backend: str | Backend = BACKEND,
    every: int = AUTO,
    options: PoseOptions = _USUAL,
    limits: SourceLimits = DEFAULT_LIMITS,
) -> Poses:
    """Find the people, their joints and the plates in each frame of a clip.

    What comes out is what the pipeline's decoder and pose workers give, number for number.

    Args:
        source: a video file, a GIF, a picture or a folder of pictures.
        backend: name of a pose backend, or one that `load_backend` gave; the result then names its
            class.
        every: look at each n-th frame; `AUTO` (0) keeps about 30 frames a second, and looks for
            people where their motion asks for it.
        options: of the pose stage; the backend must know them. For a loaded backend, those it was
            loaded with.
        limits: where the clip may lie, and how large its frames may be.

    Returns:
        Poses, whose `frames` have `people` with `xy_px` (15, 2) and `confidence` (15,), and
        `plates`.

    Raises:
        SourceError: the clip cannot be read.
        UsageError: no backend has this name, it does not know an option, or `every` is negative.
        ModelError: the backend's weights are missing or wrong.
    """
    path = Path(source)
    if isinstance(backend, str):
        name, loaded = backend, load_backend(backend, options=options)
    else:
        name, loaded = type(backend).__name__, backend
    frames: list[FramePoses] = []
    with open_source(path, limits) as opened:
        info, sha256 = opened.info, fingerprint(path)
        step = choose_every(every, info.fps)
        adaptive = is_adaptive(every, info.frames_estimate)
        for chunk in chunks_of(opened, step, CHUNK_FRAMES, ANALYSIS_SIDE_PX):
            frames += find_poses(loaded, chunk.frames, adaptive)
        count, end_reason = opened.frames_read, opened.end_reason
    record = SourceRecord(
        path=readable(str(absolute(path))),
        sha256=sha256,
        width=info.width_px,
        height=info.height_px,
        duration_s=duration_s(count, info.fps, frames[-1] if frames else None),
        frames=count,
        fps=info.fps,
    )
    pose = PoseRecord(name, step, options=options, engines=(loaded.engine,))
    return Poses(record, pose, tuple(frames), end_reason)
