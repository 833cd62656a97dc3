"""Words fitted to the sound: they begin and end where it can be heard.

A recogniser places words by what it attends to, and gives the silence around speech to the first
and the last of them. What is loud is told by the sound's own quietest and loudest parts, so that
words over music or noise stay where they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sightline.types.transcripts import RATE

Timed = tuple[float, float, str]
_FRAME = RATE // 100
_FRAME_S = _FRAME / RATE
# Of the sound's frames, in hundredths: how quiet and how loud it is, and the bounds made of them.
_QUIET, _LOUD = 10, 95
_OVER_QUIET, _OF_LOUD, _MOST_OF_LOUD = 3.0, 0.05, 0.3
_REACH_S = 0.35  # by which a word is let grow into what is loud


class Loudness:
    """How loud a sound is, from -1 to 1 at `transcripts.RATE`, every hundredth of a second."""

    def __init__(self, samples: NDArray[np.float32]) -> None:
        whole = len(samples) // _FRAME
        frames = samples[: whole * _FRAME].reshape(whole, _FRAME)
        rms = np.sqrt(np.square(frames).mean(1)) if whole else np.zeros(0, np.float32)
        quiet, loud = np.percentile(rms, (_QUIET, _LOUD)) if whole else (0.0, 0.0)
        bound = max(_OVER_QUIET * quiet, _OF_LOUD * loud)
        # Where even the quiet is near to the loud, nothing tells speech from what is around it.
        self._loud = rms > bound if bound <= _MOST_OF_LOUD * loud else np.zeros(whole, bool)

    def fitted(self, words: Sequence[Timed]) -> list[Timed]:
        """Give words, in order, each within its neighbours and where it can be heard."""
        found: list[Timed] = []
        for number, (start_s, end_s, text) in enumerate(words):
            before = found[-1][1] if found else start_s - _REACH_S
            after = words[number + 1][0] if number + 1 < len(words) else end_s + _REACH_S
            begin, end = self._within(start_s, end_s, max(0.0, before), after)
            found.append((begin, end, text))
        return found

    def _within(
        self, start_s: float, end_s: float, before_s: float, after_s: float
    ) -> tuple[float, float]:
        first, last = round(start_s / _FRAME_S), round(end_s / _FRAME_S)
        loud = np.flatnonzero(self._loud[first:last])
        if not len(loud):
            return max(start_s, before_s), max(end_s, start_s, before_s)
        begin, end = first + int(loud[0]), first + int(loud[-1]) + 1
        least = max(round(before_s / _FRAME_S), first - round(_REACH_S / _FRAME_S))
        most = min(round(after_s / _FRAME_S), last + round(_REACH_S / _FRAME_S), len(self._loud))
        while begin > least and self._loud[begin - 1]:
            begin -= 1
        while end < most and self._loud[end]:
            end += 1
        return begin * _FRAME_S, end * _FRAME_S
