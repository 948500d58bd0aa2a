"""The URL of a deployment's own server."""

import pytest

from coach.local.server import is_url_of, url_of


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("unix://{}/data/valkey.sock", True),
        ("unix://{}/data/valkey.sock?db=0", True),
        ("unix://{}/link/valkey.sock", True),  # a link to the folder
        ("unix://{}/./data/../data/valkey.sock", True),
        ("unix://{}/data/valkey.sock?db=1", False),  # its own services use database 0
        ("unix://user@{}/data/valkey.sock", False),  # it has no users
        ("unix://{}/other/valkey.sock", False),
        ("unix://{}/data/redis.sock", False),
        ("redis://127.0.0.1:6379/0", False),
        ("", False),
    ],
)
def test_urls_of_a_folders_own_server(tmp_path, url, is_own):
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    assert is_url_of(url.format(tmp_path), tmp_path / "data") == is_own


def test_a_folder_with_letters_that_urls_quote_has_its_own_url(tmp_path):
    folder = tmp_path / "a b#c?d%20"
    assert is_url_of(url_of(folder), folder)
