"""What hangs on doors, walls and shelves: menus, prices, hours, signs, posters."""

# fmt: off

from __future__ import annotations

from functools import partial

from training.ear import goods
from training.ear.paper import Draft, Mark, Pair, kind, label, tell
from training.ear.papers.invoices import optional, plain_address
from training.ear.papers.receipts import said
from training.ear.papers.travel import CITIES

_SIGN = partial(kind, width=(520, 1000), size=(24, 36), colours=0.5, dark=0.25, fonts="sans sans sans2 narrow serif")


@kind("menu", width=(700, 1100), size=(18, 26), langs="all", fonts="serif serif2 sans italic narrow", colours=0.4, dark=0.1, could="phone opening_hours service_charge website allergens address")
def menu(d: Draft) -> None:
    """Write the menu of a restaurant."""
    if d.odds(0.7):
        d.line(tell("seller", d.of(f"Café {d.last}|Bistro {d.town}|{d.of(goods.NAMES)} Kitchen|Osteria {d.first}|The {d.of(goods.NAMES)}")), "c", size=1.8, bold=True, colour=d.accent)
    d.line(tell("heading", said(d, "menu")), "c", size=1.2)
    d.gap()
    dishes = d.some(goods.DISHES[d.lang], 5, 16)
    signed = d.pick([True, False, True])
    parts = d.pick([1, 2, 3]) if len(dishes) > 7 and d.lang == "en" else 1
    titles = [("STARTERS", "MAINS", "DESSERTS & DRINKS"), ("Small plates", "Large plates", "Sweet things"), ("Morning", "Noon", "Evening")]
    chosen, head = d.pick(titles), d.odds(0.25)
    rules = d.pick(["none", "none", "rows"])
    for part in range(parts):
        if parts > 1:
            d.line(chosen[part], d.pick("lc"), bold=True, size=1.2, colour=d.accent)
        rows = [[t + (d.of(" (v)| (vg)||| (hot)") if d.lang == "en" else ""), d.money(d.price(p), signed)] for t, p in dishes[part::parts]]
        d.table("dish", "dishes", [("product_name", d.name("product_name", "Dish") if head else ""), ("price", d.name("price", "Price") if head else "")], rows, rules=rules, heads=head)
        d.gap()
    if d.lang == "en":
        for meaning, odds, text in (("service_charge", 0.2, f"A {tell('service_charge', '12.5%')} service charge is added to tables of six and more"), ("allergens", 0.25, f"Our kitchen handles {tell('allergens', d.of('nuts, milk and gluten|fish, sesame and soy|nuts'))}"),
                                    ("opening_hours", 0.25, f"Open {tell('opening_hours', d.of('daily 11:30 - 22:00|Tue - Sun 6 pm to 11 pm'))}")):
            if d.maybe(meaning, odds):
                d.line(text, "c", size=0.8)


@kind("price_list", width=(620, 1000), size=(18, 26), langs="all", colours=0.35, dark=0.1, could="phone email address website start_date tax discount")
def price_list(d: Draft) -> None:
    """Write a list of prices of a shop or a service."""
    services = "Wash and cut=35|Colour=62|Beard trim=18|Full massage 60 min=75|Facial=55|Manicure=28|Shirt ironing=4|Suit cleaning=19|Tyre change=25|Bike service=49|Key copy=8|Passport photos=12|Adult ticket=14|Child ticket=7|Family ticket=35|Boat hire 1 hour=22|Piano lesson=40|Yoga class=16|Dog grooming=45|Screen repair=89|Car wash=12|Deep clean=95|Sauna=21|Locker=2"
    things = [(t, float(p)) for t, p in (x.split("=") for x in services.split("|"))] if d.lang == "en" and d.odds(0.7) else list(goods.WARES[d.lang])
    d.line(tell("seller", d.company()), "c", size=1.3, bold=True)
    d.line(tell("heading", d.of("PRICE LIST|Prices|Our prices|Rates")) if d.lang == "en" else d.name("price"), "c", size=1.6, colour=d.accent)
    d.gap()
    signed = d.odds(0.7)
    rows = [[t, d.money(d.price(p), signed)] for t, p in d.some(things, 4, 11)]
    columns = [("product_name", d.name("product_name", "Service", "Item")), ("price", d.name("price", "Price", "From"))]
    if d.odds(0.3) and d.lang == "en":
        rows = [[a, f"{d.n(2, 18) * 5} min", b] for a, b in rows]
        columns.insert(1, ("duration", "Time"))
    d.table("service", "services", columns, rows, heads=d.odds(0.5))
    d.gap()
    if d.maybe("start_date", 0.3) and d.lang == "en":
        d.line(f"{label(d.of('Valid from|Prices from'))} {tell('start_date', d.date())}", size=0.85)
    if d.maybe("phone", 0.4):
        d.line(f"{label(d.name('phone'))} {tell('phone', d.phone)}", size=0.9)


