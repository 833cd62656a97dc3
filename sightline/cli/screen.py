"""What a terminal is shown beside the answer: colour, progress, pictures. Elsewhere plain lines.

Standard output holds answers alone; all but pictures goes to standard error. Rich keeps to
NO_COLOR, and is imported only where there is a terminal.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from rich.progress import Progress

Step = Callable[[str, float, float], None]
_AFTER_S = 1.0
_WIDEST = 100  # columns of a picture, or of a paragraph
_GAP = "  "
_NARROWEST = 24  # columns of what is wrapped beside others


def complain(name: str, text: str) -> None:
    """Write an error's line, its first words in red on a terminal."""
    if not sys.stderr.isatty():
        sys.stderr.write(f"{name}: {text}\n")
        return
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, soft_wrap=True).print(Text.assemble((f"{name}: ", "bold red"), text))


def counted(count: int, what: str) -> str:
    """Write a number of things: 1 picture, 2 pictures."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def columns() -> int | None:
    """Give how many columns the terminal of standard output has; None where it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def table(rows: Sequence[Sequence[str]], *, right: int | None = None, indent: str = "") -> str:
    """Write rows as columns, `right` the one that is set to the right.

    On a terminal that is too narrow the widest column is wrapped, or, where it is the last and too
    little would be left of it, set below its row; where that is not enough, the next widest too.
    Elsewhere a row is a line.
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    most, gap = columns(), _GAP
    between = len(indent) + len(gap) * (len(widths) - 1)
    if most is not None and between + sum(widths) >= most:
        room, widest = most - 1 - between, widths.index(max(widths))
        left = room - sum(widths) + widths[widest]
        if left < _NARROWEST and widest == len(widths) - 1:
            return _below(rows, widths[:-1], indent, most)
        _narrow(widths, [max(map(_longest, column)) for column in zip(*rows, strict=True)], room)
        if sum(widths) > room:
            gap = " "
            _narrow(widths, [_NARROWEST // 4] * len(widths), room + len(widths) - 1)
    lines = []
    for row in rows:
        pieces = [_cut(cell, wide) or [""] for cell, wide in zip(row, widths, strict=True)]
        for i in range(max(map(len, pieces))):
            cells = [piece[i] if i < len(piece) else "" for piece in pieces]
            lines.append(_line(cells, widths, indent, right, gap))
    return "\n".join(lines)


def width(text: str) -> int:
    """Count the columns that a text takes on a terminal: Chinese and emoji take two each."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _cut(cell: str, wide: int) -> list[str]:
    """Wrap a cell to so many columns."""
    return textwrap.wrap(cell, max(1, wide * len(cell) // max(1, width(cell))))


def _longest(cell: str) -> int:
    """Count the characters of what is not parted when a cell is wrapped."""
    return max(map(len, textwrap.wrap(cell, 1, break_long_words=False)), default=0)


def _narrow(widths: list[int], least: Sequence[int], room: int) -> None:
    """Take from the columns, the widest first, what is more than there is room for."""
    for at in sorted(range(len(widths)), key=lambda at: -widths[at]):
        over = sum(widths) - room
        widths[at] -= max(0, min(over, widths[at] - least[at]))


def _line(
    cells: Sequence[str], widths: Sequence[int], indent: str, right: int | None, gap: str = _GAP
) -> str:
    set_out = []
    for at, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
        blank = " " * (wide - width(cell))
        set_out.append(blank + cell if at == right else cell + blank)
    return (indent + gap.join(set_out)).rstrip()


def _below(rows: Sequence[Sequence[str]], widths: Sequence[int], indent: str, most: int) -> str:
    if len(indent) + sum(widths) + len(_GAP) * len(widths) > most:
        widths = [0 for _ in widths]  # not set out in columns either
    lines = []
    for row in rows:
        line, under = _line(row[:-1], widths, indent, None), indent + " " * 4
        lines += textwrap.wrap(line, most, subsequent_indent=under, break_on_hyphens=False)
        lines += textwrap.wrap(
            row[-1], most - 1, initial_indent=under, subsequent_indent=under,
            break_on_hyphens=False,
        )  # fmt: skip
    return "\n".join(lines)


def wrapped(text: str, less: int = 0) -> str:
    """Wrap a paragraph as the terminal has it, or at 99 columns; `less` are left free."""
    most = min(columns() or _WIDEST, _WIDEST) - 1 - less
    return textwrap.fill(text, most, break_on_hyphens=False, break_long_words=False)


def advise(lines: Sequence[str]) -> None:
    """Print advice on standard output; on a terminal wrapped, its mark in yellow."""
    if not sys.stdout.isatty():
        print("".join(f"! {line}\n" for line in lines), end="")
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True)
    for line in lines:
        told = textwrap.indent(wrapped(line, 2), "  ").lstrip()
        console.print(Text.assemble(("! ", "bold yellow"), told))


@contextmanager
def progress(*, of_bytes: bool = False) -> Iterator[Step]:
    """Show how far steps are: `step(name, done, of)`, of 0 where that is not known.

    Of shares of a whole, which are of 1.0, none that is done tells as little. Once a second has
    gone by: on a terminal a bar with rate and time left, elsewhere a line for each new step. What
    is shown on a terminal is taken away at the end.
    """
    began = time.monotonic()
    if not sys.stderr.isatty():
        yield _lines(began)
        return
    bar: Progress | None = None
    shown = ""

    def step(name: str, done: float, of: float) -> None:
        nonlocal bar, shown
        is_over = done >= of > 0
        if bar is not None and (name != shown or is_over):
            bar.stop()
            bar = None
        if is_over or time.monotonic() - began < _AFTER_S:
            return
        if bar is None:
            bar, shown = _bar(of_bytes), name
            bar.add_task(name, total=None)
            bar.start()
        is_known = of > 1 or done > 0
        bar.update(bar.task_ids[0], completed=done, total=of if is_known else None)

    try:
        yield step
    finally:
        if bar is not None:
            bar.stop()


def _lines(began: float) -> Step:
    last = ""

    def step(name: str, done: float, of: float) -> None:
        nonlocal last
        if name != last and time.monotonic() - began >= _AFTER_S:
            sys.stderr.write(f"{name}\n")
            sys.stderr.flush()
        last = name

    return step


def _bar(of_bytes: bool) -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second, or how many seconds each."""

        def render(self, task: Task) -> Text:
            """Write it; nothing where it is not known yet."""
            speed = task.finished_speed or task.speed
            if not speed:
                return Text("")
            # Shares of a whole have no rate that would say anything.
            if task.total == 1.0:
                return Text("")
            if of_bytes:
                return Text(f"{speed / 1e6:.1f} MB a second")
            return Text(f"{speed:.1f} a second" if speed >= 1 else f"{1 / speed:.1f} s each")

    class Share(TaskProgressColumn):
        """Hundredths, of what is known to have an end."""

        def render(self, task: Task) -> Text:
            """Write them; nothing where there is no end to go by."""
            return Text("") if task.total is None else super().render(task)

    class Left(TimeRemainingColumn):
        """How long it still takes."""

        def render(self, task: Task) -> Text:
            """Write it; nothing where it is not known yet."""
            if task.time_remaining is None:
                return Text("")
            return Text.assemble(super().render(task), " left")

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        Share(),
        Rate(),
        TimeElapsedColumn(),
        Left(),
        console=Console(stderr=True),
        transient=True,
    )


def show(pictures: Sequence[tuple[str, np.ndarray]]) -> None:
    """Draw pictures (H×W×3, RGB) with their names, by kitty's protocol, sixel or half cells.

    Where standard output is no terminal that can, one line says so and nothing is drawn.
    """
    import logging
    import os

    if not sys.stdout.isatty() or _dumb():
        sys.stderr.write("--show draws on a terminal only.\n")
        return
    size = os.get_terminal_size()
    if not (size.columns and size.lines):
        sys.stderr.write("--show draws nothing: the terminal does not tell its size.\n")
        return
    from PIL import Image
    from rich.console import Console

    # It warns, with a traceback, of terminals that do not tell how large their cells are.
    logging.getLogger("textual_image").setLevel(logging.ERROR)
    from textual_image.renderable import Image as Drawn

    console = Console()
    for name, pixels in pictures:
        width = max(8, min(size.columns - 2, _WIDEST))
        drawn = Drawn(Image.fromarray(pixels), width=width, height="auto")
        console.print(drawn)
        console.print(name, style="dim", highlight=False, markup=False)


def _dumb() -> bool:
    from rich.console import Console

    return Console().is_dumb_terminal
