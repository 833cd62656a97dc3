"""Pictures and films as tools name them: a path, an http(s) URL or a data URL, to bytes."""

from __future__ import annotations

import asyncio

from sightline.errors import ImageError
from sightline.mcp.folders import Folders
from sightline.media import image, kinds, source
from sightline.media.fetch import Fetcher
from sightline.media.unread import refusal
from sightline.settings import MIB, Settings
from sightline.wire.uploads import is_web


class Sources:
    """Reads what tools are given, within the bounds of the settings. Nothing is kept."""

    def __init__(self, settings: Settings, folders: Folders) -> None:
        self._settings, self._folders = settings, folders
        self._pictures = self._fetcher("image", settings.max_image_bytes)
        self._films = self._fetcher("video", settings.max_video_bytes)

    def _fetcher(self, noun: str, most: int) -> Fetcher:
        settings = self._settings
        return Fetcher(
            timeout_s=settings.fetch_timeout_s * (3 if noun == "video" else 1),
            max_bytes=most,
            allow_private=settings.allow_private_urls,
            allowed_hosts=settings.hosts,
            private_networks=settings.networks,
            noun=noun,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._pictures.close()
        await self._films.close()

    async def picture(self, named: str, param: str) -> bytes:
        """Give a picture's bytes, of one of the API's formats. Raises `ImageError` with `param`."""

        def most(head: bytes) -> int:
            if not kinds.is_picture(head):
                raise image.unsupported(param)
            return self._settings.max_image_bytes

        if is_web(named):
            data = await self._pictures.get(named, param, most=most)
        else:
            data = await self._near(named, param, "image", self._settings.max_image_bytes)
        most(data[: kinds.HEAD])
        return data

    async def film(self, named: str, param: str) -> bytes:
        """Give a film's bytes. Raises `ImageError` with `param`."""

        def most(head: bytes) -> int:
            if not kinds.may_be_film(head):
                raise refusal(head, param)
            return self._settings.max_video_bytes

        if is_web(named):
            data = await self._films.get(named, param, most=most)
        else:
            data = await self._near(named, param, "video", self._settings.max_video_bytes)
        most(data[: kinds.HEAD])
        return data

    async def _near(self, named: str, param: str, noun: str, most: int) -> bytes:
        if named[:5].lower() == "data:":
            data = await asyncio.to_thread(source.from_data_url, named, param, most, noun)
        else:
            data = await asyncio.to_thread(self._folders.read, named, param, most)
        if len(data) > most:
            raise ImageError(
                f"{noun.capitalize()} size exceeds the limit.",
                param=param,
                code=f"invalid_{noun}",
                hint=f"At most {most / MIB:.0f} MiB are taken.",
            )
        return data
