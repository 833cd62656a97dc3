"""Uploaded files in a request, which stand there by id until their bytes are put in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sightline.types import FileRef, ImageRef, Part, Question

_FILE = "\0file:"  # no URL of a client begins so: it is put before an id


def by_id(id: str) -> str:
    """Write what stands in place of a URL."""
    return _FILE + id


def named(url: str) -> str:
    """Give a URL as a client wrote it, which is never an id."""
    return unspaced(url.lstrip("\0"))


def unspaced(url: str) -> str:
    """Take white space off the front of a data URL, where templates and wrapped lines leave it."""
    bare = url.lstrip()  # the same text, not copied, where there is none
    return bare if bare[:5].lower() == "data:" else url


def wanted(question: Question) -> Iterator[tuple[str, ImageRef | FileRef]]:
    """Give the ids of the uploaded files that a question holds, each with its part."""
    refs: tuple[ImageRef | FileRef, ...] = (*question.images, *question.files)
    for ref in refs:
        if ref.url.startswith(_FILE):
            yield ref.url[len(_FILE) :], ref


def placed(question: Question, found: Mapping[str, tuple[str, str]]) -> Question:
    """Put what was uploaded where its id stands: `found` gives data URL and name for each id."""

    def put(part: Part) -> Part:
        if not isinstance(part, ImageRef | FileRef) or not part.url.startswith(_FILE):
            return part
        url, name = found[part.url[len(_FILE) :]]
        if isinstance(part, FileRef):
            return replace(part, url=url, name=name)
        return replace(part, url=url)

    turns = (replace(m, parts=tuple(put(part) for part in m.parts)) for m in question.messages)
    return replace(question, messages=tuple(turns))