@_SIGN("opening_sign", langs="all", could="phone website email address fax price")
def opening_sign(d: Draft) -> None:
    """Write when a shop is open."""
    if d.odds(0.6):
        d.line(tell("seller", d.company()), "c", size=1.2, bold=True)
    d.line(tell("heading", said(d, "hours")), "c", size=1.3, colour=d.accent, bold=d.odds(0.5))
    d.gap()
    form = d.pick(["%H:%M", "%H:%M", d.short_time, "%i %q" if d.lang == "en" else "%H:%M"])
    def span(a: int, b: int) -> str:
        return f"{d.clock(a * 30, form)}{d.pick([' - ', '-', ' – '])}{d.clock(b * 30, form)}"
    short = d.odds(0.5)
    days, closed = d.weekdays(short), said(d, "closed")
    a, b = d.n(12, 20), d.n(34, 42)
    if d.odds(0.5):
        rows = [[day, span(a, b)] for day in days[:5]] + [[days[5], span(a + 2, b - 6)], [days[6], closed if d.odds(0.75) else span(a + 4, b - 10)]]
        if d.odds(0.3):
            rows[d.n(0, 4)][1] = closed
    else:
        join = d.pick([" - ", "-", " – "])
        rows = [[f"{days[0]}{join}{days[4]}", span(a, b)], [days[5], span(a + 2, b - 6)], [days[6], closed]]
    d.table("day", "days", [("day", ""), ("opening_hours", "")], rows, heads=False, rules=d.pick(["none", "none", "rows"]), align="l" + d.pick("lr"))
    d.gap()
    if d.maybe("phone", 0.4):
        d.line(f"{label(d.name('phone'))} {tell('phone', d.phone)}", "c", size=0.75)
    if d.maybe("website", 0.3):
        d.line(tell("website", "www." + d.domain(d.last)), "c", size=0.75)
    if d.odds(0.3) and d.lang == "en":
        d.line(tell("note", d.of("Closed on public holidays|Last entry 30 minutes before closing|Lunch break 12:30 - 13:30|Ring the bell")), "c", size=0.75)


@_SIGN("shelf_label", langs="all", width=(420, 760), size=(17, 24), could="expiry_date discount best_before made_in savings brand allergens")
def shelf_label(d: Draft) -> None:
    """Write the label of a price at a shelf."""
    thing, about = d.pick(goods.GROCERIES[d.lang])
    price, grams = d.price(about), d.pick([100, 200, 250, 400, 500, 750, 1000])
    old = d.maybe("old_price", 0.3)
    unit = d.pick(["kg", "l"])
    each = round(price * 1000 / grams)
    if d.maybe("brand", 0.35):
        d.line(tell("brand", d.of(goods.NAMES)))
    d.line(tell("product_name", thing.upper() if d.odds(0.3) else thing), size=1.4, bold=True)
    if old:
        d.line(f"{label('Was') if d.lang == 'en' else ''} {tell('old_price', d.money(round(price * 1.3), True))}".strip())
    d.line((f"{label('Now')} " if old and d.lang == "en" else "") + tell("price", d.money(price, True)), d.pick("lrc"), size=3, bold=True, colour=d.accent)
    size = f"{grams} g" if unit == "kg" else f"{grams} ml"
    d.row(tell("weight" if unit == "kg" else "volume", size), tell("unit_price", f"{d.money(each, True)}/{unit}") if d.odds(0.6) else f"1 {unit} = {tell('unit_price', d.money(each, True))}", size=0.85)
    if d.maybe("article_number", 0.6):
        d.row(tell("article_number", d.fill("######|###.###.##")), d.fill("#############"), size=0.75)


@_SIGN("shop_sign", could="closing_time discount email fax price founder")
def shop_sign(d: Draft) -> None:
    """Write a sign over a shop or at its door."""
    d.line(tell("seller", d.company() if d.odds(0.5) else f"{d.last}'s {d.of('Bakery|Barber|Butcher|Books|Shoes|Garage|Flowers|Café|Bikes')}"), "c", size=d.pick([2, 2.6]), bold=True, colour=d.accent)
    if d.odds(0.5):
        d.line(tell("slogan", d.of("Fresh every morning|Repairs while you wait|Family business since 1954|New & used|Cash only|Everything must go")), "c")
    if d.maybe("discount", 0.2):
        d.line(f"SALE {tell('discount', f'{d.n(2, 14) * 5}%')} OFF", "c", size=1.6, bold=True)
    for meaning, odds, text in (("opening_hours", 0.5, d.of("Mon - Sat 9:00 - 18:00|Open 24 hours|7 am to 11 pm|Daily 10-20")), ("phone", 0.5, d.phone), ("website", 0.3, "www." + d.domain(d.last)), ("address", 0.3, d.street())):
        if d.maybe(meaning, odds):
            d.line(tell(meaning, text), "c", size=0.9)


