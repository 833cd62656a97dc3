"""What the pages and the commands' help tell to type, typed."""

from __future__ import annotations

import base64
import gc
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import chdir
from importlib import import_module
from itertools import groupby
from pathlib import Path
from unittest.mock import patch

import pytest
from PIL import Image

from sightline.cli.main import COMMANDS
from tests import commands, documented
from tests.chatting import chatting
from tests.conftest import Web
from tests.documented import Block
from tests.documents import pdf
from tests.films import film
from tests.hub import Hub
from tests.pictures import written
from tests.serving import in_thread
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[2]
SIGN = base64.b64encode((ROOT / "samples" / "sign.png").read_bytes()).decode()
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
SERVING = re.compile(r"(?:\w+=\S+ )?sightline (serve|playground)\b")
# A command without anything that only a shell understands, beside where its input comes from and what it
# prints goes to; of one that pulls, a library reads the environment once for all, and one that speaks MCP
# has stdin to itself.
PLAIN = re.compile(
    r"""(?:(?!sightline ).* \| )?sightline (?!pull|mcp)(?:[^|<>$`"';&*#]|"[^"$`]*"|'[^']*')+(?: > \S+)?"""
)
REMARK = re.compile(r"  +# .*$", re.M)  # what a page says of a command behind it
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.M | re.S)
# What a reader has and a test has not: another server, a camera.
OTHERS = "http://127.0.0.1:11434/v1"
# Blocks of the README, by how they begin, that are run elsewhere or not.
APART = {
    "make demo": "installs for minutes",
    "import base64\nfrom openai": "tests/e2e/test_readme.py::test_the_readmes_client_works",
}


def runnable(page: Path) -> list[Block]:
    """The blocks of a page that are typed or run here."""
    return [
        block
        for block in documented.blocks(page)
        if block.language in ("sh", "bash", "python") and not block.mark
        and not (page.name == "README.md" and block.text.startswith(tuple(APART)))
    ]  # fmt: skip


PAGES = [page for page in documented.PAGES if runnable(page)]


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[dict[str, str]]:
    """A hub with a model, another server, and where things are."""
    hub = Hub("ggml-org/SmolVLM2-500M-Video-Instruct-GGUF", "a" * 40)
    hub.files = {
        "SmolVLM2-500M-Video-Instruct-Q8_0.gguf": tiny.read_bytes(),
        "mmproj-SmolVLM2-500M-Video-Instruct-Q8_0.gguf": (tiny.parent / "mmproj.gguf").read_bytes(),
    }
    folder = tmp_path_factory.mktemp("models")
    with hub.serving(), chatting(lambda _: "A room.", "qwen2.5vl") as other:
        yield {
            "OTHER": other,
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HF_ENDPOINT": hub.url,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HOME": str(folder / "hf-home"),
            "SIGHTLINE_MODELS_DIR": str(folder),
            "SIGHTLINE_KEYS_FILE": str(folder / "keys.sqlite"),
            "OPENAI_API_KEY": "none",
        }


@pytest.fixture
def place(tmp_path: Path, tiny: Path) -> Path:
    """A folder with the files that the guides speak of."""
    # Square ones are read soonest, and how well is for other tests to say.
    for name, total in (("receipt", 16), ("sign", 4), ("before", 6), ("after", 5)):
        drawn = written("Maple Avenue", f"Total: {total}.20", size=30).crop((0, 0, 320, 188))
        page = Image.new("RGB", (320, 320), "white")
        page.paste(drawn)
        page.save(tmp_path / f"{name}.png")
    for name in ("photo.jpg", "scan.jpg", "shelf.jpg", "part.jpg", "receipt.jpg", "drawing.png"):
        shutil.copy(tmp_path / "sign.png", tmp_path / name)
    for name in ("invoice.pdf", "letter.pdf"):
        (tmp_path / name).write_bytes(pdf(["Maple Hardware", "Total: 16.50"]))
    (tmp_path / "film.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nGood morning.\n")
    asked = {"model": "sightline-nano", "messages": [{"role": "user", "content": "How much?"}]}
    (tmp_path / "request.json").write_text(json.dumps(asked))
    samples = tmp_path / "samples"
    samples.mkdir()
    for name in ("receipt.png", "sign.png", "before.png", "after.png"):
        shutil.copy(tmp_path / name, samples / name)
    shutil.copy(tmp_path / "photo.jpg", samples / "coffee.jpg")
    shutil.copy(tmp_path / "sign.png", samples / "poster.png")
    shutil.copy(tmp_path / "invoice.pdf", samples / "papers.pdf")
    (tmp_path / "pictures").mkdir()
    for name in ("one", "two"):
        shutil.copy(tmp_path / "sign.png", tmp_path / "pictures" / f"{name}.png")
    shutil.copy(
        film(tmp_path / "film.mp4", frames=10, times=[400 * i for i in range(10)], size=(128, 64)),
        tmp_path / "bison.mp4",
    )
    shutil.copy(tmp_path / "film.mp4", samples / "film.mp4")
    for name in ("my-model.gguf", "model.gguf"):
        (tmp_path / name).symlink_to(tiny)
    (tmp_path / "mmproj.gguf").symlink_to(tiny.parent / "mmproj.gguf")
    return tmp_path


