"""The right picture track is read, whatever lies beside it."""

import struct
from fractions import Fraction

import av
import pytest
from corpus import boxes, joining, sound
from corpus.checks import check_film, watch
from corpus.muxing import H264, HEVC, MJPEG, Coding, add_video, as_frame, scenes, write_film

from shared.errors import SourceError

SIZE_PX = (128, 96)
NUMBERS = range(12)
TIMES_S = [index / 25 for index in NUMBERS]
COVER, DEFAULT = av.stream.Disposition.attached_pic, av.stream.Disposition.default


def write_tracks(path, *tracks, options=None):
    """Write picture tracks.

    Args:
        path: the file.
        tracks: coding, frame numbers, size and disposition of each.
        options: of the container.
    """
    rate = Fraction(25)
    with av.open(str(path), "w", options=options or {}) as container:
        streams = []
        for coding, _, size_px, disposition in tracks:
            stream = add_video(container, coding, size_px, rate, 1 / rate)
            stream.disposition = disposition
            streams.append(stream)
        for stream, (_, numbers, size_px, _) in zip(streams, tracks, strict=True):
            for index, picture in enumerate(scenes(numbers, size_px)):
                frame = as_frame(picture)
                frame.pts, frame.time_base = index, 1 / rate
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    return path


FILM = (H264, NUMBERS, SIZE_PX, DEFAULT)
PNG = Coding("png", "rgb24")


@pytest.mark.parametrize("picture", [MJPEG, PNG], ids=["jpeg", "png"])
@pytest.mark.parametrize("size_px", [(64, 64), (320, 320)], ids=["small", "large"])
@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_cover_is_not_the_film(tmp_path, suffix, size_px, picture):
    cover = (picture, [60], size_px, COVER)
    path = write_tracks(tmp_path / f"a.{suffix}", FILM, cover)
    check_film(path, NUMBERS, TIMES_S, SIZE_PX)
    if suffix != "mov":  # QuickTime has no such cover
        check_film(boxes.udta_first(path), NUMBERS, TIMES_S, SIZE_PX)


def test_cover_of_matroska_is_not_the_film(tmp_path):
    picture = write_film(tmp_path / "cover.jpg", scenes([60], (320, 320)), MJPEG)
    path = tmp_path / "a.mkv"

    def attach(container, stream):
        container.add_attachment("cover.jpg", "image/jpeg", picture.read_bytes())

    write_film(path, scenes(NUMBERS, SIZE_PX), H264, prepare=attach)
    check_film(path, NUMBERS, TIMES_S, SIZE_PX)


@pytest.mark.parametrize(
    ("name", "tracks"),
    [
        # A cover as a plain track of one frame, first and last, of either size.
        ("a.mov", [(PNG, [60], (320, 240), 0), FILM]),
        ("a.mov", [FILM, (PNG, [60], (320, 240), 0)]),
        ("a.mp4", [(MJPEG, [60], (64, 48), DEFAULT), FILM]),
        ("a.mkv", [(MJPEG, [60], (320, 240), 0), FILM]),
        # A preview beside the film: the larger is the film.
        ("a.mp4", [(H264, range(40, 52), (64, 48), DEFAULT), FILM]),
        ("a.mov", [(MJPEG, range(40, 52), (64, 48), DEFAULT), FILM]),
        ("a.mkv", [(H264, range(40, 52), (64, 48), DEFAULT), FILM]),
        ("a.ts", [(H264, range(40, 52), (64, 48), DEFAULT), FILM]),
        ("a.ts", [FILM, (H264, range(40, 52), (64, 48), DEFAULT)]),
        # Two of one size: the first.
        ("a.mp4", [FILM, (HEVC, range(40, 52), SIZE_PX, DEFAULT)]),
        ("a.ts", [FILM, (H264, range(40, 52), SIZE_PX, DEFAULT)]),
    ],
)
def test_the_film_among_several_picture_tracks_is_read(tmp_path, name, tracks):
    check_film(write_tracks(tmp_path / name, *tracks), NUMBERS, TIMES_S, SIZE_PX)


@pytest.mark.parametrize("suffix", ["mov", "mp4"])
def test_timecode_track_beside_is_left_out(tmp_path, suffix):
    def add(container, stream):
        stream.metadata["timecode"] = "01:00:00:00"

    path = write_film(tmp_path / f"a.{suffix}", scenes(NUMBERS, SIZE_PX), prepare=add)
    with av.open(str(path)) as container:
        assert len(container.streams) == 2
    check_film(path, NUMBERS, TIMES_S, SIZE_PX)


@pytest.mark.parametrize("name", ["a.mkv", "a.webm"])
def test_subtitles_beside_are_left_out(tmp_path, name):
    words = tmp_path / "words.srt"
    if name == "a.webm":
        words = tmp_path / "words.vtt"
        words.write_text("WEBVTT\n\n00:00.000 --> 00:00.200\nlift\n")
    else:
        words.write_text("1\n00:00:00,000 --> 00:00:00,200\nlift\n")
    coding = Coding("libvpx") if name == "a.webm" else H264
    with av.open(str(words)) as given, av.open(str(tmp_path / name), "w") as container:
        subtitles = container.add_stream_from_template(given.streams[0])
        stream = add_video(container, coding, SIZE_PX, Fraction(25), Fraction(1, 25))
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = subtitles
                container.mux(packet)
        for index, picture in enumerate(scenes(NUMBERS, SIZE_PX)):
            frame = as_frame(picture)
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    check_film(tmp_path / name, NUMBERS, TIMES_S, SIZE_PX)


