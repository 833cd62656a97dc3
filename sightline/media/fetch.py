"""The only code that opens a URL.

Every hop is resolved once, every address it resolves to must be public, and the connection goes
to the address that was checked, with the name kept for Host and TLS. Nothing of the environment
(proxies, netrc) takes part. Messages to the client are constant: they name the part of the
request, never an address or a library's text.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from sightline import telemetry
from sightline.errors import ImageError
from sightline.media.file_kinds import HEAD
from sightline.settings import Settings
from sightline.types import Hold, unheld

if TYPE_CHECKING:
    import ssl

    import httpx2

MOST_REDIRECTS = 3
_LOOKUPS_AT_ONCE = 32
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PRIVATE_HINT = (
    "Only public addresses are fetched. For a trusted network start the server with "
    "--private-networks or --allow-private-urls, or send the picture as a base64 data URL."
)


# Given the first bytes of a body, says how many it may have; raises `ImageError` for what is of no
# use, the rest of which is then not read.
Most = Callable[[bytes], int]


class Fetcher:
    """Fetches pictures by URL within a deadline and a size."""

    def __init__(
        self,
        *,
        timeout_s: float,
        max_bytes: int,
        allow_private: bool,
        allowed_hosts: Sequence[str] = (),
        private_networks: Sequence[_Network] = (),
        verify: ssl.SSLContext | bool = True,
        noun: str = "image",
    ) -> None:
        self.noun = noun
        self._timeout_s = timeout_s
        self.max_bytes = max_bytes
        self._allow_private = allow_private
        self._allowed_hosts = tuple(allowed_hosts)
        self._private_networks = tuple(private_networks)
        self._verify = verify
        self._client: httpx2.AsyncClient | None = None
        # Of its own: look-ups that hang must not hold up whoever else needs a thread.
        self._lookups = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, thread_name_prefix="lookup")

    @classmethod
    def of(
        cls, settings: Settings, noun: str = "image", most: int = 0, *, own: bool = False
    ) -> Fetcher:
        """Make one within the bounds of the settings, or of `most` bytes, for what `noun` says.

        `own` is for whoever runs a command, which may fetch from wherever they may.
        """
        bytes = {"image": settings.max_image_bytes, "video": settings.max_video_bytes}
        return cls(
            timeout_s=settings.fetch_timeout_s * (3 if noun == "video" else 1),
            max_bytes=most or bytes.get(noun, settings.max_file_bytes),
            allow_private=own or settings.allow_private_urls,
            allowed_hosts=() if own else settings.hosts,
            private_networks=settings.networks,
            noun=noun,
        )

    async def get(
        self, url: str, param: str, hold: Hold = unheld, most: Most | None = None
    ) -> bytes:
        """Fetch one picture's bytes, all of which `hold` is told of.

        `most` bounds a body by its first KiB, never above `max_bytes`. Raises `ImageError`
        naming `param`: time over, refused address, failed download, status other than 200, more of
        a body than it may have. Also raises what `hold` and `most` raise.
        """
        return b"".join(await self.pieces(url, param, hold, most))

    async def pieces(
        self, url: str, param: str, hold: Hold = unheld, most: Most | None = None
    ) -> list[bytes]:
        """Fetch as `get` does, without putting the pieces together."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._follow(url, param, hold, most)
        except TimeoutError:
            telemetry.count("fetch_failures", reason="timeout")
            raise ImageError(
                f"Timeout while downloading the {self.noun}.",
                param=param,
                code="invalid_image_url",
                hint="Send the picture as a base64 data URL, or host it where it loads faster.",
            ) from None

    async def close(self) -> None:
        """Close the connections."""
        self._lookups.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _pooled(self) -> httpx2.AsyncClient:
        import httpx2  # here: most pictures come with the request

        if self._client is None:
            self._client = httpx2.AsyncClient(
                verify=self._verify,
                trust_env=False,
                follow_redirects=False,
                timeout=self._timeout_s,
                # A connection is bound to an address that was checked for one request. Their
                # number is bounded by the requests at once: with a bound here, a few slow hosts
                # would hold up everyone else's pictures.
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
            )
        return self._client

    async def _follow(self, address: str, param: str, hold: Hold, most: Most | None) -> list[bytes]:
        import httpx2  # as above

        for _ in range(MOST_REDIRECTS + 1):
            url, headers, extensions = await self.check(address, param)
            try:
                async with self._pooled().stream(
                    "GET", url, headers=headers, extensions=extensions
                ) as response:
                    if response.is_redirect:
                        target = _target(address, response.headers.get("location", ""), param)
                        if address[:6].lower() == "https:" and target[:6].lower() != "https:":
                            raise _failed(
                                param,
                                "Redirects from https to http are refused.",
                                reason="redirect",
                            )
                        address = target
                        continue
                    if response.status_code != 200:
                        raise _failed(param, reason="status", upstream_status=response.status_code)
                    if response.headers.get("content-encoding", "identity") != "identity":
                        # Not asked for, and a way to send much as little.
                        raise _failed(
                            param, "Compressed responses are not taken.", reason="encoding"
                        )
                    return await self._body(response, param, hold, most)
            except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError):
                raise _failed(param) from None
        raise _failed(param, f"At most {MOST_REDIRECTS} redirects are followed.", reason="redirect")

    async def _body(
        self, response: httpx2.Response, param: str, hold: Hold, most: Most | None
    ) -> list[bytes]:
        chunks: list[bytes] = []
        size, bound = 0, self.max_bytes
        try:
            async for chunk in response.aiter_bytes():
                hold(len(chunk))
                size += len(chunk)
                chunks.append(chunk)
                if most is not None and size >= HEAD:
                    bound = min(bound, most(b"".join(chunks)[:HEAD]))
                    most = None
                if size > bound:
                    raise self._too_large(param, bound)
        except BaseException:
            hold(-size)
            raise
        return chunks

    def _too_large(self, param: str, bound: int) -> ImageError:
        telemetry.count("fetch_failures", reason="size")
        noun = self.noun
        return ImageError(
            f"Failed to download {noun}. {noun.capitalize()} size exceeds the limit.",
            param=param,
            code=f"invalid_{noun}",
            hint=f"Send at most {bound / 1e6:.0f} MB per picture.",
        )

    async def check(
        self, address: str, param: str
    ) -> tuple[httpx2.URL, dict[str, str], dict[str, str]]:
        """Parse once, resolve once, and build the request from what was checked.

        Gives the URL to connect to, by address, with its headers and extensions. Raises
        `ImageError` naming `param`.
        """
        import httpx2  # as above

        if any(c in address for c in "\\\r\n\t ") or not address.isprintable():
            raise _failed(param, "The URL has characters that no URL has.", reason="url")
        try:
            url = httpx2.URL(address)
            host, port = url.host, url.port or _PORTS.get(url.scheme, 0)
        except (httpx2.InvalidURL, ValueError, UnicodeError):
            raise _failed(param, "The URL is malformed.", reason="url") from None
        if url.scheme not in _PORTS or not host:
            raise _failed(param, "Only http and https URLs are fetched.", reason="url")
        if url.userinfo:
            raise _failed(param, "URLs with a user name or password are refused.", reason="url")
        name = url.raw_host.decode("ascii").lower()
        if not self._may_ask(name.rstrip(".")):
            raise _failed(
                param, "This server fetches pictures from certain hosts alone.", reason="host"
            )
        try:
            found = await asyncio.get_running_loop().run_in_executor(
                self._lookups, _resolve, name, port
            )
        except (OSError, UnicodeError):
            raise _failed(param) from None
        addresses = [ipaddress.ip_address(address.split("%")[0]) for address in found]
        if not addresses:
            raise _failed(param)
        granted = self._allow_private or all(self._in_networks(a) for a in addresses)
        if not granted and not all(is_public(a) for a in addresses):
            raise _failed(param, _PRIVATE_HINT, reason="address")
        if not granted and port not in _PORTS.values():
            raise _failed(param, "Only ports 80 and 443 are fetched from.", reason="address")
        headers = {
            "host": url.netloc.decode("ascii"),
            "accept": "*/*" if self.noun == "file" else f"{self.noun}/*",
            "accept-encoding": "identity",
            "user-agent": "sightline",
        }
        pinned = url.copy_with(host=str(addresses[0]))
        return pinned, headers, {"sni_hostname": name.rstrip(".")}

    def _in_networks(self, address: _Address) -> bool:
        return any(address in network for network in self._private_networks)

    def _may_ask(self, host: str) -> bool:
        return not self._allowed_hosts or any(
            host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed
            for allowed in self._allowed_hosts
        )


async def fetched(
    url: str, param: str, settings: Settings, noun: str = "image", most: int = 0
) -> bytes:
    """Fetch one file for whoever runs a command; raises as `Fetcher.get` does."""
    fetcher = Fetcher.of(settings, noun, most, own=True)
    try:
        return await fetcher.get(url, param)
    finally:
        await fetcher.close()


def _target(address: str, location: str, param: str) -> str:
    try:
        return urljoin(address, location)
    except ValueError:  # half an IPv6 address, and the like
        raise _failed(param, "The URL is malformed.", reason="url") from None


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_public(address: _Address) -> bool:
    """Say whether an address, or the IPv4 address inside it, is on the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        inner: _Address | None = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.teredo is not None:
            inner = address.teredo[1]
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST:  # what lies outside is local, reserved, or IPv4 in disguise
            return False
    return address.is_global and not address.is_multicast


def _failed(
    param: str, hint: str = "", *, reason: str = "connection", upstream_status: int | None = None
) -> ImageError:
    telemetry.count("fetch_failures", reason=reason)
    status = "" if upstream_status is None else f" Upstream status code: {upstream_status}."
    return ImageError(
        f"Error while downloading file.{status}", param=param, code="invalid_value", hint=hint
    )
