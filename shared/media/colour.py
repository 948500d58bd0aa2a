"""Colours as an ordinary screen shows them: BT.709, SDR.

FFmpeg turns luma and chroma into RGB, by the matrix and range that the frame's tags name. Wider
primaries than BT.709's, and HDR, go through a table of 65³ colours:

    coded RGB ─ transfer ─→ light ─ primaries ─→ BT.709's light ─ highlights rolled off ─→ gamma 2.4

- Light is counted in multiples of reference white: 203 cd/m² (BT.2408) in HDR, white in SDR.
- HLG: inverse OETF (BT.2100), then a gamma of 1.2 on each channel, for a screen of 1000 cd/m².
  FFmpeg does the same by default (zscale, approximate gamma). BT.2100 applies the gamma to the
  luminance instead, which makes saturated colours paler.
- PQ: SMPTE ST 2084. Dolby Vision 8.4 is HLG with additions, which are ignored.
- SDR: gamma 2.4 (BT.1886) in and out, so that colours inside BT.709 stay as they are.
- SD's primaries (BT.601) are not converted, because the difference cannot be seen. The annotated
  video is tagged with them.
- Highlights: up to `_KNEE` light is kept. From there a hyperbola leads from slope 1 to white at
  `_PEAK`. It acts on the brightest channel and scales the others along, so that the hue stays.
"""

import tempfile
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc, VideoReformatter
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Light of reference white, cd/m² (BT.2408), and of the brightest highlight that is kept apart
#: from white: HLG's nominal peak, and the usual one of mastering in PQ.
_WHITE_CD_M2, _PEAK_CD_M2 = 203.0, 1000.0
_PEAK = _PEAK_CD_M2 / _WHITE_CD_M2

#: Light up to which nothing is changed, in multiples of white (chosen: reference white falls to
#: 91 % of its light, 4 % in code values).
_KNEE = 0.8

#: Gamma of an SDR screen (BT.1886).
_GAMMA = 2.4

#: Points of the table along each axis. With 65 the mean error is 0.3 of 255 code values.
_POINTS = 65

#: Pixel format in which colours are looked up: FFmpeg's filter is four times as fast in it as in
#: those of 8 to 16 bits.
_FORMAT = "gbrpf32le"

#: Pixels that FFmpeg's filter takes at once. Where the width is no multiple of it, the filter reads
#: beyond the rows, and crashes if what lies there happens to be no number. So such frames are
#: copied first, into memory of FFmpeg's filters, whose rows are padded with zeros.
_BLOCK_PX = 8

#: Chromaticities (x, y) of red, green and blue (H.273), all with D65 white.
_PRIMARIES = {
    ColorPrimaries.BT709: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    ColorPrimaries.BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    ColorPrimaries.SMPTE432: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_D65 = (0.3127, 0.3290)

#: Primaries of SD: PAL's, and the two of NTSC.
_SD_PRIMARIES = (ColorPrimaries.BT470BG, ColorPrimaries.SMPTE170M, ColorPrimaries.SMPTE240M)

#: Matrices that FFmpeg's swscale knows, by their H.273 code.
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}

#: Largest SD picture, in pixels. Players assume BT.601 for untagged pictures up to this size, and
#: BT.709 beyond (as mpv does).
_SD_WIDTH_PX, _SD_HEIGHT_PX = 1279, 576


def matrix_of(frame: Any) -> Colorspace | None:
    """The matrix of a frame's luma and chroma, by its tag or else by its size; None for RGB."""
    if frame.format.is_rgb:
        return None
    if frame.colorspace in _MATRICES:
        return _MATRICES[frame.colorspace]
    if frame.color_primaries == ColorPrimaries.BT2020:
        return Colorspace.BT2020
    is_sd = frame.width <= _SD_WIDTH_PX and frame.height <= _SD_HEIGHT_PX
    return Colorspace.ITU601 if is_sd else Colorspace.ITU709


def primaries_of(frame: Any) -> int:
    """Primaries of a frame's picture as `ColourConverter` leaves it: BT.709's, or SD's own."""
    is_sd = frame.color_primaries in _SD_PRIMARIES
    return int(frame.color_primaries if is_sd else ColorPrimaries.BT709)


