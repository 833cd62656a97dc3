"""Parts of messages: texts, pictures, films and documents, before they are read and after.

Pictures never print their content: their `repr` gives sizes alone, so that a stray log line cannot
leak one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sightline.types.notes import FilmNote, FrameNote, Note

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Role = Literal["system", "developer", "user", "assistant", "tool", "function"]
SoundFormat = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
Detail = Literal["low", "high", "auto", "original"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]
# Told how many bytes a request comes to hold, or with a negative number lets go; raises where that
# is more than there is room for. Called on the event loop alone.
Hold = Callable[[int], None]


def unheld(count: int) -> None:
    """Count nothing: the `Hold` of whoever answers for its own memory."""


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text in a message; `ours` where it was put there for the engine.

    `tells` is what a client's text says of a film, where it says so in the form of `api/notes`.
    """

    text: str
    ours: bool = False
    tells: FilmNote | FrameNote | None = None


class Encoded:
    """A picture's bytes as they came. Printed, it shows their number and hash alone."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"<{len(self.data)} bytes, sha256 {hashlib.sha256(self.data).hexdigest()[:16]}>"


@dataclass(frozen=True, slots=True)
class Url:
    """Where something is to be fetched: an http(s) URL."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inline:
    """Something that came with the request, as a data URL that nobody has checked yet."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that was uploaded before, by its id; the server puts its bytes in its place."""

    id: str


Source = Url | Inline | Uploaded
_Sides = tuple[float, float, float, float]  # x0, y0, x1, y1


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture as it was named on the wire, not yet fetched.

    `param` is its place in the request (``messages[0].content[1].image_url.url``), kept so that
    every later error can name it. `longest_side` is the cookbook's `resize`, in pixels, and `frame`
    says that the client calls it a frame of a film. `page` counts from 1 in a document; `size_pt`
    is a PDF page's (width, height) in points, 72 to the inch.
    """

    source: Source
    param: str
    detail: Detail = "auto"
    longest_side: int | None = None
    frame: bool = False
    page: int | None = None
    size_pt: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which frames of a film are to be looked at.

    At most one of `frames` (that many, evenly), `every_s`, `fps` and `stride` (every Nth) is set;
    with none of them as many are taken as `budget` tokens pay for, rather where something changes.
    `scenes` takes a frame of each scene and where much happens. Never more than `most` are taken.
    With `nearest_key` each is replaced by the key frame before it, which is there at once.
    """

    frames: int | None = None
    every_s: float | None = None
    fps: float | None = None
    stride: int | None = None
    scenes: bool = False
    nearest_key: bool = False
    start_s: float = 0.0
    end_s: float | None = None
    budget: int = 20_000
    most: int = 1500


@dataclass(frozen=True, slots=True)
class VideoRef:
    """A film as it was named on the wire, not yet fetched, and which frames of it are wanted."""

    source: Source
    param: str
    detail: Detail = "auto"
    sampling: Sampling = Sampling()


@dataclass(frozen=True, slots=True)
class FileRef:
    """A document as it was named on the wire, not yet fetched: a PDF, or a picture after all."""

    source: Source
    param: str
    detail: Detail = "auto"
    name: str = "file"


@dataclass(frozen=True, slots=True)
class VideoReport:
    """How a film of a request is seen.

    `frames` are place and time in seconds of those taken of `total`; `tokens` is what they cost
    together. `damaged` says that only a part of the film could be read, `heard` that what is said
    in it was listened to.
    """

    param: str
    detail: Detail
    size: tuple[int, int]
    duration_s: float
    total: int
    audio: bool
    damaged: bool
    frames: tuple[tuple[int, float], ...]
    tokens: int
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a film: its place in presentation order, its time, its upright RGB pixels.

    `time_s` is in seconds from the film's first frame; `pixels` are as a `Picture`'s.
    """

    index: int
    time_s: float
    pixels: NDArray[np.uint8] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sizing:
    """What a model sees of a picture at a level of detail, and what that costs.

    `width` and `height` are in pixels after sizing. `tiles` is (columns, rows) of 512-pixel tiles
    where the model looks at tiles; `patches` counts 32-pixel patches where it looks at those.
    """

    width: int
    height: int
    tokens: int
    tiles: tuple[int, int] | None = None
    patches: int | None = None


@dataclass(frozen=True, slots=True)
class PictureReport:
    """How one picture of a request is seen: its place, level of detail, uploaded size, sizing.

    `page` is which of its document's it is, from 1.
    """

    param: str
    detail: Detail
    original_size: tuple[int, int]
    sight: Sizing
    lowered: bool = False
    page: int | None = None


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture's file that may go on to another server: nothing of it is metadata.

    `mime` is its kind, `base64` the file in ASCII, as a data URL carries it.
    """

    mime: str
    base64: bytes = field(repr=False)

    @property
    def url(self) -> bytes:
        """The data URL, in ASCII."""
        return b"data:%b;base64,%b" % (self.mime.encode("ascii"), self.base64)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture: upright RGB, `pixels` of shape (height, width, 3), dtype uint8.

    `pixels` is the whole picture, sized for the level of detail. `views` is what the engine is to
    look at: `(pixels,)`, or for an engine that takes tiles the overview and then the tiles in
    reading order. `original_size` is (width, height) as uploaded, upright, before any scaling of
    ours. `digest` is the SHA-256 of `pixels` with their shape, so that one picture is measured
    once. `detail` is the level in force, which is not the one asked for where `lowered` is set.
    `lossy` says that it came as a JPEG,
    `film` marks what is to be read as a frame of a film, `page` counts from 1 in a document, where
    `size_pt` is a PDF page's (width, height) in points. `file` is set for an engine that takes
    files, where the picture came as it is to be seen: then there are neither pixels nor views, and
    `digest` is of the file.
    """

    pixels: NDArray[np.uint8] = field(repr=False)
    views: tuple[NDArray[np.uint8], ...] = field(repr=False)
    original_size: tuple[int, int]
    sight: Sizing
    digest: str
    param: str
    detail: Detail = "auto"
    lowered: bool = False
    film: bool = False
    page: int | None = None
    size_pt: tuple[float, float] | None = None
    lossy: bool = False
    file: PictureFile | None = None

    @property
    def seen(self) -> PictureReport:
        """What is told about the picture beside the answer."""
        return PictureReport(
            self.param, self.detail, self.original_size, self.sight, self.lowered, self.page
        )

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1]) if self.file is None else self.sight.width

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0]) if self.file is None else self.sight.height

    def as_sent(self, box: _Sides) -> _Sides:
        """Bring a box (x0, y0, x1, y1) from pixels of `pixels` to those of the picture as sent."""
        wide, high = (
            a / b for a, b in zip(self.original_size, (self.width, self.height), strict=True)
        )
        x0, y0, x1, y1 = box
        return x0 * wide, y0 * high, x1 * wide, y1 * high

    def in_points(self, box: _Sides) -> _Sides | None:
        """Bring a box from pixels of `pixels` to points of a PDF's page, from its upper left.

        None for a picture that is no such page.
        """
        if self.size_pt is None:
            return None
        wide, high = (a / b for a, b in zip(self.size_pt, (self.width, self.height), strict=True))
        x0, y0, x1, y1 = box
        return x0 * wide, y0 * high, x1 * wide, y1 * high


Part = Text | ImageRef | VideoRef | FileRef | Picture | Note
