"""The programs in `examples/`, run as they are against the server."""

from __future__ import annotations

import ast
import gc
import io
import os
import runpy
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

import av
import pytest

from tests.conftest import Web
from tests.films import scenes
from tests.waiting import PATIENCE_S, free_port

EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLES = Path(__file__).parents[2] / "samples"


def run(base_url: str, name: str, *words: str) -> str:
    """Run a program in this process; give what it prints."""
    out = io.StringIO()
    path = str(EXAMPLES / name)
    with (
        patch.dict(os.environ, {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "none"}),
        patch.object(sys, "argv", [path, *words]),
        redirect_stdout(out),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", ResourceWarning)  # what it opens is closed at its end
        runpy.run_path(path, run_name="__main__")
        gc.collect()
    return out.getvalue()


def run_alone(base_url: str, name: str, *words: str) -> str:
    """Run a program in a process of its own; give what it prints."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *words], capture_output=True, text=True, timeout=PATIENCE_S,
        env={**os.environ, "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "none"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(scenes(tmp_path_factory.mktemp("clip") / "clip.mp4"))


def test_pictures_by_url(base_url: str, web: Web) -> None:
    sign = f"{web.url}/sign.png"
    assert "MAPLE AVENUE" in run(base_url, "detail.py", sign)
    assert "ChatCompletionMessage" in run(base_url, "image_question.py", sign)
    assert "pixel for pixel" in run(base_url, "many_images.py", sign, sign)


def test_a_picture_in_base64(base_url: str) -> None:
    told = ast.literal_eval(run_alone(base_url, "base64_image.py", str(SAMPLES / "sign.png")))
    assert "MAPLE AVENUE" in told["choices"][0]["message"]["content"]


def test_frames(base_url: str, clip: str) -> None:
    described = run(base_url, "bison_description.py", clip)
    assert "180 frames read." in described
    assert "THE END" in described


def test_frames_of_a_camera(base_url: str, tmp_path: Path) -> None:
    from tests.films import film

    said = run(base_url, "camera_frames.py", str(film(tmp_path / "film.mp4", frames=220)))
    assert 0 < len(said.split()) <= 20


def test_a_voice_over(base_url: str, clip: str, tmp_path: Path) -> None:
    script = run(base_url, "voice_over.py", clip, str(tmp_path / "out.mp3"))
    assert script.strip()
    data = io.BytesIO((tmp_path / "out.mp3").read_bytes())
    with av.open(data, "r") as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) > 24_000


@pytest.fixture
def port() -> Iterator[int]:
    with free_port() as free:
        yield free


def test_a_playground(base_url: str, port: int) -> None:
    gradio_client = pytest.importorskip("gradio_client")
    process = subprocess.Popen(
        [sys.executable, "-u", str(EXAMPLES / "playground.py")], stdout=subprocess.PIPE, text=True,
        env={
            **os.environ, "OPENAI_BASE_URL": base_url, "GRADIO_SERVER_PORT": str(port),
            "GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_SERVER_NAME": "127.0.0.1",
        },
    )  # fmt: skip
    try:
        assert process.stdout is not None
        while "Running on" not in (line := process.stdout.readline()):
            assert line, process.wait()
        client = gradio_client.Client(f"http://127.0.0.1:{port}", verbose=False)
        picture = gradio_client.handle_file(str(SAMPLES / "receipt.png"))
        said = client.predict(
            "none", "Read it.", "- total: the total", False, picture,
            api_name="/ask_openai_with_image",
        )  # fmt: skip
        assert "16.2" in said
        client.close()
    finally:
        process.kill()
        process.communicate()
