"""Open models behind the engine seam: what is asked of a child process, and what it answers."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from sightline import telemetry
from sightline.api import notes, outgoing
from sightline.engines import grounding, letter_choices, schemas
from sightline.engines.engine import Capabilities, Engine, EngineOptions
from sightline.engines.llamacpp import calls, drafting, fit, grammar, thinking
from sightline.engines.llamacpp.child_process import Child
from sightline.engines.llamacpp.options import LlamaOptions
from sightline.engines.llamacpp.pool import Lease, Pool
from sightline.engines.llamacpp.prompt import PPM, Prompting, Sizes, control_pattern
from sightline.engines.upstream_client import ChatClient, Late, Unreachable
from sightline.errors import EngineBusy, EngineError, InvalidRequest, UsageError
from sightline.media.data_url import data_url
from sightline.models import gguf
from sightline.models.catalogue import Entry, catalogue
from sightline.models.store import Files, Store
from sightline.types import Decided, Delta, Effort, Question
from sightline.workers import AT_ONCE, Workers

log = logging.getLogger("sightline.llamacpp")

# It tells as many alternatives of a token as are wanted, so that each letter is among them; a model
# here is taken at its word, as if it could say nothing but one of them.
_LETTERS = letter_choices.LetterReader(tops=1000, least=0.0)
_WORDS = "?"  # what a user says to see how a template writes it
# A grey picture of 64 pixels a side in PPM, to warm the eye up with.
_WARM_UP_PIXELS = b"P6\n64 64\n255\n" + b"\x80" * (3 * 64 * 64)


class LlamaCpp(Engine):
    """Answers with an open model through llama.cpp."""

    name = "llamacpp"
    options_class = LlamaOptions
    exclusive = True
    local = True

    def __init__(self, options: LlamaOptions, workers: Workers) -> None:
        self._options = options
        self._workers = workers
        self._files: Files | None = None
        self._plan: fit.Plan | None = None
        self._text: gguf.GgufHeader | None = None
        self._eye: gguf.GgufHeader | None = None
        self._entry: Entry | None = None
        self._grounding: grounding.Grounding | None = None
        self._drafting: Mapping[str, Any] = {}
        self._pool: Pool | None = None
        self._prompting: Prompting | None = None
        self.serves = (_public_name(options.model),) if options.model else ()

    @classmethod
    def models(cls, options: EngineOptions) -> tuple[str, ...]:
        """Name those of --model, or all that were pulled, the one to be used first."""
        if options.model:
            one = Path(options.model).expanduser().is_file()
            named = [options.model] if one else options.model.split(",")
            return tuple(dict.fromkeys(filter(None, map(str.strip, named)))) or ("",)
        store = Store(options.models_folder)
        here = [name for name, locked in store.locked().items() if locked.eye and _sees(name)]
        usual = store.used if store.has(store.used) else ""
        if here and not usual:
            chats = any(e and "chat" in e.tasks for e in map(catalogue().find, here))
            usual = _best_here(store) if chats else here[0]
        return tuple(dict.fromkeys((usual, *here)))

    @property
    def ready(self) -> bool:  # type: ignore[override]
        """Whether a process with the model runs."""
        return self._pool is not None and self._pool.ready

    @property
    def pids(self) -> list[int]:
        """The processes' numbers."""
        return [] if self._pool is None else self._pool.pids

    def check(self) -> None:
        """See that the model is here, whole and not too large. Raises `SightlineError`."""
        if not self._options.model:
            raise UsageError(
                "The engine llamacpp needs a model.",
                hint="Name one with --model; `sightline models` lists them.",
            )
        store = Store(self._options.models_folder)
        if self._options.model == "auto":
            self._options = replace(self._options, model=_best_here(store))
            self.serves = (self._options.model,)
        files = store.find(self._options.model, self._options.mmproj)
        text, eye = gguf.read(files.text), gguf.read(files.eye)
        self._entry = catalogue().known(self._options.model)
        drafts = drafting.drafter(self._options.draft, text)
        self._drafting = drafting.flags(drafts, text)
        self._plan = fit.plan(self._options, text, eye, self._entry, drafts)
        self._grounding = _grounding(eye, self._plan)
        self._text, self._eye = text, eye
        self._files = files
        self.memory = self._plan.memory * self._plan.replicas
        self.capabilities = Capabilities(
            context=self._plan.context,
            assist=eye.assisted,
            parallel=self._plan.slots * self._plan.replicas,
            decides=True,
        )

    async def load(self) -> None:
        """Start the processes. Raises `SightlineError`."""
        if self._plan is None:
            await asyncio.to_thread(self.check)
        plan, files, text, eye = self._plan, self._files, self._text, self._eye
        if plan is None or files is None or text is None or eye is None:
            raise EngineError("The model was not found.")
        await asyncio.to_thread(files.verify)
        template = (self._entry and self._entry.template) or text.template
        control = await asyncio.to_thread(gguf.control_tokens, files.text)

        async def start() -> Child:
            flags = {**_flags(self._options, plan, files), **self._drafting}
            if template != text.template:
                flags["chat_template"] = template
            return await Child.start(flags, _WARM_UP, _ENVIRONMENT)

        life = self._options.cache_life_s
        self._pool = Pool(start, plan.replicas, plan.slots, life)
        await self._pool.open()
        chat = (await self._pool.child()).chat
        told = await chat.get("/props", timeout_s=10, root=True)
        can = told.get("chat_template_caps", {})
        prompts = {thinks: await _prompt(chat, thinks) for thinks in (False, True)}
        self._prompting = Prompting(
            secret=secrets.token_bytes(32),
            life_s=life,
            keep=self._options.cache_mib > 0 and not self._options.zero_retention,
            knows_tools=bool(can.get("supports_tools") and can.get("supports_tool_calls")),
            control=control_pattern(control),
            sizes=None if eye.pixels is None else Sizes(*eye.pixels, eye.cell),
            marks=thinking.marks(template, prompts, control),
            effort=cast(Effort, self._options.reasoning_effort),
            budget=self._options.reasoning_budget,
            context=plan.context,
            unasked="" if self._entry is None else self._entry.prompt,
            bare=prompts[False].rstrip().endswith(_WORDS),
        )

    async def close(self) -> None:
        """End the processes; `load` starts them again."""
        pool, self._pool, self._plan = self._pool, None, None
        if pool is not None:
            await pool.close()

    async def count(self, texts: Sequence[str]) -> int:
        """Count tokens with the model's own tokenizer."""
        whole = "\n".join(texts)
        if not whole:
            return 0
        pool = self._running()
        body = {"content": whole, "parse_special": False}
        for _ in range(2):
            child = await pool.child()
            try:
                told = await child.chat.post("/tokenize", body, timeout_s=30, root=True)
                return len(told["tokens"])
            except Unreachable:  # it has just ended, and another takes its place
                with suppress(TimeoutError):
                    await asyncio.wait_for(child.exited.wait(), 1.0)
        raise EngineBusy("The engine is starting again.", hint="Try again shortly.")

    async def answer(self, question: Question) -> AsyncIterator[Delta]:
        """Have the model answer, token by token."""
        pool, prompting = self._running(), self._prompting
        if prompting is None:
            raise EngineBusy("The engine is still loading.", hint="Try again shortly.")
        if question.json is not None and question.tools and question.call is None:
            raise InvalidRequest(
                "Unsupported: 'response_format' beside 'tools' that may be called or not.",
                param="response_format",
                hint="Set tool_choice, or leave one of the two out.",
            )
        rules = await self._grammar(prompting, question)
        if not question.pictures and sum(map(len, notes.texts(question))) <= AT_ONCE:
            body = prompting.write(question, rules)
        else:
            body = await self._workers.run(lambda stop: prompting.write(question, rules))
        caller = calls.CallReader(question) if prompting.writes_calls(question) else None
        checked = question.json if not question.tools else None
        said: list[str] = []
        reading = outgoing.StreamParser(question.top_logprobs)
        places = grounding.BoxReader(self._grounding, question)
        async with (
            pool.turn(question.pictures, question.owner) as turn,
            aclosing(self._deltas(pool, turn, body, reading)) as raw,
            aclosing(_split(raw, reading, prompting, question)) as deltas,
        ):
            async for each in deltas:
                delta = places.take(each)
                if delta.finish is not None:
                    if checked is not None and delta.finish == "stop":
                        await schemas.check_answer(checked, "".join(said))
                    called = caller is not None and caller.called and delta.finish == "stop"
                    yield replace(delta, finish="tool_calls") if called else delta
                elif caller is not None and delta.text:
                    for piece in caller.take(delta.text):
                        yield replace(piece, tokens=delta.tokens, logprobs=delta.logprobs)
                else:
                    if checked is not None:
                        said.append(delta.text)
                    yield delta

    async def decide(self, question: Question) -> Decided:
        """Have the model decide, one question after another behind one prefix."""
        return await letter_choices.decide(self.answer, question, _LETTERS)

    async def _deltas(
        self, pool: Pool, turn: Lease, body: bytes, reading: outgoing.StreamParser
    ) -> AsyncGenerator[Delta]:
        async with pool.look(turn) as seen, aclosing(self._events(turn, body)) as events:
            tokens = 0
            async for event in events:
                if "error" in event:
                    if tokens and _cut_call(event["error"]):
                        yield Delta(finish="length")
                        return
                    raise turn.child.chat.failed(event["error"])
                if _looked(event):
                    turn.begun = True
                    seen()
                _count_drafts(event.get("timings", {}))
                for delta in reading.take(event):
                    tokens += delta.tokens
                    yield delta
        yield reading.closing()

    async def _events(self, turn: Lease, body: bytes) -> AsyncGenerator[Mapping[str, Any]]:
        """Ask the child, once more where it lives on and nothing of an answer has come."""
        silence_s = self._options.engine_silence_s
        for last in (False, True):
            try:
                async with aclosing(turn.child.chat.stream(body, silence_s, tries=1)) as events:
                    async for event in events:
                        yield event
                return
            except Late:
                raise EngineError(f"The engine fell silent for {silence_s:.0f} s.") from None
            except Unreachable as error:
                why = type(error.__context__).__name__
                if last or await turn.child.is_ending():
                    log.error("a process could not be spoken to: %s", why)
                    raise EngineError(
                        "The engine stopped while it worked on the request.",
                        hint="It is started again; try again shortly.",
                    ) from None
                log.warning("a process that runs could not be spoken to: %s; once more", why)

    async def _grammar(self, prompting: Prompting, question: Question) -> str | None:
        """Give the grammar that the answer has to follow, if any. Raises `InvalidRequest`."""
        before = ("", "")
        if prompting.marks is not None:
            before = prompting.marks.before(prompting.effort_of(question))
        if prompting.writes_calls(question):
            return await asyncio.to_thread(grammar.of_calls, question, before)
        if question.json is not None:
            return await asyncio.to_thread(grammar.of_format, question.json, before)
        return None

    def _running(self) -> Pool:
        if self._pool is None:
            raise EngineBusy("The engine is still loading.", hint="Try again shortly.")
        return self._pool


