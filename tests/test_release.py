"""What makes a release: builds that repeat, what is refused, the form of the change log."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import sightline
from release import changelog, distributions, interpreters
from release.distributions import DISTRIBUTIONS, Distribution, Fault
from tests.test_distributions import BUILD

ROOT = Path(__file__).parent.parent
LOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
DAY = datetime.date(2026, 12, 1)
SMALL = """# Changes

## Unreleased

### Added

- A thing.

### To be sorted
{unsorted}
## 0.1.0 - 2026-11-28

### Added

- All.
"""


in_git = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="builds what is committed")


def built(tree: Path, hook: str, out: Path, **around: str) -> Path:
    """What a hook makes of a tree's conformance kit."""
    out.mkdir()
    words = [sys.executable, "-c", BUILD, "", "flit_core.buildapi", hook, str(out)]
    done = subprocess.run(
        words, cwd=tree / "conformance", env={**os.environ, **around},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return out / done.stdout.strip()


@in_git
def test_a_build_repeats_bit_for_bit(tmp_path: Path) -> None:
    """Wherever, whenever and by whomever it is made."""
    folders: dict[str, list[Path]] = {}
    for name, umask, zone in (("one", 0o022, "UTC"), ("two/elsewhere", 0o077, "Asia/Tokyo")):
        before = os.umask(umask)
        try:
            tree = distributions.committed(ROOT, tmp_path / name / "tree")
            os.utime(tree / "conformance" / "README.md", (time.time(), 1_000_000_000 + umask))
            for hook in ("build_wheel", "build_sdist"):
                around = {"SOURCE_DATE_EPOCH": "1790000000", "TZ": zone}
                made = built(tree, hook, tmp_path / name / hook, **around)
                folders.setdefault(hook, []).append(made.parent)
        finally:
            os.umask(before)
    for one, other in folders.values():
        assert not distributions.differences(one, other)


def test_builds_that_differ_are_named(tmp_path: Path) -> None:
    for name, text in (("one", b"a"), ("two", b"b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same").write_bytes(b"")
        (tmp_path / name / "other").write_bytes(text)
    (tmp_path / "one" / "alone").touch()
    assert distributions.differences(tmp_path / "one", tmp_path / "two") == ["alone", "other"]


def test_what_a_file_says_of_itself_is_held_to_what_may_go_out(tmp_path: Path) -> None:
    for hook in ("build_wheel", "build_sdist"):
        made = built(ROOT, hook, tmp_path / hook)
        versions = {each.name: each.version(ROOT) for each in DISTRIBUTIONS}
        assert distributions.faults(made, versions) == []
        [wrong] = distributions.faults(made, {**versions, "sightline-conformance": "9.9"})
        assert "not one of" in wrong


@in_git
def test_a_folder_or_a_page_of_the_checkout_does_not_go_out(tmp_path: Path) -> None:
    tree = distributions.committed(ROOT, tmp_path / "tree")
    told = tree / "conformance" / "pyproject.toml"
    need = f'"pillow>=10.1", "sightline-weights @ {tree.as_uri()}"'
    told.write_text(told.read_text("utf-8").replace('"pillow>=10.1"', need), "utf-8")
    with (tree / "conformance" / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("See [the log](../CHANGELOG.md).\n")
    made = built(tree, "build_wheel", tmp_path / "out")
    wrong = distributions.faults(made, {"sightline-conformance": DISTRIBUTIONS[0].version(ROOT)})
    assert ["needs a folder" in wrong[0], "../CHANGELOG.md" in wrong[1], len(wrong)] == [1, 1, 2]


def test_the_client_goes_out_with_the_whole() -> None:
    assert [each.name for each in DISTRIBUTIONS][-2:] == ["sightline-client", "sightline"]
    assert {each.version(ROOT) for each in DISTRIBUTIONS[-2:]} == {sightline.__version__}
    with pytest.raises(Fault):
        distributions.version_in("__version__ = compute()")


def test_what_changed_under_its_old_version_is_named(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        named = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *named, *words], cwd=tmp_path, check=True, capture_output=True)

    def write(each: Distribution, version: str, more: str = "") -> None:
        path = tmp_path / each.versioned
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'__version__ = "{version}"\n{more}')

    git("init", "-q")
    for each in DISTRIBUTIONS:
        write(each, "1.0.0")
    git("add", "-A")
    git("commit", "-qm", "one")
    assert distributions.stale(tmp_path) == []  # nothing was released before
    git("tag", "v1.0.0")
    kit, weights = DISTRIBUTIONS[0], DISTRIBUTIONS[1]
    write(kit, "1.1.0", "new = 1\n")
    write(weights, "1.0.0", "new = 1\n")
    git("commit", "-qam", "two")
    git("tag", "v1.1.0")
    [wrong] = distributions.stale(tmp_path)
    assert wrong == "sightline-weights changed since v1.0.0 and is still 1.0.0"


def test_the_change_log_has_its_form() -> None:
    assert changelog.problems(LOG) == []
    told = changelog.sections(LOG)
    assert {"0.1.0"} <= {name.partition(" ")[0] for name in told}
    assert any("Upgrading from 0.1.0" in changelog.kinds(section) for section in told.values())


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("## 0.1.0 - 2026-01-01\n\n### Added\n\n- a\n", "the first version"),
        (SMALL.replace("### Added\n\n- A", "- A"), "above the first heading"),
        (SMALL.replace("### Added\n\n- A", "### Misc\n\n- A"), '"Misc" is none of'),
        (SMALL.replace("- A thing.", ""), '"Added" is empty'),
        (SMALL.replace("0.1.0 - 2026-11-28", "0.1.0"), "not of the form"),
        (SMALL.replace("### To be sorted\n", ""), "does not end with"),
        (SMALL + "\n## 0.3.0 - 2026-11-30\n\n### Added\n\n- b\n", "below an older version"),
    ],
)
def test_a_change_log_of_another_form_is_told_of(text: str, wrong: str) -> None:
    assert any(wrong in problem for problem in changelog.problems(text.replace("{unsorted}", "")))


