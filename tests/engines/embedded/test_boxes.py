"""Boxes in the form that a prompt asks for, and examples of JSON that people write by hand."""

from __future__ import annotations

from typing import Any

import pytest

from sightline.engines.embedded.eyes import box_formats
from sightline.engines.embedded.structured import json_by_example

PLACED = box_formats.PlacedBox((64, 48, 128, 240), 640, 480)


@pytest.mark.parametrize(
    ("wording", "numbers"),
    [
        ("Give the boxes.", [64, 48, 128, 240]),
        ("as [x1, y1, x2, y2]", [64, 48, 128, 240]),
        ("[x0, y0, x1, y1] please", [64, 48, 128, 240]),
        ("in COCO format", [64, 48, 64, 192]),
        ("x, y, width and height? No: x, y, width, height", [64, 48, 64, 192]),
        ("[ymin, xmin, ymax, xmax] normalized to 0-1000", [100, 100, 500, 200]),
        ("(left, top, right, bottom) between 0 and 1", [0.1, 0.1, 0.2, 0.5]),
        ("YOLO boxes", [0.15, 0.3, 0.1, 0.4]),
        ("x_center y_center width height, normalised", [0.15, 0.3, 0.1, 0.4]),
        ("corners in percent: xmin, ymin, xmax, ymax from 0 to 100", [10, 10, 20, 50]),
        ("normalized 0-1 coordinates in pixels of nothing", [0.1, 0.1, 0.2, 0.5]),
    ],
)
def test_boxes_are_written_as_a_prompt_wants(wording: str, numbers: list[float]) -> None:
    assert PLACED.listed(box_formats.form_of(wording)) == numbers


@pytest.mark.parametrize(
    ("key", "schema", "order", "value"),
    [
        ("bbox", {"type": "array"}, None, [64, 48, 128, 240]),
        ("bbox", {"type": "array", "description": "xywh"}, ["x", "y", "w", "h"], [64, 48, 64, 192]),
        (
            "box",
            {"properties": {"x": {}, "y": {}, "w": {}, "h": {}}},
            None,
            {"x": 64, "y": 48, "w": 64, "h": 192},
        ),
        (
            "box",
            {
                "description": "normalized",
                "properties": {side: {} for side in ("x1", "y1", "x2", "y2")},
            },
            None,
            {"x1": 0.1, "y1": 0.1, "x2": 0.2, "y2": 0.5},
        ),
        ("center", {"type": "array"}, ["x", "y"], [96, 144]),
        ("box", {"type": "string"}, None, None),
    ],
)
def test_boxes_are_written_as_a_schema_has_them(
    key: str, schema: dict[str, Any], order: list[str] | None, value: Any
) -> None:
    assert box_formats.written(PLACED, key, schema, order, box_formats.BoxFormat()) == value


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        (
            'Return [{"label": "...", "box": [x, y, w, h]}] only',
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "label": {},
                        "box": {
                            "type": "array",
                            "items": {"type": "number"},
                            "x-order": ["x", "y", "w", "h"],
                        },
                    },
                },
            },
        ),
        (
            "{'total': float, 'paid': true, 'kind': 'cash|card', 'note': string | null, // or not\n}",
            {
                "type": "object",
                "properties": {
                    "total": {"type": "number"},
                    "paid": {"type": "boolean"},
                    "kind": {"enum": ["cash", "card"]},
                    "note": {"type": "string"},
                },
            },
        ),
        (
            '{"rows": [{"day": "Monday", "price": 3.5}, ...]}',
            {
                "type": "object",
                "properties": {
                    "rows": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "day": {"description": "Monday"},
                                "price": {"type": "number"},
                            },
                        },
                    }
                },
            },
        ),
        ("No braces at all", None),
        ('broken {"a": [1, 2', None),
        ("{" * 50, None),
    ],
)
def test_examples_of_json_are_schemas(text: str, schema: dict[str, Any] | None) -> None:
    assert json_by_example.example(text) == schema
