"""10,000 mutated messages and records: each is read as a valid one or refused, in few seconds."""

import json
import random
import tracemalloc
from dataclasses import replace
from pathlib import Path

import msgpack
import numpy as np
import pytest
from analyses import analysis, lifter_set
from builders import person, poses

from shared.data import codec
from shared.data.analysis import Analysis
from shared.data.job_options import JobOptions, JudgingOptions
from shared.data.messages import (
    EncodedFrame,
    EndOfStream,
    EndReason,
    FrameChunk,
    KeypointChunk,
    Plate,
)
from shared.data.pictures import decode_images, encode_image
from shared.data.pose_options import PoseOptions
from shared.errors import MessageError
from shared.queue.job import from_record, new_job, to_record

#: What a field is replaced with: wrong types, sizes, signs, and numbers that nothing survives.
WRONG = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64 - 1, -(2**63), 0.5, -0.0, 1e308,
    float("nan"), float("inf"), "", "x", "../../etc/passwd", "a\0b", "9" * 5000, "x" * 70_000,
    b"", b"\0" * 7, b"\xff" * 5000, [], [[]], [1] * 300, {}, {"kind": "Job"}, {"": []},
    [[15, 2], b"\0" * 120], [[2**32, 2**32], b""], [[-1], b"\0\0\0\0"], [[], b"\0\0\0\0"],
    msgpack.ExtType(5, b"x"), msgpack.Timestamp(1), msgpack.ExtType(127, b"\x80\x04."),
)  # fmt: skip

_FRAME = EncodedFrame(3, 0.1, encode_image(np.zeros((6, 8, 3), np.uint8)), 2.0, 2.5)
_PLATE = Plate(10.0, 11.0, 3.0, 3.0, 0.5)
_ANALYSIS = analysis(lifter_set(reps=1))
_SEEN = poses(0, 0.0, person(), person(300))
MESSAGES = (
    FrameChunk("job", 7, (_FRAME, _FRAME), PoseOptions(height_px=256, region=True)),
    KeypointChunk("job", 0, (_SEEN, poses(1, 0.1)), "engine"),
    EndOfStream("job", 12, EndReason.TRUNCATED),
    replace(_ANALYSIS, frames=_ANALYSIS.frames[:2]),
)
KINDS = tuple(type(message) for message in MESSAGES)


def places(value, path=()):
    """The path of every value within a message."""
    yield path
    inside = value.items() if isinstance(value, dict) else ()
    for key, item in enumerate(value) if isinstance(value, list) else inside:
        yield from places(item, (*path, key))


def change(rng, plain, all_places):
    """Replace, remove, double or add a value at a random place."""
    *path, last = rng.choice(all_places[1:])
    parent = plain
    try:
        for key in path:
            parent = parent[key]
        match rng.randrange(5):
            case 0:
                del parent[last]
            case 1 if isinstance(parent, dict):
                parent[rng.choice(["extra", "schema", 5, b"kind"])] = rng.choice(WRONG)
            case 1 | 2 if isinstance(parent, list):
                parent.extend([parent[last]] * rng.choice([1, 2, 1000]))
            case _:
                parent[last] = rng.choice(WRONG)
    except (IndexError, KeyError, TypeError):
        pass  # an earlier change has removed the place


def damage(rng, payload):
    """Change, cut, or insert bytes."""
    data = bytearray(payload)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(4):
            case 0:
                del data[at : at + rng.choice([1, 8, len(data)])]
            case 1:
                data[at:at] = rng.randbytes(rng.choice([1, 4, 40]))
            case 2:  # a header that asks for 4 294 967 295 items, bytes or entries
                data[at : at + 5] = rng.choice([b"\xdd", b"\xdf", b"\xc6", b"\xdb"]) + b"\xff" * 4
            case _:
                data[at : at + 1] = rng.randbytes(1)
    return bytes(data)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_mutated_messages_are_read_or_refused(message):
    rng = random.Random(16)
    packed = codec.pack(message)
    all_places = list(places(msgpack.unpackb(packed)))
    read = 0
    for number in range(2000):
        if number % 2:
            payload = damage(rng, packed)
        else:
            plain = msgpack.unpackb(packed)
            for _ in range(rng.randint(1, 3)):
                change(rng, plain, all_places)
            payload = msgpack.packb(plain)
        try:
            got = codec.unpack(payload, *KINDS)
            if isinstance(got, FrameChunk):
                decode_images([frame.image for frame in got.frames])
        except MessageError:
            continue
        read += 1
        assert codec.unpack(codec.pack(got), *KINDS).schema == got.schema
        if isinstance(got, Analysis):
            got.to_json()
    assert read < 1000


def test_mutated_job_records_are_read_or_refused():
    rng = random.Random(17)
    options = JobOptions("movenet", judging=JudgingOptions(faults={"rounded_back": {"a": 3.0}}))
    good = to_record(new_job(Path("/clips/a.mp4"), "ab" * 32, Path("/out/a"), options))
    texts = ["", "x", "-1", "1e999", "nan", "9" * 5000, "\udcff\0", "[" * 50_000, "{}", "null",
             "../../x", "٣", "1_0", "true", "0x10", "\ud800", "9" * 40, "[" * 5000]  # fmt: skip
    all_places = list(places(json.loads(good["options"])))
    for _ in range(2000):
        record = dict(good)
        for _ in range(rng.randint(1, 3)):
            name = rng.choice(sorted(record) or ["id"])
            match rng.randrange(4):
                case 0:
                    record.pop(name, None)
                case 1:
                    record[name] = rng.choice(texts)
                case 2:
                    record["options"] = damage(rng, good["options"].encode()).decode("latin-1")
                case _:
                    plain = json.loads(good["options"])
                    change(rng, plain, all_places)
                    record["options"] = json.dumps(plain, default=str, skipkeys=True)
        try:
            job = from_record(record)
        except MessageError:
            continue
        assert job.source.startswith("/")
        assert ".." not in job.id
        assert 1 <= job.options.chunk_frames <= 256
        assert from_record(to_record(job)) == job


def nested(count, depth):
    return b"\xdd" + count.to_bytes(4, "big") if depth == 1 else nested(count, 1) * depth


@pytest.mark.parametrize(
    "payload",
    [
        nested(2**32 - 1, 500),
        b"\x85\xa4kind\xaaFrameChunk\xa6schema\x09\xa3job" + nested(2**31, 900),
        b"\x80" * 3_000_000,
        b"\x9f" + b"\x90" * 3_000_000,  # an empty list takes 56 bytes
        b"\xdf\xff\xff\xff\xff",
    ],
)
def test_a_few_bytes_do_not_take_gigabytes(payload):
    tracemalloc.start()
    try:
        with pytest.raises(MessageError):
            codec.unpack(payload, *KINDS)
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()
