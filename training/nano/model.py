"""The model, as llama.cpp computes it: a ViT, the `lfm2` projector, a `llama` text model.

Parameters carry the names that they have in GGUF, so that writing them is copying them. A patch has
16 pixels and four patches become one token, so a picture of 256 × 256 has 64 tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as fn
from torch import Tensor, nn

PATCH, MERGE = 16, 2


@dataclass(frozen=True)
class Shape:
    """The dimensions. `image` is the side in pixels whose positions are learned."""

    vocabulary: int
    layers: int = 6
    width: int = 256
    heads: int = 4
    kv_heads: int = 2
    feed: int = 704
    rope: float = 10_000.0
    context: int = 8192
    eye_layers: int = 6
    eye_width: int = 192
    eye_heads: int = 3
    eye_feed: int = 768
    image: int = 256


class Nano(nn.Module):
    """Pictures and tokens in, the likelihood of each next token out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.weights = nn.ParameterDict()
        self._names: dict[str, str] = {}
        s = shape
        d, v = s.width, s.eye_width
        head = d // s.heads
        self._linear("token_embd", s.vocabulary, d, scale=0.02)
        for i in range(s.layers):
            b = f"blk.{i}"
            self._norm(f"{b}.attn_norm", d)
            self._linear(f"{b}.attn_q", d, d)
            self._linear(f"{b}.attn_k", s.kv_heads * head, d)
            self._linear(f"{b}.attn_v", s.kv_heads * head, d)
            self._linear(f"{b}.attn_output", d, d, scale=d**-0.5 / (2 * s.layers) ** 0.5)
            self._norm(f"{b}.ffn_norm", d)
            self._linear(f"{b}.ffn_gate", s.feed, d)
            self._linear(f"{b}.ffn_up", s.feed, d)
            self._linear(f"{b}.ffn_down", d, s.feed, scale=s.feed**-0.5 / (2 * s.layers) ** 0.5)
        self._norm("output_norm", d)
        side = s.image // PATCH
        self._add("v.patch_embd.weight", torch.randn(v, 3, PATCH, PATCH) * (3 * PATCH**2) ** -0.5)
        self._add("v.patch_embd.bias", torch.zeros(v))
        self._add("v.position_embd.weight", torch.randn(side * side, v) * 0.02)
        for i in range(s.eye_layers):
            b = f"v.blk.{i}"
            for norm in ("ln1", "ln2"):
                self._norm(f"{b}.{norm}", v, bias=True)
            for name in ("attn_q", "attn_k", "attn_v"):
                self._linear(f"{b}.{name}", v, v, bias=True)
            last = (2 * s.eye_layers) ** -0.5
            self._linear(f"{b}.attn_out", v, v, bias=True, scale=v**-0.5 * last)
            self._linear(f"{b}.ffn_up", s.eye_feed, v, bias=True)
            self._linear(f"{b}.ffn_down", v, s.eye_feed, bias=True, scale=s.eye_feed**-0.5 * last)
        self._norm("v.post_ln", v, bias=True)
        into = v * MERGE**2
        self._norm("mm.input_norm", into, bias=True)
        self._linear("mm.1", d, into, bias=True)
        self._linear("mm.2", d, d, bias=True)

    def tensors(self) -> dict[str, Tensor]:
        """Give the parameters by their names in GGUF."""
        return {name: self.weights[key] for name, key in self._names.items()}

    def eye(self) -> set[str]:
        """Give the keys of the parameters with which it looks: the ViT's and the projector's."""
        return {
            f"weights.{key}" for name, key in self._names.items() if name.startswith(("v.", "mm."))
        }

    def look(self, pictures: Tensor) -> Tensor:
        """Give the tokens of pictures, (n, 3, height, width) in -1 to 1: (n, tokens, width)."""
        s = self.shape
        x = fn.conv2d(
            pictures, self._w("v.patch_embd.weight"), self._w("v.patch_embd.bias"), stride=PATCH
        )
        down, across = x.shape[2:]
        x = x.flatten(2).transpose(1, 2) + self._positions(down, across)
        for i in range(s.eye_layers):
            b = f"v.blk.{i}"
            h = self._layer_norm(f"{b}.ln1", x, 1e-6)
            q, k, v = (
                self._project(f"{b}.{n}", h).unflatten(-1, (s.eye_heads, -1)).transpose(1, 2)
                for n in ("attn_q", "attn_k", "attn_v")
            )
            seen = _attended(q, k, v, causal=False).transpose(1, 2).flatten(2)
            x = x + self._project(f"{b}.attn_out", seen)
            h = self._project(f"{b}.ffn_up", self._layer_norm(f"{b}.ln2", x, 1e-6))
            x = x + self._project(f"{b}.ffn_down", fn.gelu(h, approximate="tanh"))
        x = _merged(self._layer_norm("v.post_ln", x, 1e-6), down, across)
        x = self._layer_norm("mm.input_norm", x, 1e-5)
        return self._project("mm.2", fn.gelu(self._project("mm.1", x), approximate="tanh"))

    def read(self, embedded: Tensor) -> Tensor:
        """Give what follows each place of embedded tokens, (n, length, width): logits."""
        s = self.shape
        n, length, width = embedded.shape
        head = width // s.heads
        steps = torch.arange(0, head, 2, dtype=torch.float32) / head
        angles = torch.arange(length, dtype=torch.float32)[:, None] * s.rope**-steps
        cos, sin = (
            part.to(embedded.device, embedded.dtype) for part in (angles.cos(), angles.sin())
        )

        def turned(x: Tensor) -> Tensor:  # pairs that stand side by side, as llama.cpp has them
            even, odd = x[..., 0::2], x[..., 1::2]
            return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)

        x = embedded
        for i in range(s.layers):
            b = f"blk.{i}"
            h = self._rms(f"{b}.attn_norm", x)
            q = self._heads(f"{b}.attn_q", h, s.heads)
            k = self._heads(f"{b}.attn_k", h, s.kv_heads)
            v = self._heads(f"{b}.attn_v", h, s.kv_heads)
            seen = _attended(turned(q), turned(k), v, causal=True)
            x = x + self._project(
                f"{b}.attn_output", seen.transpose(1, 2).reshape(n, length, width)
            )
            h = self._rms(f"{b}.ffn_norm", x)
            gate = fn.silu(self._project(f"{b}.ffn_gate", h))
            x = x + self._project(f"{b}.ffn_down", gate * self._project(f"{b}.ffn_up", h))
        return fn.linear(self._rms("output_norm", x), self._w("token_embd.weight"))

    def embedded(self, ids: Tensor) -> Tensor:
        """Give the embeddings of ids."""
        return fn.embedding(ids, self._w("token_embd.weight"))

    def _positions(self, down: int, across: int) -> Tensor:
        learned = self._w("v.position_embd.weight")
        side = self.shape.image // PATCH
        if (down, across) == (side, side):
            return learned
        square = learned.reshape(side, side, -1).permute(2, 0, 1)[None]
        resized = fn.interpolate(
            square, (down, across), mode="bilinear", antialias=True, align_corners=False
        )
        return resized[0].permute(1, 2, 0).reshape(down * across, -1)

    def _heads(self, name: str, x: Tensor, heads: int) -> Tensor:
        return self._project(name, x).unflatten(-1, (heads, -1)).transpose(1, 2)

    def _project(self, name: str, x: Tensor) -> Tensor:
        bias = self._names.get(f"{name}.bias")
        return fn.linear(x, self._w(f"{name}.weight"), None if bias is None else self.weights[bias])

    def _layer_norm(self, name: str, x: Tensor, eps: float) -> Tensor:
        return fn.layer_norm(
            x, x.shape[-1:], self._w(f"{name}.weight"), self._w(f"{name}.bias"), eps
        )

    def _rms(self, name: str, x: Tensor) -> Tensor:
        return fn.rms_norm(x, x.shape[-1:], self._w(f"{name}.weight"), 1e-5)

    def _w(self, name: str) -> Tensor:
        return self.weights[self._names[name]]

    def _add(self, name: str, values: Tensor) -> None:
        key = name.replace(".", "_")
        self._names[name] = key
        self.weights[key] = nn.Parameter(values)

    def _norm(self, name: str, size: int, *, bias: bool = False) -> None:
        self._add(f"{name}.weight", torch.ones(size))
        if bias:
            self._add(f"{name}.bias", torch.zeros(size))

    def _linear(
        self, name: str, out: int, into: int, *, bias: bool = False, scale: float | None = None
    ) -> None:
        self._add(f"{name}.weight", torch.randn(out, into) * (scale or into**-0.5))
        if bias:
            self._add(f"{name}.bias", torch.zeros(out))


def _attended(q: Tensor, k: Tensor, v: Tensor, *, causal: bool) -> Tensor:
    """Attend, (n, heads, length, head); keys and values may have fewer heads."""
    if q.is_cuda:
        return fn.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=True)
    # At these lengths plain products are quicker on a CPU than PyTorch's own kernel.
    share = q.shape[1] // k.shape[1]
    if share > 1:
        k, v = k.repeat_interleave(share, 1), v.repeat_interleave(share, 1)
    likeness = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if causal:
        length = likeness.shape[-1]
        later = torch.ones(length, length, dtype=torch.bool, device=q.device).triu(1)
        likeness = likeness.masked_fill(later, float("-inf"))
    return likeness.softmax(-1).to(v.dtype) @ v


def _merged(x: Tensor, down: int, across: int) -> Tensor:
    """Put two by two patches into one, in the order in which llama.cpp does."""
    n, _, width = x.shape
    x = x.reshape(n, down, across // MERGE, width * MERGE).permute(0, 2, 1, 3)
    x = x.reshape(n, across // MERGE, down // MERGE, width * MERGE**2).permute(0, 2, 1, 3)
    return x.reshape(n, -1, width * MERGE**2)
