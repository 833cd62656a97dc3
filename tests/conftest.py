"""The doors that tests go through: a running server, the official client, a web server."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import hypothesis
import openai
import psutil
import pytest

from bench import random_model
from sightline import library
from tests import decoders
from tests.document import NOTES, Notes
from tests.serving import in_thread
from tests.starting import end as end
from tests.starting import started as started
from tests.surroundings import settle, trust_once
from tests.waiting import PATIENCE_S, until
from tests.web import Web as Web
from tests.web import web as web

JSON = {"content-type": "application/json"}  # what bodies of bytes are sent with

# The same examples in every run: what is new is looked for by `make fuzz`.
hypothesis.settings.register_profile("still", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("still")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", help="write the playground's pictures into this folder")


# Those that take longest begin first, so that no process is left with one at the end.
_LONGEST = (
    "test_playground", "test_kokoro", "test_terminal", "test_guides", "test_narration_pauses",
    "test_openapi", "test_upstream", "test_bulk", "test_seen", "test_video", "test_batches",
    "test_values", "test_transcriptions", "test_transcribers", "test_decoding", "test_patterns",
    "test_watch", "test_redaction", "test_narrate", "test_serving", "test_llamacpp",
    "test_running", "test_bulk_cluster", "test_narration", "test_fuzz", "test_narrations",
    "test_heard_films", "test_pull", "test_ocr", "test_steered", "test_tools", "test_examples",
    "test_speech", "test_memory", "test_film_evidence", "test_bad_models", "test_supervisor",
    "test_hostile", "test_captcha", "test_conformance", "test_text", "test_describe",
    "test_inspect", "test_help", "test_decoders", "test_cli", "test_overload", "test_types",
    "test_thinking", "test_limits", "test_seen_forms", "test_reader", "test_plugins",
    "test_engines", "test_catalogue", "test_known_pictures", "test_transcribe", "test_evidence",
    "test_errors", "test_distributions", "test_release", "test_several", "test_voices",
    "test_confined", "test_nano", "test_contributing", "test_keys", "test_layouts",
    "test_upgrade", "test_chat", "test_decisions", "test_library", "test_drafts", "test_backup",
)  # fmt: skip
# What a file has by name that starts processes of its own, which takes long too.
_STARTS = ("running", "started", "Terminal")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))
    for item in items:
        held = vars(getattr(item, "module", None) or object)
        if item.path.stem in order or any(name in held for name in _STARTS):
            item.add_marker("slow")  # `make test-fast` leaves it out


settle()
trust_once()
if "PYTEST_XDIST_WORKER" in os.environ:
    # Beside other tests each server has one thread: more would only take turns on the cores.
    os.environ.setdefault("SIGHTLINE_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def _nothing_goes_on_in_the_end() -> Iterator[None]:
    """Have no process that a test started outlive the tests."""
    yield
    kept = library._Background._one
    if kept is not None:  # of `sightline.ask`: it ends with Python, which is a moment later
        kept._close()
    decoders.end()

    def left() -> list[list[str]]:
        found = []
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                if child.status() != psutil.STATUS_ZOMBIE:
                    found.append(child.cmdline())
        # Python's own goes when this process does.
        return [words for words in found if "resource_tracker" not in " ".join(words)]

    until(lambda: not left(), left)


if "PERCEIVED" not in os.environ:  # by the process that starts the others, for all
    os.environ["PERCEIVED"] = tempfile.mkdtemp(prefix="sightline-perceived-")
    atexit.register(shutil.rmtree, os.environ["PERCEIVED"], ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _each_picture_is_perceived_once() -> None:
    from tests.perceived import perceive_once  # which imports what sees

    perceive_once()


# What a test leaves is young, what its module leaves is old, and what was there before is frozen: no
# collection looks at it again, which would take a second each time. So survivors may not grow old by
# themselves. From Python 3.14 on there are but two ages: a test then looks at all of its module.
gc.set_threshold(gc.get_threshold()[0], 1_000_000, 1_000_000)
_YOUNG = 1 if sys.version_info < (3, 14) else 2


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_open_in_the_end() -> Iterator[None]:
    """Have what outlived its module found too, once, among all that this process holds."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.collect()


@pytest.fixture(scope="module", autouse=True)
def _module_closes_what_it_opens() -> Iterator[None]:
    """Have what a module's own fixtures left open found in that module; see below."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _test_closes_what_it_opens(_module_closes_what_it_opens: None) -> Iterator[None]:
    """Have what a test left open (files, sockets, processes, loops) found in that test.

    The collector tells of it by a ResourceWarning, which is an error, and else would do so during
    any later test. What outlives a test is left to its module, so that this takes milliseconds.
    """
    yield
    gc.collect(_YOUNG)


NOTED = Notes(Path(tempfile.mkdtemp(prefix="sightline-notes-")))
atexit.register(shutil.rmtree, NOTED.folder, ignore_errors=True)
os.environ[NOTES] = str(NOTED.folder)


@pytest.fixture(autouse=True)
def _documents_are_true() -> Iterator[None]:
    """Hold every answer to a body of JSON, of any server that tests start, to its document."""
    yield
    assert not NOTED.contradictions()


@contextmanager
def running(*flags: str) -> Iterator[str]:
    """Run the real server on a free port, in a thread of this process; give its base URL."""
    with in_thread(*flags) as url:
        yield url


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """A server that may fetch from loopback, where the tests' pictures are served."""
    with running("--allow-private-urls", "--fetch-timeout-s", "60") as url:
        yield url


@pytest.fixture(scope="session")
def strict_url() -> Iterator[str]:
    """A server as it is by default."""
    with running() as url:
        yield url


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small vision model with random weights, as two GGUF files in a folder of their own."""
    return random_model.write(tmp_path_factory.mktemp("tiny"), random_model.PRESETS["tiny"])


@pytest.fixture(scope="session")
def ear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whisper's base model, in a folder that no test changes."""
    from tests import whisper  # which reads what is settled above

    return whisper.folder(tmp_path_factory.mktemp("ear"))


@pytest.fixture(scope="session")
def spoken_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film in which the two sentences of `tests.whisper` are said."""
    from tests import whisper

    return whisper.film(tmp_path_factory.mktemp("spoken") / "talk.mp4")


@pytest.fixture(scope="session")
def llama_url(tiny: Path) -> Iterator[str]:
    """A server that answers with it."""
    with running("--engine", "llamacpp", "--model", str(tiny)) as url:
        yield url


@pytest.fixture(scope="session")
def client(base_url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=base_url, api_key="test", max_retries=0, timeout=PATIENCE_S
    ) as made:
        yield made
