"""`/v1/video/narrations`: a film in, a job, a narrated film out."""

from __future__ import annotations

import io
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import av
import pytest
import requests

from tests.conftest import running, started
from tests.films import film
from tests.server.test_keys import added
from tests.waiting import PATIENCE_S, until

SCRIPT = json.dumps({"segments": [{"start_s": 0.2, "end_s": 2.0, "text": "It counts."}]})


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running("--max-video-bytes", "2000000") as address:
        yield f"{address}/video/narrations"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("clip") / "clip.mp4", sound=True).read_bytes()


def post(url: str, data: bytes | None, key: str = "ann", **fields: str) -> requests.Response:
    files = {} if data is None else {"file": ("my secret name.mp4", data)}
    return requests.post(
        url, files=files or {"x": ("", b"")}, data=fields, timeout=PATIENCE_S,
        headers={"Authorization": f"Bearer {key}"},
    )  # fmt: skip


def get(url: str, key: str = "ann") -> requests.Response:
    return requests.get(url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S)


def finished(url: str, id: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        told: dict[str, Any] = get(f"{url}/{id}").json()
        return None if told["status"] in ("queued", "in_progress") else told

    # A job is polled: that is how its clients wait.
    return cast(dict[str, Any], until(ended))


def test_a_film_is_narrated_fetched_and_gone(url: str, clip: bytes) -> None:
    made = post(url, clip, script=SCRIPT, voice="onyx")
    assert made.status_code == 200, made.text
    job = made.json()
    assert job["object"] == "video.narration"
    assert job["status"] in ("queued", "in_progress")
    assert get(f"{url}/{job['id']}", key="bob").status_code == 200  # without keys it is everybody's
    told = finished(url, job["id"])
    assert told["status"] == "completed", told
    assert (told["progress"], told["error"]) == (100, None)
    assert told["segments"][0]["text"] == "It counts."
    assert told["pictures_copied"] is True
    fetched = get(f"{url}/{job['id']}/content")
    assert fetched.headers["content-type"] == "video/mp4"
    assert int(fetched.headers["content-length"]) == len(fetched.content)
    with av.open(io.BytesIO(fetched.content), "r") as container:
        assert [s.type for s in container.streams][:3] == ["video", "audio", "subtitle"]
        assert sum(1 for _ in container.decode(video=0)) == 90
    again = get(f"{url}/{job['id']}/content")
    assert again.status_code == 400
    assert again.json()["error"]["code"] == "narration_not_ready"
    assert get(f"{url}/{job['id']}").json()["status"] == "expired"


def test_a_script_alone_is_written(url: str, clip: bytes) -> None:
    job = post(url, clip, script_only="true", language="en").json()
    told = finished(url, job["id"])
    assert told["status"] == "completed", told
    assert told["segments"]
    refused = get(f"{url}/{job['id']}/content")
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "narration_not_ready"
    assert "script" in refused.json()["error"]["hint"]
    both = post(url, clip, script_only="true", script=SCRIPT)
    assert (both.status_code, both.json()["error"]["param"]) == (400, "script_only")


def test_the_engine_writes_the_script(url: str, clip: bytes) -> None:
    job = post(url, clip, style="Only include the narration.", frames="2").json()
    told = finished(url, job["id"])
    assert told["status"] == "completed", told
    assert told["segments"]
    assert told["usage"]["total_tokens"] > 0


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"voice": "bob"}, 400, "no voice 'bob'"),
        ({"speed": "9"}, 400, "from 0.5 to 2"),
        ({"subtitles": "file"}, 400, "Supported values are: 'track', 'burn', 'none'"),
        ({"keep_audio": "perhaps"}, 400, "'true', 'false'"),
        ({"script": "{"}, 400, "not JSON"),
        ({"script": '{"segments": []}'}, 400, 'no "segments"'),
        ({"frames": "-1"}, 400, "Invalid 'frames'"),
        ({"model": "gpt-99"}, 404, "does not exist"),
        ({"output": "/etc/passwd"}, 400, "Unrecognized request argument supplied: output"),
    ],
)
def test_fields_that_are_wrong(
    url: str, clip: bytes, fields: dict[str, str], status: int, words: str
) -> None:
    reply = post(url, clip, **fields)
    assert reply.status_code == status
    assert words in reply.json()["error"]["message"]


