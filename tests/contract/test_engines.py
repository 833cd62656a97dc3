"""What every engine promises, asked of each of them through the pipeline that the server uses.

The promises are those of `sightline/engines/engine.py`. A new engine is one more row of `ENGINES`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args

import jsonschema
import pytest
from PIL import Image

from sightline.api import chat
from sightline.engines import engine as engines
from sightline.engines.guarded import Guarded
from sightline.errors import ImageError, InvalidRequest, SightlineError
from sightline.pipeline import Pipeline, collect
from sightline.settings import Settings, load
from sightline.types import Delta, FinishReason, Question
from sightline.workers import Workers
from tests import documented, perceived
from tests.pictures import asking, bill, encoded, sample, written
from tests.waiting import PATIENCE_S, until

T = TypeVar("T")
Body = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """An engine: what it is started with, and what is asked of it so that it answers at length.

    `looks` says that its answers come from what is in a picture and not from its form alone, `json`
    that it keeps to a schema.
    """

    flags: dict[str, str]
    asked: Body = field(default_factory=dict)
    looks: bool = True
    json: bool = True


# Letters alone, whose tokens are their numbers: random weights would say bytes that are no text.
_LETTERS = {str(number): 60 for number in range(ord("a"), ord("z") + 1)}
_WORDS = {"logit_bias": _LETTERS, "temperature": 0, "seed": 1, "max_tokens": 24}
ENGINES = {
    "nano": Case({"engine": "nano"}),
    "reader": Case({"engine": "reader"}),
    "mirror": Case({"engine": "mirror"}, looks=False, json=False),
    "llamacpp": Case({"engine": "llamacpp", "model": "TINY", "replicas": "1"}, asked=_WORDS),
    "upstream": Case({"engine": "upstream", "upstream_url": "BASE_URL"}),
    "documented": Case({"engine": "colour:AverageColour"}, json=False),
}
SAY = "What does it say?"


class Desk:
    """An engine within a pipeline, on a loop of its own."""

    def __init__(self, case: Case, settings: Settings) -> None:
        self.case, self.settings = case, settings
        self.loop = asyncio.new_event_loop()
        self.pipeline = self.run(self._open())
        self.engine: Guarded = self.run(self.pipeline.routing.default.loaded())

    async def _open(self) -> Pipeline:
        return await Pipeline(self.settings).__aenter__()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work on the loop, and no longer than a test waits."""
        return self.loop.run_until_complete(asyncio.wait_for(work, PATIENCE_S))

    async def question(self, text: str, *pictures: bytes, **more: Any) -> Question:
        """Parse and prepare a question, as the server does."""
        body = {"model": "gpt-4o", "messages": asking(text, *pictures), **self.case.asked, **more}
        body = {name: value for name, value in body.items() if value is not None}
        asked = chat.parse(body, self.pipeline.routing.find)
        return await self.pipeline.prepare(asked.question)

    async def deltas(self, text: str, *pictures: bytes, **more: Any) -> list[Delta]:
        """Give all deltas of an answer."""
        question = await self.question(text, *pictures, **more)
        return [delta async for delta in self.pipeline.answer(question)]

    async def text(self, text: str, *pictures: bytes, **more: Any) -> str:
        """Give an answer's text."""
        return "".join(delta.text for delta in await self.deltas(text, *pictures, **more))

    def close(self) -> None:
        """End the engine."""
        self.run(self.pipeline.__aexit__(None, None, None))
        self.run(self.engine.close())  # closing twice is closing once
        self.loop.close()


@pytest.fixture(scope="module", params=ENGINES)
def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    case = ENGINES[request.param]
    flags = {"threads": "1", **case.flags}
    if flags.get("model") == "TINY":
        flags["model"] = str(request.getfixturevalue("tiny"))
    if "upstream_url" in flags:
        flags["upstream_url"] = request.getfixturevalue("base_url")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "documented":
            patch.syspath_prepend(str(documented.write(tmp_path_factory.mktemp("documented"))))
        made = Desk(case, load(flags, environment={}))
        yield made
        made.close()


def test_an_answer_ends_with_its_reason(desk: Desk) -> None:
    said = desk.run(desk.deltas(SAY, sample("sign")))
    assert all(delta.finish is None and delta.used is None for delta in said[:-1])
    assert said[-1].finish in get_args(FinishReason)
    assert "".join(delta.text for delta in said)
    used = said[-1].used
    counted = sum(delta.tokens for delta in said)
    assert counted or (used is not None and used.completion_tokens)
    if used is not None:
        assert used.prompt_tokens >= (used.image_tokens or 0)
        assert used.prompt_tokens >= used.cached_tokens


