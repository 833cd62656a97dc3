"""Decisions of models that answer in words: the options get letters, the first token decides.

Each question is asked by itself after the same evidence, which a server with a cache of prompts
works through once. What is the same of all questions is said before them for that reason: what is
left of one is its words and its options. How likely a letter is, among the letters, is how likely
the model takes its option to be: its own word, which nothing has calibrated.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from sightline.types import (
    Decide,
    Decided,
    Delta,
    Message,
    Option,
    Question,
    Text,
    TokenLogprob,
    Used,
    Verdict,
)
from sightline.workers import all_of

Answer = Callable[[Question], AsyncIterator[Delta]]
_OPTIONS = (
    "A question about this follows, with options that have letters. Answer with the letter of the "
    "option that is right, or fits best, and with nothing else.\n\n"
)
_PREDICATE = (
    "A statement or a question about this follows. Answer with A where it is true, or is to be "
    "answered with yes, with B where it is not, and with nothing else.\n\n"
)
TOO_MANY = "With this model a question may have {most} options at most."
NO_LETTER = "The model did not answer with one of the options."


@dataclass(frozen=True, slots=True)
class LetterReader:
    """How tokens are read.

    `tops` is how many alternatives of a token are told, `least` the probability that all options
    have together, below which the model wanted to say something else.
    """

    tops: int
    least: float

    @property
    def most(self) -> int:
        """How many options a question may have."""
        return min(self.tops, len(ascii_uppercase))

    def verdict(self, decide: Decide, told: Sequence[TokenLogprob]) -> Verdict:
        """Read how likely each option is from the first token that says something."""
        first = next((one for one in told if one.chosen.token.strip()), None)
        if first is None:
            return Verdict(reason=NO_LETTER)
        shares = [0.0] * len(decide.options)
        for likely in {one.token: one for one in (first.chosen, *first.top)}.values():
            place = ascii_uppercase.find(likely.token.strip() or "?")
            if len(likely.token.strip()) == 1 and 0 <= place < len(shares):
                shares[place] += math.exp(min(0.0, likely.logprob))
        whole = math.fsum(shares)
        if whole <= self.least:
            return Verdict(reason=NO_LETTER)
        return Verdict(tuple(share / whole for share in shares))


def asked(question: Question, number: int, tops: int) -> Question:
    """Give one of what is to be decided as a question to be answered with a letter."""
    decide, said = question.decide[number], question.instructions[number]
    if _is_plain(decide):
        parts = (Text(_PREDICATE, ours=True), *said.parts)
    else:
        listed = "".join(
            f"\n{letter}) {line}"
            for letter, line in zip(ascii_uppercase, _lines(decide), strict=False)
        )
        parts = (Text(_OPTIONS, ours=True), *said.parts, Text(listed))
    *before, last = question.evidence
    if last.role == "user":  # not every model takes two turns of one speaker
        turns = (*before, replace(last, parts=(*last.parts, *parts)))
    else:
        turns = (*before, last, Message("user", parts))
    return replace(
        question,
        messages=turns,
        decide=(),
        max_tokens=1,
        temperature=0.0,
        logprobs=True,
        top_logprobs=tops,
    )


def _is_plain(decide: Decide) -> bool:
    """Say whether it is a question of yes or no that says no more of either."""
    return decide.kind == "predicate" and not any(one.description for one in decide.options)


def _lines(decide: Decide) -> list[str]:
    if decide.kind == "predicate":
        yes, no = (option.description for option in decide.options)
        return [Option("yes", yes).text, Option("no", no).text]
    return [option.text for option in decide.options]


async def decide(
    answer: Answer, question: Question, reading: LetterReader, *, at_once: int = 1
) -> Decided:
    """Decide each question by the first token of its answer.

    Those of yes or no come first, since they begin alike. The first is asked alone, so that the
    evidence is worked through before the others need it; of those so many are asked `at_once`.
    Raises what `answer` raises.
    """
    free = asyncio.Semaphore(at_once)

    async def one(number: int) -> tuple[Verdict, Used | None]:
        wanted = question.decide[number]
        if len(wanted.options) > reading.most:
            return Verdict(reason=TOO_MANY.format(most=reading.most)), None
        told: list[TokenLogprob] = []
        used = None
        async with free:
            async for delta in answer(asked(question, number, reading.tops)):
                told += delta.logprobs
                used = delta.used or used
        return reading.verdict(wanted, told), used

    order = sorted(range(len(question.decide)), key=lambda n: not _is_plain(question.decide[n]))
    first, *others = order
    done = [await one(first), *await all_of(map(one, others))]
    verdicts = dict(zip(order, (verdict for verdict, _ in done), strict=True))
    told = tuple(verdicts[number] for number in range(len(order)))
    return Decided(told, _together([used for _, used in done]))


def _together(spent: Sequence[Used | None]) -> Used | None:
    """Add up what was worked through; of the evidence only once counts as read from a cache."""
    known = [used for used in spent if used is not None]
    if not known:
        return None
    first, *others = known
    more = sum(max(0, used.prompt_tokens - used.cached_tokens) for used in others)
    return replace(first, prompt_tokens=first.prompt_tokens + more, completion_tokens=None)
