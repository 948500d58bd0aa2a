"""Reads .caffemodel files: the trained weights of Caffe networks.

Such a file is a protobuf `NetParameter`; of its schema (BVLC/caffe, caffe.proto) only the layers'
names and blobs are looked at. A file may be damaged or hostile: it is mapped, not loaded; numbers
that it gives are checked before they are used, and the work is bounded whatever it claims.
"""

import mmap
from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.pose.openpose.protobuf import BYTES, FIXED32, VARINT, Field, Wire, WireError
from shared.errors import ModelError

#: A layer's blobs, float32: for a convolution its kernels (outputs, inputs, height, width) and
#: its biases (outputs,). They are views of the mapped file where the file's form allows it.
Blobs = tuple[NDArray[np.float32], ...]

#: OpenPose's largest file has 209 MB; this leaves room for others and bounds the memory.
MAX_FILE_BYTES = 512 * 1024**2

#: A network of 200 layers has about 4,000 fields; a file with more than this is not read on.
MAX_FIELDS = 100_000

_MAX_NAME_BYTES = 200
_MAX_BLOBS = 16
_MAX_DIMENSIONS = 32  # Caffe's own limit
_MAX_PIECES = 64

# Field numbers in caffe.proto.
_NET_V1_LAYERS, _NET_LAYER = 2, 100
_LAYER_NAME, _LAYER_BLOBS = 1, 7
_BLOB_LEGACY_SHAPE, _BLOB_DATA, _BLOB_SHAPE, _BLOB_DOUBLES = (1, 2, 3, 4), 5, 7, 8
_SHAPE_DIM = 1

#: A float that is not packed stands behind its own tag, one byte for field 5 as FIXED32.
_UNPACKED = np.dtype([("tag", "u1"), ("value", "<f4")])
_UNPACKED_TAG = _BLOB_DATA << 3 | FIXED32


def read(path: Path) -> Mapping[str, Blobs]:
    """Read the layers that have weights.

    Returns:
        Layer name → blobs.

    Raises:
        ModelError: the file cannot be read, or is no caffemodel; the message names both.
    """
    if not path.is_file():
        raise ModelError(f"there is no file {path}; give the path of a .caffemodel file")
    try:
        with path.open("rb") as opened:
            size = opened.seek(0, 2)
            if size > MAX_FILE_BYTES:
                raise WireError(f"{size} bytes are more than any network that is known here has")
            if size == 0:
                raise WireError("it is empty")
            data = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
        return _net(Wire(data, MAX_FIELDS))
    except OSError as error:
        raise ModelError(f"cannot read the weights {path}: {error.strerror}") from error
    except WireError as error:
        raise ModelError(
            f"{path} is no caffemodel that can be read: {error}. "
            "It is damaged or another file: delete it and get it again, OpenPose's with "
            "`coach models pull openpose-mpi`"
        ) from error


def _net(wire: Wire) -> dict[str, Blobs]:
    layers: dict[str, Blobs] = {}
    for field in wire.fields(0, len(wire.data)):
        if field.kind == BYTES and field.number == _NET_V1_LAYERS:
            raise WireError(
                "its layers are in the form of before 2014 (V1); Caffe's own "
                "upgrade_net_proto_binary turns it into one that can be read"
            )
        if field.kind == BYTES and field.number == _NET_LAYER:
            name, blobs = _layer(wire, field)
            if blobs and name in layers:
                raise WireError(f"it has two layers called {name}")
            if blobs:
                layers[name] = blobs
    if not layers:
        raise WireError("it has no layers with weights")
    return layers


