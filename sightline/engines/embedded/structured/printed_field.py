"""A field of JSON by its name: what a paper prints for it, from its label to its form.

By the very label, by rules, by the ear, by what stands alone of its kind, by a question; null before a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sightline.engines.embedded import values, words
from sightline.engines.embedded.answer import value_of
from sightline.engines.embedded.convert import MISSING, words_in_english, words_of
from sightline.engines.embedded.ear.listening import Heard
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.paper import alone, concepts, labels
from sightline.engines.embedded.structured.json_value import of_object, printed


def labelled(e: Exhibit, name: str, *, measured: bool) -> str | None:
    """Give the value beside the very label that an attribute is named after.

    What is `measured` as well is told by a label of its own ("Width: 80 cm"), and not by a sentence.
    """
    english = words_in_english(name)
    if " ".join(english) in labels.OF_MANY:
        return None
    for said in dict.fromkeys((tuple(words_of(name)), tuple(english))):
        found = labels.look_up(e.sheet, said)
        if found is not None and (found.fit >= 1 or not measured):
            return found.value
    return None


def told(e: Exhibit, name: str, about: str, kind: str | None, parents: tuple[str, ...]) -> Any:
    """Give what a page tells of an attribute that none of its labels names; `MISSING` where it does not."""
    said = words_in_english(name)
    english = " ".join(said)
    found = printed(e.sheet, name, about, kind, parents)
    if found is MISSING and said != words_of(name):
        found = printed(e.sheet, english, about, kind, parents)
    if kind == "boolean":
        return found
    if not concepts.proved(e.sheet, english):
        found = _heard(found, e, said, about, parents)
    if found is MISSING:
        found = _asked(e, said)
    return _to_its_end(found, e, said) if isinstance(found, str) else found


_PRINTED = frozenset(
    "text sign says say title brand label caption plate number name word written writing logo price total date"
    " time phone address email website message headline".split()
)


def shown_only(e: Exhibit, said: Sequence[str]) -> bool:
    """Say whether an attribute is of what a photograph shows, so that no print in it answers."""
    return e.shows_things and not set(said) & _PRINTED


def _heard(
    printed_: Any, e: Exhibit, said: Sequence[str], about: str, parents: tuple[str, ...]
) -> Any:
    """Weigh what rules find beside an attribute's name with what the ear hears of it.

    Null before a guess: where they do not agree and the ear is not sure, nothing is told.
    """
    listening = e.ear
    if listening is None or not said or (printed_ is MISSING and of_object(about)):
        return printed_
    rules = None if printed_ is MISSING else str(printed_)
    name = " ".join([*(w for p in parents[-1:] for w in words_of(p)), *said])
    concept = concepts.named(" ".join(said))
    form = None if concept is None or concept.kind != "date" else concept.kind
    for asked in filter(None, (name, about)):
        heard = listening.field(asked)
        if heard is None or heard.answer is None or _of_another(heard, said, about):
            continue
        if heard.sure(rules, known=concept is not None) >= listening.bound("field"):
            if form is not None and not values.find(heard.answer.value, form):
                continue  # an hour where a day is asked for
            return printed_ if heard.beside(rules) == "alike" else heard.answer.value
        if heard.beside(rules) == "otherwise" and heard.believes >= listening.bound("field veto"):
            return MISSING
    return printed_


def _of_another(heard: Heard, said: Sequence[str], about: str) -> bool:
    """Say whether what is heard has a label of something else: "Form teacher" is no head teacher."""
    label = words.tokens(heard.match.best.fact.around.get("label", ""))
    named = [words.stem(w) for w in said if w not in words.OPTIONAL]
    printed_ = [words.stem(w) for w in label if w not in words.OPTIONAL and w not in words.STOP]
    shared = set(named) & set(printed_)
    return bool(shared) and bool(set(named) - shared) and bool(set(printed_) - shared) and not about


_MOST_WORDS = 12  # of a value that is cut to its form
_MUST_BE: frozenset[values.Kind] = frozenset(("phone", "email", "url", "money"))
_PLACES = frozenset("location place venue city town address country street".split())


def _to_its_end(found: str, e: Exhibit, said: Sequence[str]) -> Any:
    """Give a value from its begin to its end: no more than its form has, a headline whole."""
    heading = e.sheet.heading() or ""
    if {"headline", "title", "heading"}.intersection(said) and heading.startswith(found):
        return heading
    form = labels.form_of(said)
    short = "\n" not in found and len(found.split()) <= _MOST_WORDS
    value = labels.bare(found, form) if short else found
    if value is None and form in _MUST_BE:
        return MISSING
    if said and said[-1] in _PLACES and not any(map(str.isalpha, values.without(found, "date"))):
        return MISSING  # a day is no place
    return value or found


# What rules and the ear know best by its name: where they find it not, nor does a question.
_KNOWN_WELL = frozenset(("date", "time", "name"))


def _asked(e: Exhibit, said: Sequence[str]) -> Any:
    """Give what is told where a value is asked for in a question; it may need no label."""
    found = alone.look_up(e.sheet, said)
    if found is not None:
        return found.value
    concept = concepts.named(" ".join(said))
    if concept is not None and concept.name in _KNOWN_WELL:
        return MISSING
    amount = labels.form_of(said) == "money"
    told = value_of(" ".join(said), e, amount=amount) if said else None
    return MISSING if told is None or _is_doubted(told, e, said) else told


_DOUBT = 0.3  # how likely it is at most that a field is what it is not taken for


def _is_doubted(told: str, e: Exhibit, said: Sequence[str]) -> bool:
    """Say whether the ear thinks little of what a question found where it is asked by the field's name."""
    heard = None if e.ear is None else e.ear.field(" ".join(said))
    if heard is None or heard.answer is None or heard.sure() >= _DOUBT:
        return False
    return words.squash(heard.answer.value) == words.squash(told)
