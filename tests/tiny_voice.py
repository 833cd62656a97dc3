"""A voice of Kokoro's form with nothing learned: each phoneme is 25 ms of a tone.

Its files have the names and shapes of the real ones; the tone's pitch comes from the style, its
length from `speed`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SAMPLES = 600  # a phoneme, of 24 kHz
VOICES = {"af_alloy": 200.0, "am_onyx": 100.0, "af_heart": 300.0, "if_sara": 260.0}
_LETTERS = ' ;:,.!?"abcdefghijklmnopqrstuvwxyzæɐɑɒɔəɛɜɪʊʌθðŋʃʒɹɾʔˈˌːɡɚᵻ'


def model() -> bytes:
    """Write the model: waveform = sin(2 pi pitch t / 24000), of SAMPLES * phonemes / speed."""

    def constant(name: str, value: object) -> onnx.TensorProto:
        return numpy_helper.from_array(np.array(value), name)

    nodes = [
        helper.make_node("Size", ["input_ids"], ["count"]),
        helper.make_node("Cast", ["count"], ["count_f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["count_f", "samples"], ["length"]),
        helper.make_node("Squeeze", ["speed", "axis"], ["factor"]),
        helper.make_node("Div", ["length", "factor"], ["shortened"]),
        helper.make_node("Range", ["zero", "shortened", "one"], ["t"]),
        helper.make_node("ReduceMean", ["style"], ["pitch"], keepdims=0),
        helper.make_node("Mul", ["t", "pitch"], ["turns"]),
        helper.make_node("Mul", ["turns", "angle"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["wave"]),
        helper.make_node("Mul", ["wave", "half"], ["quiet"]),
        helper.make_node("Unsqueeze", ["quiet", "axis"], ["waveform"]),
    ]
    graph = helper.make_graph(
        nodes,
        "voice",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, None]),
            helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
            helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
        ],
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, [1, None])],
        [
            constant("samples", np.float32(SAMPLES)),
            constant("axis", np.array([0], np.int64)),
            constant("zero", np.float32(0)),
            constant("one", np.float32(1)),
            constant("angle", np.float32(2 * np.pi / 24_000)),
            constant("half", np.float32(0.5)),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def files() -> dict[str, bytes]:
    """Write all the files, by their names in the repository."""
    vocabulary = {letter: i for i, letter in enumerate(_LETTERS, 16)}
    return {
        "onnx/model_quantized.onnx": model(),
        "tokenizer.json": json.dumps({"model": {"vocab": vocabulary}}).encode(),
        **{
            f"voices/{name}.bin": np.full((510, 256), pitch, np.float32).tobytes()
            for name, pitch in VOICES.items()
        },
    }


def write(folder: Path) -> Path:
    """Write them into a folder."""
    for name, data in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
