"""Sightline: images go in, answers come out, over the API that code already speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["ask"]

if TYPE_CHECKING:
    from sightline.library import ask


def __getattr__(name: str) -> Any:
    # Imported when it is first used, so that `import sightline` and the command line stay quick.
    if name == "ask":
        from sightline.library import ask

        return ask
    raise AttributeError(name)
