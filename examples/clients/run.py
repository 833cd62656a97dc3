"""Ask by other people's clients: a picture, a stream, a structured answer; print a table.

    python examples/clients/run.py [--only NAME] [--base-url URL]

Each client is installed in an environment of its own, in the version named here, and asked about the
sample receipt, whose total it has to tell. Without a base URL a server of ours is started.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import environments  # noqa: E402

_TOTAL = "16.20"
_KINDS = ("vision", "stream", "structured")


@dataclass(frozen=True)
class Client:
    """A client: its program here, what is installed for it, and what it had to be told."""

    name: str
    program: str
    pins: tuple[str, ...]
    told: str = "`OPENAI_BASE_URL`, `OPENAI_API_KEY`"


_SCHEMA = "zod@4.6.7"
CLIENTS = (
    Client("OpenAI SDK for JavaScript", "openai_sdk.mjs", ("openai@7.57.0", _SCHEMA)),
    Client(
        "LangChain", "langchain_chat.py", ("langchain-openai==1.7.3",)
    ),
    Client("LlamaIndex", "llamaindex_chat.py", ("llama-index-llms-openai==0.8.3",), "`api_base`, `OPENAI_API_KEY`"),
    Client("Instructor", "instructor_chat.py", ("instructor==1.17.0",)),
    Client("PydanticAI", "pydantic_ai_chat.py", ("pydantic-ai-slim[openai]==2.68.0",)),
    Client("llm", "llm_cli.py", ("llm==0.36",), "`api_base`, `vision` and `supports_schema` of a model"),
    Client(
        "Vercel AI SDK, OpenAI", "vercel_openai.mjs", ("ai@7.0.173", "@ai-sdk/openai@4.0.118", _SCHEMA),
        "`baseURL`",
    ),
    Client(
        "Vercel AI SDK, compatible", "vercel_openai_compatible.mjs",
        ("ai@7.0.173", "@ai-sdk/openai-compatible@3.0.92", _SCHEMA),
        "`baseURL`, `apiKey`, `supportsStructuredOutputs`",
    ),
)  # fmt: skip


def ask(client: Client, base_url: str) -> tuple[dict[str, Any], str]:
    """Run a client's program; give what it was answered by kind, and its complaint if it has one."""
    environment = {
        **os.environ, "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "none",
        "PICTURE": str(environments.SAMPLES / "receipt.png"), "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    try:
        if client.program.endswith(".mjs"):
            command = ["node", str(environments.node(client.pins, HERE) / client.program)]
        else:
            command = [str(environments.python(client.pins)), str(HERE / client.program)]
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        return {}, f"It could not be installed: {error}"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    answers = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            said = json.loads(line)
            answers[said["kind"]] = said["answer"]
    return answers, "" if done.returncode == 0 else done.stderr.strip()


def right(kind: str, answer: Any) -> bool:
    """Say whether an answer tells the receipt's total."""
    if kind == "stream":
        return _TOTAL in "".join(answer)
    return _TOTAL in (answer["total"] if kind == "structured" else answer)


def main() -> int:
    """Ask by each and print the table; give 1 where one fails."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    options.add_argument("--only", default="", metavar="NAME", help="clients with this in a name")
    options.add_argument("--base-url", metavar="URL", help="ask this server")
    chosen = options.parse_args()
    rows, failed = [], False
    ours = (
        nullcontext(chosen.base_url)
        if chosen.base_url
        else environments.server("--engine", "reader")
    )
    with ours as base_url:
        for client in CLIENTS:
            if chosen.only.lower() not in client.name.lower():
                continue
            answers, complaint = ask(client, base_url)
            marks = ["yes" if k in answers and right(k, answers[k]) else "no" for k in _KINDS]
            if "no" in marks:
                failed = True
                print(f"{client.name}: {answers}\n{complaint[-2000:]}\n", file=sys.stderr)
            versions = ", ".join(f"`{pin}`" for pin in client.pins)
            rows.append(f"| {client.name} | {versions} | {' | '.join(marks)} | {client.told} |")
    print(
        "| Client | Versions | Picture | Stream | Structured | What was set |\n|---|---|---|---|---|---|"
    )
    print("\n".join(rows))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
