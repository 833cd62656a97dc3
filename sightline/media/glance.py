"""A look at a picture that is to go on as it came: small, and only if nobody can read it otherwise.

Its file is decoded whole, at the smallest scale that is cheap and large enough to judge by. What a
decoder would have to guess is a reason not to pass it on. Of a JPEG only libjpeg can tell, by the
warnings that OpenCV leaves to it and Pillow drops: this is the one kind of file that OpenCV opens,
and it does so in the process that decodes. What is in a PNG beyond its pixels is found here.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PIL import Image

from sightline.media import image as images

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEAST_SIDE = 400  # of the longer side, where a JPEG is decoded at a half, a quarter or an eighth
_MOST_SIDE, _SHRUNK = 1024, 512  # of others: what is larger is brought to 512
_PIECE = 1 << 16
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by PNG's colour types
# Adam7's passes: where each begins, across and down, and its steps.
_PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
)  # fmt: skip


def glance(
    data: bytes, format: str, stored: tuple[int, int], complained: Callable[[], bool]
) -> NDArray[np.uint8] | None:
    """Decode a file that `stripped.strip` gave; RGB of shape (height, width, 3), maybe smaller.

    `stored` is its (width, height). None where it is transparent, or holds more or less than its
    pixels, and where `complained` says that the decoder wrote a warning. Raises anything, for
    damage.
    """
    if format == "JPEG":
        return _jpeg(data, stored, complained)
    if format == "PNG" and not _is_exact(data, stored):
        return None
    image = images.opened(data, format, stored)
    image.load()
    if image.mode in ("RGBA", "LA") and image.getchannel("A").getextrema() != (255, 255):
        return None
    palette = image.getpalette("RGB") if image.mode == "P" else None
    if palette is not None and not _is_within(image, len(palette) // 3):
        return None
    made = images.plain_pixels(image.convert("RGB"))
    if max(stored) <= _MOST_SIDE:
        return made
    small = _SHRUNK / max(stored)
    return images.shrink(made, (max(1, round(stored[0] * small)), max(1, round(stored[1] * small))))


def _jpeg(
    data: bytes, stored: tuple[int, int], complained: Callable[[], bool]
) -> NDArray[np.uint8] | None:
    import cv2
    import numpy as np

    scale = next((by for by in (8, 4, 2) if max(stored) // by >= _LEAST_SIDE), 1)
    ways = {
        1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4,
        8: cv2.IMREAD_REDUCED_COLOR_8,
    }  # fmt: skip
    file = np.frombuffer(data, np.uint8)
    made = cv2.imdecode(file, ways[scale] | cv2.IMREAD_IGNORE_ORIENTATION)
    if complained() or made is None:
        return None
    if (made.shape[1], made.shape[0]) != tuple(-(-side // scale) for side in stored):
        return None
    return np.asarray(cv2.cvtColor(made, cv2.COLOR_BGR2RGB), np.uint8)


def _is_within(image: Image.Image, colours: int) -> bool:
    """Say whether a picture has no colour that its palette has not."""
    import numpy as np

    return int(np.asarray(image).max()) < colours


def _is_exact(data: bytes, stored: tuple[int, int]) -> bool:
    """Say whether the chunks of a PNG are whole, and its packed data the pixels and no more."""
    wanted = sum(_row_bytes(data, *stored))
    unpacking, length = zlib.decompressobj(), 0
    for kind, body, crc in _chunks(data):
        if zlib.crc32(body, zlib.crc32(kind)) != crc:
            return False
        if kind != b"IDAT":
            continue
        for at in range(0, len(body), _PIECE):
            rest: bytes | memoryview = body[at : at + _PIECE]
            while rest and not unpacking.eof and length <= wanted:
                length += len(unpacking.decompress(rest, 16 * _PIECE))
                rest = unpacking.unconsumed_tail
            if rest or unpacking.unused_data:
                return False
    return unpacking.eof and length == wanted


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, int]]:
    at, view = 8, memoryview(data)
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        yield (
            data[at + 4 : at + 8],
            view[at + 8 : end - 4],
            int.from_bytes(view[end - 4 : end], "big"),
        )
        at = end


def _row_bytes(data: bytes, width: int, height: int) -> Iterator[int]:
    """Give the bytes of all rows of a PNG's passes, each with that of its filter."""
    bits = data[24] * _CHANNELS[data[25]]
    passes = _PASSES if data[28] else ((0, 0, 1, 1),)
    for left, top, across, down in passes:
        wide, high = -(-(width - left) // across), -(-(height - top) // down)
        if wide > 0 and high > 0:
            yield high * (1 + -(-wide * bits // 8))
