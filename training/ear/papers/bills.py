"""What comes every month or after a stay: pay slips, statements, bills for power, phone, rent, hotel."""

# fmt: off

from __future__ import annotations

from functools import partial

from training.ear.paper import PAYABLE, Draft, Pair, kind, label, tell
from training.ear.papers.invoices import address, bank, optional, plain_address
from training.ear.papers.receipts import said

_SHEET = partial(kind, width=(820, 1200), size=(16, 22), tall=1.15)


def sender_and_name(d: Draft, company: str, meaning: str, person: str, title: str = "") -> None:
    """Write the letterhead and whom it is for."""
    if title and d.odds(0.5):
        d.row(tell("seller", company), tell("heading", title), size=1.5, bold=True, colour=d.accent)
    else:
        d.line(tell("seller", company), d.pick("lcr"), size=1.5, bold=True, colour=d.accent)
        if title:
            d.gap(0.4)
            d.line(tell("heading", title), d.pick("lc"), size=1.4)
    d.gap()
    if d.odds(0.6):
        d.line(plain_address(d, ", "), size=0.8)
        d.gap()
    if meaning and d.odds(0.8):
        d.line(tell(meaning, person))
        d.line(tell("address", address(d, country=0)))
    elif meaning:
        d.pairs([(meaning, person), ("address", plain_address(d, ", "))])
    d.gap()


@_SHEET("pay_slip", could="iban tax_id department start_date due_date phone")
def pay_slip(d: Draft) -> None:
    """Write a pay slip."""
    d.line(tell("employer", d.company()), d.pick("lc"), size=1.5, bold=True)
    d.line(d.of("PAYSLIP|Pay Slip|Salary Statement|Payroll advice"), d.pick("lc"), size=1.2)
    d.gap()
    month = f"{d.pick(d.months())} {d.today.year}"
    d.pairs(
        [
            ("employee", d.person(), d.name("employee", "Employee", "Name", "Employee name")),
            ("employee_number", d.fill("####|E-###"), d.of("Employee No.|Staff ID|Payroll no.")),
            optional(d, "job_title", 0.6, d.of("Technician|Accountant|Warehouse clerk|Nurse|Sales assistant|Driver|Engineer|Cook")),
            optional(d, "department", 0.5, d.of("Finance|Logistics|IT|Ward 3|Sales")),
            ("period", month, d.name("period", "Pay period", "Month", "Period")),
            optional(d, "date", 0.6, d.date(), "Pay date", "Payment date", "Paid on"),
            optional(d, "iban", 0.3, d.fill(f"{d.country.code}## #### #### ####"), "Paid to"),
        ],
        columns=d.pick([2, 3]),
    )
    d.gap()
    base = d.price(2600)
    earn = [("Basic salary", base)] + [(t, round(base * f)) for t, f in d.some([("Overtime", 0.08), ("Bonus", 0.15), ("Night shift allowance", 0.05), ("Transport allowance", 0.03)], 0, 3)]
    cuts = [("Income tax", round(base * 0.16))] + [
        (t, round(base * f)) for t, f in d.some([("Pension", 0.06), ("Health insurance", 0.07), ("Union fee", 0.01), ("Social security", 0.09), ("Canteen", 0.02)], 1, 4)
    ]
    gross, off = sum(a for _, a in earn), sum(a for _, a in cuts)

    def block(noun: str, head: str, rows: list[tuple[str, int]], meaning: str, own: tuple[str, ...], total: int) -> None:
        d.table(noun, noun + "s", [(noun, head), ("amount", d.of("Amount|Total"))], [(t, d.money(a)) for t, a in rows], heads=True, rules="head")
        d.row(label(d.name(meaning, *own)), tell(meaning, d.money(total)), bold=True)

    def left() -> None:
        block("earning", "Earnings", earn, "salary_gross", ("Gross pay", "Total earnings", "Gross salary"), gross)

    def right() -> None:
        block("deduction", "Deductions", cuts, "deduction", ("Total deductions",), off)

    if d.odds(0.6):
        d.beside(left, right)
    else:
        left()
        d.gap()
        right()
    d.gap()
    d.row(label(d.name("salary_net", "NET PAY", "Net pay", "Net salary", "Amount transferred")), tell("salary_net", d.money(gross - off, True)), size=1.3, bold=True)
    if d.odds(0.3):
        d.line("Gross pay year to date: " + d.money(gross * d.today.month), size=0.85)