@_SIGN("warning_sign", langs="en", could="phone voltage minimum_age fine_amount opening_hours speed_limit price")
def warning_sign(d: Draft) -> None:
    """Write a sign that warns or forbids."""
    word = d.of("DANGER|WARNING|CAUTION|NOTICE|ATTENTION|PRIVATE PROPERTY")
    with d.frame(outline=d.accent, pad=0.8):
        d.line(tell("heading", word), "c", size=2, bold=True, colour=d.accent)
        text = d.of("High voltage|Wet floor|No smoking|Hard hats must be worn|Deep water|Beware of the dog|Slippery when wet|Do not enter|No dogs allowed|No parking in front of gate|Falling rocks|CCTV in operation|Keep off the grass|Authorised personnel only|Flammable gas|Wear eye protection|Emergency exit, keep clear|No swimming")
        d.line(tell("warning", text.upper() if d.odds(0.4) else text), "c", size=1.4)
        if d.odds(0.4):
            d.line(tell("instruction", d.of("Keep out|Switch off before opening|Use the other door|Report to reception|Wash your hands|Walk on the left")), "c")
        if text == "High voltage":
            d.line(tell("voltage", d.of("400 V|11,000 volts|230 V")), "c")
        for meaning, odds, line in (("fine_amount", 0.2, f"{label('Penalty')} {tell('fine_amount', d.money(d.price(90), True))}"), ("phone", 0.25, f"{label(d.of('In emergency call|Contact'))} {tell('phone', d.phone)}"), ("minimum_age", 0.1, f"No entry under {tell('minimum_age', '18')}")):
            if d.maybe(meaning, odds):
                d.line(line, "c", size=0.8)


@_SIGN("road_sign", langs="en", could="speed_limit height price phone time")
def road_sign(d: Draft) -> None:
    """Write a sign along a road: towns with distances, or limits."""
    unit = "mi" if d.country.code in ("US", "GB") else "km"
    way = d.n(0, 3)
    if way == 0:
        at, rows = d.n(2, 20), []
        for town in d.some(CITIES.split("|"), 2, 5):
            rows.append([town.upper() if d.odds(0.2) else town, f"{at}{d.pick([' ' + unit, ''])}"])
            at += d.n(3, 90)
        if d.odds(0.5):
            d.line(tell("line_or_route", d.fill("A##|M#|E##|B####")), d.pick("lr"), bold=True)
        d.table("town", "towns", [("destination", ""), ("distance", "")], rows, heads=False, rules="none", align="lr")
    elif way == 1:
        d.line(d.of("SPEED LIMIT|MAXIMUM SPEED|Drive slowly"), "c", bold=True)
        d.line(tell("speed_limit", f"{d.n(2, 12) * 10}{d.pick(['', ' km/h' if unit == 'km' else ' mph'])}"), "c", size=3, bold=True)
        if d.odds(0.4):
            d.line(tell("reason", d.of("School zone|Road works|Residential area|Children playing")), "c", size=0.9)
    elif way == 2:
        d.line(tell("address", d.street().lstrip("0123456789No., ")), "c", size=2, bold=True)
        if d.odds(0.5):
            d.line(tell("postcode", d.place()[1] or d.fill("####")), "r", size=0.9)
    else:
        d.line(tell("instruction", d.of("No parking|Loading only|Residents only|One way|Keep left|Buses only|Pay and display")), "c", size=1.7, bold=True)
        d.line(tell("period", d.of("Mon - Fri 8 am - 6 pm|7:00 - 19:00|At any time|Sat 9 - 13 h")), "c")
        if d.maybe("duration", 0.4):
            d.line(f"Max stay {tell('duration', f'{d.pick([30, 60, 90, 120])} min')}", "c")


