"""The files of `deploy/`: rules that promtool takes, and no metric that is not there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.conftest import running

DEPLOY = Path(__file__).parents[2] / "deploy"
PROMTOOL = shutil.which("promtool")


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    "words",
    [("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml"),
     ("check", "config", "prometheus.yml")],
)  # fmt: skip
def test_prometheus_takes_the_rules(words: tuple[str, ...]) -> None:
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *words], cwd=DEPLOY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_and_dashboard_name_metrics_that_there_are() -> None:
    with running() as url:
        page = requests.get(f"{url.removesuffix('/v1')}/metrics", timeout=60).text
    there = set(re.findall(r"^# TYPE (sightline_\w+)", page, re.M))
    texts = [(DEPLOY / "alerts.yml").read_text()]
    board = json.loads((DEPLOY / "grafana.json").read_text())
    texts += [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    named = set(re.findall(r"sightline_\w+", "\n".join(texts)))
    assert len(named) > 8
    for name in named:
        assert {name, name.removesuffix("_bucket")} & there, name


def test_systemd_takes_the_unit() -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd is not installed")
    done = subprocess.run(
        [verify, "verify", str(DEPLOY / "sightline.service")], capture_output=True, text=True
    )
    wrong = [line for line in done.stderr.splitlines() if "sightline.service" in line and "not executable" not in line]  # fmt: skip
    assert not wrong, wrong
