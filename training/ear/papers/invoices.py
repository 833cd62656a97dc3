"""What companies send each other: invoices of several designs, credit notes, quotes, orders, deliveries."""

# fmt: off

from __future__ import annotations

from functools import partial
from typing import Any

from training.ear import goods
from training.ear.paper import PAYABLE, Draft, Pair, kind, label, tell
from training.ear.papers.receipts import said, shelf

_SHEET = partial(
    kind, width=(820, 1240), size=(16, 22), langs="all", tall=1.2,
    could="due_date order_number customer_number tax_id iban discount shipping deposit balance_due contact_person phone email website fax delivery_date tax_rate payment_method amount_paid",
)  # fmt: skip


def address(d: Draft, breaks: str = "\n", country: float = 0.15) -> str:
    """Give an address with its postcode, town and now and then country marked."""
    place, code, town = d.place()
    for meaning, part in (("postcode", code), ("city", town)):
        place = place.replace(part, tell(meaning, part)) if part else place
    return f"{d.street()}{breaks}{place}" + (f"{breaks}{tell('country', d.country.name)}" if d.odds(country) else "")


def plain_address(d: Draft, breaks: str = "\n") -> str:
    """Give an address of which only the whole is asked for."""
    return f"{d.street()}{breaks}{d.place()[0]}"


def issuer(d: Draft, name: str, align: str = "l") -> None:
    """Write who sends it, with what letterheads have."""
    d.line(tell("seller", name), align, size=d.pick([1.2, 1.5, 1.9]), bold=d.odds(0.7), colour=d.accent)
    if d.odds(0.2):
        d.line(tell("slogan", d.of("Quality since 1978|Built to last|We deliver|Your partner for print|Fresh ideas, every day")), align, size=0.85)
    d.line(tell("address", address(d, d.pick(["\n", ", ", "\n"]))), align, size=0.9)
    for meaning, odds, value in (
        ("phone", 0.7, d.phone),
        ("fax", 0.2, d.phone),
        ("email", 0.5, f"{d.of('info|office|accounts|billing')}@{d.domain(name)}"),
        ("website", 0.35, "www." + d.domain(name)),
    ):
        if d.maybe(meaning, odds):
            d.line(f"{label(d.name(meaning))}: {tell(meaning, value)}" if d.odds(0.8) or meaning == "fax" else tell(meaning, value), align, size=0.9)


def to_whom(d: Draft, meaning: str = "buyer", *own: str) -> None:
    """Write to whom it goes."""
    if d.odds(0.8):
        d.line(label(d.name(meaning, *own)) + d.pick(["", ":"]), bold=d.odds(0.5), size=0.9)
        d.write(tell(meaning, d.pick([d.company(), d.person(0.3)])), d.x, d.y)
        d.y += d.size * d.leading
    else:
        d.line(tell(meaning, d.pick([d.company(), d.person(0.3)])))
    d.line(plain_address(d))


def numbers(d: Draft, *pairs: Pair | None, layout: str = "") -> None:
    """Write the numbers and dates of a business paper, some left out."""
    items: list[Pair] = [p for p in pairs if p]
    if d.odds(0.5):
        first, rest = items[0], items[1:]
        d.chance.shuffle(rest)
        items = [first, *rest]
    d.pairs(items, layout)


def optional(d: Draft, meaning: str, odds: float, value: str, *own: str) -> Pair | None:
    """Give a pair, or none, which is then known to be absent."""
    return (meaning, value, d.name(meaning, *own)) if d.maybe(meaning, odds) else None


def head(d: Draft, title: str, left: object, right: object) -> None:
    """Lay out issuer, title, recipient and numbers in one of four designs."""
    assert callable(left)
    assert callable(right)
    name, design = d.company(), d.n(0, 3)
    style: dict[str, Any] = {"size": d.pick([1.5, 2, 2.4]), "bold": d.odds(0.7), "colour": d.accent}
    if design == 0:
        d.beside(lambda: issuer(d, name), lambda: d.line(tell("heading", title), "r", **style), weights=(3, 2))
        d.gap(1.5)
        d.beside(left, right, weights=(1, 1))
    elif design == 1:
        issuer(d, name, "c")
        d.rule()
        d.line(tell("heading", title), "c", **style)
        d.gap()
        d.beside(left, right, weights=(4, 5))
    elif design == 2:
        d.line(tell("heading", title), **style)
        d.gap()
        d.beside(right, lambda: issuer(d, name, d.pick("lr")), weights=(1, 1))
        d.gap()
        left()
    else:
        issuer(d, name, "r")
        d.gap()
        left()
        d.gap(2)
        d.line(tell("heading", title), **style)
        d.gap(0.5)
        right()
    d.gap(1.5)


