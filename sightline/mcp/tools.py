"""What the tools are: their names, what they take and give, and that none of them changes anything.

The schemas are JSON Schema 2020-12, as clients show them to models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from sightline.api.decisions import MOST_CHOICES
from sightline.types import Detail

MOST_PICTURES = 20  # of one call
MOST_WORDS = 4000  # characters of a question
MOST_NAME = 200  # characters of what is to be located, and of an option
MOST_FRAMES = 200
MOST_MODELS = 8
MOST_DECISIONS = 100  # questions of one call
_Schema = dict[str, Any]


def _object(required: tuple[str, ...] = (), **properties: _Schema) -> _Schema:
    made: _Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def _list(items: _Schema, about: str, **more: Any) -> _Schema:
    return {"type": "array", "items": items, "description": about, **more}


def _text(about: str, **more: Any) -> _Schema:
    return {"type": "string", "description": about, **more}


def _or_null(schema: _Schema) -> _Schema:
    about = schema.pop("description", "")
    return {"anyOf": [schema, {"type": "null"}], "description": about}


_NAMED = "A path under a folder that may be read, an http(s) URL, or a data URL"
_PICTURE = _text(f"{_NAMED} of a PNG, JPEG, WebP or GIF.", minLength=1)
_PICTURES = _list(
    _text(f"{_NAMED}.", minLength=1),
    "One or several pictures (PNG, JPEG, WebP or GIF), numbered from 1 in this order.",
    minItems=1,
    maxItems=MOST_PICTURES,
)
_QUESTION = _text("What is asked, in plain words.", minLength=1, maxLength=MOST_WORDS)
_BOX = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 4,
    "maxItems": 4,
    "description": "[x0, y0, x1, y1] in pixels of the picture as it is, upright.",
}
_SURE = {"type": "number", "minimum": 0, "maximum": 1, "description": "How sure, from 0 to 1."}
_EVIDENCE = _or_null(
    _list(
        _object(
            ("picture", "value", "text", "box", "confidence"),
            picture={"type": "integer", "description": "Which picture, from 1."},
            path=_text(
                "Which value of the data, as $.total, or which answer, as $.answers[0]; left out "
                "for an answer in words."
            ),
            value={"type": ["string", "number"], "description": "What was answered."},
            text=_text("What is printed there."),
            box=_BOX,
            confidence=_SURE,
        ),
        "Where what is answered stands in the pictures; null where the engine does not tell.",
    )
)
_NOTE = _text("What the engine cannot do, where the answer is short of what was asked.")
_ANSWER = _object(
    ("answer", "evidence"), answer=_text("The answer."), evidence=_EVIDENCE, note=_NOTE
)


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool, as clients list it."""

    name: str
    title: str
    description: str
    takes: _Schema
    gives: _Schema


