import msgpack
import numpy as np
import pytest
from analyses import analysis, lifter_set, nobody
from builders import person, poses

from shared.data import codec
from shared.data.analysis import Analysis, Phase
from shared.data.messages import EncodedFrame, EndOfStream, FrameChunk, KeypointChunk
from shared.data.pose_options import PoseOptions
from shared.errors import MessageError

FRAME = EncodedFrame(index=3, time_s=0.1, image=b"jpeg", scale_x=2.0, scale_y=2.5)
CHUNK = FrameChunk("job", 7, (FRAME, FRAME), PoseOptions(height_px=256, region=True))


def test_a_chunk_of_frames_comes_back_as_it_was():
    assert codec.unpack(codec.pack(CHUNK), FrameChunk) == CHUNK


def test_keypoints_come_back_bit_for_bit_with_nan_for_unseen():
    someone = person()
    someone.xy_px[4] = np.nan
    sent = KeypointChunk("job", 0, (poses(0, 0.0, someone),))
    got = codec.unpack(codec.pack(sent), EndOfStream, KeypointChunk)
    back = got.frames[0].people[0]
    np.testing.assert_array_equal(back.xy_px, someone.xy_px)
    np.testing.assert_array_equal(back.confidence, someone.confidence)
    assert np.isnan(back.feet_px).all()
    assert np.isnan(back.turn_deg)


def test_an_analysis_comes_back_with_its_labels_and_numbers():
    sent = analysis(lifter_set(reps=2), nobody())
    back = codec.unpack(codec.pack(sent), Analysis)
    assert back.to_json() == sent.to_json()
    assert back.frames[0].phase is Phase.SETUP
    assert back.frames[3].time_s == sent.frames[3].time_s  # not rounded


def damaged(change):
    plain = msgpack.unpackb(codec.pack(CHUNK))
    change(plain)
    return msgpack.packb(plain)


@pytest.mark.parametrize(
    "payload",
    [
        b"",  # nothing
        b"\xc1garbage",  # no msgpack
        msgpack.packb([1, 2]),  # no message
        codec.pack(CHUNK)[:-5],  # cut short
        damaged(lambda m: m.update(schema=99)),  # another version
        damaged(lambda m: m.update(kind="Person")),  # a class that is no message
        damaged(lambda m: m.update(chunk="7")),  # a wrong type
        damaged(lambda m: m.update(chunk=True)),  # a bool is no number
        damaged(lambda m: m["pose"].update(region=1)),  # nor a number a bool
        damaged(lambda m: m["pose"].update(height_px=-8)),  # options out of range
        damaged(lambda m: m["pose"].pop("original")),  # an option missing
        damaged(lambda m: m.pop("frames")),  # a missing field
        damaged(lambda m: m.update(extra=1)),  # a field too many
    ],
)
def test_what_is_no_message_is_refused(payload):
    with pytest.raises(MessageError):
        codec.unpack(payload, FrameChunk)


def test_an_array_of_another_shape_is_refused():
    chunk = KeypointChunk("job", 0, (poses(0, 0.0, person()),))
    plain = msgpack.unpackb(codec.pack(chunk))
    plain["frames"][0]["people"][0]["confidence"] = [[3], b"\0" * 12]
    with pytest.raises(MessageError, match="shape"):
        codec.unpack(msgpack.packb(plain), KeypointChunk)
