"""The reader behind the engine seam: loading, surveying pictures on the workers, answering.

Of a picture that the same client asks about again, as each turn of a conversation does, it knows
for a minute what it read and saw in it (`known_pictures`); pixels are not kept between requests.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sightline.api import notes
from sightline.engines import answer_tokens, schemas
from sightline.engines.embedded import languages, words
from sightline.engines.embedded.ask import understand
from sightline.engines.embedded.ear.listening import ear
from sightline.engines.embedded.evidence import Declined, Exhibit, Noted, exhibit, note
from sightline.engines.embedded.eyes import film, objects_json, shown
from sightline.engines.embedded.eyes.follow_up import carried
from sightline.engines.embedded.known_pictures import KnownPictures
from sightline.engines.embedded.passages import Said, cut, own
from sightline.engines.embedded.question_form import form
from sightline.engines.embedded.structured import json_from_prompt
from sightline.engines.embedded.structured.everything import everything
from sightline.engines.embedded.structured.fill_schema import Filled, fill
from sightline.engines.engine import Capabilities, Engine, EngineOptions
from sightline.errors import EngineError
from sightline.quoting import unquoted
from sightline.types import (
    Decided,
    Delta,
    Evidence,
    FoundThing,
    Message,
    Picture,
    Question,
    Tool,
    Used,
)
from sightline.workers import Stop, Workers

if TYPE_CHECKING:
    from sightline.perception.things import Eyes


class Reader(Engine):
    """Answers from what can be measured in pictures."""

    name = "reader"
    embedded = True
    local = True
    capabilities = Capabilities(lacks=frozenset({"logprobs"}), surveys=True, decides=True)
    serves = ("sightline-reader",)

    def __init__(self, options: EngineOptions, workers: Workers) -> None:
        self._threads = options.worker_threads
        self._workers = workers
        self._perception: _Perception | None = None
        seconds = 0.0 if options.zero_retention else options.seen_keep_s
        self._known = KnownPictures(seconds, options.max_seen_bytes)
        # What is being surveyed, and how many wait for it. A picture is itself alone: another
        # request's is another, whatever its pixels are.
        self._looking: dict[Picture, tuple[asyncio.Future[Exhibit], int]] = {}

    async def load(self) -> None:
        """Load the OCR models and the ear, both at a time. Raises `EngineError`."""
        self._perception, _ = await asyncio.gather(
            self._workers.run(lambda stop: _Perception(self._threads)),
            self._workers.run(lambda stop: ear(self._threads)),
        )

    async def close(self) -> None:
        """Let the models go, and what is kept of pictures."""
        self._perception = None
        self._known.close()

    async def count(self, texts: Sequence[str]) -> int:
        """Count tokens by the rule in `pieces`."""
        return await asyncio.to_thread(_count, texts)

    async def answer(self, question: Question) -> AsyncIterator[Delta]:
        """Survey the pictures, one piece of work each, then answer."""
        exhibits = await self.look(question)
        async for delta in self.tell(question, exhibits):
            yield delta

    async def decide(self, question: Question) -> Decided:
        """Survey all pictures once, then decide each question from what was measured."""
        from sightline.engines.embedded.deciding import decided

        exhibits = await self.look(question)
        verdicts, proved = await self._workers.run(lambda stop: decided(question, exhibits, stop))
        await self._settle(question, exhibits)
        used = Used(
            await self.count(notes.texts(question)), 0, things=found(question, exhibits),
            evidence=proved if "evidence" in question.include else None,
        )  # fmt: skip
        return Decided(verdicts, used)

    async def look(self, question: Question) -> list[Exhibit]:
        """Survey the pictures in question, one piece of work each. Raises `EngineError`."""
        perception = self._perception
        if perception is None:
            raise EngineError("The reader is not loaded.", hint="Try again in a few seconds.")
        wanted = await self._workers.run(lambda stop: _pictures(question))
        surveys: dict[str, Exhibit] = {}
        exhibits: list[Exhibit] = []
        before: Exhibit | None = None
        for number, picture in wanted:
            if picture.digest not in surveys:
                shown_before = before if picture.film else None
                work = perception.work(number, picture, shown_before, question.owner, self._known)
                surveys[picture.digest] = await self._once(picture, work)
            before = surveys[picture.digest]
            if before.survey.picture is not picture and not picture.film:
                # The same picture in another place of the request, which evidence names.
                before = replace(before, survey=before.survey.perceived.of(picture))
            exhibits.append(replace(before, number=number))
        self._known.forget_in_time()
        return exhibits

    async def _once(self, picture: Picture, work: Callable[[Stop], Exhibit]) -> Exhibit:
        """Survey a picture once for all choices of its request, which come at the same time.

        They are cancelled together too.
        """
        if picture not in self._looking:
            self._looking[picture] = asyncio.ensure_future(self._workers.run(work)), 0
        task, waiting = self._looking[picture]
        self._looking[picture] = task, waiting + 1
        try:
            return await task
        finally:
            task, waiting = self._looking.pop(picture)
            if waiting > 1:
                self._looking[picture] = task, waiting - 1

    async def _settle(self, question: Question, exhibits: list[Exhibit]) -> None:
        """Have what is kept of pictures stay within its bound, once they have been asked about."""
        if self._known.keeps(question.owner):
            await self._workers.run(lambda stop: self._known.weigh(question.owner, exhibits))

    async def tell(self, question: Question, exhibits: list[Exhibit]) -> AsyncIterator[Delta]:
        """Answer from what was measured."""
        deltas, said = await self._workers.run(lambda stop: _deltas(question, exhibits))
        await self._settle(question, exhibits)
        proved = None
        if "evidence" in question.include:
            proved = await self._workers.run(lambda stop: _proved(question, exhibits, deltas, said))
        for delta in deltas:
            if delta.finish is not None:
                # It measures pictures, it makes no tokens of them.
                used = Used(
                    await self.count(notes.texts(question)), 0, things=found(question, exhibits),
                    evidence=proved, note=note(exhibits) if isinstance(said, Noted) else "",
                )  # fmt: skip
                yield replace(delta, used=used)
            else:
                yield delta


def found(question: Question, exhibits: Sequence[Exhibit]) -> tuple[FoundThing, ...] | None:
    """List the things that were seen, where the question asks for them."""
    if "things" not in question.include:
        return None
    made: list[FoundThing] = []
    times_s = _of(question, exhibits).times_s
    for each, time_s in zip(exhibits, times_s, strict=True):
        picture, seen = each.survey.picture, each.survey.seen
        for thing in seen.things if seen is not None else ():
            box = picture.as_sent(thing.box)
            made.append(
                FoundThing(
                    picture.param, thing.name, box, thing.probability, thing.finer, time_s,
                    picture.page, picture.in_points(thing.box),
                )
            )  # fmt: skip
    return tuple(made)


def _count(texts: Sequence[str]) -> int:
    return sum(len(answer_tokens.tokens(text)) for text in texts)


class _Perception:
    """The measuring half, imported here so that `sightline --help` never loads it."""

    def __init__(self, threads: int) -> None:
        from sightline.perception.survey import again, survey
        from sightline.perception.text import TextReader

        self._survey, self._again, self._threads = survey, again, threads
        self._reader = TextReader(threads)
        self._lock = threading.Lock()
        self._eyes: Eyes | None = None

    def _loaded(self) -> Eyes:
        """Load the eyes with the first picture, which is not before anything asks for them."""
        from sightline.perception.things import Eyes

        with self._lock:
            if self._eyes is None:
                self._eyes = Eyes(self._threads)
            return self._eyes

    def work(
        self,
        number: int,
        picture: Picture,
        before: Exhibit | None,
        owner: str,
        known: KnownPictures,
    ) -> Callable[[Stop], Exhibit]:
        """Make the work of surveying one picture, which may be as the one `before` it.

        Or as one that its owner has asked about, of which that is known.
        """

        def run(stop: Stop) -> Exhibit:
            same = None if before is None else self._again(before.survey, picture)
            if before is not None and same is not None:
                return replace(before, number=number, survey=same)
            asked_before = known.find(owner, number, picture, ear(self._threads))
            if asked_before is not None:
                return asked_before
            seen = self._survey(picture, self._reader, self._loaded, stop)
            made = exhibit(number, seen, ear(self._threads))
            known.keep(owner, made)
            return made

        return run


def _pictures(question: Question) -> list[tuple[int, Picture]]:
    """Give the pictures in question, numbered over the whole conversation.

    Those of the last message that holds any, unless the question names earlier ones: a follow-up
    is about the pictures shown last, but "image 1" is the first of all.
    """
    numbered = list(enumerate(question.pictures, 1))
    if question.decide:
        return numbered
    last = next((m for m in reversed(question.messages) if _shown(m)), None)
    if last is None or understand(asked(question), len(numbered)).numbers:
        return numbered
    return numbered[-_shown(last) :]


def _shown(message: Message) -> int:
    return sum(isinstance(part, Picture) for part in message.parts)


def asked(question: Question) -> str:
    """Give the words that ask, in English: the last user message with any, else the last message."""
    said = [(message.role, film.asking(message)) for message in question.messages]
    asks = [text for role, text in said if role == "user" and text.strip()]
    if asks:
        last_first = (languages.english(words.tidy(text)) for text in reversed(asks))
        return carried(next(last_first), last_first)
    last = next((text for _, text in reversed(said) if text.strip()), "")
    return languages.english(words.tidy(last))


def _instructions(question: Question) -> str:
    system = [
        words.tidy(unquoted(m.text)) for m in question.messages if m.role in ("system", "developer")
    ]
    return words.tidy("\n".join([*system, asked(question)]))


def wants_json(question: Question) -> bool:
    """Say whether a format or the wording asks for JSON."""
    return question.json is not None or form(_instructions(question)).json


def has_film(question: Question, exhibits: Sequence[Exhibit]) -> bool:
    """Say whether frames of a film are among the pictures in question."""
    return bool(_of(question, exhibits).films)


def _of(question: Question, exhibits: Sequence[Exhibit]) -> shown.Shown:
    """Tell films from pictures among what is in question."""
    last = next((m for m in reversed(question.messages) if _shown(m)), None)
    return shown.of(last, exhibits, frames=bool(question.narrate))


def _deltas(question: Question, exhibits: list[Exhibit]) -> tuple[list[Delta], Said]:
    """Answer; also give the answer in words, none where it is JSON.

    It is `Noted` where the note on what the engine can do belongs beside it.
    """
    of = _of(question, exhibits)
    if question.narrate:
        from sightline.engines.embedded.eyes.narration import narrate

        told = of.films[0] if of.films else None
        texts = [""] * len(question.narrate) if told is None else narrate(told, question.narrate)
        said = json.dumps({str(i): text for i, text in enumerate(texts, 1)}, ensure_ascii=False)
        return list(answer_tokens.deltas(said, question.max_tokens, question.stop)), own("")
    exhibits = of.telling
    if question.call is not None and question.tools:
        return _call(question, exhibits), own("")
    filled = _as_json(question, exhibits)
    if filled is not None:
        untold = filled.untold or _astray(question, filled.value)
        if untold:
            refusal = (
                f"The picture does not tell: {', '.join(untold[:20])}. Let these be null in "
                "the schema to have the rest."
            )
            refused = Delta(refusal=refusal, tokens=len(answer_tokens.tokens(refusal)))
            return [refused, Delta(finish="stop")], Declined(refusal)
        said = json.dumps(filled.value, ensure_ascii=False)
        return list(answer_tokens.deltas(said, question.max_tokens, question.stop)), own("")
    answer = shown.answer(asked(question), of)
    return list(answer_tokens.deltas(answer, question.max_tokens, question.stop)), answer


def _astray(question: Question, value: Any) -> list[str]:
    """Say where a value does not keep to a strict schema, such as a text that is too short for it.

    Raises `InvalidRequest` for a schema by which that cannot be said.
    """
    wanted = question.json
    if wanted is None or wanted.schema is None or not wanted.strict:
        return []
    from sightline.engines import validation

    try:
        validation.validate(wanted.schema, value)
    except validation.Undecidable:
        raise schemas.undecidable(wanted) from None
    except validation.Astray as error:
        return [".".join(map(str, error.path)) or "the whole"]
    return []


def _proved(
    question: Question, exhibits: Sequence[Exhibit], deltas: Sequence[Delta], answer: Said
) -> tuple[Evidence, ...]:
    """Find where an answer's words, or its arguments of a tool, stand on the pages."""
    from sightline.engines.embedded.citations import MOST, Citations

    times_s = _of(question, exhibits).times_s
    said = "".join(delta.text or delta.arguments for delta in deltas)
    if not answer:
        value = _value(said)
        return () if value is None else Citations(exhibits, times_s).of_json(value)
    # The first time at which a picture is shown, where a film shows it several times.
    seen = dict(zip((e.survey.picture for e in reversed(exhibits)), reversed(times_s), strict=True))
    made: list[Evidence] = []
    for each in cut(answer, len(said)):
        shown_at = [seen.get(exhibit.survey.picture) for exhibit in each.exhibits]
        found = Citations(each.exhibits, shown_at)
        made += found.of_text(said[each.begin : each.end], asked(question), each.rows)
    return tuple(dict.fromkeys(made))[:MOST]


