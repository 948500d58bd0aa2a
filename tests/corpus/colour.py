"""Codes the scene's colours by the formulas of the standards, without FFmpeg's own conversion."""

from typing import Any

import av
import numpy as np

#: Weights of red and blue in luma, by H.273's code of the matrix.
WEIGHTS = {
    1: (0.2126, 0.0722),  # BT.709
    5: (0.299, 0.114),  # BT.601, PAL
    6: (0.299, 0.114),  # BT.601, NTSC
    9: (0.2627, 0.0593),  # BT.2020
}

BT709, BT601, BT2020 = 1, 6, 9

#: Codes of PyAV's `color_range`.
LIMITED, FULL = 1, 2

#: H.273's codes of transfer functions.
TRANSFER_2020, PQ, HLG = 14, 16, 18

#: Light of SDR's white in an HDR film, cd/m² (ITU-R BT.2408).
_WHITE_NITS = 203.0

#: Exponent of an SDR display (ITU-R BT.1886).
_SDR_GAMMA = 2.4

#: Linear RGB of BT.709's primaries in those of BT.2020 (ITU-R BT.2087).
_TO_2020 = np.array([
    (0.6274, 0.3293, 0.0433),
    (0.0691, 0.9195, 0.0114),
    (0.0164, 0.0880, 0.8956),
])  # fmt: skip

#: Pixels that share a chroma sample: across, down.
_CHROMA = {"420": (2, 2), "422": (2, 1), "444": (1, 1), "410": (4, 4), "411": (4, 1)}


def rgb_of(bgr: np.ndarray) -> np.ndarray:
    """Red, green and blue of a picture, 0 to 1."""
    return bgr[:, :, ::-1] / 255.0


def light_2020(bgr: np.ndarray) -> np.ndarray:
    """Linear light of a picture on an SDR display, in BT.2020's primaries; white is 1."""
    return rgb_of(bgr) ** _SDR_GAMMA @ _TO_2020.T


def sdr_2020(bgr: np.ndarray) -> np.ndarray:
    """RGB signal in BT.2020's primaries for an SDR display."""
    return light_2020(bgr) ** (1 / _SDR_GAMMA)


def hlg(bgr: np.ndarray, gamma_per_channel: bool = False) -> np.ndarray:
    """RGB signal of hybrid log-gamma for a display of 1000 cd/m² (ITU-R BT.2100, table 5).

    Args:
        bgr: picture of an SDR display.
        gamma_per_channel: whether the system gamma of 1.2 applies to each channel by itself, as
            zimg has it where it may approximate (FFmpeg's zscale by default); by the standard it
            applies to the luminance, and keeps the hue and saturation.
    """
    display = light_2020(bgr) * _WHITE_NITS / 1000
    luminance = display if gamma_per_channel else (display @ (0.2627, 0.678, 0.0593))[..., None]
    scene = display * np.maximum(luminance, 1e-9) ** (1 / 1.2 - 1)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    high = a * np.log(np.maximum(12 * scene - b, 1e-9)) + c
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


def pq(bgr: np.ndarray) -> np.ndarray:
    """RGB signal of the perceptual quantizer (ITU-R BT.2100, table 4)."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    power = (light_2020(bgr) * _WHITE_NITS / 10_000) ** m1
    return ((c1 + c2 * power) / (1 + c3 * power)) ** m2


def yuv_frame(rgb: np.ndarray, pixels: str, matrix: int, colour_range: int) -> Any:
    """A PyAV frame of an RGB signal.

    Args:
        rgb: float (height, width, 3), 0 to 1.
        pixels: planar format of FFmpeg, such as yuv420p or yuv422p10le.
        matrix: H.273's code, of `WEIGHTS`.
        colour_range: `LIMITED` or `FULL`.
    """
    depth = int(pixels.split("p")[1].removesuffix("le") or 8)
    red, blue = WEIGHTS[matrix]
    luma = rgb @ (red, 1 - red - blue, blue)
    chroma = (
        (rgb[:, :, 2] - luma) / (2 * (1 - blue)),
        (rgb[:, :, 0] - luma) / (2 * (1 - red)),
    )
    across, down = _CHROMA[pixels.split("p")[0].lstrip("yuvj")]
    unit, top = 1 << depth - 8, (1 << depth) - 1
    is_full = colour_range == FULL
    planes = [luma * top if is_full else luma * 219 * unit + 16 * unit]
    for plane in chroma:
        plane = plane.reshape(plane.shape[0] // down, down, -1, across).mean(axis=(1, 3))
        planes.append(plane * (top if is_full else 224 * unit) + 128 * unit)
    return planar_frame(pixels, [np.clip(np.round(p), 0, top) for p in planes])


def planar_frame(pixels: str, planes: list[np.ndarray]) -> Any:
    """A PyAV frame of these planes, integers of 8 or more bits."""
    height, width = planes[0].shape
    frame = av.VideoFrame(width, height, pixels)
    for target, plane in zip(frame.planes, planes, strict=False):
        kind = np.uint8 if target.line_size < 2 * plane.shape[1] else np.uint16
        kind = np.uint8 if plane.max() < 256 and not pixels.endswith("le") else kind
        rows = np.zeros((target.height, target.line_size // np.dtype(kind).itemsize), kind)
        rows[:, : plane.shape[1]] = plane
        target.update(rows.tobytes())
    return frame
