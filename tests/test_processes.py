"""Child processes: none outlives whoever asked for it, however that goes."""

from __future__ import annotations

import asyncio
import threading

import psutil
import pytest

from sightline.library import _Background
from sightline.processes import running
from tests.processes import alive
from tests.starting import python
from tests.waiting import until


def test_one_whose_asker_is_cancelled_twice_ends() -> None:
    """As those are who wait in a group that is cancelled: the second comes while it is left."""

    async def leave(turns: int) -> bool:
        begun: list[int] = []

        async def listen() -> None:
            order = {"bytes": 1 << 30, "cpu_s": 0, "most_s": 0}
            async with running("sightline.media.sound_child", order, [bytes(1 << 20)]) as process:
                begun.append(process.pid)
                await process.line()

        asked = asyncio.create_task(listen())
        while not begun:  # noqa: ASYNC110 - it is told by no event
            await asyncio.sleep(0)
        asked.cancel()
        for _ in range(turns):
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        return await asyncio.to_thread(until, lambda: not alive(begun[0]))

    for turns in (1, 2, 3):
        assert asyncio.run(leave(turns))


NONE = """
import asyncio, resource
from sightline.errors import EngineBusy
from sightline.processes import Process

async def start():
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    try:
        await Process.start("sightline.media.sound_child")
    except EngineBusy as error:
        print(error.message)

asyncio.run(start())
"""


def test_where_none_can_be_started_it_is_told_as_what_it_is() -> None:
    done = python(NONE)
    assert done.stdout == "No process can be started at the moment.\n", done.stderr


def test_programs_that_ask_first_at_once_share_what_decodes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def decoding() -> set[int]:
        found = set()
        for child in psutil.Process().children():
            if "sightline.media.picture_child" in child.cmdline():
                found.add(child.pid)
        return found

    monkeypatch.setenv("SIGHTLINE_THREADS", "1")
    before, background = decoding(), _Background()
    try:
        answers: list[str] = []
        ask = lambda: answers.append(repr(background._run(background._running())))  # noqa: E731
        askers = [threading.Thread(target=ask) for _ in range(4)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert len(set(answers)) == 1
        assert len(decoding() - before) <= 1
    finally:
        background._close()
    assert until(lambda: not decoding() - before)
