"""What a fetch reads of a body, what it tells of it, and how it says what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sightline import telemetry
from sightline.errors import ImageError
from sightline.media.fetch import Fetcher, fetched
from sightline.settings import Settings
from tests.media.test_addresses import Failures
from tests.web import Web


def get(
    url: str, hold: Callable[[int], None] = lambda amount: None, most: Any = None, **options: Any
) -> bytes:
    async def run() -> bytes:
        given: dict[str, Any] = {"timeout_s": 30, "max_bytes": 3000, "allow_private": True}
        fetcher = Fetcher(**given | options)
        try:
            return await fetcher.get(url, "here", hold, most)
        finally:
            await fetcher.close()

    return asyncio.run(run())


def failed(url: str, reason: str, **options: Any) -> ImageError:
    heard = Failures()
    with telemetry.listening(heard), pytest.raises(ImageError) as caught:
        get(url, **options)
    assert heard.reasons == [reason]
    assert caught.value.param == "here"
    return caught.value


def test_a_body_may_be_as_long_as_the_limit_and_no_longer(web: Web) -> None:
    url = web.page("/3000", b"x" * 3000)
    held: list[int] = []
    assert get(url, held.append) == b"x" * 3000
    assert sum(held) == 3000
    assert all(amount > 0 for amount in held)
    held.clear()
    error = failed(url, "size", max_bytes=2999, hold=held.append)
    assert error.message == "Failed to download image. Image size exceeds the limit."
    assert error.code == "invalid_image"
    assert error.hint == "Send at most 0 MB per picture."
    assert sum(held) == 0  # all that was held is let go
    film = failed(web.page("/film", b"x" * 2_600_001), "size", max_bytes=2_600_000, noun="video")
    assert film.message == "Failed to download video. Video size exceeds the limit."
    assert film.code == "invalid_video"
    assert film.hint == "Send at most 3 MB per picture."


def test_a_body_is_bounded_by_its_first_kibibyte(web: Web) -> None:
    url = web.page("/heads", bytes(range(256)) * 8)
    seen: list[bytes] = []

    def bound(to: int) -> Callable[[bytes], int]:
        return lambda head: seen.append(head) or to  # type: ignore[func-returns-value]

    assert len(get(url, most=bound(2048))) == 2048
    assert seen == [bytes(range(256)) * 4]  # asked once
    assert failed(url, "size", most=bound(2047)).hint == "Send at most 0 MB per picture."
    failed(url, "size", most=bound(10**9), max_bytes=2047)  # never above the limit
    seen.clear()
    assert get(web.page("/exact", b"x" * 1024), most=bound(1024))
    assert len(seen) == 1
    assert get(web.page("/short", b"x" * 1023), most=bound(0))
    assert len(seen) == 1  # too short to tell by

    def useless(head: bytes) -> int:
        raise ImageError("It is of no use.", param="here")

    seen.clear()
    pieces = web.page("/pieces", bytes(range(256)) * 8, transfer_encoding="chunked")
    assert get(pieces, most=bound(2048)) == bytes(range(256)) * 8
    assert seen == [bytes(range(256)) * 4]  # as soon as there is so much, and once
    held: list[int] = []
    with pytest.raises(ImageError, match="no use"):
        get(url, held.append, useless)
    assert held
    assert sum(held) == 0


def test_what_went_wrong_is_said_in_words_of_ours(web: Web) -> None:
    gone = failed(web.page("/410", b"", 410), "status")
    assert gone.message == "Error while downloading file. Upstream status code: 410."
    assert (gone.code, gone.hint) == ("invalid_value", "")
    packed = failed(web.page("/packed", b"x", content_encoding="gzip"), "encoding")
    assert packed.message == "Error while downloading file."
    assert packed.hint == "Compressed responses are not taken."
    assert get(web.page("/plain", b"x", content_encoding="identity")) == b"x"
    assert failed("http://127.0.0.1:9/", "connection").hint == ""
    silent = failed(f"{web.url}/silent", "timeout", timeout_s=0.2, noun="video")
    assert silent.message == "Timeout while downloading the video."
    assert silent.code == "invalid_image_url"
    hint = "Send the picture as a base64 data URL, or host it where it loads faster."
    assert silent.hint == hint


def test_redirects_lead_from_where_they_stand(web: Web) -> None:
    web.page("/there/end", b"arrived")
    web.page("/there/begin", b"", 307, location="end")
    assert get(f"{web.url}/there/begin") == b"arrived"
    for i in range(5):
        web.page(f"/step{i}", b"", 302, location=f"/step{i - 1}" if i else "/there/end")
    assert get(f"{web.url}/step2") == b"arrived"
    error = failed(f"{web.url}/step3", "redirect")
    assert error.hint == "At most 3 redirects are followed."
    still = web.page("/still", b"", 302)  # and says not where to
    assert failed(still, "redirect").hint == "At most 3 redirects are followed."
    assert web.asked[-4:] == ["/still"] * 4
    nowhere = failed(web.page("/nowhere", b"", 302, location="http://[::1/"), "url")
    assert nowhere.hint == "The URL is malformed."


def test_a_command_may_fetch_from_wherever_its_user_may(web: Web) -> None:
    url = web.page("/own", b"x" * 20)
    told = Settings(allowed_hosts="pics.example")
    assert asyncio.run(fetched(url, "here", told)) == b"x" * 20
    assert web.heads[-1]["accept"] == "image/*"
    with pytest.raises(ImageError) as caught:
        asyncio.run(fetched(url, "there", told, "file", 19))
    assert (caught.value.param, caught.value.code) == ("there", "invalid_file")
