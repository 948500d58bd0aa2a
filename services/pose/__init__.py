"""Finds people and their joints: the expensive stage, run as one process per core."""

import sys

# OpenVINO reports each import to Intel if its telemetry package can be imported. Coach sends
# nothing anywhere: hide that package before OpenVINO is imported.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
