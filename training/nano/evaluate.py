"""Ask about what was held back, by topic: the model, a blind one, the reader; print tables.

    python -m training.nano.evaluate --model MODEL.gguf [--count 300] [--each 30] [--cache FOLDER]

Each question goes the way of a user's, through Sightline and llama.cpp. *Model* is the model alone,
told what can be read or not; *nano* the engine that lets the reader answer what it can measure. Held
back are other seeds, other typefaces, and a set of pictures that was never trained on. The blind model
is the same, shown a grey picture: what it gets right can be guessed from the question. Chance is how
often the commonest answer of a topic is right.

*All* is over a mixed set, every kind of lesson as often as it is trained on. Topics that have a goal and
come up less often in it than `--each` times are asked about more beside it, for their own rows alone.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.nano import unassisted
from sightline.engines.embedded.evidence import CANNOT
from sightline.errors import SightlineError
from sightline.jobs.ask import Asker
from sightline.settings import load
from training.nano import lessons, questions, things, world
from training.nano.lessons import FORMS
from training.nano.runs import HELD, Sets, sets
from training.nano.things import CACHE

_FIRST = HELD + 1_000_000  # not those that a run scores itself with
_NUMBERS = {"no ": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_PRINTED = ("reading", "tables", "charts")
_GOALS = {
    "colour": 95, "shape": 95, "counting": 90, "place": 90, "relation": 90, "naming": 80,
    "yes or no": 90, "differences": 85, "photographs": 90, "JSON": 85,
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A question about pictures."""

    pictures: tuple[world.Pixels, ...]
    asked: questions.Asked


@dataclass
class Tally:
    """What one of those who are asked got right, by topic."""

    hits: dict[str, list[bool]] = field(default_factory=dict)

    def note(self, right: bool, *topics: str) -> None:
        """Note an answer."""
        for name in topics:
            self.hits.setdefault(name, []).append(right)

    def share(self, topic: str) -> str:
        """Write the share that was right."""
        found = self.hits.get(topic, [])
        return f"{100 * sum(found) / len(found):.1f}%" if found else "–"


def mixed(known: Sets, first: int, count: int, most: int = 3) -> Iterator[Item]:
    """Draw the mixed set: every kind of lesson as often as it is trained on."""
    forms = [f for f in FORMS if f.size == (256, 256)]
    for seed in range(first, first + count):
        chance = random.Random(seed)
        form = chance.choices(forms, (6, 1, 1))[0]
        drawn, asked = lessons.talk(chance, known, form, held=True, told=1.0)
        for question in asked[:most]:
            yield Item(tuple(d.picture for d in drawn), question)


def beside(known: Sets, items: Sequence[Item], first: int, each: int) -> list[Item]:
    """Ask more about the topics that have a goal, until each is asked about so often."""
    counts = Counter(item.asked.topic for item in items)
    found = []
    for item in mixed(known, first, 100 * each, most=12):
        topic = item.asked.topic
        if topic in _GOALS and counts[topic] < each:
            counts[topic] += 1
            found.append(item)
        if all(counts[topic] >= each for topic in _GOALS):
            break
    return found


def named(folder: Path, source: str, count: int) -> list[Item]:
    """Ask what the one thing of a set is that is in a picture."""
    pictures = [things.sprites(source, folder)]
    sets(folder)
    items = []
    for seed in range(_FIRST, _FIRST + count):
        chance = random.Random(seed)
        made = world.scene(chance, pictures, most=1, named=1.0)
        thing = made.things[0]
        said = questions.a(thing.name)
        asked = questions.Asked("What is this?", f"{said[0].upper()}{said[1:]}.", "naming")
        items.append(Item((world.draw(made, pictures, 256, 256),), asked))
    return items


