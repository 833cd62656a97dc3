"""The README: its program runs, its files are there; what its commands print, test_guides looks at."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.hub import Hub
from tests.models.test_pull import COMMIT, sightline
from tests.starting import python

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text("utf-8")


def test_the_readmes_client_works(base_url: str) -> None:
    [code] = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)
    code = code.replace("http://127.0.0.1:8000/v1", base_url)
    done = python(code, cwd=ROOT)
    assert done.stdout == "The total is $16.20.\n", done.stderr


def test_a_photograph_is_described_by_a_model_that_was_pulled(tmp_path: Path, tiny: Path) -> None:
    """The README's second step, by a small model in the place of the one that the hub has."""
    commands = re.findall(r"^sightline (pull|use) (\S+)", TEXT, re.M)
    assert commands == [("pull", "smolvlm2-500m"), ("use", "smolvlm2-500m")]
    hub = Hub("ggml-org/SmolVLM2-500M-Video-Instruct-GGUF", COMMIT)
    hub.files = {
        "SmolVLM2-500M-Video-Instruct-Q8_0.gguf": tiny.read_bytes(),
        "mmproj-SmolVLM2-500M-Video-Instruct-Q8_0.gguf": (tiny.parent / "mmproj.gguf").read_bytes(),
    }
    with hub.serving():
        for words in commands:
            done = sightline(tmp_path, hub, *words)
            assert done.code == 0, done.err
    photograph = ("ask", str(ROOT / "samples" / "coffee.jpg"), "What is in this picture?", "--json")
    for more in ((), ("--model", "smolvlm2-500m"), ("--model", "auto")):
        done = sightline(tmp_path, None, *photograph, *more)
        assert done.code == 0, done.err
        told = json.loads(done.out)
        assert told["usage"]["sightline"]["engine"] == "llamacpp"
        assert told["answer"]


def test_the_first_screen_shows_a_photograph_a_paper_and_a_film() -> None:
    first = TEXT[: TEXT.index("## ")]
    assert len(re.findall(r"^\$ sightline ", first, re.M)) == 3
    assert "it does not see" in first


def test_every_file_that_the_readme_asks_about_is_there() -> None:
    for name in set(re.findall(r"samples/[\w.]+\.(?:png|jpg|mp4)", TEXT)):
        assert (ROOT / name).is_file() or name == "samples/film-narrated.mp4", name


def test_no_text_points_to_a_package_of_another_of_this_name() -> None:
    """The registry's package called sightline is not this one."""
    texts = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "sightline").rglob("*.py"),
    ]
    for path in texts:
        if path.name in ("CHANGELOG.md", "log.md"):
            continue
        found = re.findall(r"pip install [^\n`]*\bsightline\b(?:\[\w+\])?", path.read_text("utf-8"))
        assert not found, (path, found)
