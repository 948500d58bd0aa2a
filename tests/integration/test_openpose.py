"""The whole pipeline with OpenPose's MPI network, on weights that find painted figures."""

import json

import numpy as np
import pattern
import pytest
from builders import run_coach

from services.pose.engines import openvino_cpu
from shared.data.pose_options import PoseOptions

pytestmark = pytest.mark.slow

SIZE_PX = (340, 256)


@pytest.fixture(scope="module")
def painted_weights(tmp_path_factory):
    """Weights of four stages, 137 MB; the networks made of them lie beside."""
    return pattern.write(tmp_path_factory.mktemp("weights") / "painted.caffemodel")


def walk(frames):
    """A figure that goes 9 px to the right in each frame, beside a smaller one that stands."""
    smaller = 0.8 * pattern.FIGURE + (2, 6)
    return [[pattern.FIGURE + (130 + 9 * n % 60, 6 + n % 5), smaller] for n in range(frames)]


def measured_px(frame):
    """Joints of the lifter as the pose stage saw them, (15, 2)."""
    return np.array(frame["measured"]["person"]["xy_px"], float)


def analysed(tmp_path, painted_weights, walked, *options, workers=1):
    clip = pattern.film(tmp_path / "walk.mp4", walked, SIZE_PX)
    done = run_coach(
        *("analyze", str(clip), "--out", str(tmp_path), "--backend", "openpose-mpi"),
        *("--no-video", "--pose-workers", str(workers), *options),
        COACH_OPENPOSE_WEIGHTS=str(painted_weights),
    )
    assert done.returncode == 0, done.stderr
    return json.loads((tmp_path / "walk" / "analysis.json").read_text())


@pytest.mark.parametrize(
    ("stages", "options"),
    [
        ("2", {"stages": 2}),
        pytest.param("auto", {"auto_stages": True}, marks=pytest.mark.thorough),
    ],
)
def test_joints_are_in_the_right_frame_and_position(painted_weights, tmp_path, stages, options):
    walked = walk(18)  # two chunks
    document = analysed(
        tmp_path, painted_weights, walked, "--pose-height", "256", "--pose-stages", stages,
        workers=2,
    )  # fmt: skip
    pose = document["pose"]
    assert (pose["backend"], pose["every"], pose["skeleton"]) == ("openpose-mpi", 1, "mpi-15")
    assert PoseOptions(**pose["options"]) == PoseOptions(height_px=256, **options)
    assert [frame["index"] for frame in document["frames"]] == list(range(len(walked)))
    for frame, (figure, _) in zip(document["frames"], walked, strict=True):
        assert np.abs(measured_px(frame) - figure).max() < 4  # a cell is 8 px


def test_original_mode_gives_unsmoothed_maxima_of_the_maps(painted_weights, tmp_path):
    walked = [figures[:1] for figures in walk(4)]
    document = analysed(tmp_path, painted_weights, walked, "--original")
    assert PoseOptions(**document["pose"]["options"]) == PoseOptions(original=True)
    cell_px = np.array(SIZE_PX) / 46
    for frame, [figure] in zip(document["frames"], walked, strict=True):
        joints = np.array(frame["keypoints"], float)[:, :2]
        np.testing.assert_allclose(joints, measured_px(frame), atol=0.06)  # nothing is smoothed
        np.testing.assert_allclose(joints / cell_px, np.rint(joints / cell_px), atol=0.02)
        assert (np.abs(joints - figure) < 1.5 * cell_px).all()


@pytest.mark.thorough
def test_weights_of_any_name_run_in_onnx_runtime(painted_weights, tmp_path):
    weights = tmp_path / "my.bin"
    weights.symlink_to(painted_weights)
    smaller = ("--pose-height", "256", "--pose-stages", "2")
    analysed(tmp_path, weights, walk(2), *smaller, "--engine", "onnxruntime")
    manifest = json.loads((tmp_path / "walk" / "manifest.json").read_text())
    [engine] = manifest["engines"]
    assert engine.startswith("ONNX Runtime")


@pytest.mark.parametrize("precision", ["bf16", pytest.param("int8", marks=pytest.mark.thorough)])
def test_other_precisions_find_the_same_and_are_in_the_manifest(
    painted_weights, tmp_path, precision
):
    if openvino_cpu.why_unavailable(precision):
        pytest.skip(openvino_cpu.why_unavailable(precision))
    walked = walk(8)
    smaller = ("--pose-height", "256", "--pose-stages", "2")
    if precision == "int8":
        film = pattern.film(tmp_path / "film.mp4", walked, SIZE_PX)
        done = run_coach(
            *("models", "quantize", "openpose-mpi", "--clip", str(film), *smaller),
            COACH_OPENPOSE_WEIGHTS=str(painted_weights),
        )
        assert done.returncode == 0, done.stderr
        assert "100.0% of the people are found again" in done.stderr
    document = analysed(tmp_path, painted_weights, walked, *smaller, "--precision", precision)
    manifest = json.loads((tmp_path / "walk" / "manifest.json").read_text())
    [engine] = manifest["engines"]
    assert engine.startswith("OpenVINO")
    assert f", {precision}, weights " in engine
    for frame, (figure, _) in zip(document["frames"], walked, strict=True):
        assert np.abs(measured_px(frame) - figure).max() < 4
