"""Words: how texts are brought to a form in which a question and a print can be compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?|#")

# "Serving size 30 g. Servings per bag: 5", "Pieces: 3, Weight: 41 kg", "Lot 7 Best before: June": what
# follows a sentence, a list's sign or a number, has a colon of its own and no number in it.
_FURTHER_LABEL = re.compile(
    r"(?:[.;,|·•]\s|(?<=\d)\s(?!(?i:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?:))\s*"
    r"(?=[^\W\d_][^\d:.;,|·•]{0,40}:(?!//)(?:\s|$))"
)
# "Single ticket 2.90, day ticket 7.40": a name with an amount after another with one.
_PRICED = r"[^\W\d_][^\d:.;,|]{1,40} [$€£¥]?\d+[.,]\d\d(?!\d)(?: ?[$€£¥]| ?[A-Z]{3}\b)?"
_FURTHER_PRICE = re.compile(rf"(?<=[\d$€£¥A-Z])[,;] (?={_PRICED}(?:[,;.]|$))")
_FIRST_PRICE = re.compile(rf"(?:.*[.:] )?{_PRICED}")


def further_labels(text: str) -> list[int]:
    """Give where in a text that goes on labels of their own begin, after the first.

    A label that follows a comma or a number only is told by its capital.
    """
    labels = [
        found.end()
        for found in _FURTHER_LABEL.finditer(text)
        if " " in text[: found.start()]  # "1. Water:", "Dr. Ash:" are one
        and (found[0][0] in ".;|·•" or text[found.end()].isupper())
    ]
    begin = 0
    for found in _FURTHER_PRICE.finditer(text):
        if labels or _FIRST_PRICE.fullmatch(text[begin : found.start()]) is None:
            break
        begin = found.end()
        labels.append(begin)
    return labels


# Words of a question that name nothing that could be printed.
STOP = frozenset(
    """
    a an the this that these those it its is are was were be been am do does did has have had
    can could would will shall should may might must i me my we us our you your he she his her
    they their them of in on at to for from by with about as into and or but if then than so
    there here what which who whom whose when where why how please tell give show find say says
    said read reads know see want need like get got let make made any some all no not only just
    also very much many exactly one's according image images picture pictures photo photos
    photograph screenshot scan page written printed shown listed displayed stated visible
    mentioned appear appears indicated indicate displays contain contains value s t d ll re ve m
    whats hows whos wheres text answer question identify extract provide report determine return
    state called named titled entitled per mention mentions two three four five six seven eight nine ten value values
    """.split()
)

# Words that may be asked for without being printed: the kind of paper, and empty nouns.
OPTIONAL = frozenset(
    """
    receipt invoice bill ticket form sign document letter poster card label paper board notice
    menu chart table flyer check cheque order purchase number no amount name date time code id
    person customer patient passenger applicant member student employee product serving
    guest train bus plane ferry tour lesson shift flight event show meeting shop store restaurant cafe people overall final full complete whole exact current cost price paid due
    """.split()
)

_SAME: tuple[tuple[str, ...], ...] = (
    ("number", "no", "nr", "num", "#", "nos"),
    ("phone", "tel", "telephone", "mobile", "cell", "ph", "phones"),
    ("email", "mail"),
    ("date", "dated"),
    ("quantity", "qty", "count"),
    ("address", "addr"),
    ("price", "cost", "rate", "fee", "fare", "charge", "costs", "prices"),
    ("account", "acct"),
    ("amount", "amt"),
    ("balance", "bal"),
    ("department", "dept"),
    ("street", "st", "str"),
    ("avenue", "ave", "av"),
    ("road", "rd"),
    ("boulevard", "blvd"),
    ("temperature", "temp"),
    ("maximum", "max"),
    ("minimum", "min"),
    ("reference", "ref"),
    ("zip", "postcode", "postal"),
    ("surname", "last"),
    ("employee", "staff"),
    ("physician", "doctor", "dr"),
    ("birth", "born", "dob", "birthday"),
    ("weight", "wt", "heavy", "weigh", "weighs"),
    ("height", "ht", "tall"),
    ("distance", "far"),
    ("length", "long"),
    ("age", "old"),
    ("signature", "signed", "sign"),
    ("january", "jan"),
    ("february", "feb"),
    ("march", "mar"),
    ("april", "apr"),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sep", "sept"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
    ("monday", "mon"),
    ("tuesday", "tue", "tues"),
    ("wednesday", "wed"),
    ("thursday", "thu", "thur", "thurs"),
    ("friday", "fri"),
    ("saturday", "sat"),
    ("sunday", "sun"),
    ("departure", "departs", "depart", "departing", "leaves"),
    ("arrival", "arrives", "arrive", "arriving"),
    ("kilometre", "km", "kilometer", "kilometres", "kilometers"),
    ("hour", "hours", "hrs", "hr"),
    ("night", "nights", "nightly"),
    ("month", "months", "monthly"),
    ("entry", "enter", "entered", "enters"),
    ("exit", "exited", "exits"),
    ("end", "ends", "ending", "finish", "finishes"),
    ("start", "starts", "starting", "begin", "begins", "beginning"),
    ("opening", "open", "opens"),
    ("closing", "close", "closes", "closed"),
)
_GROUP = {word: group[0] for group in _SAME for word in group}


def fold(text: str) -> str:
    """Lower the case and drop accents: what a person would still call the same word."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def tokens(text: str) -> list[str]:
    """Cut a text into folded words and numbers; marks are dropped, possessive endings too."""
    return [re.sub(r"['’]s?$|['’]", "", t) or t for t in WORD.findall(fold(text))]


