"""Fit how likely an answer is right, and write `ear.json`.

    python -m training.ear.bounds --ear FOLDER [--surveys FILE]

Asks about whole papers that the network has not learned from (`subjects/held_*.toml`), drawn, worn
and read as a user's are, and the held-out questions of `bench/held_out.toml` about every other kind
of its papers; what `bench/ear.py` prints of the kinds between is told by weights and bounds that
were not chosen on them. The weights are those of a logistic regression.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import held_out_papers
from bench.ear import Asked, Said, chosen_on, is_declined, judge, questions
from bench.eyes import picture
from sightline.engines.embedded.answer import answer
from sightline.engines.embedded.ear.layout import Layout
from sightline.engines.embedded.ear.listening import Ear, Listening
from sightline.engines.embedded.ear.matcher import FILES
from sightline.engines.embedded.ear.sureness import FEATURES
from sightline.engines.embedded.evidence import exhibit
from sightline.engines.embedded.languages import english
from sightline.perception.survey import Survey, survey
from sightline.perception.text import TextReader
from sightline.workers import Stop
from training.ear.examples import Asker, Example, page_of
from training.ear.paper import draw, render, wear

# From what probability on an answer is given: a wrong one costs somewhat more than a right one
# gains. The others were set by hand on the same kinds: when what rules and the ear both find is
# answered; when what rules know by name and do not find; when JSON's fields are; from what belief in
# another fact on rules are doubted, and those of fields.
_BOUNDS = {
    "answer": 0.55,
    "alike": 0.2,
    "known": 0.8,
    "field": 0.8,
    "veto": 0.4,
    "field veto": 0.2,
}
_PULL = 2.0  # towards weights of nothing
_PAGES, _A_PAGE = 160, 14  # of held papers, and questions of each
_SORTS = ("own", "own list", "own yes or no", "absent")


def rows(
    ear: Ear, asked: Sequence[tuple[Asked, Survey]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ask; give the features of each answer and whether it is right."""
    told, right = [], []
    pages: dict[int, Listening] = {}  # each is encoded once for all questions about it
    for one, looked in asked:
        if id(looked) not in pages:
            pages[id(looked)] = Listening(ear, looked, Layout(looked.rows))
        question = english(one.text)
        heard = pages[id(looked)].hear(question)
        if heard is None or heard.answer is None or heard.match.operation in ("none", "whole"):
            continue
        said = answer(question, [exhibit(1, looked)])
        rules = None if is_declined(Said(said, None, 0)) else said
        told.append(heard.features(rules))
        right.append(_is_right(one, heard.answer.value))
    return np.array(told, np.float64), np.array(right, np.float64)


def _is_right(one: Asked, value: str) -> bool:
    """Judge a value; of a held paper it may not hold much beside what was asked for."""
    wanted = sum(len(texts[0]) for texts in one.right)
    if one.page.startswith("held/") and one.form == "list" and len(value) > 2 * max(wanted, 8):
        return False
    return judge(one, Said(value, None, 0)) == "right"


def held(count: int, reader: TextReader) -> Iterator[tuple[Survey, list[Asked]]]:
    """Draw, wear and read held papers; give what may be asked about each."""
    dice = random.Random(5)
    asker = Asker(dice)
    for seed in range(count):
        paper = draw("held_document", seed)
        image = wear(render(paper), seed) if seed % 2 else render(paper)
        looked = survey(picture(np.asarray(image.convert("RGB")), "high"), reader, None, Stop())
        page = page_of(paper, dice)
        made = [e for e in asker.examples(page, _A_PAGE) if e.sort in _SORTS]
        yield looked, [_asked(example, f"held/{seed}") for example in made]


def _asked(example: Example, name: str) -> Asked:
    """Say what makes an answer right: every run of words that is marked."""
    if example.operation in ("yes", "no"):
        return Asked(name, example.question, "yes_no", right=((example.operation,),))
    if example.operation == "none":
        return Asked(name, example.question, "unanswerable")
    runs: list[list[int]] = []
    for number in sorted(example.marks):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = example.page.words
    texts = [" ".join(words[n].text for n in run).strip(" .,;:()") for run in runs]
    return Asked(name, example.question, "list", right=tuple((text,) for text in texts if text))


def fitted(told: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit a logistic regression by Newton's method, all weights but the first pulled to nothing."""
    weights = np.zeros(told.shape[1])
    pull = np.full(told.shape[1], _PULL)
    pull[0] = 0
    for _ in range(60):
        p = 1 / (1 + np.exp(-told @ weights))
        slope = told.T @ (p - right) + pull * weights
        bend = (told.T * (p * (1 - p))) @ told + np.diag(pull + 1e-6)
        weights -= np.linalg.solve(bend, slope)
    return weights


def write(folder: Path, weights: Sequence[float], bounds: dict[str, float]) -> None:
    """Write `ear.json` with the hashes of the files beside it."""
    files = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in FILES}
    told = {"files": files, "weights": [round(w, 3) for w in weights], "bounds": bounds}
    (folder / "ear.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def surveys(names: Sequence[str], reader: TextReader) -> dict[str, Survey]:
    """Draw and read pages of the bench."""
    made = {}
    for name in names:
        pixels = np.asarray(held_out_papers.page(name).convert("RGB"))
        made[name] = survey(picture(pixels, "high"), reader, None, Stop())
        print(len(made), name, flush=True)
    return made


def main() -> None:
    """Read the pages, ask, fit, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ear", type=Path, required=True)
    parser.add_argument("--surveys", type=Path, help="keep what was read here, and read it again")
    args = parser.parse_args()
    every = [asked for asked in questions() if asked.form != "json"]
    if args.surveys is not None and args.surveys.exists():
        pages, papers = pickle.loads(args.surveys.read_bytes())  # what was written here before
    else:
        reader = TextReader(2)
        papers = list(held(_PAGES, reader))
        pages = surveys(list(dict.fromkeys(asked.page for asked in every)), reader)
        if args.surveys is not None:
            args.surveys.write_bytes(pickle.dumps((pages, papers)))
    chosen = chosen_on(asked.page for asked in every)
    write(args.ear, [0.0] * FEATURES, _BOUNDS)
    ear = Ear(args.ear, 2)
    half, other = (
        rows(ear, [(a, pages[a.page]) for a in every if (a.page.split("/")[0] in chosen) == mine])
        for mine in (True, False)
    )
    own = rows(ear, [(asked, looked) for looked, some in papers for asked in some])
    both = np.concatenate((half[0], own[0])), np.concatenate((half[1], own[1]))
    weights = fitted(*both)
    for name, (told, right) in (("fitted on", both), ("kinds that were not chosen on", other)):
        likely = 1 / (1 + np.exp(-told @ weights))
        print(f"bound  given  right  ({name}: {len(right)} answers, {right.mean():.1%} right)")
        for at in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
            kept = likely >= at
            share = right[kept].mean() if kept.any() else 0.0
            print(f"{at:5.1f} {kept.mean():6.1%} {share:6.1%}")
    write(args.ear, [float(w) for w in weights], _BOUNDS)


if __name__ == "__main__":
    main()
