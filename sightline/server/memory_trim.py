"""Memory that requests let go returns to the system while the server runs."""

from __future__ import annotations

import asyncio

from sightline import allocator

_SOON_S = 1.0


class Trimmer:
    """Has heaps give back what is free in them, off the event loop and once a second at most."""

    def __init__(self) -> None:
        self._waiting = False

    def soon(self) -> None:
        """Do it in a moment; called on the event loop."""
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(_SOON_S, self._begin)

    def _begin(self) -> None:
        self._waiting = False
        asyncio.get_running_loop().run_in_executor(None, allocator.trim)
