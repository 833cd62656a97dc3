"""Questions about a scene, each with its exact answer. The same seed asks the same.

An answer is short, and the same facts are always told the same way, so that it can be compared.
Where a scene does not tell, neither does the answer.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from training.nano.world import COLOURS, SHAPES, Scene, Thing, apart

CANNOT = "I can't tell."
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
_NEAR = 0.12  # share of the picture's side by which things must differ for a relation
_EDGE = 0.15  # share of a third by which a thing must be inside it for its place to be asked
_LONG = 24  # letters, from which on an answer is no word or two
_VOWELS = "aeiou"
_PLURALS = {
    "mouse": "mice", "sheep": "sheep", "fish": "fish", "tropical fish": "tropical fish", "wolf": "wolves",
    "deer": "deer", "ox": "oxen", "leaf": "leaves", "maple leaf": "maple leaves", "knife": "knives",
    "foot": "feet", "tooth": "teeth", "goose": "geese", "shrimp": "shrimp", "squid": "squid",
    "scissors": "scissors", "glasses": "glasses", "sunglasses": "sunglasses", "jeans": "jeans",
    "fries": "fries", "grapes": "grapes", "cherries": "cherries", "peanuts": "peanuts",
    "noodles": "noodles", "socks": "socks", "gloves": "gloves", "headphones": "headphones",
    "pancakes": "pancakes", "dice": "dice", "blowfish": "blowfish", "bowling": "bowling",
}  # fmt: skip
_PAIRS = frozenset(
    "scissors glasses sunglasses jeans fries grapes cherries peanuts noodles socks gloves headphones "
    "pancakes dice bowling bread milk corn rain fire honey lightning popcorn".split()
)


@dataclass(frozen=True)
class Asked:
    """A question, its answer, and what it is about, by which scores are told apart."""

    question: str
    answer: str
    topic: str


def a(words: str) -> str:
    """Put an article before a name, where it takes one."""
    if words.rpartition(" ")[2] in _PAIRS:
        return words
    sounds_as_u = words.startswith(("unicorn", "one", "ukulele"))
    return f"an {words}" if words[0] in _VOWELS and not sounds_as_u else f"a {words}"


def plural(words: str) -> str:
    """Give the plural of a name."""
    if words in _PLURALS:
        return _PLURALS[words]
    if words.endswith(("s", "x", "ch", "sh")):
        return f"{words}es"
    if words.endswith("y") and words[-2] not in _VOWELS:
        return f"{words[:-1]}ies"
    return f"{words}s"


def counted(count: int, words: str) -> str:
    """Give a number of things in words: a dog, two dogs."""
    return a(words) if count == 1 else f"{_NUMBERS[count]} {plural(words)}"


def joined(parts: Sequence[str]) -> str:
    """Join words as a sentence does: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def place(thing: Thing) -> str:
    """Say where a thing is, on a grid of three by three."""
    column = ("left", "", "right")[min(2, int(thing.x * 3))]
    row = ("top", "", "bottom")[min(2, int(thing.y * 3))]
    return " ".join(part for part in (row, column) if part) or "center"


def ask(scene: Scene, chance: random.Random, count: int) -> list[Asked]:
    """Ask up to `count` different questions about a scene."""
    kinds = list(_KINDS)
    asked: list[Asked] = []
    for _ in range(4 * count):
        found = chance.choices(kinds, [_KINDS[k] for k in kinds])[0](scene, chance)
        if found is not None and not any(_alike(found, other) for other in asked):
            asked.append(found)
        if len(asked) == count:
            break
    return asked


def _alike(one: Asked, other: Asked) -> bool:
    """Say whether one question gives the other's answer away: a long answer would only be copied."""
    same = one.answer == other.answer and len(one.answer) > _LONG
    return same or one.question == other.question


def _say(chance: random.Random, *wordings: str) -> str:
    return chance.choice(wordings)


def _kinds(scene: Scene) -> Counter[str]:
    return Counter(thing.words for thing in scene.things)


