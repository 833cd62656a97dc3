"""How quickly the model that comes with the package looks and writes, through Sightline.

    python bench/nano.py [--pictures 40]

Each picture is new, so that it is looked at. Printed are medians, for the model alone, for the model
told what can be read, and for the engine that measures first: to the first piece of an answer about a
small picture and about one in full, to that of a question without one, and tokens a second of a long
answer, without what the first took.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from sightline.jobs import ask as asking
from sightline.jobs.ask import Asker
from sightline.models.store import SHIPPED, Store
from sightline.settings import load
from sightline.types import Detail, ImageRef, Inline, Part, Text

_COLOURS = ((214, 40, 40), (45, 160, 65), (45, 95, 215), (245, 215, 50))


def picture(chance: random.Random, side: int) -> str:
    """Draw a few circles; give a data URL."""
    pixels = np.full((side, side, 3), chance.randint(180, 250), np.uint8)
    for _ in range(3):
        centre = chance.randrange(side), chance.randrange(side)
        cv2.circle(pixels, centre, side // 8, chance.choice(_COLOURS), -1, cv2.LINE_AA)
    png = cv2.imencode(".png", pixels[:, :, ::-1])[1].tobytes()
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


async def _asked(asker: Asker, parts: list[Part], tokens: int) -> tuple[float, float]:
    """Give the milliseconds to the first piece, and tokens a second after it."""
    asked = asking.question(*parts, max_tokens=tokens)
    spent: dict[str, Any] = {}
    began = time.perf_counter()
    first = 0.0
    async for _ in asker.pieces(asked, spent):
        first = first or time.perf_counter()
    last = time.perf_counter()
    count = spent["completion_tokens"]
    return 1000 * (first - began), (count - 1) / (last - first) if count > 1 else 0.0


def unassisted(model: str, folder: Path) -> Path:
    """Copy a model without its wish to be told what can be read; give its text half."""
    files = Store(folder).find(model)
    (folder / "model.gguf").write_bytes(files.text.read_bytes())
    eye = files.eye.read_bytes().replace(b"sightline.assist", b"sightline.unread")
    (folder / "mmproj.gguf").write_bytes(eye)
    return folder / "model.gguf"


async def _measured(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        alone = unassisted(str(SHIPPED / "model.gguf"), Path(folder))
        for name, chosen in {
            "the model alone": {"engine": "llamacpp", "model": str(alone)},
            "told what can be read": {"engine": "llamacpp", "model": "nano"},
            "the engine nano": {"engine": "nano"},
        }.items():
            print(f"\n{name}")
            await _one(count, {**chosen, "refuse_captchas": False})


async def _one(count: int, chosen: dict[str, Any]) -> None:
    chance = random.Random(1)
    own = load(chosen)
    sizes: tuple[tuple[int, Detail], ...] = ((256, "low"), (512, "high"))
    text = Text("Describe the picture in detail.")
    async with Asker(own) as asker:
        await _asked(asker, [text], 1)
        found: dict[str, list[float]] = {}
        for _ in range(count):
            for side, detail in sizes:
                part = ImageRef(Inline(picture(chance, side)), "picture", detail)
                first, rate = await _asked(asker, [part, text], 48)
                found.setdefault(f"first piece at {detail}, ms", []).append(first)
                if rate and chosen["engine"] != "nano":  # which gives an answer as a whole
                    found.setdefault("tokens a second", []).append(rate)
            words = Text(f"How are you, number {chance.random()}?")
            found.setdefault("first piece without a picture, ms", []).append(
                (await _asked(asker, [words], 1))[0]
            )
    for name, values in found.items():
        low, middle, high = statistics.quantiles(values, n=4)
        print(f"{name:<36}{middle:8.1f}   ({low:.1f} to {high:.1f})")


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pictures", type=int, default=40)
    asyncio.run(_measured(options.parse_args().pictures))


if __name__ == "__main__":
    main()
