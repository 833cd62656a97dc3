"""PydanticAI: `openai-chat:` models, which read OPENAI_BASE_URL and OPENAI_API_KEY."""

import asyncio
from pathlib import Path

from asking import PICTURE, QUESTION, Receipt, say
from pydantic_ai import Agent, BinaryContent

asked = [QUESTION, BinaryContent(data=Path(PICTURE).read_bytes(), media_type="image/png")]


async def main() -> None:
    """Ask, stream, and fill a model."""
    agent = Agent("openai-chat:gpt-4o")
    say("vision", (await agent.run(asked)).output)
    async with agent.run_stream(asked) as streamed:
        say("stream", [piece async for piece in streamed.stream_text(delta=True, debounce_by=None)])
    say("structured", (await Agent("openai-chat:gpt-4o", output_type=Receipt).run(asked)).output)


asyncio.run(main())
