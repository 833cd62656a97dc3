"""The files of `deploy/`: held to what their own tools say, to the server's flags, and to its metrics.

A tool that is not installed is skipped; `make check-deploy` installs those that PyPI and npm have.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import openai
import pytest
import requests
import yaml  # type: ignore[import-untyped]

from sightline.cli import serve
from sightline.settings import Settings, load
from tests.conftest import running
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RULES = ("alerts.yml", "slo.yml")


def tool(name: str, *words: str, cwd: Path = DEPLOY, given: str = "") -> str:
    """Run a tool that has to be content; give what it printed. Skips where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run(
        [found, *words], cwd=cwd, capture_output=True, text=True, input=given, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def loaded(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text("utf-8"))


def instructions(name: str) -> list[str]:
    """What a line of the Dockerfile that begins with a word goes on with."""
    text = re.sub(r"\s*\\\n\s*", " ", (DEPLOY / "Dockerfile").read_text("utf-8"))
    return re.findall(rf"^{name} (.+)$", text, re.M)


def settings(words: list[str], **variables: str) -> Settings:
    """Read what follows `sightline serve` as it does."""
    flags = vars(serve.parser().parse_args(words))
    return load(flags, environment=variables)


# The image.


def test_hadolint_takes_the_dockerfile() -> None:
    tool("hadolint", "Dockerfile")


def test_the_build_is_sent_what_it_copies_and_little_else() -> None:
    first, *kept = (
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line and not line.startswith(("#", "**"))
    )  # fmt: skip
    assert first == "*"
    assert all(line.startswith("!") for line in kept)
    sent = [line.removeprefix("!") for line in kept]
    copied = [
        source
        for line in instructions("COPY")
        if not line.startswith("--from")
        for source in line.split()[:-1]
    ]
    assert {path if (ROOT / path).exists() else f"{path} is not there" for path in sent} == set(
        copied
    )


def test_the_image_serves_by_itself_as_another_user_than_root() -> None:
    (command,) = instructions("CMD")[-1:]
    variables = dict(re.findall(r"(SIGHTLINE_\w+)=(\S+)", " ".join(instructions("ENV"))))
    (state,) = instructions("VOLUME")
    assert json.loads(instructions("ENTRYPOINT")[-1]) == ["sightline"]
    assert instructions("USER")[-1] == "999:999"
    name, *words = json.loads(command)
    assert name == "serve"
    read = settings(words, **variables)
    assert read.needs_keys
    assert {read.keys_path.parent, read.files_folder.parent, read.models_folder.parent} == {
        Path(state)
    }
    assert {str(read.port), str(read.admin_port)} == set(instructions("EXPOSE")[-1].split())


def test_the_images_packages_bring_what_its_settings_ask_for() -> None:
    pinned = (ROOT / "requirements" / "image.lock").read_text("utf-8")
    runtime = (ROOT / "requirements" / "runtime.lock").read_text("utf-8")
    for name in ("redis", "opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"):
        assert re.search(rf"^{name}==", pinned, re.M), name
    pins = re.compile(r"^[a-z].*?(?= \\$)", re.M)
    assert set(pins.findall(runtime)) <= set(pins.findall(pinned)), "run `make lock`"


# Compose and systemd.


def test_compose_takes_the_file() -> None:
    name, words = (
        ("docker-compose", []) if shutil.which("docker-compose") else ("docker", ["compose"])
    )
    if name == "docker" and shutil.which(name):
        asked = subprocess.run([name, *words, "version"], capture_output=True, timeout=PATIENCE_S)
        if asked.returncode:
            pytest.skip("docker compose is not installed")
    tool(name, *words, "-f", "compose.yaml", "config", "--quiet")


def test_compose_serves_with_keys_and_leaves_no_service_more_rights_than_it_needs() -> None:
    services = loaded("compose.yaml")["services"]
    name, *words = shlex.split(services["sightline"]["command"])
    assert name == "serve"
    assert settings(words).needs_keys
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:")
    mounted = [each.split(":")[0] for each in services["prometheus"]["volumes"] if each[0] == "."]
    assert {Path(each).name for each in mounted} == {"prometheus.yml", *RULES}
    grace = float(services["sightline"]["stop_grace_period"].removesuffix("s"))
    assert grace > settings(words).drain_s


def unit() -> list[tuple[str, str]]:
    lines = (DEPLOY / "sightline.service").read_text("utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return [(name, value) for name, _, value in pairs]


def test_systemd_takes_the_unit() -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd is not installed")
    done = subprocess.run(
        [verify, "verify", str(DEPLOY / "sightline.service")], capture_output=True, text=True
    )
    wrong = [line for line in done.stderr.splitlines() if "sightline.service" in line and "not executable" not in line]  # fmt: skip
    assert not wrong, wrong


def test_systemd_finds_little_that_the_unit_exposes() -> None:
    if "--offline" not in tool("systemd-analyze", "--help"):
        pytest.skip("systemd is older than 250")
    # Of 10; what is left is mostly that it is on the network.
    tool("systemd-analyze", "security", "--offline=true", "--threshold=15", "sightline.service")


def test_the_unit_serves_from_its_own_folder() -> None:
    told = unit()
    (started,) = [value for name, value in told if name == "ExecStart"]
    variables = dict(value.split("=", 1) for name, value in told if name == "Environment")
    command, name, *words = shlex.split(started)
    assert (Path(command).name, name) == ("sightline", "serve")
    read = settings(words, **variables)
    folder = Path("/var/lib") / dict(told)["StateDirectory"]
    assert {read.keys_path.parent, read.files_folder.parent, read.models_folder.parent} == {folder}
    assert read.needs_keys
    assert float(dict(told)["TimeoutStopSec"]) > read.drain_s + read.drain_delay_s


# What is watched.


@pytest.mark.parametrize(
    "words",
    [("check", "rules", *RULES), ("test", "rules", "alerts_test.yml", "slo_test.yml"),
     ("check", "config", "prometheus.yml")],
    ids=" ".join,
)  # fmt: skip
def test_prometheus_takes_the_rules(words: tuple[str, ...]) -> None:
    tool("promtool", *words)


def rules() -> Iterator[dict[str, Any]]:
    for name in RULES:
        for group in loaded(name)["groups"]:
            yield from group["rules"]


def test_every_alert_says_what_to_do_and_is_tested() -> None:
    tests = "".join((DEPLOY / f"{Path(name).stem}_test.yml").read_text("utf-8") for name in RULES)
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len(alerts) >= 8
    for alert in alerts:
        assert set(alert["annotations"]) == {"summary", "todo"}
        assert alert["labels"]["severity"] in ("page", "warn")
        assert re.search(rf"alertname: {alert['alert']}, exp_alerts: \[\{{", tests), alert["alert"]
    assert loaded("prometheus.yml")["rule_files"] == list(RULES)


@pytest.fixture(scope="module")
def metrics() -> str:
    """The page of metrics of a server that has answered and refused."""
    with running("--engine", "mirror") as url:
        with openai.OpenAI(base_url=url, api_key="any", max_retries=0) as client:
            client.chat.completions.create(
                model="gpt-4o", messages=[{"role": "user", "content": "Hello"}]
            )
            with pytest.raises(openai.NotFoundError):
                client.models.retrieve("none")
        return requests.get(f"{url.removesuffix('/v1')}/metrics", timeout=PATIENCE_S).text


def expressions() -> list[str]:
    board = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
    drawn = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return [rule["expr"] for rule in rules()] + drawn


def test_alerts_and_dashboard_name_metrics_that_there_are(metrics: str) -> None:
    there = set(re.findall(r"^# TYPE (sightline_\w+)", metrics, re.M))
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    named: set[str] = set()
    for text in expressions():
        own = set(re.findall(r"\bjob:\w+:\w+", text))
        assert own <= recorded, own - recorded
        named |= set(re.findall(r"\bsightline_\w+", re.sub(r"\bjob:\w+:\w+", "", text)))
    assert len(named) > 12
    for name in named:
        assert {name, re.sub("_(bucket|count|sum)$", "", name)} & there, name


def test_alerts_ask_for_labels_that_there_are(metrics: str) -> None:
    """A label or bucket that is not there makes an alert that never fires."""
    text = "\n".join(expressions())
    bounds = set(re.findall(r'le="([\d.]+)"', text))
    assert bounds
    for bound in bounds:
        assert f'sightline_time_to_first_token_seconds_bucket{{le="{bound}"}}' in metrics
    counted = re.findall(r"^sightline_requests_total\{(.*)\}", metrics, re.M)
    assert {'route="/v1/chat/completions",status="200"'} <= set(counted)
    asked = re.findall(r"sightline_requests_total\{([^}]*)\}", text)
    for pairs in asked:
        assert set(re.findall(r"(\w+)=", pairs)) <= {"route", "status"}
    for pattern in re.findall(r'route=~"([^"]+)"', text):
        assert re.fullmatch(pattern, "/v1/chat/completions")


def test_the_smoke_test_names_a_sample_and_is_a_script() -> None:
    script = DEPLOY / "smoke_test.sh"
    tool("sh", "-n", str(script))
    assert fnmatch(script.read_text("utf-8"), "#!/bin/sh\n*samples/sign.png*")
    assert script.stat().st_mode & 0o111
