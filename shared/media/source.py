"""Reads a video, a GIF or a folder of pictures as upright BGR frames with their true times.

Time comes from the container's time stamps (pts × time base), counted from the container's start;
never from a frame's number. The decoder and the writer both read through here and so see the same
frames.
"""

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from shared.data.messages import EndReason
from shared.errors import SourceError, UsageError
from shared.settings import Settings

Image = NDArray[np.uint8]

#: Containers that are opened. Playlists and the like are not: they name other files.
FORMATS = (
    "apng,asf,avi,flv,gif,h264,hevc,ivf,jpeg_pipe,matroska,webm,mjpeg,mov,mp4,mpeg,mpegts,"
    "mpegvideo,mxf,ogg,png_pipe,bmp_pipe,tiff_pipe,webp_pipe,image2"
)
IMAGE_SUFFIXES = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}

#: Pictures of a folder have no times of their own; ten a second is a watchable slide show.
IMAGES_PER_S = 10

#: Assumed where a stream tells neither times nor a rate.
_FALLBACK_FPS = Fraction(30)

#: A clip counts as broken off when this share and this many seconds of its stated length lack.
#: (Containers often promise a few frames more than they hold; that is normal.)
_MISSING_SHARE, _MISSING_S = 0.1, 0.5


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source says of itself; sizes are of the upright picture, in pixels.

    fps is for people to read. frames_estimate is 0 where unknown.
    """

    path: str
    width_px: int
    height_px: int
    fps: float
    frames_estimate: int
    time_base: Fraction
    sample_aspect: Fraction
    has_audio: bool


@dataclass(frozen=True, slots=True, eq=False)
class SourceFrame:
    """One frame. image: BGR uint8 (height, width, 3), upright; pts in `SourceInfo.time_base`."""

    index: int
    pts: int
    time_s: float
    image: Image


class Source(ABC):
    """Frames of one source, to be read once, inside `with`."""

    info: SourceInfo
    #: Why the frames ended; known when they have.
    end_reason = EndReason.COMPLETE
    #: Frames that have been yielded so far.
    frames_read = 0

    @abstractmethod
    def frames(self) -> Iterator[SourceFrame]:
        """Yield every frame that can be decoded, in order of time, with strictly rising pts."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class VideoSource(Source):
    """A video file or a GIF."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._max_frame_px = Settings().max_frame_px
        self._container = _open_container(path)
        try:
            self._stream = self._container.streams.video[0]
            self._check_size(self._stream)
            self._stream.thread_type = "AUTO"
            self._first, self._rest = self._read_ahead()
        except IndexError:
            self.close()
            raise SourceError(f"{path} has no video in it; give a video, not sound") from None
        except BaseException:
            self.close()
            raise
        self.info = self._describe()

    def frames(self) -> Iterator[SourceFrame]:
        """Yield every frame; see `Source.frames`."""
        info = self.info
        last = None
        for index, frame in enumerate(self._all_decoded()):
            pts = self._pts(frame, last)
            image = fit(_upright(frame), info.width_px, info.height_px)
            self.frames_read = index + 1
            yield SourceFrame(index, pts, float(pts * info.time_base), image)
            last = pts
        if last is not None and self._breaks_off(float(last * info.time_base)):
            self.end_reason = EndReason.TRUNCATED

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _describe(self) -> SourceInfo:
        stream, image = self._stream, _upright(self._first)
        fps = stream.average_rate or stream.guessed_rate or _FALLBACK_FPS
        aspect = stream.sample_aspect_ratio or Fraction(1)
        turned = self._first.rotation % 180 != 0
        frames = stream.frames or round(float(self._stated_length_s() * fps))
        return SourceInfo(
            path=str(self._path),
            width_px=image.shape[1],
            height_px=image.shape[0],
            fps=float(fps),
            frames_estimate=max(frames, 0),
            time_base=stream.time_base or 1 / fps,
            sample_aspect=1 / aspect if turned else aspect,
            has_audio=bool(self._container.streams.audio),
        )

    def _read_ahead(self) -> tuple[Any, Iterator[Any]]:
        """The first frame, which tells size and rotation, and the rest of the frames."""
        frames = self._decoded()
        first = next(frames, None)
        if first is None:
            raise SourceError(
                f"{self._path} holds no frame that can be decoded: it is damaged or "
                "its pictures are far too large; record or export it anew"
            )
        if first.interlaced_frame:
            frames = _deinterlaced(self._stream, first, frames)
            first = next(frames)
        return first, frames

    def _all_decoded(self) -> Iterator[Any]:
        yield self._first
        yield from self._rest

    def _decoded(self) -> Iterator[Any]:
        """Decode what can be decoded; damaged packets are passed over."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                for frame in packet.decode():
                    self._check_size(frame)
                    yield frame
            except av.error.EOFError:
                return
            except (av.error.FFmpegError, OSError):
                self.end_reason = EndReason.TRUNCATED

    def _pts(self, frame: Any, last: int | None) -> int:
        """A frame's pts counted from the container's start; made up where missing or not rising."""
        base = self.info.time_base
        if frame.pts is not None:
            start_s = Fraction(self._container.start_time or 0, av.time_base)
            pts: int = round((frame.pts * frame.time_base - start_s) / base)
            if last is None or pts > last:
                return pts
        return 0 if last is None else last + max(1, round(1 / (Fraction(self.info.fps) * base)))

    def _stated_length_s(self) -> Fraction:
        stream = self._stream
        if stream.duration and stream.time_base:
            return Fraction(stream.duration * stream.time_base)
        return Fraction(self._container.duration or 0, av.time_base)

    def _check_size(self, picture: Any) -> None:
        """Refuse a stream or a frame that is too large, before its pixels are touched."""
        if picture.width * picture.height > self._max_frame_px:
            raise SourceError(
                f"{self._path} has frames of {picture.width}×{picture.height} pixels, over the "
                f"limit of {self._max_frame_px} pixels; scale it down, or raise COACH_MAX_FRAME_PX"
            )

    def _breaks_off(self, end_s: float) -> bool:
        stated_s = float(self._stated_length_s())
        return stated_s - end_s > max(_MISSING_SHARE * stated_s, _MISSING_S)


