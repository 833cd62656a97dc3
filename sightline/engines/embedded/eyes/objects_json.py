"""JSON values from what is seen: things as rows, counts, whether there are any, their colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sightline.engines.embedded.convert import MISSING, words_in_english, words_of
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import box_formats, lexicon, phrases
from sightline.engines.embedded.eyes.lexicon import Meant, meant
from sightline.perception.things import Sighting, Thing

# Names of attributes for things of any kind.
ANY = frozenset("object thing item element entity tag label detection subject contents".split())
_COUNTS = frozenset("count number num total many quantity amount n".split())
_MAIN = frozenset("main primary dominant subject object focus".split())
# Words of an attribute that asks whether something is there, beside its name.
_THERE = frozenset(
    """
    has have is are there any a an the of in on contains contain present visible shown show shows
    exists seen detected found image picture photo photograph scene
    """.split()
)
_COLOUR = frozenset("colour color".split())


# Of these the colours of the whole picture are meant; of all else the thing's own.
_WHOLE = frozenset(
    """
    main dominant primary secondary background overall image picture photo palette theme scheme
    accent top most common average text font ink of the
    """.split()
)
_KIND = frozenset("species kind type breed class sort name".split())
_PLACE = frozenset("indoor indoors outdoor outdoors inside outside".split())
_SETTING = frozenset("setting environment scene place location type is the of".split())


def rows(e: Exhibit, said: set[str], text: str = "") -> list[dict[str, Any]]:
    """List things as rows of all that is known of each, `box` as `Placed`.

    They are those that an attribute's words name, or else a prompt's `text`, or else all.
    """
    found = e.survey.seen
    if found is None:
        return []
    things = _chosen(found, said)
    if len(things) == len(found.things) and text and not ANY & set(words_of(text)):
        wanted = [one for one in meant(text, drawn=found.drawn) if one.things]
        kinds = frozenset[str]().union(*(one.things for one in wanted))
        things = [thing for thing in things if not wanted or thing.name in kinds]
    return [_row(e, thing) for thing in things]


def names(e: Exhibit, said: set[str]) -> list[str]:
    """List the kinds of things that an attribute is named after, or of all."""
    found = e.survey.seen
    if found is None:
        return []
    told = [thing.name for thing in _chosen(found, said)]
    if not told and found.best is not None and said & ANY:
        told = [found.best[0]]
    return list(dict.fromkeys(told))


_LISTS = re.compile(
    r"\b(?:list|detect|find|locate|give|return|show|name|identify|extract)\b[^.?!]*\b(?:objects?|things?|detections?|items?)\b"
    r"|\bbounding box|\bboxes\b|\b(?:of|for) (?:each|every) (?:kind|object|thing|item)\b",
    re.IGNORECASE,
)


def wants_things(text: str, exhibits: Sequence[Exhibit]) -> bool:
    """Say whether a wording asks for the things that are seen, of pictures that were looked at."""
    seen = bool(exhibits) and all(e.survey.seen is not None for e in exhibits)
    if not seen or _LISTS.search(text) is not None:
        return seen
    of_things = any(one.things for one in meant(text, drawn=False))
    sides = sum(key == "side" for key in map_of(text).values())
    return of_things and (
        sides >= _SIDES or (_ROWS.search(text) is not None and bool(map_of(text)))
    )


_SIDES = 4  # numbers that make a box
_ROWS = re.compile(
    r"\b(?:array|list)\b[^.?!]*\b(?:each|every|with)\b|\b(?:for|of) (?:each|every)\b", re.IGNORECASE
)
_TAGS = re.compile(r"\b(?:tags?|keywords?)\b", re.IGNORECASE)


def wants_tags(text: str, exhibits: Sequence[Exhibit]) -> bool:
    """Say whether words for what is seen are all that is asked for."""
    seen = bool(exhibits) and all(e.survey.seen is not None for e in exhibits)
    return seen and _TAGS.search(text) is not None and not map_of(text)


def map_of(text: str) -> dict[str, str | None]:
    """Give the names that a wording has for what is told of each thing, and what each asks for."""
    every = _names(text)
    return {name: _key(name, every) for name in every}


def listed(text: str, exhibits: Sequence[Exhibit]) -> Any:
    """List things with their boxes, by the names that a wording has for what is told of each."""
    each = _EACH.search(text)
    if each is not None:
        return _by_kind(exhibits, text, re.split(r"\s*,\s*(?:and )?|\s+and\s+", each["names"]))
    form, keys = box_formats.form_of(text), map_of(text)
    every = list(keys)
    one_box = sum(key == "side" for key in keys.values()) >= _SIDES
    if not one_box and not {"name"} < set(keys.values()):
        keys = {"name": "name", "confidence": "confidence", "box": "box"}
    pictures = []
    for e in exhibits:
        things = []
        for row in rows(e, set(), text):
            placed: box_formats.PlacedBox = row["box"]
            sides = {n: box_formats.side_of(n, every) for n, key in keys.items() if key == "side"}
            told_ = {
                name: placed.listed(form) if key == "box" else row.get(str(key))
                for name, key in keys.items()
            }
            told_ |= {n: placed.side(side, form.scale) for n, side in sides.items() if side}
            things.append(told_)
        pictures.append({"objects": things})
    if len(pictures) > 1:
        return {"pictures": pictures}
    if one_box and len(pictures[0]["objects"]) == 1 and not _ARRAY.search(text):
        return pictures[0]["objects"][0]
    return pictures[0]["objects"] if _ARRAY.search(text) else pictures[0]


_EACH = re.compile(
    r"\b(?:with|giving|the) (?:the )?(?:keys? |fields? )?(?P<names>\w+(?: \w+)?(?:\s*(?:,|and)\s*(?:and )?\w+(?: \w+)?)*)\s+"
    r"(?:of|for) (?:each|every) (?:kind|object|thing|item)\b",
    re.IGNORECASE,
)


def _by_kind(exhibits: Sequence[Exhibit], text: str, names: Sequence[str]) -> Any:
    """List kinds with what is asked of each, null where that is not seen."""
    found: list[dict[str, Any]] = []
    for e in exhibits:
        grouped: dict[str, list[dict[str, Any]]] = {}
        for row in rows(e, set(), text):
            grouped.setdefault(row["name"], []).append(row)
        for same in grouped.values():
            made: dict[str, Any] = {}
            for name in names:
                key = _key(name, names)
                counts = set(words_of(name)) & _COUNTS
                made[name] = len(same) if counts else same[0].get(str(key)) if key else None
            found.append(
                {
                    k: v.listed(box_formats.form_of(text))
                    if isinstance(v, box_formats.PlacedBox)
                    else v
                    for k, v in made.items()
                }
            )
    return found if _ARRAY.search(text) else {"objects": found}


_ARRAY = re.compile(r"\bjson (?:array|list)\b|\b(?:array|list) of json\b", re.IGNORECASE)
_KNOWN = {
    **dict.fromkeys("name label class kind type category object".split(), "name"),
    **dict.fromkeys("confidence score probability".split(), "confidence"),
    **dict.fromkeys("position location place".split(), "position"),
    **dict.fromkeys("colour color".split(), "colour"),
}


def _names(text: str) -> list[str]:
    """Give what sound like names of attributes of a row, after what introduces them."""
    begin = _INTRODUCES.search(text)
    if begin is None:
        return []
    numbers = _BRACKETS.sub(" ", text[begin.end() :])
    said = list(dict.fromkeys(re.findall(r"[A-Za-z_]\w*", numbers)))
    return [name for name in said if _key(name, said) and name.lower() not in _PROSE]


_INTRODUCES = re.compile(r"\b(?:with|keys?|fields?|attributes?|properties|containing)\b|:")
_BRACKETS = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_PROSE = frozenset("boxes coordinates bounding object".split())


def _key(name: str, among: Sequence[str]) -> str | None:
    """Give what of a row a name asks for; "side" for one number of its box."""
    said = set(words_in_english(name))
    if said & box_formats.NAMES:
        return "box"
    if box_formats.side_of(name, among) is not None:
        return "side"
    return next((key for word, key in _KNOWN.items() if word in said), None)


def told(e: Exhibit, form: box_formats.BoxFormat, text: str = "") -> list[dict[str, Any]]:
    """List things by name, confidence and box."""
    return [
        {"name": row["name"], "confidence": row["confidence"], "box": row["box"].listed(form)}
        for row in rows(e, set(), text)
    ]


def has_box(names: Iterable[str]) -> bool:
    """Say whether attributes of a row tell where something is, which only things seen have."""
    every = list(names)
    corners = sum(box_formats.side_of(name, every) is not None for name in every)
    return corners >= 2 or any(set(words_of(name)) & box_formats.NAMES for name in every)


def is_of_things(e: Exhibit, said: set[str]) -> bool:
    """Say whether an attribute's name is of things that may be seen in this picture."""
    found = e.survey.seen
    return found is not None and (bool(said & (ANY | _PLACE)) or bool(_wanted(found, said)))


