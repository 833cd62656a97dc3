"""Rate limits: requests and tokens a minute, for each key and model, in memory and in Redis."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
import requests
from PIL import Image

from tests.commands import typed
from tests.conftest import running, started
from tests.pictures import encoded, part
from tests.server.test_keys import HELLO, added, bearer
from tests.waiting import PATIENCE_S, free_port, until

NAMES = [f"x-ratelimit-{what}-{kind}" for what in ("limit", "remaining", "reset") for kind in ("requests", "tokens")]  # fmt: skip
GO = re.compile(r"\d+ms|(\d+m)?\d+(\.\d+)?s")
REDIS = shutil.which("redis-server")
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def ask(url: str, key: str = "any", **more: Any) -> requests.Response:
    return requests.post(
        f"{url}/chat/completions", json={**HELLO, **more}, headers=bearer(key), timeout=PATIENCE_S
    )


def test_every_reply_tells_of_the_limits() -> None:
    with running("--requests-per-minute", "9", "--tokens-per-minute", "3000") as url:
        first = ask(url, max_tokens=1000)
        assert first.status_code == 200
        told = first.headers
        assert [told["x-ratelimit-limit-requests"], told["x-ratelimit-limit-tokens"]] == [
            "9",
            "3000",
        ]
        assert told["x-ratelimit-remaining-requests"] == "8"
        assert 1980 <= int(told["x-ratelimit-remaining-tokens"]) <= 1995
        for name in NAMES[4:]:
            assert GO.fullmatch(told[name]), told[name]
        # What was reserved and not used is given back.
        used = first.json()["usage"]["total_tokens"]
        second = ask(url, max_tokens=1)
        prompt = second.json()["usage"]["prompt_tokens"]
        assert int(second.headers["x-ratelimit-remaining-tokens"]) == 3000 - used - prompt - 1
        streamed = ask(url, stream=True)
        assert set(NAMES) <= set(streamed.headers)
    with running() as url:
        assert not set(NAMES) & set(ask(url).headers)


def test_too_many_requests() -> None:
    with running("--requests-per-minute", "2") as url:
        with openai.OpenAI(base_url=url, api_key="any", max_retries=0) as client:
            for _ in range(2):
                client.chat.completions.create(**HELLO)  # type: ignore[call-overload]
            with pytest.raises(openai.RateLimitError) as caught:
                client.chat.completions.create(**HELLO)  # type: ignore[call-overload]
        assert caught.value.code == "rate_limit_exceeded"
        assert caught.value.type == "requests"
        found = re.match(
            r"Error code: 429 - Rate limit reached for gpt-4o in organization org-\w+ on requests "
            r"per min \(RPM\): Limit 2, Used 2, Requested 1\. Please try again in ([\d.ms]+)\. "
            r"Visit https://platform\.openai\.com/account/rate-limits to learn more\.",
            str(caught.value),
        )
        assert found, str(caught.value)
        assert GO.fullmatch(found[1])
        wait = int(caught.value.response.headers["retry-after"])
        assert 1 <= wait <= 120
        assert caught.value.response.headers["x-ratelimit-remaining-requests"] == "0"
        # Another model has a count of its own.
        assert ask(url, model="gpt-4-turbo").status_code == 200


def test_pictures_count_by_their_tiles() -> None:
    picture = part(encoded(Image.new("RGB", (1024, 1024), "navy")), detail="high")  # 765 tokens
    messages = [{"role": "user", "content": [{"type": "text", "text": "Read it"}, picture]}]
    with running("--engine", "mirror", "--tokens-per-minute", "1000") as url:
        large = ask(url, messages=messages, max_tokens=400)
        assert large.status_code == 429
        assert re.match(
            r"Request too large for gpt-4o in organization org-\w+ on tokens per min \(TPM\): Limit "
            r"1000, Requested 11\d\d\. The input or output tokens must be reduced in order to run "
            r"successfully\. Visit ",
            large.json()["error"]["message"],
        )
        assert large.json()["error"]["type"] == "tokens"
        assert "retry-after" not in large.headers  # trying again would not help
        first = ask(url, messages=messages, max_tokens=100)
        assert first.status_code == 200
        second = ask(url, messages=messages, max_tokens=100)
        assert second.status_code == 429
        assert re.search(
            r"\(TPM\): Limit 1000, Used (7|8)\d\d, Requested 8\d\d\. Please try again in ",
            second.json()["error"]["message"],
        )
        low = [{"role": "user", "content": [{"type": "text", "text": "Hi"}, {**picture, "image_url": {**picture["image_url"], "detail": "low"}}]}]  # fmt: skip
        assert ask(url, messages=low, max_tokens=1).status_code == 200  # 85 tokens


def test_each_key_has_its_own(tmp_path: Path) -> None:
    slow, other = added(tmp_path, "slow", "--requests-per-minute", "1"), added(tmp_path, "other")
    flags = ("--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite"))
    with running(*flags, "--requests-per-minute", "3") as url:
        assert [ask(url, slow).status_code for _ in range(2)] == [200, 429]
        assert [ask(url, other).status_code for _ in range(4)] == [200, 200, 200, 429]


def connects(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def redis(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    assert REDIS is not None
    process = subprocess.Popen(
        [REDIS, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: connects(port))
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def port() -> Iterator[int]:
    with free_port() as free:
        yield free


@pytest.mark.skipif(REDIS is None, reason="Redis is not installed")
def test_servers_share_their_limits_in_redis(port: int, tmp_path: Path) -> None:
    flags = ("--requests-per-minute", "3", "--limits-url", f"redis://127.0.0.1:{port}/0")
    with redis(port, tmp_path), running(*flags) as one, running(*flags) as two:
        assert [ask(url).status_code for url in (one, two, one, two)] == [200, 200, 200, 429]


@pytest.mark.skipif(REDIS is None, reason="Redis is not installed")
@pytest.mark.parametrize("policy", ["open", "closed"])
def test_redis_goes_and_comes_back(port: int, tmp_path: Path, policy: str) -> None:
    flags = ("--requests-per-minute", "2", "--limits-url", f"redis://127.0.0.1:{port}/0", "--limits-away", policy, "--engine", "mirror")  # fmt: skip
    log = tmp_path / "log"
    with log.open("w") as errors, started(*flags, stderr=errors) as (url, _):
        with redis(port, tmp_path):
            assert [ask(url).status_code for _ in range(3)] == [200, 200, 429]
        away = [ask(url) for _ in range(4)]
        assert {a.status_code for a in away} == ({200} if policy == "open" else {503})
        if policy == "closed":
            assert all("retry-after" in a.headers for a in away)
            assert str(port) not in away[0].text
        with redis(port, tmp_path):  # a new one, which has counted nothing
            until(
                lambda: (
                    "x-ratelimit-remaining-requests" in ask(url).headers
                    and "counted again" in log.read_text()
                )
            )
            until(lambda: ask(url).status_code == 429)
    assert log.read_text().count("Redis is away") == 1


@pytest.mark.skipif(not FAKETIME.exists(), reason="libfaketime is not installed")
def test_a_clock_that_jumps_locks_nobody_out(tmp_path: Path) -> None:
    import os

    at = tmp_path / "clock"
    at.write_text("+0")
    env = {
        **os.environ, "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(at),
        "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    # Under a clock from a file everything takes many times as long: no model is loaded.
    flags = ("--engine", "mirror", "--no-refuse-captchas", "--no-playground")
    with started(*flags, "--requests-per-minute", "2", env=env) as (url, _):
        assert [ask(url).status_code for _ in range(3)] == [200, 200, 429]
        for jump in ("-1d", "+1d"):
            at.write_text(jump)
            assert ask(url).status_code == 200  # a new window, in which two are taken
            assert [ask(url).status_code for _ in range(2)] == [200, 429]


def test_redis_that_is_none_is_told_at_the_start() -> None:
    done = typed("serve", "--port", "0", "--limits-url", "mysql://x")
    assert done.returncode == 2
    assert "limits_url is memory:// or redis://HOST:PORT/N" in done.stderr
