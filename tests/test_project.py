"""The project about itself: who may import whom, lazy start, docs in step, names kept."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.starting import python
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "sightline"

# Later rungs may import earlier ones; siblings of one rung do not meet.
LADDER = (
    ("types", "errors", "allocator", "telemetry", "quoting", "api_models", "extras"),
    ("settings", "temporary", "database", "api", "workers", "processes", "plugins"),
    ("keys", "media", "perception", "models", "remote"),
    ("engines", "voices"),
    ("hearing",),
    ("redaction",),
    ("pipeline",),
    ("jobs",),
    ("playground",),
    ("server", "library"),
    ("mcp",),
    ("cli",),
    ("__main__",),
)
RUNG = {room: i for i, rooms in enumerate(LADDER) for room in rooms}


@cache
def parsed(path: Path) -> ast.Module:
    """A file of the package, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All of a file: many tests go over it, and to find it takes as long as to parse it."""
    return tuple(ast.walk(parsed(path)))


@pytest.fixture(scope="module", autouse=True)
def _nothing_stays_parsed() -> Iterator[None]:
    """Half a million nodes of the package would be looked at by each collection from here on."""
    yield
    parsed.cache_clear()
    nodes.cache_clear()


def imports(path: Path) -> set[str]:
    """The rooms of the package that a file imports, wherever in the file."""
    found = set()
    for node in nodes(path):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{a.name}" if node.module == "sightline" else node.module
                     for a in node.names]  # fmt: skip
        found |= {n.split(".")[1] for n in names if n.startswith("sightline.")}
    return found - {"__version__"}


def test_the_import_ladder_holds() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room == "__init__":
            assert imports(path) == {"library"}  # on first use
            continue
        for other in imports(path) - {room}:
            assert RUNG[other] < RUNG[room], f"{path.name}: {room} must not import {other}"


def test_files_and_functions_fit_and_each_class_has_a_name_of_its_own() -> None:
    """So that what is looked for is found at the first guess, and read without scrolling."""
    classes: dict[str, Path] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        assert len(source.splitlines()) <= 500, path
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path.name}: {node.name}"
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef):
                assert node.name not in classes, f"{node.name}: {path} and {classes[node.name]}"
                classes[node.name] = path


def test_the_conformance_kit_knows_nothing_of_ours() -> None:
    """It needs Python and Pillow, judges any server alike, and is had by one command alone."""
    paths = sorted((ROOT / "conformance" / "sightline_conformance").glob("*.py"))
    assert len(paths) > 5
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, path.name
                names = [str(node.module)]
            for name in (each.partition(".")[0] for each in names):
                assert name in {"PIL", "sightline_conformance", *sys.stdlib_module_names}, name
    asking = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "sightline_conformance" in path.read_text(encoding="utf-8")
    }
    assert asking == {"cli/conformance.py"}


def test_one_module_fetches_and_one_reads_settings() -> None:
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        name = path.relative_to(PACKAGE).as_posix()
        # Pictures are fetched in one place; engines speak to their servers in theirs.
        if name != "media/fetch.py" and not name.startswith("engines/"):
            # What clients raise is named, nothing is fetched.
            assert "httpx2" not in source or name in ("models/pull.py", "remote.py"), name
        if not name.startswith("settings/"):
            # The package's own switches a library's telemetry off, the child's sets its own up.
            apart = (
                "engines/llamacpp/child.py",
                "__init__.py",
                "jobs/bulk/cluster.py",  # and so is Ray's
                "server/run.py",  # what Prometheus's library reads
                "temporary.py",  # where other programs' temporary files go
                "processes.py",  # what of it child processes are given
                "media/confined.py",  # where the loader looks for libraries
            )
            assert "os.environ" not in source or name in apart, name
            assert "getenv" not in source, name


def test_one_module_starts_processes() -> None:
    starting = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"\bPopen\(|subprocess_exec|subprocess\.run", path.read_text("utf-8"))
    }
    # Beside multiprocessing's, of server/supervisor, and other programs that a terminal asks for.
    assert starting == {"processes.py", "cli/clipboard.py", "cli/mending.py"}


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from sightline.cli.main import main; main(['--help']);"
        "heavy = {'numpy', 'PIL', 'cv2', 'onnxruntime', 'rapidocr', 'openai', 'starlette',"
        " 'uvicorn', 'httpx2', 'asyncio', 'argparse'} & set(sys.modules); sys.exit(bool(heavy))"
    )
    assert python(code).returncode == 0


# What a process imports of other packages to answer one question about one picture here. What is
# named in addition costs each `sightline ask` its import.
ANSWERING = {"PIL", "cv2", "numpy", "onnxruntime", "psutil", "sightline_weights", "zxingcpp"}
# The heaviest of what few questions need, by milliseconds of processor time to import: narration
# 19, metadata of packages 15, decisions 7, what draws pages of text 4, citations 3.
LATE = {
    "importlib.metadata", "sightline.engines.embedded.citations",
    "sightline.engines.embedded.deciding", "sightline.engines.embedded.eyes.narration",
    "sightline.media.text_pages",
}  # fmt: skip


@pytest.mark.parametrize("picture", ["receipt.png", "coffee.jpg"])
def test_one_answer_imports_no_more_than_it_needs(picture: str) -> None:
    code = (
        "import sys; from sightline.cli.main import main; before = set(sys.modules);"
        f"assert main(['ask', 'samples/{picture}', 'What is the total?']) == 0;"
        "tops = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "late = {n for n in sys.modules if n.startswith('sightline.engines.llamacpp.') "
        f"and not n.endswith('.options')}} | {LATE} & set(sys.modules);"
        "print(*sorted(tops - sys.stdlib_module_names - {'sightline'} | late), file=sys.stderr)"
    )
    done = python(code, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert set(done.stderr.splitlines()[-1].split()) <= ANSWERING


def test_the_server_starts_without_the_models() -> None:
    code = (
        "import sys, sightline.server.run;"
        "heavy = {'onnxruntime', 'rapidocr', 'cv2', 'openai'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr


def test_docs_are_in_step() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_readme_is_short_and_its_links_lead_somewhere() -> None:
    import re

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (ROOT / target).exists(), target


def test_blanket_excepts_are_few() -> None:
    """`except Exception` stands where others' code may raise anything, and at the last resort."""
    found = {
        path.relative_to(PACKAGE).as_posix(): len(
            re.findall(r"except \(?Exception\b", path.read_text(encoding="utf-8"))
        )
        for path in PACKAGE.rglob("*.py")
    }
    assert {name for name, count in found.items() if count} == {
        "mcp/service.py",  # the last resort
        "media/image.py",
        "media/picture_child.py",
        "perception/things.py",
        "plugins.py",  # what others wrote
        "remote.py",
        "server/background_responses.py",  # the last resort
        "server/lifecycle.py",
        "server/narrations.py",
        "server/stream.py",
        "voices/kokoro.py",
        "engines/llamacpp/child.py",
    }


