"""Open models that hear, through llama.cpp: it writes down what is said, and tells no times.

It runs in the same child process as models that see, which answers as a server of the API's form:
so what is asked of it is what another server is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from sightline import remote
from sightline.engines.llamacpp.child_process import Child
from sightline.errors import EngineError, InvalidRequest, ModelFileError, UsageError
from sightline.hearing.upstream import UpstreamHearingOptions, UpstreamTranscriber
from sightline.models.catalogue import catalogue
from sightline.models.store import Files, Store
from sightline.types.transcripts import Segment, Task

_CONTEXT = 4096
_LOAD_S = _ANSWER_S = 600.0
_SUGGESTED = "qwen3-asr-0.6b"
# Nobody speaks more tokens a second; a model that repeats itself is ended by them.
_TOKENS_A_SECOND, _TOKENS = 12, 64


class LlamaCppTranscriber(UpstreamTranscriber):
    """Has a stretch written down by a model in GGUF; one at a time."""

    name = "llamacpp"
    takes_any = False
    most_s = 30.0  # of which each is one segment, since no times are told
    tells_times = False

    def __init__(self, options: UpstreamHearingOptions) -> None:
        super().__init__(options)
        self._turn = asyncio.Lock()
        self._child: Child | None = None

    def models(self) -> tuple[str, ...]:
        """Name the one of --hearing-model, or those that were pulled, the first of which hears."""
        if self._options.hearing_model:
            return (self._options.hearing_model,)
        held = Store(self._options.models_folder).locked()
        return tuple(n for n in held if (e := catalogue().known(n)) and "hearing" in e.tasks)

    def check(self) -> None:
        """See that a model is there, whole. Raises `UsageError`."""
        try:
            self._found()
        except ModelFileError as error:
            raise UsageError(error.message, hint=error.hint) from None

    def _found(self) -> Files:
        here = self.models()
        if not here:
            raise ModelFileError(
                "No model that hears through llama.cpp is installed.",
                hint=f"Type: sightline pull {_SUGGESTED}",
            )
        files = Store(self._options.models_folder).find(here[0])
        files.verify()
        return files

    async def transcribe(self, samples: bytes, model: str, task: Task) -> AsyncGenerator[Segment]:
        """Listen to a stretch."""
        if task.translate:
            raise InvalidRequest(
                "The model that hears writes down what is said, and translates nothing.",
                hint="--hearing whisper does.",
            )
        async with self._turn:
            try:
                await self._ready()
                async with aclosing(super().transcribe(samples, model, task)) as segments:
                    async for segment in segments:
                        yield segment
            except EngineError:
                await self._end()  # whatever is wrong, the next begins anew
                raise

    def _asked(self, model: str, task: Task, seconds: float) -> dict[str, Any]:
        """Write what is asked: an answer as long as that many seconds may be."""
        asked = super()._asked(model, replace(task, detection=Task().detection), seconds)
        most = int(seconds * _TOKENS_A_SECOND) + _TOKENS
        return {**asked, "extra_body": {"max_tokens": most}}

    async def _ready(self) -> None:
        """Start the process with the model, unless it runs. Raises `EngineError`."""
        if self._child is not None:
            return
        files = await asyncio.to_thread(self._found)
        try:
            async with asyncio.timeout(_LOAD_S):
                child = await Child.start(self._flags(files), [], {})
        except TimeoutError:
            raise EngineError("The model to hear with does not finish loading.") from None
        self._child = child
        self._client = remote.client(
            child.base_url, child.key, timeout=_ANSWER_S, max_retries=0, http_client=child.http
        )

    def _flags(self, files: Files) -> dict[str, Any]:
        threads = self._options.worker_threads
        return {
            "model.path": str(files.text),
            "mmproj.path": str(files.eye),
            "n_parallel": 1,
            "n_ctx": _CONTEXT,
            "cpuparams.n_threads": threads,
            "cpuparams_batch.n_threads": threads,
            "cache_ram_mib": 0,
            "fit_params": False,
            "endpoint_slots": False,
            "endpoint_props": False,
            "ui": False,
            "port": 0,
            "verbosity": 1,
        }

    async def close(self) -> None:
        """End the process."""
        await self._end()

    async def _end(self) -> None:
        child, self._child, self._client = self._child, None, None
        if child is not None:
            await child.stop()
