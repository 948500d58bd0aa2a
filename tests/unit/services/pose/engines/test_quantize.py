"""Networks are quantized on their recorded inputs, and then run in int8."""

import numpy as np
import openvino
import pytest
from networks import write_network

from services.pose import engines
from services.pose.engines import ImageInput
from services.pose.engines.interface import int8_file
from services.pose.engines.quantize import put_in_place, quantize, scratch_beside, trial_loader
from services.pose.engines.recording import RecordedInputs, Recorder
from services.pose.runtime import Runtime
from shared.errors import ModelError

IMAGE_INPUT = ImageInput(1 / 255)


def images(seed, count=1):
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 48, 3), dtype=np.uint8)


def test_recorded_inputs_calibrate_the_int8_form(tmp_path):
    model = write_network(tmp_path / "small.onnx", channels=32)
    recorder = Recorder()
    float32 = engines.load(model, Runtime(tmp_path, engine_loader=recorder.load), IMAGE_INPUT)
    for seed in range(8):
        exact = [output.copy() for output in float32.infer(images(seed))]
    [record] = recorder.records
    assert record.model == model
    assert [one.shape for one in record.inputs] == [(1, 3, 32, 48)] * 8
    np.testing.assert_allclose(
        record.inputs[7][0], images(7)[0].transpose(2, 0, 1) / 255, atol=1e-6
    )

    int8 = Runtime(tmp_path, precision="int8")
    with scratch_beside(model) as folder:
        staged = quantize(record, folder)
        trial = Runtime(tmp_path, engine_loader=trial_loader({model: staged}))
        assert ", int8, " in engines.load(model, trial, IMAGE_INPUT).description
        with pytest.raises(ModelError, match="coach models quantize"):
            engines.load(model, int8, IMAGE_INPUT)  # it is not in place yet
        file = put_in_place(staged, model)
    assert file == int8_file(model)
    operations = openvino.Core().read_model(file).get_ordered_ops()
    assert any(one.get_type_name() == "FakeQuantize" for one in operations)
    quantized = engines.load(model, int8, IMAGE_INPUT)
    assert ", int8, weights " in quantized.description
    assert quantized.output_names == float32.output_names
    for a, b in zip(exact, quantized.infer(images(7)), strict=True):
        assert 0 < np.sqrt(np.mean((a - b) ** 2)) < 0.05 * a.std()
    names = [path.name for path in tmp_path.iterdir() if path.name != "openvino"]
    assert sorted(names) == [
        "small.onnx", "small.onnx.int8.bin", "small.onnx.int8.xml", "small.onnx.int8.xml.sha256",
    ]  # fmt: skip
    weights = file.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="damaged"):
        engines.load(model, int8, IMAGE_INPUT)


def test_only_engines_of_a_recorder_are_recorded(tmp_path):
    model = write_network(tmp_path / "small.onnx")
    recorder = Recorder()
    recorded = recorder.load(model, Runtime(tmp_path), IMAGE_INPUT)
    engines.load(model, Runtime(tmp_path), IMAGE_INPUT).infer(images(0))
    [record] = recorder.records
    assert record.inputs == []
    recorded.infer(images(0))
    assert len(record.inputs) == 1


def test_quantizing_without_recorded_inputs_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no image"):
        quantize(RecordedInputs(write_network(tmp_path / "small.onnx")), tmp_path)
