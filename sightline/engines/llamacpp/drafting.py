"""What drafts an answer's next tokens for a model to check: a small model, or heads made for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sightline.errors import UsageError
from sightline.models import gguf
from sightline.models.gguf import GgufHeader

OWN = "own"
# llama.cpp's numbers for how drafts are made (common.h, enum common_speculative_type).
_SIMPLE, _HEADS = 1, 3
_OF_THEIR_OWN = {"gemma4-assistant": _HEADS, "eagle3": 2, "dflash": 4}  # heads in a file


def drafter(draft: str, text: GgufHeader) -> GgufHeader | None:
    """Read what is to draft for a model, None for nothing. Raises `SightlineError`."""
    if not draft:
        return None
    if draft != OWN:
        return gguf.read(Path(draft).expanduser())
    if not text.heads:
        raise UsageError(
            f"{text.path.name} has no heads that draft.",
            hint="Name a small model of the same vocabulary with --draft, or leave it out.",
        )
    return text


def flags(drafts: GgufHeader | None, text: GgufHeader) -> dict[str, Any]:
    """Name llama.cpp's options for it."""
    if drafts is None:
        return {}
    if drafts is text:
        return {"speculative.types": [_HEADS], "load_mtp": True}
    kind = _OF_THEIR_OWN.get(drafts.architecture, _SIMPLE)
    return {"speculative.types": [kind], "speculative.draft.mparams.path": str(drafts.path)}
