"""Sightline: images go in, answers come out, over the API that code already speaks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

# ONNX Runtime, from 1.29 on, sends what it runs to its maker unless this is set before it loads.
# Sightline sends nothing to anybody: https://onnxruntime.ai/docs (Privacy.md, Disabling Telemetry).
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.2.0"
__all__ = ["ask", "narrate"]

if TYPE_CHECKING:
    from sightline.library import ask, narrate


def __getattr__(name: str) -> Any:
    # Imported when it is first used, so that `import sightline` and the command line stay quick.
    if name in __all__:
        from sightline import library

        return getattr(library, name)
    raise AttributeError(name)
