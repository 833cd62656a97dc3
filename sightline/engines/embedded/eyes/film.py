"""The frames of a film in sentences: what was measured over all of it, and what frames show when.

Times are those of the frames that were looked at; what lies between them is not claimed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sightline.api.notes import told
from sightline.engines.embedded import answer as stills
from sightline.engines.embedded import ask, words
from sightline.engines.embedded.evidence import Exhibit, Noted, count, together
from sightline.engines.embedded.eyes import film_objects
from sightline.engines.embedded.eyes.text_tracks import Track, tracks
from sightline.engines.embedded.passages import Said, joined_by, own, quote, seen_in
from sightline.engines.embedded.words import joined
from sightline.perception.transitions import between_scenes
from sightline.quoting import unquoted
from sightline.types import (
    About,
    Amount,
    FilmNote,
    FrameNote,
    Message,
    Picture,
    SaidNote,
    SceneMovement,
    Text,
)

_MOST_TOLD = 12


@dataclass(frozen=True, slots=True)
class FilmExhibit:
    """Frames of one film, in order.

    `times` are in seconds, as far as they were told, and `about` is what was told of the whole.
    `said` are from when to when something is said, and what. `blended` says of each frame whether
    it is made of two scenes, as where one fades into another: no things are seen in it.
    """

    about: About | None
    times: tuple[float | None, ...]
    exhibits: tuple[Exhibit, ...]
    said: tuple[tuple[float, float, str], ...] = ()
    blended: tuple[bool, ...] = ()

    @classmethod
    def of(
        cls,
        about: About | None,
        times: tuple[float | None, ...],
        exhibits: Sequence[Exhibit],
        said: tuple[tuple[float, float, str], ...] = (),
    ) -> FilmExhibit:
        """Put a film's frames together, and find where its scenes blend."""
        blended = tuple(between_scenes([one.survey.picture.pixels for one in exhibits]))
        seen = tuple(
            replace(one, survey=replace(one.survey, seen=None)) if mixed else one
            for one, mixed in zip(exhibits, blended, strict=True)
        )
        return cls(about, times, seen, said, blended)

    @property
    def looked(self) -> int:
        """How many frames were looked at: these, or more in parts before."""
        return max(len(self.exhibits), self.about.looked if self.about is not None else 0)

    def at(self, place: int) -> str:
        """Say when a frame is shown, or which one it is."""
        time_s = self.times[place]
        return f"frame {place + 1}" if time_s is None else f"{time_s:.1f} s"

    def is_cut(self, place: int) -> bool:
        """Say whether another scene begins between a frame and the one before it."""
        before, now = self.times[place - 1], self.times[place]
        if self.about is None or self.about.scenes is None or before is None or now is None:
            return self.is_blend(place)
        return self.is_blend(place) or any(
            before < start <= now + 1e-6 for start in self.about.scenes
        )

    def is_blend(self, place: int) -> bool:
        """Say whether a scene stands alone from a frame on, which blends with another before."""
        return place > 0 and self.blended[place - 1 : place + 1] == (True, False)

    def span(self, first: int, last: int) -> str:
        """Say from when to when something is seen that the frames `first` to `last` show."""
        if self.times[first] is None:
            one = f"in frame {first + 1}"
            return one if first == last else f"in frames {first + 1} to {last + 1}"
        if first == last:
            return f"at {self.at(first)}"
        return f"from {self.times[first]:.1f} to {self.at(last)}"


def times(
    message: Message, *, any_pictures: bool = False
) -> tuple[About | None, tuple[float | None, ...]] | None:
    """Give what a message tells of the film whose frames it holds; None where it holds others.

    `any_pictures` takes them for frames as whoever asks says that they are.
    """
    pictures = [part for part in message.parts if isinstance(part, Picture)]
    if not pictures or not (any_pictures or all(picture.film for picture in pictures)):
        return None
    about: About | None = None
    found: list[float | None] = []
    time_s: float | None = None
    for part in message.parts:
        if isinstance(part, Picture):
            found.append(time_s)
        note = told(part)
        if isinstance(note, FilmNote):
            about = about or note.about
        time_s = note.time_s if isinstance(note, FrameNote) else None
    return about, tuple(found)


