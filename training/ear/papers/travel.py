"""Tickets, passes, timetables and boards."""

# fmt: off

from __future__ import annotations

from functools import partial

from training.ear import goods
from training.ear.paper import Draft, Mark, Pair, kind, label, plain, tell
from training.ear.papers.invoices import optional
from training.ear.papers.receipts import said

CITIES = "Vienna|Lisbon|Oslo|Prague|Dublin|Madrid|Tokyo|Toronto|Denver|Seoul|Lima|Cairo|Athens|Bergen|Lyon|Porto|Zurich|Milan|Krakow|Boston|Mumbai|Penang|Sydney|Nairobi|Hanoi|Helsinki|Seville|Hamburg|Ghent|Leeds|Glasgow|Manila|Quito|Riga|Basel|Turin|Geneva|Utrecht"
_TICKET = partial(kind, width=(640, 1000), size=(17, 24), langs="all", colours=0.35)


def trip(d: Draft) -> tuple[str, str]:
    """Choose from where to where."""
    a, b = d.chance.sample(CITIES.split("|"), 2)
    station = d.of("|| Central| Hbf| North")
    return a + station, b + d.of("|| Central| Airport| Main Station")


@_TICKET("train_ticket", could="seat carriage platform booking_reference passenger discount arrival_time train_number expiry_date email gate")
def train_ticket(d: Draft) -> None:
    """Write a ticket of a railway."""
    a, b = trip(d)
    d.row(
        tell("seller", d.of("NordRail|InterCity Lines|Alpenbahn|Coastline|Trenord Express|RegioLink")),
        d.of("TICKET|Single|Return|E-Ticket|1st class|2nd class")
        if d.lang == "en"
        else {"de": "Fahrkarte", "fr": "Billet", "es": "Billete", "it": "Biglietto", "pt": "Bilhete", "nl": "Vervoerbewijs"}[d.lang],
        size=1.2,
        bold=True,
    )
    d.rule()
    start, long = d.n(300, 1320), d.n(25, 400)
    if d.odds(0.3):
        d.line(f"{tell('origin', a)} {d.pick(['-', '→', '>', '–'])} {tell('destination', b)}", size=1.4, bold=True)
        route: list[Pair] = []
    else:
        route = [("origin", a), ("destination", b)]
    d.pairs(
        [
            *route,
            ("date", d.date(), d.name("date", "Date", "Travel date", "Outward")),
            ("departure_time", d.clock(start, d.short_time)),
            optional(d, "arrival_time", 0.7, d.clock(start + long, d.short_time)),
            optional(d, "train_number", 0.7, d.fill("IC ###|RE #|ICE ####|TGV ####|#####")),
        ],
        columns=d.pick([2, 3]),
    )
    d.gap()
    d.pairs(
        [
            optional(d, "carriage", 0.6, str(d.n(1, 18))),
            optional(d, "seat", 0.6, d.fill("##@|##|1#")),
            optional(d, "platform", 0.25, d.fill("#|1#@")),
            optional(d, "class", 0.5, d.pick(["1", "2"]), "Class") if d.lang == "en" else None,
            optional(d, "passenger", 0.5, d.person()),
        ],
        d.pick(["head", "above", "colon", "tab"]),
    )
    d.rule()
    d.pairs(
        [
            ("price", d.money(d.price(45), True), d.name("price", "Fare", "Price", "Total fare")),
            optional(d, "booking_reference", 0.6, d.fill("@@@###|@#@#@#")),
            optional(d, "ticket_number", 0.4, d.fill("###########"), "Ticket no."),
        ],
        d.pick(["colon", "wide", "above"]),
    )
    if d.lang == "en":
        d.line(d.of("Not valid on other operators|Valid with photo ID only|No refunds after departure"), size=0.8)


