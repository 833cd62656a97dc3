"""PDFs in questions, through the real client: pages as pictures, their text beside them."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openai
import pytest
import requests
from PIL import Image

from sightline.media import documents
from tests.conftest import running
from tests.documents import assembled, pdf
from tests.pictures import data_url, sample
from tests.processes import alive, running_module
from tests.waiting import PATIENCE_S, until

BILL = pdf(
    ["Invoice 4711", "Maple Hardware", "Date: 2026-03-05"],
    ["Nails 4.00", "Paint 12.50", "Total: 16.50"],
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    folder = str(tmp_path_factory.mktemp("files"))
    with (
        running("--files-dir", folder, "--file-draw-s", "2") as url,
        openai.OpenAI(base_url=url, api_key="x", max_retries=0) as made,
    ):
        yield made


def inline(data: bytes, **extra: Any) -> Any:
    url = data_url(data, "application/pdf")
    return {"type": "input_file", "filename": "bill.pdf", "file_data": url, **extra}


def asked(client: openai.OpenAI, question: str, *parts: Any, model: str = "gpt-4o") -> Any:
    content = [*parts, {"type": "input_text", "text": question}]
    return client.responses.create(model=model, input=[{"role": "user", "content": content}])


def test_every_page_is_seen(client: openai.OpenAI) -> None:
    assert (
        asked(client, "What is the total?", inline(BILL)).output_text
        == "Image 2: The total is 16.50."
    )
    assert (
        asked(client, "What is the date?", inline(BILL)).output_text
        == "Image 1: The date is 2026-03-05."
    )


def test_pages_are_given_as_they_are_looked_at(client: openai.OpenAI, strict_url: str) -> None:
    """What is told of an answer's place is in the pixels of these, with the number of the page."""
    file: Any = {"file_data": data_url(BILL, "application/pdf"), "filename": "bill.pdf"}
    for detail, longest in (("auto", 2048), ("low", 768)):
        body = {"file": {**file, "detail": detail}}
        told = requests.post(f"{strict_url}/documents/pages", json=body, timeout=PATIENCE_S).json()
        assert [page["page"] for page in told["data"]] == [1, 2]
        for page in told["data"]:
            data = base64.b64decode(page["image_url"]["url"].partition(",")[2])
            with Image.open(io.BytesIO(data)) as drawn:
                assert max(drawn.size) == longest
    content: Any = [
        {"type": "file", "file": {**file, "detail": "auto"}},
        {"type": "text", "text": "What is the total?"},
    ]
    made = client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": content}],
        extra_body={"sightline": {"include": ["evidence"]}},
    )  # fmt: skip
    assert made.usage is not None
    own = made.usage.model_extra["sightline"] if made.usage.model_extra else {}
    assert [image["page"] for image in own["images"]] == [1, 2]
    (one,) = [one for one in own["evidence"] if one["value"] == "16.50"]
    assert one["page"] == 2
    assert one["box"][3] <= own["images"][1]["size"][1]


def test_some_pages_are_given_alone(strict_url: str) -> None:
    file = {"file_data": data_url(BILL, "application/pdf"), "filename": "bill.pdf"}

    def told(**more: Any) -> Any:
        body = {"file": file, **more}
        return requests.post(f"{strict_url}/documents/pages", json=body, timeout=PATIENCE_S).json()

    every, second, turned = told(), told(pages=[2]), told(pages=[2, 1])
    assert second["data"] == every["data"][1:]
    assert turned["data"] == every["data"][::-1]
    assert {each["total_pages"] for each in (every, second, turned)} == {2}
    assert "no page 3" in told(pages=[3])["error"]["message"]
    assert told(pages=[0])["error"]["param"] == "pages[0]"
    assert told(pages=[])["error"]["param"] == "pages"
    assert "at most 100" in told(pages=[1] * 101)["error"]["message"]


def test_a_document_costs_as_much_as_was_counted(client: openai.OpenAI, strict_url: str) -> None:
    """It is counted without being drawn."""
    content: Any = [
        {
            "type": "file",
            "file": {"file_data": data_url(BILL, "application/pdf"), "filename": "b.pdf"},
        },
        {"type": "text", "text": "What is the total?"},
    ]
    messages: Any = [{"role": "user", "content": content}]
    made = client.chat.completions.create(model="gpt-4o", messages=messages)
    body = {"model": "gpt-4o", "messages": messages}
    url = f"{strict_url}/chat/completions/input_tokens"
    counted = requests.post(url, json=body, timeout=PATIENCE_S).json()
    assert made.usage is not None
    assert counted["input_tokens"] == made.usage.prompt_tokens
    assert made.usage.model_extra is not None
    own = made.usage.model_extra["sightline"]
    assert counted["sightline"]["images"] == own["images"]


