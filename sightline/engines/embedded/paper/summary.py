"""A page in short: what it is headed, what it says it is about, and the lines that matter.

Sentences matter by how much of what the rest speaks of they hold (Erkan and Radev 2004, LexRank, by
shared words), by what they tell that can be acted on (dates, times, amounts), and, a little, by how
early they stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from sightline.engines.embedded import values, words
from sightline.engines.embedded.ask import Asked, Clause
from sightline.engines.embedded.evidence import Declined, Exhibit
from sightline.engines.embedded.paper import concepts
from sightline.engines.embedded.values import Kind

_ASKS = re.compile(
    r"\bsummar(?:y|i[sz]e)\b|\btl;?dr\b|\bkey (?:points|facts|takeaways)\b|\bmain points\b|\bgist\b|\bsum (?:it|this) up\b"
    r"|\bwhat matters\b|\bmost important\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\bwhat(?:'s| is| are)? (?:(?:this|the|that|it|these)\b[\w ]{0,20}? )?(?:all )?about\b|\bsubject\b|\btopic\b"
    r"|\bwhat is (?:this|the) [\w ]{2,20} for\W*$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^\s*(?:subject|re|about|concerning|regarding|betreff|betrifft|objet|asunto|oggetto|assunto|onderwerp|betreft"
    r"|件名|主题|主題)\s*[:：.]\s*(?P<text>\S.*)$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(?<=[.!?。！？])\s+")
_TELLING: tuple[Kind, ...] = ("date", "time", "money", "percent", "phone")
_PROSE = 6  # words from which on a line is a sentence or part of one
_LEAST = 3  # sentences that make a text
_MOST = 3  # sentences that are kept
_MOST_FACTS = 6
_FIRST = 0.15  # by how much the first sentence counts more than the last
_TELLS = 0.12


def about(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Sum up a page, or say what it is about; None where that is not asked, or no text is."""
    sheet = exhibit.sheet
    if len(sheet.rows) < 2:
        return None
    if _ABOUT.search(clause.text):
        return _subject(exhibit) or (_short(exhibit, 1, None) if _sentences(exhibit) else None)
    return _short(exhibit, _MOST, asked.most_words) if _ASKS.search(clause.text) else None


def _subject(exhibit: Exhibit) -> str | None:
    for line in exhibit.sheet.lines:
        found = _SUBJECT.match(line)
        if found is not None:
            return found["text"]
    return None


def _short(exhibit: Exhibit, most: int, most_words: int | None) -> str:
    heading, subject = exhibit.sheet.heading(), _subject(exhibit)
    begin = [text for text in (heading, subject) if text]
    sentences = _sentences(exhibit)
    body = _central(sentences, most) if sentences else _facts(exhibit)
    lines = [line for line in dict.fromkeys([*begin, *body]) if line]
    if not lines:
        return Declined("The text holds nothing that I could sum up.")
    if most_words is None:
        return "\n".join(lines)
    kept: list[str] = []
    for line in lines:
        if sum(len(one.split()) for one in [*kept, line]) > most_words and kept:
            continue
        kept.append(line)
    return " ".join(one if one[-1] in ".!?:。" else f"{one}." for one in kept)


def _sentences(exhibit: Exhibit) -> list[str]:
    """Give the sentences of a page's prose; none of a page that is a form or a table."""
    runs: list[list[str]] = [[]]
    for row, line in zip(exhibit.sheet.rows, exhibit.sheet.lines, strict=True):
        prose = len(row) == 1 and len(line.split()) >= _PROSE
        ends = len(row) == 1 and runs[-1] and not re.search(r"[.!?:]$", runs[-1][-1])
        if prose or (ends and not _SUBJECT.match(line)):
            runs[-1].append(line)
        elif runs[-1]:
            runs.append([])
        if runs[-1] and re.search(r"[.!?。]$", line):
            runs.append([])
    made = [one for run in runs for one in _ENDS.split(" ".join(run)) if len(one.split()) >= 4]
    made = [one for one in made if not _SUBJECT.match(one)]
    return made if len(made) >= _LEAST else []


def _central(sentences: Sequence[str], most: int) -> list[str]:
    stems = [frozenset(words.stem(w) for w in words.content(one)) for one in sentences]
    often = Counter(stem for said in stems for stem in said)
    scored = []
    for number, (one, said) in enumerate(zip(sentences, stems, strict=True)):
        shared = sum(often[stem] - 1 for stem in said) / (len(said) + 3) / len(sentences)
        tells = sum(bool(values.find(one, kind)) for kind in _TELLING)
        first = 1 - number / len(sentences)
        scored.append((shared + _TELLS * tells + _FIRST * first, number))
    kept = sorted(number for _, number in sorted(scored, reverse=True)[:most])
    return [sentences[number] for number in kept]


def _facts(exhibit: Exhibit) -> list[str]:
    """Give what papers usually tell, of one without prose: label and value."""
    told = [f"{f.label}: {f.value}" for f in concepts.labelled(exhibit.sheet).values()]
    return list(dict.fromkeys(told))[:_MOST_FACTS]
