"""`sightline ask`: a question about pictures, answered here or by any OpenAI-compatible server.

It enters where every client does: the same JSON as over HTTP is made of the arguments, and either
sent with the official client or read by the same code that the server reads it with.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from sightline.cli import answering, boxes, pictures, screen, values
from sightline.cli.boxes import Looked
from sightline.cli.installed import InstalledParser
from sightline.cli.use import with_used
from sightline.engines.grounding import named
from sightline.errors import ImageError, SightlineError, UsageError
from sightline.models.catalogue import Task, catalogue
from sightline.settings import Settings
from sightline.types import Detail, JsonFormat, Question, Text

if TYPE_CHECKING:
    from sightline.jobs.ask import Asker


# What is asked of who has no words of its own for it.
_TASKS: dict[Task, str] = {
    "markdown": "Convert this page to Markdown, and add nothing.",
    "table": "Write the table in Markdown, and nothing else.",
    "formula": "Write the formula in LaTeX, and nothing else.",
}


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = InstalledParser(
        prog="sightline ask",
        usage='sightline ask PICTURE... ["QUESTION" | --task TASK] [OPTIONS]',
        description="Ask about one or several pictures; without a question, talk about them.",
        epilog='Example: sightline ask receipt.png "What is the total?"',
    )
    made.add_argument(
        "items",
        nargs="+",
        metavar="PICTURE... QUESTION",
        help="pictures or PDFs: files, quoted patterns, http(s) URLs, clipboard, or - for stdin, "
        "then the question; without one a conversation opens",
    )
    looked = made.add_argument_group("what is looked at")
    looked.add_argument(
        "--detail",
        choices=get_args(Detail),
        default="auto",
        help="how closely to look (default: auto)",
    )
    looked.add_argument(
        "--pages", type=values.pages, default=(), metavar="LIST",
        help="of PDFs only these pages, as pictures: 3, 2-5 or 1,4-6 (default: all)",
    )  # fmt: skip
    made.add_argument(
        "--task", choices=[*_TASKS],
        help="in place of a question: write the page as Markdown, its table or its formula, as the "
        "model that answers was trained to be asked",
    )  # fmt: skip
    told = made.add_argument_group("what is told")
    told.add_argument(
        "--json",
        nargs="*",
        metavar="ATTR",
        help="answer as JSON with these attributes, for example --json total date; without any, "
        "print answer, model and usage as JSON",
    )
    told.add_argument(
        "--show",
        action="store_true",
        help="draw the pictures on the terminal, with boxes around what the answer says or what "
        "was seen, where who answers tells them",
    )
    told.add_argument(
        "--evidence",
        metavar="FILE",
        help="write the picture, of a PDF the pages, with boxes around what the answer says; of "
        "several FILE-1, FILE-2 …",
    )
    answering.add_flags(made)
    return made


def _settings(options: argparse.Namespace) -> Settings:
    settings = answering.settings(options)
    return settings if options.base_url else with_used(settings)


def run(arguments: list[str]) -> int:
    """Ask, print the answer on stdout; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    attributes = [name for part in options.json or () for name in part.split(",") if name.strip()]
    items = pictures.expanded(options.items)
    if options.task is not None:
        if attributes or not all(map(pictures.is_named, items)):
            raise UsageError("--task has a question of its own.", hint="Leave yours out.")
        asyncio.run(_ask(options, items, "", as_json=False))
        return 0
    if options.json is None and all(map(pictures.is_named, items)):
        asyncio.run(_talk(options, items))
        return 0
    given, question = _parted(options.items)
    names = pictures.expanded(given)
    if not names:
        raise UsageError(
            "Give at least one picture and a question.",
            hint='For example: sightline ask receipt.png "What is the total?"',
        )
    if attributes:
        from sightline.jobs.ask import with_attributes

        question = with_attributes(question, attributes)
    if names != given:  # a pattern stands for them, and an answer numbers them
        sys.stderr.writelines(f"Image {i}: {name}\n" for i, name in enumerate(names, 1))
    asyncio.run(_ask(options, names, question, as_json=bool(attributes)))
    return 0


def _parted(items: list[str]) -> tuple[list[str], str]:
    """Give what names pictures, and the question: the last, or the sentence before pictures."""
    if pictures.is_named(items[-1]):
        sentences = [item for item in items if " " in item and not pictures.is_named(item)]
        if len(sentences) == 1:
            return [item for item in items if item != sentences[0]], sentences[0]
    return items[:-1], items[-1]


async def _ask(
    options: argparse.Namespace, names: list[str], question: str, *, as_json: bool
) -> None:
    settings = _settings(options)
    answering.check_model(options, settings)
    answering.begin(options, settings, names, once=True)
    looked: list[Looked] = []
    try:
        await _asked(options, names, question, settings, looked, as_json=as_json)
    except ImageError as error:
        raise _named(error, looked) from None


