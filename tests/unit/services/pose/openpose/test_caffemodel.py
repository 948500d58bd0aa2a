"""Weights out of .caffemodel files, whole, damaged or made to harm."""

import time
import tracemalloc

import caffe
import numpy as np
import pytest

from services.pose.openpose import caffemodel
from shared.errors import ModelError

RNG = np.random.default_rng(1)
LAYERS = {
    "conv1_1": [
        RNG.standard_normal((4, 3, 3, 3), np.float32),
        RNG.standard_normal(4, np.float32),
    ],
    "conv_größer": [RNG.standard_normal((2, 4, 1, 1), np.float32)],
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "some.caffemodel"


def same(read):
    return list(read) == list(LAYERS) and all(
        np.array_equal(blob, expected)
        for name in LAYERS
        for blob, expected in zip(read[name], LAYERS[name], strict=True)
    )


def test_names_shapes_and_numbers_are_read(path):
    read = caffemodel.read(caffe.write_caffemodel(path, LAYERS))
    assert same(read)
    assert not any(blob.flags.owndata for blobs in read.values() for blob in blobs)


def test_the_old_form_of_blobs_is_read(path):
    path.write_bytes(
        caffe.layer("data", kind="Data")
        + b"".join(
            caffe.layer(name, *(caffe.old_blob(numbers) for numbers in blobs))
            for name, blobs in LAYERS.items()
        )
    )
    read = caffemodel.read(path)
    assert read["conv1_1"][1].shape == (1, 1, 1, 4)
    read["conv1_1"] = read["conv1_1"][0], read["conv1_1"][1].ravel()
    assert same(read)


def test_other_valid_encodings_are_read(path):
    """Numbers in several chunks, dimensions one by one, fields that are not known here."""
    numbers = LAYERS["conv1_1"][0]
    packed = caffe.message(5, numbers[:2].astype("<f4").tobytes())
    single = b"".join(b"\x2d" + number.tobytes() for number in numbers[2:].astype("<f4").ravel())
    dims = b"".join(caffe.varint(1 << 3) + caffe.varint(dim) for dim in numbers.shape)
    strange = caffe.varint(77 << 3 | 5) + b"four" + caffe.varint(78 << 3 | 1) + b"eight..."
    blob = strange + packed + strange + single + strange + caffe.message(7, dims)
    path.write_bytes(strange + caffe.layer("conv1_1", blob))
    np.testing.assert_array_equal(caffemodel.read(path)["conv1_1"][0], numbers)


ONE = caffe.blob(np.ones((2, 2), np.float32))
FOUR = np.ones(4, "<f4").tobytes()
WRONG = [
    (b"", "empty"),
    (b"<!DOCTYPE html><html><body>404</body></html>", "unknown kind"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\n", "unknown kind|past its end"),
    (b'name: "openpose" input: "image" layer { name: "conv1_1" }', "past its end|unknown kind"),
    (caffe.text(1, "a net without layers"), "no layers with weights"),
    (caffe.layer("relu", kind="ReLU"), "no layers with weights"),
    (caffe.message(2, caffe.text(4, "conv1") + caffe.message(6, ONE)), "upgrade_net_proto_binary"),
    (caffe.layer("a", ONE) + caffe.layer("a", ONE), "two layers called a"),
    (caffe.layer("", ONE), "without a name"),
    (caffe.layer("a\x1b[31m", ONE), "not text"),
    (caffe.layer("a" * 201, ONE), "a name of 201 bytes"),
    (caffe.layer("a", *[ONE] * 17), "17 blobs"),
    (caffe.layer("a", caffe.shape([2, 3]) + caffe.message(5, FOUR)), r"4 numbers for .*\[2, 3\]"),
    (caffe.layer("a", caffe.shape([2**40, 2**40]) + caffe.message(5, FOUR)), "a shape of"),
    (caffe.layer("a", caffe.shape([2**31 - 1] * 30) + caffe.message(5, FOUR)), "4 numbers for"),
    (caffe.layer("a", caffe.shape([1] * 33) + caffe.message(5, FOUR)), "more than 32"),
    (caffe.layer("a", caffe.shape([0])), "a shape of"),
    (caffe.layer("a", caffe.shape([4]) + caffe.message(5, FOUR[:-1])), "not a whole number"),
    (caffe.layer("a", caffe.shape([4]) + caffe.message(8, FOUR * 2)), "doubles"),
    (caffe.layer("a", caffe.shape([1]) + caffe.varint(5 << 3) + b"\x01"), "another kind"),
    (caffe.varint(100 << 3 | 2) + b"\xff" * 11, "without an end"),
    (caffe.varint(100 << 3 | 2) + caffe.varint(2**63) + b"abc", "past its end"),
    (caffe.varint(2) + b"\x00", "without a number"),
]


@pytest.mark.parametrize(("content", "told"), WRONG, ids=[told for _, told in WRONG])
def test_a_wrong_file_is_refused_by_name_with_a_remedy(path, content, told):
    path.write_bytes(content)
    with pytest.raises(ModelError, match=told) as refusal:
        caffemodel.read(path)
    assert str(path) in str(refusal.value)
    assert "fetch it again" in str(refusal.value)


def test_a_path_without_a_file_is_refused(tmp_path, path):
    for absent in (tmp_path, path):
        with pytest.raises(ModelError, match="there is no file"):
            caffemodel.read(absent)


def test_a_file_larger_than_the_limit_is_refused(path):
    with path.open("wb") as file:
        file.truncate(caffemodel.MAX_FILE_BYTES + 1)  # sparse: takes no room on the disk
    with pytest.raises(ModelError, match="exceed the limit"):
        caffemodel.read(path)


def bounded(path, seconds, megabytes):
    """Read, within limits of this process's own time; returns the refusal, or None."""
    tracemalloc.start()
    began_s = time.process_time()  # other tests run at the same time
    refusal = None
    try:
        caffemodel.read(path)
    except ModelError as error:
        refusal = error
    took_s, peak = time.process_time() - began_s, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert took_s < seconds
    assert peak < megabytes * 1e6
    return refusal


UNKNOWN = caffe.varint(3 << 3) + b"\x00"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (UNKNOWN * 10_000_000, "more than 100000 fields"),
        (caffe.layer("a", UNKNOWN * 10_000_000), "more than 100000 fields"),
        (caffe.layer("a", caffe.message(7, UNKNOWN * 10_000_000)), "more than 100000 fields"),
        (caffe.layer("a", caffe.message(5, b"") * 10_000_000), "64 chunks"),
        (caffe.layer("a", (b"\x2d1234" + UNKNOWN) * 3_000_000), "64 chunks"),
        (caffe.layer("a", caffe.message(7, caffe.message(1, b"\x01" * 20_000_000))), "more than"),
    ],
)
def test_a_file_made_to_waste_time_is_refused_quickly(path, content, told):
    path.write_bytes(content)
    assert told in str(bounded(path, seconds=10, megabytes=100))