class ColourConverter:
    """Brings frames to BT.709's primaries and transfer; ordinary frames pass as they are."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()
        self._graph: Any = None
        self._layout: tuple[object, ...] = ()

    def convert(self, frame: Any) -> Any:
        """The frame itself, or one with its colours converted (planar RGB)."""
        kind = _kind_of(frame)
        if kind is None:
            return frame
        coded: Any = self._reformatter.reformat(
            frame, format=_FORMAT, src_colorspace=matrix_of(frame)
        )
        layout = (*kind, coded.width, coded.height)
        if layout != self._layout:
            self._graph, self._layout = _graph_of(coded, *kind), layout
        coded.pts = 0
        self._graph.push(coded)
        return self._graph.pull()


def _kind_of(frame: Any) -> tuple[ColorPrimaries, ColorTrc] | None:
    """Primaries and transfer of a frame that has to be converted; None for ordinary ones."""
    is_hdr = frame.color_trc in (ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67)
    transfer = ColorTrc(frame.color_trc) if is_hdr else ColorTrc.BT709
    tagged = frame.color_primaries
    if tagged not in _PRIMARIES:
        tagged = ColorPrimaries.BT2020 if is_hdr else ColorPrimaries.BT709
    if tagged == ColorPrimaries.BT709 and not is_hdr:
        return None
    return ColorPrimaries(tagged), transfer


def _graph_of(frame: Any, primaries: ColorPrimaries, transfer: ColorTrc) -> Any:
    """FFmpeg's filter that looks colours up, with our table in it."""
    graph = av.filter.Graph()
    with tempfile.TemporaryDirectory(prefix="coach-") as folder:
        table = Path(folder) / "colours.cube"  # the filter reads it from a file, once
        table.write_text(_cube(primaries, transfer))
        graph.link_nodes(
            graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1)
            ),
            graph.add("copy" if frame.width % _BLOCK_PX else "null"),
            graph.add("lut3d", file=str(table), interp="tetrahedral"),
            graph.add("buffersink"),
        ).configure()
    return graph


@cache
def _cube(primaries: ColorPrimaries, transfer: ColorTrc) -> str:
    """The table in the Cube format of Adobe: red changes fastest."""
    axis = np.linspace(0.0, 1.0, _POINTS)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    coded = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    values = to_sdr(coded, primaries, transfer)
    rows = "%.5f %.5f %.5f\n" * len(values) % tuple(values.ravel())  # savetxt takes twice as long
    return f"LUT_3D_SIZE {_POINTS}\n{rows}"


def to_sdr(coded: F64, primaries: ColorPrimaries, transfer: ColorTrc) -> F64:
    """Convert coded RGB values to BT.709 with a gamma of 2.4.

    Args:
        coded: (n, 3), 0..1.
        primaries: their primaries.
        transfer: their transfer: PQ, HLG, or any of SDR.

    Returns:
        (n, 3), 0..1.
    """
    to_709 = np.linalg.inv(_to_xyz(ColorPrimaries.BT709)) @ _to_xyz(primaries)
    light = np.maximum(_light(coded, transfer) @ to_709.T, 0.0)
    if transfer in (ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67):
        light = _roll_off(light)
    sdr: F64 = np.clip(light, 0.0, 1.0) ** (1 / _GAMMA)
    return sdr


def _light(coded: F64, transfer: ColorTrc) -> F64:
    """Light on the screen, in multiples of reference white."""
    if transfer == ColorTrc.SMPTE2084:
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        power = coded ** (1 / m2)
        pq: F64 = (np.maximum(power - c1, 0.0) / (c2 - c3 * power)) ** (1 / m1)
        return pq * (10_000 / _WHITE_CD_M2)
    if transfer == ColorTrc.ARIB_STD_B67:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
        hlg: F64 = scene**1.2 * _PEAK
        return hlg
    return coded**_GAMMA


def _roll_off(light: F64) -> F64:
    brightest = np.maximum(light.max(axis=1, keepdims=True), 1e-9)
    above = np.clip((brightest - _KNEE) / (_PEAK - _KNEE), 0.0, 1.0)
    steepness = (_PEAK - _KNEE) / (1 - _KNEE)
    rolled = _KNEE + (1 - _KNEE) * steepness * above / (1 + (steepness - 1) * above)
    shown: F64 = light * np.where(brightest > _KNEE, rolled / brightest, 1.0)
    return shown


def _to_xyz(primaries: ColorPrimaries) -> F64:
    """Matrix from linear RGB to CIE XYZ, from the chromaticities (SMPTE RP 177)."""
    columns = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in _PRIMARIES[primaries]]).T
    x, y = _D65
    white = np.linalg.solve(columns, np.array([x / y, 1.0, (1 - x - y) / y]))
    matrix: F64 = columns * white
    return matrix
