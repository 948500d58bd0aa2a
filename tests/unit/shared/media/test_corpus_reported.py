"""Files that came out wrong once: each was found by somebody who tried what no test had."""

import shutil

import av
import numpy as np
import pytest
from corpus import joining, sound
from corpus.checks import watch
from corpus.muxing import H264_B, MJPEG, MPEG2, Coding, scenes, write_film
from PIL import Image

from shared.data.messages import EndReason
from shared.errors import UsageError
from shared.media.limits import SourceLimits
from shared.media.source import open_source

SIZE_PX = (96, 64)

#: A single key frame at the start, as cameras of 10 s between key frames.
LONG_GOP = Coding(options={"g": "250", "bf": "0"})


def film(path, frames=20, coding=H264_B, **options):
    return write_film(path, scenes(range(frames), SIZE_PX), coding, **options)


def remuxed(source, path, change):
    """Copy all packets, each with its times moved by `change(kind, time_s)` seconds."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        streams = {s.index: new.add_stream_from_template(s) for s in old.streams}
        for packet in old.demux():
            if packet.dts is None:
                continue
            kind, time_s = packet.stream.type, float(packet.pts * packet.time_base)
            shift = round(change(kind, time_s) / packet.time_base)
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            packet.stream = streams[packet.stream.index]
            new.mux(packet)
    return path


def test_a_clock_that_jumps_between_key_frames_loses_no_frame(tmp_path):
    plain = film(tmp_path / "plain.ts", 40, LONG_GOP)
    start_s = 1.4  # of the muxer's clock
    path = remuxed(plain, tmp_path / "a.ts", lambda _, t: 12.0 if t > start_s + 0.8 else 0.0)
    assert watch(path).numbers == list(range(40))


def with_sound_earlier(path, after_s, by_s):
    """Move the time stamps of a transport stream's MP2 sound, from one on, to be earlier."""
    data = bytearray(path.read_bytes())
    for start in range(0, len(data), 188):
        at = data.find(b"\0\0\1\xc0", start, start + 188)
        if not data[start + 1] & 0x40 or at < 0 or not data[at + 7] & 0x80:
            continue
        field = data[at + 9 : at + 14]
        high, middle, low = field[0] >> 1 & 7, field[1] << 7 | field[2] >> 1, field[3:5]
        pts = high << 30 | middle << 15 | low[0] << 7 | low[1] >> 1
        if pts > after_s * 90_000:
            pts -= round(by_s * 90_000)
            parts = (pts >> 29 & 0xE | 0x21, pts >> 22 & 0xFF, pts >> 14 & 0xFE | 1)
            data[at + 9 : at + 14] = bytes((*parts, pts >> 7 & 0xFF, pts << 1 & 0xFE | 1))
    path.write_bytes(data)
    return path


def test_a_step_in_the_sound_alone_leaves_the_picture_in_time(tmp_path):
    plain = joining.take(tmp_path / "plain.ts", 0, MPEG2, "mp2", frames=40)
    times_s = watch(with_sound_earlier(plain, after_s=3, by_s=0.5)).times_s
    assert times_s == pytest.approx([times_s[0] + n / 10 for n in range(40)], abs=0.01)
    written = sound.write_through(plain, tmp_path / "written.mp4")
    assert max(time_s for time_s, _ in sound.heard(written)) < 4


def test_damaged_pictures_in_avi_leave_the_others_in_time(tmp_path):
    path = film(tmp_path / "a.avi", 30, MJPEG)
    data = bytearray(path.read_bytes())
    at = data.find(b"movi")
    for number in range(10):
        at = data.find(b"00dc", at + 4)
        if number >= 5:
            data[at + 8 : at + 200] = bytes(192)
    path.write_bytes(data)
    seen = watch(path)
    late = dict(zip(seen.numbers, seen.times_s, strict=True))
    assert late[29] == pytest.approx(29 / 25, abs=0.001)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.flv"])
