"""Builds `sightline-client` by flit, of the package that lies in the folder above.

The package `sightline` is one folder and two distributions: the folders of `ENGINE` are installed
by `sightline`, all others by this one, which that needs. So no file is in both.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flit_core import buildapi, common, config

# What answers without a server: most of it is data.
ENGINE = ("engines/embedded", "models/nano", "perception")


def is_engine(file: Path, package: Path) -> bool:
    """Say whether a file of the package is of the distribution `sightline`."""
    inside = file.relative_to(package).as_posix()
    return inside.startswith(tuple(f"{folder}/" for folder in ENGINE))


def need(checkout: Path | None, folder: str, name: str, release: str, extra: str = "") -> str:
    """Write the need of a sister: by its folder of a checkout that has it, else as a release."""
    where = release
    if checkout and (checkout / folder / "pyproject.toml").is_file():
        where = f"@ {(checkout / folder).as_uri()}"
    return f"{name} {where}" + (f' ; extra == "{extra}"' if extra else "")


def apart(readme: str) -> str:
    """Make a README one that is read apart from the repository: no picture or link into it."""
    readme = re.sub(r"^<img .*\n+", "", readme, flags=re.MULTILINE)
    return re.sub(r"\[([^\]\n]+)\]\((?!https?:)[^)\n]*\)", r"\1", readme)


class _Module(common.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, name: str, directory: Path = Path()) -> None:
        packed = (directory / name).is_dir()  # in a source distribution
        super().__init__(name, directory if packed else directory.absolute().parent)

    def iter_files(self) -> Iterator[str]:
        return (f for f in super().iter_files() if not is_engine(Path(f), self.path))


_read = config.read_flit_config
_packing = False  # a source distribution asks for releases, wherever it was made


def _with_kit(path: Any) -> Any:
    found = _read(path)
    checkout = None if _packing else Path.cwd().parent
    kit = need(checkout, "conformance", "sightline-conformance", "~= 1.0")
    found.metadata["requires_dist"].append(kit)
    return found


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """Build of a copy that holds the package too, as whoever builds from it finds it."""
    global _packing
    use()
    _packing = True
    here = Path.cwd()
    module = _Module("sightline", here)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "client_build.py"):
            shutil.copy(here / name, folder)
        for file in module.iter_files():
            copy = Path(folder, os.path.relpath(file, module.source_dir))
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
        os.chdir(folder)
        try:
            return str(buildapi.build_sdist(sdist_directory, config_settings))
        finally:
            os.chdir(here)


def use() -> None:
    """Have flit build this distribution, in a process that builds no other."""
    common.Module = buildapi.Module = _Module
    config.read_flit_config = buildapi.read_flit_config = _with_kit


def __getattr__(name: str) -> Any:
    # The hooks of PEP 517: flit's own, on what `use` has put in its way.
    if name.startswith(("build_", "get_requires_", "prepare_metadata_")):
        use()
        return getattr(buildapi, name)
    raise AttributeError(name)
