"""`python -m sightline_conformance`, as the command."""

from __future__ import annotations

import sys

from sightline_conformance.cli import main

sys.exit(main())
