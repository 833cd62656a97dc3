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
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import held_out_papers
from bench.ear import Asked, Said, alike, chosen_on, judge, questions
from bench.eyes import picture
from sightline.engines.embedded.answer import by_rules
from sightline.engines.embedded.ask import Asked as Asking
from sightline.engines.embedded.ask import understand
from sightline.engines.embedded.convert import MISSING
from sightline.engines.embedded.ear.confidence import FEATURES
from sightline.engines.embedded.ear.linearised import STOP
from sightline.engines.embedded.ear.listening import Ear
from sightline.engines.embedded.ear.matcher import FILES
from sightline.engines.embedded.evidence import Exhibit, exhibit
from sightline.engines.embedded.languages import english
from sightline.engines.embedded.paper import concepts
from sightline.engines.embedded.structured.json_value import printed
from sightline.perception.survey import Survey, survey
from sightline.perception.text import TextReader
from sightline.workers import Stop
from training.ear import subjects
from training.ear.examples import Asker, Example, number_of, page_of
from training.ear.paper import Paper, draw, render, wear

# From what probability on an answer is given, and a field of JSON: a wrong one costs more than a right
# one gains. The others were set by hand on the same kinds: when what both the ear and rules find by a
# label that the question names is answered; when another answer than one that rules looked up exactly;
# when yes or no is said, rather than what is printed; from what belief in another fact on those of
# fields are doubted.
_BOUNDS = {
    "answer": 0.75,
    "alike": 0.4,
    "field": 0.5,
    "exact": 0.8,
    "judged": 0.7,
    "field veto": 0.2,
}
# What a question about held papers says beside one of the bench, worded freely: less, where their
# writers wrote others that are learned from.
_OF_HELD, _OF_NEAR = 0.3, 0.1
_PULL = 2.0  # towards weights of nothing
_PAGES, _A_PAGE = 300, 14  # of held papers, and questions of each
_WORKED_OUT = ("own count", "own sum", "own difference", "own most", "own least")
_SORTS = ("own", "own list", "own yes or no", "absent", *_WORKED_OUT)


@dataclass
class Rows:
    """What tells how likely answers are right, by features, and whether each is."""

    told: list[list[float]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)  # how much each does

    def __add__(self, other: Rows) -> Rows:
        return Rows(self.told + other.told, self.right + other.right, self.counts + other.counts)

    def add(self, told: list[float], *, right: bool) -> None:
        self.told.append(told)
        self.right.append(right)
        self.counts.append(1.0)

    def counting(self, share: float) -> Rows:
        """Give the same with so much less to say."""
        return Rows(self.told, self.right, [share] * len(self.told))

    def arrays(self) -> tuple[NDArray[np.float64], ...]:
        return tuple(np.array(some, np.float64) for some in (self.told, self.right, self.counts))


def rows(ear: Ear, asked: Iterable[tuple[Asked, Survey]]) -> Rows:
    """Ask the ear, and rules; give a row for each answer."""
    made = Rows()
    pages: dict[int, Exhibit] = {}  # each is encoded once for all questions about it
    for one, looked in asked:
        if id(looked) not in pages:
            pages[id(looked)] = exhibit(1, looked, ear)
        page, question = pages[id(looked)], english(one.text)
        clauses = understand(question, 1).clauses
        heard = page.ear.hear(clauses[0].text) if page.ear is not None else None
        if heard is None or heard.match.operation == "whole" or len(clauses) != 1:
            continue
        said, exact = by_rules(clauses[0], Asking(clauses), page)
        if exact:
            continue
        known = concepts.named(clauses[0].text) is not None
        if heard.answer is not None and heard.match.operation != "none":
            # Of the row with the most it is known how much that is, which is told beside its name.
            ranks = heard.match.operation in ("most", "least")
            value = heard.answer.note if ranks and one.form == "number" else heard.answer.value
            made.add(heard.features(said, known=known), right=_is_right(one, value))
    return made


def fields(ear: Ear, asked: Iterable[tuple[str, tuple[str, ...], Survey]]) -> Rows:
    """Fill fields by their names, as JSON's are; give a row for each."""
    made = Rows()
    pages: dict[int, Exhibit] = {}
    for name, wanted, looked in asked:
        if id(looked) not in pages:
            pages[id(looked)] = exhibit(1, looked, ear)
        page = pages[id(looked)]
        heard = page.ear.field(name) if page.ear is not None else None
        if heard is None:
            continue
        found = printed(page.sheet, name, "", "string", ())
        said = None if found is MISSING else str(found)
        known = concepts.named(name) is not None
        if heard.answer is not None:
            made.add(
                heard.features(said, known=known),
                right=any(alike(heard.answer.value, one) for one in wanted),
            )
    return made


