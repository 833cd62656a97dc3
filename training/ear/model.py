"""The network that is trained: MiniLM, whose upper layers read a question beside a page."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from sightline.engines.embedded.ear.intents import INTENTS
from sightline.engines.embedded.ear.linearised import PARTS, SHARED, SHOWN
from sightline.engines.embedded.ear.operations import OPERATIONS

WIDTH, HEADS, LAYERS, INNER, PIECES, LENGTH = 384, 12, 6, 1536, 30522, 384
LOW = 2  # layers that read each text alone
_AWAY = -1e4
_HIDDEN = 256
_DROPPED = 0.1  # share of what layers make that is left out while they learn


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
        self.drop = nn.Dropout(0.0)  # as long as it does not learn

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Take (rows, length, width) and a bias of (rows, 1, 1, length)."""
        q, k, v = (
            part.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)
            for part in self.qkv(x).split(WIDTH, -1)
        )
        slow = self.training and x.device.type == "cpu"
        look = _learning if slow else functional.scaled_dot_product_attention
        seen = self.out(look(q, k, v, bias).transpose(1, 2).flatten(2))
        x = self.norm1(x + self.drop(seen))
        made: Tensor = self.norm2(x + self.drop(self.down(functional.gelu(self.up(x)))))
        return made


def _learning(q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
    """Attend as `scaled_dot_product_attention` does, which goes back 2 to 4 times as slowly on CPUs.

    Takes (rows, heads, length, width) each and a bias of (rows, 1, 1, length).
    """
    rows, heads, length, width = q.shape
    q, k, v = (part.reshape(rows * heads, length, width) for part in (q * width**-0.5, k, v))
    beside = bias.expand(rows, heads, 1, length).reshape(rows * heads, 1, length)
    weight = torch.baddbmm(beside, q, k.transpose(1, 2)).softmax(-1)
    return torch.bmm(weight, v).view(rows, heads, length, width)


class MiniLM(nn.Module):
    """all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces = nn.Embedding(PIECES, WIDTH)
        self.order = nn.Embedding(LENGTH, WIDTH)
        self.kind = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))


def pretrained(folder: Path) -> MiniLM:
    """Make one of MiniLM's weights in a folder that holds `model.safetensors`."""
    told = {
        name.removeprefix("bert."): w.float()
        for name, w in load_file(folder / "model.safetensors").items()
    }
    model = MiniLM()
    with torch.no_grad():
        model.pieces.weight.copy_(told["embeddings.word_embeddings.weight"])
        model.order.weight.copy_(told["embeddings.position_embeddings.weight"][:LENGTH])
        model.kind.copy_(told["embeddings.token_type_embeddings.weight"][0])
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
    return model.eval()


def _take(part: nn.Linear | nn.LayerNorm, told: dict[str, Tensor], name: str) -> None:
    part.weight.copy_(told[f"{name}.weight"])
    part.bias.copy_(told[f"{name}.bias"])


class Ear(nn.Module):
    """MiniLM in two: lower layers, which read questions and pages each alone, and upper layers, which
    read both beside each other, with heads upon them.

    The lower part of a page is computed once for all questions about it. The lower layers stay as
    they came unless `learn_low`; what they read pieces as stays in any case.
    """

    def __init__(self, base: MiniLM, *, learn_low: bool = False) -> None:
        super().__init__()
        self.pieces, self.order, self.kind = base.pieces, base.order, base.kind
        self.norm = base.norm
        self.low = base.layers[:LOW]
        self.high = base.layers[LOW:]
        self.parts = nn.Embedding(len(PARTS), WIDTH)
        self.shown = nn.Linear(SHOWN + SHARED, WIDTH)
        nn.init.zeros_(self.parts.weight)
        nn.init.zeros_(self.shown.weight)
        nn.init.zeros_(self.shown.bias)
        self.relevance = nn.Sequential(
            nn.Linear(3 * WIDTH, _HIDDEN), nn.GELU(), nn.Linear(_HIDDEN, 1)
        )
        self.absent = nn.Sequential(nn.Linear(WIDTH, _HIDDEN), nn.GELU(), nn.Linear(_HIDDEN, 1))
        self.word = nn.Sequential(nn.Linear(WIDTH, _HIDDEN), nn.GELU(), nn.Linear(_HIDDEN, 1))
        self.operation = nn.Sequential(
            nn.Linear(2 * WIDTH, _HIDDEN), nn.GELU(), nn.Linear(_HIDDEN, len(OPERATIONS))
        )
        self.seen = nn.Sequential(
            nn.Linear(WIDTH, _HIDDEN), nn.GELU(), nn.Linear(_HIDDEN, len(INTENTS))
        )
        self.drop = nn.Dropout(0.1)
        for still in (self.pieces, self.order, self.norm, self.low):
            still.requires_grad_(False)
        self.kind.requires_grad_(False)
        self.low.requires_grad_(learn_low)
        for layer in (*self.high, *(self.low if learn_low else ())):
            assert isinstance(layer, Layer)
            layer.drop.p = _DROPPED

    @staticmethod
    def _dtype(device: torch.device) -> torch.dtype:
        """Give what is computed in: all of it in half precision, not only products."""
        auto = torch.is_autocast_enabled(device.type)
        return torch.get_autocast_dtype(device.type) if auto else torch.float32

    def alone(self, ids: Tensor) -> Tensor:
        """Read texts alone: (rows, length), 0 where padded, to (rows, length, WIDTH)."""
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.norm(self.pieces(ids) + self.order(places)[None] + self.kind)
        x = x.to(self._dtype(x.device))
        bias = ((ids == 0)[:, None, None, :] * _AWAY).to(x.dtype)
        for layer in self.low:
            x = layer(x, bias)
        return torch.as_tensor(x)

    def together(self, states: Tensor, parts: Tensor, looks: Tensor, there: Tensor) -> Tensor:
        """Read a question and a page beside each other.

        Takes what `alone` made of both, one after the other, (rows, length, WIDTH), what each piece
        is, (rows, length), what shows of its fact, (rows, length, …), and where no padding is.
        """
        x = (states + self.parts(parts) + self.shown(looks)).to(self._dtype(states.device))
        bias = ((~there)[:, None, None, :] * _AWAY).to(x.dtype)
        for layer in self.high:
            x = layer(x, bias)
        return torch.as_tensor(x)

    def scores(self, states: Tensor, share: Tensor) -> tuple[Tensor, ...]:
        """Score what `together` made: facts, absence, words and operations.

        `share` is (rows, facts, length): by how much each piece counts in each fact, of sum 1. Gives
        relevance (rows, facts), that of nothing (rows, 1), of words (rows, length), operations.
        """
        whole = states[:, 0]
        facts = share @ states
        beside = whole[:, None].expand_as(facts)
        relevance = self.relevance(self.drop(torch.cat((facts, beside, facts * beside), -1)))
        relevance = relevance[..., 0].masked_fill(share.sum(-1) == 0, -30.0)
        absent = self.absent(self.drop(whole))
        weight = torch.softmax(torch.cat((relevance, absent), 1), 1)[:, :-1]
        found = (weight[:, None] @ facts)[:, 0]
        operations = self.operation(self.drop(torch.cat((whole, found), -1)))
        return relevance, absent, self.word(self.drop(states))[..., 0], operations

    def asks(self, states: Tensor, there: Tensor) -> Tensor:
        """Score what questions ask of photographs, from what `together` made of them alone."""
        mean = (states * there[..., None]).sum(1) / there.sum(1, keepdim=True)
        scores: Tensor = self.seen(self.drop(mean))
        return scores
