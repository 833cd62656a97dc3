"""Typefaces and icons from npm that pictures for training are drawn with, as `packages.txt` lists them.

They are fetched once, into a cache of the user's, and checked. Needs fonttools and resvg-py.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CACHE = Path.home() / ".cache" / "sightline-training"
_REGISTRY = "https://registry.npmjs.org"
_LISTED = Path(__file__).with_name("packages.txt")


@dataclass(frozen=True)
class Package:
    """One archive: its SPDX licence, where it lies, its SHA-512, and whether it is for measuring."""

    licence: str
    archive: str
    sha512: str
    held: bool

    @property
    def name(self) -> str:
        """What follows the scope: `monoton` of `@fontsource/monoton`."""
        return self.archive.split("/")[1]

    def opened(self, folder: Path = CACHE) -> tarfile.TarFile:
        """Fetch the archive unless it is there, check it, and open it."""
        return tarfile.open(fetched(self.archive, self.sha512, folder / f"{self.name}.tgz"))


def fetched(archive: str, sha512: str, path: Path) -> Path:
    """Fetch an archive of npm to a path unless it is there, check it, and give the path."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(f"{_REGISTRY}/{archive}", timeout=300) as response:
            path.write_bytes(response.read())
    if base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode() != sha512:
        raise SystemExit(f"{path} is not what was listed: delete it and try again.")
    return path


def packages(scope: str) -> list[Package]:
    """Give the packages of a scope, as `@fontsource`."""
    found = []
    for line in _LISTED.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            licence, archive, sha512, *marks = line.split(" ")
            if archive.startswith(f"{scope}/"):
                found.append(Package(licence, archive, sha512, "held" in marks))
    return found


def typefaces(folder: Path = CACHE, *, held: bool) -> list[str]:
    """Give the files of typefaces, in a form that Pillow reads: those drawn or measured with."""
    from fontTools.ttLib import TTFont

    found = []
    for package in packages("@fontsource"):
        if package.held != held:
            continue
        path = folder / f"{package.name}.ttf"
        if not path.exists():
            with package.opened(folder) as archive:
                names = sorted(n for n in archive.getnames() if n.endswith("-normal.woff"))
                names.sort(key=lambda n: "latin-400" not in n)
                member = archive.extractfile(names[0])
                assert member is not None
                font = TTFont(io.BytesIO(member.read()))
            font.flavor = None
            font.save(path)
        found.append(str(path))
    return found


def icons(folder: Path = CACHE, *, held: bool) -> dict[str, list[str]]:
    """Give the icons of each set as SVG documents: those drawn with, or those measured with."""
    found = {}
    for package in packages("@iconify-json"):
        if package.held != held:
            continue
        with package.opened(folder) as archive:
            member = archive.extractfile("package/icons.json")
            assert member is not None
            document = json.loads(member.read())
        found[package.name] = [drawing(document, icon) for icon in document["icons"].values()]
    return found


def drawing(document: dict[str, Any], icon: dict[str, Any]) -> str:
    """Give an icon of one of Iconify's documents as SVG."""
    defaults = (("left", 0), ("top", 0), ("width", 16), ("height", 16))
    box = " ".join(str(icon.get(side, document.get(side, usual))) for side, usual in defaults)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{box}">{icon["body"]}</svg>'
    )
