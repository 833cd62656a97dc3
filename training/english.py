"""Lists the English words that the dictionaries of other languages put words into.

Run from the root of the repository: `python -m training.english` writes `english.txt` beside the
dictionaries, by which a page or a question is known to be English before any of them is read.
"""

from __future__ import annotations

from sightline.engines.embedded.languages import FOLDER, SPACED, _tokens, dictionary


def words() -> list[str]:
    """Give the words, sorted."""
    said = {text for language in SPACED for text in dictionary(language).terms.values()}
    return sorted({word for word in _tokens("\n".join(said).lower()) if word[0].isalpha()})


if __name__ == "__main__":
    (FOLDER / "english.txt").write_text("\n".join(words()), "utf-8")
