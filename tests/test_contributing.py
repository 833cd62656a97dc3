"""CONTRIBUTING's worked changes, each applied to a copy of the tree and tried."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHANGES = ROOT / "docs" / "changes"
CODE = "import sys; from sightline.cli.main import main; sys.exit(main(sys.argv[1:]))"
# What is typed after each change, and what it then says.
TRIED = {
    "voice": (["voices", "onyx", "--speech", "chimes"], "a tone"),
    "engine": (["ask", "samples/sign.png", "What?", "--engine", "average-colour"], "Picture 1: #"),
    "model": (["models", "--api"], "gpt-6.2-sol"),
    "question": (["ask", "samples/sign.png", "Which paper format?"], "no sheet of paper"),
}


def test_every_change_is_told_of_and_tried() -> None:
    told = re.findall(r"docs/changes/(\w+)\.diff\)", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert sorted(told) == sorted(path.stem for path in CHANGES.glob("*.diff")) == sorted(TRIED)


@pytest.mark.parametrize("name", TRIED)
def test_a_worked_change_applies_and_works(name: str, tmp_path: Path) -> None:
    for folder in ("sightline", "docs", "samples"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for folder in ("contract", "engines"):
        shutil.copytree(ROOT / "tests" / folder, tmp_path / "tests" / folder)
    words = ["git", "apply", "--whitespace=error", str(CHANGES / f"{name}.diff")]
    # Outside any repository, so that paths are those of the folder.
    outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, env=outside)
    assert done.returncode == 0, done.stderr
    asked, answer = TRIED[name]
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    said = subprocess.run(
        [sys.executable, "-c", CODE, *asked], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": path}, timeout=300,
    )  # fmt: skip
    assert answer in said.stdout, said.stderr