def said(message: Message) -> tuple[tuple[float, float, str], ...]:
    """Give what is said in the film whose frames a message holds, with its times in seconds."""
    return tuple(each for part in message.parts if isinstance(part, SaidNote) for each in part.said)


def asking(message: Message) -> str:
    """Give the words of a message without what is told of a film, and without quoted data."""
    texts = (part for part in message.parts if isinstance(part, Text) and part.tells is None)
    return "\n".join(unquoted(part.text) for part in texts)


def distinct(shown: FilmExhibit) -> list[Exhibit]:
    """Give the frames whose text or codes differ from those of every frame before."""
    found: dict[object, Exhibit] = {}
    for exhibit in shown.exhibits:
        codes = tuple(code.content for code in exhibit.survey.codes)
        found.setdefault((tuple(exhibit.sheet.lines), codes), exhibit)
    return list(found.values())


def answer(question: str, shown: FilmExhibit) -> Said:
    """Answer a question about a film."""
    asked = ask.understand(question, len(shown.exhibits))
    if asked.form.briefly:
        return seen_in(shown.exhibits, _brief(shown, asked.most_words))
    blocks: list[Said] = []
    for clause in asked.clauses:
        if blocks and _LEFT_OVER.fullmatch(clause.text.strip()):
            continue  # "what moves, and where": the answer tells both
        block = _clause(clause, question, shown)
        if block not in blocks:
            blocks.append(block if isinstance(block, Said) else own(block))
    return together(joined_by("\n\n", blocks), blocks)


def _clause(clause: ask.Clause, question: str, shown: FilmExhibit) -> str:
    for wanted, tell in _TOPICS:
        if wanted.search(clause.text):
            return tell(shown)
    when = _when(clause.text, shown)
    if when is not None:
        return when
    seen = film_objects.answer(clause.text, shown)
    if seen is not None:
        return seen
    if clause.topic in ("describe", "compare", "look", "skip") or _HAPPENS.search(clause.text):
        return _describe(shown)
    if clause.topic == "read":
        return _text(shown) or "The frames hold no text that I can read."
    if clause.topic == "colour":
        return _colours(shown)
    if clause.topic == "code":
        return _codes(shown) or "There is no bar code or QR code in the frames."
    places = {e.number: i for i, e in reversed(list(enumerate(shown.exhibits)))}
    frames = [replace(e, label=f"At {shown.at(places[e.number])}") for e in distinct(shown)]
    return stills.answer(clause.text, frames)


_LEFT_OVER = re.compile(r"(?:and )?(?:when|where|how(?: much| long| often)?|what)\W*", re.I)
_HAPPENS = re.compile(r"\bhappen|\bgoing on\b|\bnarrat|\bvoice ?over|\bscript\b|\bstory\b", re.I)


def _describe(shown: FilmExhibit) -> str:
    measured = (_facts, _scenes, _movement, _stretches, _colours)
    told = [_opening(shown), film_objects.things(shown), *(tell(shown) for tell in measured)]
    told += [_text(shown), _codes(shown), _same(shown), _said(shown)]
    blocks = [block if isinstance(block, Said) else own(block) for block in told if block]
    return Noted(joined_by("\n\n", blocks))


def _said(shown: FilmExhibit) -> str:
    lines = [f"From {a:.1f} to {b:.1f} s: “{text}”" for a, b, text in shown.said]
    return "\n".join(["What is said:", *lines]) if lines else ""


