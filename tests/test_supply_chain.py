"""What is shipped: files by their hashes, licences by the list, workflows by what they may do."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# What stands beside the weights and was written by hand.
WRITTEN = {"__init__.py", "py.typed", "ear.json"}


def loaded(name: str) -> ModuleType:
    """A module of `release/`, which is no part of any package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "release" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses look a class's names up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    return loaded("licences")


@pytest.fixture(scope="module")
def packages(licences: ModuleType) -> list[object]:
    found: list[object] = licences.packages()
    return found


def located(path: str) -> Path:
    """A file that NOTICE names: of the checkout, or of a package that is installed."""
    if (ROOT / path).exists():
        return ROOT / path
    found = importlib.util.find_spec(path.partition("/")[0])
    assert found is not None, path
    assert found.origin is not None, path
    return Path(found.origin).parents[1] / path


def test_every_file_of_others_has_the_hash_that_notice_tells(licences: ModuleType) -> None:
    files = licences.files()
    assert len(files) >= 17
    for file in files:
        body = located(file.path).read_bytes()
        assert hashlib.sha256(body).hexdigest() == file.sha256, f"{file.path}: NOTICE tells another"


def test_notice_tells_of_every_network_and_library(licences: ModuleType) -> None:
    told = {file.path for file in licences.files()}
    weights = (ROOT / "weights" / "sightline_weights").iterdir()
    there = [p for p in weights if p.is_file() and p.name not in WRITTEN]
    kinds = {".onnx", ".gguf", ".pth", ".safetensors", ".npz", ".ttf", ".otf", ".woff", ".woff2"}
    there += [p for p in (ROOT / "sightline").rglob("*") if p.suffix in kinds]
    there += (ROOT / "sightline" / "playground" / "static" / "vendor").iterdir()
    assert {p.relative_to(ROOT).as_posix() for p in there} <= told


def test_the_weights_tell_of_themselves_as_the_whole_does() -> None:
    whole = (ROOT / "NOTICE").read_text("utf-8")
    part = (ROOT / "weights" / "NOTICE").read_text("utf-8")
    assert whole.startswith(part)


def test_the_client_tells_of_what_its_page_brings_as_the_whole_does() -> None:
    whole = (ROOT / "NOTICE").read_text("utf-8")
    part = (ROOT / "client" / "NOTICE").read_text("utf-8")
    head, _, told = part.partition("\n\n")
    assert whole.startswith(f"{head}\n")
    assert whole.endswith(told)
    page = "sightline/playground/static"
    for file in (ROOT / page / "vendor").iterdir():
        assert f"{page}/vendor/{file.name}\n" in told