def _sees(name: str) -> bool:
    entry = catalogue().known(name)
    return entry is None or "hearing" not in entry.tasks


def _best_here(store: Store) -> str:
    """Choose among the models that were pulled. Raises `UsageError` where there is none."""
    here = [e for name in store.locked() if (e := catalogue().find(name)) and "chat" in e.tasks]
    if not here:
        raise UsageError(
            "No model of the catalogue is installed to choose from.",
            hint="Type: sightline pull, which chooses one for this machine.",
        )
    suggestion = catalogue().suggest(*fit.machine(), among=here)
    log.info("--model auto takes %s: %s", suggestion.entry.name, suggestion.why)
    return suggestion.entry.name


async def _prompt(chat: ChatClient, thinks: bool) -> str:
    """Give how the model's own template writes a question, for a model that is to think or not."""
    body = {
        "messages": [{"role": "user", "content": [{"type": "text", "text": _WORDS}]}],
        "chat_template_kwargs": thinking.wish("medium" if thinks else "none"),
    }
    told = await chat.post("/apply-template", body, timeout_s=10, root=True)
    return str(told.get("prompt", ""))


async def _split(
    deltas: AsyncGenerator[Delta],
    reading: outgoing.StreamParser,
    prompting: Prompting,
    question: Question,
) -> AsyncGenerator[Delta]:
    """Take what was thought out of an answer, and end it at its stop words."""
    if prompting.marks is None:
        async for delta in deltas:
            yield delta
        return
    splitter = thinking.Splitter(prompting.marks, prompting.effort_of(question))
    stops = thinking.Stops(prompting.stops(question))
    async for delta in deltas:
        for piece in splitter.take(delta):
            if piece.used is not None:
                said = piece.used.completion_tokens  # of which a mark cut short is one more piece
                thought = splitter.tokens if said is None else min(splitter.tokens, said)
                piece = replace(piece, used=replace(piece.used, reasoning_tokens=thought))
            for kept in stops.take(piece):
                yield kept
            if stops.reached:
                used = reading.so_far(splitter.tokens)
                yield Delta(finish="stop", used=used)
                return


