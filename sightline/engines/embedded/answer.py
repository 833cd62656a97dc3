"""A question understood, pictures measured: the answer in words.

Every sentence states something measured. What cannot be measured is declined; what to take for it
is noted beside the answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sightline.engines.embedded import ask, words
from sightline.engines.embedded.ask import Asked, Clause
from sightline.engines.embedded.declining import declined
from sightline.engines.embedded.ear import compose
from sightline.engines.embedded.ear.confidence import form
from sightline.engines.embedded.ear.linearised import stems_of
from sightline.engines.embedded.evidence import Declined, Exhibit, together
from sightline.engines.embedded.eyes import (
    appearance,
    blank,
    by_intent,
    compare,
    describe,
    objects,
    photos_on_pages,
    phrases,
)
from sightline.engines.embedded.eyes.follow_up import PERSON, carried
from sightline.engines.embedded.eyes.lexicon import Meant, meant
from sightline.engines.embedded.paper import (
    arithmetic,
    cells,
    charts,
    choices,
    concepts,
    dialogs,
    field,
    labels,
    layouts,
    legends,
    schedules,
    summary,
    text_answers,
    timetable,
    units,
)
from sightline.engines.embedded.paper.phrasing import ValueSentence, told, under
from sightline.engines.embedded.paper.several_questions import operands, parts
from sightline.engines.embedded.passages import Said, joined_by, own, seen_in
from sightline.engines.embedded.proof import is_of_bar, is_proved
from sightline.engines.embedded.question_form import (
    QuestionForm,
    asks_manner,
    is_yes_or_no,
    works_out,
)
from sightline.perception.colours import NAMES

# More pictures than this are described in a line each.
_MOST_DESCRIBED = 3
NO_PICTURE = (
    "I answer from pictures, and this conversation holds none. Send one as an image_url part, "
    "as a URL or a base64 data URL."
)


def answer(question: str, exhibits: list[Exhibit]) -> Said:
    """Answer a question about pictures: `Declined`, or `Noted`, where it is one of them."""
    if not exhibits:
        return own(NO_PICTURE)
    asked = ask.understand(question, len(exhibits))
    chosen = [e for e in exhibits if e.number in asked.numbers] or exhibits
    blocks: list[Said] = []
    for at, clause in enumerate(asked.clauses):
        clause = _going_on(clause, asked.clauses[:at], chosen)
        block = _clause(clause, asked, chosen, exhibits)
        if block not in blocks:
            blocks.append(block)
    return together(joined_by("\n\n", blocks), blocks)


_PERSON = Meant("person", False, frozenset(("person",)), frozenset())


def _going_on(clause: Clause, before: Sequence[Clause], exhibits: Sequence[Exhibit]) -> Clause:
    """Put in what a clause leaves out, where it goes on from one about things that are seen."""
    earlier = [one.text for one in reversed(before)]
    named = [one for text in earlier for one in meant(text)]
    if not any(
        e.survey.seen is not None
        and (
            not e.sheet.rows
            or e.shows_things
            or any(phrases.shows(one, e.survey.seen) for one in named)
        )
        for e in exhibits
    ):
        return clause
    every = [e.survey.seen for e in exhibits if e.survey.seen is not None]
    if PERSON.search(clause.text) and any(phrases.shows(_PERSON, each) for each in every):
        earlier = [*earlier, "the person"]  # whom "she" means where nobody was spoken of
    text = carried(clause.text, earlier)
    return clause if text == clause.text else ask.classify(text, len(exhibits))


def _clause(clause: Clause, asked: Asked, chosen: list[Exhibit], all_: list[Exhibit]) -> Said:
    of_all = by_intent.across(clause.text, asked, chosen)
    if of_all is not None:
        return own(of_all)
    if clause.topic == "compare" and len(all_) == 1 and charts.of(all_[0]) is not None:
        clause = ask.as_field(clause)
    if clause.topic == "compare":
        of_pictures = _OF_PICTURES.search(clause.text) and not _OF_VALUES.search(clause.text)
        printed_ = all_[0].sheet.rows and not of_pictures
        of_things = not of_pictures and any(e.survey.seen and meant(clause.text) for e in all_)
        if len(all_) < 2 and (printed_ or of_things):
            clause = ask.as_field(clause)
        elif len(all_) < 2:
            return own("Only one picture was sent; I need two to compare.")
        else:
            shown = chosen if len(chosen) > 1 else all_
            return seen_in(shown, compare.compare_all(shown))
    if clause.topic == "count":
        counted = text_answers.count_pictures(clause.text, all_)
        if counted is not None:
            return own(counted)
    if clause.topic == "describe" and len(chosen) > 1:
        if asked.most_words is not None:
            return seen_in(chosen, describe.together(chosen, asked.most_words))
        if len(chosen) > _MOST_DESCRIBED:
            return describe.one_by_one(chosen)
    said = [seen_in([exhibit], _about_one(clause, asked, exhibit)) for exhibit in chosen]
    if len(chosen) == 1:
        return said[0]
    if len(set(said)) == 1:
        every = [passage for each in said for passage in each.passages]
        text = Said.of(f"For all {len(chosen)} pictures: ", said[0].telling(every))
        return together(text, said)
    tell = [(e, s) for e, s in zip(chosen, said, strict=True) if not isinstance(s, Declined)]
    if clause.topic in ("field", "extreme") and len(tell) == 1:
        return Said.of(tell[0][0].title, ": ", tell[0][1])
    numbered = (Said.of(e.title, ": ", s) for e, s in zip(chosen, said, strict=True))
    return together(joined_by("\n\n", numbered), said)


def _about_one(clause: Clause, asked: Asked, exhibit: Exhibit) -> str:
    clause = _of_paper(clause, exhibit)
    for of_picture in (blank.about, photos_on_pages.about):
        said = of_picture(clause, asked, exhibit)
        if said is not None:
            return own(said) if not isinstance(said, Said) else said
    for of_text_alone in (_written, charts.about, choices.about, summary.about):
        said = of_text_alone(clause, asked, exhibit)
        if said is not None:
            return said
    if asked.most_words is None or clause.topic != "describe":
        said = _seen(clause, asked, exhibit)
        if said is not None:
            return said
    if clause.topic == "describe":
        if asked.most_words is not None:
            return describe.brief(exhibit, asked.most_words)
        return describe.describe(exhibit)
    of_text = clause.topic in _OF_TEXT
    if of_text and exhibit.shows_things and not _OF_WRITING.search(clause.text):
        wanted = meant(clause.text)
        if wanted or _POINTS.search(clause.text):
            assert exhibit.survey.seen is not None  # noqa: S101 - it shows things
            return own(phrases.undecided(exhibit.survey.seen, exhibit))
    if of_text and (said := _of_two(clause, asked, exhibit)) is not None:
        return said
    several = _in_parts(clause, asked, exhibit) if of_text else None
    return several or _of_page(clause, asked, exhibit)


def _seen(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Tell what is seen rather than printed; None where something else is asked.

    A page of text that shows nothing of what is named may print it: "Where does the bus go?"
    """
    said = by_intent.about(clause, asked, exhibit) or objects.about(clause, asked, exhibit)
    if said is None:
        return None
    seen, named = exhibit.survey.seen, meant(clause.text)
    printed = (
        clause.topic in _OF_TEXT
        and not exhibit.has_few_lines
        and not (is_yes_or_no(clause.text) or _OF_PICTURES.search(clause.text))
        and bool(named)
        and not (seen is not None and any(phrases.shows(one, seen) for one in named))
    )
    of_text = _of_page(clause, asked, exhibit) if printed else None
    if of_text is not None and not isinstance(of_text, Declined):
        return of_text
    return said if isinstance(said, Said) else own(said)


