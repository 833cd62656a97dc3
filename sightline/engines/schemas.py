"""Whether an answer holds to the schema that was asked for, and the error where none can."""

from __future__ import annotations

import asyncio

from sightline.api import checks, schema
from sightline.errors import EngineError, InvalidRequest, RequestTooLarge
from sightline.types import JsonFormat


def cannot(wanted: JsonFormat, place: tuple[str, ...]) -> InvalidRequest:
    """Make the error for a part of a strict schema that cannot be enforced."""
    error = schema.refused(
        place,
        "this cannot be enforced with this model.",
        name=f"response_format '{wanted.name}'",
        param="response_format",
    )
    error.hint = "Leave it out of the schema, or set strict to false."
    return error


def undecidable(wanted: JsonFormat) -> InvalidRequest:
    """Make the error for a strict schema by which what keeps to it cannot be said."""
    from sightline.engines import validation

    return cannot(wanted, validation.undecidable(wanted.schema or {}))


async def check_answer(wanted: JsonFormat, text: str) -> None:
    """See that a whole answer is JSON and, where that is strict, keeps to its schema.

    Raises `EngineError`, and `InvalidRequest` for a schema by which that cannot be said.
    """
    await asyncio.to_thread(_check, wanted, text)


def _check(wanted: JsonFormat, text: str) -> None:
    from sightline.engines import validation

    try:
        value = checks.parse(text)
        if wanted.schema is not None and wanted.strict:
            validation.validate(wanted.schema, value)
    except (InvalidRequest, RequestTooLarge):
        raise EngineError("The answer is not the JSON that was asked for.") from None
    except validation.Undecidable:
        raise undecidable(wanted) from None
    except validation.Astray as error:
        place = "".join(f"[{p!r}]" if isinstance(p, int) else f".{p}" for p in error.path)
        raise EngineError(
            f"The answer does not keep to the schema at {place[:200] or 'its root'}."
        ) from None
