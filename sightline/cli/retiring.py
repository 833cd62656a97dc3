"""`sightline retiring`: where code and configuration name models that OpenAI ends.

It reads text files and tells places and ids, never a line's text: keys stand beside ids.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import stat
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from sightline.api_models import CHAT, SPEECH, TRANSCRIPTION, ApiModel, api_models
from sightline.cli.parsing import Parser
from sightline.cli.screen import counted, table, wrapped
from sightline.errors import UsageError

_ANSWERED = (CHAT, SPEECH, TRANSCRIPTION)  # the kinds that go on here
_MOST_BYTES = 4_000_000  # of a file; what is larger was hardly typed
_MOST_FILES = 200_000
_MOST_FOUND = 10_000
_HEAD = 8192  # bytes in which a binary file shows a zero
# What tools fetch or make, and version control keeps; virtual environments are told by their file.
_PASSED_OVER = frozenset(
    (
        ".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", "__pycache__", ".tox",
        ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".venv", "venv", "site-packages",
    )
)  # fmt: skip
_ENVIRONMENT = "pyvenv.cfg"
# Whole words alone are looked up, so that no id is found within a longer one: `gpt-4o` is no word
# of `gpt-4o.json`, but is of `openai/gpt-4o`, `${MODEL:-gpt-4o}` and `ft:gpt-4o:…`.
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# An id without a hyphen (o1) may be a variable's name. It is one in quotes, after a provider's name
# and where a model is spoken of.
_QUOTES = "\"'`"
_SPOKEN_OF = re.compile(r"models?[\"'\]]{0,2}(?:\s{0,4}[:=]\s{0,4}|\s{1,4})\Z", re.IGNORECASE)
_PROVIDER = re.compile(r"[A-Za-z]/\Z")
_CALLED = re.compile(r"\s{0,4}[(\[=]")


@dataclass(frozen=True, slots=True)
class Mention:
    """An id that ends, in a line of a file."""

    file: str
    line: int
    model: ApiModel
    ends: date


@dataclass(slots=True)
class Tally:
    """What a search read, and what it passed over."""

    files: int = 0
    large: int = 0
    binary: int = 0
    unreadable: int = 0
    found: list[Mention] = field(default_factory=list)
    whole: bool = True


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline retiring",
        usage="sightline retiring [PATH...] [--json]",
        description="Find ids of models that OpenAI ends or has ended, in code and configuration, "
        "and tell what to do. Exit code 0 where none is found, 1 where some are.",
        epilog="Example: sightline retiring .",
    )
    made.add_argument(
        "items", nargs="*", metavar="PATH",
        help="files and folders; default: this folder. Of folders are passed over: binary files, "
        f"those of more than {_MOST_BYTES // 1_000_000} MB, links, what version control keeps, "
        "node_modules and virtual environments",
    )  # fmt: skip
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> int:
    """Print what was found; return 1 if anything was. Raises `UsageError`."""
    options = parser().parse_args(arguments)
    paths = [Path(name) for name in options.items or ["."]]
    for path in paths:
        if not (path.is_dir() or path.is_file()):
            what = "is neither a file nor a folder" if path.exists() else "is not there"
            raise UsageError(f"{_shown(str(path))} {what}.", hint="Check its name.")
    tally = search(paths)
    print(json.dumps(_told(tally), indent=2) if options.json else _page(tally))
    return 1 if tally.found else 0


def search(paths: Sequence[Path]) -> Tally:
    """Look through files and folders; what is found is sorted by the day on which it ends."""
    ending = {model.id: (model, day) for model in api_models().ending if (day := model.shutdown)}
    tally = Tally()
    seen: set[str] = set()
    for file in chain.from_iterable(_files(path, tally) for path in paths):
        real = os.path.realpath(file)
        if real in seen:
            continue
        seen.add(real)
        for number, id in _ids(_text(file, tally), ending):
            tally.found.append(Mention(_shown(str(file)), number, *ending[id]))
            if len(tally.found) > _MOST_FOUND:
                break
        if len(seen) > _MOST_FILES or len(tally.found) > _MOST_FOUND:
            tally.whole = False
            break
    tally.found.sort(key=lambda each: (each.ends, each.file, each.line, each.model.id))
    return tally


def _ids(text: str, ending: Container[str]) -> Iterator[tuple[int, str]]:
    """Give each id once for each line that has it, with the line's number."""
    for number, line in enumerate(text.split("\n"), 1):
        found = dict.fromkeys(
            id
            for word in _WORD.finditer(line)
            if (id := word[0].rstrip(".")) in ending and _meant(line, word.start(), id)
        )
        yield from ((number, id) for id in found)


