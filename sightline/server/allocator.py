"""Memory that is let go returns to the system, where glibc's allocator can be told to give it back.

By itself it keeps what large blocks took: after the first of some megabytes is freed, the next come
out of heaps, which rarely shrink while anything small lies behind. A server would stay as large as
it ever was.
"""

from __future__ import annotations

import asyncio
import ctypes
import platform
from functools import cache
from typing import Any

_MMAP = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE_BYTES = 4 << 20  # bodies and files; most pictures, once they are sized, are less
_SOON_S = 1.0


@cache
def _library() -> Any:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None


def settle() -> None:
    """Have large blocks mapped by themselves, so that they are given back when they are freed."""
    if _library() is not None:
        _library().mallopt(_MMAP, _LARGE_BYTES)


class Trimmer:
    """Has heaps give back what is free in them, off the event loop and once a second at most."""

    def __init__(self) -> None:
        self._waiting = False

    def soon(self) -> None:
        """Do it in a moment; called on the event loop."""
        if self._waiting or _library() is None:
            return
        self._waiting = True
        asyncio.get_running_loop().call_later(_SOON_S, self._begin)

    def _begin(self) -> None:
        self._waiting = False
        asyncio.get_running_loop().run_in_executor(None, _library().malloc_trim, 0)
