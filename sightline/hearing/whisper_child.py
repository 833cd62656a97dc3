"""The process in which Whisper listens: `python -m sightline.hearing.whisper_child`.

The model is large and its library is C++, so both are here and nowhere else: a crash is an error of
one request, and ending the process is how work is given up. The first line of JSON on stdin names
the model's folder; each that follows is an order, with samples behind it. On stdout come lines of
JSON: that it is ready, each segment, and the end of each order.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from sightline.hearing.loudness import Loudness
from sightline.media.confined import end_with_parent, say
from sightline.types.transcripts import RATE

_BEAM = 5
# What is listened to at once is parted by so long a silence, and begins so long before the speech.
_SILENCE_MS, _PAD_MS = 1000, 200
# Where one fails, by the model's own measure, the next is tried.
_TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def main() -> None:
    """Listen to what is ordered until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    end_with_parent()
    told = json.loads(sys.stdin.buffer.readline())
    try:
        model = _loaded(told["folder"], told["threads"])
    except (RuntimeError, ValueError, OSError):  # what CTranslate2 raises for a file that is none
        say({"error": "load"})
        return
    say({"ready": True})
    while line := sys.stdin.buffer.readline():
        order = json.loads(line)
        sound = sys.stdin.buffer.read(order["bytes"])
        for segment in _heard(model, sound, order):
            say(segment)
        say({"end": True})


def _loaded(folder: str, threads: int) -> Any:
    import ctranslate2
    from faster_whisper import WhisperModel

    on_gpu = ctranslate2.get_cuda_device_count() > 0
    return WhisperModel(
        folder,
        device="cuda" if on_gpu else "cpu",
        compute_type="float16" if on_gpu else "int8",
        cpu_threads=threads,
        local_files_only=True,
    )


def _heard(model: Any, sound: bytes, order: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    import numpy as np

    samples = np.frombuffer(sound, np.int16).astype(np.float32) / np.float32(32_768)
    spoken = _spoken(samples, order["detection"])
    if not spoken:  # out of silence Whisper makes words that nobody said
        return
    temperature = order["temperature"]
    segments, about = model.transcribe(
        samples,
        language=order["language"] or _among(model, samples, order["languages"]),
        task="translate" if order["translate"] else "transcribe",
        beam_size=_BEAM,
        temperature=[temperature] if temperature else list(_TEMPERATURES),
        initial_prompt=order["prompt"] or None,
        hotwords=", ".join(order["keywords"]) or None,
        word_timestamps=order["words"],
        clip_timestamps=[time / RATE for span in spoken for time in span],
    )
    loud = Loudness(samples)
    for each in segments:
        words = loud.fitted([(float(w.start), float(w.end), w.word) for w in each.words or ()])
        yield {
            "start_s": words[0][0] if words else float(each.start),
            "end_s": words[-1][1] if words else float(each.end),
            "text": each.text,
            "language": about.language,
            "words": words,
            "tokens": list(each.tokens),
            "temperature": float(each.temperature or 0.0),
            "avg_logprob": float(each.avg_logprob),
            "compression_ratio": float(each.compression_ratio),
            "no_speech_prob": float(each.no_speech_prob),
            "seek": int(each.seek),
        }


def _spoken(samples: Any, asked: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Find where somebody speaks, in samples: stretches that are parted by a second of silence."""
    told = {
        "threshold": asked["threshold"],
        "min_silence_duration_ms": asked["silence_ms"],
        "speech_pad_ms": asked["padding_ms"],
    }
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    usual = {"min_silence_duration_ms": _SILENCE_MS, "speech_pad_ms": _PAD_MS}
    how = VadOptions(**usual | {name: value for name, value in told.items() if value is not None})
    return [(each["start"], each["end"]) for each in get_speech_timestamps(samples, how)]


def _among(model: Any, samples: Any, languages: list[str]) -> str | None:
    """Choose the likeliest of some languages; None where none of them is known."""
    if len(languages) < 2:
        return languages[0] if languages else None
    *_, found = model.detect_language(samples, vad_filter=True)
    likely = {code: share for code, share in found if code in languages}
    return max(likely, key=lambda code: likely[code]) if likely else None


if __name__ == "__main__":
    main()
