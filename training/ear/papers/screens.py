"""What stands on screens: dialogs, errors, settings, chats, notices, weather, calendars, sheets, tiles."""

# fmt: off

from __future__ import annotations

import calendar as months
from functools import partial

from training.ear import goods
from training.ear.paper import Draft, Mark, Span, kind, label, tell
from training.ear.papers.invoices import optional
from training.ear.papers.travel import CITIES

_SCREEN = partial(kind, width=(560, 1100), size=(18, 26), fonts="sans sans2 sans narrow", colours=0.3, dark=0.35)
_WINDOW = partial(_SCREEN, could="version website password email phone price time")
APPS = "PhotoDesk|Nimbus Mail|Ledger Pro|MapWalker|Notepad Plus|Quill Writer|BackupMate|Tuner|Kite Browser|Stockroom"


def buttons(d: Draft, *names: str) -> None:
    """Write buttons in a row, to the right or in the middle."""
    wide = max(len(n) for n in names) * d.size * 0.62 + d.size * 1.6
    space = d.size * 1.2
    wide = min(wide, (d.w - space * (len(names) - 1)) / len(names))
    left = d.x + (d.w - wide * len(names) - space * (len(names) - 1)) / d.pick([1, 2])
    fill, ink = d.pick([("#e6e6e6", "black"), ("#1f6feb", "white"), ("#dddddd", "#222222")])
    low = d.y
    for i, name in enumerate(names):
        x = max(d.x, left) + i * (wide + space)
        _, low = d.write(tell("button", name), x, d.y + d.size * 0.3, w=wide, align="c", colour=ink)
        d.marks.append(Mark((x, d.y, x + wide, low + d.size * 0.2), fill, "#888888"))
    d.y = low + d.size * 0.5


@_WINDOW("dialog", could="error_code version email phone deadline")
def dialog(d: Draft) -> None:
    """Write a dialog of a program that asks something."""
    way = d.n(0, 4)
    head = ("Save changes?|Unsaved changes", "Confirm|Delete file", "Update available|Software update", "Please wait|Progress", "Warning|Attention")[way]
    d.row(tell("product_name", d.of(APPS)) if d.odds(0.6) else tell("heading", d.of(head)), d.pick(["x", "×", " "]), size=0.95)
    d.rule("stroke")
    file = d.of("report|budget|holiday|draft|scan") + d.of("_v2|_final||-3") + d.of(".docx|.xlsx|.png|.pdf")
    if way == 0:
        d.line(tell("question", f"Do you want to save the changes to {tell('file_name', file)}?"), size=1.1)
        d.gap()
        buttons(d, *d.pick([["Save", "Don't save", "Cancel"], ["Yes", "No", "Cancel"]]))
    elif way == 1:
        d.line(tell("question", f"Are you sure you want to delete {tell('file_name', file)}?"), size=1.1)
        d.line(tell("warning", "This cannot be undone") + ".", size=0.9)
        d.gap()
        buttons(d, "Delete", "Cancel")
    elif way == 2:
        d.line(f"{d.of('Version|Update')} {tell('version', d.fill('#.#|#.##.#|1#.#'))} is available.", size=1.1)
        d.pairs([optional(d, "size", 0.7, f"{d.n(2, 900)} MB", "Size", "Download size"), optional(d, "date", 0.4, d.date(), "Released"), optional(d, "installed", 0.5, d.fill("#.#|#.##"), "Installed")], "colon")
        d.gap()
        buttons(d, d.of("Install now|Update|Download"), d.of("Later|Remind me later|Skip"))
    elif way == 3:
        share = d.n(3, 97)
        d.line(f"{d.of('Copying|Downloading|Installing')} {tell('file_name', file)} ...")
        d.marks.append(Mark((d.x, d.y + 4, d.x + d.w, d.y + d.size), "#dddddd", "#888888"))
        d.marks.append(Mark((d.x, d.y + 4, d.x + d.w * share / 100, d.y + d.size), "#2a9d4a"))
        d.gap(1.5)
        left = tell("time_left", f"{d.n(2, 50)} {d.pick(['minutes', 'seconds'])}")
        d.row(tell("percentage", f"{share}%"), f"{left} remaining")
        buttons(d, d.of("Cancel|Stop|Pause"))
    else:
        warning, help_ = d.pick([("Your battery is low", "Plug in the charger."), ("Not enough space on drive C:", f"Only {tell('capacity', f'{d.n(1, 900)} MB')} are free."), ("The connection is not private", "Others may read what you send."), ("Printer out of paper", "Fill tray 2 and press OK.")])
        d.line(tell("warning", warning), size=1.15, bold=True)
        d.line(help_)
        d.gap()
        buttons(d, *d.pick([["OK"], ["Retry", "Cancel"], ["Close"]]))


