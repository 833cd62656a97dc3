"""The voices of another OpenAI-compatible server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from sightline.errors import EngineError, UsageError
from sightline.settings import Settings
from sightline.voices.voice import NAMES, Manner, Voice, Voices

_TIMEOUT_S = 60.0
_PIECE = 4800  # a tenth of a second
_USUAL_MODEL = "tts-1"


class UpstreamVoices(Voices):
    """Passes each sentence on, as raw samples of 24 kHz."""

    name = "upstream"
    rate = 24_000
    speeds = (0.25, 4.0)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Any = None

    def check(self) -> None:
        """See that there is an address. Raises `UsageError`."""
        if not self._settings.speech_url:
            raise UsageError(
                "The voices of another server need its address.",
                hint="Give --speech-url, for example http://127.0.0.1:8880/v1.",
            )

    def voices(self) -> tuple[Voice, ...]:
        """List the API's names; the server may know more."""
        return tuple(Voice(name, name, "as the server speaks it") for name in NAMES)

    def find(self, name: str) -> Voice | None:
        """Take any name: the server knows."""
        return Voice(name, name, "")

    async def speak(self, text: str, voice: Voice, manner: Manner) -> AsyncGenerator[bytes]:
        """Have a sentence spoken there."""
        import openai

        if self._client is None:
            self._client = openai.AsyncOpenAI(
                base_url=self._settings.speech_url,
                api_key=self._settings.speech_key or "none",
                timeout=_TIMEOUT_S,
                max_retries=1,
            )
        asked: dict[str, Any] = {
            "model": self._settings.speech_model or _USUAL_MODEL,
            "voice": voice.own,
            "input": text,
            "speed": manner.speed,
            "response_format": "pcm",
        }
        if manner.instructions:
            asked["instructions"] = manner.instructions
        odd = b""
        try:
            async with self._client.audio.speech.with_streaming_response.create(**asked) as reply:
                async for piece in reply.iter_bytes(_PIECE):
                    whole = odd + piece
                    even = len(whole) // 2 * 2
                    odd = whole[even:]
                    yield whole[:even]
        except openai.APIStatusError as error:
            raise EngineError(
                f"The server whose voices speak answers with status {error.status_code}.",
                hint="Its own log tells more.",
            ) from None
        except openai.APIError:
            raise EngineError(
                "The server whose voices speak cannot be reached, or broke off.",
                hint="Is it running at --speech-url?",
            ) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
