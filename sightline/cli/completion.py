"""`sightline completion`: what a shell needs to complete commands and flags."""

from __future__ import annotations

import argparse
import json
from importlib import import_module

from sightline.cli import main
from sightline.cli.parsing import Parser

_HOW = {
    "bash": "sightline completion bash > ~/.local/share/bash-completion/completions/sightline",
    "zsh": 'sightline completion zsh > "${fpath[1]}/_sightline"',
    "fish": "sightline completion fish > ~/.config/fish/completions/sightline.fish",
    "tcsh": "sightline completion tcsh > ~/.sightline.tcsh; source ~/.sightline.tcsh",
}


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
    for name, about in main.COMMANDS.items():
        own = import_module(f"sightline.cli.{name}").parser()
        added = commands.add_parser(name, help=about, add_help=False, parents=[own])
        for action in added._actions:
            if action.type is not None or action.metavar in (
                "FILE",
                "VIDEO",
                "FOLDER",
                "OUT",
                "PATH",
            ):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    script = shtab.complete(whole, options.shell)
    print(json.dumps({"shell": options.shell, "script": script}) if options.json else script)
    return 0