@_WINDOW("error_screen", dark=0.6, could="version phone email time deadline website")
def error_screen(d: Draft) -> None:
    """Write an error of a program, a page or a machine."""
    d.line(tell("heading", d.of("Something went wrong|Page not found|Installation failed|Connection lost|Your device ran into a problem|Payment failed|Access denied|Fatal error")), size=1.6, bold=True, colour=d.accent)
    d.gap(0.5)
    d.line(tell("reason", d.of("The server did not respond|The file is damaged or unreadable|You do not have permission to open this folder|The certificate has expired|The address does not exist|Not enough memory")) + ".")
    d.gap(0.5)
    code = d.fill("0x8#07####|E-###|ERR_@@@@_###|4##|5##|@@-####|0xC00#0##@")
    d.pairs([("error_code", code, d.name("error_code", "Error code", "Code", "Error", "Stop code", "Status")), optional(d, "time", 0.35, d.clock(d.n(0, 1400), d.short_time), "Time"), optional(d, "reference", 0.3, d.fill("########-####"), "Request ID", "Incident"), optional(d, "module", 0.3, d.of("net.dll|auth-service|disk0|printer.sys"), "Module", "Source"), optional(d, "version", 0.3, d.fill("#.#.#"), "Version")], d.pick(["colon", "colon", "tab"]))
    if d.maybe("instruction", 0.6):
        d.line(tell("instruction", d.of("Restart the computer|Check your connection and try again|Contact your administrator|Close other programs|Reload the page")) + ".")
    if d.maybe("phone", 0.2):
        d.line(f"{label('Support')}: {tell('phone', d.phone)}")
    d.gap()
    if d.odds(0.6):
        buttons(d, d.of("Retry|Reload|Try again"), d.of("Close|Go back|Details"))


@_WINDOW("settings", could="version wifi_name password email error_code")
def settings(d: Draft) -> None:
    """Write a page of settings: names with their states."""
    d.line(tell("heading", d.of("Settings|Preferences|Network settings|Display|Privacy|Account settings|About this device")), size=1.5, bold=True)
    d.gap(0.5)
    every: list[tuple[str, str, str]] = [("wifi", "Wi-Fi", d.of("On|Off|Connected")), ("bluetooth", "Bluetooth", d.of("On|Off")), ("brightness", "Brightness", f"{d.n(1, 10) * 10}%"), ("setting_language", "Language", d.of("English|Deutsch|Français|Italiano")), ("time_zone", "Time zone", d.of("GMT+1|UTC-5|Europe/Lisbon|Asia/Tokyo")), ("version", d.of("Software version|Version"), d.fill("#.#.#|1#.#")), ("storage_used", "Storage used", f"{d.n(3, 60)} GB of 64 GB"), ("notifications", "Notifications", d.of("On|Off|Silent")),
             ("theme", "Theme", d.of("Dark|Light|System")), ("sync", "Last sync", d.clock(d.n(0, 1400), d.short_time)), ("ip", "IP address", d.fill("192.168.#.##|10.0.#.1##")), ("wifi_name", "Network", d.of("HomeNet-5G|FRITZ 7590|Guest|CafeLuna")), ("battery", "Battery", f"{d.n(4, 100)}%"), ("auto_update", "Automatic updates", d.of("On|Off|Weekly")), ("user", "Signed in as", f"{d.first.lower()}.{d.last.lower()}"), ("font_size", "Text size", d.of("Small|Medium|Large|14 pt"))]
    chosen = d.some(every, 4, 10)
    d.leading *= d.pick([1, 1.3, 1.6])
    d.pairs([(meaning, value, name) for meaning, name, value in chosen], d.pick(["wide", "wide", "tab", "colon"]), bold=False)
    if d.odds(0.4):
        d.gap()
        buttons(d, d.of("Save|Apply|OK"), "Cancel")


