"""What `coach analyze` refuses before it starts anything."""

import pytest

from coach.cli import analyze
from services.pose.engines import openvino_cpu
from shared.data.job_options import JobOptions
from shared.data.pose_options import PoseOptions
from shared.errors import ModelError


@pytest.mark.skipif(bool(openvino_cpu.missing("int8")), reason=openvino_cpu.missing("int8"))
@pytest.mark.parametrize("stages", [0, 3])
def test_networks_that_were_not_quantised_are_told_at_once(clip, tmp_path, monkeypatch, stages):
    monkeypatch.setenv("COACH_PRECISION", "int8")
    options = JobOptions("openpose-mobilenet", pose=PoseOptions(stages=stages))
    with pytest.raises(ModelError, match="coach models quantize BACKEND --pose-stages N"):
        analyze.run([clip], tmp_path / "out", options)
