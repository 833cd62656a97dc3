"""Write the encoder, and the trained heads, as ONNX.

    python -m training.ear.export --base FOLDER --out FOLDER [--heads heads.pt]

The encoder's weights are of eight bits, the heads' of sixteen.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from sightline.engines.embedded.encoding import PARTS, SHOWN, WIDTH
from training.ear.model import Heads, pretrained

_GIVEN = ("question", "meanings", "shown", "states")
_SCORES = ("operations", "relevance", "marks", "told", "seen")


def encoder(base: Path, out: Path) -> None:
    """Write `ear.onnx` and `ear.txt`."""
    whole = out / "whole.onnx"
    axes = {name: {0: "rows", 1: "length"} for name in ("ids", "states")}
    torch.onnx.export(
        pretrained(base), (torch.ones((2, 20), dtype=torch.int64),), str(whole), input_names=["ids"],
        output_names=["states"], dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(
        str(whole), str(out / "ear.onnx"), weight_type=QuantType.QInt8, per_channel=True,
        reduce_range=False,
    )  # fmt: skip
    whole.unlink()
    shutil.copy(base / "vocab.txt", out / "ear.txt")


def heads(trained: Path, out: Path) -> None:
    """Write `heads.onnx`."""
    model = Heads()
    model.load_state_dict(torch.load(trained, weights_only=True))
    model.eval()
    given = (
        torch.zeros((1, WIDTH)), torch.zeros((3, PARTS, WIDTH)), torch.zeros((3, SHOWN)),
        torch.zeros((5, WIDTH)),
    )  # fmt: skip
    axes = {name: {0: "facts"} for name in ("meanings", "shown", "relevance", "told")}
    axes |= {name: {0: "words"} for name in ("states", "marks")}
    file = out / "heads.onnx"
    torch.onnx.export(
        model, given, str(file), input_names=list(_GIVEN), output_names=list(_SCORES),
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    _halved(file)


def _halved(file: Path) -> None:
    """Keep large weights in half precision; they are cast where they are used."""
    model = onnx.load(str(file))
    for tensor in list(model.graph.initializer):
        array = onnx.numpy_helper.to_array(tensor)
        if array.dtype.name != "float32" or array.size < 1024:
            continue
        half = onnx.numpy_helper.from_array(array.astype("float16"), f"{tensor.name}_half")
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(half)
        cast = onnx.helper.make_node("Cast", [half.name], [tensor.name], to=onnx.TensorProto.FLOAT)
        model.graph.node.insert(0, cast)
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


def main() -> None:
    """Export and print the sizes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, help="MiniLM, for the encoder")
    parser.add_argument("--heads", type=Path, help="what training.ear.train wrote")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.base is not None:
        encoder(args.base, args.out)
    if args.heads is not None:
        heads(args.heads, args.out)
    for name in ("ear.onnx", "ear.txt", "heads.onnx"):
        if (args.out / name).exists():
            print(f"{(args.out / name).stat().st_size / 1e6:.1f} MB {name}")


if __name__ == "__main__":
    main()
