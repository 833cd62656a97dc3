"""What type checkers know of the package where it is installed, and what they say of the examples."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Those that are as others wrote them hand a picture's array on as bytes, which Python takes.
OTHERS = {"bison_description.py", "camera_frames.py", "voice_over.py"}
needs_pyright = pytest.mark.skipif(
    find_spec("basedpyright") is None, reason="`make types` installs it"
)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with a copy of the package, and of what it needs."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(home, symlinks=True)
    paths = sysconfig.get_paths("venv", {"base": str(home), "platbase": str(home)})
    packages = Path(paths["purelib"])
    packages.mkdir(parents=True, exist_ok=True)
    ours = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(ROOT / "sightline", packages / "sightline", ignore=ours)
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    return Path(paths["scripts"]) / "python"


def checked(*words: str, folder: Path) -> str:
    """What a checker says; it has to be content."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_mypy_knows_the_types_of_the_installed_package(python: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests" / "consumer.py", tmp_path)
    (tmp_path / "mypy.ini").write_text("[mypy]\n")
    # What it found out of libraries it keeps from run to run; where each is it looks up anew.
    kept = str(ROOT / ".mypy_cache" / "installed")
    words = ("--strict", "--cache-dir", kept, "--python-executable", str(python))
    checked("mypy", *words, "consumer.py", folder=tmp_path)


def pyright(folder: Path, python: Path, files: list[str], **settings: object) -> None:
    told = {"include": files, "typeCheckingMode": "standard", **settings}
    (folder / "pyrightconfig.json").write_text(json.dumps(told))
    checked("basedpyright", "-p", str(folder), "--pythonpath", str(python), folder=folder)


@needs_pyright
def test_pyright_knows_the_types_of_the_installed_package(python: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests" / "consumer.py", tmp_path)
    rules = {"reportUnnecessaryTypeIgnoreComment": "error", "reportUnknownMemberType": "error"}
    pyright(tmp_path, python, ["consumer.py"], **rules)


@needs_pyright
def test_pyright_has_nothing_to_say_of_the_examples(python: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for name in OTHERS:
        (tmp_path / "examples" / name).unlink()
    # What the clients of `examples/clients` are written with is installed by `make clients` alone.
    rules = {"reportMissingImports": "none", "reportMissingModuleSource": "none"}
    pyright(tmp_path, python, ["examples"], **rules)
