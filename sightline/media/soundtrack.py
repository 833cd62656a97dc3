"""The sound of a file, a film's too, as samples: decoded in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sightline.errors import InvalidRequest
from sightline.processes import Ended, running


@dataclass(frozen=True, slots=True)
class Order:
    """Bounds on decoding a sound: seconds of processor time, and of sound; 0 for none."""

    cpu_s: float = 0.0
    most_s: float = 0.0


async def samples(
    sound: Path | bytes | list[bytes], order: Order, param: str | None = None
) -> AsyncGenerator[bytes]:
    """Give a file's sound as it is decoded: 16 bits, one channel, `transcripts.RATE` a second.

    Of a film the first sample is at the first picture. A file in pieces is taken out of its list
    as it goes. Closing the generator ends the process. Raises `InvalidRequest` with `param` for
    what holds no sound that is read, or is over a bound.
    """
    head: dict[str, Any] = asdict(order)
    pieces: list[bytes] = []
    if isinstance(sound, Path):
        head["path"] = str(sound)
    else:
        pieces = [sound] if isinstance(sound, bytes) else sound
        head["bytes"] = sum(map(len, pieces))
    async with running("sightline.media.sound_child", head, _taken(pieces)) as process:
        while True:
            try:
                told = await process.line()
                if "error" in told:
                    raise InvalidRequest(
                        told["error"], param=param, code=told["code"], hint=told["hint"]
                    )
                if "end" in told:
                    return
                block = await process.read(told["bytes"])
            except Ended:
                raise _ended(param) from None
            yield block


def _taken(pieces: list[bytes]) -> Iterator[bytes]:
    while pieces:
        yield pieces.pop(0)


def _ended(param: str | None) -> InvalidRequest:
    return InvalidRequest(
        "The audio file could not be decoded or its format is not supported.",
        param=param,
        hint="It ended its decoder, or took more memory or time than it may.",
    )
