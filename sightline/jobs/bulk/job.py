"""What is asked of each picture, and what its answer becomes in the output. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sightline.api import schema as schemas
from sightline.errors import EngineError, InvalidRequest, UsageError
from sightline.jobs.ask import question, with_attributes
from sightline.types import Decide, Detail, JsonFormat, Message, Part, Question, Text

_NOTED = ("question", "attributes", "schema", "detail", "model", "max_tokens", "frames", "evidence")


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked: of every picture the same.

    With `attributes`, or a `schema`, the answer is JSON. `model` is who answers, None before that
    is known; `frames` are how many of a film are looked at, None for as many as 20,000 tokens buy.
    `evidence` says that where an answer stands is told too, None that it is not. With `decide`,
    questions with their words, each picture is decided about instead.
    """

    question: str
    attributes: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    detail: Detail = "auto"
    model: str | None = None
    max_tokens: int | None = None
    frames: int | None = None
    evidence: bool | None = None  # a run that was begun before there was any has none
    decide: tuple[tuple[Decide, Message], ...] = ()

    @property
    def is_json(self) -> bool:
        """Whether answers are JSON."""
        return bool(self.attributes) or self.schema is not None

    @property
    def text(self) -> str:
        """What is asked, in words."""
        return with_attributes(self.question, self.attributes) if self.attributes else self.question

    def asked(self, parts: Sequence[Part]) -> Question:
        """Ask about the parts of one picture, film or document."""
        if self.decide:
            decides, told = zip(*self.decide, strict=True)
            turns = (Message("user", tuple(parts)), *told)
            return Question("", turns, decide=decides, max_tokens=len(decides))
        form = JsonFormat(self.schema, "answer") if self.is_json else None
        asked = question(Text(self.text), *parts, json=form, max_tokens=self.max_tokens)
        return replace(asked, include=frozenset({"evidence"})) if self.evidence else asked

    def fields(self, answer: str) -> dict[str, Any]:
        """Read the fields of an answer. Raises `EngineError` where it is not what was asked for."""
        answer = answer.strip()
        if answer.startswith("```") and answer.endswith("```"):
            answer = answer.strip("`").removeprefix("json")
        try:
            value = json.loads(answer)
        except (ValueError, RecursionError):
            raise EngineError("The answer is not the JSON that was asked for.") from None
        if not isinstance(value, dict):
            raise EngineError("The answer is JSON, but no object.")
        if self.schema is not None:
            from sightline.engines import validation

            try:
                validation.validate(self.schema, value)
            except validation.Undecidable:
                raise EngineError(
                    "Whether the answer keeps to the schema cannot be said."
                ) from None
            except validation.Astray as error:
                place = ".".join(str(step) for step in error.path)
                raise EngineError(
                    f"The answer does not keep to the schema at {place[:200] or 'its root'}."
                ) from None
            return value
        return {name: value.get(name) for name in self.attributes}

    def noted(self) -> dict[str, Any]:
        """Give what a later run has to be asked with to go on with this one."""
        return {name: value for name, value in asdict(self).items() if name in _NOTED}

    def differs(self, noted: Mapping[str, Any]) -> str | None:
        """Say what differs from an order that was noted, None for nothing."""
        mine = json.loads(json.dumps(self.noted()))
        for name in _NOTED:
            if mine[name] != noted.get(name):
                then, now = (
                    json.dumps(v, ensure_ascii=False) for v in (noted.get(name), mine[name])
                )
                return f"{name} was {then[:200]} and is {now[:200]}"
        return None


def read_schema(path: Path) -> dict[str, Any]:
    """Read a JSON schema from a file. Raises `UsageError`."""
    try:
        schema = json.loads(path.read_text("utf-8"))
    except OSError:
        raise UsageError(f"{path} cannot be read.", hint="Check its name.") from None
    except ValueError:
        raise UsageError(f"{path} is no JSON.", hint="A JSON schema is wanted.") from None
    import jsonschema

    try:
        if not isinstance(schema, dict) or schema.get("type") != "object":
            raise UsageError(
                f'{path} is no schema of an object: its "type" has to be "object".',
                hint='For example {"type": "object", "properties": {"total": {"type": "string"}}}.',
            )
        jsonschema.Draft202012Validator.check_schema(schema)
        schemas.verify(schema, "answer", param="schema", strict=False)
    except (jsonschema.SchemaError, InvalidRequest) as error:
        raise UsageError(
            f"{path} is no JSON schema: {error.message[:200]}", hint="Mend it there."
        ) from None
    return schema
