"""Server processes that are killed, and what is left of a server that was."""

from __future__ import annotations

import base64
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path

import psutil
import pytest
import requests

from sightline.errors import SightlineError
from sightline.server.supervisor import Processes
from tests.conftest import started
from tests.films import film
from tests.processes import alive, running_module, started_by
from tests.server.test_cancel import wait_for
from tests.server.test_keys import HELLO
from tests.server.test_running import MIRROR
from tests.server.works import fails, listens_once
from tests.waiting import PATIENCE_S, until

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc")
posix = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")


def workers(pid: int) -> set[int]:
    """The server's processes, by their numbers."""
    found = set()
    for each in started_by(pid):
        try:
            process = psutil.Process(each)
            if process.ppid() == pid and "spawn_main" in " ".join(process.cmdline()):
                found.add(each)
        except psutil.Error:
            continue
    return {each for each in found if alive(each)}


def bound(pid: int) -> bool:
    return bool(psutil.Process(pid).rlimit(psutil.RLIMIT_AS)[0] != psutil.RLIM_INFINITY)


def answers(url: str) -> bool:
    try:
        told = requests.post(f"{url}/chat/completions", json=HELLO, timeout=PATIENCE_S)
    except requests.RequestException:
        return False  # it went to one that was killed
    return told.status_code == 200


@posix
def test_killed_processes_are_replaced_one_or_all(tmp_path: Path) -> None:
    with (
        (tmp_path / "log").open("w") as log,
        started(*MIRROR, "--workers", "2", stderr=log) as (url, it),
    ):
        first = workers(it.pid)
        assert len(first) == 2
        one = min(first)
        os.kill(one, signal.SIGKILL)
        until(lambda: len(now := workers(it.pid)) == 2 and one not in now)
        until(lambda: answers(url))
        second = workers(it.pid)
        for each in second:
            os.kill(each, signal.SIGKILL)
        until(lambda: len(now := workers(it.pid)) == 2 and not now & second)
        until(lambda: answers(url))
        assert it.poll() is None
    assert "ended (SIGKILL); another is started now" in (tmp_path / "log").read_text()


@linux
def test_a_killed_server_takes_along_all_that_it_has_started(tiny: Path, tmp_path: Path) -> None:
    flags = ("--workers", "2", "--engine", "llamacpp", "--model", str(tiny))
    long = film(tmp_path / "film.mp4", frames=400)
    with started(*flags) as (url, server):
        wait_for(url, engine="ready")
        told = requests.post(
            f"{url}/audio/speech", json={"model": "tts-1", "voice": "alloy", "input": "Hello."},
            timeout=PATIENCE_S,
        )  # fmt: skip
        assert told.status_code == 200
        data = "data:video/mp4;base64," + base64.b64encode(long.read_bytes()).decode()
        part = {"type": "video_url", "video_url": {"url": data}}
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": [part]}]}

        def ask() -> None:
            with pytest.raises(requests.RequestException):
                requests.post(f"{url}/chat/completions", json=body, timeout=PATIENCE_S)

        asking = threading.Thread(target=ask)
        asking.start()
        (reading,) = until(lambda: running_module(server.pid, "sightline.media.film_child"))
        until(lambda: bound(reading))
        os.kill(reading, signal.SIGSTOP)  # it is to be there when the server goes
        below = started_by(server.pid)
        for module in ("sightline.engines.llamacpp.child", "sightline.voices.espeak_child"):
            assert running_module(server.pid, module)
        assert len(workers(server.pid)) == 2
        server.kill()
        until(
            lambda: not any(alive(each) for each in below),
            lambda: [psutil.Process(each).cmdline() for each in below if alive(each)],
        )
        asking.join()


def test_a_server_that_cannot_start_says_why_and_ends() -> None:
    made = Processes(fails, 2, lambda pid: None)
    with pytest.raises(SightlineError, match="The cellar is flooded") as raised:
        made.run(lambda: pytest.fail("it does not listen"), ())
    assert raised.value.hint == "Pump."


def test_one_that_cannot_be_replaced_is_tried_ever_more_slowly_and_then_given_up(
    tmp_path: Path,
) -> None:
    ended: list[int] = []
    made = Processes(partial(listens_once, str(tmp_path)), 1, ended.append)
    with pytest.raises(SightlineError, match="end before they listen"):
        made.run((tmp_path / "enough").touch, ())
    at = [float(line) for line in (tmp_path / "starts").read_text().splitlines()]
    assert len(at) == len(ended) == 6
    assert at[-1] - at[-2] > 2  # 0.25, 0.5, 1, 2 s, and what a start takes
