"""Calls of tools and what came of them: none is left unanswered, no answer is to nothing."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from sightline.errors import InvalidRequest
from sightline.types import Message


def check_answered(said: Sequence[Message]) -> None:
    """Refuse answers to no call, calls without answers or with two, in a chat.

    Raises `InvalidRequest`.

    Calls of June 2023 are answered by name, and need not be.
    """
    waiting: set[str] = set()  # of calls made in the turn before those of tools
    open_: list[str] = []
    answered: dict[str, int] = {}  # where calls of that turn were
    for place, turn in enumerate(said):
        if turn.role == "tool":
            if turn.call_id not in waiting:
                raise InvalidRequest(
                    "Invalid parameter: messages with role 'tool' must be a response to a "
                    "preceeding message with 'tool_calls'.",
                    param=f"messages.[{place}].role",
                )
            if turn.call_id not in open_ and turn.call_id in answered:
                first = answered[turn.call_id]
                raise InvalidRequest(
                    "Invalid parameter: Duplicate value for 'tool_call_id' of "
                    f"'{turn.call_id[:80]}', in messages[{first}] and messages[{place}].",
                    param=f"messages.[{place}].tool_call_id",
                )
            if turn.call_id in open_:
                answered[turn.call_id] = place
            open_ = [id for id in open_ if id != turn.call_id]
            continue
        _check_none(open_)
        open_ = [call.id for call in turn.calls if call.id != f"call_{call.name}"]
        waiting, answered = {call.id for call in turn.calls}, {}
    _check_none(open_)


def _check_none(left: Sequence[str]) -> None:
    if left:
        raise InvalidRequest(
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{', '.join(id[:80] for id in left[:8])}",
            param="messages",
        )


def check_outputs(said: Sequence[Message]) -> None:
    """Refuse outputs of no call, and calls without outputs, of responses.

    Raises `InvalidRequest`.
    """
    called = [call.id for turn in said for call in turn.calls]
    answered = {turn.call_id for turn in said if turn.role == "tool"}
    for id in sorted(answered - {*called}):
        raise InvalidRequest(
            f"No tool call found for function call output with call_id {id[:80]}.",
            param="input",
            hint="Send the call before its output, or name the response that made it in "
            "'previous_response_id'.",
        )
    check_all_answered(called, answered)


def check_all_answered(called: Iterable[str], answered: Container[str]) -> None:
    """Refuse calls without outputs among items of an input. Raises `InvalidRequest`."""
    for id in called:
        if id not in answered:
            raise InvalidRequest(
                f"No tool output found for function call {id[:80]}.",
                param="input",
                hint="Send an item of type 'function_call_output' for each call.",
            )
