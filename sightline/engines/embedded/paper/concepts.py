"""What people ask of papers, and how papers print it.

Each concept has the words that ask for it, the labels that print it in order of preference, and
the form of its value. A word that is no concept is looked for literally.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sightline.engines.embedded import words
from sightline.engines.embedded.paper.issuer import issuer
from sightline.engines.embedded.paper.sheet import FoundValue, Sheet
from sightline.engines.embedded.paper.total_due import payable
from sightline.engines.embedded.values import Kind


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that is asked for.

    `asks` are phrases; the longest that a question holds decides. `alone` says that a value of
    this form needs no label, because nothing else has it.
    """

    name: str
    asks: tuple[str, ...]
    labels: tuple[str, ...]
    kind: Kind | None
    alone: bool = False
    avoid: frozenset[str] = frozenset()
    last: bool = False


def _c(
    name: str,
    asks: str,
    labels: str,
    kind: Kind | None,
    *,
    alone: bool = False,
    avoid: str = "",
    last: bool = False,
) -> Concept:
    return Concept(
        name,
        tuple(a.strip() for a in asks.split(",")),
        tuple(label.strip() for label in labels.split(",") if label.strip()),
        kind,
        alone,
        frozenset(words.stem(w) for w in avoid.split()),
        last,
    )


