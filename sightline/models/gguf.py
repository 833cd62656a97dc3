"""What a GGUF file says of itself: its header, read without its weights and without llama.cpp.

The `gguf` package reads the same, but makes an object of every word of the vocabulary, which
takes seconds; here arrays are stepped over unless they are asked for. The format is described at
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 3, read 2026-11-21).
"""

from __future__ import annotations

import math
import mmap
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sightline.errors import ModelFileError

Scalar = int | float | bool | str
_MOST_ENTRIES = 100_000
_MOST_TEXT = 16 << 20
_MOST_LAYERS = 1024
_BATCH = 2048  # tokens that a layer with a window holds beside it, about
_ENDLESS = 1 << 40  # tokens
_STRING, _ARRAY = 8, 9
_SCALARS = {
    kind: struct.Struct(f"<{form}") for kind, form in enumerate("BbHhIif?  Qqd") if form != " "
}
# Elements and bytes of one block of each tensor type (ggml.h); types not listed are not measured.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 36), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip
# llama.cpp's names of file types (llama.h, enum llama_ftype).
_QUANTS = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M",
    30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 38: "MXFP4",
}  # fmt: skip
_CONTROL, _USER_DEFINED = 3, 4


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What stands before the weights. `bytes` is the file's size, `parameters` what it holds.

    Of a short array of numbers, as of one for each layer, `meta` has the first, and `lists` all
    where they are whole.
    """

    path: Path
    bytes: int
    meta: dict[str, Scalar]
    parameters: int
    lists: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def architecture(self) -> str:
        """The kind of network, in llama.cpp's words."""
        return str(self.meta.get("general.architecture", ""))

    @property
    def is_eye(self) -> bool:
        """Whether it is the vision half of a model (mmproj)."""
        return self.architecture == "clip"

    @property
    def quantisation(self) -> str:
        """How its weights are stored, by llama.cpp's name; empty where it does not say."""
        return _QUANTS.get(self._int("general.file_type", -1), "")

    @property
    def projector(self) -> str:
        """For a vision half: how pictures become tokens."""
        keys = ("clip.projector_type", "clip.vision.projector_type")
        return next((str(self.meta[key]) for key in keys if key in self.meta), "")

    @property
    def patches(self) -> int:
        """For a vision half: of how many patches a square picture of its own size consists."""
        patch = self._int("clip.vision.patch_size", 0)
        return (self._int("clip.vision.image_size", 0) // patch) ** 2 if patch else 0

    @property
    def template(self) -> str:
        """How conversations are written for the model, in Jinja; empty where it does not say."""
        return str(self.meta.get("tokenizer.chat_template", ""))

    @property
    def context(self) -> int:
        """The most tokens that the model was made for; 0 where it does not say."""
        return self._int(f"{self.architecture}.context_length", 0)

    @property
    def heads(self) -> int:
        """How many heads it holds that draft the tokens after the next."""
        return self._int(f"{self.architecture}.nextn_predict_layers", 0)

    @property
    def pieces(self) -> int:
        """Of how many files it is the first; 1 for most."""
        return max(1, self._int("split.count", 1))

    @property
    def pixels(self) -> tuple[int, int] | None:
        """For a vision half that says so: the most pixels it wants at low detail, and at high.

        `sightline.pixels.low` and `sightline.pixels.high` are keys of ours, for models that were
        trained on two sizes of pictures.
        """
        low, high = (self._int(f"sightline.pixels.{level}", 0) for level in ("low", "high"))
        return (low, high) if 0 < low <= high else None

    @property
    def assisted(self) -> bool:
        """For a vision half: whether the model was trained to be told what can be read.

        Told by `sightline.assist`, a key of ours.
        """
        return self.meta.get("sightline.assist") is True

    @property
    def cell(self) -> int:
        """For a vision half: how many pixels wide and high the square is that becomes one token."""
        merge = max(1, self._int("clip.vision.projector.scale_factor", 1))
        return max(1, self._int("clip.vision.patch_size", 1)) * merge

    def cache_bytes(self, tokens: int) -> int:
        """Say how much memory the keys and values of `tokens` tokens take, at 16 bits each.

        The file tells of layers that keep none, keep a window alone, or use another's.
        """
        return max(0, sum(each * min(tokens, held) for each, held in self._layers(tokens)))

    @property
    def state_bytes(self) -> int:
        """How much a copy takes of what the layers keep of a text that is no longer with it.

        Those of a window keep that, those without keys a state of one size; 0 where there are none.
        """
        layers = self._layers(_ENDLESS)
        windows = sum(each * (held - _BATCH) for each, held in layers if held < _ENDLESS)
        inner, size, kernel, groups = (
            self._int(f"{self.architecture}.ssm.{name}", 0)
            for name in ("inner_size", "state_size", "conv_kernel", "group_count")
        )
        one = 4 * (inner * size + (kernel - 1) * (inner + 2 * groups * size)) if inner else 0
        return max(0, windows + one * sum(not each for each, _ in layers))

    def _layers(self, tokens: int) -> list[tuple[int, int]]:
        """Give for each layer the bytes of a token's keys and values, and how many it keeps."""
        kind = self.architecture
        heads = self._int(f"{kind}.attention.head_count", 1) or 1
        groups = self._int(f"{kind}.attention.head_count_kv", heads) or heads
        width = self._int(f"{kind}.embedding_length", 0) // heads
        sizes = (self._int(f"{kind}.attention.{name}_length", width) for name in ("key", "value"))
        each, layers = 2 * sum(sizes), self._int(f"{kind}.block_count", 0)
        if layers > _MOST_LAYERS:  # of no model that there is
            return [(layers * groups * each, tokens)]
        own = self.lists.get(f"{kind}.attention.head_count_kv", ())
        slides = self.lists.get(f"{kind}.attention.sliding_window_pattern", ())
        window = self._int(f"{kind}.attention.sliding_window", tokens) + _BATCH
        every = max(1, self._int(f"{kind}.full_attention_interval", 1))
        made = []
        for layer in range(layers - self._int(f"{kind}.attention.shared_kv_layers", 0)):
            attends = (layer + 1) % every == 0 or layer >= layers - self.heads
            of_layer = own[layer] if layer < len(own) else groups
            held = window if layer < len(slides) and slides[layer] else tokens
            made.append((each * of_layer * attends, held))
        return made

    def _int(self, key: str, missing: int) -> int:
        value = self.meta.get(key)
        if isinstance(value, float) and not math.isfinite(value):
            return missing
        return int(value) if isinstance(value, int | float) else missing


@dataclass(frozen=True, slots=True)
class Control:
    """A token that steers a model when it stands in its prompt, as `<|im_start|>` does.

    `id` is its number in the vocabulary. A `hidden` one is never written into an answer's text.
    """

    text: str
    id: int
    hidden: bool


def read(path: Path) -> GgufHeader:
    """Read the header of a GGUF file.

    Raises `ModelFileError` for a file that is none, is cut short, or cannot be read.
    """
    with _opened(path) as cursor:
        tensors, entries = _beginning(cursor, path)
        meta: dict[str, Scalar] = {}
        lists: dict[str, tuple[int, ...]] = {}
        for _ in range(entries):
            key = cursor.text()
            value = cursor.value(cursor.scalar(4))
            if isinstance(value, tuple):
                if isinstance(value[0], int):
                    lists[key] = tuple(map(int, value))
                value = value[0]
            if value is not None:
                meta[key] = value
        parameters = _check_weights(cursor, path, meta, tensors)
        return GgufHeader(path, cursor.size, meta, parameters, lists)


def control_tokens(path: Path) -> tuple[Control, ...]:
    """Give the tokens that steer a model. Raises `ModelFileError`."""
    words: list[str] = []
    types: list[int] = []
    with _opened(path) as cursor:
        _, entries = _beginning(cursor, path)
        for _ in range(entries):
            key = cursor.text()
            kind = cursor.scalar(4)
            if key == "tokenizer.ggml.tokens":
                words = list(cursor.texts())
            elif key == "tokenizer.ggml.token_type":
                types = list(cursor.numbers())
            else:
                cursor.value(kind)
    found = []
    for id, (word, kind) in enumerate(zip(words, types, strict=False)):
        # User-defined tokens are often runs of blanks; those that steer are bracketed.
        bracketed = re.fullmatch(r"[<\[].+[>\]]", word, re.DOTALL)
        if word.strip() and (kind == _CONTROL or (kind == _USER_DEFINED and bracketed)):
            found.append(Control(word, id, kind == _CONTROL))
    return tuple(found)


def _beginning(cursor: _Cursor, path: Path) -> tuple[int, int]:
    if cursor.take(4) != b"GGUF":
        raise ModelFileError(
            f"{path.name} is not a GGUF model.",
            hint="llama.cpp takes GGUF files; `sightline models` lists some to pull.",
        )
    version = cursor.scalar(4)
    if version not in (2, 3):
        raise ModelFileError(f"{path.name} is a GGUF file of version {version}; 2 and 3 are read.")
    tensors, entries = cursor.scalar(10), cursor.scalar(10)
    if tensors > _MOST_ENTRIES or entries > _MOST_ENTRIES:
        raise _cut_short(path)
    return tensors, entries


def _check_weights(cursor: _Cursor, path: Path, meta: dict[str, Scalar], count: int) -> int:
    """Count the parameters, and see that the file is as long as its tensors say."""
    parameters = end = 0
    for _ in range(count):
        cursor.text()
        dimensions = [cursor.scalar(10) for _ in range(min(cursor.scalar(4), 8))]
        kind, offset = cursor.scalar(4), cursor.scalar(10)
        elements = math.prod(dimensions)
        parameters += elements
        if kind in _BLOCKS:
            block, size = _BLOCKS[kind]
            end = max(end, offset + elements // block * size)
    alignment = meta.get("general.alignment", 32)
    step = alignment if isinstance(alignment, int) and alignment > 0 else 32
    if count and -(-cursor.at // step) * step + end > cursor.size:
        raise _cut_short(path)
    return parameters


def _cut_short(path: Path) -> ModelFileError:
    return ModelFileError(
        f"{path.name} is cut short or damaged.", hint="Download it again: sightline pull NAME."
    )


@contextmanager
def _opened(path: Path) -> Iterator[_Cursor]:
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:  # an empty file cannot be mapped
        raise _cut_short(path) from None
    except OSError:
        raise ModelFileError(
            f"{path.name} cannot be read as a model.", hint="Check its name."
        ) from None
    with data:
        yield _Cursor(path, data)


class _Cursor:
    """Reads a mapped file from front to back."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self._path = path
        self._data = data
        self.at = 0
        self.size = len(data)

    def take(self, count: int) -> bytes:
        if count > self.size - self.at:
            raise _cut_short(self._path)
        taken = self._data[self.at : self.at + count]
        self.at += count
        return taken

    def scalar(self, kind: int) -> int:
        """Read a whole number of a kind."""
        form = _SCALARS[kind]
        return int(form.unpack(self.take(form.size))[0])

    def text(self) -> str:
        length = self.scalar(10)
        if length > _MOST_TEXT:
            raise _cut_short(self._path)
        return self.take(length).decode("utf-8", "replace")

    def value(self, kind: int) -> Scalar | tuple[Scalar, ...] | None:
        """Read a value; an array is stepped over, unless it is of a few numbers."""
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._array()
        if kind not in _SCALARS:
            raise _cut_short(self._path)
        form = _SCALARS[kind]
        value: Scalar = form.unpack(self.take(form.size))[0]
        return value

    def _array(self) -> tuple[Scalar, ...] | None:
        kind, count = self.scalar(4), self.scalar(10)
        if kind == _STRING:
            for _ in range(count):
                self.take(self.scalar(10))
            return None
        if kind not in _SCALARS:
            raise _cut_short(self._path)
        form = _SCALARS[kind]
        taken = self.take(count * form.size)
        if not 0 < count <= _MOST_LAYERS:
            return None
        return tuple(each[0] for each in form.iter_unpack(taken))

    def texts(self) -> Iterator[str]:
        """Read an array of texts."""
        kind, count = self.scalar(4), self.scalar(10)
        if kind != _STRING:
            raise _cut_short(self._path)
        return (self.text() for _ in range(count))

    def numbers(self) -> Iterator[int]:
        """Read an array of whole numbers."""
        kind, count = self.scalar(4), self.scalar(10)
        if kind not in _SCALARS:
            raise _cut_short(self._path)
        form = _SCALARS[kind]
        return (int(n[0]) for n in form.iter_unpack(self.take(count * form.size)))
