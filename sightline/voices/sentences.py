"""Text to sentences, which are spoken one after the other while earlier ones are heard."""

from __future__ import annotations

import re

_ABBREVIATION = 16  # characters that hold any of them, and what is before
_MOST = 400  # characters; a voice with a limit of its own gets no more at once
_ABBREVIATED = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|no|vol|figs?|approx|ca|z\.b|u\.a|bzw|nr|abb|env|sr|sra"
    r"|mio|mrd|jh|std|tel|evtl|ggf|inkl|vgl|ee|gen|capt|sgt|rev"
    r"|dra|núm|pág|aprox|sig|dott|pag|dhr|mevr|bijv|blz|напр|стр|руб|jan|feb|mar|apr|jun|jul|aug|sept?|oct"
    r"|nov|dec|[^\W\d_])\.)$",
    re.IGNORECASE,
)
# A German day or century, as in "am 3. Mai": what follows is small, or a month.
_DAY = re.compile(r"\b\d{1,2}\.$")
_GOES_ON = re.compile(
    r"\s{1,9}(?:[^\W\d_A-ZÄÖÜ]|Jh\.|(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober"
    r"|November|Dezember|Jahrhundert)\b)"
)
# What is short, and no sentence ends with that goes on in lower case, as "2 mi. away".
_SHORT_WORD = re.compile(r"\b[^\W\d_]{2,4}\.$")
_LOWER = re.compile(r"\s{1,9}[^\W\d_A-ZÄÖÜ\u0400-\u042f]")
_ITEM = re.compile(r"\s*\d{1,3}\.$")  # of a list
_END = re.compile(
    r"[.!?…]+[\"'”’»)\]]*(?=\s+|$)|[。！？]+[」』”]?|\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)"
)
_PAUSE = re.compile(r"[,;:–—、，；：]\s*|\s+")


def sentences(text: str) -> list[str]:
    """Cut a text at the ends of its sentences; one that is very long is cut at its pauses."""
    found: list[str] = []
    begun = 0
    for end in _END.finditer(text):
        said = text[begun : end.end()]
        if end.group() == "." and _goes_on(said[-_ABBREVIATION:], text, end.end()):
            continue
        found.append(said)
        begun = end.end()
    found.append(text[begun:])
    return [part for said in found if (tidy := " ".join(said.split())) for part in _short(tidy)]


def _goes_on(last: str, text: str, at: int) -> bool:
    """Say whether a sentence goes on behind the point that its last signs end with."""
    if _ABBREVIATED.search(last) or _ITEM.fullmatch(last):
        return True
    if _DAY.search(last):
        return _GOES_ON.match(text, at) is not None
    return _SHORT_WORD.search(last) is not None and _LOWER.match(text, at) is not None


def _short(sentence: str) -> list[str]:
    parts = []
    while len(sentence) > _MOST:
        pauses = [m.end() for m in _PAUSE.finditer(sentence, 0, _MOST)]
        strong = [
            at
            for at in pauses
            if not sentence[at - 1 : at].isspace() or sentence[at - 2] in ",;:–—"
        ]
        cut = max([at for at in strong if at > _MOST // 2] or pauses or [_MOST])
        parts.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [part for part in [*parts, sentence] if part]
