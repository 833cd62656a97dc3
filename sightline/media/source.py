"""The two kinds of address a picture can have: a data URL, or http(s). Pure text to bytes.

Data URLs are RFC 2397 with base64, as the API takes them; extra parameters such as
``charset=utf-8`` are allowed, and percent-encoding is undone.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_to_bytes

from sightline.errors import ImageError

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


def is_web(url: str) -> bool:
    """Say whether `url` is to be fetched over http or https."""
    return url[:8].lower().startswith(("http://", "https://"))


def from_data_url(url: str, param: str, max_bytes: int, noun: str = "image") -> bytes:
    """Decode a data URL of an image, or of what `noun` says.

    Raises `ImageError` with the API's words for each way it can be wrong.
    """
    if url[:5].lower() != "data:":
        raise _wrong(param, "a value without the 'data:' prefix.", noun)
    head, comma, body = url[5:].partition(",")
    mime, *parameters = (item.strip().lower() for item in head[:256].split(";"))
    # What a file is, its first bytes say.
    if noun != "file" and not mime.startswith((f"{noun}/", "image/")):
        raise _wrong(param, f"unsupported MIME type '{mime[:64]}'.", noun)
    if not comma or "base64" not in parameters:
        raise _wrong(param, "a value without the ';base64' separator.", noun)
    # Four characters carry three bytes; nothing far over the limit is decoded at all.
    if len(body) // 4 * 3 > 3 * max_bytes + 1024:
        raise ImageError(
            f"{noun.capitalize()} size exceeds the limit.", param=param, code=f"invalid_{noun}"
        )
    raw = body.encode("ascii", "replace")
    if b"%" in raw:
        raw = _unquoted(raw)
    raw = raw.translate(_URL_SAFE, _SPACE)
    raw += b"=" * (-len(raw) % 4)
    try:
        # By pieces: decoding one of many megabytes would hold the interpreter from everyone else.
        pieces = (raw[at : at + _PIECE] for at in range(0, len(raw), _PIECE))
        data = b"".join([base64.b64decode(piece, validate=True) for piece in pieces])
    except (binascii.Error, ValueError):
        raise _wrong(param, "an invalid base64-encoded value.", noun) from None
    if not data:
        raise _wrong(param, "empty base64-encoded bytes.", noun)
    return data


def _unquoted(raw: bytes) -> bytes:
    """Undo percent-encoding, by pieces: at once it takes many times the memory of its text."""
    pieces, at = [], 0
    while at < len(raw):
        end = at + _PIECE
        while b"%" in raw[end - 2 : end] and end < len(raw):
            end += 1  # not through the middle of a %2B
        pieces.append(unquote_to_bytes(raw[at:end]))
        at = end
    return b"".join(pieces)


def _wrong(param: str, got: str, noun: str) -> ImageError:
    a_type, example = _TYPES[noun]
    expected = _EXPECTED.format(a_type=a_type, example=example)
    return ImageError(
        f"Invalid {noun} URL: '{param}'. {expected}{got}", param=param, code="invalid_value"
    )
