"""Mutation tests, and what their figures say: `make mutants`.

mutmut changes each expression of the files that `pyproject.toml` names, one at a time, and runs the
tests there that reach it. A change that no test notices has survived. With less than the share of
`--least` noticed in any file this ends with exit code 1. What survives is shown by
`.venv/bin/mutmut show NAME`; docs/testing.md says which of these changes mean nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
# How mutmut notes what came of a change: pytest's exit codes, and its own for too long a run.
_SURVIVED, _UNREACHED, _UNCHECKED = {0}, {5, 33}, {None, 2}


def told(meta: Path, least: float) -> tuple[list[str], bool]:
    """Give the lines for one file, and whether enough of its mutants were killed."""
    codes: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
    kinds = Counter(_kind(code) for code in codes.values())
    killed = kinds["killed"] / max(1, len(codes))
    name = meta.relative_to(ROOT / "mutants").as_posix().removesuffix(".meta")
    lines = [f"{name}: {kinds['killed']} of {len(codes)} killed, {killed:.1%}"]
    lines += [f"  {_kind(code)}: {key}" for key, code in codes.items() if _kind(code) != "killed"]
    return lines, killed >= least


def _kind(code: int | None) -> str:
    if code in _UNCHECKED:
        return "not checked"
    if code in _UNREACHED:
        return "no test reaches it"
    return "survived" if code in _SURVIVED else "killed"


def main() -> int:
    """Run them, unless told to read alone; print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--least", type=float, default=0.85, help="share to be killed in each file")
    parser.add_argument("--read", action="store_true", help="only tell of the last run")
    words = parser.parse_args()
    if not words.read:
        ran = [str(Path(sys.executable).parent / "mutmut"), "run"]
        subprocess.run(ran, cwd=ROOT, check=True)
    enough = True
    for meta in sorted((ROOT / "mutants" / "sightline").rglob("*.meta")):
        lines, fits = told(meta, words.least)
        print("\n".join(lines))
        enough &= fits
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
