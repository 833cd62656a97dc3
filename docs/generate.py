"""Writes the generated pages of the reference; with `--check` only says whether they differ."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from sightline.cli.main import COMMANDS  # noqa: E402
from sightline.engines.reader.concepts import CONCEPTS  # noqa: E402
from sightline.settings import TABLE  # noqa: E402
from sightline.wire.models import listed  # noqa: E402


def settings_page() -> str:
    """Write the page of settings."""
    rows = [
        f"| `{row.name}` | `{row.flag}` | `{row.variable}` | `{row.default}` | {row.help} |"
        for row in TABLE
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Made by `make docs` from `sightline/settings.py`; do not edit.",
            "",
            "A flag of `sightline serve` beats the environment, which beats the TOML file named by",
            "`--config` or `SIGHTLINE_CONFIG`, which beats the default.",
            "",
            "| Name in the file | Flag | Variable | Default | What it does |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def models_page() -> str:
    """Write the page of model ids."""
    rows = [
        f"| `{m.id}` | `{m.snapshot}` | {m.default_max_tokens or ''} | {'yes' if m.reasoning else ''} |"
        for m in listed()
    ]
    return "\n".join(
        [
            "# Model ids",
            "",
            "Made by `make docs` from `sightline/wire/models.py`; do not edit.",
            "",
            "Every id is answered by the configured engine. Dated ids of these families and fine-tuned",
            "ids (`ft:…`) work too, though not listed. Where the API's model behaved differently, so",
            "does the alias: the snapshot named in the reply, the limit when `max_tokens` is left out,",
            "and the refusal of `max_tokens`, `temperature` and `top_p` by reasoning models.",
            "",
            "| Id | Snapshot in the reply | Default `max_tokens` | Reasoning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def reader_page() -> str:
    """Write the page of what the reader looks up by name."""
    rows = [
        f"| {c.name} | {', '.join(c.asks[:5])} | {', '.join(c.labels[:5])} | {c.kind or 'text'} |"
        for c in CONCEPTS
    ]
    return "\n".join(
        [
            "# What the reader looks up by name",
            "",
            "Made by `make docs` from `sightline/engines/reader/concepts.py`; do not edit.",
            "",
            "Any other word of a question is looked for literally, as a label or as a row's name.",
            "",
            "| Concept | Asked as, for example | Printed as, for example | Value |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def cli_page() -> str:
    """Write the page of commands, from the parsers but not in argparse's changing layout."""
    blocks = ["# Commands", "", "Made by `make docs` from the parsers; do not edit.", ""]
    for name in COMMANDS:
        parser = import_module(f"sightline.cli.{name}").parser()
        blocks += [f"## sightline {name}", "", parser.description or "", ""]
        blocks += ["| Argument | What it does |", "|---|---|"]
        for action in parser._actions:
            if action.dest == "help":
                continue
            named = ", ".join(f"`{flag}`" for flag in action.option_strings)
            shown = named or f"`{action.metavar}`"
            choices = f" One of {', '.join(action.choices)}." if action.choices else ""
            blocks.append(f"| {shown} | {(action.help or '').rstrip('.')}.{choices} |")
        blocks += ["", parser.epilog or "", ""]
    return "\n".join(blocks)


PAGES = {
    "settings.md": settings_page,
    "models.md": models_page,
    "reader-concepts.md": reader_page,
    "commands.md": cli_page,
}


def main() -> int:
    """Write the pages, or check them; exit code 1 where one differs."""
    stale = 0
    folder = HERE / "reference"
    folder.mkdir(exist_ok=True)
    for name, write in PAGES.items():
        path, page = folder / name, write()
        if path.exists() and path.read_text(encoding="utf-8") == page:
            continue
        if "--check" in sys.argv:
            print(f"docs/reference/{name} is out of step: run `make docs`.")
            stale = 1
        else:
            path.write_text(page, encoding="utf-8")
            print(f"wrote docs/reference/{name}")
    return stale


if __name__ == "__main__":
    sys.exit(main())
