"""Decisions by what was measured, where its probability was: all else is refused, with the reason.

Whether things are there, by the eyes; what a paper says, by the ear. A page's rules and the small
model tell no probability that was calibrated, so that neither decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sightline.engines.embedded import ask, languages, words
from sightline.engines.embedded.citations import of_parts, of_things
from sightline.engines.embedded.ear.compose import denies
from sightline.engines.embedded.ear.confidence import likely
from sightline.engines.embedded.ear.matcher import Part
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import objects, phrases, presence
from sightline.engines.embedded.eyes.lexicon import Meant, meant
from sightline.engines.embedded.eyes.likelihood import there
from sightline.engines.embedded.paper import concepts
from sightline.types import Decide, Evidence, Message, Picture, Question, Verdict
from sightline.workers import Stop

_PICTURE = r"(?:images?|pictures?|photos?|photographs?|shots?|scenes?|frames?)"
_NUMBERED = rf"{_PICTURE} (?:number |no\.? |#)?\d+"
_THE_PICTURE = rf"(?:(?:the|this|that) {_PICTURE}|{_NUMBERED}|it)"
_HERE = (
    rf"(?:visible|present|shown|seen|depicted|there|here|anywhere|(?:in|on|within) {_THE_PICTURE})"
)
_THING = r"(?:an?|any|some|the|at least one|one or more)? ?(?P<what>[^\W\d_][\w' -]*?)"
_WHETHER = r"(?:(?:please )?(?:tell me|say|check|decide) (?:if|whether) )?"
_EXISTS = tuple(
    re.compile(rf"{_WHETHER}{form}", re.IGNORECASE)
    for form in (
        rf"(?:is|are) there {_THING}(?: {_HERE})*",
        rf"there(?:'s| is| are) {_THING}(?: {_HERE})*",
        rf"(?:do|can|could) (?:you|we|i) (?:see|find|spot) {_THING}(?: {_HERE})*",
        rf"(?:does|do) {_THE_PICTURE} (?:show|contain|have|include|depict) {_THING}",
        rf"{_THE_PICTURE} (?:shows?|contains?|has|have|includes?|depicts?) {_THING}",
        rf"(?:is|are) {_THING}(?: {_HERE})+",
        rf"{_THING} (?:is|are)(?: {_HERE})+",
    )
)
_NONE = frozenset(("none", "neither", "nothing", "none of these", "none of them", "no", "other"))
_WHICH = re.compile(r"(?:what|which|choose|classify|name|identify)\b", re.IGNORECASE)
_ASKS = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|must|may|should)\b",
    re.IGNORECASE,
)
_STATES = re.compile(
    r"(?P<of>(?:the|this|that|its?|an?|all|every)\b[\w' -]*?) (?P<verb>is|are|was|were|has|have) "
    r"(?P<what>.+)",
    re.IGNORECASE,
)
_YES, _NO = frozenset(("yes", "true")), frozenset(("no", "false"))
_COMPARED = frozenset(("over", "under"))
_JUDGED = frozenset(("yes", "no", "has", "lacks")) | _COMPARED
_LONGEST = 400  # characters of a question, of which the ear hears no more
_SURE = 0.55  # from which on a thing is told, as elsewhere
_MOST_PROVED = 20  # things that one decision follows from
# How likely a value is the choice that is right, of how sure the ear is; and how likely yes or no is,
# of that, of whether it is yes, and of whether numbers were compared: logistic regressions, fitted by
# `python -m training.ear.deciding`. From what probability on it is told.
QUOTED, JUDGED, LEAST = (1.949, 1.039), (0.03, 0.342, 0.941, 0.652), 0.7

NO_PICTURE = "No picture was sent; this engine decides from pictures alone."
SEVERAL = "Several pictures were sent: name one, as in 'There is a dog in image 2'."
TOO_LONG = "The instructions are too long for this engine: it takes 400 characters."
NO_SCORE = "This engine has no calibrated scale; a vision model can score."
NOT_MEASURED = (
    "Of photographs this engine decides whether one kind of thing that it knows is there: 'There is "
    "a dog'. It has no calibrated probability for anything else."
)
NOT_READ = "What is printed does not tell it surely enough to decide."
PRIVATE = "It does not guess who people are, their age or their gender."


@dataclass(frozen=True, slots=True)
class Share:
    """How likely something is, and from what on the pictures that follows."""

    probability: float
    evidence: tuple[Evidence, ...] = ()


def decided(
    question: Question, exhibits: Sequence[Exhibit], stop: Stop
) -> tuple[tuple[Verdict, ...], tuple[Evidence, ...]]:
    """Decide each question of a request from its pictures, which `exhibits` has in their order.

    Give also from what that follows, with the place of each answer in the reply as its path.
    """
    shared = sum(map(_shown, question.evidence))
    first, verdicts, proved = shared, [], list[Evidence]()
    for at, (decide, message) in enumerate(
        zip(question.decide, question.instructions, strict=True)
    ):
        stop.check()
        own = exhibits[first : first + _shown(message)]
        first += _shown(message)
        verdict, evidence = _verdict(decide, _text(message), [*exhibits[:shared], *own])
        verdicts.append(verdict)
        proved += [replace(each, path=f"$.answers[{at}]") for each in evidence]
    return tuple(verdicts), tuple(proved)


def _shown(message: Message) -> int:
    return sum(isinstance(part, Picture) for part in message.parts)


def _text(message: Message) -> str:
    return languages.english(words.tidy(message.text)).strip().rstrip("?.! ")


_Made = tuple[Verdict, tuple[Evidence, ...]]


def _refused(reason: str) -> _Made:
    return Verdict(reason=reason), ()


def _verdict(decide: Decide, text: str, exhibits: Sequence[Exhibit]) -> _Made:
    if not exhibits:
        return _refused(NO_PICTURE)
    if len(text) > _LONGEST:
        return _refused(TOO_LONG)
    if decide.kind == "score":
        return _refused(NO_SCORE)
    numbers = ask.understand(text, len(exhibits)).numbers
    chosen = [e for place, e in enumerate(exhibits, 1) if place in numbers] or exhibits
    if len(chosen) != 1:
        return _refused(SEVERAL)
    labels = [option.label.lower().strip() for option in decide.options]
    if len(labels) == 2 and _YES & {*labels} and _NO & {*labels}:
        found = _true(text, chosen[0])
        if isinstance(found, str):
            return _refused(found)
        share = found.probability
        told = tuple(share if label in _YES else 1 - share for label in labels)
        return Verdict(told), found.evidence
    return _chosen(text, labels, chosen[0])


def _true(text: str, exhibit: Exhibit) -> Share | str:
    """Give how likely a statement about a picture is true, or why that is not known."""
    eyes = exhibit.survey.seen
    if eyes is not None:
        wanted = _asked_thing(text, drawn=eyes.drawn)
        if wanted is not None and phrases.is_private(wanted):
            return PRIVATE
        share = None if wanted is None else there(wanted, eyes)
        if share is not None and wanted is not None:
            return Share(share, _seen(wanted, exhibit))
    if exhibit.shows_things or not exhibit.sheet.rows:
        return NOT_MEASURED
    return printed(ask.unpointed(text), exhibit)


def _seen(wanted: Meant, exhibit: Exhibit) -> tuple[Evidence, ...]:
    """Give the things that are meant, those that may be there too: by them it was weighed."""
    eyes = exhibit.survey.seen
    things = () if eyes is None else (*eyes.things, *eyes.perhaps)
    return of_things(exhibit, phrases.of(wanted, things)[:_MOST_PROVED])


def _asked_thing(text: str, *, drawn: bool) -> Meant | None:
    """Give the one kind of thing of which a text asks or says whether it is there, and no more."""
    plain = objects.simplified(text)
    for form in _EXISTS:
        found = form.fullmatch(plain)
        wanted = None if found is None else _thing(found["what"], drawn=drawn)
        if wanted is not None:
            return wanted
    return None


def _thing(name: str, *, drawn: bool) -> Meant | None:
    """Give what a name means that names one kind of thing, and says no more of it."""
    named = meant(name, drawn=drawn)
    if len(named) != 1 or len(words.tokens(name)) != len(named[0].word.split()):
        return None
    return named[0]


def printed(text: str, exhibit: Exhibit) -> Share | str:
    """Give how likely a statement about a page is true, by the ear, or why it is not known."""
    found = judged(text, exhibit)
    if found is None:
        return NOT_READ
    told, parts = found
    sure = likely(JUDGED, told.features)
    if sure < LEAST:
        return NOT_READ
    said = "yes" if told.so else "no"
    return Share(sure if told.so else 1 - sure, of_parts(exhibit, parts, said))


@dataclass(frozen=True, slots=True)
class Judged:
    """What the ear says to a question of yes or no, and what tells how likely that is right."""

    so: bool
    features: tuple[float, ...]


def judged(text: str, exhibit: Exhibit) -> tuple[Judged, Sequence[Part]] | None:
    """Judge a statement, or a question of yes or no, by what is printed; give where that stands.

    None where the ear says neither yes nor no.
    """
    asked = _as_question(text)
    if exhibit.ear is None or asked is None:
        return None
    heard = exhibit.ear.hear(asked)
    if heard is None or heard.answer is None or heard.match.operation not in _JUDGED:
        return None
    so = bool(heard.answer.so)
    if so and denies(heard.answer.note, asked):
        return None
    sure = heard.sure(known=concepts.named(asked) is not None)
    compared = heard.match.operation in _COMPARED
    return Judged(so, (1.0, log_odds(sure), float(so), float(compared))), heard.match.parts


def _as_question(text: str) -> str | None:
    """Ask what a statement says; None where it is not known how."""
    if _ASKS.match(text):
        return f"{text}?"
    stated = _STATES.fullmatch(text)
    if stated is None:
        return None
    verb = stated["verb"].lower()
    if verb in ("has", "have"):
        return f"{'Does' if verb == 'has' else 'Do'} {stated['of']} have {stated['what']}?"
    return f"{verb.capitalize()} {stated['of']} {stated['what']}?"


def _chosen(text: str, labels: Sequence[str], exhibit: Exhibit) -> _Made:
    """Choose among things that may be there, or among what may be printed."""
    eyes = exhibit.survey.seen
    if eyes is not None and _WHICH.match(text):
        plain = _WITHOUT.sub(" ", text)
        of_things_ = not presence.unsaid(plain, meant(plain, drawn=eyes.drawn))
        found = _shares(labels, exhibit) if of_things_ else None
        if found is not None:
            return found
    if exhibit.shows_things or not exhibit.sheet.rows:
        return _refused(NOT_MEASURED)
    return _quoted(ask.unpointed(text), labels, exhibit)


_WITHOUT = re.compile(rf"\b(?:{_NUMBERED}|choose|classify|name|identify)\b", re.IGNORECASE)


def _shares(labels: Sequence[str], exhibit: Exhibit) -> _Made | None:
    """Give how likely each of several things is the one that is there, None where that is unknown.

    One of them is, as the question has it: of things that are there or not by themselves, each is
    the only one by its odds.
    """
    eyes = exhibit.survey.seen
    odds, surest, best = [], 0.0, None
    for label in labels:
        if label in _NONE:
            odds.append(1.0)
            continue
        wanted = _thing(re.sub(r"^(?:an?|the) ", "", label), drawn=eyes is not None and eyes.drawn)
        if eyes is None or wanted is None or phrases.is_private(wanted):
            return None
        share = there(wanted, eyes)
        if share is None:
            return None
        surest, best = max((surest, best), (share, wanted), key=lambda each: each[0])
        odds.append(share / (1 - share))
    if surest < _SURE and not _NONE & {*labels}:
        return None
    whole = math.fsum(odds)
    proved = () if best is None or surest < _SURE else _seen(best, exhibit)
    return Verdict(tuple(each / whole for each in odds)), proved


def _quoted(text: str, labels: Sequence[str], exhibit: Exhibit) -> _Made:
    """Choose what the ear finds printed; what it may be instead is alike for all others."""
    found = value(text, exhibit)
    if found is None:
        return _refused(NOT_READ)
    said, sure = words.squash(found[0]), found[1].probability
    fits = [i for i, label in enumerate(labels) if words.squash(label) == said]
    if len(fits) != 1:
        return _refused("What is printed is none of the choices, or not one alone.")
    others = (1 - sure) / (len(labels) - 1)
    shares = tuple(sure if i == fits[0] else others for i in range(len(labels)))
    return Verdict(shares), found[1].evidence


def value(text: str, exhibit: Exhibit) -> tuple[str, Share] | None:
    """Give the printed value that is asked for, and how likely it is that; None where unsure.

    It is that likely where it is among the choices, which few wrong ones are.
    """
    found = read(text, exhibit)
    if found is None:
        return None
    told, sure, parts = found
    sure = likely(QUOTED, (1.0, log_odds(sure)))
    return (told, Share(sure, of_parts(exhibit, parts, told))) if sure >= LEAST else None


def read(text: str, exhibit: Exhibit) -> tuple[str, float, Sequence[Part]] | None:
    """Give the printed value that is asked for, how sure the ear is of it, and where it stands."""
    heard = None if exhibit.ear is None else exhibit.ear.hear(f"{text}?")
    if heard is None or heard.answer is None or heard.match.operation != "quote":
        return None
    sure = heard.sure(known=concepts.named(text) is not None)
    return heard.answer.value, sure, heard.match.parts


def log_odds(sure: float) -> float:
    """Give the logarithm of the odds of a probability, neither of which is taken as certain."""
    held = min(max(sure, 0.001), 0.999)
    return math.log(held / (1 - held))
