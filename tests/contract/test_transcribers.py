"""What every source of transcripts promises, asked of each of them as the server asks.

The promises are those of `sightline/hearing/transcriber.py`. The server upstream is one of ours.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import aclosing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

from bench import random_model
from sightline.errors import EngineError, InvalidRequest, UsageError
from sightline.hearing import transcriber
from sightline.hearing.listen import SpeechListener, quiet
from sightline.media.soundtrack import Order, samples
from sightline.settings import load
from sightline.types.transcripts import RATE, Segment, Task, speech_spans
from tests import perceived, whisper
from tests.chatting import chatting
from tests.conftest import running
from tests.serving import Server
from tests.waiting import PATIENCE_S

T = TypeVar("T")
# What takes a second for each sentence and no more: a language to be found out takes another.
SHORT = Task("en", words=False)
TRANSLATED = Task("en", translate=True, words=False)


class Booth:
    """A source within a listener, on a loop of its own."""

    def __init__(self, **flags: str) -> None:
        # One thread, as servers have beside other tests: two wait for each other, and busily.
        self.listener = SpeechListener(load({"threads": 1, **flags}, environment={}))
        self.source = self.listener.transcriber
        self.loop = asyncio.new_event_loop()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work on the loop, and no longer than a test waits."""
        return self.loop.run_until_complete(asyncio.wait_for(work, PATIENCE_S))

    async def heard(self, sound: bytes, task: Task) -> list[Segment]:
        """Give what is said in samples."""
        return [each async for each in self.source.transcribe(sound, "whisper-1", task)]

    def close(self) -> None:
        """End the source, twice."""
        self.run(self.listener.close())
        self.run(self.listener.close())
        self.loop.close()


@pytest.fixture
def heard_again() -> Iterator[None]:
    """Have each sound heard here, whoever has heard it before in this run."""
    with perceived.anew():
        yield


@pytest.fixture(scope="module", params=["whisper", "upstream"])
def booth(request: pytest.FixtureRequest, ear: Path) -> Iterator[Booth]:
    flags = ("--no-playground", "--hearing-model", str(ear))
    if request.param == "whisper":
        made = Booth(hearing="whisper", hearing_model=str(ear))
        yield made
        made.close()
        return
    with running(*flags) as url:
        made = Booth(hearing="upstream", hearing_url=url)
        yield made
        made.close()


@pytest.fixture(scope="module")
def speech() -> bytes:
    async def all_of_it() -> bytes:
        return b"".join([piece async for piece in samples(whisper.SPEECH, Order())])

    return asyncio.run(all_of_it())


def test_each_has_a_row() -> None:
    assert set(transcriber.SOURCES.built_in) == {"whisper", "llamacpp", "upstream"}


def test_it_hears_words_with_their_times(booth: Booth, speech: bytes) -> None:
    booth.source.check()
    found = booth.run(booth.heard(speech, Task()))
    text = "".join(each.text for each in found)
    assert whisper.words(text) == whisper.words(" ".join(whisper.SAID))
    assert {each.language for each in found} == {"en"}
    whisper.hold_to_times(speech_spans(found))
    for each in found:
        said = [word.text for word in each.words]
        assert whisper.words(" ".join(said)) == whisper.words(each.text)


def test_it_hears_nothing_in_silence(booth: Booth) -> None:
    assert booth.run(booth.heard(bytes(2 * RATE * 3), Task())) == []


def test_it_goes_on_after_one_that_nobody_waits_for(
    booth: Booth, speech: bytes, heard_again: None
) -> None:
    async def given_up() -> None:
        async with aclosing(booth.source.transcribe(speech, "whisper-1", SHORT)) as segments:
            async for _ in segments:
                return

    booth.run(given_up())
    assert booth.run(booth.heard(speech[: 2 * RATE * 5], TRANSLATED))


