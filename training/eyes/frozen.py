"""Reads TensorFlow's frozen graphs with protobuf alone, and writes a detector's as ONNX.

The fields are those of tensorflow/core/framework (graph, node_def, attr_value, tensor); what a
detector does not need is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_FIELD = descriptor_pb2.FieldDescriptorProto
_MESSAGES: dict[str, list[tuple[str, int, int, bool, str]]] = {
    "Dim": [("size", 1, _FIELD.TYPE_INT64, False, "")],
    "Shape": [("dim", 2, _FIELD.TYPE_MESSAGE, True, "Dim")],
    "Tensor": [
        ("dtype", 1, _FIELD.TYPE_INT32, False, ""), ("shape", 2, _FIELD.TYPE_MESSAGE, False, "Shape"),
        ("content", 4, _FIELD.TYPE_BYTES, False, ""), ("floats", 5, _FIELD.TYPE_FLOAT, True, ""),
        ("ints", 7, _FIELD.TYPE_INT32, True, ""),
    ],
    "List": [("i", 3, _FIELD.TYPE_INT64, True, "")],
    "Value": [
        ("list", 1, _FIELD.TYPE_MESSAGE, False, "List"), ("s", 2, _FIELD.TYPE_BYTES, False, ""),
        ("tensor", 8, _FIELD.TYPE_MESSAGE, False, "Tensor"),
    ],
    "Entry": [("key", 1, _FIELD.TYPE_STRING, False, ""), ("value", 2, _FIELD.TYPE_MESSAGE, False, "Value")],
    "Node": [
        ("name", 1, _FIELD.TYPE_STRING, False, ""), ("op", 2, _FIELD.TYPE_STRING, False, ""),
        ("input", 3, _FIELD.TYPE_STRING, True, ""), ("attr", 5, _FIELD.TYPE_MESSAGE, True, "Entry"),
    ],
    "Graph": [("node", 1, _FIELD.TYPE_MESSAGE, True, "Node")],
}  # fmt: skip
_DTYPES = {1: np.float32, 3: np.int32}
_FOLDED = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Rsqrt": lambda a: 1 / np.sqrt(a),
}
KINDS = 91  # with background and eleven numbers that are not used
SIDE = 300


def _graph(path: Path) -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="graph.proto", package="tf", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, repeated, of in fields:
            message.field.add(
                name=field, number=number, type=kind,
                label=_FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL,
                type_name=f".tf.{of}" if of else None,
            )  # fmt: skip
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    graph = message_factory.GetMessageClass(pool.FindMessageTypeByName("tf.Graph"))()
    graph.ParseFromString(path.read_bytes())
    return graph


class _Writer:
    """Follows a graph back from its outputs; batch norms are folded into the convolutions."""

    def __init__(self, graph: Any) -> None:
        self._from = {node.name: node for node in graph.node}
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._done: dict[str, str] = {}

    def constant(self, name: str, value: NDArray[Any], *, half: bool = False) -> str:
        """Add one; in `half` precision it is made whole again where it is loaded."""
        value = np.ascontiguousarray(value)
        if not half:
            self.constants.append(numpy_helper.from_array(value, name))
            return name
        self.constants.append(numpy_helper.from_array(value.astype(np.float16), name + "/half"))
        return self.node("Cast", [name + "/half"], name, to=TensorProto.FLOAT)

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add a node; give the name of its output."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def follow(self, name: str) -> str:
        """Write what makes a node's output; give its name in ONNX."""
        if name.startswith("Preprocessor"):
            return "scaled"
        if name not in self._done:
            self._done[name] = self._write(self._from[name])
        return self._done[name]

    def _write(self, node: Any) -> str:
        name, inputs = node.name, list(node.input)
        if node.op in ("Conv2D", "DepthwiseConv2dNative"):
            return self._conv(node)
        if node.op == "Add" and name.endswith("batchnorm/add_1"):
            scaled = self._from[inputs[0]]
            conv = self._from[scaled.input[0]]
            return self._conv(conv, self._value(scaled.input[1]), self._value(inputs[1]))
        if node.op == "BiasAdd":
            return self._conv(self._from[inputs[0]], None, self._value(inputs[1]))
        if node.op == "Identity":
            return self.follow(inputs[0])
        if node.op == "Add":
            return self.node("Add", [self.follow(i) for i in inputs], name)
        if node.op == "Relu6":
            return self.node("Clip", [self.follow(inputs[0]), "zero", "six"], name)
        if node.op == "Reshape":
            made = self.follow(inputs[0])
            width = 4 if "Encoding" in inputs[0] else KINDS
            last = self.node("Transpose", [made], made + "/last", perm=[0, 2, 3, 1])
            return self.node("Reshape", [last, f"rows of {width}"], name)
        if node.op == "ConcatV2":
            return self.node("Concat", [self.follow(i) for i in inputs[:-1]], name, axis=1)
        raise ValueError(f"{node.op} is not known")

    def _value(self, name: str) -> NDArray[Any]:
        node = self._from[name.split(":")[0]]
        if node.op == "Identity":
            return self._value(node.input[0])
        if node.op in _FOLDED:
            return np.asarray(_FOLDED[node.op](*map(self._value, node.input)))  # type: ignore[no-untyped-call]
        tensor = next(entry.value.tensor for entry in node.attr if entry.key == "value")
        shape, dtype = [dim.size for dim in tensor.shape.dim], _DTYPES[tensor.dtype]
        if tensor.content:
            return np.frombuffer(tensor.content, dtype).reshape(shape)
        found = np.array(list(tensor.floats) or list(tensor.ints), dtype)
        return np.full(shape, found[0], dtype) if found.size == 1 else found.reshape(shape)

    def _conv(
        self, node: Any, scale: NDArray[Any] | None = None, shift: NDArray[Any] | None = None
    ) -> str:
        if node.name in self._done:
            return self._done[node.name]
        told = {entry.key: entry.value for entry in node.attr}
        if told["padding"].s != b"SAME":
            raise ValueError("another padding")
        depthwise = node.op != "Conv2D"
        kernel = self._value(node.input[1]).transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        if scale is not None:
            kernel = kernel * scale.reshape(-1, 1, 1, 1)
        inputs = [
            self.follow(node.input[0]),
            self.constant(node.name + "/kernel", kernel, half=True),
        ]
        if shift is not None:
            inputs.append(self.constant(node.name + "/shift", shift.astype(np.float32)))
        self._done[node.name] = self.node(
            "Conv", inputs, node.name, auto_pad="SAME_UPPER", kernel_shape=list(kernel.shape[2:]),
            strides=list(told["strides"].list.i)[1:3], group=kernel.shape[0] if depthwise else 1,
        )  # fmt: skip
        return node.name


