"""Pictures and films as tools name them: a path, an http(s) URL or a data URL, to bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sightline.api.uploads import is_web
from sightline.errors import ImageError
from sightline.mcp.folders import Folders
from sightline.media import data_url, file_kinds, image
from sightline.media.fetch import Fetcher
from sightline.media.unreadable_film import refusal
from sightline.settings import MIB, Settings


class Sources:
    """Reads what tools are given, within the bounds of the settings. Nothing is kept."""

    def __init__(self, settings: Settings, folders: Folders) -> None:
        self._folders = folders
        self._pictures, self._films = Fetcher.of(settings), Fetcher.of(settings, "video")

    async def close(self) -> None:
        """Close the connections."""
        await self._pictures.close()
        await self._films.close()

    async def picture(self, named: str, param: str) -> bytes:
        """Give a picture's bytes, of one of the API's formats. Raises `ImageError` with `param`."""

        def check(head: bytes) -> None:
            if not file_kinds.is_picture(head):
                raise image.unsupported(param)

        return await self._read(named, param, self._pictures, check)

    async def film(self, named: str, param: str) -> bytes:
        """Give a film's bytes. Raises `ImageError` with `param`."""

        def check(head: bytes) -> None:
            if not file_kinds.may_be_film(head):
                raise refusal(head, param)

        return await self._read(named, param, self._films, check)

    async def _read(
        self, named: str, param: str, fetcher: Fetcher, check: Callable[[bytes], None]
    ) -> bytes:
        noun, most = fetcher.noun, fetcher.max_bytes

        def bound(head: bytes) -> int:
            check(head)
            return most

        if is_web(named):
            data = await fetcher.get(named, param, most=bound)
        elif named[:5].lower() == "data:":
            data = await asyncio.to_thread(data_url.from_data_url, named, param, most, noun)
        else:
            data = await asyncio.to_thread(self._folders.read, named, param, most)
        if len(data) > most:
            raise ImageError(
                f"{noun.capitalize()} size exceeds the limit.",
                param=param,
                code=f"invalid_{noun}",
                hint=f"At most {most / MIB:.0f} MiB are taken.",
            )
        check(data[: file_kinds.HEAD])
        return data
