"""A picture's file without its metadata, made without a decoder: it may go on as it came.

Stricter than `container`: what decoders may read differently is not given, and has to be encoded
anew. That is whatever is rare, unclear or damaged as far as the container shows; what only a
decoder finds, `glance` tells. Kept is what pixels are made of. A colour profile is dropped
where it is one of sRGB, which everybody takes for granted; another one is not given either, since
most who read pictures pass over it, and who applies it sees other colours.

Formats: as in `container`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from sightline.media.container import MOST_SCANS, Container, Piece, is_refined

_MOST_SEGMENTS = 4096
_MOST_CHUNKS = 100_000
_MOST_PROFILE = 1 << 20
# Of sRGB's profiles the names that are widely written, of ICC's, HP's, lcms's and Facebook's.
_SRGB = frozenset((
    "sRGB", "sRGB IEC61966-2.1", "sRGB IEC61966-2-1 black scaled", "sRGB built-in", "sRGB2014",
    "GIMP built-in sRGB", "c2", "uRGB",
))  # fmt: skip
# Within coded data of a JPEG: what is no escaped FF and no restart; and the restarts.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_RESTARTS = bytes(range(0xD0, 0xD8))
_JFIF = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"  # no thumbnail
_FRAMES = frozenset((0xC0, 0xC1, 0xC2))  # baseline, extended and progressive, by Huffman's codes
_PROGRESSIVE = 0xC2
_TABLES = frozenset((0xC4, 0xDB, 0xDD))
_APPLICATIONS = frozenset((*range(0xE0, 0xF0), 0xFE))
_COMPONENTS = (b"\1", b"\1\2\3")  # grey, and YCbCr as JFIF numbers its parts
_PNG_KEPT = frozenset((b"IHDR", b"PLTE", b"IDAT"))
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
# Bits of a channel, by PNG's colour types; 16 are read in several ways.
_DEPTHS = {0: (1, 2, 4, 8), 2: (8,), 3: (1, 2, 4, 8), 4: (8,), 6: (8,)}


class _Unclear(Exception):
    """Decoders may differ on the file."""


class _JpegFrame(NamedTuple):
    """What a JPEG's frame header says: width, height, its parts and their sampling."""

    width: int
    height: int
    components: bytes
    most: tuple[int, int]
    progressive: bool


class _Kept:
    """The pieces of a file that are kept; those that stand beside each other are one."""

    def __init__(self, data: bytes) -> None:
        self._view = memoryview(data)
        self.pieces: list[Piece] = []
        self._begun = self._end = -1

    def keep(self, begin: int, end: int) -> None:
        if begin == self._end:
            self.pieces[-1] = self._view[self._begun : end]
        else:
            self.pieces.append(self._view[begin:end])
            self._begun = begin
        self._end = end

    def put(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self._end = -1


def strip(data: bytes, found: Container) -> tuple[Piece, ...] | None:
    """Give the pieces of a file that `container.parse` has gone through, without metadata.

    None where it has to be encoded anew: it lies turned, is transparent by a table, moves, has
    colours of its own, or is in any way one that decoders may read differently.
    """
    walk = _WALKS.get(found.format)
    if walk is None or found.orientation != 1 or found.moves:
        return None
    try:
        return tuple(walk(data))
    except (_Unclear, IndexError):
        return None


def _jpeg(data: bytes) -> list[Piece]:
    kept = _Kept(data)
    kept.keep(0, 2)
    frame, interval, scans, whole, profile, at = None, 0, 0, False, b"", 2
    for _ in range(_MOST_SEGMENTS):
        kind = data[at + 1]
        if data[at] != 0xFF:
            raise _Unclear
        if kind == 0xD9:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : end]
        if end < at + 4 or end > len(data):
            raise _Unclear
        if kind in _APPLICATIONS:
            profile += _application(kind, body, kept, at)
        elif kind in _FRAMES and frame is None:
            frame = _frame(body, progressive=kind == _PROGRESSIVE)
            kept.keep(at, end)
        elif kind in _TABLES:
            interval = int.from_bytes(body, "big") if kind == 0xDD else interval
            kept.keep(at, end)
        elif kind == 0xDA and frame is not None:
            scans += 1
            coded = _MARKER.search(data, end)
            if coded is None or not _is_in_step(data, end, coded.start(), interval, body, frame):
                raise _Unclear
            end = coded.start()
            kept.keep(at, end)
            whole = body[0] == len(frame.components) and not frame.progressive
        else:
            raise _Unclear
        at = end
    else:
        raise _Unclear
    if frame is None or not 0 < scans <= MOST_SCANS or not _is_srgb(profile):
        raise _Unclear
    kept.keep(at, at + 2)
    if not (scans == 1 and whole) and not is_refined(b"".join(kept.pieces)):
        raise _Unclear
    return kept.pieces


def _application(kind: int, body: bytes, kept: _Kept, at: int) -> bytes:
    """Keep what JFIF and Adobe tell of colours; give what a segment has of a profile."""
    if kind == 0xE0 and body.startswith(b"JFIF\0"):
        if len(body) == 14 and body[12:] == b"\0\0":
            kept.keep(at, at + 18)
        else:
            kept.put(_JFIF)
    elif kind == 0xEE and body.startswith(b"Adobe"):
        if len(body) != 12 or body[11] != 1:  # not YCbCr
            raise _Unclear
        kept.keep(at, at + 16)
    elif kind == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
        return body[14:]
    return b""


