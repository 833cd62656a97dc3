"""Fields of requests: each is declared once, and both checks what is sent and describes it.

`check` takes a value and its path in the request, and returns what was read of it or raises
`InvalidRequest` in the API's words (`wire.check`). `schema` says the same as JSON Schema, for the
server's document (`wire.openapi`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sightline.api import checks

Schema = dict[str, Any]
Schemas = dict[str, Schema]
S = TypeVar("S")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
EMPTY: Schema = {"enum": [None, False, 0, "", [], {}]}  # what Python takes as false


class Field(ABC, Generic[T_co]):
    """A value of a request."""

    @abstractmethod
    def check(self, value: object, path: str) -> T_co:
        """Return what was read of a value that stands at `path`. Raises `InvalidRequest`."""

    @abstractmethod
    def schema(self, named: Schemas) -> Schema:
        """Describe it; what has a name of its own is put into `named`, and referred to."""


def nullable(schema: Schema) -> Schema:
    """Let a schema take null too."""
    kinds, forms = schema.get("type"), schema.get("anyOf")
    if (
        kinds == "null"
        or None in schema.get("enum", ())
        or not {"type", "anyOf", "$ref"} & {*schema}
    ):
        return schema
    if isinstance(kinds, str) and forms is None:
        more = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        return {**schema, "type": [kinds, "null"], **more}
    if forms is not None and kinds is None:
        return {**schema, "anyOf": [*forms, {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}


def _told(**told: object) -> Schema:
    return {name: value for name, value in told.items() if value not in (None, ())}


@dataclass(frozen=True, slots=True)
class String(Field[str]):
    """A text of `least` to `most` characters that matches `pattern`.

    `looks` is a pattern too, which whoever reads the field checks in words of its own.
    """

    least: int = 0
    most: int | None = None
    pattern: str | None = None
    looks: str | None = None
    about: str | None = None
    examples: Sequence[str] = ()

    def check(self, value: object, path: str) -> str:
        """Return the text."""
        found = checks.text(value, path, least=self.least, most=self.most)
        return found if self.pattern is None else checks.matching(found, path, self.pattern)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"type": "string"} | _told(
            minLength=self.least or None,
            maxLength=self.most,
            pattern=self.pattern or self.looks,
            description=self.about,
            examples=list(self.examples) or None,
        )


@dataclass(frozen=True, slots=True)
class Enum(Field[str]):
    """One of several words."""

    names: Sequence[str]

    def check(self, value: object, path: str) -> str:
        """Return the word."""
        return checks.choice(value, path, self.names)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"type": "string", "enum": list(self.names)}


@dataclass(frozen=True, slots=True)
class Integer(Field[int]):
    """An integer within bounds. JSON Schema takes 3.0 as one; the API does not."""

    least: int | None = None
    most: int | None = None

    def check(self, value: object, path: str) -> int:
        """Return the integer."""
        return checks.integer(value, path, least=self.least, most=self.most)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"type": "integer"} | _told(minimum=self.least, maximum=self.most)


@dataclass(frozen=True, slots=True)
class Number(Field[float]):
    """A number within bounds."""

    least: float
    most: float

    def check(self, value: object, path: str) -> float:
        """Return the number."""
        return checks.decimal(value, path, least=self.least, most=self.most)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"type": "number", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Boolean(Field[bool]):
    """True or false."""

    def check(self, value: object, path: str) -> bool:
        """Return it."""
        return checks.flag(value, path)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Ignored(Field[object]):
    """What is taken whatever it is, without effect."""

    def check(self, value: object, path: str) -> object:
        """Return it."""
        return value

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"description": "Taken, without effect."}


@dataclass(frozen=True, slots=True)
class Empty(Field[None]):
    """What is absent: nothing, or anything empty."""

    def check(self, value: object, path: str) -> None:
        """Take it as nothing."""

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return EMPTY


@dataclass(frozen=True, slots=True)
class Null(Field[None]):
    """What is known and cannot be honoured: nothing but null may stand there."""

    def check(self, value: object, path: str) -> None:
        """Refuse it."""
        raise checks.unsupported(path)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"type": "null"}


@dataclass(frozen=True, slots=True)
class Dict(Field[dict[str, Any]]):
    """An object with `least` to `most` fields: `keys` are their names, `values` what they hold.

    An error shows `shown` characters of a name.
    """

    keys: String = String()
    values: Field[object] | None = None
    most: int | None = None
    shown: int = 64
    least: int = 0

    def check(self, value: object, path: str) -> dict[str, Any]:
        """Return the object, with what was read of its values."""
        found = checks.mapping(value, path)
        checks.properties(found, path, least=self.least, most=self.most)
        if self.values is None:
            return found
        read = {}
        for key, item in found.items():
            self.keys.check(key, path)
            read[key] = self.values.check(item, f"{path}.{key[: self.shown]}")
        return read

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        bounds = _told(minProperties=self.least or None, maxProperties=self.most)
        made: Schema = {"type": "object"} | bounds
        if self.keys != String():
            made["propertyNames"] = self.keys.schema(named)
        if self.values is not None:
            made["additionalProperties"] = self.values.schema(named)
        return made


@dataclass(frozen=True, slots=True)
class Array(Field[tuple[T_co, ...]]):
    """A list of `least` to `most` values of a kind, which errors call by `noun`."""

    of: Field[T_co]
    least: int = 0
    most: int | None = None
    noun: str = "objects"

    def check(self, value: object, path: str) -> tuple[T_co, ...]:
        """Return what was read of each."""
        many = checks.array(value, path, of=self.noun, least=self.least, most=self.most)
        return tuple(self.of.check(item, f"{path}[{i}]") for i, item in enumerate(many))

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        bounds = _told(minItems=self.least or None, maxItems=self.most)
        return {"type": "array", "items": self.of.schema(named)} | bounds


@dataclass(frozen=True, slots=True)
class OrEmpty(Field[T_co | None]):
    """A field of which anything empty (null, false, 0, "", [] and {}) counts as absent."""

    of: Field[T_co]

    def check(self, value: object, path: str) -> T_co | None:
        """Return what was read, None where it is empty."""
        return self.of.check(value, path) if value else None

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"anyOf": [self.of.schema(named), EMPTY]}


@dataclass(frozen=True, slots=True)
class Mapped(Field[T_co], Generic[S, T_co]):
    """A field of whose value something is made."""

    of: Field[S]
    make: Callable[[S], T_co]

    def check(self, value: object, path: str) -> T_co:
        """Return what was made."""
        return self.make(self.of.check(value, path))

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return self.of.schema(named)


@dataclass(frozen=True, slots=True)
class Named(Field[T_co]):
    """A field whose schema has a name, so that it stands in the document once."""

    name: str
    of: Field[T_co]

    def check(self, value: object, path: str) -> T_co:
        """Return what was read."""
        return self.of.check(value, path)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        if self.name not in named:
            named[self.name] = {}  # its place, before those of what it holds
            named[self.name] = self.of.schema(named)
        return {"$ref": f"#/components/schemas/{self.name}"}


@dataclass(frozen=True, slots=True)
class OneOf(Field[T_co]):
    """A field of several forms: `pick` looks which of the `forms` a value has.

    `pick` raises `InvalidRequest` for a value that has none of them.
    """

    pick: Callable[[object, str], Field[T_co]]
    forms: Sequence[Field[T_co]]

    def check(self, value: object, path: str) -> T_co:
        """Return what was read in the form that it has."""
        return self.pick(value, path).check(value, path)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        return {"anyOf": [form.schema(named) for form in self.forms]}


def typed(forms: Mapping[str, Field[T]], known: Iterable[str] = ()) -> OneOf[T]:
    """Make a field of objects whose `type` names their form; errors list the `known`, else all."""

    def look(value: object, path: str) -> Field[T]:
        kind = checks.mapping(value, path).get("type")
        if kind is None:
            raise checks.missing(f"{path}.type")
        return forms[checks.choice(kind, f"{path}.type", tuple(known) or forms)]

    return OneOf(look, list(forms.values()))


def by_type(
    said: str,
    *,
    string: Field[T] | None = None,
    array: Field[T] | None = None,
    object: Field[T] | None = None,
) -> OneOf[T]:
    """Make a field whose form is told by its JSON type; `said` is what errors expect."""
    forms = [
        (kind, form)
        for kind, form in ((str, string), (list, array), (dict, object))
        if form is not None
    ]

    def pick(value: Any, path: str) -> Field[T]:
        for kind, form in forms:
            if isinstance(value, kind):
                return form
        raise checks.wrong_type(value, path, said)

    return OneOf(pick, [form for _, form in forms])


@dataclass(frozen=True, slots=True)
class Object(Field[T_co]):
    """An object with fields, of which `make` reads those that it has and makes something.

    Null is as good as absent, but for a field that is `required` or `never_null`. A `closed` one
    has no other fields. `also` is what else its schema says.
    """

    fields: Mapping[str, Field[Any]]
    make: Callable[[Given], T_co]
    required: Sequence[str] = ()
    never_null: Sequence[str] = ()
    closed: bool = False
    also: Schema | None = None

    def check(self, value: object, path: str) -> T_co:
        """Return what was made of it."""
        given = self.given(checks.mapping(value, path), path)
        if self.closed:
            given.refuse_unknown()
        return self.make(given)

    def given(self, value: Mapping[str, Any], path: str = "") -> Given:
        """Begin to read an object, field by field; without a path it is a whole body."""
        return Given(self, value, path)

    def schema(self, named: Schemas) -> Schema:
        """Describe it."""
        solid = {*self.required, *self.never_null}
        told = {name: field.schema(named) for name, field in self.fields.items()}
        made: Schema = {"type": "object"}
        if self.required:
            made["required"] = list(self.required)
        made["properties"] = {
            name: schema if name in solid else nullable(schema) for name, schema in told.items()
        }
        if self.closed:
            made["additionalProperties"] = False
        return made | (self.also or {})


@dataclass(frozen=True, slots=True)
class Given:
    """An object that was sent. Its fields are checked as they are read: the order is the reader's.

    A field that the object does not declare cannot be read.
    """

    of: Object[Any]
    value: Mapping[str, Any]
    path: str

    def __call__(self, name: str) -> Any:
        """Read a field, None where there is none. Raises `InvalidRequest`."""
        field, value = self.of.fields[name], self.value.get(name)
        kept = name in self.of.required or (name in self.of.never_null and name in self.value)
        return None if value is None and not kept else field.check(value, self.at(name))

    def at(self, name: str) -> str:
        """Give a field's path."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Say whether there is a field that is not null."""
        return self.value.get(name) is not None

    def require(self, *names: str) -> None:
        """Refuse an object that lacks one of these fields. Raises `InvalidRequest`."""
        for name in names:
            if not self.has(name):
                raise checks.missing(self.at(name))

    def needed(self, name: str) -> Any:
        """Read a field that has to be there. Raises `InvalidRequest`."""
        self.require(name)
        return self(name)

    def refuse_unknown(self) -> None:
        """Refuse fields that are not declared. Raises `InvalidRequest`."""
        checks.known_keys(self.value, self.of.fields, self.path)

    def all(self, names: Iterable[str]) -> dict[str, Any]:
        """Read those of these fields that there are, in their order. Raises `InvalidRequest`."""
        return {name: self(name) for name in names if self.has(name)}


def whole(given: Given) -> dict[str, Any]:
    """Read all fields that an object has, in the order in which they are declared."""
    return given.all(given.of.fields)


def reading(name: str) -> Callable[[Given], Any]:
    """Make what reads one field that has to be there, and nothing else."""
    return lambda given: given.needed(name)
