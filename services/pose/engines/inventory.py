"""What this machine can run networks on, for `coach doctor`."""

import os
from dataclasses import dataclass

from services.pose.engines import onnx_runtime
from services.pose.engines.devices import NvidiaDevice, nvidia_devices
from services.pose.engines.interface import OPENVINO_PRECISIONS


@dataclass(frozen=True)
class Inventory:
    """What there is.

    processor: its name. cores: how many of them this process may use.
    precisions: what the processor gains by computing in.
    nvidia: the devices. missing: engine → what keeps it from running, "" where nothing does.
    """

    processor: str
    cores: int
    precisions: tuple[str, ...]
    nvidia: tuple[NvidiaDevice, ...]
    missing: dict[str, str]


def inventory() -> Inventory:
    """Look at the processor, the devices and the libraries.

    Raises:
        ImportError: OpenVINO cannot be loaded.
    """
    from services.pose.engines import openvino_cpu

    able = openvino_cpu.capabilities()
    return Inventory(
        processor=openvino_cpu.processor(),
        cores=len(os.sched_getaffinity(0)),
        precisions=tuple(name for name, need in OPENVINO_PRECISIONS.items() if need in able),
        nvidia=tuple(nvidia_devices()),
        missing={"openvino": "", **{n: onnx_runtime.missing(n) for n in onnx_runtime.PROVIDERS}},
    )
