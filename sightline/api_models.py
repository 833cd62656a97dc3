"""What is known of the models that OpenAI's API has and had; read once from `api_models.toml`.

Everything that depends on a model's id asks here: the model list, limits, the size and cost of
pictures, and when a model ends. One row of the file adds a model. It knows no engine.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

CHAT, SPEECH, TRANSCRIPTION = "chat", "speech", "transcription"
_KINDS = (CHAT, "chat_unlisted", SPEECH, TRANSCRIPTION, "realtime", "image", "other")
_LEVELS = ("low", "high", "original", "auto")
_FACTS = ("context", "output", "sizing", "reasoning")
_DATED = {"MMDD": r"-\d{4}", "YYYY-MM-DD": r"-\d{4}-\d{2}-\d{2}"}
_DATE = re.compile(r"-\d{4}(-\d{2}-\d{2})?\Z")
_NAME = re.compile(r"[\w.:-]{1,128}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact is from, of which day, month or year; a `guess` is published nowhere."""

    about: str
    date: str
    guess: bool = False

    @property
    def line(self) -> str:
        """The source in words."""
        return f"{'a guess: ' if self.guess else ''}{self.about} ({self.date})"


@dataclass(frozen=True, slots=True)
class Tiles:
    """A tile model: `low` costs `base` tokens, else `tile` more for each tile of 512 pixels.

    `short` is the shortest side in pixels above which a picture is scaled down; `fidelity` what
    `input_fidelity` high adds to a square picture and to any other, where the model has that.
    """

    base: int
    tile: int
    short: int = 768
    fidelity: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """One level of detail of a patch model: within `side` pixels, then `budget` patches."""

    side: int | None = None
    budget: int | None = None


@dataclass(frozen=True, slots=True)
class Patches:
    """A patch model: a cap for each level of detail, and the factor from patches to tokens."""

    factor: float
    low: Cap
    high: Cap
    original: Cap
    auto: Cap


Sizing = Tiles | Patches


@dataclass(frozen=True, slots=True)
class Family:
    """What ids have in common that begin as the pattern `ids` says."""

    ids: str
    context: int
    output: int
    sizing: str
    reasoning: bool = False
    taken: bool = True
    sources: Mapping[str, str] = field(default_factory=dict)

    def match(self, id: str) -> int | None:
        """Say how much of an id's beginning it takes; None where the id is of another family."""
        if not self.ids:
            return 0
        found = re.match(rf"(?:{self.ids})(?![\w.])", id)
        return None if found is None else found.end()


@dataclass(frozen=True, slots=True)
class ApiModel:
    """One id and what is known of it; the file says what each field means.

    `taken` tells whether an id without a row of its own is answered all the same.
    """

    id: str
    context: int
    output: int
    sizing: str
    kind: str = CHAT
    listed: bool = False
    taken: bool = True
    reasoning: bool = False
    answers_as: str = ""
    created: int | None = None
    default_max_tokens: int | None = None
    legacy_finish: bool = False
    dated: str = ""
    sse: bool = True
    formats: tuple[str, ...] = ()
    shutdown: date | None = None
    successor: str = ""
    note: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)


_ROW = {each.name for each in fields(ApiModel)} - {"id", "kind", "listed", "taken"}