def _only(scene: Scene) -> list[Thing]:
    """Things of which there is one, so that "the dog" is clear."""
    names = Counter(thing.name for thing in scene.things)
    return [thing for thing in scene.things if names[thing.name] == 1]


def listed(scene: Scene) -> str:
    """Name all things, from left to right by where the first of each kind is."""
    kinds = _kinds(scene)
    order = sorted(kinds, key=lambda words: min(t.x for t in scene.things if t.words == words))
    return joined([counted(kinds[words], words) for words in order])


def _what(scene: Scene, chance: random.Random) -> Asked | None:
    if len(scene.things) == 1:
        wording = _say(
            chance, "What is this?", "What is in the picture?", "What do you see?",
            "What is shown here?", "Name the object.", "What's in this image?",
        )  # fmt: skip
    else:
        wording = _say(
            chance, "What is in the picture?", "What do you see?", "List everything you see.",
            "Which things are in the image?", "What's in this image?", "What are these?",
        )  # fmt: skip
    said = listed(scene)
    return Asked(
        wording, f"{said[0].upper()}{said[1:]}.", "naming" if len(scene.things) == 1 else "listing"
    )


def _describe(scene: Scene, chance: random.Random) -> Asked | None:
    wording = _say(
        chance, "Describe the picture.", "Describe this image in one sentence.",
        "Describe what you see in one sentence.", "Give a short description.",
    )  # fmt: skip
    said = listed(scene)
    ground = f" on {a(scene.ground)} background" if scene.plain else ""
    relation = ""
    if len(scene.things) == 2 and len(_only(scene)) == 2:
        first, second = sorted(scene.things, key=lambda t: t.x)
        if second.x - first.x > _NEAR:
            said = f"{a(first.words)} to the left of {a(second.words)}"
    return Asked(wording, f"{said[0].upper()}{said[1:]}{relation}{ground}.", "describing")


def _count(scene: Scene, chance: random.Random) -> Asked | None:
    if chance.random() < 0.35:
        wording = _say(
            chance, "How many things are there?", "How many objects are in the picture?",
            "Count the objects.", "How many items do you see?",
        )  # fmt: skip
        return Asked(wording, str(len(scene.things)), "counting")
    names = Counter(thing.name for thing in scene.things)
    if chance.random() < 0.12:
        name, number = chance.choice(SHAPES), 0
        number = names[name]
    else:
        name = chance.choice(sorted(names))
        number = names[name]
    many = plural(name)
    wording = _say(
        chance, f"How many {many} are there?", f"How many {many} do you see?", f"Count the {many}.",
        f"How many {many} are in the picture?", f"What is the number of {many}?",
    )  # fmt: skip
    return Asked(wording, str(number), "counting")


def _colour(scene: Scene, chance: random.Random) -> Asked | None:
    shapes = [thing for thing in _only(scene) if thing.colour]
    if not shapes:
        return None
    thing = chance.choice(shapes)
    wording = _say(
        chance, f"What color is the {thing.name}?", f"What colour is the {thing.name}?",
        f"Which color does the {thing.name} have?", f"What is the color of the {thing.name}?",
    )  # fmt: skip
    return Asked(wording, f"{str(thing.colour).capitalize()}.", "colour")


def _shape_of(scene: Scene, chance: random.Random) -> Asked | None:
    colours = Counter(thing.colour for thing in scene.things if thing.colour)
    alone = [t for t in scene.things if t.colour and colours[t.colour] == 1]
    if not alone:
        return None
    thing = chance.choice(alone)
    wording = _say(
        chance, f"What shape is {thing.colour}?", f"Which shape is {thing.colour}?",
        f"What is the {thing.colour} shape?",
    )  # fmt: skip
    return Asked(wording, f"{a(thing.name).capitalize()}.", "shape")


def _ground(scene: Scene, chance: random.Random) -> Asked | None:
    if not scene.plain:
        return None
    wording = _say(
        chance, "What color is the background?", "What is the background color?",
        "Which colour is the background?",
    )  # fmt: skip
    return Asked(wording, f"{scene.ground.capitalize()}.", "colour")


