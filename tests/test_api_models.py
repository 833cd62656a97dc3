"""The one file of what is known of the API's models: a row of it adds one, a wrong row is told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
import requests
from PIL import Image

from sightline.api_models import api_models, read
from tests.conftest import started
from tests.pictures import encoded, part
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[1]
FILE = ROOT / "sightline" / "api_models.toml"
NEW = (
    '"gpt-7-nova" = { context = 222_000, output = 77, sizing = "gpt-4o-mini", reasoning = true,'
    ' answers_as = "gpt-7-nova-2030-02-03", created = 1896307200, shutdown = 2031-01-02 }'
)


def written(tmp_path: Path, row: str, table: str = "chat") -> Path:
    """The file with a row more."""
    text = FILE.read_text("utf-8").replace(f"\n[{table}]", f"\n[{table}]\n{row}", 1)
    path = tmp_path / "api_models.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that differs from this one in that one row."""
    place = tmp_path_factory.mktemp("edited")
    for folder in ("sightline", "docs"):
        (place / folder).mkdir()
        for each in (ROOT / folder).iterdir():
            if each.name not in ("__pycache__", "api_models.toml"):
                (place / folder / each.name).symlink_to(each)
    written(place / "sightline", NEW)
    (place / "tests").symlink_to(ROOT / "tests")  # a server of tests is one of its modules
    return place


@pytest.fixture(scope="module")
def env(edited: Path) -> dict[str, str]:
    weights = [path for path in sys.path if path.rstrip("/").endswith("weights")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(edited), *weights])}


