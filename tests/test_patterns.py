"""Every regular expression that reads a stranger's text, on long texts made to hold it up.

Found are those that a module holds, alone or among others, and those written where they are used.
The texts are made of what each pattern itself knows: its words, and its signs over and over.
"""

from __future__ import annotations

import ast
import base64
import importlib
import re
import signal
import time
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, islice
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import openai
import pytest

import sightline
from sightline.engines.embedded import ask, values, words
from sightline.engines.embedded.paper import field
from sightline.engines.embedded.structured import json_from_prompt
from sightline.voices.sentences import sentences
from tests.pictures import encoded, part
from tests.pictures import written as drawn

PAPER = encoded(drawn("Total 7").crop((0, 0, 256, 188)))
PACKAGE = Path(sightline.__file__).parent
# These read what the operator writes: flags, names of models, his own terminal.
APART = ("cli/", "models/", "jobs/bulk/sources.py", "settings/")
# Wording of a prompt comes to these without runs of spaces: `words.tidy` sees to it.
WORDING = re.compile(
    r"engines/embedded/(?:ask|answer|structured/json_from_prompt|paper/(?:field|several_questions))\.py"
)
# What takes cubic time takes seconds for the long text, and far more than these for shorter ones: by a
# text twice as long a pattern of the fourth power takes 16 times as long. Only what is slow with a
# shorter one is tried with a longer.
LENGTHS = (250, 500, 1000)
SHORT, LENGTH = LENGTHS[0], LENGTHS[-1]
MOST_S = 0.5  # of this process alone


def most_s(length: int) -> float:
    """How long a text of a length may take, with which the long one is quick enough too."""
    return MOST_S / (LENGTH / length) ** 4


CALLS = ("compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")


class TooLongError(Exception):
    pass


def files() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith(APART) or "_child" in name:
            continue
        if re.search(r"\bre\.", path.read_text("utf-8")):
            yield path


FILES = {path.relative_to(PACKAGE).as_posix(): path for path in files()}


def held(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, (tuple, list, frozenset)):
        for each in value:
            yield from held(each, depth - 1)
    elif depth and isinstance(value, dict):
        for each in value.values():
            yield from held(each, depth - 1)


