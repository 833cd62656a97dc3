"""How questions in anybody's words about papers of any kind are answered: right, declined or wrong.

    python bench/ear.py [--engine reader] [--limit N] [--kind NAME] [--worst]
    python bench/ear.py --receipts FOLDER [--limit N] [--worst]

Asks what `held_out.toml` has about the pages of `held_out_papers.py`, through the public pipeline, in
process. A page is read once and what was surveyed is kept, so that the time of a question is what comes
after reading. Nothing of either file may be trained on.

`--receipts` has scanned receipts as NAME.jpg with NAME.json (company, date, total): those between the
trained ones (`training/halves.py`: every other by its name) are filled into a JSON schema.

An answer is right where all that must stand in it does and no trap. Cases, accents, spaces, separators
of thousands, decimal commas and the ways to write a date do not count. One that says that it does not
know is declined, and so is a line of the page quoted in place of an answer. A page read out where a
value was asked is wrong, and so is a guess where the page does not tell.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import difflib
import io
import json
import re
import statistics
import sys
import time
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal
from unittest import mock

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import held_out_papers
from sightline.api import chat
from sightline.errors import SightlineError
from sightline.perception import survey as surveys
from sightline.pipeline import Pipeline, collect
from sightline.settings import Settings
from sightline.types import Picture
from training.halves import half

Outcome = Literal["right", "declined", "wrong"]
OUTCOMES: tuple[Outcome, ...] = ("right", "declined", "wrong")

_MOST_WORDS = 30  # of an answer to a question for one value
_LONG_FORMS = frozenset({"list", "several", "convert", "summary", "json"})


@dataclass(frozen=True)
class Asked:
    """A question with what makes its answer right."""

    page: str
    text: str
    form: str = "value"
    language: str = "en"
    right: tuple[tuple[str, ...], ...] = ()
    wrong: tuple[str, ...] = ()
    fields: dict[str, list[str]] = field(default_factory=dict)
    rows: int = 0
    schema: dict[str, Any] | None = None


@dataclass(frozen=True)
class Said:
    """What an engine answered, and how long that took after reading."""

    text: str
    refusal: str | None
    seconds: float


# --- how texts are compared -------------------------------------------------------------------

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_SAME_SIGN = str.maketrans("×–—−‑‒’‘“”′，：％、。", "x-----''\"\"',:%,.")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero gennaio janeiro",
            "february feb februar fevrier febrero febbraio fevereiro",
            "march mar marz maerz mars marzo marco",
            "april apr avril abril aprile",
            "may mai mayo maggio maio mei",
            "june jun juni juin junio giugno junho",
            "july jul juli juillet julio luglio julho",
            "august aug aout agosto augustus",
            "september sep sept septembre septiembre settembre setembro",
            "october oct okt oktober octobre octubre ottobre outubro",
            "november nov novembre noviembre novembro",
            "december dec dez dezember decembre diciembre dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = (
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"), "ymd"),
    (re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)"), "dmy"),
    (re.compile(rf"(?<!\d)(\d{{1,2}})(?:\.|st|nd|rd|th)?[\s-]*(?:de |of )?({_MONTH})\b\.?,?[\s-]*(?:de )?(\d{{4}})?"), "dmy"),
    (re.compile(rf"\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?!\d),?(?: (\d{{4}})(?!\d))?"), "mdy"),
    (re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"), "ymd"),
)  # fmt: skip
Date = tuple[int | None, int, int]


def plain(text: str, gaps: str = "") -> str:
    """Bring a text to the form in which two are compared; `gaps` may part thousands too."""
    text = unicodedata.normalize("NFKD", text.translate(_SAME_SIGN))
    text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
    text = re.sub(r"[*_`]+", lambda found: found[0] if "_" in found[0] else "", text)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(
        rf"(?<![\w.,:/-])[1-9]\d{{0,2}}(?:[,.'{gaps}]\d{{3}})+(?![\d:/-])(?!\.\d+\.)",
        lambda found: re.sub(r"[ ,.']", "", found[0]),
        text,
    )
    return re.sub(r"(?<=\d),(?=\d{1,2}(?!\d))", ".", text)


def _tight(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _figures(text: str) -> list[Decimal]:
    """Give the numbers of a text, those in words too; times and dates are none."""
    words = re.sub(
        rf"\b({'|'.join(_NUMBERS)})\b", lambda found: str(_NUMBERS.index(found[1])), text
    )
    words = re.sub(r"\b\d{1,2}:\d{2}\b|\b\d{1,4}([-/.])\d{1,2}\1\d{1,4}\b", " ", words)
    return [Decimal(one) for one in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?!\d)", words)]


def dates(text: str) -> set[Date]:
    """Give the dates of a text, the day before the month where figures may mean either."""
    text, found = plain(text), set[Date]()
    for pattern, order in _DATES:
        for match in pattern.finditer(text):
            parts = dict(zip(order, match.groups(), strict=True))
            year = None if parts["y"] is None else int(parts["y"])
            if year is not None and year < 100:
                year += 2000
            month = _MONTHS.get(parts["m"]) or int(parts["m"])
            day = int(parts["d"])
            if month > 12:
                month, day = day, month
            if 1 <= month <= 12 and 1 <= day <= 31:
                found.add((year, month, day))
    return found


def _same_day(one: Date, other: Date) -> bool:
    return one[1:] == other[1:] and (one[0] == other[0] or None in (one[0], other[0]))


def stands(wanted: str, said: str) -> bool:
    """Say whether a value stands in an answer."""
    if any(_stands(plain(wanted, gaps), plain(said, gaps)) for gaps in ("", " ")):
        return True
    days = dates(wanted)
    return bool(days) and any(_same_day(a, b) for a in days for b in dates(said))


def _stands(value: str, text: str) -> bool:
    if re.fullmatch(r"(?:0|[1-9]\d*)(?:\.\d+)?", value) and len(value) < 7:
        return Decimal(value) in _figures(text)
    begin = r"(?<![^\W_])" if value[0].isalnum() else ""
    begin += r"(?<!\d[.,:])" if value[0].isdigit() else ""
    end = r"(?!\d)(?![.,:]\d)" if value[-1].isdigit() else ""
    end += r"(?!\w)" if len(value) < 3 else ""
    if re.search(begin + re.escape(value) + end, text):
        return True
    tight = _tight(value)
    if len(tight) >= 5 or re.search(r"[^\W\d]+\d|\d[^\W\d]", tight):
        begin = r"(?<!\d)" if tight[0].isdigit() else ""
        end = r"(?!\d)" if tight[-1].isdigit() else ""
        return re.search(begin + re.escape(tight) + end, _tight(text)) is not None
    return False


# --- what an answer is ------------------------------------------------------------------------

_UNKNOWN = re.compile(
    r"\bi (?:can't|cannot|can not|could not|couldn't|do not|don't) (?:\w+ )?(?:tell|say|see|find|know|work|read|make|answer)"
    r"|\bi (?:find|see) no|does(?: not|n't) (?:tell|say|mention|give|show|name|state|hold)"
    r"|\b(?:is|are) not (?:told|given|printed|shown|stated|mentioned|named|on the)|\bnot on the (?:page|paper|picture)"
    r"|\bi recognise text, bar codes|\bno (?:such )?(?:text|line|value)s? (?:of|in|on|that)"
    r"|steht (?:hier |da |dort )?nicht|(?:kann|lasst sich) (?:ich )?(?:\w+ )*nicht|je ne|ne (?:le |l')?(?:dit|indique) pas|no lo (?:dice|se)|no (?:se )?(?:indica|puedo)"
    r"|non (?:lo )?(?:dice|indica|posso)|nao (?:diz|indica|posso|consta)|staat (?:er )?niet|kan ik niet"
)  # fmt: skip
_UNKNOWN_CJK = re.compile(
    r"没有写|没写|看不出|无法|不知道|書かれていません|書いてありません|わかりません|できません"
)
_QUOTED = re.compile(r"(?:the text says|closest:?) ")  # a line quoted in place of an answer
_NONE = re.compile(r"(?:no|none|nothing|not|nobody|nein|non|nee|nao)\b(?! *[.:]? *\d)")
_YES = re.compile(r"(?:yes|ja|oui|si|sim)\b|是|はい")
_NO = re.compile(r"(?:no|nein|non|nee|nao)\b|不|没有|いいえ")


def is_declined(said: Said) -> bool:
    """Say whether an answer says that it does not know."""
    return (
        said.refusal is not None
        or not said.text.strip()
        or _UNKNOWN.search(plain(said.text)) is not None
        or _UNKNOWN_CJK.search(said.text) is not None
    )


def judge(asked: Asked, said: Said) -> Outcome:
    """Judge an answer in words."""
    if asked.form == "json":
        return _together(list(judge_fields(asked, said).values()))
    text = plain(said.text).strip()
    if asked.form == "unanswerable":
        return "right" if is_declined(said) or _NONE.match(text) else "wrong"
    if asked.form == "yes_no":
        return _judge_yes_no(asked, said, text)
    if is_declined(said):
        return "declined"
    traps = any(stands(trap, said.text) for trap in asked.wrong)
    found = all(any(stands(v, said.text) for v in values) for values in asked.right)
    if _QUOTED.match(text) and (traps or not found):
        return "declined"
    if asked.form not in _LONG_FORMS and len(text.split()) > _MOST_WORDS:
        return "wrong"
    return "right" if found and not traps else "wrong"


def _judge_yes_no(asked: Asked, said: Said, text: str) -> Outcome:
    accepted = asked.right[0]
    want = {v for v in ("yes", "no") if v in accepted or {"yes": "ja", "no": "nein"}[v] in accepted}
    for answer, pattern in (("yes", _YES), ("no", _NO)):
        if pattern.match(text) and want:
            return "right" if answer in want else "wrong"
    if is_declined(said):
        return "declined"
    if _QUOTED.match(text):
        return "declined"
    short = len(text.split()) <= _MOST_WORDS
    return "right" if short and any(stands(v, said.text) for v in accepted) else "wrong"


def _together(found: Sequence[Outcome]) -> Outcome:
    if "wrong" in found:
        return "wrong"
    return "declined" if "declined" in found else "right"


def judge_fields(asked: Asked, said: Said) -> dict[str, Outcome]:
    """Judge each field of a JSON answer; text that is no JSON is wrong in all of them."""
    made = _parsed(said.text)
    if said.refusal is not None or made is None:
        outcome: Outcome = "declined" if is_declined(said) else "wrong"
        return dict.fromkeys(asked.fields, outcome)
    if not asked.rows:
        return {key: _judge_one(_find(made, key), wanted) for key, wanted in asked.fields.items()}
    rows = _rows(made)
    if not rows:
        return dict.fromkeys(asked.fields, "declined")
    first = next(iter(asked.fields))
    told = [str(_find(row, first)) for row in rows]
    if len(rows) != asked.rows or len(set(told)) != len(told):
        return dict.fromkeys(asked.fields, "wrong")
    return {
        key: _together([_judge_one(_find(row, key), wanted) for row in rows])
        for key, wanted in asked.fields.items()
    }


def _parsed(text: str) -> Any:
    text = re.sub(r"^```\w*\n|\n?```$", "", text.strip())
    try:
        return json.loads(text)
    except ValueError:
        return None


def _find(made: Any, key: str) -> Any:
    """Find what stands under a key, however that is written, at any depth."""
    wanted = re.sub(r"[\W_]", "", plain(key))
    if isinstance(made, dict):
        for name, value in made.items():
            if re.sub(r"[\W_]", "", plain(name)) == wanted:
                return value
        made = list(made.values())
    if isinstance(made, list):
        for value in made:
            found = _find(value, key)
            if found is not None:
                return found
    return None


def _rows(made: Any) -> list[Any]:
    if isinstance(made, list):
        return made if made and all(isinstance(one, dict) for one in made) else []
    if isinstance(made, dict):
        return max((_rows(value) for value in made.values()), key=len, default=[])
    return []


def _judge_one(value: Any, wanted: Sequence[str]) -> Outcome:
    if value is None or value in ("", [], {}):
        return "declined" if wanted else "right"
    return "right" if any(alike(str(value), one) for one in wanted) else "wrong"


def alike(value: str, wanted: str) -> bool:
    one, other = (re.sub(r"[^\w.]|_", "", plain(text, " ")).strip(".") for text in (value, wanted))
    if one == other:
        return True
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        pass
    days = dates(wanted)
    return bool(days) and any(_same_day(a, b) for a in days for b in dates(value))


# --- asking -----------------------------------------------------------------------------------


def questions() -> list[Asked]:
    """Load the held-out questions, page by page."""
    table = tomllib.loads((Path(__file__).parent / "held_out.toml").read_text("utf-8"))
    made = []
    for page in table["page"]:
        for ask in page["ask"]:
            right = tuple((v,) if isinstance(v, str) else tuple(v) for v in ask.get("right", ()))
            fields = ask.get("fields", {})
            made.append(
                Asked(
                    page["name"],
                    ask["q"],
                    ask.get("form", "value"),
                    ask.get("language", "en"),
                    right,
                    tuple(ask.get("wrong", ())),
                    fields,
                    ask.get("rows", 0),
                    _schema(list(fields)) if ask.get("schema") else None,
                )
            )
    return made


def chosen_on(pages: Iterable[str]) -> frozenset[str]:
    """Give the kinds of page on which the ear's bounds are chosen: every other one."""
    return frozenset(sorted({page.split("/")[0] for page in pages})[::2])


