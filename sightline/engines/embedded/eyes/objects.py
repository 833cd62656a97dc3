"""Answers about what is seen in photographs: which things, how many, where, of what colour.

Only what the eyes are sure of is told; what they do not know is declined, with what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sightline.engines.embedded.ask import Asked, Clause
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import box_formats as boxforms
from sightline.engines.embedded.eyes import describe as measured
from sightline.engines.embedded.eyes import phrases, presence, relations
from sightline.engines.embedded.eyes.lexicon import (
    Meant,
    a,
    meant,
)
from sightline.engines.embedded.passages import Said, in_quotes, joined_by, own
from sightline.engines.embedded.words import joined
from sightline.perception.things import Sighting, Thing

_PRIVATE = re.compile(
    r"\bwho(?:'s| is| are|s)\b(?!.*\b(?:author|sender|issuer|from|vendor)\b)|\bhow old\b|\b(?:age|gender|sex|ethnicity|race|nationality|religion)\b(?! of (?:the )?(?:photo|picture))"
    r"|\b(?:male or female|man or (?:a )?woman|boy or (?:a )?girl)\b|\b(?:happy|sad|angry|smiling|crying|afraid|emotions?|mood|feeling|feelings|expression|attractive|beautiful person)\b|\b(?:he|she|they|person|man|woman|boy|girl|child)\b[\w ]{0,20}\b(?:male|female|pretty|handsome|beautiful|ugly|rich|poor|single|married|pregnant|gay|straight)\b|\b(?:male|female)\?|\b(?:his|her|their|the (?:man|woman|boy|girl|person)'s) (?:name|age|job|religion|nationality)\b|\brecogni[sz]e (?:this|the|that) (?:man|woman|person|people|face)\b|\bidentify the (?:person|people|man|woman)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\bhow many\b|\bnumber of\b|\bcount\b", re.IGNORECASE)
_WHERE = re.compile(
    r"^(?:and )?where(?:s|'s)?\b|\b(?:position|location|placed?|located|which (?:side|part|corner))\b",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"\bcolou?rs?\b", re.IGNORECASE)
_WHICH = re.compile(
    r"\b(?:what|which)\b[\w' ]*\b(?:kinds?|types?|sorts?|breeds?|species|makes?)\b|^(?:and )?(?:what|which)\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"\b(?:list|name|enumerate|identify|what|which)\b[\w,' ]*\b(?:objects?|things?|items?|contents?|everything|elements?|stuff)\b",
    re.IGNORECASE,
)
_MAIN = re.compile(
    r"\bmain (?:subject|object|thing|focus)|\bsubject of\b|\bforeground\b|\b(?:largest|biggest|most prominent) (?:object|thing)|\bfocus of\b"
    r"|^what(?:'s| is| are)? (?:this|that|it|these|they)\W*$|^what (?:am i|are we) looking at",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"\b(?:in|out) ?doors?\b|\b(?:taken|shot|is (?:it|this|that)) (?:in|out)side\b|\boutside or\b|\binside or\b|\bor (?:in|out)side\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|he|she|that)\b(?! (?:image|picture|photo))", re.IGNORECASE
)
_BOX = re.compile(r"\bbounding box|\bboxes\b|\bcoordinates?\b|\bbbox", re.IGNORECASE)
_SKY = re.compile(r"\bsk(?:y|ies)\b", re.IGNORECASE)
_ROOM = re.compile(
    r"\b(?:what|which|kind of|type of) (?:room|place)\b|\b(?:room|kitchen|bathroom|bedroom|living room|office|street)\b",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:title|caption|alt(?:ernative)?[- ]text|headline|file ?name|tags?|keywords?|label)\b(?! (?:of|on) (?:the|this) (?:sign|book|poster|page|document))",
    re.IGNORECASE,
)
# A question that says no: "is there no cat?", "isn't there a dog?", "no people, right?".
_NEGATED = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|has|have)(?:n't| not)\b|^(?:is|are) there (?:no|not (?:a|any))\b"
    r"|^(?:so |and |but )?(?:there(?:'s| is| are)(?: no|n't| not)|no\b|this is(?:n't| not)|these are(?:n't| not)|i (?:don't|do not) see|you (?:don't|do not) see)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\s*(?:and )?(?:what|which|who|whose|how|why|when|where)", re.IGNORECASE)
_EXCEPT = re.compile(
    r"\b(?:except|besides|apart from|other than|but not|not (?:on|in|at|with))\b", re.IGNORECASE
)
_SNOW = re.compile(r"\bsnow(?:y|ing)?\b", re.IGNORECASE)
_TELLS = re.compile(r"\b(?:doing|happening|going on|activity|action)\b", re.IGNORECASE)


def about(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Answer a question about things; None where it is about something else."""
    seen, text = exhibit.survey.seen, simplified(clause.text)
    if seen is None:
        return None
    things = sorted(seen.things, key=lambda t: -t.share)
    wanted = meant(_BOX.sub(" ", text), drawn=seen.drawn)  # a bounding box is no box
    if seen.within and not any(phrases.shows(one, seen) for one in wanted):
        return None
    somebody = presence.who(text, wanted, things)
    if somebody is not None:
        return somebody
    if _PRIVATE.search(text) and (
        not exhibit.sheet.rows or wanted or any(t.name == "person" for t in things)
    ):
        return phrases.private(things)
    if clause.topic in ("read", "code", "size", "extreme") and not (
        wanted and (relations.LARGER.search(text) or _BOX.search(text))
    ):
        return None
    if asked.terse and (clause.topic == "describe" or _MAIN.search(text)) and phrases.is_told(seen):
        return phrases.in_a_word(seen)
    if seen.drawn and _MAIN.search(text):
        return phrases.main(seen, exhibit)
    if clause.topic == "describe":
        return describe(exhibit, asked.form.most_sentences) if phrases.is_told(seen) else None
    if _TITLE.search(text) and not wanted and phrases.is_told(seen):
        return _titled(text, seen)
    if _INSIDE.search(text):
        return inside(text, seen, asked, exhibit)
    if _SKY.search(text) and presence.EXISTS.match(text.strip()):
        return _sky(seen, asked, exhibit)
    if _ROOM.search(text) and not wanted:
        return room_of(things, seen, exhibit)
    if wanted and _EXCEPT.search(text):
        return phrases.undecided(seen, exhibit)
    answered = relations.related(text, wanted, things, exhibit, asked)
    if answered is not None:
        return answered
    if _SNOW.search(text) and presence.EXISTS.match(text.strip()):
        if not seen.is_snow:
            return f"I can't tell whether there is snow. {phrases.instead(seen, exhibit)}"
        return (
            "Yes" if asked.terse else f"Yes, it looks like snow. {phrases.instead(seen, exhibit)}"
        )
    return _alone(clause, text, wanted, things, seen, asked, exhibit)


