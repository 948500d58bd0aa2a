"""Headers of coded video that change in mid-stream: MPEG's sequence header, parameter sets."""

from typing import Any

import av
from av.bitstream import BitStreamFilterContext

from shared.media.containers import FFMPEG_ERRORS

#: FFmpeg's filter that finds the headers within packets.
_FILTER = "extract_extradata"

#: Codecs that the filter knows and whose decoders hold frames back.
_CODECS = {"h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4", "vc1", "vvc"}


class Headers:
    """Watches the headers of one stream.

    Decoders drop the frames that they hold back when the size changes. So they are to be emptied
    before a packet with new headers.
    """

    def __init__(self, stream: Any) -> None:
        self._last: bytes | None = None
        self._filter: Any = None
        if stream.codec_context.name in _CODECS:
            self._filter = BitStreamFilterContext(_FILTER, stream)

    def change_with(self, packet: Any) -> bool:
        """Whether a packet has other headers than the packets before it."""
        if self._filter is None or not packet.is_keyframe:
            return False
        header = self._header_of(packet)
        if header is None or header == self._last:
            return False
        is_first, self._last = self._last is None, header
        return not is_first

    def _header_of(self, packet: Any) -> bytes | None:
        copy = av.Packet(bytes(packet))
        copy.is_keyframe = True
        try:
            filtered = self._filter.filter(copy)
        except FFMPEG_ERRORS:
            return None
        for one in filtered:
            if one.has_sidedata("new_extradata"):
                return bytes(one.get_sidedata("new_extradata"))
        return None
