"""API keys: salted hashes with a name, limits and models, in an SQLite file.

A key is `sk-`, eight letters that find its row, and 256 random bits that nobody else knows. The
bits are what makes guessing hopeless, so a fast hash is enough; the key itself is shown once and
kept nowhere. Who checks keys reads the file when it has changed, never while a request waits.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from sightline.database import Database
from sightline.errors import UsageError

# Files of 0.1.0 have this table and no number yet: hence IF NOT EXISTS.
_MIGRATIONS = (
    (
        """
        CREATE TABLE IF NOT EXISTS keys (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL,
            created INTEGER NOT NULL, revoked INTEGER, requests_per_minute INTEGER NOT NULL,
            tokens_per_minute INTEGER NOT NULL, models TEXT NOT NULL
        ) STRICT
        """,
    ),
)
_COLUMNS = "id, name, created, revoked, requests_per_minute, tokens_per_minute, models, salt, hash"
_ID, _SALT = 8, 16
_LONGEST = 200  # bytes; what is longer is no key of ours, and is not hashed


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key. Limits are a minute's, for each model; 0 for the server's own.

    `models` are the ids that it may ask for, empty for all; times are Unix seconds.
    """

    id: str
    name: str
    created: int = 0
    revoked: int | None = None
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    models: tuple[str, ...] = ()

    def allows(self, model: str) -> bool:
        """Say whether it may ask for a model."""
        return not self.models or model in self.models


class KeyStore:
    """The file of keys: adds, lists and revokes. Each call opens the file anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path, _MIGRATIONS, self._unusable)

    @property
    def database(self) -> Database:
        """The file itself."""
        return self._database

    def add(
        self,
        name: str,
        *,
        requests_per_minute: int = 0,
        tokens_per_minute: int = 0,
        models: tuple[str, ...] = (),
    ) -> tuple[Key, str]:
        """Make a key; give what is known of it, and the key. Raises `UsageError`."""
        id, salt = secrets.token_hex(_ID // 2), secrets.token_bytes(_SALT)
        secret = f"sk-{id}{secrets.token_urlsafe(32)}"
        key = Key(id, name, int(time.time()), None, requests_per_minute, tokens_per_minute, models)
        row = (
            id, name, key.created, None, requests_per_minute, tokens_per_minute,
            ",".join(models), salt, _hash(salt, secret),
        )  # fmt: skip
        self._database.check_form()
        with self._database.transaction() as database:
            database.execute(f"INSERT INTO keys ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)", row)  # noqa: S608
        return key, secret

    def all(self) -> list[Key]:
        """Give all keys, the oldest first. Raises `UsageError`."""
        return [key for key, _, _ in self.rows()]

    def revoke(self, which: str) -> Key:
        """Revoke a key by its id, or by its name where one has it. Raises `UsageError`."""
        found = [k for k in self.all() if which in (k.id, k.name) and k.revoked is None]
        if len(found) != 1:
            raise UsageError(
                f"There is no key {which!r}." if not found else f"Several keys are named {which}.",
                hint="`sightline keys list` shows their ids.",
            )
        with self._database.transaction() as database:
            now = int(time.time())
            database.execute("UPDATE keys SET revoked = ? WHERE id = ?", (now, found[0].id))
        return found[0]

    def rows(self) -> list[tuple[Key, bytes, bytes]]:
        """Give every key with its salt and its hash; none where there is no file yet."""
        if not self.path.exists():
            return []
        self._database.check_form()
        with self._database.transaction(write=False) as database:
            found = database.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created, id")  # noqa: S608
            rows = []
            for id, name, created, revoked, requests, tokens, models, salt, kept in found:
                allowed = tuple(m for m in models.split(",") if m)
                key = Key(id, name, created, revoked, requests, tokens, allowed)
                rows.append((key, salt, kept))
            return rows

    def _unusable(self) -> UsageError:
        return UsageError(
            f"The file of keys {self.path} cannot be read or written.",
            hint="Is there room on the disk, is the file yours, and is it a file of keys?",
        )


class KeyRing:
    """Checks keys against the file as it was when it was last read."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._mark: tuple[int, int, int] | None = None
        self._rows: dict[str, tuple[Key, bytes, bytes]] = {}
        self._dummy = secrets.token_bytes(_SALT), secrets.token_bytes(32)

    def refresh(self) -> None:
        """Read the file again where it has changed; blocks. Raises `UsageError`.

        A file that has gone takes all its keys with it.
        """
        try:
            told = os.stat(self._store.path)
            mark = told.st_mtime_ns, told.st_size, told.st_ino
        except OSError:
            mark = None
        if mark is None:
            self._rows = {}
        elif mark != self._mark:
            self._rows = {row[0].id: row for row in self._store.rows()}
        self._mark = mark

    @property
    def any(self) -> bool:
        """Say whether there is a key that has not been revoked."""
        return any(key.revoked is None for key, _, _ in self._rows.values())

    def find(self, secret: str) -> Key | None:
        """Give the key that a text is, in the same time whether or not there is one."""
        sent = secret[:_LONGEST]
        key, salt, kept = self._rows.get(sent[3 : 3 + _ID], (None, *self._dummy))
        same = hmac.compare_digest(_hash(salt, sent), kept)
        if key is None or key.revoked is not None or len(secret) > _LONGEST:
            return None
        return key if same else None

    def named(self, id: str) -> Key | None:
        """Give the key of an id that has not been revoked."""
        found = self._rows.get(id)
        return None if found is None or found[0].revoked is not None else found[0]


def credential(authorization: str) -> str:
    """Read a key, which is a bearer token, from the header `Authorization`; empty for none."""
    kind, _, value = authorization.partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def _hash(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode("utf-8", "replace")).digest()
