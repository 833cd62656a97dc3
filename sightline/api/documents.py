"""`/v1/documents/pages`: a document in, the pictures of its pages out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.api.fields import Array, Given, Integer, Object
from sightline.api.parts import document
from sightline.types import ImageRef, Inline, PageNote, Part


@dataclass(frozen=True, slots=True)
class PagesWanted:
    """A document, and which of its pages, the first of which is 1; none for all."""

    file: Part
    pages: tuple[int, ...]


def _wanted(given: Given) -> PagesWanted:
    return PagesWanted(given("file"), given("pages") or ())


REQUEST: Object[PagesWanted] = Object(
    {"file": document(), "pages": Array(Integer(1), least=1, noun="integers")},
    _wanted,
    required=("file",),
    closed=True,
)


def parse(body: Mapping[str, Any]) -> PagesWanted:
    """Read `{"file": {"file_data": …, "filename": …, "detail": …}, "pages": [1, 2]}`.

    The file is as a part of chat has it. Raises `InvalidRequest`.
    """
    given = REQUEST.given(body)
    given.refuse_unknown()
    given.require("file")
    return REQUEST.make(given)


def pages(found: Sequence[Part]) -> dict[str, Any]:
    """Write a document's pages, each as a data URL, and how many it has."""
    images = [part for part in found if isinstance(part, ImageRef)]
    data = [
        {
            "object": "document.page",
            "page": image.page or number,
            "image_url": {"url": image.source.url},
        }
        for number, image in enumerate(images, 1)
        if isinstance(image.source, Inline)
    ]
    of = next((part.of for part in found if isinstance(part, PageNote)), len(data))
    return {"object": "list", "data": data, "total_pages": of}
