"""Pictures that go on to another server as they were sent: looked at, rid of metadata, not redrawn.

Where a picture comes upright and in the size that its detail says, and its file is one that every
decoder reads alike (`stripped`, `glance`), to encode its pixels anew would cost most of the time of
a request and make them no better.
"""

from __future__ import annotations

import binascii
import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sightline.media import container, data_url, stripped
from sightline.media.container import Container, Piece
from sightline.media.decoding import Decoders
from sightline.types import ImageRef, Inline, PictureFile
from sightline.workers import Stop

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Looks at a picture's pixels and raises where it must be refused.
Guard = Callable[["NDArray[np.uint8]", str], None]
_MOST_KNOWN = 4096


class LookedAt:
    """Which pictures were found to be as they should be, by hashes that tell nobody which.

    The key of the hashes does not outlive the process, and each client has its own: none can find
    out by the time that an answer takes what another has sent. With `most` 0 none is remembered.
    """

    def __init__(self, most: int = _MOST_KNOWN) -> None:
        self._most = most
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def digest(self, data: bytes, owner: str) -> str:
        """Give the hash of a client's file."""
        seal = hashlib.blake2b(f"{len(owner)}:{owner}:".encode(), digest_size=32, key=self._key)
        seal.update(data)
        return seal.hexdigest()

    def __contains__(self, digest: str) -> bool:
        with self._lock:
            if digest not in self._known:
                return False
            self._known.move_to_end(digest)
            return True

    def add(self, digest: str) -> None:
        """Remember one; of too many the one that has not come for longest is forgotten."""
        with self._lock:
            self._known[digest] = None
            while len(self._known) > self._most:
                self._known.popitem(last=False)


class SentFiles:
    """Makes files of pictures that may go on as they were sent."""

    def __init__(self, decoders: Decoders, looked_at: LookedAt) -> None:
        self._decoders, self._looked_at = decoders, looked_at

    def find(
        self,
        ref: ImageRef,
        data: bytes,
        found: Container,
        guard: Guard | None,
        owner: str,
        stop: Stop,
    ) -> tuple[PictureFile, str] | None:
        """Give a client's picture as it may go on, and its hash; None where it is encoded anew.

        `found` is what `container.parse` made of `data`. Blocks. Raises what `guard` raises, and
        as `Decoders.glance`.
        """
        whole = data.lstrip(container.WHITE)
        pieces = stripped.strip(whole, found)
        if pieces is None:
            return None
        digest = self._looked_at.digest(whole, owner)
        if digest not in self._looked_at:
            pixels = self._decoders.glance(replace(found, pieces=pieces), ref.param, stop)
            if pixels is None:
                return None
            if guard is not None:
                guard(pixels, ref.param)
            self._looked_at.add(digest)
        return PictureFile(f"image/{found.format.lower()}", _base64(ref, data, pieces)), digest


def _base64(ref: ImageRef, data: bytes, pieces: tuple[Piece, ...]) -> bytes:
    """Write a file; its text in the request is taken where that is what would be written."""
    if len(pieces) == 1 and len(pieces[0]) == len(data) and isinstance(ref.source, Inline):
        sent = data_url.payload(ref.source.url, data)
        if sent is not None:
            return sent.encode("ascii")
    return binascii.b2a_base64(b"".join(pieces), newline=False)
