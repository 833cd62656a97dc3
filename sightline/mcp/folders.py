"""Files by path, under the folders that the operator has named, and nowhere else.

A path comes from a model, which may have it from a page or a picture: it is a stranger's. It is
resolved first, so that neither `..` nor a link leads out, and then opened step by step without
following any link, so that none put there in between does either.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sightline.errors import ImageError, UsageError
from sightline.settings import MIB

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody writes to is opened at once, and refused
    | getattr(os, "O_BINARY", 0)
)
_FOLDER = getattr(os, "O_DIRECTORY", 0)
_BY_STEPS = os.open in os.supports_dir_fd


class Folders:
    """The folders that files may be read from; none is the default."""

    def __init__(self, roots: Sequence[Path]) -> None:
        """Resolve the folders. Raises `UsageError` for what is none."""
        for root in roots:
            if not root.is_dir():
                raise UsageError(f"There is no folder {root}.", hint="Give --root one that is.")
        self.roots = tuple(root.resolve() for root in roots)

    def read(self, named: str, param: str, most: int) -> bytes:
        """Read at most `most` bytes and one more of a file.

        A relative path is looked for in each folder in turn. Raises `ImageError` with `param`.
        """
        if not self.roots:
            raise ImageError(
                f"Invalid '{param}': no files may be read here.",
                param=param,
                hint="Give an http(s) or data URL, or start `sightline mcp` with --root FOLDER.",
            )
        try:
            descriptor = _opened(*self._found(named, param))
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise _unreadable(param)
                return _pieces(descriptor, most + 1)
            finally:
                os.close(descriptor)
        except (OSError, ValueError):
            raise _unreadable(param) from None

    def _found(self, named: str, param: str) -> tuple[Path, tuple[str, ...]]:
        """Give the folder that a path is under, and the way from there."""
        path = _path(named)
        found: tuple[Path, tuple[str, ...]] | None = None
        for root in self.roots:
            try:
                whole = (root / path).resolve()
            except RuntimeError:  # links that lead in a circle
                raise _unreadable(param) from None
            if not whole.is_relative_to(root):
                continue
            way = root, whole.relative_to(root).parts
            if whole.exists():
                return way
            found = found or way
        if found is None:
            raise ImageError(
                f"Invalid '{param}': the file is not in a folder that may be read.",
                param=param,
                hint="Folders are named with --root when `sightline mcp` is started.",
            )
        return found


def _path(named: str) -> Path:
    """Read a path, or a file: URL of this machine."""
    if named[:5].lower() != "file:":
        return Path(named)
    parts = urlsplit(named)
    if parts.netloc not in ("", "localhost"):
        raise ValueError(named)
    text = unquote(parts.path)
    # Windows writes file:///C:/folder.
    return Path(text[1:] if os.name == "nt" and text[2:3] == ":" else text)


def _opened(root: Path, way: tuple[str, ...]) -> int:
    """Open a file from a folder on without following a link. Raises `OSError`."""
    if not _BY_STEPS:
        return os.open(root.joinpath(*way), _FLAGS)
    at = os.open(root, os.O_RDONLY | _FOLDER)
    for place, step in enumerate(way, 1):
        try:
            inner = os.open(step, _FLAGS | (_FOLDER if place < len(way) else 0), dir_fd=at)
        finally:
            os.close(at)
        at = inner
    return at


def _pieces(descriptor: int, most: int) -> bytes:
    """Read at most so many bytes. Raises `OSError`."""
    pieces = []
    while most > 0 and (piece := os.read(descriptor, min(most, MIB))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _unreadable(param: str) -> ImageError:
    return ImageError(
        f"Invalid '{param}': there is no such file, or it cannot be read.",
        param=param,
        hint="Check its name, from the folder given with --root on.",
    )