def _brief(shown: FilmExhibit, most_words: int | None) -> str:
    said = [film_objects.brief(shown) or f"Mostly {joined(main_colours(shown.exhibits))}"]
    first, last = shown.times[0], shown.times[-1]
    if shown.about is not None and first is not None and last is not None:
        # What is seen of each stretch between these frames: the longest speaks for all.
        moving = max(
            shown.about.movement,
            key=lambda m: min(m.end_s, last) - max(m.start_s, first),
            default=None,
        )
        if moving is not None and min(moving.end_s, last) >= max(moving.start_s, first):
            said.append(moves(moving))
    sentences = ["; ".join(said) + "."]
    lines = [track.text for track in tracks(shown.exhibits)]
    if lines:
        sentences.append(f"On screen: {' / '.join(lines[:_MOST_TOLD])}.")
    codes = dict.fromkeys(c.content for e in shown.exhibits for c in e.survey.codes)
    if codes:
        sentences.append(f"Codes: {' / '.join(codes)}.")
    if shown.said:
        sentences.append(f"Said: {' / '.join(text for _, _, text in shown.said)}")
    if most_words is None or len(" ".join(sentences).split()) <= most_words:
        return " ".join(sentences)
    # What is written on the picture says more than its colours.
    for fewer in ([*sentences[1:2], f"{said[0]}."], sentences[1:2], [f"{said[0]}."]):
        if fewer and len(" ".join(fewer).split()) <= most_words:
            return " ".join(fewer)
    return " ".join(said[0].split()[:most_words]) + "…"


def _opening(shown: FilmExhibit) -> str:
    scenes = len(shown.about.scenes or ()) if shown.about is not None else 0
    scenes += len(_blends(shown))
    length = f" of {shown.about.duration_s:.1f} s" if shown.about is not None else ""
    inside = f" in {count(scenes, 'scene')}" if scenes > 1 else ""
    film = f"This is a film{length}{inside}, mostly {joined(main_colours(shown.exhibits))}"
    for exhibit in shown.exhibits:
        rows = [row for row in exhibit.survey.rows if 2 < len(row.text) <= 60]
        if rows:
            largest = max(rows, key=lambda row: row.box.height).text
            text = seen_in([exhibit], quote(largest))
            return Said.of(f"{film}; its first large text is “", text, "”.")
    return own(f"{film}.")


def _facts(shown: FilmExhibit) -> str:
    seen = f"I looked at {count(shown.looked, 'frame')} of it."
    about = shown.about
    if about is None:
        return f"{count(len(shown.exhibits), 'frame').capitalize()} of a film, in order."
    sound = "It has sound, which I do not hear." if about.audio else "It has no sound."
    if shown.said:
        sound = "Of its sound I know what is said."
    damaged = " Its file is damaged; a part of it can be read." if about.damaged else ""
    width, height = about.size
    return (
        f"The film lasts {about.duration_s:.1f} s and has {about.total} frames of {width} × "
        f"{height} pixels. {sound}{damaged} {seen}"
    )


def _length(shown: FilmExhibit) -> str:
    if shown.about is None:
        return "I know its frames, not how long the film is."
    return f"The film lasts {shown.about.duration_s:.1f} s."


def _frames(shown: FilmExhibit) -> str:
    if shown.about is None:
        return f"{count(len(shown.exhibits), 'frame').capitalize()} of the film came to me."
    seen = f"I looked at {shown.looked} of them."
    return f"The film has {count(shown.about.total, 'frame')}. {seen}"


def _sound(shown: FilmExhibit) -> str:
    if shown.said:
        return _said(shown)
    if shown.about is None:
        return "Frames came to me, without any sound."
    if not shown.about.audio:
        return "The film has no sound."
    return "The film has sound, which I do not hear."


def _scenes(shown: FilmExhibit) -> str:
    about = shown.about
    if about is not None and about.scenes is not None:
        cuts, blends = about.scenes[1:], [shown.at(place) for place in _blends(shown)]
        blend = f" One blends into the next until {joined(blends[:_MOST_TOLD])}." if blends else ""
        told = f"It has {count(len(cuts) + len(blends) + 1, 'scene')}"
        if not cuts:
            return f"{told if blends else 'It is one scene'}, without a cut.{blend}"
        said = joined([f"{time_s:.1f} s" for time_s in cuts])
        are = "is" if len(cuts) == 1 else "are"
        return f"{told}. There {are} {count(len(cuts), 'cut')}, at {said}.{blend}"
    found = [i for i in range(1, len(shown.exhibits)) if _differ(shown, i)]
    if not found:
        return "Between the frames I see no change of scene."
    said = joined([f"{shown.at(i - 1)} and {shown.at(i)}" for i in found[:_MOST_TOLD]])
    return f"The scene changes between {said}."


