"""A look at a picture that is to go on as it came: small, and only if nobody can read it otherwise.

Its file is decoded whole, at the smallest scale that is cheap and large enough to judge by, and
whatever its decoder complains about is a reason not to pass it on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEAST_SIDE = 400  # of the longer side, where a JPEG is decoded at a half, a quarter or an eighth
_MOST_SIDE, _SHRUNK = 1024, 512  # of others: what is larger is brought to 512


def glance(
    data: bytes, format: str, stored: tuple[int, int], complained: Callable[[], bool]
) -> NDArray[np.uint8] | None:
    """Decode a file that `stripped.strip` gave; RGB of shape (height, width, 3), maybe smaller.

    `stored` is its (width, height). None where it is damaged, transparent or wider than 8 bits, and
    where `complained` says that the decoder wrote a warning.
    """
    import cv2
    import numpy as np

    file = np.frombuffer(data, np.uint8)
    scale = _scale(max(stored)) if format == "JPEG" else 1
    try:
        made = cv2.imdecode(file, _flags(scale) if format == "JPEG" else cv2.IMREAD_UNCHANGED)
    except cv2.error:
        made = None
    if complained() or made is None or made.dtype != np.uint8:
        return None
    if (made.shape[1], made.shape[0]) != tuple(-(-side // scale) for side in stored):
        return None
    if format != "JPEG" and max(stored) > _MOST_SIDE:
        small = _SHRUNK / max(stored)
        size = max(1, round(stored[0] * small)), max(1, round(stored[1] * small))
        if not _is_opaque(made):
            return None
        made = cv2.resize(made, size, interpolation=cv2.INTER_AREA)
    return _rgb(made) if _is_opaque(made) else None


def _scale(side: int) -> int:
    return next((by for by in (8, 4, 2) if side // by >= _LEAST_SIDE), 1)


def _flags(scale: int) -> int:
    import cv2

    by = {
        1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4,
        8: cv2.IMREAD_REDUCED_COLOR_8,
    }  # fmt: skip
    return by[scale] | cv2.IMREAD_IGNORE_ORIENTATION


def _is_opaque(made: NDArray[Any]) -> bool:
    return made.ndim == 2 or made.shape[2] == 3 or int(made[..., 3].min()) == 255


def _rgb(made: NDArray[Any]) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    channels = 1 if made.ndim == 2 else made.shape[2]
    way = {1: cv2.COLOR_GRAY2RGB, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}[channels]
    return np.asarray(cv2.cvtColor(made, way), np.uint8)
