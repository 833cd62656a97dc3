"""What glibc's allocator keeps of the memory that is let go; elsewhere all of this does nothing.

By itself it keeps what large blocks took: after the first of some megabytes is freed, the next come
out of heaps, which rarely shrink while anything small lies behind.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache
from typing import Any

# Of malloc.h. That a threshold is set at all fixes those that are not.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8
_MOST_THRESHOLD = 32 << 20  # that glibc takes
_LARGE_BYTES = 4 << 20  # bodies and files; most pictures, once they are sized, are less


@cache
def _library() -> Any:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None


_settled = False


def settle() -> None:
    """Have large blocks mapped by themselves, so that they are given back when they are freed.

    A server would stay as large as it ever was.
    """
    global _settled
    _settled = True
    if _library() is not None:
        _library().mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)


def keep(size: int) -> None:
    """Have that many bytes that were freed kept for what is asked for next, large blocks too."""
    if _library() is not None:
        _library().mallopt(_TOP_PAD, size)
        _library().mallopt(_TRIM_THRESHOLD, size)
        _library().mallopt(_MMAP_THRESHOLD, _MOST_THRESHOLD)


def share() -> None:
    """Have all threads take from one heap: for a process in which few work, and not for long.

    Each would keep what it let go, and each page that is new to a heap takes time. Large blocks,
    of which such a process takes few, are given back when they are freed.
    """
    if _library() is not None:
        _library().mallopt(_ARENA_MAX, 1)
        settle()


def is_settled() -> bool:
    """Say whether this process is to be no larger than what it does at the time takes."""
    return _settled


def trim() -> None:
    """Give back what is free; takes milliseconds."""
    if _library() is not None:
        _library().malloc_trim(0)
