"""CONTRIBUTING's worked changes, each applied to a copy of the tree and tried."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.conftest import started
from tests.starting import python
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parent.parent
CHANGES = ROOT / "docs" / "changes"
CODE = "import sys; from sightline.cli.main import main; sys.exit(main(sys.argv[1:]))"
# Those parts of the tests' folder that changes are made in.
TESTED = ("contract", "engines", "server/test_keys.py", "bodies.py", "parsers.py")
# What is typed after each change, and what it then says.
TRIED = {
    "voice": (["voices", "onyx", "--speech", "chimes"], "a tone"),
    "engine": (["ask", "samples/sign.png", "What?", "--engine", "average-colour"], "Picture 1: #"),
    "model": (["models", "--api"], "gpt-6.2-sol"),
    "question": (["ask", "samples/sign.png", "Which paper format?"], "no sheet of paper"),
}


def test_every_change_is_told_of_and_tried() -> None:
    told = re.findall(r"docs/changes/(\w+)\.diff\)", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    written = sorted(path.stem for path in CHANGES.glob("*.diff"))
    assert sorted(told) == written == sorted((*TRIED, "endpoint"))


def applied(name: str, folder: Path) -> dict[str, str]:
    """Apply a change to a copy of the tree in a folder; give the environment to try it in."""
    for part in ("sightline", "docs", "samples", *(f"tests/{part}" for part in TESTED)):
        there = folder / part
        if (ROOT / part).is_file():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / part, there)
        else:
            shutil.copytree(ROOT / part, there, ignore=shutil.ignore_patterns("__pycache__"))
    words = ["git", "apply", "--whitespace=error", str(CHANGES / f"{name}.diff")]
    # Outside any repository, so that paths are those of the folder.
    outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=outside)
    assert done.returncode == 0, done.stderr
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return {**os.environ, "PYTHONPATH": path}


@pytest.mark.parametrize("name", TRIED)
def test_a_worked_change_applies_and_works(name: str, tmp_path: Path) -> None:
    env = applied(name, tmp_path)
    asked, answer = TRIED[name]
    said = python(CODE, *asked, cwd=tmp_path, env=env)
    assert answer in said.stdout, said.stderr


def test_the_worked_endpoint_answers_and_is_in_the_document(tmp_path: Path) -> None:
    env = applied("endpoint", tmp_path)
    with started("--engine", "mirror", noted=False, cwd=tmp_path, env=env) as (url, _):
        sent = {"model": "gpt-4o", "width": 2048, "height": 4096}
        told = requests.post(f"{url}/images/size", json=sent, timeout=PATIENCE_S).json()
        assert told == {"object": "image.size", "width": 768, "height": 1536, "tokens": 1105}
        refused = requests.post(f"{url}/images/size", json={**sent, "width": 0}, timeout=PATIENCE_S)
        assert refused.json()["error"]["param"] == "width"
        document = requests.get(url.replace("/v1", "/openapi.json"), timeout=PATIENCE_S).json()
        assert "/v1/images/size" in document["paths"]