def _blends(shown: FilmExhibit) -> list[int]:
    """Find the frames that are the first of a scene into which another blends, but for black."""
    looks = [exhibit.survey.look.kind for exhibit in shown.exhibits]
    return [i for i, look in enumerate(looks) if look != "blank" and shown.is_blend(i)]


def _differ(shown: FilmExhibit, place: int) -> bool:
    """Whether a frame shows another scene than the one before: its colours are others."""
    before, now = (
        {colour.name: colour.share for colour in shown.exhibits[at].survey.colours}
        for at in (place - 1, place)
    )
    common = sum(min(before.get(name, 0.0), share) for name, share in now.items())
    return common < 0.4


_MUCH: dict[Amount, str] = {"little": "little", "moderate": "some", "strong": "much"}


def moves(scene: SceneMovement) -> str:
    """Say how much moves in a scene, and where."""
    if scene.amount == "none":
        return "nothing moves"
    place = "all over the picture" if scene.place is None else f"most of it {scene.place}"
    return f"{_MUCH[scene.amount]} movement, {place}"


def _movement(shown: FilmExhibit) -> str:
    about = shown.about
    if about is None or not about.movement:
        return ""
    told = [f"From {m.start_s:.1f} to {m.end_s:.1f} s: {moves(m)}." for m in about.movement]
    more = len(told) - _MOST_TOLD
    return "\n".join(
        told[:_MOST_TOLD] + ([f"And {count(more, 'more scene')}."] if more > 0 else [])
    )


def _motion(shown: FilmExhibit) -> str:
    return _movement(shown) or "How much moves was not measured: the film is too long, or unknown."


def _stretches(shown: FilmExhibit) -> str:
    about = shown.about
    if about is None:
        return ""
    told = [f"The picture is black from {a:.1f} to {b:.1f} s." for a, b in about.black]
    told += [f"Nothing changes from {a:.1f} to {b:.1f} s." for a, b in about.still]
    return " ".join(told[:_MOST_TOLD])


def _standing(shown: FilmExhibit) -> str:
    if shown.about is None or shown.about.scenes is None:
        return "Black and still stretches were not looked for."
    return _stretches(shown) or "No stretch of it is black, and none is still for a second."


def main_colours(exhibits: Sequence[Exhibit]) -> list[str]:
    """Name the two colours that frames have most of."""
    shares: Counter[str] = Counter()
    for exhibit in exhibits:
        for colour in exhibit.survey.colours:
            shares[colour.full_name] += int(colour.share * 1000)
    return [name for name, _ in shares.most_common(2)] or ["grey"]


def _colours(shown: FilmExhibit) -> str:
    """Say which colours are seen when; neighbours of the same colours share a line."""
    told: list[tuple[int, int, list[str]]] = []
    for place, exhibit in enumerate(shown.exhibits):
        names = main_colours([exhibit])
        if told and set(told[-1][2]) == set(names):
            told[-1] = (told[-1][0], place, names)
        else:
            told.append((place, place, names))
    if len(told) > _MOST_TOLD:
        return f"Over all its frames it is mostly {joined(main_colours(shown.exhibits))}."
    lines = [f"{shown.span(a, b).capitalize()}: mostly {joined(names)}." for a, b, names in told]
    return "\n".join(lines)


def _text(shown: FilmExhibit) -> str:
    found = tracks(shown.exhibits)
    if not found:
        return ""
    told = [
        Said.of(_on_screen(shown, t), f" {shown.span(t.first, t.last)}")
        for t in found[: 4 * _MOST_TOLD]
    ]
    more = len(found) - len(told)
    rest = [own(f"and {count(more, 'more line')}")] if more > 0 else []
    return joined_by("\n", [own("Text on screen:"), *told, *rest])


