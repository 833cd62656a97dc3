"""A question as llama.cpp's server takes it: an allow-list of fields, pictures as raw pixels.

Nothing of a client's JSON is copied; every field is made here from what was checked. Texts that
would steer the model, as the marks between turns do, are taken apart wherever they were typed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.api import notes, outgoing
from sightline.engines.llamacpp import calls, thinking
from sightline.errors import InvalidRequest
from sightline.media.data_url import data_url
from sightline.models.gguf import Control
from sightline.types import Detail, Effort, Message, Picture, Question, Text

_FORM = outgoing.ServerDialect()
PPM = "image/x-portable-pixmap"
_APART = "\u2060"  # a word joiner: seen by no one, and no part of any control token
_MOST_BIAS = 300


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a model wants of a picture: the most pixels at low detail and else; sides in `cell`s."""

    low: int
    high: int
    cell: int

    def fit(self, view: NDArray[np.uint8], detail: Detail) -> NDArray[np.uint8]:
        """Scale a picture to at most so many pixels, and to no fewer than at low detail.

        Its sides become whole numbers of cells, so that llama.cpp does not scale it again.
        """
        height, width = view.shape[:2]
        most = self.low if detail == "low" else self.high
        scale = (min(max(width * height, self.low), most) / (width * height)) ** 0.5
        across, down = (max(1, round(side * scale / self.cell)) for side in (width, height))
        while across * down > most // self.cell**2 and max(across, down) > 1:
            across, down = (across - 1, down) if across >= down else (across, down - 1)
        while across * down < self.low // self.cell**2:
            across, down = (across + 1, down) if across >= down else (across, down + 1)
        size = across * self.cell, down * self.cell
        if size == (width, height):
            return view
        way = cv2.INTER_AREA if size[0] * size[1] < width * height else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(view, size, interpolation=way), np.uint8)


