"""What drafts for a model, with random weights: the answer is the model's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest

from bench import random_model, random_qwen35
from sightline.engines.llamacpp import drafting, fit
from sightline.engines.llamacpp.options import LlamaOptions
from sightline.errors import ModelFileError, UsageError
from sightline.models import gguf
from tests.commands import typed
from tests.conftest import running
from tests.engines.llamacpp.test_llamacpp import NO_END, ask, turn
from tests.engines.test_several import SMALL, counted
from tests.waiting import PATIENCE_S

TINY = random_model.PRESETS["tiny"]
TEXT: list[Any] = [{"role": "user", "content": "What is this?"}]


def test_an_answer_is_the_same_with_drafts(tiny: Path, tmp_path: Path) -> None:
    draft = random_model.write(tmp_path, replace(TINY, layers=1))
    said = []
    for more in ((), ("--draft", str(draft))):
        with (
            running(*SMALL, "--model", str(tiny), *more) as url,
            openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=PATIENCE_S) as client,
        ):
            reply = ask(client, temperature=0, max_tokens=64)
            said.append((reply.choices[0].message.content, reply.usage.completion_tokens))
    assert said[0] == said[1]
    assert said[0][1] == 64


def said(model: Path, *flags: str) -> tuple[str, tuple[float, float]]:
    """What a server with a model says of a text and of a picture; how many drafts it kept, or not."""
    with (
        running(*SMALL, "--model", str(model), *flags) as url,
        openai.OpenAI(base_url=url, api_key="a", max_retries=0, timeout=100) as client,
    ):
        texts = [
            ask(client, messages, temperature=0, max_tokens=48, logit_bias=NO_END)
            for messages in (TEXT, turn())
        ]
        kept = [
            counted(client, rf'draft_tokens_total\{{kept="{each}"\}}') for each in ("yes", "no")
        ]
    return "|".join(t.choices[0].message.content or "" for t in texts), (kept[0], kept[1])


@pytest.mark.parametrize("echoing", [False, True], ids=["wrong", "right"])
def test_heads_of_the_models_own_file_draft(tmp_path: Path, echoing: bool) -> None:
    model = random_qwen35.write(tmp_path, TINY, echoing=echoing)
    alone, drafts = said(model)
    assert len(alone) > 40
    assert sum(drafts) == 0
    assert "heads that draft: 1" in typed("models", str(model)).stdout
    own, (kept, dropped) = said(model, "--draft", "own")
    assert own == alone
    assert kept > 40 if echoing else dropped > 40


def test_what_drafts_is_counted_and_told_to_the_engine(tiny: Path, tmp_path: Path) -> None:
    text, eye = gguf.read(tiny), gguf.read(tiny.parent / "mmproj.gguf")
    draft = drafting.drafter(str(random_model.write(tmp_path, TINY)), text)
    options = LlamaOptions(model=str(tiny))
    more = fit.plan(options, text, eye, None, draft).memory - fit.plan(options, text, eye).memory
    assert more > text.bytes
    assert drafting.flags(draft, text)["speculative.draft.mparams.path"].endswith("model.gguf")
    heads = replace(text, meta={**text.meta, "llama.nextn_predict_layers": 1})
    own = drafting.drafter("own", heads)
    assert own is heads
    assert drafting.flags(own, heads) == {"speculative.types": [3], "load_mtp": True}
    assert fit.plan(options, heads, eye, None, own) == fit.plan(options, heads, eye)
    head = replace(text, meta={**text.meta, "general.architecture": "gemma4-assistant"})
    assert drafting.flags(head, text)["speculative.types"] == [3]
    for kind, number in (("eagle3", 2), ("dflash", 4)):
        head = replace(text, meta={**text.meta, "general.architecture": kind})
        assert drafting.flags(head, text)["speculative.types"] == [number]
    assert drafting.flags(None, text) == {}
    with pytest.raises(UsageError, match="has no heads that draft"):
        drafting.drafter("own", text)
    with pytest.raises(ModelFileError):
        drafting.drafter(str(tmp_path / "away.gguf"), text)
