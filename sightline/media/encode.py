"""Pixels out again, for servers that take pictures as files. Nothing but pixels is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LOSSLESS_UP_TO = 1 << 20  # bytes
_QUALITY = 95


def compact(pixels: NDArray[np.uint8]) -> tuple[bytes, str]:
    """Write RGB pixels of shape (height, width, 3) as a file; give it and its kind.

    PNG where that stays small, as drawings and papers do; else JPEG with full colour, whose
    artefacts at this quality are below what models are trained with.
    """
    import cv2  # the server starts without it

    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, png = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if png.size <= _LOSSLESS_UP_TO:
        return png.tobytes(), "png"
    full = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111]
    _, jpeg = cv2.imencode(".jpg", bgr, full)
    return jpeg.tobytes(), "jpeg"
