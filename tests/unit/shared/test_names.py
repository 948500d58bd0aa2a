import os
from itertools import islice
from pathlib import Path

import pytest

from shared.errors import SourceError
from shared.names import absolute, folder_names, readable, shorten


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("lift.mp4", "lift.mp4"),
        ("挙上 é ✓", "挙上 é ✓"),
        ("d\udce9adlift", r"d\xe9adlift"),  # a byte that is not UTF-8
        ("a\x00b\x1b[31m", r"a\x00b\x1b[31m"),  # nothing that a terminal obeys
        ("two\nlines\t", "two\nlines\t"),
        ("\ud800", r"\ud800"),  # half a character, as JSON may hold it
    ],
)
def test_readable_text_is_valid_unicode(text, shown):
    assert readable(text) == shown
    readable(text).encode()


def test_error_messages_are_valid_unicode():
    assert str(SourceError("d\udce9adlift.mp4 is empty")) == r"d\xe9adlift.mp4 is empty"


@pytest.mark.parametrize(
    ("clip", "names"),
    [
        ("a/lift.mp4", ["lift", "lift.mp4", "lift-2.mp4", "lift-3.mp4"]),
        ("a.b.mp4", ["a.b", "a.b.mp4", "a.b-2.mp4", "a.b-3.mp4"]),  # dots stay
        ("pictures", ["pictures", "pictures-2", "pictures-3", "pictures-4"]),
        ("d\udce9adlift.mp4", ["d_adlift", "d_adlift.mp4", "d_adlift-2.mp4", "d_adlift-3.mp4"]),
        ("a\x01\nb.mp4", ["a__b", "a__b.mp4", "a__b-2.mp4", "a__b-3.mp4"]),
        ("..mp4", ["clip", "..mp4", "clip-2.mp4", "clip-3.mp4"]),  # never the folder itself
        ("...mp4", ["clip", "...mp4", "clip-2.mp4", "clip-3.mp4"]),  # nor the one above
        ("/", ["clip", "clip-2", "clip-3", "clip-4"]),
        # Not the folder of the claims.
        (".coach.mp4", [".coach.mp4", ".coach-2.mp4", ".coach-3.mp4", ".coach-4.mp4"]),
    ],
)
def test_names_of_result_folders(clip, names):
    assert list(islice(folder_names(Path(clip), 255), 4)) == names


@pytest.mark.parametrize(
    "name",
    ["あ" * 78 + ".mp4", "x" * 251 + ".mp4", "é" * 125 + "e.mp4", "x." + "y" * 253, "\udce9" * 255],
)
def test_names_of_result_folders_fit_the_file_system(name, tmp_path):
    assert len(os.fsencode(name)) <= 255
    for limit in (255, 143):
        for folder in islice(folder_names(Path(name), limit), 120):
            assert len(folder.encode()) <= limit
    (tmp_path / next(folder_names(Path(name), 255))).mkdir()


def test_text_is_cut_between_characters():
    assert shorten("あいう", 8) == "あい"
    assert shorten("あいう", 2) == ""
    assert shorten("lift", 9) == "lift"


def test_absolute_path_keeps_links_and_leads_to_the_same_file(tmp_path, monkeypatch):
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "real" / "lift.mp4").write_text("real")
    (tmp_path / "lift.mp4").write_text("other")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "deep")
    (tmp_path / "real" / "named.mp4").symlink_to("lift.mp4")
    monkeypatch.chdir(tmp_path)
    assert absolute(Path("real/deep/../named.mp4")) == tmp_path / "real" / "named.mp4"
    # The system follows the link first, so that `..` is not the folder of the link.
    assert absolute(Path("link/../lift.mp4")) == tmp_path / "real" / "lift.mp4"
    assert absolute(Path("link/..")) == tmp_path / "real"
