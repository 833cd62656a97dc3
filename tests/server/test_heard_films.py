"""Films of chats and of tools in which somebody speaks: what is said stands beside their frames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from tests import whisper
from tests.conftest import running
from tests.mcp.doors import ONCE, opened
from tests.pictures import data_url


@pytest.fixture(scope="module")
def hearing(ear: Path) -> Iterator[openai.OpenAI]:
    with running("--hearing-model", str(ear)) as url:
        yield openai.OpenAI(base_url=url, api_key="any")


@pytest.fixture(scope="module")
def mirror(ear: Path) -> Iterator[openai.OpenAI]:
    with running("--hearing-model", str(ear), "--engine", "mirror") as url:
        yield openai.OpenAI(base_url=url, api_key="any")


def ask(client: openai.OpenAI, film: Path, text: str, **how: Any) -> Any:
    url = data_url(film.read_bytes(), "video/mp4")
    parts: Any = [
        {"type": "text", "text": text},
        {"type": "video_url", "video_url": {"url": url, "detail": "low", "num_frames": 3, **how}},
    ]
    return client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": parts}]
    )


def test_a_model_is_told_it_at_its_times(mirror: openai.OpenAI, spoken_film: Path) -> None:
    reply = ask(mirror, spoken_film, "Look.")
    lines = [line for line in reply.choices[0].message.content.split("user: ") if line]
    assert "what is said in it was heard" in lines[1]
    frame = ["Frame at", "picture 64x48"]
    kinds = [" ".join(line.strip("[").split()[:2]) for line in lines[2:]]
    assert kinds == ["Said in", *frame, *frame, "Said in", *frame]
    assert "young man" in lines[2]
    assert lines[3].startswith("Frame at 2.0 s")
    assert "selfish" in lines[7]
    [viewed] = reply.usage.model_extra["sightline"]["videos"]
    assert viewed["heard"] is True
    # It is text that was sent: it counts, and the frames no less.
    unheard = ask(mirror, spoken_film, "Look.", end=1.0).usage
    assert reply.usage.prompt_tokens > viewed["tokens"] + unheard.prompt_tokens - 85 * 3


def test_the_reader_answers_of_it(hearing: openai.OpenAI, spoken_film: Path) -> None:
    for text in ("What is said in the film?", "What does he say?", "Describe the film."):
        told = ask(hearing, spoken_film, text).choices[0].message.content
        assert whisper.SAID[0] in told, text
        assert "do not hear" not in told


def test_a_stretch_of_it(mirror: openai.OpenAI, spoken_film: Path) -> None:
    text = ask(mirror, spoken_film, "Look.", start=5.5).choices[0].message.content
    assert "selfish" in text
    assert "young man" not in text


@pytest.mark.parametrize("flags", [("--hear-films-s", "5"), ("--hear-films-s", "0")])
def test_it_is_left_where_that_is_set(ear: Path, spoken_film: Path, flags: tuple[str, str]) -> None:
    with running("--hearing-model", str(ear), "--engine", "mirror", *flags) as url:
        reply = ask(openai.OpenAI(base_url=url, api_key="any"), spoken_film, "Look.")
    assert "which is not heard" in reply.choices[0].message.content
    assert reply.usage.model_extra["sightline"]["videos"][0]["heard"] is False


def test_tools_tell_it(ear: Path, spoken_film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_HEARING_MODEL", str(ear))
    with opened("stdio legacy", "--root", str(spoken_film.parent), command=ONCE) as door:
        told = door.call("describe_film", film=spoken_film.name, frames=3)
    assert "young man" in told["said"][0]["text"]
    assert told["said"][0]["start_s"] == pytest.approx(whisper.TIMES[0][0], abs=0.3)


def test_a_sound_alone_is_no_part_of_a_question(hearing: openai.OpenAI) -> None:
    part: Any = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    with pytest.raises(openai.BadRequestError) as raised:
        hearing.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": [part]}]
        )
    assert "only supported by certain models" in raised.value.message
    assert "/v1/audio/transcriptions" in str(raised.value.body)
