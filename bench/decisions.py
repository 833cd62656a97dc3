"""How well the probabilities are calibrated with which papers are decided.

    python -m bench.decisions

Asks what `held_out.toml` has about the pages of `held_out_papers.py`, in English: questions of yes or
no as predicates, and of values what a choice would take for right. What is decided is compared with
what is so, by how sure it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from bench import ear, held_out_papers
from bench.eyes import Engine
from sightline.engines.embedded import deciding
from sightline.engines.embedded.evidence import Exhibit

_BINS = ((0.0, 0.75), (0.75, 0.85), (0.85, 1.01))


def look(engine: Engine, page: str) -> Exhibit:
    """Survey a page."""
    return engine.look(np.asarray(held_out_papers.page(page).convert("RGB")))


def show(title: str, told: Sequence[tuple[float, bool]], of: int) -> None:
    """Print how often what was decided is so, beside how sure it was."""
    sure = sum(p for p, _ in told) / len(told)
    right = sum(so for _, so in told)
    print(f"{title}: {len(told)} of {of} decided, {right} right, {sure:.2f} sure on average")
    for low, high in _BINS:
        here = [so for p, so in told if low <= p < high]
        if here:
            print(f"  {low:.2f} to {high:.2f}: {sum(here)} of {len(here)} right")


def main() -> None:
    """Print the tables."""
    pages = defaultdict[str, list[ear.Asked]](list)
    for asked in ear.questions():
        pages[asked.page].append(asked)
    engine = Engine(eyes=False, detail="high")
    judged: list[tuple[float, bool]] = []
    quoted: list[tuple[float, bool]] = []
    counts = {"yes_no": 0, "value": 0}
    for page, asks in pages.items():
        english = [a for a in asks if a.language == "en" and a.form in counts]
        exhibit = look(engine, page) if english else None
        for asked in english:
            assert exhibit is not None
            counts[asked.form] += 1
            text = asked.text.rstrip("?.! ")
            if asked.form == "yes_no":
                share = deciding.printed(text, exhibit)
                so = any(v.lower().startswith("yes") for each in asked.right for v in each)
                if isinstance(share, float):
                    judged.append((max(share, 1 - share), (share > 0.5) == so))
            elif (found := deciding.value(text, exhibit)) is not None:
                outcome = ear.judge(asked, ear.Said(found[0], None, 0))
                quoted.append((found[1], outcome == "right"))
    show("yes or no", judged, counts["yes_no"])
    show("values", quoted, counts["value"])


if __name__ == "__main__":
    main()
