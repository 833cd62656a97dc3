"""Where the pictures of a bulk run are: folders, patterns, tables, tar shards, object stores.

A source is listed without opening a picture; each item says where one is to be read, so that what
is left can be read in any order and by any machine. fsspec opens whatever is not a web address.
"""

from __future__ import annotations

import csv
import io
import json
import os
import posixpath
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from sightline import extras
from sightline.api.uploads import is_web
from sightline.errors import ImageError, UsageError

_PICTURES = (
    "png", "jpg", "jpeg", "jpe", "webp", "gif", "tif", "tiff", "bmp", "avif", "heic", "heif", "pdf",
)  # fmt: skip
_FILMS = ("mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "flv", "ogv", "wmv")
_SEEN = frozenset(_PICTURES + _FILMS)
_TABLES = ("csv", "tsv", "jsonl", "ndjson", "parquet")
LISTINGS = ("tar", *_TABLES)  # endings of files that hold, or name, several
# What tables of pictures call the column, the likeliest first.
_COLUMNS = (
    "path", "file", "image", "url", "image_url", "image_path", "file_path", "filepath",
    "file_name", "filename", "uri", "picture", "video",
)  # fmt: skip
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_BRACES = re.compile(r"\{(\d+)\.\.(\d+)\}")
_MOST_SHARDS = 10_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """One picture, film or document: its key, which is Unicode, and where it is.

    `where` is a URL, or a path as fsspec takes it; with `length` it is a stretch of that file, from
    its byte `start`.
    """

    key: str
    where: str
    start: int = 0
    length: int = -1

    def packed(self) -> tuple[str, bytes, int, int]:
        """Give it as databases and tables take it: a path need not be Unicode."""
        return self.key, self.where.encode("utf-8", "surrogatepass"), self.start, self.length

    @classmethod
    def unpacked(cls, key: str, where: bytes, start: int, length: int) -> Item:
        """Take it from what `packed` gave."""
        return cls(key, where.decode("utf-8", "surrogatepass"), start, length)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a table are meant; None to find out, and for the place as the key."""

    place: str | None = None
    key: str | None = None


def items(source: str, columns: Columns | None = None) -> Iterator[Item]:
    """List a source, in an order that is the same each time.

    Raises `UsageError` for one that cannot be read, has no such column, or holds no picture.
    """
    try:
        for item in _listed(source, columns or Columns()):
            key = _written(item.key)
            yield item if key == item.key else replace(item, key=key)
    except (OSError, UnicodeDecodeError, tarfile.TarError):
        raise UsageError(
            f"{_shown(source)} cannot be read.",
            hint="Check its name, and that it is a folder, a pattern, a table (.csv, .jsonl, "
            ".parquet), tar shards, or an object store's URL.",
        ) from None


def _listed(source: str, columns: Columns) -> Iterator[Item]:
    if is_web(source):
        raise UsageError(
            "A web address is no source.", hint="Write addresses into a table, one in a row."
        )
    shards = _braced(source)
    ending = _ending(shards[0])
    if columns != Columns() and ending not in _TABLES:
        raise UsageError(
            "--column and --key are for tables.",
            hint="Those end in .csv, .tsv, .jsonl or .parquet.",
        )
    if len(shards) > 1 or ending in LISTINGS or "*" in source or "?" in source:
        for file in _files(shards):
            yield from _within(file, columns, alone=len(shards) == 1 and file == source)
        return
    yield from _folder(source)


def _files(shards: list[str]) -> Iterator[str]:
    """Give the files that names and patterns stand for."""
    for shard in shards:
        if not any(sign in shard for sign in "*?["):
            yield shard
            continue
        system, path = _system(shard)
        found = sorted(name for name in system.glob(path) if "/." not in name)
        if not found:
            raise UsageError(f"{_shown(shard)} matches nothing.", hint="Quote it for the shell.")
        for name in found:
            yield _full(system, shard, name)


def _within(file: str, columns: Columns, *, alone: bool) -> Iterator[Item]:
    ending = _ending(file)
    if ending == "tar":
        yield from _shard(file)
    elif ending in _TABLES:
        yield from _table(file, ending, columns)
    elif ending in _SEEN or alone:
        yield Item(file, _everywhere(file))


def _folder(source: str) -> Iterator[Item]:
    system, path = _system(source)
    if system.isfile(path):
        yield Item(source, _everywhere(source))
        return
    if not system.isdir(path):
        raise UsageError(f"There is no {_shown(source)}.", hint="Check its name.")
    found = False
    # The file system's own walk holds names alone, fsspec's all that is known of each.
    for folder, inner, names in (system if _SCHEME.match(source) else os).walk(path):
        inner.sort()  # the walk goes on in this order
        for name in sorted(names):
            full = posixpath.join(folder, name)
            within = posixpath.relpath(full, path)
            if _ending(name) in _SEEN and not any(p.startswith(".") for p in within.split("/")):
                found = True
                yield Item(within, _full(system, source, full))
    if not found:
        raise UsageError(
            f"{_shown(source)} holds no pictures.",
            hint="Those are known by their endings, such as .png, .jpg, .pdf or .mp4.",
        )


def _shard(file: str) -> Iterator[Item]:
    """List a tar file's pictures: each is a stretch of it, found without unpacking."""
    name, place = PurePosixPath(file).name, _everywhere(file)
    with _open(file) as stored:
        try:
            with tarfile.open(fileobj=stored, mode="r:") as shard:
                for member in shard:
                    if member.isfile() and _ending(member.name) in _SEEN and not member.sparse:
                        yield Item(f"{name}/{member.name}", place, member.offset_data, member.size)
        except tarfile.TarError:
            raise UsageError(
                f"{_shown(file)} is no tar file that can be read.",
                hint="It must not be compressed: its pictures are.",
            ) from None


def _table(file: str, ending: str, columns: Columns) -> Iterator[Item]:
    rows = {"parquet": _parquet, "jsonl": _json_lines, "ndjson": _json_lines}.get(ending, _csv)
    place = columns.place
    base = posixpath.dirname(_everywhere(file))
    for number, row in enumerate(rows(file, columns), 1):
        if place is None:
            place = next((name for name in _COLUMNS if name in row), None)
        for name in (place, columns.key):
            if (name is None and place is None) or (name is not None and name not in row):
                raise UsageError(
                    f"{_shown(file)} has no column {name!r}."
                    if name
                    else f"Which column of {_shown(file)} names the pictures?",
                    hint=f"Name it with --column or --key: it has {', '.join(map(str, row))}.",
                )
        value = row[cast(str, place)]
        if not isinstance(value, str) or not value.strip():
            raise UsageError(
                f"{_shown(file)}, row {number}: {place} is empty, or no text.",
                hint="Each row names one picture, by path or URL.",
            )
        value = value.strip()
        key = value if columns.key is None else row[columns.key]
        there = (
            value if _SCHEME.match(value) or value.startswith("/") else posixpath.join(base, value)
        )
        yield Item(str(key), there)


def _csv(file: str, columns: Columns) -> Iterator[Mapping[str, Any]]:
    with _open(file) as stored, io.TextIOWrapper(stored, "utf-8-sig", newline="") as text:
        yield from csv.DictReader(text, delimiter="\t" if _ending(file) == "tsv" else ",")


def _json_lines(file: str, columns: Columns) -> Iterator[Mapping[str, Any]]:
    with _open(file) as stored, io.TextIOWrapper(stored, "utf-8") as text:
        for number, line in enumerate(text, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                raise UsageError(
                    f"{_shown(file)}, line {number} is no JSON object.", hint="One on each line."
                )
            yield row


def _parquet(file: str, columns: Columns) -> Iterator[Mapping[str, Any]]:
    parquet = arrow("parquet")
    with _open(file) as stored:
        try:
            table = parquet.ParquetFile(stored)
        except (ValueError, OSError):  # pyarrow's own errors are ValueErrors
            raise UsageError(f"{_shown(file)} is no Parquet file.", hint="Check it.") from None
        names = list(table.schema_arrow.names)
        wanted = {columns.place or next((c for c in _COLUMNS if c in names), None), columns.key}
        read = [name for name in names if name in wanted]
        if len(read) < len(wanted - {None}) or not read:
            yield dict.fromkeys(names)  # which are told of in the complaint
            return
        for batch in table.iter_batches(batch_size=4096, columns=read):
            yield from batch.to_pylist()


def arrow(module: str) -> Any:
    """Import a module of pyarrow. Raises `UsageError` where it is not installed."""
    try:
        return import_module(f"pyarrow.{module}")
    except ImportError:
        raise UsageError("Parquet needs pyarrow.", hint=extras.hint("bulk")) from None


def read(item: Item, most: int) -> bytes:
    """Read an item's bytes, which are no web address. Raises `ImageError`."""
    try:
        with _open(item.where) as stored:
            if item.length >= 0:
                stored.seek(item.start)
            data = stored.read(most + 1 if item.length < 0 else min(item.length, most + 1))
    except (OSError, UsageError, ValueError):
        raise ImageError("It cannot be read.", hint="Is it there?") from None
    if len(data) > most:
        raise ImageError(f"It has more than {most / 1e6:.0f} MB.")
    if not data:
        raise ImageError("It is empty.")
    return data


def _open(file: str) -> BinaryIO:
    system, path = _system(file)
    return cast(BinaryIO, system.open(path, "rb"))


def _system(url: str) -> tuple[Any, str]:
    """Give the file system of a path or URL, and the path there. Raises `UsageError`."""
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError:
        scheme = url.partition("://")[0]
        driver = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
        raise UsageError(
            f"{scheme}:// needs a driver for fsspec.",
            hint=f"Type: {extras.install(driver[scheme])}"
            if scheme in driver
            else "Install the one that fsspec's documentation names.",
        ) from None
    except ValueError:
        raise UsageError(f"{_shown(url)} is no place that is known.", hint="Check it.") from None
    return system, str(path)


def _full(system: Any, source: str, path: str) -> str:
    """Write a path of a file system so that it is found again from elsewhere."""
    return str(system.unstrip_protocol(path)) if _SCHEME.match(source) else path


def _everywhere(file: str) -> str:
    """Write a path so that it does not depend on where it is read."""
    return file if _SCHEME.match(file) else str(Path(file).absolute())


def _braced(source: str) -> list[str]:
    """Write out shards given as name-{0000..0041}.tar."""
    found = _BRACES.search(source)
    if found is None:
        return [source]
    first, last, width = int(found[1]), int(found[2]), len(found[1])
    if not first <= last < first + _MOST_SHARDS:
        raise UsageError(f"{found[0]} is no range of shards.", hint="Write it as {0000..0041}.")
    head, tail = source[: found.start()], source[found.end() :]
    return [f"{head}{number:0{width}}{tail}" for number in range(first, last + 1)]


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def _written(name: str) -> str:
    """Write a name so that it is Unicode: of a byte that is no UTF-8 its number stands there."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half of a pair, which a table may hold
        return name.encode("utf-8", "backslashreplace").decode()


def _shown(source: str) -> str:
    """Write a source without what may be secret in its URL."""
    return re.sub(r"//[^/@]*@", "//", source.partition("?")[0])[:200]
