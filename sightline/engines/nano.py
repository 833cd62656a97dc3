"""The embedded default: the reader measures, and the package's own small model sees what is drawn.

What can be measured is answered by the reader, which does not guess. Of drawings without print, and
of others where the reader would decline, the model may be asked, with what was read put after each
picture: only what it was measured to know, and its answer is given only where it is so sure that at
least nine of ten such were right. Otherwise the reader answers. It never sees photographs or films:
it was not made for them, and the reader tells what it can.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sightline.api.notes import noted
from sightline.engines.embedded.answer import answer
from sightline.engines.embedded.ask import Clause, understand
from sightline.engines.embedded.engine import Reader, asked, found, has_film, wants_json
from sightline.engines.embedded.evidence import Exhibit, Noted
from sightline.engines.embedded.eyes import objects
from sightline.engines.embedded.question_form import begins_as_yes_or_no
from sightline.engines.engine import Capabilities, Engine
from sightline.engines.llamacpp.options import LlamaOptions
from sightline.models.store import NANO
from sightline.perception.reading_notes import note
from sightline.types import Decided, Delta, Question
from sightline.workers import Workers, cancel

if TYPE_CHECKING:
    from sightline.engines.llamacpp.engine import LlamaCpp

log = logging.getLogger("sightline.engines")

_MOST_PICTURES = 4  # that the model was shown at once
# Probability of the least likely token from which on an answer is given, by the kind of question.
# The model is asked no others. Chosen and measured by `python -m training.nano.bound`.
SURE = {"colour of a shape": 0.98}
_PRINTED = 3  # letters and digits, from which on a picture holds print: a rim is read as one or two
# What of a drawing is better measured: the ground and the palette, not the colour of a thing in it.
_WHOLE = re.compile(
    r"\bback ?ground\b|\b(?:main|dominant|most|all|which|what) colou?rs\b|\bpalette\b",
    re.IGNORECASE,
)
_SHAPE = re.compile(
    r"\b(?:circle|square|triangle|rectangle|oval|ring|cross|star|hexagon|arrow)\b",
    re.IGNORECASE,
)


class Nano(Engine):
    """Answers from measurements where there are some, by the small model where things are drawn."""

    name = "nano"
    options_class = LlamaOptions
    embedded = True
    local = True
    capabilities = Capabilities(lacks=frozenset({"logprobs"}), surveys=True, decides=True)
    serves = ("sightline-nano",)

    def __init__(self, options: LlamaOptions, workers: Workers) -> None:
        self._workers = workers
        self.reader = Reader(options, workers)
        self._options = replace(
            options, model=NANO, mmproj="", draft="", context=0, slots=0, replicas=1
        )
        self._made: LlamaCpp | None = None
        self._runs = find_spec("xllamacpp") is not None
        self._loading: asyncio.Task[None] | None = None

    @property
    def _model(self) -> LlamaCpp:
        """The model's engine, imported when it is first needed: few questions are for it."""
        if self._made is None:
            from sightline.engines.llamacpp.engine import LlamaCpp

            self._made = LlamaCpp(self._options, self._workers)
        return self._made

    def check(self) -> None:
        """See that the model can be run here. Raises `UsageError`."""
        if self._runs:
            self._model.check()

    async def load(self) -> None:
        """Load what measures; the model's process starts with the first question for it."""
        if not self._runs:
            log.warning("there is no llama.cpp for this platform: drawings are measured alone")
        await self.reader.load()

    async def close(self) -> None:
        """Let both go."""
        await cancel(self._loading)
        if self._made is not None:
            await self._made.close()
        await self.reader.close()

    async def count(self, texts: Sequence[str]) -> int:
        """Count tokens as the reader does, whoever answers."""
        return await self.reader.count(texts)

    async def answer(self, question: Question) -> AsyncIterator[Delta]:
        """Measure, then answer from it or ask the model."""
        exhibits = await self.reader.look(question)
        about = await self._workers.run(lambda stop: kind(question, exhibits))
        said: list[Delta] = []
        if about in SURE and self._runs:
            said = await self.guess(question, exhibits)
        if said and least(said) >= SURE[about]:
            things = found(question, exhibits)
            for delta in said:
                used = delta.used if delta.used is None else replace(delta.used, things=things)
                yield replace(delta, used=used, logprobs=())
            return
        async for delta in self.reader.tell(question, exhibits):
            yield delta

    async def decide(self, question: Question) -> Decided:
        """Have the reader decide: what the model is sure of was not calibrated for that."""
        return await self.reader.decide(question)

    async def guess(self, question: Question, exhibits: Sequence[Exhibit]) -> list[Delta]:
        """Give what the model says, sure or not, with the probability of each token."""
        model = await self._loaded()
        notes = {e.survey.picture.digest: note(e.survey, marked=False) for e in exhibits}
        asked = replace(noted(question, notes), logprobs=True, top_logprobs=0)
        return [delta async for delta in model.answer(asked)]

    async def _loaded(self) -> LlamaCpp:
        if self._loading is None or (self._loading.done() and self._loading.exception()):
            self._loading = asyncio.create_task(self._model.load())
        await asyncio.shield(self._loading)  # who hangs up does not end it for the others
        return self._model


def kind(question: Question, exhibits: Sequence[Exhibit]) -> str:
    """Say what kind of question of drawings this is; none where the reader is to answer."""
    if not exhibits or len(question.pictures) > _MOST_PICTURES or has_film(question, exhibits):
        return ""
    if any(exhibit.survey.look.kind != "drawing" for exhibit in exhibits):
        return ""
    printed = any(map(_printed, exhibits))
    if question.tools or wants_json(question):
        return "" if printed else "JSON"
    words = asked(question)
    known = understand(words, len(exhibits))
    clauses = known.clauses
    # Plain shapes are measured by their outlines, which is surer than any model.
    if all(exhibit.survey.seen is not None for exhibit in exhibits) and all(
        objects.about(clause, known, exhibit) is not None
        for clause in clauses
        for exhibit in exhibits
    ):
        return ""
    if printed and any(clause.topic == "describe" for clause in clauses):
        return ""
    alone = not printed and any(map(_of_things, clauses))
    if not alone and not isinstance(answer(words, list(exhibits)), Noted):
        return ""
    if printed or len(exhibits) > 1:
        return "printed" if printed else "several"
    kinds = set(map(_kind, clauses))
    return kinds.pop() if len(kinds) == 1 else "mixed"


def least(said: Sequence[Delta]) -> float:
    """Give the probability of an answer's least likely token."""
    return math.exp(min((t.chosen.logprob for delta in said for t in delta.logprobs), default=0.0))


def _kind(clause: Clause) -> str:
    if clause.topic == "contains" or begins_as_yes_or_no(clause.text):
        return "yes or no"
    if clause.topic == "colour" and _SHAPE.search(clause.text):
        return "colour of a shape"
    return clause.topic


def _printed(exhibit: Exhibit) -> bool:
    signs = sum(sign.isalnum() for line in exhibit.survey.lines for sign in line)
    return signs >= _PRINTED or bool(exhibit.survey.codes)


def _of_things(clause: Clause) -> bool:
    """Say whether a question is about things in a picture, which the reader takes as a whole."""
    of_one = clause.topic == "colour" and _WHOLE.search(clause.text) is None
    return clause.topic == "describe" or of_one
