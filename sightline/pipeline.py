"""`measure` → `decode` → `answer`: what a question costs, its pixels, an engine's answer.

Between the first two whoever serves others admits it, or does not. The server, the command line and
the Python API all go through `Pipeline`; none of them knows an engine or a decoder.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
import threading
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, aclosing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sightline import telemetry
from sightline.api import checks, notes, reply
from sightline.engines.assist import Assistant
from sightline.engines.engine import Capabilities
from sightline.engines.model_pool import ModelPool
from sightline.engines.routing import Route, Routing
from sightline.errors import CaptchaRefused, InvalidRequest, SightlineError
from sightline.hearing.film_speech import hearer
from sightline.hearing.listen import SpeechListener
from sightline.media.documents import Documents
from sightline.media.films import Films
from sightline.media.prepare import Fetched, FilmGuard, Preparer
from sightline.media.request_limits import check_parts
from sightline.redaction.paint_over import Redactor
from sightline.redaction.rules import wanted
from sightline.settings import Settings
from sightline.types import (
    Choice,
    Decided,
    Delta,
    Hold,
    Part,
    Picture,
    Question,
    TokenLogprob,
    ToolCall,
    Usage,
    Used,
    unheld,
)
from sightline.workers import Workers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sightline.perception.captcha import CaptchaDetector

log = logging.getLogger("sightline.pictures")

Count = Callable[[], Awaitable[int]]
# One message costs 3 tokens and its role 1; the reply is primed with 3 (observed usage).
_PER_MESSAGE, _PRIMING = 4, 3


@dataclass(frozen=True, slots=True)
class Measured:
    """A question whose sizes are known: its pictures are bytes, with how each is to be seen.

    `count` counts the prompt's tokens; it holds none of the pictures.
    """

    question: Question
    fetched: list[Fetched]
    route: Route
    count: Count


class Pipeline:
    """The engines with what they need around them. Use as an async context manager.

    `ahead` starts what decodes before the engines are imported: for who enters it at once.
    """

    def __init__(self, settings: Settings, *, ahead: bool = False) -> None:
        self._settings = settings
        self._workers = Workers(settings.worker_threads)
        self._preparer = Preparer(settings, self._workers)
        if ahead:
            self._preparer.warm()
        try:
            self._films = Films(settings)
            self.listener = SpeechListener(settings)
            self._hear = hearer(self.listener, settings)
            self._documents = Documents(settings)
            self.routing = Routing(settings, self._workers)
        except BaseException:
            self._preparer.cool()
            raise
        self._guard = _CaptchaGuard() if settings.refuse_captchas else None
        self._assistant = Assistant(self._workers, settings.worker_threads)
        self._redactor = Redactor(self._workers, settings.worker_threads)
        told = (settings.redact, *(own.redact for _, own in settings.routes))
        self._redacted = {text: wanted(text) for text in told}
        self._secret = secrets.token_bytes(32)

    async def __aenter__(self) -> Pipeline:
        """Start loading the engines in the background."""
        self.routing.start()
        self._preparer.warm()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the engines, the workers and the connections."""
        self._workers.close()
        async with AsyncExitStack() as stack:  # the last is closed first, and each whatever happens
            for part in (self._documents, self.listener, self._films, self._preparer, self.routing):
                stack.push_async_callback(part.close)

    def owner(self, key: str) -> str:
        """Give the text that tells a client apart, from its key; it does not outlive the process.

        The key cannot be found from it.
        """
        return hmac.new(self._secret, key.encode(), hashlib.sha256).hexdigest()

    def counts(self) -> dict[str, int]:
        """Say how much is going on: work running or waiting for a thread, and models loaded."""
        return {"working": self._workers.busy, "loaded_models": self.routing.memory.models}

    async def measure(self, question: Question, hold: Hold = unheld) -> Measured:
        """Find out what a question costs; all that can be refused without its pixels is.

        Documents are drawn, pictures fetched and their headers read. A film's frames are chosen
        while it is decoded: they come with its measure. `hold` is told of every byte that is held.
        """
        with _refusals_logged():
            route = self.routing.route(question.model)
            can = (await route.served.known()).capabilities
            _check_asked(question, can)
            await self._take(question.pictures, hold)
            question, fetched = await self._fetched(question, can, hold)
            if question.videos:
                with telemetry.stage("film"):
                    question = await self._films.expand(
                        question, self._guard, survey=can.surveys, hear=self._hear, hold=hold
                    )
            fetched = await self._fitting(route.served, question, fetched)
            count = _counting(route.served, question, fetched)
            return Measured(question, fetched, route, count)

    async def decode(self, measured: Measured, hold: Hold = unheld) -> Question:
        """Make pixels of what was measured, and let go of its bytes; give what an engine takes.

        Raises `ImageError` for a picture that cannot be decoded, `CaptchaRefused` among them.
        """
        route, fetched = measured.route, measured.fetched
        can = (await route.served.known()).capabilities
        form = can.views if self._settings.views == "auto" else self._settings.views
        local = route.served.engine.local
        covered = None if local else self._redacted.get(route.settings.redact)
        assists = route.settings.assist or can.assist
        hold(_pixel_bytes(fetched, tiles=form == "tiles"))
        with _refusals_logged(), telemetry.stage("decode"):
            question = await self._preparer.decode(
                measured.question,
                fetched,
                tiles=form == "tiles",
                labels=not can.interleaves,
                guard=self._guard,
                files=frozenset() if covered or assists or form == "tiles" else can.files,
            )
        hold(-sum(len(item.encoded.data) for item in fetched))
        fetched.clear()
        hold(sum(_file_bytes(picture) for picture in question.pictures))
        if covered:
            with telemetry.stage("redact"):
                question = await self._redactor.cover(question, covered)
        if not assists:
            return question
        with telemetry.stage("assist"):
            # A model that wants to be told what is read was trained on a form of its own.
            return await self._assistant.assist(question, marked=not can.assist)

    async def prepare(self, question: Question, hold: Hold = unheld) -> Question:
        """Measure and decode, for those who admit everything."""
        return await self.decode(await self.measure(question, hold), hold)

    async def _take(self, frames: Sequence[Picture], hold: Hold) -> None:
        """Hold a film's frames that were decoded elsewhere, and look at them as at those here."""
        guard = FilmGuard(self._guard)
        for frame in frames:
            hold(frame.pixels.nbytes)
            if self._guard is not None:
                await asyncio.to_thread(guard.look, frame.pixels, frame.param)
        guard.settle()

    async def _fetched(
        self, question: Question, can: Capabilities, hold: Hold, measured: bool = False
    ) -> tuple[Question, list[Fetched]]:
        check_parts(question, self._settings)
        if question.files:
            with telemetry.stage("document"):
                as_is = {"drawn": can.surveys, "measured": measured}
                question = await self._documents.expand(question, hold, **as_is)
        with telemetry.stage("fetch"):
            return question, await self._preparer.fetch(question, hold)

    async def cost(self, question: Question, hold: Hold = unheld) -> Usage:
        """Count what a question would cost, without decoding a picture or asking the engine."""
        served = self.routing.route(question.model).served
        can = (await served.known()).capabilities
        question, fetched = await self._fetched(question, can, hold, measured=True)
        viewed = await self._films.measure(question, hold)
        images = sum(item.sight.tokens for item in fetched) + sum(v.tokens for v in viewed)
        return Usage(
            await _text_tokens(served, question) + images,
            0,
            image_tokens=images,
            engine=served.engine.name,
            seen=tuple(item.seen for item in fetched),
            viewed=viewed,
        )

    async def pages(self, asked: Question, chosen: Sequence[int], hold: Hold) -> tuple[Part, ...]:
        """Draw a question's document, or the pages chosen; give a note and a picture for each."""
        if chosen:
            return await self._documents.chosen(asked.files[0], chosen, hold)
        return (await self._documents.expand(asked, hold)).messages[0].parts

    async def _fitting(
        self, served: ModelPool, question: Question, fetched: list[Fetched]
    ) -> list[Fetched]:
        """Check that the question fits the model's context, or make it fit where that is allowed.

        Detail is lowered for the costliest pictures first, as few as it takes.
        """
        model = self.routing.find(question.model)
        room = model.context - (question.max_tokens or 0)
        # Counting may ask another process; few questions are near enough to the limit to need it.
        # An engine that starts again is waited for by it, while a refusal is still one; a model
        # that loads is waited for by the answer, whose stream shows that it goes on.
        most = _most_text_tokens(question) + _seen_tokens(question, fetched)
        if most <= room and (served.engine.ready or not served.is_loaded):
            return fetched
        total = await _counting(served, question, fetched)()
        if total > room and self._settings.lower_detail:
            dearest = sorted(range(len(fetched)), key=lambda i: -fetched[i].sight.tokens)
            for i in dearest:
                low = fetched[i].at(question.profile, "low")
                if total <= room or low.sight.tokens >= fetched[i].sight.tokens:
                    continue
                total -= fetched[i].sight.tokens - low.sight.tokens
                fetched[i] = low
        if total <= room:
            return fetched
        message = f"This model's maximum context length is {model.context} tokens. However, "
        if total > model.context:
            message += f"your messages resulted in {total} tokens. "
            message += "Please reduce the length of the messages."
        else:
            message += (
                f"you requested {total + (question.max_tokens or 0)} tokens ({total} in the "
                f"messages, {question.max_tokens} in the completion). Please reduce the length of "
                "the messages or completion."
            )
        raise InvalidRequest(
            message,
            param="input" if question.decide else "messages",
            code="context_length_exceeded",
            hint="Send fewer pictures or with detail low; sightline tokens tells what each costs."
            if fetched
            else "",
        )

    async def answer(self, question: Question) -> AsyncGenerator[Delta]:
        """Answer a prepared question. Closing the iterator cancels the work."""
        async with (
            self.routing.route(question.model).served.using() as engine,
            aclosing(engine.answer(question)) as deltas,
        ):
            async for delta in deltas:
                yield delta

    async def decide(self, question: Question) -> Decided:
        """Decide what a prepared question asks. Raises what the engine raises."""
        async with self.routing.route(question.model).served.using() as engine:
            with telemetry.stage("decide"):
                return await engine.decide(question)

    async def relay(self, model: str, path: str, body: Mapping[str, Any]) -> Any:
        """Have a request that is no question answered by what is behind a model.

        Raises `RouteNotFound` where nothing is.
        """
        async with self.routing.route(model).served.using() as engine:
            return await engine.relay(path, body)

    async def usage(
        self, question: Question, completion_tokens: int, used: Used | None = None
    ) -> Usage:
        """Count a prepared question's tokens: text by the engine, pictures by the API's formula."""
        served = self.routing.route(question.model).served
        images = sum(picture.sight.tokens for picture in question.pictures)
        films = {viewed.param for viewed in question.viewed}
        if used is not None and used.completion_tokens is not None:
            completion_tokens = used.completion_tokens
        return Usage(
            await _text_tokens(served, question) + images,
            completion_tokens,
            image_tokens=images,
            cached_tokens=0 if used is None else used.cached_tokens,
            reasoning_tokens=0 if used is None else used.reasoning_tokens,
            engine=served.engine.name,
            used=used,
            seen=tuple(p.seen for p in question.pictures if p.param not in films),
            viewed=question.viewed,
            redacted=question.redacted,
        )


