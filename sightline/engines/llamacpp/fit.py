"""How a model is run on this machine: threads, slots, context, batches, from its files and memory.

The rules come from measurements that `bench/engine.py` repeats.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import NamedTuple

from sightline.engines.llamacpp import gpu, projectors
from sightline.engines.llamacpp.options import LlamaOptions
from sightline.engines.model_pool import GIB, KEPT_FREE, available_memory
from sightline.errors import UsageError
from sightline.models.catalogue import Entry
from sightline.models.gguf import GgufHeader
from sightline.settings import MIB

# Below this, threads wait for each other longer than they compute.
_SMALL = 50_000_000
_LEAST_CONTEXT, _USUAL_CONTEXT = 2048, 8192
_MOST_SLOTS = 4
# A conversation's next turn begins at one of the last two.
_LEAST_CHECKPOINTS, _MOST_CHECKPOINTS = 2, 32
_WORKING = 300 * MIB  # llama.cpp's buffers beside weights and cache, as measured at 500 M


@dataclass(frozen=True, slots=True)
class Plan:
    """How one process runs the model.

    `context` is in tokens for each slot; a picture has `least_image_tokens` to `image_tokens`, of
    which the former is 0 where that is left to llama.cpp. Of a conversation `checkpoints` are kept
    by models that cannot go back in it otherwise.
    """

    threads: int
    batch_threads: int
    slots: int
    context: int
    least_image_tokens: int
    image_tokens: int
    micro_batch: int
    replicas: int
    checkpoints: int
    memory: int
    """Bytes that one process will take, about."""


def cores() -> int:
    """Say how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Machine(NamedTuple):
    """What models are chosen by: bytes of memory that are free, cores, free bytes of a GPU."""

    memory: int
    cores: int
    gpu: int


def machine() -> Machine:
    """Say what this machine has for a model."""
    return Machine(available_memory(), cores(), gpu.free_memory())


def _threads(told: int, replicas: int, *, small: bool) -> tuple[int, int]:
    """Give the threads that write, and those that read prompts and look at pictures.

    llama.cpp's threads wait for each other by spinning: more of them than cores, of all processes
    together, and a neighbour's work makes them stand still most of the time.
    """
    if told:
        return told, told
    if small:
        return 1, 1
    if replicas > 1:
        share = max(1, cores() // replicas)
        return share, share
    return max(1, cores() - 1), cores()


def plan(
    options: LlamaOptions,
    text: GgufHeader,
    eye: GgufHeader,
    entry: Entry | None = None,
    drafts: GgufHeader | None = None,
) -> Plan:
    """Fit a model into this machine; `entry` is the catalogue's of it, where it has one.

    `drafts` is what drafts for it. Each slot takes the cache of both.

    Raises `UsageError` where the memory is too little.
    """
    least, image_tokens = _image_tokens(options, projectors.tokens(eye, entry))
    most = text.context or _USUAL_CONTEXT
    context = min(options.context or min(_USUAL_CONTEXT, most), most)
    writers = [text] if drafts is None or drafts is text else [text, drafts]
    weights = eye.bytes + sum(each.bytes for each in writers)

    def cache_bytes(tokens: int) -> int:
        return sum(each.cache_bytes(tokens) for each in writers)

    fixed = weights + _WORKING + options.cache_mib * MIB * (not options.zero_retention)
    memory = options.max_models_bytes or int(available_memory() * (1 - KEPT_FREE))
    room = memory - fixed
    slots = options.slots or _MOST_SLOTS
    if not options.slots:
        while slots > 1 and cache_bytes(context) * slots > room:
            slots -= 1
    if not options.context:
        while context > _LEAST_CONTEXT and cache_bytes(context) * slots > room:
            context //= 2
    cache = cache_bytes(context) * slots
    if cache > room:
        raise UsageError(
            f"The model needs about {(fixed + cache) / GIB:.1f} GiB of memory; "
            f"it may take {memory / GIB:.1f} GiB.",
            hint="Choose a smaller model or quantisation, or lower --context and --slots.",
        )

    def of_each(replicas: int) -> int:
        return slots if options.slots else -(-slots // replicas)

    replicas = options.replicas
    if not replicas:
        both = 2 * (fixed + cache_bytes(context) * of_each(2))
        replicas = 2 if cores() > 1 and both < memory else 1
    slots = of_each(replicas)  # by several processes the same number is worked on at once
    copies = _checkpoints(options, text.state_bytes * slots)
    taken = fixed + cache_bytes(context) * slots + text.state_bytes * slots * (1 + copies)
    small = text.parameters + eye.parameters < _SMALL
    threads, batch = _threads(options.engine_threads, replicas, small=small)
    # All tokens of one picture must fit one micro-batch: some models abort otherwise.
    micro = 512
    while micro < max(image_tokens, eye.patches) and micro < 4096:
        micro *= 2
    return Plan(threads, batch, slots, context, least, image_tokens, micro, replicas, copies, taken)


def _checkpoints(options: LlamaOptions, size: int) -> int:
    """Say how many copies of what all slots hold of their texts' states may be kept.

    llama.cpp would keep 32 of each slot, of a model of 9 billion parameters a gigabyte and more.
    """
    if options.zero_retention:
        return 0
    room = options.cache_mib * MIB // size if size else _MOST_CHECKPOINTS
    return min(max(room, _LEAST_CHECKPOINTS), _MOST_CHECKPOINTS)


def _image_tokens(options: LlamaOptions, suits: projectors.Tokens) -> tuple[int, int]:
    """Give the fewest and the most tokens of a picture. Raises `UsageError`."""
    if suits.most and options.image_tokens > suits.most:
        raise UsageError(
            f"The model takes at most {suits.most} tokens of one picture, not "
            f"{options.image_tokens}.",
            hint="Lower --image-tokens.",
        )
    most = options.image_tokens or max(suits.usual, options.image_min_tokens)
    least = options.image_min_tokens or min(suits.least, most)
    if least > most:
        raise UsageError(
            f"A picture cannot have at least {least} and at most {most} tokens.",
            hint="Lower --image-min-tokens.",
        )
    return least, most
