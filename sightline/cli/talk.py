"""A conversation about pictures, on a terminal or from a file of questions."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from sightline.cli import answering, screen
from sightline.errors import SightlineError, UsageError
from sightline.types import Detail, Message, Question, Role, Text

if TYPE_CHECKING:
    from sightline.jobs.ask import Asker

HELP = """\
Ask anything about the pictures. Enter sends; Alt-Enter begins a new line; Ctrl-D ends.
  /add PICTURE          one more picture
  /detail low|high|auto how closely to look
  /cost                 what was spent so far
  /save FILE            write the conversation as Markdown
  /again                forget what was said, keep the pictures
  /help, /quit"""


@dataclass(slots=True)
class Talk:
    """What was said, and of which pictures: (name, data URL)."""

    pictures: list[tuple[str, str]]
    detail: Detail = "auto"
    turns: list[tuple[Role, str]] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    spent: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Have the first pictures belong to the first question."""
        self.added = [0] * len(self.pictures)

    def next(self, question: str) -> Question:
        """Make the next question: all that was said, pictures where they came."""
        from sightline.jobs.ask import part

        turns: list[tuple[Role, str]] = [*self.turns, ("user", question)]
        messages = []
        for place, (role, text) in enumerate(turns):
            here = zip(self.pictures, self.added, strict=True)
            shown = [url for (_, url), at in here if at == place]
            seen = (part(url, i, self.detail, place) for i, url in enumerate(shown, 1))
            messages.append(Message(role, (Text(text), *seen)))
        return Question("", tuple(messages))

    def said(self, question: str, answer: str, spent: dict[str, Any]) -> None:
        """Note an answer."""
        self.turns += [("user", question), ("assistant", answer)]
        self.spent.append(spent)

    def add(self, name: str, url: str) -> None:
        """Add a picture to the next question."""
        self.pictures.append((name, url))
        self.added.append(len(self.turns))

    def again(self) -> None:
        """Forget what was said."""
        self.turns.clear()
        self.added = [0] * len(self.pictures)

    def cost(self) -> str:
        """Say what was spent."""
        if not self.spent:
            return "Nothing was spent yet."
        last, total = self.spent[-1], sum(s.get("total_tokens", 0) for s in self.spent)
        images = (last.get("prompt_tokens_details") or {}).get("image_tokens", 0)
        sent, got = last.get("prompt_tokens", 0), last.get("completion_tokens", 0)
        return (
            f"Last answer: {sent} tokens in, {images} of them for pictures, {got} out. "
            f"All {len(self.spent)}: {total} tokens."
        )

    def markdown(self) -> str:
        """Write the conversation."""
        lines = [f"# {', '.join(name for name, _ in self.pictures)}", ""]
        for role, text in self.turns:
            mark = "**You:** " if role == "user" else ""
            lines += [f"{mark}{text.strip()}", ""]
        return "\n".join(lines)


async def talk(made: Talk, asker: Asker, read: Any) -> None:
    """Talk until the input ends; `read` reads a picture by name to a data URL."""
    terminal = sys.stdin.isatty()
    if terminal:
        here = screen.counted(len(made.pictures), "picture")
        sys.stderr.write(f"{here}. /help tells what can be typed.\n")
    typed = False
    async for line in _lines(terminal):
        typed = True
        text = line.strip()
        if not text:
            continue
        if text in ("/quit", "/exit"):
            return
        try:
            if text.startswith("/"):
                print(await _command(text, made, read))
            else:
                await _answer(text, made, asker)
        except SightlineError as error:
            sys.stderr.write(" ".join(f"{error.message} {error.hint}".split()) + "\n")
    if not terminal and not typed:
        raise UsageError(
            "Give at least one picture and a question.",
            hint='For example: sightline ask receipt.png "What is the total?"',
        )


async def _answer(question: str, made: Talk, asker: Asker) -> None:
    spent: dict[str, Any] = {}
    whole = ""
    async for piece in asker.pieces(made.next(question), spent):
        whole += piece
        sys.stdout.write(piece)
        sys.stdout.flush()
    sys.stdout.write("" if whole.endswith("\n") else "\n")
    sys.stdout.flush()
    made.said(question, whole, spent)
    answering.noted(spent)


async def _command(text: str, made: Talk, read: Any) -> str:
    name, _, rest = text.partition(" ")
    rest = rest.strip()
    if name == "/help":
        return HELP
    if name == "/cost":
        return made.cost()
    if name == "/again":
        made.again()
        return "What was said is forgotten."
    if name == "/detail":
        found = next((level for level in get_args(Detail) if level == rest), None)
        if found is None:
            return f"Detail is one of {', '.join(get_args(Detail))}."
        made.detail = found
        return f"Detail is {found} from now on."
    if name == "/add" and rest:
        for each in await read(rest):
            made.add(*each)
        return f"{rest} goes with the next question."
    if name == "/save" and rest:
        return await asyncio.to_thread(_save, Path(rest), made.markdown())
    return f"There is no {text}. /help tells what can be typed."


def _save(path: Path, text: str) -> str:
    if path.exists():
        return f"{path} exists. Name another file."
    try:
        path.write_text(text, "utf-8")
    except OSError:
        return f"{path} cannot be written."
    return f"Saved to {path}."


async def _lines(terminal: bool) -> AsyncIterator[str]:
    """Give what is typed, or the lines of stdin."""
    if not terminal:
        while line := await asyncio.to_thread(sys.stdin.readline):
            yield line
        return
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("escape", "enter")
    def _(event: Any) -> None:
        event.current_buffer.insert_text("\n")

    # The history is this conversation's own: nothing of it is kept.
    session: PromptSession[str] = PromptSession(key_bindings=keys)
    while True:
        try:
            yield await session.prompt_async("› ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
