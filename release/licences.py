"""Writes docs/reference/licences.md: what an install brings, under which licences.

`--check` writes nothing and says whether the page differs; `--json` prints what it is made of, for
`release/sbom.py`. Either way every licence is held to the list in `release/licences.toml`.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
UNREAD = (
    "says no licence that can be read: read its licence file, and add it to [read], "
    "or to [elsewhere] where it is not installed here"
)
PAGE = ROOT / "docs" / "reference" / "licences.md"
# Which systems and Pythons an install is for: what markers of needs are tried with.
SYSTEMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
)
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# Extras that are for work on Sightline, not with it.
OURS_ALONE = {"build", "dev", "training"}
# Names of classifiers that can mean one licence only.
CLASSIFIED = {
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# Shared libraries under the GPL or LGPL that wheels are known to bring, by their names.
COPYLEFT = re.compile(
    r"(?:lib)?(avcodec|x264|x265|heif|de265|mp3lame|gnutls|nettle|hogweed|gmp|unistring|asound|espeak-ng"
    r"|readline|sox|fftw3|gsl|poppler|rubberband|vidstab)[-.\d].*(?:so|dll|dylib)"
)


@dataclass
class Package:
    """A distribution that an install brings."""

    name: str
    licence: str
    extras: set[str] = field(
        default_factory=set
    )  # those that bring it, where the default set does not
    default: bool = False


@dataclass
class File:
    """A file of ours that others made, or a network made here, as `NOTICE` tells of it."""

    path: str
    what: str
    origin: str
    licence: str
    sha256: str


@cache
def policy() -> dict[str, Any]:
    """Read what may be shipped."""
    return tomllib.loads((ROOT / "release" / "licences.toml").read_text("utf-8"))


def _needs(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """Give what a package needs with some extras, on any system and Python."""
    if name == "sightline":
        told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        optional = [n for extra in extras for n in told["optional-dependencies"][extra]]
        sisters = ["sightline-client", "sightline-weights", "sightline-conformance"]
        yield from map(
            Requirement, [*told["dependencies"], *optional, *([] if extras else sisters)]
        )
        return
    if name == "sightline-client":
        told = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text("utf-8"))["project"]
        yield from map(Requirement, told["dependencies"])
        return
    try:
        needs = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for need in map(Requirement, needs):
        places = (
            {
                **system,
                "python_version": python,
                "python_full_version": f"{python}.0",
                "extra": extra,
            }
            for system in SYSTEMS
            for python in PYTHONS
            for extra in (*extras, "")
        )
        if need.marker is None or any(need.marker.evaluate(place) for place in places):
            yield need


def closure(extra: str = "") -> set[str]:
    """Give the names of all that Sightline brings, by default or with one of its extras."""
    seen: set[tuple[str, frozenset[str]]] = set()
    ahead = [("sightline", frozenset([extra]) if extra else frozenset[str]())]
    while ahead:
        name, extras = ahead.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        ahead += [(canonicalize_name(n.name), frozenset(n.extras)) for n in _needs(name, extras)]
    return {name for name, _ in seen} - {"sightline"}


def licence(name: str) -> str:
    """Give the SPDX expression of a package's licence; nothing where none can be read."""
    told: dict[str, Any] = policy()
    if name in told["exceptions"]:
        return str(told["exceptions"][name]["licence"])
    for table in ("read", "elsewhere"):
        if name in told[table]:
            return str(told[table][name])
    if name.startswith("sightline"):
        return "Apache-2.0" if name != "sightline-weights" else "Apache-2.0 AND LicenseRef-WordNet"
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    for said in (*(about.get_all("License-Expression") or ()), *(about.get_all("License") or ())):
        try:
            return str(canonicalize_license_expression(said))
        except InvalidLicenseExpression:
            continue
    classified = {
        CLASSIFIED.get(each.rpartition(" :: ")[2], "")
        for each in about.get_all("Classifier") or []
        if each.startswith("License :: ") and each != "License :: OSI Approved"
    }
    return classified.pop() if len(classified) == 1 else ""


def packages() -> list[Package]:
    """Give all packages that the default set and the extras bring, by their names."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = {name: Package(name, licence(name), default=True) for name in closure()}
    for extra in sorted(set(told["optional-dependencies"]) - OURS_ALONE):
        for name in closure(extra):
            package = found.setdefault(name, Package(name, licence(name)))
            if not package.default:
                package.extras.add(extra)
    return sorted(found.values(), key=lambda package: package.name)


def files() -> list[File]:
    """Read what `NOTICE` tells of single files, each with a hash."""
    found = []
    for block in re.split(r"\n\n+", (ROOT / "NOTICE").read_text("utf-8")):
        heads, _, told = block.partition("\n  What: ")
        if not told or "SHA-256: " not in told:
            continue
        what, _, rest = told.partition("\n  Origin: ")
        origin, _, rest = rest.partition("\n  Licence: ")
        named = re.split(r" \(|[.;]\s", rest, maxsplit=1)[0]
        spdx = str(canonicalize_license_expression(named))
        hashes = re.findall(r"\b[0-9a-f]{64}\b", told.partition("SHA-256: ")[2])
        for path, sha256 in zip(heads.split("\n"), hashes, strict=True):
            found.append(File(path, _line(what), _line(origin), spdx, sha256))
    return found


def _line(text: str) -> str:
    return " ".join(text.split())


@cache
def carried(name: str) -> frozenset[str]:
    """Give the copyleft libraries that a package's wheel for Linux brings, where that is here."""
    if sys.platform != "linux":
        return frozenset()
    try:
        listed = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        return frozenset()
    matches = (COPYLEFT.match(Path(str(file)).name) for file in listed)
    return frozenset(match[1] for match in matches if match)