class ImageSource(Source):
    """Pictures as a clip, in the natural order of their names; the first one gives the size."""

    def __init__(self, path: Path, images: list[Path]) -> None:
        self._images = images
        first = _read_image(images[0])
        self.info = SourceInfo(
            path=str(path),
            width_px=first.shape[1],
            height_px=first.shape[0],
            fps=float(IMAGES_PER_S),
            frames_estimate=len(images),
            time_base=Fraction(1, IMAGES_PER_S),
            sample_aspect=Fraction(1),
            has_audio=False,
        )

    def frames(self) -> Iterator[SourceFrame]:
        """Yield one frame a picture; see `Source.frames`."""
        for index, path in enumerate(self._images):
            image = fit(_read_image(path), self.info.width_px, self.info.height_px)
            self.frames_read = index + 1
            yield SourceFrame(index, index, index / IMAGES_PER_S, image)

    def close(self) -> None:
        """Nothing is held open between pictures."""


def open_source(path: Path) -> Source:
    """Open a video file, a GIF, a picture or a folder of pictures.

    Raises:
        SourceError: it is missing, empty, damaged, too large, or no video.
        UsageError: it lies outside the folders that `COACH_SOURCE_ROOTS` allows.
    """
    path = path.resolve()
    check_root(path, Settings().source_roots, "COACH_SOURCE_ROOTS")
    images = images_of(path)
    return ImageSource(path, images) if images else VideoSource(path)


def images_of(path: Path) -> list[Path]:
    """The pictures that a folder, or a picture's own path, stands for; empty for a video."""
    if not path.exists():
        raise SourceError(f"{path} does not exist; check the name")
    if path.is_dir():
        images = [p for p in path.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file()]
        if not images:
            raise SourceError(f"the folder {path} holds no pictures; give a video or picture files")
        return sorted(images, key=_natural)
    if not path.is_file():
        raise SourceError(f"{path} is neither a file nor a folder")
    if path.stat().st_size == 0:
        raise SourceError(f"{path} is empty; copy or record it anew")
    return [path] if path.suffix.lower() in IMAGE_SUFFIXES else []


def fingerprint(path: Path) -> str:
    """SHA-256 of a source's content: the file, or the names and contents of a folder's pictures."""
    files = images_of(path) or [path]
    digest = hashlib.sha256()
    try:
        for file in files:
            if len(files) > 1:
                digest.update(file.name.encode() + b"\0")
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    return digest.hexdigest()


def fit(image: Image, width_px: int, height_px: int) -> Image:
    """Fit a picture of another size into the given one, aspect kept, black around it."""
    height, width = image.shape[:2]
    if (width, height) == (width_px, height_px):
        return image
    scale = min(width_px / width, height_px / height)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (width_px - inner[0]) // 2, (height_px - inner[1]) // 2
    fitted = np.zeros((height_px, width_px, 3), np.uint8)
    fitted[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        image, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    return fitted


def shrunk(image: Image, longer_side_px: int, sample_aspect: Fraction = Fraction(1)) -> Image:
    """A picture as it is looked at: square pixels, the longer side at most as given.

    A small picture is not enlarged: that would add bytes, but nothing to see.
    """
    height, width = image.shape[0], float(image.shape[1] * sample_aspect)
    scale = min(1.0, longer_side_px / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


def check_root(path: Path, roots: list[Path], setting: str) -> None:
    """Raise UsageError when a resolved path lies below none of the allowed folders."""
    if not any(path.is_relative_to(root.resolve()) for root in roots):
        raise UsageError(f"{path} lies outside the folders that {setting} allows")


def _open_container(path: Path) -> Any:
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    try:
        return av.open(str(path), options=options)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(
            f"{path} cannot be read as a video ({reason}); "
            "it may be damaged, cut short or of another kind: record or export it anew as MP4"
        ) from error


def _upright(frame: Any) -> Image:
    """BGR picture of a decoded frame, turned as its display matrix says."""
    image = frame.to_ndarray(format="bgr24")
    quarter_turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarter_turns)) if quarter_turns else image


def _deinterlaced(stream: Any, first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    """Frames with their two fields made one picture (yadif, one frame out for each one in)."""
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_buffer(template=stream),
        graph.add("yadif", "mode=send_frame:deint=interlaced"),
        graph.add("buffersink"),
    ).configure()
    graph.push(first)
    for frame in rest:
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _read_image(path: Path) -> Image:
    with VideoSource(path) as source:
        return next(source.frames()).image


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sort key by which frame_10 comes after frame_9."""
    parts = re.findall(r"\d+|\D+", path.name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