def lines(d: Draft, low: int = 1, high: int = 8, *, priced: bool = True) -> int:
    """Write the items and give what they come to."""
    items = [(t, n * d.pick([1, 1, 2, 5]), u) for t, n, u in shelf(d, goods.WARES[d.lang], low, high)]
    columns: list[tuple[str, str]] = [("product_name", d.name("product_name", "Description", "Item", "Details"))]
    rows = [[t] for t, _, _ in items]

    def add(meaning: str, head_: str, values: list[str], at: int = 99) -> None:
        columns.insert(at, (meaning, head_))
        for row, value in zip(rows, values, strict=True):
            row.insert(at, value)

    add("quantity", d.name("quantity", "Qty", "Quantity", "Hours"), [str(n) for _, n, _ in items])
    grow = 0
    if d.odds(0.25):
        add(
            "unit",
            {"en": "Unit", "de": "Einheit", "fr": "Unité"}.get(d.lang, "Un."),
            [d.of("pc|pcs|box|set|hr") if d.lang == "en" else d.of("Stk" if d.lang == "de" else "u") for _ in items],
        )
    if priced:
        add("unit_price", d.name("unit_price", "Unit price", "Rate", "Price each"), [d.money(u) for _, _, u in items])
        if d.odds(0.2):
            rate = d.percent(d.rate)
            add("tax_rate", d.tax, [rate for _ in items])
        add("amount", d.name("amount", "Amount", "Line total", "Total"), [d.money(n * u) for _, n, u in items])
    if d.odds(0.35):
        add("article_number", d.name("article_number", "Item no.", "SKU", "Code"), [d.fill("@@-####|#####|@####") for _ in items], 0)
        grow = 1
    elif d.odds(0.2):
        add("position", d.of("#|No.|Pos.|Line") if d.lang == "en" else "Pos." if d.lang == "de" else "N°", [str(i + 1) for i in range(len(items))], 0)
        columns[0], columns[1] = columns[0], columns[1]
        grow = 1
    d.table(d.pick(["item", "item", "line"]), "items", columns, rows, heads=True, grow=grow)
    return sum(n * u for _, n, u in items)


def amounts(d: Draft, net: int, *, deposit: float = 0.2, total: tuple[str, ...] = ("Total", "Grand total", "Invoice total", "Total due", "Amount due"), meaning: str = "total") -> int:
    """Write the block of totals to the right; give what is to be paid."""
    rate, tax_name = float(d.rate) if d.odds(0.85) else 0.0, d.tax
    due, block = net, list[Pair]()
    less = round(net * d.pick([0.05, 0.1])) if d.maybe("discount", 0.2) else 0
    ship = d.price(12) if d.maybe("shipping", 0.25) else 0
    if less or ship or rate:
        block.append(("subtotal", d.money(net), d.name("subtotal", "Subtotal", "Net total", f"Total excl. {tax_name}", "Sub-total")))
    else:
        d.absent("subtotal", "tax", "tax_rate")
    if less:
        block.append(("discount", d.money(-less), d.name("discount", "Discount", "Less discount")))
    if ship:
        block.append(("shipping", d.money(ship), d.name("shipping", "Shipping", "Delivery", "Freight", "Postage & packing")))
    due += ship - less
    if rate:
        tax = round(due * rate / 100)
        inside = d.percent(f"{rate:g}")
        block.append(("tax", d.money(tax), d.pick([f"{tax_name} {inside}", f"{tax_name} ({inside})", f"{tax_name} @ {inside}", tax_name])))
        due += tax
    top = d.y
    right = d.odds(0.85)
    x, w = (d.x + d.w * 0.5, d.w * 0.5) if right else (d.x, d.w * 0.7)
    with d.region(x, w):
        d.gap(0.8)
        d.pairs(block, "wide", bold=False)
        strong: dict[str, Any] = {"bold": d.odds(0.8), "size": d.pick([1, 1.15, 1.3])}
        if d.odds(0.4):
            d.rule("stroke")
        more = d.maybe("deposit", deposit)
        d.row(label(d.name(meaning, *total, never=PAYABLE if more else "")) + d.pick(["", ":"]), tell(meaning, d.pay(due)), **strong)
        if more:
            paid = round(due * d.pick([0.2, 0.25, 0.3, 0.5]))
            d.pairs(
                [
                    ("deposit", d.money(-paid), d.name("deposit", "Deposit paid", "Less deposit", "Down payment", "Paid in advance")),
                    ("balance_due", d.pay(due - paid), d.name("balance_due", "Balance due", "Amount outstanding", "Remaining balance", "Still to pay")),
                ],
                "wide",
            )
            due -= paid
        elif d.maybe("amount_paid", 0.12):
            d.pairs([("amount_paid", d.money(due)), ("balance_due", d.pay(0), d.name("balance_due", "Balance due"))], "wide")
    d.y = max(d.y, top)
    return due


