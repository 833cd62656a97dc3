"""`make demo`: starts the server, asks about the shipped pictures with the openai client, stops.

Exit code 0 when every question was answered.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai

HERE = Path(__file__).parent
MODEL = "gpt-4-vision-preview"  # an old name on purpose: it is an alias here


@contextmanager
def server() -> Iterator[str]:
    """Run `sightline serve` on a free port; give its base URL."""
    command = [sys.executable, "-m", "sightline.cli.main", "serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--log-level", "warning"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        address = [word for word in first.split() if word.startswith("http://")]
        if not address:
            raise SystemExit("The server did not start.")
        yield address[0]
    finally:
        process.terminate()
        process.wait(timeout=20)


def picture(name: str) -> dict[str, object]:
    """Make the part of a message that holds a shipped picture."""
    data = base64.b64encode((HERE / f"{name}.png").read_bytes()).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


def show(title: str, question: str, names: list[str]) -> None:
    """Print what is asked and about which files."""
    files = ", ".join(str(HERE.relative_to(HERE.parent) / f"{name}.png") for name in names)
    print(f"\n── {title} " + "─" * max(2, 72 - len(title)))
    print(f"picture:  {files}")
    print(f"question: {question}")
    print("answer:   ", end="", flush=True)


def main() -> int:
    """Ask the four kinds of question."""
    with server() as url:
        print(f"Sightline runs at {url} and is asked with openai {openai.__version__}.")
        client = openai.OpenAI(base_url=url, api_key="not needed here", timeout=60)

        def messages(question: str, names: list[str]) -> list[dict[str, object]]:
            parts: list[object] = [{"type": "text", "text": question}]
            return [{"role": "user", "content": [*parts, *map(picture, names)]}]

        def ask(question: str, names: list[str], **options: object) -> str:
            reply = client.chat.completions.create(  # type: ignore[call-overload]
                model=MODEL, messages=messages(question, names), max_tokens=400, **options
            )
            return str(reply.choices[0].message.content)

        def told(text: str) -> None:
            print(textwrap.indent(text, " " * 10).lstrip())

        question, names = "What is the total, and who was the cashier?", ["receipt"]
        show("One picture", question, names)
        told(ask(question, names))

        question, names = "What does the QR code contain, and when is the event?", ["poster"]
        show("Another picture", question, names)
        told(ask(question, names))

        question, names = "Is there any difference between these images?", ["before", "after"]
        show("Two pictures compared", question, names)
        told(ask(question, names))

        question, names = "What's in this image?", ["sign"]
        show("A streamed answer", question, names)
        stream: Any = client.chat.completions.create(
            model=MODEL,
            messages=messages(question, names),  # type: ignore[arg-type]
            max_tokens=400,
            stream=True,
        )
        for chunk in stream:
            if chunk.choices:
                print((chunk.choices[0].delta.content or "").replace("\n", "\n" + " " * 10), end="")
        print()

        question = "Return JSON with the attributes: merchant, date, total, items, tip"
        names = ["receipt"]
        show("A JSON answer", question, names)
        found = json.loads(ask(question, names, response_format={"type": "json_object"}))
        told(json.dumps(found, indent=2, ensure_ascii=False))
    print("\nThe server is stopped. `make serve` starts it for use.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
