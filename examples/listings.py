"""Run every code listing of documents about GPT-4 with Vision against Sightline, as they stand.

    python examples/listings.py [--documents FOLDER] [--only NAME]

The Python listings of each text file are found and run in their order, in one process, as a reader
would type them. Replaced are the base URL, keys, and what is read: pictures, the camera, films.
Each listing is printed with what was replaced and what it said. Without a folder the programs beside this
file are run, which are copies of such listings. What still uses the SDK of before 1.0 runs with it,
in an environment of its own.
"""

from __future__ import annotations

import argparse
import ast
import base64
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import environments

_NOW = (
    "openai==3.54.0", "requests==2.34.2", "opencv-python-headless==5.0.0.93", "ipython==9.18.1",
    "gradio==6.31.0",
)  # fmt: skip
_THEN = ("openai==0.28.1", "requests==2.34.2", "gradio==6.31.0")
_CODE = (
    ast.Import, ast.ImportFrom, ast.Assign, ast.AugAssign, ast.FunctionDef, ast.ClassDef, ast.For,
    ast.While, ast.If, ast.With, ast.Try,
)  # fmt: skip
_BEGINS = re.compile(
    r"(import|from|def|class|for|while|if|with) \S|(try:|#)|[\w.]+(\[.+\])* = \S|[\w.]+\("
)
_LONGEST = 200  # lines of a listing
_SHOWN = 12  # lines of what one says that are printed
_KEY = "none"
_MARK = "\x1e"


@dataclass(frozen=True)
class Listing:
    """Code of a document, where it begins there, and what was replaced in it."""

    name: str
    code: str
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inputs:
    """What listings are given instead of what they name."""

    base_url: str
    site: str
    picture: Path
    film: Path


def found(text: str, name: str) -> list[Listing]:
    """Find the Python listings in a text: the longest runs of lines that are nothing but code."""
    lines = text.splitlines()
    listings: list[Listing] = []
    at = 0
    while at < len(lines):
        end = _end(lines, at) if _BEGINS.match(lines[at]) else at
        if end > at:
            code = "\n".join(lines[at:end]).rstrip()
            listings.append(Listing(f"{name}:{at + 1}", code))
        at = max(end, at + 1)
    return listings


def _end(lines: Sequence[str], first: int) -> int:
    """Give the line before which the code that begins here ends; `first` where there is none."""
    for end in range(min(len(lines), first + _LONGEST), first, -1):
        if not lines[end - 1].strip():
            continue
        try:
            body = ast.parse("\n".join(lines[first:end])).body
        except (SyntaxError, ValueError):
            continue
        if body and all(_is_code(node) for node in body):
            return end
    return first


def _is_code(node: ast.stmt) -> bool:
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    return called or isinstance(node, _CODE)


def adapted(listing: Listing, inputs: Inputs, before: Sequence[Listing]) -> Listing:
    """Replace the base URL, keys and inputs of a listing, and say what was replaced."""
    code, said = listing.code, list[str]()

    def put(pattern: str, by: str, told: str) -> None:
        nonlocal code
        code, count = re.subn(pattern, lambda _: by, code)
        if count:
            said.append(told)

    put(r"https://api\.openai\.com/v1", inputs.base_url, "the base URL")
    put(r"YOUR_OPENAI_API_KEY", _KEY, "the key")
    picture = r"https?://[^\s\"']+\.(?:png|jpe?g|webp|gif)|https://image\d\.com"
    put(picture, f"{inputs.site}/{inputs.picture.name}", "the picture's URL")
    put(r"path_to_your_image\.jpg", str(inputs.picture), "the picture's path")
    film = f'VideoCapture("{inputs.film}")'
    put(r'VideoCapture\("[^"]*\.mp4"\)', film, "the film")
    put(r"VideoCapture\(0\)", film, "the camera, by a film")
    put(r"(?m)^# Frames from previous example *\n\w+ = \[\]", "", "no frames, by those before")
    if "base64_str1" in code:
        text = base64.b64encode(inputs.picture.read_bytes()).decode()
        code = f"base64_str1 = base64_str2 = {text!r}\n\n{code}"
        said.append("two pictures in base64, which it names")
    if "#...," in code:  # what stands for the arguments of the listing before
        earlier = next(b.code for b in reversed(before) if "Completion.create(" in b.code)
        inner = re.search(r"create\((.*?)\n\)", earlier, re.DOTALL)[1].strip()  # type: ignore[index]
        put(r"#\.\.\.,", f"{inner},", "the arguments it leaves out, by those of the listing before")
    if "openai.Completion.create(" in code:
        if "model=" not in code:
            put(
                r"Completion\.create\(", 'Completion.create(model="gpt-4-vision-preview",',
                "no model, which that SDK refuses before it sends anything",
            )  # fmt: skip
        code += "\nprint(response)"
        said.append("nothing printed, by the response")
    return Listing(listing.name, code, tuple(dict.fromkeys(said)))


