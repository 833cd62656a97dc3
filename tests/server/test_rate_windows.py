"""What the rate limits count, without a server: what is taken, refused, given back and let go."""

from __future__ import annotations

import asyncio
import logging
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from sightline.errors import EngineBusy, RateLimited, UsageError
from sightline.keys import Key
from sightline.server import rate_limits
from sightline.server.rate_limits import RateLimits, Reservation, duration
from sightline.settings import Settings
from tests.waiting import free_port, until

T = TypeVar("T")
REDIS = shutil.which("redis-server")
NOBODY = "redis://127.0.0.1:9/0"  # where no Redis listens
LEARN = "Visit https://platform.openai.com/account/rate-limits to learn more."


class Clock:
    """Both of Python's clocks, moved by hand, for what counts alone.

    Servers of other tests go on in threads beside it: a timer that one of them sets by another clock
    may be an hour away by its own.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.steady = 1_700_000_000.0, 5_000.0
        stands_in = SimpleNamespace(time=lambda: self.wall, monotonic=lambda: self.steady)
        for name, module in list(sys.modules.items()):
            counts = name == rate_limits.__name__ or name.partition(".")[0] == "limits"
            if counts and getattr(module, "time", None) is time:
                monkeypatch.setattr(module, "time", stands_in)

    def pass_s(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def counted(
    work: Callable[[RateLimits], Awaitable[T]], requests: int = 0, tokens: int = 0, **more: Any
) -> T:
    """Do what is counted by limits of so many a minute, which are then closed."""

    async def run() -> T:
        settings = Settings(requests_per_minute=requests, tokens_per_minute=tokens, **more)
        limits = RateLimits(settings)
        try:
            return await work(limits)
        finally:
            await limits.close()

    return asyncio.run(run())


async def begun(limits: RateLimits, key: Key | None = None, model: str = "gpt-4o") -> Reservation:
    held = limits.of(key, model)
    await held.begin()
    return held


async def refused(work: Awaitable[Any]) -> RateLimited:
    with pytest.raises(RateLimited) as caught:
        await work
    return caught.value


def test_a_request_counts_as_one_and_its_tokens_once_they_are_known(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        one = await begun(limits)
        assert one.headers() == {
            "x-ratelimit-limit-requests": "3",
            "x-ratelimit-remaining-requests": "2",
            "x-ratelimit-reset-requests": "1m0s",
            "x-ratelimit-limit-tokens": "1000",
            "x-ratelimit-remaining-tokens": "1000",
            "x-ratelimit-reset-tokens": "1m0s",
        }
        clock.pass_s(1.5)
        await one.tokens(400)
        assert one.headers()["x-ratelimit-remaining-tokens"] == "600"
        clock.pass_s(1)
        two = await begun(limits)
        await two.tokens(600)  # exactly what is left
        told = two.headers()
        assert told["x-ratelimit-remaining-requests"] == "1"
        assert told["x-ratelimit-reset-requests"] == "57.5s"  # from the first on
        assert told["x-ratelimit-remaining-tokens"] == "0"

    counted(work, 3, 1000)


def test_who_may_ask_no_more_is_told_of_the_tokens_that_are_left(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        await (await begun(limits)).tokens(400)
        clock.pass_s(20)
        held = limits.of(None, "gpt-4o")
        assert (await refused(held.begin())).type == "requests"
        assert held.headers()["x-ratelimit-remaining-tokens"] == "600"
        assert held.headers()["x-ratelimit-reset-tokens"] == "40s"

    counted(work, 1, 1000)


def test_what_there_is_no_limit_of_is_neither_counted_nor_told(clock: Clock) -> None:
    async def work(limits: RateLimits) -> dict[str, str]:
        held = await begun(limits)
        await held.tokens(10**9)
        await held.settle(5)
        return held.headers()

    assert counted(work) == {}
    assert set(counted(work, requests=2)) == {
        f"x-ratelimit-{what}-requests" for what in ("limit", "remaining", "reset")
    }
    free = Reservation()  # of nobody's limits
    asyncio.run(free.begin())
    asyncio.run(free.tokens(5))
    assert free.headers() == {}


def test_the_last_one_is_taken_and_the_next_is_told_when_to_come_again(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        for _ in range(2):
            await begun(limits)
        clock.pass_s(18.5)
        held = limits.of(None, "gpt-4o")
        error = await refused(held.begin())
        assert error.message == (
            "Rate limit reached for gpt-4o in organization org-anyone on requests per min (RPM): "
            f"Limit 2, Used 2, Requested 1. Please try again in 41.5s. {LEARN}"
        )
        assert error.type == "requests"
        assert error.code == "rate_limit_exceeded"
        assert error.retry_s == 41.5
        assert held.headers()["x-ratelimit-remaining-requests"] == "0"
        clock.pass_s(41)
        assert (await refused(begun(limits))).retry_s == 1.0  # never less
        clock.pass_s(1)
        await begun(limits)  # a new minute

    counted(work, 2)


def test_the_last_half_second_is_told_as_such(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        await begun(limits)
        clock.pass_s(59.5)
        assert (await begun(limits)).headers()["x-ratelimit-reset-requests"] == "500ms"

    counted(work, 3)


def test_what_is_refused_takes_nothing(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        held = await begun(limits)
        await held.tokens(60)
        error = await refused((await begun(limits)).tokens(41))
        assert error.message == (
            "Rate limit reached for gpt-4o in organization org-anyone on tokens per min (TPM): "
            f"Limit 100, Used 60, Requested 41. Please try again in 1m0s. {LEARN}"
        )
        assert error.type == "tokens"
        last = await begun(limits)
        await last.tokens(40)
        assert last.headers()["x-ratelimit-remaining-tokens"] == "0"

    counted(work, tokens=100)


def test_what_could_never_be_taken_says_so_and_names_no_time(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        held = await begun(limits, model="o3")
        error = await refused(held.tokens(101))
        assert error.message == (
            "Request too large for o3 in organization org-anyone on tokens per min (TPM): Limit "
            "100, Requested 101. The input or output tokens must be reduced in order to run "
            f"successfully. {LEARN}"
        )
        assert error.type == "tokens"
        assert not error.retryable
        await held.tokens(100)

    counted(work, tokens=100)


def test_what_was_not_used_is_given_back_and_more_is_taken_besides(clock: Clock) -> None:
    async def left(limits: RateLimits) -> int:
        return int((await begun(limits)).headers()["x-ratelimit-remaining-tokens"])

    async def work(limits: RateLimits) -> None:
        held = await begun(limits)
        await held.settle(30)  # nothing was reserved, so nothing is owed
        assert await left(limits) == 1000
        await held.tokens(500)
        await held.settle(120)
        assert await left(limits) == 880
        await held.settle(120)  # the same again changes nothing
        assert await left(limits) == 880
        await held.settle(150)
        assert await left(limits) == 850
        assert held.headers()["x-ratelimit-remaining-tokens"] == "850"
        await held.settle(1200)  # it was counted too low
        assert held.headers()["x-ratelimit-remaining-tokens"] == "0"
        assert "Used 1200, Requested 0" in (await refused(begun(limits))).message

    counted(work, tokens=1000)


def test_several_reservations_of_one_request_add_up(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        held = await begun(limits)
        await held.tokens(100)
        await held.tokens(200)
        await held.settle(50)
        assert held.headers()["x-ratelimit-remaining-tokens"] == "950"

    counted(work, tokens=1000)


def test_what_is_given_back_too_late_belongs_to_no_later_minute(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        held = await begun(limits)
        await held.tokens(900)
        clock.pass_s(60)
        later = await begun(limits)
        await later.tokens(500)
        await held.settle(10)
        assert (await begun(limits)).headers()["x-ratelimit-remaining-tokens"] == "500"

    counted(work, tokens=1000)


def test_each_key_and_each_model_has_a_count_of_its_own(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        ann, bob = Key("k1", "ann", requests_per_minute=1), Key("k2", "bob", tokens_per_minute=50)
        await begun(limits, ann)
        assert "organization org-k1 on" in (await refused(begun(limits, ann))).message
        await begun(limits, ann, "o3")
        for _ in range(2):
            held = await begun(limits, bob)
        assert "Limit 2" in (await refused(begun(limits, bob))).message  # the server's own
        await held.tokens(50)
        assert "Limit 50" in (await refused(held.tokens(1))).message
        assert (await begun(limits)).headers()["x-ratelimit-limit-tokens"] == "100"

    counted(work, 2, 100)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumps_begins_a_new_minute(clock: Clock, days: int) -> None:
    async def work(limits: RateLimits) -> None:
        for _ in range(2):
            await begun(limits)
        clock.wall += days * 86_400
        held = await begun(limits)
        assert held.headers()["x-ratelimit-remaining-requests"] == "1"
        assert held.headers()["x-ratelimit-reset-requests"] == "1m0s"
        await begun(limits)
        await refused(begun(limits))

    counted(work, 2)


def test_a_clock_that_is_set_right_by_a_second_keeps_the_count(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        for _ in range(2):
            await begun(limits)
        clock.wall -= 1
        await refused(begun(limits))
        clock.wall -= 0.25
        await begun(limits)  # that is a jump

    counted(work, 2)


def test_what_is_given_back_while_the_clock_jumps_makes_no_debt(clock: Clock) -> None:
    async def work(limits: RateLimits) -> None:
        held = await begun(limits)
        await held.tokens(900)
        clock.wall -= 86_400
        await held.settle(100)
        assert held.headers()["x-ratelimit-remaining-tokens"] == "1000"

    counted(work, tokens=1000)


def test_without_redis_requests_are_answered_and_it_is_said_once(
    caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    async def work(limits: RateLimits) -> None:
        for _ in range(3):
            held = await begun(limits)
            await held.tokens(5)
            assert held.headers()["x-ratelimit-remaining-requests"] == "1"
        clock.pass_s(5)  # it is asked again, and is still away
        await begun(limits)

    counted(work, 1, 10, limits_url=NOBODY, limits_away="open")
    said = "rate limits cannot be counted, Redis is away; requests are answered meanwhile"
    own = [r for r in caplog.records if r.name == "sightline.limits"]
    assert [(r.levelno, r.getMessage()) for r in own] == [(logging.ERROR, said)]


def test_without_redis_requests_are_refused_where_that_is_set(
    caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    async def work(limits: RateLimits) -> None:
        for _ in range(2):
            with pytest.raises(EngineBusy) as caught:
                await begun(limits)
            assert caught.value.message == "The server cannot count its rate limits now."
            assert caught.value.retry_s == 2

    counted(work, 1, limits_url=NOBODY, limits_away="closed")
    assert "requests are refused meanwhile" in caplog.text


@pytest.mark.skipif(REDIS is None, reason="Redis is not installed")
def test_redis_counts_for_all_and_is_let_alone_for_a_second_after_it_failed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert REDIS is not None
    with free_port() as port:
        words = [REDIS, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        log = tmp_path / "log"

        def start() -> subprocess.Popen[bytes]:
            log.write_text("")
            process = subprocess.Popen([*words, "--dir", str(tmp_path), "--logfile", str(log)])
            until(lambda: "Ready to accept" in log.read_text())
            return process

        async def work(limits: RateLimits) -> None:
            steady = time.monotonic()
            stands_in = SimpleNamespace(time=time.time, monotonic=lambda: steady)
            monkeypatch.setattr(rate_limits, "time", stands_in)
            process = start()
            try:
                held = await begun(limits)
                assert held.headers()["x-ratelimit-remaining-requests"] == "0"
                assert "Used 1" in (await refused(begun(limits))).message
                process.kill()
                process.wait()
                await begun(limits)
                process = start()
                steady += 0.9
                held = await begun(limits)  # not asked yet
                assert held.headers()["x-ratelimit-remaining-requests"] == "1"
                assert "counted again" not in caplog.text
                steady += 0.2
                assert (await begun(limits)).headers()["x-ratelimit-remaining-requests"] == "0"
                await refused(begun(limits))
            finally:
                process.kill()
                process.wait()

        counted(work, 1, limits_url=f"redis://127.0.0.1:{port}/0")
    assert [
        record.getMessage() for record in caplog.records if record.name == "sightline.limits"
    ] == [
        "rate limits cannot be counted, Redis is away; requests are answered meanwhile",
        "rate limits are counted again",
    ]


@pytest.mark.parametrize("url", ["mysql://x", "", "memory://x", "redis", "async+redis://x"])
def test_what_is_no_place_to_count_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(UsageError, match=r"^limits_url is memory:// or redis://HOST:PORT/N\.$"):
        RateLimits(Settings(limits_url=url))


@pytest.mark.parametrize("url", ["redis://h:1/0", "rediss://h:1/0", "unix:///run/redis"])
def test_redis_is_reached_by_each_of_its_ways(url: str) -> None:
    limits = RateLimits(Settings(limits_url=url))
    asyncio.run(limits.close())


def test_a_missing_library_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(UsageError) as caught:
        RateLimits(Settings(limits_url="redis://h:1/0"))
    assert caught.value.message == "Rate limits cannot be counted in Redis."
    assert "redis>=" in caught.value.hint


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0ms"), (0.012, "12ms"), (0.0121, "13ms"), (0.9991, "1000ms"), (1, "1s"), (1.5, "1.5s"),
     (10, "10s"), (59.4, "59.4s"), (59.9994, "59.999s"), (59.9996, "1m0s"), (60, "1m0s"),
     (61.25, "1m1.25s"), (360, "6m0s"), (600.004, "10m0.004s")],
)  # fmt: skip
def test_durations_are_written_as_the_api_writes_them(seconds: float, told: str) -> None:
    assert duration(seconds) == told
