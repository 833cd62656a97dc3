"""Films in requests: every shape of part, how they are sampled, what it costs, what is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
import requests

from tests.conftest import Web, running
from tests.films import film, scenes
from tests.pictures import encoded, written
from tests.waiting import PATIENCE_S


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server that says what it was sent."""
    with running("--engine", "mirror", "--allow-private-urls", "--max-video-s", "60") as address:
        yield address


@pytest.fixture(scope="module")
def mirror(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Three seconds, ninety frames."""
    return film(tmp_path_factory.mktemp("clip") / "clip.mp4", sound=True).read_bytes()


def data_url(data: bytes, kind: str = "video/mp4") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def ask(client: openai.OpenAI, *parts: Any, **more: Any) -> Any:
    content: list[Any] = [{"type": "text", "text": "What happens?"}, *parts]
    messages: list[Any] = [{"role": "user", "content": content}]
    return client.chat.completions.create(model="gpt-4o", messages=messages, **more)


def videos(reply: Any) -> list[dict[str, Any]]:
    return list(reply.usage.sightline["videos"])


def times(reply: Any) -> list[float]:
    return [frame["time_s"] for frame in videos(reply)[0]["frames"]]


@pytest.mark.parametrize(
    "shape",
    [
        lambda u: {"type": "video_url", "video_url": {"url": u, "num_frames": 3}},
        lambda u: {"type": "video_url", "video_url": u, "num_frames": 3},
        lambda u: {"type": "input_video", "video_url": u, "num_frames": 3},
        lambda u: {"type": "video", "video": {"url": u}, "num_frames": 3},
        lambda u: {"type": "video", "video": u, "num_frames": 3, "unknown": True},
        lambda u: {"type": "video", "video": f"\n {u}", "num_frames": 3},
    ],
)
def test_every_shape_of_part(mirror: openai.OpenAI, clip: bytes, shape: Any) -> None:
    reply = ask(mirror, shape(data_url(clip)))
    assert times(reply) == [0.5, 1.5, 2.5]
    said = (reply.choices[0].message.content or "").splitlines()
    assert [line for line in said if "Frame at" in line] == [
        "user: Frame at 0.5 s:", "user: Frame at 1.5 s:", "user: Frame at 2.5 s:",
    ]  # fmt: skip
    assert sum("[picture 256x128" in line for line in said) == 3


def test_the_plan_and_its_cost_come_back(mirror: openai.OpenAI, clip: bytes) -> None:
    part = {"url": data_url(clip), "fps": 2, "start": 1, "end": 2.1, "detail": "low"}
    reply = ask(mirror, {"type": "video_url", "video_url": part})
    (seen,) = videos(reply)
    assert seen["param"] == "messages[0].content[1].video_url.url"
    assert seen["frames"] == [
        {"index": 30, "time_s": 1.0}, {"index": 45, "time_s": 1.5}, {"index": 60, "time_s": 2.0},
    ]  # fmt: skip
    assert (seen["total_frames"], seen["audio"], seen["damaged"]) == (90, True, False)
    assert seen["tokens"] == 3 * 85 == reply.usage.prompt_tokens_details.image_tokens
    without = ask(mirror).usage.prompt_tokens
    assert reply.usage.prompt_tokens == without + 3 * 85
    assert reply.usage.sightline["images"] == []


def test_its_cost_is_known_beforehand(url: str, mirror: openai.OpenAI, clip: bytes) -> None:
    part = {"type": "video_url", "video_url": {"url": data_url(clip), "num_frames": 4}}
    content = [{"type": "text", "text": "What happens?"}, part]
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}
    counted = requests.post(
        f"{url}/chat/completions/input_tokens", json=body, timeout=PATIENCE_S
    ).json()
    assert counted["input_tokens"] == ask(mirror, part).usage.prompt_tokens
    assert len(counted["sightline"]["videos"][0]["frames"]) == 4


def test_by_url_beside_pictures_and_never_more_than_asked(
    mirror: openai.OpenAI, web: Web, clip: bytes
) -> None:
    address = web.page("/clip.mp4", clip)
    picture = {"type": "image_url", "image_url": {"url": web.url + "/sign.png"}}
    reply = ask(
        mirror,
        picture,
        {"type": "video_url", "video_url": {"url": address, "max_frames": 2}},
        picture,
    )
    assert len(times(reply)) == 2
    lines = (reply.choices[0].message.content or "").splitlines()
    kinds = ["film" if "256x128" in line else "sign" for line in lines if "[picture" in line]
    assert kinds == ["sign", "film", "film", "sign"]
    assert len(reply.usage.sightline["images"]) == 2


def test_the_reader_reads_a_film(base_url: str, tmp_path: Path) -> None:
    import av
    import numpy as np

    path = tmp_path / "titles.mp4"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 640, 188, "yuv420p"
        for i in range(20):
            image = np.asarray(
                written("ALPHA 17" if i < 10 else "OMEGA 42", "SHOWN HERE").convert("RGB")
            )
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image[:188]), "rgb24")
            frame = frame.reformat(format="yuv420p")
            frame.pts = i
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    part = {"type": "video_url", "video_url": {"url": data_url(path.read_bytes()), "num_frames": 2}}
    with openai.OpenAI(base_url=base_url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client:
        content: list[Any] = [{"type": "text", "text": "Read all text."}, part]
        reply = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": content}]
        )
    said = reply.choices[0].message.content or ""
    assert "ALPHA 17" in said
    assert "OMEGA 42" in said


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n%s\n#EXT-X-ENDLIST\n"


def test_a_playlist_reaches_neither_file_nor_network(
    mirror: openai.OpenAI, web: Web, clip: bytes, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(clip)
    inside = web.page("/inside.ts", clip)
    for text in (
        PLAYLIST % inside.encode(),
        PLAYLIST % f"file://{secret}".encode(),
        f"ffconcat version 1.0\nfile '{secret}'\n".encode(),
        f"ffconcat version 1.0\nfile '{inside}'\n".encode(),
        b"v=0\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    ):
        for kind in ("video/mp4", "video/x-mpegurl"):
            with pytest.raises(openai.BadRequestError):
                ask(mirror, {"type": "video_url", "video_url": {"url": data_url(text, kind)}})
    assert "/inside.ts" not in web.asked


@pytest.mark.parametrize(
    ("part", "words", "param"),
    [
        ({"type": "video_url"}, "Missing required parameter", "video_url"),
        ({"type": "video_url", "video_url": 5}, "expected one of a string or object", "video_url"),
        ({"type": "video_url", "video_url": {}}, "Missing required parameter", "video_url.url"),
        ({"type": "video_url", "video_url": {"url": "x", "fps": 0}}, "fps", "video_url.fps"),
        ({"type": "video_url", "video_url": {"url": "x", "fps": 1, "num_frames": 2}}, "Only one", "video_url.num_frames"),
        ({"type": "video_url", "video_url": "file:///etc/passwd"}, "without the 'data:' prefix", "video_url"),
        ({"type": "video_url", "video_url": "data:video/mp4;base64,"}, "empty", "video_url"),
        ({"type": "video_url", "video_url": data_url(b"words " * 99)}, "neither a picture nor a film", "video_url"),
        ({"type": "video_url", "video_url": data_url(b"ID3\4" + bytes(999), "video/mp4")}, "It holds sound alone", "video_url"),
        ({"type": "video_url", "video_url": data_url(b"\x1f\x07\0\xbf" + bytes(999), "video/dv")}, "container that is not read here: DV", "video_url"),
        ({"type": "video_url", "video_url": data_url(b"\0\0\0\x18ftypisom" + bytes(999))}, "It is a film, but its file is damaged", "video_url"),
        ({"type": "video_url", "video_url": data_url(encoded(written("x")), "text/html")}, "unsupported MIME", "video_url"),
    ],
)  # fmt: skip
def test_what_is_no_film_is_refused_by_its_part(
    mirror: openai.OpenAI, part: dict[str, Any], words: str, param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ask(mirror, part)
    assert words in refused.value.message
    assert refused.value.param == f"messages[0].content[1].{param}"


def test_bounds(mirror: openai.OpenAI, clip: bytes, tmp_path: Path) -> None:
    part = {"type": "video_url", "video_url": {"url": data_url(clip), "start": 50}}
    with pytest.raises(openai.BadRequestError, match="no frame from 50 s"):
        ask(mirror, part)
    long = film(tmp_path / "long.mp4", frames=3, times=[0, 1000, 90_000]).read_bytes()
    with pytest.raises(openai.BadRequestError, match="at most 60 s"):
        ask(mirror, {"type": "video_url", "video_url": data_url(long)})
    many = [{"type": "video_url", "video_url": data_url(clip)}] * 9
    with pytest.raises(openai.BadRequestError, match="Too many videos"):
        ask(mirror, *many)


def test_a_cut_film_is_seen_as_far_as_it_goes(mirror: openai.OpenAI, tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.ts", "mpeg2video", gop=10).read_bytes()
    part = {
        "type": "video_url",
        "video_url": data_url(whole[: len(whole) // 2], "video/mp2t"),
        "fps": 2,
    }
    reply = ask(mirror, part)
    assert 1 <= len(times(reply)) < 6


def test_it_streams(mirror: openai.OpenAI, clip: bytes) -> None:
    part = {"type": "video_url", "video_url": data_url(clip), "num_frames": 2}
    chunks = list(ask(mirror, part, stream=True, stream_options={"include_usage": True}))
    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said.count("Frame at") == 2
    assert len(json.loads(chunks[-1].usage.model_dump_json())["sightline"]["videos"]) == 1


@pytest.fixture(scope="module")
def scened(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A second of black, four of blue with words, three of red that are still, four of green."""
    return data_url(scenes(tmp_path_factory.mktemp("scened") / "scened.mp4").read_bytes())


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            "How long is it? When are the cuts? What moves, and where? Is there a black screen? "
            "Are any frames the same? Is there sound?",
            ["lasts 12.0 s", "3 cuts, at 1.0 s, 5.0 s and 8.0 s", "From 5.0 to 8.0 s: nothing moves",
             "at the top left", "black from 0.0 to 1.0 s", "Nothing changes from 5.0 to 8.0",
             "The frames at 5.0 s, 6.0 s and 7.0 s are the same", "no sound"],
        ),
        (
            "When is HARBOUR TOWN on screen? What text is shown? Which colours does it have?",
            ["“HARBOUR TOWN” is on screen from 2.0 to 3.0 s", "“THE END” from 8.0",
             "From 5.0 to 7.0 s: mostly red", "mostly green"],
        ),
        ("Describe it.", ["HARBOUR TOWN", "180 frames", "4 scenes"]),
        ("Answer in at most 8 words: what is this?", ["HARBOUR TOWN / THE END"]),
    ],
)  # fmt: skip
def test_the_reader_tells_what_it_measured(
    client: openai.OpenAI, scened: str, question: str, words: list[str]
) -> None:
    part = {"type": "video_url", "video_url": {"url": scened, "fps": 1}}
    content: list[Any] = [{"type": "text", "text": question}, part]
    messages: list[Any] = [{"role": "user", "content": content}]
    reply = client.chat.completions.create(model="sightline-reader", messages=messages)
    for word in words:
        assert word in str(reply.choices[0].message.content), reply.choices[0].message.content


def test_frames_in_the_cookbooks_form_are_a_film(client: openai.OpenAI) -> None:
    frames = [base64.b64encode(encoded(written("ONE WAY"), "JPEG")).decode()] * 2
    frames += [base64.b64encode(encoded(written("STOP HERE"), "JPEG")).decode()] * 2
    content: list[Any] = ["These are frames from a video. Describe it.",
                          *({"image": frame, "resize": 768} for frame in frames)]  # fmt: skip
    messages: list[Any] = [{"role": "user", "content": content}]
    said = client.chat.completions.create(
        model="gpt-4-vision-preview", messages=messages, max_tokens=500
    ).choices[0].message.content  # fmt: skip
    assert "4 frames of a film" in str(said)
    assert "“ONE WAY” in frames 1 to 2" in str(said)
    assert "“STOP HERE” in frames 3 to 4" in str(said)
