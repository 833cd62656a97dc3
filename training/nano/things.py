"""Pictures of things with their names, from open emoji sets; fetched once, checked, cut to size.

    python -m training.nano.things [--cache FOLDER]

| Set | Licence | Used for |
|---|---|---|
| Noto Emoji (Google) | Apache-2.0 | training |
| Twemoji (Twitter and others) | CC-BY-4.0 | training |
| OpenMoji | CC-BY-SA-4.0 | training |
| Fluent Emoji, flat (Microsoft) | MIT | measuring alone: no model of ours was trained on it |

None of them is part of the package. Needs numpy, Pillow and resvg-py.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import tarfile
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Sprite = NDArray[np.uint8]
SIDE = 96  # pixels of a sprite's longer side
CACHE = Path.home() / ".cache" / "sightline-nano"
_REGISTRY = "https://registry.npmjs.org"


@dataclass(frozen=True)
class Source:
    """A set as npm has it: the archive, its SHA-512, and where in it a picture is."""

    archive: str
    sha512: str
    path: str
    upper: bool = False


TRAINED = ("noto", "twemoji", "openmoji")
UNSEEN = "fluent"
SOURCES = {
    "noto": Source(
        "emoji-datasource-google/-/emoji-datasource-google-16.0.0.tgz",
        "ZRexfzs7MVoLnmzZmNsO4TKhnAJp5D++Vm6PpUpH/jEQQlemp3l88CjZ+DoZ2faM9R4QxZkOPJCoT8DlPhfQ3A==",
        "package/img/google/64/{code}.png",
    ),
    "twemoji": Source(
        "emoji-datasource-twitter/-/emoji-datasource-twitter-16.0.0.tgz",
        "7F+uCuHH+7Qnrc15P5tnbvKkg9E6tlzi4MnT2uW1RlN4pLYTza6cP/dstIfSDMtpjFLWuZewWg8jBbuL2eyELQ==",
        "package/img/twitter/64/{code}.png",
    ),
    "openmoji": Source(
        "openmoji/-/openmoji-17.0.0.tgz",
        "EBnYrNGdcdw+OSXmENeNE1yBNRu6tOraTmoOyUbJkTmvT/+XETp8RZLSJFzD3lrPc5N9CzsyPnRTk0Vp4UaI9w==",
        "package/color/svg/{code}.svg",
        upper=True,
    ),
    "fluent": Source(
        "@lobehub/fluent-emoji-flat/-/fluent-emoji-flat-1.1.0.tgz",
        "lPYCg8+N56MIj+iOgeBeH6AF0tneXxJCvgi41rOTjAWpA5rU2WUcmU1fiIXouEe8GrSTarWCYLY2ML+rdLRHsg==",
        "package/assets/{code}.svg",
    ),
}


@cache
def names() -> dict[str, tuple[str, ...]]:
    """Give each name with the emoji that show it."""
    listed = {}
    for line in (Path(__file__).parent / "names.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            words = line.split(" ")
            shown = [word for word in words if not word.isascii()]
            listed[" ".join(word for word in words if word.isascii())] = tuple(shown)
    return listed


def sprites(source: str, folder: Path = CACHE) -> dict[str, list[Sprite]]:
    """Give the pictures of a set by name: RGBA, cut to what is drawn, `SIDE` pixels or less."""
    kept = folder / f"{source}.npz"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        pictures = _cut(source, folder)
        np.savez_compressed(kept, **pictures)
    found: dict[str, list[Sprite]] = {}
    with np.load(kept) as stored:
        for key in stored.files:
            found.setdefault(key.rpartition("#")[0], []).append(stored[key])
    return found


def _cut(source: str, folder: Path) -> dict[str, Sprite]:
    pictures = {}
    with tarfile.open(_archive(source, folder)) as archive:
        inside = {member.name: member for member in archive.getmembers() if member.isfile()}
        for name, shown in names().items():
            for number, emoji in enumerate(shown):
                member = next((inside[p] for p in _paths(source, emoji) if p in inside), None)
                opened = None if member is None else archive.extractfile(member)
                if opened is not None and member is not None:
                    pictures[f"{name}#{number}"] = _sized(opened.read(), member.name)
    return pictures


def _paths(source: str, emoji: str) -> list[str]:
    """Give what a file may be called: with the sign that asks for colour, and without."""
    spec = SOURCES[source]
    whole = "-".join(f"{ord(sign):04x}" for sign in emoji)
    codes = (whole, whole.replace("-fe0f", ""), f"{whole}-fe0f")
    return [spec.path.format(code=code.upper() if spec.upper else code) for code in codes]


def _sized(data: bytes, name: str) -> Sprite:
    if name.endswith(".svg"):
        import resvg_py

        data = bytes(resvg_py.svg_to_bytes(svg_string=data.decode("utf-8"), width=2 * SIDE))
    image = Image.open(io.BytesIO(data)).convert("RGBA")
    image = image.crop(image.getchannel("A").point(lambda a: 255 if a > 16 else 0).getbbox())
    if max(image.size) > SIDE:
        image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _archive(source: str, folder: Path) -> Path:
    spec = SOURCES[source]
    path = folder / f"{source}.tgz"
    if not path.exists():
        with urllib.request.urlopen(f"{_REGISTRY}/{spec.archive}", timeout=300) as response:
            path.write_bytes(response.read())
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if digest != spec.sha512:
        raise SystemExit(f"{path} is not what was fetched before: delete it and try again.")
    return path


def main() -> None:
    """Fetch all sets; say what each has."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cache", type=Path, default=CACHE)
    folder = options.parse_args().cache
    for source in SOURCES:
        found = sprites(source, folder)
        print(
            f"{source}: {len(found)} of {len(names())} names, {sum(map(len, found.values()))} pictures"
        )


if __name__ == "__main__":
    main()
