"""The page in Debian's Firefox: what each browser does its own way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import running
from tests.firefox import PROGRAM, firefox
from tests.waiting import until

pytestmark = [pytest.mark.skipif(PROGRAM is None, reason="Debian's Firefox is not installed")]

CLICK = "[...document.querySelectorAll('button')].find((b) => b.innerText.startsWith('{}')).click()"
DROP = """(async () => {
    const data = await (await fetch("examples/film.mp4")).blob();
    const dropped = new DataTransfer();
    dropped.items.add(new File([data], "film.mp4", { type: "video/mp4" }));
    const options = { bubbles: true, cancelable: true, dataTransfer: dropped };
    document.body.dispatchEvent(new DragEvent("drop", options));
})()"""


def test_a_question_is_answered_and_a_film_is_cut_into_frames(tmp_path: Path) -> None:
    with running() as url, firefox(tmp_path) as page:
        page.open(f"{url.removesuffix('/v1')}/", 1280, 860)
        until(lambda: page.tell("document.querySelector('.composer option') !== null"))
        page.tell(CLICK.format("A receipt"))
        until(lambda: page.tell("document.querySelector('.spent') !== null"))
        assert "$16.20" in page.tell("document.querySelector('article.answer').innerText")
        page.tell(CLICK.format("$16.20"))
        until(lambda: page.tell("document.querySelector('.box.evidence.on') !== null"))
        page.tell(CLICK.format("Code"))
        until(lambda: page.tell("document.querySelector('.code').innerText.length > 300"))
        page.tell("document.querySelector('dialog').close()")
        page.tell("document.querySelector('[aria-label=\"New conversation\"]').click()")
        until(lambda: page.tell("document.querySelector('article.answer') === null"))
        page.tell(DROP)
        until(lambda: page.tell("document.querySelectorAll('.strip img').length") == 12)
        frames = page.tell("[...document.querySelectorAll('.strip img')].map((i) => i.src)")
        assert len(set(frames)) > 3  # what moves in it moves in them
        page.tell("document.querySelectorAll('.strip button')[9].click()")
        until(lambda: page.tell("document.querySelector('.frame video').currentTime > 4"))
        for width in (360, 768, 1600):
            page.ask("browsingContext.setViewport", context=page.context,
                     viewport={"width": width, "height": 860})  # fmt: skip
            until(lambda width=width: page.tell("innerWidth") == width)  # type: ignore[misc]
            until(lambda: page.tell("document.documentElement.scrollWidth <= innerWidth"))
        assert page.wrong == []
