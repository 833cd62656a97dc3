"""The change log: its form, what a version changed, and the step that makes a release of it.

    python -m release.changelog check           say what is wrong with its form
    python -m release.changelog release         turn "Unreleased" into the code's version
    python -m release.changelog notes VERSION   print what a version changed: a tag's message

While work goes on, a change appends its line under "To be sorted", at the end of "Unreleased";
whoever makes the release moves each where it belongs.
"""

from __future__ import annotations

import datetime
import re
import sys

from packaging.version import Version

from release.distributions import ROOT, Fault, version_in

FILE = ROOT / "CHANGELOG.md"
UNRELEASED, UNSORTED = "Unreleased", "To be sorted"
# Those of keepachangelog.com, in the order in which a reader needs them.
KINDS = ("Security", "Removed", "Deprecated", "Changed", "Fixed", "Added")
_RELEASED = re.compile(r"(\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)")


def sections(text: str) -> dict[str, str]:
    """Part a change log by version: the heading of each, without its marks, and what is below."""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def kinds(section: str) -> dict[str, str]:
    """Part what a version changed by its headings: "Added" and so on."""
    parts = re.split(r"^### (.+)\n", section, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def problems(text: str) -> list[str]:
    """Say what is wrong with a change log's form; nothing, if it is right."""
    found, before = [], None
    told = sections(text)
    if next(iter(told), None) != UNRELEASED:
        found.append(f'the first version is not "{UNRELEASED}"')
    for name, section in told.items():
        if name == UNRELEASED:
            allowed = {*KINDS, UNSORTED}
            if [*kinds(section)][-1:] != [UNSORTED]:
                found.append(f'"{UNRELEASED}" does not end with "{UNSORTED}"')
        else:
            allowed = set(KINDS)
            dated = _RELEASED.fullmatch(name)
            if dated is None:
                found.append(f'"{name}" is not of the form "1.2.3 - 2026-01-31"')
                continue
            datetime.date.fromisoformat(dated[2])
            if before is not None and Version(dated[1]) >= before:
                found.append(f"{name} stands below an older version")
            before = Version(dated[1])
        found += _misplaced(name, section, allowed)
    return found


def _misplaced(version: str, section: str, allowed: set[str]) -> list[str]:
    found = []
    for kind, lines in kinds(section).items():
        if kind not in allowed and not kind.startswith("Upgrading from "):
            found.append(f'{version}: "{kind}" is none of {", ".join(sorted(allowed))}')
        if not lines.strip() and kind != UNSORTED:
            found.append(f'{version}: "{kind}" is empty')
    if re.search(r"^- ", re.split(r"^### ", section, flags=re.MULTILINE)[0], re.MULTILINE):
        found.append(f"{version}: changes stand above the first heading")
    return found


def release(text: str, version: str, day: datetime.date) -> str:
    """Turn what is unreleased into a version of a day, below an empty "Unreleased".

    Raises `Fault` where its form is wrong, there is nothing to release, lines are yet to be sorted,
    or the version is not newer than the last.
    """
    wrong = problems(text)
    if wrong:
        raise Fault("; ".join(wrong))
    told = sections(text)
    older = [name.partition(" ")[0] for name in told if name != UNRELEASED]
    if older and Version(version) <= Version(older[0]):
        raise Fault(f"{version} is not newer than {older[0]}: see sightline/__init__.py")
    changed = kinds(told[UNRELEASED])
    unsorted = changed.pop(UNSORTED, "").strip()
    if unsorted:
        count = len(re.findall(r"^- ", unsorted, re.MULTILINE))
        raise Fault(
            f'{count} lines stand under "{UNSORTED}": move each under one of {", ".join(KINDS)}'
        )
    if not changed:
        raise Fault("nothing has changed")
    body = told[UNRELEASED].partition(f"### {UNSORTED}\n")[0].strip()
    head = f"## {UNRELEASED}\n\n### {UNSORTED}\n\n## {version} - {day.isoformat()}\n\n"
    above, _, below = text.partition(f"## {UNRELEASED}\n" + told[UNRELEASED])
    return f"{above}{head}{body}\n\n{below}".rstrip() + "\n"


def notes(text: str, version: str) -> str:
    """Give what a version changed. Raises `Fault` where no such version is told of."""
    for name, section in sections(text).items():
        if name.partition(" ")[0] == version:
            return section.strip() + "\n"
    raise Fault(f"the change log tells of no {version}")


def main(words: list[str]) -> int:
    """Do one of the three; give the exit code."""
    text = FILE.read_text("utf-8")
    match words:
        case ["check"]:
            wrong = problems(text)
            print("\n".join(wrong) or "CHANGELOG.md has its form.")
            return bool(wrong)
        case ["release"]:
            version = version_in((ROOT / "sightline" / "__init__.py").read_text("utf-8"))
            day = datetime.datetime.now(datetime.UTC).date()
            FILE.write_text(release(text, version, day), "utf-8")
            print(f"CHANGELOG.md tells of {version} - {day}. Read it, and commit it.")
        case ["notes", version]:
            print(notes(text, version), end="")
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Fault as fault:
        sys.exit(f"Not released: {fault}.")
