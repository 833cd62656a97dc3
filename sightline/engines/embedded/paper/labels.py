"""A value by the very label that is asked for, wherever it stands: "Feels like 8°", "day ticket 7.40".

Labels stand before their values in a line, in a row, or over or under them in tiles. A value ends where
its form does, which its name tells: an amount, the number of an account, somebody's name. Nothing is
told where a page has the label twice with different values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sightline.engines.embedded import values, words
from sightline.engines.embedded.ask import Asked, Clause
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.paper import concepts
from sightline.engines.embedded.paper.sheet import Cell, FoundValue, Sheet
from sightline.engines.embedded.passages import quote
from sightline.engines.embedded.values import Kind

# What the last word of a name says of the form of its value.
_FORMS: dict[Kind, frozenset[str]] = {
    "phone": frozenset("phone mobile telephone tel fax cell hotline".split()),
    "email": frozenset("email mail".split()),
    "url": frozenset("website url homepage".split()),
    "date": frozenset("date day birthday birth dob expiry deadline".split()),
    "id": frozenset(
        "number no nr code id iban bic plate reference ref registration serial zip postcode".split()
    ),
    "money": frozenset(
        """price fare cost fee total subtotal amount balance vat tax tip salary rent deposit credit charge
        discount revenue payment premium refund surcharge""".split()
    ),
    "time": frozenset("time departure arrival sunrise sunset".split()),
    "measure": frozenset(
        """weight length height width depth power capacity volume temperature humidity speed pressure calories
        energy distance mileage cholesterol""".split()
    ),
    "name": frozenset(
        """name customer client holder teacher doctor physician patient passenger author sender recipient guest
        person driver cashier server seller buyer manager owner editor artist photographer director renter borrower tenant landlord
        employee applicant member examiner insured witness instructor trainer operator""".split()
    ),
}
_NEED_NOT_BE_SAID = frozenset("number no nr id date".split())
_LIKE_NO_OTHER: tuple[Kind, ...] = ("phone", "email", "url")
_LEADERS = " \t:.…·_-–—=>|#"
_LONGEST_GAP = 12  # characters between a label and its value, where no sign parts them
_LEAST_LISTED = 3  # labels with their values, under each other
_MOST_WORDS = 6  # of a label
_NEAR = 2.6  # heights of a line, from one of a tile to the other

_SAID = re.compile(r"\s{0,3}\b(?:is|was|are|were)\b")
_IN_A_SENTENCE = 0.8  # how well a label fits there
_SAYS = re.compile(r"\s{0,3}\.?\s{0,3}(?:[:=–—]|\b(?:is|was|are|were)\b)\s*")
# "Closing balance 30 Sep: 3,528.73"
_DATED = re.compile(r"\s*(?:on |at |as of )?\d[^:\n]{0,14}:\s+(?=\S)")
_NO_LABEL = re.compile(r"['’/-]\w|\s{0,3}[·|•]")  # a part of a longer word, or something beside it
_BY = re.compile(r"\b(?:by|to|with|from|at)\s*$", re.IGNORECASE)
_AMOUNT = re.compile(r"[$€£¥]? ?-?\d[\d.,' ]*[.,]\d\d(?: ?[$€£¥]| ?[A-Z]{3})?")
_LONE = re.compile(r"[<>≤≥~±+−-]?\d[\d.,]*(?: ?[A-Z]{1,2}| ?%)?")  # "24 H", no range
_PROSE = re.compile(r"(?:\b[a-z]{2,} ){3}")
_ANOTHER = re.compile(r", ([a-z]{3,}) (?:no\.? )?[A-Z\d-]*\d")  # "Peugeot 208, plate GK-418-TZ"
_BEFORE = frozenset("your the our my his her their its new total".split())
_ID = re.compile(
    r"(?:[A-Z]{1,5}+(?:[ -]|(?=[\d#*])))*+#?(?=[\w*]*\d)[\w*]++(?:[-/.:][\w*]++)*+"
    r"(?: (?:(?=[\dA-Z*]*\d)[\dA-Z*-]++|[A-Z]{2,4}(?!\w)))*|[A-Z]{4,}(?!\w)"
)
_NO_UNIT = r"(?!(?:and|or|in|at|on|for|to|per|the|a|an|by|with|of|is|was|from)\b)"
_QUANTITY = re.compile(
    r"[<>≤≥~±+−-]?(?:[$€£¥] ?)?\d[\d.,']*(?<![.,'])(?: ?(?:over|/|x|×|of|to|–|-) ?\d[\d.,]*(?<![.,]))?"
    rf"(?: ?(?:%|[°º] ?[CF]?|(?:minute|hour|day|week|month|year|night|page|piece|tablet)s?|{_NO_UNIT}(?![A-ZÀ-Þ][a-z]{{2}})[^\W\d_]{{1,4}}\d?(?:/[^\W\d_]{{1,4}}[\d²³]?)?)(?!\w))?"
)
_NUMBER = re.compile(r"(?:[$€£¥] ?)?-?\d[\d.,']*+(?<![.,'])(?! ?[%\d]|[^\W_])")
_NUMBERED = re.compile(r"[A-Z]{0,3}\d[\w./-]*(?<![./-])(?: of \d+)?")
_GOES_ON = re.compile(r" ?\d")
_BRACKET_ENDS = re.compile(r"(?<=\w)\) [a-z].*$")
_BRACKET_BEGINS = re.compile(r" \(\d[^()]*$")
_SENTENCE_ENDS = re.compile(
    r"(?<=[^\W\d_]{4})[.!?]\s+(?=[A-Z\d])(?![A-Z]\.)|(?<=[\d)%°€$£])[.!?]\s+(?=[A-Z])"
    r"|(?:(?<=\d [A-Za-z])|(?<=\d [A-Za-z]{2})|(?<=\d [A-Za-z]{3}))\.\s+(?=[A-Z])|\s[·|•]\s|;\s|\s{3,}"
)
# Words that begin the label of something else behind a name: "Elif Yaman Account no. 33", "Okada Room 312".
_LABEL_WORDS = frozenset(
    word for concept in concepts.CONCEPTS for label in concept.labels for word in words.tokens(label)
) | frozenset(
    """account no nr number room id ref reference born tel phone floor nights night age seat row gate flight plate
    page code date licence license contract policy customer member card branch visa passport email""".split()
)  # fmt: skip


def form_of(name: Sequence[str]) -> Kind | None:
    """Say what form the value of a name has, by its words; None where they tell none."""
    for kind in _LIKE_NO_OTHER:
        if _FORMS[kind].intersection(name):
            return kind
    if not name:
        return None
    head = name[name.index("of") - 1] if "of" in name[1:] else name[-1]
    if "of" in name[1:] and head in ("number", "no"):
        return "integer"
    return next((kind for kind, heads in _FORMS.items() if head in heads), None)


def bare(text: str, form: Kind | None) -> str | None:
    """Cut a text to the value of a form with which it begins; None where it has none."""
    text = clipped(text)
    if form == "id":
        found = _ID.match(text)
        return found[0].strip(" .") if found else None
    if form == "measure":
        found = _QUANTITY.match(text)
        # "1 18,250 km" was read with a gap in it.
        return found[0] if found and not _GOES_ON.match(text[found.end() :]) else None
    if form == "name":
        return _name(text)
    if form is None:
        return text or None
    kinds: tuple[Kind, ...] = ("hours", "time", "measure") if form == "time" else (form,)
    for kind in kinds:
        value = next(iter(values.find(text, kind)), None)
        if value is not None and 0 <= text.find(value) <= _LONGEST_GAP:
            return value
    found = _NUMBER.match(text) if form == "money" else None  # "30" of an amount, never "20 %"
    return found[0] if found else None


def clipped(text: str) -> str:
    """Cut a text where a sentence of its own or another label begins."""
    begins = words.further_labels(text)
    text = text[: begins[0]] if begins else text
    for found in _ANOTHER.finditer(text):
        if found[1] in _LABEL_WORDS:
            text = text[: found.start()]
            break
    if "(" not in text:
        text = _BRACKET_ENDS.sub("", text)  # what began before it ends there
    if text.count("(") > text.count(")"):
        text = _BRACKET_BEGINS.sub("", text)
    text = _SENTENCE_ENDS.split(text.strip(), maxsplit=1)[0].strip(",;").lstrip(_LEADERS)
    return text.rstrip(_LEADERS if "<" not in text else _LEADERS.replace(">", ""))


def _name(text: str) -> str | None:
    """Cut what is somebody's name from what goes on behind it: a room, an account, a street."""
    kept = text.split(", ", 1)
    if len(kept) == 2 and re.search(r"\d", kept[1]):
        text = kept[0]
    told = text.split()
    number = next((at for at, word in enumerate(told) if any(map(str.isdigit, word))), None)
    if number is not None:
        told = told[:number]
        while told and words.fold(told[-1]).strip(".:,") in _LABEL_WORDS:
            told.pop()
    name = " ".join(told).strip(" ,;")
    return name if any(map(str.isalpha, name)) else None


