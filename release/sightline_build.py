"""Builds this distribution by flit, and says where its sister distributions come from.

`sightline-weights` and `sightline-conformance` lie beside it in a checkout, in `weights/` and
`conformance/`, and are installed from there, so that `pip install .` needs nothing else. What is
built from a source distribution, which has no such folders, asks for the releases of those names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flit_core import buildapi, config

_read = config.read_flit_config
# The folder, the distribution, its oldest release that will do, and the extra that asks for it, if
# one does. They are not in pyproject.toml, whose locks are of what the registry has.
_SISTERS = (
    ("weights", "sightline-weights", "1.6", ""),
    ("conformance", "sightline-conformance", "1.0", "dev"),
)


def _need(folder: str, name: str, release: str, extra: str) -> str:
    beside = Path(folder).absolute()  # PEP 517: the current folder is the source tree
    where = f"@ {beside.as_uri()}" if (beside / "pyproject.toml").is_file() else f"~= {release}"
    return f"{name} {where}" + (f' ; extra == "{extra}"' if extra else "")


def _with_sisters(path: Any) -> Any:
    found = _read(path)
    found.metadata["requires_dist"] += [_need(*sister) for sister in _SISTERS]
    return found


config.read_flit_config = buildapi.read_flit_config = _with_sisters

build_editable = buildapi.build_editable
build_sdist = buildapi.build_sdist
build_wheel = buildapi.build_wheel
get_requires_for_build_editable = buildapi.get_requires_for_build_editable
get_requires_for_build_sdist = buildapi.get_requires_for_build_sdist
get_requires_for_build_wheel = buildapi.get_requires_for_build_wheel
prepare_metadata_for_build_editable = buildapi.prepare_metadata_for_build_editable
prepare_metadata_for_build_wheel = buildapi.prepare_metadata_for_build_wheel
