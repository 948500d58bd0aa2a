"""Reads .caffemodel files: the trained weights of Caffe networks.

Such a file is a protobuf `NetParameter`, of which only the layers' names and blobs are read
(BVLC/caffe, caffe.proto). A file may be damaged or hostile: it is mapped, not loaded; its numbers
are checked before they are used, and the amount of work is bounded.
"""

import mmap
from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.pose.protobuf import (
    BYTES,
    FIXED32,
    VARINT,
    Field,
    ProtobufError,
    ProtobufReader,
)
from shared.errors import ModelError

#: A layer's blobs, float32: for a convolution its kernels (outputs, inputs, height, width) and
#: its biases (outputs,). They are views of the mapped file if the file's form allows it.
Blobs = tuple[NDArray[np.float32], ...]

#: Maximum size of a file, in bytes. Chosen: it bounds the memory; OpenPose's largest has 209 MB.
MAX_FILE_BYTES = 512 * 1024**2

#: Maximum number of fields in a file. Chosen: a network of 200 layers has about 4,000.
MAX_FIELDS = 100_000

#: Maximum length of a layer's name in bytes, and numbers of its blobs and of the parts of one.
#: Chosen: far above any published network; they bound the time for a damaged or malicious file.
_MAX_NAME_BYTES = 200
_MAX_BLOBS = 16
_MAX_CHUNKS = 64

#: Maximum number of a blob's dimensions. By Caffe's own definition.
_MAX_DIMENSIONS = 32

#: Field numbers, by definition in caffe.proto.
_NET_V1_LAYERS, _NET_LAYER = 2, 100
_LAYER_NAME, _LAYER_BLOBS = 1, 7
_BLOB_LEGACY_SHAPE, _BLOB_DATA, _BLOB_SHAPE, _BLOB_DOUBLES = (1, 2, 3, 4), 5, 7, 8
_SHAPE_DIM = 1

#: A float that is not packed follows its own tag, by definition of protobuf: one byte for field 5
#: as FIXED32.
_UNPACKED = np.dtype([("tag", "u1"), ("value", "<f4")])
_UNPACKED_TAG = _BLOB_DATA << 3 | FIXED32


def read(path: Path) -> Mapping[str, Blobs]:
    """Read the layers that have weights.

    Returns:
        Layer name → blobs.

    Raises:
        ModelError: the file cannot be read or is not a caffemodel.
    """
    if not path.is_file():
        raise ModelError(f"there is no file {path}; give the path of a .caffemodel file")
    try:
        with path.open("rb") as opened:
            size = opened.seek(0, 2)
            if size > MAX_FILE_BYTES:
                raise ProtobufError(f"its {size} bytes exceed the limit of {MAX_FILE_BYTES}")
            if size == 0:
                raise ProtobufError("it is empty")
            data = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
        return _net(ProtobufReader(data, MAX_FIELDS))
    except OSError as error:
        raise ModelError(f"cannot read the weights {path}: {error.strerror}") from error
    except ProtobufError as error:
        raise ModelError(
            f"{path} is not a readable caffemodel: {error}. "
            "It is damaged or another file: delete it and fetch it again, OpenPose's with "
            "`coach models pull openpose-mpi`"
        ) from error


def _net(reader: ProtobufReader) -> dict[str, Blobs]:
    layers: dict[str, Blobs] = {}
    for field in reader.fields(0, len(reader.data)):
        if field.kind == BYTES and field.number == _NET_V1_LAYERS:
            raise ProtobufError(
                "its layers are in the format used before 2014 (V1); convert it with Caffe's own "
                "upgrade_net_proto_binary"
            )
        if field.kind == BYTES and field.number == _NET_LAYER:
            name, blobs = _layer(reader, field)
            if blobs and name in layers:
                raise ProtobufError(f"it has two layers called {name}")
            if blobs:
                layers[name] = blobs
    if not layers:
        raise ProtobufError("it has no layers with weights")
    return layers


