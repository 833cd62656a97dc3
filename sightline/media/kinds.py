"""What a file is, by its first bytes: a film, a document, or else a picture."""

from __future__ import annotations

HEAD = 1024  # bytes that tell
_STILLS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
# Matroska and WebM, MPEG, MPEG-TS, FLV, Ogg, ASF.
_FILMS = (b"\x1aE\xdf\xa3", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"G@", b"FLV", b"OggS", b"0&\xb2u")


def is_film(head: bytes) -> bool:
    """Say whether a file begins as films do, and no picture."""
    boxed = head[4:8] == b"ftyp" and head[8:12] not in _STILLS
    return boxed or (head[:4] == b"RIFF" and head[8:11] == b"AVI") or head.startswith(_FILMS)


def is_pdf(head: bytes) -> bool:
    """Say whether a file is a PDF."""
    return b"%PDF-" in head[:HEAD]
