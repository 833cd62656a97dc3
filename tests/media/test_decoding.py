"""Decoding in processes that can be ended: what slow, large and hostile pictures cost, and whom."""

from __future__ import annotations

import io
import os
import struct
import sys
import threading
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from PIL import Image

from sightline.errors import EngineBusy, ImageError
from sightline.media import container
from sightline.media.decoding import DecodeLimits, Decoders
from sightline.media.image import ImageBounds, decode, look, walk
from sightline.workers import Stop, Stopped
from tests.pictures import SLOW, encoded
from tests.waiting import PATIENCE_S, until

BOUNDS = ImageBounds(max_bytes=20 << 20, max_pixels=100_000_000)
LIMITS = DecodeLimits(60.0, 100_000_000)


@dataclass(frozen=True, slots=True)
class Narrow(DecodeLimits):
    """Limits with little memory."""

    @property
    def memory(self) -> int:
        return 1 << 30


def noise(width: int = 640, height: int = 400) -> Image.Image:
    chance = np.random.default_rng(0)
    return Image.fromarray(chance.integers(0, 255, (height, width, 3), np.uint8))


def _all() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if "sightline.media.picture_child" in child.cmdline()
    ]


# Those of `sightline.ask`, which other tests call: it keeps its own until Python ends.
OTHERS: set[int] = set()


@pytest.fixture(autouse=True)
def _others() -> None:
    OTHERS.clear()
    OTHERS.update(child.pid for child in _all())


def children() -> list[psutil.Process]:
    return [child for child in _all() if child.pid not in OTHERS]


