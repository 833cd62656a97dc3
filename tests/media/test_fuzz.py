"""A short run of what `make fuzz` runs for a minute, and what fuzzing once found."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import fuzz
from tests.fuzzing.seeds import CORPUS, seeds
from tests.fuzzing.targets import TARGETS, check_body, check_head, serving
from tests.starting import python


@pytest.mark.parametrize("name", TARGETS)
def test_a_round_of_fuzzing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Told by this process; the inputs are tried by one of its own, as always."""
    count = str(TARGETS[name].share)
    words = ["--only", name, "--first", "1", "--count", count, "--findings", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["fuzz", *words])
    code = fuzz.main()
    told = capsys.readouterr().out
    assert code == 0, told
    assert f"{name}: {count} inputs from 1 on, 0 got through" in told


@pytest.mark.parametrize("name", ["pictures", "documents", "films"])
def test_the_seeds_themselves_get_through(name: str) -> None:
    """And what fuzzing has found, which is kept among them."""
    target = TARGETS[name]
    with target.ready() as check:
        for data in seeds(name):
            check(data)
    assert sum(path.stat().st_size for path in CORPUS.rglob("*")) < 1_000_000


def test_the_seeds_of_requests_get_through() -> None:
    """Heads and a body, by one server."""

    def check_request(root: str, data: bytes) -> None:
        check = check_body if data.startswith(b"/v1/") else check_head
        check(root, data)

    with serving(check_request) as check:
        for data in (*seeds("heads"), b"/v1/responses\n{}"):
            check(data)


def test_what_gets_through_is_told(tmp_path: Path) -> None:
    """A target that always fails, to see that a finding can be made again."""
    failing = (
        "import tests.fuzz as fuzz, tests.fuzzing.targets as targets, contextlib, dataclasses\n"
        "def ready():\n"
        "    return contextlib.nullcontext(lambda data: 1 / 0)\n"
        "fuzz.TARGETS['heads'] = dataclasses.replace(fuzz.TARGETS['heads'], ready=ready)\n"
        "assert fuzz.work('heads', 7, 1, 9.0) == 0\n"
    )
    done = python(failing)
    assert done.returncode != 0
    assert done.stdout == "7\n"
    assert "ZeroDivisionError" in done.stderr
