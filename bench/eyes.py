"""What the embedded engine sees in photographs, beside the same engine without eyes and a blind one.

    python bench/eyes.py --photos FOLDER --singles FOLDER [--half calibration]

`--photos` has COCO pictures with `labels.json`, `--singles` pictures of one kind each, named by its
synset. Of both, those at odd places by name are told: what was calibrated was calibrated on the
others (`python -m training.eyes.calibrate`), which `--half calibration` measures. Every figure is of
answers in words to questions in words; right, declined and wrong stand side by side.

A blind engine says what is most likely of any photograph: that there is a person, one of everything,
in the middle, and nothing else.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

import psutil

from bench.photographs import Photograph, overlap, photographs, read_pixels
from sightline.engines.embedded.answer import answer
from sightline.engines.embedded.ear.listening import ear
from sightline.engines.embedded.evidence import Exhibit, exhibit
from sightline.engines.embedded.eyes import lexicon
from sightline.engines.embedded.eyes.phrases import listing
from sightline.engines.embedded.eyes.phrases import where as place
from sightline.media.image_tokens import sight
from sightline.perception.rows import Box
from sightline.perception.survey import survey
from sightline.perception.text import TextReader
from sightline.perception.things import Eyes
from sightline.perception.vocabulary import Vocabulary, vocabulary
from sightline.types import Detail, Picture
from sightline.workers import Stop

BIG = 0.03  # share of the picture
_NEAR = 0.08  # of a side
_EXISTS = (
    "Is there {a} in this picture?", "Do you see {a}?", "Are there any {many}?", "Can you spot {a} here?",
    "Does this photo show {a}?", "Any {many} in this image?",
)  # fmt: skip
_COUNT = (
    "How many {many} are there?",
    "How many {many} can you see?",
    "Count the {many}.",
    "What is the number of {many} in the photo?",
)
_WHERE = (
    "Where is the {one}?",
    "Where in the picture is the {one}?",
    "In which part of the image is the {one} located?",
)


def picture(pixels: NDArray[np.uint8], detail: Detail) -> Picture:
    """Make a picture as the server does, without its decoding."""
    from sightline.media.image import digest, shrink

    seen = sight("gpt-4o", pixels.shape[1], pixels.shape[0], detail)
    small = shrink(pixels, (seen.width, seen.height))
    return Picture(
        small, (small,), (pixels.shape[1], pixels.shape[0]), seen, digest(small), "", detail
    )


class Engine:
    """The engine without a server; `eyes` may be left out."""

    def __init__(self, *, eyes: bool, detail: Detail) -> None:
        self._reader, self._detail = TextReader(2), detail
        loaded = Eyes(2) if eyes else None
        self._eyes = (lambda: loaded) if loaded is not None else None

    def look(self, pixels: NDArray[np.uint8]) -> Exhibit:
        """Survey a picture."""
        looked = survey(picture(pixels, self._detail), self._reader, self._eyes, Stop())
        return exhibit(1, looked, ear(2))


Ask = Callable[[str], str]


def _yes(said: str) -> bool | None:
    if re.match(r"yes\b|i see (?!no)", said, re.IGNORECASE) and not said.startswith("I see none"):
        return True
    return False if re.match(r"no\b|i see no", said, re.IGNORECASE) else None


def _number(said: str) -> int | None:
    if re.match(r"i see none|none|no\b", said, re.IGNORECASE):
        return 0
    told = re.search(rf"\b(\d+|{'|'.join(lexicon.NUMBERS)})\b", said, re.IGNORECASE)
    if told is None or "can't" in said:
        return None
    word = told[1].lower()
    return int(word) if word.isdigit() else lexicon.NUMBERS.index(word)


class Score:
    """Right, declined and wrong answers, by what was asked."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}

    def add(self, what: str, right: bool | None) -> None:
        """Count one; None is a declined answer."""
        outcome = "declined" if right is None else ("right" if right else "wrong")
        self.counts.setdefault(what, Counter())[outcome] += 1

    def lines(self) -> list[str]:
        """Write them."""
        made = []
        for what, found in self.counts.items():
            total = sum(found.values())
            shares = "  ".join(
                f"{name} {found[name] / total:4.0%}" for name in ("right", "declined", "wrong")
            )
            made.append(f"  {what:<34} {shares}   of {total}")
        return made


