"""How well the ear tells what questions about photographs ask for.

    python bench/asks.py [--worst]

The wordings of `held_out_asks.toml` were written without sight of those that it was trained on
(`training/ear/asks`), and those of `held_out_languages.toml` without sight of the dictionaries of
`sightline/engines/embedded/languages`. A question whose kind is not sure is declined: it is understood
by rules then. Kinds that are answered alike ("describe" and "brief") count as one; in another language
the things that are named have to be understood too.
"""

from __future__ import annotations

import argparse
import random
import sys
import tomllib
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sightline.engines.embedded import languages as languages_
from sightline.engines.embedded.ear.listening import ear
from sightline.engines.embedded.eyes.by_intent import SURE
from sightline.engines.embedded.eyes.lexicon import Meant, meant
from training.ear.asks import filled

_ALIKE: tuple[set[str], ...] = (
    {"exists", "exists_not", "exists_number", "exists_colour", "exists_side"},
    {"count", "count_colour"},
    {"describe", "brief", "caption"},
    {"list", "list_json"},
    {"beside", "beside_yes"},
)


def of(wanted: Meant) -> tuple[frozenset[str], frozenset[int]]:
    """Give what a name means, whatever word it is said by."""
    return wanted.things, wanted.classes


def main() -> None:
    """Ask, judge, print."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--worst", action="store_true", help="print what is taken for something else")
    options = made.parse_args()
    heard = ear(2)
    if heard is None:
        sys.exit("The ear's weights are missing.")
    dice = random.Random(7)
    counts: dict[str, Counter[str]] = {}
    folder = Path(__file__).parent
    table = tomllib.loads((folder / "held_out_asks.toml").read_text("utf-8"))
    asked: list[tuple[str, str, str, list[str]]] = [
        (language, intent, filled(text, dice), [])
        for intent, languages in table.items()
        for language, texts in languages.items()
        for text in texts
    ]
    others = tomllib.loads((folder / "held_out_languages.toml").read_text("utf-8"))["question"]
    asked += [(one["language"], one["intent"], one["text"], one["things"]) for one in others]
    for language, intent, question, things in asked:
        english = languages_.english(question)
        likely = heard.matcher.intents(heard.matcher.meaning(english))
        told = max(likely, key=likely.__getitem__)
        alike = told == intent or any({told, intent} <= group for group in _ALIKE)
        named = meant(english)
        known = all(
            any(of(one) == of(wanted) for one in named) for wanted in meant(". ".join(things))
        )
        outcome = "declined" if likely[told] < SURE else "right" if alike and known else "wrong"
        counts.setdefault(language, Counter())[outcome] += 1
        if options.worst and outcome == "wrong":
            print(f"{question}\n    {english}\n    taken for {told}, is {intent} of {things}")
    counts["not English"] = sum((c for name, c in counts.items() if name != "en"), Counter())
    print(f"{'language':<12} {'right':>7} {'declined':>9} {'wrong':>7} {'of':>5}")
    for language, found in counts.items():
        total = found.total()
        shares = [found[outcome] / total for outcome in ("right", "declined", "wrong")]
        print(f"{language:<12} {shares[0]:>7.1%} {shares[1]:>9.1%} {shares[2]:>7.1%} {total:>5}")


if __name__ == "__main__":
    main()