def _alone(
    clause: Clause,
    text: str,
    wanted: Sequence[Meant],
    things: Sequence[Thing],
    seen: Sighting,
    asked: Asked,
    exhibit: Exhibit,
) -> str | None:
    """Answer of things each for itself, not of how they stand to each other."""
    if _MAIN.search(text):
        return phrases.main(seen, exhibit) if phrases.is_told(seen) else None
    if _LIST.search(text) and not wanted:
        return _listed(seen, exhibit)
    if not seen.drawn and _COLOUR.search(text) and things and presence.of_part(text, wanted):
        return phrases.undecided(seen, exhibit)
    if not wanted and not seen.drawn and _COLOUR.search(text) and _PRONOUN.search(text) and things:
        kinds = {thing.name for thing in things}
        if len(kinds) > 1:
            return f"I can't tell which thing is meant. {phrases.instead(seen, exhibit)}"
        return presence.colour_of(
            Meant(things[0].name, False, frozenset(kinds), frozenset()),
            things,
            seen,
            exhibit,
            asked,
        )
    if not wanted:
        if clause.topic in ("contains", "field", "count") and phrases.is_told(seen):
            asks = presence.EXISTS.match(text.strip()) or _COUNT.search(text) or _WHERE.search(text)
            if (asks or _TELLS.search(text)) and not exhibit.sheet.rows:
                return phrases.undecided(seen, exhibit)
        return None
    return _named(clause, text, wanted, things, seen, asked, exhibit)


