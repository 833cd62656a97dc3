"""What people write to each other, carry with them and fill in."""

# fmt: off

from __future__ import annotations

from functools import partial

from training.ear import goods
from training.ear.paper import Draft, Mark, Pair, kind, label, tell
from training.ear.papers.invoices import address, issuer, optional, plain_address

_CARD = partial(kind, width=(620, 1000), size=(19, 27), colours=0.4)
JOBS = "Sales Manager|Engineer|Head of Finance|Architect|Dental Surgeon|Consultant|Account Executive|Chief Technology Officer|Photographer|Project Lead|Estate Agent|Editor|Notary|Electrician|Office Manager|Managing Director"


@_CARD("business_card", langs="all", size=(20, 28), dark=0.12, could="fax mobile website slogan department linkedin")
def business_card(d: Draft) -> None:
    """Write a business card."""
    align, company = d.pick("lllcr"), d.company()
    first = d.odds(0.4)
    if first:
        d.line(tell("employer", company), align, size=1.3, bold=True, colour=d.accent)
        d.gap(1.4)
    name = d.person()
    d.line(tell("person", name), align, size=1.5, bold=d.odds(0.5))
    if d.maybe("job_title", 0.85):
        d.line(tell("job_title", d.of(JOBS)), align, size=0.95)
    if d.maybe("department", 0.2):
        d.line(tell("department", d.of("Research & Development|Customer Care|Legal")), align, size=0.9)
    if not first:
        d.line(tell("employer", company), align, bold=True, colour=d.accent)
    d.gap(1.2)
    short = d.odds(0.5)
    signs = {"phone": ("T", "Tel", "P", "Office", "Phone"), "mobile": ("M", "Mobile", "Cell", "Mob."), "fax": ("F", "Fax"), "email": ("E", "Email", "Mail"), "website": ("W", "Web")}
    values = {"phone": d.phone, "mobile": d.phone, "fax": d.phone, "email": f"{name.split()[0].lower().strip('.')}@{d.domain(company)}", "website": "www." + d.domain(company)}
    odds = {"phone": 0.85, "mobile": 0.5, "fax": 0.3, "email": 0.85, "website": 0.6}
    told = [m for m in signs if d.maybe(m, odds[m])]
    bare = d.odds(0.4)
    if d.odds(0.3):
        d.chance.shuffle(told)
    for meaning in told:
        sign = signs[meaning][0] if short else d.name(meaning, *signs[meaning][1:])
        only = bare and meaning in ("email", "website")
        d.line(tell(meaning, values[meaning]) if only else f"{label(sign)}{d.pick([': ', ' ', '. ']) if not bare else ' '}{tell(meaning, values[meaning])}", align, size=0.9)
    if d.maybe("address", 0.8):
        d.gap(0.4)
        d.line(tell("address", address(d, d.pick([", ", "\n"]))), align, size=0.85)


BODIES = (
    "Thank you for your enquiry about {a}. We are pleased to tell you that {b}.", "I am writing to complain about {a}. Unfortunately {b}.", "We refer to our conversation about {a}. As agreed, {b}.",
    "It was good to meet you last week. Concerning {a}, I can confirm that {b}.", "We regret to inform you that {b}. This concerns {a}.", "Further to your request regarding {a}, please note that {b}.",
)  # fmt: skip
TOPICS = "your order of office chairs|the repair of the roof|your application|the noise in the courtyard|our meeting in spring|the delivery of the printers|the change of your tariff|the new membership rules|your claim for water damage|the school trip|the lease of the shop|the broken heating"
NEWS = "the work will be finished in time|we can offer you another date|the parts have not arrived yet|the board has agreed to your proposal|we need two more documents|the price will stay the same|someone will call you in the next days|the matter has been passed to our legal team|your place is reserved"
ASKS = "Please send the signed form back|Please let us know whether you will attend|Please return the enclosed card|Please call us to arrange a visit|Kindly confirm the date|Please pay the outstanding amount"


