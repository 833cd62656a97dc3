"""What server processes of tests do; a module of its own, since each of them imports it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from sightline.errors import SightlineError


def fails(listens: Callable[[], None]) -> None:
    """Say why it cannot start."""
    raise SightlineError("The cellar is flooded.", hint="Pump.")


def listens_once(folder: str, listens: Callable[[], None]) -> None:
    """Listen until it is told to end; whoever takes its place ends before it listens."""
    at = Path(folder)
    first = not (at / "starts").exists()
    with (at / "starts").open("a") as file:
        file.write(f"{time.monotonic()}\n")
    if first:
        listens()
        while not (at / "enough").exists():
            time.sleep(0.01)
    os._exit(3)
