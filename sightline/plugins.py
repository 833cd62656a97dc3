"""What can be named in a setting: what comes with the package, and what others bring.

A `Registry` is the table of one kind of class. A name is that of a built-in one, of one that an
installed package brings (an entry point), or `package.module:Class`. All three are loaded and
checked alike, when they are asked for. Only settings name them: a name means that its code is run.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import logging
import os
import re
import sys
import traceback
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from sightline.errors import EngineError, SightlineError, UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

log = logging.getLogger("sightline.plugins")

T = TypeVar("T")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # it stands in replies and their headers
_PLACES = 6  # of a failure, at most


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installed package brings: the name to ask for it by, and the package's name."""

    name: str
    package: str


class Registry(Generic[T]):
    """The table of one kind of class.

    `what` is the kind in a sentence, `base` the class to derive from, `group` the group of entry
    points, `built_in` where each of the package's own is, as module:Class. `none` is the sentence
    for a name that nothing has.
    """

    def __init__(
        self, what: str, base: type[object], group: str, built_in: Mapping[str, str], none: str
    ) -> None:
        self.what, self.group = what, group
        self.built_in = tuple(built_in)
        self._base, self._places, self._none = base, dict(built_in), none

    def find(self, name: str) -> type[T]:
        """Load the class of a name. Raises `UsageError` for one that cannot be used, saying why."""
        told = f"The {self.what} {name!r}"
        found = _loaded(told, self._places.get(name) or self._named(name))
        self._check(told, found)
        return cast(type[T], found)

    def installed(self) -> list[Installed]:
        """List what installed packages bring, without loading it."""
        return [Installed(each.name, _package(each)) for each in self._entries()]

    def hidden(self) -> list[Installed]:
        """List what installed packages bring under the name of a built-in one, which keeps it."""
        from importlib.metadata import entry_points  # built-in ones are found without

        taken = entry_points(group=self.group)
        return [Installed(e.name, _package(e)) for e in taken if e.name in self._places]

    def _entries(self) -> list[EntryPoint]:
        from importlib.metadata import entry_points

        found = entry_points(group=self.group)
        return sorted((e for e in found if e.name not in self._places), key=lambda e: e.name)

    def _named(self, name: str) -> str:
        """Say where the class of a name is that no built-in has."""
        if ":" in name:
            return name
        found = [each for each in self._entries() if each.name == name]
        if not found:
            known = dict.fromkeys((*self.built_in, *(each.name for each in self._entries())))
            raise UsageError(
                self._none.format(name=repr(name)),
                hint=f"There are {', '.join(known)}; another is named as package.module:Class.",
            )
        places = dict.fromkeys(f"{each.module}:{each.attr}" for each in found)
        if len(places) > 1:
            raise UsageError(
                f"Several packages bring the {self.what} {name!r}: "
                f"{', '.join(sorted(map(_package, found)))}.",
                hint=f"Name its class: {' or '.join(places)}.",
            )
        return next(iter(places))

    def _check(self, told: str, found: object) -> None:
        """See that a class keeps to the seam."""
        base = f"{self._base.__module__}.{self._base.__qualname__}"
        if not isinstance(found, type):
            raise UsageError(f"{told} is not a class.", hint=f"Name a class derived from {base}.")
        needed = sorted(getattr(self._base, "__abstractmethods__", ()))
        if not issubclass(found, self._base):
            lacks = [each for each in needed if not callable(getattr(found, each, None))]
            missing = f": it lacks {_and(lacks)}" if lacks else ""
            raise UsageError(
                f"{told} does not derive from {self._base.__name__}{missing}.",
                hint=f"Derive the class from {base}, which says what each method does.",
            )
        lacks = sorted(getattr(found, "__abstractmethods__", ()))
        if lacks:
            raise UsageError(f"{told} lacks {_and(lacks)}.", hint=f"{base} says what each does.")
        for each in needed:
            is_awaited = inspect.iscoroutinefunction(getattr(self._base, each))
            if inspect.iscoroutinefunction(getattr(found, each)) != is_awaited:
                raise UsageError(
                    f"{told}: its {each} has to be {'a' if is_awaited else 'no'} coroutine.",
                    hint=f"{base} says what each method gives; pieces are yielded.",
                )
        own = getattr(found, "name", None)
        if not isinstance(own, str) or not _NAME.fullmatch(own):
            raise UsageError(
                f"{told} has no name of its own.",
                hint='Write name = "…" in the class, in letters, digits, dots and dashes.',
            )
        if self._places.get(own, _place(found)) != _place(found):
            raise UsageError(
                f"{told} calls itself {own!r}, which is a built-in one's name.",
                hint="Give the class another `name`.",
            )


def made(told: str, make: Callable[[], T], done: str = "made") -> T:
    """Have something done by a class that others may have written. Raises `UsageError`."""

    def fail(what: str) -> UsageError:
        return UsageError(
            f"{told} cannot be {done}: {what}.",
            hint="What it raises of sightline.errors is told in its own words.",
        )

    with guarding(fail):
        return make()


def options(told: str, kind: type[T], settings: object, allowed: frozenset[str]) -> T:
    """Fill a dataclass whose fields are settings, by their names; only those `allowed` are told.

    Raises `UsageError` for a field that is none of them.
    """
    if not is_dataclass(kind):
        raise UsageError(
            f"{told} asks for its options by what is no dataclass.",
            hint="Derive the class of its options from Options, as a dataclass.",
        )
    wanted = [each.name for each in fields(kind)]
    unknown = [name for name in wanted if name not in allowed]
    if unknown:
        raise UsageError(
            f"{told} asks for the setting {unknown[0]!r}, which it is not told.",
            hint=f"There are {', '.join(sorted(allowed))}.",
        )
    return made(told, partial(kind, **{name: getattr(settings, name) for name in wanted}))


