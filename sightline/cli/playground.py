"""`sightline playground`: the page before any OpenAI-compatible server."""

from __future__ import annotations

import argparse
import json
import socket
from functools import partial

from sightline.cli.parsing import Parser
from sightline.cli.serve import base_url, serve_until_ended
from sightline.playground.page import PATH
from sightline.settings import Settings, load


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline playground",
        usage="sightline playground --base-url URL [OPTIONS]",
        description="Serve the playground before any OpenAI-compatible server. Its key, where it "
        "needs one, is read from SIGHTLINE_UPSTREAM_KEY.",
        epilog="Example: sightline playground --base-url http://127.0.0.1:11434/v1",
    )
    made.add_argument("--base-url", required=True, help="the server that answers")
    made.add_argument("--model", help="its model; without it the page lists those that it has")
    made.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    made.add_argument("--port", default="7860", help="default: 7860; 0 picks a free one")
    made.add_argument("--json", action="store_true", help="print where it is as JSON")
    return made


def run(arguments: list[str]) -> int:
    """Serve until interrupted; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    settings = load(
        {
            "engine": "upstream",
            "upstream_url": options.base_url,
            "model": options.model,
            "host": options.host,
            "port": options.port,
            "playground": "true",
        }
    )
    serve_until_ended(settings, partial(_announce, settings, as_json=options.json))
    return 0


def _announce(settings: Settings, listening: socket.socket, *, as_json: bool) -> None:
    url = f"{base_url(settings, listening).removesuffix('/v1')}{PATH}/"
    print(json.dumps({"url": url}) if as_json else f"Playground: {url}", flush=True)