def _identifiers(expression: str) -> set[str]:
    return set(re.findall(r"[\w.+-]+", expression)) - {"AND", "OR", "WITH"}


def _is_allowed(expression: str) -> bool:
    """Say whether a licence is on the list; of alternatives one has to be."""
    choices = [expression] if " AND " in expression else expression.split(" OR ")
    return any(_identifiers(choice) <= set(policy()["allowed"]) for choice in choices)


def faults(found: list[Package], notice: list[File]) -> list[str]:
    """Say what is shipped under a licence that is neither on the list nor told of."""
    told = policy()
    lines = []
    for package in found:
        if not package.licence:
            lines.append(f"{package.name} {UNREAD}")
        elif package.name not in told["exceptions"] and not _is_allowed(package.licence):
            lines.append(f"{package.name}: {package.licence} is not on the list")
    lines += [
        f"{f.path}: {f.licence} is not on the list" for f in notice if not _is_allowed(f.licence)
    ]
    names = {package.name for package in found}
    for table in ("read", "elsewhere", "exceptions", "carries"):
        lines += [f"{name} is told of and not shipped" for name in told[table] if name not in names]
    for package in found:
        untold = carried(package.name) - set(
            told["carries"].get(package.name, {}).get("libraries", [])
        )
        lines += [
            f"{package.name} brings {library}, which [carries] does not tell of"
            for library in sorted(untold)
        ]
    return lines


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


WHAT = """\
# Licences

Made by `make docs` from the packages' own metadata, `NOTICE` and `release/licences.toml`; do not edit.

What an install brings: {default} packages by default, {more} more with the extras, on every system and Python together.
`make check` reads it anew and fails where a licence is none of {allowed}, and not told of below. AGPL, and terms that
forbid a use, are nowhere.

Models that `sightline pull` fetches come under their own licences, which `sightline models` names. The extra `training`
is for who trains the small networks anew: PyTorch (BSD-3-Clause), which on Linux brings CUDA under NVIDIA's own terms.
Typefaces: none is shipped.

## Told of apart

{exceptions}
Wheels that bring libraries under other terms than the package's own. An install fetches them from the registry. Who
passes on a container image or a bundle with such a wheel in it passes these on too: with GPL parts the whole under the
GPL, version 3, which Apache-2.0 and all others here allow, and their sources with it.

{carries}
## Files

Weights, and what else others made, with hashes: more of each in [NOTICE](../../NOTICE).

{files}
## Packages

{packages}"""


def page(found: list[Package], notice: list[File]) -> str:
    """Write the page."""
    told = policy()
    default = sum(package.default for package in found)
    apart = {name: each for name, each in told["carries"].items() if name not in told["exceptions"]}
    return WHAT.format(
        default=default,
        more=len(found) - default,
        allowed=", ".join(told["allowed"]),
        exceptions=_table(
            ["Package", "Licence", "Why it is there"],
            [[f"`{n}`", each["licence"], each["why"]] for n, each in told["exceptions"].items()],
        ),
        carries=_table(
            ["Wheel", "Brings", "What, and what for"],
            [[f"`{name}`", each["licence"], each["why"]] for name, each in apart.items()],
        ),
        files=_table(
            ["File", "Licence", "What", "SHA-256"],
            [[f"`{f.path}`", f.licence, f.what, f"`{f.sha256[:16]}…`"] for f in notice],
        ),
        packages=_table(
            ["Package", "Licence", "Only with"],
            [
                [f"`{p.name}`", p.licence, ", ".join(f"`{e}`" for e in sorted(p.extras))]
                for p in found
            ],
        ),
    )


def main() -> int:
    """Write the page, check it, or print what it is made of; exit code 1 for what is amiss."""
    found, notice = packages(), files()
    wrong = faults(found, notice)
    for line in wrong:
        print(f"Licences: {line}.", file=sys.stderr)
    if "--json" in sys.argv:
        told = [{**asdict(package), "extras": sorted(package.extras)} for package in found]
        print(json.dumps({"packages": told, "files": [asdict(file) for file in notice]}))
    elif "--check" not in sys.argv:
        PAGE.write_text(page(found, notice), "utf-8")
    elif PAGE.read_text("utf-8") != page(found, notice):
        print("docs/reference/licences.md is out of step: run `make docs`.")
        return 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