def _meant(line: str, start: int, id: str) -> bool:
    """Say whether a word that is an id is meant as one."""
    if "-" in id:
        return True
    before, after = line[max(0, start - 40) : start], line[start + len(id) :]
    if before[-1:] in _QUOTES and after[:1] in _QUOTES:
        return bool(before and after)
    spoken_of = _SPOKEN_OF.search(before) and not _CALLED.match(after)
    return bool(spoken_of or _PROVIDER.search(before))


def _files(path: Path, tally: Tally) -> Iterator[Path]:
    """Give the files of a folder, in order, without those that are passed over; or the file."""
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path, onerror=lambda _: _count_unreadable(tally)):
        here = Path(folder)
        folders[:] = sorted(
            name for name in folders
            if name not in _PASSED_OVER and not (here / name / _ENVIRONMENT).exists()
        )  # fmt: skip
        for name in sorted(names):
            if not (here / name).is_symlink():
                yield here / name


def _count_unreadable(tally: Tally) -> None:
    tally.unreadable += 1


def _text(path: Path, tally: Tally) -> str:
    """Read a file's text, empty where it is passed over, which is counted."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return ""
        if about.st_size > _MOST_BYTES:
            tally.large += 1
            return ""
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError:
        tally.unreadable += 1
        return ""
    if b"\0" in data[:_HEAD]:
        tally.binary += 1
        return ""
    tally.files += 1
    return data.decode("utf-8", "replace")


def _advice(model: ApiModel) -> str:
    """Say what to do about a model that ends."""
    if model.kind in _ANSWERED:
        own = f" ({model.note})" if model.note else ""
        here = f"goes on answering here{own}: only the base URL changes"
    else:
        here = "not answered here" + (f"; {model.note}" if model.note else "")
    return here + (f"; OpenAI names {_successor(model)}" if model.successor else "")


def _successor(model: ApiModel) -> str:
    after = api_models().models.get(model.successor)
    ends = f", which ends {after.shutdown}" if after is not None and after.shutdown else ""
    return model.successor + ends


def _page(tally: Tally) -> str:
    today = date.today()
    rows = [
        (
            f"{each.file}:{each.line}",
            each.model.id,
            f"{'ended' if each.ends <= today else 'ends'} {each.ends}",
            _advice(each.model),
        )
        for each in tally.found
    ]
    lines = [table(rows)] if rows else []
    passed = [
        f"{count:,} {what}"
        for count, what in (
            (tally.large, f"of more than {_MOST_BYTES // 1_000_000} MB"),
            (tally.binary, "binary"),
            (tally.unreadable, "that cannot be read"),
        )
        if count
    ]
    named = len({row[1] for row in rows})
    name = "names" if len(rows) == 1 else "name"
    told = f"{counted(len(rows), 'place')} {name} {counted(named, 'model')}"
    told = f"{told if rows else 'No place names a model'} that OpenAI ends"
    told = f"{told}, in {counted(tally.files, 'file')}; as of {api_models().date}."
    lines += ["", wrapped(told)]
    if passed:
        lines.append(wrapped(f"Passed over: {', '.join(passed)}."))
    if not tally.whole:
        most = f"{_MOST_FOUND:,} places or {_MOST_FILES:,} files"
        lines.append(
            wrapped(f"Not all was looked at: after {most} it stops. Name a folder within.")
        )
    return "\n".join(lines).lstrip("\n")


def _told(tally: Tally) -> dict[str, Any]:
    today = date.today()
    return {
        "date": api_models().date,
        "found": [
            {
                "file": each.file,
                "line": each.line,
                "id": each.model.id,
                "shutdown_date": each.ends.isoformat(),
                "ended": each.ends <= today,
                "answered_here": each.model.kind in _ANSWERED,
                "successor": each.model.successor or None,
                "advice": _advice(each.model),
            }
            for each in tally.found
        ],
        "files": tally.files,
        "passed_over": {
            "large": tally.large, "binary": tally.binary, "unreadable": tally.unreadable
        },
        "whole": tally.whole,
    }  # fmt: skip


def _shown(name: str) -> str:
    """Write a file's name so that a terminal takes it for nothing else."""
    plain = os.fsencode(name).decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in plain)
