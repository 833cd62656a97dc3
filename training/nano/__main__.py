"""Make the model in one go: pictures, the eye, lessons, the files, the tables.

    python -m training.nano --minutes 20 [--size base] [--out FOLDER] [--batch 256]

Goes on where an earlier run in the same folder ended. Two fifths of the time go to the eye. With a GPU
it is used; `base` is for one, `small` is what two cores train in a few hours.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from training.nano.runs import OUT, SHAPES


def main() -> None:
    """Run the steps, each in a process of its own."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, required=True)
    options.add_argument("--size", choices=tuple(SHAPES), default="small")
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--batch", type=int, default=24)
    chosen = options.parse_args()
    run = ["--out", str(chosen.out), "--batch", str(chosen.batch), "--finish"]
    files = chosen.out / "gguf"
    for step, words in (
        ("things", []),
        ("eye", [*run, "--size", chosen.size, "--minutes", str(0.4 * chosen.minutes)]),
        ("train", [*run, "--size", chosen.size, "--minutes", str(0.6 * chosen.minutes)]),
        ("export", [str(files), "--run", str(chosen.out)]),
        ("evaluate", ["--model", str(files / "model.gguf")]),
    ):  # fmt: skip
        subprocess.run([sys.executable, "-m", f"training.nano.{step}", *words], check=True)


if __name__ == "__main__":
    main()
