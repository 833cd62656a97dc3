"""A question in English to what it asks for: which pictures, which things, in which form.

Only the wording is looked at here, never a picture. Where wording is not understood the question
is left whole, for `answer` to look up literally or to decline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from sightline.engines.embedded import question_form
from sightline.engines.embedded.question_form import QuestionForm
from sightline.perception.colours import NAMES as COLOUR_NAMES

Topic = Literal[
    "describe",
    "compare",
    "code",
    "count",
    "contains",
    "size",
    "colour",
    "look",
    "read",
    "extreme",
    "items",
    "field",
    "skip",
]

_MOST_CLAUSES = 24
_PICTURE = r"(?:images?|pictures?|photos?|photographs?|pics?|screenshots?|frames?|scans?|videos?)"
_PAPER = (
    r"(?:receipts?|invoices?|bills?|signs?|posters?|forms?|documents?|labels?|cards?|tickets?|notes?"
    r"|pages?|banners?|flyers?|menus?|papers?|notices?|boards?|charts?|letters?|texts?)"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing asked. `subject` is what the words point at, in the question's own words."""

    topic: Topic
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A whole question: its clauses, and how the answer is wanted.

    `numbers` are the pictures it names ("image 2"); empty means all. `text` is all of it. `given` is what
    is told before it asks: "I take the 10:30."
    """

    clauses: tuple[Clause, ...]
    numbers: tuple[int, ...] = ()
    form: QuestionForm = field(default_factory=QuestionForm)
    text: str = ""
    given: str = ""

    @property
    def terse(self) -> bool:
        """Whether the bare value is asked for."""
        return self.form.terse

    @property
    def most_words(self) -> int | None:
        """How many words the answer may have."""
        return self.form.most_words


ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}
_NUMBERED = re.compile(rf"\b{_PICTURE}\s*#?\s*(\d{{1,3}})\b", re.IGNORECASE)
_ORDERED = re.compile(rf"\b({'|'.join(ORDINALS)}|last)\s+(?:{_PICTURE}|one)\b", re.IGNORECASE)

_POINTER = re.compile(
    rf",?\s*\b(?:in|on|of|for|from)\s+(?:the\s+)?(?:{_PICTURE}\s*#?\s*\d{{1,3}}\b"
    rf"|(?:{'|'.join(ORDINALS)}|last)\s+(?:{_PICTURE}|one)\b)",
    re.IGNORECASE,
)

# Sentences that tell how to answer, or talk about the picture, and ask nothing.
_SKIP = re.compile(
    r"^(?:please )?(?:answer|respond|reply|be (?:brief|concise|accurate|precise)|use |do not|don't"
    r"|only |keep |format|you are|you're|here (?:is|are)|this is (?:a|an|my|the)\b|these are"
    r"|look at (?:this|the|these)|think |explain your|thanks|thank you|hi\b|hello\b|no explanation"
    r"|if (?:you|it|there|the)|give (?:me )?(?:only|just) the (?:value|answer)|just the |write only"
    r"|return only the (?:value|answer)|nothing else|include the narration)",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"(?<=[?!;\n])\s*|(?<=[^\W\d]{2}\.)\s+(?=[A-Z\"“'])|(?<=\d\.)\s+(?=[A-Z])"
    # "When and where is it?" asks for one thing in two ways.
    r"|(?<!\b[wW]hen)(?<!\b[wW]here)(?<!\b[wW]ho)(?<!\b[wW]hat)(?<!\b[wW]hy)(?<!\b[hH]ow)"
    r",?\s+and\s+(?=(?:also\s+)?(?:what|how|when|where|who|which|is\b|are\b|does|do\b|tell|give|read|list)\b)",
)


# What somebody tells of themselves before they ask.
_GIVEN = re.compile(
    r"(?:i|we|my (?:\w+ )?)(?:'m|'ve| am| are| was| were| have| had| take| took| get| got| live| work| leave| left| arrive\w*"
    r"| catch| missed?| bought| paid| ordered| lost| found| ate| start\w*| go| went| stay\w*| only have| is)\b",
    re.IGNORECASE,
)
_TLDR = re.compile(r"\btl;\s?dr\b", re.IGNORECASE)
_ORDERED_FIRST = re.compile(
    r"^\s*(?:please )?(?:answer|reply|respond|say|tell me)\b[^:?!.\n]{0,50}:\s+", re.IGNORECASE
)


def understand(text: str, total: int) -> Asked:
    """Understand a question about `total` pictures."""
    plain = text.replace("’", "'").replace("“", '"').replace("”", '"').replace("`", "'")
    plain = _TLDR.sub("summary", plain)
    numbers = tuple(
        dict.fromkeys(
            [n for n in (int(m) for m in _NUMBERED.findall(plain)) if 1 <= n <= total]
            + [
                total if word.lower() == "last" else ORDINALS[word.lower()]
                for word in _ORDERED.findall(plain)
                if word.lower() == "last" or ORDINALS[word.lower()] <= total
            ]
        )
    )
    form = question_form.form(plain)
    # "Answer with one word: which animal?" asks what comes after the colon.
    ordered = _ORDERED_FIRST.match(plain)
    if ordered is not None and re.search(r"[^\W\d_]{2}", plain[ordered.end() :]):
        plain = plain[ordered.end() :]
    plain = unpointed(plain)
    parts = [
        part.strip(" \t\n,;")
        for part in _SPLIT.split(plain)[:_MOST_CLAUSES]
        if part and re.search(r"[^\W\d_]", part)
    ]
    asks = any(part.endswith("?") for part in parts)
    given = [part for part in parts if asks and _GIVEN.match(part) and not part.endswith("?")]
    clauses = [classify(part, total) for part in parts if part not in given]
    kept = [clause for clause in clauses if clause.topic != "skip"]
    if not kept:
        kept = [Clause("describe", plain)]
    return Asked(tuple(_merged(kept)), numbers, form, text, " ".join(given))


def unpointed(text: str) -> str:
    """Leave out what chooses pictures, as "in image 2": the question itself is the rest."""
    return _POINTER.sub("", text)


def _merged(clauses: list[Clause]) -> list[Clause]:
    """Drop repeats: two clauses that ask for a description are answered once."""
    seen: set[Topic] = set()
    kept = []
    for clause in clauses:
        if clause.topic in ("describe", "compare", "size", "look") and clause.topic in seen:
            continue
        seen.add(clause.topic)
        kept.append(clause)
    return kept


_DESCRIBE = re.compile(
    rf"\bdescri(?:be|ption)\b|\bcaption\b|\balt(?:ernative)?[- ]text\b|\bdepict|\bsummar(?:y|i[sz]e)\b|\banaly[sz]e\b|\bvoice ?over\b"
    rf"|\bnarrat|\bwhat (?:do|can|did) you (?:see|notice|observe)|\bwhat am i looking at"
    rf"|^what(?:'s|s| is| are| can be seen| do we have| kind of things? (?:is|are))?\s*"
    rf"(?:shown |pictured |visible |contained |inside |happening |going on |there )?"
    rf"(?:in|on|inside|within)\s+(?:this|the|these|that|those|my|each|both|all|all these|it|them|here)"
    rf"(?:\s+(?:\d+|two|three|four|attached|following|given|above|uploaded))*"
    rf"(?:\s+(?:{_PICTURE}|{_PAPER}))?\W*$"
    rf"|^what(?:'s|s| is| are)?\s+(?:this|these|it|that|those|here)(?:\s+(?:{_PICTURE}|about))?\W*$"
    rf"|^what does (?:this|the|it|that)(?:\s+(?:[\w-]+\s+)?(?:{_PICTURE}|{_PAPER}))? (?:show|depict)\W*$"
    rf"|\btell me (?:about|what(?:'s| is| you see)? (?:in|on)?)\s*(?:this|the|these|it)?\s*{_PICTURE}"
    rf"|^(?:explain|interpret|look at) (?:this|the|these)\s+{_PICTURE}|\binteresting details"
    rf"|what is (?:this|the) (?:{_PICTURE}|{_PAPER}) (?:of|about|for)|what(?:'s| is) (?:this|it) a (?:picture|photo|image) of",
    re.IGNORECASE,
)
_COMPARE = re.compile(
    r"\bdiffer(?:s|ence|ences|ent|ently)?\b|\bidentical\b|\bcompar(?:e|ed|ison|ing)\b|\balike\b|\bsimilar"
    r"|\bin common\b|\bthe same\b|\bwhat(?:'s| is| has| have|s)? (?:been )?chang(?:ed|es)?\b"
    r"|\bany changes?\b|\bchanges? between\b|\bspot the\b|\bdistinguish|\bdo they match|\bmatch(?:es|ing)?\b"
    r"|\bwhat is (?:new|missing)\b|\bduplicates?\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\bqr\b|\bbar ?codes?\b|\bdata ?matrix\b|\baztec\b|\bpdf ?417\b|\bscann?(?:ed|able|ing)?\b(?! of)"
    r"|\b(?:the|this|a|an|any|each|these|both|2d|square) codes?\b(?!\s+(?:number|on the back))"
    r"|\bcodes? (?:contain|say|encode|lead|link|point|decode)|\bdecode\b|\bencoded\b",
    re.IGNORECASE,
)
OTHER_CODES = re.compile(
    r"\b(?:zip|post(?:al)?|promo(?:tion)?|discount|dress|area|country|access|coupon|product|item|gate|error"
    r"|security|voucher|booking|reference|confirmation|sort|tax|swift|pin|door|entry) ?codes?\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\bhow many\b|\bnumber of (?:lines|words|codes|qr|bar|pictures|images|colou?rs|"
    r"characters|letters|items)\b|\bcount (?:the|all|of)\b",
    re.IGNORECASE,
)
_SIZE = re.compile(
    rf"\bdimensions?\b|\bresolution\b|\bpixels?\b|\bmegapixels?\b|\baspect ratio\b|\borientation\b"
    rf"|\bportrait\b|\blandscape\b(?! (?:painting|photo))|\b(?:size|shape|width|height) of (?:the|this|that|each) {_PICTURE}"
    rf"|\b{_PICTURE}(?:'s)? (?:size|width|height|shape)|\bhow (?:big|large|wide|tall|high) (?:is|are) "
    rf"(?:it|this|the|these|they|each)(?:\s+{_PICTURE})?\W*$|^what (?:size|shape) (?:is|are) (?:it|this|the|these|they)"
    rf"(?:\s+{_PICTURE})?\W*$|\bis (?:it|this|the {_PICTURE}) square\b",
    re.IGNORECASE,
)
PIXELS = re.compile(r"\b(?:how many|number of) (?P<mega>mega)?pixels\b", re.IGNORECASE)
_COLOUR = re.compile(
    r"\bcolou?r(?:s|ed|ful|ing)?\b|\bhues?\b|\bshades? of\b|\bpalette\b", re.IGNORECASE
)
_IS_COLOUR = re.compile(
    rf"^(?:is|are|was|does|do|can)\b.*\b(?:{'|'.join(COLOUR_NAMES)}|gray|violet|turquoise|gold|navy)\b",
    re.IGNORECASE,
)
_LOOK = re.compile(
    rf"\bblurr?(?:y|ed)?\b|\bsharp(?:ness)?\b|\bin focus\b|\bout of focus\b|\b(?:dark|bright|brightness|light) ?(?:or|\?|$)"
    rf"|\bhow (?:dark|bright|sharp|blurry|light)\b|\bover ?exposed|\bunder ?exposed|\bis (?:it|this|the {_PICTURE}) (?:too )?(?:dark|bright|light)\b"
    rf"|\bphoto(?:graph)? or\b|\bdrawing or\b|\bdocument or\b|\bor (?:a )?(?:photo|photograph|drawing|document|illustration)\b"
    rf"|\b(?:kind|type|sort) of (?:an? )?(?:{_PICTURE}|file|visual|document|paper)\b|\bis (?:this|it) a (?:photo|photograph|drawing|illustration|document|painting)\b"
    rf"|\bblack[- ]and[- ]white\b|\bgr[ae]y ?scale\b|\bmonochrome\b|\bcontrast\b",
    re.IGNORECASE,
)
_READ = re.compile(
    rf"\btranscri(?:be|pt|ption)\b|\bocr\b|\bextract (?:all |any |the |every )*(?:text|words|writing|lines)\b"
    rf"|\bread (?:out |aloud |me |all |any |out loud )*(?:the |this |these |that |every |all )*(?:of )?(?:the )?(?:(?:first|second|third|last|next|whole|entire|full) )?(?:text|it|this|them|words?|writing|lines?|everything|{_PICTURE}|{_PAPER})\b"
    rf"|^(?:please )?read(?: (?:this|it|that|these|everything|aloud|out))?\W*$"
    rf"|\bwhat (?:does|do|did) (?:it|this|that|they|these|(?:the|this|that|these) (?:[\w-]+ ){{0,3}}?(?:{_PICTURE}|{_PAPER}|text|writing|words?|caption)|(?:{_PICTURE}) \d+(?:(?:,| and|, and) \d+)*)\s*(?:say|read|state|tell)"
    rf"|\bwhat (?:does|do|is|are) (?:it|this|the (?:[\w-]+ ){{0,2}}?(?:{_PICTURE}|{_PAPER})) (?:warn|mean|instruct|prohibit|forbid|announce|advertis|ask|about\b)"
    rf"|\bwhat(?:'s| is| are|s) (?:it|this|the (?:[\w-]+ ){{0,2}}?(?:{_PICTURE}|{_PAPER})|they) say(?:ing)?"
    rf"|\bwhat(?:'s| is| are|s)? (?:the )?(?:written|printed)(?: (?:on|in|here|there)\b.*)?\W*$"
    rf"|\bwhat (?:text|words?|writing|letters)\b|\bwhat(?:'s| is| are) the (?:full |complete |entire |whole )?(?:text|words?|writing|wording)\b(?! colou?r)"
    rf"|\b(?:all|every|any) (?:the )?(?:text|words|lines|writing)\b|\b(?:list|show|print|copy|type out|give me) (?:me )?(?:the |all |every )*(?:text|lines|words)\b"
    rf"|\b(?:first|last|top|bottom|largest|biggest|second|third|smallest) (?:line|text|word|row)s?\b|\bline (?:number )?\d+\b"
    rf"|\bat the (?:very )?(?:top|bottom)(?: (?:left|right))?(?: (?:corner|of (?:the|this) \w+))?\W*$",
    re.IGNORECASE,
)
_CONTAINS = re.compile(
    r"^(?:(?:please )?(?:tell me|check|say) (?:if|whether) |does|do|did|is|are|has|have|can you (?:see|find|read))\b.*?"
    r"\b(?:say|says|saying|mention|mentions|mentioned|contain|contains|include|includes|read|show|shows|have|has|written|printed|appear|appears|present|text|word|words|phrase|there|see|find|list|listed|any|a)\b",
    re.IGNORECASE,
)
_ITEMS = re.compile(
    r"^(?:please )?(?:list|name|show|give me|what (?:are|were)|which|read) (?:me )?(?:all |every )?(?:of )?(?:the |these )?"
    r"(?:line )?(?:items?|products|articles|goods|dishes|purchases|things)\b"
    r"|^(?:what|which|list|give|tell)\b.*\b(?:values?|prices?|amounts?|numbers?)\b.*\b(?:each|every|all)\b"
    r"|^(?:what|which) (?:items|products|things|dishes|goods)\b.*\b(?:bought|purchased|ordered|sold|listed|on)\b"
    r"|^what (?:did|was|were) (?:they|he|she|i|we|the customer)?\s*(?:buy|bought|order|ordered|purchase|purchased)\W*$",
    re.IGNORECASE,
)
_EXTREME = re.compile(
    r"\b(?:highest|largest|biggest|greatest|tallest|longest|maximum|max|most|top|best|priciest|dearest"
    r"|lowest|smallest|least|shortest|minimum|min|cheapest|fewest|worst)\b",
    re.IGNORECASE,
)


def classify(text: str, total: int) -> Clause:
    """Say what one clause of a question about `total` pictures asks for."""
    lower = text.lower()
    if total > 1 and _COMPARE.search(lower):
        return Clause("compare", text)
    if re.search(r"\bblack[- ]and[- ]white\b|\bgr[ae]yscale\b|\bmonochrome\b", lower):
        return Clause("look", text)
    is_code = _CODE.search(lower) and not OTHER_CODES.search(lower)
    if PIXELS.search(lower):
        return Clause("size", text)
    if _COUNT.search(lower):
        return Clause("count", text)
    if is_code:
        return Clause("code", text)
    if re.search(r"\bpostal|zip\b", lower) is None and _COLOUR.search(lower):
        return Clause("colour", text)
    said = r"[\"'].+[\"']|\b(?:says?|words?|mentions?|reads?|lists?|listed|written|printed|spell)\b"
    if _IS_COLOUR.search(lower) and not re.search(said, lower):
        return Clause("colour", text)
    if _SIZE.search(lower) and not re.search(r"\bprinted|written|listed\b", lower):
        return Clause("size", text)
    if _LOOK.search(lower):
        return Clause("look", text)
    if _COMPARE.search(lower) and not re.search(r"\bmatch|duplicate|same as\b", lower):
        return Clause("compare", text)
    contains = contained(text)
    if contains is not None:
        return Clause("contains", text, contains)
    if _ITEMS.search(text):
        return Clause("items", text)
    if _READ.search(lower):
        return Clause("read", text)
    if _DESCRIBE.search(lower):
        return Clause("describe", text)
    if _SKIP.search(text) or question_form.is_offer(text):
        return Clause("skip", text)
    if _EXTREME.search(re.sub(r"\bat (?:least|most)\b", " ", lower)):
        return Clause("extreme", text)
    return Clause("field", text)


_QUOTED = re.compile(r"\"([^\"]{1,200})\"|(?<!\w)'([^']{1,200})'(?!\w)")
_HELD = re.compile(
    rf"^(?:(?:please )?(?:tell me|check|say) (?:if|whether)\s+)?(?:does|do|did|has|have|is|are|can you|will)?\s*"
    rf"(?:it|this|that|they|there|you|(?:the|this|that|any|these|my|either|each|one of the)\s+(?:[\w-]+\s+){{0,3}}?(?:{_PICTURE}|{_PAPER}|text|writing|words?|lines?|phrase)s?|anything|anywhere|the)?\s*"
    rf"(?:anywhere\s+)?(?:(?:say|says|saying|mention|mentions|contain|contains|containing|include|includes|read|reads|show|shows|have|has|got|list|lists|see|find|feature|bear|carry)\s+)"
    rf"(?P<held>.+?)\W*$",
    re.IGNORECASE,
)
_THERE = re.compile(
    r"^(?:is|are|was|were)\s+there\s+(?:(?:any|some|an|a|the)\b)?\s*(?P<held>.+?)"
    r"(?:\s+(?:in|on|at|anywhere|here|visible|shown|printed|written|present)\b.*)?\W*$",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    r"^(?:is|are|does|do)\s+(?:the\s+(?:words?|text|phrase|name|number|term)\s+)?(?P<held>.+?)\s+"
    r"(?:written|printed|mentioned|listed|present|appear|appears|occur|occurs|shown|visible|there|on (?:the|this)\s+\w+|in (?:the|this)\s+\w+)\b.*$",
    re.IGNORECASE,
)
_ARTICLES = re.compile(
    r"^(?:the\s+(?:words?|text|phrase|name|number|term|letters?)\s+|an?\s+|any\s+|some\s+|the\s+)",
    re.I,
)


_CAN_READ = re.compile(
    r"^(?:can|could|would|will) you (?:please )?(?:read|transcribe|extract|describe|tell|list|find|give|show)\b",
    re.I,
)


def contained(text: str) -> str | None:
    """Give what a yes-or-no question asks to be in the picture, or None for other questions."""
    if _CAN_READ.match(text.strip()) and not _QUOTED.search(text):
        return None  # a request in the form of a question
    if re.match(r"\s*(?:what|which|who|how|when|where|why)\b", text, re.IGNORECASE):
        return None
    if not _CONTAINS.search(text):
        return None
    quoted = _QUOTED.search(text)
    if quoted:
        return quoted.group(1) or quoted.group(2)
    for pattern in (_THERE, _HELD, _WRITTEN):
        match = pattern.match(text.strip())
        if match:
            held = match.group("held").strip()
            held = re.sub(
                rf"\s+(?:in|on|at)\s+(?:it|(?:this|the|that|my|these)\s+[\w\s]*?(?:{_PICTURE}|{_PAPER}))\W*$",
                "",
                held,
                flags=re.IGNORECASE,
            )
            return held or None
    return None


def article_free(held: str) -> str:
    """Drop a leading article or "the word" from what is asked to be contained."""
    return _ARTICLES.sub("", held).strip()


def as_field(clause: Clause) -> Clause:
    """Take a clause for a question about a printed value."""
    return replace(clause, topic="field")
