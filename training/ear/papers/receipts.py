"""What tills, pumps and card machines print."""

# fmt: off

from __future__ import annotations

from functools import partial
from typing import Any

from training.ear import goods
from training.ear.paper import PAYABLE, Draft, kind, label, tell

_TILL = partial(
    kind,
    width=(360, 640),
    size=(15, 23),
    langs="all",
    fonts="mono mono mono2 narrow narrow2 sans sans2",
    colours=0.05,
    could="tax_id cashier phone receipt_number terminal discount rounding website email fax table_number payment_method customer_number time total_quantity",
)


# What a sum that holds the tax is not called.
BEFORE_TAX = r"tax|excl|net|before|vat|gst|sst|iva|tva|ht$|mwst|ust|impon|base|btw|hors|sin |sem |zonder|ohne"


def said(d: Draft, key: str) -> str:
    """Choose a phrase in the paper's language."""
    return d.of(goods.SAID[key].get(d.lang, goods.SAID[key]["en"]))


def shop_head(d: Draft, name: str, *, brand: bool = True) -> None:
    """Write who issued it, with address and numbers."""
    align = d.pick("ccclc")
    if brand and d.odds(0.15):
        d.line(d.of("*** COPY ***|* * *|Welcome|~~~"), align)
    d.line(tell("seller", name.upper() if d.odds(0.4) else name), align, size=d.pick([1, 1.2, 1.5, 1.8]), bold=d.odds(0.6))
    if d.country.code == "MY" and d.odds(0.6):
        d.line(d.fill("(######-@)|(Co. Reg. No. ######-@)|CO. NO: ######-@"), align)
    place, code, town = d.place()
    if d.maybe("address", 0.85):
        place = place.replace(code, tell("postcode", code)) if code else place
        place = place.replace(town, tell("city", town)) if town else place
        d.line(tell("address", f"{d.street()}{d.pick([chr(10), chr(10), ', '])}{place}"), align)
    if d.maybe("phone"):
        name_ = label(d.name("phone"))
        fax = f"{chr(10) if d.w < d.size * 24 else ' '}{label(d.name('fax'))}: {tell('fax', d.phone)}" if d.maybe("fax", 0.12) else ""
        d.line(f"{name_}{d.pick([': ', ' ', ' : '])}{tell('phone', d.phone)}{fax}", align)
    if d.maybe("website", 0.2):
        d.line(tell("website", "www." + d.domain(name)), align)
    if d.maybe("email", 0.08):
        d.line(tell("email", f"{d.of('info|shop|hello|contact')}@{d.domain(name)}"), align)
    if d.maybe("tax_id", 0.55):
        number = d.fill(
            {"MY": "000########|@##-####-########", "IN": "##@@@@@####@1Z#", "GB": "GB ### #### ##|### #### ##", "AU": "## ### ### ###"}.get(d.country.code, f"{d.country.code}#########")
        )
        own = {"MY": ("GST ID", "SST No", "GST Reg No"), "IN": ("GSTIN",), "AU": ("ABN",), "SG": ("GST Reg. No.",)}.get(d.country.code, ("VAT Reg. No.", "Tax ID"))
        d.line(f"{label(d.name('tax_id', *own))}: {tell('tax_id', number)}", align)


