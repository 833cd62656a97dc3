"""What every source of voices promises, asked of each of them as the server asks.

The promises are those of `sightline/voices/voice.py`. A new source is one more row of `SOURCES`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import aclosing
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import psutil
import pytest

from sightline.errors import InvalidRequest, SightlineError
from sightline.jobs.speak import Speaker
from sightline.media.audio import FORMATS
from sightline.settings import load
from sightline.types import Speech
from sightline.voices import voice as voices
from sightline.voices.guarded import GuardedVoices
from sightline.voices.voice import Manner, Voice
from tests import documented, tiny_voice
from tests.hearing import decoded
from tests.waiting import PATIENCE_S

T = TypeVar("T")
SOURCES: dict[str, dict[str, str]] = {
    "espeak": {"speech": "espeak"},
    "kokoro": {"speech": "kokoro", "speech_model": "FOLDER"},
    "upstream": {"speech": "upstream", "speech_url": "BASE_URL"},
    "documented": {"speech": "tones:Tones"},
}
_PAUSE_S = 0.07  # a block of espeak-ng, by which a pause may be longer
WORDS = "The harbour is closed today."
LONG = "The lights of the harbour go on when it is dark, and nobody knows who lights them. " * 12


class Booth:
    """A source within a speaker, on a loop of its own."""

    def __init__(self, flags: dict[str, str]) -> None:
        self.settings = load({**flags, "max_speeches": 32}, environment={})
        self.speaker = Speaker(self.settings)
        self.source: GuardedVoices = self.speaker.voices
        self.loop = asyncio.new_event_loop()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work on the loop, and no longer than a test waits."""
        return self.loop.run_until_complete(asyncio.wait_for(work, PATIENCE_S))

    @property
    def first(self) -> Voice:
        """The voice that is listed first."""
        return self.source.voices()[0]

    async def blocks(
        self, text: str, voice: Voice | None = None, manner: Manner | None = None
    ) -> list[bytes]:
        """Have a text spoken; give the blocks of samples."""
        spoken = self.source.speak(text, voice or self.first, manner or Manner())
        return [block async for block in spoken]

    def seconds(self, text: str, manner: Manner | None = None) -> float:
        """Give how long a text takes to be said."""
        return sum(map(len, self.run(self.blocks(text, None, manner)))) / 2 / self.source.rate

    def close(self) -> None:
        """End the source, twice."""
        self.run(self.speaker.close())
        self.run(self.speaker.close())
        self.loop.close()


@pytest.fixture(scope="module", params=SOURCES)
def booth(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Booth]:
    flags = dict(SOURCES[request.param])
    if "speech_model" in flags:
        flags["speech_model"] = str(tiny_voice.write(tmp_path_factory.mktemp("kokoro")))
    if "speech_url" in flags:
        flags["speech_url"] = request.getfixturevalue("base_url")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "documented":
            patch.syspath_prepend(str(documented.write(tmp_path_factory.mktemp("documented"))))
        made = Booth(flags)
        yield made
        made.close()


def test_its_settings_are_found_right(booth: Booth) -> None:
    booth.source.check()
    booth.source.check()
    found = voices.SOURCES.find(booth.settings.speech)
    assert found.name == booth.source.name
    assert {*voices.SOURCES.built_in, "documented"} == set(SOURCES)


def test_its_voices_are_found_by_their_names(booth: Booth) -> None:
    listed = booth.source.voices()
    assert listed
    assert len({voice.name for voice in listed}) == len(listed)
    assert listed[0].name in voices.NAMES  # those of the API first
    for voice in listed:
        by_name = booth.source.find(voice.name)
        assert by_name is not None
        assert (by_name.name, by_name.own) == (voice.name, voice.own)
        by_own = booth.source.find(voice.own)
        assert by_own is not None
        assert by_own.own == voice.own
    assert (booth.source.find("nobody") is None) != booth.source.takes_any
    if not booth.source.takes_any:
        with pytest.raises(InvalidRequest, match="There is no voice 'nobody'"):
            booth.speaker.voice("nobody")


def test_a_sentence_becomes_samples(booth: Booth) -> None:
    blocks = booth.run(booth.blocks(WORDS))
    assert all(len(block) % 2 == 0 for block in blocks)
    samples = np.frombuffer(b"".join(blocks), np.int16)
    assert 0.5 < len(samples) / booth.source.rate < 10
    assert 1000 < int(np.abs(samples.astype(np.int32)).max()) <= 32_768


def test_a_longer_text_takes_longer(booth: Booth) -> None:
    assert booth.seconds(f"{WORDS} {WORDS} {WORDS}") > 2 * booth.seconds(WORDS)


def test_speeds_are_kept_within_its_bounds(booth: Booth) -> None:
    slowest, fastest = booth.source.speeds
    assert slowest <= 1 <= fastest
    usual = booth.seconds(LONG[:160])
    for speed in {max(slowest, 0.5), min(fastest, 2.0)}:
        lasting = booth.seconds(LONG[:160], Manner(speed=speed))
        assert lasting == pytest.approx(usual / speed, rel=0.15), speed


