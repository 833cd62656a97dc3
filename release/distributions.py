"""The distributions of this repository: which there are, how they are built, what may be wrong.

They are built from what is committed, twice, in folders, time zones and with umasks that differ;
what is not the same bit for bit is an error. Wheels are built from the source distributions, so
that these are proven to hold what they must.
"""

from __future__ import annotations

import email
import io
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Fault(Exception):
    """What keeps a release from being made, in words for whoever makes it."""


@dataclass(frozen=True)
class Distribution:
    """One of them: its name, its folder, and the file that has its version."""

    name: str
    folder: str
    versioned: str

    def version(self, tree: Path) -> str:
        """Read its version in a tree of the repository."""
        return version_in((tree / self.versioned).read_text("utf-8"))


# In the order in which they need each other, so that each can be uploaded when the last one is.
DISTRIBUTIONS = (
    Distribution(
        "sightline-conformance", "conformance", "conformance/sightline_conformance/__init__.py"
    ),
    Distribution("sightline-weights", "weights", "weights/sightline_weights/__init__.py"),
    Distribution("sightline-client", "client", "sightline/__init__.py"),
    Distribution("sightline", ".", "sightline/__init__.py"),
)


def version_in(source: str) -> str:
    """Find the version that a module tells."""
    found = re.search(r'^__version__ = "([^"]+)"$', source, re.MULTILINE)
    if found is None:
        raise Fault("a module tells no __version__")
    return found[1]


def git(*words: str, tree: Path = ROOT) -> bytes:
    """Ask git about the repository."""
    return subprocess.run(["git", *words], cwd=tree, check=True, capture_output=True).stdout


def committed(tree: Path, where: Path) -> Path:
    """Write what is committed in a tree into a new folder, and nothing else; give that folder."""
    where.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(git("archive", "HEAD", tree=tree))) as packed:
        packed.extractall(where, filter="data")
    return where


def build(tree: Path, distribution: Distribution, out: Path, **around: str) -> None:
    """Build a source distribution, and of it a wheel, into a folder.

    What `release.lock` pins builds them: nothing is fetched. `around` are variables of the
    environment beside those of this process.
    """
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run(
        [*words, str(tree / distribution.folder)],
        env={**os.environ, **around}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise Fault(f"{distribution.name} cannot be built:\n{done.stdout}{done.stderr}")


def build_twice(tree: Path, work: Path, some: tuple[Distribution, ...] = DISTRIBUTIONS) -> Path:
    """Build what is committed in a tree, twice; give the folder with what both have made.

    Raises `Fault` where they differ.
    """
    epoch = git("log", "-1", "--format=%ct", tree=tree).decode().strip()
    made = []
    for folder, umask, zone in (("first", 0o022, "UTC"), ("second/elsewhere", 0o077, "Asia/Tokyo")):
        before = os.umask(umask)
        try:
            source, out = committed(tree, work / folder / "source"), work / folder / "out"
            for each in some:
                build(source, each, out, SOURCE_DATE_EPOCH=epoch, TZ=zone)
        finally:
            os.umask(before)
        made.append(out)
    differing = differences(*made)
    if differing:
        raise Fault("two builds differ: " + ", ".join(differing))
    return made[0]


def differences(one: Path, other: Path) -> list[str]:
    """Name the files of two folders that are not the same in both."""
    names = {path.name for folder in (one, other) for path in folder.iterdir()}
    return sorted(name for name in names if _bytes(one / name) != _bytes(other / name))


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def metadata(path: Path) -> Message:
    """Read what a wheel or a source distribution says of itself."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            [name] = [n for n in wheel.namelist() if n.endswith(".dist-info/METADATA")]
            return email.message_from_bytes(wheel.read(name))
    with tarfile.open(path) as packed:
        told = packed.extractfile(f"{path.name.removesuffix('.tar.gz')}/PKG-INFO")
        assert told is not None
        return email.message_from_bytes(told.read())


def faults(path: Path, versions: dict[str, str]) -> list[str]:
    """Say what is wrong with what a built file says of itself; nothing, if it may go out.

    Twine asks whether its description can be shown, this the rest: its name and version, needs that
    name a folder or an address, links into the repository, licences.
    """
    told, found = metadata(path), []
    name = str(told["Name"])
    if versions.get(name) != told["Version"]:
        found.append(f"it is {name} {told['Version']}, not one of {versions}")
    needs = map(str, told.get_all("Requires-Dist") or [])
    found += [f"it needs a folder: {need}" for need in needs if " @ " in need]
    description = told.get_payload()
    assert isinstance(description, str)
    if told["Description-Content-Type"] != "text/markdown" or not description.strip():
        found.append("it has no description in Markdown")
    into = re.findall(r"\]\((?!https?:|#)([^)\n]*)\)|<img ", description)
    if into:
        found.append(f"its description leads into the repository: {into[:3]}")
    if not told["License-Expression"] or not told.get_all("License-File"):
        found.append("it tells no licence")
    if told["Requires-Python"] != ">=3.11":
        found.append(f"it is for Python {told['Requires-Python']}")
    return [f"{path.name}: {each}" for each in found]


def stale(tree: Path = ROOT) -> list[str]:
    """Name distributions that changed since the release before and kept their version.

    A registry takes no second file of one version. Nothing is said where no release is tagged.
    """
    tags = git("tag", "--list", "v*", "--sort=-version:refname", "--merged", "HEAD", tree=tree)
    head = git("tag", "--list", "v*", "--points-at", "HEAD", tree=tree).decode().split()
    older = [tag for tag in tags.decode().split() if tag not in head]
    found = []
    for each in DISTRIBUTIONS if older else ():
        try:
            source = git("show", f"{older[0]}:{each.versioned}", tree=tree).decode()
        except subprocess.CalledProcessError:  # it is new
            continue
        where = "sightline" if each.versioned.startswith("sightline/") else each.folder
        changed = subprocess.run(
            ["git", "diff", "--quiet", older[0], "HEAD", "--", where], cwd=tree
        )
        if changed.returncode and version_in(source) == each.version(tree):
            found.append(f"{each.name} changed since {older[0]} and is still {each.version(tree)}")
    return found
