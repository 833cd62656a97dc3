"""Makes the site of the documentation, in dist/docs/site: `make site`.

The pages lie as in the repository, so that links lead to the same places there and here; a link
that leads nowhere ends it with exit code 1.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAGE = ROOT / "dist" / "docs"
# What is read or linked to, beside the pages of docs/.
BESIDE = (
    "CHANGELOG.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md", "LICENSE", "NOTICE",
    "conformance/README.md", "training/README.md",
    "examples/README.md", "samples/coffee.jpg", "samples/receipt.png",
)  # fmt: skip


def main() -> int:
    """Put the pages together, and have Zensical make the site; give its exit code."""
    shutil.rmtree(STAGE, ignore_errors=True)
    pages = STAGE / "pages"
    shutil.copytree(
        ROOT / "docs",
        pages / "docs",
        ignore=shutil.ignore_patterns("*.py", "*.toml", "__pycache__"),
    )
    for name in BESIDE:
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, pages / name)
    shutil.copytree(ROOT / "examples" / "clients", pages / "examples" / "clients")
    shutil.copy(ROOT / "README.md", pages / "index.md")
    shutil.copy(ROOT / "docs" / "site.toml", STAGE / "zensical.toml")
    made = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    return subprocess.run(made, cwd=STAGE).returncode  # noqa: S603 - our own words


if __name__ == "__main__":
    sys.exit(main())