def _value(said: str) -> dict[str, Any] | list[Any] | None:
    """Read an answer in JSON; None where it was cut off, or is no object or list."""
    try:
        value = json.loads(said)
    except ValueError:
        return None
    return value if isinstance(value, (dict, list)) else None


def _as_json(question: Question, exhibits: list[Exhibit]) -> Filled | None:
    """Answer with JSON where a format or the wording asks for it; None where neither does."""
    wording = asked(question)
    if question.json is not None and question.json.schema is not None:
        strict = question.json.strict
        return fill(question.json.schema, exhibits, strict=strict, wording=wording)
    if not wants_json(question):
        return None
    shown = json_from_prompt.example(wording)
    if (
        shown is None
        and not json_from_prompt.named_in_quotes(wording)
        and objects_json.wants_things(wording, exhibits)
    ):
        return _object(question, objects_json.listed(wording, exhibits))
    listed = (
        shown
        or json_from_prompt.listed(wording)
        or json_from_prompt.listed(_instructions(question))
    )
    if listed is not None:
        filled = fill(listed, exhibits, strict=False, wording=wording)
        return _object(question, filled.value)
    if question.json is None and not exhibits:
        return None
    if objects_json.wants_tags(wording, exhibits):
        return _object(question, [tag for e in exhibits for tag in objects_json.tags(e, None)])
    return Filled(everything(exhibits) if exhibits else {})


def _object(question: Question, value: Any) -> Filled:
    """Put a list into an object where the format asks for one."""
    wrapped = question.json is not None and isinstance(value, list)
    return Filled({"items": value} if wrapped else value)


def _call(question: Question, exhibits: list[Exhibit]) -> list[Delta]:
    tool: Tool = next((t for t in question.tools if t.name == question.call), question.tools[0])
    schema = {"type": "object", "properties": {}, **tool.parameters}
    filled = fill(schema, exhibits, strict=False)
    arguments = json.dumps(
        filled.value if tool.parameters.get("properties") else {}, ensure_ascii=False
    )
    return [
        Delta(tool=tool.name, arguments=arguments, tokens=len(answer_tokens.tokens(arguments))),
        Delta(finish="tool_calls"),
    ]
