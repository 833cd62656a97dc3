"""The networks that read print, loaded on a thread while what will use them is still imported.

Every picture needs them, and half of the time to a first answer is imports, beside which a second
core has nothing to do.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sightline.perception.ocr import Ocr

_lock = threading.Lock()
_begun: dict[int, Future[Ocr]] = {}


def begin(threads: int, *, once: bool = False, lines_first: bool = False) -> None:
    """Begin to load them, to be run by so many threads, for the next who calls `ocr`.

    `once` says that this process ends with its answer: networks are then made ready in half the
    time and memory, and take longer for each picture. `lines_first` is the `Ocr`'s.
    """
    with _lock:
        if threads not in _begun:
            pool = ThreadPoolExecutor(2, "sightline-ahead")
            _begun[threads] = pool.submit(_load, threads, once, lines_first)
            if once:
                pool.submit(_colours)
            pool.shutdown(wait=False)


def ocr(threads: int) -> Ocr:
    """Give the networks, those that have been begun or others. Raises what loading them raises."""
    with _lock:
        begun = _begun.pop(threads, None)
    return _loaded(threads) if begun is None else begun.result()


def _load(threads: int, once: bool, lines_first: bool) -> Ocr:
    if once:
        from sightline.perception import neural_networks

        neural_networks.hurry()
    return _loaded(threads, lines_first=lines_first)


def _colours() -> None:
    """Have OpenCV make its tables of colours, 70 ms of its first conversion, beside the rest."""
    from sightline.perception.colours import name_of

    name_of((0, 0, 0))


def _loaded(threads: int, *, lines_first: bool = False) -> Ocr:
    from sightline_weights import FOLDER

    from sightline.perception.ocr import Ocr

    return Ocr(FOLDER, threads, lines_first=lines_first)
