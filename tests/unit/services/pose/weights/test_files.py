"""How weights are believed."""

import hashlib
import os
import shutil

import pytest

from services.pose.weights import files
from services.pose.weights.files import hash_of
from shared.errors import ModelError


@pytest.fixture
def readings(monkeypatch):
    """The files that are really read, one after the other."""
    read = []
    real = files._hash

    def counted(path, name):
        read.append(path)
        return real(path, name)

    monkeypatch.setattr(files, "_hash", counted)
    return read


def expected(content):
    return hashlib.sha256(content).hexdigest()


def test_an_unchanged_file_is_hashed_once(tmp_path, monkeypatch, readings):
    file = tmp_path / "weights"
    file.write_bytes(b"kernels")
    monkeypatch.setattr(files, "_MIN_AGE_S", 0.0)
    assert {hash_of(file, "SHA-256") for _ in range(3)} == {expected(b"kernels")}
    assert readings == [file]
    assert hash_of(file, "MD5") == hashlib.md5(b"kernels").hexdigest()


def test_a_file_that_has_just_changed_is_hashed_again(tmp_path, readings):
    file = tmp_path / "weights"
    for content in (b"kernels", b"biases!"):  # as long, and perhaps with the same time stamp
        file.write_bytes(content)
        assert hash_of(file, "SHA-256") == expected(content)
    assert len(readings) == 2


def test_a_replaced_file_of_the_same_age_is_hashed_again(tmp_path, monkeypatch, readings):
    file, other = tmp_path / "weights", tmp_path / "other"
    file.write_bytes(b"kernels")
    monkeypatch.setattr(files, "_MIN_AGE_S", 0.0)
    hash_of(file, "SHA-256")
    other.write_bytes(b"biases!")
    shutil.copystat(file, other)
    os.replace(other, file)
    assert hash_of(file, "SHA-256") == expected(b"biases!")


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(ModelError, match="cannot read the weights"):
        hash_of(tmp_path / "absent", "SHA-256")
