"""The drawn world: the same seed gives the same, and every answer is what the scene holds."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from training.nano import bound, pages, questions, series, tokens, world
from training.nano.things import Sprite, names


def sprite(colour: tuple[int, int, int]) -> Sprite:
    made = np.zeros((24, 30, 4), np.uint8)
    made[4:20, 4:26] = (*colour, 255)
    return made


SETS = [
    {
        "dog": [sprite((120, 80, 40))],
        "cat": [sprite((60, 60, 60))],
        "apple": [sprite((200, 20, 20))],
    }
]


@pytest.fixture(autouse=True)
def _names() -> None:
    questions.use_names(list(SETS[0]))


def test_a_seed_draws_and_asks_the_same() -> None:
    for seed in range(20):
        made = [world.scene(random.Random(seed), SETS) for _ in range(2)]
        assert made[0] == made[1]
        drawn = [world.draw(scene, SETS, 128, 96) for scene in made]
        assert np.array_equal(drawn[0], drawn[1])
        assert drawn[0].shape == (96, 128, 3)
        asked = [questions.ask(made[0], random.Random(seed), 5) for _ in range(2)]
        assert asked[0] == asked[1]
        assert len(asked[0]) > 1


def test_things_are_where_the_scene_says() -> None:
    for seed in range(40):
        scene = world.scene(random.Random(seed), SETS, named=0.0)
        picture = world.draw(scene, SETS, 256, 256)
        for thing in scene.things:
            if thing.name in ("ring", "arrow", "star", "cross"):
                continue  # hollow in the middle, or not all there
            seen = picture[round(thing.y * 256), round(thing.x * 256)].astype(int)
            near = min(world.COLOURS, key=lambda c: float(np.abs(seen - world.COLOURS[c]).sum()))
            assert near == thing.colour


def test_answers_are_what_the_scene_holds() -> None:
    topics: Counter[str] = Counter()
    truth: Counter[str] = Counter()
    for seed in range(600):
        chance = random.Random(seed)
        scene = world.scene(chance, SETS)
        held = Counter(thing.name for thing in scene.things)
        for each in questions.ask(scene, chance, 6):
            topics[each.topic] += 1
            if each.question.startswith("How many") and each.topic == "counting":
                words = each.question.removeprefix("How many ").split(" ")[0]
                name = next(
                    (n for n in (*world.SHAPES, *SETS[0]) if questions.plural(n) == words), None
                )
                assert each.answer == str(held[name] if name else len(scene.things))
            if each.topic == "yes or no":
                truth[each.answer] += 1
            if each.topic == "listing":
                assert all(
                    name in each.answer or questions.plural(name) in each.answer for name in held
                )
    assert set(topics) == {
        "naming", "listing", "describing", "counting", "colour", "shape", "place", "relation",
        "size", "yes or no", "can't tell", "JSON", "overlap", "photographs",
    }  # fmt: skip
    assert 0.4 < truth["Yes."] / truth.total() < 0.6


def test_what_changed_is_what_differs() -> None:
    said: Counter[str] = Counter()
    for seed in range(300):
        made = series.pair(random.Random(seed), SETS)
        first, second = (scene.things for scene in made.scenes)
        answer = made.asked[0].answer
        same = first == second
        assert (answer == "Nothing changed.") == same
        kind = next(
            w for w in ("Nothing", "gone", "added", "moved", "became", "changed") if w in answer
        )
        said[kind] += 1
        assert len(second) - len(first) == {"gone": -1, "added": 1}.get(kind, 0)
        if kind == "moved":
            was, now = next((a, b) for a, b in zip(first, second, strict=True) if a != b)
            way = answer.removeprefix(f"The {was.name} moved ").removesuffix(".")
            assert ((now.x - was.x) * (way == "to the right") > 0) or (
                (was.x - now.x) * (way == "to the left") > 0
                or (now.y - was.y) * (way == "down") > 0
                or (was.y - now.y) * (way == "up") > 0
            )
        assert (made.asked[1].answer == "Yes.") == (("same" in made.asked[1].question
            or "equal" in made.asked[1].question) == same)  # fmt: skip
    assert len(said) == 6


def test_frames_tell_what_moves_comes_and_goes() -> None:
    said: Counter[str] = Counter()
    for seed in range(200):
        made = series.frames(random.Random(seed), SETS, 4)
        counts = [len(scene.things) for scene in made.scenes]
        answers = {each.answer for each in made.asked}
        if any("appears" in answer and "disappears" not in answer for answer in answers):
            assert counts[-1] == counts[0] + 1
            said["comes"] += 1
        elif any("disappears" in answer for answer in answers):
            assert counts[-1] == counts[0] - 1
            said["goes"] += 1
        elif "Nothing changes." in answers:
            assert len(set(made.scenes)) == 1
            said["stays"] += 1
        else:
            assert len(set(made.scenes)) == 4
            said["moves"] += 1
    assert min(said.values()) > 10
    assert len(said) == 4


def test_what_is_told_of_a_page_stands_on_it() -> None:
    try:
        pages.faces(held=False)
    except SystemExit as error:
        pytest.skip(str(error))
    for seed in range(40):
        for kind in pages.KINDS:
            made = kind(random.Random(seed), (256, 192), False)
            assert made.picture.shape == (192, 256, 3)
            note = made.note()
            for each in made.told:
                colours = {*(f"{c.capitalize()}." for c in world.COLOURS), "Yes.", "No."}
                for part in each.answer.replace(", ", "\n").split("\n"):
                    assert part in colours or part.removesuffix(".") in note
            blind = pages.asked(made, random.Random(seed), told=False, count=20)
            unread = {each.question for each in made.told}
            assert all(each.answer == pages.UNREAD for each in blind if each.question in unread)


def test_words() -> None:
    assert [questions.a(w) for w in ("dog", "apple", "unicorn", "orange star", "scissors")] == [
        "a dog", "an apple", "a unicorn", "an orange star", "scissors",
    ]  # fmt: skip
    assert questions.counted(2, "butterfly") == "two butterflies"
    assert questions.counted(3, "red cross") == "three red crosses"
    assert questions.joined(["a", "b", "c"]) == "a, b and c"


def test_names_are_many_and_each_once() -> None:
    shown = [emoji for several in names().values() for emoji in several]
    assert len(names()) > 300
    assert len(shown) == len(set(shown))


def test_the_tokenizer_gives_back_what_it_was_given(tmp_path: object) -> None:
    texts = ["Where is the dog?", "Top left.", "How many apples are there?", '{"count": 3}'] * 5
    made = tokens.learn(texts, 420)
    for text in [*texts, "Größe 42 – naïve\n\n  x", "日本", "<|im_start|>user\n"]:
        ids = made.encode(text)
        assert made.decode(ids) == text.replace("<|im_start|>", "")
        assert max(ids) < len(made.tokens)
    assert len(made.encode(" the dog")) < 4
    assert made.encode("<|im_end|>") == [made.end]


def test_the_bound_is_the_smallest_that_is_shown_to_be_right_in_nine_of_ten() -> None:
    def answers(right: bool, sure: float, count: int) -> list[bound.Answer]:
        return [bound.Answer("count", right, sure, sure, sure)] * count

    sure = answers(True, 0.95, 30)
    assert bound.lower(30, 30) > 0.9 > bound.lower(14, 14)
    assert bound.chosen([*sure, *answers(False, 0.8, 20)], "least") == 0.81
    assert bound.chosen([*sure, *answers(False, -1.0, 20)], "least") == 0.0  # declined
    assert bound.chosen([*sure, *answers(False, 0.99, 10)], "least") is None
    assert bound.chosen(sure[:10], "least") is None, "too few to tell"


def test_things_asked_about_are_judged_by_what_was_drawn() -> None:
    known = {**SETS[0]}
    for seed in range(40):
        made = bound._name(random.Random(seed), known)
        assert made is not None
        scene, _, rights = made
        assert bound._plain(f"{questions.listed(scene).capitalize()}.") in rights
        made = bound._there(random.Random(seed), known)
        assert made is None or made[2] in ({"yes"}, {"no"})
    assert bound._tones(sprite((200, 20, 20))) == ["red"]
