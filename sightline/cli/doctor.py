"""`sightline doctor`: what this machine has for Sightline, and how to mend what is missing."""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sightline import __version__
from sightline.cli.installed import advice as hidden
from sightline.cli.installed import registries
from sightline.cli.mending import faults, mended
from sightline.cli.parsing import Parser
from sightline.cli.reaching import reached
from sightline.cli.screen import advise
from sightline.engines.llamacpp import gpu
from sightline.errors import ModelFileError, UsageError
from sightline.models.store import NANO, Locked, Store
from sightline.server.guard import Names
from sightline.settings import client_key, load

# What llama.cpp gains from when it is built for the very processor; the wheel is built without.
_HUB_S = 2.0
_WIDER = ("avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni", "amx_int8")


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="sightline doctor",
        description="Tell what this machine has for Sightline, and how to mend what is missing.",
        epilog="Example: sightline doctor --url https://vision.example.com/v1",
    )
    made.add_argument(
        "--url", help="ask the server there as clients and pages do, and tell what it lacks"
    )
    made.add_argument("--origin", default="", help="ask as a page of this origin, too")
    made.add_argument(
        "--fix",
        action="store_true",
        help="mend what needs no choice of yours: damaged files of the engine and of models that "
        "were pulled, a chosen model that is gone, files that others may read",
    )
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> int:
    """Print the findings; return the exit code: 1 where llama.cpp cannot run, or `--url` refuses.

    Raises `UsageError` for what is no URL.
    """
    options = parser().parse_args(arguments)
    if options.origin and not options.url:
        raise UsageError("--origin needs --url.", hint="Say which server is asked.")
    if options.url and options.fix:
        raise UsageError("--fix is for this machine.", hint="Leave out --url.")
    if options.url:
        asked, missing = reached(options.url, options.origin.rstrip("/"))
        _print(asked, missing, as_json=options.json)
        return 1 if missing else 0
    done = _mend() if options.fix else []
    from sightline.engines.llamacpp.fit import cores
    from sightline.engines.model_pool import available_memory

    flags, installed = _flags(), _installed()
    found: dict[str, Any] = {
        "sightline": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": cores(),
        "memory_free_bytes": available_memory(),
        "llamacpp": _version("xllamacpp"),
        "llamacpp_devices": [device.name for device in gpu.devices()],
        "models": [NANO, *sorted(name for name in installed if installed[name].eye)],
        "eyes": _eyes(),
        "ear": _ear(),
        "engines": _named("--engine"),
        "voices": [each for each in _named("--speech") if each != "kokoro" or _speaks()],
        "hears": [] if _lacks_hearing() else [load().hearing],
        "cameras": _cameras(),
        "sandbox": _sandbox(),
        "hub": "reachable" if _reachable(_hub()) else "not reachable",
        "names": list(Names.of(load()).shown),
        "origins": ["its own", *load().origins],
        "port": f"{load().port} is {'free' if _free(load().port) else 'taken'}",
        "key": "set" if client_key(None, "") != "none" else "none, and none is needed here",
    }
    advice = [*done, *_wrong(found), *_advice(found, flags), *_missing(found), *hidden()]
    _print(found, advice, as_json=options.json)
    return 0 if _runs(found, flags) else 1


def _installed() -> dict[str, Locked]:
    """Give what was pulled; nothing where that cannot be read, which is advised about."""
    try:
        return Store(load().models_folder).locked()
    except ModelFileError:
        return {}


def _lacks_hearing() -> str:
    """Say what is lacking to hear what is said, and how to get it; nothing where it is here."""
    from sightline.hearing.transcriber import make

    try:
        make(load().hearing, load()).check()
    except (UsageError, ModelFileError) as error:
        return error.line
    return ""


def _speaks() -> bool:
    """Say whether the neural voices are here, pulled or as packages."""
    from sightline.voices.kokoro_files import is_here

    return is_here(load().models_folder)


def _mend() -> list[str]:
    """Mend what can be; say what came of each."""
    from sightline import temporary

    temporary.folder()  # which takes away what killed runs have left
    found = faults(load(), whole=_eyes() == _SEES and _ear() == _HEARS)
    return [mended(each) for each in found] or ["Nothing is to be mended."]


def _wrong(found: Mapping[str, Any]) -> list[str]:
    whole = found["eyes"] == _SEES and found["ear"] == _HEARS
    wrong = [each.told for each in faults(load(), whole=whole)]
    return [*wrong, "`sightline doctor --fix` mends this."] if wrong else []


def _named(flag: str) -> list[str]:
    """Name what a flag can name: the built-in ones, and those of installed packages."""
    registry = registries()[flag][1]
    return [*registry.built_in, *(f"{each.name} ({each.package})" for each in registry.installed())]


_SEES = "things and kinds are seen"


_HEARS = "questions are understood"


def _ear() -> str:
    """Say whether the embedded engine understands questions by its network."""
    from sightline.engines.embedded.ear.listening import ear

    return (
        _HEARS if ear(1) is not None else "missing or damaged: questions are taken by rules alone"
    )


def _eyes() -> str:
    """Say what the embedded engine sees photographs with; whatever is damaged is missing."""
    from sightline.perception.things import Eyes

    eyes = Eyes(1)
    if not eyes.can_see:
        return "missing or damaged"
    return (
        _SEES
        if eyes.knows_kinds
        else "things are seen; what tells kinds apart is missing or damaged"
    )


