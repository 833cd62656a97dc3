"""What a data URL holds. Pure text to bytes.

Data URLs are RFC 2397 with base64, as the API takes them; extra parameters such as
``charset=utf-8`` are allowed, and percent-encoding is undone.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from sightline.errors import ImageError
from sightline.types import Inline, Source

_EXPECTED = (
    "Expected a base64-encoded data URL with {a_type} (e.g. "
    "'data:{example};base64,aW1nIGJ5dGVzIGhlcmU='), but got "
)
_TYPES = {
    "image": ("an image MIME type", "image/png"),
    "video": ("a video MIME type", "video/mp4"),
    "file": ("a MIME type", "application/pdf"),
}
_SPACE = b" \t\n\r\f\v"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_PIECE = 256 * 1024  # characters; four of them carry three bytes


def inline(source: Source, param: str, noun: str = "image") -> str:
    """Give the data URL of what is not to be fetched. Raises `ImageError` where there is none."""
    if isinstance(source, Inline):
        return source.url
    raise _wrong(param, "a value without the 'data:' prefix.", noun)


def from_data_url(url: str, param: str, max_bytes: int, noun: str = "image") -> bytes:
    """Decode a data URL of an image, or of what `noun` says.

    Raises `ImageError` with the API's words for each way it can be wrong.
    """
    if url[:5].lower() != "data:":
        raise _wrong(param, "a value without the 'data:' prefix.", noun)
    begins = url.find(",", 5) + 1
    head = url[5 : begins - 1] if begins else url[5:]
    mime, *parameters = (item.strip().lower() for item in head[:256].split(";"))
    # What a file is, its first bytes say.
    if noun != "file" and not mime.startswith((f"{noun}/", "image/")):
        raise _wrong(param, f"unsupported MIME type '{mime[:64]}'.", noun)
    if not begins or "base64" not in parameters:
        raise _wrong(param, "a value without the ';base64' separator.", noun)
    # Four characters carry three bytes; nothing far over the limit is decoded at all.
    if (len(url) - begins) // 4 * 3 > 3 * max_bytes + 1024:
        raise ImageError(
            f"{noun.capitalize()} size exceeds the limit.", param=param, code=f"invalid_{noun}"
        )
    try:
        data = b"".join(_decoded(url, begins))
    except (binascii.Error, ValueError):
        raise _wrong(param, "an invalid base64-encoded value.", noun) from None
    if not data:
        raise _wrong(param, "empty base64-encoded bytes.", noun)
    return data


def data_url(data: bytes, mime: str = "image/unknown") -> str:
    """Write bytes as a data URL."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def payload(url: str, data: bytes) -> str | None:
    """Give the base64 of a data URL that held `data`, where it is as anybody writes it.

    None where it has spaces, percent-encoding, the alphabet of URLs, or no padding.
    """
    begins = url.find(",", 5) + 1
    if len(url) - begins != -(-len(data) // 3) * 4:
        return None
    found = url[begins:]
    last = base64.b64encode(data[-(len(data) % 3 or 3) :]).decode()
    return found if found.endswith(last) and "-" not in found and "_" not in found else None


def decoded_bytes(url: str) -> int:
    """Give how many bytes a data URL holds at most; none are decoded."""
    return len(url) * 3 // 4


def _decoded(text: str, at: int) -> Iterator[bytes]:
    """Decode base64 from a place on, by pieces. Raises `ValueError`.

    At once it would take several times the memory of its text, and hold the interpreter from
    everyone else.
    """
    left = b""
    while at < len(text):
        end = at + _PIECE
        while "%" in text[end - 2 : end] and end < len(text):
            end += 1  # not through the middle of a %2B
        raw = text[at:end].encode("ascii", "replace")
        if not left and (plain := _plain(raw)) is not None:
            yield plain
            at = end
            continue
        if b"%" in raw:
            raw = unquote_to_bytes(raw)
        raw = left + raw.translate(_URL_SAFE, _SPACE)
        at = end
        if at < len(text):
            whole = len(raw) // 4 * 4
            raw, left = raw[:whole], raw[whole:]
        else:
            raw += b"=" * (-len(raw) % 4)
        yield base64.b64decode(raw, validate=True)


def _plain(raw: bytes) -> bytes | None:
    """Decode what is written as nearly everybody does; None for the rest, which takes longer."""
    try:
        return binascii.a2b_base64(raw, strict_mode=True)
    except binascii.Error:
        return None


def _wrong(param: str, got: str, noun: str) -> ImageError:
    a_type, example = _TYPES[noun]
    expected = _EXPECTED.format(a_type=a_type, example=example)
    return ImageError(
        f"Invalid {noun} URL: '{param}'. {expected}{got}", param=param, code="invalid_value"
    )