def written(path: Path, module: ModuleType) -> Iterator[re.Pattern[Any]]:
    """The patterns of calls such as `re.search(r"…", text)`, where they are written out."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if ast.unparse(node.func.value) != "re" or node.func.attr not in CALLS:
            continue
        flags = [k.value for k in node.keywords if k.arg == "flags"]
        flags += [a for a in node.args[1:] if re.fullmatch(r"re\.[A-Z|re. ]+", ast.unparse(a))]
        names = {**vars(module), "re": re}
        try:
            source = eval(compile(ast.Expression(node.args[0]), "-", "eval"), names)
        except NameError:  # made of what a caller gives
            continue
        given = eval(compile(ast.Expression(flags[0]), "-", "eval"), names) if flags else 0
        if isinstance(source, (str, bytes)):
            yield re.compile(source, given)


@cache
def patterns() -> dict[str, list[re.Pattern[Any]]]:
    """Give all patterns by the file that they are of."""
    found: dict[tuple[Any, int], tuple[str, re.Pattern[Any]]] = {}
    for name, path in FILES.items():
        module = importlib.import_module("sightline." + name[:-3].replace("/", "."))
        # Those of other modules stand here under names too, and are found there.
        for value in list(vars(module).values()):
            for each in held(value):
                found.setdefault((each.pattern, each.flags), (name, each))
        for each in written(path, module):
            found.setdefault((each.pattern, each.flags), (name, each))
    made: dict[str, list[re.Pattern[Any]]] = {name: [] for name in FILES}
    for name, each in found.values():
        made[name].append(each)
    return made


def attacks(pattern: re.Pattern[Any], length: int) -> Iterator[str]:
    source = pattern.pattern
    source = source.decode("latin-1") if isinstance(source, bytes) else source
    bare = re.sub(r"\\[a-zA-Z]|\(\?(?:P<\w+>|[a-z-]*:|<?[=!])", " ", source)
    words = list(dict.fromkeys(re.findall(r"[^\W\d_]+", bare)))
    signs = list(dict.fromkeys(c for c in bare if not c.isalnum() and c not in "\\()[]|?*+^$"))[:6]
    units = list(dict.fromkeys([" ", "a", "1", "\n", *signs]))
    pairs = [one + other for one in units[:4] for other in units if one != other]
    pairs += ["A", "é", "a a ", "1 1,", "a, ", "1. ", "ab ", *(f"{word} " for word in words[:4])]
    for unit in (*units, *pairs):
        yield unit * (length // len(unit)) + "\0"
    openings = [*words[:10], " ".join(words[:2]), *(3 * sign for sign in signs[:2])]
    for opening in openings:
        for unit in (" ", "a", "1", "a "):
            yield f"{opening} {unit * (length // len(unit))}\0"


def attack(pattern: re.Pattern[Any], length: int, number: int) -> str:
    return next(islice(attacks(pattern, length), number, None))


def seconds(pattern: re.Pattern[Any], text: str, most: float = 20 * MOST_S) -> float:
    sent: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
    signal.setitimer(signal.ITIMER_VIRTUAL, most)
    began = time.thread_time()
    for _ in pattern.finditer(sent):
        pass
    taken = time.thread_time() - began
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return taken


def too_long(number: int, frame: FrameType | None) -> None:
    raise TooLongError


@pytest.fixture
def timed() -> Iterator[None]:
    before = signal.signal(signal.SIGVTALRM, too_long)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def test_they_are_found() -> None:
    assert sum(map(len, patterns().values())) > 200


def assert_quick(pattern: re.Pattern[Any], texts: Iterable[str]) -> None:
    """Try texts of `LENGTHS`, until one is quick enough that no longer one is slow."""
    for text, length in zip(texts, LENGTHS, strict=False):
        try:
            taken = seconds(pattern, text)
        except TooLongError:
            taken = 20 * MOST_S
        assert taken < MOST_S, (pattern.pattern[:60], taken, text[:40], text[-5:])
        if taken <= most_s(length):
            return


@pytest.mark.parametrize("name", FILES)
def test_no_pattern_is_held_up(name: str, timed: None) -> None:
    tidied = words.tidy if WORDING.match(name) else str
    for pattern in patterns()[name]:
        tried = set[str]()
        for number, short in enumerate(map(tidied, attacks(pattern, SHORT))):
            if short not in tried:
                tried.add(short)
                longer = (tidied(attack(pattern, length, number)) for length in LENGTHS[1:])
                assert_quick(pattern, chain((short,), longer))


@pytest.mark.parametrize("source", [r"(a+)+$", r"a*a*a*b", r"\s*(\d+\s*)*\.$"])
def test_one_that_is_held_up_is_found(source: str, timed: None) -> None:
    """What the test above goes by: such a pattern is slow with one of the short texts already."""
    pattern = re.compile(source)

    def found(text: str) -> bool:
        try:
            return seconds(pattern, text, MOST_S) > most_s(SHORT)
        except TooLongError:
            return True

    assert any(map(found, attacks(pattern, SHORT)))


SIGNS = (" ", "a", "1", ".", ",", "a ", "1 ", "a, ", "a. ", "\n", '"', "{", "(", "- ", "- a\n", "é")
OPENINGS = ("", "is there ", "does it say ", "extract a, ", "attributes: ", "json with ", "line ")


@pytest.mark.parametrize("sign", SIGNS, ids=repr)
def test_a_prompt_is_understood_in_time(sign: str, timed: None) -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, 10)
    for opening in OPENINGS:
        text = words.tidy(opening + sign * (100_000 // len(sign)) + "x")
        ask.understand(text, 3)
        json_from_prompt.listed(text)
        field.split(text)
        sentences(text[:4096])


@pytest.mark.parametrize("kind", values.PATTERNS)
def test_a_line_of_print_is_searched_in_time(kind: values.Kind, timed: None) -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, 10)
    for sign in (*SIGNS, "a'", "1 a ", "A", "1,", "main street ", "12 a b c "):
        values.find(sign * (8000 // len(sign)), kind)


@pytest.mark.parametrize(
    "text",
    [
        'json {"properties": {"a": {"enum": 5}}}',
        'json {"properties": {"a": {"anyOf": 7}}}',
        'json {"properties": {"a": {"type": "array", "maxItems": "x"}}}',
        "json " + '{"a":' * 900 + "1" + "}" * 900,
        "what is in line " + "9" * 5000,
        "The film lasts 1.0 s and has " + "9" * 5000 + " frames of 1 × 1 pixels, with sound",
        "The film lasts 1.0 s and has 1 frames of 1 × 1 pixels, with sound Scenes begin at , s.",
    ],
    ids=lambda text: text[:60],
)
def test_a_prompt_that_looks_like_more_is_only_a_prompt(text: str, client: openai.OpenAI) -> None:
    pictures: list[Any] = [part(PAPER), {"image": base64.b64encode(PAPER).decode()}]
    for picture in pictures:
        content = [{"type": "text", "text": text}, picture]
        reply = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": content}]
        )
        assert reply.choices[0].message.content
