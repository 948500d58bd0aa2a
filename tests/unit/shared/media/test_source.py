"""What `open_source` refuses."""

import av
import numpy as np
import pytest
from builders import write_clip

from shared.errors import SourceError, UsageError
from shared.media.limits import SourceLimits
from shared.media.source import open_source
from shared.settings import Settings


def make_bad_source(folder, kind):
    path = folder / "bad.mp4"
    if kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("this is no video\n" * 100)
    elif kind == "playlist":
        path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n")
    elif kind == "truncated":
        data = write_clip(path).read_bytes()
        path.write_bytes(data[: len(data) // 3])
    elif kind == "audio":
        with av.open(str(path), "w") as container:
            stream = container.add_stream("aac", rate=8000)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
            frame.sample_rate = 8000
            container.mux(stream.encode(frame))
            container.mux(stream.encode())
    elif kind == "huge":
        write_clip(path, frames=1, size_px=(9000, 9000), codec="mjpeg", pixel_format="yuvj420p")
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("missing", "does not exist"),
        ("folder", "no pictures"),
        ("empty", "is empty"),
        ("text", "cannot be read as a video"),
        ("playlist", "cannot be read as a video"),  # would make FFmpeg open other files
        ("truncated", "cannot be read as a video"),  # an MP4 without its index
        ("audio", "no video"),
        ("huge", "over the limit"),
    ],
)
def test_unreadable_source_is_refused_by_name(tmp_path, kind, message):
    path = make_bad_source(tmp_path, kind)
    with pytest.raises(SourceError, match=message) as refusal:
        open_source(path)
    assert "bad.mp4" in str(refusal.value)
    assert refusal.value.exit_status == 2


def test_only_sources_below_the_roots_are_opened(clip, tmp_path):
    limits = SourceLimits(roots=(tmp_path / "elsewhere",))
    link = tmp_path / "elsewhere" / "link.mp4"
    link.parent.mkdir()
    link.symlink_to(clip)
    for path in (clip, link, tmp_path / "elsewhere" / ".." / clip.name):
        with pytest.raises(UsageError, match="COACH_SOURCE_ROOTS"):
            open_source(path, limits)
    inside = write_clip(tmp_path / "elsewhere" / "inside.mp4", frames=2)
    with open_source(inside, limits) as source:
        assert len(list(source.frames())) == 2


@pytest.mark.parametrize("name", ["clip.mp4", "picture.png"])
def test_frames_over_the_given_limit_are_refused(tmp_path, name):
    codec = "png" if name.endswith("png") else "libx264"
    pixels = "rgb24" if codec == "png" else "yuv420p"
    path = write_clip(tmp_path / name, frames=1, codec=codec, pixel_format=pixels)
    with pytest.raises(SourceError, match="COACH_MAX_FRAME_PX"):
        open_source(path, SourceLimits(max_frame_px=64 * 48 - 1))
    with open_source(path, SourceLimits(max_frame_px=64 * 48)) as source:
        assert len(list(source.frames())) == 1


def test_limits_come_from_settings_and_not_the_environment(clip, tmp_path, monkeypatch):
    monkeypatch.setenv("COACH_SOURCE_ROOTS", f'["{tmp_path / "elsewhere"}"]')
    monkeypatch.setenv("COACH_MAX_FRAME_PX", "100")
    assert SourceLimits.of(Settings()) == SourceLimits((tmp_path / "elsewhere",), 100)
    with open_source(clip) as source:
        assert source.info.width_px == 64