def _where(scene: Scene, chance: random.Random) -> Asked | None:
    only = [thing for thing in _only(scene) if _clear(thing.x) and _clear(thing.y)]
    if not only:
        return None
    thing = chance.choice(only)
    wording = _say(
        chance, f"Where is the {thing.name}?", f"In which part of the picture is the {thing.name}?",
        f"Where in the image is the {thing.name}?",
    )  # fmt: skip
    return Asked(wording, f"{place(thing).capitalize()}.", "place")


def _clear(share: float) -> bool:
    """Say whether a place is well inside a third: at its edge either answer would be as good."""
    return all(abs(share * 3 - edge) > _EDGE for edge in (1, 2))


def _pair(scene: Scene, chance: random.Random) -> tuple[Thing, Thing] | None:
    only = _only(scene)
    if len(only) < 2:
        return None
    first, second = chance.sample(only, 2)
    return first, second


def _relation(scene: Scene, chance: random.Random) -> Asked | None:
    pair = _pair(scene, chance)
    if pair is None:
        return None
    one, two = pair
    across = chance.random() < 0.5
    distance = two.x - one.x if across else two.y - one.y
    if abs(distance) < _NEAR:
        return None
    words = ("left of", "right of") if across else ("above", "below")
    # Yes as often as no.
    asked = chance.choice(words)
    true = words[0] if distance > 0 else words[1]
    to = "to the " if across else ""
    wording = _say(
        chance, f"Is the {one.name} {to}{asked} the {two.name}?",
        f"Is the {one.name} {asked} the {two.name}?",
    )  # fmt: skip
    return Asked(wording, "Yes." if asked == true else "No.", "relation")


def _beside(scene: Scene, chance: random.Random) -> Asked | None:
    if len(scene.things) != 2:
        return None
    pair = _pair(scene, chance)
    if pair is None:
        return None
    one, two = pair
    across = abs(two.x - one.x) > abs(two.y - one.y)
    distance = two.x - one.x if across else two.y - one.y
    if abs(distance) < _NEAR:
        return None
    words = ("to the right of", "to the left of") if across else ("below", "above")
    true = words[0] if distance > 0 else words[1]
    return Asked(f"What is {true} the {one.name}?", f"{a(two.words).capitalize()}.", "relation")


def _larger(scene: Scene, chance: random.Random) -> Asked | None:
    pair = _pair(scene, chance)
    if pair is None:
        return None
    one, two = pair
    if max(one.side, two.side) < 1.3 * min(one.side, two.side):
        return None
    larger, smaller = (one, two) if one.side > two.side else (two, one)
    if chance.random() < 0.5:
        wording = _say(chance, "Which is larger", "Which is bigger", "What is larger")
        said = larger
    else:
        wording, said = _say(chance, "Which is smaller", "What is smaller"), smaller
    return Asked(f"{wording}, the {one.name} or the {two.name}?", f"The {said.name}.", "size")


def _is_there(scene: Scene, chance: random.Random) -> Asked | None:
    present = _kinds(scene)
    if chance.random() < 0.5:
        words = chance.choice(sorted(present))
        answer = "Yes."
    else:
        words = _absent(scene, chance)
        answer = "No."
    wording = _say(
        chance, f"Is there {a(words)}?", f"Is there {a(words)} in the picture?",
        f"Do you see {a(words)}?", f"Can you see {a(words)}?", f"Does the image show {a(words)}?",
    )  # fmt: skip
    return Asked(wording, answer, "yes or no")


def _absent(scene: Scene, chance: random.Random) -> str:
    """Name what is not there; often nearly what is: the same shape in another colour."""
    shapes = [thing for thing in scene.things if thing.colour]
    for _ in range(20):
        if shapes and chance.random() < 0.6:
            thing = chance.choice(shapes)
            words = (
                f"{chance.choice(list(COLOURS))} {thing.name}"
                if chance.random() < 0.5
                else f"{thing.colour} {chance.choice(SHAPES)}"
            )
        else:
            words = chance.choice(_NAMES)
        if words not in _kinds(scene):
            return words
    return "unicorn horn"


