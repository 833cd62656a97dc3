"""Encoded bytes to an upright RGB `Picture`, or an error in the API's words.

The format is decided from the bytes, never from a label. The size is checked before anything is
decoded, the whole picture is decoded before it is believed, metadata never reaches a decoder. It
knows nothing of where the bytes came from, nor of the process in which it runs.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageCms, UnidentifiedImageError

from sightline.errors import ImageError
from sightline.media import container
from sightline.media.container import Container

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sightline.settings import Settings

MOST_SIDE = 65_535
_ORIENTATION = 0x0112
# Bits of two kinds that are put behind a JPEG that does not end.
_BITS = (b"\x55\x2b\x9c" * 8, b"\xaa\xd4\x63" * 8)
_MOST_REST = 1024
_ROWS = 256
_PLAIN = 96  # of 255: an edge that stronger ones are no plainer than
_LIGHT = 2.0  # times as much is seen of a light drawing on black as on white
_LOOKED_AT = 1_000_000  # pixels of a drawing that its ground is chosen by


@dataclass(frozen=True, slots=True)
class ImageBounds:
    """How large a picture may be: encoded bytes, pixels before scaling, long side over short."""

    max_bytes: int
    max_pixels: int
    max_ratio: float = 200.0

    @classmethod
    def of(cls, settings: Settings) -> ImageBounds:
        """Give those of the settings."""
        return cls(settings.max_image_bytes, settings.max_image_pixels, settings.max_image_ratio)


def unsupported(param: str) -> ImageError:
    """Make the error for bytes that are none of the four formats."""
    return ImageError(
        "You uploaded an unsupported image. Please make sure your image has of one the following "
        "formats: ['png', 'jpeg', 'gif', 'webp'].",
        param=param,
        code="invalid_image_format",
    )


def too_large(param: str, what: str) -> ImageError:
    """Make the error for a picture over a bound; `what` names the bound in the hint."""
    return ImageError("Image size exceeds the limit.", param=param, code="invalid_image", hint=what)


def damaged(param: str) -> ImageError:
    """Make the error for a picture that is damaged."""
    return ImageError(
        "The image data you provided does not represent a valid image. Please check your input "
        "and try again with one of the supported image formats: ['image/jpeg', 'image/png', "
        "'image/gif', 'image/webp'].",
        param=param,
        code="invalid_value",
    )


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What a picture's file tells: its format, its upright (width, height), a JPEG's scans."""

    format: str
    size: tuple[int, int]
    orientation: int = 1
    scans: int = 1


def look(data: bytes, param: str, bounds: ImageBounds) -> ImageHeader:
    """Read the header of a picture of one of the four formats; no pixel is decoded.

    Raises `ImageError` with `param` for an unknown format, an animation, damage that shows, or a
    size over `bounds`.
    """
    found = walk(data, param, bounds)
    return ImageHeader(found.format, found.upright, found.orientation, found.scans)


def walk(data: bytes, param: str, bounds: ImageBounds) -> Container:
    """Take a picture's file apart, within `bounds`; raises as `look` does."""
    if len(data) > bounds.max_bytes:
        raise ImageError(
            "You uploaded an unsupported image. Please make sure your image is below "
            f"{bounds.max_bytes >> 20} MB in size and is of one the following formats: ['png', "
            "'jpeg', 'gif', 'webp'].",
            param=param,
            code="invalid_image_format",
        )
    try:
        found = container.parse(data)
    except container.Damaged:
        raise damaged(param) from None
    if found is None:
        raise unsupported(param)
    _check(found.size, param, bounds)
    if found.moves:
        raise _animated(param)
    if found.scans > container.MOST_SCANS:
        raise too_large(
            param, f"It has more than {container.MOST_SCANS} scans; save it as an ordinary JPEG."
        )
    return found


