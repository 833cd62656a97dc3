"""`sightline restore`: what `sightline backup` wrote, put back."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from sightline.cli.backup import add_places, places, told
from sightline.cli.parsing import Parser


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline restore",
        usage="sightline restore FILE [OPTIONS]",
        description="Put back what `sightline backup` wrote. No server runs on it meanwhile, and "
        "nothing is overwritten.",
        epilog="Example: sightline restore sightline.tar --keys-file restored/keys.sqlite "
        "--files-dir restored/files",
    )
    made.add_argument("file", metavar="FILE", type=Path, help="as `sightline backup` wrote it")
    add_places(made)
    return made


def run(arguments: list[str]) -> int:
    """Do it; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    from sightline.server.backup import restore

    settings = places(options)
    contents = restore(settings, options.file)
    if options.json:
        kept = {"keys_file": str(settings.keys_path), "files_dir": str(settings.files_folder)}
        print(json.dumps({**kept, **asdict(contents)}))
    else:
        print(f"{told(contents.keys, contents.files, contents.batches)}, in "
              f"{settings.keys_path} and {settings.files_folder}.")  # fmt: skip
    return 0