@_TICKET("bus_ticket", could="seat passenger ticket_number duration discount")
def bus_ticket(d: Draft) -> None:
    """Write a ticket of a bus or a tram."""
    d.line(tell("seller", d.of(f"{d.town} Transit|CityBus|MetroLink|{d.last} Coaches|Verkehrsverbund {d.town}")), "c", size=1.3, bold=True)
    d.line(d.of("Single ticket|Day ticket|Adult single|Weekly pass|Return") if d.lang == "en" else {"de": "Einzelfahrschein", "fr": "Ticket 1 trajet"}.get(d.lang, "Ticket"), "c")
    start = d.n(300, 1350)
    a, b = trip(d)
    d.pairs(
        [
            ("date", d.date()),
            ("time", d.clock(start, d.short_time), d.name("time", "Time", "Issued at")),
            optional(d, "line_or_route", 0.7, d.fill("##|#@|###"), "Line", "Route", "Service"),
            optional(d, "origin", 0.5, a, "From", "Boarding stop"),
            optional(d, "destination", 0.4, b, "To"),
            optional(d, "zone", 0.4, d.fill("#|@|1-#"), "Zone", "Zones") if d.lang == "en" else None,
            ("price", d.money(d.price(2.8), True), d.name("price", "Fare", "Price", "Paid")),
            optional(d, "expiry_date", 0.4, d.clock(start + 90, d.short_time), "Valid until", "Expires"),
            optional(d, "ticket_number", 0.5, d.fill("#######")),
        ]
    )
    d.gap()
    d.line(d.of("Please keep until the end of your journey|Valid for 90 minutes|Non-transferable") if d.lang == "en" else said(d, "legal"), "c", size=0.85)


@_TICKET("boarding_pass", langs="en", could="terminal booking_reference arrival_time weight carriage price platform ticket_number")
def boarding_pass(d: Draft) -> None:
    """Write a boarding pass, now and then with its stub."""
    a, b = d.chance.sample(CITIES.split("|"), 2)
    d.row(
        tell("seller", d.of("Skyline Air|Nordwind|Pacific Blue|AeroLima|Kestrel Airways|Blue Heron")), d.of("BOARDING PASS|Boarding pass|BOARDING CARD"), size=1.4, bold=True, colour=d.accent
    )
    d.rule()
    start, long = d.n(300, 1320), d.n(60, 600)
    name = d.pick([f"{d.last.upper()}/{d.first.upper()}", d.person()])
    d.pairs(
        [
            ("passenger", name, d.name("passenger", "Passenger", "Name", "Name of passenger")),
            ("flight_number", d.fill("@@###|@@ ####"), d.name("flight_number", "Flight", "Flight no.")),
            ("date", d.date(0, d.pick(["", "%d%b", "%d %b %Y"])), d.name("date", "Date")),
        ],
        d.pick(["above", "colon", "tab"]),
        columns=3,
    )
    if d.odds(0.5):
        d.pairs([("origin", f"{a} {a[:3].upper()}"), ("destination", f"{b} {b[:3].upper()}")], "above", columns=2)
    else:
        d.row(f"{label('From')} {tell('origin', a)}", f"{label('To')} {tell('destination', b)}", size=1.3)
    d.gap(0.5)
    d.pairs(
        [
            ("boarding_time", d.clock(start - 40, d.short_time), d.of("Boarding|Boarding time|BOARDING AT")),
            ("departure_time", d.clock(start, d.short_time), d.name("departure_time", "Departs", "Departure", "STD")),
            optional(d, "arrival_time", 0.3, d.clock(start + long, d.short_time), "Arrives", "STA"),
            ("gate", d.fill("@##|##|@#"), d.name("gate", "Gate")),
            ("seat", d.fill("##@|#@"), d.name("seat", "Seat")),
            optional(d, "terminal", 0.4, d.fill("#|@"), "Terminal"),
            ("group", str(d.n(1, 6)), d.of("Group|Zone|Boarding group")) if d.odds(0.5) else None,
        ],
        d.pick(["head", "above", "above"]),
        columns=4,
        bold=True,
    )
    d.pairs(
        [
            optional(d, "booking_reference", 0.6, d.fill("@@@@##|@#@#@@"), "PNR", "Booking ref"),
            optional(d, "class", 0.5, d.of("Economy|Business|Y|Premium"), "Class"),
            optional(d, "ticket_number", 0.3, d.fill("ETKT ### ##########"), "Ticket"),
        ],
        "colon",
        size=0.9,
    )
    if d.odds(0.5):
        d.line(d.of("Gate closes 15 minutes before departure|Be at the gate on time|Have your passport ready"), size=0.85)


