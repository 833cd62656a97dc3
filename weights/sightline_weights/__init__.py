"""Files that Sightline's embedded engine sees and understands with; `FOLDER` has them."""

from __future__ import annotations

from pathlib import Path

__version__ = "1.8.0"
FOLDER = Path(__file__).parent
