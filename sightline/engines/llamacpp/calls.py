"""Tool calls by grammar, for models whose chat template knows none, and for calls that are forced.

llama.cpp leaves tools out in silence where a template has no place for them, and does not keep a
model to `tool_choice`. Here the tools are told in words and the form of the answer is enforced:
`{"name": …, "arguments": {…}}`, one a line, or the arguments alone where the tool is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from sightline.types import Delta, Question, Tool, ToolCall

Form = Literal["arguments", "calls", "calls or words"]


def form(question: Question) -> Form:
    """Say how the answer to a question with tools is to be written."""
    if question.call is None:
        return "calls or words"
    return "arguments" if question.call else "calls"


def schema(question: Question) -> dict[str, Any]:
    """Give the schema of one call, or of the arguments where the tool is named."""
    if question.call:
        return _parameters(next(t for t in question.tools if t.name == question.call))
    one_of, kept = [], {}
    for i, tool in enumerate(question.tools):
        kept[f"tool{i}"] = _moved(_parameters(tool), f"#/$defs/tool{i}")
        one_of.append(
            {
                "type": "object",
                "properties": {
                    "name": {"const": tool.name},
                    "arguments": {"$ref": f"#/$defs/tool{i}"},
                },
                "required": ["name", "arguments"],
                "additionalProperties": False,
            }
        )
    return {"anyOf": one_of, "$defs": kept}


def _parameters(tool: Tool) -> dict[str, Any]:
    return {"type": "object", **tool.parameters}


def _moved(node: Any, to: str) -> Any:
    """Give a schema with its own references pointing to where it is put."""
    if isinstance(node, list):
        return [_moved(item, to) for item in node]
    if not isinstance(node, dict):
        return node
    moved = {key: _moved(value, to) for key, value in node.items()}
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        moved["$ref"] = to + reference[1:]
    return moved


def instructions(question: Question) -> str:
    """Tell the tools in words."""
    told = "\n".join(_told(tool) for tool in question.tools)
    shape = '{"name": the function\'s name, "arguments": {its arguments}}'
    if question.call:
        way = f"Call {question.call}: reply with its arguments as JSON, and nothing else."
    elif question.call is not None:
        way = f"Call one: reply with JSON of the form {shape}, and nothing else."
    else:
        way = f"To call one, reply with JSON of the form {shape}, and nothing else. "
        way += "Where none is needed, answer in words."
    return f"You can call these functions:\n{told}\n{way}"


def _told(tool: Tool) -> str:
    told = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return json.dumps(told, ensure_ascii=False)


def as_text(calls: Sequence[ToolCall]) -> str:
    """Write earlier calls as the model was told to write them."""
    return "\n".join(
        f'{{"name": {json.dumps(call.name)}, "arguments": {call.arguments}}}' for call in calls
    )


_OPENING = re.compile(r'\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"arguments"\s*:\s*')


class CallReader:
    """Turns the text of an answer into calls while it comes."""

    def __init__(self, question: Question) -> None:
        self._form = form(question)
        self._held = ""  # not yet known to belong to a name or to arguments
        self._call = -1
        self._inside: _Value | None = None
        self._words = False
        self._named = question.call or ""

    @property
    def called(self) -> bool:
        """Whether a tool was called so far."""
        return self._call >= 0

    def take(self, text: str) -> list[Delta]:
        """Read a piece of the answer's text."""
        if self._form == "arguments":
            opened = None if self.called else self._named
            self._call = 0
            return [Delta(tool=opened, arguments=text)] if text or opened else []
        if self._words:
            return [Delta(text=text)]
        self._held += text
        if self._form == "calls or words" and not self.called:
            begun = self._held.lstrip()
            if begun and not begun.startswith("{"):
                self._words = True
                return [Delta(text=self._held)]
        return list(self._calls())

    def _calls(self) -> Iterator[Delta]:
        while True:
            if self._inside is None:
                opening = _OPENING.match(self._held)
                if opening is None:
                    return
                self._call += 1
                self._held = self._held[opening.end() :]
                self._inside = _Value()
                yield Delta(tool=json.loads(opening.group(1)), call=self._call)
            taken = self._inside.take(self._held)
            piece, self._held = self._held[:taken], self._held[taken:]
            if piece:
                yield Delta(arguments=piece, call=self._call)
            if not self._inside.done:
                return
            closing = re.match(r"\s*\}", self._held)
            if closing is None:
                return
            self._held, self._inside = self._held[closing.end() :], None


class _Value:
    """Finds the end of a JSON object or array that comes in pieces."""

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = self._escaped = False
        self.done = False

    def take(self, text: str) -> int:
        """Say how many characters of `text` belong to the value."""
        if self.done:
            return 0
        for i, sign in enumerate(text):
            if self._escaped:
                self._escaped = False
            elif self._quoted:
                self._escaped = sign == "\\"
                self._quoted = sign != '"'
            elif sign == '"':
                self._quoted = True
            elif sign in "{[":
                self._depth += 1
            elif sign in "}]":
                self._depth -= 1
                if not self._depth:
                    self.done = True
                    return i + 1
        return len(text)
