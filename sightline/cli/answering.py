"""How commands get their answers: from an engine here, or from another server.

It enters where every client does: with the JSON that goes over HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sightline.errors import UpstreamError, UsageError
from sightline.settings import Settings, client_key, load

_NOTE_AFTER_S = 1.0


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say who answers."""
    parser.add_argument("--base-url", help="ask this server, for example http://host:8000/v1")
    parser.add_argument("--api-key", help="its key (also SIGHTLINE_API_KEY)")
    parser.add_argument("--model", help="the server's model, or the engine's; needed of several")
    parser.add_argument("--engine", help="answer here with this engine (also SIGHTLINE_ENGINE)")
    parser.add_argument("--mmproj", help="the vision half of --model, for the engine llamacpp")
    parser.add_argument(
        "--stream",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="print the answer as it comes (default) or when it is whole",
    )


def settings(options: argparse.Namespace) -> Settings:
    """Read the settings under the flags; raises `UsageError`."""
    # One's own command line may fetch from one's own network.
    flags = {"allow_private_urls": True, "engine": options.engine, "mmproj": options.mmproj}
    return load(flags if options.base_url else {**flags, "model": options.model})


def answered(
    body: dict[str, Any],
    options: argparse.Namespace,
    settings: Settings,
    spent: dict[str, Any] | None = None,
) -> AsyncIterator[str]:
    """Give the answer piece by piece; the usage is put into `spent` at its end.

    Raises `SightlineError`.
    """
    kept = {} if spent is None else spent
    return _remote(body, options, kept) if options.base_url else _here(body, settings, kept)


async def _here(
    body: dict[str, Any], settings: Settings, spent: dict[str, Any]
) -> AsyncIterator[str]:
    from sightline.pipeline import Pipeline
    from sightline.wire import chat, reply

    async with Pipeline(settings) as pipeline:
        model = await pipeline.routing.only_model()
        asked = chat.parse({**body, "model": model}, pipeline.routing.find)
        question = await pipeline.prepare(asked.question)
        tokens = 0
        async for delta in pipeline.answer(question):
            tokens += delta.tokens
            yield delta.text or delta.refusal
            if delta.finish is not None:
                usage = await pipeline.usage(question, tokens, delta.used)
                spent.update(reply.usage_body(usage))


async def _remote(
    body: dict[str, Any], options: argparse.Namespace, spent: dict[str, Any]
) -> AsyncIterator[str]:
    import openai

    key = client_key(options.api_key, options.base_url)
    async with openai.AsyncOpenAI(base_url=options.base_url, api_key=key, max_retries=1) as client:
        try:
            body["model"] = options.model or await _only_model(client)
            if options.stream:
                asked = {**body, "stream": True, "stream_options": {"include_usage": True}}
                async for chunk in await client.chat.completions.create(**asked):
                    if chunk.usage is not None:
                        spent.update(chunk.usage.model_dump(exclude_none=True))
                    if chunk.choices:
                        delta = chunk.choices[0].delta
                        yield delta.content or delta.refusal or ""
            else:
                whole = await client.chat.completions.create(**body)
                message = whole.choices[0].message
                if whole.usage is not None:
                    spent.update(whole.usage.model_dump(exclude_none=True))
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
async def note(noun: str) -> AsyncIterator[Any]:
    """Show on stderr that work goes on, after a second; the yielded function takes it away."""
    shown = False

    async def show() -> None:
        nonlocal shown
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.sleep(_NOTE_AFTER_S)
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
