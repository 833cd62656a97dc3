"""What a terminal is shown beside the answer: colour, progress, pictures. Elsewhere plain lines.

Standard output holds answers alone; all but pictures goes to standard error. Rich keeps to
NO_COLOR, and is imported only where there is a terminal.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from rich.progress import Progress

Step = Callable[[str, float, float], None]
_AFTER_S = 1.0
_WIDEST = 100  # columns of a picture


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


def advise(lines: Sequence[str]) -> None:
    """Print advice on standard output, its mark in yellow on a terminal."""
    if not sys.stdout.isatty():
        print("".join(f"! {line}\n" for line in lines), end="")
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(("! ", "bold yellow"), line))


@contextmanager
def progress() -> Iterator[Step]:
    """Show how far steps are: `step(name, done, of)`.

    Once a second has gone by: on a terminal a bar with rate and time left, elsewhere a line for
    each new step. What is shown on a terminal is taken away at the end.
    """
    began = time.monotonic()
    if not sys.stderr.isatty():
        yield _lines(began)
        return
    bar: Progress | None = None
    shown = ""

    def step(name: str, done: float, of: float) -> None:
        nonlocal bar, shown
        if bar is not None and (name != shown or done >= of):
            bar.stop()
            bar = None
        if done >= of or time.monotonic() - began < _AFTER_S:
            return
        if bar is None:
            bar, shown = _bar(), name
            bar.add_task(name, total=of)
            bar.start()
        bar.update(bar.task_ids[0], completed=done)

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


def _bar() -> Progress:
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
            return Text(f"{speed:.1f} a second" if speed >= 1 else f"{1 / speed:.1f} s each")

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def show(pictures: Sequence[tuple[str, np.ndarray]]) -> None:
    """Draw pictures (H×W×3, RGB) with their names, by kitty's protocol, sixel or half cells.

    Where standard output is no terminal that can, one line says so and nothing is drawn.
    """
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
