"""The form of a question and of the answer that it wants, by its wording, which is read here alone.

Whoever answers asks this for whether a question is one of yes or no, and how short it wants its
answer; what it is about, `ask` says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sightline.engines.embedded.structured import json_from_prompt

_OFFER = r"(?:yes or no|yes/no|y/n)"


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """How an answer is wanted.

    `terse` asks for the bare value: a word, a number, yes or no. `yes_or_no` says that it offers
    these two. `json` wants it as JSON, by its name or by an example. `most_words` bounds the answer,
    where the question does, and so does `most_sentences`; `briefly` asks for a sentence or a few.
    """

    terse: bool = False
    yes_or_no: bool = False
    json: bool = False
    most_words: int | None = None
    most_sentences: int | None = None
    briefly: bool = False


def form(text: str) -> QuestionForm:
    """Read how an answer is wanted."""
    most = _most_words(text)
    return QuestionForm(
        terse=_TERSE.search(text) is not None,
        yes_or_no=_OFFERS.search(text) is not None,
        json=_JSON.search(text) is not None
        or (_EXAMPLE.search(text) is not None and bool(json_from_prompt.example(text))),
        most_words=most,
        most_sentences=_most_sentences(text),
        briefly=most is not None or _BRIEFLY.search(text) is not None,
    )


def begins_as_yes_or_no(text: str) -> bool:
    """Say whether a question begins as one of yes or no does: "is", "does", "can"."""
    return _VERB.match(text) is not None


def is_yes_or_no(text: str) -> bool:
    """Say whether a question is one of yes or no, and no request: "can you tell me the total?"."""
    return begins_as_yes_or_no(text) and _REQUEST.match(text) is None


def wants_yes_or_no(text: str) -> bool:
    """Say whether yes or no answers a question, however it is asked: "any dogs?", "see if it is"."""
    return begins_as_yes_or_no(text) or _WHETHER.match(text) is not None


def works_out(text: str, printed: str = "") -> bool:
    """Say whether a question wants something worked out of several values: none printed for one answers.

    What is `printed` in the words that ask for it ("average basket") is not worked out.
    """
    found = _WORKS_OUT.search(text)
    return found is not None and not (printed and found[0].lower() in printed.lower())


def asks_manner(text: str) -> bool:
    """Say whether a question asks how something is done."""
    return _MANNER.match(text) is not None


def is_offer(text: str) -> bool:
    """Say whether a sentence does no more than say how an answer is wanted: "One word only."."""
    return _OFFER_ALONE.match(text) is not None or _LENGTH_ALONE.match(text) is not None


_WORKS_OUT = re.compile(
    r"\b(?:together|combined|add(?:ed)? up|plus|minus|average|differences?)\b|\bhow (?:much|many) (?:more|less|fewer|cheaper|dearer|higher|lower|larger|smaller|bigger"
    r"|longer|shorter|heavier|lighter|older|younger|taller|further|greater|faster|slower|warmer|colder|later|earlier)\b"
    r"|\bhow (?:much|many|long) (?:\w+ ){0,4}(?:between|from .+ (?:to|until))\b|\bsum of .+ and\b|\bseparates?\b|\bshort of\b|\band all\b",
    re.IGNORECASE,
)
_MANNER = re.compile(
    r"\W*how (?:do|can|should|does|would|did|must) (?:i|you|we|one|it)\b(?! (?:cost|take|last|weigh|pay))",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\s*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)(?:n't|nt|'t)?\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\s*(?:(?:can|could|will|would)(?:n't|nt|'t)? you|do you (?:happen to )?know)\b", re.IGNORECASE
)
_WHETHER = re.compile(
    rf"\s*(?:any|anything|anybody|anyone)\b|.*\b(?:if|whether) (?:there|you|it|this)\b|.*\b{_OFFER}\b",
    re.IGNORECASE,
)
_JSON = re.compile(r"\bjson\b", re.IGNORECASE)
_EXAMPLE = re.compile(r"\{\s*[\"'“][\w -]+[\"'”]\s*:")
_OFFERS = re.compile(rf"\b{_OFFER}\b", re.IGNORECASE)
_OFFER_ALONE = re.compile(rf"(?:a )?(?:simple |plain )?{_OFFER}\W*$", re.IGNORECASE)
_LENGTH_ALONE = re.compile(
    r"\W*(?:please )?(?:(?:just|only|in|with|use) )*(?:an? (?:single )?|one |two |three |\d+ )(?:short )?(?:words?|sentences?)"
    r"(?: (?:only|please|at most|maximum|max|is enough|will do|answer))*\W*$"
    r"|\W*(?:keep it|make it) (?:short|brief)\W*$|\W*(?:a )?short answer(?: please| only)?\W*$",
    re.IGNORECASE,
)
_TERSE = re.compile(
    r"\b(?:only|just|nothing but)\b[^.?!]{0,24}\b(?:value|number|answer|amount|code|text|date|name|words?"
    rf"|digits?|result|{_OFFER}|figure|price|string|total)\b"
    r"|\b(?:value|number|answer|amount|text|date|name|digits) (?:only|alone)\b"
    r"|\b(?:one|single) word\b|nothing else|no (?:other|extra|additional) (?:text|words)"
    rf"|no explanation|without (?:any )?explanation|{_OFFER}\b[.)]?\s*$"
    r"|^\W*(?:please )?(?:(?:answer|reply|respond|say)(?: me)?(?: with| by| in)?(?: a)?(?: simple| plain)? )?"
    rf"{_OFFER}\b",
    re.IGNORECASE,
)
_MOST_WORDS = re.compile(
    r"(?:no more than|at most|under|up to|maximum of|max|within|less than|fewer than|in)\s+(\d{1,3})\s+words",
    re.IGNORECASE,
)
_MOST_SIGNS = re.compile(
    r"(?:no more than|at most|under|up to|maximum(?: of)?|max\.?|within|less than|fewer than|in)\s+(\d{2,4})\s+"
    r"(?:characters?|chars?|signs|letters)\b",
    re.IGNORECASE,
)
_SIGNS_A_WORD = 7
_ONE_SENTENCE = re.compile(
    r"\b(?:one|a single|1) (?:short )?sentence\b|\bbriefly\b|\bin short\b", re.IGNORECASE
)
_SENTENCE_WORDS = 25
_BRIEFLY = re.compile(
    r"\bin (?:one or two|a few|two|three|\d) (?:short )?sentences?\b", re.IGNORECASE
)
_CAPTION = re.compile(r"\bcaption\b|\bsummar(?:y|i[sz]e)\b|\balt[- ]text\b", re.IGNORECASE)
_CAPTION_WORDS = 40


_SENTENCES = re.compile(
    r"\b(?:in|with|within|at most|up to|no more than|max(?:imum)?(?: of)?)\s+(two|three|four|five|[2-9])\s+(?:short )?sentences\b",
    re.IGNORECASE,
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5}


def _most_sentences(text: str) -> int | None:
    """Give how many sentences an answer may have; None where a question does not bound it."""
    found = _SENTENCES.search(text)
    if found is None:
        return None
    return _COUNTS.get(found[1].lower()) or int(found[1])


def _most_words(text: str) -> int | None:
    """Give how many words an answer may have; None where a question does not bound it."""
    bound, signs = _MOST_WORDS.search(text), _MOST_SIGNS.search(text)
    if bound is not None:
        return int(bound.group(1))
    if signs is not None:
        return max(1, int(signs.group(1)) // _SIGNS_A_WORD)
    if _ONE_SENTENCE.search(text):
        return _SENTENCE_WORDS
    return _CAPTION_WORDS if _CAPTION.search(text) else None
