"""How many tokens models of each kind make of a picture, by the kind of their vision half.

Names and bounds are those of llama.cpp (clip.cpp and mtmd-image.cpp, b11549, read 2026-11-29).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sightline.models.catalogue import Entry
from sightline.models.gguf import GgufHeader


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one picture: the fewest with which a model sees well, the usual most, the most.

    A `least` of 0 leaves that to llama.cpp, a `most` of 0 knows no end.
    """

    least: int
    usual: int
    most: int = 0


# It cannot say where things are in less: https://github.com/ggml-org/llama.cpp/issues/16842
_QWEN = Tokens(1024, 1280, 4096)
_GEMMA = Tokens(252, 280, 1120)
# These cut a picture into tiles of their own, each of which is looked at. `detail` has decided
# already what is sent, so they are given what one view takes.
_SMALL_VIEW, _VIEW = Tokens(0, 64), Tokens(0, 256)
KINDS: Mapping[str, Tokens] = {
    "qwen2vl_merger": _QWEN,
    "qwen2.5vl_merger": _QWEN,
    "qwen3vl_merger": _QWEN,
    "gemma4v": _GEMMA,
    "gemma4uv": _GEMMA,
    "glm4v": Tokens(8, 1024, 4096),
    "kimivl": Tokens(8, 1024, 1024),
    "pixtral": Tokens(8, 1024, 1024),
    # In fewer than its own 256 it cuts into tiles what it would see in one view.
    "lfm2": Tokens(64, 256),
    "idefics3": _SMALL_VIEW,
    "resampler": _SMALL_VIEW,
    "minicpmv4_6": _SMALL_VIEW,
    "internvl": _VIEW,
    "granite4_vision": _VIEW,
    "nemotron_v2_vl": _VIEW,
    "step3vl": _VIEW,
    "cohere2v": _VIEW,
    "d1omni_v": _VIEW,
    "deepseekocr": _VIEW,
    "deepseekocr2": _VIEW,
}
_OTHERS = Tokens(0, 1024)


def tokens(eye: GgufHeader, entry: Entry | None = None) -> Tokens:
    """Say what suits a vision half: what it says, the catalogue says, or its kind needs."""
    if eye.pixels is not None:
        low, high = (-(-pixels // eye.cell**2) for pixels in eye.pixels)
        return Tokens(0, max(low, high))
    if entry is not None and entry.image_tokens is not None:
        return Tokens(*entry.image_tokens)
    return KINDS.get(eye.projector, _OTHERS)