def facts_of_sale(d: Draft, number: str = "receipt_number", own: tuple[str, ...] = (), more: tuple[tuple[str, str], ...] = ()) -> None:
    """Write number, date, time and who was at the till, in any order and layout."""
    items: list[tuple[str, str] | tuple[str, str, str]] = list(more)
    if d.maybe(number, 0.75):
        items.append((number, d.fill("######|@@-#####|####/##|@#########|#-###-####|00####|CS000#####"), d.name(number, *own)))
    minutes = d.n(7 * 60, 22 * 60)
    date, time = d.date(), d.clock(minutes)
    together = d.odds(0.4)
    if d.maybe("date", 0.95):
        if together and d.maybe("time", 0.9):
            if d.odds(0.5):
                d.line(f"{label(d.name('date'))}{d.pick([': ', ' ', ' : '])}{tell('date', date)} {tell('time', time)}")
            else:
                d.row(tell("date", date), tell("time", time))
        else:
            items.append(("date", date))
            if d.maybe("time", 0.5):
                items.append(("time", time))
    if d.maybe("cashier", 0.6):
        items.append(("cashier", d.pick([d.first, d.first.upper(), d.person(), f"{d.first} {d.last[0]}.", d.first])))
    if d.maybe("terminal", 0.3):
        items.append(("terminal", d.fill("0#|#|T#|POS-#")))
    d.chance.shuffle(items)
    d.pairs(items, d.pick(["colon", "colon", "tab", "wide"]))


def shelf(d: Draft, things: tuple[tuple[str, float], ...], low: int, high: int) -> list[tuple[str, int, int]]:
    """Choose what is bought: name, how many, unit price."""
    upper = d.odds(0.35)
    most = d.pick([1, 2, 4])
    return [(t.upper() if upper else t, d.pick([1, 1, 1, d.n(1, most)]), d.price(p)) for t, p in d.some(things, low, high)]


def bought(d: Draft, items: list[tuple[str, int, int]], noun: str = "item") -> None:
    """Write the things that are bought, in one of the ways that tills have."""
    way = d.pick(["qty first", "columns", "below", "plain", "code"])
    p = d.money
    head = d.name("product_name", "Item", "Description", "ITEM")
    if way == "plain":
        if any(n > 1 for _, n, _ in items):
            rows = [(f"{n} x {t}" if n > 1 else t, p(n * u)) for t, n, u in items]
        else:
            rows = [(t, p(u) + d.pick(["", "", " A" if d.lang == "en" else ""])) for t, _, u in items]
        d.table(noun, noun + "s", [("product_name", head), ("price", d.name("price", "Amount", "Price"))], rows, heads=d.odds(0.3))
    elif way == "columns":
        d.table(
            noun,
            noun + "s",
            [("product_name", head), ("quantity", d.name("quantity", "Qty")), ("unit_price", d.name("unit_price", "Price", "U/P")), ("price", d.name("amount", "Amount", "Amt"))],
            [(t, str(n), p(u), p(n * u)) for t, n, u in items],
        )
    elif way == "qty first":
        d.table(
            noun,
            noun + "s",
            [("quantity", d.name("quantity", "Qty", "QTY")), ("product_name", head), ("price", d.name("price", "Total", "Amount"))],
            [(f"{n}{d.pick(['', 'x'])}", t, p(n * u)) for t, n, u in items],
            grow=1,
        )
    elif way == "code":
        d.table(
            noun,
            noun + "s",
            [("article_number", d.name("article_number", "Code")), ("product_name", head), ("price", d.name("price", "Price"))],
            [(d.fill("#####"), t, p(n * u)) for t, n, u in items],
            grow=1,
            heads=True,
        )
    else:
        d.table(
            noun,
            noun + "s",
            [("product_name", head), ("quantity", ""), ("unit_price", ""), ("price", d.name("price", "Total", "Amount"))],
            [(t, f"{n} x" if d.odds(0.5) else f"{n} @", p(u), p(n * u)) for t, n, u in items],
            heads=d.odds(0.4),
        )