def serves(command: str, place: Path, env: dict[str, str]) -> None:
    """Start what serves, on a free port; end it once it says where it is.

    A server is one in a thread of this process: with these settings it is another, by itself it is
    that of `tests/server`.
    """
    words = shlex.split(command)
    at = words.index("sightline")
    if words[at + 1] == "serve":
        own = dict(word.split("=", 1) for word in words[:at])
        with chdir(place), patch.dict(os.environ, {**env, **own}), in_thread(*words[at + 2 :]):
            return
    process = subprocess.Popen(
        ["bash", "-c", f"exec env {command} --port 0"],
        cwd=place, env=env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert "http://" in process.stdout.readline(), command
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def way(line: str) -> str:
    """Say how a line is typed: what serves ends only by a signal, what is plain needs no shell."""
    if SERVING.match(line):
        return "serving"
    return "plain" if PLAIN.fullmatch(line) else "shell"


def typed(lines: str, place: Path, env: dict[str, str]) -> None:
    """Type lines of a shell, each of which has to succeed."""
    lines = REMARK.sub("", re.sub(r"\\\n\s*", "", lines))
    for how, some in groupby(lines.splitlines(), way):
        if how == "shell":
            shell("\n".join(some), place, env)
            continue
        for line in some:
            if how == "serving":
                serves(re.sub(r" --port \d+", "", line), place, env)
                continue
            before, _, command = line.rpartition(" | ")
            given = shell(before, place, env) if before else b""
            command, _, file = re.sub(r" > (\S+)$", r"\n\1", command).partition("\n")
            with chdir(place):
                done = commands.typed(*shlex.split(command)[1:], stdin=given, env=env)
            assert done.returncode == 0, (line, done.stderr)
            if file:
                (place / file).write_text(done.stdout, "utf-8", newline="")


def shell(lines: str, place: Path, env: dict[str, str]) -> bytes:
    """Have a shell run lines, with each command as a process of its own; give what they print."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines],
        cwd=place, env=env, capture_output=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 0, (lines, done.stderr)
    return done.stdout


def ran(program: str, name: str, **known: str) -> None:
    """Run a program of a page, which leaves it to its end to close what it has opened."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        exec(compile(program, name, "exec"), {"__name__": "__main__", **known})
        gc.collect()


def here(text: str, base_url: str, other: str, web: Web) -> str:
    """Put this test's servers and its small model in the place of those that a page names."""
    for server in ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000"):
        text = text.replace(server, base_url.removesuffix("/v1") + server[21:])
    for server in (OTHERS, "https://api.openai.com/v1"):
        text = text.replace(server, other)
    text = re.sub(r"https://example\.com/[\w-]+\.(png|jpg)", f"{web.url}/sign.png", text)
    # A model that the hub has, one that the other server has, and a film of four seconds.
    text = text.replace("--model gpt-5.5", "--model qwen2.5vl")
    return text.replace("qwen3-vl-8b", "smolvlm2-500m").replace("--start 1:00", "--start 1")


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda path: path.relative_to(ROOT).with_suffix("").as_posix()
)
def test_a_page(page: Path, place: Path, env: dict[str, str], base_url: str, web: Web) -> None:
    pulled = False
    for block in runnable(page):
        text = here(block.text, base_url, env["OTHER"], web)
        if block.language == "python":
            with chdir(place), patch.dict(os.environ, env):
                ran(text, page.name, url=f"{web.url}/sign.png", b64=SIGN)
            continue
        if "--model smolvlm2-500m" in text and not pulled and "sightline pull" not in text:
            typed("sightline pull smolvlm2-500m", place, env)
            pulled = True
        typed(text, place, env)
        if "sightline use" in text:
            typed("sightline use embedded", place, env)


# What no other test has do its work as a process of its own.
ALONE = {"decide", "describe", "inspect", "tokens", "models", "voices", "retiring", "doctor"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_in_a_commands_help(
    command: str, place: Path, env: dict[str, str], base_url: str
) -> None:
    epilog = " ".join((import_module(f"sightline.cli.{command}").parser().epilog or "").split())
    example = epilog.partition("Example: ")[2]
    if command == "transcribe":
        pytest.skip("hears by a model that is pulled: tests/cli/test_transcribe.py")
    if command not in ALONE and any(example in page.read_text("utf-8") for page in GUIDES):
        return  # typed there
    run = shell if command in ALONE else typed
    # A test has no camera, and its home is not to be written to.
    example = example.replace("watch 0 ", "watch film.mp4 --count 1 ")
    example = re.sub(r">.*", "> script", example)
    if command == "rm":
        typed("sightline pull smolvlm2-500m", place, env)
    for server in ("http://127.0.0.1:8000/v1", "https://vision.example.com/v1"):
        example = example.replace(server, base_url)
    run(example.replace(OTHERS, base_url), place, env)


def sessions() -> Iterator[tuple[str, str]]:
    """The commands of the pages beside which stands what they print."""
    for path in documented.PAGES:
        for console in CONSOLE.findall(path.read_text("utf-8")):
            for session in re.split(r"^\$ ", console, flags=re.M)[1:]:
                command, _, told = session.partition("\n")
                yield command, told


@pytest.mark.parametrize(("command", "told"), dict.fromkeys(sessions()))
def test_what_is_said_to_be_printed_is_printed(command: str, told: str, tmp_path: Path) -> None:
    # The pictures of the pages stay as they are.
    name, *words = shlex.split(command.replace("docs/pictures", str(tmp_path)))
    assert name == "sightline"
    done = commands.typed(*words)
    assert done.stdout.rstrip() == told.rstrip(), done.stderr


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_no_guide_sends_pictures_to_others(guide: Path) -> None:
    """Without a base URL the client asks OpenAI."""
    for made in re.findall(r"OpenAI\([^)]*\)", guide.read_text("utf-8")):
        assert 'base_url="http://127.0.0.1:8000/v1"' in made


def test_the_guides_speak_of_every_job() -> None:
    names = {path.stem for path in GUIDES}
    assert names >= {
        "ask", "json", "video", "camera", "narrate", "costs", "team", "own-model", "bulk",
    }  # fmt: skip
