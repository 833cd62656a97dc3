"""Check every server that can be had here by the conformance kit, and write docs/conformance.md.

    python bench/conformance.py [--litellm PYTHON] [--only NAME] [--write]

Ours with each of its engines; llama.cpp's own server from the wheel, with the same model as ours; a pipe
that passes every byte on to it; and, where `PYTHON` has `litellm[proxy]`, the LiteLLM proxy in front of
our reader, so that a model that reads is behind it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx2

from bench import engine
from bench.gateway import free_port
from sightline.models.store import SHIPPED

ROOT = Path(__file__).parents[1]
_MODEL = SHIPPED / "model.gguf"
_KEY = "sk-bench"
_PAGE = ROOT / "docs" / "conformance.md"


@contextlib.contextmanager
def ours(*flags: str) -> Iterator[str]:
    command = [sys.executable, "-m", "sightline.cli.main", "serve", "--port", "0", *flags]
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
def litellm(python: Path) -> Iterator[str]:
    with ours("--engine", "reader") as behind, tempfile.TemporaryDirectory() as folder:
        parameters = {"model": "openai/gpt-4o", "api_base": behind, "api_key": "sk-x"}
        config = Path(folder, "litellm.yaml")
        config.write_text(json.dumps({
            "model_list": [{"model_name": "gpt-4o", "litellm_params": parameters}],
            "general_settings": {"master_key": _KEY},
        }))  # fmt: skip
        port = free_port()
        words = [
            str(python.parent / "litellm"),
            "--config",
            str(config),
            "--port",
            str(port),
            "--host",
            "127.0.0.1",
        ]
        process = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        )  # fmt: skip
        url, head = f"http://127.0.0.1:{port}/v1", {"authorization": f"Bearer {_KEY}"}
        try:
            end = time.monotonic() + 180
            while True:
                with contextlib.suppress(httpx2.HTTPError):
                    if httpx2.get(f"{url}/models", headers=head, timeout=5).status_code == 200:
                        break
                assert time.monotonic() < end, "LiteLLM did not start"
                time.sleep(0.5)
            yield url
        finally:
            process.terminate()
            process.wait()


def checked(url: str) -> dict[str, Any]:
    """Run the kit; give its JSON."""
    words = [
        sys.executable,
        "-m",
        "sightline.cli.main",
        "conformance",
        "--base-url",
        url,
        "--json",
        "--seed",
        "1",
    ]
    words += ["--timeout", "30", "--api-key", _KEY]
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


def page(found: dict[str, dict[str, Any]]) -> str:
    """Write the page."""
    return f"""# Conformance

What servers make of OpenAI's vision API, by `sightline conformance --base-url URL`: it draws pictures with codes that no
one can guess, asks about them, and judges no answer by its style. A check is *not applicable* where the server does
not claim to do what it checks, or where the model behind it sees but does not read; such checks are left out below.
Printed by `python bench/conformance.py --write`.

{table(found)}

*reader*, *nano*, *llamacpp*, *upstream* and *mirror* are Sightline's engines; `llamacpp` runs Sightline Nano, which
reads nothing by itself and is told what the reader read, `upstream` asks llama.cpp's own server with the same model.
llama.cpp's server is that of xllamacpp {version("xllamacpp")}, the pass-through a pipe to it, and LiteLLM
stands before Sightline's reader, so that what it changes shows. The mirror says what it was sent, which is no answer.

## What failed

{failures(found)}
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--litellm", type=Path, metavar="PYTHON")
    options.add_argument("--only", default="", metavar="NAME")
    options.add_argument("--write", action="store_true", help="write docs/conformance.md")
    chosen = options.parse_args()
    servers: dict[str, Callable[[], contextlib.AbstractContextManager[str]]] = {
        "Sightline, reader": lambda: ours("--engine", "reader"),
        "Sightline, nano": lambda: ours("--engine", "nano"),
        "Sightline, llamacpp": lambda: ours("--engine", "llamacpp", "--model", "nano"),
        "Sightline, upstream": before_the_wheels,
        "Sightline, mirror": lambda: ours("--engine", "mirror"),
        "llama.cpp": the_wheels,
        "pass-through": piped,
    }
    if chosen.litellm is not None:
        servers["LiteLLM"] = lambda: litellm(chosen.litellm)
    found = {}
    for name, server in servers.items():
        if chosen.only in name:
            with server() as url:
                found[name] = checked(url)
            print(name, found[name]["summary"], file=sys.stderr, flush=True)
    text = page(found)
    if chosen.write:
        _PAGE.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
