"""`sightline rm`: a pulled model, deleted."""

from __future__ import annotations

import argparse
import json

from sightline.cli.parsing import Parser
from sightline.models.store import Store
from sightline.settings import load


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline rm",
        usage="sightline rm NAME",
        description="Delete a pulled model.",
        epilog="Example: sightline rm smolvlm2-500m",
    )
    made.add_argument("name", help="as `sightline models` lists it")
    made.add_argument("--models-dir", help="where models are kept (also SIGHTLINE_MODELS_DIR)")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> int:
    """Delete; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    from sightline.models.pull import remove

    gone = remove(Store(load({"models_dir": options.models_dir}).models_folder), options.name)
    if options.json:
        print(json.dumps({"deleted": gone.name, "bytes": gone.bytes}))
        return 0
    print(f"{gone.name} is deleted: {gone.bytes / 1e6:,.0f} MB.")
    return 0
