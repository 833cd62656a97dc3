"""Sentences about what happens in a film: each kind in several forms, that take turns.

What was told is remembered: a thing has its article after that, or is "it" in the sentence that
follows at once, and no sentence is said again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from sightline.engines.embedded.eyes.happening import Group, Happening
from sightline.engines.embedded.words import joined

_FORMS: dict[str, tuple[str, ...]] = {
    "first": ("We see {names}{where}.",),
    "opens": (
        "Then we see {names}{where}.", "The scene changes to {names}{where}.",
        "Now there {are} {names}{where}.", "Next {come} {names}{where}.",
        "After that {come} {names}{where}.", "Here {are} {names}{where}.",
    ),
    "returns": ("Once more {names}.", "We are back with {names}.", "Again {names}."),
    "reads": (
        "On screen it says {lines}.", "Then it reads {lines}.", "The words {lines} appear.",
        "Now we read {lines}.", "Next it says {lines}.", "It goes on with {lines}.",
    ),
    "signs": ("We can read {lines}.", "There it says {lines}.", "A text reads {lines}."),
    "first reads": ("It opens with the words {lines}.",),
    "enters": ("{Name} comes in from the {side}.", "From the {side} comes {name}."),
    "appears": ("{Name} appears{side}.", "Now there is {name}{side}."),
    "reached": ("{Name} {come} into view.", "Now {name} {come} into view."),
    "seen": ("There {is} {name} too.", "We also see {name}."),
    "moves": ("{It} moves to the {side}.", "{It} goes on to the {side}."),
    "crosses": ("{It} moves from {from_} to {to}.", "{It} goes from {from_} to {to}."),
    "crosses all": ("{It} crosses to the {to}.", "{It} goes all the way to the {to}."),
    "nears": ("{It} comes nearer.", "{It} grows larger and larger."),
    "recedes": ("{It} moves away.", "{It} grows smaller and smaller."),
    "leaves": ("{It} leaves on the {side}.", "{It} goes out of the picture on the {side}."),
    "goes": ("{It} is gone.", "{It} has left the picture."),
    "pans": ("The view moves to the {side}.", "We look further to the {side}."),
    "tilts": ("The view moves {side}.", "We look further {side}."),
    "closes in": ("The view closes in{on}.", "We come closer{closer}."),
    "widens": ("The view widens.", "We draw back and see more."),
    "colours": ("{Colours} fill the picture.", "The picture is {colours}."),
    "mostly": ("The picture is {colours}.", "Now the picture is {colours}."),
    "turns": ("{Gone} turns to {colours}.", "{Gone} gives way to {colours}.", "Now it is {colours}."),
    "black": ("The picture goes black.", "It turns dark."),
    "detail": ("{It} is {colour}.",),
    "dwindles": ("By now {it} look{s} small.", "Now {it} look{s} far away."),
    "stirs": ("There is movement {place}.",),
}  # fmt: skip
_VIEWS = ("pans", "tilts")
_MOST_CUT = 6  # words: a line is not cut to fewer
_SIDES = {"left": "the left", "right": "the right", "middle": "the middle"}


def spoken(text: str) -> int:
    """Count the words of a text as they are spoken: those of numbers are several."""
    return sum(1 + sum(sign.isdigit() for sign in word) // 2 for word in text.split())


class Teller:
    """Writes sentence after sentence."""

    def __init__(self) -> None:
        self._turns: Counter[str] = Counter()
        self._known: set[str] = set()  # names that were told
        self._subject = 0  # of the last sentence
        self._scene = -1  # of the last sentence
        self._where = ""
        self._said: set[str] = set()
        self._opening: list[str] = []  # the word with which the last sentence begins
        self._names: tuple[str, ...] = ()  # in the last sentence

    def sentence(self, about: Happening, most: int) -> str:
        """Write a sentence of at most `most` words; "" where none fits or all were said."""
        make: Callable[[Happening, int], list[str]] = {
            "opens": self._opens, "returns": self._returns, "reads": self._reads,
            "signs": self._reads,
        }.get(about.what, self._plain)  # fmt: skip
        # One that begins as the last did comes after all others.
        for text in sorted(make(about, most), key=lambda text: text.split()[:1] == self._opening):
            if about.scene != self._scene and about.what in _VIEWS and "further" in text:
                continue  # it is another view, which goes on with none
            if spoken(text) <= most and text not in self._said:
                self._said.add(text)
                self._opening = text.split()[:1]
                self._known.update(group.name for group in about.groups)
                self._subject, self._scene = about.key, about.scene
                self._names = tuple(group.name for group in about.groups)
                return text
        return ""

    def _forms(self, kind: str) -> list[str]:
        """Give the forms of a kind, the one whose turn it is first."""
        forms = _FORMS[kind]
        turn = self._turns[kind] % len(forms)
        self._turns[kind] += 1
        return [*forms[turn:], *forms[:turn]]

    def _opens(self, about: Happening, most: int) -> list[str]:
        if about.words[:1] in (("colours",), ("photograph",)):
            return self._coloured(about)
        where = about.words[0] if about.words else ""
        told = "" if where in ("", self._where) else f" {where}"
        if where == "likely":
            told = ""
        else:
            self._where = where or self._where
        first = not self._said
        forms = self._forms("first" if first else "opens")
        if not about.groups:
            verbs = {"are": "is", "come": "comes"}
            return [form.format(names="snow", where="", **verbs) for form in forms]
        texts = []
        for count in range(len(about.groups), 0, -1):
            names = joined([_placed(group, about.groups[:count]) for group in about.groups[:count]])
            if where == "likely":
                names = f"what looks like {names}"
            several = count > 1 or about.groups[0].is_plural
            verbs = {"are": "are" if several else "is", "come": "come" if several else "comes"}
            texts += [form.format(names=names, where=told, **verbs) for form in forms]
            texts += [form.format(names=names, where="", **verbs) for form in forms]
        return texts

    def _returns(self, about: Happening, most: int) -> list[str]:
        known = all(group.name in self._known for group in about.groups)
        if not known:
            return self._opens(about, most)
        names = joined([group.again for group in about.groups])
        return [form.format(names=names) for form in self._forms("returns")]

    def _coloured(self, about: Happening) -> list[str]:
        colours = joined(list(about.words[1:]))
        if about.words[0] == "photograph":
            return [form.format(colours=colours) for form in self._forms("mostly")]
        return [
            form.format(Colours=_upper(colours), colours=colours)
            for form in self._forms("colours")
            if len(about.words) > 2 or "Colours" not in form
        ]

    def _reads(self, about: Happening, most: int) -> list[str]:
        kind = "signs" if about.what == "signs" else "reads" if self._said else "first reads"
        forms = self._forms(kind)
        texts = []
        for count in range(len(about.words), 0, -1):
            lines = joined([f"“{line}”" for line in about.words[:count]])
            texts += [form.format(lines=lines) for form in forms]
        first = about.words[0].split()
        for room in range(min(most, len(first)) - 1, _MOST_CUT, -1):
            lines = f"“{' '.join(first[:room])}…”"
            texts += [form.format(lines=lines) for form in forms]
        return texts

    def _plain(self, about: Happening, most: int) -> list[str]:
        kind, words = about.what, about.words
        group = about.groups[0] if about.groups else None
        if kind == "turns":
            gone, colours = words[1], joined(list(words[2:]))
            return [f.format(Gone=_upper(gone), colours=colours) for f in self._forms(kind)]
        if kind == "stirs":
            return [f.format(place=words[0] or "all over the picture") for f in self._forms(kind)]
        told = self._told(about, group)
        if kind == "crosses" and "" not in words and set(words) == {"left", "right"}:
            return [f.format(to=words[1], **told) for f in self._forms("crosses all")]
        if kind == "crosses":
            ends = {"from_": _SIDES[words[0]], "to": _SIDES[words[1]]}
            return [f.format(**ends, **told) for f in self._forms(kind)]
        return [f.format(**told) for f in self._forms(kind)]

    def _told(self, about: Happening, group: Group | None) -> dict[str, str]:
        """Give the words that the forms of things are filled with."""
        side = about.words[-1] if about.words else ""
        if about.what == "appears" and side:
            side = f" {side}"
        name = "" if group is None else self._name(group, about)
        them = "" if group is None else self._them(group)
        return {
            "name": name, "Name": _upper(name), "It": self._it(about, group), "side": side,
            "it": _lower(self._it(about, group)),
            "s": "" if group is not None and group.is_plural else "s",
            "come": "come" if group is not None and group.is_plural else "comes",
            "is": "are" if group is not None and group.is_plural else "is",
            "colour": about.words[0] if about.words else "",
            "on": f" on {them}" if group is not None else "",
            "closer": f" to {them}" if group is not None else "",
        }  # fmt: skip

    def _them(self, group: Group) -> str:
        """Call what the last sentence was about "them", all else by its name."""
        if self._names == (group.name,) and group.name != "person":
            return "them" if group.is_plural else "it"
        return group.again if group.name in self._known else group.first

    def _name(self, group: Group, about: Happening) -> str:
        if "another" in about.words:
            return f"another {group.name}"
        return f"{group.first} again" if group.name in self._known else group.first

    def _it(self, about: Happening, group: Group | None) -> str:
        if group is None:
            return ""
        person = group.name == "person"
        if about.key and about.key == self._subject and not person:
            return "They" if group.is_plural else "It"
        if group.name not in self._known:
            return _upper(group.first)
        return _upper(group.again)


def _placed(group: Group, among: Sequence[Group]) -> str:
    """Name a thing, with its side where others stand elsewhere."""
    return f"{group.first} {group.side}" if group.side and len(among) <= 2 else group.first


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
