"""The parser of every command: help in the terminal's width, and which word was meant."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from typing import Any, NoReturn

from sightline.errors import nearest

_WIDEST = 100  # columns of help; longer lines are hard to read


class Formatter(argparse.HelpFormatter):
    """Argparse's own layout, no wider than is read with ease."""

    def __init__(self, prog: str) -> None:
        from shutil import get_terminal_size

        columns = get_terminal_size((_WIDEST, 24)).columns
        self._most = min(columns, _WIDEST) - 2
        super().__init__(prog, max_help_position=26, width=self._most)

    def add_usage(self, usage: str | None, *others: Any, **more: Any) -> None:
        """Wrap a usage that is written out, which argparse leaves as it is."""
        if usage:
            # What argparse puts before it is as wide as what further lines begin with.
            parted = textwrap.wrap(usage, self._most - 7, break_on_hyphens=False)
            usage = ("\n" + 7 * " ").join(parted)
        super().add_usage(usage, *others, **more)


class Parser(argparse.ArgumentParser):
    """A parser that names the option which a wrong one was meant for."""

    def __init__(self, **told: Any) -> None:
        super().__init__(formatter_class=Formatter, **told)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; wrong use ends the process with 2, as argparse has it."""
        found, unknown = self.parse_known_args(args, namespace)
        return found if not unknown else self._unknown(unknown)

    def parse_intermixed_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse with options between the positional arguments, as `parse_args` does."""
        found, unknown = self.parse_known_intermixed_args(args, namespace)
        return found if not unknown else self._unknown(unknown)

    def _unknown(self, words: Sequence[str]) -> NoReturn:
        flags = [flag for action in self._actions for flag in action.option_strings]
        hints = [nearest(word.partition("=")[0], flags) for word in words if word.startswith("-")]
        hint = next((hint for hint in hints if hint), "")
        self.error(f"unrecognized arguments: {' '.join(words)}.{hint and ' '}{hint}")
