"""simonw/llm on the command line: a model of its own in extra-openai-models.yaml."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from asking import PICTURE, QUESTION, Receipt, say

folder = tempfile.mkdtemp(prefix="llm-")
Path(folder, "extra-openai-models.yaml").write_text(f"""
- model_id: sightline
  model_name: gpt-4o
  api_base: {os.environ["OPENAI_BASE_URL"]}
  vision: true
  supports_schema: true
""")


def llm(*words: str) -> str:
    """Type a command."""
    typed = [sys.executable, "-m", "llm", "-m", "sightline", QUESTION, "-a", PICTURE, *words]
    environment = {**os.environ, "LLM_USER_PATH": folder}
    return subprocess.run(
        typed, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


say("vision", llm("--no-stream"))
say("stream", [llm()])
say("structured", Receipt.model_validate_json(llm("--schema", "total str, merchant str")))
