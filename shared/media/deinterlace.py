"""Combines the two fields of interlaced frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av

from shared.media.containers import FFMPEG_ERRORS

#: Smallest side of a picture that FFmpeg's yadif takes, in pixels.
_MIN_SIDE_PX = 3

#: The filter, and the one that changes nothing.
_YADIF, _NONE = ("yadif", "mode=send_frame:deint=interlaced"), ("null",)


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """A decoded frame.

    Attributes:
        frame: PyAV's frame.
        sample_aspect: Width of its pixels divided by their height.
    """

    frame: Any
    sample_aspect: Fraction


def deinterlaced(frames: Iterator[DecodedFrame]) -> Iterator[DecodedFrame]:
    """Give one progressive frame for each frame (FFmpeg's yadif filter).

    Frames pass untouched until the first interlaced one. From there on all go through the filter,
    which changes only those that say that they are interlaced. A frame of another size, shape or
    format begins a new filter.
    """
    filter_: _Filter | None = None
    has_begun = False
    for one in frames:
        has_begun = has_begun or one.frame.interlaced_frame
        if not has_begun:
            yield one
            continue
        if filter_ is None or filter_.layout != _layout(one):
            if filter_ is not None:
                yield from filter_.rest()
            filter_ = _Filter(one)
        yield from filter_.put(one)
    if filter_ is not None:
        yield from filter_.rest()


class _Filter:
    """One run of the filter, over frames of one layout."""

    def __init__(self, first: DecodedFrame) -> None:
        self.layout = _layout(first)
        frame = first.frame
        self._aspect = first.sample_aspect
        self._graph = av.filter.Graph()
        self._graph.link_nodes(
            self._graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base,
            ),
            self._graph.add(*(_YADIF if min(frame.width, frame.height) >= _MIN_SIDE_PX else _NONE)),
            self._graph.add("buffersink"),
        ).configure()

    def put(self, one: DecodedFrame) -> Iterator[DecodedFrame]:
        self._graph.push(one.frame)
        yield from self._pull()

    def rest(self) -> Iterator[DecodedFrame]:
        self._graph.push(None)
        yield from self._pull()

    def _pull(self) -> Iterator[DecodedFrame]:
        while True:
            try:
                yield DecodedFrame(self._graph.pull(), self._aspect)
            except FFMPEG_ERRORS:  # nothing more is ready
                return


def _layout(one: DecodedFrame) -> tuple[object, ...]:
    frame = one.frame
    colours = (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc)
    return (frame.width, frame.height, frame.format.name, *colours, one.sample_aspect)
