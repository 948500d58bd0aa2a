"""Turns decoded frames upright, and combines the two fields of interlaced ones."""

from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from shared.media.frames import Image


def upright(frame: Any) -> Image:
    """BGR picture of a decoded frame, turned as its display matrix says."""
    image = frame.to_ndarray(format="bgr24")
    quarter_turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarter_turns)) if quarter_turns else image


def deinterlace(stream: Any, first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    """Yield one progressive frame for each interlaced one (FFmpeg's yadif filter).

    Args:
        stream: the video stream that the frames come from.
        first: its first decoded frame.
        rest: the decoded frames after it.
    """
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_buffer(template=stream),
        graph.add("yadif", "mode=send_frame:deint=interlaced"),
        graph.add("buffersink"),
    ).configure()
    graph.push(first)
    for frame in rest:
        graph.push(frame)
        yield from _pull_all(graph)
    graph.push(None)
    yield from _pull_all(graph)


def _pull_all(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
