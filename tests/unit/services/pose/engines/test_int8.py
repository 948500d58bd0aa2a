"""A network is quantised on what it is really given, and then runs in int8."""

import numpy as np
import openvino
import pytest
from networks import write_network

from services.pose import engines
from services.pose.engines import ImageInput
from services.pose.engines.interface import int8_file
from services.pose.engines.quantize import put_in_place, quantise, scratch_beside
from services.pose.engines.recording import Recorded
from shared.errors import ModelError


def pictures(seed, count=1):
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 48, 3), dtype=np.uint8)


def test_what_networks_are_given_calibrates_their_int8_form(tmp_path, monkeypatch):
    model = write_network(tmp_path / "small.onnx", channels=32)
    prepared = ImageInput(1 / 255)
    with engines.recording() as records:
        whole = engines.load(model, 1, prepared)
        for seed in range(8):
            exact = [output.copy() for output in whole.infer(pictures(seed))]
    [record] = records
    assert record.model == model
    assert [one.shape for one in record.inputs] == [(1, 3, 32, 48)] * 8
    np.testing.assert_allclose(
        record.inputs[7][0], pictures(7)[0].transpose(2, 0, 1) / 255, atol=1e-6
    )

    with scratch_beside(model) as folder:
        staged = quantise(record, folder)
        monkeypatch.setenv("COACH_PRECISION", "int8")
        with engines.trying({model: staged}):
            assert ", int8, " in engines.load(model, 1, prepared).about
        with pytest.raises(ModelError, match="coach models quantize"):
            engines.load(model, 1, prepared)  # nobody else runs it yet
        file = put_in_place(staged, model)
    assert file == int8_file(model)
    operations = openvino.Core().read_model(file).get_ordered_ops()
    assert any(one.get_type_name() == "FakeQuantize" for one in operations)
    small = engines.load(model, 1, prepared)
    assert ", int8, weights " in small.about
    assert small.output_names == whole.output_names
    for a, b in zip(exact, small.infer(pictures(7)), strict=True):
        assert 0 < np.sqrt(np.mean((a - b) ** 2)) < 0.05 * a.std()
    names = [path.name for path in tmp_path.iterdir()]
    assert sorted(names) == ["small.onnx", "small.onnx.int8.bin", "small.onnx.int8.xml"]


def test_nothing_is_recorded_outside_the_block(tmp_path):
    model = write_network(tmp_path / "small.onnx")
    with engines.recording() as records:
        pass
    engines.load(model, 1, ImageInput(1 / 255)).infer(pictures(0))
    assert records == []


def test_a_network_that_was_given_nothing_cannot_be_calibrated(tmp_path):
    with pytest.raises(ModelError, match="no picture"):
        quantise(Recorded(write_network(tmp_path / "small.onnx")), tmp_path)
