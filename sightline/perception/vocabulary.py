"""What the networks' kinds are called: words for each, and the broader kinds above them.

The data come with `sightline-weights`; they were made of WordNet by `training/eyes`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ThingKind:
    """A kind of the detector: how it is named, what else people call it, what it is one of.

    `classes` are the classifier's kinds that are of this kind.
    """

    name: str
    words: frozenset[str]
    above: frozenset[str]
    classes: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Node:
    """A broader kind of the classifier's. `name` is empty where nobody would say it."""

    name: str
    words: tuple[str, ...]
    members: NDArray[np.intp]


@dataclass(frozen=True)
class Vocabulary:
    """All of it. `things` are by the detector's numbers, `classes` by the classifier's."""

    things: dict[int, ThingKind]
    classes: tuple[tuple[str, tuple[str, ...]], ...]
    ids: tuple[str, ...]  # WordNet 3.0's of the classes
    nodes: tuple[Node, ...]
    weights: dict[str, Any]
    _members: dict[str, NDArray[np.intp]] = field(default_factory=dict, repr=False)

    def members(self, word: str) -> NDArray[np.intp]:
        """Number the classes that a word names, alone or as a broader kind; none of others."""
        if word not in self._members:
            found = {i for i, (_, words) in enumerate(self.classes) if word in words}
            found |= {int(i) for node in self.nodes if word in node.words for i in node.members}
            self._members[word] = np.array(sorted(found), np.intp)
        return self._members[word]


def read(folder: Path) -> Vocabulary:
    """Read `vocabulary.json` of a folder. Raises `OSError`, `ValueError` and `KeyError`."""
    told = json.loads((folder / "vocabulary.json").read_text("utf-8"))
    things = {
        int(number): ThingKind(
            one["name"], frozenset(one["words"]), frozenset(one["above"]),
            np.array(one["classes"], np.intp),
        )
        for number, one in told["things"].items()
    }  # fmt: skip
    classes = tuple((one["name"], tuple(one["words"])) for one in told["classes"])
    nodes = tuple(
        Node(one["name"], tuple(one["words"]), np.array(one["members"], np.intp))
        for one in told["nodes"]
    )
    ids = tuple(one["id"] for one in told["classes"])
    return Vocabulary(things, classes, ids, nodes, told["weights"])


@cache
def vocabulary() -> Vocabulary | None:
    """Give that of the installed weights; None where they are missing or damaged."""
    try:
        from sightline_weights import FOLDER

        return read(FOLDER)
    except (ImportError, OSError, ValueError, KeyError):
        return None