CONCEPTS: tuple[Concept, ...] = (
    _c(
        "subtotal",
        "subtotal, sub total, net total, net amount, total before tax, before tax",
        "subtotal, sub total, net total, net amount, total before tax, net",
        "money",
    ),
    _c(
        "tax",
        "tax, vat, gst, sales tax, tax amount, total tax, tax total, hst, mwst",
        "sales tax, tax, vat, gst, hst, pst, mwst, tva, iva, taxes",
        "money",
        avoid="before subtotal id reg registration invoice",
    ),
    _c("tip", "tip, gratuity, service charge", "tip, gratuity, service charge, service", "money"),
    _c(
        "discount",
        "discount, savings, coupon",
        "discount, savings, coupon, you saved, promotion",
        "money",
    ),
    _c("change", "change, change due, change given", "change due, change", "money"),
    _c(
        "cash",
        "cash, cash tendered, cash paid, cash given, tendered",
        "cash tendered, amount tendered, tendered, cash",
        "money",
    ),
    _c("deposit", "deposit", "deposit", "money"),
    _c("shipping", "shipping, shipping cost, delivery fee", "shipping, delivery, postage", "money"),
    _c(
        "balance",
        "balance, balance due, outstanding balance, remaining balance",
        "balance due, balance, amount due",
        "money",
    ),
    _c(
        "total",
        "total, grand total, amount due, total amount, final amount, total price, total cost,"
        " total due, amount payable, total bill, bill total, amount owed, sum, total paid,"
        " amount to pay, total sum, order total, invoice total, total charge, amount total",
        "grand total, total due, total amount, amount due, balance due, total to pay, amount"
        " payable, total paid, to pay, order total, invoice total, total, summe, gesamt, sum,"
        " amount, balance, betrag",
        "money",
        avoid="sub subtotal net before saving discount item tax vat gst tip qty previous",
        last=True,
    ),
    _c(
        "due date",
        "due date, payment due, date due, deadline, due",
        "due date, payment due, date due, pay by, payment due by, due by, deadline, due",
        "date",
    ),
    _c(
        "expiry",
        "expiry date, expiration date, expiry, expiration, expires, valid until,"
        " best before, use by, valid through, best before date, expire",
        "expiry date, expiration date, expires, expiry, valid until, valid thru, valid through,"
        " best before, use by, exp",
        "date",
    ),
    _c(
        "birth",
        "date of birth, birth date, dob, birthday, birthdate, born",
        "date of birth, birth date, dob, birthday, born",
        "date",
    ),
    _c(
        "date",
        "date, day, dated, invoice date, receipt date, purchase date, issue date, order"
        " date, transaction date, date issued, event date, date of issue, date of purchase",
        "date of issue, invoice date, issue date, date issued, order date, event date, issued,"
        " dated, date, when",
        "date",
        alone=True,
        avoid="due birth expiry valid",
    ),
    _c(
        "time",
        "time, start time, starting time",
        "time, start, starts, begins, doors, at",
        "time",
        alone=True,
    ),
    _c(
        "hours",
        "opening hours, business hours, hours, open hours, opening times, hours of"
        " operation, store hours",
        "opening hours, business hours, hours, open, opening times",
        "hours",
        alone=True,
    ),
    _c("fax", "fax, fax number", "fax number, fax", "phone"),
    _c(
        "phone",
        "phone, phone number, telephone, telephone number, tel, mobile, mobile number,"
        " contact number, cell, cell phone, call, contact phone, number to call, helpline, hotline",
        "telephone number, phone number, telephone, phone, tel, mobile, cell, call us, call,"
        " contact",
        "phone",
        alone=True,
        avoid="fax",
    ),
    _c(
        "email",
        "email, e mail, email address, mail address, contact email",
        "email address, email, e mail, mail",
        "email",
        alone=True,
    ),
    _c(
        "website",
        "website, web site, web address, url, web page, homepage, site, link, domain",
        "website, web, url, homepage, visit, online",
        "url",
        alone=True,
    ),
    _c("first name", "first name, given name, forename", "first name, given name, forename", None),
    _c("last name", "last name, surname, family name", "last name, surname, family name", None),
    _c(
        "merchant",
        "name place, store, shop, merchant, vendor, store name, shop name, merchant name, vendor name, company,"
        " company name, business, business name, restaurant, restaurant name, seller, supplier,"
        " supplier name, cafe, hotel, brand, organisation, organization, business called, retailer,"
        " name store, name shop, name restaurant, name company, name business, name cafe, name hotel,"
        " name merchant, name vendor, name seller",
        "store name, store, merchant, vendor, company name, company, seller, supplier, sold by,"
        " issued by, from",
        None,
    ),
    _c(
        "title",
        "title, heading, headline, event, event name, name event, main title, caption,"
        " name chart, name document, product, product name, name product",
        "title, event",
        None,
    ),
    _c(
        "customer",
        "customer, customer name, client, client name, buyer, guest, guest name,"
        " billed to, name customer, name client, recipient, sold to, name guest",
        "customer name, customer, client name, client, bill to, billed to, sold to, buyer,"
        " guest name, guest, attention, recipient, ship to, full name, name",
        None,
    ),
    _c(
        "cashier",
        "cashier, server, waiter, waitress, clerk, served by, name cashier, cashier name,"
        " name server, server name, operator, sales assistant",
        "cashier, served by, your server, server, clerk, operator, you were served by, assistant",
        None,
    ),
    _c(
        "passenger",
        "passenger, passenger name, name passenger, traveller, traveler",
        "passenger name, name of passenger, passenger, traveller, traveler, name",
        None,
    ),
    _c(
        "flight",
        "flight, flight number, flight no",
        "flight number, flight no, flight",
        "id",
        avoid="date time",
    ),
    _c(
        "origin",
        "origin, departure city, departure airport, departure station, depart from",
        "from, origin, departure city, departure, departing from",
        None,
        avoid="time date",
    ),
    _c(
        "destination",
        "destination, arrival city, arrival airport, arrival station",
        "to, destination, arrival city, arrival, going to",
        None,
        avoid="time date",
    ),
    _c("patient", "patient, patient name, name patient", "patient name, patient, name", None),
    _c(
        "name",
        "name, full name, person name, name person, applicant, applicant name, who",
        "full name, name, applicant name, applicant",
        None,
        avoid="company business store file",
    ),
    _c(
        "address",
        "address, street address, location, venue, place, where, located",
        "street address, address, location, venue, place, where",
        "address",
        alone=True,
        avoid="email mail web",
    ),
    _c(
        "invoice number",
        "invoice number, invoice no, invoice id, invoice #, number invoice",
        "invoice number, invoice no, invoice id, invoice #, invoice nr, invoice, inv no, inv",
        "id",
        avoid="date total amount",
    ),
    _c(
        "order number",
        "order number, order no, order id, order #, number order",
        "order number, order no, order id, order #, order nr, order",
        "id",
        avoid="date total",
    ),
    _c(
        "receipt number",
        "receipt number, receipt no, receipt id, receipt #, transaction number,"
        " transaction id, number receipt, check number",
        "receipt number, receipt no, receipt id, receipt #, transaction number, transaction id,"
        " transaction, trans, trx, receipt, check, chk, bill no",
        "id",
        avoid="date total",
    ),
    _c("table", "table number, table no, table", "table number, table no, table", "id"),
    _c(
        "payment method",
        "payment method, method payment, payment type, form payment, means payment",
        "payment method, payment type, paid by, paid with, method, payment, tender",
        None,
        avoid="due date terms",
    ),
    _c(
        "card number",
        "card number, last four digits, card digits, card",
        "card number, card no, card #, visa, mastercard, amex, account, card",
        "id",
    ),
)