def photographs() -> list[Item]:
    """Ask what is in the photographs that scikit-image and scikit-learn ship."""
    from skimage import data
    from sklearn.datasets import load_sample_images

    found: list[np.ndarray] = [
        getattr(data, name)()
        for name in ("astronaut", "cat", "coffee", "rocket", "camera", "chelsea", "coins", "moon")
        if hasattr(data, name)
    ]
    found += list(load_sample_images().images)
    items = []
    for picture in found:
        if picture.ndim == 2:
            picture = np.repeat(picture[:, :, None], 3, 2)
        for question in ("What is this?", "Describe the picture.", "How many people are there?"):
            asked = questions.Asked(question, "I can't tell", "photographs")
            items.append(Item((np.ascontiguousarray(picture[:, :, :3]),), asked))
    return items


def tiny(folder: Path, count: int) -> list[Item]:
    """Ask for the number of tiny things in large pictures."""
    known = sets(folder)
    items = []
    for seed in range(_FIRST, _FIRST + count):
        chance = random.Random(seed)
        made = world.scene(chance, known, most=6, tiny=True)
        asked = questions.Asked("How many things are there?", str(len(made.things)), "counting")
        items.append(Item((world.draw(made, known, 768, 768),), asked))
    return items


def grounds(known: Sets, count: int) -> tuple[list[Item], list[Item]]:
    """Ask about things that never stood together, on grounds of lessons and on others.

    Both are of the same scenes. Three things and more of 460 kinds: hardly any three of them have met.
    """
    usual, other = [], []
    seed = _FIRST
    while len(usual) < count:
        chance = random.Random(seed)
        seed += 1
        made = world.scene(chance, known)
        if len(made.things) < 3:
            continue
        strange = replace(made, pattern=chance.choice(world.HELD_GROUNDS))
        pictures = [(world.draw(each, known, 256, 256),) for each in (made, strange)]
        for asked in questions.ask(strange, chance, 3):  # the ground itself is asked about no more
            usual.append(Item(pictures[0], asked))
            other.append(Item(pictures[1], asked))
    return usual, other


async def _said(
    asker: Asker, item: Item, *, detail: str = "auto", blind: bool = False, **more: Any
) -> str:
    content: list[dict[str, Any]] = []
    for picture in item.pictures:
        shown = np.full_like(picture, 128) if blind else picture
        png = cv2.imencode(".png", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))[1].tobytes()
        url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        content.append({"type": "image_url", "image_url": {"url": url, "detail": detail}})
    content.append({"type": "text", "text": item.asked.question})
    body = {"messages": [{"role": "user", "content": content}], "max_completion_tokens": 160}
    try:
        return (await asker.text(body | more)).strip()
    except SightlineError as error:
        return f"error: {error.message}"


def _right(item: Item, said: str) -> bool:
    """Say whether an answer is the right one: the same words, or the fact in other words.

    The reader says more than it is asked, so a yes or a number may begin a sentence, and a value
    stand in one. JSON is judged by what it holds.
    """
    wanted, topic = item.asked.answer, item.asked.topic
    if topic == "JSON":
        try:
            return bool(json.loads(said) == json.loads(wanted))
        except ValueError:
            return False
    if topic == "photographs" and wanted == "I can't tell":
        return said.startswith(wanted) or CANNOT in said
    if said == wanted:
        return True
    told, fact = said.casefold().replace("grey", "gray"), wanted.casefold().rstrip(".")
    if fact in ("yes", "no"):
        return re.match(rf"{fact}\b", told) is not None
    if fact.isdigit():
        found = re.findall(r"\d+|" + "|".join(_NUMBERS), told)
        return bool(found) and str(_NUMBERS.get(found[0], found[0])) == fact
    if topic == "colour":
        return set(re.findall(r"[a-z]+", told)) & set(world.COLOURS) == {fact}
    return topic in _PRINTED and fact in told


def _chance(items: Sequence[Item], more: Sequence[Item], topic: str) -> str:
    some = items if topic == "all" else [i for i in (*items, *more) if i.asked.topic == topic]
    answers = Counter(item.asked.answer for item in some)
    return f"{100 * answers.most_common(1)[0][1] / answers.total():.1f}%"


