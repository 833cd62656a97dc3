"""Traces, as a collector gets them."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import requests

from tests.conftest import started
from tests.pictures import asking, sample
from tests.serving import Server
from tests.waiting import PATIENCE_S

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@contextmanager
def collecting() -> Iterator[tuple[str, list[bytes]]]:
    sent: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["content-length"]))
            zipped = self.headers.get("content-encoding") == "gzip"
            sent.append(gzip.decompress(data) if zipped else data)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", sent
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("with_content", [False, True])
def test_a_request_is_a_span_with_its_stages(with_content: bool) -> None:
    proto = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    with collecting() as (collector, sent):
        flags = ["--otel", collector, *(["--otel-content"] if with_content else [])]
        with started(*flags) as (url, process):
            requests.post(
                f"{url}/chat/completions", timeout=PATIENCE_S,
                headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
                json={"model": "gpt-4o", "messages": asking("What does it say?", sample("sign"))},
            )  # fmt: skip
            process.terminate()
            process.wait(PATIENCE_S)
    spans: dict[str, Any] = {}
    for data in sent:
        for resource in proto.ExportTraceServiceRequest.FromString(data).resource_spans:
            for scope in resource.scope_spans:
                spans |= {span.name: span for span in scope.spans}
    whole = spans["chat gpt-4o"]
    assert whole.trace_id.hex() == TRACE
    told = {a.key: a.value.string_value or a.value.int_value for a in whole.attributes}
    assert told["gen_ai.operation.name"] == "chat"
    assert told["gen_ai.request.model"] == "gpt-4o"
    assert told["gen_ai.usage.input_tokens"] > 400
    assert told["http.response.status_code"] == 200
    for stage in ("upload", "fetch", "decode", "answer"):
        assert spans[stage].parent_span_id == whole.span_id
        assert whole.start_time_unix_nano <= spans[stage].start_time_unix_nano
        assert spans[stage].end_time_unix_nano <= whole.end_time_unix_nano
    everything = b"".join(sent)
    assert (b"MAPLE AVENUE" in everything) == with_content
    assert (b"What does it say?" in everything) == with_content
    assert b"base64" not in everything
