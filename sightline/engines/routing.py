"""Which engine answers to which model's name.

Every id that the API has had is a name for the configured engine. The settings file may give
single names engines of their own; two names with the same engine settings share one engine. Where
the setting `model` names several, or means all that were pulled, each has an engine under its name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sightline.api import models
from sightline.engines import engine as engines
from sightline.engines.guarded import Guarded
from sightline.engines.model_pool import KEPT_FREE, Memory, ModelPool, available_memory
from sightline.errors import ModelNotFound, UsageError
from sightline.settings import TABLE, Settings
from sightline.workers import Workers

log = logging.getLogger("sightline.engines")
# Whoever sets no log up has errors raised, and is not told them twice on stderr.
logging.getLogger("sightline").addHandler(logging.NullHandler())

# These change what is made of a request, not the engine behind it.
_NO_ENGINE = frozenset({"profile", "assist", "redact", "max_output"})


@dataclass(frozen=True, slots=True)
class Route:
    """What answers to a model's name, and under which settings."""

    settings: Settings
    served: ModelPool


class Routing:
    """The engines of a server, by the names that clients ask for."""

    def __init__(self, settings: Settings, workers: Workers) -> None:
        self._workers = workers
        self._served: dict[tuple[object, ...], ModelPool] = {}
        told = settings.max_models_bytes
        free = int(available_memory() * (1 - KEPT_FREE)) // settings.workers
        self.memory = Memory(told or free, measured=not told)
        settings = replace(settings, max_models_bytes=told or free)
        self._settings = settings
        usual, *_ = named = engines.models(settings.engine, settings)
        files = {"mmproj": settings.mmproj, "draft": settings.draft.removeprefix("own")}
        one = next((row for row, file in files.items() if file), "")
        if len(named) > 1 and one:
            raise UsageError(
                f"--{one} belongs to one model, and there are several.",
                hint="Give each model a table in the settings file, with its own.",
            )
        self._default = self._route(replace(settings, model=usual))
        self._routes = {
            name: self._route(replace(own, max_models_bytes=settings.max_models_bytes))
            for name, own in settings.routes
        }
        self._wanted = [self._default.served, *(r.served for r in self._routes.values())]
        # All that were pulled are served as far as they can be; of those named, each has to be.
        self._all_pulled = bool(usual) and not settings.model
        self._several: dict[str, None] = {}
        self._unlisted: set[str] = set()
        self._add(named)
        self._checked = self._wanted if self._all_pulled else list(self._served.values())
        if settings.engine != "reader" and models.READER not in self._routes:
            # Always there, and loaded by the first who asks for it.
            reader = replace(
                settings, engine="reader", model="", assist=False, profile="", max_output=0
            )
            self._routes[models.READER] = self._route(reader)

    def _route(self, settings: Settings) -> Route:
        rows = [row.name for row in TABLE if row.route and row.name not in _NO_ENGINE]
        key = tuple(getattr(settings, name) for name in rows)
        if engines.ENGINES.find(settings.engine).embedded:
            key = (settings.engine,)
        if key not in self._served:
            made = engines.make(settings.engine, settings, self._workers)
            self._served[key] = ModelPool(Guarded(made), self.memory, settings)
            exclusive = sum(served.engine.exclusive for served in self._served.values())
            self.memory.alone = exclusive == 1 and "model_keep_s" not in settings.named
        return Route(settings, self._served[key])

    def _add(self, named: Iterable[str]) -> None:
        """Serve each of several models by its name, and by the whole name that it was pulled by."""
        self._several.update(dict.fromkeys(named))
        if len(self._several) == 1:
            return  # every name is its own
        for name in self._several:
            route = self._route(replace(self._settings, model=name))
            for id in route.served.engine.serves:
                self._routes.setdefault(id, route)
            if name not in self._routes and not name.lower().endswith(".gguf"):
                self._routes[name] = route
                self._unlisted.add(name)

    def _grow(self) -> None:
        """Serve what was pulled meanwhile."""
        if self._all_pulled:
            self._add(engines.models(self._settings.engine, self._settings))

    @property
    def default(self) -> ModelPool:
        """The engine behind every name that has none of its own."""
        return self._default.served

    @property
    def relays(self) -> bool:
        """Whether any engine passes on requests that are no questions."""
        return any(served.engine.capabilities.relays for served in self._served.values())

    @property
    def state(self) -> str:
        """Say how far the engines are that are wanted from the start: the least of them."""
        states = {served.readiness for served in self._wanted}
        order = ("failed", "restarting", "waiting", "loading")
        return next((state for state in order if state in states), "ready")

    def check(self) -> None:
        """Find out what is wrong with the engines' settings. Raises `UsageError`."""
        for served in dict.fromkeys(self._checked):
            served.check()

    def start(self) -> None:
        """Begin to load every engine that is named in the settings."""
        if len(self._several) > 1:
            usual, *_ = names = [id for id in self._routes if id not in self._unlisted]
            log.info("models: %s; %s answers to other names", ", ".join(names), usual)
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
            found = replace(found, status=_STATUS[route.served.state] if engine.exclusive else "")
        else:
            try:
                found = models.find(id)
            except ModelNotFound:
                self._grow()
                if id in self._routes:
                    return self.find(id)
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
        self._grow()
        hidden = {models.READER, *self._unlisted}
        own = [name for name in self._routes if name not in hidden]
        names = dict.fromkeys((*own, *self._default.served.engine.serves))
        if models.READER in self._routes:
            names[models.READER] = None
        yield from (self.find(name) for name in names)
        yield from (self.find(m.id) for m in models.listed() if m.id not in names)


_STATUS = {
    "waiting": "unloaded", "loading": "loading", "restarting": "loading", "ready": "loaded",
    "failed": "failed",
}  # fmt: skip


def _limited(model: models.Model, settings: Settings, context: int | None) -> models.Model:
    most = min(n for n in (model.context, context, settings.context) if n)
    answer = min(n for n in (model.max_output, settings.max_output, most) if n)
    return replace(model, context=most, max_output=answer)