def test_a_folder_that_holds_no_model_is_told(tmp_path: Path, ear: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((ear / name).read_bytes())
    made = Booth(hearing="whisper", hearing_model=str(tmp_path))
    with pytest.raises(UsageError, match=r"lacks model\.bin"):
        made.source.check()
    (tmp_path / "model.bin").write_bytes(b"none")
    with pytest.raises(EngineError, match="cannot be loaded"):
        made.run(made.heard(bytes(2 * RATE), Task()))
    made.close()


def test_a_server_that_is_away_is_told(speech: bytes) -> None:
    with chatting(lambda body: "") as url:
        pass  # it is away now
    made = Booth(hearing="upstream", hearing_url=url)
    with pytest.raises(EngineError, match="cannot be reached") as raised:
        made.run(made.heard(speech[:RATE], Task()))
    assert "127.0.0.1" not in raised.value.line
    made.close()
    made = Booth(hearing="upstream")
    with pytest.raises(UsageError, match="need its address"):
        made.source.check()
    made.close()


class JsonAlone(BaseHTTPRequestHandler):
    """A server that tells no times, as llama.cpp's: it refuses to be asked for them."""

    asked = 0

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["content-length"]))
        JsonAlone.asked += 1
        refused = b"verbose_json" in sent
        told = b'{"error": {"message": "Only json"}}' if refused else b'{"text": "Hello."}'
        self.send_response(400 if refused else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def test_a_server_that_tells_no_times_is_asked_for_none() -> None:
    server = Server(("127.0.0.1", 0), JsonAlone)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = Booth(hearing="upstream", hearing_url=f"http://127.0.0.1:{server.server_address[1]}/v1")
    for most in (2, 3):  # it is refused once
        (segment,) = made.run(made.heard(bytes(2 * RATE * 3), Task()))
        assert (segment.start_s, segment.end_s, segment.text) == (0, 3, " Hello.")
        assert JsonAlone.asked == most
    made.close()
    server.shutdown()
    server.server_close()


def test_a_model_in_gguf_writes_down_what_is_said(tmp_path: Path, speech: bytes) -> None:
    """It has random weights: that it is given sound, and answers within bounds, is what is seen."""
    shape = random_model.PRESETS["tiny"]
    text = random_model.write_text(shape, tmp_path / "ear.gguf")
    random_model.write_ear(shape, tmp_path / "mmproj-ear.gguf")
    before = {child.pid for child in psutil.Process().children()}
    made = Booth(hearing="llamacpp", hearing_model=str(text))
    made.source.check()
    for _ in range(2):
        (segment,) = made.run(made.heard(speech[: 2 * RATE], Task(language="en", prompt="Ear")))
        assert (segment.start_s, segment.end_s) == (0, 1)
        assert 0 < len(segment.text) < 600
    with pytest.raises(InvalidRequest, match="translates nothing"):
        made.run(made.heard(speech[: 2 * RATE], Task(translate=True)))
    made.close()
    assert {child.pid for child in psutil.Process().children()} <= before


def test_a_model_in_gguf_that_cannot_hear_is_told(tmp_path: Path, tiny: Path) -> None:
    made = Booth(hearing="llamacpp", models_dir=str(tmp_path))
    with pytest.raises(UsageError, match="No model that hears") as none:
        made.source.check()
    assert "sightline pull qwen3-asr-0.6b" in none.value.line
    made.close()
    made = Booth(hearing="llamacpp", hearing_model=str(tiny))
    with pytest.raises(EngineError, match="status"):
        made.run(made.heard(bytes(2 * RATE), Task()))
    made.close()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny.read_bytes()[:-5000])
    (tmp_path / "mmproj.gguf").write_bytes((tiny.parent / "mmproj.gguf").read_bytes())
    made = Booth(hearing="llamacpp", hearing_model=str(cut))
    with pytest.raises(UsageError, match="cut short or damaged"):
        made.source.check()
    made.close()


def test_a_long_sound_is_cut_where_it_is_quiet() -> None:
    loud, still = bytes([0, 40]) * RATE, bytes(2 * RATE)
    sound = loud * 8 + still + loud
    cut = quiet(sound)
    assert 8 * 2 * RATE < cut < 9 * 2 * RATE
    assert cut % 2 == 0


def test_stretches_make_one_transcript_and_closing_leaves_no_process(
    ear: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {child.pid for child in psutil.Process().children()}
    made = Booth(hearing="whisper", hearing_model=str(ear))
    monkeypatch.setattr(type(made.source._transcriber), "most_s", 8.0)
    found = made.run(made.listener.listen(whisper.SPEECH, Task()).transcript())
    made.close()
    assert {child.pid for child in psutil.Process().children()} <= before
    assert found.duration_s == pytest.approx(whisper.LENGTH_S, abs=0.05)
    # Each stretch begins anew: a word may come out otherwise.
    assert whisper.words(found.text)[:5] == whisper.words(whisper.SAID[0])[:5]
    assert found.segments[0].start_s == pytest.approx(whisper.TIMES[0][0], abs=0.3)
    assert found.segments[-1].end_s == pytest.approx(whisper.TIMES[1][1], abs=0.3)
