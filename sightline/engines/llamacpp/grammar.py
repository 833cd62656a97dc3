"""The grammar that an answer has to follow, and whether the engine can enforce it.

The wheel of llama.cpp enforces with LLGuidance, and answers without any grammar, in silence, where
LLGuidance cannot take it. So the same library is asked here first, and what it cannot take is
refused by its place in the schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from llguidance import LLMatcher

from sightline.api import schema
from sightline.engines import schemas
from sightline.engines.llamacpp import calls
from sightline.errors import InvalidRequest
from sightline.types import JsonFormat, Question

# No blanks between tokens, which a weak model would write for ever; `oneOf` as `anyOf`, since the
# whole answer is checked again.
_WAY = {"x-guidance": {"whitespace_flexible": False, "coerce_one_of": True}}
_HEAD = "%llguidance {}\n"
_MOST_TRIED = 400


# What stands before the answer, and the rules that this needs.
Before = tuple[str, str]
_NOTHING: Before = ("", "")


def of_format(wanted: JsonFormat, before: Before = _NOTHING) -> str:
    """Give the grammar of an answer in JSON. Raises `InvalidRequest` for a strict schema."""
    if wanted.schema is None:
        return _of({"type": "object"}, before)
    if not LLMatcher.validate_grammar(_of(wanted.schema)):
        return _of(wanted.schema, before)
    if wanted.strict:
        raise schemas.cannot(wanted, _culprit(wanted.schema))
    return _of({}, before)  # without strict the API promises JSON, and to try


def of_calls(question: Question, before: Before = _NOTHING) -> str:
    """Give the grammar of an answer that calls tools. Raises `InvalidRequest`."""
    one = json.dumps({**_WAY, **calls.schema(question)})
    way = calls.form(question)
    if way == "arguments":
        rules = f"answer: %json {one}\n"
    else:
        many = 'call ("\\n" call)*' if question.parallel_calls else "call"
        words = " | words" if way == "calls or words" else ""
        rules = f"answer: {many}{words}\ncall: %json {one}\nwords: /(?s:[^{{].*)?/\n"
    if LLMatcher.validate_grammar(f"{_HEAD}start: answer\n{rules}"):
        raise InvalidRequest(
            "The parameters of the tools cannot be enforced with this model.",
            param="tools",
            code="invalid_json_schema",
            hint="Use plain types, enums, arrays and objects.",
        )
    return f"{_HEAD}start: {before[0]}answer\n{before[1]}{rules}"


def _of(one: Mapping[str, Any], before: Before = _NOTHING) -> str:
    answer = f"answer: %json {json.dumps({**_WAY, **one})}\n"
    return f"{_HEAD}start: {before[0]}answer\n{before[1]}{answer}"


def _culprit(root: Mapping[str, Any]) -> tuple[str, ...]:
    """Find the place in a schema that cannot be enforced: the deepest, down to its key."""
    defined = {key: root[key] for key in ("$defs", "definitions") if key in root}
    places = sorted(schema.walk(root), key=lambda each: -len(each[0]))
    for place, node in places[:_MOST_TRIED]:
        if not isinstance(node, dict) or not LLMatcher.validate_grammar(_of({**defined, **node})):
            continue
        for key in node:
            rest = {k: v for k, v in node.items() if k != key}
            if not LLMatcher.validate_grammar(_of({**defined, **rest})):
                return (*place, key)
        return place
    return ()