@pytest.mark.parametrize("speed", [0.25, 1.0, 4.0])
def test_any_speed_of_the_api_is_spoken(booth: Booth, speed: float) -> None:
    async def spoken(at: float) -> int:
        given = booth.speaker.samples(LONG[:160], booth.first, speed=at)
        return sum([len(block) async for block in given])

    usual = booth.run(spoken(1.0))
    assert booth.run(spoken(speed)) == pytest.approx(usual / speed, rel=0.2)


def test_two_voices_sound_different(booth: Booth) -> None:
    one, two = booth.source.voices()[:2]
    assert booth.run(booth.blocks(WORDS, one)) != booth.run(booth.blocks(WORDS, two))


def test_the_same_text_takes_as_long_again(booth: Booth) -> None:
    one, two = (booth.seconds(WORDS) for _ in range(2))  # the breath in it may be another
    assert one == pytest.approx(two, abs=_PAUSE_S)


@pytest.mark.parametrize(
    "text",
    ["   ", "…", "\0", "💥", "a" * 4096, "Ünïcödé: ñ, 漢字, مرحبا.", "<speak>&amp;</speak>", "--x", "\n\n"],
)  # fmt: skip
def test_odd_texts_are_spoken_or_silent(booth: Booth, text: str) -> None:
    sound = booth.run(encoded(booth, text))
    assert sound[:4] == b"RIFF"


async def encoded(booth: Booth, text: str, form: Any = "wav", **more: Any) -> bytes:
    """Give a text's sound, as the server makes it."""
    speech = Speech(text, "tts-1", booth.first.name, form, **more)
    return b"".join([piece async for piece in booth.speaker.encoded(speech)])


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_carries_it(booth: Booth, form: str) -> None:
    sound = booth.run(encoded(booth, WORDS, form))
    if form == "pcm":
        lasting = len(sound) / 2 / 24_000
    else:
        samples, rate = decoded(sound)
        lasting = len(samples) / rate
    assert lasting == pytest.approx(booth.seconds(WORDS), abs=0.2)


@pytest.mark.parametrize("language", ["", "en", "de", "pt-BR", "xx"])
def test_a_language_is_spoken_or_passed_over(booth: Booth, language: str) -> None:
    async def spoken() -> bytes:
        blocks = booth.source.speak(WORDS, booth.first, Manner(language=language))
        return b"".join([block async for block in blocks])

    assert booth.run(spoken())


def test_instructions_are_taken(booth: Booth) -> None:
    assert booth.run(booth.blocks(WORDS, None, Manner(instructions="Speak like a pirate.")))


def test_several_at_once_have_each_their_own_words(booth: Booth) -> None:
    texts = [f"{'Anna and ' * count}Bert are here." for count in (1, 3, 5, 7)]
    alone = [booth.seconds(text) for text in texts]

    async def together() -> list[float]:
        given = await asyncio.gather(*(booth.blocks(text) for text in texts * 2))
        return [sum(map(len, blocks)) / 2 / booth.source.rate for blocks in given]

    assert booth.run(together()) == pytest.approx(alone * 2, abs=_PAUSE_S)
    assert all(longer - short > 3 * _PAUSE_S for short, longer in pairwise(alone))


def test_leaving_in_the_middle_ends_the_work(booth: Booth) -> None:
    async def leave() -> None:
        async with aclosing(booth.source.speak(LONG, booth.first, Manner())) as blocks:
            async for _ in blocks:
                break

    async def cancel() -> None:
        working = asyncio.ensure_future(booth.blocks(LONG))
        await asyncio.sleep(0)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    before = booth.seconds(WORDS)
    for _ in range(6):  # more than there are processes for
        booth.run(leave())
        booth.run(cancel())
    # Nothing of what was left is heard in what comes next.
    assert booth.seconds(WORDS) == pytest.approx(before, abs=_PAUSE_S)


def test_what_goes_wrong_is_told_in_our_words(booth: Booth) -> None:
    async def failing() -> SightlineError | None:
        try:
            await booth.blocks(WORDS, Voice("nobody", "nobody", ""))
        except SightlineError as error:
            return error
        return None

    error = booth.run(failing())
    assert error is not None
    assert "Error" not in error.line
    assert "127.0.0.1" not in error.line
    assert booth.run(booth.blocks(WORDS))  # and it goes on speaking


def test_a_source_that_never_spoke_is_closed(booth: Booth) -> None:
    def going() -> set[object]:
        return {*threading.enumerate(), *psutil.Process().children()}

    before = going()  # of which some may end meanwhile: other servers of these tests go on
    asyncio.run(GuardedVoices(voices.make(booth.settings.speech, booth.settings)).close())
    assert going() <= before
