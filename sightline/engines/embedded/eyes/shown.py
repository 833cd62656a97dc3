"""What is in question: pictures, films, or both. Each is asked about as what it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sightline.api.notes import told
from sightline.engines.embedded import answer as stills
from sightline.engines.embedded.ask import understand
from sightline.engines.embedded.evidence import Declined, Exhibit, together
from sightline.engines.embedded.eyes import film
from sightline.engines.embedded.passages import Said, joined_by
from sightline.types import FilmNote, FrameNote, Message, Part, Picture

_OF_FILM = re.compile(r"\b(?:films?|videos?|clips?|movies?|footage)\b", re.IGNORECASE)
_OF_PICTURE = re.compile(
    r"\b(?:pictures?|images?|photo(?:graph)?s?|pages?|scans?)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Films and the pictures that are no frames of one; `times_s` is when each exhibit is seen."""

    films: tuple[film.FilmExhibit, ...] = ()
    pictures: tuple[Exhibit, ...] = ()
    times_s: tuple[float | None, ...] = ()

    @property
    def is_film(self) -> bool:
        """Whether all of it is one film."""
        return len(self.films) == 1 and not self.pictures

    @property
    def telling(self) -> list[Exhibit]:
        """The pictures, and of each film the frames whose text differs from those before."""
        made = [exhibit for each in self.films for exhibit in film.distinct(each)]
        return sorted([*made, *self.pictures], key=lambda exhibit: exhibit.number)


def of(message: Message | None, exhibits: Sequence[Exhibit], *, frames: bool = False) -> Shown:
    """Tell which of the pictures of a message are whose frames; with `frames` all are of one film.

    Where more than those of that message are in question, all are pictures.
    """
    parts = () if message is None else message.parts
    count = sum(isinstance(part, Picture) for part in parts)
    if message is None or count != len(exhibits):
        return Shown((), tuple(exhibits), (None,) * len(exhibits))
    films: list[film.FilmExhibit] = []
    pictures: list[Exhibit] = []
    times_s: list[float | None] = []
    for stretch in [parts] if frames else _stretches(parts):
        said = replace(message, parts=tuple(stretch))
        known = film.times(said, any_pictures=frames)
        at = len(times_s)
        if known is None:
            mine = exhibits[at : at + sum(isinstance(part, Picture) for part in stretch)]
            pictures += mine
            times_s += [None] * len(mine)
            continue
        about, times = known
        mine = exhibits[at : at + len(times)]
        films.append(film.FilmExhibit.of(about, times, mine, film.said(said)))
        times_s += times
    return Shown(tuple(films), tuple(pictures), tuple(times_s))


def _stretches(parts: Sequence[Part]) -> list[list[Part]]:
    """Cut parts where a film begins, and where one ends."""
    made: list[list[Part]] = [[]]
    for part in parts:
        before = next((each for each in reversed(made[-1]) if isinstance(each, Picture)), None)
        note = told(part)
        begins = isinstance(note, FilmNote) or (
            isinstance(note, FrameNote) and before is not None and not before.film
        )
        other = isinstance(part, Picture) and before is not None and part.film != before.film
        if before is not None and (begins or other):
            made.append([])
        made[-1].append(part)
    return made


def answer(question: str, shown: Shown) -> Said:
    """Answer a question about what is shown: `Declined`, or `Noted`, where it is one of them."""
    if not shown.films:
        return stills.answer(question, list(shown.pictures))
    if shown.is_film:
        return film.answer(question, shown.films[0])
    made = _sections(question, shown)
    return together(
        joined_by("\n\n", [Said.of(label, text) for label, text in made]),
        [text for _, text in made],
    )


def _sections(question: str, shown: Shown) -> list[tuple[str, Said]]:
    """Ask of each film that is meant, and of all pictures together, in the order that they came.

    Each answer stands after what it is called, "" for nothing.
    """
    of_film = _OF_FILM.search(question) is not None
    of_picture = _OF_PICTURE.search(question) is not None
    made: list[tuple[int, str, Said]] = []
    if of_film or not of_picture or not shown.pictures:
        for number, each in enumerate(shown.films, 1):
            label = f"Film {number}: " if len(shown.films) > 1 else "Film: "
            made.append((each.exhibits[0].number, label, film.answer(question, each)))
    if shown.pictures and (of_picture or not of_film or not shown.films):
        # They are numbered as if there were no films: nobody who sends one counts its frames.
        numbered = [replace(each, number=at) for at, each in enumerate(shown.pictures, 1)]
        label = "Image: " if len(numbered) == 1 else ""
        made.append((shown.pictures[0].number, label, stills.answer(question, numbered)))
    if len(made) == 1:
        return [("", made[0][2])]
    tell = [(label, text) for _, label, text in made if not isinstance(text, Declined)]
    clauses = understand(question, 1).clauses
    if len(tell) == 1 and all(one.topic in ("field", "extreme") for one in clauses):
        return tell
    return [(label, text) for _, label, text in sorted(made, key=lambda each: each[0])]
