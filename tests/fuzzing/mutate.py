"""Ways to break files: any bytes, and those of a format piece by piece, so that decoders go deep."""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
MOST = 3_000_000  # bytes of an input
Mutation = Callable[[bytes, Random], bytes]


def anywhere(data: bytes, chance: Random, other: bytes = b"") -> bytes:
    """Flip, cut, insert, repeat, splice, or write a number that is a bound, somewhere."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        at = chance.randint(0, len(found))
        kind = chance.randrange(7)
        if kind == 0 and at < len(found):
            found[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del found[at : at + chance.choice((1, 2, 4, 16, 400))]
        elif kind == 2:
            found[at:at] = chance.randbytes(chance.choice((1, 2, 4, 30)))
        elif kind == 3:
            found[at:at] = found[at : at + 64] * chance.choice((1, 2, 50))
        elif kind == 4:
            size = chance.choice((1, 2, 4))
            number = chance.choice(NUMBERS) & ((1 << 8 * size) - 1)
            found[at : at + size] = number.to_bytes(size, chance.choice(("big", "little")))
        elif kind == 5:
            del found[at:]
        else:
            found[at:] = other[chance.randint(0, len(other)) :]
    return bytes(found[:MOST])


def pieces(
    parts: list[bytes], chance: Random, own: Callable[[bytes, Random], bytes]
) -> list[bytes]:
    """Repeat, drop, swap, and change the pieces of a file; `own` changes one."""
    found = list(parts)
    for _ in range(chance.randint(1, 4)):
        if not found:
            break
        at, kind = chance.randrange(len(found)), chance.randrange(6)
        if kind == 0:
            many = chance.choice((1, 1, 2, 2, 30, 30, 2000, 90_000))
            found[at:at] = [found[at]] * min(many, MOST // (len(found[at]) + 1))
        elif kind == 1:
            del found[at]
        elif kind == 2:
            other = chance.randrange(len(found))
            found[at], found[other] = found[other], found[at]
        elif kind == 3:
            del found[at:]
        else:
            found[at] = own(found[at], chance)
    return found


def flooded(piece: bytes, chance: Random) -> bytes:
    """A piece once, or so often that whatever is done for each shows."""
    return piece * chance.choice((1, 1, 1, min(90_000, MOST // (len(piece) + 1))))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


ODD_EXIF = (
    b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\xff\xff\xff\xff\x06\0\0\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x0c\0\0\0\x01\xff\xff\xff\xff\0\0\0\x08",
    b"II*\0\x08\0\0\0" + b"\x02\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0",
    b"Exif\0\0", b"", b"MM\0*", b"II*\0\xff\xff\xff\xff", b"II+\0\x08\0\0\0" + bytes(40),
)  # fmt: skip


def png(data: bytes, chance: Random) -> bytes:
    """Break a PNG chunk by chunk, with right checksums."""
    parts, at = [], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        parts.append(data[at : at + 12 + length])
        at += 12 + length
    extra = (
        lambda: _chunk(b"tEXt", b"k\0" + b"v" * chance.choice((0, 9, 70_000))),
        lambda: _chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(chance.choice((9, 5_000_000))))),
        lambda: _chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(bytes(9_000_000))),
        lambda: _chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(chance.choice((0, 128, 5_000_000))))),
        lambda: _chunk(b"eXIf", chance.choice(ODD_EXIF)),
        lambda: _chunk(b"acTL", struct.pack(">II", chance.choice(NUMBERS), 0)),
        lambda: _chunk(b"fdAT", bytes(4) + zlib.compress(bytes(900))),
        lambda: _chunk(b"tRNS", bytes(chance.choice((0, 1, 2, 6, 300)))),
        lambda: _chunk(b"PLTE", bytes(chance.choice((0, 1, 3, 768, 900)))),
        lambda: _chunk(b"IDAT", zlib.compress(bytes(chance.choice((0, 9, 3_000_000))))),
        lambda: _chunk(b"IDAT", b""),
    )  # fmt: skip

    def own(part: bytes, chance: Random) -> bytes:
        if len(part) < 12 or chance.random() < 0.2:
            return chance.choice(extra)()
        body = bytearray(part[8:-4])
        if part[4:8] == b"IHDR" and len(body) >= 13:
            at = chance.choice((0, 4, 8, 9, 10, 11, 12))
            if at < 8:
                body[at : at + 4] = struct.pack(">I", chance.choice((0, 1, 999, 5000, *NUMBERS)))
            else:
                body[at] = chance.choice((0, 1, 2, 3, 4, 6, 8, 16, 255))
            return _chunk(b"IHDR", bytes(body))
        return _chunk(part[4:8], anywhere(bytes(body), chance))

    made = pieces(parts, chance, own)
    if chance.random() < 0.3:
        made.insert(chance.randint(0, len(made)), flooded(chance.choice(extra)(), chance))
    return (data[:8] + b"".join(made))[:MOST]


def jpeg(data: bytes, chance: Random) -> bytes:
    """Break a JPEG segment by segment; scans may come many times."""
    parts, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        if data[at + 1] == 0xDA:  # a scan runs to the next marker that is none of its own
            found = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(data, end)
            end = found.start() if found else len(data)
        parts.append(data[at:end])
        if data[end : end + 2] == b"\xff\xd9":
            parts.append(data[end:])
            break
        at = end

    def segment(marker: int, body: bytes) -> bytes:
        return bytes((0xFF, marker)) + struct.pack(">H", min(len(body) + 2, 65535)) + body[:65533]

    extra = (
        lambda: segment(0xFE, bytes(chance.choice((0, 9, 65_533)))),
        lambda: segment(0xE1, b"Exif\0\0" + chance.choice(ODD_EXIF)),
        lambda: segment(0xE2, b"ICC_PROFILE\0" + bytes((chance.choice((0, 1, 9)), 2)) + bytes(200)),
        lambda: segment(0xE2, b"MPF\0MM\0*\0\0\0\x08" + chance.randbytes(60)),
        lambda: segment(0xEE, b"Adobe" + bytes(6) + bytes((chance.choice((0, 1, 2, 9)),))),
        lambda: segment(0xED, b"Photoshop 3.0\x008BIM\x03\xed\0\0" + chance.randbytes(20)),
        lambda: segment(0xDD, struct.pack(">H", chance.choice((0, 1, 0xFFFF)))),
        lambda: segment(0xC4, chance.randbytes(40)),
        lambda: b"\xff\xfe\0\2" * chance.choice((1, 5000)),
        lambda: b"\xff" * chance.choice((1, 5000)),
        lambda: b"\xff\xd9\xff\xd8",
    )

    def own(part: bytes, chance: Random) -> bytes:
        if len(part) < 5 or chance.random() < 0.2:
            return chance.choice(extra)()
        if 0xC0 <= part[1] <= 0xCF and part[1] not in (0xC4, 0xC8, 0xCC) and chance.random() < 0.7:
            changed = bytearray(part)
            if chance.random() < 0.5:
                changed[5:9] = struct.pack(
                    ">HH", *chance.choices((0, 1, 17, 999, 2000, 65535), k=2)
                )
            else:
                changed[chance.choice((1, 4, *range(9, len(changed))))] = chance.choice(
                    (0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0, 1, 3, 4, 0x11, 0x22, 0x44, 0xFF)
                )
            return bytes(changed)
        return part[:4] + anywhere(part[4:], chance)

    made = pieces(parts, chance, own)
    if chance.random() < 0.3:
        made.insert(chance.randint(0, len(made)), flooded(chance.choice(extra)(), chance))
    return (data[:2] + b"".join(made))[:MOST]


def gif(data: bytes, chance: Random) -> bytes:
    """Break a GIF block by block."""
    if len(data) < 14:
        return anywhere(data, chance)
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    head, parts = bytearray(data[:at]), []
    while at < len(data) and data[at] in (0x21, 0x2C):
        begun = at
        if data[at] == 0x21:
            at += 2
        else:
            flags = data[at + 9] if at + 9 < len(data) else 0
            at += 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
        parts.append(data[begun:at])
    parts.append(data[at:])
    extra = (
        b"\x21\xfe" + b"\xff" + bytes(255) + b"\0",
        b"\x21\xfe" + b"\1a" * 5000 + b"\0",
        b"\x21\xff\x0bNETSCAPE2.0\3\1\xff\xff\0",
        b"\x21\xf9\4\x0d\0\0\xff\0",
        b"\x2c" + struct.pack("<HHHH", 0, 0, 5000, 5000) + b"\0\x0c\0",
        b"\x2c" + struct.pack("<HHHH", 65535, 65535, 65535, 65535) + b"\0\2\1\0\0",
    )

    def own(part: bytes, chance: Random) -> bytes:
        return chance.choice(extra) if chance.random() < 0.3 else anywhere(part, chance)

    if chance.random() < 0.3:
        head[chance.choice((6, 8))] = chance.choice((0, 1, 255))
        head[10] ^= 1 << chance.randrange(8)
    made = pieces(parts, chance, own)
    if chance.random() < 0.3:
        made.insert(chance.randint(0, len(made)), flooded(chance.choice(extra), chance))
    return (bytes(head) + b"".join(made))[:MOST]


def webp(data: bytes, chance: Random) -> bytes:
    """Break a WEBP chunk by chunk, with a right length in front now and then."""
    parts, at = [], 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        parts.append(data[at:end])
        at = end

    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)

    extra = (
        lambda: chunk(b"EXIF", chance.choice(ODD_EXIF)),
        lambda: chunk(b"ICCP", bytes(chance.choice((0, 1, 600)))),
        lambda: chunk(b"VP8X", chance.randbytes(10)),
        lambda: chunk(b"ANIM", bytes(6)),
        lambda: chunk(b"ANMF", bytes(16) + chance.choice(parts or [b""])),
        lambda: chunk(b"ALPH", chance.randbytes(40)),
        lambda: chunk(b"XMP ", b"<" * chance.choice((1, 60_000))),
        lambda: b"VP8 \xff\xff\xff\xff",
    )

    def own(part: bytes, chance: Random) -> bytes:
        if chance.random() < 0.3:
            return chance.choice(extra)()
        return chunk(part[:4], anywhere(part[8:], chance)) if len(part) > 8 else part

    made = pieces(parts, chance, own)
    if chance.random() < 0.3:
        made.insert(chance.randint(0, len(made)), flooded(chance.choice(extra)(), chance))
    body = b"WEBP" + b"".join(made)
    told = chance.choice((len(body), len(body), len(body), 0, 4, 0xFFFFFFFF, len(body) + 99))
    return (b"RIFF" + struct.pack("<I", told) + body)[:MOST]


def boxes(data: bytes, chance: Random) -> bytes:
    """Break an MP4 box by box: sizes, tables of many, boxes within boxes."""
    found = bytearray(data)
    places = [m.start() - 4 for m in re.finditer(
        rb"ftyp|moov|mvhd|trak|tkhd|mdia|mdhd|hdlr|minf|stbl|stsd|avc1|avcC|stts|stss|stsc|stsz"
        rb"|stco|ctts|edts|elst|mdat|udta|mp4a|esds", found,
    ) if m.start() >= 4]  # fmt: skip
    for _ in range(chance.randint(1, 3)):
        at = chance.choice(places or [0])
        size = int.from_bytes(found[at : at + 4], "big")
        kind = chance.randrange(6)
        if kind == 0:
            found[at : at + 4] = struct.pack(">I", chance.choice((size + 8, 8, 16, *NUMBERS)))
        elif kind == 1:
            inside = at + 8 + 4 * chance.randrange(8)
            found[inside : inside + 4] = struct.pack(">I", chance.choice(NUMBERS))
        elif kind == 2:
            found[at + 4 : at + 8] = chance.choice((b"moov", b"free", b"trak", b"stsd", b"\0" * 4))
        elif kind == 3:
            found[at:at] = found[at : at + size] * chance.choice((1, 3, 200))
        elif kind == 4:
            del found[at : at + size]
        else:
            return anywhere(bytes(found), chance)
    return bytes(found[:MOST])


def document(data: bytes, chance: Random) -> bytes:
    """Break a PDF by its words: numbers, references, names, streams."""
    words = re.split(rb"(\s+|/\w+|\[|\]|<<|>>)", data)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(words))
        word = words[at]
        if word.strip().isdigit():
            words[at] = chance.choice(
                (
                    b"0",
                    b"-1",
                    b"2",
                    b"3",
                    b"4",
                    b"65536",
                    b"2147483648",
                    b"9" * 40,
                    b"1e9",
                    b"0.0001",
                )
            )
        elif word.startswith(b"/"):
            words[at] = chance.choice(
                (b"/Kids", b"/Parent", b"/Type", b"/Filter /FlateDecode", b"/Length 99999999",
                 b"/MediaBox [0 0 9999999 9999999]", b"/MediaBox [0 0 0 0]", b"/Contents 1 0 R",
                 b"/Rotate 91", b"/UserUnit 99999", b"/Annots 2 0 R", b"/Count 999999999",
                 b"/Group << /S /Transparency >>", b"/JS (app.alert)", b"/Encrypt 1 0 R")
            )  # fmt: skip
        elif word.strip():
            words[at] = chance.choice(
                (b"", b"(" * 2000, b"<<" * 2000, b"[" * 2000, b"1 0 R", b"2 0 R", b"null",
                 word * 50, b"q " * 5000, b"0 0 m 9 9 l S " * 3000, b"\xff\xfe", b"endstream", b"R")
            )  # fmt: skip
    return b"".join(words)[:MOST]


def head(data: bytes, chance: Random) -> bytes:
    """Break the head of a request by its lines."""
    lines = data.split(b"\r\n")
    odd = (
        b"Content-Length: -1", b"Content-Length: 9" + b"9" * 30, b"Content-Length: 1, 2",
        b"Content-Length: 0x2", b"Content-Length: 5", b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: identity", b": no name",
        b"No colon", b"A:\x00b", b"A : b", b" folded", b"\tfolded", b"A: " + b"b" * 9000,
        b"Host: a.example", b"Host:", b"Host: [::1", b"Host: localhost:99999", b"\xff\xfe: \xff",
        b"Connection: close, Upgrade", b"Expect: 200-ok", b"Range: bytes=0-" + b",0-" * 900,
        b"Content-Type: multipart/form-data; boundary=" + b"-" * 300, b"Content-Encoding: br",
        b"Content-Type: multipart/form-data", b"Content-Type: application/json; charset=utf-7",
        b"Authorization: Basic \xff", b"Cookie: " + b"a=b;" * 900, b"X-Stainless-Timeout: nan",
        b"X-Request-Timeout: 1e400", b"Forwarded: for=\x7f", b"Origin: null", b"Sec-Fetch-Site: x",
        b"Traceparent: 00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01", b"Upgrade: h2c",
    )  # fmt: skip
    for _ in range(chance.randint(1, 4)):
        at, kind = chance.randrange(len(lines)), chance.randrange(7)
        if kind < 2:
            lines.insert(at, chance.choice(odd))
        elif kind == 2:
            lines[at:at] = [lines[at]] * chance.choice((1, 3, 120))
        elif kind == 3:
            del lines[at]
            lines = lines or [b""]
        elif kind == 4:
            words = lines[0].split(b" ")
            words[chance.randrange(len(words))] = chance.choice(
                (b"", b"GET", b"CONNECT", b"PRI", b"*", b"//a/../b", b"/%00%ff", b"http://a/b",
                 b"/v1/models/" + b"%2e" * 900, b"/?" + b"a&" * 900, b"HTTP/2.0", b"HTTP/1.9",
                 b"HTTP/0.9", b"\x16\x03\x01\x02", b"/" + b"a" * 9000, b"/v1/files/..%2f..%2f")
            )  # fmt: skip
            lines[0] = b" ".join(words)
        elif kind == 5:
            lines[at] = anywhere(lines[at], chance)
        else:
            return chance.choice((b"\n", b"\r", b"\r\r\n", b"\n\r\n", b"\0\r\n")).join(lines)
    return b"\r\n".join(lines)


def body(data: bytes, chance: Random) -> bytes:
    """Break a JSON body by its values, or by its bytes."""
    from tests import bodies as values

    changed: Any = json.loads(data)
    for _ in range(chance.randint(1, 4)):
        found = list(values.places(changed))
        if not found:
            break
        at, value = chance.choice(found)
        other: object = chance.choice((*values.NUMBERS, *values.OTHERS, *values.STRINGS[:-1]))
        if chance.random() < 0.3:  # something that stands elsewhere
            other = chance.choice(found)[1]
        elif isinstance(value, list) and chance.random() < 0.5:
            other = value * chance.choice((0, 2, 3, 200))
        changed = values.put(changed, at, other)
    made = values.written(changed)
    return anywhere(made, chance) if chance.random() < 0.2 else made
