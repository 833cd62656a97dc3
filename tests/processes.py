"""Processes that tests watch: what is alive, what it has started, what it is bound by."""

from __future__ import annotations

from pathlib import Path

import psutil


def alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and is not asked about does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def started_by(pid: int) -> set[int]:
    """Give the processes that a process started, and those that these did."""
    try:
        return {each.pid for each in psutil.Process(pid).children(recursive=True)}
    except psutil.NoSuchProcess:
        return set()


def running_module(pid: int, module: str) -> set[int]:
    """Give the processes below `pid` that run a module of ours."""
    found = set()
    for each in started_by(pid):
        try:
            if module in psutil.Process(each).cmdline():
                found.add(each)
        except psutil.Error:
            continue
    return found


def status(pid: int) -> dict[str, str]:
    """Give what the kernel says of a process, by name."""
    text = Path(f"/proc/{pid}/status").read_text()
    pairs = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in pairs}
