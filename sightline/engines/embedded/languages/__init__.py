"""Questions in other languages, put into plain English word for word.

The network that hears questions knows English. A file for each language has the words, fixed
expressions and frames of questions: a frame ("wie viele {x} sind auf {y}") gives the order that
English has. What is quoted, and words that are not known (most are names), stay as they are.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

# Those with spaces between words, and those without.
SPACED = ("de", "fr", "es", "it", "pt", "nl")
UNSPACED = ("zh", "ja")

FOLDER = Path(__file__).parent
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LONGEST = 600  # characters of a question that are looked at
_PHRASE = 7  # words, or four times as many characters without spaces
_DEPTH = 3  # frames within frames

_TOKEN = re.compile(r"(?=\w*\d)\w+(?:[.,:/-]\w+)*|\w+(?:-\w+)*'?|[^\w\s]")
_LEADS_IN = ("{x}", "please {x}")
_SLOT = re.compile(r"\{(\w)\}")
# An example of JSON is left alone as well.
_QUOTED = re.compile(
    r"[\[{](?:.|\n)*[\]}]|“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"|「[^」]*」|『[^』]*』|`[^`]*`"
)
_SHORT = "nr tel mwst ust ca bzw inkl zzgl str sr sra mr av pág pag art p z b".split()
_STOP = "".join(rf"(?<!\b{word})" for word in _SHORT) + r"(?<!\d)[.](?=\s|$)|(?<=\d)[.](?=\s*$)"
_ENDS = re.compile(rf"(?:{_STOP}|[?!;？。！；\n]|…)+\s*", re.IGNORECASE)
_ACCENT, _UMLAUT = re.compile(r"[^\x00-\x7f]"), re.compile(r"[^\x00-\x7f]|[aou]e")
_LINKS = ("", "s", "n", "en", "es", "e", "er")  # between the parts of a compound
_SHORTEST_PART = 3
_MARGIN, _LEAST = 0.25, 0.5  # of the words that a language knows

# Common in English questions: where they are half of the words no other language is looked for.
_ENGLISH = frozenset(
    "a about all an and any are as at be been but by can could did do does each find for from give "
    "had has have he her here how i if in into is it its list many me more most much my name no "
    "not of on one only or other our out people photo photos picture pictures image images please "
    "read say says see she should show shown some tell than that the their them there these they "
    "thing things this those to total two up us was we were what when where which who whose why "
    "will with would yes you your describe count number date text".split()
)


def _plain(text: str) -> str:
    """Leave accents out, and small letters only."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _plain_german(text: str) -> str:
    """The same, with the spellings of umlauts as two letters."""
    return re.sub(r"([aou])e", r"\1", _plain(text.lower().replace("ß", "ss")))


