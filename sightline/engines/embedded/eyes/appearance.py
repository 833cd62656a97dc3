"""Answers about what is seen: size, colours, light, sharpness, the kind of picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sightline.engines.embedded import words
from sightline.engines.embedded.ask import PIXELS, Asked, Clause
from sightline.engines.embedded.evidence import Declined, Exhibit
from sightline.engines.embedded.eyes import describe, phrases
from sightline.engines.embedded.question_form import is_yes_or_no
from sightline.perception import colours
from sightline.perception.colours import Colour


def size(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Say the size or shape of the picture."""
    survey, lower = exhibit.survey, clause.text.lower()
    width, height = survey.picture.original_size
    if re.search(r"\bwidth\b|\bwide\b", lower) and not re.search(
        r"\bheight\b|\bhigh\b|\btall\b", lower
    ):
        return str(width) if asked.terse else f"The picture is {width} pixels wide."
    if re.search(r"\bheight\b|\bhigh\b|\btall\b", lower) and not re.search(
        r"\bwidth\b|\bwide\b", lower
    ):
        return str(height) if asked.terse else f"The picture is {height} pixels high."
    many = PIXELS.search(lower)
    if asked.terse and many:
        return f"{width * height / 1e6:.2g}" if many["mega"] else str(width * height)
    if asked.terse:
        return f"{width}x{height}"
    said = f"The picture is {describe.size(survey)} ({describe.shape(survey)}"
    if re.search(r"ratio", lower):
        said += f", aspect ratio {width / height:.3g}:1"
    if re.search(r"megapixel", lower):
        said += f", {width * height / 1e6:.2g} megapixels"
    elif many:
        said += f", {width * height:,} pixels in all"
    return said + ")."


_TEXT_WORDS = r"\b(?:text|letters?|lettering|words?|writing|font|print|heading|title|headline)\b"


_LEAST = 0.02  # share of the picture, from which on it has a colour
_OF_COLOURS = frozenset(
    "colour color colours colors main dominant common used most is overall background primary "
    "present different list hex exact anything something any much area areas region pixels part "
    "parts thing things object objects shape shapes coloured colored see visible shown gray".split()
).union(colours.NAMES)
_WHOLE = (
    r"\b(?:image|picture|photo|photograph|sign|poster|receipt|card|paper|document|label|banner|page|form|background"
    r"|backdrop|wall|it|this|overall|main|dominant|colou?rs|screenshot|board|flyer|notice|ticket|most)\b"
)


_IN_COLOUR = re.compile(
    r"^\W*(?:is|are|was)\b.*\b(?:in (?:full )?colou?r|colou?red|a colou?r (?:photo|picture|image)\w*)\W*$"
)


_SINGLE = re.compile(r"\b(?:what|dominant|main) colou?r\b", re.IGNORECASE)


