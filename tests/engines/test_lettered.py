"""Decisions of engines that answer in words: another server's own, by tokens, and open models'."""

from __future__ import annotations

import json
import math
from typing import Any

import openai
import pytest

from tests.engines.test_upstream import Reply, behind, standing
from tests.pictures import bill, data_url, encoded, written
from tests.waiting import PATIENCE_S

PAID = {"type": "predicate", "name": "paid", "instructions": "It is paid."}
KIND = {
    "type": "choice",
    "name": "kind",
    "instructions": [{"type": "input_text", "text": "What is it?"}],
    "choices": [{"value": "bill", "description": "To be paid."}, {"value": "letter"}],
}
DAMAGE = {
    "type": "score",
    "instructions": "How damaged?",
    "levels": [{"label": "none"}, {"label": "light"}, {"label": "heavy"}],
}
INPUT: Any = [
    {"role": "system", "content": "Be strict."},
    {"role": "user", "content": [
        {"type": "input_image", "image_url": data_url(bill()), "detail": "low"},
        {"type": "input_json", "data": {"shelf": 1}},
    ]},
]  # fmt: skip


def decide(
    client: openai.OpenAI, *questions: Any, input: Any = INPUT, model: str = "some-model"
) -> Any:
    return client.decisions.create(model=model, input=input, questions=list(questions))


def whole(*answers: dict[str, Any]) -> Reply:
    usage = {
        "input_tokens": 90, "input_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 0},
        "output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 92,
    }  # fmt: skip
    body = {"model": "m", "answers": list(answers), "usage": usage}
    return 200, "application/json", json.dumps(body).encode()


def lettered(**shares: float) -> Reply:
    """An answer of one token, with how likely several were."""
    top: list[dict[str, Any]] = [
        {"token": t, "logprob": math.log(p), "bytes": None} for t, p in shares.items()
    ]
    best = max(top, key=lambda one: one["logprob"])
    choice = {
        "index": 0, "message": {"role": "assistant", "content": best["token"]},
        "logprobs": {"content": [{**best, "top_logprobs": top}]}, "finish_reason": "length",
    }  # fmt: skip
    usage = {
        "prompt_tokens": 70,
        "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": 50},
    }
    return 200, "application/json", json.dumps({"choices": [choice], "usage": usage}).encode()


def test_a_server_that_decides_is_passed_the_question() -> None:
    likely = [{"value": "bill", "probability": 0.9}, {"value": "letter", "probability": 0.1}]
    answers = (
        {"type": "predicate", "name": "paid", "probability": 0.25},
        {"type": "choice", "name": "kind", "choice": "bill", "confidence": 0.8,
         "probabilities": likely},
        {"type": "refusal", "name": None},
    )  # fmt: skip
    with standing(replies=[(429, "application/json", b"{}"), whole(*answers)]) as stand:
        with behind(stand.url) as client:
            made = decide(client, PAID, KIND, DAMAGE)
        first, sent = stand.bodies  # the first was tried again
    assert first == sent
    assert sent["model"] == "some-model"
    image, told = sent["input"][1]["content"]
    assert image["image_url"].startswith("data:image/")
    assert (image["type"], image["detail"]) == ("input_image", "low")
    assert told == {"type": "input_text", "text": '{"shelf":1}'}
    assert sent["questions"][1]["choices"] == KIND["choices"]
    paid, kind, damage = made.answers
    assert paid.probability == 0.25
    assert (kind.name, kind.choice) == ("kind", "bill")
    assert damage.type == "refusal"
    assert made.usage.input_tokens_details.cached_tokens == 40


@pytest.mark.parametrize(
    "answers",
    [
        (),
        ({"type": "predicate", "name": None, "probability": 7},),
        ({"type": "score", "name": None, "score": 1, "confidence": 1, "probabilities": []},),
        ({"type": "predicate", "name": None, "probability": "x"},),
    ],
)
def test_an_answer_in_another_form_is_the_servers_fault(answers: Any) -> None:
    with (
        standing(replies=[whole(*answers)]) as stand,
        behind(stand.url) as client,
        pytest.raises(openai.InternalServerError, match="not in the form of the API"),
    ):
        decide(client, PAID)


