"""The harness that runs documents' listings: what it takes for code, and what it replaces."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"

TEXT = """
# A guide
Introduction
The model answers (image_url). It was made in 2023.

python
import os
from openai import OpenAI

client = OpenAI(api_key="YOUR_OPENAI_API_KEY")  # the client
for url in ["https://pages.example/a.jpg?size=2"]:
    print(url)
Image Source: someone

{
  "id": "chatcmpl-1",
  "usage": {"total_tokens": 3}
}

```python
cap = cv2.VideoCapture(0)

def twice(x):
    return 2 * x
```
response = requests.post("https://api.openai.com/v1/chat/completions", json={})
618 frames read.
low will disable it.
response = openai.Completion.create(
  img_url=["https://image1.com"],
  img_b64=[base64_str1, base64_str2]
)
Controlling Detail Level
response = openai.Completion.create(
  #...,
  detail='high'
)
"""


@pytest.fixture
def listings(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield importlib.import_module("listings")
    for name in ("listings", "environments"):
        sys.modules.pop(name, None)


def test_code_is_told_from_prose(listings: Any) -> None:
    found = listings.found(TEXT, "guide")
    assert [each.code.splitlines()[0].partition("(")[0] for each in found] == [
        "import os", "cap = cv2.VideoCapture", "response = requests.post",
        "response = openai.Completion.create", "response = openai.Completion.create",
    ]  # fmt: skip
    assert [each.name for each in found] == [f"guide:{n}" for n in (7, 21, 26, 29, 34)]
    assert found[0].code.endswith("    print(url)")
    assert found[1].code.endswith("return 2 * x")


def test_only_inputs_are_replaced(listings: Any, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"picture")
    inputs = listings.Inputs(
        "http://here/v1", "http://site", tmp_path / "a.png", tmp_path / "film.mp4"
    )
    adapted: list[Any] = []
    for each in listings.found(TEXT, "guide"):
        adapted.append(listings.adapted(each, inputs, adapted))
    assert "YOUR_OPENAI_API_KEY" not in adapted[0].code
    assert '["http://site/a.png?size=2"]' in adapted[0].code
    assert adapted[0].replaced == ("the key", "the picture's URL")
    assert "film.mp4" in adapted[1].code
    assert adapted[2].code == 'response = requests.post("http://here/v1/chat/completions", json={})'
    assert "model=" in adapted[3].code
    assert "img_b64=[base64_str1, base64_str2]" in adapted[4].code
    assert "http://site/a.png" in adapted[4].code
    compile(adapted[4].code, "listing", "exec")
