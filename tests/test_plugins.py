"""Engines and voices that others bring: found by module and class, or by an installed package."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openai
import pytest
from PIL import Image

from tests import documented
from tests.commands import typed
from tests.conftest import started
from tests.hearing import decoded, pitch
from tests.pictures import asking, encoded, sample
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[1]
SIGHTLINE = Path(sys.executable).parent / "sightline"
GOOD = """
    from sightline.engines.engine import Engine, EngineOptions
    from sightline.types import Delta

    class Good(Engine):
        name = "good"

        async def answer(self, question):
            yield Delta(text="Good.", tokens=1)
            yield Delta(finish="stop")

        async def count(self, texts):
            return len(texts)
"""


def written(folder: Path, code: str, name: str = "others.py") -> Path:
    """Write a module for whoever starts in that folder."""
    (folder / name).write_text(textwrap.dedent(code))
    return folder


def installed(folder: Path, points: dict[str, dict[str, str]], package: str = "acme") -> None:
    """Install a package of entry points, as pip would."""
    info = folder / f"{package}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    groups = (
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in named.items())
        for group, named in points.items()
    )
    (info / "entry_points.txt").write_text("\n".join(groups))


def command(
    folder: Path, *words: str, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Type a command in a folder, as it is installed: the folder is not on Python's path."""
    above = [str(path)] if path else []
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*above, str(ROOT), *sys.path[1:]])}
    return subprocess.run(
        [SIGHTLINE, *words], cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE_S
    )


