"""What a test hears of sound: its samples, and how high they are."""

from __future__ import annotations

import io

import av
import numpy as np
from numpy.typing import NDArray


def decoded(data: bytes) -> tuple[NDArray[np.float32], int]:
    """Decode a file of sound; give its samples, mono, -1 to 1, and their rate."""
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler("flt", "mono", stream.rate)
        frames = [f for frame in container.decode(stream) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
        return np.concatenate([f.to_ndarray().reshape(-1) for f in frames]), stream.rate


def pitch(samples: NDArray[np.float32], rate: int) -> float:
    """The median frequency at which the voiced parts repeat, in Hz."""
    found = []
    for at in range(0, len(samples) - 2048, 1024):
        window = samples[at : at + 2048] - samples[at : at + 2048].mean()
        if window.std() < 0.02:
            continue
        same = np.correlate(window, window, "full")[2047:]
        low, high = rate // 400, rate // 60
        peak = low + int(same[low:high].argmax())
        if same[peak] > 0.4 * same[0]:
            found.append(rate / peak)
    return float(np.median(found))
