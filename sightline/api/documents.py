"""`/v1/documents/pages`: a document in, the pictures of its pages out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sightline.api.fields import Given, Object
from sightline.api.parts import document
from sightline.types import ImageRef, Inline, Part


def _file(given: Given) -> Part:
    part: Part = given("file")
    return part


REQUEST: Object[Part] = Object({"file": document()}, _file, required=("file",), closed=True)


def parse(body: Mapping[str, Any]) -> Part:
    """Read `{"file": {"file_data": …, "filename": …, "detail": …}}`, as a part of chat has it.

    Raises `InvalidRequest`.
    """
    given = REQUEST.given(body)
    given.refuse_unknown()
    given.require("file")
    return REQUEST.make(given)


def pages(found: Sequence[ImageRef]) -> dict[str, Any]:
    """Write a document's pages, each as a data URL."""
    data = [
        {"object": "document.page", "page": number, "image_url": {"url": page.source.url}}
        for number, page in enumerate(found, 1)
        if isinstance(page.source, Inline)
    ]
    return {"object": "list", "data": data}
