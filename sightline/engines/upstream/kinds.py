"""What each kind of server takes, and how a server's kind is found out.

Sources, read 2026-11-21 and, for the fields that are passed on, 2026-11-29: OpenAI's API reference;
the servers' own documents and code (vllm/entrypoints/openai/chat_completion/protocol.py, SGLang's
entrypoints/openai/protocol.py, Ollama's openai/openai.go) and llama.cpp b11549.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.api.chat import PLATFORM
from sightline.api.outgoing import ServerDialect
from sightline.engines.engine import Capabilities


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of server: how requests to it are written, and what it cannot honour.

    `decides` says that it has `/v1/decisions`; releases of it that do not are asked for logprobs.
    """

    name: str
    form: ServerDialect
    can: Capabilities
    decides: bool = False

    @property
    def tells_tokens(self) -> bool:
        """Whether it tells how likely other tokens were."""
        return not {"logprobs", "top_logprobs"} & self.can.lacks


_PLATFORM = frozenset(PLATFORM)
_EFFORT = frozenset({"reasoning_effort"})
# Of those that ask, `user` is taken everywhere: it tells who asks, and a server that has no use for
# it answers no differently.
_MEANT = _PLATFORM - {"user"}
_OPEN = ServerDialect(passes=_EFFORT)
# What everybody reads, and what servers read that use Pillow, or say that they take it.
_USUAL = frozenset({"JPEG", "PNG"})
_FILES = _USUAL | {"WEBP"}
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "openai",
            ServerDialect(
                most_tokens="max_completion_tokens",
                developer=True,
                detail=True,
                image_roles=frozenset({"user"}),
                passes=_PLATFORM | _EFFORT,
            ),
            Capabilities(files=_FILES),
            decides=True,
        ),
        Kind("vllm", _OPEN, Capabilities(lacks=_MEANT, files=_FILES), decides=True),
        # It has no logit_bias by OpenAI's token numbers.
        Kind(
            "sglang",
            _OPEN,
            Capabilities(lacks=_MEANT | {"logit_bias"}, files=_FILES),
            decides=True,
        ),
        Kind(
            "ollama",
            # It parts a message at its pictures, so that their place in the text is lost.
            ServerDialect(
                parallel_calls=False,
                passes=_EFFORT,
                efforts={"minimal": "low", "xhigh": "high", "max": "high"},
            ),
            Capabilities(
                lacks=_MEANT | {"logit_bias", "tool_choice", "top_logprobs"},
                interleaves=False,
                files=_USUAL,
            ),
        ),
        # Its tool_choice is left out in silence where the model's template has no tools.
        Kind("llamacpp", _OPEN, Capabilities(lacks=_MEANT | {"tool_choice"}, files=_USUAL)),
        Kind(
            "sightline",
            ServerDialect(developer=True, detail=True, passes=_PLATFORM | _EFFORT),
            Capabilities(files=_FILES),
            decides=True,
        ),
        Kind("other", ServerDialect(passes=_MEANT | _EFFORT), Capabilities(files=_USUAL)),
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
