"""`sightline models`: the catalogue, what is installed, what a file is, and the API's own ids."""

from __future__ import annotations

import argparse
import json
from collections.abc import Container, Sequence
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

from sightline.api_models import CHAT, ApiModel, api_models
from sightline.cli.parsing import Parser
from sightline.cli.screen import table, wrapped
from sightline.errors import UsageError, nearest
from sightline.media.image_tokens import draws
from sightline.models import gguf
from sightline.models.catalogue import Entry, VoicesEntry, catalogue
from sightline.models.store import Store, canonical
from sightline.settings import load

if TYPE_CHECKING:
    from sightline.engines.llamacpp.fit import Machine


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline models",
        usage="sightline models [NAME or FILE... | --api] [--json]",
        description="List open vision models to pull and those that are installed, tell of one or "
        "what a model's file is, or list the ids of OpenAI's models.",
        epilog="Example: sightline models model.gguf",
    )
    made.add_argument(
        "items", nargs="*", metavar="NAME", help="models of the list, or GGUF files, to tell about"
    )
    made.add_argument(
        "--api", action="store_true",
        help="list the ids of OpenAI's models: how pictures are sized, and when OpenAI ends them",
    )  # fmt: skip
    made.add_argument("--models-dir", help="where models are kept (also SIGHTLINE_MODELS_DIR)")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> int:
    """Print the list; return the exit code. Raises `SightlineError`."""
    options = parser().parse_args(arguments)
    if options.api:
        if options.items:
            raise UsageError("--api takes no name.", hint="Ask for one at a time.")
        print(json.dumps(_api(), indent=2) if options.json else _api_page())
        return 0
    if options.items:
        _tell(options.items, options.models_dir, as_json=options.json)
        return 0
    _list(options.models_dir, as_json=options.json)
    return 0


def _tell(names: Sequence[str], models_dir: str | None, *, as_json: bool) -> None:
    """Tell of what the catalogue has, of what was pulled besides, and of files.

    Raises `ModelFileError`.
    """
    from sightline.engines.llamacpp.fit import machine

    store = _store(models_dir)
    installed = store.locked()
    entries = [entry for name in names if (entry := catalogue().find(name))]
    rows = _rows(entries, installed, machine()) if entries else []
    others = [other for name in names if (other := catalogue().other(name))]
    more = [_voices_row(other, other.name in installed) for other in others]
    known = {row["name"] for row in [*rows, *more]}
    files = list[Path]()
    for name in names:
        held = installed.get(name)
        if canonical(name) in known:
            continue
        files += (
            [store.folder_of(name) / half for half in (held.text, held.eye)]
            if held
            else [_named(name)]
        )
    told = [_file(path) for path in files]
    if as_json:
        print(json.dumps({"files": told, "catalogue": rows, "others": more}, indent=2))
    else:
        pages = [*map(_entry_page, rows), *map(_other_page, more), *map(_file_page, told)]
        print("\n\n".join(pages))


def _named(name: str) -> Path:
    """Give the path of a file. Raises `UsageError` for what is neither that nor a name."""
    path = Path(name)
    if not path.exists() and path.suffix.lower() != ".gguf":
        raise UsageError(
            f"There is no model {name!r}, and no file.",
            hint=nearest(name, catalogue().names)
            or "`sightline models` lists those that there are.",
        )
    return path


def _store(models_dir: str | None) -> Store:
    return Store(load({"models_dir": models_dir}).models_folder)


def _rows(
    entries: Sequence[Entry], installed: Container[str], machine: Machine
) -> list[dict[str, Any]]:
    """Tell of entries, whether they fit and whether they are here."""
    return [_row(e, machine, e.shipped or e.name in installed) for e in entries]


def _entry_page(row: dict[str, Any]) -> str:
    lines = [f"{row['name']}: {row['good_at']}"]
    shown = {
        "from": f"{row['repo']}:{row['quantisation']}".strip(":"),
        "parameters": f"{row['parameters_billions']:g} billion",
        "size": ("" if row["bytes_exact"] else "about ") + _size(row["bytes"]),
        "memory": f"about {_size(row['memory_bytes'])}: {_FITS[_fit(row)]}",
        "licence": row["licence"],
        "languages": row["languages"],
        "tasks": ", ".join(row["tasks"]),
        "thinking": row["thinking"],
        "source": row["source"],
        "installed": "yes" if row["installed"] else f"no; sightline pull {row['name']}",
    }
    return "\n".join([*lines, *_lines(shown)])


def _other_page(row: dict[str, Any]) -> str:
    shown = {
        "from": row["repo"],
        "size": "about " + _size(row["bytes"]),
        "licence": row["licence"],
        "languages": row["languages"],
        "source": row["source"],
        "installed": "yes" if row["installed"] else f"no; sightline pull {row['name']}",
    }
    return "\n".join([f"{row['name']}: {row['good_at']}", *_lines(shown)])


def _lines(shown: dict[str, Any]) -> list[str]:
    return [f"  {key}: {value}" for key, value in shown.items() if value]


