"""Converts Caffe weights once: the ONNX network lies beside them from then on.

Each converted file has a second one with its SHA-256, written after it; without that, or with
another hash, it is made anew. Two processes that convert at once write the same bytes.
"""

import hashlib
import logging
import os
from pathlib import Path

from services.pose import caffemodel
from services.pose.openpose_network.building import VERSION, build
from services.pose.openpose_network.layers import layout_of, stages_of
from shared.errors import ModelError
from shared.settings import Settings

_log = logging.getLogger(__name__)


def network_file(weights: Path, layout: str, stages: int) -> Path:
    """The network as an ONNX file, converted if that has not been done yet.

    It lies beside the weights, or in the cache of models where their folder cannot be written.
    For its inputs and outputs see `building`; for the arguments, `building.build`.

    Raises:
        UsageError: there is no such layout or stage.
        ModelError: the weights cannot be read, are not those of this network, or nothing can be
            written.
    """
    stages_of(layout_of(layout), stages)
    key = hashlib.sha256(f"{VERSION} {_sha256(weights)}".encode()).hexdigest()[:16]
    name = f"{weights.stem}-{layout}-{stages}-{key}.onnx"
    places = [weights.parent / name, Settings().models_dir / "converted" / name]
    for place in places:
        if _is_sound(place):
            return place
    blobs = caffemodel.read(weights)
    _log.info("Converting %s to ONNX, once", weights)
    try:
        network = build(blobs, layout, stages).SerializeToString()
    except ModelError as error:
        raise ModelError(f"{weights}: {error}") from error
    for place in places:
        try:
            _write(network, place)
            return place
        except OSError as error:
            refusal = error
    raise ModelError(
        f"cannot write the converted network to {places[0].parent} or {places[1].parent}: "
        f"{refusal.strerror}; set COACH_MODELS_DIR to a folder that can be written"
    )


def _sha256(weights: Path) -> str:
    try:
        with weights.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read the weights {weights}: {error.strerror}") from error


def _is_sound(network: Path) -> bool:
    try:
        expected = _hash_file(network).read_text()
        with network.open("rb") as opened:
            actual = hashlib.file_digest(opened, "sha256").hexdigest()
    except (OSError, UnicodeDecodeError):
        return False
    if actual != expected:
        _log.warning("%s is damaged; it is made anew", network)
    return actual == expected


def _write(network: bytes, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    _put(network, place)
    _put(hashlib.sha256(network).hexdigest().encode(), _hash_file(place))


def _put(content: bytes, place: Path) -> None:
    """Write a file whole or not at all."""
    staged = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        staged.write_bytes(content)
        os.replace(staged, place)
    finally:
        staged.unlink(missing_ok=True)


def _hash_file(network: Path) -> Path:
    return network.with_name(network.name + ".sha256")
