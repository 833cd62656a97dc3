"""Formats that the API does not take, made into ones that it does; for the command line alone.

HEIC needs the extra `heic` (pillow-heif); the rest Pillow reads itself. SVG has no maintained
reader among Pillow's plug-ins and is refused here too.
"""

from __future__ import annotations

import io
from importlib import import_module

from PIL import Image

from sightline import extras
from sightline.errors import ImageError
from sightline.media import container, image

_FORMATS = ("AVIF", "TIFF", "BMP")
_LOSSY = ("AVIF", "HEIF")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def taken(data: bytes) -> bool:
    """Say whether bytes begin as one of the API's four formats."""
    return container.format_of(data) is not None


def converted(data: bytes, param: str, bounds: image.ImageBounds) -> bytes:
    """Make PNG, or JPEG of what was lossy already, of HEIC, AVIF, TIFF or BMP; give the rest back.

    The picture comes out upright and in sRGB, without its metadata. Raises `ImageError` with
    `param` where such a file is damaged, has several pages, or is HEIC and its plug-in is missing.
    """
    if taken(data):
        return data
    formats: tuple[str, ...] = _FORMATS
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        _open_heif(param)
        formats = ("HEIF",)
    try:
        format, pixels = image.foreign(data, param, bounds, formats)
    except ImageError as error:
        if error.code != "invalid_image_format":
            raise
        if data.lstrip()[:256].lower().startswith((b"<svg", b"<?xml")):
            error.hint = "SVG is a drawing, not pixels: export it as PNG first."
        raise
    stored = io.BytesIO()
    if format in _LOSSY:
        Image.fromarray(pixels).save(stored, "JPEG", quality=95, subsampling=0)
    else:
        Image.fromarray(pixels).save(stored, "PNG", compress_level=1)
    return stored.getvalue()


def _open_heif(param: str) -> None:
    try:
        import_module("pillow_heif").register_heif_opener()
    except ImportError:
        raise ImageError(
            "HEIC pictures need a plug-in.",
            param=param,
            code="invalid_image_format",
            hint=extras.hint("heic"),
        ) from None
