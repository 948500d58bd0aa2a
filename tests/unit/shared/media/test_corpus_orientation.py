"""Pictures come upright and unmirrored, however the file says so."""

import pytest
from corpus import boxes, pattern
from corpus.checks import check_film
from corpus.h264 import with_orientation
from corpus.muxing import H264, HEVC, MJPEG, MPEG4, Coding, remux, scenes, write_film
from corpus.pattern import MATRICES
from corpus.pictures import write_picture

NUMBERS = range(5, 15)
TIMES_S = [index / 25 for index in range(10)]

#: The message in an H.264 stream that says each orientation, of `with_orientation`. The flip comes
#: first, then the turn.
SEI = {
    "turned 90 clockwise": {"anticlockwise_deg": 270},
    "turned 180": {"anticlockwise_deg": 180},
    "turned 270 clockwise": {"anticlockwise_deg": 90},
    "mirrored": {"flip_across": True},
    "upside down": {"flip_down": True},
    "transposed": {"flip_across": True, "anticlockwise_deg": 90},
}


def stored(matrix):
    """The pictures as a camera stores them that shows them by a display matrix."""
    return [pattern.turn(image, pattern.inverse(matrix)) for image in scenes(NUMBERS)]


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize(
    ("suffix", "coding"),
    [
        ("mp4", H264),  # phones
        ("mov", HEVC),  # iPhones
        ("mov", MJPEG),  # old compact cameras
        ("mp4", MPEG4),
    ],
    ids=lambda value: getattr(value, "codec", value),
)
def test_display_matrix_of_mp4_is_followed(tmp_path, suffix, coding, name):
    path = write_film(tmp_path / f"film.{suffix}", stored(MATRICES[name]), coding)
    boxes.set_matrix(path, MATRICES[name])
    check_film(path, NUMBERS, TIMES_S, (128, 96))


@pytest.mark.parametrize("name", list(MATRICES)[:5])
def test_display_matrix_of_matroska_is_followed(tmp_path, name):
    """A rectangular projection of Matroska has a roll and a left-right flip only."""
    path = write_film(tmp_path / "film.mp4", stored(MATRICES[name]))
    boxes.set_matrix(path, MATRICES[name])
    check_film(remux(path, tmp_path / "film.mkv"), NUMBERS, TIMES_S, (128, 96))


@pytest.mark.parametrize("name", SEI)
@pytest.mark.parametrize(
    ("suffix", "key_every"),
    [
        ("mp4", "1"),
        ("mkv", "1"),
        ("ts", "1"),
        ("flv", "1"),
        ("h264", "1"),
        ("mp4", "5"),  # said at key frames only, and valid until the next one
        ("ts", "5"),
    ],
)
def test_orientation_in_the_h264_stream_is_followed(tmp_path, suffix, key_every, name):
    def edit(packet, is_key):
        return with_orientation(packet, **SEI[name]) if is_key else packet

    coding = Coding(options={"g": key_every})
    path = tmp_path / f"film.{suffix}"
    write_film(path, stored(MATRICES[name]), coding, edit_packet=edit)
    film = check_film(path, NUMBERS, None, (128, 96))
    assert {pattern.orientation_of(frame.image) for frame in film.frames} == {"upright"}


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_of_a_picture_is_followed(tmp_path, suffix, orientation):
    path = write_picture(tmp_path / f"picture.{suffix}", 21, orientation)
    check_film(path, [21], [0], (128, 96))


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff"])
def test_exif_orientations_in_a_folder_of_pictures_are_followed(tmp_path, suffix):
    for orientation in range(1, 9):
        write_picture(tmp_path / f"p{orientation}.{suffix}", 30 + orientation, orientation)
    film = check_film(tmp_path, range(31, 39), [n / 10 for n in range(8)], (128, 96))
    for frame in film.frames:
        assert pattern.orientation_of(frame.image) == "upright", frame.index
