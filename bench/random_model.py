"""Vision models with random weights as pairs of GGUF files, for tests and for timing.

    python bench/random_model.py FOLDER [--preset tiny|small|smolvlm2-500m] [--dtype f32|q8_0|q4_0]

llama.cpp loads them as it loads any other: a `llama` text model with a byte-level tokenizer, and a
vision tower with one of several projectors. What they say means nothing; that they load, batch,
follow a grammar and answer differently for different pictures is real. The same file comes out
each time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Quant
from numpy.typing import NDArray

Array = NDArray[np.float32]
_TYPES = {
    "f32": (Quant.F32, gguf.LlamaFileType.ALL_F32),
    "q8_0": (Quant.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "q4_0": (Quant.Q4_0, gguf.LlamaFileType.MOSTLY_Q4_0),
}
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for p in message['content'] %}{{ p['text'] }}{% endfor %}{% endif %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True)
class Shape:
    """The dimensions of a model; `projector` is one of phi4, lfm2 and idefics3."""

    layers: int = 2
    width: int = 64
    heads: int = 2
    kv_heads: int = 1
    feed: int = 128
    context: int = 8192
    rope: float = 10_000.0
    vocabulary: int = 0
    eye_layers: int = 2
    eye_width: int = 64
    eye_heads: int = 2
    eye_feed: int = 160
    image: int = 224
    patch: int = 16
    projector: str = "phi4"
    merge: int = 2
    longest: int = 0
    min_pixels: int = 64 * 64
    max_pixels: int = 512 * 512
    wants: tuple[int, int] | None = None  # pixels at low detail and at high, told to Sightline
    assist: bool = False  # whether Sightline is to put what can be read before the question
    temperature: float | None = None  # what to sample at where a request does not say
    template: str = _TEMPLATE
    marks: tuple[str, ...] = ()  # tokens that the template has of its own, written in answers
    hidden: tuple[str, ...] = ()  # and those that are not
    english: bool = False  # whether a token is a word, as those of trained models mostly are
    name: str = "random-tiny"


PRESETS = {
    "tiny": Shape(),
    "small": Shape(layers=6, width=256, heads=8, kv_heads=4, feed=768, eye_layers=6, eye_width=192,
                   eye_heads=6, eye_feed=768, name="random-small"),
    "smolvlm2-500m": Shape(layers=32, width=960, heads=15, kv_heads=5, feed=2560, rope=100_000.0,
                           vocabulary=49_280, eye_layers=12, eye_width=768, eye_heads=12,
                           eye_feed=3072, image=512, projector="idefics3", merge=4, longest=2048,
                           english=True, name="random-smolvlm2-500m"),
}  # fmt: skip


def alphabet() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte."""
    kept = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]  # fmt: skip
    others = [b for b in range(256) if b not in kept]
    signs = {b: chr(b) for b in kept}
    signs.update({b: chr(256 + i) for i, b in enumerate(others)})
    return signs


def words() -> list[tuple[str, str]]:
    """Give the merges by which each common English word becomes one token.

    It has a space before it, or a capital letter. Each token of a word is a letter longer than the
    last. Those with a space come first, so that none of the others is made within them.
    """
    space, listed = alphabet()[32], files("sightline.engines.embedded.languages") / "english.txt"
    plain = listed.read_text("utf-8").split()
    begun = [*map(str.capitalize, plain), "assistant", "user"]  # as the template writes them
    merges: dict[tuple[str, str], None] = {}
    for word in [*(space + word for word in plain), *begun]:
        merges |= {(word[:end], word[end]): None for end in range(1, len(word))}
    return list(merges)