@dataclass(frozen=True, slots=True)
class Prompting:
    """What is needed to write requests for one model."""

    secret: bytes
    life_s: float
    keep: bool
    knows_tools: bool
    control: re.Pattern[str] | None
    sizes: Sizes | None = None
    marks: thinking.Marks | None = None
    effort: Effort = "none"
    budget: int = 0
    context: int = 0
    unasked: str = ""  # what a picture without words is asked
    bare: bool = False  # whether the template ends a prompt with the user's words

    def effort_of(self, question: Question) -> Effort:
        """Say how much is to be thought: what the request says, or what the operator set."""
        return question.effort or self.effort

    def stops(self, question: Question) -> tuple[str, ...]:
        """Give the stop words that are looked for here: llama.cpp would end a thought at them."""
        thinks = self.marks is not None and self.effort_of(question) != "none"
        return question.stop if thinks else ()

    def write(self, question: Question, grammar: str | None) -> bytes:
        """Write the request. It takes as long as the pictures are large.

        Raises `InvalidRequest` for a bias that this model cannot take.
        """
        question = self._asked(question)
        written = self.writes_calls(question)
        asked = self._told(question) if written else question
        asked = replace(asked, messages=tuple(self._tame(m) for m in asked.messages), json=None)
        asked = replace(asked, tools=() if written else tuple(map(self._tame_tool, asked.tools)))
        made = outgoing.body(asked, "", _FORM, lambda picture: self._urls(picture, question.owner))
        del made["model"]
        made |= {
            "cache_prompt": self.keep,
            # A mark at the start and after each batch: a hung-up client is noticed there.
            "return_progress": True,
        }
        if question.logit_bias:
            made["logit_bias"] = _bias(question.logit_bias)
        if question.seed is not None:
            made["seed"] = question.seed % (1 << 32) % ((1 << 32) - 1)  # the last means none
        if grammar is not None:
            made["grammar"] = grammar
        effort = self.effort_of(question)
        made["chat_template_kwargs"] = thinking.wish(effort)
        if self.marks is not None:
            room = min(question.max_tokens or self.context, self.context)
            most = thinking.budget(effort, self.budget, room)
            made |= self.marks.bounded(most)
        if self.stops(question):
            del made["stop"]
        return outgoing.write(made)

    def writes_calls(self, question: Question) -> bool:
        """Say whether tool calls are told in words and enforced by a grammar of ours."""
        return bool(question.tools) and (question.call is not None or not self.knows_tools)

    def _asked(self, question: Question) -> Question:
        """Ask about pictures that came without words as the model was trained to be asked."""
        last = question.messages[-1]
        words = "" if last.text.strip() or not question.pictures else self.unasked
        end = last.parts[-1]
        if not words and self.bare and not (isinstance(end, Text) and end.text):
            words = "\n"  # llama.cpp ends its process where a prompt ends with a picture
        if not words:
            return question
        turn = replace(last, parts=(*last.parts, Text(words, ours=True)))
        return replace(question, messages=(*question.messages[:-1], turn))

    def _told(self, question: Question) -> Question:
        told = calls.instructions(question)
        first, *rest = question.messages
        if first.role in ("system", "developer"):
            turns = [replace(first, parts=(*first.parts, Text("\n\n" + told))), *rest]
        else:
            turns = [Message("system", (Text(told),)), first, *rest]
        return replace(question, messages=tuple(map(self._in_words, turns)), call=None)

    def _in_words(self, turn: Message) -> Message:
        """Write earlier calls and their results as text, for templates that know neither."""
        if self.knows_tools:
            return turn
        if turn.calls:
            said = calls.as_text(turn.calls)
            return replace(turn, parts=(*turn.parts, Text(said)), calls=())
        if turn.role in ("tool", "function"):
            parts = (Text("Result of the call:"), *turn.parts)
            return replace(turn, role="user", parts=parts, call_id="")
        return turn

    def _tame(self, turn: Message) -> Message:
        parts = tuple(
            replace(part, text=self.tame(part.text)) if isinstance(part, Text) else part
            for part in notes.in_words(turn)
        )
        made = tuple(
            replace(call, name=self.tame(call.name), arguments=self.tame(call.arguments))
            for call in turn.calls
        )
        return replace(turn, parts=parts, calls=made)

    def _tame_tool(self, tool: Any) -> Any:
        return replace(tool, description=self.tame(tool.description))

    def tame(self, text: str) -> str:
        """Take control tokens in a text apart."""
        if self.control is None:
            return text
        return self.control.sub(lambda found: found[0][0] + _APART + found[0][1:], text)

    def _urls(self, picture: Picture, owner: str) -> Sequence[str]:
        mark = self._mark(owner)
        views = picture.views
        if self.sizes is not None:
            views = tuple(self.sizes.fit(view, picture.detail) for view in views)
        return [_data_url(view, mark) for view in views]

    def _mark(self, owner: str) -> bytes:
        """Give what makes a picture another's: by client and, since it is to be forgotten, by time.

        llama.cpp knows a picture again by the hash of its file.
        """
        period = int(time.monotonic() / self.life_s)
        return hmac.new(self.secret, f"{owner}/{period}".encode(), hashlib.sha256).digest()[:16]


def _data_url(view: NDArray[np.uint8], mark: bytes) -> str:
    # PPM needs no packing and no unpacking. What follows the pixels is not read as a picture.
    height, width = view.shape[:2]
    head = f"P6\n{width} {height}\n255\n".encode()
    data = b"".join((head, np.ascontiguousarray(view).data, mark))
    return data_url(data, PPM)


def _bias(bias: Any) -> list[list[float]]:
    if len(bias) > _MOST_BIAS:
        raise InvalidRequest(
            f"Invalid 'logit_bias': at most {_MOST_BIAS} tokens are taken.", param="logit_bias"
        )
    made = []
    for token, value in bias.items():
        if not re.fullmatch(r"\d{1,7}", token):
            raise InvalidRequest(
                f"Invalid 'logit_bias': {token[:20]!r} is not the number of a token.",
                param="logit_bias",
                code="invalid_value",
            )
        # -100 bans a token, as the API has it.
        made.append([int(token), -1e9 if value <= -100 else value])
    return made


def control_pattern(tokens: Sequence[Control]) -> re.Pattern[str] | None:
    """Make what finds control tokens in a text; the longest of several is found."""
    several = sorted((t.text for t in tokens if len(t.text) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, several))) if several else None
