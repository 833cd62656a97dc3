"""`sightline serve`: the HTTP server in the foreground."""

from __future__ import annotations

import argparse
import json
import logging
import socket
import sys
from importlib.util import find_spec

from sightline import __version__
from sightline.errors import SightlineError, UsageError
from sightline.settings import FILE_VARIABLE, TABLE, Settings, load

# A picture of the word HELLO in 1 bit a pixel, so that the printed command works as it is.
HELLO_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAHgAAAAoAQAAAAAdkQOIAAAAcElEQVR42mP8z4ACmBiGOv8nw4mDTE8YPjEwNKHK"
    "/69vgPLZ/zEwMDD8slmAqv8wqvqfDAV47fvEYEGU+xgdfrLgk/9/gP0PMf7jYziBV56dYQKqvC1M/ifTX8b/jG1H"
    "EhgYEC5hYGysY2BgHOD4BwAcvxqnotCVAgAAAABJRU5ErkJggg=="
)


def parser() -> argparse.ArgumentParser:
    """Make the parser from the table of settings."""
    made = argparse.ArgumentParser(
        prog="sightline serve",
        description="Serve OpenAI's vision API from this machine.",
        epilog="Each flag can also be set as SIGHTLINE_NAME in the environment or as name = value "
        "in a TOML file. Example: sightline serve --port 8000",
    )
    made.add_argument("--config", metavar="FILE", help=f"settings file (also {FILE_VARIABLE})")
    made.add_argument("--json", action="store_true", help="print where it listens as JSON")
    for row in TABLE:
        text = f"{row.help} Default: {row.default}."
        if isinstance(row.default, bool):
            made.add_argument(
                row.flag, action=argparse.BooleanOptionalAction, default=None, help=text
            )
        else:
            made.add_argument(row.flag, metavar="VALUE", default=None, help=text)
    return made


def run(arguments: list[str]) -> int:
    """Serve until interrupted. Raises `UsageError` for settings, `SightlineError` for the port."""
    flags = vars(parser().parse_args(arguments))
    as_json = flags.pop("json")
    settings = load(flags, file=flags["config"])
    from sightline.server.run import serve

    _keep_no_core()
    _log(settings)
    with _listen(settings) as listening:
        serve(settings, listening, lambda: _announce(settings, listening, as_json))
    return 0


def _keep_no_core() -> None:
    """See that a crash leaves no picture on the disk in a core file."""
    try:
        import resource
    except ImportError:  # Windows has neither
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _log(settings: Settings) -> None:
    # Libraries log what they are given (Pillow a picture's metadata, clients their addresses), so
    # that the level is for our own lines; of theirs only warnings come through.
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("sightline").setLevel(settings.log_level.upper())


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is named since asyncio turns Nagle's delay off only where it is; with it, each
    # reply on a kept connection would wait 40 ms for the client's acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(2048)
    except socket.gaierror:
        listening.close()
        raise UsageError(
            f"{settings.host!r} is not an address of this machine.", hint="Use --host 127.0.0.1."
        ) from None
    except OSError:
        listening.close()
        raise SightlineError(
            f"Cannot listen on {settings.host} port {settings.port}: it is taken or not allowed.",
            hint="Use --port 0 for a free one.",
        ) from None
    return listening


def base_url(settings: Settings, listening: socket.socket) -> str:
    """Write the URL that clients set as their base."""
    host, port = settings.host, listening.getsockname()[1]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = socket.gethostname()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"


def _announce(settings: Settings, listening: socket.socket, as_json: bool) -> None:
    url = base_url(settings, listening)
    page = f"{url.removesuffix('/v1')}/playground/"
    shown = settings.playground and find_spec("gradio") is not None
    if as_json:
        told = {"url": url, "engine": settings.engine, "playground": page if shown else None}
        print(json.dumps(told), flush=True)
        return
    model = "sightline-reader" if settings.engine == "reader" else "gpt-4o"
    body = (
        f'{{"model":"{model}","messages":[{{"role":"user","content":['
        '{"type":"text","text":"What does it say?"},'
        f'{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{HELLO_PNG}"}}}}]}}]}}'
    )
    print(f"Sightline {__version__} serves at {url} (engine: {settings.engine})")
    print(f"  export OPENAI_BASE_URL={url} OPENAI_API_KEY=any")
    if shown:
        print(f"  a page for people: {page}")
    print(f"  curl {url}/chat/completions -H 'Content-Type: application/json' -d '{body}'")
    if not settings.host.startswith("127.") and settings.host not in ("localhost", "::1"):
        print(
            "sightline serve: anyone who reaches this address can use it; there are no keys yet.",
            file=sys.stderr,
        )
    sys.stdout.flush()


__all__ = ["base_url", "parser", "run"]
