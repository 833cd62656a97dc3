"""The process in which a sound is decoded: `python -m sightline.media.sound_child`.

It may be a film's. A line of JSON on stdin is the order (`soundtrack.Order`), with the file's path
or followed by its bytes; on stdout come lines of JSON, each with the number of bytes that follow:
samples of 16 bits, one channel, `transcripts.RATE` a second, the first at the beginning of the
film's pictures, or of the sound where there are none.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from sightline.media.confined import limit, say

_ADDRESS_SPACE = 4 << 30
_BLOCK = 1 << 17  # bytes that are written at once
_CLICK_S = 0.005  # a container's clock of milliseconds is no reason for a gap
_GAP_S = 3600.0  # what is silent for longer has a wrong clock


def main() -> None:
    """Do what the order says."""
    order = json.loads(sys.stdin.buffer.readline())
    given = [order["path"]] if "path" in order else []
    limit(int(order["cpu_s"]), _ADDRESS_SPACE, readable=given)
    sound = Path(order["path"]) if given else sys.stdin.buffer.read(order["bytes"])
    from sightline.errors import SightlineError

    try:
        _work(sound, order)
    except SightlineError as error:
        say({"error": error.message, "code": error.code, "hint": error.hint})
    except BrokenPipeError:
        return  # nobody wants the rest


def _work(source: Path | bytes, order: Mapping[str, Any]) -> None:
    from sightline.errors import InvalidRequest
    from sightline.types.transcripts import RATE

    left = int(order["most_s"] * RATE) * 2 if order["most_s"] else -1
    waiting = bytearray()
    total = 0
    for piece in _samples(source):
        total += len(piece)
        if 0 <= left < total:
            raise InvalidRequest(
                f"The audio lasts longer than {order['most_s']:g} seconds.",
                code="audio_too_long",
                hint="Send a part of it.",
            )
        waiting += piece
        while len(waiting) >= _BLOCK:
            _put(waiting[:_BLOCK])
            del waiting[:_BLOCK]
    _put(waiting)
    say({"end": True, "bytes": 0})


def _put(samples: bytearray) -> None:
    if samples:
        say({"bytes": len(samples)})
        sys.stdout.buffer.write(samples)


def _samples(source: Path | bytes) -> Iterator[bytes]:
    """Decode the first sound, each piece at its time; what lacks is silence."""
    import av

    from sightline.media.sounds import Unheard, opened, sound_of

    try:
        with opened(source) as container:
            yield from _placed(container, sound_of(container))
    except Unheard as error:
        raise error.error() from None
    except (av.error.FFmpegError, IndexError, ValueError, OSError):
        raise Unheard.unknown().error() from None


def _placed(container: Any, stream: Any) -> Iterator[bytes]:
    from av.audio.resampler import AudioResampler

    from sightline.media.sounds import decoded
    from sightline.types.transcripts import RATE

    resampler = AudioResampler("s16", "mono", RATE)
    offset = _offset(container)
    at = 0
    for frame in chain(decoded(container, stream), [None]):
        for part in resampler.resample(frame):
            data = bytes(part.planes[0])[: part.samples * 2]
            place = at
            if part.pts is not None and part.time_base is not None:
                if offset is None:
                    offset = part.pts * part.time_base
                place = round((part.pts * part.time_base - offset) * RATE)
            if abs(place - at) < _CLICK_S * RATE or place - at > _GAP_S * RATE:
                place = at
            if place < at:
                data = data[(at - place) * 2 :]
            while place > at:
                count = min(place - at, RATE)
                yield bytes(2 * count)
                at += count
            if data:
                yield data
                at += len(data) // 2


def _offset(container: Any) -> Any:
    """Give the time of the first picture, in seconds; None where there is none that moves."""
    from av.stream import Disposition

    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic and stream.start_time is not None:
            return stream.start_time * stream.time_base
    return None


if __name__ == "__main__":
    main()