def _print(found: Mapping[str, Any], advice: list[str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**found, "advice": advice}, indent=2))
        return
    for key, value in found.items():
        shown = f"{value / 2**30:.1f} GiB" if key == "memory_free_bytes" else value
        told = ", ".join(shown) if isinstance(shown, list) else shown
        print(f"{key.removesuffix('_bytes').replace('_', ' ')}: {told or 'none'}")
    advise(advice)


def _runs(found: dict[str, Any], flags: frozenset[str]) -> bool:
    return found["llamacpp"] is not None and ("avx2" in flags or not _is_x86() or not flags)


def _advice(found: dict[str, Any], flags: frozenset[str]) -> list[str]:
    advice = []
    if found["llamacpp"] is None:
        advice.append(
            "llama.cpp's wheel is not installed on this platform; run llama-server yourself and "
            "use --engine upstream --upstream-url http://127.0.0.1:8080/v1."
        )
    elif flags and _is_x86() and "avx2" not in flags:
        advice.append("llama.cpp's wheel needs AVX2, which this processor lacks.")
    wider = [flag for flag in _WIDER if flag in flags]
    if wider and found["llamacpp"] is not None:
        advice.append(
            f"This processor has {', '.join(wider)}, which llama.cpp's wheel does not use. A build "
            "of your own was measured to write 10 to 30 % faster and to look at pictures 17 % "
            "faster: cmake -B build -DGGML_NATIVE=ON && cmake --build build --target "
            "llama-server; build/bin/llama-server -m MODEL --mmproj MMPROJ; then sightline serve "
            "--engine upstream --upstream-url http://127.0.0.1:8080/v1."
        )
    unused = gpu_advice(found["llamacpp_devices"], found["llamacpp"], os.path.exists)
    advice += [unused] if unused else []
    if found["models"] == [NANO]:
        advice.append(
            "Only the embedded model is here, which knows drawings; `sightline models` lists what "
            "fits this machine."
        )
    return advice


def gpu_advice(devices: Sequence[str], version: str | None, is_there: Callable[[str], bool]) -> str:
    """Say how llama.cpp gets to use a GPU that this machine has; empty where it does, or has none.

    `devices` are those that the installed build has.
    """
    found = next((each for each in gpu.NODES if is_there(each[0])), None)
    if found is None or list(devices) != ["CPU"]:
        return ""
    return (
        f"{found[1]} is here, which the installed llama.cpp does not use. Its maker's index has a "
        f"build that does, which was not run here: pip install xllamacpp=={version} "
        "--force-reinstall --no-deps --index-url https://xorbitsai.github.io/xllamacpp/whl/BUILD, "
        f"where BUILD is {found[2]}; docs/engines.md tells more."
    )


def _missing(found: dict[str, Any]) -> list[str]:
    advice = []
    if "kokoro" not in found["voices"]:
        advice.append(
            "Only the embedded, robotic voice is here; `sightline pull kokoro` brings better ones."
        )
    if not found["hears"]:
        advice.append(f"{_lacks_hearing()}.")
    if not found["cameras"]:
        advice.append(
            "No camera is seen. `sightline watch` takes a stream's URL or a film as well; on Linux "
            "a camera's user is in the group video."
        )
    if found["sandbox"] != _IN_FORCE:
        advice.append(
            "What decodes pictures, films and PDFs has limits on memory and time, but not all of "
            "the kernel's sandbox: that takes Linux 5.13 with Landlock and seccomp, which a "
            "container may forbid."
        )
    if found["hub"] != "reachable":
        advice.append(
            "The model hub is not reachable: nothing can be pulled. HF_ENDPOINT names a mirror, "
            "HTTPS_PROXY a proxy; files that are here work without it."
        )
    if found["port"].endswith("taken"):
        advice.append("Another program uses the port; `sightline serve --port 0` takes a free one.")
    return advice


_IN_FORCE = "decoders have no files and no network"


def _sandbox() -> str:
    """Try what the processes that decode can reach, and put it in a phrase."""
    from sightline.media.confined import in_force

    held = in_force()
    if held.files and held.network:
        return _IN_FORCE
    if not (held.files or held.network):
        return "not in force"
    return f"in part: decoders have no {'files' if held.files else 'network'}"


def _cameras() -> list[str]:
    """Name the cameras that can be opened; empty where the system does not say."""
    return sorted(str(p) for p in Path("/dev").glob("video*") if os.access(p, os.R_OK))


def _hub() -> tuple[str, int]:
    from urllib.parse import urlsplit

    from huggingface_hub import constants

    where = urlsplit(constants.ENDPOINT)
    return where.hostname or "", where.port or (80 if where.scheme == "http" else 443)


def _reachable(where: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(where, timeout=_HUB_S):
            return True
    except OSError:
        return False


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _is_x86() -> bool:
    return platform.machine().lower() in ("x86_64", "amd64")


def _flags() -> frozenset[str]:
    """Read what the processor can do; empty where the system does not say."""
    try:
        for line in (
            Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
        ):
            if line.startswith(("flags", "Features")):
                return frozenset(line.partition(":")[2].split())
    except OSError:
        pass
    return frozenset()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
