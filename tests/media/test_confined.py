"""What the processes that decode cannot do, tried by programs that are bound as those are."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sightline.media.confined import in_force
from sightline.processes import Process, environment, keyless
from tests.commands import typed
from tests.films import film
from tests.processes import alive, status
from tests.starting import python
from tests.waiting import until

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone has these")
posix = pytest.mark.skipif(os.name != "posix", reason="no limits on this platform")


@pytest.fixture(scope="module")
def held() -> None:
    found = in_force()
    if not (found.files and found.network):
        pytest.skip("this kernel has no sandbox, or a container forbids it")


def bound(code: str, *, how: str = "", first: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program that calls `limit` as a decoding child does, then `code`."""
    program = (
        "import os, sys, socket, subprocess, signal, threading, errno\n"
        "from sightline.media.confined import limit, renew_cpu\n"
        f"{first}\nlimit(20, 1 << 30, {how})\n{code}"
    )
    return python(program)


REACHING = {
    "a file": "open('/etc/passwd')",
    "a list of a folder": "os.listdir('/etc')",
    "keys in the environment": "open(f'/proc/{os.getppid()}/environ')",
    "a new file": "open('/tmp/sightline-none', 'w')",
    "a folder made": "os.mkdir('/tmp/sightline-none')",
    "a file changed": "os.chmod('/tmp', 0o777)",
    "a file dated": "os.utime('/tmp')",
    "a socket": "socket.socket()",
    "a datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "a socket of this machine": "socket.socket(socket.AF_UNIX)",
    "an abstract socket": "socket.socket(socket.AF_UNIX).bind('\\0sightline')",
    "a program": "os.execv('/bin/sh', ['sh'])",
    "a process": "os.fork()",
    "a program started": "subprocess.run(['/bin/true'])",
    "its parent's end": "os.kill(os.getppid(), 0)",
    "its group's end": "os.kill(0, 0)",
    "its parent's limits": "import resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU)",
    "a ring that opens for it": "import ctypes as c; l = c.CDLL(None, use_errno=True); "
    "l.syscall(425, 4, c.create_string_buffer(120)); raise OSError(c.get_errno(), '')",
}


@pytest.mark.usefixtures("held")
def test_a_process_that_decodes_reaches_nothing() -> None:
    tries = "\n".join(
        f"try:\n    {code}\nexcept PermissionError:\n    refused.append({name!r})\n"
        f"except BaseException as error:\n    print({name!r}, repr(error))"
        for name, code in REACHING.items()
    )
    done = bound(f"refused = []\n{tries}\nprint(*refused, sep='\\n')")
    assert done.stdout.splitlines() == list(REACHING), done.stderr


@pytest.mark.usefixtures("held")
def test_threads_that_were_there_before_have_no_network_either() -> None:
    done = bound(
        "go.set(); thread.join(); print(found)",
        first=(
            "go, found = threading.Event(), []\n"
            "def work():\n    go.wait()\n    try:\n        socket.socket()\n"
            "    except PermissionError:\n        found.append('refused')\n"
            "thread = threading.Thread(target=work); thread.start()"
        ),
    )
    assert done.stdout == "['refused']\n", done.stderr


@pytest.mark.usefixtures("held")
def test_what_is_named_can_be_reached_and_nothing_beside_it(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).write_text(name)
    (tmp_path / "room").mkdir()
    code = (
        f"import pathlib; at = pathlib.Path({str(tmp_path)!r}); print((at / 'one').read_text())\n"
        "(at / 'room' / 'made').write_text('x')\n"
        "for each in (lambda: (at / 'other').read_text(), lambda: (at / 'one').write_text('x'),\n"
        "             lambda: list(at.iterdir()), lambda: (at / 'made').write_text('x')):\n"
        "    try:\n        each(); print('reached')\n    except PermissionError:\n        pass"
    )
    how = f"readable=[{str(tmp_path / 'one')!r}], writable=[{str(tmp_path / 'room')!r}], "
    done = bound(code, how=how + "file_bytes=None")
    assert done.stdout == "one\n", done.stderr
    assert (tmp_path / "room" / "made").read_text() == "x"


@pytest.mark.usefixtures("held")
def test_threads_numbers_and_pictures_go_on() -> None:
    code = (
        "import av, cv2, numpy, PIL.Image, pypdfium2, concurrent.futures as f\n"
        "cv2.resize(numpy.ones((64, 64, 3), numpy.uint8), (32, 32))\n"
        "print(f.ThreadPoolExecutor(2).submit(int, '7').result())"
    )
    done = bound(code)
    assert done.stdout == "7\n", done.stderr


