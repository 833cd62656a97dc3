"""Measure from which probability on the model's answers are right nine times in ten, and choose it.

    python -m training.nano.bound [--count 412] [--cache FOLDER]

Each question is asked in words that no lesson has, of a drawing whose things are from the set that was
never trained on, or of a page in typefaces held back. It goes the way of a user's through the embedded
engine, and counts where the reader leaves it to the model: what the reader answers itself is drawn anew.
An answer that the model itself declines is none.

Printed is, for each kind of question as the engine tells them apart, how much of what is answered is
right, and how many answers these are, by bounds of the least likely token's probability. On every other
question the smallest bound is chosen from which the precision is 90 % or more by its lower confidence
bound (Wilson's, one-sided, 90 %); what holds there is told of the questions between. A kind for which
there is none is left to the reader: `SURE` of `sightline/engines/nano.py`. The mean of the tokens and
the first are tried beside the least.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from sightline.api import chat
from sightline.engines.nano import Nano, kind
from sightline.pipeline import Pipeline
from sightline.settings import load
from sightline.types import Delta
from training.nano import pages, questions, things, world
from training.nano.questions import a, plural
from training.nano.things import CACHE, Sprite

WANTED = 0.9
_Z = 1.282  # of a normal distribution, above which a tenth lies
_FIRST = 30_000_000  # a seed that neither lessons nor the tables have
_BOUNDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
_SIZES = ((256, 256), (384, 384), (512, 384), (768, 768))
_TRIES = 8  # drawings for each question that is wanted
_DECLINED = re.compile(r"can't (?:tell|read)", re.IGNORECASE)
Set = dict[str, list[Sprite]]
Rights = frozenset[str]


@dataclass(frozen=True)
class Item:
    """A question about a picture, and all answers that are right."""

    picture: world.Pixels
    question: str
    rights: Rights


@dataclass(frozen=True)
class Answer:
    """What kind of question it was, whether its answer is right, and how sure the model was."""

    kind: str
    right: bool
    least: float
    mean: float
    first: float


def _plain(words: str) -> str:
    """Put an answer into the form in which answers are compared: a list is in no order."""
    told = words.casefold().strip().rstrip(".").replace("grey", "gray")
    return "|".join(sorted(re.split(r", | and ", told)))


def _rights(*answers: str) -> Rights:
    return frozenset(map(_plain, answers))


def _scene(chance: random.Random, known: Set, most: int) -> world.Scene:
    made = world.scene(chance, [known], most=most)
    if chance.random() < 0.25:
        made = replace(made, pattern=chance.choice(world.HELD_GROUNDS))
    return made


def _only(made: world.Scene) -> list[world.Thing]:
    names = Counter(thing.name for thing in made.things)
    return [thing for thing in made.things if names[thing.name] == 1]


Made = tuple[world.Scene, str, Rights] | None


def _name(chance: random.Random, known: Set) -> Made:
    made = _scene(chance, known, chance.choice((1, 1, 3)))
    said = questions.listed(made)
    rights = [said, f"{said} on {a(made.ground)} background"]
    if len(made.things) == 1:
        rights.append(a(made.things[0].name))
        wording = chance.choice((
            "What is depicted here?", "What does this picture show?", "What's that?",
            "What can you see here?", "What does it depict?", "What did you notice?",
        ))  # fmt: skip
    else:
        first, *_, last = (a(t.words) for t in sorted(made.things, key=lambda t: t.x))
        if len(made.things) == 2:
            left = f"{first} to the left of {last}"
            rights += [left, f"{left} on {a(made.ground)} background"]
        wording = chance.choice((
            "What is depicted here?", "What does this picture show?", "What are those?",
            "Please describe what is drawn.", "What can you see in the drawing?",
        ))  # fmt: skip
    return made, wording, _rights(*rights)


def _count(chance: random.Random, known: Set) -> Made:
    made = _scene(chance, known, 6)
    names = Counter(thing.name for thing in made.things)
    if chance.random() < 0.3:
        many, number = chance.choice(("things", "objects", "items")), len(made.things)
    else:
        name = chance.choice((*sorted(names), *names, chance.choice(sorted(known))))
        many, number = plural(name), names[name]
    wording = chance.choice((
        f"How many {many} can you count?", f"Tell me how many {many} there are.",
        f"How many {many} does the picture show?", f"How many {many} are drawn here?",
        f"How many {many} can be seen?",
    ))  # fmt: skip
    words = ("no", "one", "two", "three", "four", "five", "six")
    return made, wording, _rights(str(number), words[number], f"{words[number]} {many}")


def _tones(sprite: Sprite) -> list[str]:
    """Give the colours of a thing, where it is mostly of one."""
    pixels = sprite[sprite[:, :, 3] > 128][:, :3].astype(float)
    centres = np.array(list(world.COLOURS.values()), float)
    nearest = np.linalg.norm(pixels[:, None] - centres, axis=2).argmin(axis=1)
    shares = Counter(nearest.tolist()).most_common()
    names = list(world.COLOURS)
    if shares[0][1] < 0.6 * len(pixels):
        return []
    return [names[place] for place, count in shares if count > 0.25 * len(pixels)]


def _colour(chance: random.Random, known: Set, *, shapes: bool) -> Made:
    made = _scene(chance, known, 4)
    some: list[tuple[str, list[str]]] = []
    for thing in _only(made):
        if thing.colour and shapes:
            some.append((thing.name, [thing.colour]))
        elif not thing.colour and not shapes:
            several = known[thing.name]
            some.append((thing.name, _tones(several[thing.sprite % len(several)])))
    some = [(name, tones) for name, tones in some if tones]
    if not some:
        return None
    name, tones = chance.choice(some)
    wording = chance.choice((
        f"Tell me the color of the {name}.", f"In which colour is the {name} drawn?",
        f"What's the color of the {name}?", f"The {name} is of what color?",
        f"In what colour is the {name}?",
    ))  # fmt: skip
    return made, wording, _rights(*tones)


def _there(chance: random.Random, known: Set) -> Made:
    made = _scene(chance, known, 5)
    shown = {thing.words for thing in made.things}
    if chance.random() < 0.5:
        words, right = chance.choice(sorted(shown)), "Yes"
    else:
        thing = chance.choice(made.things)
        words = chance.choice(sorted(known))
        if thing.colour and chance.random() < 0.5:
            words = f"{chance.choice(list(world.COLOURS))} {thing.name}"
        if words in shown:
            return None
        right = "No"
    wording = chance.choice((
        f"Are there any {plural(words)}?", f"Is {a(words)} shown here?", f"Does this contain {a(words)}?",
        f"Is there {a(words)} in this drawing?", f"Can you find {a(words)}?",
    ))  # fmt: skip
    return made, wording, _rights(right)


def _related(chance: random.Random, known: Set) -> Made:
    made = _scene(chance, known, 4)
    only = _only(made)
    if chance.random() < 0.3 and only:
        thing = chance.choice(only)
        if any(abs(share * 3 - edge) < 0.15 for share in (thing.x, thing.y) for edge in (1, 2)):
            return None
        wording = chance.choice((
            f"Where can I find the {thing.name}?", f"Whereabouts is the {thing.name}?",
        ))  # fmt: skip
        return made, wording, _rights(questions.place(thing))
    if len(only) < 2:
        return None
    one, two = chance.sample(only, 2)
    across = chance.random() < 0.5
    distance = two.x - one.x if across else two.y - one.y
    if abs(distance) < 0.15:
        return None
    if chance.random() < 0.3 and max(one.side, two.side) > 1.4 * min(one.side, two.side):
        larger = one if one.side > two.side else two
        wording = f"Which of them is bigger, the {one.name} or the {two.name}?"
        return made, wording, _rights(f"the {larger.name}", larger.name)
    word = chance.choice((-1, 1))
    sides = (
        ("on the left side of", "on the right side of") if across else ("higher than", "lower than")
    )
    wording = f"Is the {one.name} {sides[word < 0]} the {two.name}?"
    return made, wording, _rights("Yes" if word * distance > 0 else "No")


def _absent(chance: random.Random, known: Set) -> Made:
    made = _scene(chance, known, 4)
    name = chance.choice(world.SHAPES)
    if any(thing.name == name for thing in made.things):
        return None
    wording = chance.choice((
        f"Tell me the color of the {name}.", f"In which colour is the {name} drawn?",
        f"What's the color of the {name}?",
    ))  # fmt: skip
    return made, wording, _rights(f"There is no {name}")


def _scened(make: Callable[[random.Random, Set], Made], seed: int, known: Set) -> Item | None:
    chance = random.Random(seed)
    made = make(chance, known)
    if made is None:
        return None
    scene, question, rights = made
    picture = world.draw(scene, [known], *chance.choice(_SIZES))
    return Item(world.worn(picture, chance), question, rights)


def _page(seed: int, known: Set) -> Item:
    chance = random.Random(seed)
    drawn = chance.choice((pages.table, pages.chart, pages.interface))
    page = drawn(chance, chance.choice(_SIZES), True)
    asked = questions.reworded(chance.choice((*page.told, *page.seen)), chance)
    return Item(world.worn(page.picture, chance), asked.question, _rights(asked.answer))


# How many of 412 questions are of each kind: more where more may be answered.
_MAKERS: tuple[tuple[Callable[[int, Set], Item | None], float], ...] = (
    (partial(_scened, _name), 130),
    (partial(_scened, _count), 80),
    (partial(_scened, partial(_colour, shapes=True)), 80),
    (partial(_scened, partial(_colour, shapes=False)), 25),
    (partial(_scened, _there), 50),
    (partial(_scened, _related), 20),
    (_page, 15),
    (partial(_scened, _absent), 12),
)


async def _asked(pipeline: Pipeline, engine: Nano, model: str, item: Item) -> Answer | None:
    """Ask the model; None where the reader answers."""
    png = cv2.imencode(".png", cv2.cvtColor(item.picture, cv2.COLOR_RGB2BGR))[1].tobytes()
    url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    content: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "text", "text": item.question},
    ]
    body = {"model": model, "messages": [{"role": "user", "content": content}]}
    asked = chat.parse(body, pipeline.routing.find)
    question = await pipeline.prepare(asked.question)
    exhibits = await engine.reader.look(question)
    told = kind(question, exhibits)
    if not told:
        return None
    said = await engine.guess(question, exhibits)
    return _answer(told, said, item.rights)


def _answer(told: str, said: Sequence[Delta], rights: Rights) -> Answer:
    text = "".join(delta.text for delta in said)
    logs = [token.chosen.logprob for delta in said for token in delta.logprobs]
    if _DECLINED.search(text) or not logs:
        return Answer(told, False, -1.0, -1.0, -1.0)
    least, mean, first = min(logs), sum(logs) / len(logs), logs[0]
    return Answer(told, _plain(text) in rights, math.exp(least), math.exp(mean), math.exp(first))


async def asked(count: int, cache: Path) -> list[Answer]:
    """Ask about `count` drawings."""
    known = things.sprites(things.UNSEEN, cache)
    whole = sum(share for _, share in _MAKERS)
    found: list[Answer] = []
    async with Pipeline(load({"engine": "nano", "refuse_captchas": False})) as pipeline:
        model = await pipeline.routing.only_model()
        engine = (await pipeline.routing.route(model).served.loaded()).engine
        assert isinstance(engine, Nano)
        for number, (make, share) in enumerate(_MAKERS):
            wanted = round(count * share / whole)
            first = _FIRST + number * 1_000_000
            had = 0
            for seed in range(first, first + _TRIES * wanted):
                item = make(seed, known)
                answer = None if item is None else await _asked(pipeline, engine, model, item)
                if answer is not None:
                    found.append(answer)
                    had += 1
                if had == wanted:
                    break
    return found


def lower(right: int, given: int) -> float:
    """Give the lower confidence bound of a share."""
    if not given:
        return 0.0
    share, spread = right / given, _Z**2 / given
    root = math.sqrt(share * (1 - share) / given + spread / given / 4)
    return (share + spread / 2 - _Z * root) / (1 + spread)


def _from(answers: Sequence[Answer], signal: str, bound: float) -> tuple[int, int]:
    given = [each.right for each in answers if getattr(each, signal) >= bound]
    return sum(given), len(given)


def chosen(answers: Sequence[Answer], signal: str) -> float | None:
    """Give the smallest bound from which on answers are right as often as is wanted."""
    for bound in (hundredth / 100 for hundredth in range(100)):
        if lower(*_from(answers, signal, bound)) >= WANTED:
            return bound
    return None


def _share(right: int, given: int, of: int) -> str:
    return f"{100 * right / given:.0f} % of {given}" if given else f"– of {of}"


def _kinds(answers: Sequence[Answer]) -> Iterator[tuple[str, list[Answer]]]:
    for name, _ in Counter(each.kind for each in answers).most_common():
        yield name, [each for each in answers if each.kind == name]
    yield "all", list(answers)


def _print(answers: Sequence[Answer]) -> None:
    heads = " | ".join(f"≥ {bound:.2f}" if bound else "all" for bound in _BOUNDS)
    print(f"| Kind | Asked | {heads} |\n|---|---|{'---|' * len(_BOUNDS)}")
    for name, some in _kinds(answers):
        cells = [_share(*_from(some, "least", bound), len(some)) for bound in _BOUNDS]
        print(f"| {name} | {len(some)} | {' | '.join(cells)} |")
    print("\n| Kind | Signal | Bound | Chosen on | Told of the other half |\n|---|---|---|---|---|")
    for name, some in _kinds(answers):
        half, other = some[::2], some[1::2]
        for signal in ("least", "mean", "first"):
            bound = chosen(half, signal)
            if bound is None:
                print(f"| {name} | {signal} | none | {len(half)} | |")
                continue
            on, told = _from(half, signal, bound), _from(other, signal, bound)
            print(
                f"| {name} | {signal} | {bound:.2f} | {_share(*on, 0)} ({len(half)} asked) "
                f"| {_share(*told, 0)} ({len(other)} asked) |"
            )


def main() -> None:
    """Print the curve and the bounds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=412)
    options.add_argument("--cache", type=Path, default=CACHE)
    given = options.parse_args()
    _print(asyncio.run(asked(given.count, given.cache)))


if __name__ == "__main__":
    main()
