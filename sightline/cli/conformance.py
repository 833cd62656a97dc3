"""`sightline conformance`: how a server that speaks OpenAI's vision API keeps to it.

The checks are a distribution of their own, `sightline-conformance`; an install may lack it.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec

from sightline.errors import UsageError

_PROG = "sightline conformance"


def parser() -> argparse.ArgumentParser:
    """Make the parser, which is the kit's; where it is not installed, one without flags."""
    if find_spec("sightline_conformance") is None:
        return argparse.ArgumentParser(prog=_PROG)
    from sightline_conformance import cli

    return cli.parser(_PROG)


def run(arguments: list[str]) -> int:
    """Make the checks; return the exit code. Raises `UsageError`, also where there is no kit."""
    if find_spec("sightline_conformance") is None:
        raise UsageError(
            "The conformance kit is not installed.",
            hint="In a clone of Sightline's repository type: "
            f'pip --python "{sys.executable}" install ./conformance',
        )
    from sightline_conformance import cli

    try:
        return cli.run(arguments, _PROG)
    except cli.WrongUse as error:
        raise UsageError(error.message, hint=error.hint) from None
