"""Converts OpenPose's Caffe weights to ONNX networks.

`layers` describes the network, `building` makes the ONNX network and `split_network` its parts;
`converting` calls them once and keeps the files.
"""

from services.pose.openpose.network.converting import network_file, part_files
from services.pose.openpose.network.layers import LAYOUTS, MAX_STAGES, Layout, layout_of

__all__ = ["LAYOUTS", "MAX_STAGES", "Layout", "layout_of", "network_file", "part_files"]
