"""Questions about photographs, by what they ask for: wordings of `asks/*.toml` filled with things."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sightline.engines.embedded.ear.intents import INTENTS
from sightline.engines.embedded.eyes.lexicon import a, plural
from sightline.perception import colours
from sightline.perception.vocabulary import vocabulary

_SIDES = "left|right|top|bottom|middle|left side|right-hand side|top left|bottom right|centre|background|upper half".split("|")  # fmt: skip
_NUMBERS = "1 2 3 4 5 6 8 10 one two three four five six seven".split()
_BROAD = "animal vehicle fruit furniture bird dog person food appliance instrument insect flower tool pet plant building".split()  # fmt: skip


@cache
def wordings(folder: str = "asks") -> tuple[tuple[int, str, str], ...]:
    """Give (intent, language, wording) of all files of a folder beside this file."""
    made = []
    for path in sorted((Path(__file__).parent / folder).glob("*.toml")):
        for intent, told in tomllib.loads(path.read_text("utf-8")).items():
            for language, texts in told.items():
                made += [(INTENTS.index(intent), language, text) for text in texts]  # type: ignore[arg-type]
    return tuple(made)


@cache
def _names() -> tuple[str, ...]:
    known = vocabulary()
    if known is None:
        raise SystemExit("The words of sightline-weights are missing.")
    things = [kind.name for kind in known.things.values()]
    return tuple(things * 6 + [name for name, _ in known.classes])


def filled(wording: str, dice: random.Random) -> str:
    """Fill in things, colours, sides and numbers, and mend "a apple"."""
    one, other = dice.sample(_names(), 2)
    broad = dice.choice(_BROAD)
    given = {
        "thing": one, "things": plural(one), "other": other, "others": plural(other), "broad": broad,
        "broads": plural(broad), "colour": dice.choice((*colours.NAMES, "gray")).lower(),
        "side": dice.choice(_SIDES), "number": dice.choice(_NUMBERS),
    }  # fmt: skip

    def put(found: re.Match[str]) -> str:
        name = given.get(found[3], found[3])
        if found[2]:
            name = a(name) if found[3] in ("thing", "other", "broad") else f"{found[2]}{name}"
            return name[0].upper() + name[1:] if found[2][0] == "A" else name
        return name

    return re.sub(r"(\b([Aa]n? ))?\{(\w+)\}", put, wording)


def asked(dice: random.Random) -> Iterator[tuple[int, str]]:
    """Give (intent, question) for ever, each intent alike often, foreign wordings now and then."""
    by_intent: dict[int, tuple[list[str], list[str]]] = {}
    for intent, language, text in wordings():
        english, foreign = by_intent.setdefault(intent, ([], []))
        (english if language == "en" else foreign).append(text)
    intents = sorted(by_intent)
    while True:
        intent = dice.choice(intents)
        english, foreign = by_intent[intent]
        chosen = foreign if foreign and (not english or dice.random() < 0.15) else english
        text = filled(dice.choice(chosen), dice)
        if dice.random() < 0.25:
            text = text.lower()
        if dice.random() < 0.25:
            text = text.rstrip("?.! ")
        yield intent, text
