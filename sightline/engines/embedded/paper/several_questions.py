"""A question that asks for several values, as the questions that each ask for one."""

from __future__ import annotations

import re
from typing import Literal

_WH = r"(?:what|which|who|whom|whose|when|where|why|how(?: (?:much|many|long|often|old|far|tall|big|wide|deep|heavy|late|early))?)"
_MOST = 6
_LONGEST = 6  # words of a phrase that names one thing
_POLITE = re.compile(
    r"^(?:(?:and|also|then|so|ok(?:ay)?|please|now|hi|hello|hey|just|quickly)[\s,]+)*"
    r"(?:(?:can|could|would|will) (?:you|i|we)(?: please)? (?:have |get |see |know )?|i(?:'d| would) like (?:to (?:know|have|see) )?"
    r"|(?:i|we) (?:want|need)(?: to (?:know|have|see))? )?"
    r"(?:(?:please )?(?:tell|give|show|read|get|send|find)(?: me| us)?(?: out)? |(?:list|extract|state|note|name(?! (?:and|&|plus))) )?(?:both )?"
    r"(?:(?:what(?:'s|s| is| are| was| were)|which (?:is|are)) )?(?=\S)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,]*(?:\b(?:please|pls|thanks|thank you|if (?:possible|you can|given|any)|in one go|at once|too|as well|here|respectively)\b[\s,]*)*[?.!\s]*$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*,\s*(?:and |plus |& |as well as )?|\s+(?:and|plus|&|as well as)\s+", re.IGNORECASE
)
# "When and where is dinner?": one thing asked for in two ways.
_TWO_WAYS = re.compile(
    rf"^(?P<ways>{_WH}(?:(?:,| and| &|,? and)\s+{_WH})+)\s+(?P<rest>\S.*)$", re.IGNORECASE
)
# "who signed it and when?", "what was bought, by whom and when?"
_BARE = re.compile(
    rf"^(?:(?:for|by|to|from|in|at|on|with|of) )?{_WH}(?: (?:date|day|time|year|month|place|price))?$",
    re.IGNORECASE,
)
_STARTS = re.compile(
    rf"^(?:(?:for|by|to|from|in|at|on|with|until|till) )?{_WH}\b|^(?:from|until|till|by|for) {_WH}\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    rf"\s*,?\s+and\s+(?=(?:(?:for|by|to|from|in|at|on|with|about|until|till) )?{_WH}\b)"
    rf"|\s*,\s*(?=(?:(?:for|by|to|from|in|at|on|with|about|until|till) )?{_WH}\b)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|am|does|do|did|has|have|had|will|would|can|could|should|must|costs?|than|between|if|to)\b",
    re.IGNORECASE,
)
# What people say before or after what they ask for: "look closely, the total?"
_SAID_ASIDE = re.compile(
    r"(?:look|be|think|check|careful|quick|question|thank|thanks|cheers|as|in|on|from|using|based|given|according|first|then|well|sorry"
    r"|excuse|good|dear|yes|no|not|if|for|with|answer|respond|reply|say|do|don't|tell|give|show|read|only|just|nothing|also|please"
    r"|make|use|keep|format|return|output|json|csv|markdown)\b",
    re.IGNORECASE,
)
_OF = re.compile(r"\s(?:of|for|in|on|at|from|by|per|to)\s+\S.*$", re.IGNORECASE)
_ARTICLE = re.compile(
    r"^(?:the|a|an|its|their|his|her|my|your|our|all|both|each)\s+", re.IGNORECASE
)

