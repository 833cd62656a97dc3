"""A Qwen3.5 with random weights as a pair of GGUF files, with heads that draft, for tests.

llama.cpp loads it as it loads the published ones: layers whose state is of one size beside layers
of attention, places of pictures in three numbers, and behind them heads that draft the next tokens
(MTP). With `echoing` a layer adds nothing, so that the heads draft just what the model writes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench import random_model
from bench.random_model import GgufFile, Shape

_KERNEL, _GROUPS, _STATE = 4, 2, 32  # of the layers whose state is of one size
_EVERY = 2  # which layer is one of attention


def write(folder: Path, shape: Shape, heads: int = 1, *, echoing: bool = False) -> Path:
    """Write both halves into a folder; give the text model's path."""
    folder.mkdir(parents=True, exist_ok=True)
    random_model.write_eye(shape, folder / "mmproj.gguf")
    path = folder / "model.gguf"
    file = GgufFile(path, "qwen35", "f32", 1, None)
    _head(file, shape, heads)
    gain = 0.0 if echoing else 0.5
    for i in range(shape.layers):
        _layer(file, shape, f"blk.{i}.", gain, attends=(i + 1) % _EVERY == 0)
    for i in range(shape.layers, shape.layers + heads):
        block = f"blk.{i}."
        _layer(file, shape, block, gain, attends=True)
        if echoing:  # of a token and of what the model made of those before, the token
            both = np.eye(shape.width, 2 * shape.width, dtype=np.float32)
            file.add(block + "nextn.eh_proj.weight", both)
        else:
            file.linear(block + "nextn.eh_proj", shape.width, 2 * shape.width)
        for name in ("enorm", "hnorm", "shared_head_norm"):
            file.norm(f"{block}nextn.{name}", shape.width)
    file.close()
    return path


def _head(file: GgufFile, shape: Shape, heads: int) -> None:
    w, head = file.made, shape.width // shape.heads
    tokens = random_model.write_words(file, shape, "qwen35")
    w.add_name("random-qwen3.5")
    w.add_context_length(shape.context)
    w.add_embedding_length(shape.width)
    w.add_block_count(shape.layers + heads)
    w.add_feed_forward_length(shape.feed)
    w.add_head_count(shape.heads)
    w.add_head_count_kv(shape.kv_heads)
    w.add_key_length(head)
    w.add_value_length(head)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_dimension_count(head)
    w.add_rope_dimension_sections([head // 8, head // 16, head // 16, 0])
    w.add_rope_freq_base(shape.rope)
    w.add_ssm_conv_kernel(_KERNEL)
    w.add_ssm_inner_size(_GROUPS * _STATE)
    w.add_ssm_state_size(_STATE)
    w.add_ssm_time_step_rank(_GROUPS)
    w.add_ssm_group_count(_GROUPS)
    w.add_uint32("qwen35.full_attention_interval", _EVERY)
    if heads:
        w.add_uint32("qwen35.nextn_predict_layers", heads)
    file.add("token_embd.weight", file.random(tokens, shape.width, scale=0.02))
    file.norm("output_norm", shape.width)


def _layer(file: GgufFile, shape: Shape, block: str, gain: float, *, attends: bool) -> None:
    width, head = shape.width, shape.width // shape.heads
    file.norm(block + "attn_norm", width)
    if attends:
        file.linear(
            block + "attn_q", 2 * shape.heads * head, width
        )  # and what of it is let through
        file.linear(block + "attn_k", shape.kv_heads * head, width)
        file.linear(block + "attn_v", shape.kv_heads * head, width)
        file.linear(block + "attn_output", width, shape.heads * head, gain)
        file.norm(block + "attn_q_norm", head)
        file.norm(block + "attn_k_norm", head)
    else:
        inner = _GROUPS * _STATE
        file.linear(block + "attn_qkv", 3 * inner, width)
        file.linear(block + "attn_gate", inner, width)
        file.add(block + "ssm_conv1d.weight", file.random(3 * inner, _KERNEL, scale=0.3))
        file.add(block + "ssm_dt.bias", np.zeros(_GROUPS, np.float32))
        file.add(block + "ssm_a", -np.ones(_GROUPS, np.float32))
        file.linear(block + "ssm_beta", _GROUPS, width)
        file.linear(block + "ssm_alpha", _GROUPS, width)
        file.norm(block + "ssm_norm", _STATE)
        file.linear(block + "ssm_out", width, inner, gain)
    file.norm(block + "post_attention_norm", width)
    file.linear(block + "ffn_gate", shape.feed, width)
    file.linear(block + "ffn_up", shape.feed, width)
    file.linear(block + "ffn_down", width, shape.feed, gain)
