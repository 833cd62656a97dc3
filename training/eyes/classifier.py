"""Writes EfficientNet-Lite2 as an ONNX graph without its weights, and says where those lie.

The weights stay in the package that has them, as PyTorch's old format stores them: three pickles,
one of tensors, the storages' names, then the storages themselves. Whoever runs the graph hands
them over from there, so nothing is converted or copied on a user's machine.
"""

from __future__ import annotations

import collections
import math
import pickle
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from onnx import TensorProto, helper, numpy_helper

SIDE = 260
_STORAGES = {"FloatStorage": np.float32, "LongStorage": np.int64}
# Repeats, stride of the first; deeper by a factor of 1.2 but for the first and the last.
_BLOCKS = [(1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1)]
_DEPTH = 1.2


@dataclass(frozen=True)
class Stored:
    """Where a tensor lies in its file: first byte, shape as stored, and how to turn its axes."""

    offset: int
    shape: tuple[int, ...]
    axes: tuple[int, ...]

    @property
    def turned(self) -> tuple[int, ...]:
        """Its shape as the network takes it."""
        return tuple(self.shape[axis] for axis in self.axes)


class _Restricted(pickle.Unpickler):
    """Takes tensors and ordered dictionaries, nothing else."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.kinds: dict[str, str] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *rest: (storage, offset, size, stride)
        if module == "torch" and name in _STORAGES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not taken")

    def persistent_load(self, saved: Any) -> str:
        self.kinds[saved[2]] = saved[1]
        return str(saved[2])


def places(path: Path) -> dict[str, Stored]:
    """Find the float tensors of a file of weights."""
    with path.open("rb") as file:
        for _ in range(3):
            _Restricted(file).load()
        reader = _Restricted(file)
        tensors = reader.load()
        begins = {}
        for key in _Restricted(file).load():
            dtype = np.dtype(_STORAGES[reader.kinds[key]])
            (count,) = struct.unpack("<q", file.read(8))
            begins[key] = file.tell(), dtype
            file.seek(count * dtype.itemsize, 1)
    found = {}
    for name, (key, offset, size, stride) in tensors.items():
        begin, dtype = begins[key]
        if dtype != np.float32:
            continue
        order = sorted(range(len(size)), key=lambda axis: (-stride[axis], -size[axis]))
        step = 1
        for axis in reversed(order):
            if size[axis] != 1 and stride[axis] != step:
                raise ValueError(f"{name} has gaps")
            step *= size[axis]
        shape = tuple(size[axis] for axis in order)
        found[name] = Stored(
            begin + offset * 4, shape, tuple(order.index(i) for i in range(len(size)))
        )
    return found


def classifier(source: Path, out: Path) -> dict[str, Stored]:
    """Write the graph; give the places of the weights that it takes as initializers.

    Input `image`: uint8 (n, 260, 260, 3), RGB. Outputs `probabilities` (n, 1000).
    """
    tensors, used = places(source), {}
    nodes: list[Any] = []
    constants: list[Any] = []

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def weight(name: str) -> str:
        stored = used[name] = tensors[name]
        tensor = TensorProto(
            name=name,
            data_type=TensorProto.FLOAT,
            dims=stored.shape,
            data_location=TensorProto.EXTERNAL,
        )
        tensor.external_data.add(key="location", value="given by whoever runs it")
        constants.append(tensor)
        if stored.axes == tuple(sorted(stored.axes)):
            return name
        return node("Transpose", [name], name + " turned", perm=list(stored.axes))

    def conv(
        x: str, name: str, norm: str, stride: int = 1, group: int = 1, *, clipped: bool = True
    ) -> str:
        kernel = weight(name + ".weight")
        y = node(
            "Conv", [x, kernel], name, auto_pad="SAME_UPPER", strides=[stride] * 2, group=group,
            kernel_shape=list(used[name + ".weight"].turned[2:]),
        )  # fmt: skip
        told = [
            weight(f"{norm}.{part}") for part in ("weight", "bias", "running_mean", "running_var")
        ]
        y = node("BatchNormalization", [y, *told], name + " normed", epsilon=1e-3)
        return node("Clip", [y, "zero", "six"], name + " clipped") if clipped else y

    for name, value in (("zero", 0), ("six", 6), ("mean", 127), ("unit", 1 / 128)):
        constants.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
    first = node("Transpose", ["image"], "channels first", perm=[0, 3, 1, 2])
    centred = node(
        "Sub", [node("Cast", [first], "as float", to=TensorProto.FLOAT), "mean"], "centred"
    )
    x = conv(node("Mul", [centred, "unit"], "scaled"), "_conv_stem", "_bn0", 2)
    number = 0
    for place, (repeats, stride) in enumerate(_BLOCKS):
        deep = repeats if place in (0, len(_BLOCKS) - 1) else math.ceil(repeats * _DEPTH)
        for turn in range(deep):
            at, before = f"_blocks.{number}.", x
            if at + "_expand_conv.weight" in tensors:
                x = conv(x, at + "_expand_conv", at + "_bn0")
            channels = tensors[at + "_depthwise_conv.weight"].turned[0]
            x = conv(x, at + "_depthwise_conv", at + "_bn1", 1 if turn else stride, channels)
            x = conv(x, at + "_project_conv", at + "_bn2", clipped=False)
            if turn:
                x = node("Add", [x, before], at + "added")
            number += 1
    pooled = node("GlobalAveragePool", [conv(x, "_conv_head", "_bn1")], "pooled")
    logits = node(
        "Gemm", [node("Flatten", [pooled], "flat"), weight("_fc.weight"), weight("_fc.bias")], "logits",
        transB=1,
    )  # fmt: skip
    node("Softmax", [logits], "probabilities", axis=1)
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "efficientnet_lite2", [info("image", TensorProto.UINT8, ["n", SIDE, SIDE, 3])],
        [info("probabilities", TensorProto.FLOAT, ["n", 1000])], constants,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    out.write_bytes(model.SerializeToString())
    return used