def _counting(served: ModelPool, question: Question, fetched: Sequence[Fetched]) -> Count:
    """Give what counts a question's tokens; it holds none of its pictures."""
    texts = notes.texts(question)
    others = _framing_tokens(question) + _seen_tokens(question, fetched)

    async def count() -> int:
        async with served.using() as engine:
            return others + await engine.count(texts)

    return count


def _pixel_bytes(fetched: Sequence[Fetched], *, tiles: bool) -> int:
    """Give what pictures will take once they are pixels; tiles are cut out of the whole."""
    pixels = sum(item.sight.width * item.sight.height for item in fetched)
    return 3 * pixels * (2 if tiles else 1)


def _file_bytes(picture: Picture) -> int:
    """Give how much more than its pixels a picture takes that stayed a file: mostly, less."""
    file, pixels = picture.file, picture.width * picture.height
    return 0 if file is None else len(file.base64) - 3 * pixels


def _seen_tokens(question: Question, fetched: Sequence[Fetched]) -> int:
    there = sum(picture.sight.tokens for picture in question.pictures)
    return there + sum(item.sight.tokens for item in fetched)


def _most_text_tokens(question: Question) -> int:
    # No tokenizer makes more of a text than one token of each byte, of which a sign has at most 4.
    signs = sum(len(text) + 1 for text in notes.texts(question))
    return _framing_tokens(question) + 4 * signs


