"""The models on this machine: where they lie, what was pulled, and that they are still the same.

The folder holds one folder for each pulled model and `models.lock.json`, which says of each file
from which revision it came and what its SHA-256 is. A file that is no longer that is not loaded.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sightline.errors import ModelFileError, UsageError, nearest
from sightline.models import gguf
from sightline.settings import EMBEDDED

LOCK = "models.lock.json"
_USED = "used-model"
# The model that comes with the package (docs/nano.md), in files beside this one.
NANO = "nano"
SHIPPED = Path(__file__).with_name(NANO)
_PIECE = 8 << 20


@dataclass(frozen=True, slots=True)
class LockedFile:
    """One pulled file. `checked` is its size and time of change when its hash was last right."""

    name: str
    sha256: str
    bytes: int
    checked: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Locked:
    """One pulled model: where from, and its files; the first text file is the one to load."""

    name: str
    repo: str
    revision: str
    text: str
    eye: str
    files: tuple[LockedFile, ...]

    @property
    def bytes(self) -> int:
        """The size of all its files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class Files:
    """The two halves of a model; `verify` sees that pulled ones are what was pulled."""

    text: Path
    eye: Path
    verify: Callable[[], None] = lambda: None


class Store:
    """The folder of models."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, name: str, eye: str = "") -> Files:
        """Find a model by file or by the name of a pulled one; `eye` names its vision half.

        Raises `ModelFileError` for one that is not here, or is only half.
        """
        path = Path(name).expanduser()
        if path.is_file():
            return _pair(path, Path(eye).expanduser() if eye else None)
        if path.suffix.lower() == ".gguf":
            raise ModelFileError(f"There is no file {name}.", hint="Check its name.")
        if path.is_absolute() and path.exists():
            raise ModelFileError(
                f"{name} is no GGUF file.", hint="Name the file itself, which ends in .gguf."
            )
        if canonical(name) == NANO:
            return Files(SHIPPED / "model.gguf", SHIPPED / "mmproj.gguf")
        locked = self.locked().get(canonical(name))
        if locked is None:
            raise ModelFileError(f"The model {name!r} is not installed.", hint=_hint(name))
        folder = self.folder_of(locked.name)
        given = Path(eye).expanduser() if eye else folder / locked.eye
        return Files(folder / locked.text, given, lambda: self.verify(locked.name))

    def has(self, name: str) -> bool:
        """Say whether a model is here, whole."""
        try:
            return bool(name) and bool(self.find(name))
        except (ModelFileError, UsageError):
            return False

    def folder_of(self, name: str) -> Path:
        """Give the folder of a pulled model."""
        return self.folder / canonical(name).replace("/", "--").replace(":", "--")

    def locked(self) -> dict[str, Locked]:
        """Read what was pulled. Raises `ModelFileError` for a lock file that is none."""
        try:
            told = json.loads((self.folder / LOCK).read_text(encoding="utf-8"))
            return {name: _locked(name, entry) for name, entry in told["models"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError):
            raise ModelFileError(
                f"The lock file {LOCK} in the models' folder cannot be read.",
                hint="Take it away and pull the models again.",
            ) from None

    @property
    def used(self) -> str:
        """The model that this user chose to be answered by; empty for none."""
        try:
            return (self.folder / _USED).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return ""

    def use(self, name: str) -> None:
        """Choose a model, or none with an empty name. Raises `ModelFileError` if it is not here."""
        if name:
            self.find(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.folder / (_USED + ".new")
        new.write_text(name + "\n", encoding="utf-8")
        os.replace(new, self.folder / _USED)

    def keep(self, locked: Locked) -> None:
        """Write a model into the lock file; whoever calls holds the folder's lock."""
        self._write({**self.locked(), locked.name: locked})

    def forget(self, name: str) -> None:
        """Take a model out of the lock file; whoever calls holds the folder's lock."""
        self._write({key: kept for key, kept in self.locked().items() if key != name})

    def _write(self, models: Mapping[str, Locked]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        told = {
            name: {key: value for key, value in asdict(kept).items() if key != "name"}
            for name, kept in sorted(models.items())
        }
        new = self.folder / (LOCK + ".new")
        new.write_text(json.dumps({"models": told}, indent=2) + "\n", encoding="utf-8")
        os.replace(new, self.folder / LOCK)

    def verify(self, name: str) -> None:
        """See that the files of a pulled model are those that were pulled.

        Hashes only what has changed since it was last found right. Raises `ModelFileError`.
        """
        locked = self.locked()[canonical(name)]
        for file in locked.files:
            path = self.folder_of(name) / file.name
            try:
                state = path.stat()
            except OSError:
                raise _damaged(file.name, locked.name) from None
            if file.checked == (state.st_size, state.st_mtime_ns):
                continue
            if state.st_size != file.bytes or sha256(path) != file.sha256:
                raise _damaged(file.name, locked.name)


def _hint(name: str) -> str:
    """Say how to get a model that is not here: by its name, or by the one that was meant."""
    from sightline.models.catalogue import catalogue  # which is told of names here

    known = [*(each.name for each in catalogue().entries), EMBEDDED]
    if "/" in name or name.lower() in known:
        return f"Type: sightline pull {name}"
    return nearest(name, known) or "`sightline models` lists those that there are."


def _damaged(file: str, name: str) -> ModelFileError:
    return ModelFileError(
        f"{file} of {name} is not the file that was pulled.", hint=f"Type: sightline pull {name}"
    )


def _locked(name: str, entry: Mapping[str, object]) -> Locked:
    files = entry["files"]
    if not isinstance(files, list):
        raise TypeError
    return Locked(
        name,
        str(entry["repo"]),
        str(entry["revision"]),
        str(entry["text"]),
        str(entry["eye"]),
        tuple(
            LockedFile(
                f["name"], f["sha256"], f["bytes"], tuple(f["checked"]) if f["checked"] else None
            )
            for f in files
        ),
    )


def canonical(name: str) -> str:
    """Write a model's name in one way: short names in lower case, hub ids as they are."""
    return name if "/" in name else name.lower()


def sha256(path: Path, told: Callable[[int], None] = lambda done: None) -> str:
    """Hash a file; `told` hears how many bytes are hashed."""
    made = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            made.update(piece)
            told(file.tell())
    return made.hexdigest()


def _pair(text: Path, eye: Path | None) -> Files:
    header = gguf.read(text)
    if header.is_eye:
        raise UsageError(
            f"{text.name} is the vision half of a model.",
            hint="Name the text model with --model, and this one with --mmproj.",
        )
    if eye is None:
        eye = next(_eyes(text), None)
    if eye is None:
        raise ModelFileError(
            f"{text.name} has no vision half beside it.",
            hint="Put its mmproj*.gguf into the same folder, or name it with --mmproj.",
        )
    if not gguf.read(eye).is_eye:
        raise ModelFileError(
            f"{eye.name} is not the vision half of a model.", hint="It is called mmproj*.gguf."
        )
    return Files(text, eye)


def _eyes(text: Path) -> Iterator[Path]:
    """Give the vision halves beside a text model, the one with the likest name first."""
    found = [p for p in text.parent.glob("*.gguf") if p.name.lower().startswith("mmproj")]
    found += [p for p in text.parent.glob("*mmproj*.gguf") if p not in found]
    words = set(text.stem.lower().replace("_", "-").split("-"))

    def alike(path: Path) -> tuple[int, str]:
        return -len(words & set(path.stem.lower().replace("_", "-").split("-"))), path.name

    yield from sorted(found, key=alike)
