"""`sightline mcp`: eyes for agents, as tools over the Model Context Protocol."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sightline import extras
from sightline.cli import answering
from sightline.cli.installed import InstalledParser
from sightline.errors import UsageError
from sightline.settings import Settings, load

if TYPE_CHECKING:
    import socket

    from sightline.mcp.folders import Folders
    from sightline.mcp.service import Service


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = InstalledParser(
        prog="sightline mcp",
        usage="sightline mcp [--root FOLDER]... [OPTIONS]",
        description="Serve tools for agents over the Model Context Protocol: look, read, extract, "
        "compare, locate, describe films. None of them changes anything.",
        epilog="Example: sightline mcp --root pictures",
    )
    made.add_argument(
        "--root",
        action="append",
        default=[],
        type=Path,
        metavar="FOLDER",
        help="a folder that pictures and films may be read from by path; several by giving it "
        "again (default: none, so that only URLs and data are taken)",
    )
    made.add_argument(
        "--http", action="store_true", help="serve streamable HTTP in place of stdin and stdout"
    )
    made.add_argument("--host", help="with --http: address to listen on (default: 127.0.0.1)")
    made.add_argument("--port", help="with --http: port; 0 picks a free one (default: 8000)")
    made.add_argument("--keys", help="with --http: whether a key is needed: auto, required or off")
    made.add_argument("--json", action="store_true", help="with --http: print the URL as JSON")
    answering.add_flags(made, stream=False)
    made.add_argument(
        "--allow-private-urls",
        action=argparse.BooleanOptionalAction,
        help="fetch from loopback and private addresses too (default: public ones alone)",
    )
    made.add_argument(
        "--private-networks", help="private networks to fetch from, as 10.1.0.0/16, by commas"
    )
    return made


def run(arguments: list[str]) -> int:
    """Serve until the client goes, or until interrupted. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    if find_spec("mcp") is None:
        raise UsageError("The protocol's SDK is not installed.", hint=extras.hint("mcp"))
    settings = _settings(options)
    from sightline.server.logs import set_up

    set_up(settings)
    # The SDK's lines hold what clients sent. What fails is logged here, in our own words.
    logging.getLogger("mcp").addHandler(logging.NullHandler())
    logging.getLogger("mcp").propagate = False
    if options.http:
        asyncio.run(_serve_http(options, settings))
    else:
        # A thread waits for the next line, which no exception ends: an interrupt ends the process.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        asyncio.run(_serve_stdio(options, settings))
    return 0


def _settings(options: argparse.Namespace) -> Settings:
    # What is fetched is named by a model, which may have it from a page: not as in one's own
    # commands, private addresses are refused unless they are allowed.
    names = (
        "engine", "mmproj", "refuse_captchas", "host", "port", "keys", "allow_private_urls",
        "private_networks", "redact",
    )  # fmt: skip
    flags = {name: getattr(options, name) for name in names}
    return load(flags if options.base_url else {**flags, "model": options.model})


async def _serve_stdio(options: argparse.Namespace, settings: Settings) -> None:
    from mcp.server.stdio import stdio_server

    from sightline.mcp.service import Service
    from sightline.mcp.sources import Sources

    folders = _folders(options)
    told = ", ".join(map(str, folders.roots))
    sources = Sources(settings, folders)
    async with answering.asker(options, settings, again=True) as asker:
        service = Service(
            asker, sources, settings,
            instructions=f"Paths are taken under: {told}." if told else "No paths are taken.",
        )  # fmt: skip
        try:
            async with stdio_server() as (read, write):
                server = service.server
                await server.run(read, write, server.create_initialization_options())
        except ExceptionGroup as failed:
            if failed.split(BrokenPipeError)[1] is not None:
                raise
            raise BrokenPipeError from None  # the client has gone while it was answered
        finally:
            await service.close()
            await sources.close()


async def _serve_http(options: argparse.Namespace, settings: Settings) -> None:
    from sightline.cli.serve import check_keys, listen_at
    from sightline.mcp.service import Service
    from sightline.mcp.sources import Sources

    sources = Sources(settings, _folders(options))
    with listen_at(settings.host, settings.port) as listening:
        check_keys(settings)
        async with answering.asker(options, settings) as asker:
            service = Service(asker, sources, settings)
            try:
                await _listen(service, settings, listening, as_json=options.json)
            finally:
                await service.close()
                await sources.close()


async def _listen(
    service: Service, settings: Settings, listening: socket.socket, *, as_json: bool
) -> None:
    import uvicorn

    from sightline.cli.serve import base_url
    from sightline.mcp.http import PATH, make_app
    from sightline.server.http_protocol import protocol

    config = uvicorn.Config(
        make_app(service, settings),
        http=protocol(settings.body_timeout_s),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
        ssl_certfile=settings.tls_cert or None,
        ssl_keyfile=settings.tls_key or None,
    )
    url = base_url(settings, listening).removesuffix("/v1") + PATH
    print(json.dumps({"url": url}) if as_json else f"Sightline's tools: {url}", flush=True)
    if settings.keys == "off" and not settings.is_local:
        sys.stderr.write(
            "sightline mcp: anyone who reaches this address can use it, without a key.\n"
        )
    await uvicorn.Server(config).serve([listening])


def _folders(options: argparse.Namespace) -> Folders:
    from sightline.mcp.folders import Folders

    return Folders([root.expanduser() for root in options.root])
