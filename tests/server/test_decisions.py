"""`/v1/decisions` and `/v1/systemone`, by the real client that takes no reply but the API's."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
import requests

from tests.conftest import Web, running
from tests.pictures import data_url, encoded, photograph, sample
from tests.server.test_decoding import captcha
from tests.server.test_keys import added, bearer
from tests.waiting import PATIENCE_S

pytest.importorskip("skimage")
CAT = encoded(photograph("chelsea"))
URL = data_url(CAT)
EMPTY = {"type": "predicate", "instructions": "Is there a dog?"}
THERE = {"type": "predicate", "name": "cat", "instructions": "There is a cat."}
WHICH = {
    "type": "choice",
    "name": "which",
    "instructions": "Which animal is shown?",
    "choices": [{"value": "dog"}, {"value": "cat", "description": "Purrs."}, {"value": "horse"}],
}
SCORED = {
    "type": "score",
    "name": "cute",
    "instructions": "How cute is it?",
    "levels": [{"label": "not"}, {"label": "very"}],
}


def picture(url: str = URL, **more: Any) -> dict[str, Any]:
    return {"type": "input_image", "image_url": url, **more}


def user(*parts: Any) -> Any:
    return [{"role": "user", "content": list(parts)}]


@pytest.fixture(scope="module")
def strict(base_url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=base_url,
        api_key="x",
        max_retries=0,
        timeout=PATIENCE_S,
        _strict_response_validation=True,
    ) as made:
        yield made


def decide(client: openai.OpenAI, *questions: Any, input: Any = None, **more: Any) -> Any:
    evidence = user(picture()) if input is None else input
    return client.decisions.create(
        model="gpt-4o", input=evidence, questions=list(questions), **more
    )


def test_answers_come_in_order_with_names_and_probabilities(strict: openai.OpenAI) -> None:
    made = decide(strict, THERE, EMPTY, WHICH, SCORED)
    cat, dog, which, cute = made.answers
    assert (cat.type, cat.name) == ("predicate", "cat")
    assert cat.probability > 0.9
    assert (dog.type, dog.name) == ("predicate", None)
    assert dog.probability < 0.1
    assert (which.type, which.name, which.choice) == ("choice", "which", "cat")
    assert [one.value for one in which.probabilities] == ["dog", "cat", "horse"]
    assert sum(one.probability for one in which.probabilities) == pytest.approx(1, abs=1e-9)
    assert 0.9 < which.confidence <= 1
    # It has no calibrated scale, and says so rather than make one up.
    assert (cute.type, cute.name) == ("refusal", "cute")
    assert "scale" in cute.sightline["reason"]
    assert made.model == "gpt-4o-2024-08-06"
    usage = made.usage
    assert usage.input_tokens > usage.input_tokens_details.image_tokens > 0
    assert usage.output_tokens == 3
    assert usage.total_tokens == usage.input_tokens + 3
    assert usage.input_tokens_details.cache_write_tokens == 0


def test_truth_is_chosen_as_it_is_asked_for(strict: openai.OpenAI) -> None:
    choices: list[list[Any]] = [[False, True], [True, False], ["Yes", "No"], ["false", "true"]]
    asked = [
        {"type": "choice", "instructions": "Is there a cat?", "choices": [{"value": v} for v in c]}
        for c in choices
    ]
    made = decide(strict, *asked)
    assert [answer.choice for answer in made.answers] == [True, True, "Yes", "true"]


@pytest.mark.parametrize(
    "text",
    [
        "Is the cat asleep?", "There is no cat.", "There is a red cat.", "Is there a piano?",
        "Is there a man?", "Two cats are visible.", "Who is this?", "Is there a cat or a dog?",
        "x" * 5000,
    ],
)  # fmt: skip
def test_what_has_no_calibrated_probability_is_refused(strict: openai.OpenAI, text: str) -> None:
    (answer,) = decide(strict, {"type": "predicate", "instructions": text}).answers
    assert answer.type == "refusal"
    assert answer.sightline["reason"]


def test_a_text_and_a_boolean_of_the_same_word_are_two_choices(strict: openai.OpenAI) -> None:
    alike = {"type": "choice", "instructions": "There is a cat.",
             "choices": [{"value": True}, {"value": "true"}]}  # fmt: skip
    said = {**alike, "choices": [{"value": "no"}, {"value": True}]}
    first, second = decide(strict, alike, said).answers
    assert first.type == "refusal"
    assert second.choice is True
    assert [one.probability > 0.5 for one in second.probabilities] == [False, True]


def test_papers_are_decided_by_what_is_printed(strict: openai.OpenAI) -> None:
    total = {
        "type": "choice",
        "instructions": "What is the total?",
        "choices": [{"value": "$12.00"}, {"value": "$16.20"}, {"value": "$18.00"}],
    }
    card = {"type": "predicate", "instructions": "Was it paid by card?"}
    dog = {"type": "predicate", "instructions": "There is a dog."}
    receipt = user(picture(data_url(sample("receipt"))))
    first, second, third = decide(strict, total, card, dog, input=receipt).answers
    assert first.choice == "$16.20"
    low, best, other = (one.probability for one in first.probabilities)
    assert best > 0.65
    assert low == pytest.approx(other)
    assert second.probability > 0.65
    assert third.type == "refusal"


def test_one_of_several_pictures_is_named(strict: openai.OpenAI) -> None:
    both = user(picture(data_url(sample("receipt"))), picture())
    asked = ("There is a cat in image 2.", "There is a cat.")
    questions = [{"type": "predicate", "instructions": text} for text in asked]
    named, unnamed = decide(strict, *questions, input=both).answers
    assert named.probability > 0.9
    assert unnamed.type == "refusal"
    own = [{"type": "input_text", "text": "There is a cat."}, picture()]
    (shown,) = decide(
        strict, {"type": "predicate", "instructions": own}, input="Look at what is asked."
    ).answers
    assert shown.probability > 0.9


def test_pictures_by_url_by_id_and_in_a_tools_output(
    strict: openai.OpenAI, web: Web, tmp_path: Path
) -> None:
    page = web.page("/cat.png", CAT)
    before = len(web.asked)
    asked = [THERE] * 40
    assert all(
        answer.probability > 0.9
        for answer in decide(strict, *asked, input=user(picture(page))).answers
    )
    assert len(web.asked) == before + 1  # once for all questions
    file = strict.files.create(file=("cat.png", CAT), purpose="vision")
    by_id = {"type": "input_image", "file_id": file.id}
    assert decide(strict, THERE, input=user(by_id)).answers[0].probability > 0.9
    history = [
        {"role": "system", "content": "Be strict."},
        {"role": "assistant", "content": "I look."},
        {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": [picture(detail="low")]},
        *user({"type": "input_json", "data": {"shelf": [1, 2]}}),
    ]
    made = decide(strict, THERE, input=history)
    assert made.answers[0].probability > 0.9
    assert made.usage.input_tokens_details.image_tokens == 85


def test_detail_and_limits_are_as_elsewhere(strict: openai.OpenAI) -> None:
    low = decide(strict, THERE, input=user(picture(detail="low"))).usage
    assert low.input_tokens_details.image_tokens == 85
    with pytest.raises(openai.BadRequestError) as caught:
        decide(strict, THERE, input=user(*[picture("data:,")] * 3000))
    assert (caught.value.code, caught.value.param) == ("too_many_images", "input")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("data:image/png;base64,AAAA", "invalid_image"),
        ("http://127.0.0.1:9/none.png", "invalid_image_url"),
    ],
)
def test_a_picture_that_cannot_be_had_ends_the_request(
    strict: openai.OpenAI, url: str, code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        decide(strict, THERE, input=user({"type": "input_text", "text": "Look."}, picture(url)))
    assert caught.value.param == "input[0].content[1].image_url"
    asked = {"type": "predicate", "instructions": [picture(url)]}
    with pytest.raises(openai.BadRequestError) as caught:
        decide(strict, THERE, asked)
    assert caught.value.param == "questions[1].instructions[0].image_url"


def test_captchas_are_refused() -> None:
    with (
        running("--no-playground") as url,
        openai.OpenAI(base_url=url, api_key="x", max_retries=0, timeout=PATIENCE_S) as client,
        pytest.raises(openai.BadRequestError) as caught,
    ):
        decide(client, THERE, input=user(picture(data_url(encoded(captcha(5))))))
    assert caught.value.code == "content_policy_violation"
    assert caught.value.param == "input[0].content[0].image_url"


BODY: dict[str, Any] = {"model": "gpt-4o", "input": "Look.", "questions": [EMPTY]}
DEEP: Any = {}
for _ in range(40):
    DEEP = {"k": DEEP}


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"model": None}, "model", "missing_required_parameter"),
        ({"model": "no-such-model"}, None, "model_not_found"),
        ({"input": None}, "input", "missing_required_parameter"),
        ({"input": []}, "input", "empty_array"),
        ({"questions": None}, "questions", "missing_required_parameter"),
        ({"questions": []}, "questions", "empty_array"),
        ({"questions": [EMPTY] * 401}, "questions", "array_above_max_length"),
        ({"question": 1}, "question", "unknown_parameter"),
        ({"questions": [{"type": "guess"}]}, "questions[0].type", "invalid_value"),
        ({"questions": [{**SCORED, "choices": []}]}, "questions[0].choices", "unknown_parameter"),
        ({"questions": [{**WHICH, "choices": [{"value": "a", "label": "b"}, {"value": "c"}]}]},
         "questions[0].choices[0].label", "unknown_parameter"),
        ({"questions": [{"type": "predicate"}]}, "questions[0].instructions",
         "missing_required_parameter"),
        ({"questions": [{**WHICH, "choices": [{"value": "a"}]}]}, "questions[0].choices",
         "array_below_min_length"),
        ({"questions": [{**WHICH, "choices": [{"value": str(i)} for i in range(256)]}]},
         "questions[0].choices", "array_above_max_length"),
        ({"questions": [{**WHICH, "choices": [{"value": "a"}, {"value": "a"}]}]},
         "questions[0].choices[1].value", "duplicate_value"),
        ({"questions": [{**WHICH, "choices": [{"value": 1}, {"value": "a"}]}]},
         "questions[0].choices[0].value", "invalid_type"),
        ({"questions": [{**SCORED, "levels": [{"label": str(i)} for i in range(11)]}]},
         "questions[0].levels", "array_above_max_length"),
        ({"input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]},
         "input[0].call_id", None),
        ({"input": [{"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
                    *user(picture())]}, "input", None),
        ({"input": [{"type": "custom_tool_call", "call_id": "c", "name": "look", "input": "x"}]},
         "input", None),
        ({"input": user({"type": "input_json", "data": DEEP})}, "input[0].content[0].data",
         "json_too_large"),
        ({"input": user({"type": "input_json", "data": {"k": "x" * 300_000}})},
         "input[0].content[0].data", "json_too_large"),
        ({"input": user({"type": "input_json", "data": {"k": [0] * 10_000}})},
         "input[0].content[0].data", "json_too_large"),
        ({"input": user({"type": "input_image"})}, "input[0].content[0]",
         "missing_mutually_exclusive_parameters"),
        ({"input": user({"type": "input_file", "file_id": "f"})}, "input[0].content[0].type",
         "invalid_value"),
        ({"input": [{"role": "system", "content": [picture()]}]}, "input[0].content[0].type",
         "invalid_value"),
    ],
)  # fmt: skip
def test_errors_name_what_is_wrong(
    base_url: str, change: dict[str, Any], param: str | None, code: str | None
) -> None:
    body = {k: v for k, v in {**copy.deepcopy(BODY), **change}.items() if v is not None}
    reply = requests.post(f"{base_url}/decisions", json=body, timeout=PATIENCE_S)
    assert reply.status_code == (404 if code == "model_not_found" else 400)
    error = reply.json()["error"]
    assert (error["param"], error["code"]) == (param if param else error["param"], code)


def test_a_text_and_a_boolean_that_read_alike_are_two_choices(strict: openai.OpenAI) -> None:
    asked = {**WHICH, "choices": [{"value": "true"}, {"value": True}]}
    assert decide(strict, asked).answers[0].type == "refusal"  # but no error


def test_keys_models_and_limits_are_as_of_a_chat(tmp_path: Path) -> None:
    key = added(tmp_path, "alice", "--models", "gpt-4o")
    flags = ("--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite"))
    with running(*flags, "--requests-per-minute", "2", "--no-playground") as url:

        def post(headers: dict[str, str], **more: Any) -> requests.Response:
            body = {**BODY, **more}
            return requests.post(f"{url}/decisions", json=body, headers=headers, timeout=PATIENCE_S)

        assert post({}).status_code == 401
        assert post(bearer(key), model="gpt-4o-mini").status_code == 404
        told = [post(bearer(key)) for _ in range(3)]
        assert [reply.status_code for reply in told] == [200, 200, 429]
        assert told[0].headers["x-ratelimit-remaining-requests"] == "1"
        assert int(told[2].headers["retry-after"]) > 0


def test_an_engine_that_cannot_tell_says_so_before_it_looks() -> None:
    with (
        running("--engine", "mirror", "--no-playground") as url,
        openai.OpenAI(base_url=url, api_key="x", max_retries=0, timeout=PATIENCE_S) as client,
        pytest.raises(openai.BadRequestError) as caught,
    ):
        decide(client, THERE, input=user(picture("http://127.0.0.1:9/none.png")))
    assert (caught.value.code, caught.value.param) == ("unsupported_model", "model")


def named(url: str, **body: Any) -> requests.Response:
    return requests.post(f"{url}/systemone", json=body, timeout=PATIENCE_S)


def test_the_smaller_form_of_other_servers(base_url: str) -> None:
    questions = {
        "cat": {"type": "noul", "instructions": "Is there a cat?"},
        "kind": {
            "type": "choice",
            "instructions": "Which animal is shown?",
            "criteria": {"cat": None, "dog": "Barks."},
        },
        "cute": {"type": "score", "instructions": "How cute?", "criteria": ["not", "very"]},
    }
    pictures = [base64.b64encode(CAT).decode()]
    reply = named(base_url, state={"seen": "[image 1]"}, images=pictures, questions=questions)
    assert reply.status_code == 200, reply.text
    told = reply.json()
    assert told["answers"]["cat"]["noul"] > 0.9
    kind = told["answers"]["kind"]
    assert (kind["type"], kind["choice"]) == ("choice", "cat")
    assert sum(kind["probabilities"].values()) == pytest.approx(1, abs=1e-9)
    assert told["answers"]["cute"]["type"] == "refusal"
    assert told["usage"]["output_tokens"] == 2
    broken = named(base_url, state="x", images=["AAAA"], questions=questions).json()["error"]
    assert broken["param"] == "images[0]"
    for body, param in (
        ({"questions": questions}, "state"),
        ({"state": "x", "questions": {}}, "questions"),
        ({"state": "x", "questions": {"a": {"type": "box"}}}, "questions.a.type"),
        ({"state": "x", "questions": {"a": {"type": "score", "instructions": "x",
                                           "criteria": ["a"]}}}, "questions.a.criteria"),
        ({"state": "x", "questions": {"a": {"type": "choice", "instructions": "x",
                                           "criteria": {"a": None}}}}, "questions.a.criteria"),
    ):  # fmt: skip
        reply = named(base_url, **body)
        assert reply.status_code == 400
        assert reply.json()["error"]["param"] == param