def _of_two(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Work out a sum or difference of values that are named; None where one is not surely found."""
    named = operands(clause.text)
    if named is None:
        return None
    of_rows = arithmetic.look_up(clause.text, exhibit)
    if of_rows is not None:
        return of_rows
    operation, names = named
    said = [_of_part(name, asked, exhibit) for name in names]
    values = [text.rest if isinstance(text, ValueSentence) and text.rest else text for text in said]
    told = [value.rsplit(": ", 1)[-1].strip(" .") for value in values]
    return (
        None
        if any(isinstance(text, Declined) for text in said)
        else compose.of_two(operation, told)
    )


def _of_page(clause: Clause, asked: Asked, exhibit: Exhibit) -> str:
    """Answer what is asked of a page, by rules and by the ear."""
    if clause.topic in _OF_TEXT and not is_yes_or_no(clause.text):
        for of_place in _OF_PLACES:
            said = of_place(f"{asked.given} {clause.text}".strip(), exhibit)
            if said is not None:
                return said
    said, exact = by_rules(clause, asked, exhibit)
    if clause.topic in _OF_TEXT:
        said = _heard(said, clause, asked, exhibit, exact=exact)
    said = said or text_answers.quoted(clause, exhibit)
    if said is None and clause.topic == "field":
        said = text_answers.under_its_heading(clause.text, exhibit)
    if said is None or charts.only_names(said, exhibit):
        return declined(clause, exhibit)
    return said


def _in_parts(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Answer a question for several values one by one; None where it is no such, or none is told."""
    several = parts(clause.text)
    if (
        not several
        or operands(clause.text)
        or words.squash(field.phrase(clause.text)) in words.squash(exhibit.sheet.text)
    ):
        return None
    said = {part: _of_part(part, asked, exhibit) for part in several}
    tell = {part: text for part, text in said.items() if not isinstance(text, Declined)}
    for text in set(tell.values()):
        # One value is not known to be two things: it is the one that the page has a word for.
        same = [part for part in tell if tell[part] == text]
        if len(same) == 1:
            continue
        named = [part for part in same if _is_on(exhibit, part)]
        tell = {part: t for part, t in tell.items() if part not in same or named == [part]}
    if not tell:
        return None
    if asked.terse:
        return None if len(tell) < len(several) else joined_by(", ", tell.values())
    lines = [under(part, text) for part, text in tell.items()]
    missing = [part.strip("?") for part in several if part not in tell]
    if missing:
        lines.append(own(f"I can't tell the rest for sure ({'; '.join(missing)})."))
    return joined_by(" ", lines)


def _of_part(part: str, asked: Asked, exhibit: Exhibit) -> str:
    """Answer a part of a question; one that is a name alone is what a field of JSON is."""
    said = _of_page(_one_of(part), asked, exhibit)
    if not isinstance(said, Declined) or part.endswith("?") or exhibit.ear is None:
        return said
    heard = exhibit.ear.field(part)
    if heard is None or heard.answer is None or heard.sure() < exhibit.ear.bound("field"):
        return said
    return heard.answer.value


def value_of(name: str, exhibit: Exhibit, *, amount: bool = False) -> str | None:
    """Give the bare value that a page tells where it is asked for by its name; None where it does not."""
    for text in (f"What is the {name}?", f"How much is the {name}?")[: 1 + amount]:
        clause = _one_of(text)
        said = _of_page(clause, Asked((clause,), form=QuestionForm(terse=True), text=text), exhibit)
        if not isinstance(said, Declined):
            return said
    return None


def _one_of(part: str) -> Clause:
    """Take a part of a question for what it asks for of a page."""
    clause = ask.classify(part, 1)
    return clause if clause.topic in _OF_TEXT else ask.as_field(clause)


def _is_on(exhibit: Exhibit, part: str) -> bool:
    asked = words.content(part)
    return words.covers(words.tokens(exhibit.sheet.text), asked) == len(asked)


_OF_WRITING = re.compile(
    r"\b(?:sa(?:y|ys|id)|writ\w*|text|words?|letters?|reads?|signs?|nam(?:e|es|ed)|called|brand|logo|labels?|numbers?|dates?|years?"
    r"|when|prices?|costs?|titles?|captions?|mentions?|printed|plates?|address|phone|website|url|times?|clock|score"
    r"|photographer|copyright|made by|took|taken|stores?|shops?|company|restaurants?|hotel|street|how much|code|flavou?rs?|models?|weights?|volume|ingredients?|percent|amount|artist|author|team|expir\w*|slogan|language)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(r"\b(?:it|they|them|he|she|him|her|there|here)\b", re.IGNORECASE)


def _of_paper(clause: Clause, exhibit: Exhibit) -> Clause:
    """Take what a paper names ("resolution", "colour") for that, where no picture is spoken of."""
    if clause.topic not in ("size", "look", "colour") or _OF_PICTURES.search(clause.text):
        return clause
    if (
        clause.topic == "size"
        and len(exhibit.sheet.rows) >= _A_TEXT
        and _ITS_SIZE.search(clause.text)
    ):
        return ask.as_field(clause)  # what a text is about has a height, not its picture
    named = {words.stem(w) for w in words.content(clause.text)} & _PRINTED_TOO
    labels = {
        words.stem(w)
        for fact in exhibit.layout.facts
        for w in words.tokens(fact.around.get("label", ""))
    }
    if named & labels or _prints(clause, exhibit):
        return ask.as_field(clause)
    return clause


def _prints(clause: Clause, exhibit: Exhibit) -> bool:
    """Say whether a page of text seems to print the colour, or the number, that is asked for."""
    if exhibit.ear is None or exhibit.has_few_lines or clause.topic == "look":
        return False
    heard = exhibit.ear.hear(clause.text)
    if heard is None or heard.answer is None or heard.sure() < exhibit.ear.bound("field"):
        return False
    if clause.topic == "colour":
        return bool(set(NAMES) & set(words.tokens(heard.answer.value)))
    return any(map(str.isdigit, heard.answer.value))


_A_TEXT = 4  # lines, from which on a page is about something
_ITS_SIZE = re.compile(
    r"\bhow (?:big|large|wide|tall|high|long) (?:is|was|are|were) (?:it|they|this|these)\b", re.I
)
_PRINTED_TOO = frozenset(
    map(
        words.stem,
        "resolution size dimensions orientation width height colour color shade contrast brightness format".split(),
    )
)


def by_rules(clause: Clause, asked: Asked, exhibit: Exhibit) -> tuple[str | None, bool]:
    """Answer a clause about a page without the ear; say whether it was counted or looked up exactly.

    None where no rule finds an answer.
    """
    of_tables = (arithmetic.look_up,) if is_yes_or_no(clause.text) else _OF_TABLES
    for of_table in of_tables:
        said = of_table(clause.text, exhibit)
        if said is not None:
            return said, True
    some = clause.topic == "items" and arithmetic.selects(clause.text)
    by_topic = None if some else _HANDLERS.get(clause.topic)
    said = by_topic(clause, asked, exhibit) if by_topic else None
    exact = said is not None
    if said is None and not is_yes_or_no(clause.text):
        said = text_answers.place_of_text(clause.text, exhibit)
        exact = said is not None
        exact = exact or concepts.proved(exhibit.sheet, clause.text)
        said = said or _field(clause, asked, exhibit)
    return said, exact


_OF_TABLES = (
    text_answers.listed_under, text_answers.under_heading, arithmetic.look_up, cells.look_up, arithmetic.value, units.look_up,
)  # fmt: skip
# What is told by where something stands, of which the ear knows nothing.
_OF_PLACES = (dialogs.look_up, timetable.look_up, schedules.look_up, legends.look_up)


def _written(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    return layouts.asked(clause.text, exhibit)


# What the ear answers from the text of a page; the rest is measured, or is all of the text.
_OF_TEXT = frozenset(("field", "count", "contains", "extreme", "items"))


def _heard(
    said: str | None, clause: Clause, asked: Asked, exhibit: Exhibit, *, exact: bool
) -> str | None:
    """Weigh what rules say beside what the ear hears; None where neither is sure.

    `exact` says that a rule has counted or looked a word up, which the ear doubts where it is very
    sure only, and not at all where rules tell several things, each in a sentence.
    """
    listening = exhibit.ear
    heard = None if listening is None else listening.hear(clause.text)
    if listening is None or heard is None or heard.match.operation == "whole":
        return said
    known = concepts.named(clause.text) is not None
    beside, sure = heard.beside(said), heard.sure(said, known=known)
    if exact and (beside != "otherwise" or sure < listening.bound("exact")):
        return said
    if heard.match.operation == "none":
        return said if said is None or form(clause.text, said) >= 0 else None
    worked = works_out(clause.text, exhibit.sheet.text)
    if isinstance(said, ValueSentence) and said.number > 1 and not worked:
        return said
    if worked and heard.match.operation == "quote":
        return None  # a printed value where something is to be worked out of several
    if said is not None and beside == "alike" and heard.match.operation == "quote":
        label, _, value = said.rpartition(": ")
        whole = heard.answer is not None and words.squash(heard.answer.value) in words.squash(value)
        # What a concept names ("amount due") is printed in other words ("TOTAL").
        named = known or (bool(stems_of(label)) and stems_of(label) <= stems_of(clause.text))
        fits = form(clause.text, said) >= 0 and (whole or named)
        if fits and sure >= listening.bound("alike" if named else "answer"):
            return said
    if heard.answer is None or sure < listening.bound("answer"):
        return said if said is not None and is_of_bar(said, clause, exhibit) else None
    quotes = heard.match.operation == "quote"
    if quotes and asks_manner(clause.text) and _MEASURE.fullmatch(heard.answer.value):
        return said  # how something is done is no number
    if (
        said is not None
        and quotes
        and form(clause.text, heard.answer.value) < 0 < form(clause.text, said)
    ):
        return said  # the ear's has another form than what is asked for: a flight is no day
    if heard.answer.so is not None and not is_proved(heard.answer, sure, clause, exhibit):
        return compose.quoted(heard.answer) if heard.answer.note else None
    return compose.written(heard.answer, heard.match.operation, clause.text, terse=asked.terse)


_MEASURE = re.compile(r"\d[\d.,]* ?(?:[^\W\d]{1,3}|%)?")
_OF_PICTURES = re.compile(
    r"\b(?:images?|pictures?|photos?|photographs?|pics?|screenshots?|frames?|compar\w*|differ\w*|identical|alike|spot"
    r"|chang\w*|other one)\b",
    re.IGNORECASE,
)
_OF_VALUES = re.compile(
    r"\bdifferences? (?:in|between) (?!(?:the |these |those |both |my )*(?:two\b|images?|pictures?|photos?|them\b))",
    re.IGNORECASE,
)

_HANDLERS = {
    "field": labels.answer,
    "code": text_answers.codes,
    "count": text_answers.count_things,
    "contains": text_answers.contains,
    "read": text_answers.read,
    "extreme": text_answers.extreme,
    "items": text_answers.items,
    "size": appearance.size,
    "colour": appearance.colour,
    "look": appearance.look,
}


def _field(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    readings = field.read_field(exhibit.sheet, clause.text)
    wanted = field.split(clause.text)
    if not field.are_phrases(wanted):
        wanted = wanted[:1]
    if len(wanted) > 1 and len(readings) > 1:
        weighed = (_weighed(reading, exhibit) for reading in readings)
        readings = [reading for reading in weighed if reading is not None]
    if not readings:
        return None
    if asked.terse:
        return ", ".join(reading.value for reading in readings)
    missing = [w for w in wanted if all(w != r.asked for r in readings)] if wanted[1:] else []
    return told(clause.text, readings, missing if len(missing) < len(wanted) else ())


def _weighed(reading: field.FieldAnswer, exhibit: Exhibit) -> field.FieldAnswer | None:
    """Weigh one of several values beside what the ear hears of it alone; None where it doubts."""
    listening = exhibit.ear
    heard = None if listening is None else listening.hear(f"What is the {reading.asked}?")
    if listening is None or heard is None or heard.match.operation != "quote":
        return reading
    if heard.beside(reading.value) == "alike":
        return reading
    if heard.answer is None or heard.sure(reading.value) < listening.bound("answer"):
        return None
    return replace(reading, value=heard.answer.value, label="")
