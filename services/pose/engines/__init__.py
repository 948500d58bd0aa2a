"""Engines: what runs a network, and on which device. One small interface, one file per engine.

| name          | runs on           | reads             | precisions      |
|---------------|-------------------|-------------------|-----------------|
| `openvino`    | the processor     | ONNX, TFLite, .pb | f32, bf16, int8 |
| `cuda`        | an NVIDIA device  | ONNX              | f32, f16        |
| `tensorrt`    | an NVIDIA device  | ONNX              | f16             |
| `onnxruntime` | the processor     | ONNX              | f32             |

`auto` picks `cuda` if its libraries and a device are available and the network is ONNX, and
`openvino` otherwise. The last three use ONNX Runtime: install the extra `nvidia`, or for
`onnxruntime` any ONNX Runtime.
"""

from services.pose.engines.choice import check, choose_engine, load
from services.pose.engines.interface import Engine, ImageInput

__all__ = ["Engine", "ImageInput", "check", "choose_engine", "load"]