@_TICKET("event_ticket", could="seat time price booking_reference minimum_age speaker gate phone")
def event_ticket(d: Draft) -> None:
    """Write a ticket for a concert, a film or a play."""
    cinema = d.odds(0.4)
    event = (
        d.of("The Long River|Moonfall Road|Captain Dust|A Winter in Oslo|Seven Doors|Robot Picnic|The Glass Garden")
        if cinema
        else d.of(f"{d.first} {d.last} Live|The {d.of(goods.NAMES)} Quartet|Swan Lake|Jazz Night|{d.of(goods.NAMES)} Festival|Hamlet|Comedy Gala|Requiem in D minor")
    )
    venue = d.of(f"Odeon {d.town}|Cine {d.last}|{d.of(goods.NAMES)} Theatre|City Hall|{d.town} Arena|Concert House")
    start = d.n(56, 90) * 15
    order = ["venue", "event"] if d.odds(0.4) else ["event", "venue"]
    for meaning in order:
        d.line(tell(meaning, event if meaning == "event" else venue), d.pick("lc"), size=1.7 if meaning == "event" else 1.1, bold=meaning == "event", colour=d.accent)
    d.gap()
    d.pairs(
        [
            ("date", d.date()),
            ("time", d.clock(start, d.short_time), d.name("time", "Time", "Starts", "Begins")),
            optional(d, "doors_open", 0.3, d.clock(start - 60, d.short_time), "Doors", "Doors open") if d.lang == "en" else None,
            optional(d, "room", 0.5, str(d.n(1, 12)), "Screen", "Hall", "Auditorium") if cinema else None,
            optional(d, "row", 0.6, d.fill("@|##"), "Row", "ROW") if d.lang == "en" else None,
            optional(d, "seat", 0.75, d.fill("##|#|@##"), "Seat", "SEAT"),
        ],
        d.pick(["above", "head", "colon", "tab"]),
    )
    d.gap(0.5)
    d.pairs(
        [
            optional(d, "price", 0.8, d.money(d.price(32), True), "Price", "Admission"),
            optional(d, "fee", 0.25, d.money(d.price(3), True), "Booking fee"),
            optional(d, "booking_reference", 0.5, d.fill("@@####|########"), "Order", "Ref"),
            optional(d, "category", 0.4, d.of("Adult|Child|Student|VIP|Standing|Balcony"), "Type", "Category") if d.lang == "en" else None,
        ],
        d.pick(["colon", "wide", "above"]),
    )
    if d.maybe("minimum_age", 0.2) and d.lang == "en":
        d.line(f"No admission under {tell('minimum_age', str(d.pick([12, 15, 16, 18])))}", size=0.9)


@_TICKET("sports_ticket", langs="en", could="price time booking_reference speaker email")
def sports_ticket(d: Draft) -> None:
    """Write a ticket for a match."""
    a, b = d.chance.sample([t + d.of(" United| City| Rovers| FC| Tigers") for t in ("Leeds", "Porto", "Basel", "Ghent", "Boston", "Perth", "Durban", "Pune")], 2)
    d.line(tell("competition", d.of("Premier Division|Cup Final|Round 12|Friendly|Semi-final|Regional League")), "c")
    d.line(f"{tell('home_team', a)} {d.of('v|vs|-|VS.')} {tell('away_team', b)}", "c", size=1.5, bold=True, colour=d.accent)
    d.line(tell("venue", d.of(f"{d.last} Park|{d.town} Stadium|Arena {d.of(goods.NAMES)}")), "c")
    d.gap()
    d.pairs([("date", d.date()), ("time", d.clock(d.n(44, 82) * 15, d.short_time), d.of("Kick-off|Time|Starts"))], d.pick(["colon", "tab", "above"]))
    d.pairs(
        [
            ("gate", d.fill("@|#|@#"), d.of("Gate|Entrance|Turnstile")),
            ("block", d.fill("@|###|N#"), d.of("Block|Section|Stand")),
            ("row", d.fill("##|@"), "Row"),
            ("seat", d.fill("##|###"), "Seat"),
        ],
        d.pick(["head", "above", "head"]),
        columns=4,
    )
    d.gap(0.5)
    d.pairs([optional(d, "price", 0.7, d.money(d.price(38), True)), optional(d, "buyer", 0.3, d.person(), "Name", "Holder")], "colon")


