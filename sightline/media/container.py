"""What a picture's file is made of: its segments, chunks or blocks, walked without a decoder.

It gives what has to be known before a pixel is decoded (format, size, orientation, whether it
moves) and the pieces that pixels are made of; metadata, comments and what lies behind the picture
are left out, so that no decoder ever meets them. Every walk is bounded in steps: a file of nothing
but tiny chunks is refused after a moment. It knows nothing of Pillow, of limits or of requests.

Formats: JPEG, ITU-T T.81 annex B; PNG, W3C third edition; GIF89a; WebP, RFC 9649; EXIF 2.32.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Piece = bytes | memoryview
MOST_SCANS = 100  # of a JPEG; encoders write about ten, each costs a pass over the whole picture
# What scripts that send pictures let slip before them: ends of lines, and the mark of UTF-8.
WHITE = b" \t\r\n\xef\xbb\xbf"
_MOST_SEGMENTS = 4096  # before the first scan: a profile has 255 of them at most
_MOST_CHUNKS = 100_000  # a PNG of 20 MB in chunks of 4 KB takes 5,000
_MOST_BLOCKS = 200_000  # a GIF of 20 MB takes 80,000 of 255 bytes
_MOST_FILL = 1024  # bytes of padding between two markers
_MOST_PROFILE = 4 << 20
_MOST_XMP = 64 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=\"|>)([1-8])")
# PNG chunks that pixels are made of, and those that change their look and may be dropped alone.
_PNG_KEPT = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND"))
_PNG_OPTIONAL = frozenset((b"tRNS", b"iCCP"))
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"ANIM", b"ANMF"))
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a segment


class Damaged(Exception):
    """The file is none of its format, or is made to be slow."""


@dataclass(frozen=True, slots=True)
class Container:
    """A picture's file.

    `size` is (width, height) as stored, before `orientation` (EXIF, 1 to 8) is applied. `pieces`
    put together are a file of the same format with the same pixels and no metadata but a colour
    profile. `scans` counts a JPEG's passes over the picture, 1 for the other formats.
    """

    format: str
    size: tuple[int, int]
    orientation: int
    moves: bool
    pieces: tuple[Piece, ...]
    scans: int = 1

    @property
    def upright(self) -> tuple[int, int]:
        """(width, height) once it is turned upright."""
        return self.size if self.orientation < 5 else (self.size[1], self.size[0])


def parse(data: bytes) -> Container | None:
    """Walk through a file; None where it begins as none of the four formats.

    Raises `Damaged`.
    """
    data = data.lstrip(WHITE)  # the same bytes, not copied, where nothing is in front
    format = format_of(data)
    try:
        return None if format is None else _WALKS[format](data)
    except IndexError:
        raise Damaged from None


def format_of(data: bytes) -> str | None:
    """Give Pillow's name of the format that a file begins as; None for none of the four."""
    data = data.lstrip(WHITE)
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(_PNG) and data[12:16] == b"IHDR":  # no PNG begins with anything else
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    return "WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _jpeg(data: bytes) -> Container:
    view = memoryview(data)
    pieces: list[Piece] = [view[:2]]
    size, turned, at, colours, progressive = None, 0, 2, 0, False
    for _ in range(_MOST_SEGMENTS):
        at = _marker(data, at)
        kind = data[at]
        if kind in _ALONE:
            at += 1
            continue
        if kind in (0x00, 0xD8, 0xD9):
            raise Damaged
        end = at + 1 + int.from_bytes(data[at + 1 : at + 3], "big")
        if end < at + 3 or end > len(data):
            raise Damaged
        body = view[at + 3 : end]
        if kind in _START_OF_FRAME:
            if size is not None or len(body) < 6:
                raise Damaged
            size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
            colours, progressive = body[5], kind in _PROGRESSIVE
        if kind == 0xE1 and not turned:
            turned = _app1(body)
        if _kept_in_jpeg(kind, body):
            pieces.append(view[at - 1 : end])
        if kind == 0xDA:
            if size is None:
                raise Damaged
            pieces.append(view[end:])
            # A decoder is done with a picture whose first scan has all of it: most of photographs.
            whole = not progressive and body[:1] == bytes([colours])
            scans = 1 if whole else _scans(data, end)
            return Container("JPEG", size, turned or 1, False, tuple(pieces), scans)
        at = end
    raise Damaged


