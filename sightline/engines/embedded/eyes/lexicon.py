"""Words for things: which kinds a word of a question names, and how kinds are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from sightline.engines.embedded import words
from sightline.perception.vocabulary import Vocabulary, vocabulary

_IRREGULAR = {
    "people": "person", "persons": "person", "men": "man", "women": "woman", "children": "child", "kids": "kid",
    "knives": "knife", "buses": "bus", "skis": "skis", "mice": "mouse", "geese": "goose", "wolves": "wolf",
    "loaves": "loaf", "leaves": "leaf", "feet": "foot", "teeth": "tooth", "glasses": "glass", "scissors": "scissors",
    "calves": "calf", "oxen": "ox", "series": "series", "puppies": "puppy", "shelves": "shelf", "sheep": "sheep",
}  # fmt: skip
_PLURALS = {
    "person": "people", "knife": "knives", "sheep": "sheep", "skis": "skis", "computer mouse": "computer mice",
    "pair of scissors": "pairs of scissors", "fish": "fish", "broccoli": "broccoli",
}  # fmt: skip
_UNCOUNTED = frozenset(
    "furniture luggage cutlery silverware food fruit traffic electronics".split()
)
NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()
# What WordNet puts above things and nobody asks for.
_EMPTY = frozenset(
    """
    entity physical entity object physical object whole unit artifact artefact thing matter being
    instrumentality instrumentation way article system part piece group set line structure substance
    covering causal agent cause agent device equipment implement container instrument machine
    construction abstraction relation measure attribute state activity event act game board court
    ground surface area space place top bottom side edge end back front middle picture image photo
    colour color black white grey gray red yellow green blue purple pink brown light dark number kind
    type sort name word text letter sign page screen frame scene view print title cap head face body
    hand one time day case work position size form figure match mark point order level series solid
    spot arm fly drink store home wear cover house lock filter opener pointer
    """.split()
) | {"physical entity", "physical object", "living thing", "animate thing", "causal agent"}
# Broader words that WordNet does not have above the kinds that people mean.
_BROADER = {
    "pet": "cat, dog", "cutlery": "fork, knife, spoon", "silverware": "fork, knife, spoon", "utensil": "fork, knife, spoon",
    "luggage": "suitcase, backpack, handbag", "bag": "backpack, handbag, suitcase", "toy": "teddy bear, kite, frisbee, ball",
    "electronics": "television, laptop, cell phone, computer mouse, keyboard, remote control",
    "electronic device": "television, laptop, cell phone, computer mouse, keyboard, remote control",
    "dish": "bowl, cup", "tableware": "bowl, cup, fork, knife, spoon, wine glass", "seat": "chair, couch, bench",
    "edible": "banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake",
    "fruit": "banana, apple, orange", "vegetable": "broccoli, carrot", "road vehicle": "car, bus, truck, motorcycle, bicycle",
    "transport": "car, bus, truck, motorcycle, bicycle, train, boat, airplane", "farm animal": "horse, sheep, cow",
    "wild animal": "elephant, bear, zebra, giraffe", "sports equipment": "frisbee, skis, snowboard, ball, kite, baseball bat, "
    "baseball glove, skateboard, surfboard, tennis racket", "furniture": "chair, couch, bed, dining table, bench",
    "appliance": "microwave, oven, toaster, refrigerator", "creature": "", "kitty": "cat", "doggy": "dog", "doggie": "dog", "pooch": "dog", "pup": "dog", "telly": "television", "glass": "wine glass, cup",
}  # fmt: skip
# Of these a kind is known alone: that a car is seen does not say that it is a taxi.
NARROWER = frozenset(
    """
    taxi cab sedan suv minibus coach moped scooter airliner jet tram locomotive pickup canoe yacht
    ferry sailboat kitten puppy hound foal pony lamb bull calf ox football baseball basketball goblet
    hamburger burger sausage desk freezer player driver teacup espresso
    """.split()
) | {"pickup truck", "soccer ball", "tennis ball", "wall clock"}
# Words for people that say what is not guessed.
GUESSED = frozenset(
    "man woman men women boy girl lady gentleman guy adult baby toddler teenager child children kid".split()
)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a word names: kinds of the detector, and numbers of the classifier's classes."""

    word: str
    plural: bool
    things: frozenset[str]
    classes: frozenset[int]

    @property
    def is_broad(self) -> bool:
        """Whether it names more kinds than one, of which others may be that are not known."""
        return len(self.things) > 1


