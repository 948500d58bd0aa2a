"""Compiled networks are kept, give the same bits, and are made again when they are damaged."""

import logging
from hashlib import sha256

import numpy as np
import pytest
from networks import write_network

from services.pose.engines import ImageInput
from services.pose.engines.openvino_cpu import OpenVinoEngine

IMAGES = np.random.default_rng(1).integers(0, 256, (1, 12, 16, 3), dtype=np.uint8)


def outputs(network, cache_dir=None):
    engine = OpenVinoEngine(network, 1, "f32", ImageInput(1 / 255), cache_dir)
    return engine.output_names, [output.copy() for output in engine.infer(IMAGES)]


def assert_same(one, other):
    assert one[0] == other[0]
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture
def compiled_once(network, tmp_path):
    """The file that keeps the compiled network, in a folder of its own."""
    assert_same(outputs(network), outputs(network, tmp_path))
    [kept] = tmp_path.iterdir()
    return kept


def test_a_kept_network_gives_the_same_bits(network, compiled_once, monkeypatch):
    expected = outputs(network)
    monkeypatch.setattr("openvino.Core.compile_model", None)  # it is not compiled again
    assert_same(outputs(network, compiled_once.parent), expected)


@pytest.mark.parametrize("damage", ["changed", "cut", "empty", "foreign"])
def test_a_damaged_network_is_compiled_again(network, compiled_once, damage, caplog, monkeypatch):
    content = compiled_once.read_bytes()
    changed = bytes([content[200] ^ 1])
    damaged = {
        "changed": content[:200] + changed + content[201:],
        "cut": content[:-100],
        "empty": b"",
        "foreign": b"no network" * 100,
    }[damage]
    compiled_once.write_bytes(damaged)
    expected = outputs(network)
    with caplog.at_level(logging.WARNING):
        assert_same(outputs(network, compiled_once.parent), expected)
    assert "compiling the network again" in caplog.text
    monkeypatch.setattr("openvino.Core.compile_model", None)  # the new file is undamaged
    assert_same(outputs(network, compiled_once.parent), expected)


def test_a_network_that_openvino_refuses_is_compiled_again(network, compiled_once, caplog):
    """Its hash is right: another program wrote it."""
    text = b"no network" * 100
    compiled_once.write_bytes(text + sha256(text).digest())
    assert_same(outputs(network, compiled_once.parent), outputs(network))
    assert "compiling it again" in caplog.text


def test_other_weights_and_options_have_files_of_their_own(network, compiled_once, tmp_path):
    folder = compiled_once.parent
    (tmp_path / "other").mkdir()
    other = write_network(tmp_path / "other" / network.name, seed=1)
    OpenVinoEngine(other, 1, "f32", ImageInput(1 / 255), folder)
    OpenVinoEngine(network, 2, "f32", ImageInput(1 / 255), folder)
    OpenVinoEngine(network, 1, "f32", ImageInput(1 / 128), folder)
    assert len(list(folder.glob("*.compiled"))) == 4


def test_a_folder_that_cannot_be_written_is_no_error(network, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert_same(outputs(network, tmp_path / "file"), outputs(network))


def test_a_network_that_others_could_have_put_there_is_not_run(
    network, compiled_once, caplog, monkeypatch
):
    folder = compiled_once.parent
    for parent in list(folder.parents)[:3]:
        parent.chmod(0o755)
    folder.chmod(0o777)
    before = compiled_once.stat()
    expected = outputs(network)
    monkeypatch.setattr("openvino.Core.import_model", None)  # nothing kept is read
    assert_same(outputs(network, folder), expected)
    assert compiled_once.stat() == before
    assert "chmod go-w" in caplog.text
