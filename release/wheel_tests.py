"""The tests on what the wheels of `dist/` install, in place of the checkout: `make test-wheels`.

    python -m release.wheel_tests ENVIRONMENT [WHAT PYTEST IS TOLD ...]

The environment is made, or filled anew. The tests run in a copy of what is committed whose packages
are links to those installed, so that whichever way a test comes to the code, it is the wheels'.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from release.distributions import ROOT, Fault, committed
from release.installs import TOOLS, environment, run

DIST = ROOT / "dist"
PACKAGES = ("sightline", "weights/sightline_weights", "conformance/sightline_conformance")


def filled(place: Path) -> Path:
    """Fill an environment with what the locks pin and the wheels, and nothing of the checkout."""
    wheels = sorted(DIST.glob("*.whl"))
    if not wheels:
        raise Fault("there are no wheels in dist/: type make release")
    python = place / "bin" / "python"
    if not python.exists():
        environment(Path(sys.executable), place)
    uv = [TOOLS / "uv", "pip", "install", "-q", "--python", python]
    locks = [["-r", ROOT / "requirements" / f"{name}.lock"] for name in ("runtime", "dev")]
    run(*uv, "--require-hashes", *locks[0], *locks[1])
    run(*uv, "--no-deps", "--reinstall", *wheels)
    return python


def installed_in(tree: Path, python: Path) -> None:
    """Put links to the installed packages where a tree of the repository has its own."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    place = Path(run(python, "-I", "-c", code).strip())
    for package in PACKAGES:
        shutil.rmtree(tree / package)
        os.symlink(place / Path(package).name, tree / package)


def main(place: str, *told: str) -> int:
    """Run them; give pytest's exit code."""
    python = filled(Path(place).absolute())
    with tempfile.TemporaryDirectory(prefix="sightline-wheels-") as folder:
        tree = committed(ROOT, Path(folder, "tree"))
        installed_in(tree, python)
        words = told or ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
        return subprocess.run([str(python), "-m", "pytest", *words], cwd=tree).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except Fault as fault:
        sys.exit(f"No tests: {fault}")
