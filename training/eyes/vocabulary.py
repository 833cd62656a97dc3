"""What the networks' kinds are called, by WordNet: words for each, and the broader kinds above.

WordNet 3.1's nouns are read from the package that carries them; the thousand kinds of the
classifier are named by WordNet 3.0, whose definitions tell which synset of 3.1 each is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The detector's kinds by their number; where the first noun of that name in WordNet is not what is
# meant, a word of the definition of the one that is.
COCO: dict[int, tuple[str, str]] = {
    1: ("person", ""), 2: ("bicycle", "wheeled vehicle"), 3: ("car", "motor vehicle"),
    4: ("motorcycle", ""), 5: ("airplane", ""), 6: ("bus", "vehicle"), 7: ("train", "public transport"),
    8: ("truck", "automotive"), 9: ("boat", "travel on water"), 10: ("traffic light", ""),
    11: ("fire hydrant", ""), 13: ("stop sign", "traffic sign|street sign"), 14: ("parking meter", ""),
    15: ("bench", "long seat"), 16: ("bird", "feathers"), 17: ("cat", "feline"), 18: ("dog", "genus Canis"),
    19: ("horse", "hoofed"), 20: ("sheep", "ruminant"), 21: ("cow", "mature female of mammals of which the male is called 'bull'|cattle"),
    22: ("elephant", "pachyderm"), 23: ("bear", "massive plantigrade"), 24: ("zebra", ""), 25: ("giraffe", ""),
    27: ("backpack", ""), 28: ("umbrella", "canopy"), 31: ("handbag", "carrying money"), 32: ("tie", "necktie|long narrow piece"),
    33: ("suitcase", ""), 34: ("frisbee", ""), 35: ("skis", "ski"), 36: ("snowboard", ""),
    37: ("ball", "round object"), 38: ("kite", "plaything"), 39: ("baseball bat", ""),
    40: ("baseball glove", "handwear"), 41: ("skateboard", ""), 42: ("surfboard", ""),
    43: ("tennis racket", ""), 44: ("bottle", "vessel"), 46: ("wine glass", "wineglass"), 47: ("cup", "open container"),
    48: ("fork", "cutlery"), 49: ("knife", "edge tool"), 50: ("spoon", "cutlery"), 51: ("bowl", "round vessel"),
    52: ("banana", "crescent-shaped"), 53: ("apple", "fruit"), 54: ("sandwich", "slices"), 55: ("orange", "citrus"),
    56: ("broccoli", "undeveloped"), 57: ("carrot", "root"), 58: ("hot dog", "frankfurter"), 59: ("pizza", ""),
    60: ("donut", "ring-shaped|cake"), 61: ("cake", "baked goods"), 62: ("chair", "seat for one person"),
    63: ("couch", "upholstered seat"), 64: ("potted plant", "plant"), 65: ("bed", "furniture"),
    67: ("dining table", ""), 70: ("toilet", "plumbing"), 72: ("television", "electronic device"),
    73: ("laptop", ""), 74: ("computer mouse", "hand-operated"), 75: ("remote control", "control"),
    76: ("keyboard", "device"), 77: ("cell phone", "hand-held|mobile"), 78: ("microwave", "kitchen appliance"),
    79: ("oven", "kitchen appliance"), 80: ("toaster", "kitchen appliance"), 81: ("sink", "plumbing"),
    82: ("refrigerator", ""), 84: ("book", "physical"), 85: ("clock", "timepiece"), 86: ("vase", ""),
    87: ("pair of scissors", "scissors"), 88: ("teddy bear", "plaything"), 89: ("hair dryer", "hand-held"),
    90: ("toothbrush", ""),
}  # fmt: skip
# Where WordNet has it under another word.
_LOOKED_UP = {
    "stop sign": "street sign", "skis": "ski", "tie": "necktie", "wine glass": "wineglass", "donut": "doughnut",
    "potted plant": "houseplant", "computer mouse": "mouse", "pair of scissors": "scissors", "frisbee": "Frisbee",
    "cow": "cow", "hair dryer": "hand blower", "baseball glove": "baseball glove", "handbag": "bag",
    "tennis racket": "tennis racket", "dining table": "dining table", "hot dog": "hotdog", "person": "person",
    "cell phone": "cellular telephone",
}  # fmt: skip
# What people call them beside that. WordNet's own words are left out: a toilet is a "can" there.
_MORE_WORDS = {
    "person": "people, human, human being, man, woman, men, women, boy, girl, child, children, kid, guy, lady, gentleman, somebody, "
    "someone, anybody, anyone, individual, adult, baby, toddler, teenager, player, rider, skier, surfer, skateboarder, "
    "snowboarder, pedestrian, crowd, driver, cyclist",
    "bicycle": "bike, cycle, pushbike", "motorcycle": "motorbike, scooter, moped, bike",
    "airplane": "plane, aeroplane, jet, airliner, aircraft", "car": "automobile, auto, taxi, cab, suv, sedan", "bus": "coach, minibus",
    "train": "locomotive, railway, tram", "truck": "lorry, pickup, pickup truck", "boat": "ship, sailboat, canoe, vessel, yacht, ferry",
    "traffic light": "stoplight, traffic signal", "fire hydrant": "hydrant", "cow": "cattle, bull, calf, ox, oxen", "sheep": "lamb",
    "dog": "puppy, hound", "cat": "kitten", "horse": "pony, foal", "backpack": "rucksack, bag", "umbrella": "parasol", "handbag": "purse, bag",
    "tie": "necktie", "suitcase": "luggage, baggage, bag, trunk", "skis": "ski", "ball": "sports ball, football, basketball, baseball, soccer ball, tennis ball",
    "baseball bat": "bat", "baseball glove": "glove, mitt", "tennis racket": "racket, racquet, tennis racquet", "wine glass": "glass, wineglass, goblet",
    "cup": "mug, teacup, coffee cup, glass", "sandwich": "burger, hamburger", "hot dog": "hotdog, sausage", "donut": "doughnut",
    "couch": "sofa, settee", "potted plant": "plant, flowerpot, houseplant", "dining table": "table, desk", "toilet": "toilet bowl, loo",
    "television": "tv, screen, monitor, television set, telly, display", "laptop": "computer, notebook computer, laptop computer",
    "computer mouse": "mouse", "remote control": "remote", "keyboard": "computer keyboard", "cell phone": "phone, mobile phone, smartphone, telephone, mobile, cellphone",
    "microwave": "microwave oven", "oven": "stove, cooker", "sink": "washbasin, basin", "refrigerator": "fridge, freezer", "clock": "wall clock",
    "pair of scissors": "scissors", "teddy bear": "stuffed animal, teddy, plush toy, stuffed toy", "hair dryer": "hair drier, hairdryer",
}  # fmt: skip
# Kinds of the classifier that are one of the detector's, beside those below it in WordNet.
_ALSO = {
    "bicycle": "bicycle-built-for-two, tricycle, unicycle", "motorcycle": "moped, motor scooter", "airplane": "airliner, warplane, wing",
    "train": "freight car, passenger car, bullet train, electric locomotive, steam locomotive, streetcar",
    "truck": "moving van, police van, minivan, fire engine, garbage truck, tow truck, trailer truck, pickup, recreational vehicle, ambulance",
    "boat": "speedboat, lifeboat, canoe, yawl, gondola, fireboat, catamaran, trimaran, schooner, container ship, liner, pirate, aircraft carrier, paddlewheel",
    "bus": "school bus, minibus, trolleybus", "bench": "park bench", "horse": "sorrel, horse cart", "sheep": "ram, bighorn",
    "cow": "ox, water buffalo, bison, oxcart", "bear": "giant panda", "handbag": "purse, mailbag", "skis": "ski", "tennis racket": "racket",
    "wine glass": "goblet, red wine", "cup": "coffee mug, espresso, cup", "knife": "cleaver, letter opener", "spoon": "wooden spoon, ladle",
    "bowl": "mixing bowl, soup bowl, consomme, trifle, guacamole", "apple": "Granny Smith", "sandwich": "cheeseburger", "donut": "bagel",
    "couch": "studio couch", "potted plant": "pot", "bed": "four-poster, studio couch, crib, bassinet, cradle, quilt", "toilet": "toilet seat",
    "television": "television, screen, monitor, home theater, entertainment center, desktop computer", "laptop": "notebook",
    "keyboard": "computer keyboard, typewriter keyboard", "oven": "stove, rotisserie, dishwasher, microwave", "sink": "washbasin",
    "book": "book jacket, comic book, library, bookshop", "car": "minivan, police van, racer, sports car, grille, car wheel, car mirror",
    "clock": "analog clock, digital clock, wall clock, digital watch, stopwatch", "dining table": "dining table, restaurant, desk, pool table",
    "tie": "Windsor tie, bow tie, bolo tie, suit", "traffic light": "traffic light", "ball": "baseball, basketball, soccer ball, tennis ball, volleyball, rugby ball, golf ball",
    "snowboard": "ski", "chair": "throne", "vase": "vase, pitcher", "suitcase": "backpack, mailbag",
}  # fmt: skip
# Broader kinds as people say them, by their first word in WordNet; those that are not here (an
# artifact, a chordate) are never said.
SAID = {
    "animal": "animal", "mammal": "mammal", "bird": "bird", "fish": "fish", "reptile": "reptile", "amphibian": "amphibian",
    "insect": "insect", "arachnid": "arachnid", "spider": "spider", "snake": "snake", "lizard": "lizard", "turtle": "turtle",
    "frog": "frog", "crocodilian reptile": "crocodile or alligator", "monkey": "monkey", "ape": "ape", "primate": "primate", "dog": "dog",
    "hunting dog": "dog", "working dog": "dog", "toy dog": "small dog", "terrier": "terrier", "hound": "hound", "spaniel": "spaniel",
    "retriever": "retriever", "poodle": "poodle", "cat": "cat", "domestic cat": "cat", "big cat": "big cat", "wolf": "wolf",
    "fox": "fox", "bear": "bear", "wild dog": "wild dog", "rabbit": "rabbit", "leporid": "rabbit or hare", "rodent": "rodent",
    "ungulate": "hoofed animal", "bovid": "hoofed animal", "antelope": "antelope", "elephant": "elephant", "whale": "whale", "shark": "shark", "butterfly": "butterfly",
    "beetle": "beetle", "crab": "crab", "lobster": "lobster", "crustacean": "crustacean", "mollusk": "mollusc", "duck": "duck",
    "parrot": "parrot", "bird of prey": "bird of prey", "game bird": "game bird", "aquatic bird": "water bird", "musteline mammal": "weasel-like animal",
    "ray": "ray", "swine": "pig", "salamander": "salamander", "vehicle": "vehicle", "motor vehicle": "motor vehicle", "car": "car",
    "truck": "truck", "bus": "bus", "van": "van", "boat": "boat", "ship": "ship", "bicycle": "bicycle", "aircraft": "aircraft",
    "military vehicle": "military vehicle", "locomotive": "locomotive", "sled": "sled", "vessel": "",
    "food": "food", "fruit": "fruit", "vegetable": "vegetable", "bread": "bread", "dessert": "dessert",
    "beverage": "drink", "fungus": "mushroom", "squash": "squash", "baked goods": "baked goods", "dish": "dish of food", "furniture": "piece of furniture", "chair": "chair",
    "table": "table", "lamp": "lamp", "musical instrument": "musical instrument", "stringed instrument": "stringed instrument",
    "wind instrument": "wind instrument", "percussion instrument": "percussion instrument", "keyboard instrument": "keyboard instrument",
    "piano": "piano", "guitar": "guitar", "clothing": "piece of clothing", "garment": "piece of clothing", "hat": "hat", "headdress": "piece of headgear", "footwear": "footwear",
    "shoe": "shoe", "coat": "coat", "swimsuit": "swimsuit", "skirt": "skirt", "scarf": "scarf", "necktie": "tie", "helmet": "helmet",
    "mask": "mask", "building": "building", "dwelling": "house", "shop": "shop", "place of worship": "place of worship",
    "bridge": "bridge", "fence": "fence", "tool": "tool", "knife": "knife", "weapon": "weapon", "gun": "gun", "machine": "machine",
    "computer": "computer", "telephone": "telephone", "timepiece": "timepiece", "clock": "clock", "bottle": "bottle", "bag": "bag",
    "box": "box", "cooking utensil": "piece of cookware", "kitchen utensil": "kitchen utensil", "home appliance": "appliance",
    "appliance": "appliance", "ball": "ball", "sports equipment": "piece of sports equipment", "optical instrument": "optical instrument",
    "electronic equipment": "electronic device", "measuring instrument": "measuring instrument", "person": "person",
    "toiletry": "toiletry", "flower": "flower", "geological formation": "natural landscape", "natural elevation": "mountain or hill",
}  # fmt: skip


@dataclass(frozen=True)
class Synset:
    """A meaning: its words, the meanings above it, what it is defined as."""

    words: tuple[str, ...]
    above: tuple[str, ...]
    gloss: str


class WordNet:
    """The nouns of a `data.noun`; the format is wndb(5WN)."""

    def __init__(self, path: Path) -> None:
        self.synsets: dict[str, Synset] = {}
        self._of: dict[str, list[str]] = defaultdict(list)
        for line in path.read_text("latin-1").splitlines():
            if line.startswith("  "):
                continue
            head, _, gloss = line.partition(" | ")
            fields = head.split()
            count = int(fields[3], 16)
            names = tuple(fields[4 + 2 * i].replace("_", " ") for i in range(count))
            at = 4 + 2 * count
            pointers = [fields[at + 1 + 4 * i : at + 4 + 4 * i] for i in range(int(fields[at]))]
            above = tuple(to for sign, to, part in pointers if sign in ("@", "@i") and part == "n")
            self.synsets[fields[0]] = Synset(names, above, gloss.strip())
            for name in names:
                self._of[name.lower()].append(fields[0])
        order = path.with_name("index.noun").read_text("latin-1").splitlines()
        for line in order:  # its senses, the most frequent first
            fields = line.split()
            if not line.startswith("  "):
                senses = fields[-int(fields[2]) :]
                self._of[fields[0].replace("_", " ").lower()] = senses

    def best(self, names: list[str], gloss: str) -> str:
        """Find the meaning whose words and definition fit best."""
        told = set(_plain(gloss).split())
        near = {s for name in names for s in self._of.get(name.lower(), [])}

        def fit(synset: str) -> tuple[float, int]:
            found = self.synsets[synset]
            shared = len(told & set(_plain(found.gloss).split())) / max(1, len(told))
            return shared, len({n.lower() for n in names} & {w.lower() for w in found.words})

        return max(sorted(near), key=fit)

    def named(self, name: str, hint: str) -> str:
        """Find the first meaning of a word, or the first whose definition has one of the hints."""
        senses = self._of[name.lower()]
        for part in hint.split("|") if hint else []:
            for synset in senses:
                found = self.synsets[synset]
                if part in found.gloss or part in found.words:
                    return synset
        return senses[0]

    def over(self, synset: str) -> list[str]:
        """List what is above a meaning, near ones first, itself the first."""
        found, row = [synset], [synset]
        while row:
            row = [up for one in row for up in self.synsets[one].above if up not in found]
            found += list(dict.fromkeys(row))
        return found


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def vocabulary(dictionary: Path, synsets: Path) -> dict[str, Any]:
    """Make what `sightline.perception.vocabulary` reads.

    `classes` are the classifier's kinds in order: name, words. `nodes` are broader kinds: name to
    say ("" for never), words, members (numbers of classes). `things` are the detector's by number:
    name, words, the words of what is above, and which of the classes are of this kind.
    """
    wordnet = WordNet(dictionary)
    ids = (synsets / "imagenet_synsets.txt").read_text().split()
    lemmas = _table(synsets / "imagenet_synset_to_lemma.txt")
    glosses = _table(synsets / "imagenet_synset_to_definition.txt")
    classes, members = [], defaultdict(list)
    for number, id in enumerate(ids):
        names = [name.strip() for name in lemmas[id].split(",")]
        synset = wordnet.best(names, glosses[id])
        classes.append({"id": id, "name": names[0], "words": [n.lower() for n in names]})
        for above in wordnet.over(synset):
            members[above].append(number)
    nodes = []
    for synset, numbers in members.items():
        words = wordnet.synsets[synset].words
        if len(numbers) > 1:
            said = SAID.get(words[0], "")
            nodes.append({"name": said, "words": [w.lower() for w in words], "members": numbers})
    things = {}
    for number, (name, hint) in COCO.items():
        synset = wordnet.named(_LOOKED_UP.get(name, name), hint)
        words = {name, *filter(None, _MORE_WORDS.get(name, "").split(", "))}
        above = {w.lower() for up in wordnet.over(synset)[1:] for w in wordnet.synsets[up].words}
        also = set(filter(None, _ALSO.get(name, "").split(", ")))
        same = set(members[synset]) | {i for i, one in enumerate(classes) if one["name"] in also}
        if also - {one["name"] for one in classes}:
            raise ValueError(f"no class is called {also - {one['name'] for one in classes}}")
        things[str(number)] = {
            "name": name, "words": sorted(words), "above": sorted(above), "classes": sorted(same),
        }  # fmt: skip
    return {"classes": classes, "nodes": nodes, "things": things}


def _table(path: Path) -> dict[str, str]:
    rows = (line.split("\t") for line in path.read_text().splitlines())
    return {row[0]: row[1] for row in rows}
