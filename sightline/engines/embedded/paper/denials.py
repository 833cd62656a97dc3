"""Lines of a paper that answer a question of yes or no with no: "Do not bleach", "No dogs"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sightline.engines.embedded import words
from sightline.engines.embedded.ear.compose import denies

# What is only said around what is asked for.
_GENERAL = frozenset(
    """
    allow allowed permit permitted possible ok okay need needed required require want wanted have include included
    includes contain contains use used any anything come there allowed able supposed
    """.split()
)
# "Can I bring a dog?": whoever denies the dog need not speak of bringing.
_MAY = re.compile(
    r"^\W*(?:can|could|may|must|should|do|does|am|are|is it)\b(?: (?:i|we|you|he|she|they|one|people|it))?"
    r"(?: (?:have|need|allowed|able|ok|okay|fine|possible|permitted|supposed)(?: to)?)? (?P<verb>\w+)\b",
    re.IGNORECASE,
)
_PIECES = re.compile(r"(?<=[.!?;])\s+|\s*[•·|;]\s*|\s{2,}|,\s+but\s+")
# After these a sentence denies something for some only, or in some cases.
_LIMITED = re.compile(
    r"\b(?:except|unless|only|without|if|when|before|after|until|off|other than|outside|for)\b",
    re.IGNORECASE,
)


def denying(lines: Iterable[str], question: str) -> str | None:
    """Give the piece of a line that speaks of all that a question does and says that it is not so.

    None where the question itself denies something, where a line does so under a condition, and
    where a word of the question is not in it.
    """
    asked = [word for word in words.content(question) if word not in _GENERAL]
    if not asked or denies(question, question) or _OTHERWISE.search(question):
        return None
    may = _MAY.match(question)
    verb = words.fold(may["verb"]) if may is not None else ""
    named = [word for word in asked if word != verb] or asked
    said = words.tokens(question)
    for line in lines:
        for piece in _PIECES.split(line):
            limited, printed = _LIMITED.search(piece), words.tokens(piece)
            plain = limited is None or limited[0].casefold() in said
            short = len(printed) <= _LONGEST
            if (
                plain
                and short
                and denies(piece, question)
                and all(_says(printed, word) for word in named)
            ):
                return piece.strip(" •·-")
    return None


def _says(printed: list[str], word: str) -> bool:
    """Say whether words hold one, in any form of it: "smoke" is in "no smoking"."""
    root = word.removesuffix("e")
    longer = len(root) >= 4 and any(one.startswith(root) for one in printed)
    return longer or words.covers(printed, [word]) > 0


# "Is it sugar free?" asks whether something is not there; of two things one may be denied.
_OTHERWISE = re.compile(r"\b(?:or|free|lack\w*|missing|banned|ban)\b", re.IGNORECASE)
_LONGEST = 14  # words: a longer sentence denies something else as well
