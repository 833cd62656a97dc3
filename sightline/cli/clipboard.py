"""The picture in the clipboard, as the bytes that lie there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from io import BytesIO

from sightline.errors import UsageError

# On Linux and the like, those of Wayland and X11; what they give is decoded as a file's bytes are.
_READERS = (
    ("wl-paste", "--no-newline", "--type", "image/png"),
    ("xclip", "-selection", "clipboard", "-target", "image/png", "-out"),
)
_TIMEOUT_S = 10.0


def picture() -> bytes:
    """Give the picture's bytes. Raises `UsageError` where there is none, or no way to it."""
    data = _system() if sys.platform in ("win32", "darwin") else _desktop()
    if not data:
        raise UsageError("There is no picture in the clipboard.", hint="Copy one first.")
    return data


def _desktop() -> bytes:
    there = [words for words in _READERS if shutil.which(words[0])]
    if not there:
        raise UsageError(
            "The clipboard cannot be read.",
            hint="Install wl-clipboard (Wayland) or xclip (X11).",
        )
    for words in there:
        try:
            done = subprocess.run(words, capture_output=True, timeout=_TIMEOUT_S)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0 and done.stdout:
            return done.stdout
    return b""


def _system() -> bytes:
    """Ask the system through Pillow, which gets a PNG or a bitmap, or the names of copied files."""
    from pathlib import Path

    from PIL import Image, ImageGrab

    held = ImageGrab.grabclipboard()
    if isinstance(held, list):
        return Path(held[0]).read_bytes() if held and Path(held[0]).is_file() else b""
    if not isinstance(held, Image.Image):
        return b""
    stored = BytesIO()
    held.save(stored, "PNG", compress_level=1)
    return stored.getvalue()
