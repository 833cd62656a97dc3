"""Whether what a server says of a request is what its document says: both ways."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import best_match

NOTES = "NOTES"  # what names the folder where servers note their requests
# How a request is refused for its shape: a field that is missing, unknown, of another type, or out
# of the bounds that it always has.
_CODES = {
    "invalid_type", "missing_required_parameter", "unknown_parameter", "empty_string", "empty_array",
    "string_above_max_length", "array_above_max_length", "array_below_min_length",
    "object_above_max_properties", "object_below_min_properties",
    "integer_below_min_value", "integer_above_max_value", "decimal_below_min_value",
    "decimal_above_max_value", "mutually_exclusive_parameters",
    "missing_mutually_exclusive_parameters",
}  # fmt: skip
_WORDS = (
    "Supported values are",
    "does not match pattern",
    "expected an http or https URL",
    "[{'type': ",
)


def _whole(checker: object, value: object) -> bool:
    # JSON Schema takes 3.0 as an integer, the API does not; a document cannot say so.
    return isinstance(value, int) and not isinstance(value, bool)


_Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _whole),
)


def _has_whole_float(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_whole_float, value.values()))
    if isinstance(value, list):
        return any(map(_has_whole_float, value))
    return isinstance(value, float) and value.is_integer()


def about_shape(error: Mapping[str, Any]) -> bool:
    """Say whether an error, as it is on the wire, is about the shape of the request alone."""
    if not error.get("param"):
        return False
    told = any(words in error["message"] for words in _WORDS)
    return error.get("code") in _CODES or (error.get("code") == "invalid_value" and told)


class Document:
    """A server's document, and what it says of bodies."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self._validators = {}
        self._quick: dict[str, jsonschema_rs.Draft202012Validator] = {}
        for path, methods in told["paths"].items():
            content = methods.get("post", {}).get("requestBody", {}).get("content", {})
            if "application/json" in content:
                schema = content["application/json"]["schema"]
                self._validators[path] = _Validator({**schema, "components": told["components"]})

    @property
    def paths(self) -> list[str]:
        """The routes that take JSON."""
        return list(self._validators)

    def fault(self, path: str, body: object) -> str | None:
        """Say what is wrong with a body by the document, None where nothing is."""
        error = best_match(self._validators[path].iter_errors(body))
        return None if error is None else f"{error.json_path}: {error.message[:300]}"

    def _seems_valid(self, path: str, body: object) -> bool:
        """Say what a validator does that is a hundred times as quick, and takes 3.0 as an integer."""
        if path not in self._quick:
            schema = self._validators[path].schema
            self._quick[path] = jsonschema_rs.Draft202012Validator(schema)
        return self._quick[path].is_valid(body)

    def contradiction(self, path: str, body: object, error: Mapping[str, Any] | None) -> str | None:
        """Say how the document contradicts what was answered: an error, or None where it was taken."""
        if error is None:
            quick = not _has_whole_float(body) and self._seems_valid(path, body)
            fault = None if quick else self.fault(path, body)
            if fault is not None:
                return f"{path} takes what the document refuses: {fault} in {str(body)[:500]}"
        elif (
            about_shape(error)
            and self._seems_valid(path, body)
            and self._validators[path].is_valid(body)
        ):
            return (
                f"{path} refuses what the document takes: {error['message']} in {str(body)[:500]}"
            )
        return None


class Notes:
    """What servers noted of their requests, in a folder (`tests.noting`); each is read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, int] = {}
        self._documents: dict[bytes, Document] = {}  # of many servers it is the same
        self._told: dict[Path, bytes] = {}

    def unread(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Give what was noted since this was last asked, each with the file that it stands in."""
        for notes in sorted(self.folder.glob("*.jsonl")):
            for line in self._new(notes):
                note = json.loads(line)
                if note is not None:
                    yield notes, note
                    continue
                # Its server has ended; after each test it is looked for those that go on.
                for path in (notes, notes.with_suffix(".document.json")):
                    path.unlink()
                del self._read[notes]
                self._told.pop(notes, None)

    def contradictions(self) -> list[str]:
        """Say where documents contradict what was answered since this was last asked."""
        found = (self._contradiction(notes, note) for notes, note in self.unread())
        return [said for said in found if said is not None]

    def _new(self, notes: Path) -> list[bytes]:
        read = self._read.get(notes, 0)
        if notes.stat().st_size == read:
            return []
        with notes.open("rb") as file:
            file.seek(read)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]  # the last may not be written yet
        self._read[notes] = read + len(whole)
        return whole.splitlines()

    def _contradiction(self, notes: Path, note: Mapping[str, Any]) -> str | None:
        if note["error"] is not None and not about_shape(note["error"]):
            return None  # Python may not even read such a body
        if notes not in self._told:
            told = notes.with_suffix(".document.json").read_bytes()
            self._told[notes] = digest = hashlib.sha256(told).digest()
            if digest not in self._documents:
                self._documents[digest] = Document(json.loads(told))
        document = self._documents[self._told[notes]]
        return document.contradiction(note["path"], json.loads(note["body"]), note["error"])
