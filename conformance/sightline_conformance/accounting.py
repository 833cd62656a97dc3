"""Checks of what a request costs and may ask for: tokens, detail, limits."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Any

from sightline_conformance.drawn import coloured, encoded, lettered, part, text
from sightline_conformance.kit import READ, Failed, Kit, NotApplicable, Reply, check, holds

_REFERENCE = "OpenAI API reference, chat completions"
_COSTS = "OpenAI, Images and vision guide: calculating costs"
_TILED = re.compile(r"gpt-4(-turbo|-vision|o(?!-mini)|\.1(?!-)|\.5|$|-2)")


def _usage(reply: Reply) -> dict[str, Any]:
    return (reply.body or {}).get("usage") or {}


def _tokens(kit: Kit, *pictures: dict[str, Any]) -> int:
    reply = kit.chat([text("Hi."), *pictures], max_tokens=1)
    found = _usage(reply).get("prompt_tokens")
    if reply.status != 200 or not isinstance(found, int):
        raise Failed("usage.prompt_tokens", str(reply))
    return found


@check("tokens", "usage adds up", _REFERENCE)
def _(kit: Kit) -> None:
    usage = _usage(kit.chat([text("Hi."), part(coloured("red"))]))
    prompt, said, total = (
        usage.get(f"{name}_tokens") for name in ("prompt", "completion", "total")
    )
    good = isinstance(prompt, int) and isinstance(said, int) and prompt + said == total
    kit.expect(good, "prompt + completion = total", usage)


@check("tokens", "a picture is counted", _COSTS)
def _(kit: Kit) -> None:
    without, beside = _tokens(kit), _tokens(kit, part(coloured("red")))
    kit.expect(beside > without, f"more than the {without} of the text alone", beside)


@check("tokens", "two pictures cost twice as much as one", _COSTS)
def _(kit: Kit) -> None:
    red, blue = part(coloured("red")), part(coloured("blue"))
    without, one, two = _tokens(kit), _tokens(kit, red), _tokens(kit, red, blue)
    near = abs((two - without) - 2 * (one - without)) <= 16  # labels between pictures may count
    kit.expect(near, f"about {2 * one - without} tokens", two)


@check("tokens", "high detail never costs less than low", _COSTS)
def _(kit: Kit) -> None:
    picture = coloured("green", (1024, 1024))
    low, high = (_tokens(kit, part(picture, detail=level)) for level in ("low", "high"))
    kit.expect(high >= low, f"{low} or more", high)


def _costs(width: int, height: int, detail: str, tokens: int) -> None:
    def run(kit: Kit) -> None:
        if not _TILED.match(kit.model):
            raise NotApplicable(
                "the formula is that of GPT-4 Turbo, 4o and 4.1: use --model gpt-4o"
            )
        picture = part(coloured("blue", (width, height)), detail=detail)
        found = _tokens(kit, picture) - _tokens(kit)
        kit.expect(found == tokens, f"{tokens} tokens for the picture", found)

    check("tokens", f"{width} x {height} at {detail} costs {tokens}", _COSTS)(run)


_costs(512, 512, "low", 85)
_costs(512, 512, "high", 255)
_costs(1024, 1024, "high", 765)
_costs(2048, 4096, "high", 1105)
_costs(2048, 4096, "low", 85)
_costs(150, 150, "high", 255)


def _detail(level: str) -> None:
    def run(kit: Kit) -> None:
        code = kit.code()
        kit.reads(code, [text(READ), part(lettered(code), detail=level)])

    check("detail", f"a picture at detail {level} is read", _COSTS)(run)


for _level in ("low", "high", "auto"):
    _detail(_level)


@check("detail", "small print is read at high detail", f"{_COSTS}: high sees more than 512 pixels")
def _(kit: Kit) -> None:
    code = kit.code()
    picture = coloured("yellow", (1400, 700))
    picture.paste(lettered(code, size=16), (620, 330))
    kit.reads(code, [text(READ), part(picture, detail="high")])


@check("detail", "an unknown level is refused", _REFERENCE)
def _(kit: Kit) -> None:
    kit.refuses(kit.chat([text(READ), part(coloured("red"), detail="bogus")]), "unknown detail")


def _out_of_range(field: str, value: Any) -> None:
    def run(kit: Kit) -> None:
        kit.refuses(kit.chat("Hello.", **{field: value}), f"{field} of {value}")

    check("limits", f"{field} of {value!r} is refused", _REFERENCE)(run)


_out_of_range("temperature", 3)
_out_of_range("top_p", 1.5)
_out_of_range("max_tokens", -1)
_out_of_range("n", 0)
_out_of_range("max_tokens", "many")


@check("limits", "max_tokens of 1 cuts the answer and says so", _REFERENCE)
def _(kit: Kit) -> None:
    reply = kit.chat("Tell a long story about a lighthouse.", max_tokens=1)
    choices = (reply.body or {}).get("choices") or [{}]
    kit.expect(choices[0].get("finish_reason") == "length", "finish_reason length", reply)


@check("limits", "a stop sequence ends the answer and is not part of it", _REFERENCE)
def _(kit: Kit) -> None:
    code = kit.code()
    whole = kit.chat([text("Read the text in this picture."), part(lettered(code, "STOPHERE"))])
    if not holds("STOPHERE", whole.said) or "STOPHERE" not in whole.said:
        raise NotApplicable("the model does not say the word as it is printed")
    cut = kit.chat(
        [text("Read the text in this picture."), part(lettered(code, "STOPHERE"))], stop="STOPHERE"
    )
    kit.expect(cut.status == 200 and "STOPHERE" not in cut.said, "no STOPHERE", cut)


@check(
    "limits",
    "a small file of a huge picture does no harm",
    "decompression bombs: some kilobytes that become gigabytes",
)
def _(kit: Kit) -> None:
    reply = kit.chat([text("What is this?"), part(_bomb(30_000, 30_000))])
    kit.expect(reply.status < 500, "an answer, or a status of 400 to 499", reply)
    after = kit.chat("Say hello.")
    kit.expect(after.status == 200, "the next request answered", after)


@check("limits", "a picture of one pixel does no harm", "CVE-2026-22773: it ended vLLM's engine")
def _(kit: Kit) -> None:
    reply = kit.chat([text("What is this?"), part(encoded(coloured("red", (1, 1))))])
    kit.expect(reply.status < 500, "an answer, or a status of 400 to 499", reply)
    after = kit.chat("Say hello.")
    kit.expect(after.status == 200, "the next request answered", after)


def _bomb(width: int, height: int) -> bytes:
    """Write a PNG of one colour: some hundred kilobytes for as many pixels as one likes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + width // 8)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@check(
    "limits",
    "a body of 80 MB is refused or answered, not dropped",
    f"{_COSTS}: up to 50 MB of images",
)
def _(kit: Kit) -> None:
    padding = "A" * (80 << 20)
    try:
        reply = kit.chat([text("Hi."), part(f"data:image/png;base64,{padding}")])
    finally:
        del padding
    kit.expect(400 <= reply.status < 500, "a status of 400 to 499", reply)


@check(
    "limits",
    "more than 500 pictures are refused or answered in whole",
    f"{_COSTS}: up to 500 images",
)
def _(kit: Kit) -> None:
    tiny = part(encoded(coloured("red", (8, 8))))
    reply = kit.chat([text("Hi."), *[tiny] * 501], max_tokens=1)
    kit.expect(reply.status < 500, "200, or a status of 400 to 499", reply)
