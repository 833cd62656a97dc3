"""What each kind of server takes, and how a server's kind is found out.

Sources, read 2026-11-21: OpenAI's API reference; the servers' own documents and code, as of vLLM
0.13, SGLang 0.5, Ollama 0.13 and llama.cpp b11549.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.engines.engine import Capabilities
from sightline.wire.outgoing import Form


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of server: how requests to it are written, and what it cannot honour."""

    name: str
    form: Form
    can: Capabilities


_ANY = Form()
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "openai",
            Form(
                most_tokens="max_completion_tokens",
                developer=True,
                detail=True,
                image_roles=frozenset({"user"}),
            ),
            Capabilities(),
        ),
        Kind("vllm", _ANY, Capabilities()),
        # It has no logit_bias by OpenAI's token numbers.
        Kind("sglang", _ANY, Capabilities(lacks=frozenset({"logit_bias"}))),
        Kind(
            "ollama",
            # It parts a message at its pictures, so that their place in the text is lost.
            Form(parallel_calls=False),
            Capabilities(
                lacks=frozenset({"logit_bias", "tool_choice", "top_logprobs"}),
                interleaves=False,
            ),
        ),
        # Its tool_choice is left out in silence where the model's template has no tools.
        Kind("llamacpp", _ANY, Capabilities(lacks=frozenset({"tool_choice"}))),
        Kind("sightline", Form(developer=True, detail=True), Capabilities()),
        Kind("other", _ANY, Capabilities()),
    )
}
_OWNERS = {"vllm": "vllm", "sglang": "sglang", "library": "ollama", "llamacpp": "llamacpp"}


def recognise(base_url: str, models: Sequence[Mapping[str, Any]]) -> Kind:
    """Tell a server's kind by its address and by whom its models say that they are owned."""
    if base_url.startswith("https://api.openai.com/"):
        return KINDS["openai"]
    owners = {str(model.get("owned_by", "")) for model in models}
    if "sightline" in owners:
        return KINDS["sightline"]
    for owner, kind in _OWNERS.items():
        if owner in owners:
            return KINDS[kind]
    return KINDS["other"]
