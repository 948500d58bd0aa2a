"""Pictures of messages: BGR images to JPEG and back. Pure.

A picture that arrives is looked at before it is decoded: a few kilobytes of another format, or of
another kind of JPEG, can ask for gigabytes, or for hours of a processor. Accepted is what
`encode_image` makes: a baseline JPEG of three colours in one scan.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.data.limits import MAX_CHUNK_PX, MAX_PICTURE_PX
from shared.errors import MessageError

#: JPEG quality of analysis frames: at 90, some 5 % fewer joints of the rendered set were found
#: near their places than at 95.
JPEG_QUALITY = 95

#: Markers of a JPEG (ITU-T T.81, table B.1): start of image, of a baseline frame, and of a scan.
_SOI, _SOF0, _SOS = b"\xff\xd8", 0xC0, 0xDA

#: Segments that may lie before the frame's header and after it: tables, restart interval,
#: applications' own, comments.
_OTHERS = {0xC4, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)}

#: Bits of a sample, and number of colours.
_BITS, _COLOURS = 8, 3

#: Most blocks of a colour side by side, and in all, in the units that are coded together: 4:2:0 has
#: 2 × 2 of the brightness, and one of each other colour (T.81, B.2.3).
_MAX_SAMPLING, _MAX_BLOCKS = 2, 10


def encode_image(image: NDArray[np.uint8]) -> bytes:
    """Encode a BGR image, uint8 (height, width, 3), as JPEG."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise MessageError(f"an image of shape {image.shape} cannot be encoded as JPEG")
    return data.tobytes()


def decode_image(data: bytes) -> NDArray[np.uint8]:
    """Decode an image of a message to BGR, uint8 (height, width, 3).

    Raises:
        MessageError: the bytes are no image of the kind that is sent, or it is too large.
    """
    width_px, height_px = size_px(data)
    try:
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise MessageError(f"the image of a frame is damaged: {error}") from error
    if image is None or image.shape != (height_px, width_px, _COLOURS):
        raise MessageError("the image of a frame is damaged")
    return image.astype(np.uint8, copy=False)


def decode_images(images: Sequence[bytes]) -> list[NDArray[np.uint8]]:
    """Decode the images of a chunk; nothing is decoded if they are too large together.

    Raises:
        MessageError: as `decode_image`.
    """
    total_px = sum(width_px * height_px for width_px, height_px in map(size_px, images))
    if total_px > MAX_CHUNK_PX:
        raise MessageError(
            f"the images of a chunk have {total_px} pixels, over the limit of {MAX_CHUNK_PX}"
        )
    return [decode_image(image) for image in images]


def size_px(data: bytes) -> tuple[int, int]:
    """Width and height of a message's image, from its header.

    Raises:
        MessageError: it is no image of the kind that is sent, or too large.
    """
    if not data.startswith(_SOI):
        raise MessageError("the image of a frame is no JPEG")
    at, size = len(_SOI), None
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        content = data[at + 4 : at + 2 + length]
        if length < 2 or len(content) != length - 2:
            break
        if marker == _SOS and size is not None and content[:1] == bytes([_COLOURS]):
            return size
        if marker == _SOF0 and size is None:
            size = _checked_size(content)
        elif marker not in _OTHERS:
            break
        at += 2 + length
    raise MessageError("the image of a frame is damaged, or a JPEG of a kind that is not sent")


def _checked_size(header: bytes) -> tuple[int, int]:
    """Width and height of a frame's header (T.81, B.2.2)."""
    if len(header) != 6 + 3 * _COLOURS or header[0] != _BITS or header[5] != _COLOURS:
        raise MessageError("the image of a frame is a JPEG of a kind that is not sent")
    sampling = [(one >> 4, one & 15) for one in header[7::3]]
    blocks = sum(across * down for across, down in sampling)
    if not all(1 <= n <= _MAX_SAMPLING for one in sampling for n in one) or blocks > _MAX_BLOCKS:
        raise MessageError("the image of a frame is a JPEG of a kind that is not sent")
    height_px, width_px = (int.from_bytes(header[n : n + 2], "big") for n in (1, 3))
    if not 0 < width_px * height_px <= MAX_PICTURE_PX:
        raise MessageError(
            f"the image of a frame has {width_px}×{height_px} pixels, over the limit of "
            f"{MAX_PICTURE_PX}"
        )
    return width_px, height_px
