"""The engine that says what it was sent: every part, with the sizes that an engine sees.

For the authors of clients, who want to know what becomes of their request, and for finding out
what a level of detail does to a picture. It looks at no pixel.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from sightline.api import notes
from sightline.engines.engine import Capabilities, Engine
from sightline.types import Delta, FinishReason, Message, Part, Picture, Question, Used


class Mirror(Engine):
    """Answers with the parts of the question."""

    name = "mirror"
    embedded = True
    # As of an engine that cannot keep the order, so that the labels can be seen.
    capabilities = Capabilities(lacks=frozenset({"logprobs"}), interleaves=False)

    async def count(self, texts: Sequence[str]) -> int:
        """Estimate a token for every four characters."""
        return sum(map(_count, texts))

    async def answer(self, question: Question) -> AsyncIterator[Delta]:
        """Say one line for each part."""
        lines = [line for message in question.messages for line in _lines(message)]
        said, finish = _limited("\n".join(lines), question)
        yield Delta(text=said, tokens=_count(said))
        yield Delta(finish=finish, used=Used(await self.count(notes.texts(question)), 0))


def _limited(text: str, question: Question) -> tuple[str, FinishReason]:
    """Cut an answer before what stops it, and to the most tokens; also say why it ends."""
    text = text[: min((at for s in question.stop if (at := text.find(s)) >= 0), default=None)]
    most = question.max_tokens
    if most is not None and _count(text) > most:
        return text[: 4 * most], "length"
    return text, "stop"


def _count(text: str) -> int:
    return -(-len(text) // 4)


def _lines(message: Message) -> list[str]:
    return [f"{message.role}: {_line(part)}" for part in message.parts]


def _line(part: Part) -> str:
    if isinstance(part, Picture):
        views = ", ".join(f"{view.shape[1]}x{view.shape[0]}" for view in part.views)
        return f"[picture {views} at detail {part.detail}]"
    return notes.said(part) or ""
