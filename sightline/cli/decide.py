"""`sightline decide`: how likely answers are, by `/v1/decisions` of an engine here or of a server.

Questions are answered in the order of their flags, all of the same pictures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from sightline.api.decision_replies import in_words
from sightline.api.decisions import MOST_CHOICES, MOST_LEVELS
from sightline.cli import answering, boxes, decide_many, pictures
from sightline.cli.parsing import Parser
from sightline.errors import ImageError, UsageError
from sightline.media.data_url import data_url
from sightline.settings import Settings
from sightline.types import (
    Decide,
    Detail,
    ImageRef,
    Inline,
    Message,
    Option,
    Question,
    Text,
)


class _Asked(argparse.Action):
    """Keeps the questions of all flags in one list, in the order given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        namespace.asked = [*(namespace.asked or ()), (self.dest, str(values))]


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline decide",
        usage="sightline decide PICTURE... --question TEXT [OPTIONS]",
        description="Tell how likely answers to questions about pictures are. They are looked at "
        "once for all questions.",
        epilog='Example: sightline decide photo.jpg --question "Is there a cat?" '
        '--choice "animal: cat, dog, none" --score "damage: none, light, heavy"',
    )
    made.add_argument(
        "pictures", nargs="+", metavar="PICTURE",
        help="files, http(s) URLs or - for stdin, together; of a folder, a quoted pattern, or a "
        "table of paths each picture by itself",
    )  # fmt: skip
    made.set_defaults(asked=None)
    made.add_argument(
        "--question",
        action=_Asked,
        metavar="TEXT",
        help="a question of yes or no, or a statement; may be given several times, as the next two",
    )
    made.add_argument(
        "--choice",
        action=_Asked,
        metavar='"NAME: A, B"',
        help="which of these fits; the name may be a whole question",
    )
    made.add_argument(
        "--score", action=_Asked, metavar='"NAME: LOW, HIGH"', help="which level of this scale fits"
    )
    made.add_argument(
        "--detail",
        choices=get_args(Detail),
        default="auto",
        help="how closely to look (default: auto)",
    )
    made.add_argument(
        "--json", action="store_true",
        help="print the whole reply as JSON; of a folder a line for each picture",
    )  # fmt: skip
    made.add_argument(
        "--csv", action="store_true",
        help="print a table with a row for each picture, which is decided about by itself",
    )  # fmt: skip
    made.add_argument(
        "--evidence", metavar="FILE",
        help="write the picture with boxes around what was decided by; of several FILE-1, FILE-2 …",
    )  # fmt: skip
    answering.add_flags(made, stream=False)
    return made


def run(arguments: list[str]) -> int:
    """Decide, print a line for each question; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    if not options.asked:
        raise UsageError(
            "Give at least one question.",
            hint='For example: sightline decide photo.jpg --question "Is there a cat?"',
        )
    questions = [question(kind, text) for kind, text in options.asked]
    if options.csv or any(map(decide_many.is_many, options.pictures)):
        return decide_many.run(options, questions)
    try:
        told = asyncio.run(_decide(options, questions))
    except ImageError as error:
        match = re.match(r"input\[0\]\.content\[(\d+)\]", error.param or "")
        if match is None:
            raise
        raise pictures.named(error, options.pictures[int(match[1])]) from None
    if options.json:
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        return 0
    answering.noted(told.get("usage") or {})
    for (_, text), answer in zip(options.asked, told["answers"], strict=True):
        sys.stdout.write(f"{text.partition(':')[0]}: {in_words(answer)}\n")
    return 0


def question(kind: str, text: str) -> tuple[Decide, Message]:
    """Make a question of what a flag says. Raises `UsageError` for options that are none."""
    if kind == "question":
        return Decide("predicate"), Message("user", (Text(text),))
    name, _, listed = text.partition(":")
    labels = [label.strip() for label in listed.split(",") if label.strip()]
    if len(labels) < 2 or not name.strip():
        raise UsageError(
            f"--{kind} needs a name and at least two options.",
            hint=f'For example: --{kind} "damage: none, light, heavy"',
        )
    name = name.strip()
    most = MOST_LEVELS if kind == "score" else MOST_CHOICES
    if len(labels) > most or (kind == "choice" and len(set(labels)) < len(labels)):
        raise UsageError(
            f"--{kind} has too many options.", hint=f"At most {most}, each of them once."
        )
    asked = name if name.endswith("?") else f"What is the {name}?"
    decide = Decide("choice" if kind == "choice" else "score", tuple(map(Option, labels)), name)
    return decide, Message("user", (Text(asked),))


async def _decide(
    options: argparse.Namespace, questions: list[tuple[Decide, Message]]
) -> dict[str, Any]:
    settings = answering.settings(options)
    answering.check_model(options, settings)
    count = len(options.pictures)
    async with answering.note("1 picture" if count == 1 else f"{count} pictures"):
        parts = [
            await _part(name, i, options.detail, settings)
            for i, name in enumerate(options.pictures)
        ]
        decides, messages = zip(*questions, strict=True)
        turns = (Message("user", tuple(parts)), *messages)
        include = frozenset({"evidence"} if options.evidence is not None else ())
        asked = Question("", turns, include, decide=decides, max_tokens=len(decides))
        async with answering.asker(options, settings) as asker:
            told = await asker.decide(asked)
    if options.evidence is not None:
        urls = [part.source.url for part in parts if isinstance(part.source, Inline)]
        looked = list(zip(options.pictures, urls, strict=True))
        out = Path(options.evidence)
        await boxes.write(out, looked, told.get("usage") or {}, settings, first=0)
    return told


async def _part(name: str, index: int, detail: Detail, settings: Settings) -> ImageRef:
    param = f"input[0].content[{index}].image_url"
    data = await pictures.read(name, param, settings)
    return ImageRef(Inline(data_url(data)), param, detail)