def test_the_same_question_has_the_same_answer(desk: Desk) -> None:
    one = desk.run(desk.text(SAY, bill()))
    with perceived.anew():
        assert desk.run(desk.text(SAY, bill())) == one


def test_what_is_put_together_is_what_was_said(desk: Desk) -> None:
    async def whole() -> tuple[str, FinishReason]:
        question = await desk.question(SAY, bill())
        choice, _, _ = await collect(desk.pipeline.answer(question))
        return choice.text, choice.finish_reason

    said = desk.run(desk.deltas(SAY, bill()))
    assert desk.run(whole()) == ("".join(delta.text for delta in said), said[-1].finish)


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_tokens_are_said_than_were_asked_for(desk: Desk, most: int) -> None:
    said = desk.run(desk.deltas(SAY, bill(), max_tokens=most))
    whole = desk.run(desk.text(SAY, bill()))
    text = "".join(delta.text for delta in said)
    assert said[-1].finish == "length"
    assert len(text) < len(whole)
    assert whole.startswith(text)
    used = said[-1].used
    told = used.completion_tokens if used is not None else None
    assert (told or sum(delta.tokens for delta in said)) <= most


def test_a_stop_sequence_ends_the_answer_before_itself(desk: Desk) -> None:
    whole = desk.run(desk.text(SAY, bill()))
    middle = len(whole) // 2
    for stop in (whole[middle : middle + 3], whole[:1]):
        said = desk.run(desk.deltas(SAY, bill(), stop=["never said", stop]))
        assert "".join(delta.text for delta in said) == whole[: whole.find(stop)]
        assert said[-1].finish == "stop"


@pytest.mark.parametrize("text", ["", " ", "\n", "?", "…", "\0", "🚢"])
def test_an_empty_question_has_an_answer(desk: Desk, text: str) -> None:
    for pictures in ((), (encoded(Image.new("RGB", (40, 40), "teal")),)):
        said = desk.run(desk.deltas(text, *pictures))
        assert said[-1].finish in ("stop", "length")
        assert "".join(delta.text for delta in said)


@pytest.mark.parametrize("size", [(1, 1), (1, 60), (60, 1)])
def test_the_smallest_pictures_are_answered(desk: Desk, size: tuple[int, int]) -> None:
    said = desk.run(desk.deltas(SAY, encoded(Image.new("RGB", size, "red"))))
    assert said[-1].finish in ("stop", "length")


def test_every_picture_of_several_is_seen(desk: Desk) -> None:
    """Whichever of them is another, the answer is another."""
    signs = [
        encoded(written(word, size=60).crop((0, 0, 320, 120))) for word in ("Oak", "Elm", "Ash")
    ]
    other = encoded(written("Yew", size=60, ground="gold").crop((0, 0, 300, 150)))
    said = {desk.run(desk.text("What do they say?", *signs, max_tokens=120))}
    for place in range(len(signs)):
        changed = [*signs]
        changed[place] = other
        said.add(desk.run(desk.text("What do they say?", *changed, max_tokens=120)))
    assert len(said) == 4


def test_a_picture_that_cannot_be_had_is_named(desk: Desk) -> None:
    with pytest.raises(ImageError) as refused:
        desk.run(desk.question("?", sample("sign"), b"no picture"))
    assert refused.value.param == "messages[0].content[2].image_url.url"


def test_pictures_of_one_form_have_answers_of_their_own(desk: Desk) -> None:
    if not desk.case.looks:
        pytest.skip("it looks at no pixel")
    drawn = [encoded(Image.new("RGB", (96, 96), ink)) for ink in ("red", "blue", "black")]
    said = {desk.run(desk.text("What colour is the picture?", each)) for each in drawn}
    assert len(said) > 1


def test_what_it_lacks_is_refused_by_name(desk: Desk) -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    asks: dict[str, Body] = {
        "logprobs": {"logprobs": True}, "top_logprobs": {"logprobs": True, "top_logprobs": 2},
        "response_format": {"response_format": {"type": "json_object"}},
        "tools": {"tools": [tool]}, "tool_choice": {"tools": [tool], "tool_choice": "required"},
        "logit_bias": {"logit_bias": {"5": 1}},
    }  # fmt: skip
    assert desk.engine.capabilities.lacks <= asks.keys()
    for name in desk.engine.capabilities.lacks:
        with pytest.raises(InvalidRequest, match="not supported with this model") as refused:
            desk.run(desk.question("Answer in JSON.", **asks[name]))
        assert refused.value.param in asks[name]