async def _text_tokens(served: ModelPool, question: Question) -> int:
    async with served.using() as engine:
        return _framing_tokens(question) + await engine.count(notes.texts(question))


def _framing_tokens(question: Question) -> int:
    return _PRIMING + _PER_MESSAGE * len(question.messages)


def _check_asked(question: Question, can: Capabilities) -> None:
    """See that an engine can do what is asked of it. Raises `InvalidRequest`."""
    for field in _asked(question):
        if field in can.lacks:
            raise checks.unsupported(field)
    if (question.include or question.narrate) and not can.surveys:
        raise InvalidRequest(
            "Unsupported parameter: 'sightline' is not supported with this model.",
            param="sightline",
            code="unsupported_parameter",
            hint="It is for the embedded engine; this model's engine only answers.",
        )
    if question.decide and not can.decides:
        raise InvalidRequest(
            "Unsupported: decisions are not supported with this model.",
            param="model",
            code="unsupported_model",
            hint="Its engine does not tell how likely its answers are; docs/decisions.md says "
            "which do.",
        )


# What the API does where nothing is said: it asks for nothing.
_UNASKED: Mapping[str, tuple[str, ...]] = {
    "service_tier": ("auto", "default"),
    "verbosity": ("medium",),
    "prompt_cache_retention": ("in_memory",),
}


