"""MoveNet's networks in the form that the engines read: converted once, then kept."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from services.pose import weights
from services.pose.movenet.graph_model import convert
from services.pose.runtime import Runtime
from services.pose.weights.derived import ensure_derived
from shared.errors import ModelError

#: Version of the converted networks' format. Raised when converting gives another network.
_VERSION = 1


def network_files(runtime: Runtime, *names: str) -> tuple[Path, ...]:
    """Files of the converted networks; made once, see `weights.derived`.

    Args:
        runtime: where weights are kept.
        names: `multipose`, `thunder` or `lightning` each.

    Returns:
        A frozen TensorFlow graph (`.pb`) for each name.

    Raises:
        ModelError: the weights cannot be fetched, or the networks cannot be written.
    """
    files = weights.ensure("movenet", runtime.models_dir)
    return tuple(_converted(files, f"movenet-{name}", runtime.models_dir) for name in names)


def _converted(files: Mapping[str, Path], name: str, models_dir: Path) -> Path:
    """Topology and weights are registered together: the first's hash stands for both."""
    topology, shard = files[f"{name}.json"], files[f"{name}.bin"]
    return ensure_derived(
        topology, "frozen", _VERSION, (".pb",), partial(_convert, topology, shard), models_dir
    )


def _convert(topology: Path, shard: Path) -> list[bytes]:
    try:
        return [convert(topology.read_bytes(), {shard.name: shard.read_bytes()})]
    except OSError as error:
        raise ModelError(f"cannot read {error.filename}: {error.strerror}") from error
    except ModelError as error:
        raise ModelError(f"{topology} cannot be converted: {error}") from error
