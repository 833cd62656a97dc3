"""`/v1/batches` through the real client: files of requests in, files of results out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import openai
import pytest

from tests.chatting import Body, chatting
from tests.conftest import running, started
from tests.pictures import asking, data_url, sample
from tests.server.test_keys import added
from tests.waiting import slow_model, until

CHAT: Literal["/v1/chat/completions"] = "/v1/chat/completions"


def line(id: str, body: dict[str, Any], url: str = CHAT, **more: Any) -> str:
    return json.dumps({"custom_id": id, "method": "POST", "url": url, "body": body, **more})


def say(text: str, model: str = "gpt-4o") -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}]}


def uploaded(client: openai.OpenAI, *lines: str) -> str:
    data = "\n".join(lines).encode()
    return client.files.create(file=("requests.jsonl", data), purpose="batch").id


def made(client: openai.OpenAI, *lines: str, endpoint: Any = CHAT, **more: Any) -> str:
    batch = client.batches.create(
        input_file_id=uploaded(client, *lines), endpoint=endpoint, completion_window="24h", **more
    )
    assert batch.status in ("validating", "in_progress", "finalizing", "completed")
    return batch.id


def ended(client: openai.OpenAI, id: str) -> openai.types.Batch:
    goes_on = ("validating", "in_progress", "finalizing", "cancelling")
    until(lambda: client.batches.retrieve(id).status not in goes_on)
    return client.batches.retrieve(id)


def told(client: openai.OpenAI, file: str | None) -> dict[str, Any]:
    """The lines of an output or error file, by their ids."""
    assert file is not None
    lines = [json.loads(each) for each in client.files.content(file).text.splitlines()]
    assert len({each["custom_id"] for each in lines}) == len(lines)
    return {each["custom_id"]: each for each in lines}


@contextmanager
def serving(folder: Path, *flags: str) -> Iterator[openai.OpenAI]:
    with (
        running("--files-dir", str(folder), *flags) as url,
        openai.OpenAI(base_url=url, api_key="x", max_retries=0) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    with serving(tmp_path_factory.mktemp("files")) as made:
        yield made


def test_pictures_are_asked_about(client: openai.OpenAI) -> None:
    sign = {"model": "gpt-4o", "messages": asking("What does it say?", sample("sign"))}
    receipt = {"model": "gpt-4o", "messages": asking("What is the total?", sample("receipt"))}
    broken = {"model": "gpt-4o", "messages": asking("And?", b"no picture")}
    id = made(
        client, line("a", sign), line("b", broken), "", line("c", receipt), metadata={"run": "7"}
    )
    batch = ended(client, id)
    assert (batch.status, batch.endpoint, batch.metadata) == ("completed", CHAT, {"run": "7"})
    assert batch.model == "gpt-4o"
    counts = batch.request_counts
    assert counts is not None
    assert (counts.total, counts.completed, counts.failed) == (3, 2, 1)
    assert batch.expires_at == batch.created_at + 86400
    assert batch.created_at <= (batch.in_progress_at or 0) <= (batch.finalizing_at or 0)
    assert batch.completed_at is not None
    assert batch.errors is None
    out = told(client, batch.output_file_id)
    assert set(out) == {"a", "c"}
    reply = out["a"]["response"]
    assert (reply["status_code"], out["a"]["error"]) == (200, None)
    assert reply["request_id"].startswith("req_")
    assert reply["body"]["choices"][0]["message"]["content"] == "MAPLE AVENUE\nCity Hospital 3 km"
    assert out["c"]["response"]["body"]["choices"][0]["message"]["content"]
    failed = told(client, batch.error_file_id)["b"]["response"]
    assert failed["status_code"] == 400
    assert failed["body"]["error"]["param"] == "messages[0].content[1].image_url.url"
    assert batch.usage is not None
    usages = [each["response"]["body"]["usage"] for each in out.values()]
    assert batch.usage.input_tokens == sum(u["prompt_tokens"] for u in usages)
    assert batch.usage.output_tokens == sum(u["completion_tokens"] for u in usages)
    assert batch.output_file_id is not None
    file = client.files.retrieve(batch.output_file_id)
    assert (file.purpose, file.filename) == ("batch_output", f"{id}_output.jsonl")
    assert file.expires_at is not None


def test_responses_too(client: openai.OpenAI) -> None:
    content = [
        {"type": "input_text", "text": "What does it say?"},
        {"type": "input_image", "image_url": data_url(sample("sign"))},
    ]
    body = {"model": "gpt-4o", "input": [{"role": "user", "content": content}]}
    id = made(client, line("a", body, "/v1/responses"), endpoint="/v1/responses")
    batch = ended(client, id)
    assert batch.error_file_id is None
    reply = told(client, batch.output_file_id)["a"]["response"]["body"]
    assert reply["output"][0]["content"][0]["text"] == "MAPLE AVENUE\nCity Hospital 3 km"
    assert batch.usage is not None
    assert batch.usage.input_tokens == reply["usage"]["input_tokens"]


def test_decisions_too(client: openai.OpenAI) -> None:
    url = "/v1/decisions"
    paid = {"type": "predicate", "instructions": "Is there a phone number?"}
    total = {
        "type": "choice",
        "name": "total",
        "instructions": "What is the total?",
        "choices": [{"value": "$16.20"}, {"value": "$3.00"}],
    }

    def body(picture: str, *questions: dict[str, Any]) -> dict[str, Any]:
        part = {"type": "input_image", "image_url": picture}
        evidence = [{"role": "user", "content": [part]}]
        return {"model": "gpt-4o", "input": evidence, "questions": list(questions)}

    lines = [
        line("a", body(data_url(sample("receipt")), total, paid), url),
        line("b", body("data:image/png;base64,AAAA", paid), url),
        line("c", body(data_url(sample("receipt"))), url),
    ]
    batch = ended(client, made(client, *lines, endpoint=url))
    assert (batch.status, batch.endpoint) == ("completed", url)
    reply = told(client, batch.output_file_id)["a"]["response"]["body"]
    assert reply["answers"][0]["choice"] == "$16.20"
    assert len(reply["answers"]) == 2
    failed = told(client, batch.error_file_id)
    assert failed["b"]["response"]["body"]["error"]["param"] == "input[0].content[0].image_url"
    assert failed["c"]["response"]["body"]["error"]["param"] == "questions"
    assert batch.usage is not None
    assert batch.usage.input_tokens == reply["usage"]["input_tokens"]
    assert batch.usage.output_tokens == reply["usage"]["output_tokens"]


def test_each_line_is_validated(client: openai.OpenAI) -> None:
    lines = [
        line("a", say("x")),
        "{",
        "[1]",
        json.dumps({"custom_id": "b"}),
        line("a", say("x")),
        line("c", say("x"), "/v1/responses"),
        line("d", say("x"), method="GET"),
        line("e", say("x") | {"stream": True}),
        line("f", say("x", "gpt-4o-mini")),
        line("g", {"messages": []}),
        line("", say("x")),
        json.dumps({"custom_id": "h", "method": "POST", "url": CHAT, "body": 1}),
    ]
    batch = ended(client, made(client, *lines))
    assert batch.status == "failed"
    assert batch.failed_at is not None
    assert batch.errors is not None
    found = [(e.line, e.code, e.param) for e in batch.errors.data or []]
    assert found == [
        (2, "invalid_json_line", None), (3, "invalid_json_line", None),
        (4, "missing_required_parameter", "method"), (5, "duplicate_custom_id", "custom_id"),
        (6, "mismatched_endpoint", "url"), (7, "invalid_method", "method"),
        (8, "invalid_value", "body.stream"), (9, "mismatched_model", "body.model"),
        (10, "missing_required_parameter", "body.model"), (11, "invalid_custom_id", "custom_id"),
        (12, "invalid_body", "body"),
    ]  # fmt: skip
    assert (batch.output_file_id, batch.error_file_id) == (None, None)
    empty = ended(client, made(client, "\n"))
    assert empty.errors is not None
    assert [e.code for e in empty.errors.data or []] == ["empty_file"]


def test_too_many_requests_and_too_large_ones(tmp_path: Path) -> None:
    flags = (
        "--max-batch-requests",
        "3",
        "--max-request-bytes",
        "4000",
        "--max-batch-bytes",
        "20000",
    )
    with serving(tmp_path, *flags) as client:
        batch = ended(client, made(client, *(line(str(i), say("x")) for i in range(4))))
        assert batch.errors is not None
        assert [(e.code, e.line) for e in batch.errors.data or []] == [("too_many_requests", None)]
        long = line("b", say("y" * 5000))
        batch = ended(client, made(client, line("a", say("x")), long, line("c", say("x"))))
        assert batch.errors is not None
        assert [(e.code, e.line) for e in batch.errors.data or []] == [("request_too_large", 2)]
        with pytest.raises(openai.APIStatusError, match="Maximum content size limit"):
            uploaded(client, "x" * 20_001)


def test_what_is_refused_at_once(client: openai.OpenAI) -> None:
    def refused(**fields: Any) -> openai.BadRequestError:
        usual = {"input_file_id": "file-1", "endpoint": CHAT, "completion_window": "24h"}
        with pytest.raises(openai.BadRequestError) as caught:
            client.batches.create(**{**usual, **fields})
        return caught.value

    assert refused().param == "input_file_id"
    assert refused(completion_window="1h").param == "completion_window"
    assert refused(endpoint="/v1/embeddings").param == "endpoint"
    assert refused(metadata={"a": 1}).param == "metadata.a"
    assert refused(extra_body={"zzz": 1}).code == "unknown_parameter"
    assert (
        refused(output_expires_after={"anchor": "created_at", "seconds": 5}).param
        == "output_expires_after.seconds"
    )
    picture = client.files.create(file=("a.png", sample("sign")), purpose="vision")
    assert "purpose" in refused(input_file_id=picture.id).message
    with pytest.raises(openai.NotFoundError, match="No batch found"):
        client.batches.retrieve("batch_1")
    with pytest.raises(openai.NotFoundError, match="No batch found"):
        client.batches.cancel("batch_1")


def test_pages_of_batches(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        assert client.batches.list().data == []
        ids = [made(client, line("a", say("x"))) for _ in range(5)]
        first = client.batches.list(limit=2)
        assert [b.id for b in first.data] == [ids[4], ids[3]]
        assert [b.id for b in client.batches.list(limit=2)] == ids[::-1]
        for id in ids:
            assert ended(client, id).status == "completed"
        with pytest.raises(openai.BadRequestError, match="completed"):
            client.batches.cancel(ids[0])
    with (
        serving(tmp_path / "none", "--zero-retention") as client,
        pytest.raises(openai.BadRequestError, match="Batches are not kept"),
    ):
        client.batches.create(input_file_id="file-1", endpoint=CHAT, completion_window="24h")


def test_a_batch_is_its_owners(tmp_path: Path) -> None:
    alice, bob = added(tmp_path, "alice"), added(tmp_path, "bob")
    flags = ("--keys", "required", "--keys-file", str(tmp_path / "keys.sqlite"))
    with serving(tmp_path / "files", *flags) as client:
        hers, his = client.with_options(api_key=alice), client.with_options(api_key=bob)
        id = made(hers, line("a", say("x")))
        batch = ended(hers, id)
        assert batch.status == "completed"
        assert batch.output_file_id is not None
        with pytest.raises(openai.NotFoundError):
            his.batches.retrieve(id)
        with pytest.raises(openai.NotFoundError):
            his.files.content(batch.output_file_id)
        with pytest.raises(openai.BadRequestError, match="No such File"):
            his.batches.create(
                input_file_id=batch.input_file_id, endpoint=CHAT, completion_window="24h"
            )
        assert his.batches.list().data == []


def upstream(url: str, *more: str) -> tuple[str, ...]:
    return ("--engine", "upstream", "--upstream-url", url, "--upstream-kind", "other", *more)


def test_cancelling(tmp_path: Path) -> None:
    with (
        slow_model() as slow,
        serving(tmp_path, *upstream(slow.url, "--max-batch-running", "2")) as client,
    ):
        id = made(client, *(line(str(i), say(f"question {i}")) for i in range(6)))
        for _ in range(2):
            slow.wait()
        slow.let_go(1)
        slow.wait()
        assert client.batches.cancel(id).status == "cancelling"
        batch = ended(client, id)
        assert batch.status == "cancelled"
        assert batch.cancelled_at is not None
        assert batch.request_counts is not None
        assert (batch.request_counts.total, batch.request_counts.completed) == (6, 1)
        left = told(client, batch.error_file_id)
        assert len(left) == 5
        assert {each["error"]["code"] for each in left.values()} == {"batch_cancelled"}
        assert len(told(client, batch.output_file_id)) == 1


def test_expiring(tmp_path: Path) -> None:
    with (
        slow_model() as slow,
        serving(
            tmp_path, *upstream(slow.url, "--max-batch-running", "1", "--batch-window-s", "5")
        ) as client,
    ):
        slow.let_go(1)
        batch = ended(client, made(client, line("a", say("x")), line("b", say("y"))))
        assert batch.status == "expired"
        assert batch.expired_at is not None
        assert set(told(client, batch.output_file_id)) == {"a"}
        assert told(client, batch.error_file_id)["b"]["error"]["code"] == "batch_expired"


def test_engines_that_fail_are_asked_again(tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def answer(body: Body) -> str | tuple[int, Body]:
        said = body["messages"][-1]["content"]
        asked[said] += 1
        if said == "never" or (said == "later" and asked[said] < 2):
            return 500, {"message": "Broken."}
        return f"re: {said}"

    with chatting(answer, "m") as url, serving(tmp_path, *upstream(url)) as client:
        lines = [line(text, say(text)) for text in ("now", "later", "never")]
        batch = ended(client, made(client, *lines))
        assert batch.status == "completed"
        assert set(told(client, batch.output_file_id)) == {"now", "later"}
        never = told(client, batch.error_file_id)["never"]["response"]
        assert never["status_code"] >= 500


def test_an_input_file_that_is_deleted(tmp_path: Path) -> None:
    with (
        slow_model() as slow,
        serving(tmp_path, *upstream(slow.url, "--max-batch-running", "1")) as client,
    ):
        id = made(client, line("a", say("x")), line("b", say("y")))
        slow.wait()
        client.files.delete(client.batches.retrieve(id).input_file_id)
        slow.let_go(1)
        batch = ended(client, id)
        assert batch.status == "completed"
        assert set(told(client, batch.output_file_id)) == {"a"}
        assert told(client, batch.error_file_id)["b"]["error"]["code"] == "input_file_deleted"


def test_a_server_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    count = 40
    with slow_model() as slow:
        flags = ("--files-dir", str(tmp_path), *upstream(slow.url, "--max-batch-running", "4"))
        for killed_after in (3, 11, 20, None):
            with (
                started(*flags) as (url, process),
                openai.OpenAI(base_url=url, api_key="x", max_retries=0) as client,
            ):
                if killed_after == 3:
                    id = made(client, *(line(str(i), say(f"q{i}")) for i in range(count)))
                if killed_after is None:
                    slow.let_go(1000)
                    batch = ended(client, id)
                    out = told(client, batch.output_file_id)
                    break
                slow.let_go(killed_after)
                for _ in range(killed_after):
                    slow.wait()
                process.kill()
                process.wait()
    assert batch.status == "completed"
    assert batch.request_counts is not None
    assert (batch.request_counts.completed, batch.request_counts.failed) == (count, 0)
    assert set(out) == {str(i) for i in range(count)}
    for i in range(count):
        said = out[str(i)]["response"]["body"]["choices"][0]["message"]["content"]
        assert said == f"re: q{i}"
    # What was answered and written before was not asked again.
    assert len(slow.asked) < count + 3 * 8


def test_two_servers_on_one_folder_share_the_work_by_leaving_it_to_one(tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def answer(body: Body) -> str:
        asked[body["messages"][-1]["content"]] += 1
        return "yes"

    with (
        chatting(answer, "m") as url,
        serving(tmp_path, *upstream(url)) as one,
        serving(tmp_path, *upstream(url)) as two,
    ):
        ids = [made(client, *(line(str(i), say(f"{n} {i}")) for i in range(20)))
               for n, client in enumerate((one, two, one, two))]  # fmt: skip
        for id in ids:
            assert ended(one, id).status == "completed"
            assert ended(two, id).request_counts == ended(one, id).request_counts
    assert set(asked.values()) == {1}
    assert len(asked) == 80


def test_servers_on_one_folder_leave_to_another_what_was_asked_of_it(tmp_path: Path) -> None:
    """What was asked of one engine is sent to no server behind another, which runs beside it."""
    with (
        chatting(lambda body: "by one", "m") as first,
        chatting(lambda body: "by two", "m") as second,
        serving(tmp_path, *upstream(first)) as one,
        serving(tmp_path, *upstream(second)) as two,
    ):
        ids = [made(client, line("a", say("who?"))) for client in (one, two, two, one)]
        batches = [ended(one, id) for id in ids]
        said = [told(one, batch.output_file_id)["a"]["response"]["body"] for batch in batches]
        assert [body["choices"][0]["message"]["content"] for body in said] == [
            "by one", "by two", "by two", "by one",
        ]  # fmt: skip
    with slow_model() as slow, serving(tmp_path, *upstream(slow.url)) as gone:
        left = made(gone, line("a", say("who?")))
        slow.wait()
    with chatting(lambda body: "by three", "m") as url, serving(tmp_path, *upstream(url)) as three:
        batch = ended(three, left)  # whose server has ended, and was started with another engine
        assert "by three" in str(told(three, batch.output_file_id))


def test_no_more_batches_than_may_be_open(tmp_path: Path) -> None:
    with slow_model() as slow:
        flags = ("--engine", "upstream", "--upstream-url", slow.url, "--model", "slow")
        with serving(tmp_path, *flags, "--max-open-batches", "2") as client:
            ids = [made(client, line("a", say("wait", "slow"))) for _ in range(2)]
            with pytest.raises(
                openai.BadRequestError, match="Too many batches are open"
            ) as refused:
                made(client, line("a", say("one more", "slow")))
            assert refused.value.code == "too_many_batches"
            slow.let_go(10)
            for id in ids:
                assert ended(client, id).status == "completed"
            ended(client, made(client, line("a", say("again", "slow"))))
