"""The server in a thread of the tests' own process, which takes no time to start.

It answers over a socket as one that was started does. What it perceives it shares with whatever
else runs in this process (`tests.perceived`).
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from sightline.cli import serve
from sightline.cli.use import with_used
from sightline.server.app import make_app, with_ids
from sightline.server.http_protocol import protocol
from sightline.server.run import _Quiet
from sightline.settings import Settings, load
from tests.noting import note
from tests.waiting import until


def _settings(*flags: str) -> Settings:
    given = vars(serve.parser().parse_args(flags))
    if given["model"] is not None:
        given["model"] = ",".join(given["model"])
    return with_used(load(given, file=given["config"]), alone=False)


@contextmanager
def threaded(*flags: str) -> Iterator[str]:
    """Serve by the flags of `sightline serve`; give the base URL. What it is sent is noted."""
    chosen = _settings(*flags)
    app = make_app(chosen)
    config = uvicorn.Config(
        with_ids(app, app.state.metrics),
        log_config=None,
        access_log=False,
        http=protocol(chosen.body_timeout_s),
        ws="none",
        lifespan="on",
    )
    server = _Quiet(config)

    async def serving() -> None:
        await note(app)
        await server.serve([listening])

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(serving()))
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive())
            assert server.started
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        finally:
            server.should_exit = True
            thread.join()