def tags(e: Exhibit, most: int | None) -> list[str]:
    """Give words for what is seen: kinds of things, of the whole, the place, the main colours."""
    found = e.survey.seen
    if found is None:
        return []
    said = [name for name, _ in phrases.listing(found)]
    said += [thing.finer for thing in found.things if thing.finer]
    said += [found.best[0]] if found.best is not None else []
    said += [found.scene.place] if found.scene is not None and found.scene.place else []
    said += ["snow"] if found.is_snow else []
    said += [colour.name for colour in e.survey.colours[:2]]
    return list(dict.fromkeys(said))[:most]


def place_of(e: Exhibit, names: Sequence[str]) -> box_formats.PlacedBox | None:
    """Give the place of the largest thing that words name; None where none is seen."""
    found = e.survey.seen
    wanted = [] if found is None else meant(" ".join(names), drawn=found.drawn)
    things = (
        [t for one in wanted for t in phrases.of(one, found.things)] if found is not None else []
    )
    if not things:
        return None
    best = max(things, key=lambda thing: thing.share)
    return box_formats.PlacedBox(
        e.survey.picture.as_sent(best.box), *e.survey.picture.original_size
    )


def chosen(e: Exhibit, members: Sequence[Any]) -> Any:
    """Choose the one member of an enumeration that names the main thing, or what it is a kind of."""
    found = e.survey.seen
    if found is None or not found.things:
        return MISSING
    main = phrases.listing(found)[0][0]
    fits = [
        member
        for member in members
        if isinstance(member, str)
        and any(main in one.things for one in meant(" ".join(words_of(member)), drawn=found.drawn))
    ]
    return fits[0] if len(fits) == 1 else MISSING


