"""`/v1/video/narrations`: a film in, a job to ask about, a narrated film out.

The film lies in a folder of this process alone, under a random name, until it is narrated; the
narrated one until it was fetched, or for an hour.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from sightline.api import checks
from sightline.api import narrations as wire
from sightline.api.fields import Given
from sightline.errors import (
    EngineBusy,
    EngineError,
    ImageError,
    InvalidRequest,
    RouteNotFound,
    SightlineError,
)
from sightline.hearing.film_speech import Listen
from sightline.jobs.ask import Asker
from sightline.jobs.narrate import (
    STYLE,
    NarrateCallbacks,
    Narrated,
    NarrateOptions,
    Subtitles,
    narrate,
    script_from,
    script_json,
)
from sightline.jobs.speak import Speaker
from sightline.pipeline import Pipeline
from sightline.server import forms
from sightline.server.admission import Admission
from sightline.server.auth import check_model, owner_of
from sightline.server.disk_quota import DiskQuota, DiskReservation, full
from sightline.server.stream import Stream, json_reply
from sightline.settings import Settings
from sightline.types import Sampling
from sightline.workers import cancel

log = logging.getLogger("sightline.server")
_WAITING = 8  # times as many jobs as are worked on may wait
_TIMES = 2  # a film and the narrated one
_MOST_FIELD, _MOST_FIELDS = 1_000_000, 12
_MOST_OVER = 1000  # jobs that are told of when they are over
_PIECE = 1 << 18


@dataclass(slots=True)
class _NarrationJob:
    id: str
    owner: str
    room: DiskReservation
    folder: Path
    model: str | None
    voice: str
    created: int
    expires: int = 0
    status: str = "queued"
    step: str = ""
    progress: int = 0
    error: SightlineError | None = None
    found: Narrated | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class NarrationsEndpoint:
    """Keeps the jobs, in memory, and works on `max_narrations` of them at once."""

    def __init__(
        self, pipeline: Pipeline, speaker: Speaker, settings: Settings, admission: Admission
    ) -> None:
        self._admission = admission
        self._pipeline, self._speaker, self._settings = pipeline, speaker, settings
        self.form = wire.form(settings.max_video_frames)
        self._jobs: dict[str, _NarrationJob] = {}
        self._gate = asyncio.Semaphore(settings.max_narrations)
        self._folder: Path | None = None
        self._receiving = 0
        most = settings.narrations_quota_bytes
        # Without keys clients may call themselves what they like.
        each = settings.narrations_key_quota_bytes if settings.needs_keys else most
        self._room = DiskQuota(most, each)

    async def close(self) -> None:
        """End the jobs, and take every film away."""
        await cancel(*(job.task for job in self._jobs.values()))
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def create(self, request: Request) -> Response:
        """Take a film and what is wanted; give the job."""
        self._admission.enter(request)
        self._sweep()
        open_jobs = sum(job.status in ("queued", "in_progress") for job in self._jobs.values())
        if open_jobs + self._receiving >= (_WAITING + 1) * self._settings.max_narrations:
            raise EngineBusy(
                "Too many films are waiting to be narrated.", hint="Try again in a minute."
            )
        settings = self._settings
        bounds = forms.UploadBounds(
            settings.max_video_bytes, _MOST_FIELDS, _MOST_FIELD, settings.body_timeout_s
        )
        owner = owner_of(request)
        # All that it may take is reserved before the first byte is read.
        size = min(forms.declared(request, bounds), settings.max_video_bytes)
        room = self._room.reserve(owner, _TIMES * size, "films")
        self._receiving += 1
        folder = None
        try:
            folder = await asyncio.to_thread(self._own_folder)
            given, size = await self._received(request, bounds, folder / "film")
            room.set(_TIMES * size)
            options = self._options(given, folder)
            model = given("model")
            if model is not None:
                check_model(request, self._pipeline.routing.find(model).id)
            await self._admission.ticket(request, model or "narration")
        except BaseException:
            if folder is not None:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            room.set(0)
            raise
        finally:
            self._receiving -= 1
        id = f"narration_{secrets.token_hex(12)}"
        job = _NarrationJob(id, owner, room, folder, model, options.voice, int(time.time()))
        self._jobs[id] = job
        job.task = asyncio.create_task(self._work(job, options))
        return json_reply(_told(job))

    def _own_folder(self) -> Path:
        """Make a folder for one job. Raises `EngineBusy`."""
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="sightline-"))
            folder = self._folder / secrets.token_hex(16)
            folder.mkdir(mode=0o700)
        except OSError:
            raise full("films") from None
        return folder

    async def show(self, request: Request) -> Response:
        """Tell how far a job is."""
        return json_reply(_told(self._found(request)))

    async def content(self, request: Request) -> Response:
        """Give the narrated film; once it is fetched whole, it is gone."""
        job = self._found(request)
        if job.status != "completed" or job.found is None:
            raise InvalidRequest(
                f"The narration is {job.status.replace('_', ' ')}, there is no film to fetch.",
                code="narration_not_ready",
                hint=f"GET /v1/video/narrations/{job.id} tells how far it is.",
            )
        if not job.found.files:
            raise InvalidRequest(
                "The narration is a script alone, there is no film to fetch.",
                code="narration_not_ready",
                hint="Its segments are the script; send them with the film to have it narrated.",
            )
        path = job.found.files[0]
        kind = "video/x-matroska" if path.suffix == ".mkv" else "video/mp4"
        size = (await asyncio.to_thread(path.stat)).st_size
        return Stream(self._film(job, path), kind, headers={"content-length": str(size)})

    async def delete(self, request: Request) -> Response:
        """End a job, and take its films away."""
        job = self._found(request)
        await cancel(job.task)
        await self._forget(job)
        del self._jobs[job.id]
        return json_reply({"id": job.id, "object": "video.narration.deleted", "deleted": True})

    async def _film(self, job: _NarrationJob, path: Path) -> AsyncGenerator[bytes]:
        with await asyncio.to_thread(path.open, "rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                yield piece
        job.status = "expired"
        await self._forget(job)

    def _found(self, request: Request) -> _NarrationJob:
        self._sweep()
        job = self._jobs.get(request.path_params["id"])
        if job is None or job.owner != owner_of(request):
            missing = RouteNotFound("There is no such narration.", hint="It may have expired.")
            missing.code = "not_found"
            raise missing
        return job

    async def _forget(self, job: _NarrationJob) -> None:
        await asyncio.to_thread(shutil.rmtree, job.folder, ignore_errors=True)
        job.room.set(0)

    def _sweep(self) -> None:
        """Drop the jobs that are long over; their films are gone already."""
        now = time.time() - self._settings.narration_keep_s
        for id in [id for id, job in self._jobs.items() if job.expires and job.expires < now]:
            del self._jobs[id]
        over = [id for id, job in self._jobs.items() if job.status in ("failed", "expired")]
        for id in over[: max(0, len(over) - _MOST_OVER)]:
            del self._jobs[id]

    async def _work(self, job: _NarrationJob, options: NarrateOptions) -> None:
        try:
            async with self._gate:
                job.status = "in_progress"

                def step(name: str, share: float) -> None:
                    job.step, job.progress = name, _progress(name, share)

                with self._admission.held.apart() as hold:
                    asker = Asker.within(self._pipeline, self._settings, job.model, hold)
                    callbacks, listener = NarrateCallbacks(step), self._pipeline.listener
                    job.found = await narrate(options, asker, self._speaker, callbacks, listener)
                await asyncio.to_thread((job.folder / "film").unlink, missing_ok=True)
                job.room.set(await asyncio.to_thread(_size, job.folder))
            job.status, job.progress = "completed", 100
        except SightlineError as error:
            job.status, job.error = "failed", error
        except Exception:  # the last resort of work that nobody waits for
            log.exception("a narration failed")
            job.status = "failed"
            job.error = EngineError("The server had an error while narrating the film.")
        finally:
            job.expires = math.ceil(time.time() + self._settings.narration_keep_s)
            del options  # it holds the script that was sent
            if job.status != "completed":
                await self._forget(job)
        if job.status != "completed":
            return
        try:
            await asyncio.sleep(self._settings.narration_keep_s)
            job.status = "expired"
        finally:
            await self._forget(job)

    async def _received(
        self, request: Request, bounds: forms.UploadBounds, path: Path
    ) -> tuple[Given, int]:
        """Read the form: the film into a file, and the fields; also give the film's bytes."""
        try:
            with await asyncio.to_thread(path.open, "wb+") as kept:
                async with forms.read_form(request, bounds, sink=kept) as form:
                    await asyncio.to_thread(kept.flush)
        except OSError:
            raise full("films") from None
        return wire.known(self.form, form.fields), form.size

    def _options(self, given: Given, folder: Path) -> NarrateOptions:
        settings = self._settings
        script = None
        if given.has("script"):
            try:
                told = checks.parse(given("script"))
            except InvalidRequest as error:
                said = error.message if error.param else "The script is not JSON."
                raise InvalidRequest(said, param="script", hint=error.hint) from None
            script = script_from(told)
        voice = given("voice")
        if voice is None:
            voice = "alloy"
        self._speaker.voice(voice)
        is_alone = given("script_only")
        if is_alone and script is not None:
            raise InvalidRequest(
                "A script is to be written, and there is one.",
                param="script_only",
                code="invalid_value",
                hint="Leave out script or script_only.",
            )
        subtitles, keep, speed = given("subtitles"), given("keep_audio"), given("speed")
        return NarrateOptions(
            folder / "film",
            None if is_alone else folder / "narrated.mp4",
            style=wire.cut(given, "style", STYLE),
            voice=voice,
            language=wire.cut(given, "language", "en"),
            speed=1.0 if speed is None else speed,
            keep_audio=True if keep is None else keep,
            listen=cast(Listen, given("listen") or "auto"),
            subtitles=cast(Subtitles, subtitles or "track"),
            script=script,
            force=True,
            sampling=Sampling(
                frames=int(given("frames") or 0) or None,
                most=settings.max_video_frames,
            ),
            threads=settings.worker_threads,
            cpu_s=10 * settings.video_decode_s,
        )


