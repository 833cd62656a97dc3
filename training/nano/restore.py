"""Begin a run with what a published pair of GGUF files knows, to train it on.

python -m training.nano.restore [FOLDER] [--run FOLDER]

FOLDER holds `model.gguf` and `mmproj.gguf` as `training.nano.export` writes them; without it, those
of the package. What a pair does not hold, the heads that are asked beside the answers, begins anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from gguf import GGUFReader, dequantize

from training.nano import cells, eye, train
from training.nano.model import Nano
from training.nano.runs import OUT, SHAPES, sets
from training.nano.things import CACHE
from training.nano.tokens import Tokenizer

_PACKAGED = Path(__file__).parents[2] / "sightline" / "models" / "nano"


def restored(folder: Path) -> tuple[str, Nano, Tokenizer]:
    """Read a pair: its size, its model and its tokenizer. SystemExit where no size fits it."""
    files = [GGUFReader(folder / name) for name in ("model.gguf", "mmproj.gguf")]
    held = {
        tensor.name: torch.from_numpy(
            np.array(dequantize(tensor.data, tensor.tensor_type), np.float32)
        )
        for file in files
        for tensor in file.tensors
    }
    sizes = {name: tuple(value.shape) for name, value in held.items()}
    for size, shape in SHAPES.items():
        model = Nano(shape)
        if sizes == {name: tuple(value.shape) for name, value in model.tensors().items()}:
            with torch.no_grad():
                for name, value in model.tensors().items():
                    value.copy_(held[name])
            return size, model, _tokenizer(files[0])
    raise SystemExit(f"The files in {folder} have the shape of no size: {', '.join(SHAPES)}.")


def _tokenizer(file: GGUFReader) -> Tokenizer:
    pairs = [pair.split(" ", 1) for pair in file.fields["tokenizer.ggml.merges"].contents()]
    return Tokenizer([(first, second) for first, second in pairs])


def main() -> None:
    """Write the checkpoints."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, nargs="?", default=_PACKAGED)
    options.add_argument("--run", type=Path, default=OUT)
    options.add_argument("--cache", type=Path, default=CACHE)
    chosen = options.parse_args()
    if (chosen.run / "eye.pt").exists():
        raise SystemExit(f"{chosen.run} holds a run already.")
    size, model, tokenizer = restored(chosen.folder)
    heads = cells.Heads(model.shape.width, cells.kinds(cells.numbers(list(sets(chosen.cache)[0]))))
    chosen.run.mkdir(parents=True, exist_ok=True)
    tokenizer.write(chosen.run / "tokens.json")
    told = {"step": 1, "minutes": 0.0, "size": size}
    eye.save(chosen.run, model, heads, told | {"pictures": 0})
    train.save(chosen.run, model, heads, told | {"lessons": 0, "eye": 1})
    print(chosen.run)


if __name__ == "__main__":
    main()
