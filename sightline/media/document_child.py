"""The process in which a document's pages are drawn: `python -m sightline.media.document_child`.

A PDF is made by whoever sends it, and what draws it is large; so it is drawn where that can hurt
nothing: with limits on memory and time, with nothing else to reach for. A line of JSON on stdin is
the order, followed by the document; on stdout comes for each page a line of JSON and its PNG.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from math import ceil
from typing import Any

from sightline.media.confined import limit, renew_cpu, say

_ADDRESS_SPACE = 4 << 30
_POINTS = 72.0  # to the inch
_DENSEST = 216 / _POINTS  # small pages are not blown up beyond this
_MOST_TEXT = 4 << 20  # characters of all pages


def main() -> None:
    """Do what the order says."""
    order = json.loads(sys.stdin.buffer.readline())
    limit(ceil(order["cpu_s"]), _ADDRESS_SPACE)
    renew_cpu(ceil(order["page_cpu_s"]))  # for finding its pages
    data = sys.stdin.buffer.read(order["bytes"])
    try:
        _work(data, order)
    except _Refused as error:
        say({"error": error.args[0], "hint": error.args[1]})
    except BrokenPipeError:
        return


class _Refused(Exception):
    """What is wrong with the document, and what to do."""


def _work(data: bytes, order: Mapping[str, Any]) -> None:
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "assword" in str(error):
            raise _Refused("The PDF is protected by a password.", "Send it without.") from None
        raise _Refused("The PDF cannot be read.", "It may be damaged, or none.") from None
    count, most = len(document), order["most_pages"]
    wanted = order["pages"] or range(1, count + 1)
    if max(wanted, default=0) > count:
        has = f"{count} page" + ("" if count == 1 else "s")
        raise _Refused(f"The PDF has {has}, and no page {max(wanted)}.", "")
    if len(wanted) > most:
        asked = f"{len(wanted)} are asked for" if order["pages"] else f"The PDF has {count} pages"
        raise _Refused(f"{asked}; at most {most} are taken.", "Send it in parts.")
    document.init_forms()  # what was filled in is drawn too
    told = sent = 0
    for number in wanted:
        renew_cpu(ceil(order["page_cpu_s"]))
        try:
            text, picture, size = _page(document[number - 1], order["longest"], order["blank"])
        except pdfium.PdfiumError:
            raise _Refused(f"Page {number} of the PDF cannot be drawn.", "") from None
        told, sent = told + len(text), sent + len(picture)
        if told > _MOST_TEXT or sent > order["most_bytes"]:
            raise _Refused("The PDF's pages are too large together.", "Send it in parts.")
        say({"page": number, "of": count, "text": text, "bytes": len(picture), "size_pt": size})
        sys.stdout.buffer.write(picture)
    say({"end": True})


def _page(page: Any, longest: int, blank: bool) -> tuple[str, bytes, tuple[float, float]]:
    """Give a page's text, the page drawn with its longest side no longer than `longest`, its size.

    That is its (width, height) in points, as it is shown. A `blank` one is as large as one drawn,
    with nothing on it.
    """
    from PIL import Image  # which pypdfium2 draws into

    read = page.get_textpage()
    text = read.get_text_bounded().replace("\r\n", "\n").replace("\x00", "").strip()
    read.close()
    size = page.get_size()
    scale = min(_DENSEST, longest / max(*size, 1.0))
    stored = io.BytesIO()
    if blank:
        Image.new("1", (ceil(size[0] * scale), ceil(size[1] * scale))).save(stored, "PNG")
    else:
        page.render(scale=scale).to_pil().save(stored, "PNG", compress_level=1)
    page.close()
    return text, stored.getvalue(), size


if __name__ == "__main__":
    main()
