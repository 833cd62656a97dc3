"""How small print may be: the share of words read at each height, at detail low and high.

    python bench/legible.py

A page of 1500 × 1100 pixels with words in several sizes is asked about as gpt-4o at both levels.
The heights are those of capital letters: on the page, and as the model sees them.
"""

from __future__ import annotations

import asyncio
import base64
import io
import random
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parent.parent))

from sightline.api import chat
from sightline.media.image_tokens import sight
from sightline.pipeline import Pipeline, collect
from sightline.settings import Settings
from sightline.types import Detail

WIDTH, HEIGHT = 1500, 1100
SIZES = (8, 10, 12, 14, 16, 20, 24, 28, 32, 40)  # of the typeface, in pixels
WORDS = 12
ROUNDS = 4


def page(chance: random.Random, size: int) -> tuple[bytes, list[str], float]:
    """A page of made-up words in one size; also the words and the height of a capital."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    words = ["".join(chance.choice("ABDEFGHKLMNPRSTUVXYZ") for _ in range(6)) for _ in range(WORDS)]
    for i, word in enumerate(words):
        draw.text((80 + 380 * (i % 4), 120 + 300 * (i // 4)), word, fill="black", font=font)
    _, top, _, bottom = font.getbbox("H")
    stored = io.BytesIO()
    image.save(stored, "PNG")
    return stored.getvalue(), words, float(bottom - top)


async def read(pipeline: Pipeline, data: bytes, detail: Detail) -> str:
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    content = [
        {"type": "text", "text": "Read it."},
        {"type": "image_url", "image_url": {"url": url, "detail": detail}},
    ]
    asked = chat.parse({"model": "gpt-4o", "messages": [{"role": "user", "content": content}]})
    choice, _, _ = await collect(pipeline.answer(await pipeline.prepare(asked.question)))
    return choice.text


async def main() -> None:
    chance = random.Random(1)
    print(f"{'on the page':>11}  {'at low':>7} {'read':>5}  {'at high':>7} {'read':>5}")
    async with Pipeline(Settings()) as pipeline:
        for size in SIZES:
            right: dict[Detail, int] = {"low": 0, "high": 0}
            for _ in range(ROUNDS):
                data, words, capital = page(chance, size)
                for detail in right:
                    said = await read(pipeline, data, detail)
                    right[detail] += sum(word in said for word in words)
            cells = [f"{capital:>8.0f} px"]
            for detail, count in right.items():
                seen = capital * sight("gpt-4o", WIDTH, HEIGHT, detail).width / WIDTH
                cells.append(f"{seen:>4.1f} px {count / (WORDS * ROUNDS):>5.0%}")
            print("  ".join(cells))


if __name__ == "__main__":
    asyncio.run(main())