def look_up(sheet: Sheet, name: Sequence[str]) -> FoundValue | None:
    """Give the value with the label that has these words and no others; None where there is none.

    What is known by several names is looked for by each of them.
    """
    form = form_of(name)
    for asked in _called(name):
        found = [*_in_lines(sheet, asked, form), *_in_tiles(sheet, asked, form)]
        told = {words.squash(each.value) for each in found}
        if len(told) == 1:
            return found[0]
        if told:
            return None
    listed = [] if form in _LIKE_NO_OTHER else list(_in_lists(sheet, name, form))
    return listed[0] if len(listed) == 1 else None


# "How much data was used?" asks for "data used".
_HOW_MUCH = re.compile(
    r"\W*how (?:much|many) ([^\W\d_]+(?: [^\W\d_]+)?) (?:is|are|was|were|has been|have been) ([^\W\d_]+)\W*$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\W*(?:what|which|who|when|whose)(?:'s|s)?(?: (?:is|are|was|were))? (?:the |his |her |its |their )?(?P<name>[^?,]{3,60})\??\W*$",
    re.I,
)


def answer(clause: Clause, _: Asked, exhibit: Exhibit) -> str | None:
    """Answer a question that asks for no more than a name: "What's the sort code?"."""
    asks = _ASKS.match(clause.text) or _HOW_MUCH.match(clause.text)
    if asks is None:
        return None
    name = words.content(" ".join(filter(None, asks.groups())))
    if " ".join(name) in OF_MANY:
        return None
    found = look_up(exhibit.sheet, name)
    return None if found is None else quote(found.value, (found.row,))


