"""The voices of another OpenAI-compatible server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from sightline import remote
from sightline.errors import EngineError, UsageError
from sightline.voices.voice import NAMES, Manner, Voice, VoiceOptions, Voices

_TIMEOUT_S = 60.0
_PIECE = 4800  # a tenth of a second
_USUAL_MODEL = "tts-1"
# Nobody speaks a letter for longer, at the slowest; a pause may come before the first.
_LETTER_S, _PAUSE_S = 4.0, 10.0
_FAILED = remote.failed("The server whose voices speak", "--speech-url")


@dataclass(frozen=True, slots=True)
class UpstreamVoiceOptions(VoiceOptions):
    """The settings of another server's voices, by their names."""

    speech_url: str = ""
    speech_key: str = field(default="", repr=False)


class UpstreamVoices(Voices):
    """Passes each sentence on, as raw samples of 24 kHz."""

    name = "upstream"
    rate = 24_000
    speeds = (0.25, 4.0)
    told_language = False
    takes_any = True
    options_class = UpstreamVoiceOptions

    def __init__(self, options: UpstreamVoiceOptions) -> None:
        self._options = options
        self._client: Any = None

    def check(self) -> None:
        """See that there is an address. Raises `UsageError`."""
        if not self._options.speech_url:
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
        if self._client is None:
            import openai

            self._client = remote.client(
                self._options.speech_url,
                self._options.speech_key or "none",
                timeout=_TIMEOUT_S,
                max_retries=1,
                http_client=openai.DefaultAsyncHttpxClient(event_hooks={"response": [_unread]}),
            )
        asked: dict[str, Any] = {
            "model": self._options.speech_model or _USUAL_MODEL,
            "voice": voice.own,
            "input": text,
            "speed": manner.speed,
            "response_format": "pcm",
        }
        if manner.instructions:
            asked["instructions"] = manner.instructions
        odd = b""
        left = 2 * int(self.rate * (_PAUSE_S + _LETTER_S * len(text)))
        with remote.faults(_FAILED):
            async with self._client.audio.speech.with_streaming_response.create(**asked) as reply:
                pieces = aiter(reply.iter_bytes(_PIECE))
                while True:
                    # Sound that comes byte by byte is silence.
                    async with asyncio.timeout(_TIMEOUT_S):
                        piece = await anext(pieces, None)
                    if piece is None:
                        break
                    left -= len(piece)
                    if left < 0:
                        raise EngineError(
                            "The server whose voices speak sends more than the text can take.",
                            hint="Does it know the format pcm?",
                        )
                    whole = odd + piece
                    even = len(whole) // 2 * 2
                    odd = whole[even:]
                    yield whole[:even]

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()


async def _unread(response: Any) -> None:
    """Leave what an error says of itself unread: it is not told, and may be of any length."""
    if response.status_code >= 400:
        await response.aclose()
