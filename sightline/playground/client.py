"""What the page does behind its buttons: requests to the API, and what is told of them before."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sightline.errors import ImageError, SightlineError, UsageError
from sightline.media import detail as details
from sightline.media import image as images
from sightline.remote import translating
from sightline.types import Detail

INSTRUCTION = (
    "I've uploaded an image and I'd like to know what it depicts and any interesting details you "
    "can provide."
)
_ATTRIBUTES = "{question}\n\nReturn in JSON format and include the following attributes:\n\n{list}"
_MOST_BYTES = 50 << 20
_BOUNDS = images.Bounds(_MOST_BYTES, 1 << 30, 1000.0)
_SHOWN = 60  # characters of a data URL in a request that is shown


@dataclass(slots=True)
class Answer:
    """An answer as it grows, and what it cost in the end."""

    text: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def cost(self) -> str:
        """Say what it cost."""
        if not self.usage:
            return f"{self.seconds:.1f} s"
        images_ = (self.usage.get("prompt_tokens_details") or {}).get("image_tokens")
        pictures = f", {images_} of them for pictures" if images_ else ""
        return (
            f"{self.usage.get('prompt_tokens', 0)} tokens in{pictures}, "
            f"{self.usage.get('completion_tokens', 0)} out; {self.seconds:.1f} s"
        )


@dataclass(frozen=True, slots=True)
class Server:
    """The server that answers, and the key that it is sent."""

    base_url: str
    key: str = field(default="", repr=False)

    def client(self) -> Any:
        """Make a client."""
        import openai

        return openai.AsyncOpenAI(
            base_url=self.base_url, api_key=self.key.strip() or "none", max_retries=0
        )

    async def models(self) -> list[str]:
        """List the models. Raises `UpstreamError`."""
        async with self.client() as client:
            with translating(self.base_url):
                return [model.id async for model in client.models.list()]

    async def ask(self, body: dict[str, Any]) -> AsyncGenerator[Answer]:
        """Give the answer again and again as it grows; closing it ends the work there.

        Raises `UpstreamError`.
        """
        answer, began = Answer(), time.monotonic()
        async with self.client() as client:
            with translating(self.base_url):
                stream = await client.chat.completions.create(
                    **body, stream=True, stream_options={"include_usage": True}
                )
                async with stream:
                    async for chunk in stream:
                        if chunk.usage is not None:
                            answer.usage = chunk.usage.model_dump(exclude_none=True)
                        if chunk.choices:
                            delta = chunk.choices[0].delta
                            answer.text += delta.content or delta.refusal or ""
                        answer.seconds = time.monotonic() - began
                        yield answer
        yield answer


def is_web(source: str) -> bool:
    """Say whether a source is a URL that the server fetches."""
    return source.lower().startswith(("http://", "https://"))


def picture_part(source: str, detail: Detail) -> dict[str, Any]:
    """Make a part of a picture's file or URL. Raises `UsageError`."""
    url = source
    if not is_web(source):
        data = _read(source)
        url = f"data:image/unknown;base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": url, "detail": detail}}


