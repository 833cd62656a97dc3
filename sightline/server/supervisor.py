"""Several server processes on the same sockets: one that ends is replaced, and all end together.

Each is started anew, not forked, and says through a pipe that it listens. They end with this
process whatever ends it, and their own children with them.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from sightline.errors import SightlineError
from sightline.media.confined import end_with_parent

log = logging.getLogger("sightline.server")

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 30.0
_STABLE_S = 10.0  # one that listened for so long did not end because of how it was started
_MOST_STARTS = 5  # in a row, none of which came to listen
Work = Callable[[Callable[[], None]], None]


@dataclass(slots=True)
class _Place:
    """One of the processes, over all that took its place."""

    number: int
    process: BaseProcess | None = None
    told: Connection | None = None  # None once it has said that it listens
    listened: float = 0.0
    failed: int = 0  # ends in a row, soon after the start
    unheard: int = 0  # starts in a row that never came to listen
    due: float = 0.0
    why: dict[str, str] = field(default_factory=dict)


class Processes:
    """`count` processes that each do `work`, a function that can be pickled.

    It is given what to call once it listens. `ended` is called with the number of each that ends.
    """

    def __init__(self, work: Work, count: int, ended: Callable[[int], None]) -> None:
        self._work, self._ended = work, ended
        self._context = get_context("spawn")
        self._places = [_Place(number) for number in range(count)]
        self._asked_to_end = 0
        self._heard_signal, self._signal = self._context.Pipe(duplex=False)

    def run(self, on_ready: Callable[[], None], signals: tuple[signal.Signals, ...]) -> None:
        """Run them until one of the signals comes; `on_ready` is called once all listen.

        Raises `SightlineError` where none comes to listen, however often it is started.
        """
        for each in signals:
            signal.signal(each, self._end)
        announced = False
        try:
            while not self._asked_to_end:
                self._start_due()
                self._look(self._until_due())
                if not announced and all(p.listened and p.process for p in self._places):
                    announced = True
                    on_ready()
                self._check(announced)
        finally:
            self._stop()

    def _end(self, *_: object) -> None:
        self._asked_to_end += 1
        self._signal.send_bytes(b"!")  # whoever waits looks again

    def _start_due(self) -> None:
        for place in self._places:
            if place.process is None and place.due <= time.monotonic():
                place.told, telling = self._context.Pipe(duplex=False)
                place.listened, place.why = 0.0, {}
                process = self._context.Process(target=_work, args=(self._work, telling))
                process.start()
                place.process = process
                telling.close()  # so that its end is this pipe's

    def _until_due(self) -> float | None:
        waits = [place.due - time.monotonic() for place in self._places if place.process is None]
        return max(0.0, min(waits)) if waits else None

    def _look(self, seconds: float | None) -> None:
        """Wait for something to happen to any, and take note."""
        watched: list[Any] = [self._heard_signal]
        for place in self._places:
            if place.process is not None:
                watched.append(place.process.sentinel)
            if place.told is not None:
                watched.append(place.told)
        happened = wait(watched, seconds)
        if self._heard_signal in happened:
            self._heard_signal.recv_bytes()
        for place in self._places:
            if place.told is not None and place.told in happened:
                self._hear(place)
            if place.process is not None and place.process.sentinel in happened:
                self._bury(place)

    def _hear(self, place: _Place) -> None:
        assert place.told is not None  # noqa: S101 - it was waited for
        try:
            said = json.loads(place.told.recv_bytes())
        except (EOFError, OSError):
            said = {}
        place.told.close()
        place.told = None
        if said.get("listens"):
            place.listened, place.unheard = time.monotonic(), 0
        else:
            place.why = said

    def _bury(self, place: _Place) -> None:
        """Take note that one has ended, and say when the next is due."""
        process, now = place.process, time.monotonic()
        assert process is not None  # noqa: S101 - it was waited for
        if place.told is not None:  # its last words
            self._hear(place)
        process.join()
        place.process = None
        if process.pid is not None:
            self._ended(process.pid)
        if self._asked_to_end:
            return
        stable = place.listened and now - place.listened >= _STABLE_S
        place.failed = 0 if stable else place.failed + 1
        place.unheard = 0 if place.listened else place.unheard + 1
        if not place.listened and process.exitcode is not None and process.exitcode >= 0:
            place.unheard = max(place.unheard, _MOST_STARTS if place.why else 1)
        pause = 0.0
        if place.failed > 1:
            pause = min(_FIRST_PAUSE_S * 2 ** (place.failed - 2), _LONGEST_PAUSE_S)
        place.due = now + pause
        log.error(
            "server process %d ended (%s); another is started %s",
            place.number + 1, _how(process.exitcode), f"in {pause:.2g} s" if pause else "now",
        )  # fmt: skip

    def _check(self, announced: bool) -> None:
        """See that it can go on. Raises `SightlineError` where no process comes to listen."""
        stuck = [place for place in self._places if place.unheard >= _MOST_STARTS]
        # One that cannot be replaced is tried on for as long as others answer.
        if not stuck or (announced and len(stuck) < len(self._places)):
            return
        why = stuck[0].why
        raise SightlineError(
            why.get("failed") or "The server's processes end before they listen.",
            hint=why.get("hint") or "--workers 1 shows what one of them says.",
        )

    def _stop(self) -> None:
        """End all: by a signal, by another for each that comes again, and wait for them."""
        sent = 0
        while running := [place for place in self._places if place.process is not None]:
            if sent < max(1, self._asked_to_end):
                sent += 1
                for place in running:
                    _terminate(place.process)
            self._look(None)


def _terminate(process: BaseProcess | None) -> None:
    if process is not None and process.pid is not None and process.is_alive():
        try:
            os.kill(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            return


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _work(work: Work, telling: Connection) -> None:
    """Be one of the processes."""
    parent = parent_process()
    end_with_parent(os.getppid() if parent is None or parent.pid is None else parent.pid)

    def listens() -> None:
        telling.send_bytes(b'{"listens": true}')
        telling.close()

    try:
        work(listens)
    except SightlineError as error:
        if not telling.closed:
            told = {"failed": error.message, "hint": error.hint or ""}
            telling.send_bytes(json.dumps(told).encode())
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
