"""`Settings`, all of them as they were read, and the table that they make."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import cast

from sightline.errors import UsageError
from sightline.settings.rows import Rows, Setting, Value

EMBEDDED = "embedded"  # what `sightline use` calls the default engine, which needs no model
_ANY = re.compile(r"[^,]*")
_ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^/?#\s@]+")
_SERVER_NAME = re.compile(r"\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")


def _listed(
    text: str, name: str = "", form: re.Pattern[str] = _ANY, hint: str = ""
) -> tuple[str, ...]:
    """Read what stands between commas, in lower case. Raises `UsageError` for another form."""
    found = tuple(each.strip().lower() for each in text.split(",") if each.strip())
    for each in found:
        if not form.fullmatch(each):
            raise UsageError(f"{each[:80]!r} is not a valid value for {name}.", hint=hint)
    return found


def _user_folder(variable: str, usual: str) -> Path:
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get(variable) or str(Path.home() / usual)
    return Path(base) / "sightline"


def _data(named: str, usual: str) -> Path:
    """Give a path that is named, or the usual one in the user's data folder."""
    if named:
        return Path(named).expanduser()
    return _user_folder("XDG_DATA_HOME", ".local/share") / usual


@dataclass(frozen=True, slots=True)
class Settings(Rows):
    """Every setting, frozen once read, and what follows from several of them."""

    def __post_init__(self) -> None:
        if self.engine == EMBEDDED:
            object.__setattr__(self, "engine", Rows().engine)

    @property
    def models_folder(self) -> Path:
        """Where models are kept."""
        return _data(self.models_dir, "models")

    @property
    def state_folder(self) -> Path:
        """Where unfinished work is kept until it is done: texts, never pictures."""
        return _user_folder("XDG_STATE_HOME", ".local/state") / "state"

    @property
    def keys_path(self) -> Path:
        """The file of API keys."""
        return _data(self.keys_file, "keys.sqlite")

    @property
    def files_folder(self) -> Path:
        """Where uploaded files are kept."""
        return _data(self.files_dir, "files")

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the server."""
        return bool(self.uds) or self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def needs_keys(self) -> bool:
        """Whether a request needs an API key."""
        return self.keys == "required" or (self.keys == "auto" and not self.is_local)

    @property
    def worker_threads(self) -> int:
        """How many threads may decode and measure at once: never more than the cores."""
        cores = os.cpu_count() or 1
        return min(self.threads or cores, cores)

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The private networks that may be fetched from. Raises `UsageError` for what is none."""
        try:
            return tuple(map(ip_network, _listed(self.private_networks)))
        except ValueError:
            raise UsageError(
                f"{self.private_networks!r} is not a valid value for private_networks.",
                hint="Write networks as 10.1.0.0/16 or fd00::/8, separated by commas.",
            ) from None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that may be fetched from, in lower case; empty for all."""
        return _listed(self.allowed_hosts)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of web pages that may ask, in lower case. Raises `UsageError`."""
        hint = (
            "Write origins as https://app.example.com, without a path, separated by commas; null "
            "is that of pages from a file."
        )
        return _listed(self.cors_origins, "cors_origins", _ORIGIN, hint)

    @property
    def server_names(self) -> tuple[str, ...]:
        """The names of this server beyond loopback's, in lower case. Raises `UsageError`."""
        hint = (
            "Write names as vision.example.com or *.example.com, without scheme and port, "
            "separated by commas."
        )
        return _listed(self.trusted_hosts, "trusted_hosts", _SERVER_NAME, hint)


TABLE: tuple[Setting, ...] = tuple(
    Setting(f.name, cast(Value, f.default), **f.metadata)
    for f in fields(Settings)
    if f.metadata.get("table", True)
)
