"""Answers about what is printed: text read out, words found or not, codes, counts, extremes.

Each function returns None where the question is about something else, for `answer` to go on.
"""

from __future__ import annotations

import re

from sightline.engines.embedded import ask, words
from sightline.engines.embedded.ask import Asked, Clause
from sightline.engines.embedded.ear.compose import denies
from sightline.engines.embedded.evidence import Declined, Exhibit, count
from sightline.engines.embedded.eyes import describe, phrases
from sightline.engines.embedded.paper import arithmetic, field
from sightline.engines.embedded.paper.denials import denying
from sightline.engines.embedded.paper.items import line_items
from sightline.engines.embedded.paper.program import listing
from sightline.engines.embedded.paper.sheet import Sheet
from sightline.engines.embedded.passages import Said, in_quotes, own, quote
from sightline.engines.embedded.question_form import begins_as_yes_or_no, is_yes_or_no
from sightline.engines.embedded.values import Kind
from sightline.engines.embedded.words import joined

_PRINTED_CODE = re.compile(r"(?=.*[0-9])(?=.*[A-Z])[A-Z0-9][A-Z0-9-]{2,}[A-Z0-9]")


def code(exhibit: Exhibit) -> str | None:
    """Give the one code that is printed in a picture: capitals and figures in one word."""
    printed = [cell.text for cell in exhibit.sheet.cells if _PRINTED_CODE.fullmatch(cell.text)]
    return printed[0] if len(printed) == 1 else None


