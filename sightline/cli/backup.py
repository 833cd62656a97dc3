"""`sightline backup`: what a server keeps, as one file, while it runs."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

from sightline.cli.parsing import Parser
from sightline.cli.screen import counted
from sightline.settings import FILE_VARIABLE, Settings, load


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline backup",
        usage="sightline backup FILE [OPTIONS]",
        description="Write a server's keys, uploaded files and batches to one file, while it runs.",
        epilog="Example: sightline backup sightline.tar",
    )
    made.add_argument("file", metavar="FILE", type=Path,
                      help="a file that is not there yet, or a folder to put one into")  # fmt: skip
    add_places(made)
    return made


def add_places(made: argparse.ArgumentParser) -> None:
    """Add the flags that say where a server keeps what it keeps."""
    made.add_argument("--config", metavar="FILE", help=f"settings file (also {FILE_VARIABLE})")
    made.add_argument("--keys-file", help="where keys are kept (also SIGHTLINE_KEYS_FILE)")
    made.add_argument("--files-dir", help="where files are kept (also SIGHTLINE_FILES_DIR)")
    made.add_argument("--json", action="store_true", help="print JSON")


def places(options: argparse.Namespace) -> Settings:
    """Read those flags. Raises `UsageError`."""
    flags = {"keys_file": options.keys_file, "files_dir": options.files_dir}
    return load(flags, file=options.config)


def run(arguments: list[str]) -> int:
    """Do it; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    from sightline.server.backup import back_up

    target: Path = options.file
    if target.is_dir():
        target /= time.strftime("sightline-%Y%m%dT%H%M%SZ.tar", time.gmtime())
    contents = back_up(places(options), target)
    if options.json:
        print(json.dumps({"file": str(target), **asdict(contents)}))
    else:
        print(f"{told(contents.keys, contents.files, contents.batches)}: {target}, "
              f"{contents.bytes / 1e6:,.1f} MB")  # fmt: skip
    return 0


def told(keys: int, files: int, batches: int) -> str:
    """Say how many there are of each."""
    many = "batch" if batches == 1 else "batches"
    return f"{counted(keys, 'key')}, {counted(files, 'file')} and {batches:,} {many}"