@kind("letter", width=(820, 1150), size=(18, 23), fonts="serif serif2 sans sans2 mono italic", tall=1.2, could="phone email website fax deadline order_number subject customer_number total job_title")
def letter(d: Draft) -> None:
    """Write a letter of a company or a person."""
    company = d.odds(0.6)
    name = d.company()
    signer = d.person()
    if company:
        issuer(d, name, d.pick("lcr"))
        d.facts = [f if f.meaning != "seller" else type(f)("sender", f.spans, f.value, f.kind, f.label) for f in d.facts]
    else:
        d.line(tell("sender", signer), d.pick("lr"))
        d.line(plain_address(d))
    d.gap(1.5)
    recipient = d.person(0.7)
    if d.odds(0.85):
        d.line(tell("recipient", recipient))
        d.line(plain_address(d))
        d.gap()
    town = d.place()[2]
    d.line((f"{town}, " if town and d.odds(0.3) else "") + tell("date", d.date()), d.pick("lrr"))
    d.gap()
    topic = d.of(TOPICS)
    if d.maybe("subject", 0.7):
        d.line(f"{label(d.of('Subject|Re|RE|Subject'))}: {tell('subject', topic.capitalize())}" if d.odds(0.6) else tell("subject", topic.capitalize()), bold=True)
        d.gap(0.5)
    if d.maybe("customer_number", 0.2):
        d.line(f"{label(d.of('Your customer no.|Our reference|Account'))}: {tell('customer_number', d.fill('######|K-####'))}")
    d.line(tell("greeting", d.of(f"Dear {recipient.split()[0]} {recipient.split()[-1]},|Dear Sir or Madam,|Dear {recipient.split()[-1]},|Hello,|To whom it may concern:")))
    d.gap(0.5)
    text = d.pick(BODIES).format(a=topic, b=d.of(NEWS))
    d.line(text + f" {d.of(NEWS).capitalize()}." * d.n(0, 1))
    d.gap(0.4)
    if d.maybe("total", 0.3):
        d.line(f"The {d.of('amount|sum')} of {tell('total', d.money(d.price(300), True))} {d.of('will be credited to your account|is due within two weeks|has been received, thank you')}.")
    if d.maybe("deadline", 0.5):
        d.line(f"{d.of(ASKS)} by {tell('deadline', d.date(d.n(7, 30)))}.")
    if d.odds(0.3):
        d.line(f"Our offices are closed from {d.date(40)} to {d.date(50)}.")
    d.gap(0.6)
    d.line(tell("closing", d.of("Yours sincerely|Kind regards|Best regards|Yours faithfully|With best wishes")) + ",")
    d.gap(1.6)
    d.line(tell("signature_name", signer), font=d.pick(["hand", d.font]))
    if company and d.maybe("job_title", 0.6):
        d.line(tell("job_title", d.of(JOBS)))


@kind("email", width=(820, 1200), size=(17, 23), fonts="sans sans2 sans narrow", dark=0.15, could="phone deadline total attachment cc time next_appointment address")
def email(d: Draft) -> None:
    """Write an email as a program shows it."""
    sender, to = d.person(), d.person()
    def mail(name: str) -> str:
        return name.lower().replace(" ", d.pick([".", "_", ""])) + "@" + d.pick(["mail.example", d.domain(d.last), "post.example"])
    topic = d.of(TOPICS + "|Lunch on Friday|Minutes of the meeting|Photos from the trip|Invoice attached|Your parcel is on its way|Password reset|Interview invitation")
    at = d.clock(d.n(360, 1380), d.short_time)
    items: list[Pair | None] = [("sender", sender, d.of("From|Sender")), ("recipient", to, "To"), optional(d, "cc", 0.2, d.person(), "Cc"), ("date", d.date(), d.of("Date|Sent")), ("subject", topic[0].upper() + topic[1:], d.name("subject", "Subject"))]
    if d.odds(0.6):
        for i in items[:2]:
            assert i
        d.line(f"{label('From')}: {tell('sender', sender)} <{tell('email', mail(sender))}>")
        d.line(f"{label('To')}: {tell('recipient', to)}")
        d.line(f"{label(d.of('Date|Sent'))}: {tell('date', d.date())}{d.pick([' ', ', ', ' at '])}{tell('time', at)}")
        d.line(f"{label('Subject')}: {tell('subject', topic[0].upper() + topic[1:])}", bold=d.odds(0.4))
    else:
        d.pairs(items, d.pick(["colon", "tab"]))
    if d.maybe("attachment", 0.25):
        d.line(f"{label(d.of('Attachment|Attachments'))}: {tell('attachment', d.of('report.pdf|plan_v2.docx|photos.zip|invoice-113.pdf'))}")
    d.rule("stroke")
    d.line(d.of(f"Hi {to.split()[0]},|Dear {to.split()[0]},|Hello {to.split()[0]}"))
    d.gap(0.4)
    d.line(d.pick(BODIES).format(a=topic[0].lower() + topic[1:], b=d.of(NEWS)))
    if d.maybe("next_appointment", 0.3):
        d.line(f"Shall we meet on {tell('next_appointment', d.date(5))} at {tell('meeting_time', d.clock(d.n(18, 34) * 30, d.short_time))} in {tell('venue', d.of('the Blue Room|Café Central|my office|room 204'))}?")
    if d.maybe("deadline", 0.35):
        d.line(f"Please reply by {tell('deadline', d.date(9))}.")
    d.gap(0.6)
    d.line(d.of("Best|Regards|Kind regards|Thanks|Cheers") + ",")
    d.line(tell("signature_name", sender if d.odds(0.5) else sender.split()[0]))
    if d.maybe("phone", 0.3):
        d.line(f"{label(d.of('Phone|Tel|Mobile'))}: {tell('phone', d.phone)}", size=0.85)