def test_one_that_does_not_is_asked_how_likely_its_tokens_are() -> None:
    missing = (404, "application/json", b'{"detail": "Not Found"}')
    replies = [missing, lettered(A=0.6, B=0.2, C=0.2), lettered(B=0.75, A=0.25), lettered(The=0.9)]
    with standing(replies=replies) as stand:
        with behind(stand.url) as client:
            made = decide(client, PAID, KIND)
            paid, kind = made.answers
            assert paid.probability == pytest.approx(0.75)
            assert (kind.choice, kind.probabilities[1].probability) == ("letter", 0.75)
            assert made.usage.input_tokens_details.cached_tokens == 50
            # What the model would say is none of the options.
            stand.replies.insert(0, missing)
            assert decide(client, PAID).answers[0].type == "refusal"
            many = {**KIND, "choices": [{"value": str(i)} for i in range(21)]}
            stand.replies.insert(0, missing)
            assert "20" in decide(client, many).answers[0].sightline["reason"]
        first = stand.bodies[1]
    assert (first["max_tokens"], first["top_logprobs"], first["temperature"]) == (1, 20, 0.0)
    said = first["messages"][-1]["content"]
    assert [part["type"] for part in said] == ["image_url", "text", "text", "text"]
    assert "A where it is true" in said[2]["text"]
    assert said[3]["text"] == PAID["instructions"]
    kinds = stand.bodies[2]["messages"][-1]["content"]
    assert kinds[:2] == said[:2]
    assert kinds[-1]["text"] == "\nA) bill: To be paid.\nB) letter"


def test_those_of_yes_or_no_are_asked_first_so_that_what_they_begin_with_is_cached() -> None:
    missing = (404, "application/json", b'{"detail": "Not Found"}')
    each = lettered(A=0.75, B=0.25)
    with standing(replies=[missing, each, each, each]) as stand, behind(stand.url) as client:
        paid, kind, again = decide(client, PAID, KIND, PAID).answers
        bodies = stand.bodies[1:]
    assert (paid.type, kind.type, again.type) == ("predicate", "choice", "predicate")
    assert "\nA) bill" not in str(bodies[0])
    assert bodies.count(bodies[0]) == 2


def test_one_that_tells_neither_is_named_before_anything_is_asked() -> None:
    with (
        standing(owner="library") as stand,
        behind(stand.url) as client,
        pytest.raises(openai.BadRequestError) as caught,
    ):
        decide(client, PAID)
    assert caught.value.code == "unsupported_model"
    assert "docs/decisions.md" in caught.value.body["hint"]  # type: ignore[index]
    assert not stand.bodies


def test_our_own_server_behind_ours_decides(base_url: str) -> None:
    total = {"type": "choice", "instructions": "What is the total?",
             "choices": [{"value": "$16.20"}, {"value": "$12.00"}]}  # fmt: skip
    with behind(base_url) as client:
        made = client.decisions.create(model="gpt-4o", input=INPUT, questions=[total, DAMAGE])  # type: ignore[list-item]
    assert made.answers[0].choice == "$16.20"  # type: ignore[union-attr]
    assert made.answers[1].type == "refusal"


def test_an_open_model_answers_as_if_each_were_asked_alone(llama_url: str) -> None:
    shown = data_url(encoded(written("Paid in cash").crop((0, 0, 640, 124))))
    input = [{"role": "user", "content": [{"type": "input_image", "image_url": shown}]}]
    with openai.OpenAI(
        base_url=llama_url,
        api_key="x",
        max_retries=0,
        timeout=PATIENCE_S,
        _strict_response_validation=True,
    ) as client:
        asked = (PAID, KIND, DAMAGE)
        together, again = (decide(client, *asked, input=input, model="gpt-4o") for _ in range(2))
        alone = [decide(client, one, input=input, model="gpt-4o").answers[0] for one in asked]
        other = decide(client, *asked, model="gpt-4o")
        # The evidence is worked through once, whatever is asked of it.
        one, many = (
            decide(client, *[PAID] * n, input=[*INPUT, INPUT[1]], model="gpt-4o") for n in (1, 20)
        )
    assert many.usage.sightline["prompt_tokens"] < 1.5 * one.usage.sightline["prompt_tokens"]
    shares = [told(a) for a in together.answers]
    assert shares == pytest.approx([told(answer) for answer in alone], abs=1e-3)
    assert [told(a) for a in again.answers] == pytest.approx(shares, abs=1e-3)
    assert again.usage.input_tokens_details.cached_tokens > 0
    assert [told(a) for a in other.answers] != pytest.approx(shares, abs=1e-4)  # it is seen
    assert 0 < together.answers[2].score < 2


def told(answer: Any) -> float:
    if answer.type == "predicate":
        return float(answer.probability)
    return float(answer.probabilities[0].probability)
