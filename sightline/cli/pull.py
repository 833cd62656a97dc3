"""`sightline pull`: a model from the Hugging Face hub, checked and locked."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial

from sightline.cli.parsing import Parser
from sightline.cli.screen import progress
from sightline.models.store import Store
from sightline.settings import load


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline pull",
        usage="sightline pull [NAME] [OPTIONS]",
        description="Download a model from the Hugging Face hub; what is here already is checked. "
        "Without a name it is the one that suits this machine best.",
        epilog="Example: sightline pull smolvlm2-500m",
    )
    made.add_argument(
        "name",
        nargs="?",
        help="a name of `sightline models`, or OWNER/REPO:QUANT of the hub; chosen by free memory, "
        "cores and GPU where it is left out",
    )
    made.add_argument("--models-dir", help="where models are kept (also SIGHTLINE_MODELS_DIR)")
    made.add_argument(
        "--update", action="store_true", help="take the newest revision, and hold to that one"
    )
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def _suggested() -> str:
    """Choose a model for this machine, and say which and why."""
    from sightline.engines.llamacpp.fit import machine
    from sightline.models.catalogue import catalogue

    suggestion = catalogue().suggest(*machine())
    print(f"sightline: {suggestion.entry.name}: {suggestion.why}.", file=sys.stderr)
    return suggestion.entry.name


def _tell(name: str, size: int, licence: str) -> None:
    """Say what comes, before it does."""
    licensed = f"licence {licence}" if licence else "its licence is not stated"
    print(f"sightline: {name}: {size / 1e6:,.0f} MB, {licensed}", file=sys.stderr)


def run(arguments: list[str]) -> int:
    """Download; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    from sightline.models.catalogue import catalogue
    from sightline.models.pull import pull

    store = Store(load({"models_dir": options.models_dir}).models_folder)
    name = options.name or _suggested()
    with progress(of_bytes=True) as step:
        begins = partial(_tell, name)
        locked = pull(store, name, update=options.update, heard=step, begins=begins)
    if options.json:
        told = {
            "name": locked.name,
            "repo": locked.repo,
            "revision": locked.revision,
            "bytes": locked.bytes,
            "files": [{"name": file.name, "sha256": file.sha256} for file in locked.files],
        }
        print(json.dumps(told, indent=2))
        return 0
    print(
        f"{locked.name}: {locked.bytes / 1e6:,.0f} MB from {locked.repo} at {locked.revision[:12]}"
    )
    for file in locked.files:
        print(f"  {file.name}  sha256 {file.sha256}")
    entry = catalogue().known(locked.name)
    if entry is not None and "hearing" in entry.tasks:
        print(f"  sightline transcribe FILE --hearing llamacpp --hearing-model {locked.name}")
    elif locked.eye:
        print(f"  sightline use {locked.name}")
    elif locked.text == "model.bin":
        print(f"  sightline transcribe FILE; sightline serve --hearing-model {locked.name}")
    else:
        print("  sightline voices; they speak where --speech names no others")
    return 0