@dataclass(frozen=True, slots=True)
class ApiModels:
    """All of the file. `models` are the ids with a row of their own, in the file's order."""

    date: str
    created_unknown: int
    models: Mapping[str, ApiModel]
    families: tuple[Family, ...]
    sizings: Mapping[str, Sizing]
    _sources: Mapping[str, Source]
    _facts: Mapping[str, str]
    _plain_word: str
    _other_kinds: re.Pattern[str]

    def describe(self, id: str) -> ApiModel:
        """Tell what is known of any id: by its row, its base model's row, or its family.

        Dated and fine-tuned ids (`ft:BASE:…`) go by their base; only what is a model's own, such
        as the day on which it ends, is then left out.
        """
        known = self.models.get(id)
        if known is not None:
            return known
        name = id.removeprefix("ft:")
        base = name.partition(":")[0]
        row = self.models.get(base) or self.models.get(_DATE.sub("", base))
        if row is not None and row.kind == CHAT:
            kept = {each: getattr(row, each) for each in ("kind", "sources", *_FACTS)}
            return ApiModel(id=id, **kept)
        return self._of_family(id, name)

    def _of_family(self, id: str, name: str) -> ApiModel:
        family = max(self.families, key=lambda each: -1 if (n := each.match(name)) is None else n)
        other = bool(self._other_kinds.search(id)) or _NAME.fullmatch(name) is None
        return ApiModel(
            id=id,
            context=family.context,
            output=family.output,
            sizing=family.sizing,
            taken=family.taken and not other,
            reasoning=family.reasoning and self._plain_word not in id,
            sources=family.sources,
        )

    def speaks(self, id: str) -> ApiModel | None:
        """Give the row of a model that speaks, also of its dated ids; None where it does not."""
        for row in self.models.values():
            if row.kind == SPEECH:
                dates = f"({_DATED[row.dated]})?" if row.dated else ""
                if re.fullmatch(re.escape(row.id) + dates, id):
                    return row
        return None

    def hears(self, id: str) -> ApiModel | None:
        """Give the row of a model that writes down what is said; None where it does not."""
        row = self.models.get(id)
        return row if row is not None and row.kind == TRANSCRIPTION else None

    def sizing(self, id: str) -> Sizing:
        """Tell how a model sizes and counts pictures."""
        return self.sizings[self.describe(id).sizing]

    def source(self, model: ApiModel, fact: str) -> Source:
        """Tell where a fact of a model is from. Raises `KeyError` for what is no fact."""
        return self._sources[model.sources.get(fact) or self._facts[fact]]

    def guessed(self, model: ApiModel) -> bool:
        """Say whether the way in which a model sizes pictures is published nowhere."""
        return self.source(model, "sizing").guess

    @property
    def ending(self) -> tuple[ApiModel, ...]:
        """The ids for which OpenAI has told a day on which they end, the first to end first."""
        dated = [(m.shutdown, m) for m in self.models.values() if m.shutdown is not None]
        return tuple(m for _, m in sorted(dated, key=lambda pair: pair[0]))


@cache
def api_models() -> ApiModels:
    """Read the package's own file."""
    return read(Path(__file__).with_name("api_models.toml"))


def read(path: Path) -> ApiModels:
    """Read a file of models. Raises `ValueError`, which names the row, for what is not one."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    families = tuple(Family(**row) for row in told["families"])
    words = "|".join(map(re.escape, told["other_kinds"]))
    made = ApiModels(
        date=told["date"],
        created_unknown=told["created_unknown"],
        models={},
        families=families,
        sizings={name: _sizing(name, row) for name, row in told["sizings"].items()},
        _sources={name: Source(**row) for name, row in told["sources"].items()},
        _facts=told["facts"],
        _plain_word=told["plain_word"],
        _other_kinds=re.compile(rf"-({words})\b"),
    )
    rows = [(kind, id, row) for kind in _KINDS for id, row in told.get(kind, {}).items()]
    models = {id: _model(made, kind, id, row) for kind, id, row in rows}
    if len(models) != len(rows):
        raise ValueError("An id has two rows.")
    whole = replace(made, models=models)
    _check(whole)
    return whole


def _sizing(name: str, row: dict[str, Any]) -> Sizing:
    try:
        if "base" in row:
            extra = row.pop("fidelity", None)
            return Tiles(**row, fidelity=None if extra is None else (extra[0], extra[1]))
        every = row.pop("every", None)
        low, high, original, auto = (Cap(**(every or row.pop(level))) for level in _LEVELS)
        return Patches(**row, low=low, high=high, original=original, auto=auto)
    except (KeyError, TypeError) as error:
        raise ValueError(f"The sizing {name!r} is not one: {error}.") from None


def _model(known: ApiModels, kind: str, id: str, row: dict[str, Any]) -> ApiModel:
    if unknown := set(row) - _ROW:
        raise ValueError(f"The row of {id!r} has {', '.join(sorted(unknown))}, which is no fact.")
    common = known._of_family(id, id)
    listed, kind = kind == CHAT, CHAT if kind == "chat_unlisted" else kind
    if kind == CHAT and not common.taken and not {"context", "output", "sizing"} <= set(row):
        raise ValueError(f"{id!r} is of no family; its row has to say context, output and sizing.")
    own = row.pop("sources", {})
    if "formats" in row:
        row["formats"] = tuple(row["formats"])
    sources = {fact: name for fact, name in common.sources.items() if fact not in row}
    return replace(common, kind=kind, listed=listed, taken=True, sources={**sources, **own}, **row)


def _check(known: ApiModels) -> None:
    rows: list[tuple[str, Family | ApiModel]] = [(each.ids, each) for each in known.families]
    for name, row in (*rows, *known.models.items()):
        if row.sizing not in known.sizings:
            raise ValueError(f"{name!r} is sized as {row.sizing!r}, of which there is no sizing.")
        if lost := set(row.sources.values()) - set(known._sources):
            raise ValueError(f"{name!r} is from {', '.join(lost)}, which is no source.")
