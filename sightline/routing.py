"""Which engine answers to which model's name.

Every id that the API has had is a name for the configured engine. The settings file may give
single names engines of their own; two names with the same engine settings share one engine.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sightline.engines import engine as engines
from sightline.engines.guarded import Guarded
from sightline.errors import ModelNotFound, SightlineError, UsageError
from sightline.settings import TABLE, Settings
from sightline.wire import models
from sightline.workers import Workers

log = logging.getLogger("sightline.engines")
# Whoever sets no log up has errors raised, and is not told them twice on stderr.
logging.getLogger("sightline").addHandler(logging.NullHandler())

# These change what is made of a request, not the engine behind it.
_NO_ENGINE = frozenset({"profile", "assist", "max_output"})


class Served:
    """One engine and how far it is; it loads when it is first wanted."""

    def __init__(self, engine: Guarded) -> None:
        self.engine = engine
        self._loading: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        """Begin to load, once."""
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
        return self._loading

    async def _load(self) -> None:
        try:
            await self.engine.load()
        except SightlineError as error:
            log.error("the engine %s did not start: %s", self.engine.name, error.message)
            raise

    async def loaded(self) -> Guarded:
        """Give the engine once it is loaded. Raises what loading raised."""
        await asyncio.shield(self.start())
        return self.engine

    async def close(self) -> None:
        """End the engine."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        await self.engine.close()

    @property
    def state(self) -> str:
        """Say how far it is: waiting, loading, ready, restarting or failed."""
        if self._loading is None:
            return "waiting"
        if not self._loading.done():
            return "loading"
        if self._loading.cancelled() or self._loading.exception() is not None:
            return "failed"
        return "ready" if self.engine.ready else "restarting"


@dataclass(frozen=True, slots=True)
class Route:
    """What answers to a model's name, and under which settings."""

    settings: Settings
    served: Served


class Routing:
    """The engines of a server, by the names that clients ask for."""

    def __init__(self, settings: Settings, workers: Workers) -> None:
        self._workers = workers
        self._served: dict[tuple[object, ...], Served] = {}
        self._default = self._route(settings)
        self._routes = {name: self._route(own) for name, own in settings.routes}
        self._wanted = [self._default.served, *(r.served for r in self._routes.values())]
        if settings.engine != "reader" and models.READER not in self._routes:
            # Always there, and loaded by the first who asks for it.
            reader = replace(settings, engine="reader", assist=False, profile="", max_output=0)
            self._routes[models.READER] = self._route(reader)

    def _route(self, settings: Settings) -> Route:
        rows = [row.name for row in TABLE if row.route and row.name not in _NO_ENGINE]
        key = tuple(getattr(settings, name) for name in rows)
        if engines.ENGINES.find(settings.engine).embedded:
            key = (settings.engine,)
        if key not in self._served:
            made = engines.make(settings.engine, settings, self._workers)
            self._served[key] = Served(Guarded(made))
        return Route(settings, self._served[key])

    @property
    def default(self) -> Served:
        """The engine behind every name that has none of its own."""
        return self._default.served

    @property
    def state(self) -> str:
        """Say how far the engines are that are wanted from the start: the least of them."""
        states = {served.state for served in self._wanted}
        order = ("failed", "restarting", "waiting", "loading")
        return next((state for state in order if state in states), "ready")

    def check(self) -> None:
        """Find out what is wrong with the engines' settings. Raises `UsageError`."""
        for served in dict.fromkeys(self._wanted):
            served.engine.check()

    def start(self) -> None:
        """Begin to load every engine that is named in the settings."""
        for served in self._wanted:
            served.start()

    async def close(self) -> None:
        """End all engines."""
        await asyncio.gather(*(served.close() for served in self._served.values()))

    async def only_model(self) -> str:
        """Give the id under which the configured engine answers.

        Raises `UsageError` where it has several models and none was named.
        """
        engine = await self.default.loaded()
        if engine.takes_any and len(engine.serves) > 1:
            raise UsageError(
                f"The upstream has {len(engine.serves)} models.",
                hint=f"Name one with --model: {', '.join(sorted(engine.serves)[:12])}.",
            )
        return engine.serves[0] if engine.serves else "gpt-4o"

    def route(self, id: str) -> Route:
        """Give what answers to a model's id."""
        return self._routes.get(id, self._default)

    def find(self, id: str) -> models.Model:
        """Look a model up by id. Raises `ModelNotFound` for one that nothing answers to."""
        route = self.route(id)
        engine = route.served.engine
        if id in self._routes or id in engine.serves:
            found = models.named(id, route.settings.profile)
        else:
            try:
                found = models.find(id)
            except ModelNotFound:
                if not engine.takes_any:
                    raise
                found = models.named(id, route.settings.profile)
            found = replace(found, profile=route.settings.profile)
        if not engine.embedded:
            # The preview's 16 tokens were its own; who puts a model behind its name wants answers.
            found = replace(found, default_max_tokens=None)
        return _limited(found, route.settings, engine.capabilities.context)

    def listed(self) -> Iterator[models.Model]:
        """Give every advertised model: the settings' own names, the engines', the API's."""
        own = (name for name in self._routes if name != models.READER)
        names = dict.fromkeys((*own, *self._default.served.engine.serves))
        if models.READER in self._routes:
            names[models.READER] = None
        yield from (self.find(name) for name in names)
        yield from (self.find(m.id) for m in models.listed() if m.id not in names)


def _limited(model: models.Model, settings: Settings, context: int | None) -> models.Model:
    most = min(n for n in (model.context, context, settings.context) if n)
    answer = min(n for n in (model.max_output, settings.max_output, most) if n)
    return replace(model, context=most, max_output=answer)