@_SCREEN("chat", could="phone deadline price address email", width=(460, 760))
def chat(d: Draft) -> None:
    """Write a window of a chat with bubbles to the left and right."""
    other = d.first
    d.row(tell("contact_person", other if d.odds(0.7) else f"{other} {d.last}"), d.of("online|last seen today|typing ...|"), bold=True)
    d.rule("stroke")
    at = d.n(420, 1300)
    lines = ["Hi! Are you coming tonight?", "Running late, sorry", "Can you bring the keys?", "No problem", "Sounds good", "Where are you?", "Just left work", f"See you at {d.of('the station|Café Luna|my place')}", "Thanks a lot!", "How was the trip?", f"The tickets cost {d.money(d.price(20), True)} each", "Call me when you can", "Happy birthday!", "I'll be there in 10", "Did you get my email?", "Ok, tomorrow then"]
    said = d.some(lines, 3, 7)
    sides = [d.odds(0.5) for _ in said]
    for i, text in enumerate(said):
        mine, last = sides[i], i == len(said) - 1
        at += d.n(0, 9)
        wide = d.w * 0.68
        left = d.x + (d.w - wide if mine else 0)
        fill = "#cdeccd" if mine else "#e8e8e8"
        with d.region(left, wide), d.frame(fill, pad=0.5):
            d.line(tell("message_last", text) if last else text, colour="black")
            d.line(tell("message_time", d.clock(at, d.short_time)) if last else d.clock(at, d.short_time), "r", size=0.65, colour="#555555")
    d.absent("message_sender")
    if d.odds(0.5):
        d.line(d.of("Type a message|Message ...|Write a reply"), colour="#888888")


@_SCREEN("notifications", could="deadline email total password", width=(460, 760))
def notifications(d: Draft) -> None:
    """Write a list of notices on a phone."""
    d.row(tell("time", d.clock(d.n(360, 1400), d.pick(["%H:%M", d.short_time]))), tell("battery", f"{d.n(4, 100)}%"), size=0.9)
    d.line(d.date(0, d.pick(["%A, %D %B", "%A, %B %D", "%a %D %b"])), "c", size=0.9)
    d.gap()
    every = [("Messages", f"{d.first}: can you call me?"), ("Calendar", f"Dentist at {d.clock(d.n(32, 68) * 15, d.short_time)}"), ("Bank", f"You spent {d.money(d.price(30), True)} at {d.of(goods.NAMES)}"), ("Parcel", f"Your parcel arrives {d.of('today|tomorrow|on Monday')}"), ("Mail", f"{d.person()}: {d.of('Meeting moved|Photos|Invoice')}"), ("Weather", f"Rain expected, {d.n(3, 20)} °C"), ("Fitness", f"{d.num(d.n(2000, 14000))} steps so far"), ("System update", f"Version {d.fill('#.#')} is ready"), ("Taxi", f"Your driver {d.first} arrives in {d.n(2, 9)} min"), ("Security", f"Your code is {d.fill('######')}")]
    rows = []
    for app, text in d.some(every, 3, 6):
        with d.frame("#e9e9ee" if d.ground == "white" else "", "#aaaaaa", pad=0.5):
            ago = d.of("now|2 min ago|5m|1 h ago|yesterday|10:42")
            one, _ = d.write(app, d.x, d.y, size=0.8, bold=True, colour="" if d.ground != "white" else "black")
            two, low = d.write(ago, d.x, d.y, size=0.7, align="r")
            three, d.y = d.write(text, d.x, low, size=0.95)
            rows.append((tuple(one), tuple(three), tuple(two)))
    d.listed("notification", "notifications", [("app", None), ("message", None), ("time", None)], rows)


