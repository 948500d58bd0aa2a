"""What a backend runs on: engine, precision, threads, and where network weights are kept.

A `Runtime` is handed down to everything in this package that needs one. Nothing below reads the
environment; `runtime_from_environment` is the only place that does, for callers that give none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from shared.engine_names import EngineName, Precision
from shared.settings import Settings, read_settings

if TYPE_CHECKING:  # the engines import this module
    from services.pose.engines.interface import Engine, ImageInput

#: Compiles a network; takes and returns what `engines.load` does.
EngineLoader = Callable[[Path, "Runtime", "ImageInput | None"], "Engine"]


@dataclass(frozen=True)
class Runtime:
    """How this process runs networks.

    Args:
        models_dir: folder that caches weights and the networks derived from them.
        openpose_weights: caffemodel that replaces the registered one of `openpose-mpi`.
        engine: what runs the networks; `auto` picks NVIDIA if available, otherwise OpenVINO.
        precision: number format of the networks.
        threads: processor threads per network.
        engine_loader: replaces the usual way to compile a network; quantization uses it to record
            a network's inputs and to run int8 networks that have not been accepted yet.
    """

    models_dir: Path
    openpose_weights: Path | None = None
    engine: EngineName = "auto"
    precision: Precision = "f32"
    threads: int = 1
    engine_loader: EngineLoader | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Runtime that an operator's settings describe."""
        return cls(
            models_dir=settings.models_dir,
            openpose_weights=settings.openpose_weights,
            engine=settings.engine,
            precision=settings.precision,
            threads=settings.pose_threads,
        )


def runtime_from_environment() -> Runtime:
    """Runtime of the `COACH_…` environment variables, for callers that give none of their own."""
    return Runtime.of(read_settings())