def _named(
    clause: Clause,
    text: str,
    wanted: Sequence[Meant],
    things: Sequence[Thing],
    seen: Sighting,
    asked: Asked,
    exhibit: Exhibit,
) -> str | None:
    """Answer of the things that a question names: where, how many, of which colour, whether any."""
    if _BOX.search(text) or boxforms.asked(asked.text):
        return boxes(wanted[0], things, exhibit, asked)
    if _COUNT.search(text) and len(wanted) > 1 and presence.LISTED.search(text):
        return presence.count_each(wanted, things, seen, asked)
    if _COUNT.search(text):
        return presence.count(wanted[0], text, things, seen, asked)
    if _WHERE.search(text):
        return presence.where_is(wanted, things, seen, exhibit)
    if _COLOUR.search(text):
        return presence.colour_of(wanted[0], things, seen, exhibit, asked)
    if _NEGATED.match(text.strip()) and len(wanted) == 1:
        return presence.denied(wanted[0], text, things, seen, exhibit, asked)
    is_bare = not _ASKS.match(text) and not presence.bare(text, wanted)
    # A bare name asks whether there is one: "bird?", "at least two bicycles?".
    if presence.EXISTS.match(text.strip()) or clause.topic == "contains" or is_bare:
        return presence.exists(wanted, text, things, seen, exhibit, asked)
    if presence.HOLDS.search(text) and any(one.things == {"person"} for one in wanted):
        return presence.held(text, things, seen, exhibit)
    if _TELLS.search(text):
        return f"I can't tell what happens. {phrases.instead(seen, exhibit)}"
    if _WHICH.search(text) and (not exhibit.sheet.rows or phrases.of(wanted[0], things)):
        return _which(wanted[0], text, things, seen, exhibit, asked)
    return None


# What things are for, as people say it.
_FOR = (
    (re.compile(r"\b(?:something|anything|things?|somewhere|anywhere|(?:a )?places?) to sit(?: down)?(?: on)?\b", re.I), "seats"),
    (re.compile(r"\b(?:something|anything|things?) to eat\b|\bwhat (?:can|could|may) (?:i|you|we|one) eat\b", re.I), "food"),
    (re.compile(r"\b(?:something|anything|things?) to drink (?:from|out of)\b", re.I), "cups"),
    (re.compile(r"\b(?:something|anything|somewhere) to sleep(?: on| in)?\b", re.I), "beds"),
)  # fmt: skip


def simplified(text: str) -> str:
    """Take off what asks to confirm, and name what is asked for by its use: "something to sit on"."""
    for pattern, name in _FOR:
        text = pattern.sub(name, text)
    return re.sub(
        r",\s*(?:right|correct|yes|no|is that so|am i right)\s*[?!.]*\s*$", "?", text, flags=re.I
    )


def describe(exhibit: Exhibit, most_sentences: int | None = None) -> str:
    """Write what a photograph shows: things, where they are, its text, its colours last.

    `most_sentences` bounds it, where it is given.
    """
    survey = exhibit.survey
    seen = survey.seen
    assert seen is not None  # noqa: S101 - its callers have looked
    said = [phrases.brief(seen) + "."]
    placed = phrases.placed(seen.things, exhibit)
    if placed:
        said.append(placed)
    if seen.scene is not None and seen.scene.place:
        said.append(f"It looks {seen.scene.place}.")
    blocks = [own(" ".join(said))]
    if survey.rows:
        blocks.append(Said.of("Its text reads ", in_quotes(survey.lines[:12]), "."))
    blocks += [own(measured.code_sentence(survey, i)) for i in range(len(survey.codes))]
    colours = joined([c.full_name for c in survey.colours[:3]])
    light = {"dark": "dark", "bright": "bright"}.get(survey.look.light)
    tail = f"It is {light}, mostly {colours}" if light else f"It is mostly {colours}"
    blocks.append(own(f"{tail}{', and blurred' if not survey.look.is_sharp else ''}."))
    if most_sentences is not None:
        return joined_by(" ", [*map(own, said), *blocks[1:]][:most_sentences])
    return joined_by("\n\n", blocks)


def _titled(text: str, seen: Sighting) -> str:
    """Write a title, a caption, or words to find it by."""
    groups = phrases.grouped(seen.things, plain=True)
    best = seen.best
    if re.search(r"\btags?\b|\bkeywords?\b", text, re.IGNORECASE):
        return ", ".join(name for name, _ in phrases.listing(seen)) or (best[0] if best else "")
    if re.search(r"\btitle\b|\bheadline\b|\bfile ?name\b", text, re.IGNORECASE):
        said = joined(groups[:3]) if groups else a(best[0] if best else "photograph")
        return f"{said[0].upper()}{said[1:]}"
    return f"{phrases.brief(seen)}."


_ROOMS = {
    "bathroom": frozenset(("toilet", "hair dryer", "toothbrush")),
    "kitchen": frozenset(("oven", "refrigerator", "microwave", "toaster")),
    "bedroom": frozenset(("bed",)),
    "living room": frozenset(("couch", "television")),
    "street": frozenset(("traffic light", "stop sign", "fire hydrant", "parking meter", "bus")),
}