def _tokens(text: str) -> list[str]:
    return [m.group() for m in _TOKEN.finditer(text)]


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame: what stands fixed around its slots, as `Dictionary.bare` has it."""

    fixed: tuple[str, ...]
    slots: tuple[str, ...]
    english: str
    key: str

    @property
    def accented(self) -> set[str]:
        """Its fixed words with their accents."""
        return {word for part in _SLOT.split(self.key)[::2] for word in _tokens(part.lower())}

    def match(self, bare: str, *, spaced: bool) -> list[tuple[int, int]] | None:
        """Find what stands in its slots, the shortest from the left; None for other clauses."""
        first, *rest = self.fixed
        if not bare.startswith(first):
            return None
        found = []
        at = len(first)
        for number, text in enumerate(rest, 1):
            if number == len(rest):
                end = len(bare) - len(text)
                if not bare.endswith(text) or not _begins(bare, end, spaced):
                    return None
            else:
                end = bare.find(text, at + 1)
                while end >= 0 and not _begins(bare, end, spaced):
                    end = bare.find(text, end + 1)
            if end <= at:
                return None
            found.append((at, end))
            at = end + len(text)
        return found if rest or at == len(bare) else None


def _begins(bare: str, at: int, spaced: bool) -> bool:
    return not spaced or at == 0 or bare[at - 1] == " "


@dataclass(frozen=True)
class Dictionary:
    """What one language has: `terms` are words and expressions, `frames` are read when needed."""

    language: str
    terms: Mapping[str, str]
    frames: Callable[[], Mapping[str, str]]

    @property
    def spaced(self) -> bool:
        """Whether words have spaces between them."""
        return self.language in SPACED

    @cached_property
    def plain(self) -> Mapping[str, str]:
        """The terms that are spelt otherwise without accents, so spelt.

        The first of several counts, and one that is so spelt itself where it comes before it.
        """
        accents = _UMLAUT if self.language == "de" else _ACCENT
        found: dict[str, str] = {}
        for key in filter(accents.search, self.terms):
            plain = self._plain(key)
            if plain not in self.terms or key < plain:
                found.setdefault(plain, self.terms[key])
        return found

    def _plain(self, text: str) -> str:
        return _plain_german(text) if self.language == "de" else _plain(text)

    @cached_property
    def _index(self) -> Mapping[str, Sequence[_Frame]]:
        """Frames by one of their fixed words, or characters, that few have."""
        frames = [self.frame(key, english) for key, english in self.frames().items()]
        fixed = [self._fixed_words(frame) for frame in frames]
        often = Counter(word for words in fixed for word in words)
        index: dict[str, list[_Frame]] = {}
        for frame, words in zip(frames, fixed, strict=True):
            index.setdefault(min(words, key=often.__getitem__), []).append(frame)
        return index

    def _fixed_words(self, frame: _Frame) -> set[str]:
        return {word for text in frame.fixed for word in (text.split() if self.spaced else text)}

    def frame(self, key: str, english: str) -> _Frame:
        """Make a frame of how it is written."""
        parts = _SLOT.split(key)
        fixed = tuple(self.bare(part) for part in parts[::2])
        return _Frame(fixed, tuple(parts[1::2]), english, key)

    def bare(self, text: str) -> str:
        """Give text as frames are compared: plain, a space after each word, without commas."""
        if not self.spaced:
            return re.sub(r"[\s,，、]+", "", text.lower())
        return "".join(f"{word} " for word in _tokens(self._plain(text)) if word != ",")

    def _framed(self, text: str, bare: str) -> tuple[_Frame, list[tuple[int, int]]] | None:
        """Find the frame that fixes most of a clause.

        Accents count where a clause has any ("e" and "è"), and may be left out everywhere.
        """
        words = set(bare.split() if self.spaced else bare)
        written = frozenset(_tokens(text.lower()))
        strict = self.spaced and self.language != "de" and not written <= words
        found = [frame for word in words for frame in self._index.get(word, ())]
        # What only leads in ("can you tell me …") comes off first; of equals always the same.
        found.sort(key=lambda f: (f.english not in _LEADS_IN, -sum(map(len, f.fixed)), f.key))
        for frame in found:
            if strict and frame.accented - written - {","}:
                continue
            slots = frame.match(bare, spaced=self.spaced)
            if slots is not None:
                return frame, slots
        return None

    def term(self, text: str) -> str | None:
        """Translate a word or expression; None where it is not known."""
        lowered = text.lower()
        found = self.terms.get(lowered)
        if found is None:
            plain = self._plain(lowered)
            found = self.plain.get(plain)
            return self.terms.get(plain) if found is None else found
        return found

    def clause(self, text: str, depth: int = 0) -> str:
        """Translate a clause without its mark at the end."""
        bare = self.bare(text)
        found = None
        if depth < _DEPTH and len(bare) <= _LONGEST:
            found = self._framed(text, bare)
        if found is None:
            parts = re.split(r"\s*[,，、]\s*(?!\d)", text)
            if len(parts) == 1 or depth >= _DEPTH:
                return self.words(text)
            return ", ".join(self.clause(part, depth + 1) for part in parts if part.strip())
        frame, places = found
        alone = len(frame.slots) == 1
        put: dict[str, str] = {}
        for name, place in zip(frame.slots, places, strict=True):
            part = self._slice(text, bare, place)
            put[name] = self.clause(part, depth + 1) if alone else self.words(part)
        return _SLOT.sub(lambda m: put[m[1]], frame.english)

    def _slice(self, text: str, bare: str, place: tuple[int, int]) -> str:
        """Give what stands in a slot, as it was written."""
        begin, end = place
        if not self.spaced:
            letters = [at for at, letter in enumerate(text) if not re.match(r"[\s,，、]", letter)]
            return text[letters[begin] : letters[end - 1] + 1]
        words = [word for word in _tokens(text) if word != ","]
        first = bare[:begin].count(" ")
        return " ".join(words[first : first + bare[begin:end].count(" ")])

    def each_word(self, text: str) -> str:
        """Translate each word for itself, of a text of words with spaces between them."""
        return _WORD.sub(lambda m: self.word(m[0]) or m[0], text)

    def word(self, word: str) -> str | None:
        """Translate a word, which may be put together of two; None where it is not known."""
        found = self.term(word)
        return self._compound(word) if found is None else found

    def words(self, text: str) -> str:
        """Translate word for word, longest expressions first."""
        said = self._spaced(text) if self.spaced else self._unspaced(text)
        return _tidied(said)

    def _spaced(self, text: str) -> Iterator[str]:
        words = _tokens(text)
        at = 0
        while at < len(words):
            for length in range(min(_PHRASE, len(words) - at), 0, -1):
                text = " ".join(words[at : at + length])
                found = self.word(text) if length == 1 else self.term(text)
                if found is not None:
                    break
            yield words[at] if found is None else found
            at += length

    def _compound(self, word: str) -> str | None:
        """Translate a compound of two known words ("Ankunftszeit")."""
        if self.language not in ("de", "nl") or len(word) < 2 * _SHORTEST_PART:
            return None
        for cut in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
            last = self.terms.get(word[cut:].lower())
            if not last:
                continue
            head = word[:cut].lower()
            for link in _LINKS:
                first = self.terms.get(head.removesuffix(link)) if head.endswith(link) else None
                if first:
                    return f"{first} {last}"
        return None

    def _unspaced(self, text: str) -> Iterator[str]:
        at, kept = 0, ""
        while at < len(text):
            found, length = None, 0
            for length in range(min(4 * _PHRASE, len(text) - at), 0, -1):
                found = self.terms.get(text[at : at + length].lower())
                if found is not None:
                    break
            if found is None:
                # What is not known stays whole: numbers, and names in Latin letters.
                run = _RUN.match(text, at)
                length = 1 if run is None else len(run[0])
                kept += text[at : at + length]
            else:
                yield from filter(None, (kept, found))
                kept = ""
            at += length
        if kept:
            yield kept


_WORD = re.compile(r"[^\W\d_]+")
_RUN = re.compile(r"[0-9][0-9.,:/-]*|[A-Za-z][A-Za-z0-9'-]*")


def _tidied(words: Iterator[str]) -> str:
    text = " ".join(word.strip() for word in words if word.strip())
    text = re.sub(r"\s+([,.:;?!)\]%])", r"\1", text)
    text = re.sub(r"\ba (?=[aeio]|u(?!ni|se))", "an ", text)
    text = re.sub(r",(?=[?!.]|$)", "", text)
    return re.sub(r"([(\[])\s+", r"\1", text)


@cache
def dictionary(language: str) -> Dictionary:
    """Give that of a language of `SPACED` or `UNSPACED`."""
    terms = _read(language, "terms")
    if language in SPACED:
        # Most need no more than a look.
        terms = {
            key if key.islower() and key.replace(" ", "").isalpha() else _spaced_key(key): value
            for key, value in terms.items()
        }
    return Dictionary(language, terms, lambda: _read(language, "frames"))


def _spaced_key(term: str) -> str:
    """Give a term with its words parted as those of a question are; most are one word."""
    lowered = term.lower()
    return lowered if lowered.isalpha() else " ".join(_tokens(lowered)) or term


def _read(language: str, part: str) -> dict[str, str]:
    told = json.loads((FOLDER / f"{language}.{part}.json").read_text("utf-8"))
    return dict(told)


@cache
def _english() -> frozenset[str]:
    """The words that English has for all that the dictionaries hold.

    `python -m training.english` lists them, since to read all dictionaries takes long.
    """
    return _ENGLISH.union((FOLDER / "english.txt").read_text("utf-8").split("\n"))


def language(text: str, *, page: bool = False) -> str:
    """Tell what language a question is in: "en" where it is none that is known here.

    So is that of a `page`, of whose first words it is told.
    """
    text = text[:_LONGEST] if page else _unquoted(text[:_LONGEST])
    if _KANA.search(text):
        return "ja"
    if len(_HAN.findall(text)) * 4 >= len(text.replace(" ", "")) > 0:
        return "zh"
    words = [word for word in _tokens(text.lower().replace("’", "'")) if word[0].isalpha()]
    if not words or 2 * sum(word in _ENGLISH for word in words) >= len(words):
        return "en"
    at_home = sum(word in _english() for word in words) / len(words)
    if at_home + _MARGIN > 1:
        return "en"  # no language knows more than every word
    best = max(SPACED, key=lambda one: _known(one, words))
    known = _known(best, words) / len(words)
    return best if known >= max(_LEAST, at_home + _MARGIN) else "en"


def _known(language_: str, words: Sequence[str]) -> float:
    known = dictionary(language_)
    # Accents that are right tell more than those left out.
    return sum(1.0 if w in known.terms else 0.9 if known.word(w) is not None else 0 for w in words)


def _unquoted(text: str) -> str:
    return _QUOTED.sub(" ", text)


def english(text: str) -> str:
    """Put a question into English; English stays as it is."""
    source = language(text)
    if source == "en":
        return text
    known = dictionary(source)
    text = text.replace("’", "'").replace("¿", "").replace("¡", "")
    quoted = _QUOTED.findall(text)
    return _put_back(_each_clause(_QUOTED.sub(" 0q0 ", text), known.clause), quoted)


def _each_clause(text: str, translate: Callable[[str], str]) -> str:
    said, at = [], 0
    for end in [*_ENDS.finditer(text), None]:
        clause = text[at : len(text) if end is None else end.start()].strip()
        if clause:
            told = translate(clause)
            mark = "" if end is None else end.group().strip() or "\n"
            said.append(told[:1].upper() + told[1:] + mark.translate(_MARKS))
        at = len(text) if end is None else end.end()
    return " ".join(said)


_MARKS = str.maketrans("？。！；", "?.!;")


def _put_back(text: str, quoted: Sequence[str]) -> str:
    left = iter(quoted)
    return re.sub(r"0q0", lambda _: next(left, ""), text)
