"""Running the application on a socket, with uvicorn."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable

import uvicorn

from sightline.server.app import make_app, with_ids
from sightline.settings import Settings

_SWITCH_S = 0.0005


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def serve(settings: Settings, listening: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve on a bound socket until a signal ends it; `on_ready` is called once it listens."""
    # The event loop's turn comes soon even while every worker computes (the default is 5 ms).
    sys.setswitchinterval(_SWITCH_S)
    config = uvicorn.Config(
        with_ids(make_app(settings)),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
    )
    _Server(config, on_ready).run(sockets=[listening])
