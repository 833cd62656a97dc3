"""The catalogue of open models and voices: what there is to pull, and what it will take."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sightline.models.store import canonical

# Bits for each weight of llama.cpp's quantisations (its quantize tool's table), for sizes that the
# hub has not told yet.
_BITS = {"F16": 16.0, "Q8_0": 8.5, "Q4_K_M": 4.85}
_OVERHEAD = 400_000_000  # bytes of cache and buffers in use, beside the weights
# Of a machine's free memory that a model may take, and how long it may look at a picture.
_SHARE, _PATIENCE_S = 0.8, 30.0
# What a core computes in a second, as bench/engine.py measures, and the tokens of a short exchange.
_CORE_FLOPS, _WORDS, _PICTURE = 25e9, 200, 1024
Thinking = Literal["never", "asked", "always"]
Task = Literal["markdown", "table", "formula"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One model. `parameters` are in billions; `bytes` of 0 means that the size is not known.

    `active` are the billions that work on each token, 0 where those are all. `tasks` are "chat" or
    "documents"; a reader of documents is asked in its own words, which `prompts` has for each task
    and `prompt` for a picture without a question; `template` takes the place of its file's.
    `thinking` says whether it thinks before it answers. `image_tokens` are the fewest, the usual
    and the most tokens of a picture where they are not those of its kind. `suggested` orders what
    is offered to who names no model, 0 for what is not.
    """

    name: str
    repo: str
    quantisation: str
    parameters: float
    licence: str
    languages: str
    good_at: str
    source: str
    bytes: int = 0
    active: float = 0.0
    tasks: tuple[str, ...] = ("chat",)
    thinking: Thinking = "never"
    image_tokens: tuple[int, int, int] | None = None
    prompt: str = ""
    template: str = ""
    prompts: Mapping[Task, str] = field(default_factory=dict)
    suggested: int = 0
    shipped: bool = False
    """Whether it comes with the package, so that there is nothing to pull."""

    @property
    def size(self) -> int:
        """Bytes on disk: told, or about, by the quantisation's bits for each weight."""
        if self.bytes:
            return self.bytes
        return int(self.parameters * 1e9 * _BITS[self.quantisation] / 8)

    @property
    def memory(self) -> int:
        """Bytes of memory that it needs at least, about."""
        return int(self.size * 1.05) + _OVERHEAD

    def looks_s(self, cores: int) -> float:
        """Say about how many seconds it takes for a picture and a question on a processor."""
        tokens = self.image_tokens[1] if self.image_tokens else _PICTURE
        work = 2e9 * (self.active or self.parameters) * (tokens + _WORDS)
        return work / (cores * _CORE_FLOPS)

    def is_on(self, gpu: int) -> bool:
        """Say whether a GPU with so many bytes free holds it whole."""
        return self.memory <= gpu * _SHARE

    def is_quick(self, cores: int, gpu: int = 0) -> bool:
        """Say whether it looks as fast as one waits for: a GPU that holds it always does."""
        return self.is_on(gpu) or self.looks_s(cores) <= _PATIENCE_S


@dataclass(frozen=True, slots=True)
class VoicesEntry:
    """Voices to pull; `files` are patterns of what is taken of the repository, `bytes` about."""

    name: str
    repo: str
    files: tuple[str, ...]
    bytes: int
    licence: str
    languages: str
    good_at: str
    source: str


@dataclass(frozen=True, slots=True)
class HearingEntry(VoicesEntry):
    """A model that hears, in CTranslate2's form; its fields are those of voices."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model that suits a machine, and why."""

    entry: Entry
    why: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries, smallest first, as they were on `date`."""

    date: str
    entries: tuple[Entry, ...]
    voices: tuple[VoicesEntry, ...]
    hearing: tuple[HearingEntry, ...]

    def find(self, name: str) -> Entry | None:
        """Give the entry of a name."""
        return next((entry for entry in self.entries if entry.name == canonical(name)), None)

    @property
    def names(self) -> list[str]:
        """The names of all: models that see, voices, and models that hear."""
        others = (*self.voices, *self.hearing)
        return [*(each.name for each in self.entries), *(each.name for each in others)]

    def other(self, name: str) -> VoicesEntry | None:
        """Give the entry of voices, or of a model that hears."""
        both = (*self.voices, *self.hearing)
        return next((entry for entry in both if entry.name == canonical(name)), None)

    def known(self, model: str) -> Entry | None:
        """Give the entry of a model by its name, its repository, or its original's."""
        repo = model.partition(":")[0].lower()
        of = ((entry.repo.lower(), entry.source.lower()) for entry in self.entries)
        same = (own == repo or source.endswith(f".co/{repo}") for own, source in of)
        by_repo = (entry for entry, is_same in zip(self.entries, same, strict=True) if is_same)
        return self.find(model) or (next(by_repo, None) if "/" in repo else None)

    def suggest(
        self, memory: int, cores: int, gpu: int = 0, *, among: Sequence[Entry] | None = None
    ) -> Suggestion:
        """Choose by free memory, cores, and free memory of a GPU; the lightest where nothing fits.

        Memory is in bytes. Of those that are suggested to anyone, or of what there is: `among` is
        never empty.
        """
        several = [e for e in self.entries if e.suggested] if among is None else among
        ladder = sorted(several, key=lambda e: (e.suggested, e.parameters))
        room = [entry for entry in ladder if entry.memory <= memory * _SHARE]
        quick = [entry for entry in room if entry.is_quick(cores, gpu)]
        chosen = quick[-1] if quick else (room or ladder)[0]
        what = f"{memory / 1e9:.1f} GB of memory are free, and {cores} cores"
        if not room:
            return Suggestion(chosen, f"It is the lightest there is: {what}")
        why = f"{what} look at a picture in about {chosen.looks_s(cores):.0f} s with it"
        if chosen.is_on(gpu):
            why = f"{memory / 1e9:.1f} GB of memory are free, and {gpu / 1e9:.1f} GB on the GPU"
            why += ", which holds it"
        after = ladder[ladder.index(chosen) + 1 :]
        if after:
            better = after[0]
            slow = "is too little of that" if gpu else "are too few cores"
            why += f"; for {better.name} there {slow if better in room else 'is too little memory'}"
        return Suggestion(chosen, why)


def _frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}


@cache
def catalogue() -> Catalogue:
    """Read the catalogue."""
    text = Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    entries = [Entry(name=name, **_frozen(entry)) for name, entry in told["models"].items()]
    voices = [VoicesEntry(name=name, **_frozen(entry)) for name, entry in told["voices"].items()]
    hearing = [HearingEntry(name=name, **_frozen(entry)) for name, entry in told["hearing"].items()]
    ordered = sorted(entries, key=lambda e: (e.parameters, e.name))
    return Catalogue(told["date"], tuple(ordered), tuple(voices), tuple(hearing))