# A page may have several of these, which others tell apart.
OF_MANY = frozenset("total date time name title number amount address subtotal".split())


def _called(name: Sequence[str]) -> Iterator[list[str]]:
    if not 0 < len(name) <= _MOST_WORDS:
        return
    yield list(name)
    if len(name) > 1 and name[-1] in _NEED_NOT_BE_SAID:
        yield list(name[:-1])  # "Card: 2100 4488", "Return  16 Dec"
    concept, left = concepts.concept_of(list(name))
    if concept is not None and not left and len(name) > 1:
        for label in concept.labels:
            said = words.tokens(label)
            if said != list(name) and (len(said) > 1 or len(label) > 6):
                yield said


def _in_lines(sheet: Sheet, asked: Sequence[str], form: Kind | None) -> Iterator[FoundValue]:
    for cell in sheet.parts:
        end = _ends(cell, asked, form)
        if end is None:
            continue
        value = _after(sheet, cell, end, form)
        if value:
            fit = _IN_A_SENTENCE if _SAID.match(cell.text[end:]) else 1.0
            yield FoundValue(value, cell.text[:end].strip(_LEADERS), cell.row, fit)


def _wrapped(sheet: Sheet, cell: Cell) -> str:
    """Give the next line where a cell is a line of prose that goes on in it."""
    alone = len(sheet.rows[cell.row]) == 1 and len(cell.tokens) > _MOST_WORDS
    if not alone or cell.inner or cell.text[-1:] in ".:!?" or cell.row + 1 >= len(sheet.rows):
        return ""
    below = sheet.rows[cell.row + 1]
    starts = (
        len(below) == 1
        and ":" not in below[0].text[:24]
        and abs(below[0].box.x0 - sheet.rows[cell.row][0].box.x0) < cell.box.height
    )
    return f" {below[0].text}" if starts else ""


def _ends(cell: Cell, asked: Sequence[str], form: Kind | None) -> int | None:
    """Say where in a cell's text the label ends; None where it is not there as one."""
    found = list(words.WORD.finditer(cell.text))
    if len(found) != len(cell.tokens):
        return None
    named = sorted(words.stem(word) for word in asked)  # "Fees open" are open fees
    for at in range(len(found) - len(asked) + 1):
        if sorted(words.stem(token) for token in cell.tokens[at : at + len(asked)]) != named:
            continue
        before, end = cell.text[: found[at].start()].rstrip(), found[at + len(asked) - 1].end()
        begins = not before or before[-1] in ",;.|·•:()–-/" or before[-1].isdigit()
        if begins or cell.tokens[at - 1] in _BEFORE:
            return end
        listed = found[at][0][0].isupper() and not _PROSE.search(before)
        if listed and (form in ("id", "phone") or _NUMBERED.match(cell.text[end:].strip(_LEADERS))):
            return end  # "Fam. Okada Room 312"
    return None


def _after(sheet: Sheet, cell: Cell, end: int, form: Kind | None) -> str | None:
    """Give the value behind a label that ends there: in its cell, or in another of its row."""
    row, tail = sheet.rows[cell.row], cell.text[end:] + _wrapped(sheet, cell)
    if _NO_LABEL.match(tail):
        return None
    amount = row[-1].text if len(row) > 1 and _AMOUNT.fullmatch(row[-1].text) else None
    if tail.startswith(",") and cell.column == 0 and amount:
        return amount if form in (None, "money") else None  # "Breakfast, 6 at 14.50  87.00"
    said = _SAYS.match(tail)
    dated = _DATED.match(tail) if form == "money" else None
    sign = said or dated
    rest = (tail[sign.end() :] if sign else tail).lstrip(_LEADERS)
    if not rest:
        return _beside(sheet, cell, form)
    if form is None and said:
        quantity = _QUANTITY.match(rest)
        if quantity and not rest[0].isalpha() and _goes_on(rest, quantity.end()):
            return quantity[0]
    if said or form not in (None, "name") or _BY.search(cell.text[:end]):
        return bare(rest, form) or (amount if form == "money" else None)
    return _at_once(rest) if form is None else None


