from services.pose.engines.devices import nvidia_devices


def test_devices_are_those_the_driver_lists(nvidia_smi):
    nvidia_smi("NVIDIA H200, 143771 MiB, 580.65.06\nNVIDIA L4, 23034 MiB, 580.65.06")
    assert [(d.name, d.memory) for d in nvidia_devices()] == [
        ("NVIDIA H200", "143771 MiB"),
        ("NVIDIA L4", "23034 MiB"),
    ]
    nvidia_smi("a line that says something else")
    assert nvidia_devices() == []
