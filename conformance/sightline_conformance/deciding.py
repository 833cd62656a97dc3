"""Checks of decisions: questions about one input that are answered with probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image

from sightline_conformance.drawn import COLOURS, coloured, encoded, lettered, url
from sightline_conformance.kit import NO_CALL, Json, Kit, NotApplicable, Reply, check

_GROUP = "decisions"
_REFERENCE = "OpenAI API reference, decisions"
_OPTIONS = {
    "choice": {"choices": [{"value": name} for name in COLOURS]},
    "score": {"levels": [{"label": "none"}, {"label": "some"}, {"label": "all"}]},
}
_KINDS = ("predicate", "choice", "score")


def _question(kind: str, asked: str = "Is it dark?", **more: Any) -> Json:
    return {"type": kind, "instructions": asked, **_OPTIONS.get(kind, {}), **more}


def _shown(image: Image.Image) -> list[Json]:
    picture = {"type": "input_image", "image_url": url(encoded(image)), "detail": "auto"}
    return [{"role": "user", "content": [picture]}]


def _seen(colour: str) -> list[Json]:
    return _shown(coloured(colour))


def _read(kit: Kit) -> tuple[str, Json, list[Json]]:
    """Give a code, the question which of three it is, and a picture that it stands in."""
    codes = [kit.code(4) for _ in range(3)]
    choices = [{"value": code} for code in codes]
    code = kit.chance.choice(codes)
    asked = _question("choice", "What is the code?", choices=choices)
    return code, asked, _shown(lettered(f"Code: {code}"))


def _asked(kit: Kit, questions: Sequence[Any], given: Any = "The night is dark.") -> Reply:
    body = {"model": kit.model, "input": given, "questions": list(questions)}
    reply = kit.send("POST", "/decisions", body)
    if reply.status in NO_CALL and reply.error.get("code") != "model_not_found":
        raise NotApplicable(f"there is no POST /decisions: {reply}")
    if reply.error.get("code") == "unsupported_model":
        raise NotApplicable(f"what is behind it does not decide: {reply}")
    return reply


def _decided(kit: Kit, questions: Sequence[Json], given: Any = "The night is dark.") -> list[Json]:
    """Give the answers, refusals among them: one for each question, of its kind."""
    made = kit.taken(_asked(kit, questions, given))
    answers: list[Json] = made.get("answers") or []
    allowed = [(each["type"], "refusal") for each in questions]
    kinds = [each.get("type") for each in answers]
    good = len(kinds) == len(allowed) and all(k in a for k, a in zip(kinds, allowed, strict=True))
    kit.expect(good, f"an answer or a refusal for each of {len(allowed)}, in order", kinds)
    return answers


def _shares(kit: Kit, answers: Sequence[Json]) -> list[list[float]]:
    """Give the probabilities of those that were answered."""
    answered = [each for each in answers if each["type"] != "refusal"]
    if not answered:
        raise NotApplicable("every question was refused")
    return [
        [each["probability"]]
        if each["type"] == "predicate"
        else [row["probability"] for row in each["probabilities"]]
        for each in answered
    ]


@check(_GROUP, "each question has its answer, in order and by its name", _REFERENCE)
def _(kit: Kit) -> None:
    asked = [_question(kind, name=f"{kind} {kit.code()}") for kind in (*_KINDS, *_KINDS[::-1])]
    names = [each.get("name") for each in _decided(kit, asked, _seen("blue"))]
    kit.expect(names == [each["name"] for each in asked], "the names of the questions", names)


@check(_GROUP, "probabilities are between 0 and 1, those of one question 1 together", _REFERENCE)
def _(kit: Kit) -> None:
    _, printed, picture = _read(kit)
    asked = [printed, *(_question(kind, "Is a code printed in it?") for kind in _KINDS)]
    for shares in _shares(kit, _decided(kit, asked, picture)):
        kit.expect(all(0 <= share <= 1 for share in shares), "0 to 1", shares)
        kit.expect(len(shares) == 1 or abs(sum(shares) - 1) < 1e-3, "1 together", shares)


@check(_GROUP, "a choice is the likeliest of those sent, told in the order sent", _REFERENCE)
def _(kit: Kit) -> None:
    _, asked, picture = _read(kit)
    [answer] = _decided(kit, [asked], picture)
    _shares(kit, [answer])
    rows, sent = answer["probabilities"], [each["value"] for each in asked["choices"]]
    kit.expect([row["value"] for row in rows] == sent, f"the values {sent}", rows)
    best = max(row["probability"] for row in rows)
    likely = [row["value"] for row in rows if row["probability"] == best]
    kit.expect(answer["choice"] in likely, f"choice {likely[0]}", answer)


@check(_GROUP, "a score is what the levels' probabilities come to", _REFERENCE)
def _(kit: Kit) -> None:
    [answer] = _decided(kit, [_question("score", "How much of it is red?")], _seen("red"))
    _shares(kit, [answer])
    rows = answer["probabilities"]
    kit.expect([row["value"] for row in rows] == [0, 1, 2], "values 0, 1 and 2", rows)
    whole = sum(row["value"] * row["probability"] for row in rows)
    kit.expect(abs(answer["score"] - whole) < 1e-2, f"score {whole:.3f}", answer)


@check(_GROUP, "the color of a picture is the likeliest", "a picture that cannot be guessed")
def _(kit: Kit) -> None:
    name = kit.chance.choice(list(COLOURS))
    [answer] = _decided(kit, [_question("choice", "Which color is this?")], _seen(name))
    _shares(kit, [answer])
    kit.judge()
    kit.expect(answer["choice"] == name, f"choice {name}", answer)


@check(_GROUP, "the code in a picture is the likeliest", "a picture that cannot be guessed")
def _(kit: Kit) -> None:
    code, asked, picture = _read(kit)
    [answer] = _decided(kit, [asked], picture)
    _shares(kit, [answer])
    kit.tells(code, answer["choice"], answer)


@check(_GROUP, "many questions of one picture are all answered", _REFERENCE)
def _(kit: Kit) -> None:
    asked = [_question("predicate", f"There are {i + 2} dogs.", name=str(i)) for i in range(60)]
    names = [each.get("name") for each in _decided(kit, asked, _seen("yellow"))]
    kit.expect(names == [str(i) for i in range(60)], "all names, in order", names)


@check(_GROUP, "what it cost adds up", f"{_REFERENCE}: usage")
def _(kit: Kit) -> None:
    usage = kit.taken(_asked(kit, [_question("predicate")], _seen("red"))).get("usage") or {}
    total = usage["input_tokens"] + usage["output_tokens"]
    kit.expect(usage["total_tokens"] == total, f"total_tokens {total}", usage)
    told = {*usage["input_tokens_details"]} >= {"cached_tokens", "cache_write_tokens"}
    kit.expect(told and "reasoning_tokens" in usage["output_tokens_details"], "details", usage)


_BAD: dict[str, list[Any]] = {
    "no question": [],
    "more than 400 questions": [_question("predicate")] * 401,
    "a question of no known kind": [_question("opinion")],
    "a choice of one": [_question("choice", choices=[{"value": "red"}])],
    "a choice of more than 255": [
        _question("choice", choices=[{"value": str(i)} for i in range(256)])
    ],
    "two choices of one value": [_question("choice", choices=[{"value": "red"}] * 2)],
    "a score of more than 10 levels": [
        _question("score", levels=[{"label": str(i)} for i in range(11)])
    ],
    "a question without instructions": [{"type": "predicate"}],
}


def _refused(what: str, questions: list[Any]) -> None:
    def run(kit: Kit) -> None:
        reply = _asked(kit, questions)
        kit.refuses(reply, what)

    check(_GROUP, f"{what}: refused", _REFERENCE)(run)


for _what, _questions in _BAD.items():
    _refused(_what, _questions)


@check(_GROUP, "a broken picture is refused", _REFERENCE)
def _(kit: Kit) -> None:
    broken = {"type": "input_image", "image_url": "data:image/png;base64,@@@", "detail": "auto"}
    given = [{"role": "user", "content": [broken]}]
    kit.refuses(_asked(kit, [_question("predicate")], given), "a broken picture")
