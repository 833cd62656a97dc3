"""Whether this machine has a GPU, and how much of it llama.cpp's installed build can use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from sightline import processes

_ON = "sightline.engines.llamacpp.devices"
_ASKED_S = 30.0
# By what there is of a GPU on Linux: what it is called, and the index that has a wheel for it.
NODES = (
    ("/dev/nvidiactl", "An NVIDIA GPU", "cu128 (or cu132, by its driver)"),
    ("/dev/kfd", "An AMD GPU", "rocm-7.2.4 (or vulkan)"),
    ("/dev/dri/renderD128", "A GPU", "vulkan"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """Something that llama.cpp's build computes on; `free` are bytes of its memory."""

    name: str
    free: int
    gpu: bool


def devices() -> tuple[Device, ...]:
    """Ask llama.cpp, in a process that it may end; nothing where it cannot be asked."""
    try:
        told = json.loads(processes.said(_ON, _ASKED_S, processes.keyless()))
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()
    return tuple(Device(each["name"], each["free"], each["gpu"]) for each in told)


def free_memory() -> int:
    """Say how many bytes are free on the GPU that llama.cpp's build uses, 0 where it uses none."""
    if sys.platform != "darwin" and not any(os.path.exists(node) for node, *_ in NODES):
        return 0  # and nobody has to be asked
    return max((device.free for device in devices() if device.gpu), default=0)