LOOK = ToolSpec(
    "look",
    "Look at pictures",
    "Answer a question about one or several pictures: what they show, what is printed, how many, "
    "what colour, bar codes and QR codes. Tells where the answer stands.",
    _object(
        ("pictures", "question"),
        pictures=_PICTURES,
        question=_QUESTION,
        detail={
            "type": "string",
            "enum": list(get_args(Detail)),
            "default": "auto",
            "description": "How closely to look.",
        },
    ),
    _ANSWER,
)
READ = ToolSpec(
    "read",
    "Read a picture's text",
    "Read all text in a picture, line by line, each with its place.",
    _object(("picture",), picture=_PICTURE),
    _object(
        ("text", "lines"),
        text=_text("All of it, lines in reading order."),
        lines=_or_null(
            _list(
                _object(
                    ("text", "box", "confidence"),
                    text=_text("One line."),
                    box=_or_null(dict(_BOX)),
                    confidence=_or_null(dict(_SURE)),
                ),
                "The lines with their places; null where the engine does not tell.",
            )
        ),
        note=_NOTE,
    ),
)
EXTRACT = ToolSpec(
    "extract",
    "Extract data",
    "Fill a JSON schema from what pictures show (receipts, forms, labels). Each value comes with "
    "the place where it is printed; what the pictures do not tell is null where the schema lets it "
    "be.",
    _object(
        ("pictures", "schema"),
        pictures=_PICTURES,
        schema={
            "type": "object",
            "description": "A JSON Schema of an object. Let what may be missing be null, as in "
            '{"type": ["number", "null"]}.',
        },
        question=_text("What to heed, in plain words.", minLength=1, maxLength=MOST_WORDS),
    ),
    _object(
        ("data", "evidence"),
        data={"type": "object", "description": "What was asked for, by the schema."},
        evidence=_EVIDENCE,
        note=_NOTE,
    ),
)
COMPARE = ToolSpec(
    "compare",
    "Compare two pictures",
    "Say whether two pictures are the same, and what differs between them and where.",
    _object(
        ("first", "second"),
        first=_PICTURE,
        second=_PICTURE,
        question=_text("What to compare, if not everything.", minLength=1, maxLength=MOST_WORDS),
    ),
    _ANSWER,
)
LOCATE = ToolSpec(
    "locate",
    "Locate things or text",
    "Find where things of a kind (cat, cars, people) or a printed text stand in a picture. Gives a "
    "box for each. Needs the embedded engine, or a Sightline server.",
    _object(
        ("picture", "what"),
        picture=_PICTURE,
        what=_text(
            "A kind of thing, or a text, for example: cups; the total.",
            minLength=1,
            maxLength=MOST_NAME,
        ),
    ),
    _object(
        ("answer", "found"),
        answer=_text("Where it is, in words."),
        found=_list(
            _object(
                ("kind", "name", "box", "confidence"),
                kind={"type": "string", "enum": ["thing", "text"]},
                name=_text("What the thing is, or what is printed."),
                box=_BOX,
                confidence=_SURE,
            ),
            "What was found; empty where nothing of it is seen.",
        ),
        note=_NOTE,
    ),
)
_STRETCH = _object(
    ("start_s", "end_s", "text"),
    start_s={"type": "number"},
    end_s={"type": "number"},
    text={"type": "string"},
)
DECIDE = ToolSpec(
    "decide",
    "Decide with probabilities",
    "Tell how likely answers to questions about pictures are, instead of words: is a statement "
    "true, which of several options fits, how far along a scale is it. The pictures are looked at "
    "once for all questions. What the engine has no calibrated probability for is refused, with "
    "the reason.",
    _object(
        ("pictures", "questions"),
        pictures=_PICTURES,
        questions=_list(
            _object(
                ("question",),
                question=_QUESTION,
                type={
                    "type": "string",
                    "enum": ["predicate", "choice", "score"],
                    "default": "predicate",
                    "description": "predicate: is it so; choice: which option; score: which level.",
                },
                options=_list(
                    _text("An option.", minLength=1, maxLength=MOST_NAME),
                    "Of a choice 2 to 255; of a score 2 to 10 levels, the lowest first.",
                    minItems=2,
                    maxItems=MOST_CHOICES,
                ),
            ),
            "What is to be decided, each by itself.",
            minItems=1,
            maxItems=MOST_DECISIONS,
        ),
    ),
    _object(
        ("answers", "evidence"),
        answers=_list(
            _object(
                ("question", "type"),
                question=_text("What was asked."),
                type={"type": "string", "enum": ["predicate", "choice", "score", "refusal"]},
                probability={**_SURE, "description": "How likely it is so, of a predicate."},
                choice=_text("The likeliest option, of a choice."),
                score={"type": "number", "description": "The level to expect; the lowest is 0."},
                probabilities=_list(
                    _object(
                        ("option", "probability"), option=_text("An option."), probability=_SURE
                    ),
                    "How likely each option is, in the order given; together 1.",
                ),
                reason=_text("Why it was refused."),
            ),
            "An answer for each question, in their order.",
        ),
        evidence=_EVIDENCE,
        note=_NOTE,
    ),
)
DESCRIBE_FILM = ToolSpec(
    "describe_film",
    "Describe a film",
    "Say what happens in a film, by frames that are chosen for it; with timeline also scene by "
    "scene. What is said is told where a model that hears was pulled. Tells its progress, and can "
    "be cancelled.",
    _object(
        ("film",),
        film=_text(f"{_NAMED} of a film (MP4, WebM, MOV and others).", minLength=1),
        question=_QUESTION,
        timeline={"type": "boolean", "default": False, "description": "Also scene by scene."},
        frames={
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_FRAMES,
            "description": "How many frames to look at; left out, as many as 20,000 tokens buy.",
        },
        start_s={"type": "number", "minimum": 0, "description": "From where, in seconds."},
        end_s={"type": "number", "minimum": 0, "description": "Up to where, in seconds."},
    ),
    _object(
        ("text", "title", "duration_s", "size", "audio", "said", "damaged", "frames_s", "scenes"),
        text=_text("The description, or the answer."),
        title=_or_null(_text("A title.")),
        duration_s={"type": "number", "description": "How long the film is, in seconds."},
        size=_list({"type": "integer"}, "Width and height in pixels."),
        audio={"type": "boolean", "description": "Whether it has sound."},
        said=_list(_STRETCH, "What is said in it, as far as that is heard here."),
        damaged={"type": "boolean", "description": "Whether only a part could be read."},
        frames_s=_list({"type": "number"}, "When the frames looked at are shown, in seconds."),
        scenes=_list(_STRETCH, "Scene by scene, where a timeline was asked for."),
        note=_NOTE,
    ),
)
COST = ToolSpec(
    "cost",
    "Cost of a picture",
    "Say how OpenAI's models would see a picture at each level of detail, and how many tokens that "
    "costs. Nothing is sent anywhere.",
    _object(
        ("picture",),
        picture=_PICTURE,
        models=_list(
            _text("A model id."),
            "Which models; gpt-4o and gpt-5.5 if left out.",
            minItems=1,
            maxItems=MOST_MODELS,
        ),
    ),
    _object(
        ("format", "size", "bytes", "views"),
        format=_text("png, jpeg, webp or gif."),
        size=_list({"type": "integer"}, "Width and height in pixels, upright."),
        bytes={"type": "integer"},
        views=_list(
            _object(
                ("model", "detail", "seen", "tokens", "refused"),
                model={"type": "string"},
                detail={"type": "string"},
                seen=_list({"type": "integer"}, "Width and height as the model sees it."),
                tokens={"type": "integer"},
                refused={"type": "boolean", "description": "Too large for the API."},
            ),
            "How each model sees it at each level of detail.",
        ),
    ),
)
TOOLS = (LOOK, READ, EXTRACT, COMPARE, LOCATE, DECIDE, DESCRIBE_FILM, COST)
