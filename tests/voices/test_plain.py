"""What of a text is read out, and in which language."""

from __future__ import annotations

import pytest

from sightline.voices.language import stretches
from sightline.voices.plain_text import plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("***Both*** and ~~old~~ and __strong__ words", "Both and old and strong words"),
        ("> quoted\n> twice", "quoted twice"),
        ("Title\n=====\nText", "Title Text"),
        ("Above\n\n---\n\nbelow", "Above below"),
        ("Above\n# \n##\nbelow", "Above below"),
        ("- [ ] to do\n- [x] done", "to do done"),
        ("```python\nprint(1)\n```", "print(1)"),
        ("![a ship](ship.png) and [![badge](b.svg)](https://a.b/c)", "a ship and badge"),
        ("[pier](<a b.html> \"title\"), [quay](x_(y).html), [dock][1]\n\n[1]: https://a.b/c", "pier, quay, dock"),
        ("Look at https://www.example.com/a/b?c=d#e, or <https://example.org>.", "Look at example.com, or example.org."),
        ("Write to <info@example.com>.[^2]", "Write to info@example.com."),
        ("Two<br/>lines <!-- unseen --> <span class='x'>here</span>", "Two lines here"),
        ("<style>p { color: red }</style>Words", "Words"),
        ("Flags 🇩🇪🇫🇷, a key 1️⃣, a family 👨‍👩‍👧, a thumb 👍🏽", "Flags, a key 1, a family, a thumb"),
        ("See [the docs](https://a.b/c) 🚀. Thanks :-) <3", "See the docs. Thanks"),
        ("Visit www.example.org/path?x=1.", "Visit example.org."),
        ("***Very* important** price*, *args", "Very important price, args"),
        # These are no marks.
        ("5 * 3 * 2 = 30, and 2*3*4", "5 * 3 * 2 = 30, and 2*3*4"),
        ("snake_case_name is #1; AT&T > 5, a < b and c > d", "snake_case_name is #1; AT&T > 5, a < b and c > d"),
        ("It costs 5 € (or 6 $) – at 10:30 [sic].", "It costs 5 € (or 6 $) – at 10:30 [sic]."),
        ("\\*not marked\\*", "*not marked*"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner of letters, not of emoji
    ],
)  # fmt: skip
def test_words_are_left_and_marks_are_not(text: str, said: str) -> None:
    assert " ".join(plain(text).split()) == said


@pytest.mark.parametrize(
    ("sentence", "cut"),
    [
        ("Hello, world 12.", [("", "Hello, world 12.")]),
        ("The word мир means peace, π is 3.", [("", "The word "), ("ru", "мир "), ("", "means peace, π is 3.")]),
        ("我喜欢Python和JavaScript。", [("zh", "我喜欢"), ("", "Python和JavaScript。")]),
        ("12 судов в порту", [("ru", "12 судов в порту")]),
        ("было 3 °C, потом", [("ru", "было 3 °C, потом")]),
        ("Подъезд, объект", [("ru", "Подъезд, объект")]),
        ("Ћирилица", [("sr", "Ћирилица")]),
        ("یہ کتاب ہے", [("ur", "یہ کتاب ہے")]),
        ("…", [("", "…")]),
        ("", [("", "")]),
    ],
)  # fmt: skip
def test_a_sentence_is_cut_where_its_language_changes(
    sentence: str, cut: list[tuple[str, str]]
) -> None:
    assert stretches(sentence, sentence) == cut


def test_a_text_tells_for_its_sentences() -> None:
    assert stretches("Он тут.", "Він тут, її нема. Он тут.") == [("uk", "Он тут.")]