def typed(edited: Path, env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=edited,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def test_one_row_is_everywhere_on_the_command_line(edited: Path, env: dict[str, str]) -> None:
    cli = ("-m", "sightline.cli.main")
    told = json.loads(typed(edited, env, *cli, "models", "--api", "--json").stdout)["models"]
    assert told[0]["id"] == "gpt-7-nova"
    assert (told[0]["context"], told[0]["output"], told[0]["reasoning"]) == (222_000, 77, True)
    assert told[0]["shutdown_date"] == "2031-01-02"
    page = typed(edited, env, *cli, "models", "--api").stdout
    row = next(line for line in page.splitlines() if line.startswith("gpt-7-nova"))
    assert row.split() == ["gpt-7-nova", "chat", "222,000", "as", "gpt-4o-mini", "2031-01-02"]
    size = ("tokens", "--size", "1024x1024", "--json", "--model")
    for id in ("gpt-7-nova", "gpt-7-nova-2030-02-03", "ft:gpt-7-nova:acme::x"):
        costs = json.loads(typed(edited, env, *cli, *size, id).stdout)
        assert costs["pictures"][0]["tokens"] == 25_501, id
    (edited / "app.py").write_text('model = "gpt-7-nova"\n')
    found = typed(edited, env, *cli, "retiring", "app.py")
    assert found.returncode == 1
    assert found.stdout.startswith("app.py:1  gpt-7-nova  ends 2031-01-02")


def test_one_row_is_in_the_reference(edited: Path, env: dict[str, str]) -> None:
    code = "import sys; sys.path.insert(0, 'docs'); import generate; print(generate.models_page())"
    page = typed(edited, env, "-c", code).stdout
    cells = "| `gpt-7-nova` | `gpt-7-nova-2030-02-03` | 222,000 | 77 |  | yes | gpt-4o-mini |"
    assert f"{cells} 2031-01-02 |" in page


@pytest.fixture(scope="module")
def edited_url(edited: Path, env: dict[str, str]) -> Iterator[str]:
    with started("--engine", "mirror", env=env, cwd=edited) as (url, _):
        yield url


def test_one_row_is_everywhere_over_http(edited_url: str) -> None:
    with openai.OpenAI(base_url=edited_url, api_key="any", max_retries=0) as client:
        listed = {model.id: model for model in client.models.list()}["gpt-7-nova"]
        assert (listed.created, listed.shutdown_date) == (1896307200, "2031-01-02")
        assert client.models.retrieve("gpt-7-nova-2030-02-03").shutdown_date is None
    picture = part(encoded(Image.new("RGB", (1024, 1024))), detail="high")

    def asked(*parts: dict[str, Any], **more: int) -> dict[str, Any]:
        content = [{"type": "text", "text": "What?"}, *parts]
        messages = [{"role": "user", "content": content}]
        body = {"model": "gpt-7-nova", "messages": messages, **more}
        reply = requests.post(f"{edited_url}/chat/completions", json=body, timeout=PATIENCE_S)
        told: dict[str, Any] = reply.json()
        return told

    with_picture, without = asked(picture), asked()
    assert with_picture["model"] == "gpt-7-nova-2030-02-03"
    spent = [reply["usage"]["prompt_tokens"] for reply in (with_picture, without)]
    assert spent[0] - spent[1] == 25_501
    assert "222000 tokens" in asked(*[picture] * 9)["error"]["message"]
    most = asked(max_completion_tokens=78)["error"]["message"]
    assert "supports at most 77 completion tokens" in most
    unsupported = asked(max_tokens=7)["error"]["message"]
    assert "'max_tokens' is not supported with this model" in unsupported


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('"gpt-7" = {}', "'gpt-7' is of no family; its row has to say context, output and sizing"),
        ('"gpt-5.7" = { contxt = 7 }', "'gpt-5.7' has contxt, which is no fact"),
        ('"gpt-5.7" = { sizing = "gpt-9" }', "sized as 'gpt-9', of which there is no sizing"),
        ('"gpt-5.7" = { sources = { sizing = "hearsay" } }', "from hearsay, which is no source"),
    ],
)
def test_a_wrong_row_is_told(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read(written(tmp_path, row))


def test_an_id_has_one_row(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="An id has two rows"):
        read(written(tmp_path, '"gpt-4o" = {}', table="chat_unlisted"))


def test_a_row_says_what_its_family_does_not(tmp_path: Path) -> None:
    known = read(written(tmp_path, '"gpt-5.7-nova" = { context = 7, sizing = "o1" }'))
    model = known.describe("gpt-5.7-nova")
    assert (model.context, model.output, model.sizing, model.reasoning) == (7, 128_000, "o1", True)
    assert known.describe("gpt-5.7-other").context == 1_050_000


def test_every_fact_has_a_source_with_a_date() -> None:
    known = api_models()
    for model in known.models.values():
        for fact in (
            "context",
            "output",
            "sizing",
            "reasoning",
            "created",
            "shutdown",
            "successor",
        ):
            source = known.source(model, fact)
            assert source.about
            assert re.fullmatch(r"20\d\d(-\d\d){0,2}", source.date)


def test_a_guess_is_called_one() -> None:
    known = api_models()
    guessed = {m.id for m in known.models.values() if m.listed and known.guessed(m)}
    assert guessed == {"gpt-6-sol", "gpt-6-luna", "gpt-6.1-sol"}
    assert known.guessed(known.describe("gpt-6.2-terra"))
    assert known.source(known.describe("gpt-6-sol"), "sizing").line.startswith("a guess: ")
    assert known.guessed(known.describe("gpt-image-1.5"))
    assert not known.guessed(known.describe("gpt-image-1"))
    reference = (ROOT / "docs" / "reference" / "models.md").read_text("utf-8")
    assert "| gpt-6 (guess) |" in reference


def test_what_the_openai_package_tells_is_in_the_file() -> None:
    """Its types name the days; a newer package than the file is found out here."""
    told: dict[str, str] = {}
    for path in (Path(openai.__file__).parent / "types").rglob("*.py"):
        text = re.sub(r"\n\s*", " ", path.read_text("utf-8"))
        for ids, day in re.findall(
            r'((?:"[^"\s]+",? ?)+): +Announced shutdown date: +(\d{4}-\d\d-\d\d)', text
        ):
            told |= dict.fromkeys(re.findall(r'"([^"]+)"', ids), day)
    assert len(told) > 80
    for id, day in told.items():
        assert str(api_models().models[id].shutdown) == day, id
