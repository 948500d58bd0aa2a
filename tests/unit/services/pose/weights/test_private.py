"""What others could have put into the models' cache is not believed."""

import os
import tempfile
from pathlib import Path

import pytest

from services.pose.weights import derived
from services.pose.weights.derived import ensure_derived
from services.pose.weights.private import is_private


@pytest.fixture
def entered():
    """A folder of one's own that everybody may enter, as the folder of temporary files is."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture
def cache(entered):
    """A folder of one's own that everybody may enter, below one that everybody may enter."""
    folder = entered / "models" / "movenet"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    folder.parent.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("folder_mode", "parent_mode", "expected"),
    [
        (0o755, 0o755, True),
        (0o700, 0o755, True),
        (0o757, 0o755, False),  # everybody adds files
        (0o1777, 0o755, False),  # also in a folder like /tmp
        (0o755, 0o757, False),  # everybody puts another folder in its place
        (0o755, 0o1777, True),  # but not there
        (0o757, 0o700, True),  # nobody gets there
    ],
)
def test_who_can_change_a_folder(cache, folder_mode, parent_mode, expected):
    cache.chmod(folder_mode)
    cache.parent.chmod(parent_mode)
    assert is_private(cache) is expected


def test_folders_of_other_users_and_groups_are_not_private(cache):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(cache, 0, 12345)
    cache.chmod(0o775)
    assert not is_private(cache)
    os.chown(cache, 12345, 0)
    cache.chmod(0o755)
    assert not is_private(cache)


def test_links_are_followed_to_what_they_stand_for(cache, entered):
    link = entered / "link"
    link.symlink_to(cache)
    assert is_private(link)
    cache.chmod(0o777)
    assert not is_private(link)


def test_converted_networks_are_made_again_where_others_can_write(cache):
    source = cache / "network.json"
    source.write_bytes(b"weights")
    made = []

    def make():
        made.append(1)
        return [b"converted"]

    def convert():
        return ensure_derived(source, "graph", 1, [".pb"], make, cache.parent)

    file = convert()
    assert convert() == file
    assert len(made) == 1
    cache.chmod(0o777)
    file.write_bytes(b"malicious")
    derived.hash_file(file).write_text(derived._hash([b"malicious"]))
    assert convert().read_bytes() == b"converted"
    assert len(made) == 2