def test_the_page_of_licences_is_in_step_and_all_are_on_the_list() -> None:
    words = [sys.executable, str(ROOT / "release" / "licences.py"), "--check"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_names_every_package_of_the_lock(licences: ModuleType) -> None:
    named = set(re.findall(r"^\| `([\w.-]+)` \|", licences.PAGE.read_text("utf-8"), re.M))
    lock = (ROOT / "requirements" / "runtime.lock").read_text("utf-8")
    pinned = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==\S+(?: ; (.*?))? \\$", lock, re.M)
    for name, marker in pinned:
        beside = name == "flit-core" or "emscripten" in marker  # builds the checkout; browsers
        assert name in named or beside, name


@pytest.mark.parametrize(
    ("licence", "fault"),
    [
        ("MIT", False), ("MIT OR GPL-2.0-only", False), ("Apache-2.0 WITH LLVM-exception", False),
        ("GPL-3.0-or-later", True), ("AGPL-3.0-only", True), ("MIT AND GPL-2.0-only", True),
        ("CC-BY-NC-4.0", True), ("LicenseRef-NVIDIA-Proprietary", True), ("", True),
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_is_told_of(
    licences: ModuleType, packages: list[object], licence: str, fault: bool
) -> None:
    found = [*packages, licences.Package("another", licence)]
    told = licences.faults(found, licences.files())
    assert [line for line in told if line.startswith("another")] == told
    assert bool(told) == fault


def test_what_the_bill_of_materials_is_made_of_is_whole() -> None:
    words = [sys.executable, str(ROOT / "release" / "licences.py"), "--json"]
    told = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    by_name = {package["name"]: package for package in told["packages"]}
    assert by_name["starlette"] == {
        "name": "starlette", "licence": "BSD-3-Clause", "extras": [], "default": True,
    }  # fmt: skip
    assert not by_name["ray"]["default"]
    assert "pytest" not in by_name
    assert any(file["path"].endswith("ear.onnx") for file in told["files"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """A tag can be moved to other code, a commit cannot; the release stands beside it for people."""
    for line in re.findall(r"uses: .*", path.read_text("utf-8")):
        assert re.fullmatch(r"uses: [\w./-]+@[0-9a-f]{40} # v\d[\d.]*", line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_write_nothing_but_what_its_jobs_need(path: Path) -> None:
    told = yaml.safe_load(path.read_text("utf-8"))
    assert told["permissions"] in ({}, {"contents": "read"})
    text = path.read_text("utf-8")
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")
    assert "pull_request_target" not in text
    for job in told["jobs"].values():
        # What may sign or release gets files, and neither the checkout nor its tools.
        if {"id-token", "contents"} & {
            k for k, v in job.get("permissions", {}).items() if v == "write"
        }:
            used = {step.get("uses", "").partition("@")[0] for step in job["steps"]}
            assert path.stem == "scorecard" or "actions/checkout" not in used


def test_hosted_jobs_run_commands_that_are_there() -> None:
    made = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    for path in WORKFLOWS:
        for target in re.findall(r"run: make ([\w-]+)", path.read_text("utf-8")):
            assert target in {*made, "release"}, (path.name, target)


def test_what_runs_before_a_commit_passes_over_what_make_check_does() -> None:
    told = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repo in told["repos"] for hook in repo["hooks"]]
    assert hooks
    for hook in hooks:
        named = hook.get("pass_filenames", True)
        assert not named or "--force-exclude" in hook["entry"], hook["id"]


def test_the_page_on_tests_tells_of_each_hosted_job_and_what_it_runs() -> None:
    page = (ROOT / "docs" / "testing.md").read_text("utf-8").partition("## Hosted jobs")[2]
    rows = re.findall(r"^\| ([\w-]+): ([\w, -]+) \| (.*?) \| (.*?) \|$", page, re.M)
    told = {(flow, job): ran for flow, jobs, ran, _ in rows for job in jobs.split(", ")}
    found = {}
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
            matrix = job.get("strategy", {}).get("matrix", {})
            ran = "\n".join(step.get("run", "") for step in job["steps"])
            ran = ran.replace("make ${{ matrix.what }}", " ".join(map("make {}".format, matrix.get("what", ()))))  # fmt: skip
            found[path.stem, name] = set(re.findall(r"make [\w-]+", ran))
    assert told.keys() == found.keys()
    for where, made in found.items():
        assert made == set(re.findall(r"`(make [\w-]+)`", told[where])), where


def test_a_release_is_published_by_its_identity_alone() -> None:
    told = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    text = json.dumps(told)
    assert "secrets." not in text
    assert "password" not in text
    publish = told["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == "pypi"
    assert publish["steps"][-1]["with"]["attestations"] is True
    assert told["jobs"]["attest"]["permissions"] == {"id-token": "write", "attestations": "write"}


def test_the_threat_model_is_a_page_and_says_what_one_has_to() -> None:
    page = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
    assert len(page.splitlines()) <= 75
    heads = re.findall(r"^## (.*)$", page, re.M)
    assert heads == [
        "What there is to lose", "Who may attack", "Lines that data crosses", "What is not defended",
    ]  # fmt: skip


def test_what_looks_up_holes_says_so_where_it_is_not_installed() -> None:
    words = [sys.executable, "-S", str(ROOT / "release" / "audit.py")]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "audit: pip-audit is not installed: `make audit` does that.\n"


@pytest.mark.parametrize("name", ["site", "tools"])
def test_what_looks_at_the_project_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8").replace("\\\n", " ")
    for pin in (line for line in text.splitlines() if line and not line.startswith("#")):
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+.* --hash=sha256:[0-9a-f]{64}", pin), pin[:80]


def test_known_holes_and_what_is_not_known_are_told_in_lines() -> None:
    hole = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"], "description": "…"}
    lines = loaded("audit").told_of({"a 1.0": [hole], "b 1.0": []}, {"d", "c"})
    assert lines == [
        "audit: a 1.0: PYSEC-1 (CVE-1), mended in 2.0.",
        "audit: 2 releases looked up, 1 with known holes.",
        "audit: not done for c, d: no record of these releases.",
    ]
    assert loaded("audit").told_of({"b 1.0": []}, set()) == [
        "audit: 1 releases looked up, 0 with known holes."
    ]
