"""What a request may ask for in all: how many parts, and how many bytes of pictures together.

Parts are counted before the first of them is fetched or read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sightline.errors import ImageError, InvalidRequest
from sightline.settings import MIB, Settings
from sightline.types import Hold, Question


def check_parts(question: Question, settings: Settings) -> None:
    """See that a question has no more pictures, films and documents than it may.

    Raises `InvalidRequest`.
    """
    counted = (
        ("images", len(question.images), settings.max_images),
        ("videos", len(question.videos), settings.max_videos),
        ("files", len(question.files), settings.max_files),
    )
    for noun, count, most in counted:
        if count > most:
            raise InvalidRequest(
                f"Too many {noun} in the request: at most {most} are allowed, but got {count}.",
                param="input" if question.decide else "messages",
                code=f"too_many_{noun}",
            )


class Total:
    """How many bytes the pictures of one request may still take."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.left = most

    def take(self, count: int, param: str) -> None:
        """Take bytes; a negative number gives them back. Raises `ImageError`."""
        self.left -= count
        if self.left < 0:
            raise ImageError(
                "The total size of the images in the request exceeds the limit of "
                f"{self._most // MIB} MB.",
                param=param,
                code="image_file_too_large",
                hint="Send fewer or smaller pictures.",
            )


@contextmanager
def holding(hold: Hold) -> Iterator[Hold]:
    """Give what counts as `hold` does, and lets go in the end of all that was counted."""
    held = 0

    def take(count: int) -> None:
        nonlocal held
        hold(count)
        held += count

    try:
        yield take
    finally:
        hold(-held)
