"""Encoded bytes to an upright RGB `Picture`, or an error in the API's words.

The format is decided from the bytes, never from a label. The size is checked before anything is
decoded, the whole picture is decoded before it is believed, metadata ends here. It knows nothing
of where the bytes came from.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from sightline.errors import ImageError
from sightline.settings import MIB

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_SIDE = 65_535
_ORIENTATION = 0x0112
_MOST_READS = 100_000  # a PNG of 20 MB in chunks of 4 KB takes 20,000
_JPEG = ("JPEG", "MPO")  # the second is a JPEG with another behind it, as phones write
_ANIMATED = ("GIF", "WEBP", "PNG", "AVIF", "TIFF")
# EXIF orientation to what makes an array of (height, width, 3) upright.
_TURNS: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a),
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a picture may be: encoded bytes, pixels before scaling, long side over short."""

    max_bytes: int
    max_pixels: int
    max_ratio: float = 200.0


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


def _damaged(param: str) -> ImageError:
    return ImageError(
        "The image data you provided does not represent a valid image. Please check your input "
        "and try again with one of the supported image formats: ['image/jpeg', 'image/png', "
        "'image/gif', 'image/webp'].",
        param=param,
        code="invalid_value",
    )


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture's first bytes tell: its format and its (width, height), upright."""

    format: str
    size: tuple[int, int]
    orientation: int = 1


def look(data: bytes, param: str, bounds: Bounds, *, formats: tuple[str, ...] = FORMATS) -> Header:
    """Read a picture's header; no pixel is decoded.

    `formats` are Pillow's names of those taken. Raises `ImageError` with `param` for an unknown
    format, an animation, damage that shows, or a size over `bounds`.
    """
    if len(data) > bounds.max_bytes:
        raise ImageError(
            "You uploaded an unsupported image. Please make sure your image is below "
            f"{bounds.max_bytes // MIB} MB in size and is of one the following formats: ['png', "
            "'jpeg', 'gif', 'webp'].",
            param=param,
            code="invalid_image_format",
        )
    image = _open(data, param, bounds, formats)
    orientation = _orientation(image, data)
    turned = orientation >= 5
    width, height = image.size
    format = "JPEG" if image.format in _JPEG else image.format or ""
    return Header(format, (height, width) if turned else (width, height), orientation)


class _Counted(io.BytesIO):
    """A file that ends in an error when it is read in too many small pieces.

    Pillow walks markers and chunks one by one; a file of nothing else would keep it for seconds.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._left = _MOST_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on. Raises `OSError` when too many pieces have been read."""
        self._left -= 1
        if self._left < 0:
            raise OSError("too many pieces")
        return super().read(size)


def _open(data: bytes, param: str, bounds: Bounds, formats: tuple[str, ...]) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow only warns where it is unsure; the bound below is ours.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(_Counted(data), formats=formats)
    except UnidentifiedImageError:
        raise unsupported(param) from None
    except Image.DecompressionBombError:
        raise too_large(param, _pixels_hint(bounds)) from None
    except Exception:  # noqa: BLE001 - a decoder may raise anything on hostile bytes
        raise _damaged(param) from None
    width, height = image.size
    if width < 1 or height < 1:
        raise _damaged(param)
    if width * height > bounds.max_pixels or max(width, height) > MOST_SIDE:
        raise too_large(param, _pixels_hint(bounds))
    if max(width, height) > bounds.max_ratio * min(width, height):
        raise too_large(
            param, f"Its longest side may be {bounds.max_ratio:g} times its shortest at most."
        )
    try:
        # One frame is a still picture. Asked so, no more than the second is looked for.
        animated = image.format in _ANIMATED and getattr(image, "is_animated", False)
    except Exception:  # noqa: BLE001 - as above
        raise _damaged(param) from None
    if animated:
        error = unsupported(param)
        error.hint = "Animated pictures are not taken; send a single frame."
        raise error
    return image