def _layer(wire: Wire, layer: Field) -> tuple[str, Blobs]:
    name, blobs = "", list[Field]()
    for field in wire.fields(layer.begin, layer.end):
        if field.kind == BYTES and field.number == _LAYER_NAME:
            name = _name(wire.data[field.begin : field.end], field.begin)
        elif field.kind == BYTES and field.number == _LAYER_BLOBS:
            blobs.append(field)
    if len(blobs) > _MAX_BLOBS:
        raise WireError(f"layer {name} has {len(blobs)} blobs")
    if blobs and not name:
        raise WireError(f"a layer without a name at byte {layer.begin}")
    try:
        return name, tuple(_blob(wire, blob) for blob in blobs)
    except WireError as error:
        raise WireError(f"layer {name}: {error}") from error


def _name(raw: memoryview, at: int) -> str:
    if len(raw) > _MAX_NAME_BYTES:
        raise WireError(f"a name of {len(raw)} bytes at byte {at}")
    name = str(raw, "utf-8", "replace")
    if not name.isprintable():
        raise WireError(f"a name that is not text at byte {at}")
    return name


def _blob(wire: Wire, blob: Field) -> NDArray[np.float32]:
    shape, legacy = list[int](), dict[int, int]()
    pieces = list[NDArray[np.float32]]()
    at = blob.begin
    while at < blob.end:
        field = wire.field(at, blob.end)
        if field.number == _BLOB_DATA:
            piece, at = _floats(wire, field, at, blob.end)
            pieces.append(piece)
            if len(pieces) > _MAX_PIECES:
                raise WireError(f"its numbers are in more than {_MAX_PIECES} pieces")
            continue
        at = field.end
        if field.kind == BYTES and field.number == _BLOB_SHAPE:
            shape = _shape(wire, field)
        elif field.kind == VARINT and field.number in _BLOB_LEGACY_SHAPE:
            legacy[field.number] = field.value
        elif field.number == _BLOB_DOUBLES:
            raise WireError("its numbers are doubles; only single precision is read")
    if not shape and legacy:
        shape = [legacy.get(number, 1) for number in _BLOB_LEGACY_SHAPE]
    numbers = pieces[0] if len(pieces) == 1 else np.concatenate([_NONE, *pieces])
    if prod(shape) != len(numbers):
        raise WireError(f"{len(numbers)} numbers for a shape of {shape}")
    return numbers.reshape(shape)


_NONE = np.zeros(0, np.float32)


def _shape(wire: Wire, shape: Field) -> list[int]:
    """Dimensions, packed or not; each below 2^31, so that their product stays a small number."""
    dimensions = list[int]()
    for field in wire.fields(shape.begin, shape.end):
        if field.number == _SHAPE_DIM and field.kind == VARINT:
            dimensions.append(field.value)
        elif field.number == _SHAPE_DIM and field.kind == BYTES:
            dimensions.extend(wire.varints(field.begin, field.end, _MAX_DIMENSIONS))
        if len(dimensions) > _MAX_DIMENSIONS:
            raise WireError(f"more than {_MAX_DIMENSIONS} dimensions")
    if any(not 0 < dimension < 2**31 for dimension in dimensions):
        raise WireError(f"a shape of {dimensions}")
    return dimensions


def _floats(wire: Wire, first: Field, at: int, end: int) -> tuple[NDArray[np.float32], int]:
    """Numbers and the byte after them: packed ones, or a run of single ones."""
    if first.kind == BYTES:
        if (first.end - first.begin) % 4:
            raise WireError(f"{first.end - first.begin} bytes are no whole number of floats")
        packed = wire.data[first.begin : first.end]
        return np.frombuffer(packed, "<f4").astype(np.float32, copy=False), first.end
    if first.kind != FIXED32 or wire.data[at] != _UNPACKED_TAG:
        raise WireError(f"numbers of another kind at byte {at}")
    run = np.frombuffer(wire.data[at : end - (end - at) % _UNPACKED.itemsize], _UNPACKED)
    others = run["tag"] != _UNPACKED_TAG
    count = int(others.argmax()) if others.any() else len(run)
    return run["value"][:count].copy(), at + count * _UNPACKED.itemsize
