"""Writes the generated pages of the reference; with `--check` only says whether they differ."""

from __future__ import annotations

import sys
import textwrap
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from sightline.cli.main import COMMANDS  # noqa: E402
from sightline.engines.embedded.paper.concepts import CONCEPTS  # noqa: E402
from sightline.media import detail  # noqa: E402
from sightline.settings import TABLE  # noqa: E402
from sightline.wire.models import listed  # noqa: E402


def _page(title: str, source: str, text: str, heads: list[str], rows: list[list[object]]) -> str:
    """Write a page that is one table; `source` is the module it is made from."""
    lines = [f"# {title}", "", f"Made by `make docs` from `{source}`; do not edit.", ""]
    lines += [*textwrap.wrap(text, 100), ""]
    lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join([*lines, ""])


def settings_page() -> str:
    """Write the page of settings."""
    return _page(
        "Settings",
        "sightline/settings.py",
        "A flag of `sightline serve` beats the environment, which beats the TOML file named by "
        "`--config` or `SIGHTLINE_CONFIG`, which beats the default.",
        ["Name in the file", "Flag", "Variable", "Default", "What it does"],
        [
            [f"`{r.name}`", f"`{r.flag}`", f"`{r.variable}`", f"`{r.default}`", r.help]
            for r in TABLE
        ],
    )


def models_page() -> str:
    """Write the page of model ids."""
    return _page(
        "Model ids",
        "sightline/wire/models.py",
        "Every id is answered by the configured engine. Dated ids of these families and fine-tuned "
        "ids (`ft:…`) work too, though not listed. Where the API's model behaved differently, so "
        "does the alias: the snapshot named in the reply, the context and the longest answer in "
        "tokens, the limit when `max_tokens` is left out, and the refusal of `max_tokens`, "
        "`temperature` and `top_p` by reasoning models.",
        ["Id", "Snapshot in the reply", "Context", "Longest answer", "Default `max_tokens`", "Reasoning"],
        [
            [f"`{m.id}`", f"`{m.snapshot}`", f"{m.context:,}", f"{m.max_output:,}",
             m.default_max_tokens or "", "yes" if m.reasoning else ""]
            for m in listed()
        ],
    )  # fmt: skip


def detail_page() -> str:
    """Write the page of detail profiles."""
    return _page(
        "Detail and what it costs",
        "sightline/media/detail.py",
        f"Source: {detail.SOURCE}, as of {detail.AS_OF}. Tile models: `low` fits the picture into "
        "512×512 and costs the base; `high` and `auto` fit it into 2048×2048, then its shortest "
        "side into 768 (gpt-image-1: 512), rounded down, and cost the base and so much for each "
        "512-pixel tile. Patch models: the picture is fitted into the pixels and the 32-pixel "
        "patches given, and costs the patches times the factor, rounded up; more than "
        f"{detail.MOST_PATCHES:,} patches are refused. Nothing is ever enlarged. The first row "
        "that a model's id starts with decides.",
        ["Ids that start with", "Tokens", "low", "high", "original", "auto"],
        [_profile(pattern, found) for pattern, found in detail.PROFILES],
    )


def _profile(pattern: str, found: detail.Profile) -> list[object]:
    name = f"`{pattern.replace(chr(92), '')}`" if pattern else "anything else"
    if isinstance(found, detail.Tiles):
        high = f"tiles, shortest side {found.short}"
        return [name, f"{found.base} + {found.tile} a tile", "512 px", high, "as high", "as high"]
    caps = [_cap(getattr(found, level)) for level in ("low", "high", "original", "auto")]
    return [name, f"{found.factor:g} a patch", *caps]


def _cap(cap: detail.Cap) -> str:
    side = f"{cap.side:,} px" if cap.side is not None else ""
    budget = f"{cap.budget:,} patches" if cap.budget is not None else ""
    return ", ".join(part for part in (side, budget) if part)


def reader_page() -> str:
    """Write the page of what the reader looks up by name."""
    return _page(
        "What the reader looks up by name",
        "sightline/engines/embedded/paper/concepts.py",
        "Any other word of a question is looked for literally, as a label or as a row's name.",
        ["Concept", "Asked as, for example", "Printed as, for example", "Value"],
        [[c.name, ", ".join(c.asks[:5]), ", ".join(c.labels[:5]), c.kind or "text"] for c in CONCEPTS],
    )  # fmt: skip


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
    "detail.md": detail_page,
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
