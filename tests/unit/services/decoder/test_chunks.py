import pytest
from builders import grey_of, write_clip

from services.decoder.chunks import chunks_of
from shared.data.pictures import decode_image
from shared.media.source import open_source


def chunks(path, every=1, chunk_frames=16, longer_side_px=800, done=()):
    with open_source(path) as source:
        return list(chunks_of(source, every, chunk_frames, longer_side_px, done))


@pytest.mark.parametrize(
    ("every", "chunk_frames", "indices"),
    [
        (1, 16, [range(16), range(16, 32), range(32, 40)]),  # the last chunk is shorter
        (1, 20, [range(20), range(20, 40)]),  # no empty chunk at the end
        (3, 8, [range(0, 24, 3), range(24, 40, 3)]),
    ],
)
def test_sampled_frames_are_packed_in_order(clip, every, chunk_frames, indices):
    found = chunks(clip, every, chunk_frames)
    assert [chunk.number for chunk in found] == list(range(len(indices)))
    assert [[f.index for f in chunk.frames] for chunk in found] == [list(r) for r in indices]
    frame = found[1].frames[2]
    assert frame.time_s == pytest.approx(frame.index / 20)
    assert abs(decode_image(frame.image).mean() - grey_of(frame.index)) < 4


def test_done_chunks_are_empty_and_the_others_unchanged(clip):
    everything, rest = chunks(clip), chunks(clip, done={0, 2})
    assert [len(chunk.frames) for chunk in rest] == [0, 16, 0]
    assert rest[1] == everything[1]


def test_frames_are_shrunk_and_keep_their_scale(tmp_path):
    clip = write_clip(tmp_path / "wide.mp4", frames=1, size_px=(200, 100))
    [chunk] = chunks(clip, longer_side_px=80)
    [frame] = chunk.frames
    assert decode_image(frame.image).shape == (40, 80, 3)
    assert (frame.scale_x, frame.scale_y) == (2.5, 2.5)
