"""What binds the processes that read what anybody may have made.

Each calls `limit` once, at its start, before it has a thread and before the first byte of what it
reads: memory, time, files written, death with its parent, and on Linux the loss of files and of the
network. `python -m sightline.media.confined` is a process that does so and says what it lost.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sightline.media import sandbox

_OPEN_FILES = 256
_PARENT_POLL_S = 0.5
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_TRY_S = 20.0
# Where shared libraries lie, and the few files of the system that those read when they are loaded.
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/nix/store", "/gnu/store", "/etc/ld.so.cache", "/etc/localtime",
    "/dev/urandom", "/dev/zero", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What the processes that decode cannot reach on this machine."""

    files: bool
    network: bool


def say(message: Mapping[str, Any]) -> None:
    """Write a line of JSON to whoever started this process."""
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def limit(
    cpu_s: int,
    memory: int,
    *,
    readable: Iterable[str | os.PathLike[str]] = (),
    writable: Iterable[str | os.PathLike[str]] = (),
    network: bool = False,
    file_bytes: int | None = 0,
) -> None:
    """Bind this process, for good.

    `cpu_s` are seconds of processor time (0 for any; see `renew_cpu`), `memory` bytes of addresses,
    `file_bytes` the length of any file that it writes (None for any). On Linux, where the kernel
    can, it keeps of all files the libraries and those named, and has no socket without `network`.
    It ends with the process that started it, whose number is the first word of its command line;
    on Linux that is the thread which did, so it has to be one that lasts as long.
    """
    end_with_parent()
    _bound(cpu_s, memory, file_bytes)
    sandbox.restrict_files([*_libraries(), *readable], ["/dev/null", *writable], network=network)
    sandbox.restrict_calls(network=network)


def renew_cpu(cpu_s: int) -> None:
    """Let this process work for so many seconds from now on, after which the kernel ends it.

    For one that was given any processor time by `limit`, and does one thing after another.
    """
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + cpu_s
    _set(resource.RLIMIT_CPU, until, resource.getrlimit(resource.RLIMIT_CPU)[1])


def in_force() -> Sandbox:
    """Try what a process that decodes can reach on this machine, with one that is like it."""
    from subprocess import SubprocessError

    from sightline.processes import said  # what is bound loads none of it

    try:
        return Sandbox(**json.loads(said(__name__, _TRY_S)))
    except (OSError, ValueError, TypeError, SubprocessError):
        return Sandbox(files=False, network=False)


def keep_no_core() -> None:
    """See that a crash leaves no picture on the disk in a core file."""
    try:
        import resource
    except ImportError:  # Windows has neither
        return
    _set(resource.RLIMIT_CORE, 0, resource.getrlimit(resource.RLIMIT_CORE)[1])


def _bound(cpu_s: int, memory: int, file_bytes: int | None) -> None:
    try:
        import resource
    except ImportError:  # Windows has none; the parent's clock is the limit there
        return
    bounds: list[tuple[int, int]] = [
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ]
    if cpu_s:
        bounds.append((resource.RLIMIT_CPU, cpu_s))
    if file_bytes is not None:
        bounds.append((resource.RLIMIT_FSIZE, file_bytes))
    # Not RLIMIT_NPROC: it counts all processes of the user, the server's threads too. That it
    # starts none is seen to by the kernel's filter.
    for kind, most in bounds:
        _set(kind, most, most)


def _set(kind: int, soft: int, hard: int) -> None:
    """Set a limit, or keep the one that is narrower already."""
    import resource

    highest = resource.getrlimit(kind)[1]
    if highest != resource.RLIM_INFINITY:
        hard = highest if hard == resource.RLIM_INFINITY else min(hard, highest)
        soft = min(soft, highest)
    with suppress(OSError, ValueError):  # macOS knows bounds of memory that it does not take
        resource.setrlimit(kind, (soft, hard))


def _libraries() -> list[str]:
    """List where Python, its packages and what those are linked with lie."""
    package = Path(__file__).resolve().parent.parent
    home = Path.home() if "HOME" in os.environ else None
    found = {str(package), sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    linked = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    for entry in [*sys.path, *linked]:
        place = Path(entry)
        # Never all of a home, nor what is above it, only because modules are looked for there.
        if entry and place.is_absolute() and not (home and home.is_relative_to(place)):
            found.add(entry)
    return [*found, *_SYSTEM]


def end_with_parent(parent: int | None = None) -> None:
    """End when the process that started this one does, however that comes about.

    `parent` is its number, unless that is the first word of the command line.
    """
    if parent is None:
        named = sys.argv[1:2]
        parent = int(named[0]) if named and named[0].isdecimal() else os.getppid()
    if sys.platform.startswith("linux"):
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before this one asked to be told
            os._exit(1)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    """Wait where the kernel does not tell: a process whose parent is gone gets another."""
    import psutil

    while os.getppid() == parent and psutil.pid_exists(parent):
        time.sleep(_PARENT_POLL_S)
    os._exit(1)


def _try() -> None:
    import socket

    limit(5, 1 << 30)
    tried = {"files": True, "network": True}
    with suppress(OSError), open(_SECRET, "rb"):
        tried["files"] = False
    with suppress(OSError), socket.socket():
        tried["network"] = False
    say(tried)


_SECRET = "C:\\Windows\\win.ini" if sys.platform == "win32" else "/etc/passwd"

if __name__ == "__main__":
    _try()
