"""`sightline.ask` and `sightline.narrate`: for programs that want an answer and no server.

Questions are answered by one pipeline in the background, kept until the program ends, or by another
server through the official client.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from sightline.api import checks
from sightline.api.uploads import as_data_url, source
from sightline.errors import UsageError
from sightline.hearing.film_speech import Listen
from sightline.jobs import ask as asking
from sightline.jobs.ask import Asker
from sightline.jobs.narrate import STYLE, Narrated, NarrateOptions, Subtitles, script_from
from sightline.jobs.narrate import narrate as narrate_film
from sightline.jobs.speak import Speaker
from sightline.media.data_url import data_url
from sightline.pipeline import Pipeline
from sightline.settings import load
from sightline.types import Detail, ImageRef, Question, Sampling, Text

Names = str | Iterable[str]


def narrate(
    video: str | Path,
    output: str | Path,
    *,
    style: str = STYLE,
    voice: str = "alloy",
    language: str = "en",
    speed: float = 1.0,
    keep_audio: bool = True,
    listen: Listen = "auto",
    subtitles: Subtitles = "track",
    script: Mapping[str, Any] | None = None,
    also: Iterable[str] = (),
    force: bool = False,
    frames: int | None = None,
    model: str | None = None,
) -> Narrated:
    """Narrate a film: write a script for it, speak it, lay it over the film's sound.

    `script` is spoken in place of one that is written: `{"segments": [{"start_s": 0.0, "end_s":
    3.2, "text": "…"}]}`, in seconds. With `listen` "auto" it is heard in the pauses of what is said
    in the film, where something here hears that; "on" needs it to, "off" leaves it. `also` are
    "srt", "vtt", "json" and "mp3", written beside `output`. Raises `SightlineError`; `UsageError`
    for an output that cannot be.
    """
    path = Path(video)
    if not path.is_file():
        raise UsageError(f"There is no file {video}.", hint="Check its name.")
    options = NarrateOptions(
        path,
        Path(output),
        style=style,
        voice=voice,
        language=language,
        speed=speed,
        keep_audio=keep_audio,
        listen=listen,
        subtitles=subtitles,
        script=None if script is None else script_from(script),
        also=frozenset(also),
        force=force,
        sampling=Sampling(frames=frames),
    )
    return _Background.shared().narrate(options, model)


def ask(
    question: str,
    img_url: Names = (),
    img_b64: Names = (),
    *,
    img_path: Names | Path | Iterable[Path] = (),
    detail: Detail = "auto",
    model: str | None = None,
    max_tokens: int | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
) -> str:
    """Ask about pictures and return the answer.

    `img_url` are http(s) or data URLs, `img_b64` base64 with or without a data URL's prefix,
    `img_path` files; each is one or several, and the pictures are numbered in this order.
    With `base_url` another OpenAI-compatible server answers, with `model` there. Raises
    `SightlineError`: `ImageError` for a picture that cannot be had, `UpstreamError` where the
    server refuses.
    """
    checks.choice(detail, "detail", get_args(Detail))
    urls = [*_several(img_url), *map(as_data_url, _several(img_b64)), *map(_read, _paths(img_path))]
    refs = (
        ImageRef(source(url), f"messages[0].content[{place}].image_url.url", detail)
        for place, url in enumerate(urls, 1)
    )
    asked = asking.question(Text(question), *refs, max_tokens=max_tokens)
    if base_url is not None and model is None:
        raise UsageError("Name the model that is to answer there.", hint="For example gpt-4o.")
    return _Background.shared().answer(asked, model, base_url, api_key)


def _several(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _paths(paths: Names | Path | Iterable[Path]) -> list[Path]:
    return [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]


def _read(path: Path) -> str:
    try:
        return data_url(path.read_bytes())
    except OSError:
        raise UsageError(f"{path} cannot be read.", hint="Check its name.") from None


class _Background:
    """At most one pipeline, on an event loop of its own, for callers with a loop and without."""

    _one: _Background | None = None
    _lock = threading.Lock()

    def __init__(self) -> None:
        # One's own program may fetch from one's own network.
        self._settings = load({"allow_private_urls": True})
        self._pipeline: Pipeline | None = None
        self._speaker: Speaker | None = None
        self._starting = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="sightline", daemon=True
        )
        self._thread.start()
        atexit.register(self._close)

    @classmethod
    def shared(cls) -> _Background:
        """Give the one of this process, started when it is first needed."""
        with cls._lock:
            if cls._one is None:
                cls._one = cls()
            return cls._one

    def answer(
        self, asked: Question, model: str | None, base_url: str | None, api_key: str | None
    ) -> str:
        """Have a question answered here, by the configured engine, or by another server."""

        async def work() -> str:
            if base_url is None:
                return await (await self._here(model)).text(asked)
            asker = Asker(
                self._settings, base_url=base_url, api_key=api_key, model=model, retries=2
            )
            async with asker as there:
                return "".join([piece async for piece in there.pieces(asked, stream=False)])

        return str(self._run(work()))

    def narrate(self, options: NarrateOptions, model: str | None) -> Narrated:
        """Narrate a film, with the configured engine and voices."""

        async def work() -> Narrated:
            if self._speaker is None:
                self._speaker = Speaker(self._settings)
                self._speaker.voices.check()
            job = replace(options, threads=self._settings.worker_threads)
            pipeline = await self._running()
            asker = Asker.within(pipeline, self._settings, model)
            return await narrate_film(job, asker, self._speaker, listener=pipeline.listener)

        found: Narrated = self._run(work())
        return found

    async def _here(self, model: str | None) -> Asker:
        # All questions are this program's.
        return Asker.within(await self._running(), self._settings, model, owner="here")

    async def _running(self) -> Pipeline:
        async with self._starting:  # or two that ask first would start one each
            if self._pipeline is None:
                self._pipeline = await Pipeline(self._settings, ahead=True).__aenter__()
            return self._pipeline

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _close(self) -> None:
        atexit.unregister(self._close)
        if self._speaker is not None:
            self._run(self._speaker.close())
        if self._pipeline is not None:
            self._run(self._pipeline.__aexit__())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        if not self._thread.is_alive():
            self._loop.close()
