"""The pages and what is written in them: programs, commands, and what these print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
# What is read by who uses or carries on the project. Changes tell of what was.
PAGES = sorted(
    path
    for folder in ("", "docs", "docs/guides", "docs/reference", "client", "conformance", "weights",
                   "deploy", "examples", "training", ".github")
    for path in (ROOT / folder).glob("*.md")
    if path.name != "CHANGELOG.md"
)  # fmt: skip
FENCED = re.compile(
    r"^(?: *<!-- (?P<mark>(?:not run|run by)[^\n]*?) -->\n\n?)?"
    r"(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^ *```",
    re.M | re.S,
)
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code of a page."""

    page: Path
    language: str
    text: str
    mark: str  # why it is not run, or the test that does; or nothing
    before: str  # the text above it

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        line = self.before.count("\n") + 1
        return f"{self.page.relative_to(ROOT).as_posix()}:{line}"


def blocks(page: Path) -> list[Block]:
    """Give the blocks of a page, in turn."""
    text = page.read_text("utf-8")
    return [
        Block(page, each["language"], each["text"], each["mark"] or "", text[: each.start()])
        for each in FENCED.finditer(text)
    ]


def listing(page: str, name: str) -> str:
    """Give the listing of a page in which a class is written."""
    found: list[str] = BLOCK.findall((DOCS / page).read_text("utf-8"))
    return next(block for block in found if f"class {name}(" in block)


def write(folder: Path) -> Path:
    """Write the engine (`colour:AverageColour`) and the voices (`tones:Tones`) into a folder."""
    (folder / "colour.py").write_text(listing("engines.md", "AverageColour"), "utf-8")
    (folder / "tones.py").write_text(listing("speech.md", "Tones"), "utf-8")
    return folder
