"""The process in which a film is read: `python -m sightline.media.film_child`.

Decoders are large, and a film is made by whoever sends it; so it is read where that can hurt
nothing: with limits on memory and time, with nothing else to reach for. A line of JSON on stdin is
the order (`reading.Order`), with the film's path or followed by its bytes; on stdout come a line
about the film and the frames chosen, then each frame: a line of JSON and its RGB pixels.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sightline.media.confined import limit, say

_ADDRESS_SPACE = 6 << 30
_PARAM = "film"


def main() -> None:
    """Do what the order says."""
    order = json.loads(sys.stdin.buffer.readline())
    given = [order["path"]] if "path" in order else []
    limit(int(order["cpu_s"]), _ADDRESS_SPACE, readable=given)
    film = Path(order["path"]) if given else sys.stdin.buffer.read(order["bytes"])
    from sightline.errors import SightlineError, UnreadFilm

    try:
        _work(film, order)
    except SightlineError as error:
        is_film = isinstance(error, UnreadFilm)
        say({"error": error.message, "code": error.code, "hint": error.hint, "is_film": is_film})
    except BrokenPipeError:
        return  # nobody wants the rest


def _work(given: Path | bytes, order: Mapping[str, Any]) -> None:
    from sightline.media import animation, video

    source = animation.readable(given, _PARAM)
    film = video.probe(source, _PARAM)
    _check(film, order)
    # Only now: what sees takes as long to load as to start, and many a film is none.
    from sightline.media import frames
    from sightline.media import image_tokens as details
    from sightline.media.film_json import plain
    from sightline.media.frame_selection import chosen, looks_for_changes, stretch
    from sightline.media.scene_changes import Changes, changes, summary
    from sightline.types import Sampling

    sampling = Sampling(**order["sampling"])
    sight = details.sight(order["profile"], film.width, film.height, order["detail"])
    found: Changes | None = None
    first, last = stretch(film, sampling)
    if order["decode"] and (order["survey"] or looks_for_changes(sampling)):
        found = changes(source, film, first, last)
    places = chosen(film, sampling, sight.tokens, found or Changes())
    _check_sum(len(places) * sight.width * sight.height, order)
    say(
        {
            "about": plain(summary(film, found, film.time_s(first))),
            "chosen": [[place, film.time_s(place)] for place in places],
            "tokens": sight.tokens * len(places),
        }
    )
    if not order["decode"]:
        return
    size = sight.width, sight.height
    for frame in frames.frames(source, film, places, size, order["threads"]):
        height, width = frame.pixels.shape[:2]
        say({"index": frame.index, "time_s": frame.time_s, "width": width, "height": height})
        sys.stdout.buffer.write(frame.pixels.tobytes())
    say({"end": True})


def _check(film: Any, order: Mapping[str, Any]) -> None:
    from sightline.errors import InvalidRequest

    if order["most_s"] and film.duration_s > order["most_s"]:
        raise InvalidRequest(
            f"The video lasts {film.duration_s:.0f} s; at most {order['most_s']:.0f} s are taken.",
            code="video_too_long",
            hint="Send a part of it.",
        )
    if order["most_frame_pixels"] and film.width * film.height > order["most_frame_pixels"]:
        raise InvalidRequest("The video's frames are too large.", code="video_too_large")


def _check_sum(pixels: int, order: Mapping[str, Any]) -> None:
    from sightline.errors import InvalidRequest

    if order["most_pixels"] and pixels > order["most_pixels"]:
        raise InvalidRequest(
            "The frames chosen are too many and too large together.",
            code="video_too_large",
            hint="Ask for fewer frames, or with detail low.",
        )


if __name__ == "__main__":
    main()
