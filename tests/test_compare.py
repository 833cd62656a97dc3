"""What the pages say of other servers has a source, and of ours a command or a page."""

from __future__ import annotations

import re
from pathlib import Path

from sightline_conformance import run

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "compare.md").read_text("utf-8")
BODY, _, REFERENCES = TEXT.partition("## References")
NAMED = re.compile(r"\[([a-z]\d)\](?!\()")
# Whoever a word of the pages could be about.
PEERS = ("vLLM", "SGLang", "llama.cpp", "Ollama", "LocalAI", "LM Studio", "LiteLLM", "Lemonade", "openedai-vision", "OpenAI")  # fmt: skip


def tables() -> list[tuple[list[str], list[list[str]]]]:
    """The tables: their heads, and their rows."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", BODY, re.M):
        head, _, *rows = (
            [cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()
        )
        found.append((head, rows))
    return found


def test_every_reference_is_told_once_with_a_link_and_every_one_is_used() -> None:
    told = re.findall(r"^- \[([a-z]\d)\] (.*)$", REFERENCES, re.M)
    names = [name for name, _ in told]
    assert len(names) == len(set(names)) > 40
    assert set(names) == set(NAMED.findall(BODY))
    for name, text in told:
        assert re.search(r"\]\(https://[\w.-]+/[^)]*\)", text), name


def test_each_column_has_a_source_for_all_its_cells() -> None:
    """A cell has its own beside what it says, or that of the head of its column."""
    for head, rows in tables():
        assert head[1] == "Sightline"
        for name in head[2:]:
            assert re.fullmatch(rf"(?:{'|'.join(map(re.escape, PEERS))}) \[[a-z]0\]", name), name
        letters = [name[-3] for name in head[2:]]
        for row in rows:
            assert len(row) == len(head), row[0]
            for letter, cell in zip(letters, row[2:], strict=True):
                assert cell, row[0]
                assert not cell.endswith(", n"), f"{row[0]}: a note is no source"
                assert {name[0] for name in NAMED.findall(cell)} <= {letter, "v"}, (row[0], cell)


def test_what_was_measured_was_run() -> None:
    page = (ROOT / "docs" / "conformance.md").read_text("utf-8")
    for head, rows in tables():
        for row in rows:
            for name, cell in zip(head[2:], row[2:], strict=True):
                if "measured" in cell:
                    assert re.search(rf"\| {re.escape(name[:-5])} \|", page), (name, row[0])


def test_what_is_said_of_ours_has_a_check_a_test_or_a_page() -> None:
    groups = set(run.all_groups())
    for _, rows in tables():
        for label, ours, *_ in rows:
            shown = re.findall(r"`([^`]+)`", ours)
            assert ours == "no" or shown or re.search(r"\]\([\w-]+\.md", ours), label
            for each in shown:
                there = each in groups or each.startswith(
                    ("python bench/", "make ", "sightline ", "…/")
                )
                assert there or (ROOT / each).is_file(), (label, each)


def test_a_benchmark_beside_a_peer_is_run_by_a_bench() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    code = "".join(path.read_text("utf-8") for path in (ROOT / "bench").rglob("*.py"))
    for against in set(re.findall(r"^\| [^|]+\|[^|]+\|[^|]+\| ([^|:]+): ", page, re.M)):
        if against != "Against":
            assert against.partition(",")[0] in code, against