def here(folder: Path, *words: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Type a command in a folder, within this process, which forgets what is imported there."""
    above = [str(path)] if path else []
    known, added = set(sys.modules), [*above, *filter(None, sys.path)]
    kept = patch.object(
        sys, "dont_write_bytecode", True
    )  # it may be of another text a moment later
    with chdir(folder), patch.object(sys, "path", added), kept:
        done = typed(*words)
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(folder)):
            del sys.modules[name]
    return done


SIGN = str(ROOT / "samples" / "sign.png")


def test_a_class_of_the_current_folder_answers(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    done = command(tmp_path, "ask", SIGN, "What?", "--engine", "others:Good")
    assert (done.stdout, done.returncode) == ("Good.\n", 0), done.stderr


def test_the_folder_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, GOOD)
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    done = command(tmp_path, "ask", SIGN, "What?", "--engine", "others:Good")
    assert done.returncode == 2
    assert "there is no module 'others'. It is looked for among what is installed." in done.stderr


def test_what_is_installed_comes_before_the_folder(tmp_path: Path) -> None:
    """Nothing that lies about in a folder takes the place of a package."""
    written(tmp_path, "raise SystemExit('taken')", "openai.py")
    written(tmp_path, GOOD)
    for name in ("openai:Good", "others:Good"):
        done = command(tmp_path, "ask", SIGN, "What?", "--engine", name)
        assert "taken" not in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("nowhere:Good", "", "there is no module 'nowhere'. It is looked for among what is"),
        ("others.deep:Good", "", "there is no module 'others.deep'"),
        ("others:Bad", GOOD, "others has no 'Bad'. others was read from"),
        ("others:", GOOD, "names no class. Write it as package.module:Class."),
        ("oth ers:Good", GOOD, "names no class."),
        ("others:given", "given = 5", "is not a class. Name a class derived from"),
        ("others:Plain", "class Plain:\n    def answer(self): ...", "does not derive from Engine: it lacks count."),
        ("others:Half", "from sightline.engines.engine import Engine\nclass Half(Engine):\n    name = 'half'", "lacks answer and count."),
        ("others:Good", GOOD.replace("name =", "label ="), "has no name of its own."),
        ("others:Good", GOOD.replace('"good"', '"a b"'), "has no name of its own."),
        ("others:Good", GOOD.replace('"good"', '"reader"'), "calls itself 'reader', which is a built-in one's name."),
        ("others:Good", GOOD.replace("async def count", "def count"), "its count has to be a coroutine."),
        ("others:Good", GOOD + "\n    import no_such_thing", "needs the module 'no_such_thing', which is not installed."),
        ("others:Good", "1 / 0", "cannot be imported: it raised ZeroDivisionError at others.py:1."),
        ("others:Good", "raise SystemExit(5)", "cannot be imported: it raised SystemExit at others.py:1."),
        ("others:Good", "def __getattr__(name):\n    raise KeyError('secret')", "cannot be imported: it raised KeyError at others.py:2."),
        ("others:Good", "def", "cannot be imported: it raised SyntaxError at others.py:1."),
        ("others:Good", GOOD + "\n        def __init__(self, options, workers):\n            int('secret')", "cannot be made: it raised ValueError at others.py:16."),
        ("others:Good", GOOD + "\n        def check(self):\n            int('secret')", "The engine good cannot be used: it raised ValueError at others.py:16."),
        ("others:Good", GOOD + "\n        options_class = int", "asks for its options by what is no dataclass."),
        ("oracle", "", "There is no engine called 'oracle'. There are nano, reader, mirror, llamacpp, upstream;"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_with_a_hint(
    tmp_path: Path, name: str, code: str, words: str
) -> None:
    written(tmp_path, code)
    done = here(tmp_path, "serve", "--port", "0", "--engine", name)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert words in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("nowhere:Tones", "", "The source of voices 'nowhere:Tones' is not there"),
        ("others:Tones", "class Tones: ...", "does not derive from Voices: it lacks speak and voices."),
        ("oracle", "", "There are no voices called 'oracle'. There are espeak, kokoro, upstream;"),
    ],
)  # fmt: skip
def test_and_of_voices(tmp_path: Path, name: str, code: str, words: str) -> None:
    written(tmp_path, code)
    for verb in (("serve", "--port", "0"), ("voices",)):
        done = here(tmp_path, *verb, "--speech", name)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert words in done.stderr


OPTIONS = """
    from dataclasses import dataclass

    @dataclass(frozen=True, slots=True)
    class Wants(EngineOptions):
        {field}: str = ""

    class Telling(Good):
        name = "telling"
        options_class = Wants

        async def answer(self, question):
            yield Delta(text=f"{{self.options.model}} {{self.options.{field}}}", tokens=1)
            yield Delta(finish="stop")
"""


def test_an_engine_is_told_the_settings_that_it_names_and_no_others(tmp_path: Path) -> None:
    words = ("ask", SIGN, "What?", "--engine", "others:Telling", "--model", "m")
    written(tmp_path, GOOD + OPTIONS.format(field="mmproj"))
    done = here(tmp_path, *words, "--mmproj", "half")
    assert done.stdout == "m half\n", done.stderr
    for private in ("speech_key", "limits_url", "keys_file", "no_such_setting"):
        written(tmp_path, GOOD + OPTIONS.format(field=private))
        done = here(tmp_path, *words)
        assert done.returncode == 2
        assert f"asks for the setting {private!r}, which it is not told." in done.stderr


def test_a_packages_name_is_found_and_told_of(tmp_path: Path) -> None:
    site, room = tmp_path / "site", tmp_path / "here"
    site.mkdir()
    room.mkdir()
    written(site, GOOD, "acme_vision.py")
    installed(site, {
        "sightline.engines": {"acme": "acme_vision:Good", "reader": "acme_vision:Good"},
        "sightline.voices": {"hums": "acme_vision:Hums"},
    })  # fmt: skip
    done = command(room, "ask", SIGN, "What?", "--engine", "acme", path=site)
    assert (done.stdout, done.returncode) == ("Good.\n", 0), done.stderr
    done = here(room, "ask", SIGN, "What does it say?", "--engine", "reader", path=site)
    assert "MAPLE AVENUE" in done.stdout  # which stays the built-in one's name
    told = json.loads(here(room, "doctor", "--json", path=site).stdout)
    assert told["engines"][-1] == "acme (acme 1.2)"
    assert told["voices"][-1] == "hums (acme 1.2)"
    assert any("under the name reader" in each for each in told["advice"])
    for verb in ("ask", "serve", "bulk", "watch", "describe", "narrate"):
        shown = here(room, verb, "--help", path=site).stdout
        assert "Installed engines: acme (acme 1.2)." in shown, verb
    assert "Installed sources of voices: hums" in here(room, "voices", "--help", path=site).stdout
    wrong = here(room, "ask", SIGN, "?", "--engine", "oracle", path=site).stderr
    assert "upstream, acme;" in wrong
    installed(site, {"sightline.engines": {"acme": "other:Good"}}, "another")
    wrong = here(room, "ask", SIGN, "?", "--engine", "acme", path=site).stderr
    assert "Several packages bring the engine 'acme': acme 1.2, another 1.2." in wrong


FAILING = """
    class Failing(Good):
        name = "failing"

        async def answer(self, question):
            wanted = question.messages[-1].text
            if wanted == "ends":
                return
            yield Delta(text="So far", tokens=1)
            if wanted == "raises":
                int("secret words")
            if wanted == "exits":
                raise SystemExit("secret words")
            if wanted == "goes on":
                yield Delta(finish="stop")
                yield Delta(text="secret words")
            if wanted == "gives another thing":
                yield "secret words"
            if wanted == "says why":
                from sightline.errors import EngineBusy
                raise EngineBusy("The lamp is cold.", hint="Wait for it.")
            yield Delta(finish="stop")
"""


def test_what_an_engine_raises_reaches_no_client(tmp_path: Path) -> None:
    written(tmp_path, GOOD + FAILING)
    with (tmp_path / "log").open("w+") as log:
        with (
            started("--engine", "others:Failing", cwd=tmp_path, stderr=log, env=_env()) as (url, _),
            openai.OpenAI(base_url=url, api_key="a", max_retries=0) as client,
        ):
            for wanted in ("raises", "exits", "gives another thing", "ends"):
                for stream in (False, True):
                    with pytest.raises(openai.APIError) as caught:
                        asked(client, wanted, stream=stream)
                    assert "The engine had an error" in caught.value.message, wanted
                    assert "secret" not in f"{caught.value.body}"
            with pytest.raises(openai.InternalServerError, match="The lamp is cold") as busy:
                asked(client, "says why")
            assert busy.value.status_code == 503
            for wanted in ("fine", "goes on"):  # an answer has an end, and others follow
                assert asked(client, wanted) == asked(client, wanted, stream=True) == "So far"
        log.seek(0)
        lines = log.read()
    assert re.search(
        r"the engine failing failed on a request: it raised ValueError at others.py:\d+", lines
    )
    assert "secret" not in lines
    assert "Traceback" not in lines


HOARSE = """
    from sightline.voices.voice import Voice, Voices

    class Hoarse(Voices):
        name = "hoarse"

        def voices(self):
            return (Voice("alloy", "näsel\\r\\nx: y", ""), Voice("ash", "odd", ""))

        async def speak(self, text, voice, manner):
            if voice.own == "odd":
                yield b"abc"
            if text == "Raise.":
                int("secret words")
            yield bytes(4800)
"""


def test_what_voices_raise_reaches_no_client(tmp_path: Path) -> None:
    written(tmp_path, HOARSE)
    with (tmp_path / "log").open("w+") as log:
        with (
            started("--speech", "others:Hoarse", cwd=tmp_path, stderr=log, env=_env()) as (url, _),
            openai.OpenAI(base_url=url, api_key="a", max_retries=0) as client,
        ):

            def spoken(voice: str, text: str) -> Any:
                return client.audio.speech.with_raw_response.create(
                    model="tts-1", voice=voice, input=text, response_format="pcm"
                )

            for voice, text in (("alloy", "Raise."), ("ash", "Hello.")):
                with pytest.raises(
                    openai.InternalServerError, match="The voices had an error"
                ) as e:
                    spoken(voice, text)
                assert "secret" not in f"{e.value.body}"
            reply = spoken("alloy", "Hello.")
            assert len(reply.content) == 4800
            # Whatever a voice is called, it stays within its header.
            assert reply.headers["x-sightline-voice"] == "hoarse n%C3%A4sel%0D%0Ax: y"
            with pytest.raises(openai.BadRequestError):  # the API's, which this source has not
                spoken("onyx", "Hello.")
        log.seek(0)
        lines = log.read()
    assert re.search(r"hoarse failed on a text: it raised ValueError at others.py:\d+", lines)
    assert "secret" not in lines


def asked(client: openai.OpenAI, text: str, *pictures: bytes, stream: bool = False) -> str:
    """Ask; give the answer's text."""
    messages: Any = asking(text, *pictures)
    if not stream:
        reply = client.chat.completions.create(model="gpt-4o", messages=messages)
        return reply.choices[0].message.content or ""
    chunks = client.chat.completions.create(model="gpt-4o", messages=messages, stream=True)
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]])}