def _check(size: tuple[int, int], param: str, bounds: ImageBounds) -> None:
    """See that a picture is not too large. Raises `ImageError`."""
    if min(size) < 1:
        raise damaged(param)
    if size[0] * size[1] > bounds.max_pixels or max(size) > MOST_SIDE:
        raise too_large(
            param, f"Send at most {bounds.max_pixels / 1e6:.0f} megapixels per picture."
        )
    if max(size) > bounds.max_ratio * min(size):
        raise too_large(
            param, f"Its longest side may be {bounds.max_ratio:g} times its shortest at most."
        )


def _animated(param: str) -> ImageError:
    error = unsupported(param)
    error.hint = "Animated pictures are not taken; send a single frame."
    return error


def decode(
    data: bytes, param: str, bounds: ImageBounds, size: tuple[int, int] | None = None
) -> NDArray[np.uint8]:
    """Decode a picture in this process: upright RGB of shape (height, width, 3).

    `size` is the (width, height) wanted, upright and never larger than the picture. For pictures
    that anybody may have made `decoding.Decoders` does the same where it can be ended. Raises
    `ImageError` with `param`: as `look` does, and for damage wherever in the file it is.
    """
    found = walk(data, param, bounds)
    try:
        joined = b"".join(found.pieces)
        return render(joined, found.format, found.size, found.orientation, size or found.upright)
    except Exception:  # noqa: BLE001 - a decoder may raise anything on hostile bytes
        raise damaged(param) from None


def render(
    data: bytes,
    format: str,
    stored: tuple[int, int],
    orientation: int,
    size: tuple[int, int],
    out: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Make pixels of a file that `container.parse` has taken apart and that was put together again.

    Orientation is applied, colours are brought to sRGB, alpha is laid on the ground that shows
    more of it: white, or black under a light drawing. `stored` is its (width, height) as it lies in
    the file, `size` what is wanted of it, upright. The array is of shape (height, width, 3); it is
    `out` where that is given, as numpy has it, which spares a copy of most. Raises anything, for
    damage.
    """
    target = size if orientation < 5 else (size[1], size[0])
    if format == "JPEG" and not container.is_ended(data):
        image = _ended(data, stored)
    else:
        image = opened(data, format, stored)
        if format == "JPEG" and target != image.size:
            image.draft(None, target)  # decodes at a half, a quarter or an eighth: far cheaper
        image.load()
    lies_right = not 2 <= orientation <= 8
    pixels = _turned(_coloured(image, target, out if lies_right else None), orientation)
    if out is None or pixels is out:
        return pixels
    out[:] = pixels
    return out


def opened(data: bytes, format: str, stored: tuple[int, int]) -> Image.Image:
    """Open a file of a format and a (width, height) that are known. Raises anything."""
    with warnings.catch_warnings():
        # Pillow warns, and refuses, by a bound of its own; ours has been applied.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(io.BytesIO(data), formats=(format,))
    if image.size != stored:
        raise ValueError("the decoder reads another size")
    image.decodermaxblock = len(data) + _MOST_REST  # all at once, it is in memory
    return image


def _ended(data: bytes, stored: tuple[int, int]) -> Image.Image:
    """Decode a JPEG that lacks its end, if nothing else is lost. Raises `ValueError` where it is.

    Its decoder draws something for what is not there, and does not tell. So the file is ended in
    several ways: a picture that is all there has the same pixels whatever follows it.
    """
    import numpy as np  # here: headers are read without it

    if not container.is_refined(data):
        raise ValueError("passes over the picture are missing")
    data = data.rstrip(b"\xff")  # half of the end marker
    whole, seal = None, ""
    for rest in _rests(data):
        image = opened(data + rest, "JPEG", stored)
        image.load()
        found = digest(np.asarray(image))
        if whole is not None and found != seal:
            raise ValueError("the end of the picture is missing")
        whole, seal = image, found
    assert whole is not None  # noqa: S101 - there are several ends
    return whole


def _rests(data: bytes) -> list[bytes]:
    """Make several ends for a JPEG: the marker alone, and with bits before it.

    Those come in stretches numbered as the file's own would be: a decoder that waits for a number
    passes over all others.
    """
    following = container.next_restart(data)
    marks = [bytes((0xFF, 0xD0 + (following + i) % 8)) for i in range(8)]
    stuffed = [b"".join(bits + mark for mark in marks) for bits in _BITS]
    return [rest + b"\xff\xd9" for rest in (b"", *stuffed)]


def prepare() -> None:
    """Import what `render` takes, for a process that is to read no file later on."""
    import cv2  # noqa: F401
    from PIL import GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401


def foreign(
    data: bytes, param: str, bounds: ImageBounds, formats: tuple[str, ...]
) -> tuple[str, NDArray[np.uint8]]:
    """Decode a picture of another format that Pillow reads; give the format and upright RGB.

    `formats` are Pillow's names of those taken. For a user's own files. Raises as `decode`.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=formats)
    except UnidentifiedImageError:
        raise unsupported(param) from None
    except Image.DecompressionBombError:
        raise too_large(param, "It has too many pixels.") from None
    except Exception:  # noqa: BLE001 - as above
        raise damaged(param) from None
    _check(image.size, param, bounds)
    if getattr(image, "is_animated", False):
        raise _animated(param)
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
        image.load()
        pixels = _coloured(image, image.size)
    except Exception:  # noqa: BLE001 - as above
        raise damaged(param) from None
    return image.format or "", _turned(pixels, orientation if isinstance(orientation, int) else 1)