def test_bodies_that_are_wrong(url: str, clip: bytes) -> None:
    missing = post(url, None)
    assert missing.status_code == 400
    assert missing.json()["error"]["param"] == "file"
    plain = requests.post(url, json={"file": "x"}, timeout=PATIENCE_S)
    assert plain.status_code == 415
    assert "multipart/form-data" in plain.json()["error"]["message"]
    broken = requests.post(
        url,
        data=b"--x\r\nno",
        timeout=PATIENCE_S,
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert broken.status_code == 400
    large = post(url, b"\0" * 3_000_000)
    assert large.status_code == 413


def test_what_is_no_film_fails_with_a_sentence(url: str) -> None:
    job = post(url, b"no film at all " * 100, script=SCRIPT).json()
    told = finished(url, job["id"])
    assert told["status"] == "failed"
    assert told["error"]["code"] == "invalid_video"
    assert "film" in told["error"]["message"]
    assert "/" not in told["error"]["message"]


def test_a_job_can_be_deleted(url: str, clip: bytes) -> None:
    job = post(url, clip, frames="4").json()
    gone = requests.delete(
        f"{url}/{job['id']}", headers={"Authorization": "Bearer ann"}, timeout=PATIENCE_S
    )
    assert gone.json()["deleted"] is True
    assert get(f"{url}/{job['id']}").status_code == 404


def test_nothing_is_left_behind(clip: bytes, tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with started("--engine", "mirror", "--narration-keep-s", "6", env=environment) as (address, _):
        where = f"{address}/video/narrations"
        job = post(where, clip, script=SCRIPT).json()
        assert finished(where, job["id"])["status"] == "completed"
        assert list(tmp_path.rglob("*.mp4"))
        until(lambda: not list(tmp_path.rglob("*.mp4")))
        unfetched = post(where, clip, script=SCRIPT).json()
        finished(where, unfetched["id"])
    assert not list(tmp_path.iterdir())


HEAD = (
    "POST /v1/video/narrations HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
    "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {length}\r\n\r\n"
)
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'


@contextmanager
def uploading(url: str, length: int, key: str = "ann") -> Iterator[socket.socket]:
    """An upload that has begun, and says nothing more."""
    address = urlsplit(url)
    with socket.create_connection((str(address.hostname), address.port or 0)) as connection:
        head = HEAD.format(host=address.netloc, key=key, length=length)
        connection.sendall(head.encode() + PART)
        yield connection


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, Path]]:
    """A server in a process of its own, which keeps all in a folder of its own."""
    folder = tmp_path_factory.mktemp("apart")
    flags = ("--engine", "mirror", "--files-dir", str(folder / "files"))
    environment = {**os.environ, "TMPDIR": str(folder)}
    with started(*flags, env=environment) as (address, process):
        yield address, process.pid, folder


def test_uploads_count_before_they_are_read(apart: tuple[str, int, Path], clip: bytes) -> None:
    """One is worked on and eight wait: so many uploads may be under way, and no more."""
    address, _, folder = apart
    with ExitStack() as stack:
        where = f"{address}/video/narrations"
        for _ in range(9):
            stack.enter_context(uploading(address, 100_000))
        until(lambda: len(list(folder.rglob("film"))) == 9)
        refused = post(where, clip, script=SCRIPT)
        assert refused.status_code == 503
        assert "waiting to be narrated" in refused.json()["error"]["message"]
        stack.close()  # they go, and leave nothing
        until(lambda: not list(folder.rglob("film")))
        job = post(where, clip, script=SCRIPT)
        assert job.status_code == 200
        finished(where, job.json()["id"])


def test_films_have_a_quota_of_which_room_is_reserved(tmp_path: Path, clip: bytes) -> None:
    ann, bob = added(tmp_path, "ann"), added(tmp_path, "bob")
    flags = (
        "--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite"),
        "--narrations-quota-bytes", "5000000", "--narrations-key-quota-bytes", "3000000",
    )  # fmt: skip
    with running(*flags) as address:
        where = f"{address}/video/narrations"
        with uploading(address, 1_000_000, ann):
            # What is said to come is reserved: a key's share is then taken.
            until(lambda: post(where, bytes(600_000), ann).status_code == 503)
            refused = post(where, bytes(600_000), ann)
            assert refused.json()["error"]["message"] == "There is no room for films at the moment."
            assert int(refused.headers["retry-after"]) >= 1
            made = post(where, clip, bob, script=SCRIPT)
            assert made.status_code == 200
        until(lambda: post(where, bytes(600_000), ann).status_code == 200)
        # One that is too large for any room is told so before it is read.
        assert post(where, bytes(3_000_000), bob).status_code == 503


def test_a_disk_that_is_full_is_told_and_nothing_is_left(
    apart: tuple[str, int, Path], clip: bytes
) -> None:
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux lets no file of another process grow")
    address, pid, folder = apart
    here = set(folder.rglob("film"))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    where = f"{address}/video/narrations"
    refused = post(where, bytes(1_500_000))
    assert refused.status_code == 503, refused.text
    assert "no room" in refused.json()["error"]["message"]
    assert set(folder.rglob("film")) == here
    sent = requests.post(
        f"{address}/files", data={"purpose": "batch"}, files={"file": bytes(1_500_000)},
        timeout=PATIENCE_S,
    )  # fmt: skip
    assert sent.status_code == 503
    assert not list(folder.rglob("file-*"))
    assert post(where, clip, script=SCRIPT).status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        b"".join(b'--x\r\nContent-Disposition: form-data; name="style"\r\n\r\na\r\n' for _ in range(30)),
        b'--x\r\nContent-Disposition: form-data; name="style"\r\n\r\n' + b"a" * 1_100_000,
        b"--x\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(1000)),
        b"--x\r\nX: " + b"y" * 100_000,
        b"".join(PART + b"x\r\n" for _ in range(3)),
    ],
    ids=["fields", "a field", "heads", "a head", "files"],
)  # fmt: skip
@pytest.mark.parametrize("route", ["video/narrations", "files"])
def test_forms_are_bounded(url: str, route: str, form: bytes) -> None:
    refused = requests.post(
        f"{url.removesuffix('/video/narrations')}/{route}", data=form + b"\r\n--x--\r\n", timeout=PATIENCE_S,
        headers={"content-type": "multipart/form-data; boundary=x"},
    )  # fmt: skip
    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == "The form cannot be read."
