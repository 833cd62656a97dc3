"""How tools ask: pictures and words to a question, what came back to what is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sightline.api import schema as schemas
from sightline.errors import SightlineError
from sightline.jobs import ask as asking
from sightline.jobs.ask import Asker
from sightline.types import Decide, Detail, ImageRef, Inline, JsonFormat, Message, Question, Text

# Where a picture is in a request: of chats behind the question, of decisions at the beginning.
_PARAM = re.compile(
    r"(?:messages\[0\]\.content\[(\d{1,6})\]\.image_url(?:\.url)?"
    r"|input\[0\]\.content\[(\d{1,6})\]\.image_url)"
)


@dataclass(frozen=True, slots=True)
class ToolPicture:
    """A picture of a call: the argument that named it, and its bytes."""

    param: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: the answer, what stands beside it, the tokens it took.

    `things` and `evidence` are as the server tells them; None where who answers tells neither.
    """

    text: str
    things: list[dict[str, Any]] | None
    evidence: list[dict[str, Any]] | None
    note: str
    spent: dict[str, Any]


async def ask(
    asker: Asker,
    question: str,
    pictures: Sequence[ToolPicture],
    detail: Detail,
    *,
    schema: dict[str, Any] | None = None,
) -> Answered:
    """Ask about pictures; with a schema the answer is JSON. Raises `SightlineError`."""
    if schema is not None:
        schemas.verify(schema, "answer", param="schema", strict=False)
    parts = [
        asking.part(await asyncio.to_thread(asking.attached, shown.data), place, detail)
        for place, shown in enumerate(pictures, 1)
    ]
    form = None if schema is None else JsonFormat(schema, "answer")
    asked = asking.question(Text(question), *parts, json=form)
    if (await asker.answerer()).surveys:
        asked = replace(asked, include=frozenset({"evidence", "things"}))
    spent: dict[str, Any] = {}
    try:
        text = await asker.text(asked, spent)
    except SightlineError as error:
        raise _named(error, pictures) from None
    beside = asking.beside(spent)
    return Answered(
        text, _numbered(beside.get("things")), _numbered(beside.get("evidence")),
        str(beside.get("note") or ""), spent,
    )  # fmt: skip


async def decide(
    asker: Asker, pictures: Sequence[ToolPicture], asked: Sequence[tuple[Decide, str]]
) -> tuple[list[dict[str, Any]], Answered]:
    """Have questions about pictures decided; give the answers as the API tells them.

    Raises `SightlineError`.
    """
    parts = [
        ImageRef(
            Inline(await asyncio.to_thread(asking.attached, shown.data)),
            f"input[0].content[{place}].image_url",
            "high",
        )
        for place, shown in enumerate(pictures)
    ]
    told = [Message("user", (Text(text),)) for _, text in asked]
    include = frozenset({"evidence"} if (await asker.answerer()).surveys else ())
    question = Question(
        "",
        (Message("user", tuple(parts)), *told),
        include,
        decide=tuple(decide for decide, _ in asked),
        max_tokens=len(asked),
    )
    try:
        made = await asker.decide(question)
    except SightlineError as error:
        raise _named(error, pictures) from None
    spent = made.get("usage") or {}
    beside = asking.beside(spent)
    return made["answers"], Answered(
        "", None, _numbered(beside.get("evidence")), str(beside.get("note") or ""), spent
    )


def _numbered(told: object) -> list[dict[str, Any]] | None:
    """Give what is told of pictures with their numbers, from 1, in place of their paths."""
    if not isinstance(told, list):
        return None
    made = []
    for one in told:
        found = _PARAM.fullmatch(str(one.get("param")))
        if found is not None:
            rest = {key: value for key, value in one.items() if key != "param"}
            made.append({"picture": _number(found), **rest})
    return made


def _number(found: re.Match[str]) -> int:
    return int(found[1]) if found[1] is not None else int(found[2]) + 1


def _named(error: SightlineError, pictures: Sequence[ToolPicture]) -> SightlineError:
    """Name the argument where an error names the part of a request that it became."""

    def param(found: re.Match[str]) -> str:
        place = _number(found) - 1
        return pictures[place].param if 0 <= place < len(pictures) else found[0]

    error.message = _PARAM.sub(param, error.message)
    error.hint = _PARAM.sub(param, error.hint)
    return error
