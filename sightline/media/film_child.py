"""The process in which a client's film is decoded: `python -m sightline.media.film_child`.

Decoders are large, and a film is made by whoever sends it; so it is read where that can hurt
nothing: with limits on memory and time, from bytes in memory, with nothing else to reach for. A
line of JSON on stdin is the order, the film's bytes follow; on stdout come a line about the film
and the frames chosen, then each frame: a line of JSON and its RGB pixels.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from typing import Any

_ADDRESS_SPACE = 6 << 30
_PARAM = "film"


def main() -> None:
    """Do what the order says."""
    order = json.loads(sys.stdin.buffer.readline())
    _limit(order["cpu_s"])
    data = sys.stdin.buffer.read(order["bytes"])
    from sightline.errors import SightlineError

    try:
        _work(io.BytesIO(data), order)
    except SightlineError as error:
        _say({"error": error.message, "code": error.code, "hint": error.hint})


def _work(source: io.BytesIO, order: Mapping[str, Any]) -> None:
    from sightline.errors import InvalidRequest
    from sightline.media import detail as details
    from sightline.media import frames, video
    from sightline.media.sampling import chosen
    from sightline.types import Sampling

    film = video.probe(source, _PARAM)
    if film.duration_s > order["most_s"]:
        raise InvalidRequest(
            f"The video lasts {film.duration_s:.0f} s; at most {order['most_s']:.0f} s are taken.",
            code="video_too_long",
            hint="Send a part of it.",
        )
    if film.width * film.height > order["most_frame_pixels"]:
        raise InvalidRequest("The video's frames are too large.", code="video_too_large")
    sampling = Sampling(**order["sampling"])
    sight = details.sight(order["profile"], film.width, film.height, order["detail"])
    free = sampling.frames or sampling.every_s or sampling.fps or sampling.stride
    source.seek(0)
    cuts = frames.cuts(source, film) if not free and order["decode"] else ()
    places = chosen(film, sampling, sight.tokens, cuts)
    if len(places) * sight.width * sight.height > order["most_pixels"]:
        raise InvalidRequest(
            "The frames chosen are too many and too large together.",
            code="video_too_large",
            hint="Ask for fewer frames, or with detail low.",
        )
    _say(
        {
            "size": [film.width, film.height],
            "duration_s": film.duration_s,
            "frames": film.frames,
            "audio": film.audio,
            "damaged": film.damaged,
            "chosen": [[place, film.time_s(place)] for place in places],
        }
    )
    if not order["decode"]:
        return
    source.seek(0)
    for frame in frames.frames(source, film, places, (sight.width, sight.height)):
        height, width = frame.pixels.shape[:2]
        _say({"index": frame.index, "time_s": frame.time_s, "width": width, "height": height})
        sys.stdout.buffer.write(frame.pixels.tobytes())
    _say({"end": True})


def _say(message: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def _limit(cpu_s: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has none; the parent's clock is the limit there
        return
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file


if __name__ == "__main__":
    main()
