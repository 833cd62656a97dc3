"""How likely things are there, by how likely each that was found is right."""

from __future__ import annotations

import numpy as np
import pytest

from sightline.engines.embedded.eyes.lexicon import Meant
from sightline.engines.embedded.eyes.likelihood import MISSED, there
from sightline.perception.rows import Box
from sightline.perception.things import Sighting, Thing
from sightline.perception.vocabulary import ThingKind

NAMES = ("cat", "dog", "horse", "sheep", "cow", "bear", "zebra", "bird")
ANIMAL = Meant("animal", False, frozenset(NAMES), frozenset())


def thing(name: str, probability: float) -> Thing:
    kind = ThingKind(name, frozenset((name,)), frozenset(), np.empty(0, np.intp))
    return Thing(kind, probability, Box(0, 0, 9, 9), 0.1, None)


def meant(name: str) -> Meant:
    return Meant(name, False, frozenset((name,)), frozenset())


def test_the_surest_thing_counts_and_more_than_by_itself() -> None:
    seen = Sighting((thing("cat", 0.6), thing("cat", 0.9)), None, (thing("dog", 0.2),))
    assert there(meant("cat"), seen) == there(meant("cat"), Sighting((thing("cat", 0.9),), None))
    cat, dog = there(meant("cat"), seen), there(meant("dog"), seen)
    assert cat is not None
    assert dog is not None
    assert 0.9 < cat < 1
    assert 0.2 < dog < 0.4
    both = there(Meant("pet", False, frozenset(("cat", "dog")), frozenset()), seen)
    assert both == pytest.approx(1 - (1 - cat) * (1 - dog))


def test_nothing_found_is_not_nothing_there() -> None:
    nothing = Sighting((), None)
    assert there(meant("cat"), nothing) == MISSED
    assert there(ANIMAL, nothing) is None  # one may be there that is not known
    assert there(Meant("piano", False, frozenset(), frozenset()), nothing) is None


def test_however_much_is_found_nothing_is_certain() -> None:
    found = there(ANIMAL, Sighting(tuple(thing(name, 1.0) for name in NAMES), None))
    assert found is not None
    assert 0.999 < found < 1