def question(
    instruction: str, attributes: str, sources: Sequence[str], detail: Detail
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make the user's turn, and what else the request holds for the form that is asked for.

    Attributes are a list in words, or a JSON schema. Raises `UsageError`.
    """
    text, more = instruction.strip(), {}
    asked = attributes.strip()
    schema = None
    if asked.startswith("{"):
        try:
            schema = json.loads(asked)
        except ValueError:
            raise UsageError(
                "The schema is not JSON.", hint="Or write a list of attributes."
            ) from None
        form = {"name": "answer", "schema": schema}
        more["response_format"] = {"type": "json_schema", "json_schema": form}
    elif asked:
        text = _ATTRIBUTES.format(question=text, list=asked)
        more["response_format"] = {"type": "json_object"}
    if not text:
        raise UsageError("There is no question.", hint="Write what you would like to know.")
    content: list[dict[str, Any]] = [{"type": "text", "text": text}]
    content += [picture_part(source, detail) for source in sources]
    return {"role": "user", "content": content}, more


def pictured(
    turns: Sequence[dict[str, Any]], sources: Sequence[str], detail: Detail
) -> list[dict[str, Any]]:
    """Put pictures into the first of some turns, which are texts. Raises `UsageError`."""
    first, *others = turns
    content = [*first["content"], *(picture_part(source, detail) for source in sources)]
    return [{**first, "content": content}, *others]


def costs(sources: Sequence[str], model: str, detail: Detail) -> str:
    """Say what each picture costs and how the model sees it, before it is sent."""
    lines, total = [], 0
    for number, source in enumerate(sources, 1):
        if is_web(source):
            lines.append(f"Image {number}: by URL; its cost is told afterwards.")
            continue
        try:
            look = images.look(_read(source), "picture", _BOUNDS)
        except (ImageError, UsageError) as error:
            lines.append(f"Image {number}: {error.message}")
            continue
        width, height = look.size
        sight = details.sight(model or "gpt-4o", width, height, detail)
        tiles = f", {sight.tiles[0]} × {sight.tiles[1]} tiles" if sight.tiles else ""
        total += sight.tokens
        lines.append(
            f"Image {number}: {width} × {height}, seen as {sight.width} × {sight.height}{tiles}: "
            f"{sight.tokens} tokens"
        )
    if len(sources) > 1:
        lines.append(f"Together: {total} tokens")
    return "\n\n".join(lines)


def tiled(source: str, model: str, detail: Detail) -> str:
    """Draw the tiles that the model looks at over a picture, as HTML; empty where it has none.

    The browser decodes the picture, the server reads its header alone.
    """
    if is_web(source):
        return ""
    try:
        size = images.look(_read(source), "picture", _BOUNDS).size
    except (ImageError, UsageError):
        return ""
    sight = details.sight(model or "gpt-4o", *size, detail)
    tiles = "".join(
        f'<rect x="{x0}" y="{y0}" width="{x1 - x0}" height="{y1 - y0}"/>'
        for x0, y0, x1, y1 in details.tiles(sight)
    )
    return (
        f'<div class="tiles" style="aspect-ratio: {sight.width} / {sight.height}">'
        f'<img src="gradio_api/file={quote(source)}" alt="The picture, as the model sees it">'
        f'<svg viewBox="0 0 {sight.width} {sight.height}" aria-hidden="true">{tiles}</svg></div>'
    )


def as_curl(base_url: str, body: dict[str, Any]) -> str:
    """Write a request for a shell; long pictures are shortened."""
    text = json.dumps(_short(body), indent=2, ensure_ascii=False).replace("'", "'\\''")
    return (
        f"curl {base_url}/chat/completions -H 'Content-Type: application/json' \\\n"
        f"  -H \"Authorization: Bearer $OPENAI_API_KEY\" -d '{text}'"
    )


def as_python(base_url: str, body: dict[str, Any]) -> str:
    """Write a request for Python; long pictures are shortened."""
    lines = [f"    {key}={value!r}," for key, value in _short(body).items()]
    return "\n".join(
        [
            "from openai import OpenAI",
            "",
            f"client = OpenAI(base_url={base_url!r})",
            "response = client.chat.completions.create(",
            *lines,
            ")",
            "print(response.choices[0].message.content)",
        ]
    )


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_short(each) for each in value]
    if isinstance(value, str) and value.startswith("data:") and len(value) > _SHOWN:
        return value[:_SHOWN] + "…"
    return value


def sentence(error: SightlineError) -> str:
    """Write an error for people."""
    return " ".join(f"{error.message} {error.hint}".split())


def _read(source: str) -> bytes:
    try:
        data = Path(source).read_bytes()
    except OSError:
        raise UsageError("The picture cannot be read.") from None
    if len(data) > _MOST_BYTES:
        raise UsageError("The picture is too large.", hint=f"At most {_MOST_BYTES >> 20} MB.")
    return data
