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
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, get_args

from sightline.cli import pictures
from sightline.errors import ImageError, SightlineError, UpstreamError, UsageError
from sightline.settings import Settings, client_key, load
from sightline.types import Detail

_NOTE_AFTER_S = 1.0
# The wording under which vision models have been asked for attributes since 2023.
_ATTRIBUTES = "{question}\n\nReturn in JSON format and include the following attributes:\n\n{list}"


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = argparse.ArgumentParser(
        prog="sightline ask",
        usage='sightline ask PICTURE... "QUESTION" [OPTIONS]',
        description="Ask about one or several pictures.",
        epilog='Example: sightline ask receipt.png "What is the total?"',
    )
    made.add_argument(
        "items",
        nargs="+",
        metavar="PICTURE... QUESTION",
        help="files, http(s) URLs or - for stdin, then the question",
    )
    made.add_argument(
        "--json",
        nargs="+",
        metavar="ATTR",
        help="answer as JSON with these attributes, for example --json total date",
    )
    made.add_argument(
        "--detail",
        choices=get_args(Detail),
        default="auto",
        help="how closely to look (default: auto)",
    )
    made.add_argument("--base-url", help="ask this server instead, for example http://host:8000/v1")
    made.add_argument("--api-key", help="its key (also SIGHTLINE_API_KEY)")
    made.add_argument("--model", help="the server's model, or the engine's; needed of several")
    made.add_argument("--engine", help="answer here with this engine (also SIGHTLINE_ENGINE)")
    made.add_argument("--mmproj", help="the vision half of --model, for the engine llamacpp")
    made.add_argument(
        "--stream",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="print the answer as it comes (default) or when it is whole",
    )
    return made


def run(arguments: list[str]) -> int:
    """Ask, print the answer on stdout; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    attributes = [name for part in options.json or () for name in part.split(",") if name.strip()]
    *names, question = options.items
    if not names:
        raise UsageError(
            "Give at least one picture and a question.",
            hint='For example: sightline ask receipt.png "What is the total?"',
        )
    if attributes:
        listed = "\n".join(f"- {name.strip()}" for name in attributes)
        question = _ATTRIBUTES.format(question=question, list=listed)
    try:
        asyncio.run(_ask(options, names, question, as_json=bool(attributes)))
    except ImageError as error:
        raise _named(error, names) from None
    return 0


async def _ask(
    options: argparse.Namespace, names: list[str], question: str, *, as_json: bool
) -> None:
    # One's own command line may fetch from one's own network.
    flags = {"allow_private_urls": True, "engine": options.engine, "mmproj": options.mmproj}
    settings = load(flags if options.base_url else {**flags, "model": options.model})
    async with _note(len(names)) as settled:
        images = [await _as_data_url(name, i, settings) for i, name in enumerate(names)]
        body = _body(question, images, options.detail, as_json=as_json)
        answered = _remote(body, options) if options.base_url else _here(body, settings)
        whole = ""
        async for text in answered:
            whole += text
            if options.stream and not as_json:
                settled()
                sys.stdout.write(text)
                sys.stdout.flush()
        settled()
    if as_json:
        sys.stdout.write(_indented(whole))
    elif not options.stream:
        sys.stdout.write(whole)
    if not whole.endswith("\n"):
        sys.stdout.write("\n")
    sys.stdout.flush()


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text  # a model that was asked for JSON and did otherwise: show what it said


def _body(question: str, images: list[str], detail: str, *, as_json: bool) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"type": "text", "text": question}]
    parts += [{"type": "image_url", "image_url": {"url": u, "detail": detail}} for u in images]
    body: dict[str, Any] = {"messages": [{"role": "user", "content": parts}]}
    if as_json:
        body["response_format"] = {"type": "json_object"}
    return body


async def _as_data_url(name: str, index: int, settings: Settings) -> str:
    data = await pictures.read(name, _param(index), settings)
    return f"data:{pictures.mime(data)};base64,{base64.b64encode(data).decode()}"


def _param(index: int) -> str:
    return f"messages[0].content[{index + 1}].image_url.url"


def _named(error: ImageError, names: list[str]) -> SightlineError:
    match = re.match(r"messages\[0\]\.content\[(\d+)\]", error.param or "")
    return error if match is None else pictures.named(error, names[int(match.group(1)) - 1])


async def _here(body: dict[str, Any], settings: Settings) -> AsyncIterator[str]:
    from sightline.pipeline import Pipeline
    from sightline.wire import chat

    async with Pipeline(settings) as pipeline:
        model = await pipeline.routing.only_model()
        asked = chat.parse({**body, "model": model}, pipeline.routing.find)
        question = await pipeline.prepare(asked.question)
        async for delta in pipeline.answer(question):
            yield delta.text or delta.refusal


async def _remote(body: dict[str, Any], options: argparse.Namespace) -> AsyncIterator[str]:
    import openai

    key = client_key(options.api_key, options.base_url)
    async with openai.AsyncOpenAI(base_url=options.base_url, api_key=key, max_retries=1) as client:
        try:
            body["model"] = options.model or await _only_model(client)
            if options.stream:
                async for chunk in await client.chat.completions.create(**body, stream=True):
                    if chunk.choices:
                        delta = chunk.choices[0].delta
                        yield delta.content or delta.refusal or ""
            else:
                reply = await client.chat.completions.create(**body)
                message = reply.choices[0].message
                yield message.content or message.refusal or ""
        except openai.APIStatusError as error:
            said = error.body.get("message") if isinstance(error.body, dict) else None
            raise UpstreamError(
                f"The server answered {error.status_code}: {said or 'without saying why'}"
            ) from None
        except openai.APIConnectionError:
            raise UpstreamError(
                f"{options.base_url} cannot be reached.", hint="Is the server running?"
            ) from None
        except openai.APIError as error:
            raise UpstreamError(f"The server's answer broke off: {error.message}") from None


async def _only_model(client: Any) -> str:
    found = [model.id async for model in client.models.list()]
    if "sightline-reader" in found:
        return "sightline-reader"
    if len(found) == 1:
        return str(found[0])
    raise UsageError(
        f"The server has {len(found)} models.",
        hint=f"Name one with --model: {', '.join(sorted(found)[:12])}",
    )


@asynccontextmanager
async def _note(count: int) -> AsyncIterator[Any]:
    """Show on stderr that work goes on, after a second; the yielded function takes it away."""
    shown = False

    async def show() -> None:
        nonlocal shown
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.sleep(_NOTE_AFTER_S)
        noun = "1 picture" if count == 1 else f"{count} pictures"
        terminal = sys.stderr.isatty()
        while True:
            said = f"Looking at {noun} … {loop.time() - begun:.0f} s"
            sys.stderr.write(f"\r\x1b[K{said}" if terminal else f"{said}\n")
            sys.stderr.flush()
            shown = terminal
            if not terminal:
                return
            await asyncio.sleep(1.0)

    task = asyncio.create_task(show())

    def settled() -> None:
        nonlocal shown
        task.cancel()
        if shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            shown = False

    try:
        yield settled
    finally:
        settled()
        with suppress(asyncio.CancelledError):
            await task
