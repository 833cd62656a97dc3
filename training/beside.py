"""Put weights of networks beside their graphs, in files that are mapped and not copied when they are loaded.

    python -m training.beside FOLDER       # the networks that read print, as RapidOCR's wheel holds them

The graph stays what it was, as do its tensors: only where those of a kilobyte and more lie changes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx

OUT = Path(__file__).parents[1] / "weights" / "sightline_weights"
_PRINT = ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")
_LEAST_BYTES = 1024


def beside(network: Path, out: Path) -> Path:
    """Write a network with its weights in a file beside it, which is returned."""
    weights = out.with_suffix(".weights")
    weights.unlink(missing_ok=True)  # else they are written behind what is there
    onnx.save(
        onnx.load(str(network)), str(out), save_as_external_data=True, location=weights.name,
        size_threshold=_LEAST_BYTES,
    )  # fmt: skip
    weights.chmod(0o644)
    return weights


def main() -> None:
    """Write the networks that read print, and print the sizes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the files are that begin with PP-OCRv6")
    args = parser.parse_args()
    for name in _PRINT:
        written = OUT / name
        for file in (written, beside(args.folder / name, written)):
            print(f"{file.stat().st_size / 1e6:.1f} MB {file.name}")


if __name__ == "__main__":
    main()
