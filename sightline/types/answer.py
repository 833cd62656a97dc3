"""What is answered: pieces of text, what was found, what was spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightline.types.media import FinishReason, PictureReport, VideoReport, _Sides
from sightline.types.question import ToolCall, Verdict

if TYPE_CHECKING:
    pass


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
class NamedBox:
    """Where an answer itself says that something is, by the name that it gives it.

    `param` names the picture, `box` is (x0, y0, x1, y1) in pixels of it as sent, upright; `page` on
    which page, in a document, where of a PDF `box_pt` is the box in points from the page's upper
    left.
    """

    param: str
    label: str
    box: _Sides
    page: int | None = None
    box_pt: _Sides | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What an engine really spent, in its own tokens, and what it found if it was asked for.

    `image_tokens` and `cached_tokens`, which it did not compute again, are part of
    `prompt_tokens`, `reasoning_tokens`, which it thought in, of `completion_tokens`. None where the
    engine does not tell. `boxes` are those in the answer's own words, None where there are none.
    `note` says what it cannot do and how to have that, where its answer is short of what was asked.
    """

    prompt_tokens: int
    image_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    things: tuple[FoundThing, ...] | None = None
    evidence: tuple[Evidence, ...] | None = None
    boxes: tuple[NamedBox, ...] | None = None
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