async def _table(
    title: str, items: Sequence[Item], more: Sequence[Item], askers: dict[str, Asker]
) -> None:
    tallies = {name: Tally() for name in (*askers, "blind")}
    given: dict[str, list[bool]] = {name: [] for name in askers}
    for number, item in enumerate([*items, *more]):
        topics = (item.asked.topic, "all") if number < len(items) else (item.asked.topic,)
        for name, asker in askers.items():
            said = await _said(asker, item)
            tallies[name].note(_right(item, said), *topics)
            if CANNOT not in said and "all" in topics:
                given[name].append(_right(item, said))
        first = next(iter(askers.values()))
        tallies["blind"].note(_right(item, await _said(first, item, blind=True)), *topics)
    print(f"\n{title}\n\n| Topic | Questions | Goal | {' | '.join(tallies)} | chance |")
    print("|---|---|---|" + "---|" * (len(tallies) + 1))
    for topic in [*sorted({item.asked.topic for item in [*items, *more]}), "all"]:
        count = len(tallies["blind"].hits[topic])
        shares = " | ".join(tally.share(topic) for tally in tallies.values())
        goal = f"{_GOALS[topic]}%" if topic in _GOALS else ""
        print(
            f"| {topic} | {count} | {goal} | {shares} | {_chance(items, more, topic)} |", flush=True
        )
    print()
    for name, right in given.items():
        share = 100 * sum(right) / max(1, len(right))
        print(
            f"{name} answers {len(right)} of {len(items)}, of those {share:.1f}% right", flush=True
        )


async def _share(asker: Asker, items: Sequence[Item], **more: Any) -> str:
    tally = Tally()
    for item in items:
        tally.note(_right(item, await _said(asker, item, **more)), "all")
    return tally.share("all")


async def _valid(asker: Asker, items: Sequence[Item]) -> str:
    """Give the share of answers in JSON mode that are JSON."""
    tally = Tally()
    for item in items:
        try:
            json.loads(await _said(asker, item, response_format={"type": "json_object"}))
            tally.note(True, "all")
        except ValueError:
            tally.note(False, "all")
    return tally.share("all")


async def _measured(options: argparse.Namespace) -> None:
    kept = {"refuse_captchas": False}
    reads = load({"engine": "llamacpp", "model": options.model, **kept})
    folder = Path(tempfile.mkdtemp())
    own = replace(reads, model=str(unassisted(options.model, folder)))
    async with (
        Asker(reads) as nano, Asker(own) as alone, Asker(load({"engine": "nano", **kept})) as both,
        Asker(load({"engine": "reader", **kept})) as read,
    ):  # fmt: skip
        known = sets(options.cache)
        items = list(mixed(known, _FIRST, options.count))
        more = beside(known, items, _FIRST + options.count, options.each)
        askers = {"model": nano, "without assist": alone, "nano": both, "reader": read}
        await _table("Held-back lessons", items, more, askers)
        items += more
        print("\nNaming the one thing in a picture, by set\n\n| Set | Right |\n|---|---|")
        for source in things.SOURCES:
            share = await _share(nano, named(options.cache, source, options.count // 2))
            print(f"| {source} | {share} |", flush=True)
        for name, asker in (("the model", nano), ("the engine nano", both)):
            print(f"\nPhotographs declined by {name}: {await _share(asker, photographs())}")
        for wanted in ("Yes.", "No."):
            some = [i for i in items if i.asked.topic == "yes or no" and i.asked.answer == wanted]
            print(f"Right where it is {wanted} {await _share(nano, some)} of {len(some)}")
        for where, some in zip(
            ("of lessons", "never trained on"), grounds(known, 5 * options.each), strict=True
        ):
            print(
                f"Three things and more on grounds {where}: {await _share(nano, some)} of {len(some)}"
            )
        small = tiny(options.cache, 5 * options.each)
        for detail in ("low", "high"):
            print(f"Tiny things counted at {detail}: {await _share(nano, small, detail=detail)}")
        filled = [item for item in items if item.asked.topic == "JSON"]
        print(f"JSON valid under a grammar: {await _valid(nano, filled)}")


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", required=True, metavar="GGUF")
    options.add_argument("--count", type=int, default=300)
    options.add_argument("--each", type=int, default=30)
    options.add_argument("--cache", type=Path, default=CACHE)
    asyncio.run(_measured(options.parse_args()))


if __name__ == "__main__":
    main()