_RUNNER = """
import sys, traceback
codes = [code for code in sys.stdin.read().split(chr(0x1d)) if code.strip()]
names = {"__name__": "__main__"}
if any("IPython" in code for code in codes):
    from IPython.core.interactiveshell import InteractiveShell
    shell = InteractiveShell.instance()
    shell.colors = "nocolor"
    def run(code):
        return shell.run_cell(code, store_history=False).success
else:
    def run(code):
        try:
            exec(compile(code, "<listing>", "exec"), names)
        except Exception:
            traceback.print_exc(file=sys.stdout)
            return False
        return True
for number, code in enumerate(codes):
    print(chr(0x1e) + "begin", number, flush=True)
    done = run(code)
    print(flush=True)
    print(chr(0x1e) + ("done" if done else "failed"), number, flush=True)
"""

_USER = """
import sys
from gradio_client import Client, handle_file
client = Client(sys.argv[1], verbose=False)
given = "none", "Read it.", "- total: the total", False, handle_file(sys.argv[2])
print(client.predict(*given, api_name="/ask_openai_with_image"))
"""


def run(listings: Sequence[Listing], inputs: Inputs) -> Iterator[tuple[int, bool, str]]:
    """Run the listings of a document in one process; give each one's place, success and output."""
    old = any(
        "openai.api_key" in each.code or "Completion.create" in each.code for each in listings
    )
    binary = environments.python(_THEN if old else _NOW)
    process = subprocess.Popen(
        [str(binary), "-u", "-c", _RUNNER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        cwd=tempfile.mkdtemp(prefix="listings-"),
        env={
            **os.environ, "OPENAI_API_KEY": _KEY, "OPENAI_BASE_URL": inputs.base_url,
            "OPENAI_API_BASE": inputs.base_url, "GRADIO_ANALYTICS_ENABLED": "False",
            "PYTHONWARNINGS": "ignore",
        },
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    watchdog = threading.Timer(600, process.kill)
    watchdog.start()
    try:
        process.stdin.write("\x1d".join(each.code for each in listings))
        process.stdin.close()
        said: list[str] = []
        for line in process.stdout:
            if line.startswith(_MARK):
                word, number = line[1:].split()
                if word == "begin":
                    said = []
                else:
                    output = "".join(said)
                    yield int(number), word == "done" and "'error': {" not in output, output
            elif opened := re.search(r"Running on local URL: +(http://\S+)", line):
                yield len(listings) - 1, *_used(binary, opened[1], inputs.picture)
                return
            else:
                said.append(line)
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()


def _used(binary: Path, page: str, picture: Path) -> tuple[bool, str]:
    """Use a page as its visitor would; give whether it answered, and what."""
    done = subprocess.run(
        [str(binary), "-c", _USER, page, str(picture)], capture_output=True, text=True, timeout=120
    )
    said = f"{page} was opened, a picture given, and a JSON of its total asked for:\n{done.stdout}"
    return done.returncode == 0 and not done.stdout.startswith("Error"), said


def _print(listing: Listing, ok: bool, output: str) -> None:
    print(
        f"\n== {listing.name}, {len(listing.code.splitlines())} lines: {'ran' if ok else 'FAILED'}"
    )
    print(f"   replaced: {'; '.join(listing.replaced) or 'nothing'}")
    lines = [line for line in output.splitlines() if line.strip()]
    for line in lines[:_SHOWN]:
        print(f"   | {line[:300]}")
    if len(lines) > _SHOWN:
        print(f"   | … {len(lines) - _SHOWN} more lines")


def _film(path: Path) -> Path:
    """Draw a film of 260 frames: a ball that crosses the picture, and a title at its end."""
    import cv2
    import numpy as np

    made = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (640, 360))
    for i in range(260):
        frame = np.full((360, 640, 3), 235, np.uint8)
        cv2.circle(frame, (40 + 2 * i, 180), 32, (40, 40, 210), -1, cv2.LINE_AA)
        if i > 200:
            cv2.putText(frame, "THE END", (190, 70), cv2.FONT_HERSHEY_SIMPLEX, 2, (20, 20, 20), 4)
        made.write(frame)
    made.release()
    return path


def _programs(inputs: Inputs) -> list[tuple[str, list[str]]]:
    """Name the copies beside this file, and what each is given."""
    picture, url, film = str(inputs.picture), f"{inputs.site}/sign.png", str(inputs.film)
    voice = str(inputs.film.with_suffix(".mp3"))
    return [
        ("image_question.py", [url]), ("base64_image.py", [picture]), ("many_images.py", [url, url]),
        ("detail.py", [url]), ("camera_frames.py", [film]), ("bison_description.py", [film]),
        ("voice_over.py", [film, voice]), ("playground.py", []),
    ]  # fmt: skip


def _read(options: argparse.Namespace, inputs: Inputs) -> list[list[Listing]]:
    """Give the listings to run, by document."""
    here = Path(__file__).parent
    if options.documents is None:
        return [
            [Listing(name, f"import sys\nsys.argv = {[name, *given]!r}\n{(here / name).read_text()}",
                     ("what it is given: the base URL, the key, " + " ".join(map(_short, given)),))]
            for name, given in _programs(inputs)
        ]  # fmt: skip
    read = []
    for path in sorted(options.documents.glob("*")):
        listings: list[Listing] = []
        for each in found(path.read_text("utf-8", "replace"), path.stem):
            listings.append(adapted(each, inputs, listings))
        read.append(listings)
    return read


def _short(word: str) -> str:
    return word.rpartition("/")[2]


def main() -> int:
    """Run them; give 1 where one fails."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    options.add_argument("--documents", type=Path, metavar="FOLDER", help="texts with listings")
    options.add_argument("--only", default="", metavar="NAME", help="documents with this in a name")
    chosen = options.parse_args()
    ran = total = 0
    with (
        environments.pictures() as site,
        environments.server("--allow-private-urls", "--engine", "reader") as base_url,
        tempfile.TemporaryDirectory(prefix="listings-") as folder,
    ):
        inputs = Inputs(
            base_url, site, environments.SAMPLES / "receipt.png", _film(Path(folder) / "film.mp4")
        )
        for listings in _read(chosen, inputs):
            if not listings or chosen.only not in listings[0].name:
                continue
            done = {number: (ok, said) for number, ok, said in run(listings, inputs)}
            for number, listing in enumerate(listings):
                ok, said = done.get(number, (False, "It did not end."))
                _print(listing, ok, said)
                ran, total = ran + ok, total + 1
    print(f"\n{ran} of {total} listings ran.")
    return 0 if total and ran == total else 1


if __name__ == "__main__":
    sys.exit(main())
