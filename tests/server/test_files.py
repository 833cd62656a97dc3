"""`/v1/files` through the real client."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
import requests

from tests.conftest import running, started
from tests.pictures import sample
from tests.server.test_keys import added
from tests.waiting import PATIENCE_S


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with running("--files-dir", str(folder), "--files-quota-bytes", "200000") as made:
        yield made


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key="x", max_retries=0) as made:
        yield made
        for file in made.files.list():
            made.files.delete(file.id)


def test_a_picture_is_uploaded_and_asked_about(client: openai.OpenAI, folder: Path) -> None:
    file = client.files.create(file=("my sign.png", sample("sign")), purpose="vision")
    assert file.id.startswith("file-")
    assert (file.filename, file.purpose, file.bytes) == ("my sign.png", "vision", len(sample("sign")))  # fmt: skip
    assert file.expires_at is not None
    assert file.expires_at - file.created_at == 3600
    made = client.responses.create(
        model="gpt-4o",
        input=[{"role": "user", "content": [
            {"type": "input_text", "text": "What does it say?"},
            {"type": "input_image", "file_id": file.id, "detail": "auto"},
        ]}],
    )  # fmt: skip
    assert made.output_text == "MAPLE AVENUE\nCity Hospital 3 km"
    assert client.files.content(file.id).read() == sample("sign")
    assert client.files.retrieve(file.id) == file
    # Names on the disk are the server's own.
    assert {path.name for path in folder.iterdir()} == {"index.sqlite", file.id}
    assert (folder / file.id).stat().st_mode & 0o777 == 0o600
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError, match="No such File object"):
        client.files.retrieve(file.id)
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(
            model="gpt-4o",
            input=[{"role": "user", "content": [{"type": "input_image", "file_id": file.id, "detail": "low"}]}],
        )  # fmt: skip
    assert caught.value.param == "input[0].content[0].file_id"


def test_pages(client: openai.OpenAI) -> None:
    ids = [
        client.files.create(file=("a.png", sample("sign")), purpose="vision").id for _ in range(5)
    ]
    first = client.files.list(limit=2)
    assert [f.id for f in first.data] == [ids[4], ids[3]]
    assert first.has_more
    assert [f.id for f in client.files.list(limit=2)] == ids[::-1]  # the client turns the pages
    assert [f.id for f in client.files.list(order="asc", after=ids[2])] == ids[3:]
    assert client.files.list(purpose="batch").data == []


def test_files_of_every_purpose(client: openai.OpenAI) -> None:
    sent: list[tuple[Any, bytes]] = [
        ("assistants", b"PK\x03\x04\0"), ("fine-tune", b"{}"), ("evals", b"{}"), ("batch", b"{}"),
        ("user_data", b"The total is 5."), ("user_data", sample("sign")), ("vision", sample("sign")),
    ]  # fmt: skip
    for purpose, data in sent:
        file = client.files.create(file=("a", data), purpose=purpose)
        assert (file.purpose, file.bytes) == (purpose, len(data))
        client.files.delete(file.id)
    with pytest.raises(openai.BadRequestError, match="neither a PDF nor a picture nor a text"):
        client.files.create(file=("a.zip", b"PK\x03\x04\0"), purpose="user_data")


def test_how_long_it_is_kept(client: openai.OpenAI) -> None:
    file = client.files.create(
        file=("a.png", sample("sign")), purpose="vision",
        expires_after={"anchor": "created_at", "seconds": 7200},
    )  # fmt: skip
    assert file.expires_at == file.created_at + 7200
    with pytest.raises(openai.BadRequestError):
        client.files.create(
            file=("a.png", sample("sign")), purpose="vision",
            expires_after={"anchor": "created_at", "seconds": 5},
        )  # fmt: skip


def test_what_is_refused(client: openai.OpenAI, url: str, folder: Path) -> None:
    with pytest.raises(openai.BadRequestError, match="unsupported image"):
        client.files.create(file=("a.png", b"no picture"), purpose="vision")
    with pytest.raises(openai.BadRequestError) as caught:
        client.files.create(file=("a.png", sample("sign")), purpose="dance")  # type: ignore[arg-type]
    assert caught.value.param == "purpose"
    nothing = {"purpose": (None, "vision")}
    assert requests.post(f"{url}/files", files=nothing, timeout=PATIENCE_S).status_code == 400
    assert (
        requests.post(f"{url}/files", data={"purpose": "vision"}, timeout=PATIENCE_S).status_code
        == 415
    )
    assert requests.post(f"{url}/files", json={}, timeout=PATIENCE_S).status_code == 415
    for name in ("../../etc/passwd", "..\\x", "a\x00b.png", "x" * 400):
        file = client.files.create(file=(name, io.BytesIO(sample("sign"))), purpose="vision")
        assert "/" not in file.filename
        assert "\\" not in file.filename
        client.files.delete(file.id)
    statuses = set()
    for _ in range(20):
        form = {"purpose": "vision"}
        sent = requests.post(
            f"{url}/files",
            data=form,
            files={"file": ("a.png", sample("poster"))},
            timeout=PATIENCE_S,
        )
        statuses.add((sent.status_code, sent.json().get("error", {}).get("code")))
    assert statuses == {(200, None), (400, "quota_exceeded")}
    assert sum(p.stat().st_size for p in folder.glob("file-*")) <= 200_000


def test_files_are_their_owners_own_and_outlive_the_server(tmp_path: Path) -> None:
    ann, bob = added(tmp_path, "ann"), added(tmp_path, "bob")
    flags = ("--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite"), "--files-dir", str(tmp_path / "f"))  # fmt: skip
    with running(*flags) as url, openai.OpenAI(base_url=url, api_key=ann) as client:
        file = client.files.create(file=("a.png", sample("sign")), purpose="vision")
        with openai.OpenAI(base_url=url, api_key=bob, max_retries=0) as other:
            assert other.files.list().data == []
            for refused in (other.files.retrieve, other.files.content, other.files.delete):
                with pytest.raises(openai.NotFoundError):
                    refused(file.id)
            with pytest.raises(openai.BadRequestError, match="No such File object"):
                other.responses.create(
                    model="gpt-4o",
                    input=[{"role": "user", "content": [{"type": "input_image", "file_id": file.id, "detail": "low"}]}],
                )  # fmt: skip
    with running(*flags) as url, openai.OpenAI(base_url=url, api_key=ann) as client:
        assert client.files.content(file.id).read() == sample("sign")


def test_a_key_has_a_quota_of_its_own_that_is_known_before_anything_is_read(tmp_path: Path) -> None:
    ann, bob = added(tmp_path, "ann"), added(tmp_path, "bob")
    flags = ("--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite"),
             "--files-dir", str(tmp_path / "f"), "--files-key-quota-bytes", "100000")  # fmt: skip
    lines = b"{}\n" * 20_000
    with running(*flags) as url:

        def send(key: str, data: bytes) -> requests.Response:
            head = {"authorization": f"Bearer {key}"}
            form = {"purpose": "batch"}
            return requests.post(f"{url}/files", data=form, files={"file": data}, headers=head, timeout=PATIENCE_S)  # fmt: skip

        assert send(ann, lines).status_code == 200
        refused = send(ann, lines)
        assert refused.status_code == 400
        assert refused.json()["error"]["code"] == "quota_exceeded"
        assert send(bob, lines).status_code == 200
        # The smallest take a block of the disk each.
        many = [send(ann, b"{}") for _ in range(15)]
        assert [m.status_code for m in many].count(400) >= 5
        # One that is too large is refused while none of it has come.
        address = urlsplit(url)
        with socket.create_connection((str(address.hostname), address.port or 0)) as waiting:
            waiting.sendall(
                f"POST /v1/files HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {bob}\r\n"
                "Content-Type: multipart/form-data; boundary=x\r\n"
                "Content-Length: 9000000\r\n\r\n".encode()
            )
            said = waiting.recv(65536)
            assert said.startswith(b"HTTP/1.1 400")


def test_what_has_expired_is_gone(tmp_path: Path) -> None:
    with running("--file-keep-s", "1", "--files-dir", str(tmp_path)) as url, openai.OpenAI(base_url=url, api_key="x") as client:  # fmt: skip
        file = client.files.create(file=("a.png", sample("sign")), purpose="vision")
        while True:
            try:
                client.files.retrieve(file.id)
            except openai.NotFoundError:
                break
        assert not list(tmp_path.glob("file-*"))


def test_what_a_killed_server_had_begun_to_write_is_swept(tmp_path: Path) -> None:
    old, new = tmp_path / f"file-{'0' * 24}", tmp_path / f"file-{'1' * 24}"
    part, other = tmp_path / f"file-{'2' * 24}x.part", tmp_path / "file-of-mine"
    with running("--files-dir", str(tmp_path)) as url, openai.OpenAI(base_url=url, api_key="x") as client:  # fmt: skip
        kept = client.files.create(file=("a.png", sample("sign")), purpose="vision")
    for path in (old, new, part, other, tmp_path / kept.id):
        path.touch()
        if path != new:  # that one may be another server's, which is writing it
            os.utime(path, (0, 0))
    with running("--files-dir", str(tmp_path)) as url, openai.OpenAI(base_url=url, api_key="x") as client:  # fmt: skip
        assert [file.id for file in client.files.list()] == [kept.id]
    assert sorted(path.name for path in tmp_path.glob("file-*")) == sorted(
        (kept.id, new.name, other.name)
    )


def test_without_retention_no_file_is_taken(tmp_path: Path) -> None:
    env = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    with started("--engine", "mirror", "--zero-retention", env=env) as (url, _), openai.OpenAI(base_url=url, api_key="x") as client:  # fmt: skip
        with pytest.raises(openai.BadRequestError, match="not kept"):
            client.files.create(file=("a.png", sample("sign")), purpose="vision")
        assert not list(tmp_path.rglob("file-*"))
