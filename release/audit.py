"""Looks up known holes of every pinned package: `make audit`, and as far as it can `make check`.

pip-audit asks the registry about each line of the lock files. Where the registry cannot be reached,
or keeps no such record of a release, nothing is known: that is said in a line, and with `--strict`
it fails as a hole does.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# The shortest first: where nothing is known, that is said soon.
LOCKS = sorted((ROOT / "requirements").glob("*.lock"), key=lambda path: path.stat().st_size)


def _asked(lock: Path) -> list[dict[str, Any]] | None:
    """Give what the registry says of each package of a lock file; None where it says nothing."""
    words = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes"]
    words += ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    done = subprocess.run(words, capture_output=True, text=True)
    try:
        told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except json.JSONDecodeError:
        return None
    return told


def told_of(known: dict[str, list[dict[str, Any]]], unknown: set[str]) -> list[str]:
    """Say in lines what holes are known of releases, and of which packages nothing is."""
    lines = [
        f"audit: {name}: {hole['id']} ({', '.join(hole['aliases'])}), "
        f"mended in {', '.join(hole['fix_versions']) or 'no release yet'}."
        for name, holes in known.items()
        for hole in holes
    ]
    lines.append(
        f"audit: {len(known)} releases looked up, {sum(map(bool, known.values()))} with known holes."
    )
    if unknown:
        lines.append(
            f"audit: not done for {', '.join(sorted(unknown))}: no record of these releases."
        )
    return lines


def main() -> int:
    """Say what is known; exit code 1 for a hole, and with `--strict` for what is not known."""
    if importlib.util.find_spec("pip_audit") is None:
        sys.exit("audit: pip-audit is not installed: `make audit` does that.")
    known: dict[str, list[dict[str, Any]]] = {}
    unknown: set[str] = set()
    for lock in LOCKS:
        told = _asked(lock)
        if told is None:
            print(f"audit: not done for {lock.name}: the registry cannot be reached.")
            return 1 if "--strict" in sys.argv else 0
        known |= {f"{one['name']} {one['version']}": one["vulns"] for one in told if "vulns" in one}
        unknown |= {one["name"] for one in told if "vulns" not in one}
        if not known:
            print(
                f"audit: not done: the registry here keeps no record of releases, {lock.name} asked."
            )
            return 1 if "--strict" in sys.argv else 0
    for line in told_of(known, unknown):
        print(line)
    found = any(known.values())
    return 1 if found or (unknown and "--strict" in sys.argv) else 0


if __name__ == "__main__":
    sys.exit(main())
