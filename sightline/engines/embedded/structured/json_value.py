"""One JSON attribute from one picture: measured (size, colours, codes), or printed beside its name."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Any

from sightline.engines.embedded import words
from sightline.engines.embedded.convert import MISSING, words_of
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import appearance, describe
from sightline.engines.embedded.paper import concepts
from sightline.engines.embedded.paper.field import kind_asked, read_field
from sightline.engines.embedded.paper.sheet import Sheet
from sightline.engines.embedded.paper.text_answers import code as printed_code

_COUNT_WORDS = frozenset({"number", "count", "num"})
_PICTURE_WORDS = frozenset(
    "image picture photo width height pixel px size dimension resolution in orientation".split()
)
_TEXT_WORDS = frozenset(
    "text full raw ocr transcription transcript content all visible extracted written in image picture readable message say".split()
)
_DESCRIPTION_WORDS = frozenset(
    "description summary caption image picture short detailed overall brief alt text of scene".split()
)


def measured(e: Exhibit, name: str, about: str, kind: str | None, node: dict[str, Any]) -> Any:
    """Give what is measured rather than printed: size, colours, kind, codes, all the text."""
    said = words_of(name)
    stems = {words.stem(w) for w in said}
    survey = e.survey
    width, height = survey.picture.original_size
    of_picture = stems <= _PICTURE_WORDS
    if stems & {"width"} and of_picture:
        return width
    if stems & {"height"} and of_picture and not e.sheet.find(["height"], None):
        return height
    if stems & {"dimension", "resolution"} or stems == {"image", "size"}:
        return f"{width}x{height}"
    if "orientation" in stems:
        return describe.shape(survey)
    if kind == "boolean":
        return _yes_no(e, said, about)
    if stems & {"colour", "color"}:
        return _colour(e, said)
    if stems & {"qr", "qrcode", "barcode", "datamatrix"} or (
        "code" in stems and stems <= {"code", "content", "value", "data", "scanned", "2d"}
    ):
        codes = survey.codes
        if stems & _COUNT_WORDS:
            return len(codes)
        if codes:
            return codes[0].content
        lone = printed_code(e) if stems == {"code"} else None
        return MISSING if lone is None else lone
    if stems & {"line"} and stems & _COUNT_WORDS:
        return len(e.sheet.rows)
    if stems & {"word"} and stems & _COUNT_WORDS:
        return sum(len(line.split()) for line in e.sheet.lines)
    return _of_whole(e, stems)


def _of_whole(e: Exhibit, stems: Set[str]) -> Any:
    """Give what is told of the whole picture: its text, a description, its kind, how it looks."""
    survey = e.survey
    if stems <= _TEXT_WORDS and stems & {
        "text",
        "transcription",
        "transcript",
        "content",
        "ocr",
        "message",
    }:
        return "\n".join(e.sheet.lines) if e.sheet.rows else MISSING
    if stems <= _DESCRIPTION_WORDS and stems & {"description", "summary", "caption", "alt"}:
        if stems & {"summary", "caption", "short", "brief", "alt"}:
            return describe.brief(e, 40)
        text = " Text: " + " / ".join(e.sheet.lines) if e.sheet.rows else ""
        return describe.overview(survey) + text
    if (
        stems <= {"kind", "type", "image", "picture", "category", "medium", "of", "document"}
        and stems & {"kind", "type", "medium"}
        and "document" not in stems
    ):
        return survey.look.kind
    if stems == {"brightness"}:
        return round(survey.look.brightness, 3)
    if stems & {"sharpness"}:
        return round(survey.look.sharpness, 3)
    if "currency" in stems:
        return e.sheet.currency() or MISSING
    return MISSING


def _colour(e: Exhibit, said: list[str]) -> Any:
    survey = e.survey
    if "background" in said:
        return (survey.background or survey.colours[0]).full_name
    if {"text", "font", "ink"} & set(said):
        seen = appearance.text_colour(e)
        return MISSING if seen is None else seen
    # Of something shown on a plain ground the largest other colour is its colour.
    if survey.background is not None and survey.look.kind != "document":
        rest = [c for c in survey.colours if c.name != survey.background.name]
        if rest:
            return rest[0].full_name
    return survey.colours[0].full_name


def _yes_no(e: Exhibit, said: list[str], about: str) -> Any:
    stems = {words.stem(w) for w in said} - {
        "is",
        "has",
        "have",
        "contain",
        "contains",
        "a",
        "an",
        "there",
        "any",
    }
    survey = e.survey
    if stems and stems <= {"text", "readable", "writing", "word"}:
        return bool(e.sheet.rows)
    if stems & {"qr", "qrcode"}:
        return any("QR" in c.name for c in survey.codes)
    if stems & {"barcode"}:
        return any(c.is_bar_code for c in survey.codes)
    if stems == {"code"}:
        return bool(survey.codes)
    if stems & {"photo", "photograph"}:
        return survey.look.kind == "photograph"
    if stems == {"document"}:
        return survey.look.kind == "document"
    if stems & {"drawing", "illustration"}:
        return survey.look.kind == "drawing"
    if stems & {"blurry", "blurred", "blur"}:
        return not survey.look.is_sharp
    if stems & {"sharp"}:
        return survey.look.is_sharp
    if stems & {"grayscale", "greyscale", "monochrome"}:
        return survey.look.grey
    if stems & {"phone", "email", "date", "url", "website", "address"} and len(stems) <= 2:
        concept, _ = concepts.concept_of(sorted(stems))
        if concept is not None and concept.kind is not None:
            return bool(e.sheet.every(concept.kind))
    return MISSING


_MOST_WORDS, _MOST_ABOUT = 12, 300
# Attributes of things and people: nothing that is printed answers them by chance.
_OBJECT = re.compile(
    r"\b(?:objects?|persons?|people|animals?|scene|activity|emotion|mood|gender|age|background|landmark|"
    r"vehicle|car|dog|cat|weather|species|breed|clothing|pose|face)\b",
    re.IGNORECASE,
)


def of_object(about: str) -> bool:
    """Say whether an attribute is described as that of a thing that is shown, and not printed."""
    return _OBJECT.search(about) is not None


def printed(sheet: Sheet, name: str, about: str, kind: str | None, parents: tuple[str, ...]) -> Any:
    """Give the printed value that belongs to an attribute's name."""
    said = words_of(name)[:_MOST_WORDS]
    about = words.tidy(about, _MOST_ABOUT)
    if not said or not sheet.rows:
        return MISSING
    if of_object(about) and not sheet.find(said, None):
        return MISSING
    outer = [w for p in parents[-1:] for w in words_of(p)]
    form = {"number": "how much", "integer": "how many"}.get(kind or "", "")
    phrases = [" ".join([*outer, *said])] if outer else []
    phrases.append(" ".join(said))
    for wording in phrases:
        concept = concepts.named(wording)
        if concept is not None:
            found = concepts.look_up(sheet, concept)
            if found is not None:
                return found.value
            if wording == phrases[-1] and not about:
                return MISSING
    for wording in phrases:
        readings = read_field(sheet, wording)
        if readings:
            return readings[0].value
        if form or kind_asked(about):
            found = sheet.find(words.content(wording) or said, kind_asked(about) or "number")
            if found is not None and found.fit >= 0.3:
                return found.value
    if about:
        readings = read_field(sheet, about)
        if readings:
            return readings[0].value
    return MISSING
