"""Interlaced films, and films that change their size, shape, format or orientation on the way."""

from fractions import Fraction

import av
import pytest
from corpus import pattern
from corpus.checks import check_picture, watch
from corpus.h264 import with_orientation
from corpus.joining import join
from corpus.muxing import MPEG2, Coding, add_video, as_frame, scenes, write_film
from corpus.pattern import MATRICES

SIZE_PX = (128, 96)
FIELDS = av.codec.context.Flags.interlaced_dct | av.codec.context.Flags.interlaced_me

#: What codes fields, by the name of the container.
INTERLACED = {
    "mpeg2": Coding("mpeg2video", options={"qmin": "2", "qmax": "3"}, flags=FIELDS),
    "h264": Coding(options={"crf": "10"}, flags=FIELDS),
}


def codec_of(value):
    return value.codec if isinstance(value, Coding) else None


def fields(numbers, top_first=True, size_px=SIZE_PX):
    """Interlaced frames, marked as such by FFmpeg's filter `setfield`."""
    graph = av.filter.Graph()
    width, height = size_px
    graph.link_nodes(
        graph.add_buffer(width=width, height=height, format="yuv420p", time_base=Fraction(1, 25)),
        graph.add("setfield", "tff" if top_first else "bff"),
        graph.add("buffersink"),
    ).configure()
    frames = []
    for index, number in enumerate(numbers):
        frame = as_frame(pattern.woven(number, size_px, top_first)).reformat(format="yuv420p")
        frame.pts, frame.time_base = index, Fraction(1, 25)
        graph.push(frame)
        frames.append(graph.pull())
    return frames


def check_deinterlaced(film, numbers):
    """One picture for each frame, without the comb of its two fields."""
    assert film.numbers == list(numbers)
    for frame, number in zip(film.frames, numbers, strict=True):
        check_picture(frame.image)
        comb = pattern.combing(frame.image)
        woven = pattern.combing(pattern.woven(number, SIZE_PX))
        assert comb < max(0.35 * woven, 1.5), f"frame {number}: {comb:.1f} of {woven:.1f}"


@pytest.mark.parametrize("top_first", [True, False], ids=["TFF", "BFF"])
@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("ts", "mpeg2"),  # television, HDV
        ("ts", "h264"),
        ("m2ts", "h264"),  # AVCHD
        ("mkv", "mpeg2"),
        ("mkv", "h264"),
        ("mp4", "mpeg2"),
        ("mp4", "h264"),
        ("mxf", "mpeg2"),  # XDCAM
        ("mpg", "mpeg2"),  # DVD
    ],
)
def test_interlaced_film_is_deinterlaced(tmp_path, suffix, kind, top_first):
    path = write_film(tmp_path / f"a.{suffix}", fields(range(1, 13), top_first), INTERLACED[kind])
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).interlaced_frame  # the file is what it should be
    film = watch(path)
    check_deinterlaced(film, range(1, 13))
    assert film.times_s == pytest.approx([index / 25 for index in range(12)], abs=0.0015)


@pytest.mark.parametrize("kind", INTERLACED)
def test_film_that_is_interlaced_after_its_start_is_deinterlaced(tmp_path, kind):
    """A progressive leader, as an editor or a station puts before."""
    coding = INTERLACED[kind]
    plain = Coding(coding.codec, coding.pixels, coding.options)
    parts = [
        write_film(tmp_path / "1.ts", scenes(range(1, 9), SIZE_PX), plain),
        write_film(tmp_path / "2.ts", fields(range(9, 21)), coding),
        write_film(tmp_path / "3.ts", scenes(range(21, 29), SIZE_PX), plain),
    ]
    check_deinterlaced(watch(join(tmp_path / "a.ts", *parts)), range(1, 29))


def fitted_box(display_px, inside_px):
    """Where a picture lies that is fitted into another's size, with its shape kept."""
    (width, height), (outer_width, outer_height) = inside_px, display_px
    scale = min(outer_width / width, outer_height / height)
    width, height = width * scale, height * scale
    return (outer_width - width) / 2, (outer_height - height) / 2, width, height


def check_parts(path, *displays_px):
    """Parts of ten frames each; the first gives the size, into which the others are fitted."""
    film = watch(path)
    size = (film.info.width_px, film.info.height_px)
    assert size == pytest.approx(displays_px[0], abs=1)
    boxes = [fitted_box(size, display) for display in displays_px for _ in range(10)]
    found = [
        pattern.number_of(frame.image, box) for frame, box in zip(film.frames, boxes, strict=False)
    ]
    assert found == list(range(10 * len(displays_px)))
    for frame, box in list(zip(film.frames, boxes, strict=True))[5::10]:
        check_picture(frame.image, box=box)
        left, top = round(box[0]), round(box[1])
        assert top < 3 or frame.image[: top - 2].max() < 24  # the border is black
        assert left < 3 or frame.image[:, : left - 2].max() < 24
    return film


def part(path, number, coding, size_px=SIZE_PX, **options):
    return write_film(
        path, scenes(range(10 * number, 10 * number + 10), size_px), coding, **options
    )


@pytest.mark.parametrize(
    ("suffix", "coding"),
    [
        ("ts", Coding()),
        ("ts", MPEG2),
        ("ts", Coding("libx265")),
        ("h264", Coding()),
        ("mpg", MPEG2),
    ],
    ids=codec_of,
)
@pytest.mark.parametrize(
    "sizes",
    [
        [(128, 96), (96, 64)],  # smaller
        [(96, 64), (160, 112)],  # larger
        [(128, 96), (96, 128), (128, 96)],  # upright and back
    ],
    ids=str,
)
def test_size_that_changes_is_fitted_to_the_first(tmp_path, suffix, coding, sizes):
    parts = [part(tmp_path / f"{n}.{suffix}", n, coding, size) for n, size in enumerate(sizes)]
    check_parts(join(tmp_path / f"a.{suffix}", *parts), *sizes)


