"""What every client is asked about the same picture, and how it tells what came back."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel

PICTURE = os.environ["PICTURE"]
QUESTION = "What is the total?"


class Receipt(BaseModel):
    """What is printed on a receipt."""

    merchant: str
    total: str


def encoded(path: str) -> str:
    """Give a file in base64."""
    return base64.b64encode(Path(path).read_bytes()).decode()


def say(kind: str, answer: Any) -> None:
    """Print an answer for the table: a text, the pieces of a stream, or what was filled."""
    if isinstance(answer, BaseModel):
        answer = answer.model_dump()
    print(json.dumps({"kind": kind, "answer": answer}), flush=True)
