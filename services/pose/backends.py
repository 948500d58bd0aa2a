"""Pose backends: one file each, and the plug-in point through which others join.

A backend is a `Plugin` that is registered under the entry-point group `coach.pose_backends`; a
package that declares such an entry point adds a backend without a change here. Its name is what
`--backend` takes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from shared.data.messages import Person
from shared.data.pose_options import PoseOptions, option_flag
from shared.errors import UsageError

ENTRY_POINT_GROUP = "coach.pose_backends"

_USUAL = PoseOptions()


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


@dataclass(frozen=True)
class Plugin:
    """How a backend is made, and what it can be asked for.

    load: makes it, given the number of processor threads that inference may use and the options.
    options: the fields of `PoseOptions` that it knows. stages: what `PoseOptions.stages` may be,
    beside 0. networks: the files that engines run for these options, fetched and converted.
    """

    load: Callable[[int, PoseOptions], Backend]
    options: frozenset[str] = frozenset()
    stages: range = range(0)
    networks: Callable[[PoseOptions], tuple[Path, ...]] = lambda _: ()


def load_backend(name: str, threads: int = 1, options: PoseOptions = _USUAL) -> Backend:
    """Load a backend with its weights.

    Raises:
        UsageError: no backend has this name, or it does not know one of the options.
        ModelError: its weights are missing or wrong.
    """
    check_backend(name, options)
    plugin: Plugin = _registered(name).load()
    return plugin.load(threads, options)


def networks_of(name: str, options: PoseOptions = _USUAL) -> tuple[Path, ...]:
    """The files that engines run for a backend, fetched and converted if need be.

    Raises:
        UsageError: no backend has this name.
        ModelError: its weights are missing or wrong.
    """
    plugin: Plugin = _registered(name).load()
    return plugin.networks(options)


def backend_names() -> list[str]:
    """Names of all installed backends, sorted."""
    return sorted(entry_points(group=ENTRY_POINT_GROUP).names)


def check_backend(name: str, options: PoseOptions = _USUAL) -> None:
    """Raise UsageError when no backend has this name, or it does not know one of the options.

    Its code is imported only if an option is not the usual one.
    """
    entry = _registered(name)
    asked = options.changed()
    if not asked:
        return
    plugin: Plugin = entry.load()
    unknown = [option_flag(option) for option in asked if option not in plugin.options]
    if unknown:
        raise UsageError(f"the backend {name} knows no {', '.join(unknown)}; leave that out")
    if options.stages and options.stages not in plugin.stages:
        raise UsageError(
            f"--pose-stages of {name} is a whole number from {plugin.stages.start} to "
            f"{plugin.stages.stop - 1}, not {options.stages}"
        )


def knows_options(name: str) -> bool:
    """Whether a backend can be asked for anything, so that it differs from job to job."""
    plugin: Plugin = _registered(name).load()
    return bool(plugin.options)


def _registered(name: str) -> EntryPoint:
    found = tuple(entry_points(group=ENTRY_POINT_GROUP, name=name))
    if not found:
        raise UsageError(
            f"no pose backend is called {name!r}; there are: {', '.join(backend_names())}"
        )
    return found[0]
