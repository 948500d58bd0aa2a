"""The benchmarks of whole commands: command lines, what a process costs, ratios, goals."""

import importlib
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from builders import ROOT, write_clip
from onnx import TensorProto, helper

sys.path.insert(0, str(ROOT))  # the benchmarks are no installed package
bare_poses, check, goals, gpu, gpu_peak, pipeline, costs, set_clips, tables, whole_clip = (
    importlib.import_module(f"benchmarks.{name}")
    for name in (
        "bare_poses", "check", "goals", "gpu", "gpu_peak", "pipeline", "process_costs",
        "set_clips", "whole_clip_tables", "whole_clip",
    )
)  # fmt: skip

RECORDED = {"a: coach analyze": 2.0, "b: coach analyze": 4.0}

#: Bytes that the grandchild of `NESTED` holds, and the seconds that it computes at least.
HELD_BYTES, BUSY_S = 60_000_000, 0.3

GRANDCHILD = f"""
import time
held = bytearray(b"x") * {HELD_BYTES}
while time.process_time() < {BUSY_S}:
    pass
"""
NESTED = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"


@pytest.mark.parametrize("module", [check, gpu, pipeline, whole_clip], ids=lambda m: m.__name__)
def test_a_command_line_without_arguments_is_complete(module):
    given = module.parser().parse_args([])
    assert given.cache == set_clips.CACHE


def test_clips_and_shapes_are_read_from_the_command_line():
    given = whole_clip.parser().parse_args(["a.mp4", "--rounds", "2", "--shapes", "4K30"])
    assert (given.clips, given.rounds, given.shapes) == ([Path("a.mp4")], 2, ["4K30"])


def test_an_unknown_part_of_the_pipeline_is_refused(capsys):
    with pytest.raises(SystemExit):
        pipeline.main(["bear"])
    assert "no part is called 'bear'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("measured", "names"),
    [
        (RECORDED, []),
        ({"a: coach analyze": 1.41, "b: coach analyze": 9.0}, []),  # within the bound; faster
        ({"a: coach analyze": 1.39, "b: coach analyze": 4.0}, ["a"]),
        ({"a: coach analyze": 2.0}, ["b"]),  # not measured
    ],
)
def test_ratios_far_below_the_recorded_ones_have_fallen(measured, names):
    assert [sentence[0] for sentence in check.fallen(RECORDED, measured)] == names


def test_a_missing_record_says_how_to_make_one(tmp_path):
    with pytest.raises(SystemExit, match="--record"):
        check.main(["--peer", sys.executable, "--recorded", str(tmp_path / "none.json")])


def test_a_missing_peer_says_how_to_install_it(tmp_path):
    with pytest.raises(SystemExit, match=r"make \.venv/peer"):
        whole_clip.main(["--peer", str(tmp_path / "python")])


def test_grandchildren_are_part_of_a_commands_cost():
    cost = costs.cost_of([sys.executable, "-c", NESTED, GRANDCHILD])
    assert cost.processor_s >= BUSY_S
    assert cost.peak_mb >= HELD_BYTES / 1e6
    assert cost.wall_s >= BUSY_S
    assert cost.cores == pytest.approx(cost.processor_s / cost.wall_s)


def test_a_command_that_fails_is_no_measurement():
    with pytest.raises(costs.CommandFailed, match="ended with 1:\nno clip"):
        costs.cost_of([sys.executable, "-c", "raise SystemExit('no clip')"])


def test_ratios_are_those_of_one_round():
    def rounds(*wall_s):
        return [costs.Cost(s, s, 100.0) for s in wall_s]

    measured = {goals.PEER: rounds(10, 30), goals.DEFAULT: rounds(5, 10)}
    assert tables.ratios(measured, goals.DEFAULT) == [2, 3]


@pytest.mark.parametrize(
    ("goal", "is_reached", "value"),
    [
        (goals.Goal("speed", [1, 2, 9], 2), True, "2.00 (1.00–9.00)×"),
        (goals.Goal("speed", [1.9], 2), False, "1.90×"),
        (goals.Goal("memory", [900, 1100], 1000, False, " MB"), True, "1000 (900–1100) MB"),
        (goals.Goal("memory", [1001], 1000, False, " MB"), False, "1001 MB"),
    ],
)
def test_a_goal_is_compared_with_the_median(goal, is_reached, value):
    assert goal.is_reached == is_reached
    assert goal.row()[1] == value


@pytest.mark.parametrize("shape", set_clips.SHAPES.values(), ids=set_clips.SHAPES)
def test_rendered_sets_are_long_enough_and_keep_their_aspect(shape):
    lift = set_clips.lift_of(shape, set_clips.MIN_FRAMES)
    assert lift.frames >= set_clips.MIN_FRAMES
    assert lift.width_px * shape.height_px == lift.height_px * shape.width_px


def test_bare_workers_share_all_chunks(tmp_path):
    clip = tmp_path / "clip.mp4"
    write_clip(clip, frames=40)
    shared = [bare_poses.chunks_in_memory(clip, number, 2) for number in range(2)]
    assert [[len(chunk) for chunk in chunks] for chunks in shared] == [[16, 8], [16]]


def test_operations_of_a_convolution_are_counted(tmp_path):
    sides = ["n", 3, "height", "width"]
    weights = np.zeros((8, 3, 5, 5), np.float32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "weights"], ["maps"], pads=[2, 2, 2, 2])],
        "one",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info("maps", TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(weights, "weights")],
    )
    onnx.save(helper.make_model(graph), str(tmp_path / "one.onnx"))
    expected = 2 * 8 * 16 * 32 * 3 * 5 * 5
    assert gpu_peak.flop_of(tmp_path / "one.onnx", 16, 32) == expected
