"""What binds the processes that read what anybody may have made: memory, time, files, words."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any


def say(message: Mapping[str, Any]) -> None:
    """Write a line of JSON to whoever started this process."""
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def limit(cpu_s: int, memory: int) -> None:
    """Bind this process: seconds of work (0 for any), bytes of addresses, no file written."""
    try:
        import resource
    except ImportError:  # Windows has none; the parent's clock is the limit there
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if cpu_s:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file