def bank(d: Draft, *, method: float = 0.25) -> None:
    """Write how to pay, terms and the line at the foot."""
    d.gap(1.5)
    items: list[Pair | None] = [
        optional(d, "iban", 0.45, d.fill(f"{d.country.code}## #### #### #### ####|{d.country.code}## #### #### #### #### ##")),
        optional(d, "account_number", 0.15, d.fill("########|##-##-## ########"), "Account No.") if d.lang == "en" else None,
        optional(d, "payment_method", method, said(d, "transfer")),
    ]
    d.pairs(items, d.pick(["colon", "tab"]), size=0.9)
    if d.odds(0.5):
        d.line(
            {
                "en": d.of(
                    "Payment within 14 days without deduction.|Please quote the invoice number with your payment.|Interest of 8% a year is charged on late payments.|Thank you for your business!|Goods remain our property until paid in full."
                ),
                "de": "Zahlbar innerhalb von 14 Tagen ohne Abzug.",
                "fr": "En cas de retard, une indemnité de 40 € est due.",
            }.get(d.lang, said(d, "legal")),
            size=0.85,
        )
    if d.odds(0.4):
        d.line(said(d, "legal"), "c", size=0.75)


@_SHEET("invoice")
def invoice(d: Draft) -> None:
    """Write an invoice."""
    span = d.n(7, 60)
    head(
        d,
        said(d, "invoice"),
        lambda: to_whom(d, "buyer", "Bill to", "Invoice to", "Customer", "Billed to", "Sold to"),
        lambda: numbers(
            d,
            ("invoice_number", d.fill("INV-####|20##-###|####|RE-#####|F########|#####/##"), d.name("invoice_number", "Invoice No.", "Invoice #", "Invoice number")),
            ("date", d.date(), d.name("date", "Date", "Invoice date", "Dated")),
            optional(d, "due_date", 0.6, d.date(span), "Due date", "Payment due", "Please pay by"),
            optional(d, "delivery_date", 0.15, d.date(-d.n(1, 9)), "Date of supply", "Delivery date"),
            optional(d, "order_number", 0.35, d.fill("PO-####|B-#####|########"), "Your order", "PO number", "Order No."),
            optional(d, "customer_number", 0.35, d.fill("K-####|#####|C####"), "Customer No.", "Client ID"),
            optional(d, "contact_person", 0.25, d.person(), "Contact", "Our contact", "Account manager"),
            optional(d, "tax_id", 0.35, d.fill(f"{d.country.code}#########")),
        ),
    )
    due = amounts(d, lines(d))
    if d.odds(0.12) and due:
        d.could.add("status")
        d.stamp(
            tell("status", d.of("PAID|OVERDUE|DUPLICATE") if d.lang == "en" else d.of({"de": "BEZAHLT", "fr": "PAYÉ", "es": "PAGADO", "it": "PAGATO", "pt": "PAGO", "nl": "BETAALD"}[d.lang]))
        )
    else:
        d.absent("status")
    bank(d)


@_SHEET("credit_note")
def credit_note(d: Draft) -> None:
    """Write a credit note."""
    head(
        d,
        said(d, "credit"),
        lambda: to_whom(d),
        lambda: numbers(
            d,
            ("receipt_number", d.fill("CN-####|GS-#####"), d.name("receipt_number", "Credit note No.", "Credit No.", "Document no.") if d.lang == "en" else "N°"),
            ("date", d.date()),
            optional(d, "invoice_number", 0.8, d.fill("INV-####|RE-#####"), "Original invoice", "Invoice ref.", "Relates to invoice"),
            optional(
                d, "reason", 0.6, d.of("Goods returned|Damaged in transit|Wrong price|Short delivery|Cancelled order") if d.lang == "en" else said(d, "credit"), "Reason", "Reason for credit"
            ),
        ),
    )
    amounts(d, lines(d, 1, 4), deposit=0, total=("Total credit", "Amount credited", "Total refund", "Refund total"), meaning="refund_amount")
    if d.odds(0.5) and d.lang == "en":
        d.line("The amount will be credited to your account.", size=0.9)


@_SHEET("quote")
def quote(d: Draft) -> None:
    """Write an offer."""
    head(
        d,
        said(d, "quote"),
        lambda: to_whom(d, "buyer", "Prepared for", "Customer", "Quote for", "Attn."),
        lambda: numbers(
            d,
            ("order_number", d.fill("Q-####|AN-#####|20##/###"), d.name("order_number", "Quote No.", "Quotation #", "Reference")),
            ("date", d.date()),
            optional(d, "expiry_date", 0.7, d.date(d.n(14, 60)), "Valid until", "Quote valid to", "Offer expires"),
            optional(d, "contact_person", 0.4, d.person(), "Prepared by", "Contact"),
            optional(d, "project", 0.3, d.of("Kitchen refit|Website 2.0|Roof repair|Warehouse move"), "Project") if d.lang == "en" else None,
        ),
    )
    amounts(d, lines(d), deposit=0, total=("Total", "Quote total", "Estimated total"))
    d.absent("invoice_number", "due_date")
    if d.odds(0.5) and d.lang == "en":
        d.line(d.of(f"Work starts 2 weeks after acceptance.|Prices are subject to change.|A deposit of {tell('deposit', '30%')} is payable on acceptance."), size=0.9)


