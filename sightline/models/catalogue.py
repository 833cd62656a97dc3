"""The catalogue of open models and voices: what there is to pull, and what it will take."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sightline.models.store import canonical

# Bits for each weight of llama.cpp's quantisations (its quantize tool's table), for sizes that the
# hub has not told yet.
_BITS = {"F16": 16.0, "Q8_0": 8.5, "Q4_K_M": 4.85, "IQ2_M": 2.7}
_OVERHEAD = 400_000_000  # bytes of cache and buffers in use, beside the weights


@dataclass(frozen=True, slots=True)
class Entry:
    """One model. `parameters` are in billions; `bytes` of 0 means that the size is not known."""

    name: str
    repo: str
    quantisation: str
    parameters: float
    licence: str
    languages: str
    good_at: str
    source: str
    bytes: int = 0
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
class Catalogue:
    """All entries, smallest first, as they were on `date`."""

    date: str
    entries: tuple[Entry, ...]
    voices: tuple[VoicesEntry, ...]

    def find(self, name: str) -> Entry | None:
        """Give the entry of a name."""
        return next((entry for entry in self.entries if entry.name == canonical(name)), None)


@cache
def catalogue() -> Catalogue:
    """Read the catalogue."""
    text = Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    entries = [Entry(name=name, **entry) for name, entry in told["models"].items()]
    voices = [
        VoicesEntry(name=name, **{**entry, "files": tuple(entry["files"])})
        for name, entry in told["voices"].items()
    ]
    ordered = sorted(entries, key=lambda e: (e.parameters, e.name))
    return Catalogue(told["date"], tuple(ordered), tuple(voices))