_COMPARED = r"(?:more|less|fewer|cheaper|dearer|higher|lower|larger|smaller|bigger|longer|shorter|heavier|lighter|older|younger|taller|further|bigger|greater)"
# How far two values are apart.
_APART = re.compile(
    rf"^(?:and |so |by )?how (?:much|many|far) {_COMPARED}(?: \w+)? (?:is|was|are|were|does|did|do|has|had) (.+?)(?: (?:cost|have|get|weigh|take|last|be))? than (.+)$"
    r"|^(?:what(?:'s| is| was)|tell me|give me)? ?(?:the )?difference between (.+?) and (.+)$"
    r"|^(?:what(?:'s| is| was) )?(.+?) (?:minus|less) (.+)$",
    re.IGNORECASE,
)
# What says that a sum is asked for, and how that is asked.
_SUMMED = re.compile(
    r"\b(?:put |taken |all )?(?:together|combined|altogether|in all|in total|added (?:up|together))\b|\b(?:the )?(?:sum|total) of\b",
    re.IGNORECASE,
)
_ASKS_SUM = re.compile(
    r"^(?:(?:and|so) )?(?:what(?:'s| is| are| was| were| do| does| did| would| will)?|how much(?: is| are| was| were| do| does| did| would| will)?)\s+"
    r"|,?\s*\b(?:make|makes|come|comes|came|add up|adds up|cost|costs|be|is|are|that|to|how much|what|would|will|set me back)\b(?=(?:\W+(?:to|be|is|are|that|how|much|what|would|will|me|back))*\W*$)",
    re.IGNORECASE,
)


def parts(text: str) -> tuple[str, ...]:
    """Part a question into those for one value each; empty where it asks for one thing."""
    plain = _TAIL.sub("", text.strip())
    ways = _TWO_WAYS.match(plain)
    if ways is not None:
        each = re.findall(rf"\b{_WH}\b", ways["ways"], re.IGNORECASE)
        return tuple(f"{way} {ways['rest']}?" for way in each)
    if _STARTS.match(plain):
        clauses = [part for part in _CLAUSES.split(plain) if part]
        if 2 <= len(clauses) <= _MOST:
            return tuple(_whole(part, clauses[0]) for part in clauses)
    return _phrases(_POLITE.sub("", plain, count=1))


def operands(text: str) -> tuple[Literal["sum", "difference"], tuple[str, ...]] | None:
    """Name the values of which a question asks the sum or the difference; None where it asks for none.

    "How much are the permit and the hauling together?", "How much dearer is labour than parts?"
    """
    plain = _TAIL.sub("", text.strip())
    apart = _APART.match(plain)
    if apart is not None:
        pair = [_ARTICLE.sub("", side.strip()) for side in apart.groups() if side]
        short = all(len(side.split()) <= _LONGEST for side in pair)
        return ("difference", tuple(pair)) if len(pair) == 2 and short else None
    summed = _SUMMED.sub(" ", plain)
    if summed == plain:
        return None
    named = _phrases(_ARTICLE.sub("", _ASKS_SUM.sub("", summed.strip(" ,"))))
    return ("sum", named) if named else None


def _whole(clause: str, first: str) -> str:
    """Put in what a clause leaves out that is a question word alone: "who signed it and when?"."""
    if not _BARE.match(clause):
        return f"{clause}?"
    rest = re.sub(rf"^{_WH}\s+", "", first, flags=re.IGNORECASE)
    return f"{clause} {rest}?" if rest != first else f"{clause}?"


def _phrases(text: str) -> tuple[str, ...]:
    """Part "plate, mileage and the date of the visit", with what one of them says for all."""
    found = [_ARTICLE.sub("", part.strip()) for part in _BETWEEN.split(text) if part.strip()]
    if not 2 <= len(found) <= _MOST or any(not re.search(r"[^\W\d_]", part) for part in found):
        return ()
    if any(len(part.split()) > _LONGEST for part in found):
        return ()
    if any(_VERB.search(part) or _STARTS.match(part) for part in found):
        return ()
    if any(_SAID_ASIDE.match(part) for part in found):
        return ()
    first, last = found[0], found[-1]
    if (of := _OF.search(first)) and not any(_OF.search(part) for part in found[1:]):
        # "temperatures of sauna, steam room and pool"
        head, shared = first[: of.start()], first[of.start() :].split()[0]
        rest = _ARTICLE.sub("", first[of.start() :].strip()[len(shared) :].strip())
        others = (re.sub(rf"^{shared} (?:the )?", "", part) for part in found[1:])
        return tuple(f"{head} {shared} {part}" for part in (rest, *others))
    if (of := _OF.search(last)) and not any(_OF.search(part) for part in found[:-1]):
        # "size and free space of the disk"
        return (*(part + last[of.start() :] for part in found[:-1]), last)
    return tuple(found)