def _schema(keys: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: {"type": ["string", "null"]} for key in keys},
        "required": keys,
        "additionalProperties": False,
    }


@contextmanager
def reading_once() -> Iterator[None]:
    """Keep what was surveyed of the last picture: it is asked about many times."""
    kept: dict[str, surveys.Survey] = {}
    measure = surveys.survey

    def survey(picture: Picture, *rest: Any) -> surveys.Survey:
        if picture.digest not in kept:
            kept.clear()
            kept[picture.digest] = measure(picture, *rest)
        return kept[picture.digest]

    with mock.patch.object(surveys, "survey", survey):
        yield


def _url(image: Image.Image | bytes) -> str:
    if isinstance(image, bytes):
        return "data:image/jpeg;base64," + base64.b64encode(image).decode()
    stored = io.BytesIO()
    image.save(stored, "PNG")
    return "data:image/png;base64," + base64.b64encode(stored.getvalue()).decode()


async def ask(pipeline: Pipeline, url: str, text: str, schema: dict[str, Any] | None) -> Said:
    """Ask one question as a client would."""
    content = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]
    body: dict[str, Any] = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": content}],
    }
    if schema is not None:
        form = {"name": "page", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    try:
        prepared = await pipeline.prepare(chat.parse(body).question)
        began = time.perf_counter()
        choice, _, _ = await collect(pipeline.answer(prepared))
    except SightlineError as error:
        return Said("", error.message, 0)
    return Said(choice.text, choice.refusal, time.perf_counter() - began)


class Tally:
    """Right, declined and wrong answers by what they are told apart by."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def add(self, what: str, outcome: Outcome) -> None:
        """Count one."""
        self._counts.setdefault(what, Counter())[outcome] += 1

    def print(self, title: str, *, ordered: bool = False) -> None:
        """Write the table, the worst first where it is to be ordered."""
        print(f"\n{title:<26} {'right':>7} {'declined':>9} {'wrong':>7} {'of':>5}")
        rows = list(self._counts.items())
        if ordered:
            rows.sort(key=lambda row: row[1]["right"] / row[1].total())
        for what, found in rows:
            shares = [found[outcome] / found.total() for outcome in OUTCOMES]
            print(
                f"{what:<26} {shares[0]:>7.1%} {shares[1]:>9.1%} {shares[2]:>7.1%} {found.total():>5}"
            )


async def measure(chosen: list[Asked], engine: str, *, worst: bool) -> None:
    """Ask everything and print the tables."""
    forms, kinds, languages, total, keys = Tally(), Tally(), Tally(), Tally(), Tally()
    times: list[float] = []
    async with Pipeline(Settings(engine=engine)) as pipeline:
        page, url, read = "", "", False
        for asked in chosen:
            if asked.page != page:
                page, read = asked.page, False
                url = _url(held_out_papers.page(page))
            said = await ask(pipeline, url, asked.text, asked.schema)
            if read:
                times.append(said.seconds)
            read = True
            outcome = judge(asked, said)
            forms.add(asked.form, outcome)
            kinds.add(page.split("/")[0], outcome)
            languages.add("English" if asked.language == "en" else "other languages", outcome)
            tellable = asked.form != "unanswerable"
            total.add("answerable" if tellable else "unanswerable", outcome)
            total.add("all", outcome)
            for one in judge_fields(asked, said).values() if asked.form == "json" else ():
                keys.add("fields of JSON", one)
            if worst and outcome == "wrong":
                wanted = asked.fields or asked.right or "to decline"
                print(f"{page}: {asked.text}\n    said: {said.text[:160]!r}\n    true: {wanted}")
    forms.print("form")
    keys.print("")
    languages.print("language of the question")
    kinds.print("kind of page", ordered=True)
    total.print("in all")
    if times:
        print(
            f"\nbeyond reading: {1000 * statistics.median(times):.0f} ms a question in the middle, "
            f"{1000 * statistics.mean(times):.0f} ms on average ({len(times)} questions)"
        )


# --- real receipts ----------------------------------------------------------------------------


def _judge_receipt(name: str, value: Any, true: str) -> Outcome:
    if value is None or value == "":
        return "declined"
    if name == "date":
        days = dates(true)
        if not days:
            return "right" if alike(str(value), true) else "wrong"
        return "right" if any(_same_day(a, b) for a in days for b in dates(str(value))) else "wrong"
    if name == "total":
        one, other = (
            re.sub(r"[^\d.]", "", plain(str(text), " ")).strip(".") for text in (value, true)
        )
        return "right" if one and other and Decimal(one) == Decimal(other) else "wrong"
    # A registration number behind a company's name is no part of it.
    bare = (re.sub(r"\([^()]*\d[^()]*\)", "", plain(str(text))) for text in (value, true))
    one, other = (re.sub(r"[\W_]", "", text) for text in bare)
    same = difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
    return "right" if same >= 0.9 else "wrong"


async def measure_receipts(files: list[Path], engine: str, *, worst: bool) -> None:
    """Fill company, date and total of real receipts into a schema."""
    fields, times = Tally(), []
    names = ["company", "date", "total"]
    async with Pipeline(Settings(engine=engine)) as pipeline:
        for file in files:
            true = json.loads(file.with_suffix(".json").read_text("utf-8"))
            text = "Fill this in from the receipt."
            said = await ask(pipeline, _url(file.read_bytes()), text, _schema(names))
            times.append(said.seconds)
            made = None if said.refusal is not None else _parsed(said.text)
            for name in names:
                value = _find(made, name)
                outcome = _judge_receipt(name, value, true.get(name, ""))
                fields.add(name, outcome)
                fields.add("all", outcome)
                if worst and outcome == "wrong":
                    print(f"{file.name} {name}: {value!r}, true {true.get(name)!r}")
    fields.print(f"{len(files)} receipts")
    print(f"\n{1000 * statistics.median(times):.0f} ms a receipt in the middle, with reading")


def _spread(found: list[Any], limit: int) -> list[Any]:
    """Take so many, evenly."""
    if not 0 < limit < len(found):
        return found
    return [found[number * len(found) // limit] for number in range(limit)]


def main() -> None:
    """Run from the command line."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--engine", default=Settings().engine)
    made.add_argument("--limit", type=int, default=0, help="so many, taken evenly; 0 for all")
    made.add_argument("--kind", help="only pages of this kind")
    made.add_argument("--worst", action="store_true", help="print the wrong answers")
    made.add_argument(
        "--all", action="store_true", help="also the kinds on which the ear's bounds were chosen"
    )
    made.add_argument("--receipts", type=Path, help="a folder of receipts to fill in instead")
    options = made.parse_args()
    with reading_once():
        if options.receipts is not None:
            files = _spread(half(options.receipts, measured=True), options.limit)
            asyncio.run(measure_receipts(files, options.engine, worst=options.worst))
            return
        found = [a for a in questions() if options.kind in (None, a.page.split("/")[0])]
        if not options.all:
            known = chosen_on(asked.page for asked in questions())
            found = [asked for asked in found if asked.page.split("/")[0] not in known]
        chosen = _spread(found, options.limit)
        asyncio.run(measure(chosen, options.engine, worst=options.worst))


if __name__ == "__main__":
    main()