# Questions are compared without their small words, so "billed to" asks as "billed".
_ASKS = sorted(
    (
        (tuple(words.content(ask) or words.tokens(ask)), concept)
        for concept in CONCEPTS
        for ask in concept.asks
    ),
    key=lambda item: -len(item[0]),
)
BY_NAME = {concept.name: concept for concept in CONCEPTS}


def concept_of(asked: Sequence[str]) -> tuple[Concept | None, list[str]]:
    """Give the concept that a question's words name, and the words that are left over."""
    stems = [words.stem(word) for word in asked]
    for phrase, concept in _ASKS:
        # "cell phone" are two words of one group: once is enough to ask for it.
        wanted = list(dict.fromkeys(words.stem(word) for word in phrase))
        if all(word in stems for word in wanted):
            left = list(asked)
            for word in wanted:
                left.pop(next(i for i, w in enumerate(left) if words.stem(w) == word))
            return concept, left
    return None, list(asked)


def named(text: str) -> Concept | None:
    """Give the concept that a text names and says nothing beside; None where it does not."""
    concept, left = concept_of(words.content(text))
    return concept if all(word in words.OPTIONAL for word in left) else None


# What papers show by more than a label beside it.
def _seller(sheet: Sheet) -> FoundValue | None:
    """Give the issuer of a sale: the head of a poster is none."""
    return issuer(sheet) if payable(sheet) is not None else None


_SHOWN: dict[str, Callable[[Sheet], FoundValue | None]] = {"merchant": _seller, "total": payable}
_SHOWS, _PROVES = 0.7, 0.9


_UNLIKE_OTHERS: frozenset[Kind] = frozenset(("phone", "email", "url"))


def proved(sheet: Sheet, text: str) -> bool:
    """Say whether what a text names is proved by more than its label, beyond any other reading."""
    if "currency" in words.content(text):
        return sheet.currency() is not None  # by the sign beside an amount
    concept = named(text)
    if concept is not None and concept.kind in _UNLIKE_OTHERS:
        # The only one of the page, asked for by nothing but its name.
        return len(sheet.every(concept.kind)) == 1 and not concept_of(words.content(text))[1]
    if concept is None or concept.name not in _SHOWN:
        return False
    found = _SHOWN[concept.name](sheet)
    return found is not None and found.fit >= _PROVES


