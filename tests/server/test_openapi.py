"""Requests made from the server's own document: none fails, and every answer keeps to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from sightline import __version__
from sightline.wire.openapi import document
from tests.conftest import running

DOCUMENT = document(__version__)
schema = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    files = str(tmp_path_factory.mktemp("files"))
    with running("--no-playground", "--files-dir", files) as url:
        yield url.removesuffix("/v1")


@schema.parametrize()
@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
def test_every_operation_keeps_to_the_document(case: Any, root: str) -> None:
    case.call_and_validate(
        base_url=root,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
            unsupported_method,
        ],
        timeout=60,
    )


def test_the_document_is_served(root: str) -> None:
    assert requests.get(f"{root}/openapi.json", timeout=60).json() == DOCUMENT
