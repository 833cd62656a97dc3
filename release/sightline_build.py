"""Builds this distribution by flit, and says where its sister distributions come from.

`sightline-client`, `sightline-weights` and `sightline-conformance` lie beside it in a checkout, in
folders of their own, and are installed from there, so that `pip install .` needs nothing else. What
is built from a source distribution, and such a one itself, asks for the releases of those names.

A wheel holds what the client's lacks (`client_build.ENGINE`). Both have the command, since pipx and
uv offer that of the distribution that is named alone. An editable install is the checkout as it
stands, so it has the client's needs itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from client_build import apart, is_engine, need
from flit_core import buildapi, common, config

_read = config.read_flit_config
# The folder, the distribution, its oldest release that will do, and the extra that asks for it, if
# one does. They are not in pyproject.toml, whose locks are of what the registry has.
_SISTERS = (
    ("weights", "sightline-weights", "~= 1.8", ""),
    ("conformance", "sightline-conformance", "~= 1.0", "dev"),
)
_editable = False


class _Module(common.Module):  # type: ignore[misc, unused-ignore]
    def iter_files(self) -> Iterator[str]:
        return (f for f in super().iter_files() if _whole or is_engine(Path(f), self.path))


_whole = False  # a source distribution has all files


def _with_sisters(path: Any) -> Any:
    found = _read(path)
    found.metadata["description"] = apart(found.metadata["description"])
    here = Path.cwd()  # PEP 517: the current folder is the source tree
    checkout = None if _whole else here
    needs = found.metadata["requires_dist"]
    needs += [need(checkout, *sister) for sister in _SISTERS]
    if _editable:
        told = tomllib.loads((here / "client" / "pyproject.toml").read_text("utf-8"))
        needs += told["project"]["dependencies"]
    else:
        module = common.Module(found.module, here)
        _, version = common.get_docstring_and_version_via_ast(module)
        needs.append(need(checkout, "client", "sightline-client", f"== {version}"))
    return found


common.Module = buildapi.Module = _Module
config.read_flit_config = buildapi.read_flit_config = _with_sisters


def build_editable(*args: Any) -> Any:
    """Build one that is the checkout."""
    global _editable
    _editable = True
    return buildapi.build_editable(*args)


def prepare_metadata_for_build_editable(*args: Any) -> Any:
    """Write its metadata."""
    global _editable
    _editable = True
    return buildapi.prepare_metadata_for_build_editable(*args)


def build_sdist(*args: Any) -> Any:
    """Build a source distribution, of all files."""
    global _whole
    _whole = True
    return buildapi.build_sdist(*args)


build_wheel = buildapi.build_wheel
get_requires_for_build_editable = buildapi.get_requires_for_build_editable
get_requires_for_build_sdist = buildapi.get_requires_for_build_sdist
get_requires_for_build_wheel = buildapi.get_requires_for_build_wheel
prepare_metadata_for_build_wheel = buildapi.prepare_metadata_for_build_wheel
