"""The distributions that this repository builds, by what is in them and what they ask for."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import PIL
import pytest

import sightline
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parent.parent
BUILD = """
import sys
sys.path[:0] = sys.argv[1].split(";")
backend = __import__(sys.argv[2], fromlist=["_"])
print(getattr(backend, sys.argv[3])(sys.argv[4]))
"""
BACKENDS = f"{ROOT / 'release'};{ROOT / 'client'}"


def built(folder: str, backend: str, hook: str, out: Path) -> Path:
    """What a hook of PEP 517 makes of a folder of the repository."""
    words = [sys.executable, "-c", BUILD, BACKENDS, backend, hook, str(out)]
    done = subprocess.run(words, cwd=ROOT / folder, capture_output=True, text=True, check=True)
    return out / done.stdout.strip()


def needs(metadata: Message) -> list[str]:
    return [str(need) for need in metadata.get_all("Requires-Dist") or []]


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the conformance kit."""
    out = tmp_path_factory.mktemp("kit")
    return built("conformance", "flit_core.buildapi", "build_wheel", out)


def test_the_kits_wheel_is_whole(kit: Path) -> None:
    with zipfile.ZipFile(kit) as wheel:
        names = wheel.namelist()
        [about] = [name for name in names if name.endswith("/METADATA")]
        [doors] = [name for name in names if name.endswith("/entry_points.txt")]
        metadata = email.message_from_bytes(wheel.read(about))
        assert b"sightline-conformance=sightline_conformance.cli:main" in wheel.read(doors)
    assert metadata["Name"] == "sightline-conformance"
    assert [need.split(">")[0] for need in needs(metadata)] == ["pillow"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert {"LICENSE", "NOTICE"} <= {Path(name).name for name in names if "/licenses/" in name}
    assert "sightline_conformance/py.typed" in names
    sources = (ROOT / "conformance" / "sightline_conformance").glob("*.py")
    assert {f"sightline_conformance/{path.name}" for path in sources} <= set(names)


def test_the_kit_runs_where_sightline_is_not(kit: Path, tmp_path: Path) -> None:
    for name in ("PIL", "pillow.libs"):  # and nothing else that is installed beside it
        (tmp_path / name).symlink_to(Path(PIL.__file__).parents[1] / name)
    code = (
        "import importlib.util, sys; sys.path += sys.argv.pop(1).split(';');"
        "assert importlib.util.find_spec('sightline') is None;"
        "from sightline_conformance.cli import main; sys.exit(main())"
    )
    path = f"{kit};{tmp_path}"
    words = [sys.executable, "-I", "-S", "-c", code, path]
    asked = ["--base-url", "http://127.0.0.1:1/v1", "--group", "models"]
    done = subprocess.run([*words, *asked], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "0 pass, 2 fail, 0 not applicable" in done.stdout


def files_of(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return {name for name in opened.namelist() if name.startswith("sightline/")}


def test_the_package_is_parted_between_two_wheels(tmp_path: Path) -> None:
    """What the client's wheel lacks the other has; no file is in both, but both have the command."""
    client = built("client", "client_build", "build_wheel", tmp_path)
    whole = built("", "sightline_build", "build_wheel", tmp_path)
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sightline").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert not files_of(client) & files_of(whole)
    assert files_of(client) | files_of(whole) == ours
    assert "sightline/models/nano/model.gguf" in files_of(whole)
    assert client.stat().st_size < 2_000_000
    for wheel in (client, whole):  # pipx and uv look for it in the one that is named
        with zipfile.ZipFile(wheel) as opened:
            [doors] = [name for name in opened.namelist() if name.endswith("/entry_points.txt")]
            assert b"sightline=sightline.cli.main:main" in opened.read(doors)


def test_a_source_distribution_of_the_client_builds_the_same(tmp_path: Path) -> None:
    packed = built("client", "client_build", "build_sdist", tmp_path)
    with tarfile.open(packed) as opened:
        opened.extractall(tmp_path / "source", filter="data")
    [source] = (tmp_path / "source").iterdir()
    words = [sys.executable, "-c", BUILD, str(source), "client_build", "build_wheel", str(tmp_path)]
    done = subprocess.run(words, cwd=source, capture_output=True, text=True, check=True)
    again = files_of(tmp_path / done.stdout.strip())
    assert again == files_of(built("client", "client_build", "build_wheel", tmp_path))


def test_source_distributions_ask_for_releases(tmp_path: Path) -> None:
    """Made in a checkout, they name none of its folders: a registry refuses such needs."""
    for folder, backend in (("", "sightline_build"), ("client", "client_build")):
        with tarfile.open(built(folder, backend, "build_sdist", tmp_path)) as opened:
            about = opened.extractfile(
                next(each for each in opened if each.name.endswith("/PKG-INFO"))
            )
            assert about is not None
            metadata = email.message_from_bytes(about.read())
        assert any(need.startswith("sightline-conformance ~=") for need in needs(metadata))
        assert not any("@" in need for need in needs(metadata))


def test_descriptions_are_read_apart_from_the_repository(tmp_path: Path) -> None:
    """A registry shows no picture of it and has no page beside it; a checkout has both."""
    made = built("", "sightline_build", "prepare_metadata_for_build_wheel", tmp_path)
    told = email.message_from_string((made / "METADATA").read_text("utf-8"))
    description = told.get_payload()
    assert isinstance(description, str)
    assert told["Description-Content-Type"] == "text/markdown"
    assert description.startswith("# Sightline\n")
    assert "<img" not in description
    assert "an open model behind it does" in " ".join(description.split())
    assert not re.findall(r"\]\((?!https?:)", description)


def test_an_editable_install_is_the_checkout(tmp_path: Path) -> None:
    made = built("", "sightline_build", "prepare_metadata_for_build_editable", tmp_path)
    asked = needs(email.message_from_string((made / "METADATA").read_text("utf-8")))
    assert {need.partition(">")[0] for need in asked} >= {"openai", "rich", "starlette"}
    assert not any(need.startswith("sightline-client") for need in asked)
    assert "sightline=sightline.cli.main:main" in (made / "entry_points.txt").read_text("utf-8")


# What `sightline-client` does not bring, by the names of its modules.
ENGINES_NEED = "numpy cv2 av onnxruntime starlette uvicorn xllamacpp sightline_weights zxingcpp"


@pytest.mark.parametrize("lacks", ["sightline.perception", "sightline.engines.embedded"])
def test_a_server_is_asked_without_an_engine(base_url: str, lacks: str) -> None:
    code = (
        "import sys;"
        "sys.modules.update(dict.fromkeys(sys.argv.pop(1).split()));"  # whose import then fails
        "from sightline.cli.main import main; sys.exit(main())"
    )
    own = [sys.executable, "-c", code, f"{ENGINES_NEED} {lacks}"]
    words = [*own, "ask"]
    asked = [str(ROOT / "samples" / "receipt.png"), "What is the total?"]
    done = subprocess.run(
        [*words, *asked, "--base-url", base_url], capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.stdout == "The total is $16.20.\n", done.stderr
    here = subprocess.run([*words, *asked], capture_output=True, text=True, timeout=PATIENCE_S)
    assert here.returncode == 1
    assert "Type: pip" in here.stderr or "give --base-url URL" in here.stderr
    if lacks == "sightline.perception":  # what it says of itself, and completes
        first = subprocess.run(own, capture_output=True, text=True, timeout=PATIENCE_S)
        assert len(first.stdout.splitlines()) == 10
        assert "No engine is here." in first.stdout
        script = subprocess.run([*own, "completion", "bash"], capture_output=True, text=True)
        assert "describe" in script.stdout, script.stderr


def test_sisters_come_from_the_checkout(tmp_path: Path) -> None:
    """Who installs a checkout gets the weights, and for development the kit, from its folders."""
    made = built("", "sightline_build", "prepare_metadata_for_build_wheel", tmp_path)
    asked = needs(email.message_from_string((made / "METADATA").read_text("utf-8")))
    assert f"sightline-weights @ {(ROOT / 'weights').as_uri()}" in asked
    assert f"sightline-client @ {(ROOT / 'client').as_uri()}" in asked
    kit = f"sightline-conformance @ {(ROOT / 'conformance').as_uri()}"
    assert [need for need in asked if need.startswith("sightline-conformance")] == [
        f'{kit} ; extra == "dev"'
    ]


def test_sisters_are_releases_outside_a_checkout(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "sightline"):
        os.symlink(ROOT / name, tmp_path / name)
    words = [sys.executable, "-c", BUILD, BACKENDS, "sightline_build"]
    words += ["prepare_metadata_for_build_wheel", str(tmp_path)]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    metadata = tmp_path / done.stdout.strip() / "METADATA"
    asked = needs(email.message_from_string(metadata.read_text("utf-8")))
    assert "sightline-weights ~= 1.8" in asked
    assert f"sightline-client == {sightline.__version__}" in asked
    assert [need for need in asked if "conformance" in need] == [
        'sightline-conformance ~= 1.0 ; extra == "dev"'
    ]
