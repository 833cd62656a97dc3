"""What llama.cpp is run with, as the settings say it."""

from __future__ import annotations

from dataclasses import dataclass

from sightline.engines.engine import EngineOptions


@dataclass(frozen=True, slots=True)
class LlamaOptions(EngineOptions):
    """The settings of llamacpp, by their names."""

    mmproj: str = ""
    draft: str = ""
    slots: int = 0
    replicas: int = 0
    engine_threads: int = 0
    image_tokens: int = 0
    image_min_tokens: int = 0
    reasoning_effort: str = "none"
    reasoning_budget: int = 0
    gpu_layers: int = -1
    cache_mib: int = 256
    cache_life_s: float = 3600.0
    engine_silence_s: float = 600.0
    max_models_bytes: int = 0
