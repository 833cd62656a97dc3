"""Ask about what was held back, by topic: the model, a blind one, the reader; print tables.

    python -m training.nano.evaluate --model MODEL.gguf [--count 300] [--cache FOLDER]

Each question goes the way of a user's, through Sightline and llama.cpp; an answer counts when it is
exactly the right one. Held back are other seeds, other typefaces, and a set of pictures that was
never trained on. The blind model is the same, shown a grey picture: what it gets right can be guessed
from the question. Chance is how often the commonest answer of a topic is right.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from sightline.asking import Asker
from sightline.errors import SightlineError
from sightline.models.store import Store
from sightline.settings import load
from training.nano import lessons, questions, things, world
from training.nano.lessons import FORMS, Form
from training.nano.runs import HELD, sets
from training.nano.things import CACHE

_FIRST = HELD + 1_000_000  # not those that a run scores itself with
_SMALL = Form(1, (256, 256), 0)
_GOALS = {
    "colour": 95, "shape": 95, "counting": 90, "place": 90, "relation": 90, "naming": 80,
    "yes or no": 90, "differences": 85, "photographs": 90, "JSON": 85,
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A question about pictures; `told` says that its answer must be read."""

    pictures: tuple[world.Pixels, ...]
    asked: questions.Asked
    told: bool = False


@dataclass
class Tally:
    """What one of those who are asked got right, by topic."""

    hits: dict[str, list[bool]] = field(default_factory=dict)

    def note(self, topic: str, right: bool) -> None:
        """Note an answer."""
        for name in (topic, "all"):
            self.hits.setdefault(name, []).append(right)

    def share(self, topic: str) -> str:
        """Write the share that was right."""
        found = self.hits.get(topic, [])
        return f"{100 * sum(found) / len(found):.1f}%" if found else "–"


def mixed(folder: Path, count: int) -> list[Item]:
    """Make the mixed set: every kind of lesson as often as it is trained on."""
    known = sets(folder)
    forms = [f for f in FORMS if f.size == (256, 256)]
    items = []
    for seed in range(_FIRST, _FIRST + count):
        chance = random.Random(seed)
        form = chance.choices(forms, (6, 1, 1))[0]
        drawn, asked = lessons.talk(chance, known, form, held=True)
        items += [Item(tuple(d.picture for d in drawn), q) for q in asked[:3]]
    return items


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
    """Say whether an answer is the right one; JSON by what it holds."""
    wanted = item.asked.answer
    if item.asked.topic == "JSON":
        try:
            return bool(json.loads(said) == json.loads(wanted))
        except ValueError:
            return False
    if item.asked.topic == "photographs" and wanted == "I can't tell":
        return said.startswith(wanted)
    return said == wanted


def _chance(items: Sequence[Item], topic: str) -> str:
    answers = Counter(i.asked.answer for i in items if topic in (i.asked.topic, "all"))
    return f"{100 * answers.most_common(1)[0][1] / answers.total():.1f}%"


async def _table(title: str, items: Sequence[Item], askers: dict[str, Asker]) -> None:
    tallies = {name: Tally() for name in (*askers, "blind")}
    for item in items:
        for name, asker in askers.items():
            tallies[name].note(item.asked.topic, _right(item, await _said(asker, item)))
        first = next(iter(askers.values()))
        tallies["blind"].note(item.asked.topic, _right(item, await _said(first, item, blind=True)))
    print(f"\n{title}\n\n| Topic | Questions | Goal | {' | '.join(tallies)} | chance |")
    print("|---|---|---|" + "---|" * (len(tallies) + 1))
    for topic in [*sorted({item.asked.topic for item in items}), "all"]:
        count = len(tallies["blind"].hits[topic])
        shares = " | ".join(tally.share(topic) for tally in tallies.values())
        goal = f"{_GOALS[topic]}%" if topic in _GOALS else ""
        print(f"| {topic} | {count} | {goal} | {shares} | {_chance(items, topic)} |", flush=True)


async def _share(asker: Asker, items: Sequence[Item], **more: Any) -> str:
    tally = Tally()
    for item in items:
        tally.note("all", _right(item, await _said(asker, item, **more)))
    return tally.share("all")


async def _valid(asker: Asker, items: Sequence[Item]) -> str:
    """Give the share of answers in JSON mode that are JSON."""
    tally = Tally()
    for item in items:
        try:
            json.loads(await _said(asker, item, response_format={"type": "json_object"}))
            tally.note("all", True)
        except ValueError:
            tally.note("all", False)
    return tally.share("all")


def _unassisted(model: str, folder: Path) -> Path:
    """Copy a model without its wish to be told what can be read."""
    files = Store(folder).find(model)
    (folder / "model.gguf").write_bytes(files.text.read_bytes())
    eye = files.eye.read_bytes().replace(b"sightline.assist", b"sightline.unread")
    (folder / "mmproj.gguf").write_bytes(eye)
    return folder / "model.gguf"


async def _measured(options: argparse.Namespace) -> None:
    reads = load({"engine": "llamacpp", "model": options.model, "refuse_captchas": False})
    folder = Path(tempfile.mkdtemp())
    own = replace(reads, model=str(_unassisted(options.model, folder)))
    reader = load({"refuse_captchas": False, "engine": "reader"})
    async with Asker(reads) as nano, Asker(own) as alone, Asker(reader) as read:
        items = mixed(options.cache, options.count)
        await _table(
            "Held-back lessons", items, {"nano": nano, "without assist": alone, "reader": read}
        )
        print("\nNaming the one thing in a picture, by set\n\n| Set | Right |\n|---|---|")
        for source in things.SOURCES:
            share = await _share(nano, named(options.cache, source, options.count // 2))
            print(f"| {source} | {share} |", flush=True)
        print(f"\nPhotographs declined: {await _share(nano, photographs())}")
        some = tiny(options.cache, options.count // 2)
        for detail in ("low", "high"):
            print(f"Tiny things counted at {detail}: {await _share(nano, some, detail=detail)}")
        filled = [item for item in items if item.asked.topic == "JSON"]
        print(f"JSON valid under a grammar: {await _valid(nano, filled)}")


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", required=True, metavar="GGUF")
    options.add_argument("--count", type=int, default=300)
    options.add_argument("--cache", type=Path, default=CACHE)
    asyncio.run(_measured(options.parse_args()))


if __name__ == "__main__":
    main()
