"""What each tool does: arguments in, an answer in words and as JSON out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from sightline.api import checks
from sightline.api.decision_replies import in_words
from sightline.api.decisions import MOST_CHOICES, MOST_LEVELS
from sightline.api.models import find
from sightline.engines.validation import Astray, Undecidable, validate
from sightline.errors import EngineError, ImageError, InvalidRequest, SightlineError
from sightline.hearing.film_speech import hearer
from sightline.hearing.listen import SpeechListener
from sightline.jobs.ask import Asker, beside
from sightline.jobs.describe import DescribeCallbacks, DescribeOptions, describe
from sightline.mcp import tools
from sightline.mcp.asking import Answered, ToolPicture, ask, decide
from sightline.mcp.sources import Sources
from sightline.media import image
from sightline.media import image_tokens as details
from sightline.settings import Settings
from sightline.types import Decide, Detail, Option, Sampling

_MODELS = ["gpt-4o", "gpt-5.5"]
_READ = "Read all the text."
_COMPARE = "What is different between these two pictures?"
_EXTRACT = "Read what the pictures tell."
_MOST_S = 86_400.0

Progress = Callable[[float, float, str], None]
Arguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolArguments:
    """What a tool gives: in words, as JSON by its schema, and the tokens that it took."""

    text: str
    told: dict[str, Any]
    tokens: int = 0


class Calls:
    """Answers calls of tools, with one who answers and one who reads what they name."""

    def __init__(self, asker: Asker, sources: Sources, settings: Settings) -> None:
        self._asker, self._sources, self._settings = asker, sources, settings
        self._listener = SpeechListener(settings)
        self._hear = hearer(self._listener, settings)
        self._does: dict[str, Callable[[Arguments, Progress], Awaitable[ToolArguments]]] = {
            tools.LOOK.name: self._look,
            tools.READ.name: self._read,
            tools.EXTRACT.name: self._extract,
            tools.COMPARE.name: self._compare,
            tools.LOCATE.name: self._locate,
            tools.DECIDE.name: self._decide,
            tools.DESCRIBE_FILM.name: self._describe_film,
            tools.COST.name: self._cost,
        }

    async def close(self) -> None:
        """End what hears."""
        await self._listener.close()

    async def call(
        self, tool: tools.ToolSpec, arguments: Arguments, progress: Progress
    ) -> ToolArguments:
        """Answer one call; `progress` hears of long ones. Raises `SightlineError`."""
        checks.known_keys(arguments, tool.takes["properties"])
        for name in tool.takes.get("required", ()):
            if name not in arguments:
                raise checks.missing(name)
        return await self._does[tool.name](arguments, progress)

    async def _look(self, arguments: Arguments, progress: Progress) -> ToolArguments:
        question = _words(arguments, "question")
        detail = cast(
            Detail, checks.choice(arguments.get("detail", "auto"), "detail", get_args(Detail))
        )
        return _answer(await ask(self._asker, question, await self._pictures(arguments), detail))

    async def _compare(self, arguments: Arguments, progress: Progress) -> ToolArguments:
        question = _words(arguments, "question", _COMPARE)
        pair = [await self._picture(arguments, name) for name in ("first", "second")]
        return _answer(await ask(self._asker, question, pair, "high"))

    async def _read(self, arguments: Arguments, progress: Progress) -> ToolArguments:
        shown = await self._picture(arguments, "picture")
        found = await ask(self._asker, _READ, [shown], "high")
        lines = None if found.evidence is None else _lines(found.text, found.evidence)
        return _given(found, found.text, {"text": found.text, "lines": lines})

    async def _extract(self, arguments: Arguments, progress: Progress) -> ToolArguments:
        schema = checks.mapping(arguments["schema"], "schema")
        if schema.get("type", "object") != "object":
            raise _no_object()
        question = _words(arguments, "question", _EXTRACT)
        pictures = await self._pictures(arguments)
        found = await ask(self._asker, question, pictures, "high", schema=schema)
        told = {"data": _data(found.text, schema), "evidence": found.evidence}
        return _given(found, json.dumps(told, ensure_ascii=False), told)

    async def _locate(self, arguments: Arguments, progress: Progress) -> ToolArguments:
        what = checks.text(arguments["what"], "what", least=1, most=tools.MOST_NAME)
        shown = await self._picture(arguments, "picture")
        if not (await self._asker.answerer()).surveys:
            raise InvalidRequest(
                "Who answers tells no places.",
                hint="The embedded engine does, which answers without --engine and --base-url; "
                "and so does a Sightline server that runs it.",
            )
        boxes = await ask(
            self._asker, f"Find every {what} and give their boxes in pixels.", [shown], "high",
            schema=_places(what),
        )  # fmt: skip
        said = await ask(self._asker, f"Where is the {what}?", [shown], "high")
        found = [*_things(boxes, what), *_printed(said.evidence or [])]
        told = {"answer": said.text, "found": found}
        lines = [f"{one['name']} ({one['kind']}): box {one['box']}" for one in found]
        tokens = _tokens(boxes.spent)
        return _given(said, "\n".join([said.text, *lines]), told, tokens)

    async def _decide(self, arguments: Arguments, progress: Progress) -> ToolArguments:
        listed = checks.array(
            arguments["questions"], "questions", of="objects", least=1, most=tools.MOST_DECISIONS
        )
        asked = [_to_decide(one, f"questions[{i}]") for i, one in enumerate(listed)]
        answers, found = await decide(self._asker, await self._pictures(arguments), asked)
        told = [_decided(text, each) for (_, text), each in zip(asked, answers, strict=True)]
        rows = [f"{text} {in_words(each)}" for (_, text), each in zip(asked, answers, strict=True)]
        return _given(found, "\n".join(rows), {"answers": told, "evidence": found.evidence})

    async def _describe_film(self, arguments: Arguments, progress: Progress) -> ToolArguments:
        question = _words(arguments, "question", "")
        timeline = checks.flag(arguments.get("timeline", False), "timeline")
        sampling = _sampling(arguments)
        named = checks.text(arguments["film"], "film", least=1)
        data = await self._sources.film(named, "film")
        said = await self._hear([data], sampling.end_s)
        options = DescribeOptions(
            Path("film"),
            sampling,
            prompt=question or None,
            timeline=timeline,
            cues=tuple(said or ()),
            threads=self._settings.worker_threads,
            data=data,
            bounds=self._settings,
        )
        try:
            found = await describe(options, self._asker, _callbacks(progress))
        except ImageError as error:
            if error.code != "invalid_video":
                raise
            message = f"Invalid 'film': it cannot be read as one. {error.message}"
            raise ImageError(message, param="film", hint=error.hint) from None
        about = found.about
        told: dict[str, Any] = {
            "text": found.text,
            "title": found.title,
            "duration_s": round(about.duration_s, 3),
            "size": list(about.size),
            "audio": about.audio,
            "said": [
                {"start_s": round(c.start_s, 3), "end_s": round(c.end_s, 3), "text": c.text}
                for c in said or ()
            ],
            "damaged": about.damaged or found.lost > 0,
            "frames_s": [round(time_s, 3) for _, time_s in found.frames],
            "scenes": [
                {"start_s": round(s.start_s, 3), "end_s": round(s.end_s, 3), "text": s.text}
                for s in (found.scenes if timeline else ())
            ],
        }
        note = str(beside(found.spent).get("note") or "")
        text = found.text
        if timeline:
            rows = [f"{s['start_s']}–{s['end_s']} s: {s['text']}" for s in told["scenes"]]
            text = "\n".join([text, "", *rows])
        return _with_note(text, told, note, _tokens(found.spent))

    async def _cost(self, arguments: Arguments, progress: Progress) -> ToolArguments:
        listed = checks.array(
            arguments.get("models", _MODELS), "models", of="strings", least=1,
            most=tools.MOST_MODELS,
        )  # fmt: skip
        models = [checks.text(name, f"models[{i}]", most=100) for i, name in enumerate(listed)]
        for name in models:
            find(name)
        shown = await self._picture(arguments, "picture")
        header = image.look(shown.data, shown.param, image.ImageBounds.of(self._settings))
        views = []
        for name in models:
            for detail in get_args(Detail):
                sight = details.sight(name, *header.size, detail)
                views.append(
                    {"model": name, "detail": detail, "seen": [sight.width, sight.height],
                     "tokens": sight.tokens, "refused": details.rejected(sight)}
                )  # fmt: skip
        told = {
            "format": header.format.lower(),
            "size": list(header.size),
            "bytes": len(shown.data),
            "views": views,
        }
        rows = [f"{v['model']} at {v['detail']}: {v['tokens']} tokens" for v in views]
        return ToolArguments("\n".join(rows), told)

    async def _pictures(self, arguments: Arguments) -> list[ToolPicture]:
        named = checks.array(
            arguments["pictures"], "pictures", of="strings", least=1, most=tools.MOST_PICTURES
        )
        shown, total = [], 0
        for i, one in enumerate(named):
            param = f"pictures[{i}]"
            data = await self._sources.picture(checks.text(one, param, least=1), param)
            total += len(data)
            if total > self._settings.max_images_bytes:
                raise ImageError(
                    "The pictures are too large together.",
                    param=param,
                    hint="Send fewer or smaller ones.",
                )
            shown.append(ToolPicture(param, data))
        return shown

    async def _picture(self, arguments: Arguments, param: str) -> ToolPicture:
        named = checks.text(arguments[param], param, least=1)
        return ToolPicture(param, await self._sources.picture(named, param))


def _words(arguments: Arguments, name: str, usual: str | None = None) -> str:
    if usual is not None and name not in arguments:
        return usual
    return checks.text(arguments[name], name, least=1, most=tools.MOST_WORDS)


_KINDS: tuple[Literal["predicate", "choice", "score"], ...] = ("predicate", "choice", "score")


def _to_decide(told: object, param: str) -> tuple[Decide, str]:
    """Read one question that is to be decided. Raises `InvalidRequest`."""
    given = checks.mapping(told, param)
    checks.known_keys(given, ("question", "type", "options"), param)
    if "question" not in given:
        raise checks.missing(f"{param}.question")
    text = checks.text(given["question"], f"{param}.question", least=1, most=tools.MOST_WORDS)
    kind = checks.choice(given.get("type", "predicate"), f"{param}.type", _KINDS)
    place = f"{param}.options"
    if kind == "predicate":
        if "options" in given:
            raise InvalidRequest(f"Invalid '{place}': a predicate has none.", param=place)
        return Decide("predicate"), text
    if "options" not in given:
        raise checks.missing(place)
    most = MOST_LEVELS if kind == "score" else MOST_CHOICES
    listed = checks.array(given["options"], place, of="strings", least=2, most=most)
    labels = [
        checks.text(one, f"{place}[{i}]", least=1, most=tools.MOST_NAME)
        for i, one in enumerate(listed)
    ]
    if len(set(labels)) < len(labels):
        raise InvalidRequest(f"Invalid '{place}': an option is there twice.", param=place)
    return Decide("choice" if kind == "choice" else "score", tuple(map(Option, labels))), text


def _decided(text: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Tell an answer of the API's beside what was asked."""
    made = {"question": text, "type": answer["type"]}
    if answer["type"] == "refusal":
        return {**made, "reason": str((answer.get("sightline") or {}).get("reason", ""))}
    made |= {name: answer[name] for name in ("probability", "choice", "score") if name in answer}
    if rows := answer.get("probabilities"):
        made["probabilities"] = [
            {"option": row.get("label", row["value"]), "probability": row["probability"]}
            for row in rows
        ]
    return made


