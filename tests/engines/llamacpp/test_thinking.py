"""Models whose templates open thoughts, with random weights: off unless asked for, never answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import openai
import pytest

from bench import random_model
from sightline.engines.llamacpp import thinking
from sightline.types import Delta
from tests.conftest import running
from tests.engines.llamacpp.templates import CALLING, KINDS
from tests.pictures import data_url, sample
from tests.waiting import PATIENCE_S

PICTURE = data_url(sample("sign"))
THINKERS = [name for name, kind in KINDS.items() if kind.opens]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "green"]}, "count": {"enum": [1, 2]}},
    "required": ["colour", "count"],
    "additionalProperties": False,
}
FORM = {"type": "json_schema", "json_schema": {"name": "seen", "strict": True, "schema": SCHEMA}}
TOOL = {"type": "function", "function": {"name": "add", "parameters": {
    "type": "object", "properties": {"a": {"enum": ["x", "y"]}}, "required": ["a"],
    "additionalProperties": False}}}  # fmt: skip
MARKS = ("<think>", "</think>", "<|channel>", "<channel|>", "thought\n")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    """A client of a server that has a model of each kind."""
    folder = tmp_path_factory.mktemp("kinds")
    rows = ['engine = "mirror"', "replicas = 1", "context = 2048", "slots = 1"]
    for name, kind in {**KINDS, "calling": CALLING}.items():
        model = random_model.write(folder / name, kind.shape)
        rows += [f'[models."{name}"]', 'engine = "llamacpp"', f"model = '{model}'"]
    file = folder / "sightline.toml"
    file.write_text("\n".join(rows))
    with (
        running("--config", str(file)) as url,
        openai.OpenAI(base_url=url, api_key="one", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        yield client


def ask(client: openai.OpenAI, name: str, **more: Any) -> Any:
    parts: list[Any] = [
        {"type": "image_url", "image_url": {"url": PICTURE, "detail": "low"}},
        {"type": "text", "text": "What is this?"},
    ]
    if not more.keys() & {"response_format", "tools"}:  # those end by themselves
        more = {"logit_bias": KINDS[name].bias, **more}
    return client.chat.completions.create(
        model=name, messages=[{"role": "user", "content": parts}], **{"max_tokens": 16, **more}
    )


def thoughts(reply: Any) -> str:
    return str(getattr(reply.choices[0].message, "reasoning_content", ""))


@pytest.mark.parametrize("name", KINDS)
def test_none_thinks_unless_asked(client: openai.OpenAI, name: str) -> None:
    for effort in (openai.omit, "none"):
        reply = ask(client, name, reasoning_effort=effort, seed=1)
        content = reply.choices[0].message.content
        assert content
        assert not any(mark in content for mark in MARKS)
        assert not thoughts(reply)
        assert reply.usage.completion_tokens == 16
        spent = reply.usage.completion_tokens_details.reasoning_tokens
        # A template that opens a thought whatever it is told has it ended at once.
        assert (0 < spent <= 4) if KINDS[name].always else spent == 0


@pytest.mark.parametrize("name", THINKERS)
def test_thoughts_are_kept_apart_and_to_half_of_the_answer(
    client: openai.OpenAI, name: str
) -> None:
    reply = ask(client, name, reasoning_effort="medium", max_tokens=48, seed=2)
    message = reply.choices[0].message
    assert message.content
    assert len(thoughts(reply)) > 4
    assert not any(mark in message.content + thoughts(reply) for mark in MARKS)
    assert 8 < reply.usage.completion_tokens_details.reasoning_tokens <= 28
    assert reply.usage.completion_tokens == 48
    said = {"reasoning_content": "", "content": ""}
    chunks = ask(client, name, reasoning_effort="medium", max_tokens=48, seed=2, stream=True)
    for chunk in chunks:
        for key in said:
            said[key] += getattr(chunk.choices[0].delta, key, None) or ""
    assert said == {"reasoning_content": thoughts(reply), "content": message.content}


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_more_is_thought_than_said(client: openai.OpenAI, most: int) -> None:
    spent = ask(client, "qwen3.5", reasoning_effort="low", max_tokens=most).usage
    assert spent.completion_tokens == most
    assert spent.completion_tokens_details.reasoning_tokens <= most


@pytest.mark.parametrize("effort", ["none", "medium"])
def test_the_likelihood_of_an_answers_tokens_is_told(client: openai.OpenAI, effort: str) -> None:
    reply = ask(client, "qwen3.5", reasoning_effort=effort, max_tokens=32, logprobs=True,
                logit_bias={"100": 100})  # fmt: skip
    choice = reply.choices[0]
    thought = reply.usage.completion_tokens_details.reasoning_tokens
    assert thought == 0 if effort == "none" else 16 <= thought <= 18
    assert set(choice.message.content) == {"d"}
    assert "".join(token.token for token in choice.logprobs.content) == choice.message.content
    assert set(thoughts(reply)) == (set() if effort == "none" else {"d"})


@pytest.mark.parametrize("effort", ["none", "low"])
@pytest.mark.parametrize("name", KINDS)
def test_a_strict_schema_is_kept_to(client: openai.OpenAI, name: str, effort: str) -> None:
    for seed in range(2):
        reply = ask(client, name, response_format=FORM, reasoning_effort=effort, max_tokens=80,
                    seed=seed)  # fmt: skip
        jsonschema.validate(json.loads(reply.choices[0].message.content), SCHEMA)
        assert reply.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("effort", ["none", "low"])
@pytest.mark.parametrize("name", KINDS)
def test_a_tool_that_is_asked_for_is_called(client: openai.OpenAI, name: str, effort: str) -> None:
    reply = ask(client, name, tools=[TOOL], tool_choice="required", parallel_tool_calls=False,
                reasoning_effort=effort, max_tokens=120, seed=3)  # fmt: skip
    call = reply.choices[0].message.tool_calls[0].function
    assert call.name == "add"
    assert json.loads(call.arguments)["a"] in ("x", "y")
    free = ask(client, name, tools=[TOOL], reasoning_effort=effort, seed=3)
    assert not any(mark in (free.choices[0].message.content or "") for mark in MARKS)


def test_a_call_in_a_models_own_form_is_known_after_a_thought(client: openai.OpenAI) -> None:
    end = str(random_model.vocabulary(0)[0].index("<|im_end|>"))
    for effort, thought in (("none", ""), ("low", "It adds.")):
        reply = ask(client, "calling", tools=[TOOL], reasoning_effort=effort, logit_bias={end: 100})
        assert reply.choices[0].finish_reason == "tool_calls"
        (call,) = reply.choices[0].message.tool_calls
        assert (call.function.name, json.loads(call.function.arguments)) == ("add", {"a": "x"})
        assert not reply.choices[0].message.content
        assert thoughts(reply) == thought


def test_responses_have_thoughts_as_items(client: openai.OpenAI) -> None:
    parts: list[Any] = [
        {"type": "input_image", "image_url": PICTURE, "detail": "low"},
        {"type": "input_text", "text": "What is this?"},
    ]
    asked: dict[str, Any] = {"model": "qwen3.5", "input": [{"role": "user", "content": parts}],
                             "max_output_tokens": 64}  # fmt: skip
    quiet = client.responses.create(**asked)
    assert [item.type for item in quiet.output] == ["message"]
    assert quiet.usage is not None
    assert quiet.usage.output_tokens_details.reasoning_tokens == 0
    made = client.responses.create(**asked, reasoning={"effort": "low"})
    thought, message = made.output
    assert (thought.type, message.type) == ("reasoning", "message")
    assert thought.content
    assert thought.content[0].text
    assert thought.content[0].text not in made.output_text
    assert made.usage is not None
    assert made.usage.output_tokens_details.reasoning_tokens > 8
    assert made.reasoning is not None
    assert made.reasoning.effort == "low"
    with client.responses.stream(**asked, reasoning={"effort": "low"}) as stream:
        events = list(stream)
    kinds = [event.type for event in events]
    assert kinds[-1] in ("response.completed", "response.incomplete")
    assert kinds.index("response.reasoning_text.done") < kinds.index("response.output_text.delta")
    whole = events[-1].response  # type: ignore[union-attr]
    assert [item.type for item in whole.output] == ["reasoning", "message"]
    after = client.responses.create(**{**asked, "input": "And?"}, previous_response_id=made.id)
    assert after.output_text
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(**{**asked, "reasoning": {"effort": "much"}})
    assert refused.value.param == "reasoning.effort"
    with pytest.raises(openai.BadRequestError, match="Unknown parameter"):
        client.responses.create(**{**asked, "reasoning": {"max_tokens": 5}})


def split(text: str, *, effort: Any = "low", size: int = 1, begun: bool = True) -> tuple[str, str]:
    """What is thought and what is answered of a text that comes in pieces."""
    marks = thinking.Marks("<think>", "</think>", {True: begun, False: False}, '"<think>"')
    reader = thinking.Splitter(marks, effort)
    deltas = [Delta(text=text[i : i + size], tokens=1) for i in range(0, len(text), size)]
    pieces = [piece for delta in [*deltas, Delta(finish="stop")] for piece in reader.take(delta)]
    assert pieces[-1].finish == "stop"
    return "".join(p.thought for p in pieces), "".join(p.text for p in pieces)


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("<think>\nIt is red.\n</think>\n\nRed. ", "It is red.", "Red. "),
        ("<think>\n\n</think>\n\nRed.", "", "Red."),
        ("<think></think><think>\nIs it?</think>Red.", "Is it?", "Red."),
        ("<think>\nIt is <b>, </b> or </thin air", "It is <b>, </b> or </thin air", ""),
        ("<think>\nIt is  ", "It is", ""),
        ("<think", "", "<think"),
        ("  Red.", "", "  Red."),
        ("Red: </think> and <think> are words.", "", "Red: </think> and <think> are words."),
        ("", "", ""),
    ],
)
def test_a_text_is_taken_apart_wherever_it_is_cut(
    size: int, text: str, thought: str, answer: str
) -> None:
    assert split(text, size=size) == (thought, answer)
    assert split(text, size=size, effort="none") == ("", answer)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_an_answer_ends_at_its_stop_word_wherever_it_is_cut(size: int) -> None:
    def said(text: str) -> tuple[str, bool]:
        stops = thinking.Stops(("END", "\n\n"))
        kept = ""
        for i in range(0, len(text), size):
            kept += "".join(d.text for d in stops.take(Delta(text=text[i : i + size], tokens=1)))
            if stops.reached:
                return kept, True
        kept += "".join(d.text for d in stops.take(Delta(finish="length")))
        return kept, stops.reached

    assert said("It is EN and END of it") == ("It is EN and ", True)
    assert said("One\nTwo\n\nThree") == ("One\nTwo", True)
    assert said("It is EN") == ("It is EN", False)
    assert said("END") == ("", True)


def test_stop_words_end_the_answer_and_no_thought(client: openai.OpenAI) -> None:
    reply = ask(client, "qwen3.5", reasoning_effort="low", max_tokens=64, stop=["ddd"],
                logit_bias={"100": 100})  # fmt: skip
    assert reply.choices[0].finish_reason == "stop"
    assert len(thoughts(reply)) > 20
    assert "ddd" not in (reply.choices[0].message.content or "")
    spent = reply.usage
    assert spent.completion_tokens_details.reasoning_tokens >= 32
    assert spent.completion_tokens < 64
    assert spent.sightline["prompt_tokens"] > 50


def test_budgets_leave_room_for_an_answer() -> None:
    assert thinking.budget("none", 500, 8192) == 1
    assert thinking.budget("low", 0, 8192) < thinking.budget("high", 0, 8192) == 4096
    assert thinking.budget("high", 0, 16) == 8
    assert thinking.budget("max", 300, 8192) == 300
    assert thinking.budget("minimal", 0, 1) == 1