def room_of(things: Sequence[Thing], seen: Sighting, exhibit: Exhibit) -> str:
    """Say what place it looks like, by things that stand in one kind of place alone."""
    for room, signs in _ROOMS.items():
        found = [t for t in things if t.name in signs and t.probability >= phrases.PLAIN]
        if found:
            return f"It looks like a {room}: I see {joined(phrases.grouped(found)[:3])}."
    return f"I can't tell what place that is. {phrases.instead(seen, exhibit)}"


_KIND_WORDS = frozenset("breed species mode make model brand name race variety kinds types".split())


def _which(
    wanted: Meant,
    text: str,
    things: Sequence[Thing],
    seen: Sighting,
    exhibit: Exhibit,
    asked: Asked,
) -> str | None:
    """Say which animal, vehicle or kind of dog it is."""
    found = phrases.of(wanted, things)
    asks = [word for word in presence.unsaid(text, [wanted]) if word not in _KIND_WORDS]
    colour = presence.NAMED_COLOUR.search(text)
    if [word for word in asks if colour is None or word != colour[0].lower()]:
        return phrases.undecided(seen, exhibit)
    if found and colour is not None:
        found = phrases.coloured(found, colour[0]) or []
        if not found:
            return f"None that I see is {colour[0].lower()}. {phrases.instead(seen, exhibit)}"
    best = seen.best
    if found and asked.terse:
        return phrases.named(found)
    if found:
        return f"I see {joined(phrases.grouped(found)[:6])}."
    if best is not None and phrases.mass(wanted, seen) >= phrases.KIND:
        return f"It looks like {a(best[0])}."
    if wanted.things or wanted.classes:
        return f"I see no {wanted.word} that I could name. {phrases.instead(seen, exhibit)}"
    return None


def _listed(seen: Sighting, exhibit: Exhibit) -> str:
    groups = phrases.grouped(seen.things)
    if not groups:
        return phrases.instead(seen, exhibit)
    return f"I see {joined(groups)}."


def inside(text: str, seen: Sighting, asked: Asked, exhibit: Exhibit) -> str:
    """Say whether it is indoors or outdoors, as the question asks."""
    place = "" if seen.scene is None else seen.scene.place
    if not place:
        return f"I can't tell whether that is indoors or outdoors. {phrases.instead(seen, exhibit)}"
    indoors, outdoors = (bool(re.search(rf"\b{way} ?(?:side|doors?)\b", text, re.IGNORECASE)) for way in ("in", "out"))  # fmt: skip
    if indoors != outdoors and presence.EXISTS.match(text.strip()):
        said = "Yes" if indoors == (place == "indoors") else "No"
        return said if asked.terse else f"{said}, it looks {place}."
    return (
        place.capitalize() if asked.terse else f"It looks {place}. {phrases.instead(seen, exhibit)}"
    )


def boxes(wanted: Meant, things: Sequence[Thing], exhibit: Exhibit, asked: Asked) -> str:
    """Give places in pixels of the picture as it was sent, or in the form that a question names."""
    found = phrases.of(wanted, things)
    if not found:
        return f"{phrases.none(wanted, exhibit)}."
    picture = exhibit.survey.picture
    form = boxforms.form_of(asked.text)
    if boxforms.asked(asked.text) or form.scale is not None:
        lines = []
        for thing in found[: phrases.MOST_KINDS]:
            placed = boxforms.PlacedBox(picture.as_sent(thing.box), *picture.original_size)
            numbers = ", ".join(f"{number:g}" for number in placed.listed(form))
            lines.append(numbers if asked.terse else f"{thing.name}: {numbers}")
        return "\n".join(lines)
    said = []
    for thing in found[: phrases.MOST_KINDS]:
        x0, y0, x1, y1 = (round(side) for side in picture.as_sent(thing.box))
        said.append(f"The {thing.name}: x {x0} to {x1}, y {y0} to {y1}.")
    wide, high = picture.original_size
    return " ".join([*said, f"The picture is {wide} × {high} pixels."])


def _sky(seen: Sighting, asked: Asked, exhibit: Exhibit) -> str:
    shown = None if seen.scene is None else seen.scene.shows_sky
    if shown is None:
        return f"I can't tell whether there is sky. {phrases.instead(seen, exhibit)}"
    if asked.terse:
        return "Yes" if shown else "No"
    return "Yes, I see sky." if shown else f"No, I see no sky. {phrases.instead(seen, exhibit)}"
