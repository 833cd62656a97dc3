"""What a model thinks before it answers: kept from it, kept short, and kept out of the answer.

llama.cpp lets every model think whose template can, and gives a thought that the limit cuts off
as the answer. So its own reading of thoughts is turned off, and the text it gives, which begins
with what the template itself has written for the model, is taken apart here by the marks around
thoughts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sightline.models.gguf import Control
from sightline.types import Delta, Effort, TokenLogprob

# How models of these families open and close a thought; the first that a template names is its.
_MARKS = (
    ("<|channel>thought", "<channel|>"),  # Gemma 4
    ("<|START_THINKING|>", "<|END_THINKING|>"),  # Cohere
    ("[THINK]", "[/THINK]"),  # Mistral
    ("◁think▷", "◁/think▷"),  # Kimi-VL
    ("<seed:think>", "</seed:think>"),
    ("<mm:think>", "</mm:think>"),  # MiniMax
    ("<think>", "</think>"),  # Qwen, GLM, MiniCPM, InternVL, LFM2, DeepSeek and most others
)
# Most tokens of thoughts by effort, where the operator sets none.
_BUDGETS: Mapping[Effort, int] = {
    "minimal": 128, "low": 512, "medium": 2048, "high": 8192, "xhigh": 16_384, "max": 32_768,
}  # fmt: skip


def wish(effort: Effort) -> dict[str, Any]:
    """Give what templates are told: whether to think, by its several names, and how much."""
    thinks = effort != "none"
    told: dict[str, Any] = {"enable_thinking": thinks, "thinking": thinks}
    return told | {"reasoning_effort": effort} if thinks else told


def budget(effort: Effort, told: int, room: int) -> int:
    """Say how many tokens may be thought in: at most half of those that there is room for.

    `told` is the operator's budget, 0 for that of the effort. The least is 1, by which a template
    that begins a thought whatever it is told has it ended at once: llama.cpp takes 0 for no bound.
    """
    allowed = 1 if effort == "none" else told or _BUDGETS[effort]
    return max(1, min(allowed, room // 2))


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands around a thought.

    `begun` says, for a model that is to think and for one that is not, whether its template itself
    opens the thought. `opens` and `closes` are the marks as a grammar writes them; `closes` is
    empty where the mark is plain text. `first` is the token by which a thought is known at once.
    """

    opening: str
    closing: str
    begun: Mapping[bool, bool]
    opens: str
    closes: str = ""
    first: str = ""

    def bounded(self, tokens: int) -> dict[str, Any]:
        """Give the fields by which llama.cpp ends a thought after so many tokens."""
        return {
            "reasoning_format": "none",  # it is taken apart here
            "thinking_budget_tokens": tokens,
            # For templates in which it does not find the marks by itself.
            "reasoning_budget_tokens": tokens,
            "reasoning_budget_start_tag": self.first or self.opening,
            "reasoning_budget_end_tags": [self.closing],
            "reasoning_budget_message": "",  # without one it forces nothing
        }

    def before(self, effort: Effort) -> tuple[str, str]:
        """Give what a grammar's start has before the answer, and the rules that this needs."""
        thinks = effort != "none"
        begun = self.begun[thinks]
        if not begun and not thinks:
            return "", ""
        if self.closes:
            rules = f"thought: /(?s:.*)/ {self.closes}\n"
        else:
            rules = f"thought[suffix={json.dumps(self.closing)}]: /(?s:.*)/\n"
        rules += "gap: /[\\n ]{0,3}/\n"
        return ("thought gap " if begun else f"({self.opens} thought gap)? "), rules


def marks(template: str, prompts: Mapping[bool, str], control: Sequence[Control]) -> Marks | None:
    """Find the marks of a model that can think, None for one that cannot.

    `prompts` are how its template ends a prompt, for a model that is to think and for one not.
    """
    for opening, closing in _MARKS:
        if closing not in template:
            continue
        begun = {
            thinks: prompt.rfind(opening) > prompt.rfind(closing)
            for thinks, prompt in prompts.items()
        }
        hidden = next((each.id for each in control if each.hidden and each.text == closing), None)
        closes = "" if hidden is None else f"<[{hidden}]>"
        numbers = {each.text: each.id for each in control}
        first = max((text for text in numbers if opening.startswith(text)), key=len, default="")
        return Marks(opening, closing, begun, _written(opening, numbers), closes, first)
    return None


