"""Pictures that take long, and clients that leave: who else waits. And frames that are none."""

from __future__ import annotations

import json
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
import numpy as np
import psutil
import pytest
import requests
from PIL import Image

from bench.captcha import faces, wheezy
from tests.conftest import started
from tests.pictures import SLOW, data_url, encoded, part, sample
from tests.waiting import PATIENCE_S, until

SMALL = encoded(Image.new("RGB", (64, 48), "red"))


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    # One thread, and all the time in the world: nothing but the client's leaving ends the work.
    with started("--engine", "mirror", "--threads", "1", "--image-decode-s", "600") as (url, made):
        yield url, made.pid


def body(*pictures: dict[str, Any]) -> dict[str, Any]:
    content = [{"type": "text", "text": "What is it?"}, *pictures]
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}


def ask(url: str, *pictures: dict[str, Any]) -> requests.Response:
    return requests.post(f"{url}/chat/completions", json=body(*pictures), timeout=PATIENCE_S)


def decoding(pid: int) -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process(pid).children()
        if "sightline.media.picture_child" in child.cmdline()
    ]


def test_a_client_that_leaves_frees_its_worker(server: tuple[str, int]) -> None:
    url, pid = server
    assert ask(url, part(SMALL)).status_code == 200
    sent = json.dumps(body(*[part(SLOW)] * 8)).encode()
    where = urlsplit(url)
    (child,) = decoding(pid)
    worked = sum(child.cpu_times()[:2])
    with socket.create_connection((where.hostname or "", where.port or 0)) as gone:
        head = (
            f"POST {where.path}/chat/completions HTTP/1.1\r\nhost: {where.netloc}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(sent)}\r\n\r\n"
        )
        gone.sendall(head.encode() + sent)
        until(lambda: sum(child.cpu_times()[:2]) > worked + 0.3)
    # It is ended in the middle of its work: the other seven pictures are never begun.
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    assert ask(url, part(SMALL)).status_code == 200


def test_a_small_picture_passes_large_ones_that_wait() -> None:
    with started("--engine", "mirror", "--threads", "2", "--image-decode-s", "600") as (url, _):
        assert ask(url, part(SMALL)).status_code == 200
        done: list[str] = []

        def large() -> None:
            assert ask(url, part(SLOW)).status_code == 200
            done.append("large")

        threads = [threading.Thread(target=large) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            assert ask(url, part(SMALL)).status_code == 200
        done.append("small")
        for thread in threads:
            thread.join()
        assert done == ["small", "large", "large"]


def test_all_pixels_of_a_request_are_bounded(server: tuple[str, int]) -> None:
    url, _ = server
    reply = ask(url, *[part(SLOW)] * 11)
    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "image_too_large"


def captcha(number: int) -> Image.Image:
    return wheezy(random.Random(number), faces(), plain=True).convert("RGB")


@pytest.fixture(scope="module")
def refused() -> bytes:
    """A CAPTCHA."""
    return encoded(captcha(5))


@pytest.mark.parametrize("form", ["times", "about", "cookbook"])
def test_what_a_client_calls_frames_is_looked_at_picture_by_picture(
    server: tuple[str, int], refused: bytes, form: str
) -> None:
    url, _ = server
    pictures = [SMALL, sample("poster"), refused, SMALL, sample("poster")]
    content: list[Any] = []
    if form == "about":
        about = "The film lasts 5.0 s and has 5 frames of 200 × 75 pixels, without sound."
        content.append({"type": "text", "text": about})
    for number, data in enumerate(pictures):
        if form == "cookbook":
            content.append({"image": data_url(data).partition(",")[2], "resize": 768})
            continue
        content += [{"type": "text", "text": f"Frame at {number}.0 s:"}, part(data)]
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}
    reply = requests.post(f"{url}/chat/completions", json=asked, timeout=PATIENCE_S)
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert error["code"] == "content_policy_violation"
    place = 2 if form == "cookbook" else 5 + (form == "about")
    assert error["param"].startswith(f"messages[0].content[{place}]")


def test_a_film_of_captchas_is_refused_and_one_frame_among_many_is_not(tmp_path: Path) -> None:
    log = tmp_path / "log"
    plain = np.asarray(Image.new("RGB", (200, 76), (90, 140, 60)))
    with (
        log.open("w") as errors,
        started("--engine", "mirror", "--no-playground", stderr=errors) as (url, _),
    ):
        # One frame is neither refused nor told of; a film of them is, once.
        for share, status, told in ((3, 200, 0), (4, 400, 1), (10, 400, 2), (1, 200, 2)):
            shown = [np.asarray(captcha(5).resize((200, 76)))] * share + [plain] * (10 - share)
            sent = data_url(filmed(tmp_path / f"{share}.mp4", shown), "video/mp4")
            video = {"type": "video_url", "video_url": {"url": sent, "num_frames": 10}}
            reply = ask(url, video)
            assert reply.status_code == status, reply.text
            assert log.read_text().count("by the rule refuse_captchas") == told
            if status == 400:
                assert reply.json()["error"]["code"] == "content_policy_violation"


def filmed(path: Path, frames: list[Any]) -> bytes:
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=2)
        stream.height, stream.width = frames[0].shape[:2]
        for pixels in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        out.mux(stream.encode(None))
    return path.read_bytes()


def test_many_choices_look_at_a_picture_once() -> None:
    # As it is, so that it really reads.
    with started("--engine", "reader", "--no-playground", noted=False) as (url, made):
        server = psutil.Process(made.pid)

        def spent(choices: int) -> float:
            before = server.cpu_times()
            asked = {**body(part(sample("poster"))), "n": choices}
            reply = requests.post(f"{url}/chat/completions", json=asked, timeout=PATIENCE_S)
            found = {choice["message"]["content"] for choice in reply.json()["choices"]}
            assert len(found) == 1
            after = server.cpu_times()
            return after.user + after.system - before.user - before.system

        spent(1)  # what is loaded once
        assert spent(32) < 10 * max(spent(1), 0.02)  # a clock tick is a hundredth
