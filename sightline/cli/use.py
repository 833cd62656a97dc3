"""`sightline use`: which model answers where a command names none."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from sightline.cli.parsing import Parser
from sightline.errors import ModelFileError
from sightline.models.store import Store
from sightline.settings import EMBEDDED, Settings, load


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline use",
        usage="sightline use [NAME]",
        description="Have `sightline ask` and `sightline serve` answer with a model from now on, "
        "where they are told of no other; without NAME, tell which that is.",
        epilog=f"Example: sightline use {EMBEDDED}",
    )
    made.add_argument(
        "name", nargs="?", help=f"a model that is here, or {EMBEDDED} for what needs none"
    )
    made.add_argument("--models-dir", help="where models are kept (also SIGHTLINE_MODELS_DIR)")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> int:
    """Choose, or tell; return the exit code. Raises `ModelFileError` for one that is not here."""
    options = parser().parse_args(arguments)
    store = Store(load({"models_dir": options.models_dir}).models_folder)
    if options.name:
        store.use("" if options.name == EMBEDDED else _absolute(options.name))
    used = store.used
    if options.json:
        print(json.dumps({"model": used or None}))
    elif used:
        print(f"sightline ask and sightline serve answer with {used}.")
    else:
        print("sightline ask and sightline serve answer with the embedded engine.")
    return 0


def _absolute(name: str) -> str:
    """Give a file's whole path, so that it is found from everywhere; a name as it is."""
    path = Path(name).expanduser()
    return str(path.resolve()) if path.is_file() else name


def with_used(settings: Settings, *, alone: bool = True) -> Settings:
    """Give the settings with the model that this user chose, where they name none themselves.

    Not `alone` it answers first, and with it all that were pulled. One that is not here any more is
    said on stderr, and the embedded engine answers.
    """
    if settings.named & {"engine", "model"}:
        return settings
    store = Store(settings.models_folder)
    name = store.used
    if not name:
        return settings
    try:
        store.find(name)
    except ModelFileError as error:
        sys.stderr.write(f"Note: {error.message} The embedded engine answers.\n")
        return settings
    return replace(settings, engine="llamacpp", model=name if alone else "")