@_SHEET("order_confirmation")
def order_confirmation(d: Draft) -> None:
    """Write the confirmation of an order."""
    late = d.n(2, 20)
    head(
        d,
        said(d, "order"),
        lambda: to_whom(d, "recipient", "Ship to", "Deliver to", "Delivery address"),
        lambda: numbers(
            d,
            ("order_number", d.fill("#######|###-#######-#######|W-#####")),
            ("date", d.date(), d.name("date", "Order date", "Ordered on", "Date")),
            optional(d, "delivery_date", 0.7, d.date(late), "Estimated delivery", "Arrives", "Delivery date"),
            optional(d, "payment_method", 0.5, said(d, "card")),
            optional(d, "status", 0.3, d.of("Confirmed|Processing|Shipped|Awaiting payment"), "Status") if d.lang == "en" else None,
        ),
    )
    amounts(d, lines(d, 1, 5), deposit=0, total=("Order total", "Total", "Total paid"))
    d.absent("tracking_number", "invoice_number")


@_SHEET("delivery_note", could="tracking_number weight total invoice_number due_date")
def delivery_note(d: Draft) -> None:
    """Write what comes with the goods; it has no prices."""
    head(
        d,
        said(d, "delivery"),
        lambda: to_whom(d, "recipient", "Deliver to", "Ship to", "Consignee"),
        lambda: numbers(
            d,
            ("delivery_number", d.fill("DN-####|LS-#####"), d.of("Delivery note no.|Note No.") if d.lang == "en" else "N°"),
            ("delivery_date", d.date(), d.name("delivery_date", "Delivery date", "Date shipped", "Dispatch date")),
            optional(d, "order_number", 0.7, d.fill("PO-####|#####"), "Your order", "Order No."),
            optional(d, "carrier", 0.4, d.of("DPX|Nordpost|TransCargo|Own vehicle"), "Carrier", "Shipped via") if d.lang == "en" else None,
            optional(d, "weight", 0.4, f"{d.num(d.n(20, 9000) / 10, 1)} kg", "Gross weight", "Total weight"),
            optional(d, "total_quantity", 0.4, str(d.n(1, 12)), "Packages", "No. of parcels") if d.lang == "en" else None,
        ),
    )
    lines(d, 1, 7, priced=False)
    d.gap(2)
    if d.lang == "en":
        d.row("Received in good order:", "Signature: ______________", size=0.9)
        if d.odds(0.4):
            d.line(f"{label('Received by')}: {tell('signature_name', d.person())}", font="hand")
        else:
            d.absent("signature_name")


@_SHEET("purchase_order", langs="en", could="due_date tax_id phone email shipping discount delivery_date contact_person invoice_number")
def purchase_order(d: Draft) -> None:
    """Write an order that a company places."""
    d.row(
        tell("heading", d.of("PURCHASE ORDER|Purchase Order")), f"{label(d.name('order_number', 'PO No.', 'PO #'))} {tell('order_number', d.fill('PO####|45########'))}", size=1.3, bold=True
    )
    d.gap()

    def left() -> None:
        d.line(label(d.of("Vendor|Supplier|To")) + ":", bold=True)
        d.write(tell("seller", d.company()), d.x, d.y)
        d.y += d.size * d.leading
        d.line(plain_address(d))

    def right() -> None:
        d.line(label(d.of("Ship to|Deliver to|Buyer")) + ":", bold=True)
        d.write(tell("buyer", d.company()), d.x, d.y)
        d.y += d.size * d.leading
        d.line(tell("address", plain_address(d)))

    d.beside(left, right)
    d.gap()
    numbers(
        d,
        ("date", d.date(), d.name("date", "Date", "Order date")),
        optional(d, "delivery_date", 0.6, d.date(d.n(5, 40)), "Required by", "Deliver by"),
        optional(d, "contact_person", 0.5, d.person(), "Requisitioner", "Buyer contact"),
        optional(d, "department", 0.3, d.of("Facilities|IT|Production|R&D")),
        layout=d.pick(["head", "above", "colon"]),
    )
    d.gap()
    amounts(d, lines(d), deposit=0)
    d.gap(2)
    d.line(f"{label(d.of('Authorised by|Approved by'))}: {tell('signature_name', d.person())}")
