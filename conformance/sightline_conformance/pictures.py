"""Checks of what goes in: shapes of parts, formats, turns, alpha, order, many pictures, roles."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from PIL import Image

from sightline_conformance.drawn import (
    clear,
    coloured,
    encoded,
    lettered,
    noted,
    part,
    text,
    turned,
    url,
    veiled,
)
from sightline_conformance.kit import READ, Kit, NotApplicable, Reply, check, holds, squashed

_GUIDE = "OpenAI, Images and vision guide"
_REFERENCE = "OpenAI API reference, chat completions"
_Bytes = Callable[[Image.Image], tuple[bytes, str]]


def _one(kit: Kit, **more: Any) -> tuple[str, list[dict[str, Any]]]:
    code = kit.code()
    return code, [text(READ), part(lettered(code), **more)]


@check("parts", "a question as plain text", _REFERENCE)
def _(kit: Kit) -> None:
    reply = kit.chat("Say hello.")
    kit.expect(reply.status == 200 and reply.said, "200 and some words", reply)


@check("parts", "a question as a list of one text part", _REFERENCE)
def _(kit: Kit) -> None:
    reply = kit.chat([text("Say hello.")])
    kit.expect(reply.status == 200 and reply.said, "200 and some words", reply)


@check("parts", "a picture as a base64 data URL", _GUIDE)
def _(kit: Kit) -> None:
    kit.reads(*_one(kit))


@check("parts", "the picture before the question", _REFERENCE)
def _(kit: Kit) -> None:
    code, parts = _one(kit)
    kit.reads(code, parts[::-1])


@check("parts", "the picture between two texts", _REFERENCE)
def _(kit: Kit) -> None:
    code = kit.code()
    kit.reads(code, [text("Here is a picture."), part(lettered(code)), text(READ)])


@check(
    "parts",
    "image_url as a bare string is read or refused, not overlooked",
    "gpt-4-vision-preview took it; later models answer 400 invalid_type",
)
def _(kit: Kit) -> None:
    code = kit.code()
    bare = {"type": "image_url", "image_url": url(encoded(lettered(code)))}
    _read_or_refused(kit, code, kit.chat([text(READ), bare]))


@check("parts", "a part of an unknown type is refused", _REFERENCE)
def _(kit: Kit) -> None:
    kit.refuses(kit.chat([text("Hello."), {"type": "hologram", "hologram": {}}]), "unknown type")


@check("parts", "an image part without a URL is refused", _REFERENCE)
def _(kit: Kit) -> None:
    kit.refuses(kit.chat([text(READ), {"type": "image_url", "image_url": {}}]), "no url")


@check(
    "parts",
    "keys of image_url that are not known do not hide the picture",
    "working code sends resize beside url",
)
def _(kit: Kit) -> None:
    kit.reads(*_one(kit, resize=768))


def _read_or_refused(kit: Kit, code: str, reply: Reply) -> None:
    if reply.status == 200:
        kit.tells(code, reply.said, reply)
    else:
        kit.refuses(reply, f"the code {code}, or a refusal")


def _format(name: str, make: _Bytes, source: str = _GUIDE) -> None:
    def run(kit: Kit) -> None:
        code = kit.code()
        data, kind = make(lettered(code))
        kit.reads(code, [text(READ), part(data, kind)])

    check("formats", f"{name} is read", source)(run)


_format("PNG", lambda image: (encoded(image), "image/png"))
_format("JPEG", lambda image: (encoded(image, "JPEG", quality=90), "image/jpeg"))
_format("WebP", lambda image: (encoded(image, "WEBP", quality=90), "image/webp"))
_format("GIF of one frame", lambda image: (encoded(image, "GIF"), "image/gif"))
_format("PNG with a palette", lambda image: (encoded(image.convert("P")), "image/png"))
_format("PNG of one bit", lambda image: (encoded(image.convert("1")), "image/png"))
_format("PNG in gray of 16 bits", lambda image: (encoded(_deep(image)), "image/png"))
_format("JPEG in gray", lambda image: (encoded(image.convert("L"), "JPEG"), "image/jpeg"))
_format("JPEG in CMYK", lambda image: (encoded(image.convert("CMYK"), "JPEG"), "image/jpeg"))
_format("progressive JPEG", lambda image: (encoded(image, "JPEG", progressive=True), "image/jpeg"))
_format(
    "a JPEG that is called a PNG",
    lambda image: (encoded(image, "JPEG"), "image/png"),
    "cameras and browsers name types wrongly; the hosted API looks at the bytes",
)
_format("a media type in capitals", lambda image: (encoded(image), "IMAGE/PNG"), "RFC 2045, 5.1")


def _deep(image: Image.Image) -> Image.Image:
    deep = image.convert("I").point(lambda tone: tone * 257)
    return deep.convert("I;16")


def _unsupported(name: str, data: Callable[[str], bytes], kind: str) -> None:
    def run(kit: Kit) -> None:
        code = kit.code()
        _read_or_refused(kit, code, kit.chat([text(READ), part(data(code), kind)]))

    check("formats", f"{name} is read or refused, not overlooked", _GUIDE)(run)


_unsupported("BMP", lambda code: encoded(lettered(code), "BMP"), "image/bmp")
_unsupported("TIFF", lambda code: encoded(lettered(code), "TIFF"), "image/tiff")
_unsupported(
    "SVG",
    lambda code: (
        f'<svg xmlns="http://www.w3.org/2000/svg"><text y="20">{code}</text></svg>'.encode()
    ),
    "image/svg+xml",
)
_unsupported(
    "an animated GIF",
    lambda code: encoded(
        lettered(code), "GIF", save_all=True, append_images=[lettered(code, ink="navy")]
    ),
    "image/gif",
)
_unsupported("a text that is called a PNG", lambda code: code.encode(), "image/png")


@check(
    "formats",
    "base64 with line breaks is read or refused, not overlooked",
    "MIME encoders break lines after 76 characters",
)
def _(kit: Kit) -> None:
    code = kit.code()
    data = base64.encodebytes(encoded(lettered(code))).decode()
    broken = part(f"data:image/png;base64,{data}")
    _read_or_refused(kit, code, kit.chat([text(READ), broken]))


def _orientation(orientation: int) -> None:
    def run(kit: Kit) -> None:
        codes = kit.code(), kit.code()
        data = turned(lettered(*codes), orientation)
        asked = text("Read the text in this picture, from top to bottom.")
        reply = kit.reads(codes[0], [asked, part(data, "image/jpeg")])
        kit.tells(codes[1], reply.said, reply)
        said = squashed(reply.said)
        kit.expect(
            said.index(codes[0]) < said.index(codes[1]), f"{codes[0]} before {codes[1]}", reply
        )

    check(
        "orientation",
        f"EXIF orientation {orientation}",
        "EXIF 2.32, tag 0x0112; phones store photographs so",
    )(run)


for _number in range(1, 9):
    _orientation(_number)


@check("alpha", "black print on a transparent ground", "a ground that is taken for black hides it")
def _(kit: Kit) -> None:
    code = kit.code()
    kit.reads(code, [text(READ), part(clear(code))])


@check(
    "alpha",
    "what is wholly transparent is not read",
    "pixels under alpha 0 are not part of the picture; hidden text has steered models",
)
def _(kit: Kit) -> None:
    seen, unseen = kit.code(), kit.code()
    asked = text("Read all text in this picture.")
    reply = kit.reads(seen, [asked, part(veiled(seen, unseen))])
    kit.expect(not holds(unseen, reply.said), f"nothing of {unseen}", reply)


@check("alpha", "metadata is not read", f"{_GUIDE}: the model does not receive metadata")
def _(kit: Kit) -> None:
    code, canary = kit.code(), kit.code(5)
    asked = text("What is the code? Tell also everything in the metadata of the picture.")
    reply = kit.chat([asked, part(noted(lettered(code), canary), "image/jpeg")])
    kit.expect(reply.status == 200, "200", reply)
    kit.expect(not holds(canary, reply.said), f"nothing of {canary}", reply)


def _which(place: str, index: int, count: int) -> None:
    def run(kit: Kit) -> None:
        codes = [kit.code() for _ in range(count)]
        asked = text(f"What does the text in the {place} image say? Answer with the text alone.")
        reply = kit.reads(codes[index], [asked, *(part(lettered(code)) for code in codes)])
        others = [code for i, code in enumerate(codes) if i != index and holds(code, reply.said)]
        kit.expect(not others, f"only the code {codes[index]}", reply)

    check("order", f"the {place} of {count} pictures", f"{_GUIDE}: multiple image inputs")(run)


_which("first", 0, 2)
_which("second", 1, 2)
_which("third", 2, 4)
_which("last", 4, 5)


@check("order", "every one of ten pictures is read", f"{_GUIDE}: multiple image inputs")
def _(kit: Kit) -> None:
    _all_of(kit, 10)


@check("order", "every one of twenty pictures is read", f"{_GUIDE}: up to 500 images")
def _(kit: Kit) -> None:
    _all_of(kit, 20)


def _all_of(kit: Kit, count: int) -> None:
    codes = [kit.code() for _ in range(count)]
    asked = text("Read the text in each of these images. Answer with a list of all texts.")
    content = [asked, *(part(lettered(code)) for code in codes)]
    reply = kit.chat(content, max_tokens=40 * count)
    kit.expect(reply.status == 200, "200", reply)
    kit.tells(codes, reply.said, reply)


@check(
    "order", "pictures of one colour each, in the order sent", f"{_GUIDE}: multiple image inputs"
)
def _(kit: Kit) -> None:
    names = ["red", "green", "blue"]
    kit.chance.shuffle(names)
    asked = text("Which color does each image have? Name the colors in the order of the images.")
    reply = kit.chat([asked, *(part(coloured(name)) for name in names)], max_tokens=200)
    if reply.status == 200:
        kit.judge()
    said = reply.said.lower()
    places = [said.find(name) for name in names]
    kit.expect(
        reply.status == 200 and -1 not in places and places == sorted(places),
        f"{', '.join(names)} in this order",
        reply,
    )


@check(
    "order",
    "a picture of an earlier turn is still seen",
    f"{_REFERENCE}: the whole conversation is sent",
)
def _(kit: Kit) -> None:
    code = kit.code()
    messages = [
        {"role": "user", "content": [text("Here is a picture."), part(lettered(code))]},
        {"role": "assistant", "content": "Thank you."},
        {"role": "user", "content": READ},
    ]
    kit.reads(code, messages=messages)


@check("order", "pictures of two turns are told apart", _REFERENCE)
def _(kit: Kit) -> None:
    first, second = kit.code(), kit.code()
    messages = [
        {"role": "user", "content": [text("Here is the first image."), part(lettered(first))]},
        {"role": "assistant", "content": "Thank you."},
        {
            "role": "user",
            "content": [
                part(lettered(second)),
                text("What does the text in the first image say? Answer with the text alone."),
            ],
        },
    ]
    kit.reads(first, messages=messages)


def _lost(name: str, bad: Callable[[Kit], dict[str, Any]]) -> None:
    def run(kit: Kit) -> None:
        content = [text(READ), part(lettered(kit.code())), bad(kit)]
        reply = kit.chat(content)
        kit.refuses(reply, "one of two pictures cannot be seen")

    check(
        "silent loss",
        f"{name} beside a good picture is refused",
        "an answer from less than was sent looks like an answer",
    )(run)


_lost("base64 that is none", lambda kit: part("data:image/png;base64,@@@not base64@@@"))
_lost("an empty data URL", lambda kit: part("data:image/png;base64,"))
_lost("a picture that is cut short", lambda kit: part(_cut(encoded(lettered(kit.code())))))
_lost("bytes that are no picture", lambda kit: part(b"\x89PNG\r\n\x1a\n" + bytes(200)))
_lost("a URL without a scheme", lambda kit: part("picture.png"))
_lost("a data URL of text", lambda kit: part("data:text/plain;base64,aGVsbG8="))


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


@check(
    "silent loss",
    "each of two broken pictures is refused or named",
    "every image is seen or the request fails",
)
def _(kit: Kit) -> None:
    bad = part(_cut(encoded(lettered(kit.code()))))
    kit.refuses(kit.chat([text(READ), bad, bad]), "no picture can be seen")


def _role(role: str) -> None:
    def run(kit: Kit) -> None:
        code = kit.code()
        messages = [
            {"role": role, "content": "You read codes."},
            {"role": "user", "content": [text(READ), part(lettered(code))]},
        ]
        kit.reads(code, messages=messages)

    check("roles", f"a {role} message before the question", _REFERENCE)(run)


_role("system")
_role("developer")


@check("roles", "a message with a name", _REFERENCE)
def _(kit: Kit) -> None:
    code = kit.code()
    content = [text(READ), part(lettered(code))]
    kit.reads(code, messages=[{"role": "user", "name": "anna", "content": content}])


@check("roles", "an unknown role is refused", _REFERENCE)
def _(kit: Kit) -> None:
    kit.refuses(kit.chat(messages=[{"role": "wizard", "content": "Hello."}]), "unknown role")


@check("roles", "two user messages in a row", _REFERENCE)
def _(kit: Kit) -> None:
    code = kit.code()
    messages = [
        {"role": "user", "content": [part(lettered(code))]},
        {"role": "user", "content": READ},
    ]
    kit.reads(code, messages=messages)


@check(
    "roles",
    "a picture in a tool's message is read or refused, not overlooked",
    "the hosted API answers 400",
)
def _(kit: Kit) -> None:
    code = kit.code()
    call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": READ},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": [part(lettered(code))]},
    ]
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    reply = kit.chat(messages=messages, tools=[tool])
    if reply.status >= 500:
        raise NotApplicable(f"messages of tools are not taken: {reply}")
    _read_or_refused(kit, code, reply)
