"""The pages hold: each block is run or says why not, and what they name is there."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from sightline.cli.main import COMMANDS
from sightline.settings import FILE_VARIABLE, TABLE, load
from tests import documented

ROOT = Path(__file__).parents[1]
BLOCKS = [block for page in documented.PAGES for block in documented.blocks(page)]
# Typed by test_guides, which compares what sessions print; held to their form here.
TYPED = {"sh", "bash", "python", "console"}
FORMS = {"json", "toml", ""}
INLINE = re.compile(r"(?<![`\w])`([^`\n]+)`(?!`)")


def test_every_block_is_run_or_says_why_not() -> None:
    assert len(BLOCKS) > 80
    for block in BLOCKS:
        assert block.mark or block.language in TYPED | FORMS, f"{block.place}: {block.language}"


def test_a_block_that_is_not_run_says_why_and_the_others_by_which_test() -> None:
    for block in (block for block in BLOCKS if block.mark):
        how, _, told = block.mark.partition(": " if block.mark.startswith("not run") else " by ")
        if how == "not run":
            assert len(told) > 10, block.place
            continue
        file, _, name = told.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{block.place}: {told}"


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.language == "json" and not b.mark], ids=lambda b: b.place
)
def test_json_is_json(block: documented.Block) -> None:
    text = block.text.strip()
    json.loads(text if text.startswith("{") else f"{{{text}}}")  # a member of an object, too


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.language == "toml" and not b.mark], ids=lambda b: b.place
)
def test_settings_files_are_taken(block: documented.Block, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(block.text, "utf-8")
    assert load(environment={}, file=tmp_path / "settings.toml")


def test_what_was_printed_stands_below_the_command_that_prints_it() -> None:
    for block in (b for b in BLOCKS if not b.language and not b.mark):
        above = block.before.rstrip().rpartition("\n\n")[2]
        named = re.findall(r"\b(bench/\w+\.py)", above)
        assert named, block.place
        assert all((ROOT / name).is_file() for name in named), block.place


def prose(page: Path) -> str:
    """A page without its blocks and comments."""
    text = documented.FENCED.sub("", page.read_text("utf-8"))
    return re.sub(r"<!--.*?-->", "", text, flags=re.S)


def flags(command: str) -> set[str]:
    """The flags of a command, abbreviations and values aside."""
    made: argparse.ArgumentParser = import_module(f"sightline.cli.{command}").parser()
    return {flag for action in made._actions for flag in action.option_strings}


@pytest.mark.parametrize("page", documented.PAGES, ids=lambda page: page.name)
def test_commands_that_are_spoken_of_are_there_with_their_flags(page: Path) -> None:
    for said in INLINE.findall(prose(page)):
        words = said.split()
        if words[0] != "sightline" or len(words) < 2 or not words[1].isalpha():
            continue
        assert words[1] in COMMANDS, said
        known = flags(words[1])
        for flag in (word.partition("=")[0] for word in words[2:] if re.match(r"--[a-z]", word)):
            assert flag in known, said


@pytest.mark.parametrize("page", documented.PAGES, ids=lambda page: page.name)
def test_what_is_spoken_of_is_there(page: Path) -> None:
    """Files of the repository, targets of make, settings by their variables, tests by name."""
    made = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    variables = {row.variable for row in TABLE} | {FILE_VARIABLE, "SIGHTLINE_API_KEY"}
    for said in INLINE.findall(prose(page)):
        if re.fullmatch(
            r"(?:sightline|tests|bench|deploy|training|release|requirements)/[\w./-]+", said
        ):
            assert (ROOT / said).exists(), said
        if file := re.fullmatch(r"(tests/[\w/]+\.py)::(\w+)", said):
            assert f"def {file[2]}(" in (ROOT / file[1]).read_text("utf-8"), said
        if target := re.fullmatch(r"make ([\w -]+)", said):
            assert set(target[1].split()) <= made, said
        if variable := re.fullmatch(r"(SIGHTLINE_[A-Z_]+)(?:=.*)?", said):
            assert variable[1] in variables, said
        if said.startswith(("python bench/", "python -m training", "python -m bench")):
            module = shlex.split(said)[1 if said.startswith("python bench/") else 2]
            name = module if "/" in module else module.replace(".", "/")
            assert any((ROOT / f"{name}{end}").exists() for end in ("", ".py")), said


LINK = re.compile(r"(?<!\\)\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", documented.PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    """Also of pages that are not of the site, whose builder looks at links and anchors itself."""
    for target in LINK.findall(prose(page)):
        assert (page.parent / target).exists(), target
