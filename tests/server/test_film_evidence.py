"""Where and when what is answered of films is seen, against films drawn for it, alone and beside others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import openai
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from tests.films import once
from tests.pictures import data_url, sample
from tests.waiting import PATIENCE_S

PLACES = ((0.1, 0.2), (0.4, 0.7))  # of the two texts of a film, in shares of the sides


def timed(path: Path, size: tuple[int, int] = (640, 360)) -> str:
    """Give a film of 6 s that says one thing in its first half and another in its second."""
    return data_url(halves(path, size).read_bytes(), "video/mp4")


@once
def halves(path: Path, size: tuple[int, int]) -> Path:
    """Write it, without loss: frames of a half are the same to the last bit, and read once."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=2, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for half, text in enumerate(("TOTAL $52.10", "CALL 555-0134")):
            image = drawn_on(size, text, PLACES[half])
            frame = av.VideoFrame.from_ndarray(np.asarray(image), "rgb24")
            frame = frame.reformat(format="yuv420p")
            for i in range(6):
                frame.pts = 6 * half + i
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def drawn_on(size: tuple[int, int], text: str, place: tuple[float, float]) -> Image.Image:
    image = Image.new("RGB", size, "white")
    font = ImageFont.load_default(size[1] // 9)
    at = place[0] * size[0], place[1] * size[1]
    ImageDraw.Draw(image).text(at, text, "black", font)
    return image


def drawn_box(size: tuple[int, int], text: str, place: tuple[float, float]) -> list[int]:
    """Say where a text was drawn."""
    ink = ImageOps.invert(drawn_on(size, text, place).convert("L")).getbbox()
    assert ink is not None
    return list(ink)


def told(base_url: str, question: str, *parts: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Ask for evidence; give the answer and where it stands."""
    with openai.OpenAI(base_url=base_url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client:
        content: Any = [{"type": "text", "text": question}, *parts]
        reply: Any = client.chat.completions.create(
            model="sightline-reader",
            messages=[{"role": "user", "content": content}],
            extra_body={"sightline": {"include": ["evidence"]}},
        )
    return reply.choices[0].message.content, reply.usage.sightline["evidence"]


def is_about(box: list[float], truth: list[int], size: tuple[int, int]) -> bool:
    """Say whether a box has a text in it and not much beside, in shares of the picture's height."""
    slack = 0.06 * size[1]
    outside = [truth[0] - box[0], truth[1] - box[1], box[2] - truth[2], box[3] - truth[3]]
    return all(-slack / 3 <= each <= slack for each in outside)


@pytest.mark.parametrize("size", [(640, 360), (1280, 720)], ids=str)
def test_evidence_of_a_film_says_where_and_when(
    base_url: str, tmp_path: Path, size: tuple[int, int]
) -> None:
    film = {"type": "video_url", "video_url": {"url": timed(tmp_path / "f.mp4", size), "fps": 1}}
    _, found = told(base_url, "What is written?", film)
    for text, place, times_s in (
        ("TOTAL $52.10", PLACES[0], (0, 3)),
        ("CALL 555-0134", PLACES[1], (3, 6)),
    ):
        [one] = [each for each in found if each["value"] == text]
        assert times_s[0] <= one["time_s"] < times_s[1]
        assert is_about(one["box"], drawn_box(size, text, place), size), one


def test_a_film_beside_a_picture_is_asked_about_as_one(base_url: str, tmp_path: Path) -> None:
    film = {"type": "video_url", "video_url": {"url": timed(tmp_path / "f.mp4"), "fps": 1}}
    picture = {"type": "image_url", "image_url": {"url": data_url(sample("receipt"))}}
    said, found = told(base_url, "What is the total?", picture, film)
    assert said == "Image: The total is $16.20.\n\nFilm: At 0.0 s: The total is $52.10."
    places = {each["value"]: (each["param"], each.get("time_s")) for each in found}
    assert places["$16.20"] == ("messages[0].content[1].image_url.url", None)
    assert places["$52.10"] == ("messages[0].content[2].video_url.url", 0.0)
    said, found = told(base_url, "What is the phone number in the film?", picture, film)
    assert "555-0134" in said
    assert "Image" not in said
    assert [each["time_s"] for each in found] == [3.0]


def test_each_of_two_films_has_its_own_evidence(base_url: str, tmp_path: Path) -> None:
    films = [
        {
            "type": "video_url",
            "video_url": {"url": timed(tmp_path / f"{size[0]}.mp4", size), "fps": 1},
        }
        for size in ((640, 360), (1280, 720))
    ]
    said, found = told(base_url, "What is the total?", *films)
    assert said.count("The total is $52.10.") == 2
    assert said.startswith("Film 1: ")
    values = [each for each in found if each["value"] == "$52.10"]
    assert [each["param"] for each in values] == [
        f"messages[0].content[{place}].video_url.url" for place in (1, 2)
    ]
    assert values[1]["box"][2] > 1.8 * values[0]["box"][2]
