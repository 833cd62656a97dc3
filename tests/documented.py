"""The examples of the documents, as files that a reader would have written."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def listing(page: str, name: str) -> str:
    """Give the listing of a page in which a class is written."""
    blocks: list[str] = BLOCK.findall((DOCS / page).read_text("utf-8"))
    return next(block for block in blocks if f"class {name}(" in block)


def write(folder: Path) -> Path:
    """Write the engine (`colour:AverageColour`) and the voices (`tones:Tones`) into a folder."""
    (folder / "colour.py").write_text(listing("engines.md", "AverageColour"), "utf-8")
    (folder / "tones.py").write_text(listing("speech.md", "Tones"), "utf-8")
    return folder
