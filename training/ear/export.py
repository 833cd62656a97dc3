"""Write the trained ear as ONNX, with weights of eight bits.

    python -m training.ear.export --base FOLDER --run FOLDER [FOLDER …] --out FOLDER

Of several runs the mean of their weights is written: a run that went on from another answers better
on unseen papers beside what it began with.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from sightline.engines.embedded.ear.linearised import SHARED, SHOWN
from training.beside import beside
from training.ear.model import WIDTH, Ear, pretrained


class _Alone(nn.Module):
    """The lower layers: ids to states."""

    def __init__(self, ear: Ear) -> None:
        super().__init__()
        self.ear = ear

    def forward(self, ids: Tensor) -> Tensor:
        return self.ear.alone(ids)


class _Together(nn.Module):
    """The upper layers and all heads, without padding."""

    def __init__(self, ear: Ear) -> None:
        super().__init__()
        self.ear = ear

    def forward(
        self, states: Tensor, parts: Tensor, looks: Tensor, share: Tensor
    ) -> tuple[Tensor, ...]:
        there = parts >= 0
        states = self.ear.together(states, parts, looks, there)
        return (*self.ear.scores(states, share), self.ear.asks(states, there))


def _mean(runs: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Give the mean of weights, by their names."""
    return {name: torch.stack([run[name] for run in runs]).mean(0) for name in runs[0]}


def main() -> None:
    """Export and print the sizes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True, help="MiniLM")
    parser.add_argument(
        "--run", type=Path, nargs="+", required=True, help="where training.ear.train wrote"
    )
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    ear = Ear(pretrained(args.base))
    ear.load_state_dict(_mean([torch.load(run / "run.pt", weights_only=True)["model"] for run in args.run]))  # fmt: skip
    ear.eval()
    _written(
        _Alone(ear), (torch.ones((1, 20), dtype=torch.int64),), args.out / "ear.onnx",
        {"ids": {1: "length"}}, {"states": {1: "length"}},
    )  # fmt: skip
    given = (
        torch.zeros((1, 9, WIDTH)), torch.zeros((1, 9), dtype=torch.int64),
        torch.zeros((1, 9, SHOWN + SHARED)), torch.zeros((1, 3, 9)),
    )  # fmt: skip
    length = {name: {1: "length"} for name in ("states", "parts", "looks")}
    _written(
        _Together(ear), given, args.out / "answers.onnx",
        {**length, "share": {1: "facts", 2: "length"}},
        {"relevance": {1: "facts"}, "absent": {}, "words": {1: "length"}, "operations": {}, "asks": {}},
    )  # fmt: skip
    # Of its table of words few rows are read, and so few pages where it is mapped.
    beside(args.out / "ear.onnx", args.out / "ear.onnx")
    shutil.copy(args.base / "vocab.txt", args.out / "ear.txt")
    for name in ("ear.onnx", "ear.weights", "answers.onnx", "ear.txt"):
        print(f"{(args.out / name).stat().st_size / 1e6:.1f} MB {name}")


def _written(
    model: nn.Module, given: tuple[Tensor, ...], file: Path,
    takes: dict[str, dict[int, str]], gives: dict[str, dict[int, str]],
) -> None:  # fmt: skip
    whole = file.with_suffix(".whole")
    torch.onnx.export(
        model, given, str(whole), input_names=list(takes), output_names=list(gives),
        dynamic_axes={name: axes for name, axes in (takes | gives).items() if axes},
        opset_version=17, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(
        str(whole), str(file), weight_type=QuantType.QInt8, per_channel=True, reduce_range=False
    )
    whole.unlink()


if __name__ == "__main__":
    main()
