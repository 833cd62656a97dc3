"""Engines in the tests' own process."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from tests.threaded import threaded


@pytest.fixture(scope="session")
def client() -> Iterator[openai.OpenAI]:
    """A client of the embedded engine, as it is by default."""
    with (
        threaded() as url,
        openai.OpenAI(base_url=url, api_key="x", max_retries=0, timeout=60) as made,
    ):
        yield made