@kind("form", width=(800, 1150), size=(18, 24), langs="en", could="birth_date phone mobile email fax signature_name employer tax_id iban", tall=1)
def form(d: Draft) -> None:
    """Write a form that is filled in, partly, by hand or by machine."""
    title = d.of("APPLICATION FORM|Registration form|Membership application|Change of address|Visitor registration|Job application|Accident report|Library card request|Patient registration")
    d.line(tell("title", title), d.pick("lc"), size=1.5, bold=True)
    if d.odds(0.4):
        d.line("Please use block letters. Fields marked * are required.", size=0.8)
    d.gap()
    ink = d.pick(["#1a2c8c", "black", "#1a2c8c"])
    font = d.pick(["hand", "hand", d.font])
    fields: list[tuple[str, tuple[str, ...], str]] = [
        ("person", ("Name", "Full name", "Applicant's name", "First and last name"), d.person()), ("birth_date", ("Date of birth", "DOB", "Born"), d.day(d.today.replace(year=d.n(1940, 2005), day=d.n(1, 28)))), ("address", ("Address", "Home address", "Street and town"), plain_address(d, ", ")),
        ("phone", ("Phone", "Telephone", "Daytime phone"), d.phone), ("mobile", ("Mobile", "Cell phone"), d.phone), ("email", ("Email", "E-mail address"), f"{d.last.lower()}@mail.example"), ("country", ("Nationality", "Country"), d.of("Canada|Kenya|Norway|Chile|Japan|Spain")), ("job_title", ("Occupation", "Profession", "Position applied for"), d.of("Teacher|Nurse|Carpenter|Driver|Student|Cook")),
        ("employer", ("Employer", "Company", "School"), d.company()), ("reason", ("Reason for visit", "Reason", "Purpose"), d.of("Meeting|Lost card|Moved house|Interview|Delivery")), ("contact_person", ("Emergency contact", "Contact person", "Host"), d.person()), ("licence_plate", ("Vehicle registration", "Car plate"), d.fill("@@## @@@")), ("start_date", ("Start date", "Available from", "Member since"), d.date(20)), ("marital_status", ("Marital status",), d.of("single|married|widowed")),
    ]  # fmt: skip
    chosen = [fields[0], *d.some(fields[1:], 4, 9)]
    layout = d.pick(["line", "line", "box", "two"])
    colon = d.pick([":", ""])
    def one(item: tuple[str, tuple[str, ...], str]) -> None:
        meaning, own, value = item
        text = d.pick(own) + colon
        blank = meaning != "person" and not d.maybe(meaning, 0.75)
        told = "" if blank else tell(meaning, value)
        if layout == "box":
            top = d.y
            d.line(label(text), size=0.75)
            _, d.y = d.write(told or " ", d.x + d.size * 0.4, d.y, w=d.w - d.size, font=font, colour=ink)
            d.marks.append(Mark((d.x - 4, top - 2, d.x + d.w, d.y + 2), outline="#777777"))
            d.gap(0.5)
        else:
            wide = min(d.w * 0.45, d.size * 9)
            d.forget()
            _, low = d.write(label(text), d.x, d.y, w=wide)
            _, low2 = d.write(told, d.x + wide + d.size * 1.7, d.y, w=d.w - wide - d.size * 1.7, font=font, colour=ink) if told else ([], low)
            d.y = max(low, low2)
            d.marks.append(Mark((d.x + wide + d.size, d.y - 2, d.x + d.w, d.y - 2), "#777777", shape="line"))
            d.gap(0.4)
    def several(items: list[tuple[str, tuple[str, ...], str]]) -> None:
        for item in items:
            one(item)
    if layout == "two":
        d.beside(lambda: several(chosen[: len(chosen) // 2]), lambda: several(chosen[len(chosen) // 2 :]))
    else:
        several(chosen)
    options = d.pick([("Payment", ["Monthly", "Yearly"]), ("Category", ["Adult", "Student", "Senior"]), ("Newsletter", ["Yes", "No"]), ("How did you hear of us?", ["Friend", "Internet", "Press"])])
    d.gap()
    right = d.n(0, len(options[1]) - 1)
    d.line(label(options[0]))
    d.row(*[f"{'[X]' if i == right else '[  ]'} {tell('answer_text', o) if i == right else o}" for i, o in enumerate(options[1])], keep=True)
    d.gap()
    if d.maybe("date", 0.7):
        d.row(f"{label('Date')}: {tell('date', d.date())}", f"{label('Signature')}: {tell('signature_name', d.person())}" if d.maybe("signature_name", 0.6) else "Signature: ____________")
    if d.odds(0.4):
        d.line(f"Form {d.fill('@-###|F###')} ({d.of('Rev.|Version')} {tell('version', d.fill('#|##/20##'))})", size=0.7)


@_CARD("member_card", dark=0.3, could="phone issue_date fee photo website address discount")
def member_card(d: Draft) -> None:
    """Write a card of a member, a library or a gym."""
    d.line(tell("seller", d.of(f"{d.town} City Library|{d.of(goods.NAMES)} Fitness|{d.last} Sports Club|Museum Friends|{d.of(goods.NAMES)} Rewards|University of {d.town}|Alpine Club {d.town}")), size=1.3, bold=True, colour=d.accent)
    d.line(d.of("MEMBER CARD|Membership card|STUDENT CARD|Library card|STAFF ID|Gold member"), size=0.9)
    d.gap(1.5)
    d.pairs([("person", d.person(), d.of("Name|Member|Holder")), ("customer_number", d.fill("#### #### ####|M-######|#######"), d.name("customer_number", "Member No.", "Card No.", "ID No.")), optional(d, "issue_date", 0.4, d.date(-200), "Member since", "Issued"), optional(d, "expiry_date", 0.7, d.date(400, d.pick([d.dated, "%m/%y", "%m/%Y"])), "Valid until", "Expires", "Valid thru"), optional(d, "category", 0.4, d.of("Adult|Family|Student|Gold|Premium"), "Type", "Class")], d.pick(["above", "colon", "tab"]), columns=2)
    if d.maybe("phone", 0.25):
        d.line(f"If found please call {tell('phone', d.phone)}", size=0.75)


@kind("certificate", width=(900, 1250), size=(20, 27), fonts="serif serif2 italic", colours=0.35, could="score expiry_date duration phone certificate_number")
def certificate(d: Draft) -> None:
    """Write a certificate."""
    with d.frame(outline=d.accent, pad=2):
        d.line(tell("seller", d.of(f"{d.town} Language School|{d.last} Academy|Institute of {d.of('Safety|Design|Nursing|Baking')}|Swim Club {d.town}|{d.of(goods.NAMES)} College")), "c", size=1.1)
        d.gap()
        d.line(tell("title", d.of("CERTIFICATE OF COMPLETION|Certificate of Attendance|DIPLOMA|Certificate of Achievement|Award of Merit")), "c", size=2, bold=True, colour=d.accent)
        d.gap()
        d.line(d.of("This is to certify that|Awarded to|presented to"), "c")
        d.line(tell("recipient", d.person()), "c", size=1.8, font=d.pick(["italic", d.font]))
        course = d.of("First Aid|Business Spanish B2|Project Management|Food Hygiene Level 2|Web Design|Forklift Driving|Watercolour Painting|200 m Freestyle")
        d.line(f"{d.of('has completed the course|has successfully passed|for outstanding work in')} {tell('subject', course)}", "c")
        if d.maybe("score", 0.35):
            d.line(f"with {label(d.of('a score of|the grade|a mark of'))} {tell('score', d.of('92%|A|17 / 20|distinction|1.3'))}", "c")
        if d.maybe("duration", 0.35):
            d.line(f"({tell('duration', f'{d.n(4, 120)} hours')})", "c")
        d.gap(1.6)
        where = d.of(f"{d.town}, |") if d.odds(0.4) else ""
        name = d.person(0.1)
        d.row(f"{where}{label('Date') + ': ' if d.odds(0.4) else ''}{tell('date', d.date())}", tell("signature_name", name))
        d.row("", d.of("Director|Course leader|Head of School|President"), size=0.8)
        if d.maybe("certificate_number", 0.4):
            d.line(f"{label('No.')} {tell('certificate_number', d.fill('C-#####|####/##'))}", "c", size=0.75)


@kind("invitation", width=(620, 950), size=(20, 28), fonts="serif italic serif2 sans", colours=0.6, could="deadline phone email dress_code price speaker")
def invitation(d: Draft) -> None:
    """Write an invitation."""
    host = d.of(f"{d.first} and {d.first}|The {d.last} family|{d.person()}|{d.company()}")
    event = d.of("wedding|30th birthday|summer party|house warming|retirement party|gallery opening|baby shower|annual dinner")
    d.line(d.of("You are invited!|Save the date|INVITATION|Please join us"), "c", size=1.6, colour=d.accent)
    d.gap(0.6)
    d.line(f"{tell('sender', host)} {d.of('invite you to the|would love to see you at their|request the pleasure of your company at the')}", "c")
    d.line(tell("event", event), "c", size=1.5, bold=True)
    d.gap(0.6)
    d.line(f"{d.of('on|')} {tell('date', d.date(0, d.pick([d.dated, '%A, %D %B %Y', '%A %D %B'])))}".strip(), "c")
    d.line(f"{d.of('at|from')} {tell('time', d.clock(d.n(20, 42) * 30, d.short_time))}", "c")
    d.line(tell("venue", d.of(f"{d.last} Hall|Lakeside Garden|Villa {d.last}|The Old Barn|Hotel {d.town}")), "c")
    if d.maybe("address", 0.6):
        d.line(tell("address", plain_address(d, ", ")), "c", size=0.85)
    d.gap(0.6)
    if d.maybe("deadline", 0.6):
        d.line(f"{label(d.of('RSVP by|Please reply by|R.S.V.P. before'))} {tell('deadline', d.date(-14))}", "c", size=0.9)
    for meaning, odds, value in (("phone", 0.4, d.phone), ("email", 0.3, f"{d.first.lower()}@mail.example")):
        if d.maybe(meaning, odds):
            d.line(tell(meaning, value), "c", size=0.85)
    if d.maybe("dress_code", 0.3):
        d.line(f"{label('Dress code')}: {tell('dress_code', d.of('black tie|casual|white|smart casual'))}", "c", size=0.9)


@kind("handwritten_note", width=(420, 800), size=(24, 34), fonts="hand hand hand italic", colours=0.5, could="phone deadline address price")
def handwritten_note(d: Draft) -> None:
    """Write a note by hand: a message, or a list of what to buy."""
    if d.odds(0.5):
        d.line(f"{d.of('Dear|Hi|Hello')} {tell('recipient', d.first)},")
        d.line(d.of(f"Please call {tell('contact_person', d.first)} back at {tell('phone', d.phone)}.|The plumber comes at {tell('time', d.clock(d.n(16, 36) * 30, d.short_time))}. Please leave the key under the pot.|I have gone to the market and will be back at {tell('time', d.clock(d.n(16, 40) * 30, d.short_time))}.|Soup is in the fridge. {tell('instruction', 'Feed the cat')} please!|Gone to {tell('venue', d.of('the lake|grandma|the gym'))}. Back at {tell('time', d.clock(d.n(16, 40) * 30, d.short_time))}."))
        d.line(f"{d.of('Love|Thanks|See you|Bye')}, {tell('sender', d.first)}", d.pick("lr"))
        return
    d.line(tell("title", d.of("Shopping list|To buy|Groceries|To do|For Saturday")), bold=True)
    things = d.some(["milk", "eggs", "flour", "apples", "batteries", "soap", "bread", "tea", "stamps", "light bulb", "cat food", "onions", "candles"], 3, 8)
    rows = [[t, d.of("2|6|1 kg|3 packs|500 g|a dozen|")] for t in things]
    d.table("thing", "things", [("product_name", ""), ("quantity", "")], rows, heads=False, rules="none", align="ll")
