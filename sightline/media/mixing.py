"""Narration over a film's own sound: ducked under speech, at one loudness, without clipping.

Sound is worked on in blocks of a second, 48 kHz, two channels, floats of -1 to 1; nothing grows
with the film.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
RATE = 48_000
LOUDNESS = -16.0  # LUFS, what is usual for speech on the web
_BLOCK = RATE
_CEILING = 0.82  # of full scale: what the encoder adds must fit above
_HOP = RATE // 200
_CHUNK = RATE // 10
_DUCK_DB = 14.0
_ATTACK_S, _RELEASE_S = 0.12, 0.35
_MOST_GAIN = 10.0
_SPEECH_OVER_BED_DB = 12.0


@dataclass(frozen=True, slots=True)
class PlacedSpeech:
    """A piece of speech: its first sample in the film, and where it lies in the speech's file."""

    start: int
    offset: int
    length: int

    @property
    def end(self) -> int:
        """The sample after its last."""
        return self.start + self.length


class Samples:
    """A file of 16-bit samples, read a block at a time; what lies beyond its end is silence."""

    def __init__(self, path: Path, channels: int) -> None:
        self._path, self._channels = path, channels

    def read(self, first: int, count: int) -> Sound:
        """Give samples of shape (count, channels)."""
        width = 2 * self._channels
        with self._path.open("rb") as file:
            file.seek(first * width)
            data = file.read(count * width)
        found = np.frombuffer(data[: len(data) // width * width], np.int16)
        sound = np.zeros((count, self._channels), np.float32)
        sound[: len(found) // self._channels] = found.reshape(-1, self._channels)
        return sound / np.float32(32_768)


def mixed(
    bed: Samples | None, speech: Samples, placed: Sequence[PlacedSpeech], length: int
) -> Callable[[], Iterator[Sound]]:
    """Give a function that mixes anew each time it is called: `length` samples, in blocks."""
    voice_gain = 1.0
    if placed:
        voice_gain = _gain(loudness(_speech(speech, placed)), LOUDNESS)
    duck = _DUCK_DB
    if bed is not None:
        measured = loudness(_plain(bed, length))
        # A loud bed is ducked more, so that speech stands out of it.
        duck = min(max(_DUCK_DB, measured - LOUDNESS + _SPEECH_OVER_BED_DB), 40.0)
    spans = _merged(placed)
    low = 10 ** (-duck / 20)

    def blocks() -> Iterator[Sound]:
        for first in range(0, length, _BLOCK):
            count = min(_BLOCK, length - first)
            sound = np.zeros((count, 2), np.float32)
            if bed is not None:
                sound += bed.read(first, count) * _envelope(first, count, spans, low)[:, None]
            for piece in placed:
                begin, end = max(piece.start, first), min(piece.end, first + count)
                if begin < end:
                    said = speech.read(piece.offset + begin - piece.start, end - begin)
                    sound[begin - first : end - first] += said * np.float32(voice_gain)
            yield sound

    return blocks


def levelled(blocks: Callable[[], Iterator[Sound]]) -> Iterator[Sound]:
    """Bring a mix to the usual loudness, with peaks held below full scale."""
    gain = np.float32(_gain(loudness(blocks()), LOUDNESS))
    return _limited(block * gain for block in blocks())


def _gain(measured: float, wanted: float) -> float:
    return 1.0 if measured <= -70 else min(10 ** ((wanted - measured) / 20), _MOST_GAIN)


def _plain(bed: Samples, length: int) -> Iterator[Sound]:
    for first in range(0, length, _BLOCK):
        yield bed.read(first, min(_BLOCK, length - first))


def _speech(speech: Samples, placed: Sequence[PlacedSpeech]) -> Iterator[Sound]:
    for piece in placed:
        for first in range(0, piece.length, _BLOCK):
            said = speech.read(piece.offset + first, min(_BLOCK, piece.length - first))
            yield np.repeat(said, 2, axis=1)


def _merged(placed: Sequence[PlacedSpeech]) -> list[tuple[int, int]]:
    """Join pieces between which the bed would not come back."""
    gap = int((_ATTACK_S + _RELEASE_S) * RATE)
    spans: list[tuple[int, int]] = []
    for piece in sorted(placed, key=lambda p: p.start):
        if spans and piece.start - spans[-1][1] < gap:
            spans[-1] = (spans[-1][0], max(spans[-1][1], piece.end))
        else:
            spans.append((piece.start, piece.end))
    return spans


def _envelope(first: int, count: int, spans: Sequence[tuple[int, int]], low: float) -> Sound:
    """Give the bed's gain: it falls before speech begins and comes back after it ends."""
    attack, release = int(_ATTACK_S * RATE), int(_RELEASE_S * RATE)
    x, y = [float(first - 1)], [1.0]
    for begin, end in spans:
        if end + release >= first - 1 and begin - attack <= first + count:
            x += [begin - attack, begin, end, end + release]
            y += [1.0, low, low, 1.0]
    if len(x) > 1 and x[1] < x[0]:
        x[0], y[0] = x[1] - 1, 1.0
    return np.asarray(np.interp(np.arange(first, first + count), x, y), np.float32)


# K-weighting at 48 kHz (ITU-R BS.1770-4, tables 1 and 2): numerators and denominators.
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285),
          (1.0, -1.69065929318241, 0.73248077421585))  # fmt: skip
_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def _weights() -> Sound:
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(_CHUNK, 1 / RATE) / RATE)
    response = np.ones_like(turn)
    for above, below in (_SHELF, _PASS):
        response *= np.polyval(above[::-1], turn) / np.polyval(below[::-1], turn)
    return np.asarray(np.abs(response) ** 2, np.float32)


