"""`sightline playground`: the page alone, before any OpenAI-compatible server."""

from __future__ import annotations

import argparse
import asyncio
import json
from importlib.util import find_spec

from sightline import temporary
from sightline.errors import UsageError
from sightline.settings import load


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = argparse.ArgumentParser(
        prog="sightline playground",
        usage="sightline playground --base-url URL [OPTIONS]",
        description="Serve the playground before any OpenAI-compatible server.",
        epilog="Example: sightline playground --base-url http://127.0.0.1:11434/v1",
    )
    made.add_argument("--base-url", required=True, help="the server that answers")
    made.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    made.add_argument("--port", type=int, default=7860, help="default: 7860; 0 picks a free one")
    made.add_argument("--json", action="store_true", help="print where it is as JSON")
    return made


def run(arguments: list[str]) -> int:
    """Serve until interrupted; return the exit code. Raises `UsageError`."""
    options = parser().parse_args(arguments)
    if find_spec("gradio") is None:
        raise UsageError(
            "The playground is not installed.", hint="Type: pip install 'sightline[playground]'"
        )
    with temporary.all_in_folder():
        asyncio.run(_serve(options))
    return 0


async def _serve(options: argparse.Namespace) -> None:
    import socket

    import uvicorn

    from sightline.playground.guard import PATH
    from sightline.playground.mount import Playground
    from sightline.server.guard import Guard, Names
    from sightline.server.protocol import protocol

    settings = load()
    names = Names.at(options.host, settings.server_names)
    page = Playground(settings, options.base_url.rstrip("/"))
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((options.host, options.port))
        except OSError:
            raise UsageError(
                f"Port {options.port} cannot be used.", hint="Take another, or --port 0."
            ) from None
        listener.listen()  # who opens the page as soon as it is told waits, and is not refused
        port = listener.getsockname()[1]
        url = f"http://{options.host}:{port}{PATH}/"
        print(json.dumps({"url": url}) if options.json else f"Playground: {url}", flush=True)
        # A page that is open holds a connection for as long as it is.
        config = uvicorn.Config(
            Guard(page, names, settings.origins),
            http=protocol(settings.body_timeout_s),
            ws="none",
            log_level="warning",
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        try:
            await uvicorn.Server(config).serve([listener])
        finally:
            await page.close()
