"""Writes the generated pages of the reference; with `--check` only says whether they differ."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import sightline  # noqa: E402
from sightline import errors, library  # noqa: E402
from sightline.api_models import Cap, Sizing, Source, Tiles, api_models  # noqa: E402
from sightline.cli.main import COMMANDS  # noqa: E402
from sightline.engines.embedded.paper.concepts import CONCEPTS  # noqa: E402
from sightline.media import image_tokens  # noqa: E402
from sightline.settings import TABLE  # noqa: E402


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
        "sightline/settings/rows.py",
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
    known = api_models()
    return _page(
        "Model ids",
        "sightline/api_models.toml",
        f"As of {known.date}; the file says where each fact is from. Every id is answered by the "
        "configured engine. Dated ids of these families and fine-tuned "
        "ids (`ft:…`) work too, though not listed. Where the API's model behaved differently, so "
        "does the alias: the snapshot named in the reply, the context and the longest answer in "
        "tokens, the limit when `max_tokens` is left out, and the refusal of `max_tokens`, "
        "`temperature` and `top_p` by reasoning models. How pictures are sized is told "
        "[by the name of the sizing](detail.md); (guess) stands where it is published nowhere. "
        "OpenAI ends models on the day told; here they go on answering, and `GET /v1/models` names "
        "the day as `shutdown_date`: [When a model ends](../guides/retiring.md).",
        ["Id", "Snapshot in the reply", "Context", "Longest answer", "Default `max_tokens`", "Reasoning", "Sizing", "OpenAI ends it"],
        [
            [f"`{m.id}`", f"`{m.answers_as or m.id}`", f"{m.context:,}", f"{m.output:,}",
             m.default_max_tokens or "", "yes" if m.reasoning else "",
             m.sizing + (" (guess)" if known.guessed(m) else ""), m.shutdown or ""]
            for m in known.models.values() if m.listed
        ],
    )  # fmt: skip


def detail_page() -> str:
    """Write the page of how pictures are sized."""
    return _page(
        "Detail and what it costs",
        "sightline/api_models.toml",
        "Tile models: `low` fits the picture into "
        "512×512 and costs the base; `high` and `auto` fit it into 2048×2048, then its shortest "
        "side into 768 (gpt-image-1: 512), rounded down, and cost the base and so much for each "
        "512-pixel tile. Patch models: the picture is fitted into the pixels and the 32-pixel "
        "patches given, and costs the patches times the factor, rounded up; more than "
        f"{image_tokens.MOST_PATCHES:,} patches are refused. Nothing is ever enlarged. Which model is "
        "sized how, [the model ids](models.md) tell; ids that are not listed go by how they begin.",
        ["Sizing", "Ids that begin so", "Tokens", "low", "high", "original", "auto", "Source"],
        [_sizing(name, found) for name, found in api_models().sizings.items()],
    )


def _sizing(name: str, found: Sizing) -> list[object]:
    ids = [f.ids for f in api_models().families if f.sizing == name]
    shown = ", ".join(
        f"`{i.replace(chr(92) + '.', '.').replace('|', ' or ')}`" if i else "any other" for i in ids
    )
    told = [name, shown, "; ".join(dict.fromkeys(source.line for source in _sources(name)))]
    if isinstance(found, Tiles):
        high = f"tiles, shortest side {found.short}"
        cells = [f"{found.base} + {found.tile} a tile", "512 px", high, "as high", "as high"]
    else:
        levels = (found.low, found.high, found.original, found.auto)
        cells = [f"{found.factor:g} a patch", *(_cap(cap) for cap in levels)]
    return [*told[:2], *cells, told[2]]


def _sources(name: str) -> list[Source]:
    known = api_models()
    rows = [m for m in known.models.values() if m.sizing == name and m.listed]
    if not rows:
        rows = [known.describe(name)]
    return [known.source(m, "sizing") for m in rows]


def _cap(cap: Cap) -> str:
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
            shown = named or f"`{action.metavar or action.dest}`"
            choices = f" One of {', '.join(action.choices)}." if action.choices else ""
            blocks.append(f"| {shown} | {(action.help or '').rstrip('.')}.{choices} |")
        blocks += ["", parser.epilog or "", ""]
    return "\n".join(blocks)


def python_page() -> str:
    """Write the page of the package's public names, from their signatures and docstrings."""
    blocks = [
        "# The Python package", "",
        "Made by `make docs` from the docstrings of `sightline`; do not edit.", "",
        *textwrap.wrap(
            "These names are public, with what their signatures name and what they raise: "
            "[What stays as it is](../stability.md). The package has its types with it "
            "(`py.typed`), by which mypy and pyright check what calls it.", 100,
        ), "",
    ]  # fmt: skip
    public = [getattr(sightline, name) for name in sightline.__all__]
    for each in public:
        blocks += [f"## sightline.{each.__name__}", "", *_signature(each), *_told(each)]
    named = sorted({name for each in public for name in each.__annotations__.values()})
    blocks += ["## Types", "", "| Name | What it is |", "|---|---|"]
    for name in named:
        made = getattr(library, name, None)
        if get_origin(made) is Literal:
            words = ", ".join(f'`"{word}"`' for word in get_args(made))
            blocks.append(f"| `{name}` | one of {words} |")
        elif dataclasses.is_dataclass(made):
            fields = ", ".join(f"`{each.name}: {each.type}`" for each in dataclasses.fields(made))
            about = " ".join(_told(made)).replace("  ", " ").strip()
            blocks.append(f"| `{name}`, of `{made.__module__}` | {fields}. {about} |")
    blocks += [
        "", "## Errors", "",
        *textwrap.wrap(
            "All stand in `sightline.errors`. Each has `message`, `hint` (what to do next), "
            "`param` (the part of the request), `code`, `type`, `status` (of HTTP) and `retryable`.", 100,
        ), "", "| Error | Is a | What it says |", "|---|---|---|",
    ]  # fmt: skip
    for error in _errors(errors.SightlineError):
        first = (inspect.getdoc(error) or "").splitlines()[0]
        blocks.append(f"| `{error.__name__}` | `{error.__bases__[0].__name__}` | {first} |")
    return "\n".join([*blocks, ""])


def _signature(made: Any) -> list[str]:
    """Write a function with a line for each parameter."""
    told = inspect.signature(made)
    lines = []
    for each in told.parameters.values():
        if each.kind is each.KEYWORD_ONLY and "    *," not in lines:
            lines.append("    *,")
        usual = "" if each.default is each.empty else f" = {each.default!r}".replace("'", '"')
        lines.append(f"    {each.name}: {each.annotation}{usual},")
    mark = "<!-- not run: a signature -->"
    return [
        mark,
        "```python",
        f"{made.__name__}(",
        *lines,
        f") -> {told.return_annotation}",
        "```",
        "",
    ]


def _told(made: Any) -> list[str]:
    """Give the lines of a docstring, each paragraph on one."""
    paragraphs = (inspect.getdoc(made) or "").split("\n\n")
    return [line for each in paragraphs for line in (" ".join(each.split()), "")]


def _errors(root: type[errors.SightlineError]) -> Iterator[type[errors.SightlineError]]:
    """Give an error and all that derive from it, those of others' code apart."""
    yield root
    for each in root.__subclasses__():
        if each.__module__ == errors.__name__:
            yield from _errors(each)


PAGES = {
    "python.md": python_page,
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
