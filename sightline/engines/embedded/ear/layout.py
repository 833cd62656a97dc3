"""What is printed on a page, made out once for all that is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from sightline.engines.embedded import languages
from sightline.engines.embedded.ear.facts import Fact, by_row, facts, text_of
from sightline.engines.embedded.ear.tables import Table, tables
from sightline.engines.embedded.ear.tokens import Word, words_of
from sightline.perception.rows import Row

if TYPE_CHECKING:
    from sightline.engines.embedded.ear.matcher import Page
    from sightline.perception.charts import Chart
    from sightline.perception.check_boxes import CheckBox


class Layout:
    """The words, facts and tables of rows of text.

    `page` is them as the network reads them, `check_boxes` are the boxes to tick beside them and `chart` what they
    are the print of, once these have been asked about.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self.page: Page | None = None
        self.check_boxes: tuple[CheckBox, ...] | None = None
        self.chart: Chart | None = None
        self.looked_for_chart = False

    @cached_property
    def words(self) -> list[Word]:
        """Words in reading order."""
        return words_of(self._rows)

    @cached_property
    def facts(self) -> list[Fact]:
        """Facts in reading order; every word is of exactly one."""
        return facts(self.words)

    @cached_property
    def language(self) -> str:
        """What the page is written in, as far as `languages` tell it apart."""
        return languages.language(" ".join(word.text for word in self.words), page=True)

    @cached_property
    def in_english(self) -> tuple[list[Word], list[Fact]]:
        """The words and facts with each known word of another language put into English."""
        if self.language not in languages.SPACED:
            return self.words, self.facts
        each = languages.dictionary(self.language).each_word
        said = [replace(word, text=each(word.text) or word.text) for word in self.words]
        told = [
            replace(
                fact, text=text_of(said, fact.words),
                around={role: each(text) for role, text in fact.around.items()},
            )
            for fact in self.facts
        ]  # fmt: skip
        return said, told

    @cached_property
    def rows(self) -> dict[int, list[Fact]]:
        """The facts of each row, by its number."""
        return by_row(self.facts)

    @cached_property
    def tables(self) -> list[Table]:
        """Tables from the top."""
        return tables(self.facts)
