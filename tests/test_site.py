"""The site of the documentation: every page has its place, and every link leads somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")


def placed() -> list[str]:
    """The pages of the site, as its table names them."""
    told = tomllib.loads((DOCS / "site.toml").read_text("utf-8"))
    return [page for group in told["project"]["nav"] for pages in group.values()
            for each in pages for page in each.values()]  # fmt: skip


def test_every_page_has_one_place() -> None:
    pages = placed()
    assert len(pages) == len(set(pages))
    written = {path.relative_to(ROOT).as_posix() for path in DOCS.rglob("*.md")}
    assert written <= set(pages)
    for page in pages:
        assert (ROOT / page.replace("index.md", "README.md")).is_file(), page


def test_the_groups_are_learn_do_look_up_understand() -> None:
    told = tomllib.loads((DOCS / "site.toml").read_text("utf-8"))
    assert [next(iter(group)) for group in told["project"]["nav"]] == [
        "Learn", "Do", "Look up", "Understand",
    ]  # fmt: skip


def test_every_link_leads_to_a_file() -> None:
    for page in placed():
        path = ROOT / page.replace("index.md", "README.md")
        for target in LINK.findall(path.read_text("utf-8")):
            assert (path.parent / target).exists(), (page, target)


def test_what_makes_the_site_is_pinned_with_hashes() -> None:
    text = (ROOT / "requirements" / "site.lock").read_text("utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert any(pin.startswith("zensical==") for pin in pins)
    for pin in pins:
        assert re.match(r"[\w.-]+==\S+.* --hash=sha256:[0-9a-f]{64}", pin), pin[:80]
