"""OpenCV 4 beside OpenCV 5: a separate process runs its importer of Caffe's files.

OpenCV 5 has no such importer, and one environment cannot have two versions. `make test` installs
version 4 into a folder of the environment.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

FOLDER = Path(sys.prefix) / "opencv4"

_SCRIPT = """
import sys
import cv2, numpy as np
prototxt, weights, image, maps = sys.argv[1:]
network = cv2.dnn.readNetFromCaffe(prototxt, weights)
network.setInput(cv2.dnn.blobFromImage(np.load(image), 1 / 255))
np.save(maps, network.forward()[0])
"""


def maps_of(
    prototxt: str, weights: Path, image: NDArray[np.uint8], scratch: Path
) -> NDArray[np.float32]:
    """What OpenCV's Caffe importer gives for a BGR picture: heat maps, then fields."""
    if not FOLDER.exists():
        assert not os.environ.get("CI"), "CI must have OpenCV 4 in its environment: see Makefile"
        pytest.skip(f"OpenCV 4 is not in {FOLDER}; `make test` puts it there")
    described, seen, maps = (scratch / name for name in ("a.prototxt", "image.npy", "maps.npy"))
    described.write_text(prototxt)
    np.save(seen, image)
    command = [sys.executable, "-c", _SCRIPT, *map(str, (described, weights, seen, maps))]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(FOLDER)})
    return np.load(maps)
