"""`sightline tokens`, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_cli import sightline
from tests.pictures import SAMPLES, encoded, photograph, sample

FILM = Path(__file__).parents[3] / "shared" / "data" / "bison.mp4"


def test_table() -> None:
    code, out, err = sightline("tokens", "--size", "1024x1024", "--model", "gpt-4o,gpt-5.5")
    assert (code, err) == (0, "")
    heads, tiles, patches = out.splitlines()
    assert heads.split()[-1] == "tokens"
    assert (
        tiles.split()
        == "1024x1024 1024×1024 gpt-4o auto 768×768 2×2 tiles and overview 765".split()
    )
    assert (
        patches.split() == "1024x1024 1024×1024 gpt-5.5 auto 1024×1024 1,024 patches 1,229".split()
    )


def test_a_guess_is_said_to_be_one() -> None:
    size = ("tokens", "--size", "1024x1024", "--model")
    _, out, err = sightline(*size, "gpt-6-sol,gpt-6-astra")
    assert [line.split()[-1] for line in out.splitlines()[1:]] == ["1,229", "1,229"]
    assert err == (
        "How gpt-6-sol sizes pictures is a guess: published for gpt-6-astra alone, others are "
        "taken to be alike.\n"
    )
    assert sightline(*size, "gpt-6-astra", "--json")[2] == ""


def test_json_of_pictures() -> None:
    receipt = str(SAMPLES / "receipt.png")
    code, out, _ = sightline(
        "tokens", receipt, "-", "--detail", "all", "--json", stdin=sample("sign")
    )
    assert code == 0
    told = json.loads(out)
    assert [row["picture"] for row in told["pictures"]] == [receipt] * 4 + ["-"] * 4
    low = told["pictures"][0]
    assert low["size"] == [520, 760]
    assert low["seen"] == [350, 512]
    assert low["tokens"] == 85
    assert told["total_tokens"]["gpt-4o"]["low"] == 170


def test_refused_sizes_are_said_to_be() -> None:
    _, out, _ = sightline("tokens", "--size", "6432x4800", "--model", "gpt-5.6-sol")
    assert "30,150 patches" in out
    assert "refused" in out


@pytest.mark.parametrize(
    ("fidelity", "tokens"), [("low", 194), ("high", 4354)]
)  # the fidelity of the drawing model, not a detail
def test_fidelity(fidelity: str, tokens: int) -> None:
    asked = ("--size", "1024x1024", "--model", "gpt-image-1", "--fidelity", fidelity, "--json")
    assert json.loads(sightline("tokens", *asked)[1])["pictures"][0]["tokens"] == tokens


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "Give at least one picture or --size."),
        (["--size", "12"], 2, "'12' is not a size."),
        (["--size", "0x4"], 2, "is not a size."),
        (["--size", "4x4", "--model", "gpt-99x"], 2, "does not exist"),
        (["--size", "4x4", "--frames", "0"], 2, "invalid whole_number value"),
        ([__file__], 1, "unsupported image"),
        (["nothing.png"], 1, "nothing.png cannot be read."),
    ],
)
def test_wrong_use(arguments: list[str], code: int, said: str) -> None:
    got, out, err = sightline("tokens", *arguments)
    assert (got, out) == (code, "")
    assert said in err


@pytest.mark.skipif(not FILM.exists(), reason="the film is not here")
def test_a_real_film() -> None:
    _, out, _ = sightline("tokens", str(FILM), "--json")
    row = json.loads(out)["pictures"][0]
    assert row["size"] == [1280, 720]
    assert (row["frames"], row["tokens_per_frame"]) == (13, 1105)
    assert row["tokens"] == 13 * 1105


def film(path: Path, *, seconds: int = 4, rate: int = 10, codec: str = "mpeg4") -> str:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for _ in range(seconds * rate):
            container.mux(stream.encode(av.VideoFrame(320, 240, "yuv420p")))
        container.mux(stream.encode())
    return str(path)


@pytest.mark.parametrize(
    ("plan", "frames"),
    [([], 1), (["--stride", "10"], 4), (["--frames", "7"], 7), (["--frames", "700"], 40),
     (["--every", "1"], 5), (["--every", "0.5"], 9)],
)  # fmt: skip
def test_films_count_by_their_frames(tmp_path: Path, plan: list[str], frames: int) -> None:
    name = film(tmp_path / "film.mp4")
    row = json.loads(sightline("tokens", name, "--json", *plan)[1])["pictures"][0]
    assert row["frames"] == frames
    assert row["tokens"] == frames * 255


def test_a_broken_film_is_named(tmp_path: Path) -> None:
    whole = Path(film(tmp_path / "film.mp4"))
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(whole.read_bytes()[:300])
    code, _, err = sightline("tokens", str(broken))
    assert code == 1
    assert "broken.mp4: It is a film, but its file is damaged or cut off" in err


@pytest.mark.parametrize("format", ["AVIF", "TIFF", "BMP", "HEIF"])
def test_the_command_line_takes_more_formats(tmp_path: Path, format: str) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    path = tmp_path / f"picture.{format.lower()}"
    path.write_bytes(encoded(photograph("coffee"), format))
    code, out, err = sightline("tokens", str(path), "--json")
    assert code == 0, err
    assert json.loads(out)["pictures"][0]["size"] == [600, 400]


def test_several_pages_and_drawings_are_refused(tmp_path: Path) -> None:
    from PIL import Image

    pages = tmp_path / "pages.tiff"
    one, two = Image.new("RGB", (9, 9)), Image.new("RGB", (9, 9), "red")
    one.save(pages, save_all=True, append_images=[two])
    drawing = tmp_path / "drawing.svg"
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert "single" in sightline("tokens", str(pages))[2]
    assert "export it as PNG" in sightline("tokens", str(drawing))[2]
