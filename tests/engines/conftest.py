"""Engines in the tests' own process."""

from __future__ import annotations

import openai
import pytest


@pytest.fixture(scope="session")
def client(near: openai.OpenAI) -> openai.OpenAI:
    """A client of the embedded engine, as it is by default."""
    return near