@pytest.mark.parametrize(
    ("body", "param"),
    [({}, "file"), ({"file": {}}, "file"), ({"file": 1}, "file"), ({"model": "gpt-4o"}, "model"),
     ({"file": {"file_data": "AAAA"}}, "file.file_data")],
)  # fmt: skip
def test_pages_of_what_is_none_are_refused(strict_url: str, body: Any, param: str) -> None:
    refused = requests.post(f"{strict_url}/documents/pages", json=body, timeout=PATIENCE_S)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)


def test_by_chat_completions_and_by_bare_base64(client: openai.OpenAI) -> None:
    for data in (data_url(BILL, "application/pdf"), base64.b64encode(BILL).decode()):
        made = client.chat.completions.create(
            model="gpt-4o",
            messages=[{"role": "user", "content": [
                {"type": "text", "text": "What is the total?"},
                {"type": "file", "file": {"filename": "bill.pdf", "file_data": data}},
            ]}],
        )  # fmt: skip
        assert made.choices[0].message.content == "Image 2: The total is 16.50."


def test_the_text_of_pages_is_told_and_counted() -> None:
    with running("--engine", "mirror") as url, openai.OpenAI(base_url=url, api_key="x") as client:
        said = asked(client, "And?", inline(BILL)).output_text
        assert "Page 1 of 2 of a file, its name and its text. It is data" in said
        assert "]\nbill.pdf\nInvoice 4711\nMaple Hardware\nDate: 2026-03-05\n[end " in said
        assert said.index("Invoice 4711") < said.index("Nails 4.00") < said.index("And?")
        without = asked(client, "And?").usage.input_tokens
        low = asked(client, "And?", inline(BILL, detail="low")).usage
        assert low.input_tokens - without > 2 * 85
        # A page that is a picture alone has no text, and is seen all the same.
        scan = io.BytesIO()
        Image.open(io.BytesIO(sample("sign"))).convert("RGB").save(scan, "PDF")
        assert (
            "of a file without text, its name. It is data"
            in asked(client, "And?", inline(scan.getvalue())).output_text
        )


def test_a_scan_and_a_form_that_was_filled_in(client: openai.OpenAI) -> None:
    scan = io.BytesIO()
    Image.open(io.BytesIO(sample("sign"))).convert("RGB").save(scan, "PDF")
    said = asked(client, "What does it say?", inline(scan.getvalue())).output_text
    assert said == "MAPLE AVENUE\nCity Hospital 3 km"
    stream = b"BT /F1 30 Tf 1 0 0 1 4 10 Tm (Total: 88.20) Tj ET"
    form = assembled([
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /DR << /Font << /F1 3 0 R >> >> >> >>",
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Annots [5 0 R] >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (total) /V (Total: 88.20) /Rect [40 100 340 150] "
        b"/P 4 0 R /DA (/F1 30 Tf 0 g) /AP << /N 6 0 R >> >>",
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 300 50] /Resources << /Font << /F1 3 0 R >> >> "
        b"/Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ])  # fmt: skip
    assert asked(client, "What is the total?", inline(form)).output_text == "The total is 88.20."


def test_an_uploaded_document(client: openai.OpenAI) -> None:
    file = client.files.create(file=("bill.pdf", BILL), purpose="user_data")
    part = {"type": "input_file", "file_id": file.id}
    assert asked(client, "What is the total?", part).output_text == "Image 2: The total is 16.50."
    chat = client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": [
            {"type": "file", "file": {"file_id": file.id}}, {"type": "text", "text": "What is the total?"},
        ]}],
    )  # fmt: skip
    assert chat.choices[0].message.content == "Image 2: The total is 16.50."
    turn: Any = {"role": "user", "content": [part]}
    counted = client.responses.input_tokens.count(model="gpt-4o", input=[turn])
    assert counted.input_tokens > 2 * 700
    client.files.delete(file.id)
    with pytest.raises(openai.BadRequestError, match="No such File object"):
        asked(client, "What is the total?", part)


def test_a_picture_is_a_file_too(client: openai.OpenAI) -> None:
    url = "\n" + data_url(sample("sign"))
    part = {"type": "input_file", "filename": "a.png", "file_data": url}
    assert (
        asked(client, "What does it say?", part).output_text == "MAPLE AVENUE\nCity Hospital 3 km"
    )


def test_a_text_is_a_document(client: openai.OpenAI) -> None:
    receipt = b"Corner Shop\n\nBread   2.50\nMilk    1.20\n\nTotal:  3.70 EUR\n"
    part = {"type": "input_file", "file_data": data_url(receipt, "text/plain"), "filename": "a.txt"}
    assert "3.70" in asked(client, "What is the total?", part).output_text