def _progress(name: str, share: float) -> int:
    steps = (
        "Listening to the film", "Looking at the film", "Writing the script", "Speaking",
        "Writing the film",
    )  # fmt: skip
    begins = (0, 5, 10, 50, 70, 100)
    place = steps.index(name) if name in steps else 0
    return min(99, int(begins[place] + share * (begins[place + 1] - begins[place])))


def _told(job: _NarrationJob) -> dict[str, Any]:
    found = job.found
    told: dict[str, Any] = {
        "id": job.id,
        "object": "video.narration",
        "created_at": job.created,
        "status": job.status,
        "step": job.step,
        "progress": job.progress,
        "model": job.model,
        "voice": job.voice,
        "expires_at": job.expires or None,
        "error": None,
    }
    if job.error is not None:
        # A path of ours is nobody's business.
        message = job.error.message.replace(str(job.folder / "film"), "film").replace(
            str(job.folder), ""
        )
        code = job.error.code if isinstance(job.error, ImageError) else job.error.type
        told["error"] = {"code": code, "message": message, "hint": job.error.hint}
    if found is not None:
        told["segments"] = json.loads(script_json(found.segments))["segments"]
        told["report"] = list(found.report)
        told["pictures_copied"] = found.copied
        told["usage"] = found.spent
    return told


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