@kind("timetable", width=(760, 1200), langs="all", could="price platform phone")
def timetable(d: Draft) -> None:
    """Write a timetable: stops by trips, or trips by their times."""
    line = d.fill("##|S#|#@|RE#")
    d.line(f"{label(d.name('line_or_route', 'Line', 'Route', 'Bus'))} {tell('line_or_route', line)}", size=1.6, bold=True)
    stops = d.some([*CITIES.split("|"), "Market Square", "Hospital", "University", "Old Bridge", "Town Hall", "Airport", "Museum", "Beach"], 4, 9)
    if d.odds(0.6):
        d.line(f"{tell('origin', stops[0])} {d.pick(['–', '-', '→'])} {tell('destination', stops[-1])}", size=1.1)
    if d.odds(0.5):
        d.line(f"{d.of('Monday to Friday|Daily|Sundays and holidays|Saturdays') if d.lang == 'en' else d.weekdays()[0] + ' - ' + d.weekdays()[4]}", size=0.9)
    d.gap()
    start, step = d.n(290, 500), d.pick([20, 30, 60, 45])
    form = "%H:%M" if "p" in d.timed or "S" in d.timed or "U" in d.timed else d.timed
    at, rows = 0, []
    trips = d.n(3, 7)
    if d.odds(0.65):
        for stop in stops:
            rows.append([stop, *[d.clock(start + at + t * step, form) for t in range(trips)]])
            at += d.n(3, 18)
        for row in rows[1:]:
            for c in range(1, len(row)):
                if d.odds(0.06):
                    row[c] = ""
        d.table(
            "stop",
            "stops",
            [("stop", d.of("Stop|Station|") if d.lang == "en" else ""), *[("departure_time", d.fill("###") if d.odds(0.5) else "") for _ in range(trips)]],
            rows,
            align="l" + "c" * trips,
            spread=True,
        )
    else:
        for _ in range(d.n(4, 9)):
            at += d.n(20, 70)
            rows.append([d.clock(start + at, form), d.clock(start + at + d.n(15, 90), form), d.fill("###|IC ##"), d.fill("#|1#")])
        d.table(
            "train",
            "trains",
            [
                ("departure_time", d.name("departure_time", "Dep.", "Departs")),
                ("arrival_time", d.name("arrival_time", "Arr.", "Arrives")),
                ("train_number", d.name("train_number", "Train", "No.")),
                ("platform", said(d, "platform")),
            ],
            rows,
            key=2,
            heads=True,
            spread=True,
        )
    d.gap()
    if d.odds(0.4) and d.lang == "en":
        d.line(f"{d.of('Valid from')} {tell('start_date', d.date())}", size=0.85)
    else:
        d.absent("start_date", "expiry_date")


@kind("departures_board", width=(900, 1300), size=(20, 28), dark=0.75, could="price seat distance arrival_time temperature")
def departures_board(d: Draft) -> None:
    """Write a board of departures or arrivals."""
    air, leave = d.odds(0.5), d.odds(0.75)
    d.row(tell("title", d.of("DEPARTURES|Departures") if leave else d.of("ARRIVALS|Arrivals")), tell("time", d.clock(d.n(300, 1300), d.short_time)), size=1.5, bold=True, colour=d.accent)
    d.gap()
    at, rows = d.n(300, 1100), []
    towns = d.some(CITIES.split("|"), 4, 10)
    if d.odds(0.3):
        towns[-1] = towns[0]
    for town in towns:
        at += d.n(3, 35)
        late = d.odds(0.2)
        status = (
            d.of("Delayed|Cancelled|" + f"Expected {d.clock(at + d.n(5, 60), d.short_time)}")
            if late
            else d.of("On time|On time|Boarding|Final call|Gate closed|")
            if air
            else d.of("On time|On time||")
        )
        rows.append(
            [
                d.clock(at, d.short_time),
                d.fill("@@ ###|@@####") if air else d.fill("IC ##|RE #|S#|ICE ###"),
                town.upper() if d.odds(0.1) else town,
                d.fill("@##|@#|##") if air else d.fill("#|1#|#@"),
                status,
            ]
        )
    columns = [
        ("departure_time" if leave else "arrival_time", d.of("Time|Dep.|Departure") if leave else d.of("Time|Arrival|Arr.")),
        ("flight_number", "Flight") if air else ("train_number", "Train"),
        ("destination" if leave else "origin", d.of("To|Destination") if leave else d.of("From|Origin")),
        ("gate", "Gate") if air else ("platform", d.of("Platform|Track|Plat.")),
        ("status", d.of("Status|Remarks")),
    ]
    if d.odds(0.3):
        columns, rows = columns[:1] + columns[2:3] + columns[1:2] + columns[3:], [r[:1] + r[2:3] + r[1:2] + r[3:] for r in rows]
        grow = 1
    else:
        grow = 2
    noun = "flight" if air else "train"
    d.table(noun, noun + "s", columns, rows, heads=True, grow=grow, key=3 - grow, spread=True, rules=d.pick(["none", "rows"]), align="lllll")
    if d.odds(0.3):
        d.line(d.of("Do not leave luggage unattended|Platform changes are announced|Free Wi-Fi in all waiting areas"), "c", size=0.85)


