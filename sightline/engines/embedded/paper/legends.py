"""What a sign or an abbreviation of a page stands for, by its legend: "k2tog = knit two together"."""

from __future__ import annotations

import re

from sightline.engines.embedded.evidence import Exhibit

_ASKED = re.compile(
    r"^\W*(?:(?:and|so|please|tell me) )*what(?:'s| is| does| do|s)? (?:(?:the )?meaning of |meant by |(?:the )?(?:abbreviation|sign|symbol|code|letters?) )?"
    r"[\"'“‘(]?(?P<name>[^\"'”’?]{1,16}?)[\"'”’)]?(?: (?:stands? for|means?|mean here|stand for here))?\W*$"
    r"|^\W*meaning of (?P<of>[^\s?]{1,16})\W*$",
    re.IGNORECASE,
)
_LONGEST = 400  # letters of a line
_SAYS = re.compile(r"\bstands? for\b|\bmean(?:s|t|ing)?\b", re.IGNORECASE)


def look_up(text: str, exhibit: Exhibit) -> str | None:
    """Give what a legend of the page says that something stands for; None where it has none."""
    asked = _ASKED.match(text)
    if asked is None or not _SAYS.search(text):
        return None
    name = re.escape((asked["name"] or asked["of"]).strip())
    # One definition ends where the next begins.
    said = re.compile(
        rf"(?<!\S){name}\s*=\s*(?P<what>\S.*?)(?=\s+\S+\s*=|\s*[;·|,]|\s{{2,}}|$)", re.IGNORECASE
    )
    found = {
        made["what"] for line in exhibit.sheet.lines for made in said.finditer(line[:_LONGEST])
    }
    return found.pop().rstrip(" .") if len(found) == 1 else None
