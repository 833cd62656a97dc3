"""The child process that holds a model: `python -m sightline.engines.llamacpp.child`.

llama.cpp ends its process on a failed assertion and holds the interpreter's lock while it loads,
so it lives here and not in the server. A line of JSON on stdin is the order, and a line on stdout
says `ready` or `failed`. Chat goes over llama.cpp's own HTTP listener, at the address and with the
key that the order names. When stdin ends the parent is gone, and so is this process.

It is the only module that touches `xllamacpp`, whose options are renamed now and then: an option
that is missing is an error, never left out in silence.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import IO, Any

from sightline.media.confined import end_with_parent, keep_no_core, say

_LOG_PAUSE_S = 0.2
_KEPT_LOG = 4000  # bytes of the engine's own words that are looked at when it cannot load


def main() -> None:
    """Load the model, then serve until stdin ends."""
    end_with_parent()
    keep_no_core()
    order = json.loads(sys.stdin.buffer.readline())
    os.environ.update(order["environment"])  # read by OpenMP when the library is loaded
    log = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the process lives
    own_errors = os.dup(2)
    os.dup2(log.fileno(), 2)  # why it cannot load stands only in its log
    try:
        server = _load(order)
    except Exception:  # noqa: BLE001 - whatever the library raises is told by its log
        say({"failed": _last_words(log)})
        return
    # From here on the log could hold content: a failed assertion is all that is let through.
    os.dup2(own_errors, 2)
    log.close()
    say({"ready": server.listening_address})
    sys.stdin.buffer.read()
    os._exit(0)  # the library's own farewell may hang


def _last_words(log: IO[bytes]) -> str:
    """Read the end of the log, once the thread that the library writes it with has done so."""
    size = -1
    while (now := log.seek(0, os.SEEK_END)) > size:
        size = now
        time.sleep(_LOG_PAUSE_S)
    log.seek(max(0, size - _KEPT_LOG))
    return log.read().decode("utf-8", "replace")


def _load(order: Mapping[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    for name, value in order["options"].items():
        holder, _, last = name.rpartition(".")
        target = params
        for step in holder.split(".") if holder else ():
            target = getattr(target, step)
        if not hasattr(target, last):
            raise AttributeError(name)
        setattr(target, last, value)
    server = xllamacpp.Server(params)
    where = str(order["options"].get("hostnames", [""])[0])
    if where.startswith("/") and not os.path.exists(where):  # it says nothing where it cannot
        raise RuntimeError("it does not listen")
    # A first chat with a picture: the weights are in memory when readiness is told, and a server
    # that is closed before its loop runs would hang.
    for body in order["warm_up"]:
        answered = server.handle_chat_completions(body)
        if "error" in answered:
            raise RuntimeError("the first chat failed")
    return server


if __name__ == "__main__":
    main()
