"""One picture in sentences: kind, layout, colours, every readable line, every code."""

from __future__ import annotations

from sightline.engines.embedded.evidence import Exhibit, Noted, count
from sightline.engines.embedded.eyes import photos_on_pages, phrases
from sightline.engines.embedded.paper import charts
from sightline.engines.embedded.passages import Said, joined_by, own, quote, seen_in
from sightline.engines.embedded.words import joined
from sightline.perception.colours import Colour
from sightline.perception.survey import Survey

_ARTICLE = {
    "photograph": "a photograph",
    "drawing": "a drawing",
    "document": "a document",
    "blank": "a blank picture",
}


def describe(exhibit: Exhibit) -> str:
    """Describe one picture fully."""
    survey = exhibit.survey
    blocks = [own(overview(survey))]
    if survey.rows:
        counted = count(len(survey.rows), "line").capitalize()
        heading = f"{counted} of text, {_placed(survey)}:\n"
        blocks.append(Said.of(heading, quote("\n".join(survey.lines))))
    else:
        blocks.append(own("It holds no text that I can read."))
    if unread(survey):
        blocks.append(own(unread(survey)))
    blocks += [own(code_sentence(survey, i)) for i in range(len(survey.codes))]
    shown = charts.told(exhibit)
    if shown is not None:
        blocks.insert(1, Said.of(own("It shows "), shown))
    if photos_on_pages.told(exhibit):
        blocks.insert(1, own(photos_on_pages.told(exhibit)))
    text = joined_by("\n\n", blocks)
    return Noted(text) if survey.look.kind in ("photograph", "drawing") else text


def unread(survey: Survey) -> str:
    """Say that there are letters that could not be read; "" where none seem to be."""
    if not survey.unread:
        return ""
    if survey.look.kind == "photograph" and survey.rows:
        return ""  # what looks like letters in photographs often is none
    if survey.look.kind == "photograph":
        return "Something in it may be writing that I cannot read."
    verb = "is" if survey.unread == 1 else "are"
    return (
        f"{count(survey.unread, 'line').capitalize()} of it {verb} in letters that I cannot read."
    )


def brief(exhibit: Exhibit, most_words: int) -> str:
    """Describe one picture in at most `most_words` words."""
    survey = exhibit.survey
    said = f"{_ARTICLE[survey.look.kind]}, mostly {_main_colours(survey, 2)}"
    shown = _shown(survey)
    if shown:
        said = shown
    if survey.rows:
        said += f", that reads: {' / '.join(survey.lines)}"
    elif survey.codes:
        said += f", with a {survey.codes[0].name}: {survey.codes[0].content}"
    elif not shown:
        said += ", without readable text"
    kept = said.split()
    text = " ".join(kept[:most_words]) + ("…" if len(kept) > most_words else "")
    return text[0].upper() + text[1:]


def _shown(survey: Survey) -> str:
    """Say what a photograph shows, and where it was taken; "" where nothing is known of either."""
    found = survey.seen
    if found is None or found.within or not (found.things or (found.kinds and found.kinds.best)):
        return ""
    place = found.scene.place if found.scene is not None else ""
    return f"{phrases.brief(found)}, {place}" if place else phrases.brief(found)


def together(exhibits: list[Exhibit], most_words: int) -> str:
    """Describe several pictures in at most `most_words` words in all."""
    unique = list({e.survey.picture.digest: e for e in exhibits}.values())
    if len(unique) == 1:
        return brief(unique[0], most_words)
    lines = list(dict.fromkeys(line for e in unique for line in e.sheet.lines))
    shown = [_shown(e.survey) for e in unique]
    if all(shown):
        said = "; ".join(shown) + (f"; they read: {' / '.join(lines)}" if lines else "")
        kept = said.split()
        return " ".join(kept[:most_words]) + ("…" if len(kept) > most_words else "")
    colours = list(dict.fromkeys(e.survey.colours[0].full_name for e in unique))
    said = f"{len(exhibits)} pictures, mostly {joined(colours[:3])}"
    said += f", that read: {' / '.join(lines)}" if lines else ", without readable text"
    kept = said.split()
    return " ".join(kept[:most_words]) + ("…" if len(kept) > most_words else "")


def one_by_one(exhibits: list[Exhibit]) -> Said:
    """Describe many pictures (the frames of a video), a line each; equal neighbours share one."""
    lines: list[tuple[list[Exhibit], str]] = []
    for e in exhibits:
        said = brief(e, 40)
        if lines and lines[-1][1] == said:
            lines[-1][0].append(e)
        else:
            lines.append(([e], said))
    told = [
        Said.of(
            f"Image {alike[0].number}: "
            if len(alike) == 1
            else f"Images {alike[0].number} to {alike[-1].number}: ",
            seen_in(alike[:1], said),
        )
        for alike, said in lines
    ]
    head = f"{len(exhibits)} pictures of {size(exhibits[0].survey)}."
    if any(size(e.survey) != size(exhibits[0].survey) for e in exhibits):
        head = f"{len(exhibits)} pictures of different sizes."
    return Noted(joined_by("\n", [own(head), *told]))


def overview(survey: Survey) -> str:
    """Write kind, size, shape, light and colours."""
    look = survey.look
    parts = [
        f"The picture is {_ARTICLE[look.kind]} of {size(survey)}, {shape(survey)}, "
        f"{look.light}"
        + (" and sharp" if look.is_sharp else " and blurred")
        + (", without colours (grey tones only)" if look.grey and look.kind != "document" else "")
        + "."
    ]
    parts.append(f"Its main colours are {colour_list(survey.colours)}.")
    if survey.background is not None:
        parts.append(f"The edge all around is {survey.background.full_name}.")
    return " ".join(parts)


def size(survey: Survey) -> str:
    """Write the size of the picture as it was sent."""
    width, height = survey.picture.original_size
    return f"{width} × {height} pixels"


def shape(survey: Survey) -> str:
    """Say how it lies: square, portrait, landscape, panorama."""
    width, height = survey.picture.original_size
    ratio = width / height
    if 0.95 <= ratio <= 1.05:
        return "square"
    if ratio >= 2.2:
        return "a wide panorama"
    return "landscape" if ratio > 1 else ("portrait" if ratio > 0.4 else "a tall strip")


def colour_list(colours: tuple[Colour, ...], most: int = 5) -> str:
    """Write colours with their shares."""
    return joined([f"{c.full_name} ({c.share:.0%})" for c in colours[:most]])


def _main_colours(survey: Survey, most: int) -> str:
    return joined([c.full_name for c in survey.colours[:most]])


def code_sentence(survey: Survey, index: int) -> str:
    """Say what one code is, where, and what it contains."""
    code = survey.codes[index]
    where = phrases.where(code.box, survey.picture.width, survey.picture.height)
    return f"There is a {code.name} {where}. It contains: {code.content}"


def _placed(survey: Survey) -> str:
    if len(survey.rows) == 1:
        height, width = survey.page.shape[:2]
        return phrases.where(survey.rows[0].box, width, height)
    return "from top to bottom"