def test_sound_that_outlasts_the_picture_is_no_break(tmp_path, name):
    path = film(tmp_path / name, 20, fps=10, sound=sound.track("aac", 6))
    assert watch(path).end_reason is EndReason.COMPLETE


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.gif"])
def test_a_last_picture_that_stays_long_is_no_break(tmp_path, name):
    """As screen recordings and animations end."""
    still = Coding("gif", "rgb8") if name == "a.gif" else H264_B
    path = film(tmp_path / name, 4, still, fps=1)
    assert watch(path).end_reason is EndReason.COMPLETE


def test_a_trailer_after_an_mp4_is_no_break(tmp_path):
    path = film(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes() + b"downloaded from example.org " * 20)
    assert watch(path).end_reason is EndReason.COMPLETE


def test_a_film_of_jpegs_is_read_whole(tmp_path):
    path = film(tmp_path / "a.mjpeg", 12, MJPEG, container_format="mjpeg")
    assert watch(path).numbers == list(range(12))


@pytest.mark.parametrize("codec", ["mp2", "ac3", "aac"])
def test_sound_that_changes_its_form_is_heard_to_the_end(tmp_path, codec):
    """The second take begins before the sound of the first ends, in another layout and rate."""
    parts = [tmp_path / "one.ts", tmp_path / "two.ts"]
    for number, (rate_hz, layout) in enumerate([(48_000, "mono"), (44_100, "stereo")]):
        first = 20 * number
        write_film(
            parts[number],
            scenes(range(first, first + 20), SIZE_PX),
            MPEG2,
            10,
            options={"output_ts_offset": str(1.98 * number)},
            sound=sound.track(codec, 2, rate_hz, layout, 2 * number),
        )
    path = joining.join(tmp_path / "a.ts", *parts)
    written = sound.write_through(path, tmp_path / "written.mp4")
    assert [pitch for _, pitch in sound.heard(written)] == pytest.approx(
        [sound.pitch_hz(beep) for beep in range(4)], rel=0.03
    )


@pytest.fixture
def animation(tmp_path):
    pictures = [Image.fromarray(image[..., ::-1]) for image in scenes(range(6), SIZE_PX)]
    path = tmp_path / "a.png"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=50)
    return path


def test_a_folder_of_one_animation_is_that_animation(animation, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.move(animation, folder)
    assert watch(folder).numbers == list(range(6))


def test_an_animation_that_breaks_off_gives_its_beginning(animation):
    data = animation.read_bytes()
    animation.write_bytes(data[: len(data) * 2 // 3])
    seen = watch(animation)
    assert 1 < len(seen.frames) < 6
    assert seen.end_reason is EndReason.TRUNCATED


def test_the_stand_in_of_an_animated_png_is_not_shown(tmp_path):
    pictures = [Image.fromarray(image[..., ::-1]) for image in scenes(range(4), SIZE_PX)]
    path = tmp_path / "a.png"
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], duration=50, default_image=True
    )
    assert watch(path).numbers == [1, 2, 3]


def test_hidden_files_of_a_folder_are_no_pictures(tmp_path):
    Image.fromarray(scenes([7], SIZE_PX)[0][..., ::-1]).save(tmp_path / "1.png")
    (tmp_path / "._1.png").write_bytes(b"\0\5\26\7 what macOS leaves")
    assert watch(tmp_path).numbers == [7]


def test_what_is_transparent_shows_white(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGBA", SIZE_PX, (255, 0, 0, 0)).save(path)
    assert np.all(watch(path).frames[0].image == 255)


def test_links_in_a_folder_may_not_leave_the_roots(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside.png"
    inside.mkdir()
    Image.new("RGB", SIZE_PX).save(outside)
    (inside / "a.png").symlink_to(outside)
    with pytest.raises(UsageError, match="COACH_SOURCE_ROOTS"):
        open_source(inside, SourceLimits(roots=(inside,)))