def vocabulary(
    least: int, marks: Sequence[str] = (), hidden: Sequence[str] = (), *, english: bool = False
) -> tuple[list[str], list[int], list[str]]:
    """Give tokens, their types and merges: bytes, a few pairs, what templates and projectors need.

    A template's own tokens come after those that all have: `marks` are written in answers, `hidden`
    ones are not. Last, with `english`, come words.
    """
    sign = alphabet()
    tokens = [sign[b] for b in range(256)]
    line, space = sign[10], sign[32]
    pairs = [(line, line), *((a, b) for a, b in ("th", "he", "in", "er", "an", "re", "on", "at"))]
    pairs += [(space, c) for c in "taoiswcb"]
    merges = [f"{a} {b}" for a, b in pairs]
    tokens += [a + b for a, b in pairs]
    control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<fake_token_around_image>", "<global-img>",
               "<image>", "<|image_start|>", "<|image_end|>", "<|img_thumbnail|>"]  # fmt: skip
    control += [f"<row_{r}_col_{c}>" for r in range(1, 7) for c in range(1, 7)]
    control += [f"<|img_row_{r}_col_{c}|>" for r in range(1, 11) for c in range(1, 11)]
    types = [int(gguf.TokenType.NORMAL)] * len(tokens) + [int(gguf.TokenType.CONTROL)] * len(
        control
    )
    tokens += [*control, *marks, *hidden]
    types += [int(gguf.TokenType.USER_DEFINED)] * len(marks)
    types += [int(gguf.TokenType.CONTROL)] * len(hidden)
    if english:
        pairs = words()
        known = set(tokens)
        longer = [word for a, b in pairs if (word := a + b) not in known]
        tokens += longer
        types += [int(gguf.TokenType.NORMAL)] * len(longer)
        merges = [*(f"{a} {b}" for a, b in pairs), *merges]
    while len(tokens) < max(least, -(-len(tokens) // 64) * 64):
        tokens.append(f"{space}w{len(tokens)}")
        types.append(int(gguf.TokenType.NORMAL))
    return tokens, types, merges


class GgufFile:
    """A GGUF file that is being written, with random weights or trained ones."""

    def __init__(
        self, path: Path, kind: str, dtype: str, seed: int, trained: Mapping[str, Array] | None
    ) -> None:
        self.made = gguf.GGUFWriter(str(path), kind)
        self._trained = trained or {}
        self._quant, file_type = _TYPES[dtype]
        self.made.add_file_type(file_type)
        self._random = np.random.default_rng(seed)

    def add(self, name: str, values: Array, quant: Quant | None = None) -> None:
        if self._trained:
            if self._trained[name].shape != values.shape:
                raise ValueError(f"{name} is {self._trained[name].shape}, not {values.shape}")
            values = self._trained[name]
        quant = self._quant if quant is None else quant
        if values.ndim < 2 or values.shape[-1] % 32:
            quant = Quant.F32
        if quant == Quant.F32:
            self.made.add_tensor(name, np.ascontiguousarray(values, np.float32))
        else:
            self.made.add_tensor(name, gguf.quants.quantize(values, quant), raw_dtype=quant)

    def random(self, *shape: int, scale: float) -> Array:
        return self._random.standard_normal(shape, dtype=np.float32) * np.float32(scale)

    def linear(
        self, name: str, out: int, into: int, gain: float = 1.0, *, bias: bool = False
    ) -> None:
        self.add(f"{name}.weight", self.random(out, into, scale=gain / into**0.5))
        if bias:
            self.add(f"{name}.bias", np.zeros(out, np.float32))

    def norm(self, name: str, size: int, *, bias: bool = False) -> None:
        self.add(f"{name}.weight", np.ones(size, np.float32))
        if bias:
            self.add(f"{name}.bias", np.zeros(size, np.float32))

    def close(self) -> None:
        self.made.write_header_to_file()
        self.made.write_kv_data_to_file()
        self.made.write_tensors_to_file()
        self.made.close()


Words = tuple[list[str], list[int], list[str]]  # tokens, their types, merges


def write_text(
    shape: Shape,
    path: Path,
    dtype: str = "f32",
    seed: int = 1,
    trained: Mapping[str, Array] | None = None,
    words: Words | None = None,
) -> Path:
    """Write the text model, with weights and words of its own where there are such."""
    file, head = GgufFile(path, "llama", dtype, seed, trained), shape.width // shape.heads
    w = file.made
    w.add_name(shape.name)
    w.add_context_length(shape.context)
    w.add_embedding_length(shape.width)
    w.add_block_count(shape.layers)
    w.add_feed_forward_length(shape.feed)
    w.add_head_count(shape.heads)
    w.add_head_count_kv(shape.kv_heads)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_dimension_count(head)
    w.add_rope_freq_base(shape.rope)
    tokens = write_words(file, shape, "smollm", words)
    if shape.temperature is not None:
        w.add_sampling_temp(shape.temperature)
    file.add("token_embd.weight", file.random(tokens, shape.width, scale=0.02))
    file.norm("output_norm", shape.width)
    for i in range(shape.layers):
        block = f"blk.{i}."
        file.norm(block + "attn_norm", shape.width)
        file.linear(block + "attn_q", shape.heads * head, shape.width)
        file.linear(block + "attn_k", shape.kv_heads * head, shape.width)
        file.linear(block + "attn_v", shape.kv_heads * head, shape.width)
        file.linear(block + "attn_output", shape.width, shape.heads * head, 0.5)
        file.norm(block + "ffn_norm", shape.width)
        file.linear(block + "ffn_gate", shape.feed, shape.width)
        file.linear(block + "ffn_up", shape.feed, shape.width)
        file.linear(block + "ffn_down", shape.width, shape.feed, 0.5)
    file.close()
    return path


def write_words(file: GgufFile, shape: Shape, splits: str, words: Words | None = None) -> int:
    """Write the tokenizer and the template; give how many tokens there are.

    `splits` is llama.cpp's name for how texts are taken apart before pairs are merged.
    """
    tokens, types, merges = words or vocabulary(
        shape.vocabulary, shape.marks, shape.hidden, english=shape.english
    )
    w = file.made
    w.add_vocab_size(len(tokens))
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre(splits)
    w.add_token_list(tokens)
    w.add_token_types(types)
    w.add_token_merges(merges)
    w.add_bos_token_id(tokens.index("<|endoftext|>"))
    w.add_eos_token_id(tokens.index("<|im_end|>"))
    w.add_pad_token_id(tokens.index("<|endoftext|>"))
    w.add_add_bos_token(False)
    w.add_chat_template(shape.template)
    return len(tokens)


def write_eye(
    shape: Shape,
    path: Path,
    dtype: str = "f32",
    seed: int = 2,
    trained: Mapping[str, Array] | None = None,
) -> Path:
    """Write the vision half (mmproj), with weights of its own where there are such."""
    file, size = GgufFile(path, "clip", dtype, seed, trained), shape.eye_width
    w = file.made
    w.add_type(gguf.GGUFType.MMPROJ)
    w.add_name(f"{shape.name} vision")
    w.add_clip_has_vision_encoder(True)
    w.add_clip_projector_type(shape.projector)
    w.add_vision_projection_dim(shape.width)
    w.add_vision_image_size(shape.image)
    w.add_vision_patch_size(shape.patch)
    w.add_vision_embedding_length(size)
    w.add_vision_feed_forward_length(shape.eye_feed)
    w.add_vision_block_count(shape.eye_layers)
    w.add_vision_head_count(shape.eye_heads)
    w.add_vision_attention_layernorm_eps(1e-6)
    w.add_vision_image_mean([0.5, 0.5, 0.5])
    w.add_vision_image_std([0.5, 0.5, 0.5])
    w.add_vision_use_gelu(True)
    if shape.projector != "phi4":
        w.add_vision_projector_scale_factor(shape.merge)
    if shape.longest:
        w.add_vision_preproc_image_size(shape.longest)
    else:
        w.add_vision_min_pixels(shape.min_pixels)
        w.add_vision_max_pixels(shape.max_pixels)
    if shape.wants is not None:
        for level, pixels in zip(("low", "high"), shape.wants, strict=True):
            w.add_uint32(f"sightline.pixels.{level}", pixels)
    if shape.assist:
        w.add_bool("sightline.assist", True)
    places = (shape.image // shape.patch) ** 2
    patches = file.random(size, 3, shape.patch, shape.patch, scale=(3 * shape.patch**2) ** -0.5)
    file.add("v.patch_embd.weight", patches, Quant.F32)
    file.add("v.patch_embd.bias", np.zeros(size, np.float32))
    file.add("v.position_embd.weight", file.random(places, size, scale=0.02), Quant.F32)
    for i in range(shape.eye_layers):
        block = f"v.blk.{i}."
        file.norm(block + "ln1", size, bias=True)
        for name, gain in (("attn_q", 1.0), ("attn_k", 1.0), ("attn_v", 1.0), ("attn_out", 0.5)):
            file.linear(block + name, size, size, gain, bias=True)
        file.norm(block + "ln2", size, bias=True)
        file.linear(block + "ffn_up", shape.eye_feed, size, bias=True)
        file.linear(block + "ffn_down", size, shape.eye_feed, 0.5, bias=True)
    file.norm("v.post_ln", size, bias=True)
    merged = size * shape.merge**2
    if shape.projector == "idefics3":
        file.linear("mm.model.fc", shape.width, merged)
    elif shape.projector == "lfm2":
        file.norm("mm.input_norm", merged, bias=True)
        file.linear("mm.1", shape.width, merged, bias=True)
        file.linear("mm.2", shape.width, shape.width, bias=True)
    else:
        file.linear("mm.0", shape.width, size, bias=True)
        file.linear("mm.2", shape.width, shape.width, bias=True)
    file.close()
    return path


def write_ear(shape: Shape, path: Path, seed: int = 3) -> Path:
    """Write the half of a model that hears (mmproj): Whisper's encoder, put together by fours."""
    file, size, layers = GgufFile(path, "clip", "f32", seed, None), 64, 2
    w = file.made
    w.add_type(gguf.GGUFType.MMPROJ)
    w.add_clip_has_audio_encoder(True)
    w.add_clip_projector_type("ultravox")
    w.add_audio_projection_dim(shape.width)
    w.add_audio_embedding_length(size)
    w.add_audio_feed_forward_length(2 * size)
    w.add_audio_block_count(layers)
    w.add_audio_head_count(2)
    w.add_audio_attention_layernorm_eps(1e-5)
    w.add_audio_num_mel_bins(80)
    w.add_audio_stack_factor(4)
    for number, into in ((1, 80), (2, size)):
        file.add(f"a.conv1d.{number}.weight", file.random(size, into, 3, scale=0.05))
        file.add(f"a.conv1d.{number}.bias", np.zeros((size, 1), np.float32))
    file.add("a.position_embd.weight", file.random(1500, size, scale=0.05))
    for layer in range(layers):
        block = f"a.blk.{layer}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            file.linear(block + name, size, size, bias=name != "attn_k")
        file.linear(block + "ffn_up", 2 * size, size, bias=True)
        file.linear(block + "ffn_down", size, 2 * size, bias=True)
        file.norm(block + "ln1", size, bias=True)
        file.norm(block + "ln2", size, bias=True)
    file.norm("a.post_ln", size, bias=True)
    file.norm("mm.a.norm_pre", 4 * size)
    file.linear("mm.a.mlp.1", 4 * size, 4 * size)
    file.norm("mm.a.norm_mid", 2 * size)
    file.linear("mm.a.mlp.2", shape.width, 2 * size)
    file.close()
    return path


def write(folder: Path, shape: Shape, dtype: str = "f32") -> Path:
    """Write both halves into a folder; give the text model's path."""
    folder.mkdir(parents=True, exist_ok=True)
    write_eye(shape, folder / "mmproj.gguf", dtype)
    return write_text(shape, folder / "model.gguf", dtype)


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("folder", type=Path)
    made.add_argument("--preset", choices=tuple(PRESETS), default="tiny")
    made.add_argument("--dtype", choices=tuple(_TYPES), default="f32")
    made.add_argument("--projector", choices=("phi4", "lfm2", "idefics3"))
    options = made.parse_args()
    shape = PRESETS[options.preset]
    if options.projector:
        shape = replace(shape, projector=options.projector)
    path = write(options.folder, shape, options.dtype)
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
