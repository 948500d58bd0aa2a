"""Pose backends: one file each, and the plug-in point through which others join.

A backend is made by a callable that is registered under the entry-point group
`coach.pose_backends`; a package that declares such an entry point adds a backend without a change
here. Its name is what `--backend` takes.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from shared.errors import UsageError
from shared.messages import Person

ENTRY_POINT_GROUP = "coach.pose_backends"


class TimedImage(NamedTuple):
    """A picture to look at: BGR uint8 (height, width, 3), and its time in the clip."""

    image: NDArray[np.uint8]
    time_s: float


class Backend(Protocol):
    """Finds people in consecutive pictures.

    `people` may carry state from one picture to the next of the same call (tracking), and none
    from call to call: what comes out depends on the pictures alone.
    """

    @property
    def engine(self) -> str:
        """What its networks run on, as `Engine.about` tells; for the record of a job."""
        ...

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield, for each picture, its people in that picture's pixels, surest first."""
        ...


#: Makes a backend. `threads` is the number of processor threads that inference may use.
Loader = Callable[[int], Backend]


def load_backend(name: str, threads: int = 1) -> Backend:
    """Load a backend with its weights.

    Raises:
        UsageError: no backend has this name.
        ModelError: its weights are missing or wrong.
    """
    loader: Loader = _registered(name).load()
    return loader(threads)


def backend_names() -> list[str]:
    """Names of all installed backends, sorted."""
    return sorted(entry_points(group=ENTRY_POINT_GROUP).names)


def check_backend(name: str) -> None:
    """Raise UsageError when no backend has this name."""
    _registered(name)


def _registered(name: str) -> EntryPoint:
    found = tuple(entry_points(group=ENTRY_POINT_GROUP, name=name))
    if not found:
        raise UsageError(
            f"no pose backend is called {name!r}; there are: {', '.join(backend_names())}"
        )
    return found[0]
