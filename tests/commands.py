"""The command line without a process of its own, which takes longer to start than most commands."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

from sightline.cli import answering
from sightline.cli.main import main
from tests.decoders import keeping


class _Stream(io.TextIOWrapper):
    """A stream as the standard ones are, with its bytes beneath."""

    def __init__(self, data: bytes = b"") -> None:
        self.stored = io.BytesIO(data)
        super().__init__(self.stored, "utf-8", write_through=True, newline="")

    def close(self) -> None:
        """Stay readable, as what a process wrote does."""


def typed(
    *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Type a command; give what a process would have given.

    Nothing is loaded ahead of it: that is for a process that ends with its answer, and this goes on.
    """
    out, err, before = _Stream(), _Stream(), sys.stdin
    code: object
    said: set[str] = set()  # by this process already: nothing
    fresh = patch.object(answering, "_noted", said)
    unhurried = patch.object(answering, "begin", lambda *_, **__: None)
    with (
        redirect_stdout(out), redirect_stderr(err), patch.dict(os.environ, env or {}), fresh, unhurried,
        keeping(),
    ):  # fmt: skip
        sys.stdin = _Stream(stdin)
        try:
            code = main(list(words))
        except SystemExit as ended:  # argparse's way
            code = ended.code
        finally:
            sys.stdin = before
    status = code if isinstance(code, int) else 0 if code is None else 1
    told = (stream.stored.getvalue().decode() for stream in (out, err))
    return subprocess.CompletedProcess(list(words), status, *told)
