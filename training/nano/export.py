"""Write a run's model as the pair of GGUF files that llama.cpp loads.

python -m training.nano.export FOLDER [--run FOLDER] [--dtype q8_0|f32]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import gguf
import numpy as np

from bench import random_model
from training.nano import cells
from training.nano.model import MERGE, PATCH, Nano
from training.nano.runs import OUT, sets
from training.nano.things import CACHE
from training.nano.tokens import SPECIAL, Tokenizer
from training.nano.train import load, tokenizer_of


def export(model: Nano, tokenizer: Tokenizer, folder: Path, dtype: str) -> Path:
    """Write both files into a folder; give the text model's path."""
    s = model.shape
    shape = random_model.Shape(
        layers=s.layers, width=s.width, heads=s.heads, kv_heads=s.kv_heads, feed=s.feed,
        context=s.context, rope=s.rope, vocabulary=s.vocabulary, eye_layers=s.eye_layers,
        eye_width=s.eye_width, eye_heads=s.eye_heads, eye_feed=s.eye_feed, image=s.image,
        patch=PATCH, projector="lfm2", merge=MERGE, name="sightline-nano",
        wants=(s.image**2, (s.image * 3 // 2) ** 2), assist=True, temperature=0.0,
    )  # fmt: skip
    trained = {
        name: np.asarray(value.detach().float().cpu().numpy(), np.float32)
        for name, value in model.tensors().items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    random_model.write_eye(shape, folder / "mmproj.gguf", dtype, trained=trained)
    path = folder / "model.gguf"
    return random_model.write_text(
        shape, path, dtype, trained=trained, words=_words(tokenizer, s.vocabulary)
    )


def _words(tokenizer: Tokenizer, size: int) -> random_model.Words:
    """Give the tokens with their types, and as many more as the model has rows."""
    normal, control = int(gguf.TokenType.NORMAL), int(gguf.TokenType.CONTROL)
    tokens = list(tokenizer.tokens)
    types = [control if token in SPECIAL else normal for token in tokens]
    while len(tokens) < size:
        tokens.append(f"unused{len(tokens)}")
        types.append(normal)
    return tokens, types, [f"{a} {b}" for a, b in tokenizer.merges]


def main() -> None:
    """Write them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--run", type=Path, default=OUT)
    options.add_argument("--cache", type=Path, default=CACHE)
    options.add_argument("--dtype", choices=("q8_0", "f32"), default="q8_0")
    chosen = options.parse_args()
    tokenizer = tokenizer_of(chosen.cache, chosen.run)
    numbers = cells.numbers(list(sets(chosen.cache)[0]))
    model, _, _ = load(chosen.run, cells.kinds(numbers))
    print(export(model, tokenizer, chosen.folder, chosen.dtype))


if __name__ == "__main__":
    main()