def _names(paper: Paper, others: Sequence[Paper]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give names of fields of a paper with what each may hold; nothing, where it is another's."""
    named = _named(paper)
    for name, texts in named.items():
        yield name, tuple(texts)
    text = " ".join(cell.text for cell in paper.cells).lower()
    for other in others:
        for name in _named(other):
            if name not in named and not any(word in text for word in name.split()):
                yield name, ()


def _named(paper: Paper) -> dict[str, list[str]]:
    """Give what a paper tells by the names that its writers gave it, and by its labels."""
    found: dict[str, list[str]] = {}
    for fact in paper.facts:
        label = " ".join(paper.cells[s.cell].text[s.start : s.end] for s in fact.label)
        slot = fact.meaning.split("/")[-1].replace("_", " ")
        for name in (label, slot):
            name = re.sub(r"[^\w ]", " ", name).strip().lower()
            if len(name) > 3 and re.fullmatch(r"[a-z ]+", name):
                found.setdefault(name, []).append(fact.value)
    return found


def _is_right(one: Asked, value: str) -> bool:
    """Judge a bare value; of a held paper it has all words that say something and few beside."""
    if one.form == "number":
        return number_of(value) == float(one.right[0][0])
    wanted = {word for texts in one.right for word in _said(texts[0])}
    if not one.page.startswith("held/") or one.form != "list" or not wanted:
        return judge(one, Said(value, None, 0)) == "right"
    said = _said(value)
    return wanted <= said and len(said) <= 1.6 * len(wanted) + 2


def _said(text: str) -> set[str]:
    """Give the words of a text that say something, currencies left out: those are cut at times."""
    return set(re.findall(r"[^\W_]+", text.lower())) - STOP - _CURRENCIES


_CURRENCIES = frozenset("inr usd eur aud gbp cad chf".split())


def held(count: int, reader: TextReader) -> Iterator[tuple[Survey, list[Asked], Paper]]:
    """Draw, wear and read held papers; give what may be asked about each, and the paper."""
    dice = random.Random(5)
    asker = Asker(dice)
    for seed in range(count):
        paper = draw("held_document", seed)
        image = wear(render(paper), seed) if seed % 2 else render(paper)
        looked = survey(picture(np.asarray(image.convert("RGB")), "high"), reader, None, Stop())
        page = page_of(paper, dice)
        made = [e for e in asker.examples(page, _A_PAGE) if e.sort in _SORTS]
        yield looked, [_asked(example, f"held/{seed}") for example in made], paper


def _asked(example: Example, name: str) -> Asked:
    """Say what makes an answer right: every run of words that is marked."""
    if example.operation in ("yes", "no"):
        return Asked(name, example.question, "yes_no", right=((example.operation,),))
    if example.operation == "none":
        return Asked(name, example.question, "unanswerable")
    if example.result is not None:
        return Asked(name, example.question, "number", right=((f"{example.result:.6g}",),))
    runs: list[list[int]] = []
    for number in sorted(example.marks):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = example.page.words
    texts = [" ".join(words[n].text for n in run).strip(" .,;:()") for run in runs]
    return Asked(name, example.question, "list", right=tuple((text,) for text in texts if text))


def fitted(
    told: NDArray[np.float64], right: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fit a logistic regression by Newton's method, all weights but the first pulled to nothing."""
    weights = np.zeros(told.shape[1])
    pull = np.full(told.shape[1], _PULL)
    pull[0] = 0
    for _ in range(60):
        p = 1 / (1 + np.exp(-told @ weights))
        slope = told.T @ (counts * (p - right)) + pull * weights
        bend = (told.T * (counts * p * (1 - p))) @ told + np.diag(pull + 1e-6)
        weights -= np.linalg.solve(bend, slope)
    return weights


def write(folder: Path, weights: dict[str, list[float]], bounds: dict[str, float]) -> None:
    """Write `ear.json` with the hashes of the files beside it."""
    files = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in FILES}
    told: dict[str, object] = {"files": files, "bounds": bounds}
    told["weights"] = {name: [round(w, 3) for w in some] for name, some in weights.items()}
    (folder / "ear.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def surveys(names: Sequence[str], reader: TextReader) -> dict[str, Survey]:
    """Draw and read pages of the bench."""
    made = {}
    for name in names:
        pixels = np.asarray(held_out_papers.page(name).convert("RGB"))
        made[name] = survey(picture(pixels, "high"), reader, None, Stop())
        print(len(made), name, flush=True)
    return made


def _print(name: str, rows_: Rows, weights: NDArray[np.float64]) -> None:
    told, right, _ = rows_.arrays()
    likely = 1 / (1 + np.exp(-told @ weights))
    print(f"bound  given  right  ({name}: {len(right)}, {right.mean():.1%} right)")
    for at in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        kept = likely >= at
        share = right[kept].mean() if kept.any() else 0.0
        print(f"{at:5.1f} {kept.mean():6.1%} {share:6.1%}")


def _document(paper: Paper) -> int:
    """Number the document that a paper was drawn from."""
    return next(int(f.meaning.split("/")[2]) for f in paper.facts if f.meaning.startswith("own/d/"))


def _is_near(paper: Paper) -> bool:
    return subjects.documents()[_document(paper)].near


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
    nothing = [0.0] * FEATURES
    write(args.ear, {"answer": nothing, "field": nothing}, _BOUNDS)
    ear = Ear(args.ear, 2)
    half, other = (
        rows(ear, ((a, pages[a.page]) for a in every if (a.page.split("/")[0] in chosen) == mine))
        for mine in (True, False)
    )
    far, near = (
        rows(ear, ((a, looked) for looked, some, p in papers if _is_near(p) == so for a in some))
        for so in (False, True)
    )
    own = far.counting(_OF_HELD) + near.counting(_OF_NEAR)
    drawn = [paper for *_, paper in papers]
    named = [
        fields(
            ear,
            (
                (*one, looked)
                for at, (looked, _, paper) in enumerate(papers)
                if _document(paper) % 2 == side
                for one in _names(paper, [drawn[at - 1]])
            ),
        )
        for side in (0, 1)
    ]
    weights: dict[str, list[float]] = {}
    for name, (some, rest) in {
        "answer": (half + own, other),
        "field": (named[0], named[1]),
    }.items():
        found = fitted(*some.arrays())
        _print(f"{name}, fitted on", some, found)
        _print(f"{name}, not fitted on", rest, found)
        if name == "field":
            found = fitted(*(some + rest).arrays())
        weights[name] = [float(weight) for weight in found]
    write(args.ear, weights, _BOUNDS)


if __name__ == "__main__":
    main()