def _questions(
    photograph: Photograph,
    score: Score,
    ask: Ask,
    named: set[str],
    chance: random.Random,
    kinds: list[str],
) -> None:
    present = {thing.name for thing in photograph.things}
    crowded = {thing.name for thing in photograph.things if thing.crowd}
    big = {thing.name for thing in photograph.things if thing.share >= BIG and not thing.crowd}
    for name in sorted(big):
        score.add("big things named", name in named or None)
    for name in sorted(named):
        score.add("what is named is there", name in present)
    absent = chance.sample([k for k in kinds if k not in present], max(1, len(big)))
    for name in [*sorted(big), *absent]:
        words = {"a": lexicon.a(name), "many": lexicon.plural(name)}
        said = _yes(ask(chance.choice(_EXISTS).format(**words)))
        score.add("yes or no", None if said is None else said == (name in present))
    for name in sorted(big - crowded):
        there = [thing for thing in photograph.things if thing.name == name]
        if 1 <= len(there) <= 5:
            number = _number(ask(chance.choice(_COUNT).format(many=lexicon.plural(name))))
            score.add(
                "counts from one to five, exactly",
                None if number in (None, 0) else number == len(there),
            )
        if len(there) == 1:
            said_where = ask(chance.choice(_WHERE).format(one=name))
            said_places = _places(said_where)
            score.add(
                "places",
                None
                if not said_places
                else bool(said_places & _expected(there[0].box, photograph)),
            )


def _places(said: str) -> set[str]:
    found = re.search(
        r"at the (?:top|bottom|middle)(?: left| right)?|in the middle|filling most", said
    )
    return {found[0]} if found else set()


def _expected(box: tuple[float, float, float, float], photograph: Photograph) -> set[str]:
    """Name a thing's place, and what it is called a little further to any side, which is no error."""
    width, height = photograph.size
    share = (box[2] - box[0]) * (box[3] - box[1]) / (width * height)
    near = {
        place(Box(box[0] + x, box[1] + y, box[2] + x, box[3] + y), width, height)
        for x in (-_NEAR * width, 0, _NEAR * width)
        for y in (-_NEAR * height, 0, _NEAR * height)
    }
    return near | ({"filling most"} if share > 0.4 else set())


def _measure(
    photos: list[Photograph], engine: Engine | None, score: Score, kinds: list[str]
) -> float:
    spent = 0.0
    for photograph in photos:
        chance = random.Random(photograph.file.name)
        if engine is None:
            _questions(photograph, score, _blind, {"person"}, chance, kinds)
            continue
        begin = time.process_time()
        looked = engine.look(photograph.pixels())
        spent += time.process_time() - begin
        seen = looked.survey.seen
        named = {name for name, _ in listing(seen)} if seen is not None else set()
        ask = partial(_answered, looked)
        _questions(photograph, score, ask, named, chance, kinds)
    return spent / len(photos)


def _answered(looked: Exhibit, text: str) -> str:
    return answer(text, [looked])


def _blind(text: str) -> str:
    if re.search(r"how many|count|number", text, re.IGNORECASE):
        return "One."
    if re.search(r"where|which part", text, re.IGNORECASE):
        return "It is in the middle."
    return "Yes" if re.search(r"person|people", text) else "No"


def _singles(
    folder: Path, begin: int, known: Vocabulary, engine: Engine
) -> tuple[list[str], list[str]]:
    """Name pictures of one kind each: at top 1, at top 5, and as the answers do, by the tree."""
    top, five = Score(), Score()
    tree = Score()
    wrong = []
    for file in sorted(folder.glob("*.jpg"))[begin::2]:
        number = known.ids.index(file.name.split("_")[0])
        looked = engine.look(read_pixels(file))
        seen = looked.survey.seen
        if seen is None or seen.kinds is None:
            tree.add("named by the tree", None)
            continue
        order = seen.kinds.probabilities.argsort()[::-1]
        top.add("top 1", int(order[0]) == number)
        five.add("among the top 5", number in order[:5])
        best = seen.kinds.best
        if best is None:
            tree.add("named by the tree", None)
            continue
        members = {known.classes.index(one) for one in known.classes if one[0] == best[0]}
        members |= {int(i) for node in known.nodes if node.name == best[0] for i in node.members}
        tree.add("named by the tree", number in members)
        if number not in members:
            wrong.append(f"{file.stem} as {best[0]}")
    return [*top.lines(), *five.lines(), *tree.lines()], wrong


