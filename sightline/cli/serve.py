"""`sightline serve`: the HTTP server in the foreground."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from sightline import __version__
from sightline.api.models import EMBEDDED
from sightline.cli.settings_help import HelpAll, SettingsParser, default
from sightline.cli.use import with_used
from sightline.errors import SightlineError, UsageError
from sightline.keys import KeyStore
from sightline.settings import FILE_VARIABLE, TABLE, Settings, load

# A picture of the word HELLO in 1 bit a pixel, so that the printed command works as it is.
HELLO_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAHgAAAAoAQAAAAAdkQOIAAAAcElEQVR42mP8z4ACmBiGOv8nw4mDTE8YPjEwNKHK"
    "/69vgPLZ/zEwMDD8slmAqv8wqvqfDAV47fvEYEGU+xgdfrLgk/9/gP0PMf7jYziBV56dYQKqvC1M/ifTX8b/jG1H"
    "EhgYEC5hYGysY2BgHOD4BwAcvxqnotCVAgAAAABJRU5ErkJggg=="
)


def parser() -> argparse.ArgumentParser:
    """Make the parser from the table of settings."""
    made = SettingsParser(
        prog="sightline serve",
        usage="sightline serve [OPTIONS]",
        description="Serve OpenAI's vision API, and a page for people, from this machine.",
        epilog="Each flag can also be set as SIGHTLINE_NAME in the environment or as name = value "
        "in a TOML file. Example: sightline serve --port 8000",
    )
    made.add_argument("--help-all", action=HelpAll, help="every setting, and exit")
    made.add_argument("--config", metavar="FILE", help=f"settings file (also {FILE_VARIABLE})")
    made.add_argument("--json", action="store_true", help="print where it listens as JSON")
    made.add_argument(
        "--print-settings", action="store_true", help="print the settings as a file, and end"
    )
    for row in TABLE:
        told = default(row)
        text = f"{row.help} Default: {told}." if told else row.help
        if isinstance(row.default, bool):
            made.add_argument(
                row.flag, action=argparse.BooleanOptionalAction, default=None, help=text
            )
        else:
            action = "append" if row.name == "model" else "store"
            made.add_argument(row.flag, metavar="VALUE", default=None, help=text, action=action)
    return made


def run(arguments: list[str]) -> int:
    """Serve until interrupted. Raises `UsageError` for settings, `SightlineError` for the port."""
    flags = vars(parser().parse_args(arguments))
    as_json, shown = flags.pop("json"), flags.pop("print_settings")
    if flags["model"] is not None:
        flags["model"] = ",".join(flags["model"])
    settings = with_used(load(flags, file=flags["config"]), alone=False)
    if shown:
        print(_written(settings))
        return 0
    serve_until_ended(settings, partial(_announce, settings, as_json=as_json))
    return 0


def serve_until_ended(settings: Settings, announce: Callable[[socket.socket], None]) -> None:
    """Serve until interrupted; `announce` is given what is listened on.

    Raises `UsageError` for settings, `SightlineError` for the port.
    """
    from sightline.server.backup import check_forms
    from sightline.server.logs import set_up
    from sightline.server.run import Sockets, serve

    _bound()
    set_up(settings)
    check_forms(settings)
    with ExitStack() as stack:
        listening = stack.enter_context(_listen(settings))
        check_keys(settings)
        if settings.uds:
            stack.callback(Path(settings.uds).unlink, missing_ok=True)
        admin = None
        if settings.admin_port:
            admin = stack.enter_context(listen_at(settings.admin_host, settings.admin_port))
        serve(settings, Sockets(listening, admin), partial(announce, listening))


def check_keys(settings: Settings) -> None:
    """See that whoever reaches the server from elsewhere needs a key.

    Raises `UsageError` where nobody has one.
    """
    if settings.needs_keys and not any(
        k.revoked is None for k in KeyStore(settings.keys_path).all()
    ):
        raise UsageError(
            "Requests need an API key, and there is none."
            if settings.keys == "required"
            else f"{settings.host} can be reached from elsewhere, and there are no API keys.",
            hint="`sightline keys add NAME` makes one; --keys off lets anyone in.",
        )


def _written(settings: Settings) -> str:
    """Write all settings as a settings file, secrets left out."""
    lines = []
    for row in TABLE:
        value = getattr(settings, row.name)
        told = "***" if row.secret and value != row.default else value
        lines.append(f"{row.name} = {json.dumps(told)}")
    for name, own in settings.routes:
        lines.append(f"\n[models.{json.dumps(name)}]")
        rows = [row for row in TABLE if row.route]
        for row in rows:
            value = getattr(own, row.name)
            if value != getattr(settings, row.name):
                told = "***" if row.secret else value
                lines.append(f"{row.name} = {json.dumps(told)}")
    return "\n".join(lines)


def _bound() -> None:
    """See that a crash leaves no picture on the disk in a core file; allow all the files there are.

    Each connection is one; the usual bound of 1024 is less than what comes at once.
    """
    try:
        import resource
    except ImportError:  # Windows has neither
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = 65536 if most == resource.RLIM_INFINITY else min(most, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _listen(settings: Settings) -> socket.socket:
    if settings.uds:
        return _listen_on(settings.uds)
    return listen_at(settings.host, settings.port)


def _listen_on(path: str) -> socket.socket:
    """Listen on a Unix socket that this user alone may open."""
    listening = socket.socket(socket.AF_UNIX)
    try:
        if Path(path).is_socket():
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(path) == 0:
                    raise SightlineError(
                        f"Another server listens on {path}.", hint="Name another socket."
                    )
            Path(path).unlink()  # left by a server that was killed
        before = os.umask(0o177)
        try:
            listening.bind(path)
        finally:
            os.umask(before)
        listening.listen(2048)
    except OSError:
        listening.close()
        raise SightlineError(f"Cannot listen on {path}.", hint="Is its folder yours?") from None
    return listening


def listen_at(host: str, port: int) -> socket.socket:
    """Listen on an address. Raises `UsageError` for what is none, `SightlineError` for the rest."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named since asyncio turns Nagle's delay off only where it is; with it, each
    # reply on a kept connection would wait 40 ms for the client's acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except socket.gaierror:
        listening.close()
        raise UsageError(
            f"{host!r} is not an address of this machine.", hint="Use --host 127.0.0.1."
        ) from None
    except OSError:
        listening.close()
        raise SightlineError(
            f"Cannot listen on {host} port {port}: it is taken or not allowed.",
            hint="Use --port 0 for a free one.",
        ) from None
    return listening