@pytest.mark.parametrize("suffix", ["ts", "h264"])
def test_pixel_shape_that_changes_is_followed(tmp_path, suffix):
    """4:3 before and 16:9 after, as on television."""
    shapes = [Fraction(1), Fraction(3, 2), Fraction(2, 3)]
    displays = [(128, 96), (192, 96), (128, 144)]
    parts = [
        part(tmp_path / f"{n}.{suffix}", n, Coding(sample_aspect=shape))
        for n, shape in enumerate(shapes)
    ]
    check_parts(join(tmp_path / f"a.{suffix}", *parts), *displays)


@pytest.mark.parametrize("suffix", ["ts", "h264"])
@pytest.mark.parametrize("pixels", ["yuv422p", "yuv444p", "yuv420p10le"])
def test_pixel_format_that_changes_is_read(tmp_path, suffix, pixels):
    codings = [Coding(), Coding(pixels=pixels), Coding()]
    parts = [part(tmp_path / f"{n}.{suffix}", n, coding) for n, coding in enumerate(codings)]
    check_parts(join(tmp_path / f"a.{suffix}", *parts), *[SIZE_PX] * 3)


def test_matrix_that_changes_is_followed(tmp_path):
    """Both parts show the same colours, coded in BT.709 and in BT.601."""
    parts = []
    for n, matrix in enumerate((1, 6)):
        coding = Coding(tags={"colorspace": matrix})
        pictures = [as_frame(p).reformat(format="yuv420p", dst_colorspace=matrix)
                    for p in scenes(range(10 * n, 10 * n + 10), SIZE_PX)]  # fmt: skip
        parts.append(write_film(tmp_path / f"{n}.ts", pictures, coding))
    check_parts(join(tmp_path / "a.ts", *parts), SIZE_PX, SIZE_PX)


@pytest.mark.parametrize("name", ["a.avi", "a.mov", "a.mkv"])
@pytest.mark.parametrize(
    "changes",
    [
        [("yuvj420p", (128, 96)), ("yuvj422p", (128, 96)), ("yuvj444p", (128, 96))],
        [("yuvj420p", (128, 96)), ("yuvj420p", (96, 64)), ("yuvj420p", (160, 112))],
    ],
    ids=["format", "size"],
)
def test_mjpeg_whose_pictures_change_is_read(tmp_path, name, changes):
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        streams = []
        for n, (pixels, size_px) in enumerate(changes):
            coding, rate = Coding("mjpeg", pixels), Fraction(25)
            if n == 0:
                stream = add_video(container, coding, size_px, rate, 1 / rate)
                streams.append(stream)
                encoder = stream.codec_context
            else:
                encoder = av.CodecContext.create("mjpeg", "w")
                encoder.width, encoder.height, encoder.pix_fmt = *size_px, pixels
                encoder.time_base, encoder.options = 1 / rate, {"qmin": "2", "qmax": "3"}
            for number in range(10 * n, 10 * n + 10):
                frame = as_frame(pattern.scene(number, size_px)).reformat(format=pixels)
                frame.pts, frame.time_base = number, 1 / rate
                for packet in encoder.encode(frame):
                    packet.stream = stream
                    container.mux(packet)
    film = check_parts(path, *[size for _, size in changes])
    assert film.times_s == pytest.approx([n / 25 for n in range(10 * len(changes))], abs=0.001)


@pytest.mark.parametrize("suffix", ["h264", "ts"])
def test_orientation_that_changes_is_followed(tmp_path, suffix):
    """The phone is turned while it films; the pictures stay upright."""
    turns = {"upright": 0, "turned 90 clockwise": 270, "turned 180": 180}
    parts = []
    for n, (name, anticlockwise) in enumerate(turns.items()):
        stored = [
            pattern.turn(i, pattern.inverse(MATRICES[name]))
            for i in scenes(range(10 * n, 10 * n + 10), SIZE_PX)
        ]

        def edit(packet, is_key, turn=anticlockwise):
            return with_orientation(packet, anticlockwise_deg=turn) if is_key else packet

        path = tmp_path / f"{n}.{suffix}"
        parts.append(write_film(path, stored, Coding(), edit_packet=edit))
    check_parts(join(tmp_path / f"a.{suffix}", *parts), *[SIZE_PX] * 3)


@pytest.mark.parametrize("kind", INTERLACED)
def test_interlaced_film_whose_size_and_shape_change_is_read(tmp_path, kind):
    coding = INTERLACED[kind]
    sizes = [(128, 96), (96, 64), (128, 96)]
    parts = []
    for n, size_px in enumerate(sizes):
        shape = Fraction(4, 3) if n == 2 and kind == "h264" else None
        now = Coding(coding.codec, coding.pixels, coding.options, shape, flags=coding.flags)
        frames = fields(range(10 * n, 10 * n + 10), size_px=size_px)
        parts.append(write_film(tmp_path / f"{n}.ts", frames, now))
    if kind == "h264":
        sizes[2] = (round(128 * 4 / 3), 96)
    film = check_parts(join(tmp_path / "a.ts", *parts), *sizes)
    assert pattern.combing(film.frames[7].image) < 0.35 * pattern.combing(pattern.woven(7))
