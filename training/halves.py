"""Which pictures of a folder are trained on and which only measured with."""

from __future__ import annotations

from pathlib import Path

_PICTURES = {".jpg", ".jpeg", ".png", ".webp"}


def half(folder: str | Path, *, measured: bool) -> list[Path]:
    """Give every other picture of a folder by its name: those to train on, or those between.

    The halves depend on nothing but the names, so that training and measuring agree on them.
    """
    found = sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in _PICTURES)
    return found[1::2] if measured else found[::2]
