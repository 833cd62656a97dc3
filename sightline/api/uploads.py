"""Where a request's pictures, films and documents are, and the uploaded files among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sightline.types import FileRef, ImageRef, Inline, Part, Question, Uploaded, Url


def is_web(url: str) -> bool:
    """Say whether `url` is to be fetched over http or https."""
    return url[:8].lower().startswith(("http://", "https://"))


def source(url: str) -> Url | Inline:
    """Take a client's URL for what it is; what is none over http or https is to be a data URL."""
    bare = unspaced(url)
    return Url(bare) if is_web(bare) else Inline(bare)


def unspaced(url: str) -> str:
    """Take white space off the front of a data URL, where templates and wrapped lines leave it."""
    bare = url.lstrip()  # the same text, not copied, where there is none
    return bare if bare[:5].lower() == "data:" else url


def as_data_url(text: str) -> str:
    """Take base64 with or without a data URL's prefix for a data URL of a picture."""
    bare = unspaced(text)
    return bare if bare[:5].lower() == "data:" else f"data:image/unknown;base64,{bare}"


def wanted(question: Question) -> Iterator[tuple[str, ImageRef | FileRef]]:
    """Give the ids of the uploaded files that a question holds, each with its part."""
    refs: tuple[ImageRef | FileRef, ...] = (*question.images, *question.files)
    for ref in refs:
        if isinstance(ref.source, Uploaded):
            yield ref.source.id, ref


def placed(question: Question, found: Mapping[str, tuple[str, str]]) -> Question:
    """Put what was uploaded where its id stands: `found` gives data URL and name for each id."""

    def put(part: Part) -> tuple[Part]:
        if not isinstance(part, ImageRef | FileRef) or not isinstance(part.source, Uploaded):
            return (part,)
        url, name = found[part.source.id]
        if isinstance(part, FileRef):
            return (replace(part, source=Inline(url), name=name),)
        return (replace(part, source=Inline(url)),)

    return question.with_parts(put)