def _sampling(arguments: Arguments) -> Sampling:
    frames = arguments.get("frames")
    if frames is not None:
        frames = checks.integer(frames, "frames", least=1, most=tools.MOST_FRAMES)
    start_s = checks.decimal(arguments.get("start_s", 0), "start_s", least=0, most=_MOST_S)
    end_s = arguments.get("end_s")
    if end_s is not None:
        end_s = checks.decimal(end_s, "end_s", least=0, most=_MOST_S)
    return Sampling(frames=frames, start_s=start_s, end_s=end_s)


def _callbacks(progress: Progress) -> DescribeCallbacks:
    """Tell of a film's progress: its frames, its parts, and the description of the whole."""
    chosen = seen = parts = done = 0

    def tell() -> None:
        said = f"{seen} of {chosen} frames looked at"
        if parts:
            said += f", {done} of {parts} parts described"
        progress(seen + done, chosen + parts + 1, said)

    def film(about: object, count: int) -> None:
        nonlocal chosen
        chosen = count
        tell()

    def frame(shown: object) -> None:
        nonlocal seen
        seen = min(seen + 1, chosen)
        tell()

    def part(so_far: int, of: int) -> None:
        nonlocal done, parts
        done, parts = so_far, of
        tell()

    return DescribeCallbacks(film=film, frame=frame, progress=part)