def test_a_release_takes_the_place_of_what_is_unreleased() -> None:
    text = changelog.release(SMALL.format(unsorted=""), "0.2.0", DAY)
    assert list(changelog.sections(text)) == [
        "Unreleased", "0.2.0 - 2026-12-01", "0.1.0 - 2026-11-28",
    ]  # fmt: skip
    assert changelog.problems(text) == []
    assert changelog.notes(text, "0.2.0") == "### Added\n\n- A thing.\n"
    assert changelog.notes(text, "0.1.0") == "### Added\n\n- All.\n"
    with pytest.raises(Fault, match=r"tells of no 0\.3\.0"):
        changelog.notes(text, "0.3.0")
    with pytest.raises(Fault, match="nothing has changed"):
        changelog.release(text, "0.3.0", DAY)


def test_nothing_is_lost_or_said_twice_by_a_release() -> None:
    head, mark, below = LOG.partition(f"### {changelog.UNSORTED}\n")
    last = re.search(r"^## \d", below, re.MULTILINE)
    assert mark
    assert last
    sorted_ = f"{head}\n### Fixed\n\n- One more.\n\n{mark}\n{below[last.start() :]}"
    before = Counter(line for line in sorted_.splitlines() if line)
    after = Counter(line for line in changelog.release(sorted_, "99.0.0", DAY).splitlines() if line)
    assert after - before == Counter({"## 99.0.0 - 2026-12-01": 1})
    assert not before - after


def test_what_is_yet_to_be_sorted_keeps_a_release_from_being_made() -> None:
    text = SMALL.format(unsorted="\n- One.\n- Two,\n  in two lines.\n\n")
    assert changelog.problems(text) == []  # as while work goes on
    with pytest.raises(Fault, match="2 lines stand under"):
        changelog.release(text, "0.2.0", DAY)


def test_a_release_is_newer_than_the_last() -> None:
    for version in ("0.1.0", "0.0.9"):
        with pytest.raises(Fault, match="not newer"):
            changelog.release(SMALL.format(unsorted=""), version, DAY)


def test_a_tag_tells_what_changed(tmp_path: Path) -> None:
    """Headings too, which git would take for comments: as docs/releasing.md has it typed."""
    page = (ROOT / "docs" / "releasing.md").read_text("utf-8")
    assert "git tag -s v0.2.0 --cleanup=whitespace -F notes.md" in page
    notes = changelog.notes(LOG, "0.1.0")
    (tmp_path / "notes.md").write_text(notes, "utf-8")

    def git(*words: str) -> str:
        named = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(
            ["git", *named, *words], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return done.stdout

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "one")
    git("tag", "-a", "v0.1.0", "--cleanup=whitespace", "-F", "notes.md")
    told = git("for-each-ref", "--format=%(contents)", "refs/tags/v0.1.0")
    assert "### " in told
    assert told.strip() == notes.strip()


def test_pythons_are_those_of_the_metadata_and_found_where_they_are() -> None:
    supported = interpreters.supported()
    assert supported[0] == "3.11"
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if running in supported:
        found = interpreters.here(running)
        assert found is not None
        assert interpreters.release_of(found).startswith(f"{running}.")
    assert interpreters.here("3.99") is None
    assert interpreters.release_of(ROOT / "README.md") == ""


def test_a_python_that_debian_lacks_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no APT
    with pytest.raises(Fault, match="this is no Debian"):
        interpreters.from_debian("3.14", tmp_path)


def test_what_makes_a_release_is_pinned_with_hashes() -> None:
    text = (ROOT / "requirements" / "release.lock").read_text("utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert {"build", "twine", "pipx", "uv", "flit-core"} <= {pin.partition("==")[0] for pin in pins}
    for pin in pins:
        assert re.match(r"[\w.-]+==\S+.* --hash=sha256:[0-9a-f]{64}", pin), pin[:80]


def test_the_page_on_releases_names_what_there_is() -> None:
    page = (ROOT / "docs" / "releasing.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"make ([a-z-]+)", page):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for each in DISTRIBUTIONS:
        assert f"`{each.name}`" in page
    for version in interpreters.supported():
        assert version in page
