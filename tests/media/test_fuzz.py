"""A short run of what `make fuzz` runs for a minute."""

from __future__ import annotations

import subprocess
import sys


def test_a_round_of_fuzzing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--seconds", "1", "--seed", "1"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none got through" in done.stdout