def test_data_track_beside_is_left_out(tmp_path):
    """Drones write their position and motion into a track of data."""

    def add(container, stream):
        container.add_data_stream("klv")

    path = write_film(tmp_path / "a.ts", scenes(NUMBERS, SIZE_PX), prepare=add)
    with av.open(str(path)) as container:
        assert len(container.streams) == 2
    check_film(path, NUMBERS, TIMES_S, SIZE_PX)


def test_picture_track_of_unknown_codec_is_passed_over(tmp_path):
    other = (MJPEG, range(40, 52), (320, 240), 0)
    path = write_tracks(tmp_path / "a.mov", other, FILM)
    check_film(boxes.rename_codec(path, b"jpeg", b"zzzz"), NUMBERS, TIMES_S, SIZE_PX)


def test_film_of_unknown_codec_alone_is_refused_by_name(tmp_path):
    path = write_film(tmp_path / "a.mov", scenes(NUMBERS, SIZE_PX), MJPEG)
    with pytest.raises(SourceError, match=r"a\.mov"):
        watch(boxes.rename_codec(path, b"jpeg", b"zzzz"))


def test_sound_of_unknown_codec_leaves_the_film(tmp_path):
    track = sound.tracks(sound.track("pcm_s16le", 0.5), sound.track("aac", 4))
    path = write_film(tmp_path / "a.mov", scenes(range(40), (96, 64)), H264, 10, sound=track)
    boxes.rename_codec(path, b"sowt", b"zzzz")
    written = sound.write_through(path, tmp_path / "o.mp4")
    sound.check_in_step(written, {0: 0, 1: 10, 2: 20, 3: 30})


@pytest.mark.parametrize(
    ("name", "coding", "codec"),
    [
        ("a.flv", H264, "aac"),
        ("a.ts", H264, "aac"),
        ("a.mkv", H264, "aac"),
    ],
)
def test_sound_that_begins_late_does_not_end_the_film(tmp_path, name, coding, codec):
    """FFmpeg knows some containers' tracks only once their first packet comes."""
    track = sound.track(codec, 4, 48_000, "stereo", start_s=Fraction(130))
    options = {"max_interleave_delta": "0"}  # the muxer waits for the sound, however late it is
    path = write_film(
        tmp_path / name,
        scenes(range(40), (96, 64)),
        coding,
        10,
        pts=range(0, 1600, 40),
        time_base=Fraction(1, 10),
        options=options,
        sound=track,
    )
    film = watch(path)
    assert film.numbers == list(range(40))
    first_s = film.times_s[0]
    assert film.times_s == pytest.approx([first_s + 4 * n for n in range(40)], abs=0.0015)


def padded(packet, is_key):
    """Add filler to a coded frame: 17 of them fill the 5 MB in which FFmpeg looks for tracks."""
    return packet + b"\0\0\1\x0c" + b"\xff" * 300_000 + b"\x80"


@pytest.mark.parametrize("word", [b"onTextData", b"onCaption", b"onCuePoint"])
def test_track_that_comes_up_late_does_not_end_the_film(tmp_path, word):
    """A live FLV has words between its frames; here after all that FFmpeg looks ahead."""
    path = tmp_path / "a.flv"
    pictures = scenes(range(40), (96, 64))
    write_film(path, pictures, H264, 10, edit_packet=padded)
    data = path.read_bytes()
    tags, at = [], 13
    while at + 11 <= len(data):
        end = at + 11 + int.from_bytes(data[at + 1 : at + 4]) + 4
        tags.append(data[at:end])
        at = end
    body = b"\x02" + struct.pack(">H", len(word)) + word
    body += b"\x08\0\0\0\1" + b"\0\4text\x02\0\4lift" + b"\0\0\x09"
    ms = (3200).to_bytes(3)
    tag = b"\x12" + len(body).to_bytes(3) + ms + bytes(4) + body
    late = next(n for n, t in enumerate(tags) if t[0] == 9 and t[4:7] > ms)
    tags.insert(late, tag + struct.pack(">I", len(tag)))
    path.write_bytes(data[:13] + b"".join(tags))
    assert watch(path).numbers == list(range(40))


@pytest.mark.parametrize("name", ["a.mpg", "a.ts"])
def test_sound_of_the_second_take_alone_does_not_end_the_film(tmp_path, name):
    """A new track comes up in mid-file."""
    coding = Coding("mpeg2video")
    parts = []
    for n, track in enumerate((None, sound.track("mp2", 4, 48_000, "stereo"))):
        pictures = scenes(range(20 * n, 20 * n + 20), (96, 64))
        path = tmp_path / f"{n}-{name}"
        edit = (lambda packet, is_key: packet + bytes(400_000)) if n == 0 else None
        parts.append(write_film(path, pictures, coding, 10, sound=track, edit_packet=edit))
    assert watch(joining.join(tmp_path / name, *parts)).numbers == list(range(40))


@pytest.mark.parametrize("name", ["a.mp3", "a.mp4", "a.wav"])
def test_sound_with_a_cover_is_no_film(tmp_path, name):
    codec = {"a.mp3": "libmp3lame", "a.mp4": "aac", "a.wav": "pcm_s16le"}[name]
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        writer = sound.track(codec, 1)(container)
        if name != "a.wav":
            cover = add_video(container, MJPEG, (64, 64), Fraction(25), Fraction(1, 25))
            cover.disposition = COVER
            container.mux(cover.encode(as_frame(scenes([60], (64, 64))[0])))
            container.mux(cover.encode())
        writer()
    with pytest.raises(SourceError, match=name):
        watch(path)
