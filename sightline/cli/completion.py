"""`sightline completion`: what a shell needs to complete commands and flags."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from sightline.cli import main
from sightline.cli.parsing import Parser

_HOW = {
    "bash": "sightline completion bash > ~/.local/share/bash-completion/completions/sightline",
    "zsh": 'sightline completion zsh > "${fpath[1]}/_sightline"',
    "fish": "sightline completion fish > ~/.config/fish/completions/sightline.fish",
    "tcsh": "sightline completion tcsh > ~/.sightline.tcsh; source ~/.sightline.tcsh",
}
_PATHS = (
    "FILE", "FILE|DIR", "VIDEO", "FOLDER", "OUT", "PATH", "SOURCE", "PICTURE",
    "PICTURE... QUESTION",
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline completion",
        usage="sightline completion SHELL",
        description="Print what a shell completes sightline's commands with.",
        epilog=f"Example: {_HOW['bash']}",
    )
    made.add_argument("shell", choices=tuple(_HOW), help="whose")
    made.add_argument("--json", action="store_true", help="print the script within JSON")
    return made


def run(arguments: list[str]) -> int:
    """Print the script; return the exit code."""
    options = parser().parse_args(arguments)
    import shtab

    whole = argparse.ArgumentParser(prog="sightline")
    commands = whole.add_subparsers()
    names = _names()
    for name, about in main.COMMANDS.items():
        try:
            own = [import_module(f"sightline.cli.{name}").parser()]
        except ModuleNotFoundError:  # it lacks something here, which it says when it is run
            own = []
        added = commands.add_parser(name, help=about, add_help=False, parents=own)
        for action in added._actions:
            if _is_path(action):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
            elif action.choices is None:
                action.choices = names.get(f"{name} {action.dest}", names.get(action.dest))
    script = shtab.complete(whole, options.shell)
    print(json.dumps({"shell": options.shell, "script": script}) if options.json else script)
    return 0


def _is_path(action: argparse.Action) -> bool:
    return action.type is Path or (action.metavar or "") in _PATHS


def _names() -> dict[str, Sequence[str]]:
    """Give what can be typed for an argument, by its name or by its command's and its own."""
    from sightline.engines.engine import ENGINES
    from sightline.models.catalogue import catalogue
    from sightline.models.store import NANO
    from sightline.voices.voice import NAMES, SOURCES

    known = catalogue()
    models = [each.name for each in known.entries]
    pulled = [name for name in known.names if name != NANO]
    return {
        "engine": ENGINES.built_in, "voice": NAMES, "speech": SOURCES.built_in,
        "models items": models, "pull name": pulled, "rm name": pulled,
        "use name": ["embedded", *models], "voices names": NAMES,
    }  # fmt: skip
