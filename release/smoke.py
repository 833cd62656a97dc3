"""What an installed Sightline has to do, run by the Python that it is installed for.

    python -I release/smoke.py COMMAND VERSION DIST [CLIENT]

COMMAND is its `sightline`, DIST the folder with the wheels that it has to be made of. CLIENT is the
`sightline` of another environment, which has the client alone. It imports nothing of the checkout.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openai
from openai.types.chat import ChatCompletionContentPartParam, ChatCompletionUserMessageParam
from openai.types.chat.chat_completion_content_part_image_param import ImageURL
from PIL import Image, ImageDraw, ImageFont

NUMBER = "4172"
QUESTION = "What does it say?"


def installed(dist: Path) -> None:
    """Hold every file of the environment's Sightline to the wheels: it is no other's, and whole."""
    place = Path(sysconfig.get_path("purelib"))
    wheels = sorted(dist.glob("*.whl"))
    assert wheels
    for path in wheels:
        with zipfile.ZipFile(path) as wheel:
            for name in wheel.namelist():
                if not name.endswith("/RECORD"):  # to which the installer adds
                    assert (place / name).read_bytes() == wheel.read(name), name


def said(*words: str) -> str:
    """Type a command; give what it says. Ends where it fails."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def served(command: str) -> Iterator[str]:
    """Serve on a free port; give the base URL."""
    words = [command, "serve", "--port", "0", "--log-level", "warning"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        urls = [word for word in process.stdout.readline().split() if word.startswith("http://")]
        if not urls:
            raise SystemExit("the server did not start")
        yield urls[0]
    finally:
        process.terminate()
        process.communicate(timeout=60)


def about(picture: Path) -> ChatCompletionUserMessageParam:
    """Ask about a picture, as the API has it."""
    data = base64.b64encode(picture.read_bytes()).decode()
    url: ImageURL = {"url": f"data:image/png;base64,{data}"}
    parts: list[ChatCompletionContentPartParam] = [
        {"type": "text", "text": QUESTION},
        {"type": "image_url", "image_url": url},
    ]
    return {"role": "user", "content": parts}


def main(command: str, version: str, dist: str, *clients: str) -> None:
    """Go through it; a failed assertion or command ends it with a nonzero exit code."""
    installed(Path(dist))
    assert said(command, "--version") == f"sightline {version}\n"
    assert "ask" in said(command, "--help")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        picture = Path(folder, "room.png")
        drawn = Image.new("RGB", (640, 220), "white")
        font = ImageFont.load_default(size=90)
        ImageDraw.Draw(drawn).text((60, 50), f"ROOM {NUMBER}", "black", font)
        drawn.save(picture)
        assert NUMBER in said(command, "ask", str(picture), QUESTION)
        message = about(picture)
        with served(command) as base_url, openai.OpenAI(base_url=base_url, api_key="any") as client:
            assert "gpt-4o" in {model.id for model in client.models.list()}
            reply = client.chat.completions.create(model="gpt-4o", messages=[message])
            assert NUMBER in (reply.choices[0].message.content or "")
            assert reply.usage is not None
            assert reply.usage.prompt_tokens > 85
            for asking in (command, *clients):
                said(asking, "conformance", "--base-url", base_url, "--group", "models")
                asked = said(asking, "ask", str(picture), QUESTION, "--base-url", base_url)
                assert NUMBER in asked


if __name__ == "__main__":
    main(*sys.argv[1:])
