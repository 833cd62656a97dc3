"""Begin a run with what the package's ear knows, so that training can go on from it.

    python -m training.ear.restore --base FOLDER --ear weights/sightline_weights --out FOLDER

The weights come back from eight bits, as near as those hold them; what the optimiser had gathered is
not kept in them and begins anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from training.ear.model import Ear, pretrained

_SUFFIX = "_quantized"


def restored(file: Path) -> dict[str, np.ndarray]:
    """Give the weights in `answers.onnx` by the names that `Ear` has for them.

    Exporting names biases after their layer and most products after nothing, so a product is named
    after the bias that is added to it.
    """
    graph = onnx.load(str(file)).graph
    held = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    uses = {name: node for node in graph.node for name in node.input if name not in held}
    found = {
        name.removeprefix("ear."): value
        for name, value in held.items()
        if name.startswith("ear.") and name.endswith((".bias", ".weight"))
    }
    for name, value in held.items():
        if not name.endswith(_SUFFIX):
            continue
        plain = name.removesuffix(_SUFFIX)
        scale, zero = held[f"{plain}_scale"], held[f"{plain}_zero_point"]
        weight = (value.astype(np.float32) - zero.astype(np.float32)) * scale
        if plain.startswith("ear.") and plain.endswith(".weight"):
            found[plain.removeprefix("ear.")] = weight  # a table that rows are taken from
            continue
        (node,) = (node for node in graph.node if name in node.input)
        while not (biases := [one for one in node.input if one.endswith(".bias")]):
            node = uses[node.output[0]]
        layer = biases[0].removeprefix("ear.").removesuffix(".bias")
        found[f"{layer}.weight"] = weight.T.copy()
    return found


def main() -> None:
    """Write a run of no steps."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True, help="MiniLM")
    parser.add_argument(
        "--ear", type=Path, required=True, help="where ear.onnx and answers.onnx are"
    )
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    ear = Ear(pretrained(args.base), learn_low=True)
    learned = {name for name, weight in ear.named_parameters() if weight.requires_grad}
    found = restored(args.ear / "ear.onnx") | restored(args.ear / "answers.onnx")
    known = {n: torch.from_numpy(np.array(value)) for n, value in found.items() if n in learned}
    if set(known) != learned:
        raise SystemExit(f"Not the weights of this network: {sorted(learned - set(known))}")
    ear.load_state_dict(known, strict=False)
    torch.save({"model": ear.state_dict(), "seconds": 0.0, "step": 0}, args.out / "run.pt")


if __name__ == "__main__":
    main()
