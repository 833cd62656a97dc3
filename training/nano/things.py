"""Pictures of things with their names, from open emoji sets; fetched once, checked, cut to size.

    python -m training.nano.things [--cache FOLDER]

| Set | Licence | Used for |
|---|---|---|
| Noto Emoji (Google) | Apache-2.0 | training |
| Twemoji (Twitter and others) | CC-BY-4.0 | training |
| OpenMoji | CC-BY-SA-4.0 | training |
| Noto Emoji of before 2017, as Iconify has it | Apache-2.0 | training |
| FxEmoji (Mozilla) | Apache-2.0 | training |
| EmojiOne 2, as Iconify has it | CC-BY-4.0 | training |
| EmojiOne 1, as Iconify has it | CC-BY-SA-4.0 | training |
| Streamline Emojis | CC-BY-4.0 | training |
| Fluent Emoji, flat (Microsoft) | MIT | measuring alone: no model of ours was trained on it |

None of them is part of the package. Needs numpy, Pillow and resvg-py.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import tarfile
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.packages import drawing, fetched

Sprite = NDArray[np.uint8]
SIDE = 96  # pixels of a sprite's longer side
CACHE = Path.home() / ".cache" / "sightline-nano"


@dataclass(frozen=True)
class Source:
    """A set as npm has it: the archive, its SHA-512, and where in it a picture is.

    Without a path it is one of Iconify's, a document with all pictures by their names.
    """

    archive: str
    sha512: str
    path: str = ""
    upper: bool = False


TRAINED = (
    "noto", "twemoji", "openmoji", "noto-v1", "fxemoji", "emojione", "emojione-v1",
    "streamline-emojis",
)  # fmt: skip
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
    "noto-v1": Source(
        "@iconify-json/noto-v1/-/noto-v1-1.2.5.tgz",
        "/DsVMius69Q0fRS53z7QK1TROSuar606jiIx+laXtdsYGMXpf6LtHBx6CGfoo3UHHb/XpBsw+1L1x3eyPqMuVA==",
    ),
    "fxemoji": Source(
        "@iconify-json/fxemoji/-/fxemoji-1.2.2.tgz",
        "UAasRaxzFUKfIGSmLwnoarsssA4LX0VLLuEmplIqM6ZNQqIQRtav8tZ4H1neTlBreXuMQyAifr5jP4kn78DpiQ==",
    ),
    "emojione": Source(
        "@iconify-json/emojione/-/emojione-1.2.3.tgz",
        "T9+T3HIbJNLKKsmxYKlaYhvnHYkz/HNYTV7SHCXVZPfeUi4FqskY70YeN8yYAZT8cCv7w5vJxS4Q1m8zb9CMMg==",
    ),
    "emojione-v1": Source(
        "@iconify-json/emojione-v1/-/emojione-v1-1.2.3.tgz",
        "UjI2VQEXVtGlPBvQuxEizro7QCgBcJDOYwKUupquvvZ8UV4xOlvm45IU82JYWegiAWLerY79gFLMZ26U6Ms+ww==",
    ),
    "streamline-emojis": Source(
        "@iconify-json/streamline-emojis/-/streamline-emojis-1.2.4.tgz",
        "iNr9T9XuZVTyQPJO8ZlLxBzPkpi7qMl+z1l0C31vpEMqhPMelth3n7CeWQYtixdetDPdI81yeG4ROqjWpYJE6A==",
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
            name = key.rpartition("#")[0]
            if name in names():  # the list may have changed since
                found.setdefault(name, []).append(stored[key])
    return found


def _cut(source: str, folder: Path) -> dict[str, Sprite]:
    pictures = {}
    with tarfile.open(_archive(source, folder)) as archive:
        inside = {member.name: member for member in archive.getmembers() if member.isfile()}
        if not SOURCES[source].path:
            opened = archive.extractfile("package/icons.json")
            assert opened is not None
            return _cut_icons(json.loads(opened.read()), _called(folder))
        for name, shown in names().items():
            for number, emoji in enumerate(shown):
                member = next((inside[p] for p in _paths(source, emoji) if p in inside), None)
                opened = None if member is None else archive.extractfile(member)
                if opened is not None and member is not None:
                    pictures[f"{name}#{number}"] = _sized(opened.read(), member.name)
    return pictures


def _called(folder: Path) -> dict[str, set[str]]:
    """Give what each emoji is called, by Unicode of two times: small letters without gaps."""
    with tarfile.open(_archive("openmoji", folder)) as archive:
        opened = archive.extractfile("package/data/openmoji.json")
        assert opened is not None
        listed = json.loads(opened.read())
    found: dict[str, set[str]] = {}
    for entry in listed:
        emoji = entry["emoji"].replace("\ufe0f", "")
        found[emoji] = {_letters(entry["annotation"])}
        if len(emoji) == 1:
            found[emoji].add(_letters(unicodedata.name(emoji, "")))
    return found


def _letters(words: str) -> str:
    return re.sub("[^a-z]", "", words.lower())


def _cut_icons(document: dict[str, Any], called: dict[str, set[str]]) -> dict[str, Sprite]:
    icons: dict[str, list[dict[str, Any]]] = {}
    for key, icon in document["icons"].items():
        icons.setdefault(_letters(key), []).append(icon)
    pictures = {}
    for name, shown in names().items():
        titles = {_letters(name)}.union(*(called.get(e.replace("\ufe0f", ""), ()) for e in shown))
        for icon in (icon for title in sorted(titles) for icon in icons.get(title, ())):
            svg = drawing(document, icon)
            number = sum(key.rpartition("#")[0] == name for key in pictures)
            pictures[f"{name}#{number}"] = _sized(svg.encode("utf-8"), f"{name}.svg")
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
    return fetched(spec.archive, spec.sha512, folder / f"{source}.tgz")


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