def is_colour(e: Exhibit, words: list[str]) -> bool:
    """Say whether an attribute is the colour of a kind of thing."""
    found = e.survey.seen
    if found is None or not set(words) & _COLOUR or found.drawn:
        return False
    return bool(_wanted(found, set(words))) or bool(set(words) - _COLOUR - _WHOLE)


_NAMING = {"the", "of", "image", "picture", "photo", "name", "kind", "type"}


def value(e: Exhibit, words: list[str], kind: str | None, parents: Sequence[str] = ()) -> Any:
    """Give one attribute of what is seen; `MISSING` where it is of something else.

    `parents` are the words of what the attribute is of (`{"animal": {"species": …}}`).
    """
    found = e.survey.seen
    said = set(words)
    if found is None:
        return MISSING
    of_place = said & (_PLACE | {"setting", "environment", "scene"})
    if of_place and said <= _PLACE | _SETTING | {"or"}:
        return _placed(found, said, kind)
    wanted = _wanted(found, said)
    # "truck_speed" and "is_bird_flying" are of trucks and birds, and not told by seeing any.
    named = {word for one in wanted for word in one.word.split()}
    left = {w for w in said if lexicon.singular(w) not in named and w not in named}
    guessed = any(one.word in lexicon.GUESSED for one in wanted)
    if kind == "boolean":
        return MISSING if left - _THERE or guessed else _is_there(found, wanted)
    if said & _COUNTS or kind in ("integer", "number"):
        if left - _THERE - _COUNTS - ANY or guessed:
            return MISSING
        if wanted:
            counts = said & _COUNTS or wanted[0].plural or not said & named
            there = sum(thing.name in wanted[0].things for thing in found.things)
            return there if counts else MISSING
        return len(found.things) if said & _COUNTS and said & ANY else MISSING
    if wanted and said & _COLOUR:
        colours = [
            t.colour.names_of_thing[0]
            for t in found.things
            if t.name in wanted[0].things and t.colour is not None and t.name != "person"
        ]
        return colours[0] if colours else MISSING
    if said & _MAIN and said <= _MAIN | _NAMING:
        things = phrases.listing(found)
        if things:
            return things[0][0]
        best = found.best
        return best[0] if best else MISSING
    if said & _KIND and said <= _KIND | _THERE | ANY and kind in (None, "string"):
        inner = meant(" ".join(parents), drawn=found.drawn) if parents else []
        things_ = [t for one in inner for t in phrases.of(one, found.things)]
        if not parents or set(parents) & ANY:
            things_ = list(found.things) if len(phrases.listing(found)) == 1 else []
        kinds = {thing.finer or thing.name for thing in things_}
        return kinds.pop() if len(kinds) == 1 else MISSING
    if len(wanted) == 1 and wanted[0].things and kind in (None, "string"):
        narrow = [t for t in found.things if t.name in wanted[0].things]
        if narrow and wanted[0].word not in {t.name for t in narrow}:
            return narrow[0].finer or narrow[0].name  # "animal": "dog"
    return MISSING