def _grounding(eye: gguf.GgufHeader, plan: fit.Plan) -> grounding.Grounding | None:
    """Say how a model writes where things are, in a picture of as many tokens as planned."""
    found = grounding.KINDS.get(eye.projector)
    if found is None:
        return None
    return replace(found, least=plan.least_image_tokens, most=plan.image_tokens)


def _public_name(model: str) -> str:
    """Give the id under which a model is listed: a file's name without its folder and ending."""
    name = re.split(r"[/\\]", model)[-1]
    return re.sub(r"\.gguf$", "", name, flags=re.IGNORECASE)


def _looked(event: Mapping[str, Any]) -> bool:
    """Say whether an event tells that the prompt, pictures with it, has been worked through."""
    progress = event.get("prompt_progress")
    if progress is None:
        return True
    return bool(progress.get("processed", 0) >= progress.get("total", 1))


def _count_drafts(timings: Mapping[str, Any]) -> None:
    """Tell how many tokens were drafted for an answer, and how many of them it kept."""
    if drafted := timings.get("draft_n", 0):
        kept = timings.get("draft_n_accepted", 0)
        telemetry.count("draft_tokens", kept, kept="yes")
        telemetry.count("draft_tokens", drafted - kept, kept="no")


def _cut_call(error: Mapping[str, Any]) -> bool:
    # A tool call that the limit cut off does not parse, which llama.cpp takes for its own error.
    return "does not match the expected" in str(error.get("message", ""))