def test_unpacked_numbers_are_read_in_one_pass(path):
    """One by one, ten million would take the reader a minute."""
    path.write_bytes(caffe.layer("a", caffe.shape([10_000_000]) + b"\x2d1234" * 10_000_000))
    assert bounded(path, seconds=10, megabytes=100) is None


def mutated(content, rng):
    """The file with one to three changes of a kind that disks, networks or attackers make."""
    raw = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(len(raw)))
        match rng.integers(5):
            case 0:  # a flipped bit
                raw[at] ^= 1 << int(rng.integers(8))
            case 1:  # cut off
                del raw[max(at, 1) :]
            case 2:  # bytes that do not belong
                raw[at:at] = rng.bytes(int(rng.integers(1, 20)))
            case 3:  # bytes that are missing
                del raw[max(at, 1) : at + int(rng.integers(1, 20))]
            case 4:  # a length that is not true, behind the tag of a layer, blob, shape or numbers
                tags = [i for i, byte in enumerate(raw[:-1]) if byte in (0x06, 0x3A, 0x2A, 0x0A)]
                if tags:
                    at = tags[int(rng.integers(len(tags)))] + 1
                    raw[at : at + 1] = caffe.varint(int(rng.integers(2**63)) >> rng.integers(63))
    return bytes(raw)


def test_a_thousand_damaged_files_are_read_or_refused(path):
    rng = np.random.default_rng(20)
    whole = caffe.write_caffemodel(path, LAYERS).read_bytes()
    old = b"".join(caffe.layer(name, *map(caffe.old_blob, blobs)) for name, blobs in LAYERS.items())
    refusals = []
    for number in range(1000):
        path.write_bytes(mutated((whole, old)[number % 2], rng))
        refusals.append(bounded(path, seconds=20, megabytes=5))
    told = [str(refusal) for refusal in refusals if refusal is not None]
    assert all(str(path) in refusal for refusal in told)
    assert 400 < len(told) < 1000  # a flipped bit in the numbers themselves cannot be noticed
    kinds = ("past its end", "unknown kind", "numbers for a shape", "without an end", "a shape of")
    assert [kind for kind in kinds if not any(kind in refusal for refusal in told)] == []