def _placed(found: Sighting, said: set[str], kind: str | None) -> Any:
    place = "" if found.scene is None else found.scene.place
    if not place:
        return MISSING
    if kind != "boolean":
        return place
    return bool(said & {"outdoor", "outdoors", "outside"}) == (place == "outdoors")


def _wanted(found: Sighting, said: set[str]) -> list[Meant]:
    plain = said - _COUNTS - _COLOUR - ANY
    return [one for one in meant(" ".join(sorted(plain)), drawn=found.drawn) if one.things]


def _is_there(found: Sighting, wanted: list[Meant]) -> Any:
    if not wanted:
        return MISSING
    if any(thing.name in wanted[0].things for thing in found.things):
        return True
    return MISSING if wanted[0].things & found.doubtful else False


def _chosen(found: Sighting, said: set[str]) -> list[Thing]:
    things = sorted(found.things, key=lambda thing: -thing.share)
    wanted = _wanted(found, said)
    if not wanted:
        return things
    return [thing for thing in things if any(thing.name in one.things for one in wanted)]


def _row(e: Exhibit, thing: Thing) -> dict[str, Any]:
    box = box_formats.PlacedBox(
        e.survey.picture.as_sent(thing.box), *e.survey.picture.original_size
    )
    colour = None if thing.colour is None else thing.colour.names_of_thing[0]
    where = phrases.place(thing, e)
    told: dict[str, Any] = {"confidence": round(thing.probability, 2), "box": box}
    told |= dict.fromkeys(
        ("name", "label", "class", "kind", "type", "category", "object", "shape"), thing.name
    )
    told |= dict.fromkeys(("score", "probability"), told["confidence"])
    told |= dict.fromkeys(("position", "location", "place"), where)
    if colour is not None and thing.name != "person":
        told |= {"colour": colour, "color": colour}
    return told
