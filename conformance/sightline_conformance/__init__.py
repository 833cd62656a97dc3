"""What a server that speaks OpenAI's vision API does, check by check, over plain HTTP."""

from __future__ import annotations

__version__ = "1.1.0"