def colour(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Say a colour: of the whole, its background, a text, a bar."""
    survey, lower = exhibit.survey, clause.text.lower()
    is_question = is_yes_or_no(clause.text)
    if is_question and _IN_COLOUR.search(lower):
        grey = survey.look.grey
        if asked.terse:
            return "No" if grey else "Yes"
        return "No, it has grey tones only." if grey else "Yes, it is in colour."
    named = [
        "grey" if word == "gray" else word
        for word in dict.fromkeys(re.findall(rf"\b(?:{'|'.join(colours.NAMES)}|gray)\b", lower))
    ]
    quoted = re.search(r"\"([^\"]+)\"|'([^']+)'", clause.text)
    if re.search(_TEXT_WORDS, lower) or quoted:
        seen = _ink(exhibit, (quoted.group(1) or quoted.group(2)) if quoted else None, lower)
        if seen is None:
            return "I find no text whose colour I could measure."
        text, ink, ground = seen
        if asked.terse and not is_question:
            return ink.full_name
        verdict = _verdict(ink, named if is_question else [])
        return f"{verdict}The text “{text}” is {ink.full_name} ({ink.hex}) on {ground.full_name}."
    bars = _bar_colour(exhibit, clause.text)
    if bars is not None:
        return bars
    top = survey.colours[0]
    if re.search(r"\bbackground\b|\bbackdrop\b", lower):
        ground = survey.background or top
        if asked.terse and not is_question:
            return ground.full_name
        verdict = _verdict(ground, named if is_question else [])
        where = "at the edge all around" if survey.background else "over the largest area"
        return f"{verdict}The background is {ground.full_name} ({ground.hex}), measured {where}."
    if is_question and named:
        return _has_colours(named, clause, asked, exhibit)
    return _main_colours(clause, asked, exhibit)


def _verdict(found: Colour, named: Sequence[str]) -> str:
    """Say yes or no of the first colour that a question names; nothing where it names none."""
    if not named:
        return ""
    return "Yes. " if named[0] in found.full_name else "No. "


def _has_colours(named: Sequence[str], clause: Clause, asked: Asked, exhibit: Exhibit) -> str:
    """Say whether a picture has the colours that a question names."""
    survey = exhibit.survey
    both = f"{' and '.join(named)} {'covers' if len(named) == 1 else 'cover'}"
    share = sum(c.share for c in survey.colours if c.name in named)
    meant = _meant(clause.text)
    if share >= _LEAST and meant:  # there is that colour, but on what?
        return Declined(
            f"{both.capitalize()} {share:.0%} of the picture, but I can't tell what "
            f"is meant by “{' '.join(meant)}”."
        )
    if share > 0:
        answer = "Yes" if share >= _LEAST else "Hardly"
        return answer if asked.terse else f"{answer}: {both} {share:.0%} of the picture."
    if asked.terse:
        return "No"
    return (
        f"No, {both} less than 2% of it. The main colours are "
        f"{describe.colour_list(survey.colours)}."
    )


def _main_colours(clause: Clause, asked: Asked, exhibit: Exhibit) -> str:
    """Say the main colours; decline where a part is meant that is not known."""
    survey, top = exhibit.survey, exhibit.survey.colours[0]
    said = f"The main colours are {describe.colour_list(survey.colours)}."
    if len(survey.colours) == 1:
        said = f"The picture is {top.full_name} ({top.hex}) all over."
    meant = _meant(clause.text)
    if not meant:
        if asked.terse:
            return top.full_name
        single = _SINGLE.search(clause.text)
        return (
            f"It is mostly {top.full_name}. {said}" if single and len(survey.colours) > 1 else said
        )
    if survey.seen is not None and survey.seen.things:
        told = phrases.instead(survey.seen, exhibit)
        return Declined(
            f"I can't tell which part of the picture is meant by “{' '.join(meant)}”. {told} {said}"
        )
    return Declined(
        f"I can't tell which part of the picture is meant by “{' '.join(meant)}”. {said}"
    )


def _meant(text: str) -> list[str]:
    """Give the words for a thing or a part that has the colour; none where the whole is meant."""
    found = [w for w in words.content(text) if w not in _OF_COLOURS]
    return [] if all(re.search(_WHOLE, w) for w in found) else found


def _ink(
    exhibit: Exhibit, target: str | None, lower: str
) -> tuple[str, colours.Colour, colours.Colour] | None:
    pieces = [p for row in exhibit.survey.rows for p in row.pieces]
    if target is not None:
        wanted = words.squash(target)
        pieces = [p for p in pieces if wanted and wanted in words.squash(p.text)]
    elif re.search(r"\b(?:heading|title|headline)\b", lower):
        heading = exhibit.sheet.heading()
        pieces = [p for p in pieces if heading and p.text in heading] or pieces
    pieces.sort(key=lambda p: -p.box.height * p.box.width)
    for piece in pieces:
        seen = colours.ink(exhibit.survey.page, piece.box)
        if seen is not None:
            return piece.text, *seen
    return None


def _bar_colour(exhibit: Exhibit, text: str) -> str | None:
    """Say the colour of a chart's bar from the area between its label and its value."""
    if not re.search(r"\bbar\b|\bcolumn\b", text, re.IGNORECASE):
        return None
    sheet, pixels = exhibit.sheet, exhibit.survey.page
    asked = [w for w in words.content(text) if w not in ("colour", "color", "bar", "column")]
    for cell in sheet.cells:
        if not asked or words.covers(cell.tokens, asked) < len(asked):
            continue
        above = sheet.above(cell)
        if above is None:
            continue
        x, y = int(cell.box.centre[0]), int((above.box.y1 + cell.box.y0) / 2)
        patch = pixels[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3]
        if patch.size:
            name = colours.dominant(patch)[0]
            return f"The bar for {cell.text} is {name.full_name} ({name.hex})."
    return None


def look(clause: Clause, asked: Asked, exhibit: Exhibit) -> str | None:
    """Say how sharp or bright it is, or of what kind."""
    look, lower = exhibit.survey.look, clause.text.lower()
    said = []
    if re.search(r"blur|sharp|focus", lower):
        said.append(
            f"The picture is {'sharp' if look.is_sharp else 'blurred'} "
            f"(edge strength {look.sharpness:.2f} of 1)."
        )
    if re.search(r"black[- ]and[- ]white|gr[ae]y ?scale|monochrome|in colou?r", lower):
        said.append("It has grey tones only." if look.grey else "It has colours.")
    if re.search(r"\bdark|bright|\blight\b|expos", lower):
        said.append(f"It is {look.light} (mean brightness {look.brightness:.0%}).")
    if re.search(r"contrast", lower):
        said.append(f"Its contrast is {look.contrast:.0%} of the range (standard deviation).")
    of_kind = not said
    if of_kind or re.search(r"photo|drawing|document|illustration|kind|type|sort|painting", lower):
        kind = "a blank picture" if look.kind == "blank" else f"a {look.kind}"
        said.append(f"It looks like {kind}, by its areas of even colour and its amount of text.")
    return look.kind if asked.terse and of_kind else " ".join(said)


def text_colour(exhibit: Exhibit) -> str | None:
    """Name the colour of the largest text."""
    seen = _ink(exhibit, None, "")
    return None if seen is None else seen[1].full_name
