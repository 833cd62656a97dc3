"""The nouns that travel through Sightline, frozen and without I/O.

A request comes off the wire as a `Question` whose pictures are `ImageRef`s. `media` turns every
`ImageRef` into a `Picture`; an engine sees only those and answers with `Delta`s. Nothing in here
knows JSON, HTTP, files or any particular engine. Pictures never print their content: their
`repr` gives sizes alone, so that a stray log line cannot leak one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from sightline.notes import FilmNote, FrameNote, Note

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
    together. `damaged` says that only a part of the film could be read.
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


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture: upright RGB, `pixels` of shape (height, width, 3), dtype uint8.

    `pixels` is the whole picture, sized for the level of detail. `views` is what the engine is to
    look at: `(pixels,)`, or for an engine that takes tiles the overview and then the tiles in
    reading order. `original_size` is (width, height) as uploaded, upright, before any scaling of
    ours. `digest` is the SHA-256 of `pixels` with their shape, so that one picture is measured
    once. `detail` is the level in force, which is not the one asked for where `lowered` is set.
    `film` marks what is to be read as a frame of a film, `page` counts from 1 in a document, where
    `size_pt` is a PDF page's (width, height) in points.
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

    @property
    def seen(self) -> PictureReport:
        """What is told about the picture beside the answer."""
        return PictureReport(
            self.param, self.detail, self.original_size, self.sight, self.lowered, self.page
        )

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

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


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A finished call of a tool: its id (`call_…`), its name, its arguments as JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: who speaks, and text and pictures in the order they were sent.

    `calls` are the tools that an assistant's turn called; `call_id` says which of them a tool's
    turn answers.
    """

    role: Role
    parts: tuple[Part, ...]
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""

    @property
    def text(self) -> str:
        """The text parts, joined by newlines."""
        return "\n".join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """What JSON is asked for. `schema` is None for plain JSON mode (any object)."""

    schema: Mapping[str, Any] | None = None
    name: str = ""
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call, with the JSON schema of its arguments."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of a film, in seconds, and how many words may be said about it."""

    start_s: float
    end_s: float
    words: int


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that may be given; a text and a boolean that reads alike are two."""

    value: str | bool
    description: str = ""

    @property
    def label(self) -> str:
        """The answer as a text."""
        return self.value if isinstance(self.value, str) else str(self.value).lower()

    @property
    def text(self) -> str:
        """The answer with what it means."""
        return f"{self.label}: {self.description}" if self.description else self.label


@dataclass(frozen=True, slots=True)
class Decide:
    """What is to be decided: how likely a statement is true, which option fits, or which level.

    `options` are two or more, in their order; of a predicate they are true and false.
    """

    kind: Literal["predicate", "choice", "score"]
    options: tuple[Option, ...] = (Option(True), Option(False))
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How likely each option is, in their order, together 1; nothing where it is not decided.

    `reason` says why not.
    """

    probabilities: tuple[float, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """All that an engine is told: the conversation, the limits, the form of the answer.

    `model` is the id asked for, `profile` the one by whose formula pictures are sized and counted.
    `max_tokens` of None means as long as the engine likes. `call` names the tool that must be
    called, "" any of them; None leaves the choice to the engine. Sampling settings are None where
    the client left them out. `top_logprobs` is how many alternatives each token is to carry.
    `effort` is how much is to be thought before the answer. `platform` are fields that mean
    something to another server alone, by their names in a chat completion, as they were sent.
    `viewed` says how films were seen, whose frames stand among the pictures.
    `owner` tells clients apart, by an opaque text; nothing kept of one is used for another.
    `include` names what else is to be told beside the answer: "things", "evidence". `narrate` asks
    for a text for each of these stretches of the film in question, as JSON with their numbers as
    keys. `decide` is what is to be decided of the messages; as many of them, the last, say what is
    asked, each in its place. `redacted` counts, by kind, what was covered in its pictures and pages
    before another server gets them, None where nothing was to be.
    """

    model: str
    messages: tuple[Message, ...]
    include: frozenset[str] = frozenset()
    narrate: tuple[Slot, ...] = ()
    profile: str = ""
    viewed: tuple[VideoReport, ...] = ()
    owner: str = field(default="", repr=False)
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    json: JsonFormat | None = None
    tools: tuple[Tool, ...] = ()
    call: str | None = None
    parallel_calls: bool = True
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: Mapping[str, float] = field(default_factory=dict)
    logprobs: bool = False
    top_logprobs: int = 0
    effort: Effort | None = None
    platform: Mapping[str, Any] = field(default_factory=dict, repr=False)
    decide: tuple[Decide, ...] = ()
    redacted: Mapping[str, int] | None = None

    def with_parts(self, put: Callable[[Part], Iterable[Part]]) -> Question:
        """Give the question with what `put` makes of each part in its place, in their order."""
        turns = (
            replace(turn, parts=tuple(chain.from_iterable(map(put, turn.parts))))
            for turn in self.messages
        )
        return replace(self, messages=tuple(turns))

    @property
    def images(self) -> tuple[ImageRef, ...]:
        """Every picture not yet fetched, in the order sent."""
        return tuple(p for m in self.messages for p in m.parts if isinstance(p, ImageRef))

    @property
    def videos(self) -> tuple[VideoRef, ...]:
        """Every film not yet fetched, in the order sent."""
        return tuple(p for m in self.messages for p in m.parts if isinstance(p, VideoRef))

    @property
    def files(self) -> tuple[FileRef, ...]:
        """Every document not yet fetched, in the order sent."""
        return tuple(p for m in self.messages for p in m.parts if isinstance(p, FileRef))

    @property
    def evidence(self) -> tuple[Message, ...]:
        """The messages of which something is to be decided."""
        return self.messages[: len(self.messages) - len(self.decide)]

    @property
    def instructions(self) -> tuple[Message, ...]:
        """The messages that say what is to be decided, one for each of `decide`."""
        return self.messages[len(self.messages) - len(self.decide) :]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Every decoded picture, in the order sent."""
        return tuple(p for m in self.messages for p in m.parts if isinstance(p, Picture))


@dataclass(frozen=True, slots=True)
class Speech:
    """A text to be spoken: by which model and voice, in which form, how fast.

    `speed` is a factor of 0.25 to 4; `events` asks for
    server-sent events in place of sound. `language` is as en or pt-BR, empty for the voice's own.
    """

    text: str = field(repr=False)
    model: str
    voice: str
    form: SoundFormat = "mp3"
    speed: float = 1.0
    instructions: str = ""
    events: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Likely:
    """One token and the natural logarithm of its probability."""

    token: str
    logprob: float
    bytes: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token that was chosen, and the likeliest ones in its place."""

    chosen: Likely
    top: tuple[Likely, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer as the engine gives it: text, a refusal, or a piece of a tool call.

    `thought` is what a model thinks before it answers, which is no part of the answer.
    `tool` names a call that begins; `arguments` go on with the call whose place among the
    answer's calls is `call`. `tokens` is how many of the engine's tokens the piece holds. The last
    delta of an answer, and no other, carries `finish`, and `used` where the engine knows what it
    spent.
    """

    text: str = ""
    refusal: str = ""
    thought: str = ""
    tool: str | None = None
    arguments: str = ""
    call: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()
    tokens: int = 0
    finish: FinishReason | None = None
    used: Used | None = None


@dataclass(frozen=True, slots=True)
class FoundThing:
    """A thing that was found in a picture of the request.

    `param` names the picture, `box` is (x0, y0, x1, y1) in pixels of it as sent, upright;
    `confidence` is a calibrated probability, `finer` a narrower name where one is sure,
    `time_s` when it is seen, in a film, `page` on which page, in a document, where of a PDF
    `box_pt` is the box in points from the page's upper left.
    """

    param: str
    kind: str
    box: _Sides
    confidence: float
    finer: str = ""
    time_s: float | None = None
    page: int | None = None
    box_pt: _Sides | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where part of an answer stands.

    `param` names the picture, `path` the value in a JSON answer or the decision ("" in words),
    `value` is what was answered and `text` what is printed, "" of a thing that is seen; `box` is
    (x0, y0, x1, y1) in pixels of the picture as sent, upright; `confidence` is how sure its reading
    is, or how likely the thing is there, from 0 to 1; `time_s` when it is shown, in a film, `page`
    on which page, in a document, where of a PDF `box_pt` is the box in points from the page's upper
    left.
    """

    param: str
    path: str
    value: str | float
    text: str
    box: _Sides
    confidence: float
    time_s: float | None = None
    page: int | None = None
    box_pt: _Sides | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What an engine really spent, in its own tokens, and what it found if it was asked for.

    `image_tokens` and `cached_tokens`, which it did not compute again, are part of
    `prompt_tokens`, `reasoning_tokens`, which it thought in, of `completion_tokens`. None where the
    engine does not tell. `note` says what it cannot do and how to
    have that, where its answer is short of what was asked.
    """

    prompt_tokens: int
    image_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    things: tuple[FoundThing, ...] | None = None
    evidence: tuple[Evidence, ...] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What an engine decided, one verdict for each question in their order, and what it spent."""

    verdicts: tuple[Verdict, ...]
    used: Used | None = None

    @property
    def answered(self) -> int:
        """How many of the questions were decided."""
        return sum(bool(verdict.probabilities) for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request by the profile of the model asked for.

    `image_tokens` are part of `prompt_tokens`, `reasoning_tokens` of `completion_tokens`. `used` is
    what the engine itself counted, None where it tells nothing; `seen` are the request's pictures
    in the order sent; `redacted` is the question's.
    """

    prompt_tokens: int
    completion_tokens: int
    image_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    engine: str = ""
    used: Used | None = None
    seen: tuple[PictureReport, ...] = ()
    viewed: tuple[VideoReport, ...] = ()
    redacted: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One finished answer of the `n` that were asked for."""

    text: str
    finish_reason: FinishReason
    refusal: str | None = None
    calls: tuple[ToolCall, ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()
    thought: str = ""
