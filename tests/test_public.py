"""The public names of the package, as they are written down here; docs/stability.md tells of them.

Whoever changes this list changes what others call: the old goes by that page's way, or it stays.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import sightline
from sightline import errors

PACKAGE = Path(sightline.__file__).parent
PUBLIC = {
    "ask": "(question: str, img_url: Names = (), img_b64: Names = (), *, "
    "img_path: Names | Path | Iterable[Path] = (), detail: Detail = 'auto', "
    "model: str | None = None, max_tokens: int | None = None, base_url: str | None = None, "
    "api_key: str | None = None) -> str",
    "narrate": "(video: str | Path, output: str | Path, *, style: str = STYLE, "
    "voice: str = 'alloy', language: str = 'en', speed: float = 1.0, keep_audio: bool = True, "
    "listen: Listen = 'auto', subtitles: Subtitles = 'track', script: Mapping[str, Any] | None = None, "
    "also: Iterable[str] = (), force: bool = False, frames: int | None = None, "
    "model: str | None = None) -> Narrated",
}
# Each error with the one that it derives from.
ERRORS = {
    "InvalidRequest": "SightlineError", "ImageError": "InvalidRequest", "UnreadFilm": "ImageError",
    "CaptchaRefused": "ImageError", "Unauthorized": "SightlineError",
    "OriginNotAllowed": "SightlineError", "ModelNotFound": "SightlineError",
    "RouteNotFound": "SightlineError", "RequestTooLarge": "SightlineError",
    "UnsupportedMedia": "SightlineError", "HostNotTrusted": "SightlineError",
    "HeadersTooLarge": "SightlineError", "SlowRequest": "SightlineError",
    "DeadlinePassed": "SightlineError", "RateLimited": "SightlineError",
    "EngineBusy": "SightlineError", "EngineError": "SightlineError",
    "UpstreamError": "SightlineError", "ModelFileError": "SightlineError",
    "UsageError": "SightlineError", "SightlineError": "Exception",
}  # fmt: skip
WARNING = re.compile(r"\S+ is deprecated and goes in \d+\.\d+: use .+\.")


@pytest.mark.parametrize("name", PUBLIC)
def test_each_name_takes_and_gives_what_is_written_down(name: str) -> None:
    told = str(inspect.signature(getattr(sightline, name))).replace("'", "")
    style = "Be vivid and to the point. Only include the narration."
    assert told == PUBLIC[name].replace("'", "").replace("STYLE", style)
    assert inspect.getdoc(getattr(sightline, name))


def test_there_are_no_other_names() -> None:
    assert sorted(sightline.__all__) == sorted(PUBLIC)
    shown = {name for name in dir(sightline) if not name.startswith("_")}
    modules = {path.stem for path in PACKAGE.iterdir()} | {
        "os",
        "annotations",
        "TYPE_CHECKING",
        "Any",
    }
    assert shown - modules <= set(PUBLIC)
    with pytest.raises(AttributeError):
        _ = sightline.no_such_name


def test_each_error_is_written_down() -> None:
    found = {
        name: made.__bases__[0].__name__
        for name, made in vars(errors).items()
        if inspect.isclass(made) and issubclass(made, Exception)
    }
    assert found == ERRORS
    told = ("message", "hint", "param", "code", "type", "status", "retryable")
    assert all(hasattr(errors.UsageError("It is wrong."), name) for name in told)


def test_whatever_is_deprecated_says_when_it_goes_and_what_to_use() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("warn"):
                continue
            if any("DeprecationWarning" in ast.unparse(each) for each in node.args):
                assert WARNING.fullmatch(ast.literal_eval(node.args[0])), path


def test_the_types_go_with_the_package() -> None:
    assert (PACKAGE / "py.typed").is_file()