@_SCREEN("weather_app", could="date sunset price phone")
def weather_app(d: Draft) -> None:
    """Write the page of a weather app."""
    unit = "°F" if d.country.code == "US" else "°C"
    now = d.n(-6, 35) if unit == "°C" else d.n(20, 98)
    skies = "Sunny|Cloudy|Light rain|Thunderstorms|Snow|Fog|Partly cloudy|Clear|Showers"
    align = d.pick("lc")
    d.line(tell("city", d.of(CITIES)), align, size=1.4)
    d.line(tell("temperature", f"{now}{d.pick([unit, unit, '°'])}"), align, size=3, bold=True)
    d.line(tell("weather", d.of(skies)), align, size=1.2)
    if d.odds(0.6):
        d.line(f"H: {tell('high', f'{now + d.n(1, 6)}°')}   L: {tell('low', f'{now - d.n(2, 9)}°')}", align)
    d.gap()
    d.pairs([optional(d, "feels_like", 0.5, f"{now - d.n(0, 4)}{unit}", "Feels like"), optional(d, "humidity", 0.6, f"{d.n(20, 99)}%", "Humidity"), optional(d, "wind", 0.6, f"{d.n(2, 70)} {d.pick(['km/h', 'mph', 'm/s'])}", "Wind"), optional(d, "sunrise", 0.4, d.clock(d.n(300, 480), d.short_time), "Sunrise"), optional(d, "sunset", 0.4, d.clock(d.n(960, 1300), d.short_time), "Sunset"), optional(d, "rain_chance", 0.5, f"{d.n(0, 10) * 10}%", "Chance of rain", "Precipitation")], d.pick(["above", "wide", "colon", "head"]))
    d.gap()
    if d.odds(0.75):
        first = d.n(0, 6)
        days = [d.weekdays(True)[(first + i) % 7] for i in range(d.n(3, 6))]
        d.table("day", "days", [("day", ""), ("weather", ""), ("high", d.of("High|Max|")), ("low", d.of("Low|Min|"))], [[day, d.of(skies), f"{now + d.n(-1, 6)}°", f"{now - d.n(3, 10)}°"] for day in days], heads=d.odds(0.5), align="llrr")


@kind("calendar", width=(780, 1150), size=(17, 23), colours=0.25, could="phone price address time")
def calendar(d: Draft) -> None:
    """Write a page of a calendar: a month as a grid, or a week as a list."""
    year, month = d.today.year, d.today.month
    names = "Dentist|Lunch with Ana|Team meeting|Yoga|Flight to Oslo|Rent due|Book club|Piano lesson|Car service|Ben's birthday|Parents' evening|Deadline report|Concert|Vet"
    if d.odds(0.5):
        d.line(tell("month", f"{d.months()[month - 1]} {year}"), d.pick("lc"), size=1.7, bold=True, colour=d.accent)
        d.gap(0.5)
        wide, tall = d.w / 7, d.size * d.pick([2.6, 3.2])
        for i, name in enumerate(d.weekdays(True)):
            d.write(name, d.x + i * wide, d.y, w=wide - 4, align="c", bold=True)
        d.y += d.size * 1.6
        weeks, top = months.monthcalendar(year, month), d.y
        busy = set(d.some([x for w in weeks for x in w if x], 3, 6))
        rows: list[tuple[tuple[Span, ...], ...]] = []
        for r, week in enumerate(weeks):
            for c, day in enumerate(week):
                x, y = d.x + c * wide, top + r * tall
                d.marks.append(Mark((x, y, x + wide, y + tall), outline="#999999"))
                if day:
                    one, low = d.write(str(day), x + 5, y + 2, w=wide - 8, size=0.8)
                    if day in busy:
                        two, _ = d.write(d.of(names), x + 5, low, w=wide - 9, size=0.6, leading=1.15, colour=d.accent)
                        rows.append((tuple(two), tuple(one)))
        d.y = top + tall * len(weeks) + d.size * 0.5
        d.listed("appointment", "appointments", [("event", None), ("day", None)], rows)
        return
    d.line(tell("title", d.of(f"Week {d.n(1, 52)}|My week|Agenda|Today")), size=1.6, bold=True, colour=d.accent)
    d.gap()
    rows2 = []
    at = d.n(14, 18) * 30
    one_day = d.odds(0.4)
    for i, name in enumerate(d.some(names.split("|"), 3, 7)):
        at = at + d.n(2, 5) * 30 if one_day else d.n(16, 40) * 30
        rows2.append([*([] if one_day else [d.date(i, d.pick(["%a %D %b"]))]), d.clock(at, d.short_time), name, d.of("Room 2|Main St 4|online||Café Luna|")])
    columns = [*([] if one_day else [("date", d.of("Date|Day"))]), ("time", d.of("Time|When")), ("event", d.of("What|Event|Appointment")), ("venue", d.of("Where|Place"))]
    d.table("appointment", "appointments", columns, rows2, heads=d.odds(0.6), grow=len(columns) - 2, align="llll"[: len(columns)])


