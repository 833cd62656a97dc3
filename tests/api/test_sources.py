"""Where a picture is, as a request's JSON names it: a type, read once."""

from __future__ import annotations

import pytest

from sightline.api import parts, responses, uploads
from sightline.api.response_reply import Answer
from sightline.types import FileRef, ImageRef, Inline, Message, Part, Question, Uploaded, Url

DATA = "data:image/png;base64,AAAA"


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ({"type": "image_url", "image_url": {"url": "HTTPS://a.example/b"}}, Url("HTTPS://a.example/b")),
        ({"type": "image_url", "image_url": f" \n{DATA}"}, Inline(DATA)),
        ({"type": "image_url", "image_url": "\0file:file-1"}, Inline("\0file:file-1")),
        ({"type": "video_url", "video_url": {"url": "http://a.example/c"}}, Url("http://a.example/c")),
        ({"type": "file", "file": {"file_id": "file-1"}}, Uploaded("file-1")),
        ({"type": "file", "file": {"file_data": "AAAA"}}, Inline("data:application/pdf;base64,AAAA")),
    ],
)  # fmt: skip
def test_a_part_names_where_it_is(part: dict[str, object], source: object) -> None:
    read = parts.PART.check(part, "here")
    assert getattr(read, "source", None) == source
    assert "AAAA" not in repr(read)
    assert "example" not in repr(read)


def test_uploaded_files_are_put_where_their_ids_stand() -> None:
    parts: tuple[Part, ...] = (
        ImageRef(Uploaded("file-1"), "a"),
        FileRef(Uploaded("file-2"), "b"),
        ImageRef(Url("https://a.example/b"), "c"),
    )
    question = Question("gpt-4o", (Message("user", parts),))
    assert [id for id, _ in uploads.wanted(question)] == ["file-1", "file-2"]
    found = {"file-1": (DATA, "a.png"), "file-2": (DATA, "b.pdf")}
    placed = uploads.placed(question, found).messages[0].parts
    assert placed == (
        ImageRef(Inline(DATA), "a"),
        FileRef(Inline(DATA), "b", name="b.pdf"),
        parts[2],
    )


def test_what_is_kept_of_a_response_weighs_its_documents_too() -> None:
    large = Inline("data:application/pdf;base64," + "A" * 1_000_000)
    part = {"type": "input_file", "file_data": large.url}
    asked = responses.parse({"model": "gpt-4o", "input": [{"role": "user", "content": [part]}]})
    assert Answer(asked, 0, stored=True).weight > 2_000_000
