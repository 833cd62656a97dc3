"""How commands get their answers: from an engine here, or from another server.

The flags that say so, and the line that says that work goes on.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from sightline import allocator
from sightline.settings import Settings, load

if TYPE_CHECKING:
    from sightline.jobs.ask import Asker

_NOTE_AFTER_S = 1.0


def add_flags(
    parser: argparse.ArgumentParser, *, stream: bool = True, captchas: bool = True
) -> None:
    """Add the flags that say who answers, and whether CAPTCHAs are refused where it is asked."""
    group = parser.add_argument_group("who answers")
    group.add_argument(
        "--base-url", metavar="URL", help="ask this server, for example http://host:8000/v1"
    )
    group.add_argument("--api-key", metavar="KEY", help="its key (also SIGHTLINE_API_KEY)")
    group.add_argument(
        "--model", metavar="NAME", help="the server's model, or the engine's; needed of several"
    )
    group.add_argument(
        "--engine",
        metavar="NAME",
        help="answer here with this engine: a name, or package.module:Class (also "
        "SIGHTLINE_ENGINE; default: the embedded one, or what `sightline use` chose)",
    )
    group.add_argument(
        "--mmproj", metavar="FILE", help="the vision half of --model, for the engine llamacpp"
    )
    group.add_argument(
        "--redact",
        metavar="LIST",
        help="cover in pictures before another server gets them: text:PATTERN, text:card, "
        "text:email, text:phone, codes, faces (people as a whole)",
    )
    if captchas:
        group.add_argument(
            "--refuse-captchas",
            action=argparse.BooleanOptionalAction,
            help="refuse pictures of CAPTCHAs, as the API does (default); with --base-url the "
            "server decides",
        )
    if not stream:
        return
    group.add_argument(
        "--stream",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="print the answer as it comes (default) or when it is whole",
    )


def settings(options: argparse.Namespace) -> Settings:
    """Read the settings under the flags; raises `UsageError`."""
    # One's own command line may fetch from one's own network.
    flags = {
        "allow_private_urls": True,
        "engine": options.engine,
        "mmproj": options.mmproj,
        "redact": options.redact,
        "refuse_captchas": getattr(options, "refuse_captchas", None),
    }
    return load(flags if options.base_url else {**flags, "model": options.model})


def asker(options: argparse.Namespace, settings: Settings, *, again: bool = False) -> Asker:
    """Give who answers, by the flags; `again` where one may be asked of a picture more than once.

    All that is asked is one's own then.
    """
    from sightline.jobs.ask import Asker

    owner = "here" if again else ""
    return Asker(
        settings, base_url=options.base_url, api_key=options.api_key, model=options.model,
        owner=owner,
    )  # fmt: skip


def begin(
    options: argparse.Namespace,
    settings: Settings,
    names: Iterable[str] = (),
    *,
    once: bool = False,
) -> None:
    """Begin to load what answering here will need, beside what there is to do before.

    `once` says that the command ends with one answer, about the pictures of these `names`.
    """
    if once:
        gc.disable()  # what goes round in circles ends with the process
        allocator.share()
    if not options.base_url and settings.engine in ("nano", "reader"):
        from sightline.perception import preload

        photographs = once and all(map(_is_photograph, names))
        preload.begin(settings.worker_threads, once=once, lines_first=photographs)


def check_model(options: argparse.Namespace, settings: Settings) -> None:
    """See that a model that was named is here and whole, before anything is read.

    Raises `ModelFileError`.
    """
    if options.base_url or settings.engine != "llamacpp" or settings.model in ("", "auto"):
        return  # without a name the engine chooses, or says that it needs one
    from sightline.models import gguf
    from sightline.models.store import Store

    files = Store(settings.models_folder).find(settings.model, settings.mmproj)
    gguf.read(files.text)
    gguf.read(files.eye)


def _is_photograph(name: str) -> bool:
    """Say whether a picture is likely a photograph, by its name."""
    return name.lower().endswith((".jpg", ".jpeg", ".heic", ".avif"))


_noted: set[str] = set()


def noted(spent: dict[str, Any]) -> None:
    """Say on stderr what the engine cannot do, where it noted that, and what was covered; once."""
    from sightline.jobs.ask import beside

    own = beside(spent)
    for text in (own.get("note"), _covered(own.get("redacted"))):
        if isinstance(text, str) and text and text not in _noted:
            _noted.add(text)
            sys.stderr.write(f"Note: {text}\n")
            sys.stderr.flush()


_KINDS = {
    "text": ("line", "lines"),
    "page_text": ("line of a page's own text", "lines of pages' own text"),
    "codes": ("code", "codes"),
    "people": ("person", "people"),
}


def _covered(counts: Any) -> str:
    """Say what was covered before it was sent; what was not found is not known."""
    if not isinstance(counts, dict):
        return ""
    told = [
        f"{count} {nouns[count != 1]}"
        for kind, nouns in _KINDS.items()
        if isinstance(count := counts.get(kind), int) and count
    ]
    return f"Covered before it was sent: {', '.join(told) or 'nothing was found'}."


@asynccontextmanager
async def note(noun: str, doing: str = "Looking at") -> AsyncIterator[Any]:
    """Show on stderr that work goes on, after a second; the yielded function takes it away."""
    shown = False

    async def show() -> None:
        nonlocal shown
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.sleep(_NOTE_AFTER_S)
        terminal = sys.stderr.isatty()
        while True:
            said = f"{doing} {noun} … {loop.time() - begun:.0f} s"
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