@kind("spreadsheet", width=(820, 1250), size=(16, 21), fonts="sans sans2 narrow mono", could="phone email date discount")
def spreadsheet(d: Draft) -> None:
    """Write a sheet of cells, with a row of totals that adds up."""
    kind_ = d.n(0, 3)
    if d.odds(0.5):
        d.line(tell("title", d.of(f"Budget {d.today.year}|Sales by region|Staff list|Stock count|Team hours|Expenses|Inventory")), size=1.2, bold=True)
        d.gap(0.4)
    if kind_ == 0:
        heads = d.months(True)[: d.pick([3, 4, 6])]
        names = d.some("North|South|East|West|Online|Export|Rent|Wages|Travel|Marketing|Repairs|Supplies".split("|"), 3, 8)
        values = [[d.n(20, 9800) for _ in heads] for _ in names]
        rows = [[n, *map(d.num, v)] for n, v in zip(names, values, strict=True)]
        total = d.odds(0.5)
        d.table("line", "lines", [("category", d.of("Region|Category|Item|")), *[("amount", h) for h in heads]], rows, heads=True, rules=d.pick(["grid", "grid", "head", "rows"]), spread=True, align="l" + "r" * len(heads))
        if total:
            d.row(label("Grand total"), tell("total", d.num(sum(map(sum, values)))), bold=True)
        else:
            d.absent("total")
    elif kind_ == 1:
        rows = [[d.fill("E###"), d.person(), d.of("Sales|IT|HR|Finance|Support"), d.date(-d.n(90, 4000)), d.money(d.price(3200))] for _ in range(d.n(4, 10))]
        d.table("employee", "employees", [("employee_number", "ID"), ("employee", d.of("Name|Employee")), ("department", d.of("Department|Dept")), ("start_date", d.of("Start date|Hired|Joined")), ("salary_gross", d.of("Salary|Monthly pay"))], rows, heads=True, grow=1, rules=d.pick(["grid", "stripes", "head"]))
    elif kind_ == 2:
        stock = [(t, d.n(0, 240), d.price(p)) for t, p in d.some(list(goods.WARES["en"]), 4, 10)]
        d.table("article", "articles", [("article_number", "SKU"), ("product_name", d.of("Product|Article")), ("quantity", d.of("In stock|Stock|On hand")), ("unit_price", d.of("Price|Unit price")), ("value", "Value"), ("status", "Status")], [[d.fill("@###"), t, str(n), d.money(u), d.money(n * u), "reorder" if n < 20 else "ok"] for t, n, u in stock], heads=True, grow=1, rules=d.pick(["grid", "rows", "stripes"]))
        if d.odds(0.5):
            d.row(label(d.of("Total value|Stock value")), tell("total", d.money(sum(n * u for _, n, u in stock))), bold=True)
    else:
        rows = [[t, d.person(), d.of("open|done|in progress|blocked"), d.date(d.n(1, 60)), d.of("high|low|medium")] for t in d.some(["Write tender", "Order desks", "Fix door", "Call supplier", "Test backup", "Paint hall", "Hire cook", "Update site", "Check alarms"], 4, 8)]
        d.table("task", "tasks", [("task", d.of("Task|To do")), ("assignee", d.of("Owner|Assigned to|Who")), ("status", d.of("Status|State")), ("deadline", d.of("Due|Deadline")), ("priority", d.of("Priority|Prio"))], rows, heads=True, rules=d.pick(["grid", "rows", "stripes"]))


