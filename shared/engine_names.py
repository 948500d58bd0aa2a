"""What may run the networks, and what they may be computed in: the choices of `--engine`."""

from typing import Literal

#: Engines of `services.pose.engines`; "auto" takes NVIDIA where it can, else OpenVINO.
EngineName = Literal["auto", "openvino", "cuda", "tensorrt", "onnxruntime"]

#: Number formats of a network's arithmetic.
Precision = Literal["f32", "bf16", "f16", "int8"]