def _which_of_kind(scene: Scene, chance: random.Random) -> Asked | None:
    """What cannot be told from a picture."""
    only = _only(scene)
    if not only:
        return None
    name = chance.choice(only).name
    wording = _say(
        chance, f"How old is the {name}?", f"Who owns the {name}?", f"What does the {name} cost?",
        f"What is the {name} called?", "When was this picture made?", "Who made this picture?",
        "What is outside the picture?", f"How heavy is the {name}?", "In which city is this?",
    )  # fmt: skip
    return Asked(wording, CANNOT, "can't tell")


def _missing(scene: Scene, chance: random.Random) -> Asked | None:
    """A question about what is not there has no other answer."""
    words = _absent(scene, chance)
    if any(words.endswith(thing.name) for thing in scene.things):
        return None
    name = words.rpartition(" ")[2] if words.split(" ")[0] in COLOURS else words
    wording = _say(chance, f"Where is the {name}?", f"What color is the {name}?")
    return Asked(wording, f"There is no {name}.", "can't tell")


def _in_front(scene: Scene, chance: random.Random) -> Asked | None:
    """Of two whose boxes overlap well, the one that was drawn later lies in front."""
    only = _only(scene)
    over = [
        (lower, upper)
        for i, lower in enumerate(only)
        for upper in only[i + 1 :]
        if apart(upper.x, upper.y, upper.side, lower) < 0.42
    ]
    if not over:
        return None
    lower, upper = chance.choice(over)
    one, two = chance.sample((lower, upper), 2)
    kind = chance.randrange(3)
    if kind == 0:
        wording = _say(chance, "Which is in front", "Which is on top")
        return Asked(
            f"{wording}, the {one.name} or the {two.name}?", f"The {upper.name}.", "overlap"
        )
    if kind == 1:
        return Asked(
            f"Is the {one.name} in front of the {two.name}?",
            "Yes." if one is upper else "No.",
            "overlap",
        )
    return Asked(f"Do the {one.name} and the {two.name} overlap?", "Yes.", "overlap")


def _apart(scene: Scene, chance: random.Random) -> Asked | None:
    pair = _pair(scene, chance)
    if pair is None or apart(pair[0].x, pair[0].y, pair[0].side, pair[1]) < 0.52:
        return None
    return Asked(f"Do the {pair[0].name} and the {pair[1].name} overlap?", "No.", "overlap")


def _in_detail(scene: Scene, chance: random.Random) -> Asked | None:
    """Each thing with its size and place, from left to right."""
    if len(scene.things) > 4:
        return None
    wording = _say(
        chance, "Describe the picture in detail.", "Describe this image in detail.",
        "What is where in the picture?", "Describe everything with its place.",
    )  # fmt: skip
    parts = [
        f"{a(f'{t.size} {t.words}').capitalize()} {_at(place(t))}."
        for t in sorted(scene.things, key=lambda t: t.x)
    ]
    if scene.plain:
        parts.append(f"The background is {scene.ground}.")
    return Asked(wording, " ".join(parts), "describing")


def _at(where: str) -> str:
    return "in the center" if where == "center" else f"at the {where}"


def _briefly(scene: Scene, chance: random.Random) -> Asked | None:
    wording = _say(
        chance, "Describe the picture in at most twenty words.", "Describe it in twenty words or less.",
        "What's in this image? Answer in at most 20 words.", "Caption this picture.",
    )  # fmt: skip
    said = listed(scene)
    return Asked(wording, f"{said[0].upper()}{said[1:]}.", "describing")


def _photograph(scene: Scene, chance: random.Random) -> Asked | None:
    return Asked(_say(chance, "Is this a photograph?", "Is it a photo?"), "No.", "photographs")


