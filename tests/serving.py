"""The web server that stand-ins of tests are made of."""

from __future__ import annotations

import sys
from http.server import ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """A server that takes it calmly when a client has gone, and tells of other errors in a line.

    A traceback would be written by a thread of its own, and Python 3.11 breaks off ("AST constructor
    recursion depth mismatch") where pytest writes another at that moment.
    """

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of an error that a handler did not expect."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            sys.stderr.write(f"{type(self).__name__} of a test: {error!r}\n")
