"""Parts of messages: texts, pictures, films and documents, in every form that clients send.

Pictures stay `ImageRef`s; nothing is decoded or fetched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast, get_args

from sightline.api import checks, notes, uploads
from sightline.api.fields import (
    Array,
    Enum,
    Field,
    Given,
    Ignored,
    Integer,
    Mapped,
    Named,
    Null,
    Number,
    Object,
    OneOf,
    String,
    by_type,
    reading,
)
from sightline.errors import InvalidRequest
from sightline.types import (
    Detail,
    FileRef,
    ImageRef,
    Inline,
    Part,
    Sampling,
    Source,
    Uploaded,
    Url,
    VideoRef,
)

_KINDS = ("text", "image_url", "input_audio", "refusal", "audio", "file")
_IMAGES = ("image_url", "input_image")
_VIDEOS = ("video_url", "input_video", "video")
_SOURCES = ("file_id", "file_url", "file_data")
DETAIL = Enum(get_args(Detail))
URL = String(about="An http(s) URL, or a base64 data URL.")


def detail_of(given: Given) -> Detail:
    """Read a level of detail; `auto` where there is none. Raises `InvalidRequest`."""
    return cast(Detail, given("detail") or "auto")


def words(*kinds: str, key: str = "text") -> Object[Part]:
    """Make a part of these types whose text stands under `key`."""
    return Object(
        {"type": Enum(kinds), key: String()},
        lambda given: notes.read(given.needed(key)),
        required=("type", key),
    )


def unknown(kind: object, at: str, known: tuple[str, ...]) -> InvalidRequest:
    """Make the error for a part of another type than those `known`."""
    return checks.unlisted(kind, at, checks.listed(list(known)))


def _by_url(given: Given) -> ImageRef:
    # As of November 2023, and the form of the Responses API.
    return ImageRef(uploads.source(given("image_url")), given.at("image_url"), detail_of(given))


def _by_object(given: Given) -> ImageRef:
    source = uploads.source(given.needed("url"))
    return ImageRef(source, given.at("url"), detail_of(given))


_IMAGE_BY_URL: Object[Part] = Object(
    {"type": Enum(_IMAGES), "image_url": URL, "detail": DETAIL},
    _by_url,
    required=("type", "image_url"),
)
_IMAGE: Object[Part] = Object(
    {
        "type": Enum(_IMAGES),
        "image_url": Object({"url": URL, "detail": DETAIL}, _by_object, required=("url",)),
    },
    reading("image_url"),
    required=("type", "image_url"),
)


def _image(part: Mapping[str, Any], path: str) -> Field[Part]:
    at, value = f"{path}.image_url", part.get("image_url")
    if value is None:
        raise checks.missing(at)
    if isinstance(value, str):
        return _IMAGE_BY_URL
    if not isinstance(value, dict):
        raise checks.wrong_type(value, at, "an object")
    return _IMAGE


_PREFIXED = re.compile(r"(data:|https?://)", re.IGNORECASE)


def _cookbook_image(given: Given) -> ImageRef:
    """Read the cookbook's form: base64 without type or prefix."""
    value = uploads.unspaced(given("image"))
    if not _PREFIXED.match(value):
        value = "data:image/unknown;base64," + value
    size = given("resize")
    usable = isinstance(size, int) and not isinstance(size, bool) and size > 0
    longest = size if usable else None
    source = uploads.source(value)
    return ImageRef(source, given.at("image"), longest_side=longest, frame=True)


_COOKBOOK: Object[Part] = Object(
    {"type": Null(), "image": String(), "resize": Ignored()},
    _cookbook_image,
    required=("image",),
)


def _file(key: str, given: Given) -> FileRef:
    value = uploads.unspaced(given(key))
    source: Source
    if key == "file_id":
        source = Uploaded(value)
    elif key == "file_url":
        if not uploads.is_web(value):
            hint = "Files themselves go into file_data."
            raise checks.invalid(given.at(key), "expected an http or https URL.", hint=hint)
        source = Url(value)
    elif value[:5].lower() == "data:":
        source = Inline(value)
    else:
        source = Inline(f"data:application/pdf;base64,{value}")
    detail, name = detail_of(given), given("filename")
    return FileRef(source, given.at(key), detail, "file" if name is None else name)


_SOURCE = {
    "file_id": String(about="Of an uploaded file."),
    "file_url": String(looks="^[Hh][Tt][Tt][Pp][Ss]?://"),
    "file_data": String(about="Base64, or a base64 data URL."),
}


def _by_one(forms: Mapping[str, Field[Part]], one_of: str) -> OneOf[Part]:
    """Make a part of several forms, by the one field of these that stands in it."""

    def pick(value: object, path: str) -> Field[Part]:
        spec = checks.mapping(value, path)
        given = [key for key in forms if spec.get(key) is not None]
        part = path.removesuffix(".file")  # which holds an object with the fields, or them
        if len(given) > 1:
            raise InvalidRequest(
                f"Mutually exclusive parameters: {checks.listed(given)}. Only one of them may be "
                "given.",
                param=part,
                code="mutually_exclusive_parameters",
            )
        if not given:
            raise InvalidRequest(
                f"Missing required parameter: one of {one_of}.",
                param=part,
                code="missing_mutually_exclusive_parameters",
            )
        return forms[given[0]]

    return OneOf(pick, list(forms.values()))


def document(**beside: Field[Any]) -> OneOf[Part]:
    """Make the fields of a document, by exactly one of its sources, `beside` others."""
    forms: dict[str, Field[Part]] = {
        key: Object(
            {
                **beside,
                **{other: _SOURCE[other] if other == key else Null() for other in _SOURCES},
                "filename": String(),
                "detail": DETAIL,
            },
            partial(_file, key),
            required=(*beside, key),
        )
        for key in _SOURCES
    }

    return _by_one(forms, checks.listed(list(_SOURCES)))