def totals(d: Draft, items: list[tuple[str, int, int]], *, tips: bool = False, service: float = 0.0) -> None:
    """Write what it comes to, with taxes, rounding, cash and change; all of it adds up."""
    net = sum(n * u for _, n, u in items)
    rate, tax_name = float(d.rate), d.tax
    taxed = rate > 0 and d.odds(0.75)
    included = d.lang != "en" or d.country.code in ("GB", "IE", "AU", "NZ", "ZA", "SE", "PL") or d.odds(0.3)
    lines: list[tuple[str, str, str]] = []
    count = sum(n for _, n, _ in items)
    style: dict[str, Any] = {"size": d.pick([1, 1, 1.05])}
    if d.maybe("total_quantity", 0.3):
        lines.append(("total_quantity", str(count), d.name("total_quantity", "Total Qty", "Item count", "No. of items", "TOTAL ITEMS")))
    discount = round(net * d.pick([0.05, 0.1, 0.15, 0.2])) if d.maybe("discount", 0.22) else 0
    extra, due = round(net * service / 100), net - discount
    if (discount or extra or (taxed and not included)) and d.odds(0.9):
        lines.append(("subtotal", d.money(net), d.name("subtotal", "Subtotal", "SUBTOTAL", "Sub Total", "Total before tax", never=BEFORE_TAX if included else "")))
    elif taxed and included and d.odds(0.35):
        lines.append(("subtotal", d.money(round((due + extra) / (1 + rate / 100))), d.name("subtotal", f"Total excl. {tax_name}", f"Net of {tax_name}", "Total (Excl. tax)")))
    else:
        d.absent("subtotal")
    if discount:
        lines.append(("discount", d.money(-discount), d.name("discount", "Discount", "Less discount", "Member discount", "DISC")))
    if extra:
        lines.append(("service_charge", d.money(extra), d.name("service_charge", f"Service charge {service:g}%", f"Svc Chg {service:g}%", "Service")))
        due += extra
    shown = d.percent(f"{rate:g}")
    tax = round(due * rate / 100) if not included else due - round(due / (1 + rate / 100))
    if taxed:
        inside = d.odds(0.6)
        text = f"{tax_name} {shown}" if inside else tax_name
        if included and d.lang == "en":
            text = d.pick([f"incl. {text}", f"{text} included", text])
        if not included:
            due += tax
        if not included or d.odds(0.4):
            lines.append(("tax", d.money(tax), text))
            taxed = d.odds(0.3)  # a table below as well
    else:
        d.absent("tax", "tax_rate")
    before_tax = due - tax
    rounded = round(due / 5) * 5
    if d.country.code in ("MY", "CH", "SG", "NZ", "SE") and rounded != due and d.country.places and d.maybe("rounding", 0.8):
        if d.odds(0.6):
            lines.append(("", d.money(due), d.of("Total before rounding|Total Sales (Inclusive GST)|Bill amount") if d.lang == "en" else d.name("amount")))
        lines.append(("rounding", d.money(rounded - due), d.name("rounding", "Rounding", "Rounding Adj", "Rounding adjustment")))
        due = rounded
    d.pairs(lines, "wide", bold=False, **style)
    if d.odds(0.3):
        d.rule()
    tipped = tips and d.maybe("tip", 0.3)
    total = d.name("total", "TOTAL", "Total", "Grand Total", "Amount payable", "TOTAL DUE", "Total Sales", "Nett total", never=PAYABLE if tipped else "")
    if d.odds(0.25):
        total += f" ({d.sign.strip() or d.sign})"
    d.row(label(total) + d.pick(["", ":"]), tell("total", d.pay(due)), size=d.pick([1, 1.2, 1.4]), bold=d.odds(0.7))
    if tipped:
        tip = round(due * d.pick([0.1, 0.15, 0.18, 0.2]))
        d.pairs(
            [
                ("tip", d.money(tip), d.name("tip", "Tip", "Gratuity", "TIP")),
                ("amount_paid", d.pay(due + tip), d.of("Total with tip|Paid|Charged|Amount paid") if d.lang == "en" else d.name("amount_paid")),
            ],
            "wide",
            **style,
        )
        due += tip
    paid(d, due)
    if taxed and tax:
        d.gap()
        d.table(
            "rate",
            "rates",
            [("tax_rate", d.name("tax_rate", f"{tax_name} Rate", "Tax code", "Rate")), ("net_amount", d.name("subtotal", "Net", "Amount", "Excl.")), ("tax", d.name("tax", "Tax", tax_name))],
            [(shown, d.money(before_tax), d.money(tax))],
            size=d.pick([0.8, 1]),
            heads=True,
        )
    saved = round(net * d.pick([0.03, 0.12, 0.3])) if not discount and d.maybe("savings", 0.1) else 0
    if saved and not d.maybe("discount", 0):
        d.line(f"{label(d.name('savings', 'You saved', 'Total savings today'))}: {tell('savings', d.money(saved))}", "c")