def codes(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Say what the codes contain, or that there are none."""
    survey = exhibit.survey
    found = list(survey.codes)
    lower, judged = clause.text.lower(), begins_as_yes_or_no(clause.text)
    if re.search(r"\bqr\b", lower) and not re.search(r"bar ?code", lower):
        found = [c for c in found if "QR" in c.name]
        noun = "QR code"
    elif re.search(r"\bbar ?codes?\b", lower) and not re.search(r"\bqr\b", lower):
        # Many call every code a bar code; a QR code answers where nothing else does.
        found = [c for c in found if c.is_bar_code] or found
        noun = "bar code"
    else:
        noun = "code"
        printed = None if found or judged else code(exhibit)
        if printed is not None:
            return printed if asked.terse else Said.of("The text says “", quote(printed), "”.")
    if not found:
        program = listing(exhibit.survey.rows)
        if program is not None:
            return "\n".join(program)
        return own(
            f"No, I find no {noun} in the picture that I can read."
            if judged
            else f"I find no {noun} in the picture that I can read."
        )
    if asked.terse:
        return own("\n".join(code.content for code in found))
    if re.match(r"\s*where\b", lower):
        return own(
            " ".join(
                f"The {c.name} is {phrases.where(c.box, survey.picture.width, survey.picture.height)}."
                for c in found
            )
        )
    yes = "Yes. " if judged else ""
    wanted = ask.contained(clause.text)
    if yes and wanted and re.search(r"[\"']", clause.text):
        holds = any(words.squash(wanted) in words.squash(c.content) for c in found)
        yes = "Yes. " if holds else "No. "
    return own(yes + " ".join(f"The {c.name} contains: {c.content}" for c in found))


def count_things(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Count lines, words, codes, colours, bars or listed items."""
    survey, sheet, lower = exhibit.survey, exhibit.sheet, clause.text.lower()

    def say(number: int, noun: str) -> str:
        return own(
            str(number)
            if asked.terse
            else f"There {'is' if number == 1 else 'are'} {count(number, noun)}."
        )

    if re.search(r"\bqr\b", lower):
        return say(sum("QR" in c.name for c in survey.codes), "QR code")
    if re.search(r"\bbar ?codes?\b", lower):
        return say(sum(c.is_bar_code for c in survey.codes), "bar code")
    if re.search(r"\bcodes\b", lower) and not ask.OTHER_CODES.search(lower):
        return say(len(survey.codes), "code")
    if (numbered := _of_so_many(lower, sheet)) is not None:
        return numbered
    if (
        re.search(r"\b(?:lines|rows)\b", lower)
        and not re.search(r"\bparking|railway|bus|train\b", lower)
        # "16 cm (about 72 rows)": a paper may have lines and rows of its own.
        and not re.search(r"\d\W{0,3}(?:lines|rows)\b", sheet.text, re.I)
    ):
        return (
            say(len(sheet.rows), "line")
            if asked.terse
            else own(
                f"There {'is' if len(sheet.rows) == 1 else 'are'} {count(len(sheet.rows), 'line')} of text."
            )
        )
    if re.search(r"\bwords\b", lower):
        return say(sum(len(line.split()) for line in sheet.lines), "word")
    if re.search(r"\b(?:letters|characters)\b", lower):
        return say(sum(not ch.isspace() for line in sheet.lines for ch in line), "character")
    if re.search(r"\bcolou?rs\b", lower):
        colours = f" {describe.colour_list(survey.colours).capitalize()}."
        return own(say(len(survey.colours), "main colour") + ("" if asked.terse else colours))
    if re.search(r"\bhow many (?:\w+ ){0,2}bars?\b", lower) and len(sheet.pairs()) > 1:
        return say(len(sheet.pairs()), "labelled bar")
    if re.search(r"\b(?:items?|products?|articles?|entries)\b", lower):
        printed = sheet.find(["items"], "integer") or sheet.find(["item", "count"], "integer")
        if printed is not None:
            return printed.value if asked.terse else f"{printed.label}: {printed.value}."
        pairs = sheet.pairs()
        if pairs:
            names = joined([label for label, _, _ in pairs])
            verb = "is" if len(pairs) == 1 else "are"
            listed = f"{count(len(pairs), 'item')} {verb} listed with a price: "
            return own(str(len(pairs))) if asked.terse else Said.of(listed, quote(names), ".")
    return None


_HOW_MANY = re.compile(r"\bhow many (?P<noun>[^\W\d_]+)")
_ALSO_CALLED = {
    "slide": ("page", "slide"),
    "sheet": ("page", "sheet"),
    "package": ("parcel", "package", "pkg"),
}


def _of_so_many(lower: str, sheet: Sheet) -> str | None:
    """Tell how many there are of what is numbered so: "Parcel 1 of 2", "Page 4/17"."""
    asked = _HOW_MANY.search(lower)
    if asked is None:
        return None
    noun = words.stem(asked["noun"])
    names = "|".join(map(re.escape, _ALSO_CALLED.get(noun, (noun,))))
    numbered = re.compile(
        rf"\b(?:{names})s?\W{{0,3}}\d{{1,4}} ?(?:of|/|von|de|sur) ?(\d{{1,4}})\b", re.IGNORECASE
    )
    found = {said[1] for line in sheet.lines for said in numbered.finditer(line)}
    return found.pop() if len(found) == 1 else None


_TYPED: tuple[tuple[str, Kind, str], ...] = (
    (r"\b(?:tele)?phone(?: number)?s?\b", "phone", "phone number"),
    (r"\be-?mails?\b", "email", "email address"),
    (r"\b(?:url|website|web address|link|web site)s?\b", "url", "web address"),
    (r"\bdates?\b", "date", "date"),
    (r"\btimes?\b|\bhours\b", "time", "time"),
    (r"\b(?:prices?|amounts?|money|costs?)\b", "money", "amount"),
    (r"\bpercent(?:age)?s?\b", "percent", "percentage"),
    (r"\b(?:street )?address(?:es)?\b", "address", "address"),
    (r"\b(?:numbers?|digits?)\b", "number", "number"),
)


# What ties a question to a time: a line that names what is asked for may tell of another.
_TIMED = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bweekends?\b|\bweekdays?\b|\b\d{1,2}(?::\d\d)? ?(?:am|pm|o'clock)\b"
    r"|\b\d{1,2}:\d\d\b|\b(?:today|tonight|tomorrow|night|noon|midnight|morning|evening|afternoon)\b"
)


def _is_of(line: str, times: list[str]) -> bool:
    """Say whether a line names the times that are asked about: else it may tell of others."""
    return all(time in line.lower() for time in times)


def contains(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Say whether the text holds what is asked for."""
    held, sheet = clause.subject, exhibit.sheet
    quoted = bool(re.search(r"[\"']" + re.escape(held), clause.text))
    bare = ask.article_free(held)
    if not quoted:
        lower = held.lower()
        if re.fullmatch(
            r"(?:(?:any|some|a|readable|written|printed|visible)\s+)*(?:texts?|writing|words?|letters?|lettering|characters?)(?: .*)?",
            lower,
        ):
            if not sheet.rows:
                return own("No" if asked.terse else "No, I find no text in the picture.")
            if asked.terse:
                return own("Yes")
            return Said.of("Yes, the picture holds text:\n", quote("\n".join(sheet.lines)))
        for pattern, kind, noun in _TYPED:
            if re.fullmatch(rf"(?:(?:an?|any|some|the|contact)\s+)*(?:{pattern})", lower):
                found = sheet.every(kind)
                if not found:
                    return own("No" if asked.terse else f"No, the text holds no {noun}.")
                return _so("Yes: ", ", ".join(found[:8]), ".", terse=asked.terse)
    wanted = words.squash(held if quoted else bare)
    if not wanted:
        return None
    times = _TIMED.findall(clause.text.lower())
    for line in sheet.lines:
        if wanted in words.squash(line) and _is_of(line, times):
            return _so("Yes, it says “", line, "”.", terse=asked.terse)
    if not times and wanted in words.squash(sheet.text):
        end = "”, over more than one line."
        return _so("Yes, the text says “", bare, end, terse=asked.terse)
    if not quoted:
        lines = sheet.mentions(words.content(bare))
        if lines and denies(lines[0], clause.text) and not denies(clause.text, clause.text):
            denied = denying(lines, clause.text)
            said = "The text says “" if denied is None else "No: the text says “"
            return Said.of(said, quote(denied or lines[0]), "”.")
        if lines and _is_of(lines[0], times):
            return _so("Yes, it says “", lines[0], "”.", terse=asked.terse)
        if lines:
            return Said.of("The text says “", quote(lines[0]), "”.")
    about_text = quoted or re.search(
        r"\b(?:says?|mention(?:s|ed)?|reads?|written|printed|words?|text|phrase|listed?|lists?)\b",
        clause.text,
        re.I,
    )
    if about_text:
        if not sheet.rows:
            return own("No" if asked.terse else "No, I find no text in the picture.")
        return own("No" if asked.terse else f"No, the text in the picture does not say “{bare}”.")
    return Declined(
        f"The text does not mention “{bare}”. Whether it is pictured I can't tell."
        if sheet.rows
        else f"Whether “{bare}” is pictured I can't tell; there is no text."
    )


def _so(head: str, printed: str, end: str, *, terse: bool) -> Said:
    """Answer "yes", with what is printed where it is not to be terse."""
    return own("Yes") if terse else Said.of(head, quote(printed), end)


def read(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Read the text out: all of it, or the line that is asked for."""
    sheet, lower = exhibit.sheet, clause.text.lower()
    if not sheet.rows:
        codes = exhibit.survey.codes
        tail = f" A {codes[0].name} contains: {codes[0].content}" if codes else ""
        unread = describe.unread(exhibit.survey)
        none = "I find no text in the picture that I can read."
        return own(" ".join(filter(None, (none, unread))) + tail)
    lines = sheet.lines
    numbered = re.search(r"\bline (?:number )?(\d{1,6})\b", lower)
    ordinal = re.search(
        r"\b(first|second|third|fourth|fifth|last|top|bottom)\s+(?:line|row|text|word)\b", lower
    )
    if numbered:
        index = int(numbered.group(1))
        if index < 1 or index > len(lines):
            return own(f"There is no line {index}; the text has {count(len(lines), 'line')}.")
        return lines[index - 1]
    if ordinal:
        word = ordinal.group(1)
        index = {"first": 0, "top": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}.get(
            word, -1
        )
        if index >= len(lines):
            return own(f"The text has only {count(len(lines), 'line')}.")
        line = lines[index]
        if re.search(r"\bword\b", ordinal.group(0)):
            return (
                line.split()[0 if index >= 0 else -1]
                if index in (0, -1)
                else " ".join(lines).split()[index]
            )
        return line
    if re.search(r"\b(?:largest|biggest)\b", lower):
        return max(sheet.cells, key=lambda c: c.box.height).text
    if re.search(r"\bsmallest\b", lower):
        return min(sheet.cells, key=lambda c: c.box.height).text
    corner = re.search(r"\bat the (?:very )?(top|bottom)(?: (left|right))?", lower)
    if corner:
        placed = _placed_lines(exhibit, corner.group(1), corner.group(2))
        if placed:
            return "\n".join(placed)
    text = "\n".join(listing(exhibit.survey.rows) or lines)
    unread = describe.unread(exhibit.survey)
    return Said.of(quote(text), f"\n\n({unread})") if unread and not asked.terse else text


def _placed_lines(exhibit: Exhibit, down: str, across: str | None) -> list[str]:
    height, width = exhibit.survey.page.shape[:2]
    kept = []
    for row in exhibit.survey.rows:
        for piece in row.pieces:
            x, y = piece.box.centre[0] / width, piece.box.centre[1] / height
            low = y < 1 / 3 if down == "top" else y > 2 / 3
            side = across is None or (x < 0.5 if across == "left" else x > 0.5)
            if low and side:
                kept.append(piece.text)
    if kept:
        return kept
    lines = exhibit.sheet.lines
    return lines[:1] if down == "top" else lines[-1:]


def items(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """List what is sold or listed, with the price printed beside it."""
    found = line_items(exhibit.sheet)
    if not found:
        return None
    if asked.terse:
        return ", ".join(row["name"] for row in found)
    lines = []
    for row in found:
        counted = f" × {row['quantity']}" if "quantity" in row else ""
        lines.append(f"- {row['name']}{counted}: {row['price']}")
    return "\n".join(lines)


_LISTS = re.compile(
    r"^\W*(?:(?:which|what|list|name)\b(?: (?:are|all|me|the|of|sorts?|types?))*|all the|how many)\s+"
    r"(?:(?!kinds? )(?P<kind>[^\W\d_]{3,}) )?(?:kinds? of )?(?P<noun>[^\W\d_]+s)\b"
    r"(?:\W*$|[^?]{0,40}\b(?:there|have|offer\w*|listed|on the \w+|get|order|sell|sold|serve\w*|choose|available)\b)",
    re.IGNORECASE,
)


_LISTED = re.compile(
    r"^\W*(?:(?:which|what) (?:are )?(?:(?:the|his|her|their|its|your|my) )?|(?:list|name) (?:all |me )*(?:the )?)(?P<noun>[^\W\d_]+s)\b"
    r"(?:\W*$| (?:does|do|did|is|are|has|have|can) )",
    re.IGNORECASE,
)
_MOST_LISTED, _MOST_WORDS = 12, 6  # lines of a list, and words of each


def listed_under(text: str, exhibit: Exhibit) -> str | None:
    """List the short lines that stand under the very word that is asked for: Languages, Skills."""
    asked = _LISTED.match(text)
    lines = [] if asked is None else points(asked["noun"], exhibit.sheet)
    return ", ".join(lines) if lines else None


def points(noun: str, sheet: Sheet) -> list[str]:
    """Give the short lines that stand under the heading that is this word alone."""
    named = words.stem(noun.lower())
    heads = [
        at
        for at, row in enumerate(sheet.rows)
        if len(row) == 1 and [words.stem(token) for token in row[0].tokens] == [named]
    ]
    if len(heads) != 1:
        return []
    lines = [_MARKED.sub("", line) for line in sheet.block(heads[0])]
    if len(lines) > _MOST_LISTED or any(len(line.split()) > _MOST_WORDS for line in lines):
        return []
    return lines


_MARKED = re.compile(r"^[•·*▪●–-]\s*")


def under_heading(text: str, exhibit: Exhibit) -> str | None:
    """List what stands under the heading that a question names, or count it: the starters of a menu."""
    asked = _LISTS.match(text)
    if asked is None:
        return None
    named = [asked["kind"] or asked["noun"], asked["noun"]]
    part = next((p for name in named if (p := exhibit.sheet.section([name.lower()]))), None)
    if part is None:
        return None
    # What has its price in a column of its own; a sentence with one ("Cover charge 2.00 a person") has not.
    listed = [row[0].text for row in part.rows if len(row) > 1 and re.search(r"\d", row[-1].text)]
    names = [
        row["name"] for row in line_items(part) if not listed or row["name"] in listed
    ] or listed
    counts = re.match(r"\W*how many", text, re.IGNORECASE)
    more = [
        w
        for w in words.content(text)
        if w not in words.tokens(" ".join(named)) and w not in _OFFERED
    ]
    if len(names) < 2 or (counts and more):
        return None
    return f"{len(names)}: {joined(names)}." if counts else ", ".join(names)


_OFFERED = frozenset(
    "listed offer offered offers sold sell serve served serves available choose order menu list".split()
)
_LABELLED = re.compile(r"[^:.]{1,40}:\s")
_MOST_QUOTED = 40  # words
_DENIED = re.compile(
    r"\b(?:not|never|avoid|don'?t|mustn'?t|shouldn'?t|cannot|can'?t)\b", re.IGNORECASE
)


_FIRST = re.compile(r"\b(?:next|first)\b", re.IGNORECASE)  # of several lines


def under_its_heading(text: str, exhibit: Exhibit) -> str | None:
    """Quote what stands under the only heading that says what a question asks: "How to store it".

    A heading that denies answers a question that does. None where it is much text, or none.
    """
    asked = words.content(text)
    sheet = exhibit.sheet
    named = [
        at
        for at in sheet.heads
        if asked
        and bool(_DENIED.search(sheet.lines[at])) == bool(_DENIED.search(text))
        and all(
            any(words.forms(word, token) for token in sheet.rows[at][0].tokens) for word in asked
        )
    ]
    if len(named) != 1 or exhibit.layout.tables:
        return None
    lines = sheet.lines[sheet.under(named[0])]
    said = " ".join(lines[:1] if _FIRST.search(text) else lines)
    if _LABELLED.match(said):
        return None  # what follows is a field of its own
    return said if 0 < len(said.split()) <= _MOST_QUOTED else None


# What a question about an extreme may name without its being printed.
_EXTREME_WORDS = frozenset(
    """most highest largest biggest greatest tallest longest maximum max top priciest dearest lowest smallest
    least shortest minimum min cheapest fewest expensive costly item items product products dish thing
    bar bars column value values price prices cost number amount entry category month year day label
    listed chart graph one""".split()
)
_NO_UNIT = re.compile(r"[\d\s.,'’$€£¥+−-]")
_LEAST_LISTED = 3  # of which one is said to be the most
_MOST = r"\b(?:highest|largest|biggest|greatest|tallest|longest|maximum|max|most|top|best|priciest|dearest)\b"


def extreme(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Say which listed thing has the highest or lowest number."""
    literal = field.read_field(exhibit.sheet, clause.text)
    if literal and words.covers(words.tokens(literal[0].label), words.content(clause.text)) >= 2:
        return None  # "maximum height" is printed as such; the field answers
    if arithmetic.doubtful(clause.text, exhibit):
        return None
    named = [w for w in words.content(clause.text) if w not in _EXTREME_WORDS]
    pairs = (exhibit.sheet.section(named) or exhibit.sheet).pairs()
    if len(pairs) < _LEAST_LISTED or not all(exhibit.sheet.mentions([w]) for w in named):
        return None
    if len({_NO_UNIT.sub("", value).lower() for _, value, _ in pairs} - {""}) > 1:
        return None  # 118 cycles are not more than 69 %
    highest = bool(re.search(_MOST, clause.text, re.IGNORECASE))
    label, value, _ = (max if highest else min)(pairs, key=lambda pair: pair[2])
    if asked.terse:
        wants_value = re.search(
            r"\bwhat is the (?:highest|lowest|maximum|minimum|largest|smallest) (?:value|price|amount|number)",
            clause.text,
            re.I,
        )
        return value if wants_value else label
    end = f", is the {'highest' if highest else 'lowest'} of {len(pairs)} listed."
    return Said.of(quote(label), ", with ", quote(value), end)


_SENT = re.compile(r"\b(?:sent|send|attached|upload\w*|gave|give|got|get|receive\w*|here)\b", re.I)


def count_pictures(text: str, exhibits: list[Exhibit]) -> str | None:
    """Say how many pictures were sent, where that is asked."""
    printed_ = len(exhibits) == 1 and exhibits[0].sheet.rows  # it may speak of pictures
    if re.search(
        r"\bhow many (?:images|pictures|photos|frames|photographs)\b", text, re.IGNORECASE
    ) and (not printed_ or _SENT.search(text)):
        return f"{len(exhibits)} picture{'s were' if len(exhibits) != 1 else ' was'} sent."
    return None


def place_of_text(text: str, exhibit: Exhibit) -> str | None:
    """Say where a printed word stands: "where is the total?" asks for its place on the paper."""
    if not re.match(r"\s*where(?:'s| is| are)\b", text, re.IGNORECASE):
        return None
    asked = words.content(text)
    picture = exhibit.survey.picture
    for cell in exhibit.sheet.cells:
        short = len(cell.tokens) <= len(asked) + 2 and words.covers(cell.tokens, asked)
        if asked and short == len(asked) and cell.text != exhibit.sheet.heading():
            where = phrases.where(cell.box, picture.width, picture.height)
            return Said.of("“", quote(cell.text), f"” stands {where}.")
    return None


def quoted(clause: Clause, exhibit: Exhibit) -> str | None:
    """Quote what is printed about a question of yes or no: whether it is so is for people to say."""
    if not is_yes_or_no(clause.text):
        return None
    denied = denying(exhibit.sheet.lines, clause.text)
    if denied is not None:
        return Said.of("No: the text says “", quote(denied), "”.")
    lines = field.about(exhibit.sheet, clause.text)
    return Said.of("The text says ", in_quotes(lines), ".") if lines else None
