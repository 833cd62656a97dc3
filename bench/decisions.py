"""How well the probabilities are calibrated with which the embedded engine decides.

    python -m bench.decisions [--photos FOLDER]

Of papers it asks about the kinds of page of `held_out_papers.py` that nothing was fitted or chosen on
(`bench.ear.chosen_on`: every other kind): predicates of `held_out_yes_no.toml`, and what
`held_out.toml` asks for in English as choices among the values that the other questions about the
page have. With `--photos`, COCO pictures with `labels.json`, it asks of those
between the weighed ones whether each kind of thing that the detector knows is there.

What is decided is compared with what is so, by how sure it was. The expected calibration error is
the distance between both, over tenths of the probability, each by how many decisions it has.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import ear, held_out_papers
from bench.eyes import Engine
from bench.photographs import photographs
from sightline.engines.embedded import deciding, words
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import lexicon
from sightline.perception.vocabulary import vocabulary
from sightline.types import Decide, Message, Option, Question, Text
from sightline.workers import Stop

_BINS = 10
Told = tuple[float, bool]  # how sure it was of what it said, and whether that is so


@dataclass(frozen=True, slots=True)
class Page:
    """A page with what is asked of it: values, and statements or questions with whether they are so."""

    exhibit: Exhibit
    values: list[ear.Asked]
    predicates: list[tuple[str, bool]]


def pages(*, measured: bool) -> Iterator[Page]:
    """Survey pages of the kinds that are measured, or of those between, with what is asked of each."""
    asked = [a for a in ear.questions() if a.language == "en" and a.form == "value"]
    chosen = ear.chosen_on(a.page for a in ear.questions())
    told = tomllib.loads(Path(__file__).with_name("held_out_yes_no.toml").read_text("utf-8"))
    engine = Engine(eyes=False, detail="high")
    for page, listed in told["page"].items():
        if (page.split("/")[0] in chosen) is not measured:
            predicates = [(text, so == "yes") for so in ("yes", "no") for text in listed[so]]
            looked = engine.look(np.asarray(held_out_papers.page(page).convert("RGB")))
            yield Page(looked, [a for a in asked if a.page == page], predicates)


def choices(asked: Sequence[ear.Asked]) -> Iterator[tuple[ear.Asked, tuple[str, ...]]]:
    """Give questions of values with what is to be chosen of: the right one first."""
    for each in asked:
        mine = {words.squash(text) for text in each.right[0]}
        others = {
            words.squash(other.right[0][0]): other.right[0][0]
            for other in asked
            if not mine & {words.squash(text) for text in other.right[0]}
        }
        if others:
            yield each, (each.right[0][0], *others.values())


def decide(decided: Decide, text: str, exhibit: Exhibit) -> tuple[float, ...]:
    """Decide one question; give the probabilities, none where it is refused."""
    shown = Message("user", (exhibit.survey.picture,))
    question = Question("", (shown, Message("user", (Text(text),))), decide=(decided,))
    return deciding.decided(question, [exhibit], Stop())[0][0].probabilities


def on_papers(made: Iterable[Page]) -> tuple[list[Told], list[Told], int, int]:
    """Decide about papers; give predicates and choices that were decided, and how many were asked."""
    judged, chosen, of_judged, of_chosen = list[Told](), list[Told](), 0, 0
    for page in made:
        for text, so in page.predicates:
            of_judged += 1
            if told := decide(Decide("predicate"), text, page.exhibit):
                judged.append((max(told), (told[0] > 0.5) == so))
        for each, labels in choices(page.values):
            of_chosen += 1
            choice = Decide("choice", tuple(map(Option, labels)))
            if told := decide(choice, each.text, page.exhibit):
                chosen.append((max(told), told.index(max(told)) == 0))
    return judged, chosen, of_judged, of_chosen


def on_photographs(folder: Path) -> tuple[list[Told], int]:
    """Decide of photographs whether each kind is there; give also how many were asked."""
    known, engine, told = vocabulary(), Engine(eyes=True, detail="high"), list[Told]()
    assert known is not None
    asked = 0
    for photograph in photographs(folder)[1::2]:
        exhibit = engine.look(photograph.pixels())
        marked = {thing.name for thing in photograph.things}
        for kind in known.things.values():
            asked += 1
            text = f"There is {lexicon.a(kind.name)}."
            if found := decide(Decide("predicate"), text, exhibit):
                told.append((max(found), (found[0] > 0.5) == (kind.name in marked)))
    return told, asked


def show(title: str, told: Sequence[Told], of: int) -> None:
    """Print how often what was decided is so, beside how sure it was."""
    if not told:
        print(f"{title}: none of {of} decided")
        return
    sure = np.array([p for p, _ in told])
    so = np.array([right for _, right in told], float)
    places = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    error = 0.0
    print(f"{title}: {len(told)} of {of} decided, {so.sum():.0f} right")
    print("   told  right   of")
    for place in range(_BINS):
        here = places == place
        if here.any():
            error += here.mean() * abs(sure[here].mean() - so[here].mean())
            print(f"  {sure[here].mean():5.3f}  {so[here].mean():5.3f}  {here.sum():4}")
    print(f"  expected calibration error {error:.3f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photos", type=Path, help="COCO pictures with labels.json")
    args = parser.parse_args()
    judged, chosen, of_judged, of_chosen = on_papers(pages(measured=True))
    show("papers, yes or no", judged, of_judged)
    show("papers, choices", chosen, of_chosen)
    show("papers, all", [*judged, *chosen], of_judged + of_chosen)
    if args.photos is not None:
        show("photographs, whether a kind is there", *on_photographs(args.photos))


if __name__ == "__main__":
    main()