def test_no_library_calls_home(tmp_path: Path) -> None:
    """ONNX Runtime's telemetry leaves the number of its session behind, where it is on."""
    import os

    done = subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", "ask", "samples/sign.png", "What?"],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S,
        env={**os.environ, "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("name", ["runtime", "dev", "image", "deploy"])
def test_everything_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text().replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(pins) > 10
    for pin in pins:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+.* --hash=sha256:[0-9a-f]{64}", pin), pin[:80]
    assert not any(pin.startswith("litellm") for pin in pins)


def test_security_names_tests_that_there_are() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "security.md").read_text())
    assert len(named) > 30
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"


def bounds() -> dict[str, str]:
    """The lower bounds of docs/security.md: a package and the first release that may be used."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = text.partition("## Lower bounds")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| ([a-z-]+) \| ([\d.]+) \|", table, re.MULTILINE))


def test_lower_bounds_are_those_of_the_table() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    client = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text("utf-8"))["project"]
    extras = (need for needs in told["optional-dependencies"].values() for need in needs)
    floors: dict[str, Version] = {}
    for need in map(Requirement, (*told["dependencies"], *client["dependencies"], *extras)):
        for part in need.specifier:
            if part.operator in (">=", "=="):
                floors[need.name] = Version(part.version)
    found = bounds()
    assert {"starlette", "python-multipart", "pillow", "av"} <= set(found)
    for name, least in found.items():
        assert floors[name] >= Version(least), f"{name} may be older than {least}"


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_locks_are_not_below_the_lower_bounds(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", text, re.MULTILINE)
    least = bounds()
    checked = {package for package, version in pinned if package in least}
    for package, version in pinned:
        assert Version(version) >= Version(least.get(package, "0")), package
    assert checked >= set(least)


def test_what_is_installed_is_not_below_the_lower_bounds() -> None:
    import av

    for package, least in bounds().items():
        assert Version(metadata.version(package)) >= Version(least), package
    # A wheel of PyAV is as safe as the FFmpeg in it; its libraries' versions are FFmpeg's own.
    assert Version(av.ffmpeg_version_info.split("-")[0].lstrip("n")) >= Version("8.1.2")


# What reads a file, a film, an address or a model in OpenCV, by its own libraries.
OPENS = re.compile(
    r"im(read|decode|count)\w*|have(Image|Window)\w*|Video(Capture|Writer)|videoio_registry|"
    r"FileStorage|FileNode|dnn\w*|gapi|samples|CascadeClassifier|(QRCode|barcode|face|ml)\w*|read\w+"
)


def test_opencv_opens_nothing() -> None:
    """Its wheel brings an FFmpeg, an OpenSSL and decoders of its own; it is given pixels alone.

    But for JPEGs that `media/glance` has it look at, in the process that decodes.
    """
    glancing = PACKAGE / "media" / "glance.py"
    source = glancing.read_text(encoding="utf-8")
    assert source.count("cv2.imdecode") == 1
    importing = {p.name for p in PACKAGE.rglob("*.py") if "import glance" in p.read_text("utf-8")}
    assert importing == {"picture_child.py"}
    allowed = ast.parse(re.sub(r"cv2\.(imdecode|IMREAD_\w+)", "looked", source))
    others = set(PACKAGE.rglob("*.py")) - {glancing}
    for node in chain(ast.walk(allowed), *map(nodes, others)):
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] != "cv2", "only by `import cv2`"
        if isinstance(node, ast.Import):
            named = [alias for alias in node.names if alias.name.partition(".")[0] == "cv2"]
            assert all(alias.name == "cv2" and alias.asname is None for alias in named)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id != "cv2" or not OPENS.fullmatch(node.attr), f"cv2.{node.attr}"
        if isinstance(node, ast.Call):
            reached = [arg.id for arg in node.args if isinstance(arg, ast.Name)]
            assert "cv2" not in reached, "cv2 is handed on"


def test_security_policy_answers_what_is_asked_of_one() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for part in ("Reporting", "Supported versions", "In scope", "Out of scope", "within 3 days"):
        assert part in text
    for target in re.findall(r"\]\((?!http)([^)#]+)(?:#([\w-]+))?\)", text):
        page = ROOT / target[0]
        heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        named = {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}
        assert not target[1] or target[1] in named, target


def constants(path: Path) -> Iterator[str]:
    """The texts that code writes or looks for, pieces of f-strings among them, but no docstrings."""
    docs = {
        id(node.body[0].value)
        for node in nodes(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


# How what is told of films and pages begins in words.
TOLD = re.compile(
    r"Frame at |Said in the film|Scenes begin at |(?:Black|Still|Movement) from |Page .* of a file|\bof a file, its name"
)


def test_what_is_told_of_films_and_pages_has_its_words_in_one_place() -> None:
    for path in PACKAGE.rglob("*.py"):
        written = [t for t in constants(path) if TOLD.search(t)]
        assert not written or path == PACKAGE / "api" / "notes.py", (path, written)


def test_no_kind_of_source_hides_in_a_text() -> None:
    """A URL, inline data and an uploaded file are types; none is a text with a mark before it."""
    for path in PACKAGE.rglob("*.py"):
        for text in constants(path):
            assert not re.match(r"\0[a-z]+:", text), path


# Words with which sentences of ours begin.
SAID = re.compile(r"[A-Z][a-z']+[ ,.:]|I |(?:Yes|No|None|Right|Image|probably)\b|can't ")
LOOKS = {"startswith", "endswith", "removeprefix", "removesuffix", "find", "index", "partition"}


def looked_for(node: ast.AST) -> Iterator[str]:
    """The fixed texts that an expression looks for in another text, or compares it with."""
    sought: list[ast.expr] = []
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for before, how, after in zip(sides, node.ops, sides[1:], strict=False):
            sought += [before] if isinstance(how, ast.In | ast.NotIn) else []
            sought += [before, after] if isinstance(how, ast.Eq | ast.NotEq) else []
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        named = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
        sought += node.args[:1] if named or node.func.attr in LOOKS else []
    for each in sought:
        for one in each.elts if isinstance(each, ast.Tuple) else [each]:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value


def test_no_sentence_of_ours_is_read_back() -> None:
    """Whether an answer is declined, says no or names a film is a type, never read from its words."""
    # What servers say is read, and what a client tells of a film, beside the words for it.
    apart = {PACKAGE / "api" / "notes.py", *(PACKAGE / "conformance").rglob("*.py")}
    found = [
        f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}: {text!r}"
        for path in set(PACKAGE.rglob("*.py")) - apart
        for node in nodes(path)
        for text in looked_for(node)
        if SAID.match(re.sub(r"^\^|\\b|\(\?:", "", text))
    ]
    assert not found
