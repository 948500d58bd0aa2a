"""Makes the annotated video of an analysis, and the pictures for its report.

Frames are decoded, drawn and encoded in three threads: one decodes ahead of the drawing, one
encodes behind it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from services.writer import report
from services.writer.interpolation import Interpolation
from services.writer.overlay import Overlay
from shared.data.analysis import Analysis
from shared.data.job_options import OVERLAYS
from shared.errors import SourceError, UsageError
from shared.media.encode import VideoEncoder
from shared.media.fingerprint import has_fingerprint, version_of
from shared.media.frames import Image, Source
from shared.media.limits import DEFAULT_LIMITS, SourceLimits
from shared.media.source import open_source
from shared.overlap import read_ahead, write_behind

#: Frames that wait for drawing, and drawn ones that wait for the encoder. They even out frames
#: that take longer; each is a picture in full size (25 MB at 4K).
_WAITING_FRAMES = 2


def render(
    analysis: Analysis,
    source_path: Path,
    video_path: Path | None,
    overlay: str = "full",
    on_frame: Callable[[int], None] = lambda index: None,
    limits: SourceLimits = DEFAULT_LIMITS,
    check: Callable[[], None] = lambda: None,
) -> dict[str, report.Picture]:
    """Draw an analysis on every frame of its source, in the source's own timing.

    Args:
        analysis: what is drawn.
        source_path: the clip that was analysed.
        video_path: the MP4 file to write; None for no video.
        overlay: how much is drawn: "full", "minimal" or "none".
        on_frame: called with each frame's index after it is drawn; what it raises ends the work.
        limits: where the clip may lie, and how large its frames may be.
        check: called while the source is compared; what it raises ends the work.

    Returns:
        The pictures of `report.requested_pictures`, by key.

    Raises:
        UsageError: there is no such overlay.
        SourceError: the source cannot be read, or is not the one that was analysed.
        OutputError: the video cannot be written.
    """
    if overlay not in OVERLAYS:
        raise UsageError(f"overlay is one of {', '.join(OVERLAYS)}, not {overlay!r}")
    lifters = [Interpolation(lifter.frames) for lifter in analysis.lifters]
    requests = report.requested_pictures(analysis)
    pictures: dict[str, report.Picture] = {}
    version = version_of(source_path)
    with open_source(source_path, limits) as source:
        _check_source(analysis, source_path, source, check)
        drawing, bodies = Overlay(analysis, overlay), Overlay(analysis, "bodies")
        with (
            _encoding(source, video_path) as encode,
            read_ahead(source.frames(), _WAITING_FRAMES) as frames,
        ):
            for frame in frames:
                drawn = []
                if encode is not None or frame.index in requests:
                    drawn = [lifter.at(frame.index, frame.time_s) for lifter in lifters]
                if frame.index in requests:
                    image = frame.image.copy()
                    bodies.draw(image, frame.time_s, drawn)
                    for request in requests[frame.index]:
                        pictures[request.key] = report.take_picture(request, image)
                if encode is not None:
                    drawing.draw(frame.image, frame.time_s, drawn)
                    encode(_DrawnFrame(frame.image, frame.pts))
                on_frame(frame.index)
        if version_of(source_path) != version:
            _check_source(analysis, source_path, source, check)
        if source.frames_read != analysis.source.frames:
            raise SourceError(
                f"{source_path} gave {source.frames_read} of {analysis.source.frames} frames: it "
                "changed while it was read; analyse it again"
            )
    return pictures


def _check_source(
    analysis: Analysis, path: Path, source: Source, check: Callable[[], None]
) -> None:
    """Raise SourceError when an opened source is not the one that was analysed."""
    analysed, size_px = analysis.source, (source.info.width_px, source.info.height_px)
    if not has_fingerprint(path, analysed.sha256, check) or size_px != (
        analysed.width,
        analysed.height,
    ):
        raise SourceError(
            f"{path} is not the clip that was analysed, or has changed since: analyse it again"
        )


class _DrawnFrame(NamedTuple):
    """A frame for the encoder, and its time in the source's time base."""

    image: Image
    pts: int


@contextmanager
def _encoding(source: Source, path: Path | None) -> Iterator[Callable[[_DrawnFrame], None] | None]:
    """What encodes a frame of the annotated video, a little later; None without a path."""
    if path is None:
        yield None
        return
    info = source.info
    with VideoEncoder(
        path,
        (info.width_px, info.height_px),
        info.time_base,
        sound=info.sound,
        primaries=info.primaries,
    ) as encoder:

        def encode(frame: _DrawnFrame) -> None:
            encoder.write(frame.image, frame.pts)

        with write_behind(encode, _WAITING_FRAMES) as put:
            yield put
