"""Writes dist/sbom.cdx.json: what an install of this checkout is made of, as CycloneDX 1.6.

`make sbom` runs it in the environment of the tools, on `.venv`: cyclonedx-py reads that
environment, and what it cannot know is added here: which packages come with which extra, licences
that metadata tells in words alone, and files of `NOTICE` (weights, libraries of the page) with
their hashes. Packages that are for development alone are left out.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
OUT = ROOT / "dist" / "sbom.cdx.json"
ROOT_REF = "root-component"
_MODEL = "machine-learning-model"
KINDS = {".js": "library", ".onnx": _MODEL, ".gguf": _MODEL, ".pth": _MODEL, ".weights": _MODEL}


def _run(*words: str) -> Any:
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def _licences(expression: str) -> list[dict[str, Any]]:
    if " " in expression or expression.startswith("LicenseRef-"):
        return [{"expression": expression, "acknowledgement": "concluded"}]
    return [{"license": {"id": expression, "acknowledgement": "concluded"}}]


def _file(told: dict[str, str]) -> dict[str, Any]:
    """Write the component of a file: a model, or a library of the page."""
    path = told["path"]
    kind = KINDS.get(Path(path).suffix, "data")
    component: dict[str, Any] = {
        "bom-ref": path,
        "type": kind,
        "name": path,
        "description": told["what"],
        "hashes": [{"alg": "SHA-256", "content": told["sha256"]}],
        "licenses": _licences(told["licence"]),
        "properties": [{"name": "sightline:origin", "value": told["origin"]}],
    }
    from_npm = re.match(r"(\w+) ([\d.]+) of npm", told["origin"])
    if from_npm:
        component |= {"version": from_npm[2], "purl": f"pkg:npm/{from_npm[1]}@{from_npm[2]}"}
    if kind == _MODEL:
        component["modelCard"] = {"modelParameters": {"task": told["what"].rstrip(".")}}
    return component


def _version() -> str:
    text = (ROOT / "sightline" / "__init__.py").read_text("utf-8")
    [version] = re.findall(r'^__version__ = "(.+)"$', text, re.M)
    return str(version)


def bom(python: str) -> dict[str, Any]:
    """Put the bill of materials together from an environment in which Sightline is installed."""
    told = _run(python, "release/licences.py", "--json")
    shipped = {package["name"]: package for package in told["packages"]}
    words = (sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible")
    made: dict[str, Any] = _run(*words, "--pyproject", "pyproject.toml", python)
    made["metadata"]["component"] |= {
        "version": _version(),
        "purl": f"pkg:pypi/sightline@{_version()}",
    }
    kept = []
    for component in made["components"]:
        package = shipped.get(canonicalize_name(component["name"]))
        if package is None:
            continue
        component["scope"] = "required" if package["default"] else "optional"
        component["licenses"] = _licences(package["licence"])
        extras = [{"name": "sightline:extra", "value": extra} for extra in package["extras"]]
        if extras and not package["default"]:
            component.setdefault("properties", []).extend(extras)
        kept.append(component)
    files = [_file(file) for file in told["files"]]
    refs = {component["bom-ref"] for component in (*kept, *files)} | {ROOT_REF}
    edges = {edge["ref"]: edge for edge in made["dependencies"] if edge["ref"] in refs}
    edges[ROOT_REF]["dependsOn"] += [file["bom-ref"] for file in files]
    for edge in edges.values():
        edge["dependsOn"] = sorted(set(edge.get("dependsOn", [])) & refs)
    made["components"] = [*kept, *files]
    made["dependencies"] = list(edges.values())
    return made


def main() -> int:
    """Write it; exit code 1 where it is no valid CycloneDX."""
    made = bom(sys.argv[1])
    text = json.dumps(made, indent=2) + "\n"
    faults = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if faults:
        print(f"SBOM: {faults}", file=sys.stderr)
        return 1
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(text, "utf-8")
    print(f"wrote {OUT.relative_to(ROOT)}: {len(made['components'])} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
