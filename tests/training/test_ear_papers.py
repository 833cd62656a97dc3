"""Drawn papers: what they tell stands where they say, and a seed gives the same paper."""

from __future__ import annotations

import re

import numpy as np
import pytest

from training.ear import subjects
from training.ear.paper import Paper, Span, draw, kinds, render, wear


def said(paper: Paper, spans: tuple[Span, ...]) -> str:
    for span in spans:
        assert 0 <= span.start < span.end <= len(paper.cells[span.cell].text), (paper.kind, span)
    return " ".join(paper.cells[s.cell].text[s.start : s.end] for s in spans)


def overlapping(paper: Paper) -> list[tuple[str, str]]:
    boxes = np.array([c.box for c in paper.cells])
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    low, high = (
        np.maximum(boxes[:, None, :2], boxes[None, :, :2]),
        np.minimum(boxes[:, None, 2:], boxes[None, :, 2:]),
    )
    shared = np.prod(np.clip(high - low, 0, None), axis=2) / np.minimum(area[:, None], area[None])
    np.fill_diagonal(shared, 0)
    return [
        (paper.cells[a].text, paper.cells[b].text) for a, b in np.argwhere(np.triu(shared > 0.15))
    ]


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_tells_what_stands_on_it(kind: str) -> None:
    told: set[str] = set()
    for seed in range(20):
        paper = draw(kind, seed)
        assert paper.cells
        for cell in paper.cells:
            assert cell.text.strip() == cell.text != ""
            x0, y0, x1, y1 = cell.box
            assert -1 <= x0 < x1 <= paper.width + 1, (kind, seed, cell)
            assert -1 <= y0 < y1 <= paper.height + 1, (kind, seed, cell)
        assert not overlapping(paper), (kind, seed)
        for fact in paper.facts:
            assert said(paper, fact.spans) == fact.value, (kind, seed)
            said(paper, fact.label)
        for table in paper.tables:
            assert table.rows
            assert all(len(row) == len(table.columns) for row in table.rows)
            for row in table.rows:
                for cell_spans in row:
                    said(paper, cell_spans)
        known = {f.meaning for f in paper.facts} | {
            c.meaning for t in paper.tables for c in t.columns
        }
        assert not known & paper.absent
        assert paper.facts or paper.tables
        told |= known
    assert told


def test_a_seed_gives_the_same_paper() -> None:
    for kind in kinds():
        assert draw(kind, 7) == draw(kind, 7)
    assert draw("invoice", 1) != draw("invoice", 2)


def test_papers_become_pictures_that_may_be_worn() -> None:
    paper = draw("card_slip", 3)
    image = render(paper)
    assert image.size == (paper.width, paper.height)
    assert np.asarray(image.convert("L")).std() > 5
    assert np.array_equal(np.asarray(wear(image, 5)), np.asarray(wear(image, 5)))
    assert not np.array_equal(np.asarray(wear(image, 5)), np.asarray(wear(image, 6)))


def test_questions_about_whole_papers_ask_for_what_is_on_them() -> None:
    found = subjects.documents()
    assert len(found) > 1900
    for document in found:
        slots = subjects.slots(document.page)
        assert not set("{}") & set(subjects.written(document.page, dict.fromkeys(slots, "")))
        worked_out = document.worked_out.values()
        for asked in (document.ask, document.both, document.yes, document.no, *worked_out):
            for key, questions in asked.items():
                assert set(key.split("+")) <= set(slots), (document.kind, key)
                assert questions, (document.kind, key)
                for question in questions:
                    assert set(re.findall(r"\{(\w+)\}", question)) <= set(slots), question
        assert document.absent, document.kind
