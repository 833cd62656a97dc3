"""Where the answers of a bulk run go: JSON lines, one Parquet file, or a folder of them.

What is written is what is done: a run that goes on reads there which pictures have been answered.
Rows are first appended as JSON lines, since those survive any end but for a torn last line, which
is cut off; Parquet is made of them when a part is full, and put in place at once.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator, Mapping
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sightline.errors import SightlineError, UsageError
from sightline.jobs.bulk.job import Job
from sightline.jobs.bulk.sources import arrow

_ENDINGS = (".jsonl", ".ndjson", ".parquet")
_PART = 50_000  # rows of one file in a folder
_GROUP = 5_000  # rows that are in memory while Parquet is written
Row = Mapping[str, Any]


class Output:
    """The answers of one run. To be opened, written to, and closed; all functions block."""

    def __init__(self, path: Path, order: Job, resume: bool) -> None:
        """See that it can be written. Raises `UsageError` for what cannot, or is there already."""
        self.path, self._order = path, order
        self._folder = not path.suffix or path.is_dir()
        if not self._folder and path.suffix not in _ENDINGS:
            raise UsageError(
                f"{path} is no output.", hint="Name a file .jsonl or .parquet, or a folder."
            )
        self._parquet = self._folder or path.suffix == ".parquet"
        if self._parquet:
            arrow("parquet")  # its lack is to be told now
        self._noted = (
            path / "_run.json" if self._folder else path.with_name(f"{path.name}.run.json")
        )
        self._part = self._rows = 0
        self._file: FileIO | None = None
        try:
            self._begin(resume)
        except OSError as error:
            raise _failed(path, error) from None

    def _begin(self, resume: bool) -> None:
        if self._folder:
            self.path.mkdir(parents=True, exist_ok=True)
        begun = self._noted.exists()
        if (begun or self._any()) and not resume:
            raise UsageError(
                f"{self.path} is there already.", hint="Go on with --resume, or name another."
            )
        if begun:
            try:
                differs = self._order.differs(json.loads(self._noted.read_text("utf-8")))
            except ValueError:
                raise UsageError(f"{self._noted} is damaged.", hint="Name another --out.") from None
            if differs:
                raise UsageError(
                    f"{self.path} was begun with another question: {differs}.",
                    hint="Ask the same, or name another --out.",
                )
        elif self._any():
            raise UsageError(
                f"{self.path} was not made by this command.", hint="Name another --out."
            )
        else:
            noted = json.dumps(self._order.noted(), ensure_ascii=False, indent=2)
            self._noted.write_text(noted + "\n", "utf-8")
        self._mend()
        self._open()

    def _any(self) -> bool:
        if self._folder:
            return any(self.path.iterdir()) if self.path.is_dir() else False
        return self.path.exists()

    def keys(self) -> Iterator[str]:
        """Give the keys of all rows. Raises `UsageError` where a file is not ours."""
        if self._folder:
            for part in sorted(self.path.glob("part-*.parquet")):
                for row in _parquet_rows(part, ["key"]):
                    yield row["key"]
        if self._journal.exists():
            for row in _json_rows(self._journal):
                yield row["key"]

    def write(self, row: Row) -> None:
        """Append a row. Raises `SightlineError` where that cannot be, and it is not there then."""
        if self._file is None:
            raise ValueError("the output is closed")
        data = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        end = self._file.seek(0, os.SEEK_END)
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            self._file.truncate(end)
            raise _failed(self.path, error) from None
        self._rows += 1
        if self._folder and self._rows >= _PART:
            self._settle()
            self._open()

    def close(self, *, whole: bool) -> None:
        """End the run: where it is `whole`, what was to be Parquet becomes that."""
        if self._file is None:
            return
        if whole and self._parquet:
            self._settle()
        self._file.close()
        self._file = None
        if self._journal != self.path and not self._rows:
            self._journal.unlink(missing_ok=True)

    @property
    def _journal(self) -> Path:
        """The JSON lines that are appended to."""
        if not self._parquet:
            return self.path
        if self._folder:
            return self.path / f"_part-{self._part:05}.jsonl"
        return self.path.with_name(f"{self.path.name}.partial")

    @property
    def _made(self) -> Path:
        """The Parquet file that is made of them."""
        return self.path / f"part-{self._part:05}.parquet" if self._folder else self.path

    def _open(self) -> None:
        self._file = self._journal.open("ab", buffering=0)

    def _mend(self) -> None:
        """Take up what an earlier run left, whatever ended it."""
        if self._folder:
            while self._made.exists():
                self._journal.unlink(missing_ok=True)  # it ended right after this part was made
                self._part += 1
        elif self._parquet and self._made.exists() and not self._journal.exists():
            part = self._journal.with_suffix(".tmp")
            with part.open("wb") as file:
                for row in _parquet_rows(self._made):
                    file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            part.replace(self._journal)
        if self._journal.exists():
            with self._journal.open("r+b") as file:
                file.truncate(_last_line_end(file))
            self._rows = _lines(self._journal)  # whether they are rows, `keys` finds

    def _settle(self) -> None:
        """Make Parquet of the rows so far, in place at once. Raises `SightlineError`."""
        if not self._rows:
            return
        write_parquet(self._made, self._order, _json_rows(self._journal))
        if self._file is not None:
            self._file.close()
        self._journal.unlink()
        self._rows = 0
        self._part += 1


def write_parquet(path: Path, order: Job, rows: Iterator[Row]) -> None:
    """Write rows as one Parquet file, in place at once. Raises `SightlineError`."""
    part = path.with_name(f".{path.name}.tmp")
    table = arrow("lib").Table
    schema, fit = _schema(order)
    try:
        with arrow("parquet").ParquetWriter(part, schema) as writer:
            while some := list(islice(rows, _GROUP)):
                writer.write_table(table.from_pylist([fit(row) for row in some], schema))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _failed(path, error) from None


def _failed(path: Path, error: OSError) -> SightlineError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return SightlineError(
            f"There is no room left for {path}.",
            hint="What was answered is kept: make room and go on with --resume.",
        )
    return UsageError(f"{path} cannot be written.", hint="Check the folder and its permissions.")


def _last_line_end(file: BinaryIO) -> int:
    """Find where the last whole line ends."""
    end = file.seek(0, os.SEEK_END)
    while end:
        begin = max(0, end - (1 << 16))
        file.seek(begin)
        found = file.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _lines(path: Path) -> int:
    """Count lines."""
    with path.open("rb") as file:
        return sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b""))


def _json_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict) or not isinstance(row.get("key"), str):
                raise UsageError(
                    f"{path}, line {number} is no row of this command.", hint="Name another --out."
                )
            yield row


def _parquet_rows(path: Path, columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
    try:
        file = arrow("parquet").ParquetFile(path)
        for batch in file.iter_batches(batch_size=_GROUP, columns=columns):
            yield from batch.to_pylist()
    except (OSError, ValueError):
        raise UsageError(f"{path} is damaged.", hint="Name another --out.") from None


Fit = Callable[[Any], Any]


def _schema(order: Job) -> tuple[Any, Callable[[Row], Row]]:
    """Give the columns as Arrow has them, and what makes a row fit them."""
    lib = arrow("lib")
    count, text = lib.int64(), lib.string()
    counts = ("prompt_tokens", "image_tokens", "completion_tokens")
    columns = [("key", text), ("answer", text)]
    fit: Fit = _as_text
    if order.is_json:
        fields = order.schema or {"properties": {name: {} for name in order.attributes}}
        kind, fit = _kind({"type": "object", **fields})
        columns.append(("fields", kind))
    if order.evidence:
        columns.append(("evidence", text))  # as JSON: a table's own columns are the answer's
    columns += [
        ("usage", lib.struct([(name, count) for name in counts])),
        ("seconds", lib.float64()), ("at", text), ("error", text),
    ]  # fmt: skip

    def fitted(row: Row) -> Row:
        made = {**row, "fields": fit(row["fields"])} if order.is_json else row
        return {**made, "evidence": _as_text(row.get("evidence"))} if order.evidence else made

    return lib.schema(columns), fitted


def _kind(schema: Mapping[str, Any]) -> tuple[Any, Fit]:
    """Give the Arrow type of a JSON schema; what has none is kept as the text of its JSON."""
    lib = arrow("lib")
    kinds = schema.get("type")
    kind = kinds
    if isinstance(kinds, list):
        some = [each for each in kinds if each != "null"]
        kind = some[0] if len(some) == 1 else None
    if kind == "string":
        return lib.string(), _as_text
    if kind == "number":
        return lib.float64(), lambda value: None if value is None else float(value)
    if kind == "integer":
        return lib.int64(), _as_integer
    if kind == "boolean":
        return lib.bool_(), lambda value: value
    if kind == "array" and isinstance(schema.get("items"), dict):
        inner, fit = _kind(schema["items"])
        return lib.list_(inner), lambda v: None if v is None else [fit(each) for each in v]
    properties = schema.get("properties")
    if kind == "object" and isinstance(properties, dict) and properties:
        fits = {
            name: _kind(each if isinstance(each, dict) else {}) for name, each in properties.items()
        }

        def fitted(value: Any) -> Any:
            if value is None:
                return None
            return {name: fit(value.get(name)) for name, (_, fit) in fits.items()}

        return lib.struct([(name, inner) for name, (inner, _) in fits.items()]), fitted
    return lib.string(), _as_text


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _as_integer(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and abs(value) < 1 << 63 else None