def test_a_file_and_its_routes_name_classes(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    (tmp_path / "sightline.toml").write_text(
        'engine = "others:Good"\n[models."house/mirror"]\nengine = "mirror"\n'
        '[models."house/good"]\nengine = "others:Good"\nmodel = "x"\n'
    )
    with (
        started("--config", "sightline.toml", "--workers", "2", cwd=tmp_path, env=_env()) as (
            url,
            _,
        ),
        openai.OpenAI(base_url=url, api_key="a", max_retries=0) as client,
    ):
        used = {}
        for model in ("gpt-4o", "house/mirror", "house/good", "sightline-reader"):
            reply = client.chat.completions.create(
                model=model, messages=asking("What?", sample("sign"))
            )
            assert reply.usage is not None
            used[model] = (reply.usage.model_extra or {})["sightline"]["engine"]
        assert list(used.values()) == ["good", "mirror", "good", "reader"]
        with pytest.raises(openai.NotFoundError):  # a client's model is never a class
            client.chat.completions.create(model="others:Good", messages=asking("What?"))


def test_the_help_is_the_same_without_others() -> None:
    assert "Installed" not in typed("ask", "--help").stdout


def test_the_documented_engine_and_voices_serve(tmp_path: Path) -> None:
    documented.write(tmp_path)
    flags = ("--engine", "colour:AverageColour", "--speech", "tones:Tones")
    with (
        started(*flags, cwd=tmp_path, env=_env()) as (url, _),
        openai.OpenAI(base_url=url, api_key="a", max_retries=0) as client,
    ):
        pictures = [encoded(Image.new("RGB", (64, 64), ink)) for ink in ("#204060", "red")]
        said = "Picture 1: #204060\nPicture 2: #ff0000"
        assert asked(client, "What colour?", *pictures) == said
        assert asked(client, "What colour?", *pictures, stream=True) == said
        assert next(model.id for model in client.models.list()) == "average-colour"
        with pytest.raises(openai.BadRequestError, match="response_format"):
            client.chat.completions.create(
                model="gpt-4o", messages=asking("?"), response_format={"type": "json_object"}
            )
        for voice, hertz in (("alloy", 110), ("onyx", 220)):
            reply = client.audio.speech.with_raw_response.create(
                model="tts-1", voice=voice, input="Harbour lights.", response_format="wav"
            )
            assert reply.headers["x-sightline-voice"] == f"tones {hertz}-hz"
            samples, rate = decoded(reply.content)
            assert pitch(samples, rate) == pytest.approx(hertz, rel=0.02)
            assert len(samples) / rate == pytest.approx(14 / 15 + 0.1, abs=0.02)


def test_the_documented_commands(tmp_path: Path) -> None:
    documented.write(tmp_path)
    done = command(tmp_path, "ask", SIGN, "What colour?", "--engine", "colour:AverageColour")
    assert re.fullmatch(r"Picture 1: #[0-9a-f]{6}\n", done.stdout), done.stderr
    words = ("onyx", "--speech", "tones:Tones", "--sample", "samples", "--format", "wav")
    done = command(tmp_path, "voices", *words)
    assert "220-hz" in done.stdout, done.stderr
    assert len(decoded((tmp_path / "samples" / "onyx.wav").read_bytes())[0]) > 24_000