def _answer(found: Answered) -> ToolArguments:
    return _given(found, found.text, {"answer": found.text, "evidence": found.evidence})


def _given(found: Answered, text: str, told: dict[str, Any], tokens: int = 0) -> ToolArguments:
    return _with_note(text, told, found.note, tokens + _tokens(found.spent))


def _with_note(text: str, told: dict[str, Any], note: str, tokens: int) -> ToolArguments:
    if not note:
        return ToolArguments(text, told, tokens)
    return ToolArguments(f"{text}\n\nNote: {note}", {**told, "note": note}, tokens)


def _tokens(spent: dict[str, Any]) -> int:
    total = spent.get("total_tokens", 0)
    return total if isinstance(total, int) else 0


def _data(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Read an answer that is to keep to a schema. Raises `SightlineError` for what does not."""
    try:
        data = checks.parse(text)
    except SightlineError:
        raise InvalidRequest(f"It was not answered by the schema: {text[:500]}") from None
    try:
        validate(schema, data)
    except Astray:
        raise EngineError(
            "The answer does not keep to the schema.",
            hint="Let what may be missing be null, or ask for less.",
        ) from None
    except Undecidable:
        raise InvalidRequest(
            "Whether an answer keeps to the schema cannot be decided.",
            param="schema",
            hint="Use a simpler schema, without references to elsewhere.",
        ) from None
    if not isinstance(data, dict):
        raise _no_object()
    return data


def _no_object() -> InvalidRequest:
    return InvalidRequest("The schema has to be of an object.", param="schema")


def _places(what: str) -> dict[str, Any]:
    sides = ("x0", "y0", "x1", "y1")
    box = {
        "type": "object",
        "properties": {side: {"type": "number"} for side in sides},
        "required": list(sides),
    }
    listed = {what: {"type": "array", "items": box}}
    return {"type": "object", "properties": listed, "required": [what]}


def _things(found: Answered, what: str) -> list[dict[str, Any]]:
    """Give the things whose boxes were told, with their names and how sure they are."""
    try:
        boxes = checks.load(found.text.encode()).get(what)
    except SightlineError:
        return []  # it told in words that there are none
    told = [one for one in boxes if isinstance(one, dict)] if isinstance(boxes, list) else []
    corners = {tuple(one.get(side) for side in ("x0", "y0", "x1", "y1")) for one in told}
    return [
        {"kind": "thing", "name": thing.get("finer") or thing["kind"], "box": thing["box"],
         "confidence": thing["confidence"]}
        for thing in found.things or []
        if tuple(round(side) for side in thing["box"]) in corners
    ]  # fmt: skip


def _printed(evidence: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"kind": "text", "name": one["text"], "box": one["box"], "confidence": one["confidence"]}
        for one in evidence
    ]


def _lines(text: str, evidence: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the pieces of evidence, which come in the answer's order, into its lines."""
    left, made = list(evidence), []
    lines = [line for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        at, mine = 0, []
        while left and (place := line.find(str(left[0]["value"]), at)) >= 0:
            mine.append(left.pop(0))
            at = place + len(str(mine[-1]["value"]))
        later = lines[number + 1 :]
        while left and not any(str(left[0]["value"]) in other for other in later):
            left.pop(0)  # it stands in none of those that follow
        box = None
        if mine:
            sides = list(zip(*(one["box"] for one in mine), strict=True))
            box = [min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])]
        sure = min((one["confidence"] for one in mine), default=None)
        made.append({"text": line, "box": box, "confidence": sure})
    return made