@_SHEET("bank_statement", could="iban credit_limit phone due_date minimum_payment customer_number")
def bank_statement(d: Draft) -> None:
    """Write the statement of an account."""
    sender_and_name(
        d,
        d.of(f"Bank of {d.town}|{d.last} Bank|First Union Bank|Coastal Savings|Meridian Credit Union"),
        "account_holder",
        d.person(0.3),
        d.of("Account statement|STATEMENT|Statement of account"),
    )
    days = d.n(27, 31)
    d.pairs(
        [
            ("account_number", d.fill("########|###-#####-#|#### #### ####")),
            optional(d, "iban", 0.4, d.fill(f"{d.country.code}## #### #### ####")),
            ("period", f"{d.date(-days)} - {d.date()}", d.name("period", "Statement period", "Period")),
            optional(d, "page_number", 0.5, "1", "Page", "Sheet no."),
        ]
    )
    d.gap()
    balance = opening = d.price(1800)
    rows, outs, ins = [], 0, 0
    split = d.odds(0.5)
    for day in sorted(d.n(0, days) for _ in range(d.n(4, 14))):
        come = d.odds(0.25)
        amount = d.price(900 if come else d.pick([5, 30, 80]))
        balance, outs, ins = balance + (amount if come else -amount), outs + (0 if come else amount), ins + (amount if come else 0)
        what = (
            d.of("Salary|Transfer in|Refund|Interest")
            if come
            else d.of(f"Card purchase|ATM withdrawal|Rent|{d.company()}|Direct debit power|Insurance|Groceries|Standing order|{d.company()}")
        )
        moved = [d.money(amount if come else -amount)] if not split else ["", d.money(amount)] if come else [d.money(amount), ""]
        rows.append([d.date(day - days), what, *moved, d.money(balance)])
    columns = [
        ("date", "Date"),
        ("transaction", d.of("Description|Details|Transaction")),
        *([("debit", d.of("Debit|Paid out|Withdrawals")), ("credit", d.of("Credit|Paid in|Deposits"))] if split else [("amount", "Amount")]),
        ("balance", "Balance"),
    ]
    first = ("opening_balance", d.money(opening), d.name("opening_balance", "Opening balance", "Balance brought forward", "Previous balance"))
    last = ("closing_balance", d.money(balance, True), d.name("closing_balance", "Closing balance", "Balance carried forward", "New balance"))
    both: list[Pair] = (
        [("total_paid_out", d.money(outs), d.of("Total paid out|Total withdrawals")), ("total_paid_in", d.money(ins), d.of("Total paid in|Total deposits"))] if d.odds(0.4) else []
    )
    together = d.odds(0.4)
    d.pairs([first, *both, last] if together else [first])
    d.gap()
    d.table("transaction", "transactions", columns, rows, grow=1, heads=True)
    d.gap(0.5)
    if not together:
        d.pairs([last], "wide", bold=True)