def loudness(blocks: Iterator[Sound]) -> float:
    """Measure integrated loudness in LUFS (ITU-R BS.1770-4); -70 for silence.

    The weighting is applied to spectra of 100 ms, four of which make one of the standard's blocks.
    """
    weights = _weights()
    # Each bin but the first and last stands for two of the whole spectrum (Parseval).
    weights[1:-1] *= 2
    energies: list[float] = []
    rest = np.zeros((0, 2), np.float32)
    for block in blocks:
        sound = np.concatenate([rest, block])
        whole = len(sound) // _CHUNK * _CHUNK
        if whole:
            chunks = sound[:whole].reshape(-1, _CHUNK, 2)
            power = np.abs(np.fft.rfft(chunks, axis=1)) ** 2
            energy = np.tensordot(power, weights, axes=([1], [0])).sum(axis=1) / _CHUNK**2
            energies.extend(energy.tolist())
        rest = sound[whole:]
    if len(energies) < 4:
        energies += (
            [0.0] * (4 - len(energies)) if not energies else energies[-1:] * (4 - len(energies))
        )
    known = np.array(energies)
    means = np.convolve(known, np.ones(4) / 4, "valid")
    loud = means[means > 10 ** ((-70 + 0.691) / 10)]
    if not len(loud):
        return -70.0
    kept = loud[loud > loud.mean() / 10]
    return -0.691 + 10 * math.log10(float(kept.mean()))


def _limited(blocks: Iterator[Sound]) -> Iterator[Sound]:
    """Hold peaks below the ceiling: the gain falls before each and never jumps."""
    before: Sound | None = None
    last_needed = 1.0
    for block in blocks:
        if before is not None:
            needed = _needed(before)
            following = float(_needed(block[:_HOP])[0]) if len(block) else 1.0
            yield _held(before, needed, last_needed, following)
            last_needed = float(needed[-1])
        before = block
    if before is not None and len(before):
        yield _held(before, _needed(before), last_needed, 1.0)


def _needed(block: Sound) -> Sound:
    padded = np.pad(np.abs(block).max(axis=1), (0, -len(block) % _HOP))
    peaks = padded.reshape(-1, _HOP).max(axis=1)
    return np.asarray(np.minimum(1.0, _CEILING / np.maximum(peaks, 1e-9)), np.float32)


def _held(block: Sound, needed: Sound, previous: float, following: float) -> Sound:
    edges = np.minimum(np.concatenate([[previous], needed]), np.concatenate([needed, [following]]))
    places = np.arange(len(edges)) * _HOP
    gain = np.interp(np.arange(len(block)), places, edges).astype(np.float32)
    return np.asarray(block * gain[:, None], np.float32)
