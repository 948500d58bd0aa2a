import hashlib
import os

import cv2
import numpy as np
import pytest

from shared.errors import SourceError
from shared.media.fingerprint import fingerprint, has_fingerprint, version_of


def test_fingerprint_depends_on_the_content_not_the_name(clip, tmp_path):
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(clip.read_bytes())
    assert fingerprint(clip) == fingerprint(copy)
    copy.write_bytes(clip.read_bytes() + b"\0")
    assert fingerprint(clip) != fingerprint(copy)


def test_fingerprint_of_a_file_is_its_sha256(clip):
    sha256 = hashlib.sha256(clip.read_bytes()).hexdigest()  # as `sha256sum` prints it
    assert fingerprint(clip) == sha256
    assert has_fingerprint(clip, sha256)
    assert has_fingerprint(clip, hashlib.sha256(bytes.fromhex(sha256)).hexdigest())  # stored before
    assert not has_fingerprint(clip, "0" * 64)


def test_copy_over_a_file_changes_its_version_even_with_the_old_times(clip, tmp_path):
    before, times = version_of(clip), clip.stat()
    assert version_of(clip) == before
    clip.write_bytes(clip.read_bytes())
    os.utime(clip, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert version_of(clip) != before


def test_fingerprint_of_a_folder_depends_on_the_picture_names(tmp_path):
    for name in ("1.png", "2.png"):
        cv2.imwrite(str(tmp_path / name), np.full((8, 8, 3), int(name[0]), np.uint8))
    before = fingerprint(tmp_path)
    (tmp_path / "notes.txt").write_text("not a picture")
    assert fingerprint(tmp_path) == before
    (tmp_path / "2.png").rename(tmp_path / "3.png")
    assert fingerprint(tmp_path) != before


def test_missing_source_has_no_fingerprint(tmp_path):
    with pytest.raises(SourceError, match=r"none\.mp4 does not exist"):
        fingerprint(tmp_path / "none.mp4")


def test_pictures_may_have_names_that_are_not_utf_8(tmp_path):
    for name in ("1.png", os.fsdecode(b"\xe9.png"), "1²2.png"):
        _, data = cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))
        (tmp_path / name).write_bytes(data.tobytes())
    assert len(fingerprint(tmp_path)) == 64


@pytest.mark.parametrize("name", ["x" * 256 + ".mp4", "x/" * 2100])
def test_name_that_the_system_refuses_is_a_source_error(tmp_path, name):
    with pytest.raises(SourceError, match="too long"):
        fingerprint(tmp_path / name)