def _written(text: str, numbers: Mapping[str, int]) -> str:
    """Write a text for a grammar; its control tokens stand by their numbers.

    By its letters alone it could be written in other tokens, which no budget knows.
    """
    pattern = "|".join(map(re.escape, sorted(numbers, key=len, reverse=True)))
    pieces = re.split(f"({pattern})", text) if pattern else [text]
    written = (
        f"<[{numbers[piece]}]>" if piece in numbers else json.dumps(piece, ensure_ascii=False)
        for piece in pieces
        if piece
    )
    return " ".join(written)


class Splitter:
    """Takes thoughts out of an answer while it comes; where none are to be, they are left out.

    `tokens` counts what was thought in.
    """

    def __init__(self, marks: Marks, effort: Effort) -> None:
        self._marks = marks
        self._shown = effort != "none"
        self._counts = self._shown or marks.begun[False]
        self._inside = False
        self._answers = False
        self._thought = False  # whether there was one, after which blanks are no part of the answer
        self._said = False  # whether anything of the thought that is open was given
        self._held = ""
        self._waiting: tuple[TokenLogprob, ...] = ()
        self.tokens = 0

    def take(self, delta: Delta) -> list[Delta]:
        """Read a piece of the answer; gives what is known to be a thought or not."""
        if self._answers or not (delta.text or delta.logprobs):
            return [*self.end(), delta] if delta.finish or delta.tool else [delta]
        self._held += delta.text
        self._waiting += delta.logprobs
        was_inside, thought = self._inside, ""
        while self._inside or self._opened():
            piece, done = self._inner()
            thought += piece
            if not done:
                break
        if (was_inside or self._inside) and self._counts:
            self.tokens += delta.tokens
        if self._inside or (self._thought and not self._held.strip()):
            self._waiting = ()  # of what is no part of the answer
        made = [Delta(thought=thought)] if thought and self._shown else []
        if not self._inside and not self._undecided():
            made.append(self._rest())
        if made:
            made[-1] = replace(made[-1], tokens=delta.tokens)
        return made

    def end(self) -> list[Delta]:
        """Give what was held back, at the answer's end."""
        if self._inside:
            rest, self._held = self._held.rstrip(), ""
            return [Delta(thought=rest)] if rest and self._shown else []
        held = self._held or self._waiting
        return [self._rest()] if held and not self._answers else []

    def _rest(self) -> Delta:
        text = self._held.lstrip() if self._thought else self._held
        made = Delta(text=text, logprobs=self._waiting)
        self._answers, self._held, self._waiting = True, "", ()
        return made

    def _undecided(self) -> bool:
        return self._marks.opening.startswith(self._held.lstrip())

    def _opened(self) -> bool:
        begun = self._held.lstrip()
        if not begun.startswith(self._marks.opening):
            return False
        self._held = begun[len(self._marks.opening) :]
        self._inside, self._said = True, False
        return True

    def _inner(self) -> tuple[str, bool]:
        """Give what is surely inside the thought that is open, and whether it has ended."""
        if not self._said:
            self._held = self._held.lstrip()
        inside, mark, after = self._held.partition(self._marks.closing)
        if mark:
            self._held, self._inside, self._thought = after, False, True
            return inside.rstrip(), True
        kept = len(inside) - len(inside.rstrip())
        for size in range(min(len(self._marks.closing) - 1, len(inside)), 0, -1):
            if inside.endswith(self._marks.closing[:size]):
                before = inside[:-size].rstrip()
                kept = len(inside) - len(before)
                break
        given = inside[: len(inside) - kept]
        self._held = inside[len(inside) - kept :]
        self._said = self._said or bool(given)
        return given, False


class Stops:
    """Ends an answer at the first of its stop words, which is no part of it; thoughts pass.

    `reached` is set once there was one.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._held = Delta()
        self.reached = False

    def take(self, delta: Delta) -> list[Delta]:
        """Read a piece of the answer; gives what is surely before a stop word."""
        if not self._words or not (delta.text or delta.finish or delta.tool):
            return [delta]
        held = self._held
        whole = replace(
            delta,
            text=held.text + delta.text,
            logprobs=held.logprobs + delta.logprobs,
            tokens=held.tokens + delta.tokens,
        )
        self._held = Delta()
        ends = [at for word in self._words if (at := whole.text.find(word)) >= 0]
        if ends:
            self.reached = True
            return [replace(whole, text=whole.text[: min(ends)], finish=None, used=None)]
        if delta.finish or delta.tool:
            return [whole]
        longest = max(map(len, self._words)) - 1
        tails = (whole.text[-size:] for size in range(min(longest, len(whole.text)), 0, -1))
        tail = next((t for t in tails if any(word.startswith(t) for word in self._words)), "")
        if not tail:
            return [whole]
        text = whole.text.removesuffix(tail)
        self._held = Delta(text=tail)
        return [replace(whole, text=text)]
