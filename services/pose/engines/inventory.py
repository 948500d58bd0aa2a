"""What this machine can run networks on, for `coach doctor`."""

import os
from dataclasses import dataclass

from services.pose.engines import onnx_runtime
from services.pose.engines.devices import NvidiaDevice, nvidia_devices
from services.pose.engines.interface import OPENVINO_PRECISIONS


@dataclass(frozen=True)
class Inventory:
    """Processor, devices and engines of this machine.

    Attributes:
        processor: Its name.
        cores: Cores that this process may use.
        precisions: Precisions in which the processor is efficient.
        nvidia: NVIDIA devices.
        unavailable: Engine → why it cannot run, empty if it can.
    """

    processor: str
    cores: int
    precisions: tuple[str, ...]
    nvidia: tuple[NvidiaDevice, ...]
    unavailable: dict[str, str]


def take_inventory() -> Inventory:
    """Query the processor, the devices and the libraries.

    Raises:
        ImportError: OpenVINO cannot be loaded.
    """
    from services.pose.engines import openvino_cpu

    capabilities = openvino_cpu.capabilities()
    reasons = {name: onnx_runtime.why_unavailable(name) for name in onnx_runtime.PROVIDERS}
    return Inventory(
        processor=openvino_cpu.processor(),
        cores=len(os.sched_getaffinity(0)),
        precisions=tuple(
            name for name, needed in OPENVINO_PRECISIONS.items() if needed in capabilities
        ),
        nvidia=tuple(nvidia_devices()),
        unavailable={"openvino": "", **reasons},
    )
