"""One folder for all that a process keeps for a time, and the end of what killed ones have left.

The folder is `sightline-XXXXXXXX` where the system has temporary files, for this user alone, and a
lock in it is held for as long as the process lives, which the system lets go however it ends. The
next process that needs such a folder deletes those whose lock is free.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sightline.errors import SightlineError

if sys.platform != "win32":  # where folders are deleted at an orderly end, and none is swept
    import fcntl

_PREFIX, _LOCK = "sightline-", ".sightline.lock"
_RANDOM = "[a-z0-9_]{8}"  # what `tempfile.mkdtemp` puts into a name
_UNFINISHED_S = 3600.0  # so old is one that was killed before it had locked it
_TRIES = 20
_own: dict[int, tuple[Path, int]] = {}  # by process, since a fork has to make its own
_making = threading.Lock()


def folder() -> Path:
    """Give this process's folder, which is made, and others swept, when it is first asked for.

    It is made anew, in its place, where somebody has cleaned it away, as systems do with what is
    old. It goes at the process's end. Raises `SightlineError` where none can be made.
    """
    with _making:
        held = _own.get(os.getpid())
        try:
            if held is None:
                _own[os.getpid()] = _made(tempfile.gettempdir(), _PREFIX, "")
                atexit.register(_drop, os.getpid())
            elif not _is_ours(held[0]):
                _own[os.getpid()] = held[0], _made_again(*held)
        except OSError:
            raise SightlineError(
                "There is no room for temporary files.",
                hint="Make some, or name another folder with TMPDIR.",
            ) from None
        return _own[os.getpid()][0]


@contextmanager
def all_in_folder() -> Iterator[Path]:
    """Have everything temporary lie in this process's folder, its libraries' and children's too.

    For a process that is ours alone: it changes where `tempfile` makes files. A folder that was
    there before stays: what goes on in the process may need it.
    """
    was_there = os.getpid() in _own
    made = folder()
    before, named = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = str(made)
    try:
        yield made
    finally:
        tempfile.tempdir = before
        if named is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = named
        if not was_there:
            _drop(os.getpid())


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Make a folder to work in beside a file that is to be, from where it can be moved.

    It goes at the end, and with the next for the same file where that is kept from it. Raises
    `OSError` where none can be made.
    """
    made, lock = _made(str(path.parent), f".{path.stem}.", ".part")
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(lock)


def _made(root: str, prefix: str, suffix: str) -> tuple[Path, int]:
    """Sweep folders of such a name, then make one and hold its lock. Raises `OSError`."""
    _sweep_all(root, re.compile(re.escape(prefix) + _RANDOM + re.escape(suffix)))
    for _ in range(_TRIES):
        made = Path(tempfile.mkdtemp(suffix, prefix, root))
        try:
            lock = os.open(made / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            made.rmdir()
            raise
        if _held(made / _LOCK, lock):
            return made, lock
        os.close(lock)
    raise OSError("no folder stays")


def _made_again(made: Path, lock: int) -> int:
    """Make a folder anew where `tempfile` and children have it; give its lock. Raises `OSError`."""
    made.parent.mkdir(mode=0o700, exist_ok=True)  # the server's, around one of its processes'
    if sys.platform != "win32" and made.parent.stat().st_uid not in (0, os.geteuid()):
        raise PermissionError("somebody else's folder is in its place")
    made.mkdir(mode=0o700)
    os.close(lock)
    lock = os.open(made / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    if not _held(made / _LOCK, lock):
        raise FileNotFoundError("it was cleaned away again")
    return lock


def _is_ours(path: Path) -> bool:
    """Say whether a folder is there, and this user's: its name may be taken once it is gone."""
    try:
        found = path.lstat()
    except OSError:
        return False
    mine = sys.platform == "win32" or found.st_uid == os.geteuid()
    return stat.S_ISDIR(found.st_mode) and mine


def _held(path: Path, lock: int) -> bool:
    """Lock a file; say whether it is still there, for one that sweeps may have been quicker."""
    try:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # it knows no locks here, so that nobody sweeps either
        return True
    try:
        return os.path.samestat(path.stat(), os.fstat(lock))
    except FileNotFoundError:
        return False


def _sweep_all(root: str, named: re.Pattern[str]) -> None:
    """Delete the folders that processes of this user have left when they were killed."""
    if sys.platform == "win32":
        return
    try:
        above = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        with os.scandir(above) as entries:
            names = [entry.name for entry in entries if named.fullmatch(entry.name)]
        for name in names:
            with suppress(OSError):
                _sweep(above, name)
    finally:
        os.close(above)


def _sweep(above: int, name: str) -> None:
    """Delete one folder if it is ours and nobody's: names in a shared folder are anybody's."""
    within = os.open(name, _FOLDER, dir_fd=above)
    try:
        found = os.fstat(within)
        if found.st_uid != os.geteuid() or found.st_mode & 0o077:
            return
        try:
            lock = os.open(_LOCK, _FILE, dir_fd=within)
        except FileNotFoundError:
            if time.time() - found.st_mtime > _UNFINISHED_S:
                os.rmdir(name, dir_fd=above)  # if it is empty
            return
        try:
            of_lock = os.fstat(lock)
            if not stat.S_ISREG(of_lock.st_mode) or of_lock.st_uid != os.geteuid():
                return
            if sys.platform != "win32":
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError: it lives
            shutil.rmtree(name, ignore_errors=True, dir_fd=above)
        finally:
            os.close(lock)
    finally:
        os.close(within)


# Neither a link nor what hangs when it is opened is followed.
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def _drop(process: int) -> None:
    """Delete this process's folder; another's, from before a fork, is not touched."""
    if process != os.getpid():
        return
    made, lock = _own.pop(process, (None, -1))
    if made is not None:
        shutil.rmtree(made, ignore_errors=True)
        os.close(lock)
