"""Questions that go on from an earlier one: what they leave out, put in from that.

"Are there dogs?" and then "How many?" asks how many dogs; "What is the girl holding, and what is
behind her?" asks what is behind the girl.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sightline.engines.embedded.eyes.lexicon import Meant, meant, plural

PERSON = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
_PEOPLE = re.compile(r"\b(?:they|them|their|theirs|those|these)\b", re.IGNORECASE)
_ONE = re.compile(r"\b(?:it|its|this one|that one|that)\b", re.IGNORECASE)
# Short questions that name nothing at all.
_BARE = re.compile(
    r"(?:and |so |ok,? |if so,? |also )*(?P<asks>how many|where|what colou?rs?|(?:what|which) (?:kinds?|types?|sorts?|breeds?|species))"
    r"(?: exactly| precisely)?(?: (?:is|are)(?: there)?| of (?:them|those|these|it))?(?: in (?:all|total)| exactly)?\W*",
    re.IGNORECASE,
)
_SHORT = 12  # words of a question that goes on


def carried(text: str, before: Iterable[str]) -> str:
    """Give a question in English with what it leaves out, from questions `before` it, latest first.

    As it is where it leaves nothing out, or where they name nothing that it could mean. Those before
    are looked at only where it leaves something out.
    """
    if len(text.split()) > _SHORT:
        return text
    bare = _BARE.fullmatch(text.strip())
    pronoun = next((p for p in (PERSON, _PEOPLE, _ONE) if p.search(text)), None)
    if bare is None and (pronoun is None or any(not _is_person(one) for one in meant(text))):
        return text
    for earlier in before:
        named = meant(earlier)
        if not named:
            continue
        if pronoun is not None:
            thing = _fitting(named, pronoun)
            return _put(text, pronoun, thing) if thing else text
        assert bare is not None  # noqa: S101 - one of the two was found
        return _whole(bare["asks"].lower(), named[-1])
    return text


def _is_person(one: Meant) -> bool:
    return "person" in one.things


def _fitting(named: Sequence[Meant], pronoun: re.Pattern[str]) -> str:
    """Choose what a pronoun stands for; "" where nothing fits."""
    if pronoun is PERSON:
        people = [one for one in named if _is_person(one)]
        return people[-1].word if people else "person"
    if pronoun is _PEOPLE:
        several = [one for one in named if one.plural] or list(named)
        return plural(several[-1].word)
    single = [one for one in named if not _is_person(one)]
    return single[-1].word if single else ""


def _put(text: str, pronoun: re.Pattern[str], thing: str) -> str:
    def instead(found: re.Match[str]) -> str:
        owns = found[0].lower() in ("his", "hers", "their", "theirs", "its")
        # "her hat", "behind her"
        if found[0].lower() == "her":
            owns = re.match(r"\s+[a-z]", text[found.end() :]) is not None
        return f"the {thing}'s" if owns else f"the {thing}"

    return pronoun.sub(instead, text)


def _whole(asks: str, one: Meant) -> str:
    if asks.startswith("how many"):
        return f"how many {plural(one.word)} are there?"
    name = plural(one.word) if one.plural else one.word
    verb = "are" if one.plural else "is"
    if asks.startswith(("where", "what colo")):
        return f"{asks} {verb} the {name}?"
    return f"{asks} of {one.word} is it?"
