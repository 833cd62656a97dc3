"""`sightline keys`: the API keys of a server, added, listed, revoked."""

from __future__ import annotations

import argparse
import json
import re
import time
from dataclasses import asdict
from pathlib import Path

from sightline.cli import values
from sightline.cli.parsing import Parser
from sightline.cli.screen import table
from sightline.errors import UsageError
from sightline.keys import Key, KeyStore
from sightline.settings import load


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline keys",
        usage="sightline keys add NAME | list | revoke ID [OPTIONS]",
        description="Add, list and revoke the API keys of a server. A key is shown once.",
        epilog="Example: sightline keys add alice --requests-per-minute 60 --models gpt-4o",
    )
    made.add_argument("action", choices=("add", "list", "revoke"), help="what to do")
    made.add_argument("name", nargs="?", help="whose key; to revoke one, its name or its id")
    made.add_argument("--requests-per-minute", type=values.count, default=0, metavar="N",
                      help="for each model; default: the server's")  # fmt: skip
    made.add_argument("--tokens-per-minute", type=values.count, default=0, metavar="N",
                      help="for each model; default: the server's")  # fmt: skip
    made.add_argument("--models", metavar="LIST", help="only these ids, by comma; default: all")
    made.add_argument("--keys-file", help="where keys are kept (also SIGHTLINE_KEYS_FILE)")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> int:
    """Do it; return the exit code. Raises `UsageError`."""
    options = parser().parse_args(arguments)
    store = KeyStore(load({"keys_file": options.keys_file}).keys_path)
    if options.action == "list":
        if options.name is not None:
            raise UsageError("list takes no name.", hint="Type: sightline keys list")
        _list(store.all(), as_json=options.json)
        return 0
    if not options.name:
        what = {"add": "added", "revoke": "revoked"}[options.action]
        raise UsageError(f"Whose key is to be {what}?", hint="Give a name.")
    if options.action == "revoke":
        key = store.revoke(options.name)
        print(json.dumps({"revoked": key.id}) if options.json else f"{key.id} is revoked.")
        return 0
    if not re.fullmatch(r"[\w.@ -]{1,64}", options.name):
        raise UsageError(
            "A name has at most 64 letters, digits, spaces and any of . _ @ -", hint="Shorten it."
        )
    models = tuple(m.strip() for m in (options.models or "").split(",") if m.strip())
    key, secret = store.add(
        options.name,
        requests_per_minute=options.requests_per_minute,
        tokens_per_minute=options.tokens_per_minute,
        models=models,
    )
    if options.json:
        print(json.dumps({**_told(key), "key": secret}))
    else:
        print(f"{secret}\nThis is shown once. Its id is {key.id}; kept in {_tilde(store.path)}.")
    return 0


def _told(key: Key) -> dict[str, object]:
    return {**asdict(key), "models": list(key.models)}


def _list(keys: list[Key], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"keys": [_told(key) for key in keys]}, indent=2))
        return
    if not keys:
        print("There are no keys. `sightline keys add NAME` makes one.")
    rows = []
    for key in keys:
        limits = [
            f"{n} {what} a minute"
            for n, what in (
                (key.requests_per_minute, "requests"),
                (key.tokens_per_minute, "tokens"),
            )
            if n
        ]
        told = [*limits, ", ".join(key.models), "revoked" if key.revoked is not None else ""]
        made = time.strftime("%Y-%m-%d", time.gmtime(key.created))
        rows.append((key.id, key.name, made, "; ".join(each for each in told if each)))
    if rows:
        print(table(rows))


def _tilde(path: Path) -> str:
    home = str(Path.home())
    return str(path).replace(home, "~", 1) if str(path).startswith(home + "/") else str(path)