def _anchors() -> NDArray[np.float32]:
    """List the boxes that the network moves and stretches: middle y, x, height, width, 0 to 1.

    As TensorFlow's `create_ssd_anchors` makes them for six layers of scales 0.2 to 0.95, with fewer
    in the first (object_detection/anchor_generators/multiple_grid_anchor_generator.py).
    """
    scales = [*(0.2 + 0.75 * i / 5 for i in range(6)), 1.0]
    made = []
    for layer, cells in enumerate((19, 10, 5, 3, 2, 1)):
        scale, following = scales[layer], scales[layer + 1]
        shapes = [(scale, ratio) for ratio in (1.0, 2.0, 0.5, 3.0, 1 / 3)]
        shapes.append(((scale * following) ** 0.5, 1.0))
        if layer == 0:
            shapes = [(0.1, 1.0), (scale, 2.0), (scale, 0.5)]
        for y in range(cells):
            for x in range(cells):
                middle = (y + 0.5) / cells, (x + 0.5) / cells
                made += [(*middle, s / r**0.5, s * r**0.5) for s, r in shapes]
    return np.array(made, np.float32)


def detector(source: Path, out: Path) -> None:
    """Write SSD MobileNet v2 as ONNX.

    Input `image`: uint8 (n, 300, 300, 3), RGB. Outputs `boxes` (n, 1917, 4) as y0, x0, y1, x1 of
    the picture, 0 to 1, and `scores` (n, 1917, 91), whose first column is the background's.
    """
    writer = _Writer(_graph(source))
    plain = {
        "zero": 0.0,
        "six": 6.0,
        "step": 2 / 255,
        "one": 1.0,
        "ten": 0.1,
        "five": 0.2,
        "half": 0.5,
    }
    for name, value in plain.items():
        writer.constant(name, np.float32(value))  # type: ignore[arg-type]
    for name, whole in {"from": [0], "middle": [2], "to": [4], "axis": [2]}.items():
        writer.constant(name, np.array(whole, np.int64))
    for width in (4, KINDS):
        writer.constant(f"rows of {width}", np.array([0, -1, width], np.int64))
    anchors = _anchors()
    writer.constant("anchor middles", anchors[:, :2])
    writer.constant("anchor sizes", anchors[:, 2:])
    node = writer.node
    first = node("Transpose", ["image"], "channels first", perm=[0, 3, 1, 2])
    wide = node("Cast", [first], "as float", to=TensorProto.FLOAT)
    node("Sub", [node("Mul", [wide, "step"], "stepped"), "one"], "scaled")
    told, kinds = writer.follow("concat"), writer.follow("concat_1")
    moves = node("Slice", [told, "from", "middle", "axis"], "moves")
    moved = node("Mul", [node("Mul", [moves, "ten"], "moved by"), "anchor sizes"], "moved")
    middles = node("Add", [moved, "anchor middles"], "middles")
    stretches = node("Slice", [told, "middle", "to", "axis"], "stretches")
    grown = node("Exp", [node("Mul", [stretches, "five"], "stretched by")], "grown")
    halves = node("Mul", [node("Mul", [grown, "anchor sizes"], "sizes"), "half"], "halves")
    low, high = node("Sub", [middles, halves], "low"), node("Add", [middles, halves], "high")
    node("Concat", [low, high], "boxes", axis=2)
    node("Sigmoid", [kinds], "scores")
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        writer.nodes, "ssd_mobilenet_v2_coco",
        [info("image", TensorProto.UINT8, ["n", SIDE, SIDE, 3])],
        [
            info("boxes", TensorProto.FLOAT, ["n", len(anchors), 4]),
            info("scores", TensorProto.FLOAT, ["n", len(anchors), KINDS]),
        ],
        writer.constants,
    )  # fmt: skip
    # The graph is written from its end: what is made first has to stand first.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(out))
