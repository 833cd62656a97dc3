"""Encoded bytes to an upright RGB `Picture`, or an error in the API's words.

The format is decided from the bytes, never from a label. The size is checked before anything is
decoded, the whole picture is decoded before it is believed, metadata ends here. It knows nothing
of where the bytes came from.
"""

from __future__ import annotations

import hashlib
import io
import math
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from sightline.errors import ImageError
from sightline.types import Detail, Picture

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_SIDE = 65_535
# More than the API's own models see of a picture at high detail (768 x 2048), and enough to read
# a page of small print.
MOST_KEPT_PIXELS = 6_000_000
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a picture may be: encoded bytes, and pixels before scaling."""

    max_bytes: int
    max_pixels: int


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


def decode(
    data: bytes,
    param: str,
    bounds: Bounds,
    *,
    detail: Detail = "auto",
    longest_side: int | None = None,
    kept_pixels: int = MOST_KEPT_PIXELS,
) -> Picture:
    """Decode one picture: orientation applied, colours in sRGB, alpha laid on white.

    `longest_side` in pixels, and `kept_pixels` in all, only ever make it smaller. Raises
    `ImageError` with `param` for an unknown format, an animation, damage, or a size over `bounds`.
    """
    if len(data) > bounds.max_bytes:
        raise too_large(param, f"Send at most {bounds.max_bytes / 1e6:.0f} MB per picture.")
    try:
        with warnings.catch_warnings():
            # Pillow only warns where it is unsure; the bound below is ours.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise unsupported(param) from None
    except Image.DecompressionBombError:
        raise too_large(param, _pixels_hint(bounds)) from None
    except Exception:  # noqa: BLE001 - a decoder may raise anything on hostile bytes
        raise _damaged(param) from None
    width, height = image.size
    if width * height > bounds.max_pixels or max(width, height) > MOST_SIDE:
        raise too_large(param, _pixels_hint(bounds))
    target = _target(width, height, longest_side, kept_pixels)
    try:
        if image.format == "JPEG" and target != image.size:
            image.draft(None, target)  # decodes at a half, a quarter or an eighth: far cheaper
        # A format that is not animated has no n_frames; one frame is a still picture.
        if getattr(image, "n_frames", 1) > 1 and image.format in ("GIF", "WEBP", "PNG"):
            error = unsupported(param)
            error.hint = "Animated pictures are not taken; send a single frame."
            raise error
        image.load()  # before getexif, which would swallow an error of load on a damaged PNG
        coloured = _rgb(image)
        if coloured.size != target:
            coloured = coloured.resize(target, Image.Resampling.LANCZOS)
        upright = _upright(coloured, image)
    except ImageError:
        raise
    except Exception:  # noqa: BLE001 - as above
        raise _damaged(param) from None
    turned = upright.size != target  # a quarter turn; of a square it changes nothing
    pixels = np.ascontiguousarray(upright, dtype=np.uint8)
    seal = hashlib.sha256(repr(pixels.shape).encode())
    seal.update(pixels.data)
    return Picture(
        pixels=pixels,
        original_size=(height, width) if turned else (width, height),
        digest=seal.hexdigest(),
        param=param,
        detail=detail,
    )


def _target(width: int, height: int, side: int | None, pixels: int) -> tuple[int, int]:
    scale = min(1.0, math.sqrt(pixels / (width * height)))
    if side is not None:
        scale = min(scale, side / max(width, height))
    if scale == 1.0:
        return width, height
    return max(1, round(width * scale)), max(1, round(height * scale))


def _pixels_hint(bounds: Bounds) -> str:
    return f"Send at most {bounds.max_pixels / 1e6:.0f} megapixels per picture."


def _upright(image: Image.Image, source: Image.Image) -> Image.Image:
    try:
        orientation = source.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - broken metadata is no reason to refuse sound pixels
        orientation = 1
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


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