def _reliability(photos: list[Photograph], engine: Engine) -> list[str]:
    """Say how often things told with some probability are there: the box, and its kind at all."""
    told: list[tuple[float, bool, bool]] = []
    for photograph in photos:
        survey = engine.look(photograph.pixels()).survey
        for t in survey.seen.things if survey.seen else ():
            same = [thing for thing in photograph.things if thing.name == t.name]
            x0, y0, x1, y1 = survey.picture.as_sent(t.box)
            right = any(one.crowd or overlap((x0, y0, x1, y1), one.box) >= 0.4 for one in same)
            told.append((t.probability, right, bool(same)))
    table = np.array(told, float).reshape(-1, 3)
    probabilities, boxed, named = table[:, 0], table[:, 1], table[:, 2]
    lines, errors = [], [0.0, 0.0]
    for low in (0.5, 0.6, 0.7, 0.8, 0.9):
        here = (low <= probabilities) & (probabilities < low + 0.1)
        if here.any():
            mean = probabilities[here].mean()
            for at, column in enumerate((boxed, named)):
                errors[at] += abs(mean - column[here].mean()) * here.sum() / len(told)
            lines.append(
                f"  told with {low:.1f} to {low + 0.1:.1f}: {boxed[here].mean():.0%} of {here.sum()} boxes"
                f" right, {named[here].mean():.0%} of their kinds there"
            )
    return [
        *lines,
        f"  expected calibration error {errors[0]:.3f} of boxes, {errors[1]:.3f} of kinds",
    ]


def _memory(photos: Path, half: str, detail: Detail, *, eyes: bool) -> float:
    """Measure what a process grows by over the pictures, in MiB: one of its own, which did nothing."""
    told = [sys.executable, __file__, "--photos", str(photos), "--half", half, "--memory", detail]
    done = subprocess.run(
        told if eyes else [*told, "--blind"], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--singles", type=Path)
    parser.add_argument("--half", choices=("told", "calibration"), default="told")
    parser.add_argument("--memory", choices=("low", "high"), help=argparse.SUPPRESS)
    parser.add_argument("--blind", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    begin = 1 if args.half == "told" else 0
    known = vocabulary()
    if known is None:
        sys.exit("the weights of the eyes are not installed")
    photos = photographs(args.photos)[begin::2]
    kinds = sorted(kind.name for kind in known.things.values())
    if args.memory:
        process = psutil.Process()
        before = process.memory_info().rss
        engine = Engine(eyes=not args.blind, detail=args.memory)
        _measure(photos, engine, Score(), kinds)
        print((process.memory_info().rss - before) / 2**20)
        return
    score = Score()
    _measure(photos, None, score, kinds)
    print("\n".join(["A blind engine", *score.lines()]))
    score = Score()
    _measure(photos, Engine(eyes=False, detail="low"), score, kinds)
    print("\n".join(["Without eyes (as 0.1.0 was)", *score.lines()]))
    details: tuple[Detail, ...] = ("low", "high")
    for detail in details:
        without, score = Engine(eyes=False, detail=detail), Score()
        plain = _measure(photos[:12], without, Score(), kinds)
        engine = Engine(eyes=True, detail=detail)
        seconds = _measure(photos, engine, score, kinds)
        title = f"With eyes, detail {detail}: {1000 * (seconds - plain):.0f} ms of processor time more a picture"
        reads, sees = (_memory(args.photos, args.half, detail, eyes=eyes) for eyes in (False, True))
        held = f"{title}, {sees - reads:.0f} MiB more memory than the {reads:.0f} of what reads"
        print("\n".join([held, *score.lines()]))
        print("\n".join(_reliability(photos, engine)))
    if args.singles is not None:
        lines, wrong = _singles(args.singles, begin, known, Engine(eyes=True, detail="low"))
        print("\n".join(["Pictures of one kind each", *lines, *(f"    {one}" for one in wrong)]))


if __name__ == "__main__":
    main()