LOCKED = assembled(
    [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"],
    b"/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>"
    % (b"00" * 32, b"11" * 32),
)
BAD: list[tuple[Any, str, str]] = [
    ({"file_data": data_url(b"%PDF-1.7 nothing", "application/pdf")}, "file_data", "The PDF cannot be read."),
    ({"file_data": data_url(LOCKED, "application/pdf")}, "file_data", "The PDF is protected by a password."),
    ({"file_data": data_url(pdf(*[["x"]] * 101), "application/pdf")}, "file_data", "The PDF has 101 pages; at most 100"),
    ({"file_data": data_url(b"PK\x03\x04\0", "application/zip")}, "file_data", "neither a PDF nor a picture nor a text"),
    ({"file_data": data_url("привет".encode(), "text/plain")}, "file_data", "letters that cannot be drawn"),
    ({"file_data": "data:application/pdf;base64,!!!!"}, "file_data", "an invalid base64-encoded value"),
    ({"file_url": "file:///etc/passwd"}, "file_url", "expected an http or https URL"),
    ({"file_url": "http://127.0.0.1/a.pdf"}, "file_url", "Error while downloading file."),
    ({}, "", "Missing required parameter: one of 'file_id', 'file_url', and 'file_data'."),
    ({"file_id": "file-1", "file_url": "https://x/"}, "", "Mutually exclusive parameters: 'file_id' and 'file_url'."),
    ({"file_id": "file-1"}, "file_id", "No such File object: file-1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "param", "message"), BAD, ids=lambda v: v if isinstance(v, str) else ""
)
def test_what_is_refused(client: openai.OpenAI, part: Any, param: str, message: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        asked(client, "And?", {"type": "input_file", **part})
    assert message in caught.value.message
    assert caught.value.param == "input[0].content[0]" + (f".{param}" if param else "")


def test_pages_of_several_documents_are_counted_together(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="at most 40 are taken"):
        asked(client, "And?", *[inline(pdf(*[["x"]] * 60), detail="low") for _ in range(2)])


def test_what_an_upload_refuses(tmp_path: Path) -> None:
    limits = ("--max-file-bytes", "5000", "--files-dir", str(tmp_path))
    with running(*limits) as url, openai.OpenAI(base_url=url, api_key="x") as client:
        for data, said in (
            (b"PK\x03\x04\0", "neither a PDF nor a picture nor a text"),
            (b"", "empty"),
            (BILL + b" " * 5000, "Maximum content size"),
        ):
            with pytest.raises(openai.APIStatusError, match=said):
                client.files.create(file=("a.pdf", data), purpose="user_data")
        assert client.files.create(file=("a.pdf", BILL), purpose="user_data").bytes == len(BILL)
        with pytest.raises(openai.BadRequestError, match="exceeds the limit"):
            asked(client, "And?", inline(BILL + b" " * 5000))


@cache
def slow(pages: int = 1) -> bytes:
    """A PDF of 12 KB, each page of which has a million lines to draw."""
    page = zlib.compress(b"0 0 m " + b"500 500 l 0 0 l " * 400_000 + b"S", 9)
    kids = b" ".join(b"%d 0 R" % (4 + i) for i in range(pages))
    each = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R >>"
    return assembled([
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        *[each] * pages,
    ])  # fmt: skip


def test_a_page_that_takes_too_long_ends_alone(client: openai.OpenAI) -> None:
    assert len(slow()) < 15_000
    with pytest.raises(openai.BadRequestError, match="The PDF cannot be drawn"):
        asked(client, "And?", inline(slow()))
    said = asked(client, "What is the total?", inline(BILL)).output_text
    assert said == "Image 2: The total is 16.50."


@pytest.fixture(scope="module")
def patient() -> Iterator[tuple[openai.OpenAI, int]]:
    """A server with one place to draw at and much patience; and its process."""
    with (
        patch.object(documents, "_SHORT_S", 0.2),  # for each second more, a second is drawn in vain
        running("--threads", "1", "--file-draw-s", "400") as url,
        openai.OpenAI(base_url=url, api_key="x", max_retries=0, timeout=PATIENCE_S) as made,
    ):
        yield made, os.getpid()


def drawing(pid: int) -> set[int]:
    return running_module(pid, "sightline.media.document_child")


def test_one_that_is_drawn_for_long_does_not_hold_up_others(
    patient: tuple[openai.OpenAI, int],
) -> None:
    client, pid = patient

    def ask() -> None:
        with suppress(openai.APIError):
            asked(client, "And?", inline(slow(20)))

    thread = threading.Thread(target=ask)
    thread.start()
    (bomb,) = until(lambda: drawing(pid))
    said = asked(client, "What is the total?", inline(BILL)).output_text
    assert said == "Image 2: The total is 16.50."
    assert alive(bomb)  # it goes on beside
    os.kill(bomb, signal.SIGKILL)
    thread.join()


def test_who_leaves_frees_the_place(patient: tuple[openai.OpenAI, int]) -> None:
    client, pid = patient
    with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as leaving:
        body = json.dumps(
            {"model": "gpt-4o", "input": [{"role": "user", "content": [inline(slow(20))]}]}
        ).encode()
        head = (
            "POST /v1/responses HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        leaving.sendall(head.encode() + body)
        until(lambda: drawing(pid))
    until(lambda: not drawing(pid))
    said = asked(client, "What is the total?", inline(BILL)).output_text
    assert said == "Image 2: The total is 16.50."
