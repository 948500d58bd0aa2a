"""Engines: what runs a network, and on which device. One small interface, one file each.

| name          | runs on                | reads             | precisions      |
|---------------|------------------------|-------------------|-----------------|
| `openvino`    | the processor          | ONNX, TFLite, .pb | f32, bf16, int8 |
| `cuda`        | an NVIDIA device       | ONNX              | f32, f16        |
| `tensorrt`    | an NVIDIA device       | ONNX              | f16             |
| `onnxruntime` | the processor          | ONNX              | f32             |

`auto` takes `cuda` where its libraries and a device are there and the network is ONNX, and
`openvino` otherwise. The last three are ONNX Runtime and need the extra `nvidia` (or, for the last
one, any ONNX Runtime).
"""

from services.pose.engines.choice import check, chosen, load
from services.pose.engines.interface import Engine, ImageInput
from services.pose.engines.recording import recording
from services.pose.engines.trial import trying

__all__ = ["Engine", "ImageInput", "check", "chosen", "load", "recording", "trying"]