def _asked(question: Question) -> Iterator[str]:
    """Name the fields of the request that not every engine can honour."""
    asked = {
        "response_format": question.json is not None,
        "tools": bool(question.tools),
        "tool_choice": question.call is not None,
        "temperature": question.temperature is not None,
        "top_p": question.top_p is not None,
        "seed": question.seed is not None,
        "presence_penalty": question.presence_penalty is not None,
        "frequency_penalty": question.frequency_penalty is not None,
        "logit_bias": bool(question.logit_bias),
        "top_logprobs": question.top_logprobs > 0,
        "logprobs": question.logprobs,
        "stop": bool(question.stop),
        "reasoning_effort": question.effort is not None,
        **{name: value not in _UNASKED.get(name, ()) for name, value in question.platform.items()},
    }
    return (name for name, is_asked in asked.items() if is_asked)


class _CaptchaGuard:
    """Refuses CAPTCHAs; the network is loaded with the first picture, on a worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._detector: CaptchaDetector | None = None

    def __call__(self, pixels: NDArray[np.uint8], param: str) -> None:
        with self._lock:
            if self._detector is None:
                from sightline.perception.captcha import CaptchaDetector

                self._detector = CaptchaDetector()
        if self._detector.is_captcha(pixels):
            raise CaptchaRefused(
                "Your input image may contain content that is not allowed by our safety system.",
                param=param,
                hint="The rule against CAPTCHAs (refuse_captchas) took it for one; the API "
                "refuses those too. The operator can turn the rule off with --no-refuse-captchas.",
            )


@contextmanager
def _refusals_logged() -> Iterator[None]:
    """Log which rule refused what: its place in the request, never what it shows.

    Around a whole question, where a film has been judged as one: a frame alone refuses nothing.
    """
    try:
        yield
    except CaptchaRefused as error:
        request = telemetry.current()
        fields = {"rule": "refuse_captchas", "param": error.param}
        if request is not None:
            fields["request_id"] = request.id
        log.info(
            "refused %s by the rule refuse_captchas", error.param or "a picture",
            extra={"fields": fields},
        )  # fmt: skip
        raise


async def collect(answer: AsyncGenerator[Delta]) -> tuple[Choice, int, Used | None]:
    """Put an answer together; also give its tokens and what its prompt cost the engine.

    Raises what the engine raises.
    """
    heard = []
    async with aclosing(answer) as deltas:
        async for delta in deltas:
            heard.append(delta)
            if delta.finish is not None:
                break
    return put_together(heard)


def put_together(deltas: Iterable[Delta]) -> tuple[Choice, int, Used | None]:
    """Put an answer together of all its deltas, as `collect` does."""
    text, refusal, thought, tokens = [], [], [], 0
    calls: dict[int, tuple[str, list[str]]] = {}
    logprobs: list[TokenLogprob] = []
    for delta in deltas:
        text.append(delta.text)
        refusal.append(delta.refusal)
        thought.append(delta.thought)
        tokens += delta.tokens
        logprobs += delta.logprobs
        if delta.tool is not None:
            calls[delta.call] = (delta.tool, [])
        if delta.arguments:
            calls[delta.call][1].append(delta.arguments)
        if delta.finish is not None:
            made = tuple(ToolCall(reply.call_id(), n, "".join(a)) for n, a in calls.values())
            said, refused = "".join(text), "".join(refusal) or None
            choice = Choice(said, delta.finish, refused, made, tuple(logprobs), "".join(thought))
            return choice, tokens, delta.used
    raise SightlineError("The engine ended its answer without saying why.")