def _layer(reader: ProtobufReader, layer: Field) -> tuple[str, Blobs]:
    name, blobs = "", list[Field]()
    for field in reader.fields(layer.begin, layer.end):
        if field.kind == BYTES and field.number == _LAYER_NAME:
            name = _name(reader.data[field.begin : field.end], field.begin)
        elif field.kind == BYTES and field.number == _LAYER_BLOBS:
            blobs.append(field)
    if len(blobs) > _MAX_BLOBS:
        raise ProtobufError(f"layer {name} has {len(blobs)} blobs")
    if blobs and not name:
        raise ProtobufError(f"a layer without a name at byte {layer.begin}")
    try:
        return name, tuple(_blob(reader, blob) for blob in blobs)
    except ProtobufError as error:
        raise ProtobufError(f"layer {name}: {error}") from error


def _name(raw: memoryview, at: int) -> str:
    if len(raw) > _MAX_NAME_BYTES:
        raise ProtobufError(f"a name of {len(raw)} bytes at byte {at}")
    name = str(raw, "utf-8", "replace")
    if not name.isprintable():
        raise ProtobufError(f"a name that is not text at byte {at}")
    return name


def _blob(reader: ProtobufReader, blob: Field) -> NDArray[np.float32]:
    shape, legacy = list[int](), dict[int, int]()
    chunks = list[NDArray[np.float32]]()
    at = blob.begin
    while at < blob.end:
        field = reader.field(at, blob.end)
        if field.number == _BLOB_DATA:
            chunk, at = _floats(reader, field, at, blob.end)
            chunks.append(chunk)
            if len(chunks) > _MAX_CHUNKS:
                raise ProtobufError(f"its numbers are in more than {_MAX_CHUNKS} chunks")
            continue
        at = field.end
        if field.kind == BYTES and field.number == _BLOB_SHAPE:
            shape = _shape(reader, field)
        elif field.kind == VARINT and field.number in _BLOB_LEGACY_SHAPE:
            legacy[field.number] = field.value
        elif field.number == _BLOB_DOUBLES:
            raise ProtobufError("its numbers are doubles; only single precision is supported")
    if not shape and legacy:
        shape = [legacy.get(number, 1) for number in _BLOB_LEGACY_SHAPE]
    numbers = chunks[0] if len(chunks) == 1 else np.concatenate([_NONE, *chunks])
    if prod(shape) != len(numbers):
        raise ProtobufError(f"{len(numbers)} numbers for a shape of {shape}")
    return numbers.reshape(shape)


#: No numbers, in the file's format.
_NONE = np.zeros(0, np.float32)


def _shape(reader: ProtobufReader, shape: Field) -> list[int]:
    """Dimensions, packed or not; each below 2^31, which bounds their product."""
    dimensions = list[int]()
    for field in reader.fields(shape.begin, shape.end):
        if field.number == _SHAPE_DIM and field.kind == VARINT:
            dimensions.append(field.value)
        elif field.number == _SHAPE_DIM and field.kind == BYTES:
            dimensions.extend(reader.varints(field.begin, field.end, _MAX_DIMENSIONS))
        if len(dimensions) > _MAX_DIMENSIONS:
            raise ProtobufError(f"more than {_MAX_DIMENSIONS} dimensions")
    if any(not 0 < dimension < 2**31 for dimension in dimensions):
        raise ProtobufError(f"a shape of {dimensions}")
    return dimensions


def _floats(
    reader: ProtobufReader, first: Field, at: int, end: int
) -> tuple[NDArray[np.float32], int]:
    """Numbers and the byte after them: packed ones, or a sequence of single ones."""
    if first.kind == BYTES:
        if (first.end - first.begin) % 4:
            raise ProtobufError(f"{first.end - first.begin} bytes are not a whole number of floats")
        packed = reader.data[first.begin : first.end]
        return np.frombuffer(packed, "<f4").astype(np.float32, copy=False), first.end
    if first.kind != FIXED32 or reader.data[at] != _UNPACKED_TAG:
        raise ProtobufError(f"numbers of another kind at byte {at}")
    run = np.frombuffer(reader.data[at : end - (end - at) % _UNPACKED.itemsize], _UNPACKED)
    others = run["tag"] != _UNPACKED_TAG
    count = int(others.argmax()) if others.any() else len(run)
    return run["value"][:count].copy(), at + count * _UNPACKED.itemsize
