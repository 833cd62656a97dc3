"""Write the trained ear as ONNX with weights of eight bits.

python -m training.ear.export --base FOLDER --out FOLDER
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from training.ear.encoding import LIMIT
from training.ear.model import Ear

_NAMES = ("ids", "kinds", "lies", "x", "y", "sizes")


def main() -> None:
    """Export, shrink, print the sizes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model = Ear()
    model.load_state_dict(torch.load(args.out / "ear.pt", weights_only=True)["model"])
    model.eval()
    length = 40
    plain = torch.zeros((1, length), dtype=torch.int64)
    given = (plain, plain, torch.zeros((1, length, length), dtype=torch.int64), plain, plain, plain)
    whole = args.out / "whole.onnx"
    axes = {name: {1: "length"} for name in (*_NAMES, "marks")}
    axes["lies"] = {1: "length", 2: "length"}
    torch.onnx.export(
        model, given, str(whole), input_names=list(_NAMES), output_names=["marks", "operations"],
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    small = args.out / "ear.onnx"
    quantize_dynamic(
        str(whole), str(small), weight_type=QuantType.QInt8, per_channel=True, reduce_range=False
    )
    shutil.copy(args.base / "vocab.txt", args.out / "ear.txt")
    print(
        f"{whole.stat().st_size / 1e6:.1f} MB whole, {small.stat().st_size / 1e6:.1f} MB shrunk, at most {LIMIT} pieces"
    )


if __name__ == "__main__":
    main()
