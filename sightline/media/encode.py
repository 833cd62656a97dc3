"""Pixels out again, for servers that take pictures as files. Nothing but pixels is written."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any

from sightline.types import Picture, PictureFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LOSSLESS_UP_TO = 1 << 20  # bytes
_QUALITY = 95
_BAND, _EVERY = 8, 80  # rows: a tenth of a picture tells how large its PNG will be
_FAST = [16, 1]  # cv2.IMWRITE_PNG_COMPRESSION


def compact(pixels: NDArray[np.uint8], *, lossy: bool = False) -> tuple[bytes, str]:
    """Write RGB pixels of shape (height, width, 3) as a file; give it and its kind.

    PNG where that stays small, as drawings and papers do; else, and where they came `lossy`, JPEG
    with full colour, whose artefacts at this quality are below what models are trained with.
    """
    import cv2  # the server starts without it

    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    if not lossy and _guess(bgr) <= 1.15 * _LOSSLESS_UP_TO:
        _, png = cv2.imencode(".png", bgr, _FAST)
        if png.size <= _LOSSLESS_UP_TO:
            return png.tobytes(), "png"
    full = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111]
    _, jpeg = cv2.imencode(".jpg", bgr, full)
    return jpeg.tobytes(), "jpeg"


def files(picture: Picture) -> list[PictureFile]:
    """Give a picture's views as files, in order."""
    if picture.file is not None:
        return [picture.file]
    made = (compact(view, lossy=picture.lossy) for view in picture.views)
    return [
        PictureFile(f"image/{kind}", binascii.b2a_base64(data, newline=False))
        for data, kind in made
    ]


def urls(picture: Picture) -> list[str]:
    """Give the data URLs of a picture's views, in order."""
    return [file.url.decode("ascii") for file in files(picture)]


def _guess(bgr: NDArray[Any]) -> int:
    """Guess how many bytes a picture's PNG has: writing a photograph's takes most of the time."""
    import cv2
    import numpy as np

    if bgr.shape[0] < 4 * _EVERY:
        return 0
    bands = [bgr[y : y + _BAND] for y in range(0, bgr.shape[0] - _BAND, _EVERY)]
    part = np.concatenate(bands)
    _, png = cv2.imencode(".png", part, _FAST)
    return int(png.size * bgr.shape[0] / part.shape[0])
