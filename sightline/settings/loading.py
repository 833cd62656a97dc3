"""Settings read: a flag beats the environment, which beats the file, which beats the default."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

from sightline.errors import UsageError
from sightline.settings.rows import FILE_VARIABLE, Setting, Value
from sightline.settings.table import TABLE, Settings
from sightline.types import Effort

_ROWS = {row.name: row for row in TABLE}
_CHOICES = {
    "reasoning_effort": get_args(Effort),
    "keys": ("auto", "required", "off"),
    "limits_away": ("open", "closed"),
    "log_format": ("text", "json"),
    "log_level": ("debug", "info", "warning", "error"),
    "views": ("auto", "whole", "tiles"),
    "upstream_kind": (
        "auto", "openai", "vllm", "sglang", "ollama", "llamacpp", "sightline", "other",
    ),
}  # fmt: skip


def convert(row: Setting, value: object, origin: str) -> Value:
    """Turn `value` (text, or TOML's own type) into the type of the row's default.

    Raises `UsageError`, naming `origin`, when it does not fit.
    """
    kind = type(row.default)
    shown = "***" if row.secret else repr(str(value)[:80])
    wrong = UsageError(
        f"{origin}: {shown} is not a valid value for {row.name}.",
        hint=f"{row.help} It takes a {_WORDS[kind]}; the default is {row.default}.",
    )
    converted: Value
    if kind is bool:
        text = str(value).strip().lower()
        if text not in _TRUE | _FALSE:
            raise wrong
        return text in _TRUE
    if isinstance(value, bool):
        raise wrong
    try:
        converted = kind(cast(Any, value))
    except (TypeError, ValueError):
        raise wrong from None
    if row.least is not None and not float(converted) >= row.least:
        raise wrong
    return converted


# Settings of older releases.
_GONE = {
    "playground_quota_bytes": "It was 0.1.0's, whose page kept files on the server: leave it out."
}


def load(
    flags: Mapping[str, object] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    file: str | Path | None = None,
) -> Settings:
    """Read the settings: `flags` (None where not given) over environment over file over default.

    `environment` is the process's own where left out; its SIGHTLINE_CONFIG names the file where
    `file` does not. Raises `UsageError` for an unknown name, a wrong type or an unreadable file.
    """
    env = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    routed: dict[str, Any] = {}
    path = file or env.get(FILE_VARIABLE)
    if path:
        read = _read_file(Path(path))
        routed = read.pop("models", {})
        for name, value in read.items():
            if name not in _ROWS:
                raise UsageError(
                    f"Unknown setting {name!r} in {path}.",
                    hint=_GONE.get(name, "`sightline serve --help` lists the settings."),
                )
            values[name] = convert(_ROWS[name], value, str(path))
    for row in TABLE:
        if row.variable in env:
            values[row.name] = convert(row, env[row.variable], row.variable)
    for name, value in (flags or {}).items():
        if value is not None and name in _ROWS:
            values[name] = convert(_ROWS[name], value, _ROWS[name].flag)
    settings = Settings(**{**_engine(values), **values})
    _choices(settings)
    # Refused at the start, not at the first request.
    _ = settings.networks, settings.origins, settings.server_names
    if max(settings.port, settings.admin_port) > 65535:
        raise UsageError(f"Port {settings.port} does not exist.", hint="Use 0 to 65535.")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise UsageError("HTTPS needs tls_cert and tls_key.", hint="Give both files.")
    settings = replace(settings, named=frozenset(values))
    return replace(settings, routes=_routes(settings, routed, f"{path}"))


def _engine(values: Mapping[str, Any]) -> dict[str, str]:
    """Give the engine that follows from what it is to run, where it is not named itself."""
    if values.get("upstream_url"):
        return {"engine": "upstream"}
    return {"engine": "llamacpp"} if values.get("model") else {}


def _choices(settings: Settings) -> None:
    for name, allowed in _CHOICES.items():
        value = getattr(settings, name)
        if value not in allowed:
            raise UsageError(
                f"{value!r} is not a valid value for {name}.",
                hint=f"Use {', '.join(allowed[:-1])} or {allowed[-1]}.",
            )


def _routes(settings: Settings, tables: object, path: str) -> tuple[tuple[str, Settings], ...]:
    """Read the tables of models; each has the settings of all, and its own over them."""
    if not isinstance(tables, dict):
        raise UsageError(
            f"{path}: models is not a table.", hint='Write [models."NAME"] above each one\'s rows.'
        )
    routes = []
    for public, table in tables.items():
        if not isinstance(table, dict):
            raise UsageError(
                f"{path}: models.{public} is not a table.",
                hint=f'Write [models."{public}"] above its rows.',
            )
        # The files of one model are not those of another.
        own: dict[str, Any] = {"model": "", "mmproj": "", "draft": ""}
        for name, value in table.items():
            if name not in _ROWS or not _ROWS[name].route:
                allowed = ", ".join(row.name for row in TABLE if row.route)
                raise UsageError(
                    f"{path}: a model has no setting {name!r}.", hint=f"It has: {allowed}."
                )
            own[name] = convert(_ROWS[name], value, f'{path}, models."{public}"')
        route = replace(settings, **own)
        _choices(route)
        routes.append((public, route))
    return tuple(routes)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise UsageError(
            f"The settings file {path} cannot be read.",
            hint=f"Check the path given by --config or {FILE_VARIABLE}.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise UsageError(
            f"The settings file {path} is not valid TOML.",
            hint='Write one setting a line, such as: port = 8000 or host = "127.0.0.1".',
        ) from None


_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_WORDS = {int: "whole number", float: "number", bool: "true or false", str: "text"}


def client_key(flag: str | None, base_url: str) -> str:
    """Give the key to send to another server: the flag's, SIGHTLINE_API_KEY, or a placeholder.

    OPENAI_API_KEY is sent to api.openai.com alone, never to another server.
    """
    key = flag or os.environ.get("SIGHTLINE_API_KEY")
    if not key and re.match(r"https://api\.openai\.com(/|$)", base_url):
        key = os.environ.get("OPENAI_API_KEY")
    return key or "none"
