"""What is asked: messages, tools, the form of the answer, and what is to be decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from sightline.types.media import (
    Effort,
    FileRef,
    ImageRef,
    Part,
    Picture,
    Role,
    SoundFormat,
    Text,
    VideoRef,
    VideoReport,
)

if TYPE_CHECKING:
    pass


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