def _list(models_dir: str | None, *, as_json: bool) -> None:
    """Print what there is to pull and what is here."""
    from sightline.engines.llamacpp.fit import machine

    installed, here = _store(models_dir).locked(), machine()
    rows = _rows(catalogue().entries, installed, here)
    voices = [_voices_row(entry, entry.name in installed) for entry in catalogue().voices]
    hearing = [_voices_row(entry, entry.name in installed) for entry in catalogue().hearing]
    listed = {row["name"] for row in [*rows, *voices, *hearing]}
    others = [name for name in installed if name not in listed]
    if as_json:
        pulled = {
            n: {"repo": m.repo, "revision": m.revision, "bytes": m.bytes}
            for n, m in installed.items()
        }
        told = {
            "date": catalogue().date,
            "catalogue": rows,
            "voices": voices,
            "hearing": hearing,
            "installed": pulled,
        }
        print(json.dumps(told, indent=2))
        return
    suggested = catalogue().suggest(*here)
    rows.sort(key=lambda row: _order(row, suggested.entry.name))
    heads = ("name", "size", "memory", "", "licence", "good at")
    lines = [heads, *(_cells(row) for row in rows)]
    print(table(lines))
    for kind, row in (*(("voices", row) for row in voices), *(("hears", row) for row in hearing)):
        mark = "here, " if row["installed"] else ""
        print(f"{row['name']}  ~{_size(row['bytes'])}  {mark}{kind}, {row['licence']}")
        print(indent(wrapped(f"{row['good_at']}: {row['languages']}", 2), "  "))
    for name in others:
        held = installed[name]
        print(f"{name}  {_size(held.bytes)}  here, from {held.repo}")
    print(
        f"\nAs of {catalogue().date}; sizes with ~ are about.\n"
        + wrapped(f"For this machine: {suggested.entry.name}. {suggested.why}.")
        + "\n"
        + wrapped(
            "sightline pull gets that one, sightline pull NAME another, also any OWNER/REPO:QUANT "
            "of the hub; sightline rm NAME deletes it. --json tells more of each."
        )
    )


def _api() -> dict[str, Any]:
    known = api_models()
    return {
        "date": known.date,
        "models": [
            {
                "id": model.id,
                "kind": model.kind,
                "listed": model.listed,
                "context": model.context if model.kind == CHAT else None,
                "output": model.output if model.kind == CHAT else None,
                "reasoning": model.reasoning,
                "sizing": model.sizing if _sees(model) else None,
                "sizing_guessed": _sees(model) and known.guessed(model),
                "shutdown_date": model.shutdown and model.shutdown.isoformat(),
                "successor": model.successor or None,
                "sources": {
                    fact: known.source(model, fact).line
                    for fact in ("context", "output", "sizing", "shutdown")
                },
            }
            for model in known.models.values()
        ],
    }


def _sees(model: ApiModel) -> bool:
    """Say whether a model takes pictures: what its family is sized by is no fact of any other."""
    return model.kind == CHAT or draws(model.id)


def _api_page() -> str:
    known = api_models()
    lines = [("id", "kind", "context", "pictures", "ends")]
    for model in known.models.values():
        sizing = model.sizing + (" (guess)" if known.guessed(model) else "")
        lines.append(
            (
                model.id,
                model.kind,
                f"{model.context:,}" if model.kind == CHAT else "",
                f"as {sizing}" if _sees(model) else "",
                model.shutdown.isoformat() if model.shutdown else "",
            )
        )
    return "\n".join(
        [
            table(lines),
            "",
            wrapped(
                f"As of {known.date}. Ids of kind chat, speech and transcription are answered "
                "here, and so they are once OpenAI has ended them; (guess): how pictures are sized "
                "is published nowhere. sightline retiring finds the ids in your code that end."
            ),
        ]
    )


def _order(row: dict[str, Any], suggested: str) -> tuple[int, bool, float]:
    """Put first what suits this machine, then what fits, then what is slow, then what is too large.

    Of what fits the largest is the best; of the rest the smallest is the nearest to fitting.
    """
    size, fits = float(row["parameters_billions"]), row["fits"] and row["quick"]
    level = 0 if row["name"] == suggested else 1 if fits else 2 if row["fits"] else 3
    return level, "chat" not in row["tasks"], -size if fits else size


def _row(entry: Entry, machine: Machine, here: bool) -> dict[str, Any]:
    return {
        "name": entry.name,
        "repo": entry.repo,
        "quantisation": entry.quantisation,
        "parameters_billions": entry.parameters,
        "bytes": entry.size,
        "bytes_exact": bool(entry.bytes),
        "memory_bytes": entry.memory,
        "fits": entry.memory <= machine.memory,
        "quick": entry.is_quick(machine.cores, machine.gpu),
        "installed": here,
        "licence": entry.licence,
        "languages": entry.languages,
        "tasks": list(entry.tasks),
        "thinking": entry.thinking,
        "image_tokens": entry.image_tokens,
        "prompt": entry.prompt,
        "prompts": dict(entry.prompts),
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
        "here" if row["installed"] else _fit(row),
        row["licence"],
        row["good_at"],
    )


_FITS = {"fits": "fits this machine", "slow": "slow on this machine", "no": "more than is free"}


def _fit(row: dict[str, Any]) -> str:
    return "no" if not row["fits"] else "fits" if row["quick"] else "slow"


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
        from sightline.engines.llamacpp.projectors import tokens

        suits = tokens(header)
        told["image_tokens"] = f"{suits.least or 1} to {suits.usual}"
        return told | {"projector": header.projector}
    template = "tokenizer.chat_template" in header.meta
    told |= {"context": header.context, "chat_template": template}
    return told | {"heads_that_draft": header.heads} if header.heads else told


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
