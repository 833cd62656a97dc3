"""`sightline ask`: a question about pictures, answered here or by any OpenAI-compatible server.

It enters where every client does: the same JSON as over HTTP is made of the arguments, and either
sent with the official client or read by the same code that the server reads it with.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from sightline.cli import answering, drawing, pictures, screen
from sightline.cli.installed import Parser
from sightline.cli.use import with_used
from sightline.errors import ImageError, SightlineError, UsageError
from sightline.settings import Settings
from sightline.types import Detail

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SHOWN = 1024  # pixels of a drawn picture's side, at most


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline ask",
        usage='sightline ask PICTURE... ["QUESTION"] [OPTIONS]',
        description="Ask about one or several pictures; without a question, talk about them.",
        epilog='Example: sightline ask receipt.png "What is the total?"',
    )
    made.add_argument(
        "items",
        nargs="+",
        metavar="PICTURE... QUESTION",
        help="pictures or PDFs: files, http(s) URLs or - for stdin, then the question; without one "
        "a conversation opens",
    )
    made.add_argument(
        "--json",
        nargs="*",
        metavar="ATTR",
        help="answer as JSON with these attributes, for example --json total date; without any, "
        "print answer, model and usage as JSON",
    )
    made.add_argument(
        "--detail",
        choices=get_args(Detail),
        default="auto",
        help="how closely to look (default: auto)",
    )
    made.add_argument("--show", action="store_true", help="draw the pictures on the terminal")
    made.add_argument(
        "--evidence",
        metavar="FILE",
        help="write the picture with boxes around what the answer says; of several pictures "
        "FILE-1, FILE-2 …",
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
    if options.json is None and all(_is_picture(item) for item in options.items):
        asyncio.run(_talk(options))
        return 0
    *names, question = options.items
    if not names:
        raise UsageError(
            "Give at least one picture and a question.",
            hint='For example: sightline ask receipt.png "What is the total?"',
        )
    if attributes:
        from sightline.asking import with_attributes

        question = with_attributes(question, attributes)
    try:
        asyncio.run(_ask(options, names, question, as_json=bool(attributes)))
    except ImageError as error:
        raise _named(error, names) from None
    return 0


async def _ask(
    options: argparse.Namespace, names: list[str], question: str, *, as_json: bool
) -> None:
    settings = _settings(options)
    async with answering.note(screen.counted(len(names), "picture")) as settled:
        images = [await _as_data_url(name, i, settings) for i, name in enumerate(names)]
        if options.show:
            settled()
            await asyncio.to_thread(_show, names, images, settings)
        body = _body(question, images, options.detail, as_json=as_json)
        if options.evidence is not None:
            body["sightline"] = {"include": ["evidence"]}
        whole, spent, model = "", dict[str, Any](), ""
        async with answering.asker(options, settings) as asker:
            if options.json is not None and not as_json:
                known = await asker.answerer()
                model = known.profile if options.base_url else known.name
            async for text in asker.pieces(body, spent, stream=options.stream):
                whole += text
                if options.stream and options.json is None:
                    settled()
                    sys.stdout.write(text)
                    sys.stdout.flush()
        settled()
        if options.evidence is not None:
            await asyncio.to_thread(_draw, options.evidence, spent, images, settings)
    if as_json:
        sys.stdout.write(_indented(whole))
    elif options.json is not None:
        told = {"answer": whole, "model": model, "usage": spent}
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        return
    elif not options.stream:
        sys.stdout.write(whole)
    if not whole.endswith("\n"):
        sys.stdout.write("\n")
    sys.stdout.flush()
    answering.noted(spent)


def _is_picture(item: str) -> bool:
    return item.lower().startswith(("http://", "https://")) or Path(item).is_file()


async def _talk(options: argparse.Namespace) -> None:
    from sightline.cli.talk import Talk, talk

    settings = _settings(options)

    async def read(name: str) -> str:
        try:
            return await _as_data_url(name, 0, settings)
        except ImageError as error:
            raise pictures.named(error, name) from None

    shown = [(name, await read(name)) for name in options.items]
    if options.show:
        _show(options.items, [url for _, url in shown], settings)
    async with answering.asker(options, settings) as asker:
        await talk(Talk(shown, options.detail), asker, read)


def _show(names: list[str], urls: list[str], settings: Settings) -> None:
    decoded = _decoded(urls, settings, (_SHOWN, _SHOWN))
    screen.show([(names[i], pixels) for i, pixels in decoded])


def _decoded(
    urls: list[str], settings: Settings, size: tuple[int, int] | None = None
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Decode those that are pictures, with their places; documents are none."""
    from sightline.media import image

    bounds = pictures.bounds(settings)
    for i, url in enumerate(urls):
        if url.startswith("data:image/"):
            yield i, image.decode(base64.b64decode(url.partition(",")[2]), _param(i), bounds, size)


def _draw(file: str, spent: dict[str, Any], urls: list[str], settings: Settings) -> None:
    """Write each picture with boxes around the evidence in it."""
    own = spent.get("sightline")
    told = own.get("evidence") if isinstance(own, dict) else None
    if not isinstance(told, list):
        raise UsageError(
            "Who answered tells no evidence.",
            hint="The embedded engine does; a server has to run it.",
        )
    path, drawn = Path(file), 0
    for i, pixels in _decoded(urls, settings):
        mine = [one for one in told if str(one["param"]) == _param(i)]
        boxes: list[drawing.Named] = [
            (tuple(one["box"]), str(one.get("path") or one["value"])) for one in mine
        ]
        whole = path if len(urls) == 1 else path.with_stem(f"{path.stem}-{i + 1}")
        drawing.save(whole, drawing.boxed(pixels, boxes, 1.0))
        drawn += len(mine)
    if not drawn:
        sys.stderr.write("Nothing that the answer says was found printed on the picture.\n")


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text  # a model that was asked for JSON and did otherwise: show what it said


def _body(question: str, images: list[str], detail: str, *, as_json: bool) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"type": "text", "text": question}]
    parts += [pictures.part(url, detail) for url in images]
    body: dict[str, Any] = {"messages": [{"role": "user", "content": parts}]}
    if as_json:
        body["response_format"] = {"type": "json_object"}
    return body


async def _as_data_url(name: str, index: int, settings: Settings) -> str:
    data = await pictures.read(name, _param(index), settings, documents=True)
    return f"data:{pictures.mime(data)};base64,{base64.b64encode(data).decode()}"


def _param(index: int) -> str:
    return f"messages[0].content[{index + 1}].image_url.url"


def _named(error: ImageError, names: list[str]) -> SightlineError:
    match = re.match(r"messages\[0\]\.content\[(\d+)\]", error.param or "")
    return error if match is None else pictures.named(error, names[int(match.group(1)) - 1])