@posix
def test_memory_files_and_cores_are_bounded() -> None:
    code = (
        "import resource as r; print([r.getrlimit(k) for k in "
        "(r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_CORE, r.RLIMIT_FSIZE)])\n"
        "try:\n    bytearray(2 << 30)\nexcept MemoryError:\n    print('refused')"
    )
    done = bound(code)
    first, second = done.stdout.splitlines()
    assert first == f"[({1 << 30}, {1 << 30}), (20, 20), (0, 0), (0, 0)]"
    assert second == "refused"


@posix
def test_a_limit_that_is_narrower_already_is_kept() -> None:
    first = "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (64, 64))"
    done = bound("print(r.getrlimit(r.RLIMIT_NOFILE))", first=first)
    assert done.stdout == "(64, 64)\n", done.stderr


@posix
def test_time_is_renewed_and_ends() -> None:
    program = (
        "from sightline.media.confined import limit, renew_cpu\n"
        "limit(0, 1 << 30)\nfor _ in range(2):\n    renew_cpu(1)\nprint('on', flush=True)\n"
        "while True:\n    pass"
    )
    done = python(program)
    assert done.stdout == "on\n"
    assert done.returncode == -signal.SIGXCPU


# What each waits for after it is bound: bytes that were promised, or an order.
ORDERS = {
    "sightline.media.film_child": b'{"cpu_s": 9, "bytes": 5}\n',
    "sightline.media.sound_child": b'{"cpu_s": 9, "bytes": 5}\n',
    "sightline.media.document_child": b'{"cpu_s": 9, "page_cpu_s": 9, "bytes": 5}\n',
    "sightline.voices.espeak_child": b"",
}


def space(pid: int) -> str:
    bounds = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line for line in bounds if line.startswith("Max address space"))


@asynccontextmanager
async def child(module: str, order: bytes) -> AsyncIterator[int]:
    process = await Process.start(module)
    try:
        if order:
            await process.send(json.loads(order))
        yield process.pid
    finally:
        await process.end()


async def look(module: str, order: bytes) -> None:
    async with child(module, order) as pid:
        # 2: by a filter
        await asyncio.to_thread(until, lambda: status(pid)["Seccomp"] == "2")
        assert status(pid)["NoNewPrivs"] == "1"
        assert "unlimited" not in space(pid)


@linux
@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("module", ORDERS)
def test_every_child_is_bound_before_it_reads(module: str) -> None:
    asyncio.run(look(module, ORDERS[module]))


@linux
@pytest.mark.usefixtures("held")
def test_the_one_that_narrates_is_bound_before_it_reads(tmp_path: Path) -> None:
    film = tmp_path / "film"
    os.mkfifo(film)  # it waits for somebody who writes
    order = {"cpu_s": 9, "film": str(film), "folder": str(tmp_path)}
    asyncio.run(look("sightline.media.narration_child", json.dumps(order).encode() + b"\n"))


@linux
@pytest.mark.parametrize("module", ORDERS)
def test_a_child_ends_with_its_parent_though_its_orders_stay_open(module: str) -> None:
    code = (
        "import os, subprocess, sys, time\n"
        f"words = [sys.executable, '-P', '-m', {module!r}, str(os.getpid())]\n"
        "print(subprocess.Popen(words, stdout=subprocess.DEVNULL).pid, flush=True)\n"
        "time.sleep(100)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert parent.stdin is not None
        assert parent.stdout is not None
        started = int(parent.stdout.readline())
        parent.stdin.write(ORDERS[module])
        parent.stdin.flush()
        # It has asked to be told of its parent's end once it is bound.
        until(lambda: "unlimited" not in space(started))
        parent.kill()
        until(lambda: not alive(started))
    finally:
        parent.kill()
        parent.communicate()  # not before: it closes the child's orders


@posix
def test_a_child_whose_parent_is_gone_does_not_begin() -> None:
    code = "from sightline.media.confined import limit\nlimit(9, 1 << 30)\nprint('on')"
    done = python(code, "1")
    assert (done.stdout, done.returncode) == ("", 1)


def test_a_child_is_told_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SIGHTLINE_API_KEYS", "OPENAI_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("HTTP_PROXY", "http://ann:secret@proxy")
    assert "secret" not in str(environment())
    assert environment()["PATH"] == keyless()["PATH"] == os.environ["PATH"]
    monkeypatch.delenv("HTTP_PROXY")
    assert "secret" not in keyless().values()


def test_nothing_is_imported_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pictures are kept may be where somebody else puts files."""
    path = film(tmp_path / "film.mp4", frames=5)
    (tmp_path / "json.py").write_text("open('imported', 'w')")
    monkeypatch.chdir(tmp_path)
    done = typed("describe", path.name, "--engine", "mirror")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "imported").exists()


def test_doctor_says_whether_it_is_in_force() -> None:
    done = typed("doctor", "--json")
    found = in_force()
    said = json.loads(done.stdout)["sandbox"]
    assert (said == "decoders have no files and no network") == (found.files and found.network)
