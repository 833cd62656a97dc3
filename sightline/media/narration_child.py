"""The process that writes a narrated film: `python -m sightline.media.narration_child`.

A line of JSON on stdin is the order: the film, a folder to work in, the speech (samples of 16 bits,
48 kHz, in a file) and where its pieces are placed, and what else is to be written. Lines of JSON on
stdout tell how far it is, and at the end what was made, or why not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sightline.media.confined import limit, say

_ADDRESS_SPACE = 8 << 30
_PARAM = "film"


def main() -> None:
    """Do what the order says."""
    order = json.loads(sys.stdin.readline())
    limit(
        int(order["cpu_s"]),
        _ADDRESS_SPACE,
        readable=[order["film"]],
        writable=[order["folder"]],
        file_bytes=None,
    )
    from sightline.errors import SightlineError

    try:
        say({"made": _work(order)})
    except SightlineError as error:
        say({"error": error.message, "code": error.code, "hint": error.hint})
    except OSError as error:  # PyAV's errors are among them
        full = error.errno == 28
        say(
            {
                "error": "The disk is full." if full else "The film cannot be written.",
                "code": None,
                "hint": "Make room and try again."
                if full
                else "Its streams may not fit an MP4: try an output that ends in .mkv.",
            }
        )


def _work(order: Mapping[str, Any]) -> dict[str, Any]:
    from sightline.media import mixing, muxing
    from sightline.media.subtitles import Cue

    film, folder = Path(order["film"]), Path(order["folder"])
    known = muxing.shape(film)
    kind, copies = muxing.container_for(known.codec, order["container"])
    length = round(known.end_s * mixing.RATE)
    bed: mixing.Samples | None = None
    if known.sounds and order["keep_audio"]:
        muxing.write_bed(film, folder / "bed.raw")
        bed = mixing.Samples(folder / "bed.raw", 2)
    say({"progress": 0.3})
    speech = mixing.Samples(folder / "speech.raw", 1)
    placed = [mixing.PlacedSpeech(*piece) for piece in order["placed"]]
    out = folder / f"film.{kind}"
    cues = [Cue(*cue) for cue in order["cues"]]
    writing = muxing.Writing(
        sound=mixing.levelled(mixing.mixed(bed, speech, placed, length)),
        cues=cues if order["subtitles"] == "track" else (),
        burned=cues if order["subtitles"] == "burn" else (),
        chapters=[(start, title) for start, title in order["chapters"]],
        language=order["language"],
    )
    muxing.write_film(film, out, known, writing, copies=copies, progress=_progress)
    if order["narration"]:
        _write_narration(folder / "narration.mp3", mixing.mixed(None, speech, placed, length)())
    return {"film": out.name, "copied": copies and not writing.burned, "duration_s": known.end_s}


def _write_narration(path: Path, blocks: Iterator[Any]) -> None:
    """Write the speech alone, at its times, as MP3."""
    import numpy as np

    from sightline.media.audio import Encoder
    from sightline.media.mixing import RATE

    encoder = Encoder("mp3", RATE)
    with path.open("wb") as file:
        for block in blocks:
            samples = np.clip(block[:, 0] * 32_767, -32_768, 32_767).astype(np.int16)
            file.write(encoder.push(samples.tobytes()))
        file.write(encoder.close())


def _progress(share: float) -> None:
    say({"progress": 0.3 + 0.7 * share})


if __name__ == "__main__":
    main()