def paid(d: Draft, due: int) -> None:
    """Write how it was paid."""
    way = d.chance.random()
    if way < 0.4:
        note = {0: 1000, 2: 500}[d.country.places]
        given = -(-due // note) * note if d.odds(0.85) else due
        name = said(d, "cash")
        d.pairs(
            [
                ("cash_given", d.money(given), d.pick([name, d.name("cash_given", "Cash", "CASH", "Tendered", "Cash tendered")])),
                ("change", d.money(given - due), d.name("change", "Change", "CHANGE", "Change due")) if d.maybe("change", 0.95) else None,
            ],
            "wide",
            bold=False,
        )
        if d.maybe("payment_method", 0.2):
            d.line(f"{label(d.name('payment_method'))}: {tell('payment_method', name)}")
        d.absent("card_last_digits", "approval_code", "tip")
        return
    d.absent("change", "cash_given", "tip")
    if way < 0.85:
        d.could.add("payment_method")
        card = tell("payment_method", said(d, "card"))
        if d.odds(0.5):
            d.row(card, d.money(due))
        else:
            d.pairs([("", card, d.name("payment_method"))], d.pick(["colon", "wide"]))
        if d.maybe("card_last_digits", 0.6):
            d.line(
                f"{label(d.name('card_last_digits', 'Card', 'Card no.', 'Acct'))}{d.pick([': ', ' '])}{d.of('**** **** **** |XXXX XXXX XXXX |************|xxxx')}{tell('card_last_digits', d.fill('####'))}"
            )
        if d.maybe("approval_code", 0.4):
            d.line(f"{label(d.name('approval_code', 'Auth code', 'Approval code', 'AUTH'))}: {tell('approval_code', d.fill('######|@#####'))}")


def foot(d: Draft) -> None:
    """Write what is said at the end."""
    d.gap()
    for key in d.some(["thanks", "advert", "legal", "thanks"], 0, 3):
        d.line(said(d, key), "c", size=d.pick([0.8, 0.9, 1]))
    if d.odds(0.15):
        d.line(d.fill("## #### #### ####|*######*"), "c")


@_TILL("shop_receipt")
def shop_receipt(d: Draft) -> None:
    """Write the receipt of a shop."""
    name = d.company()
    shop_head(d, name)
    d.rule(d.pick(["", "-", "=", "*"]))
    if d.odds(0.4):
        d.line(said(d, "receipt"), "c", bold=True)
    first = d.odds(0.7)
    if first:
        facts_of_sale(d, own=("Receipt No", "Receipt #", "Bill No", "Trans", "Doc No."))
        d.rule(d.pick(["", "-", "="]))
    items = shelf(d, d.pick([goods.GROCERIES, goods.GROCERIES, goods.WARES])[d.lang], 1, 14)
    bought(d, items)
    d.rule(d.pick(["", "-", "="]))
    totals(d, items)
    if not first:
        d.rule("gap")
        facts_of_sale(d)
    if d.maybe("customer_number", 0.15):
        d.line(f"{label(d.name('customer_number', 'Member No', 'Loyalty card'))}: {tell('customer_number', d.fill('#########'))}")
    foot(d)


@_TILL("restaurant_bill", could="tip service_charge table_number server count_of_people discount cash_given change receipt_number tax_id order_number")
def restaurant_bill(d: Draft) -> None:
    """Write the bill of a restaurant."""
    name = d.of(f"{d.of(goods.NAMES)} {d.of('Café|Bistro|Grill|Kitchen|Diner|Tavern|House|Restaurant|Noodle Bar')}|Chez {d.first}|{d.last}'s|Trattoria {d.first}|The {d.of(goods.NAMES)} Inn")
    shop_head(d, name)
    d.rule()
    more: list[tuple[str, str]] = []
    if d.maybe("table_number", 0.7):
        more.append(("table_number", d.fill("#|1#|2#|@#|T#")))
    if d.maybe("count_of_people", 0.4):
        more.append(("count_of_people", str(d.n(1, 8))))
    if d.maybe("server", 0.6):
        more.append(("server", d.pick([d.first, d.first.upper(), d.person()])))
        d.could.add("cashier")
        facts_of_sale_without_cashier(d, tuple(more))
    else:
        facts_of_sale(d, d.pick(["receipt_number", "order_number"]), ("Check #", "Bill No", "Order"), tuple(more))
    d.rule(d.pick(["", "-"]))
    items = shelf(d, goods.DISHES[d.lang], 2, 10)
    bought(d, items, "item")
    d.rule(d.pick(["", "-"]))
    totals(d, items, tips=True, service=d.pick([0, 0, 0, 10, 12.5, 10]) if d.lang == "en" else 0)
    if d.lang == "en" and d.odds(0.15):
        d.gap()
        d.line("Suggested tip: 15% 18% 20%", "c", size=0.85)
    foot(d)


def facts_of_sale_without_cashier(d: Draft, more: tuple[tuple[str, str], ...]) -> None:
    """Write number and date of a sale where a waiter is named."""
    items = [*more, ("receipt_number", d.fill("####|#####"))] if d.maybe("receipt_number", 0.7) else list(more)
    d.pairs(items, d.pick(["colon", "tab", "wide", "above"]))
    if d.odds(0.5):
        d.row(tell("date", d.date()), tell("time", d.clock(d.n(700, 1380))))
    else:
        d.line(f"{label(d.name('date'))}: {tell('date', d.date())} {tell('time', d.clock(d.n(700, 1380)))}")


@_TILL("fuel_receipt", could="licence_plate discount tip change cash_given receipt_number")
def fuel_receipt(d: Draft) -> None:
    """Write the receipt of a filling station."""
    shop_head(d, d.of("Astra Fuel|Petromax|Roadside Oil|Helix Station|Kolibri Tank|Blue Drop|Nordoil|Speedfill") + d.of(f" {d.town}| Service Station|"))
    d.rule()
    fuels = {"en": "UNLEADED 95|DIESEL|Super E10|RON95|REGULAR", "de": "SUPER E10|DIESEL|SUPER PLUS", "fr": "SP95-E10|GAZOLE"}
    pump, fuel = (d.n(1, 12), d.of(fuels.get(d.lang, "DIESEL|SUPER 95|GASOLINA 95" if d.lang in ("es", "pt") else "DIESEL|EURO 95")))
    litres, unit = (d.n(800, 6500), d.pick(["L", "Ltr", "litres"]) if d.country.code != "US" else "gal")
    each = d.price(1.6) if d.country.places else d.n(150, 190)
    due = round(litres * each / 100)
    d.line(f"{d.of('PUMP|Pump') if d.lang == 'en' else {'de': 'Säule', 'fr': 'Pompe', 'es': 'Surtidor', 'it': 'Pompa', 'pt': 'Bomba', 'nl': 'Pomp'}[d.lang]} {tell('pump_number', str(pump))}")
    d.pairs(
        [
            ("product_name", fuel),
            ("volume", f"{d.num(litres / 100, 2)} {unit}", d.name("volume", "Volume", "Litres" if unit != "gal" else "Gallons", "Quantity")),
            ("unit_price", f"{d.money(each)}/{unit[0]}", d.name("unit_price", "Price", f"Price/{unit}", "Unit price")),
        ],
        d.pick(["wide", "tab", "colon"]),
    )
    d.rule()
    totals(d, [(fuel, 1, due)])
    if d.maybe("licence_plate", 0.2):
        d.line(f"{label(d.name('licence_plate'))}: {tell('licence_plate', d.fill('@@ ### @@|@@@ ####|##-@@-##'))}")
    d.gap()
    facts_of_sale(d)
    foot(d)


@_TILL("pharmacy_receipt", could="prescription doctor discount change insurance")
def pharmacy_receipt(d: Draft) -> None:
    """Write the receipt of a pharmacy."""
    shop_head(d, d.of(f"{d.last} Pharmacy|{d.of(goods.NAMES)} Chemist|Apotheke {d.town}|Pharmacie {d.last}|Farmacia {d.last}|City Drugs"))
    d.rule(d.pick(["-", ""]))
    facts_of_sale(d)
    d.rule(d.pick(["-", ""]))
    things = tuple((m, 3.0 + len(m) % 9) for m in goods.MEDICINES.split("|"))
    items = shelf(d, things, 1, 6)
    bought(d, items)
    d.rule(d.pick(["-", ""]))
    totals(d, items)
    if d.odds(0.3):
        d.line("Keep medicines out of the reach of children", "c", size=0.85)
    foot(d)


@_TILL("parking_ticket", could="licence_plate ticket_number phone change discount payment_method tax")
def parking_ticket(d: Draft) -> None:
    """Write the ticket of a car park or a machine in the street."""
    d.line(
        d.of("PARKING TICKET|PARKING|Pay & Display|CAR PARK RECEIPT")
        if d.lang == "en"
        else {"de": "PARKSCHEIN", "fr": "TICKET DE STATIONNEMENT", "es": "APARCAMIENTO", "it": "PARCHEGGIO", "pt": "ESTACIONAMENTO", "nl": "PARKEREN"}[d.lang],
        "c",
        size=1.5,
        bold=True,
    )
    d.line(tell("venue", f"{d.of('Car Park|Garage|Zone|P+R') if d.lang == 'en' else 'Parking'} {d.of(goods.NAMES)}"), "c")
    start, stay = d.n(420, 1100), d.n(2, 28) * 10
    items: list[tuple[str, str] | tuple[str, str, str]] = [("date", d.date())]
    if d.odds(0.7):
        items += [
            ("arrival_time", d.clock(start, d.short_time), d.name("arrival_time", "Entry", "Time in", "Start", "From")),
            ("departure_time", d.clock(start + stay, d.short_time), d.name("departure_time", "Exit", "Time out", "Valid until", "Until")),
        ]
    if d.maybe("duration", 0.6):
        items.append(
            ("duration", d.pick([f"{stay // 60} h {stay % 60:02} min", f"{stay // 60}:{stay % 60:02}", f"{stay} min"]), d.name("duration", "Duration", "Parking time", "Length of stay"))
        )
    items.append(("total", d.pay(d.price(0.4) * (1 + stay // 20)), d.name("total", "Amount", "Fee paid", "Paid", "Total", "PRICE")))
    if d.maybe("licence_plate", 0.5):
        items.append(("licence_plate", d.fill("@@ ### @@|@@@ ####|##-@@-##|@@## @@@")))
    if d.maybe("ticket_number", 0.5):
        items.append(("ticket_number", d.fill("######|@######")))
    if d.maybe("payment_method", 0.3):
        items.append(("payment_method", said(d, "card")))
    d.gap()
    d.pairs(items, d.pick(["wide", "colon", "tab", "above"]), bold=d.odds(0.3))
    d.gap()
    d.line(d.of("Display on dashboard|Not transferable|Keep this ticket with you|No liability is accepted") if d.lang == "en" else said(d, "legal"), "c", size=0.9)


@_TILL("card_slip", could="tip customer_number cashier discount tax subtotal change")
def card_slip(d: Draft) -> None:
    """Write what a card machine prints."""
    shop_head(d, d.company())
    d.rule(d.pick(["-", "", "*"]))
    due = d.price(d.pick([4, 20, 60, 140]))
    tip = round(due * 0.15) if d.maybe("tip", 0.25) else 0
    d.pairs(
        [
            ("terminal", d.fill("########|T####"), d.name("terminal", "TID", "Terminal ID", "Terminal")),
            ("receipt_number", d.fill("######"), d.name("receipt_number", "Receipt no.", "Trace no.", "Ref")),
            ("date", d.date()),
            ("time", d.clock(d.n(480, 1300))),
            ("payment_method", said(d, "card"), d.name("payment_method", "Card type", "Card", "Scheme")),
            ("card_last_digits", d.fill("####"), d.name("card_last_digits", "Card no. ending", "PAN ending")),
        ],
        d.pick(["tab", "colon", "wide"]),
    )
    d.line(d.of("SALE|PURCHASE|Kauf|VENTE") if d.lang == "en" else d.of("DEBIT|SALE"), "c", bold=True)
    if tip:
        d.pairs([("subtotal", d.money(due), d.name("subtotal", "Base", "Amount", "Purchase")), ("tip", d.money(tip))], "wide")
    d.row(label(d.name("total", "TOTAL", "AMOUNT", "Total amount")), tell("total", d.money(due + tip, True)), size=1.3, bold=True)
    if d.maybe("approval_code", 0.8):
        d.line(f"{label(d.name('approval_code', 'Approval code', 'Auth code'))}: {tell('approval_code', d.fill('######'))}")
    d.line(tell("status", d.of("APPROVED|Payment approved|TRANSACTION APPROVED|DECLINED") if d.lang == "en" else d.of("APPROVED|OK")), "c", bold=True)
    d.line(d.of("CUSTOMER COPY|MERCHANT COPY|Please retain for your records"), "c", size=0.9)


@_TILL("taxi_receipt", could="licence_plate tip passenger email tax")
def taxi_receipt(d: Draft) -> None:
    """Write the receipt of a taxi."""
    d.line(tell("seller", d.of(f"{d.town} Taxi|City Cabs|{d.last} Taxis|Metro Cab|Radio Taxi {d.town}")), "c", size=1.4, bold=True)
    if d.maybe("phone", 0.6):
        d.line(f"{label(d.name('phone'))} {tell('phone', d.phone)}", "c")
    fare, extra = d.price(18), d.price(2)
    start, long = d.n(360, 1300), d.n(6, 45)
    km = d.n(12, 300) / 10
    items: list[tuple[str, str] | tuple[str, str, str]] = [("date", d.date())]
    if d.lang == "en":
        items += [
            ("departure_time", d.clock(start, d.short_time), d.name("departure_time", "Start", "Pick-up time")),
            ("arrival_time", d.clock(start + long, d.short_time), d.name("arrival_time", "End", "Drop-off time")),
        ]
        if d.odds(0.6):
            items += [("origin", d.street(), d.name("origin", "From", "Pick-up")), ("destination", d.street(), d.name("destination", "To", "Drop-off"))]
    items.append(("distance", f"{d.num(km, 1)} {'mi' if d.country.code in ('US', 'GB') else 'km'}"))
    if d.maybe("licence_plate", 0.5):
        items.append(("licence_plate", d.fill("@@ ### @@|@@@ ####"), d.name("licence_plate", "Cab no.", "Vehicle")))
    d.pairs(items, d.pick(["tab", "colon", "wide"]))
    d.rule()
    d.pairs([("subtotal", d.money(fare), d.name("subtotal", "Fare", "Metered fare")), ("fee", d.money(extra), d.name("fee", "Extras", "Airport fee", "Booking fee"))], "wide")
    d.row(label(d.name("total")), tell("total", d.pay(fare + extra)), bold=True, size=1.2)
    paid(d, fare + extra)
