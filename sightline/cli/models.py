"""`sightline models`: the catalogue, what is installed, and what a file is."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from sightline.models import gguf
from sightline.models.catalogue import Entry, VoicesEntry, catalogue
from sightline.models.store import Store
from sightline.settings import load


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = argparse.ArgumentParser(
        prog="sightline models",
        usage="sightline models [FILE...] [--json]",
        description="List open vision models to pull and those that are installed, or tell what "
        "a model's file is.",
        epilog="Example: sightline models model.gguf",
    )
    made.add_argument("items", nargs="*", metavar="FILE", help="GGUF files to tell about")
    made.add_argument("--models-dir", help="where models are kept (also SIGHTLINE_MODELS_DIR)")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> int:
    """Print the list; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    if options.items:
        told = [_file(Path(name)) for name in options.items]
        if options.json:
            print(json.dumps({"files": told}, indent=2))
        else:
            print("\n\n".join(_file_page(each) for each in told))
        return 0
    from sightline.engines.llamacpp.fit import available_memory

    store, memory = (
        Store(load({"models_dir": options.models_dir}).models_folder),
        available_memory(),
    )
    installed = store.locked()
    rows = [
        _row(entry, memory, entry.shipped or entry.name in installed)
        for entry in catalogue().entries
    ]
    voices = [_voices_row(entry, entry.name in installed) for entry in catalogue().voices]
    listed = {row["name"] for row in [*rows, *voices]}
    others = [name for name in installed if name not in listed]
    if options.json:
        here = {
            n: {"repo": m.repo, "revision": m.revision, "bytes": m.bytes}
            for n, m in installed.items()
        }
        print(
            json.dumps(
                {
                    "date": catalogue().date,
                    "catalogue": rows,
                    "voices": voices,
                    "installed": here,
                },
                indent=2,
            )
        )
        return 0
    heads = ("name", "size", "memory", "fits", "here", "licence", "good at")
    lines = [heads, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    for line in lines:
        print("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())
    for voice in voices:
        mark = "here" if voice["installed"] else ""
        print(
            f"{voice['name']}  ~{_size(voice['bytes'])}  {mark}  voices, {voice['licence']}: "
            f"{voice['good_at']} ({voice['languages']})"
        )
    for name in others:
        held = installed[name]
        print(f"{name}  {_size(held.bytes)}  here, from {held.repo}")
    print(
        f"\nAs of {catalogue().date}; sizes with ~ are about. {_size(memory)} of memory are free.\n"
        "sightline pull NAME gets one, also any OWNER/REPO:QUANT of the hub; sightline rm NAME "
        "deletes it."
    )
    return 0


def _row(entry: Entry, memory: int, here: bool) -> dict[str, Any]:
    return {
        "name": entry.name,
        "repo": entry.repo,
        "quantisation": entry.quantisation,
        "parameters_billions": entry.parameters,
        "bytes": entry.size,
        "bytes_exact": bool(entry.bytes),
        "memory_bytes": entry.memory,
        "fits": entry.memory <= memory,
        "installed": here,
        "licence": entry.licence,
        "languages": entry.languages,
        "good_at": entry.good_at,
        "source": entry.source,
    }


def _voices_row(entry: VoicesEntry, here: bool) -> dict[str, Any]:
    return {
        "name": entry.name,
        "repo": entry.repo,
        "bytes": entry.bytes,
        "installed": here,
        "licence": entry.licence,
        "languages": entry.languages,
        "good_at": entry.good_at,
        "source": entry.source,
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    about = "" if row["bytes_exact"] else "~"
    return (
        row["name"],
        about + _size(row["bytes"]),
        "~" + _size(row["memory_bytes"]),
        "yes" if row["fits"] else "no",
        "yes" if row["installed"] else "",
        row["licence"],
        f"{row['good_at']} ({row['languages']})",
    )


def _file(path: Path) -> dict[str, Any]:
    header = gguf.read(path)
    told: dict[str, Any] = {
        "file": path.name,
        "half": "vision" if header.is_eye else "text",
        "architecture": header.architecture,
        "name": str(header.meta.get("general.name", "")),
        "parameters": header.parameters,
        "quantisation": header.quantisation,
        "bytes": header.bytes,
        "licence": str(header.meta.get("general.license", "")),
    }
    if header.is_eye:
        return told | {"projector": header.projector}
    template = "tokenizer.chat_template" in header.meta
    return told | {"context": header.context, "chat_template": template}


def _file_page(told: dict[str, Any]) -> str:
    kind = "the vision half" if told["half"] == "vision" else "the text half"
    lines = [f"{told['file']}: {kind} of a model in GGUF, {_size(told['bytes'])}"]
    for key, value in told.items():
        if key in ("file", "half", "bytes") or value in ("", None):
            continue
        shown = f"{value:,}" if type(value) is int else value
        lines.append(f"  {key.replace('_', ' ')}: {shown}")
    return "\n".join(lines)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
