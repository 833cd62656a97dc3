"""Looks up known holes of every pinned package: `make audit`, and as far as it can `make check`.

pip-audit asks the registry about each line of the lock files. Where the registry cannot be reached,
or keeps no such record of a release, nothing is known: that is said in a line, and with `--strict`
it fails as a hole does.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def _asked(lock: Path) -> list[dict[str, Any]] | None:
    """Give what the registry says of each package of a lock file; None where it says nothing."""
    words = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes"]
    words += ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    done = subprocess.run(words, capture_output=True, text=True)  # noqa: S603 - our own words
    try:
        told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except json.JSONDecodeError:
        return None
    return told


def main() -> int:
    """Say what is known; exit code 1 for a hole, and with `--strict` for what is not known."""
    known: dict[str, list[dict[str, Any]]] = {}
    unknown: list[str] = []
    for lock in LOCKS:
        told = _asked(lock)
        if told is None:
            print(f"audit: not done for {lock.name}: the registry cannot be reached.")
            return 1 if "--strict" in sys.argv else 0
        known |= {
            f"{each['name']} {each['version']}": each["vulns"] for each in told if "vulns" in each
        }
        unknown += [each["name"] for each in told if "vulns" not in each]
    holes = {name: found for name, found in known.items() if found}
    for name, found in holes.items():
        for hole in found:
            mended = ", ".join(hole["fix_versions"]) or "no release yet"
            print(
                f"audit: {name}: {hole['id']} ({', '.join(hole['aliases'])}), mended in {mended}."
            )
    print(f"audit: {len(known)} releases looked up, {len(holes)} with known holes.")
    if unknown:
        more = len(set(unknown))
        print(
            f"audit: not done for {more} more: the registry here keeps no record of their releases."
        )
    return 1 if holes or (unknown and "--strict" in sys.argv) else 0


if __name__ == "__main__":
    sys.exit(main())
