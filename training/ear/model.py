"""What is trained: heads on meanings that MiniLM gives as it comes.

MiniLM stays as it was made (it knows more words than any papers drawn here), so that what it makes
of a page is made once and learning is quick. Which facts answer follows from how the question's
meaning goes with that of each part of a fact, and from what shows of it.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from sightline.engines.embedded.encoding import PARTS, SHOWN, WIDTH
from sightline.engines.embedded.intents import INTENTS
from sightline.engines.embedded.operations import OPERATIONS

HEADS, LAYERS, INNER, PIECES, LENGTH = 12, 6, 1536, 30522, 64
_AWAY = -1e4
_HIDDEN, _SMALL = 256, 64
_SCALE = 12.0  # of products of meanings, whose numbers are about 1/20 each
# How much each part's being alike counts at first: value, label, row, column, above, below,
# section, after, and label with value.
_ALIKE = (1.0, 4.0, 1.0, 2.0, 1.0, 0.5, 0.5, 0.0, 4.0)


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
        """Take (rows, length, width) and a bias of (rows, 1, 1, length)."""
        q, k, v = (
            part.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)
            for part in self.qkv(x).split(WIDTH, -1)
        )
        scores = (q * (WIDTH // HEADS) ** -0.5) @ k.transpose(2, 3) + bias
        seen = torch.softmax(scores, -1) @ v
        x = self.norm1(x + self.out(seen.transpose(1, 2).flatten(2)))
        made: Tensor = self.norm2(x + self.down(functional.gelu(self.up(x))))
        return made


class MiniLM(nn.Module):
    """all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces = nn.Embedding(PIECES, WIDTH)
        self.order = nn.Embedding(LENGTH, WIDTH)
        self.kind = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids: Tensor) -> Tensor:
        """Take (rows, length), 0 where a row is padded; give (rows, length, WIDTH)."""
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.norm(self.pieces(ids) + self.order(places)[None] + self.kind)
        bias = (ids == 0)[:, None, None, :] * _AWAY
        for layer in self.layers:
            x = layer(x, bias)
        return torch.as_tensor(x)


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


class Heads(nn.Module):
    """Scores facts, their words, operations and intents."""

    def __init__(self) -> None:
        super().__init__()
        self.products = nn.Linear(PARTS * WIDTH, _HIDDEN)
        self.asks = nn.Linear(WIDTH, _HIDDEN)
        self.shown = nn.Linear(2 * SHOWN, _HIDDEN)
        self.form_asked = nn.Linear(WIDTH, _SMALL)
        self.form_shown = nn.Linear(2 * SHOWN, _SMALL)
        self.hidden = nn.Linear(_HIDDEN + _SMALL, _SMALL)
        self.relevance = nn.Linear(_SMALL, 1)
        # What is alike answers, before anything is learned.
        self.alike = nn.Linear(2 * SHOWN, 1)
        nn.init.zeros_(self.alike.weight)
        with torch.no_grad():
            self.alike.weight[0, SHOWN - PARTS : SHOWN] = torch.tensor(_ALIKE)
            self.alike.weight[0, 2 * SHOWN - PARTS :] = torch.tensor(_ALIKE)
        self.told = nn.Linear(_SMALL, len(OPERATIONS))
        self.operation = nn.Sequential(
            nn.Linear(WIDTH, _HIDDEN),
            nn.GELU(),
            nn.Dropout(0.2),
            nn.Linear(_HIDDEN, len(OPERATIONS)),
        )
        self.seen = nn.Sequential(
            nn.Linear(WIDTH, _HIDDEN), nn.GELU(), nn.Dropout(0.2), nn.Linear(_HIDDEN, len(INTENTS))
        )
        self.words_asked = nn.Linear(WIDTH, _HIDDEN)
        self.words_told = nn.Linear(WIDTH, _HIDDEN)
        self.words_both = nn.Linear(WIDTH, _HIDDEN)
        self.word = nn.Linear(_HIDDEN, 1)
        self.drop = nn.Dropout(0.15)

    def of_facts(
        self, question: Tensor, meanings: Tensor, shown: Tensor, best: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Take (facts, WIDTH), (facts, PARTS, WIDTH), (facts, SHOWN) and the best of each of SHOWN
        among the page's facts, (facts, SHOWN). Gives relevance (facts), operations (facts, …)."""
        products = (meanings * question[:, None]).flatten(1)
        seen = torch.cat((shown, shown - best), 1)
        x = self.products(self.drop(products) * _SCALE) + self.asks(question) + self.shown(seen)
        form = self.form_asked(question) * self.form_shown(seen)
        x = functional.gelu(self.hidden(self.drop(torch.cat((functional.gelu(x), form), 1))))
        return self.relevance(x)[:, 0] + self.alike(seen)[:, 0], self.told(x)

    def of_words(self, question: Tensor, states: Tensor) -> Tensor:
        """Take (words, WIDTH) twice; give how each word is of the answer (words)."""
        both = self.words_both(question * states)
        x = self.words_asked(question) + self.words_told(states) + both
        return self.word(self.drop(functional.gelu(x)))[:, 0]

    def forward(
        self, question: Tensor, meanings: Tensor, shown: Tensor, states: Tensor
    ) -> tuple[Tensor, ...]:
        """Take one question (1, WIDTH) with a page's facts and words, as it is exported."""
        count = meanings.shape[0]
        best = shown.max(0, keepdim=True).values.expand_as(shown)
        relevance, told = self.of_facts(question.expand(count, -1), meanings, shown, best)
        marks = self.of_words(question.expand(states.shape[0], -1), states)
        return self.operation(question)[0], relevance, marks, told, self.seen(question)[0]