def _flags(options: LlamaOptions, plan: fit.Plan, files: Files) -> dict[str, Any]:
    """Name llama.cpp's options. Everything not named is as llama.cpp has it."""
    return {
        "model.path": str(files.text),
        "mmproj.path": str(files.eye),
        "n_parallel": plan.slots,
        "n_ctx": plan.context * plan.slots,
        "n_batch": max(2048, plan.micro_batch),
        "n_ubatch": plan.micro_batch,
        "cpuparams.n_threads": plan.threads,
        "cpuparams_batch.n_threads": plan.batch_threads,
        "image_min_tokens": plan.least_image_tokens or -1,  # its own
        "image_max_tokens": plan.image_tokens,
        "n_gpu_layers": options.gpu_layers,
        "cache_ram_mib": 0 if options.zero_retention else options.cache_mib,
        "n_ctx_checkpoints": plan.checkpoints,
        "fit_params": False,  # the plan has fitted it
        "endpoint_slots": False,
        "endpoint_props": False,
        "ui": False,
        "port": 0,
        "verbosity": 1,  # errors; read only while it loads
    }


_ENVIRONMENT = {"GGML_NO_BACKTRACE": "1"}


_WARM_UP = [
    {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": data_url(_WARM_UP_PIXELS, PPM)}},
                    {"type": "text", "text": _WORDS},
                ],
            }
        ],
        "max_tokens": 1,
        "cache_prompt": False,
    }
]
