"""The matcher's network: MiniLM (six layers of BERT, 384 numbers wide) that also knows places.

Weights of all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019) are gone on from. Three
things are added, all zero at the beginning so that nothing is lost: where a word stands on its
page, how tall it is, and for each pair of words how they lie to each other, as a number that is
added to the attention of each head (relative positions after Xu et al. 2021, LayoutLMv2).
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from training.ear.encoding import BUCKETS, PLACES, SIZES
from training.ear.operations import OPERATIONS

WIDTH, HEADS, LAYERS, INNER, PIECES, LENGTH = 384, 12, 6, 1536, 30522, 512


class Layer(nn.Module):
    """One layer of BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Take (batch, length, width) and a bias of (batch × heads, length, length)."""
        rows, length, _ = x.shape
        wide = WIDTH // HEADS
        # (heads, length, width) of each page in one batch: a bias that learns has no faster kernel.
        q, k, v = (
            part.view(rows, length, HEADS, wide).transpose(1, 2).reshape(-1, length, wide)
            for part in self.qkv(x).split(WIDTH, -1)
        )
        scores = torch.baddbmm(bias.to(q.dtype), q, k.transpose(1, 2), alpha=wide**-0.5)
        seen = torch.bmm(torch.softmax(scores, -1).to(v.dtype), v)
        seen = seen.view(rows, HEADS, length, wide).transpose(1, 2).reshape(rows, length, WIDTH)
        x = self.norm1(x + self.out(seen))
        inner = self.down(functional.gelu(self.up(x)))
        made: Tensor = self.norm2(x + inner)
        return made


class Ear(nn.Module):
    """Scores each piece of a page as part of the answer, and each operation."""

    def __init__(self, layers: int = LAYERS) -> None:
        super().__init__()
        self.pieces = nn.Embedding(PIECES, WIDTH)
        self.order = nn.Embedding(LENGTH, WIDTH)
        self.kinds = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.x = nn.Embedding(PLACES + 1, WIDTH)
        self.y = nn.Embedding(PLACES + 1, WIDTH)
        self.sizes = nn.Embedding(SIZES + 1, WIDTH)
        self.lies = nn.Embedding(BUCKETS, HEADS)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.mark = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, 1))
        self.operation = nn.Sequential(
            nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, len(OPERATIONS))
        )
        for added in (self.x, self.y, self.sizes, self.lies):
            nn.init.zeros_(added.weight)

    def forward(
        self,
        ids: Tensor,
        kinds: Tensor,
        lies: Tensor,
        x: Tensor,
        y: Tensor,
        sizes: Tensor,
        away: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Give (batch, length) scores of pieces and (batch, operations) scores.

        `away` is (batch, length), true where a batch is padded.
        """
        places = torch.arange(ids.shape[1], device=ids.device)
        made = self.pieces(ids) + self.order(places)[None] + self.kinds(kinds)
        made = made + self.x(x) + self.y(y) + self.sizes(sizes)
        made = self.norm(made)
        bias = self.lies(lies).permute(0, 3, 1, 2)
        if away is not None:
            bias = bias.masked_fill(away[:, None, None, :], -1e4)
        bias = bias.reshape(-1, ids.shape[1], ids.shape[1])
        if torch.is_autocast_enabled("cpu"):
            bias = bias.to(torch.bfloat16)  # once, not in each layer
        for layer in self.layers:
            made = layer(made, bias)
        return self.mark(made)[..., 0], self.operation(made[:, 0])


def pretrained(folder: Path, layers: int = LAYERS) -> Ear:
    """Make one of MiniLM's weights in a folder that holds `model.safetensors`."""
    told = {
        name.removeprefix("bert."): w.float()
        for name, w in load_file(folder / "model.safetensors").items()
    }
    model = Ear(layers)
    with torch.no_grad():
        model.pieces.weight.copy_(told["embeddings.word_embeddings.weight"])
        model.order.weight.copy_(told["embeddings.position_embeddings.weight"])
        model.kinds.weight.copy_(told["embeddings.token_type_embeddings.weight"])
        _take(model.norm, told, "embeddings.LayerNorm")
        for number, layer in enumerate(model.layers):
            assert isinstance(layer, Layer)
            at = f"encoder.layer.{number}"
            parts = [f"{at}.attention.self.{name}" for name in ("query", "key", "value")]
            layer.qkv.weight.copy_(torch.cat([told[f"{part}.weight"] for part in parts]))
            layer.qkv.bias.copy_(torch.cat([told[f"{part}.bias"] for part in parts]))
            _take(layer.out, told, f"{at}.attention.output.dense")
            _take(layer.norm1, told, f"{at}.attention.output.LayerNorm")
            _take(layer.up, told, f"{at}.intermediate.dense")
            _take(layer.down, told, f"{at}.output.dense")
            _take(layer.norm2, told, f"{at}.output.LayerNorm")
    return model


def _take(part: nn.Linear | nn.LayerNorm, told: dict[str, Tensor], name: str) -> None:
    part.weight.copy_(told[f"{name}.weight"])
    part.bias.copy_(told[f"{name}.bias"])
