"""What `coach analyze` refuses before it starts anything."""

import pytest

from coach.cli import analyze
from services.pose.engines import openvino_cpu
from shared.data.job_options import JobOptions
from shared.data.pose_options import PoseOptions
from shared.errors import ModelError
from shared.settings import read_settings


@pytest.mark.skipif(
    bool(openvino_cpu.why_unavailable("int8")), reason=openvino_cpu.why_unavailable("int8")
)
@pytest.mark.parametrize("stages", [0, 3])
def test_int8_without_quantized_networks_is_refused(clip, tmp_path, stages):
    options = JobOptions("openpose-mobilenet", pose=PoseOptions(stages=stages))
    settings = read_settings(precision="int8")
    with pytest.raises(ModelError, match="coach models quantize BACKEND --pose-stages N"):
        analyze.run([clip], tmp_path / "out", options, settings)