class Checked(Protocol):
    """What can say what is wrong with its settings, and be closed."""

    def check(self) -> None:
        """Find that out. Raises `UsageError`."""

    async def close(self) -> None:
        """Free what it took."""


class Wrapper:
    """What others may have written, held to its seam; its attributes are its own.

    `what` it is in a log, with its name, and `who` for clients: what is not of our tree nor
    `passing` is logged, and told as an error of whom.
    """

    name: str

    def __init__(
        self,
        guarded: Checked,
        what: str,
        who: str,
        *passing: type[Exception],
    ) -> None:
        self._guarded, self._what, self._who, self._passing = guarded, what, who, passing

    def __getattr__(self, name: str) -> object:
        return getattr(self._guarded, name)

    def check(self) -> None:
        """Find out what is wrong with its settings. Raises `UsageError`, and what it raises."""
        made(f"The {self._what}", self._guarded.check, "used")

    def guarding(self, did: str) -> contextlib.AbstractContextManager[None]:
        """Log what fails meanwhile, and raise an error of ours for it."""

        def fail(what: str) -> SightlineError:
            log.error("the %s %s: %s", self._what, did, what)
            return self.failed()

        return guarding(fail, *self._passing)

    def failed(self) -> EngineError:
        """Make the error that clients are told of."""
        return EngineError(
            f"{self._who} had an error while processing your request.",
            hint="The server's log says where.",
        )

    async def each(self, did: str, pieces: Callable[[], AsyncGenerator[T]]) -> AsyncGenerator[T]:
        """Give what it gives, piece by piece. Closing the generator ends its work."""
        with self.guarding(did):
            async with contextlib.aclosing(pieces()) as given:
                async for piece in given:
                    yield piece

    async def close(self) -> None:
        """Free what it took. Raises `SightlineError`."""
        with self.guarding("cannot be closed"):
            await self._guarded.close()


@contextlib.contextmanager
def guarding(fail: Callable[[str], SightlineError], *passing: type[Exception]) -> Iterator[None]:
    """Let errors of the tree pass, and those of `passing`; for any other raise what `fail` makes.

    `fail` is given what was raised and where, as `raised` says it.
    """
    try:
        yield
    except (Exception, SystemExit) as error:
        if isinstance(error, (SightlineError, *passing)):
            raise
        raise fail(raised(error)) from None


def raised(error: BaseException) -> str:
    """Say what was raised and where, and nothing of what it says, which may be of a request."""
    places = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if not _is_ours(frame.filename)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        places = [f"{Path(error.filename).name}:{error.lineno}"]
    where = f" at {' > '.join(places[-_PLACES:])}" if places else ""
    return f"it raised {type(error).__name__}{where}"


def _is_ours(file: str) -> bool:
    """Say whether a frame only leads to what others wrote."""
    return file.startswith("<frozen ") or file in _LEADING


_LEADING = {__file__, importlib.__file__, contextlib.__file__}


def leads(file: str) -> None:
    """Leave the frames of a file out where it is said what was raised."""
    _LEADING.add(file)


def _loaded(told: str, place: str) -> object:
    """Import a module and give what it holds under a name. Raises `UsageError`."""
    module, _, attribute = place.partition(":")
    if not all(part.isidentifier() for part in f"{module}.{attribute}".split(".")):
        raise UsageError(f"{told} names no class.", hint="Write it as package.module:Class.")
    within = _imported(told, module)
    try:
        with _importing(told, module, AttributeError):
            return attrgetter(attribute)(within)  # a module may run code here too
    except AttributeError:
        file = getattr(within, "__file__", None)
        raise UsageError(
            f"{told} is not there: {module} has no {attribute!r}.",
            hint=f"{module} was read from {file}." if file else "Check its name.",
        ) from None


def _importing(
    told: str, module: str, passing: type[Exception]
) -> contextlib.AbstractContextManager[None]:
    def fail(what: str) -> UsageError:
        return UsageError(
            f"{told} cannot be imported: {what}.",
            hint=f"{Path(sys.executable).name} -c 'import {module}' shows all of it.",
        )

    return guarding(fail, passing)


def _imported(told: str, module: str) -> ModuleType:
    try:
        with _importing(told, module, ModuleNotFoundError):
            return _found(module)
    except ModuleNotFoundError as error:
        if _is_within(error.name, module):
            here = "" if sys.flags.safe_path else f", then in {Path.cwd()}"
            raise UsageError(
                f"{told} is not there: there is no module {error.name!r}.",
                hint=f"It is looked for among what is installed{here}.",
            ) from None
        raise UsageError(
            f"{told} needs the module {error.name!r}, which is not installed.",
            hint="Install what its package needs.",
        ) from None


def _found(module: str) -> ModuleType:
    """Import a module: from what is installed, else from the current folder.

    In this order nothing in the folder takes the place of what is installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        folder = os.getcwd()
        if not _is_within(error.name, module) or sys.flags.safe_path or folder in sys.path:
            raise
    sys.path.append(folder)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if _is_within(error.name, module):
            sys.path.remove(folder)
        raise


def _is_within(missing: str | None, module: str) -> bool:
    """Say whether it is the module itself that is missing, or one that it lies in."""
    return missing is not None and f"{module}.".startswith(f"{missing}.")


def _place(found: type[object]) -> str:
    return f"{found.__module__}:{found.__qualname__}"


def _package(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else entry.module


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