@_SIGN("poster", langs="en", could="minimum_age deadline fee phone seat")
def poster(d: Draft) -> None:
    """Write a poster for an event."""
    event = d.of(f"{d.of('Summer|Winter|Spring|Street|Book|Film|Food|Wine|Science|Craft')} {d.of('Festival|Fair|Market|Night|Week|Show')}|Charity Run|Open Day|{d.of(goods.NAMES)} Choir|Flea Market|Lecture: {d.of('Stars|Bees|Rivers|Old Maps')}|Harvest Dance")
    align = d.pick("clc")
    if d.odds(0.4):
        d.line(f"{tell('sender', d.of(f'{d.town} Music Society|City Library|{d.last} Foundation|Youth Club'))} presents", align, size=0.9)
    d.line(tell("event", event), align, size=2.4, bold=True, colour=d.accent)
    if d.odds(0.4):
        d.line(tell("subtitle", d.of("Music, food and games|An evening for everyone|50 stalls, 3 stages|with live band")), align)
    if d.maybe("speaker", 0.35):
        d.line(f"{label(d.of('with|Speaker:|Guest:'))} {tell('speaker', d.person(0.2))}", align)
    d.gap()
    start = d.n(18, 42) * 30
    whole = d.odds(0.5)
    date = d.date(0, d.pick([d.dated, "%A %D %B", "%A, %B %D", "%D %B"]))
    if whole:
        d.line(f"{tell('date', date)}{d.pick([', ', ' at ', ' | '])}{tell('time', d.clock(start, d.short_time))}", align, size=1.3)
    else:
        d.line(tell("date", date), align, size=1.4)
        d.line(tell("time", d.clock(start, d.short_time)), align)
    d.line(tell("venue", d.of(f"{d.town} Town Hall|Central Park|{d.last} Theatre|Harbour Square|School Gym|Old Brewery")), align)
    if d.maybe("address", 0.4):
        d.line(tell("address", plain_address(d, ", ")), align, size=0.8)
    d.gap()
    if d.maybe("price", 0.7):
        d.line(f"{label(d.of('Tickets|Entry|Admission|Entrance fee'))}{d.pick([': ', ' '])}{tell('price', d.pick([d.money(d.price(12), True), 'free', d.money(d.price(8), True)]))}", align)
    if d.maybe("website", 0.4):
        d.line(tell("website", "www." + d.domain(event)), align, size=0.85)
    if d.maybe("email", 0.15):
        d.line(f"{label('Contact')} {tell('email', f'info@{d.domain(event)}')}", align, size=0.85)


@_SIGN("house_rules", langs="en", size=(18, 26), width=(620, 1000), could="phone price opening_hours fine_amount minimum_age")
def house_rules(d: Draft) -> None:
    """Write the rules of a pool, a flat or a library."""
    d.line(tell("title", d.of("HOUSE RULES|Pool rules|Library rules|Gym rules|Campsite rules")), d.pick("lc"), size=1.6, bold=True, colour=d.accent)
    d.gap()
    rules = ["No running", "No food or drinks", "Shower before you swim", "Quiet hours from 22:00 to 7:00", "Pets on leads only", "Put weights back after use", "Close windows when you leave", "Sort your waste", "Visitors must leave by 23:00", "Phones on silent", "No glass", "Lock the gate", "Children under 8 with an adult only"]
    for i, rule in enumerate(d.some(rules, 3, 8)):
        d.line(f"{i + 1}. {tell('instruction', rule)}")
    d.gap()
    if d.maybe("contact_person", 0.4):
        d.line(f"{label(d.of('Caretaker|Manager|Questions to'))}: {tell('contact_person', d.person())}", size=0.9)
    if d.maybe("phone", 0.4):
        d.line(f"{label('Emergency')}: {tell('phone', d.phone)}", size=0.9)


@_SIGN("for_sale", langs="en", size=(18, 26), could="deposit address website year weight")
def for_sale(d: Draft) -> None:
    """Write an advert for a flat, a car or a used thing."""
    home = d.odds(0.5)
    d.line(tell("heading", d.of("FOR SALE|To let|FOR RENT|Wanted: new home") if home else d.of("FOR SALE|Used but good|Bargain")), "c", size=1.7, bold=True, colour=d.accent)
    d.line(tell("product_name", d.of("Bright 2-bedroom flat|Studio near station|Family house with garden|Loft") if home else d.of("Ford Fiesta 1.2|Mountain bike|Oak dining table|Upright piano|Washing machine|Camper van")), "c", size=1.2)
    d.gap()
    items: list[Pair | None] = [("price", d.money(d.price(900 if home else 400), True), d.of("Price|Rent|Asking price") if home else d.of("Price|Asking"))]
    items += [("size", f"{d.n(28, 160)} m²", d.of("Size|Living area")), optional(d, "rooms", 0.6, str(d.n(1, 6)), "Rooms"), optional(d, "start_date", 0.4, d.date(30), "Available from")] if home else [optional(d, "year", 0.5, str(d.n(1995, 2023)), "Year"), optional(d, "status", 0.5, d.of("As new|Good|Some scratches"), "Condition"), optional(d, "distance", 0.3, f"{d.num(d.n(10, 190) * 1000)} km", "Mileage")]
    items += [optional(d, "contact_person", 0.5, d.first, "Ask for", "Contact"), ("phone", d.phone, d.of("Call|Phone|Tel"))]
    d.pairs(items, d.pick(["colon", "tab", "wide", "colon"]))
    d.marks.append(Mark((d.x, d.y + 4, d.x + d.w, d.y + 4), d.ink, shape="line"))