@kind("dashboard", width=(900, 1300), size=(18, 25), fonts="sans sans2 narrow", colours=0.2, dark=0.4, could="phone email deadline error_code budget")
def dashboard(d: Draft) -> None:
    """Write tiles with figures."""
    d.row(tell("title", d.of("Sales overview|Site traffic|Fleet status|Energy monitor|Support desk|Shop dashboard")), tell("period", d.of(f"Last 30 days|This week|{d.pick(d.months())} {d.today.year}|Q3 {d.today.year}|Today")), size=1.3)
    d.gap()
    every: list[tuple[str, tuple[str, ...], str]] = [("revenue", ("Revenue", "Sales", "Turnover"), d.money(d.n(800, 900000) * 100 // (1 if d.country.places else 100), True)), ("orders", ("Orders", "New orders"), d.num(d.n(12, 9000))), ("visitors", ("Visitors", "Sessions", "Unique users"), d.num(d.n(200, 90000))), ("conversion_rate", ("Conversion rate", "Conversion"), f"{d.n(5, 90) / 10}%"), ("customers", ("Customers", "New customers"), d.num(d.n(4, 4000))), ("returns", ("Returns", "Refund requests"), str(d.n(0, 90))), ("open_tickets", ("Open tickets", "Unsolved"), str(d.n(0, 300))), ("response_time", ("Avg. response", "Response time"), f"{d.n(2, 90)} min"),
             ("score", ("Satisfaction", "Rating"), f"{d.n(30, 50) / 10}/5"), ("power", ("Power now", "Consumption"), f"{d.n(2, 90) / 10} kW"), ("temperature", ("Temperature",), f"{d.n(15, 30)} °C"), ("active_vehicles", ("Active vehicles",), str(d.n(2, 80))), ("profit", ("Profit", "Net profit"), d.money(d.n(100, 90000) * 100 // (1 if d.country.places else 100), True)), ("uptime", ("Uptime",), f"{d.n(9800, 9999) / 100}%")]
    chosen, per = d.some(every, 4, 8), d.pick([2, 3, 4])
    below = d.odds(0.4)
    for start in range(0, len(chosen), per):
        def tile(item: tuple[str, tuple[str, ...], str]) -> None:
            meaning, own, value = item
            with d.frame("#f4f6fa" if d.ground == "white" else "", "#aab", pad=0.7):
                name, told = label(d.pick(own)), tell(meaning, value)
                if below:
                    d.line(told, size=1.7, bold=True)
                    d.line(name, size=0.8)
                    d.named_below()
                else:
                    d.line(name, size=0.8)
                    _, d.y = d.write(told, d.x, d.y, size=1.7, bold=True)
                if d.odds(0.4):
                    d.line(f"{d.pick(['+', '-', '▲ ', '▼ '])}{d.n(1, 300) / 10}% vs last period", size=0.65)
        d.beside(*[partial(tile, item) for item in chosen[start : start + per]], gap=1)


@_SCREEN("wifi_card", could="phone email price deadline opening_hours", colours=0.5)
def wifi_card(d: Draft) -> None:
    """Write a card with the name of a network and its password."""
    d.line(d.of("Wi-Fi|FREE WIFI|Guest network|Internet access|Welcome!"), "c", size=1.7, bold=True, colour=d.accent)
    if d.odds(0.4):
        d.line(tell("seller", d.of(f"Hotel {d.town}|Café {d.last}|Apartment {d.first}")), "c")
    d.gap()
    d.pairs([("wifi_name", d.of("HomeNet-5G|CafeLuna_Guest|FRITZ 7590 QK|Villa-WLAN|guest-wifi|Lobby"), d.name("wifi_name", "Network", "SSID", "Name", "WiFi")), ("password", d.fill("@@##@@##|sunny-####-day|########|river#boat##|welcome20##"), d.name("password", "Password", "Key", "Passcode", "Code")), optional(d, "expiry_date", 0.25, d.date(3), "Valid until")], d.pick(["colon", "above", "tab", "wide"]), bold=d.odds(0.4))


@_SCREEN("login_page", could="phone password price error_code")
def login_page(d: Draft) -> None:
    """Write the page where one signs in."""
    d.line(tell("seller", d.of(APPS)), "c", size=1.6, bold=True, colour=d.accent)
    d.line(tell("heading", d.of("Sign in|Log in to your account|Welcome back|Create account")), "c", size=1.2)
    d.gap()
    for name, value in [("Email", tell("email", f"{d.first.lower()}.{d.last.lower()}@mail.example") if d.maybe("email", 0.6) else ""), ("Password", "••••••••" if d.odds(0.6) else "")]:
        d.line(label(name), size=0.8)
        top = d.y
        _, d.y = d.write(value or " ", d.x + d.size * 0.5, d.y + d.size * 0.25)
        d.marks.append(Mark((d.x, top, d.x + d.w, d.y + d.size * 0.2), outline="#999999"))
        d.gap(0.7)
    d.line(d.of("Forgot password?|Remember me|Need help?"), size=0.8)
    if d.odds(0.3):
        d.line(tell("warning", d.of("Wrong password|Your session has expired|2 attempts left")), colour="#d03030", size=0.9)
    d.gap(0.5)
    buttons(d, d.of("Sign in|Log in|Continue"))
    d.line(f"© {d.today.year} {d.of(goods.NAMES)}", "c", size=0.65)
