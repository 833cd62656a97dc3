"""How well the ear tells what questions about photographs ask for.

    python bench/asks.py [--worst]

The wordings of `held_out_asks.toml` were written without sight of those that it was trained on
(`training/ear/asks`). A question whose kind is not sure is declined: it is understood by rules then.
"""

from __future__ import annotations

import argparse
import random
import sys
import tomllib
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sightline.engines.embedded.ear import ear
from sightline.engines.reader.asking import SURE
from training.ear.asks import filled


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
    table = tomllib.loads((Path(__file__).parent / "held_out_asks.toml").read_text("utf-8"))
    for intent, languages in table.items():
        for language, texts in languages.items():
            for text in texts:
                question = filled(text, dice)
                likely = heard.matcher.intents(heard.matcher.meaning(question))
                told = max(likely, key=likely.__getitem__)
                sure = likely[told]
                outcome = "declined" if sure < SURE else "right" if told == intent else "wrong"
                counts.setdefault("English" if language == "en" else "others", Counter())[
                    outcome
                ] += 1
                if options.worst and outcome == "wrong":
                    print(f"{question}\n    taken for {told} ({sure:.2f}), is {intent}")
    print(f"{'language':<12} {'right':>7} {'declined':>9} {'wrong':>7} {'of':>5}")
    for language, found in counts.items():
        total = found.total()
        shares = [found[outcome] / total for outcome in ("right", "declined", "wrong")]
        print(f"{language:<12} {shares[0]:>7.1%} {shares[1]:>9.1%} {shares[2]:>7.1%} {total:>5}")


if __name__ == "__main__":
    main()
