"""How decisions are written: answers in order with their probabilities, in the API's two forms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sightline.api import models, reply
from sightline.types import Decide, Decided, Question, Usage, Verdict

_PLACES = 6


def rounded(probabilities: Sequence[float]) -> list[float]:
    """Round probabilities so that together they are still 1."""
    made = [round(p, _PLACES) for p in probabilities]
    best = made.index(max(made))
    made[best] = round(1 - sum(p for i, p in enumerate(made) if i != best), _PLACES)
    return made


def confidence(probabilities: Sequence[float]) -> float:
    """Say how far from even probabilities are: 1 where one has all, 0 where all are alike.

    One less the entropy, as a share of the most that there can be.
    """
    entropy = -sum(p * math.log(p) for p in probabilities if p > 0)
    return round(min(1.0, max(0.0, 1 - entropy / math.log(len(probabilities)))), _PLACES)


def expected(probabilities: Sequence[float]) -> float:
    """Give the level that is to be expected, where the first is 0."""
    return round(sum(i * p for i, p in enumerate(probabilities)), _PLACES)


def in_words(answer: Mapping[str, Any]) -> str:
    """Tell an answer of `/v1/decisions` to people: the likeliest option first."""
    if answer["type"] == "refusal":
        own = answer.get("sightline") or {}
        return f"refused. {own.get('reason', '')}".rstrip()
    if answer["type"] == "predicate":
        return f"{_percent(answer['probability'])} yes"
    rows = sorted(answer["probabilities"], key=lambda row: -row["probability"])
    shares = ", ".join(
        f"{row.get('label', row['value'])} {_percent(row['probability'])}" for row in rows
    )
    if answer["type"] == "choice":
        return shares
    return f"{answer['score']:.2f} of {len(rows) - 1} ({shares})"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def body(question: Question, decided: Decided, usage: Usage, model: models.Model) -> dict[str, Any]:
    """Write the reply of `/v1/decisions`."""
    return {
        "model": model.snapshot,
        "answers": [
            _answer(decide, verdict)
            for decide, verdict in zip(question.decide, decided.verdicts, strict=True)
        ],
        "usage": reply.counted(replace(usage, reasoning_tokens=0)),
    }


def _answer(decide: Decide, verdict: Verdict) -> dict[str, Any]:
    named = {"name": decide.name}
    if not verdict.probabilities:
        return {"type": "refusal", **named, "sightline": {"reason": verdict.reason}}
    told = rounded(verdict.probabilities)
    if decide.kind == "predicate":
        return {"type": "predicate", **named, "probability": told[0]}
    pairs = list(enumerate(zip(decide.options, told, strict=True)))
    if decide.kind == "choice":
        return {
            "type": "choice",
            **named,
            "choice": decide.options[told.index(max(told))].value,
            "confidence": confidence(told),
            "probabilities": [
                {"value": option.value, "probability": p} for _, (option, p) in pairs
            ],
        }
    return {
        "type": "score",
        **named,
        "score": expected(told),
        "confidence": confidence(told),
        "probabilities": [
            {"label": option.label, "value": i, "probability": p} for i, (option, p) in pairs
        ],
    }


def systemone(
    question: Question, decided: Decided, usage: Usage, model: models.Model
) -> dict[str, Any]:
    """Write the reply of `/v1/systemone`: answers by the questions' names."""
    pairs = zip(question.decide, decided.verdicts, strict=True)
    return {
        "model": model.snapshot,
        "answers": {decide.name: _named(decide, verdict) for decide, verdict in pairs},
        "usage": {
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
            "sightline": reply.usage_body(usage)["sightline"],
        },
    }


def _named(decide: Decide, verdict: Verdict) -> dict[str, Any]:
    if not verdict.probabilities:
        return {"type": "refusal", "reason": verdict.reason}
    told = rounded(verdict.probabilities)
    if decide.kind == "predicate":
        return {"type": "noul", "noul": told[0]}
    labels = [option.label for option in decide.options]
    if decide.kind == "choice":
        return {
            "type": "choice",
            "choice": labels[told.index(max(told))],
            "probabilities": dict(zip(labels, told, strict=True)),
            "confidence": confidence(told),
        }
    return {
        "type": "score",
        "score": expected(told),
        "legend": {str(i): label for i, label in enumerate(labels)},
        "probabilities": {str(i): p for i, p in enumerate(told)},
        "confidence": confidence(told),
    }
