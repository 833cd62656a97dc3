"""What a file is, by its first bytes: a film, a document, or else a picture."""

from __future__ import annotations

import codecs

from sightline.media.container import WHITE

HEAD = 1024  # bytes that tell
_STILLS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
# Matroska and WebM, MPEG, MPEG-TS, FLV, Ogg, ASF.
_FILMS = (b"\x1aE\xdf\xa3", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"G@", b"FLV", b"OggS", b"0&\xb2u")


_SOUNDS = (
    b"ID3", b"fLaC", b"#!AMR", b"caff", b"MThd", b".snd", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3",
    b"\xff\xf2", b"\xff\xf1", b"\xff\xf9",
)  # fmt: skip
_UNREAD = {
    b"\x1f\x07\0": "DV", b".RMF": "RealMedia", b"\x06\x0e\x2b\x34": "MXF", b"YUV4MPEG2": "Y4M",
    b"nut/multimedia": "NUT", b"\xb7\xd8\0\x20": "WTV", b"FWS": "Flash", b"CWS": "Flash",
    b"BIK": "Bink", b"SMK2": "Smacker",
}  # fmt: skip
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")  # a QuickTime's first
_STARTS = (b"\0\0\x01", b"\0\0\0\x01", b"DKIF")  # raw MPEG, H.264 and HEVC, IVF


def is_text(data: bytes) -> bool:
    """Say whether a file, or its beginning, is a text in UTF-8."""
    if not data.strip() or b"\0" in data:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def is_picture(head: bytes) -> bool:
    """Say whether a file begins as a picture of one of the four formats that are taken."""
    head = head.lstrip(WHITE)
    return head.startswith(_SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def may_be_film(head: bytes) -> bool:
    """Say whether a file begins as anything that is read as a film, an animation too."""
    if is_film(head) or is_picture(head) or head[4:8] in BOXES or head.startswith(_STARTS):
        return True
    # Packets of MPEG-TS, which may begin within one, and are 188, 192 or 204 bytes long.
    return any(
        head[at] == head[at + length] == 0x47
        for length in (188, 192, 204)
        for at in range(max(0, min(length, len(head) - length)))
    )


def is_film(head: bytes) -> bool:
    """Say whether a file begins as films do, and no picture."""
    boxed = head[4:8] == b"ftyp" and head[8:12] not in _STILLS
    return boxed or (head[:4] == b"RIFF" and head[8:11] == b"AVI") or head.startswith(_FILMS)


def is_sound(head: bytes) -> bool:
    """Say whether a file begins as one of sound alone."""
    waves = head[:4] == b"RIFF" and head[8:12] == b"WAVE"
    boxed = head[4:8] == b"ftyp" and head[8:12] in (b"M4A ", b"M4B ")
    return waves or boxed or head.startswith(_SOUNDS)


def unread_film(head: bytes) -> str | None:
    """Give the name of a film's container that is not read, by a file's first bytes."""
    return next((name for begins, name in _UNREAD.items() if head.startswith(begins)), None)


def is_pdf(head: bytes) -> bool:
    """Say whether a file is a PDF."""
    return b"%PDF-" in head[:HEAD]
