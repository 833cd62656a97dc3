"""How lines are logged: as text, or one JSON object a line. Ours alone come below a warning."""

from __future__ import annotations

import json
import logging
import sys
import time

from sightline.settings import Settings


class _Json(logging.Formatter):
    """Writes a line as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Write it; a trace goes into it as text."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        told = {
            "time": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def set_up(settings: Settings) -> None:
    """Set logging up."""
    # Libraries log what they are given (Pillow a picture's metadata, clients their addresses), so
    # that the level is for our own lines; of theirs only warnings come through.
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(_Json() if settings.log_format == "json" else text)
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("sightline").setLevel(settings.log_level.upper())