def pixels(decoders: Decoders, data: bytes, stop: Stop | None = None) -> NDArray[np.uint8]:
    found = walk(data, "here", BOUNDS)
    width, height = found.upright
    return decoders.decode(found, (width // 2, height // 2), "here", stop or Stop())


@pytest.mark.parametrize("shared", [True, False] if hasattr(os, "memfd_create") else [False])
def test_pixels_are_those_of_this_process(shared: bool) -> None:
    decoders = Decoders(LIMITS, shared=shared)
    exif = Image.Exif()
    exif[0x0112] = 6
    try:
        for format in ("JPEG", "PNG", "WEBP", "GIF"):
            more = {} if format == "GIF" else {"exif": exif}
            data = encoded(noise(), format, **more)
            size = look(data, "p", BOUNDS).size
            here = decode(data, "p", BOUNDS, (size[0] // 2, size[1] // 2))
            assert np.array_equal(pixels(decoders, data), here)
        # More than is shared, in both directions.
        large = encoded(noise(2600, 2400), "PNG", compress_level=0)
        found = walk(large, "p", BOUNDS)
        whole = decoders.decode(found, found.upright, "p", Stop())
        assert np.array_equal(whole, np.asarray(noise(2600, 2400)))
        assert len(children()) == 1  # one at a time takes one process
    finally:
        decoders.close()
    assert not children()


@dataclass(frozen=True, slots=True)
class Hurried(DecodeLimits):
    """Limits that do not grow with the picture."""

    def seconds(self, pixels: int) -> float:
        return self.cpu_s


def test_what_takes_too_long_is_ended_and_the_next_is_decoded() -> None:
    decoders = Decoders(Hurried(0.2, 100_000_000))
    try:
        with pytest.raises(ImageError) as caught:
            pixels(decoders, SLOW)
        assert (caught.value.status, caught.value.param) == (400, "here")
        assert "takes too long" in caught.value.message
        for _ in range(8):  # each has its own time
            assert pixels(decoders, encoded(noise())).shape == (200, 320, 3)
    finally:
        decoders.close()


def test_work_that_nobody_waits_for_ends_at_once() -> None:
    decoders, stop, ended = Decoders(LIMITS), Stop(), threading.Event()

    def work() -> None:
        with pytest.raises(Stopped):
            pixels(decoders, SLOW, stop)
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        # Where memory is dear, most of the time that it takes is the system's.
        until(lambda: any(sum(child.cpu_times()[:2]) > 0.5 for child in children()))
        (child,) = children()
        stop.set()
        assert ended.wait(PATIENCE_S)
        assert not child.is_running()
        # Another takes its place.
        assert pixels(decoders, encoded(noise())).shape == (200, 320, 3)
        with pytest.raises(Stopped):
            pixels(decoders, encoded(noise()), stop)
    finally:
        thread.join()
        decoders.close()


def test_one_that_was_killed_is_replaced() -> None:
    decoders = Decoders(LIMITS)
    try:
        decoders.warm()
        until(lambda: bool(children()))
        (first,) = children()
        first.kill()
        until(lambda: first.status() == psutil.STATUS_ZOMBIE)
        assert pixels(decoders, encoded(noise())).shape == (200, 320, 3)
        (second,) = children()
        assert second.pid != first.pid
    finally:
        decoders.close()


@pytest.mark.parametrize("shared", [True, False])
def test_damage_is_told_of_pictures_of_any_size(shared: bool) -> None:
    decoders = Decoders(LIMITS, shared=shared and hasattr(os, "memfd_create"))
    # Too large for the memory that both sides share.
    data = encoded(noise(300, 240).resize((3000, 2400), Image.Resampling.NEAREST))
    try:
        found = walk(data, "here", BOUNDS)
        whole = decoders.decode(found, found.upright, "here", Stop())
        assert whole.shape == (2400, 3000, 3)
        middle = len(data) // 2
        spoilt = walk(data[:middle] + bytes(99) + data[middle + 99 :], "here", BOUNDS)
        with pytest.raises(ImageError) as caught:
            decoders.decode(spoilt, spoilt.upright, "here", Stop())
        assert caught.value.status == 400
        (child,) = children()
        assert decoders.decode(found, found.upright, "here", Stop()).shape == whole.shape
        assert children() == [child]
    finally:
        decoders.close()


@pytest.mark.skipif(sys.platform != "linux", reason="bounds of addresses hold on Linux")
@pytest.mark.parametrize(("format", "mode"), [("WEBP", "RGBA"), ("GIF", "P")])
def test_too_little_memory_is_no_damage(format: str, mode: str) -> None:
    decoders = Decoders(Narrow(60.0, 1))
    data = SLOW if format == "WEBP" else encoded(Image.new(mode, (9900, 9900), 0), format)
    try:
        with pytest.raises(EngineBusy) as caught:
            pixels(decoders, data)
        assert caught.value.status == 503
        assert pixels(decoders, encoded(noise())).shape == (200, 320, 3)
    finally:
        decoders.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's sandbox is Linux's")
def test_a_decoding_process_is_confined() -> None:
    from sightline.media.confined import in_force

    if not in_force().network:
        pytest.skip("the kernel takes no filters here")
    decoders = Decoders(LIMITS)
    try:
        pixels(decoders, encoded(noise()))
        (child,) = children()
        lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
        found = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        assert found["Seccomp"] == "2"
        assert found["NoNewPrivs"] == "1"
        assert "SIGHTLINE_UPSTREAM_KEY" not in child.environ()
    finally:
        decoders.close()


def repeated(scans: int) -> bytes:
    """A progressive JPEG whose last scan comes many times over."""
    data = encoded(Image.new("RGB", (2000, 2000), "red"), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def test_a_jpeg_of_many_scans_is_refused_before_it_is_decoded() -> None:
    assert walk(repeated(1), "p", BOUNDS).scans <= 12
    with pytest.raises(ImageError) as caught:
        look(repeated(2000), "here", BOUNDS)
    assert (caught.value.status, caught.value.param) == (400, "here")
    assert "scans" in caught.value.hint


def comments(count: int) -> bytes:
    """GIF extensions with so many bytes of comment."""
    return b"!\xfe" + (b"\xff" + b"a" * 255) * (count // 255) + b"\0"


def test_what_decoders_do_not_need_never_reaches_them() -> None:
    plain = encoded(noise(90, 70).quantize(16), "GIF")
    at = 13 + (3 << (plain[10] & 7) + 1)  # behind the table of colours
    stuffed = plain[:at] + comments(12_000_000) + plain[at:-1] + comments(3_000_000) + b";"
    assert b"".join(walk(stuffed, "p", BOUNDS).pieces) == b"".join(walk(plain, "p", BOUNDS).pieces)
    assert np.array_equal(decode(stuffed, "p", BOUNDS), decode(plain, "p", BOUNDS))
    for format in ("JPEG", "PNG", "WEBP"):
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = 8, "A camera's secret"
        full = encoded(noise(90, 70), format, exif=exif, icc_profile=profile())
        found = walk(full, "p", BOUNDS)
        kept = b"".join(found.pieces)
        assert b"secret" in full
        assert b"secret" not in kept
        assert found.orientation == 8
        with Image.open(io.BytesIO(kept)) as image:  # the profile stays, for colours
            assert image.info["icc_profile"] == profile()
            assert image.size == (90, 70)


def profile() -> bytes:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif_bomb() -> bytes:
    """EXIF data whose directory names the same megabytes 65,000 times, and then the orientation."""
    size = 8_000_000
    tag = struct.pack("<HHII", 0x9286, 7, size, 800_000)
    turned = struct.pack("<HHII", 0x0112, 3, 1, 6)
    head = b"II*\0" + struct.pack("<IH", 8, 65_000) + turned + tag * 64_999
    return head.ljust(800_000, b"\0") + bytes(size)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_a_directory_of_metadata_is_not_followed() -> None:
    data = encoded(noise(90, 70))
    assert look(data[:33] + chunk(b"eXIf", exif_bomb()) + data[33:], "p", BOUNDS).size == (70, 90)


def test_directories_that_are_not_there_are_not_read() -> None:
    data = encoded(noise(90, 70))
    told = chunk(b"eXIf", b"II*\0\x08\0\0\0\xff\xff" + bytes(6))
    before = time.thread_time()
    assert look(data[:33] + told * 50_000 + data[33:], "p", BOUNDS).size == (90, 70)
    assert time.thread_time() - before < 5  # it were 17 s of work


def test_orientation_is_found_wherever_programs_write_it() -> None:
    plain, xmp = encoded(noise(90, 70)), b'<x tiff:Orientation="6"/>'
    text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)
    assert look(plain[:33] + text + plain[33:], "p", BOUNDS).size == (70, 90)
    exif = Image.Exif()
    exif[0x0112] = 6
    told = exif.tobytes()
    profile = f"\nexif\n{len(told):8}\n{told.hex()}\n".encode()
    raw = chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(profile))
    assert look(plain[:33] + raw + plain[33:], "p", BOUNDS).size == (70, 90)
    for format in ("JPEG", "WEBP"):
        data = encoded(noise(90, 70), format, xmp=xmp)
        assert look(data, "p", BOUNDS).size == (70, 90)


def test_a_wrong_checksum_beside_the_pixels_does_no_harm() -> None:
    data = encoded(noise(90, 70), icc_profile=profile())
    at = data.index(b"iCCP") + 30
    broken = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    assert np.array_equal(decode(broken, "p", BOUNDS), np.asarray(noise(90, 70)))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP"])
def test_cut_and_changed_files_end_the_walk(format: str) -> None:
    data, chance = encoded(noise(60, 40), format), np.random.default_rng(7)
    for cut in range(0, len(data), max(1, len(data) // 200)):
        _walked(data[:cut])
    for _ in range(300):
        broken = bytearray(data)
        for at in chance.integers(0, min(len(data), 900), 5):
            broken[at] = int(chance.integers(0, 256))
        _walked(bytes(broken))


def _walked(data: bytes) -> None:
    try:
        found = container.parse(data)
    except container.Damaged:
        return
    assert found is None or sum(map(len, found.pieces)) <= len(data) + 1