def decode(
    data: bytes,
    param: str,
    bounds: Bounds,
    size: tuple[int, int] | None = None,
    *,
    formats: tuple[str, ...] = FORMATS,
) -> NDArray[np.uint8]:
    """Decode a picture that `look` has passed: upright RGB of shape (height, width, 3).

    Orientation is applied, colours are brought to sRGB, alpha is laid on white. `size` is the
    (width, height) wanted, upright and never larger than the picture. Raises `ImageError` with
    `param` for damage, wherever in the file it is.
    """
    image = _open(data, param, bounds, formats)
    try:
        orientation = _orientation(image, data)
        target = image.size if size is None else size
        if size is not None and orientation >= 5:
            target = (size[1], size[0])
        if image.format in _JPEG and target != image.size:
            image.draft(None, target)  # decodes at a half, a quarter or an eighth: far cheaper
        image.load()  # a PNG's damage shows here, and only the first time
        pixels = _coloured(image, target)
    except Exception:  # noqa: BLE001 - as above
        raise _damaged(param) from None
    return _turned(pixels, orientation)


def _coloured(image: Image.Image, target: tuple[int, int]) -> NDArray[np.uint8]:
    """Bring to RGB and to size: size first where the channels allow it, since that is cheaper."""
    plain = image.mode in ("RGB", "L", "CMYK") and "transparency" not in image.info
    if plain and image.size != target:
        profile = image.info.get("icc_profile")
        image = Image.fromarray(_sized(np.asarray(image), target), image.mode)
        if profile:
            image.info["icc_profile"] = profile
    return _sized(np.asarray(_rgb(image)), target)


def _sized(pixels: NDArray[np.uint8], target: tuple[int, int]) -> NDArray[np.uint8]:
    if (pixels.shape[1], pixels.shape[0]) == target:
        return np.ascontiguousarray(pixels)
    import cv2  # here, since it takes a tenth of a second and small pictures do without

    # Averages each output pixel's area: as good as Lanczos when shrinking, at a tenth of its cost.
    return np.asarray(cv2.resize(pixels, target, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def shrink(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Scale pixels of shape (height, width, 3) down to `size`, (width, height)."""
    return _sized(pixels, size)


def digest(pixels: NDArray[np.uint8]) -> str:
    """Give the SHA-256 of pixels and their shape, in hexadecimal."""
    seal = hashlib.sha256(repr(pixels.shape).encode())
    seal.update(np.ascontiguousarray(pixels).data)
    return seal.hexdigest()


def _pixels_hint(bounds: Bounds) -> str:
    return f"Send at most {bounds.max_pixels / 1e6:.0f} megapixels per picture."


def _orientation(image: Image.Image, data: bytes) -> int:
    """Read the EXIF orientation, 1 to 8, without decoding a pixel."""
    try:
        if image.format == "PNG":
            # PngImageFile.getexif decodes the pixels to reach metadata behind them, and would
            # swallow their damage; so that chunk is looked for here.
            found_late = "exif" not in image.info and _late_exif(data)
            if found_late:
                image.info["exif"] = found_late
            exif = Image.Image.getexif(image)
        else:
            exif = image.getexif()
        found = exif.get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - broken metadata is no reason to refuse sound pixels
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _late_exif(data: bytes) -> bytes:
    """Find a PNG's eXIf chunk wherever it stands; empty where there is none."""
    if b"eXIf" not in data:
        return b""
    at = 8
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind == b"eXIf":
            return data[at + 8 : at + 8 + length]
        at += 12 + length
    return b""


def _turned(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    turn = _TURNS.get(orientation)
    return pixels if turn is None else np.ascontiguousarray(turn(pixels))


def _rgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        with_alpha = image.convert("RGBA")
        image = Image.new("RGB", with_alpha.size, (255, 255, 255))
        image.paste(with_alpha, mask=with_alpha.getchannel("A"))
    elif image.mode.startswith("I;16") or image.mode in ("I", "F"):
        # 16 bits a channel; PNG gives no other range in these modes.
        values = np.asarray(image, dtype=np.float64)
        image = Image.fromarray(np.clip(values / 257.0, 0, 255).round().astype(np.uint8))
    if profile and image.mode in ("RGB", "CMYK", "L"):
        image = _to_srgb(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a profile that does not fit the picture is ignored, as browsers do
    return image if converted is None else converted
