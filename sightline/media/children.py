"""Starting the processes that read what anybody may have made: with pipes, and with no secrets."""

from __future__ import annotations

import asyncio
import os
import sys

# What such a process is told of its surroundings: how Python and its libraries find themselves,
# and how they are to share the processor. Keys, addresses and all else stay here.
_NAMES = frozenset(
    "PATH LD_LIBRARY_PATH HOME USERPROFILE APPDATA SYSTEMROOT WINDIR TMPDIR TEMP TMP TZ "
    "LANG".split()
)
_KINDS = ("PYTHON", "LC_", "DYLD_", "OMP_", "MKL_", "OPENBLAS_", "MALLOC_", "COVERAGE_")
# And one that watches a stream or the screen: where that is, and by which way it is reached.
_NAMED_FILES = ("XAUTHORITY", "SSL_CERT_FILE", "SSL_CERT_DIR")
_OUTWARD = frozenset(("DISPLAY", "http_proxy", "https_proxy", "no_proxy", *_NAMED_FILES))


async def start(
    module: str, *, outward: bool = False, longest_line: int = 1 << 16
) -> asyncio.subprocess.Process:
    """Start `python -m module` with pipes for stdin and stdout; its stderr is thrown away.

    Nothing is imported from the current folder. The child is told this process's number, with
    which it ends. `outward` is for one that reaches beyond this machine's files.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", module, str(os.getpid()),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, limit=longest_line, env=environment(outward=outward),
    )  # fmt: skip


def environment(*, outward: bool = False) -> dict[str, str]:
    """Give the part of the environment that such a process is given."""
    names = _NAMES | _OUTWARD if outward else _NAMES
    kept = {k: v for k, v in os.environ.items() if k in names or k.startswith(_KINDS)}
    # It computes little; each thread that it does not start is memory that a film may take.
    return {"OPENBLAS_NUM_THREADS": "1", **kept}


def named_files() -> list[str]:
    """List the files that the environment names for one that reaches outward."""
    return [os.environ[name] for name in _NAMED_FILES if name in os.environ]