@_TICKET("booking", langs="en", could="phone discount seat gate email price total tax")
def booking(d: Draft) -> None:
    """Write the confirmation of a stay or a table."""
    hotel = d.odds(0.6)
    name = d.of(f"Hotel {d.town}|{d.last} Lodge|Sea View Apartments|The {d.of('Royal|Park|Old')} Inn") if hotel else d.of(f"Bistro {d.last}|The {d.of(goods.NAMES)} Kitchen")
    d.line(tell("heading", d.of("Booking confirmed|Reservation confirmation|Your booking is confirmed")), size=1.5, bold=True, colour=d.accent)
    d.gap()
    nights = d.n(1, 9)
    d.pairs(
        [
            ("venue", name, d.of("Hotel|Property") if hotel else "Restaurant"),
            ("booking_reference", d.fill("########|@@@###")),
            ("buyer", d.person(), d.of("Guest|Booked by|Name")),
            *(
                [("start_date", d.date(), d.of("Check-in|Arrival")), ("end_date", d.date(nights), d.of("Check-out|Departure"))]
                if hotel
                else [("date", d.date()), ("time", d.clock(d.n(72, 84) * 15, d.short_time))]
            ),
            ("count_of_people", str(d.n(1, 6)), d.of("Guests|Party size|Persons")),
            optional(d, "room", 0.5, d.of("Double room, sea view|Single room|Twin room|Family suite"), "Room type", "Room") if hotel else None,
            optional(d, "phone", 0.4, d.phone),
            ("total", d.money(d.price(90) * nights, True), d.of("Total price|Total|To pay at the hotel")) if hotel else None,
        ]
    )
    d.gap()
    if hotel:
        d.line(f"Free cancellation until {tell('deadline', d.date(-d.n(2, 7)))}." if d.odds(0.6) else "This booking cannot be cancelled.", size=0.9)
    d.line(f"{label('Address')}: {tell('address', f'{d.street()}, {d.place()[0]}')}", size=0.9)


@kind("visa_stamp", width=(520, 820), size=(17, 24), could="fee passenger phone")
def visa_stamp(d: Draft) -> None:
    """Write a visa or a stamp of a border, without a person."""
    land = d.of("REPUBLIC OF KARELLA|KINGDOM OF NORDMARK|UNITED ISLES|STATE OF ALTAVIA|FEDERATION OF LORENIA")
    with d.frame(outline=d.pick(["#1a3c8c", "#207030", "#b02020"]), pad=1):
        d.line(tell("country", land), "c", size=1.3, bold=True)
        d.line(d.of("VISA|ENTRY PERMIT|IMMIGRATION|TOURIST VISA"), "c", size=1.1)
        d.gap(0.5)
        d.pairs(
            [
                ("category", d.of("Tourist|Business|Transit|Student"), d.of("Type|Category|Visa type")),
                ("visa_number", d.fill("@#######|########"), d.of("Visa No.|No.")),
                ("issue_date", d.date(), d.name("issue_date", "Issued", "Date of issue", "Valid from")),
                ("expiry_date", d.date(d.n(30, 365)), d.name("expiry_date", "Valid until", "Expires", "Expiry")),
                optional(d, "duration", 0.6, f"{d.pick([14, 30, 60, 90])} days", "Duration of stay", "Stay"),
                optional(d, "entries", 0.6, d.of("Single|Multiple|MULT|1"), "Entries", "No. of entries"),
                optional(d, "city", 0.5, d.of(CITIES), "Issued at", "Place of issue"),
            ],
            d.pick(["tab", "colon", "above", "wide"]),
        )


