"""Finds people, their joints and plates: the expensive stage, run as one process per core.

Rooms and modules:
    worker      finds the poses of one chunk after another
    details     feet, outline, sole and turn, which complete a person
    tracking    people and plates of the frames of a chunk
    backends    what a pose backend is, and how to add one
    movenet     backends `movenet` (the default) and `movenet-fast`
    blazepose   backend `blazepose-full`, and the second opinion of MoveNet
    openpose    backends `openpose-mobilenet` and `openpose-mpi`
    plates      weight plates around the people, followed through a chunk
    engines     what runs a network, and on which device
    weights     files of the networks, checked and cached
    runtime     engine, precision, threads and folder of the weights
"""

import sys

# OpenVINO reports each import to Intel if its telemetry package can be imported. Coach sends
# nothing anywhere: hide that package before OpenVINO is imported.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