@_SHEET("card_statement", could="iban fee discount opening_balance phone")
def card_statement(d: Draft) -> None:
    """Write the statement of a credit card."""
    sender_and_name(d, d.of("Meridian Card Services|Union Card|Blue Card Bank|Harbour Credit"), "account_holder", d.person(0.4), d.of("Credit card statement|Your monthly statement"))
    before, paid, bought = d.price(500), d.price(300), d.price(400)
    now = before - paid + bought
    d.pairs(
        [
            ("card_last_digits", d.fill("####"), "Card ending in"),
            ("issue_date", d.date(), "Statement date"),
            ("due_date", d.date(d.n(18, 28)), d.name("due_date", "Payment due date", "Pay by")),
            ("minimum_payment", d.money(max(2500, now // 40 // 100 * 100) if d.country.places else now // 40, True), d.name("minimum_payment", "Minimum payment", "Minimum amount due")),
            optional(d, "credit_limit", 0.7, d.money(d.n(2, 12) * 10 ** (3 + d.country.places)), "Credit limit"),
            ("closing_balance", d.money(now, True), d.name("closing_balance", "New balance", "Statement balance")),
        ],
        d.pick(["above", "tab", "wide", "head"]),
    )
    d.gap()
    d.line("Account summary", bold=True, size=1.15)
    d.pairs(
        [
            ("opening_balance", d.money(before), "Previous balance"),
            ("amount_paid", d.money(-paid), d.of("Payments received|Payments and credits")),
            ("purchases", d.money(bought), d.of("Purchases|New purchases")),
        ],
        "wide",
    )
    d.gap()
    d.line(d.of("If you pay less than the full amount, interest is charged at 19.9% a year.|Late payments may incur a fee."), size=0.85)


@_SHEET("utility_bill", langs="all", could="deposit discount iban phone email savings fine_amount")
def utility_bill(d: Draft) -> None:
    """Write a bill for power, gas or water with readings of a meter."""
    what, unit, per = d.pick([("electricity", "kWh", 0.3), ("gas", "kWh", 0.1), ("water", "m³", 2.4)])
    names = {"de": "Stromrechnung", "fr": "Facture d'électricité", "es": "Factura de luz", "it": "Bolletta luce", "pt": "Fatura de eletricidade", "nl": "Energienota"}
    title = d.of(f"Your {what} bill|{what.capitalize()} bill|{what.upper()} STATEMENT") if d.lang == "en" else names[d.lang]
    sender_and_name(
        d,
        d.of(f"{d.town} Energy|Nordlicht|{d.last} Power & Water|Aqua {d.town}|Stadtwerke {d.town}" if d.lang in ("en", "de") else f"Energia {d.town}|Luz {d.last}"),
        "buyer",
        d.person(0.4),
        title,
    )
    before, used = d.n(800, 40000), d.n(20, 900)
    english = d.lang == "en"
    usage, stand = round(used * d.price(per * 1.0) if d.country.places else used * 30), d.price(9)
    d.pairs(
        [
            ("customer_number", d.fill("#######|##-#####"), d.name("customer_number", "Customer No.", "Account number", "Contract account")),
            ("invoice_number", d.fill("##########|R-######")),
            ("date", d.date(), d.name("date", "Bill date", "Date of bill", "Issued")),
            ("period", f"{d.date(-92)} - {d.date(-3)}"),
            ("due_date", d.date(d.n(10, 25))),
            optional(d, "meter_number", 0.6, d.fill("#@ ######|########"), "Meter no.", "Meter") if english else None,
        ]
    )
    d.gap()
    if english:
        d.table(
            "reading",
            "readings",
            [("period", d.of("Reading|Register")), ("previous", "Previous"), ("current", "Present"), ("used", d.of("Used|Consumption")), ("unit", "Unit")],
            [[d.of("Day|Main|Actual"), d.num(before), d.num(before + used), str(used), unit]],
            heads=True,
        )
        d.gap()
    net, rate = usage + stand, float(d.rate)
    tax = round(net * rate / 100)
    old = d.price(60) if english and d.maybe("opening_balance", 0.25) else 0
    block: list[Pair] = [
        ("usage_charge", d.money(usage), d.of("Usage|Consumption charge|Energy") if english else {"de": "Arbeitspreis", "fr": "Consommation"}.get(d.lang, "Consumo")),
        ("fee", d.money(stand), d.of("Standing charge|Service charge|Meter rent") if english else {"de": "Grundpreis", "fr": "Abonnement"}.get(d.lang, "Fijo" if d.lang == "es" else "Vast")),
        ("subtotal", d.money(net)),
    ]
    if rate:
        block.append(("tax", d.money(tax), f"{d.tax} {d.percent(f'{rate:g}')}"))
    if old:
        block.append(("opening_balance", d.money(old), d.of("Previous balance|Balance from last bill")))
    d.pairs(block, "wide", bold=False)
    d.row(label(d.name("total", "Total due", "Amount due", "TOTAL TO PAY", "Please pay")), tell("total", d.money(net + tax + old, True)), size=1.3, bold=True)
    d.gap()
    if english:
        d.could.add("payment_method")
        if d.odds(0.3):
            d.line(f"This amount will be collected by {tell('payment_method', 'direct debit')}.", size=0.9)
        if d.maybe("phone", 0.5):
            d.line(f"{d.of('Emergency|Customer service|Questions? Call')}: {tell('phone', d.phone)}", size=0.9)
    bank(d, method=0)


@_SHEET("phone_bill", could="iban deposit discount data tax")
def phone_bill(d: Draft) -> None:
    """Write a bill for a phone line."""
    sender_and_name(d, d.of("Telora|Mobilink|Kite Mobile|Unicom Talk|Hello Networks|Orbit Tel"), "buyer", d.person(0.3), d.of("Your bill|Monthly invoice|PHONE BILL"))
    d.pairs(
        [
            ("account_number", d.fill("#########")),
            ("mobile", d.phone, d.name("mobile", "Mobile number", "Line", "Number")),
            ("date", d.date(), "Bill date"),
            optional(d, "invoice_number", 0.6, d.fill("TB######")),
            ("due_date", d.date(18)),
            ("period", f"{d.date(-31)} to {d.date(-1)}"),
        ]
    )
    d.gap()
    charges = [
        (t, d.price(p))
        for t, p in [("Monthly plan", 25.0), *d.some([("International calls", 6.0), ("Roaming data", 12.0), ("Device instalment", 18.0), ("Text messages", 2.0), ("Insurance", 5.0)], 1, 4)]
    ]
    net = sum(c for _, c in charges)
    d.table("charge", "charges", [("charge", d.of("Charges|Description")), ("price", d.of("Amount|Cost"))], [(t, d.money(c)) for t, c in charges])
    tax = round(net * float(d.rate) / 100)
    d.pairs([("subtotal", d.money(net)), ("tax", d.money(tax), d.tax)] if tax else [], "wide", bold=False)
    d.row(label(d.name("total", "Total due", "Total this month", "Amount payable")), tell("total", d.money(net + tax, True)), size=1.2, bold=True)
    d.gap()
    d.line(f"{d.of('Data used this month')}: {tell('data_used', f'{d.n(1, 300) / 10} GB')} of {tell('data_allowance', f'{d.n(31, 60)} GB')}")
    if d.odds(0.5):
        d.line(f"{d.of('Payment by')} {tell('payment_method', said(d, 'transfer').lower())}.", size=0.9)


@_SHEET("rent_bill", could="iban balance_due fine_amount phone deposit_held")
def rent_bill(d: Draft) -> None:
    """Write a request or a receipt for rent."""
    d.line(tell("heading", d.of("RENT INVOICE|RENT RECEIPT|Rent statement|Rent due")), "c", size=1.6, bold=True)
    d.gap()
    rent, water, bins = d.price(850), d.price(40), d.price(25)
    late = d.price(30) if d.maybe("fine_amount", 0.2) else 0
    d.pairs(
        [
            ("landlord", d.pick([d.company(), d.person()]), d.name("landlord", "Landlord", "Received by", "Property owner")),
            ("tenant", d.person(), d.name("tenant", "Tenant", "Received from", "Renter")),
            ("address", plain_address(d, ", "), d.name("address", "Property", "Address", "Premises")),
            ("period", f"{d.pick(d.months())} {d.today.year}", d.name("period", "For the month of", "Rent period")),
            ("date", d.date()),
            optional(d, "due_date", 0.6, d.date(d.n(2, 9)), "Due by", "Payment due"),
            optional(d, "receipt_number", 0.4, d.fill("####"), "No.", "Receipt No."),
        ],
        d.pick(["tab", "colon", "above", "wide"]),
    )
    d.gap()
    d.pairs(
        [
            ("rent", d.money(rent), d.name("rent", "Rent", "Monthly rent", "Base rent")),
            ("water_charge", d.money(water), "Water"),
            ("service_charge", d.money(bins), d.of("Service charge|Maintenance|Heating")),
            ("fine_amount", d.money(late), d.of("Late fee|Late payment charge")) if late else None,
        ],
        "wide",
        bold=False,
    )
    d.row(label(d.name("total", "Total", "Total rent due", "Amount due")), tell("total", d.money(rent + water + bins + late, True)), bold=True, size=1.15)
    d.gap(1.5)
    d.row(f"{label('Payment method')}: {tell('payment_method', said(d, 'transfer'))}", "Signature ____________")


@_SHEET("lease", fonts="serif serif serif2 sans", could="phone email salary_gross weight")
def lease(d: Draft) -> None:
    """Write a tenancy agreement in running text."""
    d.line(tell("title", d.of("TENANCY AGREEMENT|Residential Lease|LEASE AGREEMENT|Rental Contract")), "c", size=1.7, bold=True)
    d.gap()
    start, months = d.n(5, 60), d.pick([6, 12, 24])
    rent, held, late = d.price(900), d.price(1500), d.price(30)
    texts = [
        f"This agreement is made on {tell('date', d.date())} between {tell('landlord', d.person(0.5))} (the {label(d.of('Landlord|Lessor'))}) and {tell('tenant', d.person(0.5))} (the {d.of('Tenant|Lessee')}).",
        f"The Landlord lets to the Tenant the {d.of('flat|house|apartment|premises')} at {tell('address', plain_address(d, ', '))}.",
        f"The {label('term')} is {tell('duration', f'{months} months')}, starting on {tell('start_date', d.date(start))} and ending on {tell('end_date', d.date(start + months * 30))}.",
        f"The {label('rent')} is {tell('rent', d.money(rent, True))} {d.of('per month|a month')}, payable in advance on or before the {tell('due_day', d.of('1st|3rd|5th|first'))} day of each month.",
        f"A {label(d.of('security deposit|deposit'))} of {tell('deposit_held', d.money(held, True))} is held by the Landlord and returned within {tell('refund_period', f'{d.pick([14, 21, 30, 60])} days')} after the end of the tenancy.",
        f"A late fee of {tell('fine_amount', d.money(late, True))} is due when rent is more than {d.n(5, 10)} days late."
        if d.maybe("fine_amount", 0.6)
        else "The Tenant pays for water, gas and electricity.",
        f"Either party may end this agreement with {tell('notice_period', d.of('one month|two months|30 days|60 days'))} notice in writing.",
        d.of("Pets are not allowed without written consent.|No smoking in the premises.|The Tenant keeps the premises clean and in good order."),
    ]
    numbered = d.odds(0.6)
    for i, text in enumerate(texts):
        d.line(f"{i + 1}. {text}" if numbered else text)
        d.gap(0.5)
    d.gap(2)
    d.row("____________________", "____________________")
    d.row("Landlord", "Tenant", size=0.85)


@_SHEET("hotel_bill", could="phone discount tip deposit tax tax_id email cashier balance_due")
def hotel_bill(d: Draft) -> None:
    """Write the bill of a hotel."""
    d.line(
        tell("seller", d.of(f"Hotel {d.town}|{d.last}'s Inn|The {d.of('Grand|Royal|Harbour|Park|Station')} Hotel|Pension {d.last}|Hostel {d.first}")),
        d.pick("lc"),
        size=1.7,
        bold=True,
        colour=d.accent,
    )
    d.line(tell("address", address(d, ", ")), d.pick("lc"), size=0.9)
    if d.maybe("phone"):
        d.line(f"{label(d.name('phone'))} {tell('phone', d.phone)}", size=0.9)
    d.gap()
    nights, guests, room = d.n(1, 7), d.n(1, 4), d.price(95)
    d.pairs(
        [
            ("buyer", d.person(0.6), d.name("buyer", "Guest", "Guest name", "Name")),
            ("room", d.fill("###"), d.name("room", "Room", "Room no.")),
            ("start_date", d.date(-nights), d.name("start_date", "Arrival", "Check-in", "Arrival date")),
            ("end_date", d.date(), d.name("end_date", "Departure", "Check-out", "Departure date")),
            optional(d, "nights", 0.6, str(nights), "Nights"),
            optional(d, "count_of_people", 0.5, str(guests), "Guests", "Persons", "Adults"),
            optional(d, "invoice_number", 0.6, d.fill("#####"), "Folio", "Invoice No."),
            optional(d, "booking_reference", 0.4, d.fill("@@####|########"), "Confirmation no."),
        ],
        columns=d.pick([2, 3, 4]),
    )
    d.gap()
    extras = [
        (t, d.price(p))
        for t, p in d.some([("Breakfast", 14), ("Minibar", 9), ("Parking", 15), ("Laundry", 22), ("Restaurant", 48), ("City tax", 4), ("Late check-out", 25), ("Spa", 40)], 1, 5)
    ]
    rows = [(i - nights, d.of("Room|Accommodation|Room charge"), room) for i in range(nights)] + [(-d.n(0, nights), t, p) for t, p in extras]
    d.table(
        "charge",
        "charges",
        [("date", "Date"), ("product_name", d.of("Description|Service|Charge")), ("price", d.of("Amount|Charges"))],
        [(d.date(a), t, d.money(p)) for a, t, p in sorted(rows, key=lambda row: row[0])],
        grow=1,
        heads=True,
    )
    net, rate = sum(p for *_, p in rows), float(d.rate)
    tax = round(net * rate / 100) if d.odds(0.6) else 0
    d.pairs([("subtotal", d.money(net)), ("tax", d.money(tax), f"{d.tax} {d.percent(f'{rate:g}')}")] if tax else [], "wide", bold=False)
    d.row(label(d.name("total", "Total", "TOTAL", "Total charges", never=PAYABLE)), tell("total", d.money(net + tax, True)), bold=True, size=1.2)
    if d.maybe("deposit", 0.25):
        d.pairs([("deposit", d.money(-room), d.of("Deposit|Advance payment")), ("balance_due", d.money(net + tax - room, True), d.of("Balance|Balance due"))], "wide")
    elif d.odds(0.5):
        d.pairs([("payment_method", said(d, "card"), d.of("Paid by|Payment"))], "colon")
    d.gap()
    d.line(d.of("We hope to see you again|Thank you for staying with us|Check-out until 11:00"), "c", size=0.9)
