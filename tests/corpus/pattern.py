"""The true picture: coloured fields, a readable frame number and a moving block.

The eight fields differ, so that orientation, mirroring, shape and colour can be told from one
picture. The number is written in black and white cells, so that it survives lossy coding.
"""

import numpy as np

#: Colours of the fields, BGR: four in the upper row, four in the lower one.
FIELDS = np.array([
    (40, 40, 200), (50, 180, 50), (200, 60, 40), (40, 200, 210),
    (200, 190, 50), (190, 50, 190), (220, 220, 220), (60, 60, 60),
])  # fmt: skip

#: Cells of the frame number, the most significant bit at the left.
BITS = 6

#: Heights at which the rows end, as fractions of the picture: two of fields, number, moving block.
_ROWS = (0.3, 0.6, 0.8, 1.0)

_DARK, _BRIGHT = 30, 220

#: Number of positions of the moving block; after the last one it is at the left again.
_PLACES = 32

#: Width of the moving block, as a fraction of the picture.
_BLOCK = 0.125

#: A box within a picture: left, top, width, height in pixels.
Box = tuple[float, float, float, float]

#: Matrices (a, b, c, d) of the eight orientations: (x, y) is shown at (a x + c y, b x + d y).
MATRICES = {
    "upright": (1, 0, 0, 1),
    "turned 90 clockwise": (0, 1, -1, 0),
    "turned 180": (-1, 0, 0, -1),
    "turned 270 clockwise": (0, -1, 1, 0),
    "mirrored": (-1, 0, 0, 1),
    "upside down": (1, 0, 0, -1),
    "transposed": (0, 1, 1, 0),
    "transposed, turned 180": (0, -1, -1, 0),
}


def scene(
    number: int, size_px: tuple[int, int] = (128, 96), field: int | None = None
) -> np.ndarray:
    """The picture of a frame number, BGR uint8 (height, width, 3).

    Args:
        number: frame number, 0 to 63.
        size_px: width and height.
        field: 0 or 1 for the moments of an interlaced frame's two fields; None as for 0.
    """
    width, height = size_px
    image = np.empty((height, width, 3), np.uint8)
    upper, lower, cells, bottom = (round(height * row) for row in _ROWS)
    columns = [round(width * column / 4) for column in range(5)]
    for column, (left, right) in enumerate(zip(columns, columns[1:], strict=False)):
        image[:upper, left:right] = FIELDS[column]
        image[upper:lower, left:right] = FIELDS[4 + column]
    edges = [round(width * bit / BITS) for bit in range(BITS + 1)]
    for bit, (left, right) in enumerate(zip(edges, edges[1:], strict=False)):
        is_set = number >> (BITS - 1 - bit) & 1
        image[lower:cells, left:right] = _BRIGHT if is_set else _DARK
    image[cells:bottom] = _DARK
    left = round(width * block_left(number, field or 0))
    image[cells:bottom, left : left + round(width * _BLOCK)] = _BRIGHT
    return image


def block_left(number: int, field: int = 0) -> float:
    """Left edge of the moving block, as a fraction of the width."""
    return ((2 * number + field) % _PLACES) / _PLACES * (1 - _BLOCK)


def woven(number: int, size_px: tuple[int, int] = (128, 96), top_first: bool = True) -> np.ndarray:
    """An interlaced frame: the rows of its two fields show two moments."""
    first, second = scene(number, size_px, 0), scene(number, size_px, 1)
    image = first.copy()
    image[1 if top_first else 0 :: 2] = second[1 if top_first else 0 :: 2]
    return image


def combing(image: np.ndarray) -> float:
    """Mean difference of neighbouring rows in the stripe of the moving block."""
    height = image.shape[0]
    stripe = image[round(height * 0.84) : round(height * 0.96)].mean(axis=2)
    return float(np.abs(np.diff(stripe, axis=0)).mean())


def field_colours(image: np.ndarray, box: Box | None = None) -> np.ndarray:
    """Mean BGR of the eight fields, float (8, 3), from the middle of each."""
    means = []
    for number in range(8):
        top, bottom = (0.0, _ROWS[0]) if number < 4 else _ROWS[:2]
        left = number % 4 / 4
        means.append(_middle(image, box, left, left + 0.25, top, bottom).mean(axis=(0, 1)))
    return np.array(means)


def number_of(image: np.ndarray, box: Box | None = None) -> int | None:
    """The frame number written in a picture; None where it cannot be read."""
    number = 0
    for bit in range(BITS):
        cell = float(_middle(image, box, bit / BITS, (bit + 1) / BITS, _ROWS[1], _ROWS[2]).mean())
        if 95 < cell < 155:
            return None
        number = 2 * number + int(cell > 125)
    return number


def orientation_of(image: np.ndarray) -> str:
    """Name of the orientation in which a picture is shown, of `MATRICES`."""
    errors = {
        name: np.abs(field_colours(turn(image, inverse(matrix))) - FIELDS).mean()
        for name, matrix in MATRICES.items()
    }
    return min(errors, key=errors.__getitem__)


def turn(image: np.ndarray, matrix: tuple[int, int, int, int]) -> np.ndarray:
    """The picture that a display matrix makes of a stored one (ISO 14496-12, 8.3.2)."""
    a, b, c, d = matrix
    if a:
        return np.ascontiguousarray(image[::d, ::a])
    return np.ascontiguousarray(image.swapaxes(0, 1)[::b, ::c])


def inverse(matrix: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The matrix that undoes another: `turn(scene, inverse(m))` is stored, m shows it upright."""
    a, b, c, d = matrix
    return a, c, b, d


def _middle(
    image: np.ndarray, box: Box | None, left: float, right: float, top: float, bottom: float
) -> np.ndarray:
    """The inner half of a part of the picture (or of a box in it), in fractions of it."""
    x, y, width, height = box or (0, 0, image.shape[1], image.shape[0])
    across, down = (right - left) / 4, (bottom - top) / 4
    rows = slice(round(y + height * (top + down)), round(y + height * (bottom - down)))
    columns = slice(round(x + width * (left + across)), round(x + width * (right - across)))
    return image[rows, columns].astype(float)