def look_up(sheet: Sheet, concept: Concept) -> FoundValue | None:
    """Find a concept's value: by what proves it, by its labels, in order, then by its form alone."""
    best: FoundValue | None = None
    shown = _SHOWN[concept.name](sheet) if concept.name in _SHOWN else None
    if shown is not None and shown.fit >= _SHOWS:
        return shown
    if concept.name in ("name", "customer", "patient"):
        joined = _special(sheet, concept)
        if joined is not None and joined.fit >= 0.9:
            return joined
    for label in concept.labels:
        asked = words.tokens(label)
        found = sheet.find(asked, concept.kind, avoid=concept.avoid, last=concept.last)
        if found is not None and found.fit >= 0.99:
            return _checked(sheet, concept, found)
        if len(label) < 4:
            continue  # "to" and "at" are labels where they stand alone, else words of a sentence
        if found is not None and (best is None or found.fit > best.fit):
            best = found
    special = _special(sheet, concept)
    if special is not None:
        return special
    if best is not None and best.fit >= 0.3:
        return _checked(sheet, concept, best)
    if concept.alone and concept.kind is not None:
        every = sheet.every(concept.kind)
        if every:
            return FoundValue(every[0], "", _row_of(sheet, every[0]), 0.5)
    return None


def labelled(sheet: Sheet) -> dict[str, FoundValue]:
    """Give what papers usually tell and this one has a label for, by the concept's name."""
    found = {concept.name: look_up(sheet, concept) for concept in CONCEPTS}
    return {n: f for n, f in found.items() if f is not None and f.label and f.fit > _SURE_LABEL}


_SURE_LABEL = 0.9


def _checked(sheet: Sheet, concept: Concept, found: FoundValue) -> FoundValue:
    if concept.name == "address":
        return FoundValue(_whole_address(sheet, found), found.label, found.row, found.fit)
    return found


def _row_of(sheet: Sheet, value: str) -> int:
    return next((i for i, line in enumerate(sheet.lines) if value in line), 0)


_CITY = re.compile(r"\b[A-Z]{2}\s+\d{5}\b|^\W*\d{4,5}\s+\S|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b")


def _whole_address(sheet: Sheet, found: FoundValue) -> str:
    """Add the next line where it is the town of the street that was found."""
    lines = sheet.lines
    at = next((i for i, line in enumerate(lines) if found.value in line), None)
    if at is None or at + 1 >= len(lines) or not _CITY.search(lines[at + 1]):
        return found.value
    town = [cell.text for cell in sheet.rows[at + 1]]
    while not _CITY.search(town[0]) and len(town) > 1:
        town.pop(0)  # its label
    return f"{found.value}, {'  '.join(town)}"


_PAYMENTS = (
    "visa",
    "mastercard",
    "american express",
    "amex",
    "maestro",
    "paypal",
    "apple pay",
    "google pay",
    "debit card",
    "credit card",
    "cash",
    "card",
)


_TITLED = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.?\s+\S+", re.IGNORECASE)


def _special(sheet: Sheet, concept: Concept) -> FoundValue | None:
    if concept.name in ("name", "customer", "patient"):
        first, last = (look_up(sheet, BY_NAME[n]) for n in ("first name", "last name"))
        if first is not None and last is not None:
            return FoundValue(f"{first.value} {last.value}", "", first.row, 0.9)
        titled = next((c for c in sheet.cells if _TITLED.match(c.text)), None)
        if concept.name == "name" and titled is not None:
            return FoundValue(titled.text, "", titled.row, 0.7)
    if concept.name == "merchant" and (named_ := issuer(sheet)) is not None:
        return named_
    if concept.name in ("merchant", "title"):
        heading = sheet.heading()
        if heading is None or (concept.name == "merchant" and _TITLED.match(heading)):
            return None
        return FoundValue(heading, "", 0, 0.6)
    if concept.name == "payment method":
        for way in _PAYMENTS:
            lines = sheet.mentions(way.split())
            if lines:
                return FoundValue(
                    way.title() if way not in ("cash", "card") else way.capitalize(), "", 0, 0.6
                )
    if concept.name in ("address",):
        every = sheet.every("address")
        if every:
            return _checked(sheet, concept, FoundValue(every[0], "", _row_of(sheet, every[0]), 0.5))
    return None
