"""What is told of films and pages, in words: for every engine, and as clients send it.

It is text, so that it reaches an engine behind any server, and so that a client may send a film as
its frames. The form is documented; what is written and what is read stand side by side here, and
are each other's reverse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast, get_args

from sightline.quoting import framed
from sightline.types import (
    About,
    Amount,
    FilmNote,
    FrameNote,
    Message,
    Note,
    PageNote,
    Part,
    Picture,
    Place,
    Question,
    SaidNote,
    SceneMovement,
    Text,
    ToolCall,
)

_ALL_OVER = "all over"
_SAID = "Said in the film, with its times in seconds"
_MOST_TOLD = 60  # of each kind of fact


def write(note: Note) -> str:
    """Say it in sentences."""
    if isinstance(note, FrameNote):
        return f"Frame at {note.time_s:.1f} s:"
    if isinstance(note, SaidNote):
        lines = [f"{start_s:.1f} to {end_s:.1f}: {text}" for start_s, end_s, text in note.said]
        return framed(_SAID, "\n".join(lines))
    return _film(note.about, note.heard) if isinstance(note, FilmNote) else _page(note)


def read(text: str) -> Text:
    """Take a client's text, with what it tells of a film where `write` could have written it."""
    frame = _FRAME_AT.fullmatch(text.strip())
    if frame is not None:
        return Text(text, tells=FrameNote(float(frame[1])))
    about = _about(text)
    return Text(text, tells=None if about is None else FilmNote(about))


def told(part: Part) -> FilmNote | FrameNote | None:
    """Give what a part tells of a film, whether a client said so or we do."""
    if isinstance(part, Text):
        return part.tells
    return part if isinstance(part, FilmNote | FrameNote) else None


def noted(question: Question, read: Mapping[str, str]) -> Question:
    """Give the question with what was read in each picture, by its digest, after it."""

    def after(part: Part) -> tuple[Part, ...]:
        text = read.get(part.digest, "") if isinstance(part, Picture) else ""
        return (part, Text(text, ours=True)) if text else (part,)

    return question.with_parts(after)


def said(part: Part) -> str | None:
    """Give a part as a model is to read it; None for what is no text."""
    if isinstance(part, Text):
        return part.text
    return write(part) if isinstance(part, Note) else None


def in_words(turn: Message) -> tuple[Part, ...]:
    """Give the parts of a turn with texts where notes were."""
    return tuple(
        Text(write(part), ours=True) if isinstance(part, Note) else part for part in turn.parts
    )


def texts(question: Question) -> tuple[str, ...]:
    """Give every piece of text that was sent, in that order, and what tools were called with.

    A page's text was sent with it, as what is said in a film; what else we tell of one was not.
    Options of what is to be decided come last.
    """
    sent = [part for turn in question.messages for part in (*turn.parts, *turn.calls)]
    told = (
        part.arguments if isinstance(part, ToolCall) else said(part) or ""
        for part in sent
        if isinstance(part, ToolCall | PageNote | SaidNote)
        or (isinstance(part, Text) and not part.ours)
    )
    offered = (
        option.text
        for decide in question.decide
        for option in decide.options
        if decide.kind != "predicate" or option.description
    )
    return (*told, *offered)


def sound(about: About, heard: bool) -> str:
    """Say whether a film has sound, and whether what is said in it was heard."""
    told = "what is said in it was heard" if heard else "which is not heard"
    return f"with sound, {told}" if about.audio else "without sound"


def _film(about: About, heard: bool) -> str:
    width, height = about.size
    sentences = [
        f"The film lasts {about.duration_s:.1f} s and has {about.total} frames of {width} × "
        f"{height} pixels, {sound(about, heard)}."
    ]
    if about.damaged:
        sentences.append(_DAMAGED)
    if about.scenes is not None:
        begins = ", ".join(f"{time_s:.1f}" for time_s in about.scenes[:_MOST_TOLD])
        sentences.append(f"Scenes begin at {begins} s.")
    sentences += [f"Black from {a:.1f} to {b:.1f} s." for a, b in about.black[:_MOST_TOLD]]
    sentences += [f"Still from {a:.1f} to {b:.1f} s." for a, b in about.still[:_MOST_TOLD]]
    for scene in about.movement[:_MOST_TOLD]:
        place = "" if scene.amount == "none" else f", {scene.place or _ALL_OVER}"
        moves = f"{scene.amount}{place}"
        sentences.append(f"Movement from {scene.start_s:.1f} to {scene.end_s:.1f} s: {moves}.")
    return " ".join(sentences)


def _page(note: PageNote) -> str:
    """Write what stands before a page's picture, the file's name and its text as data."""
    if not note.text:
        what = f"Page {note.page} of {note.of} of a file without text, its name"
        return framed(what, note.name)
    what = f"Page {note.page} of {note.of} of a file, its name and its text"
    return framed(what, f"{note.name}\n{note.text}")


_DAMAGED = "Its file is damaged; this is what could be read."
_FRAME_AT = re.compile(r"Frame at (\d+(?:\.\d+)?) s:")
_HEAD = re.compile(
    r"The film lasts (\d{1,9}\.\d) s and has (\d{1,9}) frames of (\d{1,9}) × (\d{1,9}) pixels, "
    r"(with|without) sound"
)
_SCENES = re.compile(r"Scenes begin at (\d+\.\d(?:, \d+\.\d)*+) s\.")
_STRETCH = re.compile(r"(Black|Still) from (\d+\.\d) to (\d+\.\d) s\.")
_MOVEMENT = re.compile(
    r"Movement from (\d+\.\d) to (\d+\.\d) s: "
    rf"({'|'.join(get_args(Amount))})(?:, ({'|'.join((*get_args(Place), _ALL_OVER))}))?\."
)


def _about(text: str) -> About | None:
    """Read what was written of a whole film; None for any other text."""
    head = _HEAD.match(text)
    if head is None:
        return None
    scenes = _SCENES.search(text)
    stretches = [(kind, (float(a), float(b))) for kind, a, b in _STRETCH.findall(text)]
    return About(
        float(head[1]),
        int(head[2]),
        (int(head[3]), int(head[4])),
        head[5] == "with",
        _DAMAGED in text,
        tuple(float(time) for time in scenes[1].split(",")) if scenes else None,
        tuple(at for kind, at in stretches if kind == "Black"),
        tuple(at for kind, at in stretches if kind == "Still"),
        tuple(
            SceneMovement(
                float(a),
                float(b),
                cast(Amount, amount),
                None if place in ("", _ALL_OVER) else cast(Place, place),
            )
            for a, b, amount, place in _MOVEMENT.findall(text)
        ),
    )
