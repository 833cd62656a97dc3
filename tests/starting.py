"""Programs and servers in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.waiting import PATIENCE_S


def python(program: str, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program of Python, no longer than a test waits; give how it ended and what it wrote."""
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        **{"capture_output": True, "text": True, "timeout": PATIENCE_S, **options},
    )


def end(process: subprocess.Popen[Any]) -> None:
    """End a command as an operator does, and have nothing of it left if it does not follow."""
    process.terminate()
    try:
        process.communicate(timeout=PATIENCE_S)  # it may drain for half a minute
    finally:
        process.kill()
        process.communicate()


@contextmanager
def started(
    *flags: str, noted: bool = True, **options: Any
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the real server on a free port in a process of its own; give its base URL and its process.

    For what is about the process: signals, memory, logs, its environment, what is left when it ends.
    What it is sent is `noted`, so that its answers can be held to its document, and it perceives
    what is new in this run alone (`tests.perceived`); otherwise it is as it is installed.
    """
    module = "tests.noting" if noted else "sightline.cli.main"
    process = subprocess.Popen(
        [sys.executable, "-m", module, "serve", "--port", "0", *flags],
        stdout=subprocess.PIPE,
        text=True,
        **{"stderr": subprocess.DEVNULL, **options},
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        urls = [word for word in first.split() if word.startswith("http://")]
        assert urls, f"it did not start: {process.wait(PATIENCE_S)}"
        yield urls[0], process
    finally:
        end(process)