def _beside(sheet: Sheet, cell: Cell, form: Kind | None) -> str | None:
    """Give the value in the next cell of a label's row; of several the only one that is a number."""
    row = sheet.rows[cell.row]
    if cell.inner or cell.column + 1 >= len(row) or sheet.is_heads(cell.row):
        return None
    beside = row[cell.column + 1]
    if len(row) == 4 and cell.column % 2 == 0 and not any(each.has_digit for each in row[::2]):
        return bare(beside.text, form)  # two labels, each with its value
    if len(row) > 2 and form is None and not cell.is_label:
        numbers = [each for each in row[cell.column + 1 :] if _LONE.fullmatch(each.text)]
        return beside.text if numbers == [beside] and cell.column == 0 else None
    return bare(beside.text, form)


def _at_once(text: str) -> str | None:
    """Give the number, date or amount with which a text begins, where nothing else says that it is a value."""
    kinds: tuple[Kind, ...] = ("date", "hours", "time", "money")
    for kind in kinds:
        found = next(iter(values.find(text, kind)), "")
        if found and text.startswith(found):
            return found
    quantity, numbered = _QUANTITY.match(text), _NUMBERED.match(text)
    return max((each[0] for each in (quantity, numbered) if each), key=len, default=None)


def _goes_on(text: str, at: int) -> bool:
    """Say whether a sentence goes on behind a number: "was 128 over 82 and your weight …"."""
    return re.match(r"[,;]?\s+[a-z]{2,}", text[at:]) is not None


def _in_tiles(sheet: Sheet, asked: Sequence[str], form: Kind | None) -> Iterator[FoundValue]:
    wanted = sorted(words.stem(word) for word in asked)
    for label, value in _tiles(sheet.rows):
        if sorted(words.stem(token) for token in label.tokens) == wanted:
            told = bare(value.text, form)
            if told:
                yield FoundValue(told, label.text, value.row, 1.0)


def _in_lists(sheet: Sheet, name: Sequence[str], form: Kind | None) -> Iterator[FoundValue]:
    """Give what stands right of the label that has the words and more: "Captain Ansa  LOTTE BREMER"."""
    pairs = [row for row in sheet.rows if len(row) == 2 and not row[0].has_digit]
    if len(pairs) < _LEAST_LISTED:
        return
    named = {words.stem(word) for word in name}
    for label, value in pairs:
        own = {words.stem(token) for token in label.tokens}
        if named < own and len(own) <= _MOST_WORDS and ":" not in label.text:
            told = bare(value.text, form)
            if told:
                yield FoundValue(told, label.text, value.row, _IN_A_SENTENCE)


def _tiles(rows: Sequence[Sequence[Cell]]) -> Iterator[tuple[Cell, Cell]]:
    """Pair the labels of tiles that stand side by side with their values, over or under them.

    A row of words over one of numbers are labels over values, unless more numbers follow: that is a
    table. A row of numbers that stands first is told by what stands under it.
    """
    at = 0
    while at + 1 < len(rows):
        one, two = rows[at], rows[at + 1]
        if not _is_over(one, two):
            at += 1
        elif _labels(one) and sum(cell.has_digit for cell in two) >= max(2, len(two) / 2):
            if at + 2 < len(rows) and _is_over(two, rows[at + 2]) and not _labels(rows[at + 2]):
                return  # a table, of which others know
            yield from zip(one, two, strict=True)
            at += 2
        elif all(cell.has_digit for cell in one) and _labels(two):
            yield from zip(two, one, strict=True)
            at += 2 if at + 2 >= len(rows) or _labels(rows[at + 2]) else 3
        else:
            at += 1


def _is_over(one: Sequence[Cell], two: Sequence[Cell]) -> bool:
    """Say whether the cells of two rows stand over each other, each over one."""
    if not 2 <= len(one) == len(two):
        return False
    tall = max(cell.box.height for cell in (*one, *two))
    if two[0].box.y0 - one[0].box.y1 > _NEAR * tall:
        return False
    return all(
        min(abs(a.box.x0 - b.box.x0), abs(a.box.centre[0] - b.box.centre[0])) < tall
        for a, b in zip(one, two, strict=True)
    )


def _labels(row: Sequence[Cell]) -> bool:
    return not any(cell.has_digit or len(cell.tokens) > _MOST_WORDS for cell in row)