def content(text: str) -> list[str]:
    """Give the words of a question that could be printed in a picture."""
    # "may" is a verb, "May" a month.
    month = re.search(r"(?<=\w )May\b", text) is not None
    return [t for t in tokens(text) if t not in STOP or (month and t == "may")]


def stem(word: str) -> str:
    """Bring a word to its group's first, or cut a plural."""
    if word in _GROUP:
        return _GROUP[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return _GROUP.get(word, word)


def alike(a: str, b: str) -> bool:
    """Say whether two words are the same, allowing for one misread letter in a long one."""
    a, b = stem(a), stem(b)
    if a == b:
        return True
    if min(len(a), len(b)) < 5 or abs(len(a) - len(b)) > 1 or a[0] != b[0]:
        return False
    if any(c.isdigit() for c in a + b):
        return False
    return _one_edit(a, b)


def forms(one: str, other: str) -> bool:
    """Say whether two are one word or forms of it: store, stored; take, taken; interview, interviewing."""
    if alike(one, other):
        return True
    short, long = sorted((one, other), key=len)
    ends = ("s", "es", "d", "ed", "n", "en", "r", "er", "ing", "ment", "al")
    stems = (short, short[:-1]) if short.endswith("e") else (short,)
    return len(short) > 3 and any(long.removeprefix(s) in ends for s in stems if long.startswith(s))


def _one_edit(a: str, b: str) -> bool:
    if len(a) > len(b):
        a, b = b, a
    for i, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return a[i + 1 :] == b[i + 1 :] if len(a) == len(b) else a[i:] == b[i + 1 :]
    return True


def covers(printed: Sequence[str], asked: Iterable[str]) -> int:
    """Count the asked words that the printed ones hold; joined words count too (sub total)."""
    squashed = "".join(printed)
    return sum(
        any(alike(word, p) for p in printed) or (len(word) > 5 and word in squashed)
        for word in asked
    )


def squash(text: str) -> str:
    """Keep the folded letters and digits alone, for looking a phrase up in read text."""
    return re.sub(r"[\W_]+", "", fold(text))


_MOST_WORDING = 6000  # characters of a prompt that are looked at, half from each end


def mended(text: str) -> str:
    """Read what was decoded wrongly again: code that was copied with "Whatâ€™s" means "What’s"."""
    return re.sub(r"[^\x00-\x7f]{2,}", lambda found: _decoded(found[0]), text)


def _decoded(run: str) -> str:
    for codec in ("cp1252", "mac_roman"):
        try:
            # Windows leaves some bytes undefined, which then stay as they are.
            raw = b"".join(c.encode("latin-1" if "\x80" <= c <= "\x9f" else codec) for c in run)
            return raw.decode("utf-8")
        except UnicodeError:
            continue
    return run


def tidy(text: str, most: int = _MOST_WORDING) -> str:
    """Collapse spaces and empty lines and bound the length: patterns then run in bounded time.

    A longer text keeps its beginning and its end, where questions stand.
    """
    if len(text) > 4 * most:
        text = f"{text[: 2 * most]}\n{text[-2 * most :]}"
    text = mended(text)
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r" ?\n[ \n]*", "\n", text).strip()
    if len(text) > most:
        text = f"{text[: most // 2]}\n{text[-most // 2 :]}"
    return text


def joined(names: list[str]) -> str:
    """Write a list as people do: a, b and c."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