def _marker(data: bytes, at: int) -> int:
    """Give the place of a marker's second byte, behind any padding, of zeros too."""
    at += len(data[at : at + _MOST_FILL]) - len(data[at : at + _MOST_FILL].lstrip(b"\0"))
    if data[at] != 0xFF:
        raise Damaged
    for place in range(at + 1, at + _MOST_FILL):
        if data[place] != 0xFF:
            return place
    raise Damaged


def _kept_in_jpeg(kind: int, body: memoryview) -> bool:
    """Say whether pixels or their colours come from a segment.

    Of the applications' own segments three do: JFIF and Adobe say how colours are coded, and ICC.
    """
    if kind == 0xFE or 0xE0 <= kind <= 0xEF:
        named = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}.get(kind)
        return named is not None and bytes(body[: len(named)]) == named
    return True


def _app1(body: memoryview) -> int:
    """Read the orientation of an EXIF or XMP segment; 0 where it tells none."""
    if bytes(body[:6]) == b"Exif\0\0":
        return _tiff_orientation(body[6:])
    if bytes(body[:28]) == b"http://ns.adobe.com/xap/1.0/":
        return _xmp_orientation(body)
    return 0


def _scans(data: bytes, first: int) -> int:
    """Count a JPEG's scans. A start of scan cannot stand within coded data, where FF is escaped."""
    end = data.find(b"\xff\xd9", first)
    return 1 + data.count(b"\xff\xda", first, len(data) if end < 0 else end)


def is_ended(jpeg: bytes) -> bool:
    """Say whether a JPEG has its end marker behind its last scan; looked for from its end."""
    end = jpeg.rfind(b"\xff\xd9")
    return end >= 0 and jpeg.find(b"\xff\xda", end) < 0


def next_restart(jpeg: bytes) -> int:
    """Give the number, 0 to 7, of the restart marker that would come next in a JPEG's last scan."""
    begun = jpeg.rfind(b"\xff\xda")
    places = [jpeg.rfind(bytes((0xFF, 0xD0 + number)), begun) for number in range(8)]
    last = max(range(8), key=places.__getitem__)
    return (last + 1) % 8 if places[last] >= 0 else 0


