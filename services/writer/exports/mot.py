"""Joint angles as an OpenSim motion: the MOT format.

The header is that of OpenSim 4 (name, version, nRows, nColumns, inDegrees, endheader), then come
the column names and a row a frame, with tabs between cells. An unknown angle is "nan".
"""

import numpy as np
from numpy.typing import NDArray

from shared.data.analysis import ANGLES, Analysis

F64 = NDArray[np.float64]

#: Frames count as evenly spaced up to this error of their times, in seconds: some containers
#: (Matroska) round time stamps to a millisecond.
EVEN_S = 1.1e-3


def content(analysis: Analysis, name: str) -> str:
    """The content of a `.mot` file of this name."""
    time_s, angles_deg = evenly_spaced(
        np.array([frame.time_s for frame in analysis.frames], float),
        np.array(
            [[getattr(frame.angles, angle) for angle in ANGLES] for frame in analysis.frames], float
        ).reshape(-1, len(ANGLES)),
    )
    lines = [
        name,
        "version=1",
        f"nRows={len(time_s)}",
        f"nColumns={1 + len(ANGLES)}",
        "inDegrees=yes",
        "endheader",
        "\t".join(("time", *ANGLES)),
    ]
    for at_s, row in zip(time_s.tolist(), angles_deg.tolist(), strict=True):
        lines.append("\t".join([f"{at_s:.6f}", *(f"{angle:.4f}" for angle in row)]))
    return "\n".join(lines) + "\n"


def evenly_spaced(time_s: F64, values: F64) -> tuple[F64, F64]:
    """Values at as many evenly spaced times, interpolated linearly where times are not.

    Args:
        time_s: (n,), rising.
        values: (n, k), NaN where unknown.

    Returns:
        Times (n,) and values (n, k); a value between an unknown one and another is unknown.
    """
    if len(time_s) < 3:
        return time_s, values
    even_s = np.linspace(time_s[0], time_s[-1], len(time_s))
    if np.abs(even_s - time_s).max() <= EVEN_S:
        return time_s, values
    columns = [np.interp(even_s, time_s, column) for column in values.T]
    return even_s, np.stack(columns, 1)
