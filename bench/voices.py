"""How well the voices are understood: words of plain sentences that Whisper hears wrongly.

`python bench/voices.py` speaks the sentences, and three in each of four other languages, by three
voices of espeak and of Kokoro, has them heard by the model that `--hearing-model` names (or the best
that was pulled), and prints the share of words that came out otherwise, with the processor time that
speaking took. It needs the extras `hearing` and `voice`, or pulled models.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

import psutil

from sightline.hearing.listen import SpeechListener
from sightline.jobs.speak import Speaker
from sightline.settings import load
from sightline.types import Speech
from sightline.types.transcripts import Task

SENTENCES = (
    "The station is closed today because of the strong wind from the north.",
    "Nobody remembers who built the old bridge over the river.",
    "She sells fresh bread, butter and several kinds of cheese at the market.",
    "Please turn left after the church and follow the narrow road to the farm.",
    "The children laughed when the clown fell into the water.",
    "A quick brown fox jumps over the lazy dog.",
    "His brother works as an engineer in a small town near the coast.",
    "We measured the temperature every hour and wrote it into a table.",
)
VOICES = ("alloy", "onyx", "nova")
OTHERS = {
    "de": (
        "Der Bahnhof ist heute wegen des starken Windes geschlossen.",
        "Niemand weiß mehr, wer die alte Brücke gebaut hat.",
        "Sie verkauft frisches Brot und Butter auf dem Markt.",
    ),
    "fr": (
        "La gare est fermée aujourd'hui à cause du vent.",
        "Personne ne sait qui a construit le vieux pont.",
        "Elle vend du pain frais et du fromage au marché.",
    ),
    "es": (
        "La estación está cerrada hoy por el viento fuerte.",
        "Nadie recuerda quién construyó el puente viejo.",
        "Ella vende pan fresco y queso en el mercado.",
    ),
    "it": (
        "La stazione oggi è chiusa per il vento forte.",
        "Nessuno ricorda chi ha costruito il vecchio ponte.",
        "Lei vende pane fresco e formaggio al mercato.",
    ),
}


def words(text: str) -> list[str]:
    """Give the words of a text, in lower case without punctuation."""
    return "".join(c.lower() if c.isalnum() else " " for c in text).split()


def wrong(said: list[str], heard: list[str]) -> int:
    """Count the words that are other, missing or too many (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, one in enumerate(said, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != other))
    return row[-1]


def _spent() -> float:
    """Give the processor time of this process and of those it started, in seconds."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return sum(each.user + each.system for each in times)


async def measure(
    source: str, listener: SpeechListener, language: str, sentences: Sequence[str]
) -> None:
    """Print a line for each voice of a source."""
    speaker = Speaker(load({"speech": source}))
    speaker.voices.check()
    for name in VOICES:
        faults = count = 0
        seconds = spent = 0.0
        for sentence in sentences:
            before = _spent()
            speech = Speech(sentence, "tts-1", name, "wav", language=language)
            sound = b"".join([piece async for piece in speaker.encoded(speech)])
            spent += _spent() - before
            found = await listener.listen(sound, Task(language, words=False)).transcript()
            seconds += found.duration_s
            faults += wrong(words(sentence), words(found.text))
            count += len(words(sentence))
        share = f"{faults} of {count} words wrong ({faults / count:.0%})"
        print(
            f"{source:8} {language} {name:8} {share}, {spent / seconds:.2f} s for a second",
            flush=True,
        )
    await speaker.close()


async def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hearing-model", help="a pulled model's name, or a folder")
    listener = SpeechListener(load({"hearing_model": parser.parse_args().hearing_model}))
    listener.transcriber.check()
    for language, sentences in {"en": SENTENCES, **OTHERS}.items():
        for source in ("espeak", "kokoro"):
            await measure(source, listener, language, sentences)
    await listener.close()


if __name__ == "__main__":
    asyncio.run(main())
