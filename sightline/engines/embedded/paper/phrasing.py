"""Values of a page in words: written here once, with what they tell kept beside the sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Self

from sightline.engines.embedded import words
from sightline.engines.embedded.paper.field import FieldAnswer
from sightline.engines.embedded.passages import Passage, Said, joined_by, own, quote
from sightline.engines.embedded.words import joined


class ValueSentence(Said):
    """An answer that tells values of a page.

    `subject` is what it names at its beginning, "" where it does not, and `rest` what it says of
    that; `has_label` says that it begins with the value's printed label. `number` is of how many
    things it tells, those that it says are missing among them.
    """

    __slots__ = ("has_label", "number", "rest", "subject")

    def __new__(
        cls,
        text: str,
        passages: Sequence[Passage] | None = None,
        *,
        subject: str = "",
        rest: Said | None = None,
        has_label: bool = False,
        number: int = 1,
    ) -> Self:
        """Make an answer of its words and its facts."""
        made = super().__new__(cls, text, passages)
        made.subject, made.has_label, made.number = subject, has_label, number
        made.rest = own("") if rest is None else rest
        return made

    subject: str
    rest: Said
    has_label: bool
    number: int


def told(
    question: str, readings: Sequence[FieldAnswer], missing: Sequence[str] = ()
) -> ValueSentence:
    """Say what was read, each in a sentence, and of what nothing is told."""
    said = [_sentence(question, reading) for reading in readings]
    others: list[str] = [*said[1:]]
    if missing:
        others.append(own(f"The text does not tell the {joined(list(missing))}."))
    first = said[0]
    return ValueSentence(
        joined_by(" ", [first, *others]),
        subject=first.subject,
        rest=joined_by(" ", [first.rest or first, *others]),
        has_label=first.has_label,
        number=1 + len(others),
    )


def under(part: str, said: str) -> str:
    """Write an answer after the part of a question that asked for it, or whole where it names that."""
    told = Said(said)
    value = said.rest if isinstance(said, ValueSentence) and said.subject == part else told
    # A value that was printed with a label, "Mon: 9-5", says what it is.
    names_itself = part.endswith("?") or (isinstance(said, ValueSentence) and said.has_label)
    text = told if names_itself or ": " in value else Said.of(part, ": ", value)
    return Said(f"{text[:1].upper()}{text[1:]}{_stop(text)}", text.passages)


_PLAIN = re.compile(
    r"\s*(?:and |please |can you tell me |tell me |find |read |give me |extract )*(?:what|which|who)(?:'s| is| was| are| were|s)\b|\s*(?:please )?(?:tell|give|find|read|extract|get|list)\b",
    re.IGNORECASE,
)
_VERBAL = re.compile(
    r"\b(?:does|do|did|is|was|will|have|has|must|should|how|called|paid|when|where|get)\b"
)
_MOST_SUBJECT = 6  # words


def _sentence(question: str, reading: FieldAnswer) -> ValueSentence:
    value, label, subject = reading.value, reading.label, reading.asked
    short = len(subject.split()) <= _MOST_SUBJECT and _VERBAL.search(subject) is None
    if (_PLAIN.match(question) or question.strip() == subject) and short and subject:
        head = re.split(r"\s+(?:of|for|on|in)\s+", subject)[0]
        plural = head.endswith("s") and not head.endswith(("ss", "us", "is"))
        rest = Said.of(quote(value), _stop(value))
        verb = " are " if plural else " is "
        return ValueSentence(Said.of("The ", subject, verb, rest), subject=subject, rest=rest)
    within = re.search(rf"(?<![\w.,]){re.escape(value)}(?![\w]|[.,]\d)", label)
    # "$3.00 per hour" says it all, and so does "Present: 14 members"
    if (within and ":" in label) or (
        len(words.squash(value)) > 2 and words.squash(value) in words.squash(label)
    ):
        return ValueSentence(f"{label}{_stop(value)}")
    if label and words.squash(label) not in words.squash(value):
        return ValueSentence(f"{label}: {value}{_stop(value)}", has_label=True)
    return ValueSentence(f"{value}{_stop(value)}")


def _stop(text: str) -> str:
    return "" if text.endswith((".", "!", "?")) else "."
