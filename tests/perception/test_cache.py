"""What is kept of pictures: for its time, within its bound, found by its key alone, without pixels."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
from PIL import Image

from sightline.engines.embedded.evidence import Known, exhibit, known
from sightline.media.image import digest
from sightline.media.image_tokens import sight
from sightline.perception.cache import PerceptionCache, size_of
from sightline.perception.survey import survey
from sightline.perception.text import TextReader
from sightline.perception.things import Eyes
from sightline.types import Picture
from sightline.workers import Stop

SAMPLES = Path(__file__).parents[2] / "samples"


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_kept_is_forgotten_after_its_time() -> None:
    clock = Clock()
    memory: PerceptionCache[str] = PerceptionCache(60, 10_000, clock)
    memory.keep(memory.key("a", "1"), "first")
    clock.now = 50
    memory.keep(memory.key("a", "2"), "second")
    assert memory.find(memory.key("a", "1")) == "first"  # and its time begins anew
    clock.now = 109
    assert memory.sweep() == 1.0
    assert memory.find(memory.key("a", "2")) == "second"
    clock.now = 110
    assert memory.find(memory.key("a", "1")) is None
    clock.now = 1000
    assert memory.sweep() is None
    assert memory.bytes == 0


def test_the_oldest_go_where_there_is_too_much() -> None:
    each = size_of("x" * 1000)
    memory: PerceptionCache[str] = PerceptionCache(60, 3 * each)
    keys = [memory.key("a", str(number)) for number in range(4)]
    for key in keys[:3]:
        memory.keep(key, "x" * 1000)
    assert memory.find(keys[0]) is not None
    memory.keep(keys[3], "x" * 1000)
    assert [memory.find(key) is not None for key in keys] == [True, False, True, True]
    assert memory.bytes == 3 * each
    memory.keep(keys[1], "x" * 10_000)  # larger than all there is room for
    assert memory.find(keys[1]) is None


def test_what_grows_is_weighed_again() -> None:
    memory: PerceptionCache[list[str]] = PerceptionCache(60, 5000)
    first, second = memory.key("a", "1"), memory.key("a", "2")
    grown = ["x"]
    memory.keep(first, ["y"])
    memory.keep(second, grown)
    grown.append("x" * 6000)
    memory.weigh(second)
    assert memory.find(first) is None
    assert memory.find(second) is None
    assert memory.bytes == 0


def test_a_key_is_of_its_owner_and_of_this_memory_alone() -> None:
    memory: PerceptionCache[str] = PerceptionCache(60, 5000)
    assert memory.key("a", "b", "c") == memory.key("a", "b", "c")
    others = [memory.key("ab", "c"), memory.key("a", "bc"), memory.key("", "a", "b", "c")]
    others.append(PerceptionCache[str](60, 5000).key("a", "b", "c"))
    assert memory.key("a", "b", "c") not in others
    assert len(set(others)) == len(others)


def test_nothing_is_kept_without_time_or_room() -> None:
    for memory in (PerceptionCache[str](0, 5000), PerceptionCache[str](60, 0)):
        key = memory.key("a", "1")
        memory.keep(key, "x")
        assert not memory.keeps
        assert memory.find(key) is None


def _known(name: str) -> tuple[Known, Picture]:
    pixels = np.asarray(Image.open(SAMPLES / name).convert("RGB"))
    seen = sight("gpt-4o", pixels.shape[1], pixels.shape[0], "high")
    size = pixels.shape[1], pixels.shape[0]
    picture = Picture(pixels, (pixels,), size, seen, digest(pixels), "", "high")
    looked = survey(picture, TextReader(1), lambda: Eyes(1), Stop())
    return known(exhibit(1, looked)), picture


def test_no_pixel_is_kept() -> None:
    """Whatever leads from what is kept: no array of it is of pixels, and all is small."""
    for name in ("receipt.png", "coffee.jpg", "sign.png"):
        kept, picture = _known(name)
        assert size_of(kept) < 200_000
        waiting: list[object] = [kept]
        met: set[int] = set()
        while waiting:
            each = waiting.pop()
            if id(each) in met or isinstance(each, type) or callable(each):
                continue
            met.add(id(each))
            assert not isinstance(each, Picture)
            if isinstance(each, np.ndarray):
                assert each.dtype != np.uint8
            waiting += gc.get_referents(each)
        again = kept.exhibit(2, picture, None)
        assert again.survey.perceived == kept.perceived
        assert again.survey.picture is picture
