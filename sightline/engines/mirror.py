"""The engine that says what it was sent: every part, with the sizes that an engine sees.

For the authors of clients, who want to know what becomes of their request, and for finding out
what a level of detail does to a picture. It looks at no pixel.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from sightline.engines.engine import Capabilities
from sightline.settings import Settings
from sightline.types import Delta, Message, Picture, Question, Text, Used
from sightline.workers import Workers


class Mirror:
    """Answers with the parts of the question."""

    name = "mirror"
    # As of an engine that cannot keep the order, so that the labels can be seen.
    capabilities = Capabilities(tools=False, interleaves=False)

    def __init__(self, settings: Settings, workers: Workers) -> None:
        pass

    async def load(self) -> None:
        """Load nothing."""

    async def close(self) -> None:
        """Free nothing."""

    def count(self, text: str) -> int:
        """Estimate a token for every four characters."""
        return -(-len(text) // 4)

    async def answer(self, question: Question) -> AsyncIterator[Delta]:
        """Say one line for each part."""
        lines = [line for message in question.messages for line in _lines(message)]
        said = "\n".join(lines)
        yield Delta(text=said, tokens=self.count(said))
        texts = [p.text for m in question.messages for p in m.parts if isinstance(p, Text)]
        yield Delta(finish="stop", used=Used(sum(map(self.count, texts)), 0))


def _lines(message: Message) -> list[str]:
    return [f"{message.role}: {_line(part)}" for part in message.parts]


def _line(part: object) -> str:
    if isinstance(part, Picture):
        views = ", ".join(f"{view.shape[1]}x{view.shape[0]}" for view in part.views)
        return f"[picture {views} at detail {part.detail}]"
    return part.text if isinstance(part, Text) else ""
