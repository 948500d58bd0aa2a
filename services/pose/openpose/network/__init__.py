"""OpenPose's network out of its Caffe weights, as ONNX.

`layers` describes it, `building` makes the ONNX network and `pieces` the same in pieces,
`converting` does so once and keeps it.
"""

from services.pose.openpose.network.converting import network_file, piece_files
from services.pose.openpose.network.layers import LAYOUTS, MAX_STAGES, Layout, layout_of

__all__ = ["LAYOUTS", "MAX_STAGES", "Layout", "layout_of", "network_file", "piece_files"]
