"""Files that name other files or addresses are refused, and nothing else is opened."""

import struct

import av
import pytest
from corpus import boxes
from corpus.checks import watch
from corpus.muxing import Coding, scenes, write_film
from corpus.tripwires import tripwires

from shared.errors import SourceError

_PNG = Coding("png", "rgb24")

#: Texts that make FFmpeg open what they name, or could; {} is the other file or the address.
TEXTS = {
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
    "key.m3u8": '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI="{}"\n'
    "#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
    "master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{}\n",
    "concat.txt": "ffconcat version 1.0\nfile '{}'\n",
    "concat.ffconcat": "ffconcat version 1.0\nfile '{}'\nduration 1\n",
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:{}\n",
    "list.mpd": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
    'type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4">'
    "<Representation><BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>\n",
    "list.asx": '<asx version="3.0"><entry><ref href="{}"/></entry></asx>\n',
    "list.pls": "[playlist]\nFile1={}\nNumberOfEntries=1\n",
    "list.smil": '<smil><body><video src="{}"/></body></smil>\n',
    "list.ram": "{}\n",
    "reference.qtl": '<?xml version="1.0"?>\n<?quicktime type='
    '"application/x-quicktime-media-link"?>\n<embed src="{}"/>\n',
    "script.avs": 'FFVideoSource("{}")\n',
    "picture.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    '<image href="{}"/></svg>\n',
    "words.ass": "[Script Info]\nVideo File: {}\nAudio File: {}\n[Events]\n"
    "Dialogue: 0,0:00:00.00,0:00:01.00,,,0,0,0,,lift\n",
    "words.idx": "# VobSub index file, v7 (do not modify this line!)\nsize: 720x576\n"
    "id: en, index: 0\ntimestamp: 00:00:00:000, filepos: 000000000\n",
    "set.cue": 'FILE "{}" MP3\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
}


@pytest.mark.parametrize("to", ["file", "relative", "address", "file-url", "concat-url", "crypto"])
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("disguised", [False, True], ids=["", "as-mp4"])
def test_text_that_names_other_media_is_refused(tmp_path, name, to, disguised):
    # The list of subtitles names its pictures by its own name.
    other = "words.sub" if name == "words.idx" else "secret.mp4"
    with tripwires(tmp_path, other) as wires:
        named = {
            "file": str(wires.file),
            "relative": wires.file.name,
            "address": wires.url,
            "file-url": f"file:{wires.file}",
            "concat-url": f"concat:{wires.file}|{wires.file}",
            "crypto": f"crypto:{wires.file}",
        }[to]
        path = tmp_path / (f"{name}.mp4" if disguised else name)
        path.write_text(TEXTS[name].replace("{}", named))
        with pytest.raises(SourceError, match=path.name):
            watch(path)
    assert not wires.touched


@pytest.mark.parametrize(
    "name",
    ["concat:secret.mp4", "http:secret.mp4", "subfile,,start,0,end,9,,:secret.mp4", "%03d.mp4",
     "cache:secret.mp4", "file:secret.mp4", "-i", "pipe:0", "data:video,x"],
)  # fmt: skip
def test_name_that_looks_like_an_address_is_a_name(tmp_path, name):
    write_film(tmp_path / "a.mp4", scenes(range(4))).rename(tmp_path / name)
    with tripwires(tmp_path) as wires:
        assert watch(tmp_path / name).numbers == [0, 1, 2, 3]
    assert not wires.touched


def test_pattern_of_names_is_no_sequence_of_pictures(tmp_path):
    """FFmpeg would read 000.png, 001.png, ... for this name."""
    for index in range(3):
        write_film(tmp_path / f"{index:03}.png", scenes([index]), _PNG)
    write_film(tmp_path / "x.png", scenes([9]), _PNG).rename(tmp_path / "%03d.png")
    assert watch(tmp_path / "%03d.png").numbers == [9]
    assert watch(tmp_path / "001.png").numbers == [1]


@pytest.mark.parametrize("kind", [b"url ", b"alis"])
def test_mp4_whose_pictures_lie_elsewhere_opens_nothing(tmp_path, kind):
    """A reference film of QuickTime: the data reference names another file."""
    path = write_film(tmp_path / "a.mov", scenes(range(4)))
    with tripwires(tmp_path) as wires:
        where = wires.url if kind == b"url " else str(wires.file)

        def change(at, content):
            if at[-1] != b"dinf":
                return content
            reference = boxes.box(kind, bytes(4) + _alias(where, kind))
            return boxes.box(b"dref", struct.pack(">II", 0, 1) + reference)

        boxes.edit_file(path, change)
        try:
            watch(path)  # the pictures of this very file, or none
        except SourceError as refusal:
            reason = str(refusal)
        else:
            reason = "a.mov"
    assert not wires.touched
    assert "a.mov" in reason


def _alias(where, kind):
    if kind == b"url ":
        return where.encode() + b"\0"
    name = where.rsplit("/", 1)[-1].encode()
    volume = b"\x04disk".ljust(28, b"\0")
    head = bytes(4) + struct.pack(">HHH", 0, 2, 0) + volume + bytes(12)
    file_name = (bytes([len(name)]) + name).ljust(64, b"\0")
    levels = struct.pack(">hh", 1, 1)
    path = where.encode()
    tail = struct.pack(">HH", 18, len(path)) + path + b"\0" * (len(path) % 2)
    return head + file_name + bytes(16) + levels + bytes(14) + tail + struct.pack(">hh", -1, 0)


def test_tripwires_are_felt(tmp_path):
    """Proof that the wires work: FFmpeg itself opens what a playlist names."""
    with tripwires(tmp_path) as wires:
        path = tmp_path / "list.ffconcat"
        path.write_text(f"ffconcat version 1.0\nfile '{wires.url}'\n")
        options = {"safe": "0", "protocol_whitelist": "file,http,tcp"}
        with pytest.raises(av.error.FFmpegError):
            av.open(str(path), options=options)
        path.write_text(f"ffconcat version 1.0\nfile '{wires.file}'\n")
        with pytest.raises(av.error.FFmpegError):
            av.open(str(path), options=options)
    assert set(wires.touched) == {"the address", "the file"}