_SHAPES = {
    "circle": "circle, disc, disk, dot, ring, round shape, ball", "oval": "oval, ellipse", "square": "square, box",
    "rectangle": "rectangle, bar, box, oblong", "triangle": "triangle", "diamond": "diamond, rhombus, lozenge", "star": "star",
    "arrow": "arrow", "cross": "cross, plus, plus sign", "pentagon": "pentagon", "hexagon": "hexagon",
}  # fmt: skip
_ANY_SHAPE = "shape, figure, object, thing, form, item, element, polygon, symbol"


def meant(text: str, *, drawn: bool = False) -> list[Meant]:
    """Find the things that a text names, in order; the longest phrase counts.

    `drawn` looks for names of shapes instead.
    """
    known = _shape_index() if drawn else _index()
    found: list[Meant] = []
    said = [token for token in words.tokens(text) if token]
    at = 0
    while at < len(said):
        for length in range(min(4, len(said) - at), 0, -1):
            phrase = " ".join([*said[at : at + length - 1], singular(said[at + length - 1])])
            entry = known.get(phrase) or known.get(" ".join(said[at : at + length]))
            if entry is not None:
                plural = said[at + length - 1] != phrase.split()[-1]
                found.append(Meant(phrase, plural, *entry))
                at += length
                break
        else:
            at += 1
    return found


@cache
def _shape_index() -> dict[str, tuple[frozenset[str], frozenset[int]]]:
    found: dict[str, set[str]] = {}
    for kind, said in _SHAPES.items():
        for word in said.split(", "):
            found.setdefault(word, set()).add(kind)
    for word in _ANY_SHAPE.split(", "):
        found[word] = set(_SHAPES)
    return {word: (frozenset(kinds), frozenset()) for word, kinds in found.items()}


@cache
def _index() -> dict[str, tuple[frozenset[str], frozenset[int]]]:
    known: Vocabulary | None = vocabulary()
    if known is None:
        return {}
    things: dict[str, set[str]] = {}
    classes: dict[str, set[int]] = {}
    for kind in known.things.values():
        for word in (*kind.words, *kind.above):
            things.setdefault(word, set()).add(kind.name)
    for word, names in _BROADER.items():
        things.setdefault(word, set()).update(filter(None, names.split(", ")))
    for number, (_, said) in enumerate(known.classes):
        for word in said:
            classes.setdefault(word, set()).add(number)
    for node in known.nodes:
        # Broader words that nobody says of things ("spot", a place) are other words in questions.
        for word in node.words if node.name else ():
            classes.setdefault(word, set()).update(map(int, node.members))
        # But a reflex camera is called a camera by its name.
        for word in {word for member in node.members for word in _heads(known, int(member))}:
            if word in node.words:
                classes.setdefault(word, set()).update(map(int, node.members))
    for kind in known.things.values():
        for word in kind.words:
            classes.setdefault(word, set()).update(map(int, kind.classes))
    return {
        word: (frozenset(things.get(word, ())), frozenset(classes.get(word, ())))
        for word in {*things, *classes}
        if word not in _EMPTY
    }


def _heads(known: Vocabulary, number: int) -> set[str]:
    """Give the last words of a class's names of several words."""
    return {word.split()[-1] for word in known.classes[number][1] if " " in word}


def singular(word: str) -> str:
    """Bring a plural to its singular, as far as English is regular."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses", "oes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def plural(name: str) -> str:
    """Write the plural of a kind's name."""
    if name in _PLURALS:
        return _PLURALS[name]
    if name.endswith(("body", "one")) and name.startswith(("any", "some", "every", "no")):
        return "people"
    if name in _UNCOUNTED:
        return name
    if name.endswith(("ch", "sh", "x", "ss", "s")):
        return name + "es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + "s"


def a(name: str) -> str:
    """Write a name with its article."""
    if name in ("skis",) or name.startswith(
        ("food", "fruit", "clothing", "baked goods", "footwear")
    ):
        return name
    return f"{'an' if re.match(r'[aeio]|u(?!ni)', name, re.IGNORECASE) else 'a'} {name}"


def number(count: int) -> str:
    """Write a small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)
