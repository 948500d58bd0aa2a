"""Finds people and their joints; the expensive stage, run as many times as there are cores."""

import sys

# OpenVINO reports each import to its maker unless its telemetry package is missing. Nothing that
# runs on a gym's machines reports anywhere: make it missing, before the first import of OpenVINO.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
