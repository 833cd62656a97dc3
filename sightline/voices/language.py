"""The language that a text is written in, as far as its letters tell.

Voices have to be told it: one that is at home in English spells Cyrillic out. Latin letters are
those of too many languages, so nothing is said of them. Pure text.
"""

from __future__ import annotations

import re
from bisect import bisect_right

# Where the letters of a script begin and end, in order.
_RANGES = (
    (0x0370, 0x03FF, "el"), (0x0400, 0x052F, "Cyrillic"), (0x0531, 0x058F, "hy"),
    (0x0590, 0x05FF, "he"), (0x0600, 0x06FF, "Arabic"), (0x0750, 0x077F, "Arabic"),
    (0x0900, 0x097F, "hi"), (0x0980, 0x09FF, "bn"), (0x0A00, 0x0A7F, "pa"), (0x0A80, 0x0AFF, "gu"),
    (0x0B00, 0x0B7F, "or"), (0x0B80, 0x0BFF, "ta"), (0x0C00, 0x0C7F, "te"), (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"), (0x0D80, 0x0DFF, "si"), (0x0E00, 0x0E7F, "th"), (0x1000, 0x109F, "my"),
    (0x10A0, 0x10FF, "ka"), (0x1100, 0x11FF, "ko"), (0x1200, 0x139F, "am"), (0x1F00, 0x1FFF, "el"),
    (0x3041, 0x30FF, "Kana"), (0x3130, 0x318F, "ko"), (0x3400, 0x4DBF, "Han"),
    (0x4E00, 0x9FFF, "Han"), (0xAC00, 0xD7AF, "ko"), (0xF900, 0xFAFF, "Han"),
    (0xFB1D, 0xFB4F, "he"), (0xFB50, 0xFDFF, "Arabic"), (0xFE70, 0xFEFC, "Arabic"),
    (0x20000, 0x323AF, "Han"),
)  # fmt: skip
_BEGINS = [first for first, _, _ in _RANGES]
# What one language has of those that share a script; the first that is found tells.
_TELLING = {
    "Cyrillic": (
        ("sr", re.compile("[ђјљњћџ]")), ("mk", re.compile("[ѓќѕ]")), ("be", re.compile("ў")),
        ("kk", re.compile("[ұғқә]")), ("uk", re.compile("[їєґі]")), ("ru", re.compile("[ыэё]")),
        ("bg", re.compile("ъ(?![еюя])")),
    ),
    "Arabic": (("ur", re.compile("[ٹڈڑںےہ]")), ("fa", re.compile("[پچژگکی]"))),
}  # fmt: skip
_USUAL = {"Cyrillic": "ru", "Arabic": "ar"}
_LATIN = ""
_FEW = 2  # letters of another script that begin a stretch of it: one alone is a sign, such as π


def stretches(sentence: str, text: str) -> list[tuple[str, str]]:
    """Cut a sentence of a text where its language changes; give (language, words) of each stretch.

    The language is empty where its letters tell none. Signs and digits go with what is before them.
    """
    told = _told(sentence, text)
    cut: list[tuple[str, str]] = []
    language, begun, at = None, 0, 0
    while at < len(sentence):
        found = _language(sentence[at], told)
        if found is None:
            at += 1
            continue
        end = at + 1
        while end < len(sentence) and _language(sentence[end], told) == found:
            end += 1
        if language is None:
            language = found
        elif found != language and (end - at >= _FEW or _is_word(sentence, at, found)):
            cut.append((language, sentence[begun:at]))
            language, begun = found, at
        at = end
    return [*cut, (language or _LATIN, sentence[begun:])]


def _is_word(sentence: str, at: int, language: str) -> bool:
    """Say whether one letter alone is a word of a language: a Latin one that is no degree's."""
    return language == _LATIN and sentence[:at].rstrip()[-1:] != "°"


def _script(letter: str) -> str | None:
    """Give the script of a letter, None for a sign that every script has."""
    code = ord(letter)
    place = bisect_right(_BEGINS, code) - 1
    if place >= 0 and code <= _RANGES[place][1]:
        return _RANGES[place][2]
    return _LATIN if letter.isalpha() else None


def _language(letter: str, told: dict[str, str]) -> str | None:
    script = _script(letter)
    return None if script is None else told.get(script, script)


def _told(sentence: str, text: str) -> dict[str, str]:
    """Find out which language each script stands for that several languages share."""
    text = text.lower()
    told = dict(_USUAL)
    for script, languages in _TELLING.items():
        told[script] = next((name for name, sign in languages if sign.search(text)), told[script])
    # Japanese is written in both, sentence by sentence; Chinese never in kana.
    kana = any("\u3041" <= letter <= "\u30ff" and letter != "・" for letter in sentence)
    return {**told, "Kana": "ja", "Han": "ja" if kana else "zh"}
