"""Builds this distribution by flit, and says where its weights come from.

`sightline-weights` lies beside it in a checkout, in `weights/`, and is installed from there, so
that `pip install .` needs nothing else. What is built from a source distribution, which has no such
folder, asks for the release of that name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flit_core import buildapi, config

_read = config.read_flit_config
_BESIDE = Path("weights").absolute()  # PEP 517: the current folder is the source tree


def _with_weights(path: Any) -> Any:
    found = _read(path)
    where = f"@ {_BESIDE.as_uri()}" if (_BESIDE / "pyproject.toml").is_file() else "~= 1.0"
    found.metadata["requires_dist"].append(f"sightline-weights {where}")
    return found


config.read_flit_config = buildapi.read_flit_config = _with_weights

build_editable = buildapi.build_editable
build_sdist = buildapi.build_sdist
build_wheel = buildapi.build_wheel
get_requires_for_build_editable = buildapi.get_requires_for_build_editable
get_requires_for_build_sdist = buildapi.get_requires_for_build_sdist
get_requires_for_build_wheel = buildapi.get_requires_for_build_wheel
prepare_metadata_for_build_editable = buildapi.prepare_metadata_for_build_editable
prepare_metadata_for_build_wheel = buildapi.prepare_metadata_for_build_wheel