_FILE: Object[Part] = Object(
    {"type": Enum(("file",)), "file": document()}, reading("file"), required=("type", "file")
)

_PICTURE = {"image_url": URL, "file_id": _SOURCE["file_id"]}


def _input_image(key: str, beside: Sequence[str], given: Given) -> ImageRef:
    value = given(key)
    source = Uploaded(value) if key == "file_id" else uploads.source(value)
    ref = ImageRef(source, given.at(key), detail_of(given))
    given.all(beside)
    return ref


def input_image(**beside: Field[Any]) -> OneOf[Part]:
    """Make a part of type `input_image`, by a URL or an uploaded file, `beside` other fields."""
    forms: dict[str, Field[Part]] = {
        key: Object(
            {
                "type": Enum(("input_image",)),
                **{other: source if other == key else Null() for other, source in _PICTURE.items()},
                "detail": DETAIL,
                **beside,
            },
            partial(_input_image, key, tuple(beside)),
            required=("type", key),
        )
        for key in _PICTURE
    }

    return _by_one(forms, "'image_url' or 'file_id'")


# How a film is sampled stands beside its URL or beside the part's type.
_SAMPLING: dict[str, Field[float]] = {
    "fps": Number(0.001, 1000),
    "num_frames": Integer(1, 100_000),
    "max_frames": Integer(1, 100_000),
    "start": Number(0, 1e9),
    "end": Number(0, 1e9),
}


def _film(given: Given) -> Given:
    given.require("url")
    return given


_FILM: OneOf[Any] = by_type(
    "one of a string or object",
    string=URL,
    object=Object({"url": URL, **_SAMPLING, "detail": DETAIL}, _film, required=("url",)),
)


def _video(key: str, given: Given) -> VideoRef:
    film = given(key)
    inner = film if isinstance(film, Given) else None

    def place(name: str) -> Given:
        return given if inner is None or name not in inner.value else inner

    read = {name: place(name)(name) for name in _SAMPLING if place(name).has(name)}
    if "fps" in read and "num_frames" in read:
        raise InvalidRequest(
            "Only one of 'fps' and 'num_frames' may be given.",
            param=place("num_frames").at("num_frames"),
        )
    sampling = Sampling(
        frames=read.get("num_frames"),
        fps=read.get("fps"),
        start_s=read.get("start", 0.0),
        end_s=read.get("end"),
        most=read.get("max_frames", Sampling().most),
    )
    url, at = (film, given.at(key)) if inner is None else (inner("url"), inner.at("url"))
    seen = VideoRef(uploads.source(url), at, detail_of(place("detail")), sampling)
    given.all((*_SAMPLING, "detail"))  # those too in whose place others stand within
    return seen


def _video_by(kinds: Sequence[str], key: str, **others: Field[Any]) -> Object[Part]:
    return Object(
        {"type": Enum(kinds), **others, key: _FILM, **_SAMPLING, "detail": DETAIL},
        partial(_video, key),
        required=("type", key),
    )


def video_forms(*kinds: str) -> tuple[Field[Part], Field[Part]]:
    """Give the forms of a film in a part of these types: by `video_url`, and by `video`."""
    return _video_by(kinds, "video_url"), _video_by(kinds, "video", video_url=Null())


_VIDEO_FORMS = video_forms(*_VIDEOS)


def video(part: Mapping[str, Any], kind: str, path: str) -> Field[Part]:
    """Give the form that a film has: `video_url`, `input_video` or `video`, as servers take it."""
    if part.get("video_url") is not None:
        return _VIDEO_FORMS[0]
    if part.get("video") is None:
        raise checks.missing(f"{path}.{'video_url' if kind == 'input_video' else kind}")
    return _VIDEO_FORMS[1]


_PLAIN: Field[Part] = Mapped(String(), notes.read)  # the cookbook's form
_TEXT, _REFUSAL = words("text"), words("refusal", key="refusal")


def _pick(value: object, path: str) -> Field[Part]:
    if isinstance(value, str):
        return _PLAIN
    part = checks.mapping(value, path)
    kind = part.get("type")
    if kind is None:
        if "image" in part:
            return _COOKBOOK
        raise checks.missing(f"{path}.type")
    if not isinstance(kind, str):
        raise checks.wrong_type(kind, f"{path}.type", "a string")
    if kind in ("text", "refusal"):
        return _TEXT if kind == "text" else _REFUSAL
    if kind in _IMAGES:
        return _image(part, path)
    if kind in _VIDEOS:
        return video(part, kind, path)
    if kind == "file":
        return _FILE
    if kind in _KINDS:
        raise InvalidRequest(
            f"Invalid content type. {kind} is only supported by certain models.",
            param=f"{path}.type",
            hint="This server takes text, pictures, films and PDFs: parts of type 'text', "
            "'image_url', 'video_url' and 'file'."
            + (
                " POST /v1/audio/transcriptions writes down what is said in a sound."
                if kind == "input_audio"
                else ""
            ),
        )
    raise unknown(kind, path, _KINDS)


PART = Named(
    "ContentPart",
    OneOf(
        _pick,
        (_PLAIN, _TEXT, _REFUSAL, _IMAGE, _IMAGE_BY_URL, *_VIDEO_FORMS, _FILE, _COOKBOOK),
    ),
)


def content(part: Field[Part]) -> OneOf[tuple[Part, ...]]:
    """Make the content of a message: a text, or parts."""
    return by_type(
        "one of a string or array of objects",
        string=Mapped(String(), lambda text: (notes.read(text),)),
        array=Array(part, least=1),
    )