def _on_screen(shown: FilmExhibit, track: Track) -> Said:
    """Quote what is printed in the frames from which it was read."""
    frames = shown.exhibits[track.first : track.last + 1]
    return Said.of("“", seen_in(frames, quote(track.text)), "”")


def _codes(shown: FilmExhibit) -> str:
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for place, exhibit in enumerate(shown.exhibits):
        for code in exhibit.survey.codes:
            key = code.name, code.content
            found[key] = found.get(key, (place, place))[0], place
    return "\n".join(
        f"There is a {name} {shown.span(a, b)}. It contains: {content}"
        for (name, content), (a, b) in found.items()
    )


def _same(shown: FilmExhibit) -> str:
    """Name frames that are the same, pixel for pixel."""
    runs: dict[str, list[int]] = {}
    for place, exhibit in enumerate(shown.exhibits):
        runs.setdefault(exhibit.survey.picture.digest, []).append(place)
    told = [
        f"The frames at {joined([shown.at(p) for p in places[:_MOST_TOLD]])} are the same."
        for places in runs.values()
        if len(places) > 1
    ]
    return " ".join(told[:3])


def _repeats(shown: FilmExhibit) -> str:
    return _same(shown) or "No two of the frames that I looked at are the same."


def _when(text: str, shown: FilmExhibit) -> str | None:
    """Answer when a text is on screen; None for other questions."""
    found = re.match(
        r"\s*(?:when|at what times?|from when|how long)\b.*?\b(?:is|are|does|do|can)\s+(?:the\s+)?"
        r"(?:words?\s+|text\s+|line\s+)?(?P<held>.+?)\s*"
        r"(?:on (?:the )?screen|appears?|shown|visible|seen|read|show(?: up)?|displayed|said|be read)?\W*$",
        text,
        re.IGNORECASE,
    )
    if found is None:
        return None
    quoted = re.search(r"[\"'“]([^\"'”]+)[\"'”]", text)
    held = words.squash(quoted.group(1) if quoted else found.group("held"))
    hits = [t for t in tracks(shown.exhibits) if held and held in words.squash(t.text)]
    if not hits:
        return None
    return joined_by(
        " ",
        [
            Said.of(_on_screen(shown, t), f" is on screen {shown.span(t.first, t.last)}.")
            for t in hits
        ],
    )


_TOPICS: tuple[tuple[re.Pattern[str], Callable[[FilmExhibit], str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (
            r"\bhow long (?:is|are|does|was)\W+(?:it|this|the|that) ?(?:film|video|clip|movie|last|\W*$)|\bduration\b|\blength of\b|\bhow many (?:seconds|minutes)\b",
            _length,
        ),
        (
            r"\bcuts?\b|\b(?:how many|which|when|list|what)\b.*\b(?:scenes?|shots?)\b|\bscene changes?\b|\btransitions?\b",
            _scenes,
        ),
        (r"\bhow many frames\b|\bnumber of frames\b", _frames),
        (
            r"\bsound\b|\baudio\b|\bmusic\b|\bspoken\b|\bhear\b|\bspeech\b|\bdialog(?:ue)?\b"
            r"|\btranscri(?:be|pt)|\b(?:is|was|are|were|being|gets?) said\b|\bsaid in\b"
            r"|\b(?:talk(?:s|ing|ed)?|speak(?:s|ing)?|spoke) (?:about|of|to|with)\b"
            r"|\b(?:he|she|they|\w{0,4}body|\w{0,4}one|people|person|m[ae]n|wom[ae]n|speakers?"
            r"|narrator|voices?) (?:say|talk|speak|tell)(?:s|ing)?\b",
            _sound,
        ),
        (
            r"\bblack (?:frames?|screen|stretch\w*|picture|parts?)\b|\bfroze|\bfreez|\bstill\b|\bstatic\b|\bblank\b",
            _standing,
        ),
        (r"\bmov(?:e|es|ing|ement)\b|\bmotion\b", _motion),
        (r"\bsame\b|\bidentical\b|\brepeat|\bduplicate", _repeats),
    )
)