def _coloured(
    image: Image.Image, target: tuple[int, int], out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Bring to RGB and to size: size first where the channels allow it, since that is cheaper.

    What is given is `out` where that could be written to at once.
    """
    import numpy as np  # here: headers are read without it

    plain = image.mode in ("RGB", "L", "CMYK") and "transparency" not in image.info
    if plain and image.size != target:
        profile = image.info.get("icc_profile")
        if image.mode == "RGB" and not profile:
            return _sized(plain_pixels(image), target, out)
        image = Image.fromarray(_sized(np.asarray(image), target), image.mode)
        if profile:
            image.info["icc_profile"] = profile
    image = _rgb(image)
    if image.size == target:
        return plain_pixels(image, out)
    return _sized(plain_pixels(image), target, out)


class _ArrowArray(ctypes.Structure):
    """The array of Arrow's C data interface."""


_ArrowArray._fields_ = [
    *((name, ctypes.c_int64) for name in ("length", "nulls", "offset", "buffers_", "children_")),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_ArrowArray))),
]


def plain_pixels(image: Image.Image, out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Give the pixels of an RGB picture as an array of shape (height, width, 3), in `out` or not.

    Pillow has them in four bytes each, which Arrow's interface lends. numpy's own, which it asks
    for by `__array_interface__`, makes a list of pieces of them first and takes five times as long.
    """
    import cv2  # here, as below
    import numpy as np  # here: headers are read without it

    try:
        _, capsule = image.__arrow_c_array__()
    except ValueError:  # it lies in several pieces of memory: those of over 16 MB do
        return np.asarray(image)
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    lent = _ArrowArray.from_address(pointer(capsule, b"arrow_array")).children[0][0]
    count = image.width * image.height * 4
    where = ctypes.cast(lent.buffers[1], ctypes.POINTER(ctypes.c_uint8))
    four = np.ctypeslib.as_array(where, (count,)).reshape(image.height, image.width, 4)
    made = cv2.cvtColor(four, cv2.COLOR_RGBA2RGB, dst=out)
    return _same(np.asarray(made, np.uint8), out)


def _same(made: NDArray[np.uint8], out: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Give `out` for what OpenCV made of it, which is another array over the same memory."""
    return out if out is not None and made.ctypes.data == out.ctypes.data else made


def _sized(
    pixels: NDArray[np.uint8], target: tuple[int, int], out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    import numpy as np  # here: headers are read without it

    if (pixels.shape[1], pixels.shape[0]) == target:
        return np.ascontiguousarray(pixels)
    import cv2  # here, since it takes a tenth of a second and small pictures do without

    # Averages each output pixel's area: as good as Lanczos when shrinking, at a tenth of its cost.
    made = cv2.resize(pixels, target, dst=out, interpolation=cv2.INTER_AREA)
    return _same(np.asarray(made, dtype=np.uint8), out)


def shrink(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Scale pixels of shape (height, width, 3) down to `size`, (width, height)."""
    return _sized(pixels, size)


def digest(pixels: NDArray[np.uint8]) -> str:
    """Give the SHA-256 of pixels and their shape, in hexadecimal."""
    import numpy as np  # here: headers are read without it

    seal = hashlib.sha256(repr(pixels.shape).encode())
    seal.update(np.ascontiguousarray(pixels).data)
    return seal.hexdigest()


def _turned(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn pixels as they lie in the file upright, by an EXIF orientation of 1 to 8."""
    import numpy as np  # here: headers are read without it

    if not 2 <= orientation <= 8:
        return pixels
    import cv2  # here, as above; by far the fastest

    if orientation in (5, 7):
        pixels = np.asarray(cv2.transpose(pixels), np.uint8)
    if orientation in (2, 4):
        return np.asarray(cv2.flip(pixels, 1 if orientation == 2 else 0), np.uint8)
    turns = {
        3: cv2.ROTATE_180, 6: cv2.ROTATE_90_CLOCKWISE, 7: cv2.ROTATE_180,
        8: cv2.ROTATE_90_COUNTERCLOCKWISE,
    }  # fmt: skip
    turn = turns.get(orientation)
    return pixels if turn is None else np.asarray(cv2.rotate(pixels, turn), np.uint8)


def _rgb(image: Image.Image) -> Image.Image:
    import numpy as np  # here: headers are read without it

    profile = image.info.get("icc_profile")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = _on_ground(image if image.mode == "RGBA" else image.convert("RGBA"))
    elif image.mode.startswith("I;16"):
        # 16 bits a channel to 8, rounded, by rows: the wider numbers between would be many.
        deep = np.asarray(image)
        grey = np.empty(deep.shape, np.uint8)
        for at in range(0, len(deep), _ROWS):
            grey[at : at + _ROWS] = (deep[at : at + _ROWS].astype(np.uint32) + 128) // 257
        image = Image.fromarray(grey)
    elif image.mode in ("I", "F"):
        # 16 bits a channel too; PNG gives no other range in these modes.
        values = np.asarray(image, dtype=np.float64)
        image = Image.fromarray(np.clip(values / 257.0, 0, 255).round().astype(np.uint8))
    if profile and image.mode in ("RGB", "CMYK", "L"):
        image = _to_srgb(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_ground(drawing: Image.Image) -> Image.Image:
    """Lay a drawing with alpha on white, or on black where white would hide most of it."""
    alpha = drawing.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return drawing.convert("RGB")
    made = Image.new("RGB", drawing.size, "black" if _is_light(drawing, alpha) else "white")
    made.paste(drawing, mask=alpha)
    return made


def _is_light(drawing: Image.Image, alpha: Image.Image) -> bool:
    """Say whether much more of a drawing can be seen on black than on white.

    What is seen are edges, each for no more than makes it plain: so white letters are light though
    a coloured sign stands beside them, and black print on a white card is not, nor is a photograph.
    """
    import numpy as np  # here: headers are read without it

    on_black = ImageChops.multiply(drawing.convert("L"), alpha)
    on_white = ImageChops.add(on_black, ImageChops.invert(alpha))
    by = math.ceil(math.sqrt(drawing.width * drawing.height / _LOOKED_AT))
    black, white = (
        np.asarray(each.reduce(by) if by > 1 else each) for each in (on_black, on_white)
    )
    return _seen(black) > _LIGHT * _seen(white)


def _seen(grey: NDArray[np.uint8]) -> int:
    """Add up the edges of a grey picture, between neighbours across and down."""
    import cv2  # here, as above
    import numpy as np  # here: headers are read without it

    total = 0
    for one, other in ((grey[:, 1:], grey[:, :-1]), (grey[1:], grey[:-1])):
        if one.size:
            total += int(np.minimum(cv2.absdiff(one, other), _PLAIN).sum(dtype=np.int64))
    return total


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a profile that does not fit the picture is ignored, as browsers do
    return image if converted is None else converted
