"""`sightline mcp` that measures a picture once, however many tests ask about it."""

from __future__ import annotations

import sys

from sightline.cli.main import main
from tests import surveys as surveys  # has pictures measured once

if __name__ == "__main__":
    raise SystemExit(main(["mcp", *sys.argv[1:]]))