def base_url(settings: Settings, listening: socket.socket) -> str:
    """Write the URL that clients set as their base."""
    if settings.uds:
        return f"unix:{settings.uds}"
    host, port = settings.host, listening.getsockname()[1]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = socket.gethostname()
    scheme = "https" if settings.tls_cert else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/v1"


def _announce(settings: Settings, listening: socket.socket, *, as_json: bool) -> None:
    url = base_url(settings, listening)
    page = f"{url.removesuffix('/v1')}/playground/"
    shown = settings.playground
    if as_json:
        told = {"url": url, "engine": settings.engine, "playground": page if shown else None}
        print(json.dumps(told), flush=True)
        return
    own = f"sightline-{settings.engine}"
    model = own if own in EMBEDDED else "gpt-4o"
    body = (
        f'{{"model":"{model}","messages":[{{"role":"user","content":['
        '{"type":"text","text":"What does it say?"},'
        f'{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{HELLO_PNG}"}}}}]}}]}}'
    )
    print(f"Sightline {__version__} serves at {url} (engine: {settings.engine})")
    if settings.uds:
        print(f"  curl --unix-socket {settings.uds} http://localhost/v1/models")
        sys.stdout.flush()
        return
    key = "YOUR_KEY" if settings.needs_keys else "any"
    print(f"  export OPENAI_BASE_URL={url} OPENAI_API_KEY={key}")
    if shown:
        print(f"  a page for people: {page}")
    more = " -H 'Authorization: Bearer YOUR_KEY'" if settings.needs_keys else ""
    print(f"  curl {url}/chat/completions{more} -H 'Content-Type: application/json' -d '{body}'")
    if settings.keys == "off" and not settings.is_local:
        print(
            "sightline serve: anyone who reaches this address can use it, without a key.",
            file=sys.stderr,
        )
    sys.stdout.flush()


__all__ = ["base_url", "parser", "run", "serve_until_ended"]