@_TICKET("parking_fine", langs="en", could="phone email due_date discount iban time")
def parking_fine(d: Draft) -> None:
    """Write a notice of a fine."""
    d.line(tell("heading", d.of("PENALTY CHARGE NOTICE|PARKING VIOLATION|Notice of Infringement|PARKING FINE")), "c", size=1.5, bold=True)
    d.line(tell("seller", d.of(f"City of {d.town}|{d.town} Borough Council|{d.town} Police")), "c")
    d.gap()
    fine = d.price(70)
    early = d.maybe("discount", 0.5)
    d.pairs(
        [
            ("ticket_number", d.fill("PCN######|########|@@ ######"), d.of("Notice No.|Ticket No.|PCN")),
            ("licence_plate", d.fill("@@## @@@|@@@ ####"), d.name("licence_plate", "Vehicle registration", "Licence plate", "Reg. mark")),
            ("date", d.date(), d.of("Date of offence|Date|Date issued")),
            optional(d, "time", 0.8, d.clock(d.n(480, 1200), d.short_time)),
            ("address", d.street(), d.of("Location|Street|Place")),
            (
                "reason",
                d.of("Parked without valid ticket|Expired meter|Parked on double yellow lines|Blocking a driveway|No permit displayed|Speeding 64 in a 50 zone"),
                d.name("reason", "Offence", "Contravention", "Reason"),
            ),
            optional(d, "brand", 0.5, d.of("Toyota, blue|Ford, white|Skoda, red|Fiat, grey"), "Vehicle", "Make and colour"),
            optional(d, "officer", 0.4, d.fill("####"), "Officer", "Issued by officer"),
        ],
        d.pick(["tab", "colon", "above", "wide"]),
    )
    d.rule()
    d.row(label(d.name("fine_amount", "Amount due", "Penalty", "Fine")), tell("fine_amount", d.money(fine * 2 if early else fine, True)), size=1.3, bold=True)
    if early:
        d.line(f"Reduced to {tell('discounted_fine', d.money(fine, True))} if paid within 14 days.")
    if d.maybe("due_date", 0.7):
        d.line(f"{label(d.name('due_date', 'Pay by', 'Payment due', 'Due date'))}: {tell('due_date', d.date(28))}")
    d.gap()
    d.line(f"Pay online at {tell('website', 'www.pay-' + plain(d.town).lower() + '.example')}" if d.odds(0.5) else "Pay at any post office or by cheque.", size=0.9)


@_TICKET("luggage_tag", langs="en", width=(420, 700), could="phone seat gate price")
def luggage_tag(d: Draft) -> None:
    """Write the tag of a piece of luggage."""
    a, b = d.chance.sample(CITIES.split("|"), 2)
    d.line(tell("destination", b.upper()), "c", size=2.6, bold=True)
    d.pairs(
        [
            ("flight_number", d.fill("@@ ###")),
            ("date", d.date(0, "%d %b")),
            optional(d, "origin", 0.5, a, "From"),
            ("passenger", f"{d.last.upper()}/{d.first[0]}"),
            ("tag_number", d.fill("00## ######"), d.of("Bag tag|Tag no.")),
            ("weight", f"{d.n(6, 30)} kg", d.of("Weight|WT")),
        ],
        d.pick(["tab", "colon", "above"]),
    )
    d.marks.append(Mark((d.x, d.y + 5, d.x + d.w, d.y + 6), d.ink, shape="line"))
    d.gap()
    d.line(d.of("1 of 1|Piece 1/2|RUSH|PRIORITY"), "c")
