"""Pose backends: what one is, and how to add another.

A backend is any class with the two members of `Backend`. A package adds one without changes here,
with a `Plugin` in one of its modules:

    class MyBackend:
        def __init__(self, network: Engine) -> None:
            self._network, self.engine = network, network.description

        def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
            for image, _time_s in images:
                yield people_in(self._network.infer(image[None]))

    def load(runtime: Runtime, options: PoseOptions) -> MyBackend:
        return MyBackend(engines.load(Path("my_network.onnx"), runtime, ImageInput(scale=1 / 255)))

    PLUGIN = Plugin(load)

and with an entry point in its pyproject.toml, which gives it the name for `--backend`:

    [project.entry-points."coach.pose_backends"]
    my-backend = "my_package.my_module:PLUGIN"

`tests/contract/test_backends.py` then tests it, as it does every installed backend.
`services/pose/openpose/mobilenet.py` is a complete example with options and cached weights.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from services.pose.runtime import Runtime, runtime_from_environment
from shared.data.messages import Person
from shared.data.pose_options import PoseOptions, option_flag
from shared.errors import UsageError

ENTRY_POINT_GROUP = "coach.pose_backends"

_DEFAULT_OPTIONS = PoseOptions()


class TimedImage(NamedTuple):
    """An image, BGR uint8 (height, width, 3), and its time in the clip, in s."""

    image: NDArray[np.uint8]
    time_s: float


class Backend(Protocol):
    """Finds people in consecutive images.

    `people` may carry state from one image to the next of the same call (tracking), but none from
    call to call: the result depends on the images alone.

    A backend whose attribute `takes_any_order` is true takes images in any order of time, one after
    the other: it yields the people of each before it asks for the next. It is then not asked for
    every image, see `services.pose.looks`.

    A backend may have a method `glance`, with the arguments and result of `people`: a cheaper look,
    in which places and rough postures of people are right. It takes images that are seconds apart.
    """

    @property
    def engine(self) -> str:
        """What its networks run on (`Engine.description`); recorded with each job."""
        ...

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield the people of each image, in pixels of the image, most confident first."""
        ...


@dataclass(frozen=True)
class Plugin:
    """How a backend is made, and which options it has.

    Args:
        load: makes the backend for a runtime and options.
        options: names of the fields of `PoseOptions` that it supports.
        stages: values of `PoseOptions.stages` that it supports besides 0.
        networks: files of the networks that it runs for a runtime and options; fetches and converts
            them if necessary.
        weights: names of the models of `services.pose.weights` whose files it needs.
    """

    load: Callable[[Runtime, PoseOptions], Backend]
    options: frozenset[str] = frozenset()
    stages: range = range(0)
    networks: Callable[[Runtime, PoseOptions], tuple[Path, ...]] = lambda _runtime, _options: ()
    weights: tuple[str, ...] = ()


def load_backend(
    name: str, runtime: Runtime | None = None, options: PoseOptions = _DEFAULT_OPTIONS
) -> Backend:
    """Load a backend with its weights.

    Args:
        name: name of an installed backend.
        runtime: engine, precision and threads; those of the environment if None.
        options: how poses are found.

    Raises:
        UsageError: no backend has this name, or it does not support one of the options.
        ModelError: its weights are missing or damaged.
    """
    check_backend(name, options)
    plugin: Plugin = _entry_point(name).load()
    return plugin.load(runtime or runtime_from_environment(), options)


def networks_of(
    name: str, runtime: Runtime | None = None, options: PoseOptions = _DEFAULT_OPTIONS
) -> tuple[Path, ...]:
    """Files of the networks that a backend runs, fetched and converted if necessary.

    The arguments are those of `load_backend`.

    Raises:
        UsageError: no backend has this name.
        ModelError: its weights are missing or damaged.
    """
    plugin: Plugin = _entry_point(name).load()
    return plugin.networks(runtime or runtime_from_environment(), options)


def weights_of(name: str) -> tuple[str, ...]:
    """Names of the models (`services.pose.weights`) whose files a backend needs.

    Raises:
        UsageError: no backend has this name.
    """
    plugin: Plugin = _entry_point(name).load()
    return plugin.weights


def backend_names() -> list[str]:
    """Names of all installed backends, sorted."""
    return sorted(entry_points(group=ENTRY_POINT_GROUP).names)


def check_backend(name: str, options: PoseOptions = _DEFAULT_OPTIONS) -> None:
    """Make sure that a backend is installed and supports the options.

    Its code is imported only if an option differs from the default.

    Raises:
        UsageError: no backend has this name, or it does not support one of the options.
    """
    entry_point = _entry_point(name)
    changed = options.changed()
    if not changed:
        return
    plugin: Plugin = entry_point.load()
    unsupported = [option_flag(option) for option in changed if option not in plugin.options]
    if unsupported:
        raise UsageError(f"the backend {name} has no {', '.join(unsupported)}; leave that out")
    if options.stages and options.stages not in plugin.stages:
        raise UsageError(
            f"--pose-stages of {name} is a whole number from {plugin.stages.start} to "
            f"{plugin.stages.stop - 1}, not {options.stages}"
        )


def supports_options(name: str) -> bool:
    """Whether a backend supports any option, so that it may differ from job to job."""
    plugin: Plugin = _entry_point(name).load()
    return bool(plugin.options)


def _entry_point(name: str) -> EntryPoint:
    found = tuple(entry_points(group=ENTRY_POINT_GROUP, name=name))
    if not found:
        raise UsageError(
            f"no pose backend is called {name!r}; there are: {', '.join(backend_names())}"
        )
    return found[0]