def is_refined(jpeg: bytes) -> bool:
    """Say whether the scans of a JPEG, whose last may be cut, are of all of its coefficients.

    A progressive one may have been cut between two scans, where nothing shows but their headers.
    """
    colours: tuple[int, ...] = ()
    left: dict[tuple[int, int], int] = {}  # bits that coefficients of components are yet to have
    at = 2
    for _ in range(_MOST_SEGMENTS):
        while at + 4 <= len(jpeg) and not (jpeg[at] == 0xFF and 0 < jpeg[at + 1] < 0xFF):
            at = jpeg.find(b"\xff", at + 1)  # coded data, and padding
            if at < 0:
                at = len(jpeg)
        if at + 4 > len(jpeg):
            break
        kind = jpeg[at + 1]
        if kind in _ALONE:
            at += 2
            continue
        if kind == 0xD9:  # what follows is another picture, which may be cut
            return True
        body = jpeg[at + 4 : at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")]
        if kind in _START_OF_FRAME and len(body) >= 6:
            colours = tuple(body[6::3][: body[5]])
            left = {(c, k): 1 for c in colours for k in range(64 if kind in _PROGRESSIVE else 1)}
        elif kind == 0xDA and len(body) >= 1 + 2 * body[0] + 3:
            first, last, bits = body[1 + 2 * body[0] :][:3]
            chosen = body[1 : 1 + 2 * body[0] : 2]
            for colour in chosen:
                for k in range(first, min(last, 63) + 1):
                    if (colour, k) in left:
                        left[colour, k] = bits & 15
        at += 2 + len(body) + 2
    return bool(left) and not any(left.values())


def _png(data: bytes) -> Container:
    view = memoryview(data)
    if data[8:16] != b"\0\0\0\rIHDR" or len(data) < 33:
        raise Damaged
    size = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    pieces: list[Piece] = [view[:8]]
    turned, moves, drawn, at, kept = 0, False, False, 8, 8
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            break
        kind = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        body = view[at + 8 : end - 4]
        drawn = drawn or kind == b"IDAT"
        if kind == b"acTL" and not drawn:
            moves = int.from_bytes(body[:4], "big") > 1
        elif kind == b"eXIf":
            turned = turned or _tiff_orientation(body)
        elif kind in (b"zTXt", b"tEXt", b"iTXt"):
            turned = turned or _png_text(kind, body)
        # Pieces that stand beside each other are one.
        if kind in _PNG_KEPT or (kind in _PNG_OPTIONAL and _is_sound(view[at:end])):
            if kept == at:
                pieces[-1] = view[at - len(pieces[-1]) : end]
            else:
                pieces.append(view[at:end])
            kept = end
        if kind == b"IEND":
            break
        at = end
    else:
        raise Damaged
    return Container("PNG", size, turned or 1, moves, tuple(pieces))


def _is_sound(chunk: memoryview) -> bool:
    """Say whether a PNG chunk that can be done without is whole and of a sensible length."""
    crc = int.from_bytes(chunk[-4:], "big")
    return 12 <= len(chunk) <= _MOST_PROFILE and zlib.crc32(chunk[4:-4]) == crc


def _png_text(kind: bytes, body: memoryview) -> int:
    """Read the orientation of XMP, or of EXIF in hexadecimal as ImageMagick writes it."""
    head = bytes(body[:40])
    if kind == b"iTXt" and head.startswith(b"XML:com.adobe.xmp\0\0"):
        return _xmp_orientation(body)
    name = b"Raw profile type exif\0"
    if kind == b"iTXt" or not head.startswith(name):
        return 0
    text = bytes(body[len(name) : len(name) + 2 * _MOST_XMP])
    try:
        if kind == b"zTXt":
            text = zlib.decompressobj().decompress(text[1:], 2 * _MOST_XMP)
        # A line feed, "exif", the length, then lines of hexadecimal digits.
        digits = b"".join(text.split()[2:])
        exif = bytes.fromhex(digits[: len(digits) & ~1].decode("ascii"))
    except (zlib.error, ValueError):
        return 0
    return _tiff_orientation(memoryview(exif.removeprefix(b"Exif\0\0")))


def _gif(data: bytes) -> Container:
    view = memoryview(data)
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    at = 13 + _colours(data[10])
    pieces: list[Piece] = [view[:at]]
    blocks = iter(range(_MOST_BLOCKS))
    while True:
        kind = data[at]
        if kind == 0x2C:
            break
        if kind == 0:  # an end of blocks too many: some programs write it
            at += 1
            next(blocks, None)
            continue
        if kind != 0x21:
            raise Damaged
        end = _behind_blocks(data, at + 2, blocks)
        if data[at + 1] == 0xF9:  # what is transparent; the last one counts
            pieces[1:] = [view[at:end]]
        at = end
    left, top, wide, high = (
        int.from_bytes(data[at + i : at + i + 2], "little") for i in (1, 3, 5, 7)
    )
    start = at + 10 + _colours(data[at + 9]) + 1
    try:
        end = _behind_blocks(data, start, blocks)
        pieces += [view[at:end], b";"]
    except IndexError:
        end = len(data)  # cut off; whether enough is there, its decoder says
        pieces.append(view[at:])
    size = max(width, left + wide), max(height, top + high)
    return Container("GIF", size, 1, _second_image(data, end, blocks), tuple(pieces))


def _colours(flags: int) -> int:
    """Give the bytes of a GIF's table of colours."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(data: bytes, at: int, blocks: Iterator[int]) -> int:
    for _ in blocks:
        count = data[at]
        at += 1 + count
        if not count:
            return at
    raise Damaged


def _second_image(data: bytes, at: int, blocks: Iterator[int]) -> bool:
    """Say whether another image follows; what is cut off or no block is the end."""
    try:
        while data[at] == 0x21:
            at = _behind_blocks(data, at + 2, blocks)
        return data[at] == 0x2C
    except IndexError:
        return False


def _webp(data: bytes) -> Container:
    view = memoryview(data)
    pieces: list[Piece] = []
    size, turned, frames, at = None, 0, 0, 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            break
        kind = data[at : at + 4]
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + (length & 1)
        body = view[at + 8 : at + 8 + length]
        if len(body) < length:
            if kind not in _WEBP_KEPT and pieces:
                break  # metadata that was cut off, or what is none of the picture's
            raise Damaged
        if kind == b"VP8X" and size is None:
            size = 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
            told = bytes([body[0] & ~0x0C])  # no EXIF and no XMP follow any more
            pieces += [view[at : at + 8], told, view[at + 9 : end]]
        elif kind in (b"VP8 ", b"VP8L"):
            size = size or _webp_size(kind, body)
        elif kind == b"ANMF":
            frames += 1
        elif kind == b"EXIF":
            turned = turned or _tiff_orientation(_after(body, b"Exif\0\0"))
        elif kind == b"XMP ":
            turned = turned or _xmp_orientation(body)
        if kind in _WEBP_KEPT:
            pieces.append(view[at:end])
        at = end
    else:
        raise Damaged
    if size is None:
        raise Damaged
    riff = b"RIFF" + (4 + sum(map(len, pieces))).to_bytes(4, "little") + b"WEBP"
    return Container("WEBP", size, turned or 1, frames > 1, (riff, *pieces))


def _webp_size(kind: bytes, body: memoryview) -> tuple[int, int]:
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        if len(body) < 5 or body[0] != 0x2F:
            raise Damaged
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if bytes(body[3:6]) != b"\x9d\x01\x2a" or len(body) < 10:
        raise Damaged
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(
        body[8:10], "little"
    ) & 0x3FFF


def _after(body: memoryview, head: bytes) -> memoryview:
    return body[len(head) :] if bytes(body[: len(head)]) == head else body


def _xmp_orientation(body: memoryview) -> int:
    found = _XMP_ORIENTATION.search(body[:_MOST_XMP])
    return int(found.group(1)) if found else 0


def _tiff_orientation(tiff: memoryview) -> int:
    """Read tag 0x0112 of the first directory of EXIF data; 0 where it is not there or is none.

    Other tags are passed over unread: a directory may name the same megabytes thousands of times.
    """
    if bytes(tiff[:2]) not in (b"II", b"MM"):
        return 0
    order: Literal["little", "big"] = "little" if tiff[0] == ord("I") else "big"

    def number(at: int, count: int) -> int:
        return int.from_bytes(tiff[at : at + count], order)

    at = number(4, 4)
    # Only entries that are there: what is told of their number may be no more than told.
    last = min(at + 2 + 12 * min(number(at, 2), 1000), len(tiff) - 11)
    for entry in range(at + 2, last, 12):
        if number(entry, 2) == 0x0112:
            count = {1: 1, 3: 2, 4: 4}.get(number(entry + 2, 2), 0)
            value = number(entry + 8, count)
            return value if 1 <= value <= 8 else 0
    return 0


_WALKS = {"JPEG": _jpeg, "PNG": _png, "GIF": _gif, "WEBP": _webp}
