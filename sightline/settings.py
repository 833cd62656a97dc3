"""Every setting, in one table; the only module that reads the environment or the settings file.

The table makes the flags of `sightline serve`, the SIGHTLINE_* variables, the keys of the TOML
file and the reference page. A flag beats the environment, which beats the file, which beats the
default. `Settings` is frozen once read.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, cast

from sightline.errors import UsageError

PREFIX = "SIGHTLINE_"
FILE_VARIABLE = PREFIX + "CONFIG"
MIB = 1024 * 1024
Value = int | float | bool | str


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: the type is that of the default; the unit is in the name."""

    name: str
    default: Value
    help: str
    least: float | None = None

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()


def _row(default: Any, help: str, least: float | None = None) -> Any:
    return field(default=default, metadata={"help": help, "least": least})


@dataclass(frozen=True, slots=True)
class Settings:
    """The table: each field is a row (name, type, default, help), frozen after start."""

    host: str = _row("127.0.0.1", "Address to listen on.")
    port: int = _row(8000, "Port to listen on; 0 picks a free one and prints it.", 0)
    engine: str = _row(
        "reader",
        "The engine that answers: reader (embedded, offline) or mirror (says what it was sent).",
    )
    threads: int = _row(0, "Threads that read pictures; 0 takes one for each core.", 0)
    max_request_bytes: int = _row(72 * MIB, "Largest request body, in bytes.", 1)
    max_image_bytes: int = _row(20 * MIB, "Largest single picture, encoded, in bytes.", 1)
    max_images: int = _row(500, "Most pictures in one request.", 1)
    max_images_bytes: int = _row(
        50 * MIB, "Most bytes of all pictures of one request together, encoded.", 1
    )
    max_image_pixels: int = _row(100_000_000, "Largest picture, in pixels, before scaling.", 1)
    max_images_pixels: int = _row(
        600_000_000, "Most pixels of all pictures of one request together, after scaling.", 1
    )
    max_image_ratio: float = _row(
        200.0, "Longest side of a picture over its shortest; more is refused.", 1
    )
    views: str = _row(
        "auto",
        "How an engine gets a picture at detail high: whole, tiles (overview, then 512-pixel "
        "tiles), or auto, as the engine sees best.",
    )
    lower_detail: bool = _row(
        False, "Lower pictures to detail low where a request would not fit the context, and say so."
    )
    refuse_captchas: bool = _row(True, "Refuse pictures of CAPTCHAs, as the API does.")
    max_active: int = _row(256, "Requests answered or waiting at once; more get a 503.", 1)
    fetch_timeout_s: float = _row(20.0, "Seconds that fetching one picture by URL may take.", 0.001)
    allowed_hosts: str = _row(
        "",
        "Fetch pictures from these hosts alone, separated by commas; *.example.com takes every "
        "host under it. Empty takes all.",
    )
    allow_private_urls: bool = _row(
        False, "Fetch pictures from loopback and private addresses too (for a trusted network)."
    )
    private_networks: str = _row(
        "",
        "Private networks to fetch pictures from, as 10.1.0.0/16, separated by commas; any port.",
    )
    keep_alive_s: float = _row(10.0, "Seconds of silence before a stream sends a comment.", 0.001)
    log_level: str = _row("info", "How much is logged to stderr: debug, info, warning or error.")

    @property
    def workers(self) -> int:
        """How many threads may decode and measure at once: never more than the cores."""
        cores = os.cpu_count() or 1
        return min(self.threads or cores, cores)

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The private networks that may be fetched from. Raises `UsageError` for what is none."""
        try:
            named = (n.strip() for n in self.private_networks.split(","))
            return tuple(ip_network(name) for name in named if name)
        except ValueError:
            raise UsageError(
                f"{self.private_networks!r} is not a valid value for private_networks.",
                hint="Write networks as 10.1.0.0/16 or fd00::/8, separated by commas.",
            ) from None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that may be fetched from, in lower case; empty for all."""
        return tuple(h.strip().lower() for h in self.allowed_hosts.split(",") if h.strip())


TABLE: tuple[Setting, ...] = tuple(
    Setting(f.name, cast(Value, f.default), f.metadata["help"], f.metadata["least"])
    for f in fields(Settings)
)
_ROWS = {row.name: row for row in TABLE}
_CHOICES = {
    "log_level": ("debug", "info", "warning", "error"),
    "views": ("auto", "whole", "tiles"),
}


def convert(row: Setting, value: object, origin: str) -> Value:
    """Turn `value` (text, or TOML's own type) into the type of the row's default.

    Raises `UsageError`, naming `origin`, when it does not fit.
    """
    kind = type(row.default)
    wrong = UsageError(
        f"{origin}: {str(value)[:80]!r} is not a valid value for {row.name}.",
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
    path = file or env.get(FILE_VARIABLE)
    if path:
        for name, value in _read_file(Path(path)).items():
            if name not in _ROWS:
                raise UsageError(
                    f"Unknown setting {name!r} in {path}.",
                    hint="`sightline serve --help` lists the settings.",
                )
            values[name] = convert(_ROWS[name], value, str(path))
    for row in TABLE:
        if row.variable in env:
            values[row.name] = convert(row, env[row.variable], row.variable)
    for name, value in (flags or {}).items():
        if value is not None and name in _ROWS:
            values[name] = convert(_ROWS[name], value, _ROWS[name].flag)
    settings = Settings(**values)
    for name, allowed in _CHOICES.items():
        value = getattr(settings, name)
        if value not in allowed:
            raise UsageError(
                f"{value!r} is not a valid value for {name}.",
                hint=f"Use {', '.join(allowed[:-1])} or {allowed[-1]}.",
            )
    _ = settings.networks  # refused at the start, not at the first picture
    if settings.port > 65535:
        raise UsageError(f"Port {settings.port} does not exist.", hint="Use 0 to 65535.")
    return settings


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