def _attributes(scene: Scene, chance: random.Random) -> Asked | None:
    """Fill attributes of the one thing that is there, whatever they are called."""
    if len(scene.things) != 1:
        return None
    thing = scene.things[0]
    told: dict[str, object] = {
        _say(chance, "object", "name", "item", "thing", "main_object"): thing.name,
        _say(chance, "position", "place", "location"): place(thing),
        "size": thing.size,
    }
    if thing.colour:
        told[_say(chance, "color", "colour")] = thing.colour
    if scene.plain:
        told[_say(chance, "background", "background_color")] = scene.ground
    if chance.random() < 0.3:
        told[_say(chance, "price", "owner", "age", "weight")] = None
    fields = chance.sample(sorted(told), chance.randint(1, len(told)))
    listed_fields = chance.choice((
        "\n".join(f"- {field}" for field in fields), ", ".join(fields),
    ))  # fmt: skip
    wording = _say(
        chance, "Return in JSON format and include the following attributes:\n\n",
        "Fill these attributes as JSON: ", "Answer with JSON that has these fields: ",
    )  # fmt: skip
    if chance.random() < 0.15:  # a schema may name the fields, which the question then does not
        wording, listed_fields = _say(chance, "Answer in JSON.", "Describe it as JSON."), ""
    return Asked(wording + listed_fields, _json(chance, {f: told[f] for f in fields}), "JSON")


def _as_json(scene: Scene, chance: random.Random) -> Asked | None:
    kinds = _kinds(scene)
    fields = chance.sample(["count", "things", "background"], chance.randint(1, 3))
    if "background" in fields and not scene.plain:
        fields.remove("background")
    if not fields:
        return None
    order = sorted(kinds, key=lambda words: min(t.x for t in scene.things if t.words == words))
    told = {"count": len(scene.things), "things": order, "background": scene.ground}
    listed = "\n".join(f"- {field}" for field in fields)
    wording = "Return in JSON format and include the following attributes:\n\n" + listed
    return Asked(wording, _json(chance, {field: told[field] for field in fields}), "JSON")


def _json(chance: random.Random, told: dict[str, object]) -> str:
    """Write JSON with or without spaces: under a grammar there are none."""
    return json.dumps(told, separators=chance.choice(((", ", ": "), (",", ":"))))


def reworded(asked: Asked, chance: random.Random) -> Asked:
    """Ask the same as people also type it: without a sign at the end, in lower case, with a please."""
    question = asked.question
    if "\n" in question or chance.random() > 0.35:
        return asked
    for one, other in (
        ("the picture", "the image"),
        ("the image", "this picture"),
        ("color", "colour"),
    ):
        if chance.random() < 0.3:
            question = question.replace(one, other)
    kind = chance.randrange(5)
    if kind == 0:
        question = question.rstrip("?.")
    elif kind == 1:
        question = question.lower().rstrip("?.")
    elif kind == 2:
        question = (
            _say(chance, "Look at the picture. ", "Tell me: ", "Question: ", "Hello! ") + question
        )
    elif kind == 3:
        question += _say(
            chance, " Answer briefly.", " Be short.", " Answer in a few words.", " Please be brief."
        )
    elif asked.answer in ("Yes.", "No."):
        question += _say(chance, " Answer yes or no.", " Yes or no?")
    return Asked(question, asked.answer, asked.topic)


_NAMES: list[str] = []
_KINDS: dict[Callable[[Scene, random.Random], Asked | None], float] = {
    _what: 3, _describe: 1, _count: 2.5, _colour: 1.5, _shape_of: 0.8, _ground: 0.6, _where: 2.5,
    _relation: 2.5, _beside: 0.8, _larger: 0.8, _is_there: 3, _which_of_kind: 0.3, _missing: 0.4,
    _as_json: 0.8, _attributes: 1.2, _in_front: 1.5, _apart: 0.25, _in_detail: 0.8, _briefly: 0.4,
    _photograph: 0.1,
}  # fmt: skip


def use_names(names: Sequence[str]) -> None:
    """Say which names there are, so that what is absent can be asked about."""
    _NAMES[:] = sorted(names)
