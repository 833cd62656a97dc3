"""Neural voices: Kokoro (82 million parameters, Apache-2.0) through onnxruntime.

The files are those of the hub's `onnx-community/Kokoro-82M-v1.0-ONNX`: a model that takes
`input_ids` (1, n), `style` (1, 256) and `speed` (1) and gives samples at 24 kHz; `tokenizer.json`
with a number for each phoneme; and for each voice 510 styles, one for each number of phonemes.
Phonemes come from espeak-ng, in its own process.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sightline.errors import EngineError, ModelFileError, UsageError
from sightline.models.store import Store
from sightline.voices.espeak import Espeak, named
from sightline.voices.voice import Manner, Voice, VoiceOptions, Voices

NAME = "kokoro"
_MOST_PHONEMES = 510
_STYLE = 256

# The letter a voice's name begins with says its language. Japanese and Chinese are left out: the
# model was trained on other phonemes of them than espeak-ng writes.
_LANGUAGES = {
    "a": "en-us",
    "b": "en-gb-x-rp",
    "e": "es",
    "f": "fr",
    "h": "hi",
    "i": "it",
    "p": "pt-br",
}
_SPOKEN = {
    "a": "American", "b": "British", "e": "Spanish", "f": "French", "h": "Hindi", "i": "Italian",
    "p": "Brazilian",
}  # fmt: skip
_API = {
    "alloy": "af_alloy", "ash": "am_michael", "ballad": "bm_george", "coral": "af_bella",
    "echo": "am_echo", "fable": "bm_fable", "onyx": "am_onyx", "nova": "af_nova",
    "sage": "bf_emma", "shimmer": "af_sky", "verse": "am_puck", "marin": "af_heart",
    "cedar": "am_fenrir",
}  # fmt: skip
_PUNCTUATION = re.compile(r"([;:,.!?…—\"()“”]+)")


class Kokoro(Voices):
    """Kokoro's voices."""

    name = NAME
    rate = 24_000
    speeds = (0.5, 2.0)

    def __init__(self, options: VoiceOptions) -> None:
        self._options = options
        self._espeak = Espeak(options)
        self._loading = asyncio.Lock()
        self._session: Any = None
        self._vocabulary: dict[str, int] = {}

    def _folder(self) -> Path:
        """Find the files. Raises `ModelFileError`."""
        if self._options.speech_model:
            folder = Path(self._options.speech_model).expanduser()
            if not folder.is_dir():
                raise ModelFileError(
                    "There is no such folder of voices.", hint="Check --speech-model."
                )
            return folder
        store = Store(self._options.models_folder)
        if NAME not in store.locked():
            raise ModelFileError(
                "The voices of kokoro are not installed.", hint=f"Type: sightline pull {NAME}"
            )
        store.verify(NAME)
        return store.folder_of(NAME)

    def check(self) -> None:
        """See that the files are there. Raises `UsageError`."""
        try:
            folder = self._folder()
            _model(folder)
            _vocabulary(folder)
            if not self.voices():
                raise ModelFileError("The folder holds no voices.", hint="They are voices/*.bin.")
        except ModelFileError as error:
            raise UsageError(error.message, hint=error.hint) from None

    def voices(self) -> tuple[Voice, ...]:
        """List the voices that are here: those of the API's names first."""
        here = sorted(
            path.stem
            for path in (self._folder() / "voices").glob("*.bin")
            if path.stem[0] in _LANGUAGES
        )
        named = [Voice(n, own, _described(own)) for n, own in _API.items() if own in here]
        return (*named, *(Voice(own, own, _described(own)) for own in here))

    async def speak(self, text: str, voice: Voice, manner: Manner) -> AsyncGenerator[bytes]:
        """Speak a sentence."""
        async with self._loading:
            if self._session is None:
                await asyncio.to_thread(self._load)
        language = _LANGUAGES[voice.own[0]]
        if manner.language and manner.language.lower().split("-")[0] != language.split("-")[0]:
            language = named(manner.language)
        said = await self._phonemes(text, language)
        tokens = [self._vocabulary[letter] for letter in said if letter in self._vocabulary]
        for part in _parts(tokens, self._vocabulary.get(" ", -1)):
            samples = await asyncio.to_thread(self._run, part, voice.own, manner.speed)
            loud = np.clip(samples * 32_767, -32_768, 32_767)
            yield bytes(loud.astype(np.int16).tobytes())

    async def close(self) -> None:
        """Let the model go."""
        self._session = None
        await self._espeak.close()

    async def _phonemes(self, text: str, language: str) -> str:
        """Write a text in phonemes, with its punctuation, which the model speaks by."""
        said = []
        for i, piece in enumerate(_PUNCTUATION.split(text)):
            if i % 2 or not piece.strip():
                said.append(piece)
            else:
                lead = " " if piece[:1].isspace() and said else ""
                said.append(lead + (await self._espeak.phonemes(piece, language)).strip())
        return "".join(said)

    def _load(self) -> None:
        import onnxruntime

        folder = self._folder()
        how = onnxruntime.SessionOptions()
        how.intra_op_num_threads = self._options.worker_threads
        how.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                str(_model(folder)), how, providers=["CPUExecutionProvider"]
            )
        except Exception:  # noqa: BLE001 - the runtime raises its own, of no common kind
            raise EngineError(
                "The voice's model cannot be loaded.", hint=f"Type: sightline pull {NAME}"
            ) from None
        self._vocabulary = _vocabulary(folder)

    def _run(self, tokens: list[int], own: str, speed: float) -> NDArray[np.float32]:
        styles = np.fromfile(self._folder() / "voices" / f"{own}.bin", np.float32)
        if styles.size == 0 or styles.size % _STYLE:
            raise EngineError(f"The voice {own} is damaged.", hint=f"Type: sightline pull {NAME}")
        table = styles.reshape(-1, 1, _STYLE)
        given = {
            "input_ids": np.array([[0, *tokens, 0]], np.int64),
            "style": table[min(len(tokens), len(table) - 1)],
            "speed": np.array([speed], np.float32),
        }
        (waveform,) = self._session.run(None, given)[:1]
        return np.asarray(waveform, np.float32).reshape(-1)


def _described(own: str) -> str:
    sex = {"f": "a woman", "m": "a man"}.get(own[1:2], "a voice")
    return f"{sex}, {_SPOKEN[own[0]]}"


def _model(folder: Path) -> Path:
    found = sorted(folder.glob("onnx/*.onnx")) or sorted(folder.glob("*.onnx"))
    if not found:
        raise ModelFileError("The folder holds no model of a voice.", hint="It ends in .onnx.")
    return found[0]


def _vocabulary(folder: Path) -> dict[str, int]:
    try:
        told = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
        return {str(letter): int(number) for letter, number in told.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ModelFileError("The voices' tokenizer.json cannot be read.") from None


def _parts(tokens: list[int], space: int) -> list[list[int]]:
    """Cut tokens so that each part fits, between words where it can."""
    parts = []
    while len(tokens) > _MOST_PHONEMES:
        cut = _MOST_PHONEMES
        while cut > _MOST_PHONEMES // 2 and tokens[cut] != space:
            cut -= 1
        parts.append(tokens[:cut])
        tokens = tokens[cut:]
    return [part for part in [*parts, tokens] if part]