def _frame(body: bytes, *, progressive: bool) -> _JpegFrame:
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    components, sampling = body[6::3], body[7::3]
    if body[0] != 8 or len(body) != 6 + 3 * body[5] or components not in _COMPONENTS:
        raise _Unclear
    most = max(each >> 4 for each in sampling), max(each & 15 for each in sampling)
    if min(most) < 1:
        raise _Unclear
    return _JpegFrame(width, height, components, most, progressive)


def _is_in_step(
    data: bytes, begin: int, end: int, interval: int, scan: bytes, frame: _JpegFrame
) -> bool:
    """Say whether a scan's restarts are those that there have to be.

    A decoder that meets another one guesses. Scans of single parts and passes have none here.
    """
    found = b"".join(_RESTART.findall(data, begin, end))
    if not interval:
        return not found
    if frame.progressive or scan[0] != len(frame.components):
        return False
    wide, high = (8, 8) if len(frame.components) == 1 else (8 * frame.most[0], 8 * frame.most[1])
    units = -(-frame.width // wide) * -(-frame.height // high)
    count = -(-units // interval) - 1
    return len(found) == count and found == (_RESTARTS * (count // 8 + 1))[:count]


def _is_srgb(profile: bytes) -> bool:
    """Say whether a profile, or none, is one of sRGB, by its name."""
    if not profile:
        return True
    for at in range(132, 132 + 12 * min(int.from_bytes(profile[128:132], "big"), 100), 12):
        if profile[at : at + 4] == b"desc":
            begin, size = (int.from_bytes(profile[at + i : at + i + 4], "big") for i in (4, 8))
            return _name(profile[begin : begin + size]) in _SRGB
    return False


def _name(tag: bytes) -> str:
    """Read the text of a profile's description, in the forms of versions 2 and 4."""
    if tag[:4] == b"desc":
        length = int.from_bytes(tag[8:12], "big")
        return tag[12 : 12 + length].rstrip(b"\0").decode("latin-1")
    if tag[:4] == b"mluc":
        length, begin = (int.from_bytes(tag[i : i + 4], "big") for i in (20, 24))
        return tag[begin : begin + length].decode("utf-16-be", "replace").rstrip("\0")
    return ""


def _png(data: bytes) -> list[Piece]:
    kept, at, drawn, previous = _Kept(data), 8, False, b""
    kept.keep(0, 8)
    depth, colour, *methods = data[24:29]
    if depth not in _DEPTHS.get(colour, ()) or methods[:2] != [0, 0] or methods[2] > 1:
        raise _Unclear
    for _ in range(_MOST_CHUNKS):
        kind = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data) or len(kind) < 4:
            raise _Unclear
        if kind == b"IEND":
            kept.keep(at, end) if data[at:end] == _PNG_END else kept.put(_PNG_END)
            return kept.pieces
        if kind in _PNG_KEPT:
            if (kind == b"IDAT" and drawn and previous != kind) or (kind == b"IHDR" and at != 8):
                raise _Unclear
            drawn = drawn or kind == b"IDAT"
            kept.keep(at, end)
        elif kind == b"tRNS" or not kind[0] & 0x20:
            raise _Unclear  # transparent, or what has to be understood
        elif kind == b"iCCP" and not _is_srgb(_inflated(data[at + 8 : end - 4])):
            raise _Unclear
        previous, at = kind, end
    raise _Unclear


def _inflated(body: bytes) -> bytes:
    """Unpack the profile of an iCCP chunk; none is given as a profile that is not known."""
    packed = body[body.find(b"\0", 0, 80) + 2 :]
    try:
        return zlib.decompressobj().decompress(packed, _MOST_PROFILE) or b"?"
    except zlib.error:
        return b"?"


def _webp(data: bytes) -> list[Piece]:
    kept, canvas, size = _Kept(data), b"", b""
    for kind, at, end in _chunks(data):
        body = data[at + 8 : at + 38]
        if kind == b"VP8X" and not canvas and not kept.pieces:
            if body[0] & 0x12 or len(body) < 10:  # transparent, or it moves
                raise _Unclear
            canvas = body[4:10]
        elif kind in (b"VP8 ", b"VP8L") and not kept.pieces:
            size = _webp_size(kind, body)
            kept.put(data[at:end])
        elif kind == b"ICCP":
            length = int.from_bytes(data[at + 4 : at + 8], "little")
            if not _is_srgb(data[at + 8 : at + 8 + length] or b"?"):
                raise _Unclear
        elif kind not in (b"EXIF", b"XMP "):
            raise _Unclear
    if not kept.pieces or (canvas and canvas != size):
        raise _Unclear
    length = 4 + len(kept.pieces[0])
    return [b"RIFF" + length.to_bytes(4, "little") + b"WEBP", *kept.pieces]


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Give the kind, begin and end of the chunks of a WebP's RIFF; what is behind it is left."""
    at, last = 12, 8 + int.from_bytes(data[4:8], "little")
    if last > len(data):
        raise _Unclear
    for _ in range(_MOST_CHUNKS):
        if at >= last:
            return
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + (length & 1)
        if end > last:
            raise _Unclear
        yield data[at : at + 4], at, end
        at = end
    raise _Unclear


def _webp_size(kind: bytes, body: bytes) -> bytes:
    """Give width and height less one, three bytes each, as VP8X writes them."""
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        if bits >> 28:  # it has alpha, or is of another version
            raise _Unclear
        wide, high = bits & 0x3FFF, bits >> 14 & 0x3FFF
    else:
        wide, high = (int.from_bytes(body[i : i + 2], "little") - 1 for i in (6, 8))
        if max(wide, high) > 0x3FFF or min(wide, high) < 0:  # to be scaled when it is shown
            raise _Unclear
    return wide.to_bytes(3, "little") + high.to_bytes(3, "little")


_WALKS = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp}
