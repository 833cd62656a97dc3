"""Lessons: one or several pictures, what was read in them, and a talk about them as tokens."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.nano import cells, pages, questions, series, world
from training.nano.model import MERGE, PATCH
from training.nano.questions import Asked
from training.nano.runs import SIZES, Sets
from training.nano.tokens import Tokenizer

PLACE = -1  # stands where a token of a picture stands
_TOLD = 0.8  # of the pages with print, those whose lines are put before the question
_STRAY = 0.15  # of the scenes, those beside which stands something read that does not matter
_SYSTEM = (
    "You are a helpful assistant.", "You describe pictures.", "Answer in English.",
    "You are an assistant that answers questions about images.", "Be concise.",
    "You are a careful assistant. Answer truthfully.", "You are an expert in computer vision.",
)  # fmt: skip


@dataclass(frozen=True)
class Form:
    """How many pictures of which size a batch's lessons have, and how many tokens at most."""

    pictures: int
    size: tuple[int, int]
    length: int

    @property
    def tokens(self) -> int:
        """Tokens of one picture."""
        return self.size[0] * self.size[1] // (PATCH * MERGE) ** 2


FORMS = {
    **{Form(1, size, 320 if size[0] * size[1] <= 1 << 17 else 384): SIZES.count(size) for size in SIZES},
    Form(2, (256, 256), 256): 1,
    Form(4, (256, 256), 448): 0.6,
}  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A picture, what was read in it, and what it holds where it is a scene of things."""

    picture: world.Pixels
    note: str
    scene: world.Scene | None


def talk(
    chance: random.Random,
    known: Sets,
    form: Form,
    *,
    held: bool = False,
    wear: bool = True,
    told: float = _TOLD,
) -> tuple[list[Drawn], list[Asked]]:
    """Draw a lesson's pictures and ask about them; a share `told` of pages is told as it was read."""
    if form.pictures > 1:
        kind = chance.random()
        if kind < 0.25:
            made = series.several(chance, known, form.pictures)
        elif form.pictures == 2:
            made = series.pair(chance, known)
        else:
            made = series.frames(chance, known, form.pictures)
        drawn = [Drawn(world.draw(s, known, *form.size), "", s) for s in made.scenes]
        asked = list(made.asked)
    elif chance.random() < 0.3:
        page = pages.page(chance, form.size, held)
        read = bool(page.lines) and chance.random() < told
        drawn = [Drawn(page.picture, page.note() if read else "", None)]
        asked = pages.asked(page, chance, told=read, count=6)
    else:
        large = form.size[0] * form.size[1] > 1 << 17
        most = 1 if chance.random() < 0.25 else 6
        tiny = large and chance.random() < 0.15
        scene = world.scene(chance, known, most=most, tiny=tiny)
        note = pages.stray(chance) if chance.random() < _STRAY else ""
        drawn = [Drawn(world.draw(scene, known, *form.size), note, scene)]
        asked = questions.ask(scene, chance, 10)
    if wear:
        drawn = [Drawn(world.worn(d.picture, chance), d.note, d.scene) for d in drawn]
    return drawn, [questions.reworded(each, chance) for each in asked]


@dataclass(frozen=True)
class Lesson:
    """Pictures, (n, height, width, 3); ids; how much each counts; what the pictures hold.

    Only answers count: a long one more than a short one, but not as much more as it is longer.
    """

    pictures: np.ndarray
    ids: list[int]
    said: list[float]
    told: tuple[cells.Told, ...]


def opening(
    tokenizer: Tokenizer, form: Form, notes: Sequence[str], text: str, after: bool
) -> list[int]:
    """Give a first question with its pictures before or after it, as the chat's template has it."""
    looked: list[int] = []
    for note in notes:
        looked += [
            tokenizer.ids["<|image_start|>"], *[PLACE] * form.tokens, tokenizer.ids["<|image_end|>"],
            *tokenizer.encode(note),
        ]  # fmt: skip
    words = tokenizer.encode(text)
    start = tokenizer.encode("<|im_start|>user\n")
    end = tokenizer.encode("<|im_end|>\n<|im_start|>assistant\n")
    return [*start, *words, *looked, *end] if after else [*start, *looked, *words, *end]


def lesson(
    seed: int, known: Sets, numbers: dict[str, int], tokenizer: Tokenizer, form: Form
) -> Lesson:
    """Make the lesson of a seed: as many turns as there is room for."""
    chance = random.Random(seed)
    drawn, asked = talk(chance, known, form)
    after = chance.random() < 0.5
    ids: list[int] = []
    said: list[float] = []
    if chance.random() < 0.15:
        ids += tokenizer.encode(f"<|im_start|>system\n{chance.choice(_SYSTEM)}<|im_end|>\n")
        said += [0.0] * len(ids)
    for number, each in enumerate(asked):
        if number == 0:
            turn = opening(tokenizer, form, [d.note for d in drawn], each.question, after)
        else:
            turn = tokenizer.encode(
                f"<|im_start|>user\n{each.question}<|im_end|>\n<|im_start|>assistant\n"
            )
        answer = [*tokenizer.encode(each.answer), tokenizer.end]
        if number and len(ids) + len(turn) + len(answer) + 1 > form.length:
            continue
        newline = tokenizer.encode("\n")
        ids += [*turn, *answer, *newline]
        said += [0.0] * len(turn) + [len(answer) ** -0.5] * len(answer) + [0.0] * len(newline)
    if len(ids) > form.length:  # a page with more print than there is room for
        return lesson(seed + (1 << 40), known, numbers, tokenizer, form)
    told = tuple(cells.tell(d.scene, numbers, *form.size) for d in drawn)
    return Lesson(np.stack([d.picture for d in drawn]), ids, said, told)


@dataclass
class Batch:
    """Lessons of one form: pictures of all (uint8), ids, how much they count, what tokens show."""

    pictures: Tensor
    ids: Tensor
    said: Tensor
    things: Tensor
    colours: Tensor
    places: Tensor


def together(lessons: Sequence[Lesson], form: Form) -> Batch:
    """Put lessons into a batch, filled up to the form's length."""
    ids = torch.zeros(len(lessons), form.length, dtype=torch.int64)
    said = torch.zeros(len(lessons), form.length)
    for i, each in enumerate(lessons):
        ids[i, : len(each.ids)] = torch.tensor(each.ids)
        said[i, : len(each.said)] = torch.tensor(each.said)
    pictures = torch.from_numpy(np.concatenate([each.pictures for each in lessons]))
    told = cells.stacked([told for each in lessons for told in each.told])
    return Batch(pictures, ids, said, *told)


def texts(known: Sets, count: int) -> list[str]:
    """Give what is said in lessons, to learn the tokenizer from."""
    found = []
    forms = list(FORMS)
    for seed in range(count):
        chance = random.Random(seed)
        form = chance.choices(forms, list(FORMS.values()))[0]
        drawn, asked = talk(chance, known, Form(form.pictures, (256, 256), 0), wear=False)
        found += [drawn[0].note] * (seed % 3 == 0)
        for each in asked:
            found += [each.question, each.answer]
    return found
