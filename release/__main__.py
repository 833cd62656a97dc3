"""Makes a release: `make release`.

What is committed is built twice into `dist/`, checked, and installed as people install it, on every
supported Python that can be had; what could not be had is said. Nothing is uploaded:
docs/releasing.md tells the steps before and after.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from release import changelog, interpreters
from release.distributions import DISTRIBUTIONS, ROOT, Fault, build_twice, faults, git, stale
from release.installs import by_pip, by_pipx, by_uv

DIST = ROOT / "dist"


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def start(version: str) -> None:
    """Say what is released; see, where its commit has the tag of a release, that it is that one."""
    told = git("log", "-1", "--format=%h of %cs").decode().strip()
    tags = git("tag", "--list", "v*", "--points-at", "HEAD").decode().split()
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    wrong = [*changelog.problems(text), *stale()]
    if tags and tags != [f"v{version}"]:
        wrong.append(f"the commit is tagged {', '.join(tags)}, the code says {version}")
    if wrong:
        raise Fault("; ".join(wrong))
    if tags:
        changelog.notes(text, version)
    say(
        f"Sightline {version}, commit {told}" + ("" if tags else ": no tag, so this is a rehearsal")
    )
    if git("status", "--porcelain", "--untracked-files=no"):
        say("What is not committed is no part of it.")


def build(work: Path) -> None:
    """Put the distributions into `dist/`, and print their hashes."""
    made = build_twice(ROOT, work)
    versions = {each.name: each.version(ROOT) for each in DISTRIBUTIONS}
    files = sorted(made.iterdir())
    wrong = [fault for file in files for fault in faults(file, versions)]
    if wrong:
        raise Fault("; ".join(wrong))
    words = [sys.executable, "-m", "twine", "check", "--strict", *map(str, files)]
    told = subprocess.run(words, capture_output=True, text=True)
    if told.returncode:
        raise Fault(told.stdout + told.stderr)
    DIST.mkdir(exist_ok=True)
    for old in (*DIST.glob("*.whl"), *DIST.glob("*.tar.gz")):
        old.unlink()
    for file in files:
        shutil.copyfile(file, DIST / file.name)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        say(f"  {digest}  {file.name}  {file.stat().st_size / 1e6:.1f} MB")
    say("Two builds are the same bit for bit, and twine finds nothing wrong.")


def tried(work: Path, version: str, asked: list[str]) -> list[str]:
    """Install and try it everywhere; give the versions of Python that could not be had."""
    missing, first = [], None
    for each in asked:
        try:
            python = interpreters.here(each) or interpreters.from_debian(each, work)
        except Fault as fault:
            missing.append(each)
            say(f"Python {each}: could not be had: {fault}.")
            continue
        first = first or python
        begun = time.monotonic()
        by_pip(python, DIST, version, work / f"pip-{each}")
        whose = "Debian's" if python.is_relative_to(work) else str(python)
        full = interpreters.release_of(python)
        say(f"Python {full} ({whose}): pip installs it, and it works ({_took(begun)}).")
    if first is not None:
        for name, install in (("pipx", by_pipx), ("uv", by_uv)):
            begun = time.monotonic()
            install(first, DIST, version, work / name)
            say(f"{name} installs it as a program, and it works ({_took(begun)}).")
    return missing


def _took(begun: float) -> str:
    return f"{time.monotonic() - begun:.0f} s"


def main() -> int:
    """Make it; give the exit code."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    supported = interpreters.supported()
    parser.add_argument("--python", action="append", choices=supported, help="only this one")
    parser.add_argument("--build-only", action="store_true", help="install nothing")
    asked = parser.parse_args()
    version = DISTRIBUTIONS[-1].version(ROOT)
    with tempfile.TemporaryDirectory(prefix="sightline-release-") as folder:
        start(version)
        build(Path(folder, "build"))
        missing = []
        if not asked.build_only:
            missing = tried(Path(folder), version, asked.python or supported)
    if missing:
        say(f"Not tried for want of one: Python {', '.join(missing)}.")
    say("It is in dist/.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Fault as fault:
        sys.exit(f"No release: {fault}")
