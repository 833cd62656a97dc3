"""What Prometheus reads. No label's value is a client's own: models are those that are served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)
from starlette.requests import Request
from starlette.responses import Response

_SECONDS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
)  # fmt: skip


class Metrics:
    """Counts for one server; also listens to the stages of the work."""

    def __init__(self) -> None:
        own = CollectorRegistry()
        self._registry = own

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"sightline_{name}", text, labels, registry=own)

        def histogram(name: str, text: str, *labels: str) -> Histogram:
            return Histogram(f"sightline_{name}", text, labels, registry=own, buckets=_SECONDS)

        self.requests = counter("requests", "Requests answered.", "route", "status")
        self.tokens = counter("tokens", "Tokens, by kind.", "kind", "model")
        self.images = counter("images", "Pictures seen.", "model")
        self.request_seconds = histogram("request_seconds", "Time of whole requests.", "route")
        self.first_token = histogram("time_to_first_token_seconds", "From request to answer.")
        self.per_token = histogram("time_per_token_seconds", "Between tokens of an answer.")
        self._stages = histogram("stage_seconds", "Time of each stage of the work.", "stage")
        self._counted = {
            "refused": counter("refused", "Requests refused for lack of room.", "reason"),
            "rejected": counter("rejected", "Requests rejected by their heads.", "reason"),
            "fetch_failures": counter("fetch_failures", "Pictures not fetched.", "reason"),
            "engine_restarts": counter("engine_restarts", "Engines started again.", "engine"),
            "perceived": counter(
                "perceived", "Pictures looked at, or known from a moment ago.", "source"
            ),
            "model_loads": counter("model_loads", "Models loaded.", "engine"),
            "draft_tokens": counter(
                "draft_tokens", "Tokens drafted, by what became of them.", "kept"
            ),
            "model_unloads": counter("model_unloads", "Models unloaded.", "reason"),
        }
        self._gauges: list[tuple[Gauge, Callable[[], float]]] = []

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add something that goes up and down, read whenever the page is."""
        made = Gauge(
            f"sightline_{name}", text, registry=self._registry, multiprocess_mode="livesum"
        )
        self._gauges.append((made, read))

    def staged(self, name: str, began: float, seconds: float) -> None:
        """Note a stage's time."""
        self._stages.labels(name).observe(seconds)

    def counted(self, name: str, amount: float, labels: dict[str, str]) -> None:
        """Note what was counted; what has no counter is left out."""
        if name in self._counted:
            self._counted[name].labels(**labels).inc(amount)

    async def page(self, request: Request) -> Response:
        """Write the page."""
        for made, read in self._gauges:
            made.set(read())
        registry: Any = self._registry
        if values.ValueClass is not values.MutexValue:  # one of several processes
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
