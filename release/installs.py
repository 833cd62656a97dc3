"""A release installed as people install it, each time into an empty environment, and tried."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from release.distributions import Fault

SMOKE = Path(__file__).with_name("smoke.py")
TOOLS = Path(sys.executable).parent


def run(*words: object, **around: str) -> str:
    """Run a program, as a person would outside the checkout; give what it says.

    `around` are variables of its environment. Raises `Fault` where it fails.
    """
    mine = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    asked = [str(word) for word in words]
    done = subprocess.run(asked, cwd="/", env={**mine, **around}, capture_output=True, text=True)
    if done.returncode:
        raise Fault(f"{' '.join(asked)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def environment(python: Path, place: Path) -> Path:
    """Make an empty virtual environment of an interpreter; give its own."""
    run(python, "-I", "-m", "venv", "--without-pip", place)
    return place / "bin" / "python"


def pip(python: Path, dist: Path, need: str) -> None:
    """Install a need by pip into an environment, and see that all needs of all are met."""
    ours = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    run(*ours, "install", "-q", "--find-links", dist, need)
    run(*ours, "check")


def smoke(python: Path, command: Path, version: str, dist: Path, *clients: Path) -> None:
    """Try an install by `smoke.py`, which says what that is."""
    run(python, "-I", SMOKE, command, version, dist, *clients)


def by_pip(python: Path, dist: Path, version: str, work: Path) -> None:
    """Try the whole of it and, in an environment of its own, the client alone."""
    whole = environment(python, work / "whole")
    pip(whole, dist, f"sightline=={version}")
    client = environment(python, work / "client")
    pip(client, dist, f"sightline-client=={version}")
    command, asking = (each.with_name("sightline") for each in (whole, client))
    smoke(whole, command, version, dist, asking)
    shutil.rmtree(work)


def by_pipx(python: Path, dist: Path, version: str, work: Path) -> None:
    """Install it as a program by pipx, and try that."""
    where = {"PIPX_HOME": str(work / "pipx"), "PIPX_BIN_DIR": str(work / "bin")}
    words = ["install", f"sightline=={version}", "--python", python]
    run(TOOLS / "pipx", *words, "--pip-args", f"--find-links {dist}", **where)
    inside = work / "pipx" / "venvs" / "sightline" / "bin" / "python"
    smoke(inside, work / "bin" / "sightline", version, dist)
    shutil.rmtree(work)


def by_uv(python: Path, dist: Path, version: str, work: Path) -> None:
    """Install it as a program by uv, and try that."""
    where = {"UV_TOOL_DIR": str(work / "tools"), "UV_TOOL_BIN_DIR": str(work / "bin")}
    words = ["tool", "install", f"sightline=={version}", "--python", python]
    run(TOOLS / "uv", *words, "--find-links", dist, **where)
    inside = work / "tools" / "sightline" / "bin" / "python"
    smoke(inside, work / "bin" / "sightline", version, dist)
    shutil.rmtree(work)
