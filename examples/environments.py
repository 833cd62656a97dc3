"""Environments of their own for other people's programs, and a server of ours to ask.

Each environment is made once, below the user's cache, and named by what is in it.
"""

from __future__ import annotations

import hashlib
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sightline-examples"


def python(pins: Sequence[str]) -> Path:
    """Give the Python of an environment with exactly these packages, which is made where it is not.

    Raises `CalledProcessError` where they cannot be had.
    """
    folder = _folder("python", pins)
    binary = folder / "bin" / "python"
    if not (folder / ".made").exists():
        _say(f"Making an environment with {', '.join(pins)} ...")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        pip = _pip()
        made = [*pip, "--python", str(binary), "--disable-pip-version-check", "-qq", "install"]
        subprocess.run([*made, *pins], check=True)
        (folder / ".made").touch()
    return binary


def node(pins: Sequence[str], programs: Path) -> Path:
    """Give a folder with these packages from npm and a link to the programs that use them.

    Raises `CalledProcessError` or `FileNotFoundError` where they cannot be had.
    """
    folder = _folder("node", pins)
    if not (folder / ".made").exists():
        _say(f"Installing {', '.join(pins)} ...")
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder)]
        subprocess.run([*command, *pins], check=True)
        (folder / ".made").touch()
    for program in programs.glob("*.mjs"):  # packages are looked for beside the program's own file
        (folder / program.name).write_bytes(program.read_bytes())
    return folder


def _folder(kind: str, pins: Sequence[str]) -> Path:
    mark = hashlib.sha256("\n".join((sys.version, *pins)).encode()).hexdigest()[:12]
    return _CACHE / f"{kind}-{mark}"


def _pip() -> list[str]:
    """Find a pip: that of this Python, or the system's, which can install into any environment."""
    for candidate in (sys.executable, "python3", "/usr/bin/python3"):
        found = subprocess.run([candidate, "-m", "pip", "--version"], capture_output=True)
        if found.returncode == 0:
            return [candidate, "-m", "pip"]
    raise SystemExit("There is no pip to make environments with.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def server(*flags: str) -> Iterator[str]:
    """Run Sightline on a free port; give its base URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sightline.cli.main", "serve", "--port", "0", *flags],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        if "http://" not in said:
            raise SystemExit("The server did not start: try `sightline serve`.")
        yield next(word for word in said.split() if word.startswith("http://"))
    finally:
        process.terminate()
        process.communicate(timeout=30)


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of requests."""


@contextmanager
def pictures() -> Iterator[str]:
    """Serve the samples over HTTP on loopback; give the URL of their folder."""
    handler = partial(_Silent, directory=str(SAMPLES))
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{site.server_port}"
    finally:
        site.shutdown()
        site.server_close()
        thread.join()
