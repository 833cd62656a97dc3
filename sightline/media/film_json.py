"""What is known of a film, on its way from the process that reads it: as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sightline.types import About, SceneMovement


def plain(told: About) -> dict[str, Any]:
    """Give it as JSON has it."""
    return asdict(told)


def from_plain(told: Mapping[str, Any]) -> About:
    """Take it from what `plain` gave, after a journey as JSON."""
    return About(
        told["duration_s"],
        told["total"],
        (told["size"][0], told["size"][1]),
        told["audio"],
        told["damaged"],
        None if told["scenes"] is None else tuple(told["scenes"]),
        tuple((a, b) for a, b in told["black"]),
        tuple((a, b) for a, b in told["still"]),
        tuple(SceneMovement(**scene) for scene in told["movement"]),
    )