def test_a_schema_is_kept_to(desk: Desk) -> None:
    if not desk.case.json:
        pytest.skip("it knows no schemas")
    schema = {
        "type": "object",
        "properties": {"paid": {"type": ["boolean", "null"]}},
        "required": ["paid"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "t", "strict": True, "schema": schema}}
    own = {"logit_bias": None, "max_tokens": 60}
    said = desk.run(desk.text("Is it paid?", bill(), response_format=form, **own))
    jsonschema.validate(json.loads(said), schema)


def test_a_conversation_is_taken(desk: Desk) -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        *asking("What does it say?", bill()),
        {"role": "assistant", "content": "A total."},
        {"role": "user", "content": "What is the total?"},
    ]
    said = desk.run(desk.deltas("", messages=messages))
    assert said[-1].finish in ("stop", "length")


def test_several_at_once_have_each_their_own_answer(desk: Desk) -> None:
    pictures = [
        encoded(written(word, size=60).crop((0, 0, 320, 120)))
        for word in ("Oak", "Elm", "Ash", "Yew")
    ]
    alone = [desk.run(desk.text(SAY, each)) for each in pictures]

    async def together() -> list[str]:
        return await asyncio.gather(*(desk.text(SAY, each) for each in pictures * 2))

    said = desk.run(together())
    if desk.engine.name == "llamacpp":  # whose sums depend on what is added beside them
        assert all(said)
    else:
        assert said == alone * 2


def test_closing_the_answer_ends_the_work(desk: Desk) -> None:
    async def leave() -> None:
        question = await desk.question(SAY, bill())
        async with aclosing(desk.pipeline.answer(question)) as deltas:
            async for _ in deltas:
                break
        await idle()

    async def idle() -> None:
        await asyncio.to_thread(until, lambda: not desk.pipeline.counts()["working"])

    async def cancel() -> None:
        question = await desk.question(SAY, sample("sign"))
        working = asyncio.ensure_future(first(desk.pipeline.answer(question)))
        await asyncio.sleep(0)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await idle()

    for _ in range(3):
        with perceived.anew():
            desk.run(leave())
            desk.run(cancel())
    assert desk.run(desk.text(SAY, bill()))  # and the next is answered


async def first(deltas: AsyncIterator[Delta]) -> Delta:
    """Give the first piece."""
    return await anext(deltas)


def test_tokens_are_counted(desk: Desk) -> None:
    def count(*texts: str) -> int:
        return desk.run(desk.engine.count(texts))

    assert count() == 0
    assert 0 < count("harbour") <= count("harbour lights") < count("harbour lights " * 20)
    assert count("harbour", "lights") >= count("harbour")
    assert count("\0🚢…") > 0


def test_it_answers_as_the_models_that_it_serves(desk: Desk) -> None:
    for name in desk.engine.serves[:3]:
        assert desk.pipeline.routing.find(name).id == name
    assert desk.engine.ready
    assert desk.pipeline.routing.default.state == "ready"
    capabilities = desk.engine.capabilities
    assert capabilities.parallel is None or capabilities.parallel > 0
    assert capabilities.context is None or capabilities.context > 0


def test_an_engine_that_is_not_loaded_answers_or_says_so_in_our_words(desk: Desk) -> None:
    workers = Workers(1)
    engine = Guarded(engines.make(desk.settings.engine, desk.settings, workers))

    async def early() -> Delta | SightlineError:
        question = await desk.question("?")
        try:
            return [delta async for delta in engine.answer(question)][-1]
        except SightlineError as error:
            return error
        finally:
            await engine.close()
            workers.close()

    said = desk.run(early())
    assert said.message if isinstance(said, SightlineError) else said.finish


def test_what_is_right_is_found_right(desk: Desk) -> None:
    workers = Workers(1)
    engine = Guarded(engines.make(desk.settings.engine, desk.settings, workers))
    engine.check()
    engine.check()
    asyncio.run(engine.close())  # without ever having been loaded
    workers.close()


def test_it_is_one_of_the_table_or_documented(desk: Desk) -> None:
    found = engines.ENGINES.find(desk.settings.engine)
    assert found.name == desk.engine.name
    assert {*engines.ENGINES.built_in, "documented"} == set(ENGINES)