async def _asked(
    options: argparse.Namespace,
    names: list[str],
    question: str,
    settings: Settings,
    looked: list[Looked],
    *,
    as_json: bool,
) -> None:
    async with answering.note(screen.counted(len(names), "picture")) as settled:
        for name in names:
            looked += await _read(name, settings, options.pages)
        urls = [url for _, url in looked]
        whole, spent, model = "", dict[str, Any](), ""
        async with answering.asker(options, settings) as asker:
            words = question if options.task is None else await _words(options, settings, asker)
            asked = _question(words, urls, options.detail, as_json=as_json)
            if options.json is not None and not as_json:
                known = await asker.answerer()
                model = known.profile if options.base_url else known.name
            asked = replace(asked, include=await _included(options, asker))
            async for text in asker.pieces(asked, spent, stream=options.stream):
                whole += text
                if options.stream and options.json is None:
                    settled()
                    sys.stdout.write(text)
                    sys.stdout.flush()
        settled()
    if as_json:
        sys.stdout.write(_indented(whole))
    elif options.json is not None:
        told = {"answer": whole, "model": model, "usage": spent}
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
    elif not options.stream:
        sys.stdout.write(whole)
    if options.json is not None or not whole.endswith("\n"):
        sys.stdout.write("\n")
    sys.stdout.flush()
    if options.evidence is not None:
        await boxes.write(Path(options.evidence), looked, spent, settings, options.detail)
    if options.show:
        await asyncio.to_thread(boxes.show, looked, spent, settings)
    if options.json is None or as_json:
        answering.noted(spent)


async def _words(options: argparse.Namespace, settings: Settings, asker: Asker) -> str:
    """Give what a task is called by the model that answers. Raises `UsageError`."""
    model = (await asker.answerer()).profile if options.base_url else settings.model
    entry = catalogue().known(model)
    if entry is None or "documents" not in entry.tasks:
        return _TASKS[options.task]
    if options.task not in entry.prompts:
        raise UsageError(
            f"{entry.name} was not trained for --task {options.task}.",
            hint=f"It knows: {', '.join(entry.prompts)}.",
        )
    return entry.prompts[options.task]


async def _included(options: argparse.Namespace, asker: Asker) -> frozenset[str]:
    """Say what is to be told beside the answer, for the pictures that are drawn."""
    if not (options.show or options.evidence):
        return frozenset()
    answerer = await asker.answerer()
    if options.show and answerer.surveys:
        return frozenset({"evidence", "things"})
    # A model is not to be asked for evidence: what it says of places, it says in its answer.
    places = named(answerer.name) if options.base_url else not answerer.surveys
    return frozenset({"evidence"} if options.evidence is not None and not places else ())


async def _talk(options: argparse.Namespace, names: list[str]) -> None:
    from sightline.cli.talk import Talk, talk

    settings = _settings(options)
    answering.check_model(options, settings)
    answering.begin(options, settings)

    async def read(name: str) -> list[Looked]:
        try:
            return await _read(name, settings, options.pages)
        except ImageError as error:
            raise pictures.named(error, name) from None

    shown = [each for name in names for each in await read(name)]
    if options.show:
        boxes.show(shown, {}, settings)
    async with answering.asker(options, settings, again=True) as asker:
        await talk(Talk(shown, options.detail), asker, read)


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text  # a model that was asked for JSON and did otherwise: show what it said


def _question(question: str, urls: list[str], detail: Detail, *, as_json: bool) -> Question:
    from sightline.jobs import ask as asking

    seen = (asking.part(url, place, detail) for place, url in enumerate(urls, 1))
    return asking.question(Text(question), *seen, json=JsonFormat() if as_json else None)


async def _read(name: str, settings: Settings, pages: tuple[int, ...]) -> list[Looked]:
    """Read a picture or a document, or pages of one: each by its name and as a data URL.

    Raises `ImageError` without the place in the request, which is that of the first.
    """
    from sightline.jobs.ask import attached

    data = await pictures.read(name, name, settings, documents=True)
    if not (pages and data.startswith(b"%PDF-")):
        return [(name, attached(data))]
    drawn = await pictures.pages(data, name, pages, settings)
    numbered = zip(pages, drawn, strict=True)
    return [(f"{name}, page {number}", attached(page)) for number, page in numbered]


def _named(error: ImageError, looked: list[Looked]) -> SightlineError:
    match = re.match(r"messages\[0\]\.content\[(\d+)\]", error.param or "")
    if match is not None:
        return pictures.named(error, looked[int(match.group(1)) - 1][0])
    return error if error.param is None else pictures.named(error, error.param)
