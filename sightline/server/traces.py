"""Traces for an OpenTelemetry collector, by its conventions for generative AI.

A request's spans are written when it is over, from the times that `telemetry` has noted: nothing
is done for them while it goes on. Content is left out unless the operator asks for it.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Scope

from sightline import __version__, extras
from sightline.errors import UsageError
from sightline.settings import Settings
from sightline.telemetry import RequestRecord


@dataclass(slots=True)
class SpanRecord:
    """What is told of a request besides its times."""

    route: str
    status: int
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    content: dict[str, str] = field(default_factory=dict)


class Traces:
    """Sends spans to a collector. Raises `UsageError` where the extra is not installed."""

    def __init__(self, settings: Settings) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            raise UsageError("Traces need OpenTelemetry.", hint=extras.hint("otel")) from None
        named = Resource.create({"service.name": "sightline", "service.version": __version__})
        self._provider = TracerProvider(resource=named, shutdown_on_exit=False)
        where = settings.otel.rstrip("/") + "/v1/traces"
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=where)))
        self._tracer = self._provider.get_tracer("sightline", __version__)

    def write(self, scope: Scope, request: RequestRecord, began: float, told: SpanRecord) -> None:
        """Write a request's span, with one for each stage in it; `began` is in Unix seconds."""
        from opentelemetry import trace
        from opentelemetry.trace import SpanKind, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carried = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope.get("headers", ())
            if name in (b"traceparent", b"tracestate")
        }
        attributes: dict[str, Any] = {
            "http.request.method": scope["method"],
            "http.route": told.route,
            "http.response.status_code": told.status,
            "sightline.request_id": request.id,
        }
        name = f"{scope['method']} {told.route}"
        if told.model:
            name = f"chat {told.model}"
            attributes |= {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "sightline",
                "gen_ai.request.model": told.model,
                "gen_ai.usage.input_tokens": told.prompt_tokens,
                "gen_ai.usage.output_tokens": told.completion_tokens,
            }
        attributes |= told.content
        whole = self._tracer.start_span(
            name,
            context=TraceContextTextMapPropagator().extract(carried),
            kind=SpanKind.SERVER,
            attributes=attributes,
            start_time=_ns(began),
        )
        if told.status >= 500:
            whole.set_attribute("error.type", str(told.status))
            whole.set_status(StatusCode.ERROR)
        within = trace.set_span_in_context(whole)
        for stage, at, seconds in request.spans:
            span = self._tracer.start_span(stage, context=within, start_time=_ns(at))
            span.end(_ns(at + seconds))
        whole.end(_ns(time.time()))

    def close(self) -> None:
        """Send what is left; blocks for some seconds at most."""
        self._provider.force_flush(3000)
        self._provider.shutdown()


def content(question: list[str], answer: str) -> dict[str, str]:
    """Write what was asked and answered, in the conventions' form."""

    def message(role: str, *texts: str) -> str:
        parts = [{"type": "text", "content": text} for text in texts]
        return json.dumps([{"role": role, "parts": parts}], ensure_ascii=False)

    return {
        "gen_ai.input.messages": message("user", *question),
        "gen_ai.output.messages": message("assistant", answer),
    }


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)
