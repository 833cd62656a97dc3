"""Fixed papers in the layouts that papers really have: invoice, menu, ticket, card, timetable, forms.

Drawn once by hand, with questions in the words people use, and as many that nothing on the paper
answers. The reader's rules were mended on these: they guard what it can do and that it does not
guess; how it does on papers it has not met is what `papers` measures.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bench.papers import Paper

_PACKAGES = ("font_source_sans_pro", "font_source_serif_pro", "font_caladea", "font_fredoka_one")


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    for package in _PACKAGES:
        origin = import_module(package).__file__
        assert origin is not None
        for path in Path(origin).parent.rglob(name):
            return ImageFont.truetype(path, size)
    raise FileNotFoundError(name)


def draw(
    size: tuple[int, int],
    items: list[tuple[int | str, ...]],
    bg: str = "white",
    fn: str = "SourceSansPro-Regular.ttf",
) -> Image.Image:
    """Draw texts: (x, y, text, size[, colour[, anchor]])."""
    image = Image.new("RGB", size, bg)
    pen = ImageDraw.Draw(image)
    for x, y, text, points, *more in items:
        colour = str(more[0]) if more else "black"
        anchor = str(more[1]) if len(more) > 1 else "la"
        pen.text(
            (int(x), int(y)),
            str(text),
            fill=colour,
            font=_font(fn, int(points)),
            anchor=anchor,
        )
    return image


def rows(
    title: list[str],
    items: list[tuple[str, str]],
    fn: str,
    w: int = 480,
    bg: str = "white",
    tail: tuple[str, ...] = (),
) -> Image.Image:
    """Draw a receipt: a title, rows of two columns ("-" is a rule), lines at the end."""
    image = Image.new("RGB", (w, 2000), bg)
    pen = ImageDraw.Draw(image)
    pen.text((w // 2, 30), title[0], fill="black", font=_font(fn, 38), anchor="mt")
    y = 90
    for text in title[1:]:
        pen.text((w // 2, y), text, fill="black", font=_font(fn, 22), anchor="mt")
        y += 34
    y += 16
    for left, right in items:
        if left == "-":
            pen.line((20, y + 6, w - 20, y + 6), fill="black")
            y += 18
            continue
        pen.text((24, y), left, fill="black", font=_font(fn, 24))
        pen.text((w - 24, y), right, fill="black", font=_font(fn, 24), anchor="ra")
        y += 38
    for text in tail:
        y += 8
        pen.text((w // 2, y), text, fill="black", font=_font(fn, 22), anchor="mt")
        y += 30
    return image.crop((0, 0, w, y + 40))


P: dict[str, Image.Image] = {}
P["invoice"] = draw(
    (1000, 1150),
    [
        (60, 50, "NORTHWIND TRADERS LTD", 40),
        (60, 105, "88 Baker Street, London NW1 6XE", 24),
        (60, 140, "VAT Reg No: GB 123 4567 89", 22),
        (640, 50, "INVOICE", 54),
        (640, 125, "Invoice No: INV-2026-0042", 24),
        (640, 160, "Invoice Date: 12 May 2026", 24),
        (640, 195, "Due Date: 11 June 2026", 24),
        (60, 230, "Bill To:", 24),
        (60, 262, "Acme Robotics GmbH", 28),
        (60, 298, "Hauptstrasse 5, 10115 Berlin", 24),
        (60, 380, "Description", 24),
        (560, 380, "Qty", 24),
        (680, 380, "Unit Price", 24),
        (940, 380, "Amount", 24, "black", "ra"),
        (60, 430, "Industrial Sensor X2", 24),
        (560, 430, "4", 24),
        (680, 430, "125.00", 24),
        (940, 430, "500.00", 24, "black", "ra"),
        (60, 475, "Mounting Bracket", 24),
        (560, 475, "10", 24),
        (680, 475, "7.50", 24),
        (940, 475, "75.00", 24, "black", "ra"),
        (60, 520, "Calibration Service", 24),
        (560, 520, "1", 24),
        (680, 520, "220.00", 24),
        (940, 520, "220.00", 24, "black", "ra"),
        (680, 600, "Subtotal", 24),
        (940, 600, "795.00", 24, "black", "ra"),
        (680, 640, "VAT (20%)", 24),
        (940, 640, "159.00", 24, "black", "ra"),
        (680, 690, "Total Due", 30),
        (940, 690, "£954.00", 30, "black", "ra"),
        (60, 800, "Payment terms: 30 days", 24),
        (60, 840, "Bank: First National, IBAN GB29 NWBK 6016 1331 9268 19", 24),
        (60, 880, "Questions? billing@northwind.example or +44 20 7946 0018", 24),
    ],
    fn="SourceSansPro-Regular.ttf",
)
P["menu"] = draw(
    (700, 900),
    [
        (350, 40, "THE OLD MILL", 52, "#502010", "ma"),
        (350, 110, "Lunch Menu", 34, "#502010", "ma"),
        (60, 200, "STARTERS", 30),
        (60, 250, "Tomato Soup", 28),
        (640, 250, "$6.50", 28, "black", "ra"),
        (60, 295, "Garlic Bread", 28),
        (640, 295, "$4.75", 28, "black", "ra"),
        (60, 370, "MAINS", 30),
        (60, 420, "Grilled Salmon", 28),
        (640, 420, "$18.90", 28, "black", "ra"),
        (60, 465, "Mushroom Risotto", 28),
        (640, 465, "$15.25", 28, "black", "ra"),
        (60, 510, "House Burger", 28),
        (640, 510, "$13.00", 28, "black", "ra"),
        (60, 590, "DESSERTS", 30),
        (60, 640, "Apple Pie", 28),
        (640, 640, "$7.00", 28, "black", "ra"),
        (350, 760, "Open daily 11:30 am to 9 pm", 26, "black", "ma"),
        (350, 810, "www.oldmill.example", 26, "black", "ma"),
    ],
    bg="#fbf3e4",
    fn="Caladea-Regular.ttf",
)
P["ticket"] = draw(
    (900, 400),
    [
        (40, 30, "BOARDING PASS", 40, "white"),
        (40, 110, "Passenger", 20, "#bcd"),
        (40, 136, "MORI / KENJI", 30, "white"),
        (40, 200, "From", 20, "#bcd"),
        (40, 226, "Lisbon (LIS)", 30, "white"),
        (330, 200, "To", 20, "#bcd"),
        (330, 226, "Oslo (OSL)", 30, "white"),
        (40, 300, "Flight", 20, "#bcd"),
        (40, 326, "TP 758", 30, "white"),
        (230, 300, "Date", 20, "#bcd"),
        (230, 326, "03 AUG 2026", 30, "white"),
        (470, 300, "Gate", 20, "#bcd"),
        (470, 326, "B22", 30, "white"),
        (600, 300, "Boarding", 20, "#bcd"),
        (600, 326, "14:35", 30, "white"),
        (760, 300, "Seat", 20, "#bcd"),
        (760, 326, "17C", 30, "white"),
    ],
    bg="#103058",
    fn="SourceSansPro-Semibold.ttf",
)
P["card"] = draw(
    (700, 400),
    [
        (50, 50, "Dr. Elena Petrova", 44),
        (50, 110, "Senior Data Scientist", 28, "#555"),
        (50, 200, "Brightwave Analytics", 30, "#0050a0"),
        (50, 250, "m: +1 (415) 555-0199", 24),
        (50, 284, "e: elena@brightwave.example", 24),
        (50, 318, "brightwave.example", 24),
        (50, 352, "500 Howard Street, San Francisco", 24),
    ],
    fn="SourceSansPro-Regular.ttf",
)
P["timetable"] = draw(
    (900, 420),
    [
        (40, 30, "TRAIN DEPARTURES", 40),
        (40, 110, "Time", 26),
        (220, 110, "Destination", 26),
        (560, 110, "Platform", 26),
        (740, 110, "Status", 26),
        (40, 170, "09:12", 28),
        (220, 170, "Leeds", 28),
        (560, 170, "4", 28),
        (740, 170, "On time", 28),
        (40, 220, "09:30", 28),
        (220, 220, "Edinburgh", 28),
        (560, 220, "1", 28),
        (740, 220, "Delayed", 28),
        (40, 270, "09:47", 28),
        (220, 270, "Bristol", 28),
        (560, 270, "7", 28),
        (740, 270, "Cancelled", 28),
    ],
    bg="#f0f0f0",
)
P["warn"] = draw(
    (700, 500),
    [
        (350, 80, "DANGER", 90, "#c00000", "ma"),
        (350, 200, "High Voltage", 60, "black", "ma"),
        (350, 290, "Keep out", 48, "black", "ma"),
        (350, 380, "Emergency: 0800 123 456", 34, "black", "ma"),
    ],
    bg="#ffd400",
    fn="FredokaOne-Regular.ttf",
)
P["label"] = draw(
    (600, 700),
    [
        (300, 30, "ALMOND BUTTER", 50, "#402000", "ma"),
        (40, 120, "Nutrition Facts", 36),
        (40, 180, "Serving size", 26),
        (560, 180, "32 g", 26, "black", "ra"),
        (40, 220, "Calories", 30),
        (560, 220, "190", 30, "black", "ra"),
        (40, 265, "Total Fat", 26),
        (560, 265, "17 g", 26, "black", "ra"),
        (40, 305, "Sodium", 26),
        (560, 305, "60 mg", 26, "black", "ra"),
        (40, 345, "Protein", 26),
        (560, 345, "7 g", 26, "black", "ra"),
        (40, 430, "Ingredients: roasted almonds, salt", 24),
        (40, 480, "Best before: 2027-01-31", 24),
        (40, 520, "Net weight 340 g", 24),
        (40, 560, "Keep refrigerated after opening", 24),
    ],
    bg="#fff8ec",
)
P["form2"] = draw(
    (900, 620),
    [
        (450, 30, "Patient Intake Form", 42, "black", "ma"),
        (50, 120, "First Name:", 24),
        (210, 120, "Amara", 26),
        (480, 120, "Last Name:", 24),
        (640, 120, "Okafor", 26),
        (50, 180, "Date of Birth:", 24),
        (230, 180, "09/17/1988", 26),
        (480, 180, "Gender:", 24),
        (600, 180, "Female", 26),
        (50, 240, "Blood Type:", 24),
        (210, 240, "O+", 26),
        (480, 240, "Height:", 24),
        (600, 240, "168 cm", 26),
        (50, 300, "Insurance Provider:", 24),
        (300, 300, "BlueShield", 26),
        (50, 360, "Policy Number:", 24),
        (250, 360, "BS-771-204", 26),
        (50, 420, "Emergency Contact:", 24),
        (300, 420, "Chidi Okafor, 555-0142", 26),
        (50, 480, "Allergies:", 24),
        (180, 480, "Penicillin, peanuts", 26),
        (50, 540, "Physician:", 24),
    ],
    fn="Caladea-Regular.ttf",
)
P["r1"] = rows(
    ["MARIO'S PIZZERIA", "410 Elm Street, Dayton OH 45402", "Ph: 937-555-0188"],
    [
        ("Order #: 2291", "03/14/2026 7:42 PM"),
        ("Server: Anna", "Table: 12"),
        ("Guests: 4", ""),
        ("-", ""),
        ("2 Margherita Pizza", "27.98"),
        ("1 Caesar Salad", "8.49"),
        ("3 Lemonade", "10.47"),
        ("-", ""),
        ("Subtotal", "46.94"),
        ("Sales Tax (7.5%)", "3.52"),
        ("Tip", "9.00"),
        ("TOTAL", "$59.46"),
        ("Cash", "$70.00"),
        ("Change", "$10.54"),
    ],
    "Caladea-Bold.ttf",
    tail=("Thank you for dining with us!", "Visit us at mariospizza.example"),
)
P["r2"] = rows(
    ["TechHub", "Unit 5, Riverside Mall"],
    [
        ("Invoice: TH-88213", ""),
        ("Date: 22 Sep 2026", "Time: 16:05"),
        ("Cashier ID: 0047", ""),
        ("-", ""),
        ("Wireless Mouse", "$24.99"),
        ("HDMI Cable 2m", "$12.50"),
        ("Discount 10%", "-$3.75"),
        ("-", ""),
        ("Net", "$33.74"),
        ("GST 5%", "$1.69"),
        ("Amount Due", "$35.43"),
        ("Mastercard ****1881", "$35.43"),
        ("Auth Code", "A7B291"),
    ],
    "SourceSerifPro-Regular.ttf",
    tail=("Returns within 30 days with receipt",),
)
P["r3"] = rows(
    ["City Parking Garage"],
    [
        ("Ticket No. 559103", ""),
        ("Entry: 2026-11-02 08:14", ""),
        ("Exit: 2026-11-02 17:52", ""),
        ("Duration: 9 h 38 min", ""),
        ("Rate", "$2.50/h"),
        ("Parking Fee", "$25.00"),
        ("Paid", "VISA"),
    ],
    "FredokaOne-Regular.ttf",
    bg="#eef3ff",
)
P["s1"] = draw(
    (800, 500),
    [
        (400, 60, "WELCOME TO", 50, "white", "ma"),
        (400, 140, "SPRINGFIELD", 90, "white", "ma"),
        (400, 280, "Population 12,450", 48, "white", "ma"),
        (400, 360, "Elevation 523 ft", 48, "white", "ma"),
    ],
    bg="#0a5f38",
    fn="SourceSansPro-Bold.ttf",
)
P["s2"] = draw(
    (600, 600),
    [
        (300, 60, "NO PARKING", 80, "#c8102e", "ma"),
        (300, 200, "8 AM - 6 PM", 60, "#c8102e", "ma"),
        (300, 300, "Mon - Fri", 60, "#c8102e", "ma"),
        (300, 430, "Tow-away zone", 44, "black", "ma"),
        (300, 500, "Call 311", 44, "black", "ma"),
    ],
    fn="SourceSansPro-Semibold.ttf",
)
P["s3"] = draw(
    (800, 500),
    [
        (400, 40, "Maplewood Public Library", 52, "#1b2a52", "ma"),
        (120, 150, "Monday - Thursday", 36),
        (520, 150, "9:00 - 20:00", 36),
        (120, 210, "Friday", 36),
        (520, 210, "9:00 - 18:00", 36),
        (120, 270, "Saturday", 36),
        (520, 270, "10:00 - 16:00", 36),
        (120, 330, "Sunday", 36),
        (520, 330, "Closed", 36),
        (400, 420, "Tel. 555 0177", 36, "black", "ma"),
    ],
    fn="Caladea-Regular.ttf",
)
P["s4"] = draw(
    (700, 400),
    [
        (350, 60, "TRAIL HEAD", 70, "#ffe9b0", "ma"),
        (350, 170, "Eagle Peak  4.2 mi", 50, "#ffe9b0", "ma"),
        (350, 250, "Mirror Lake  1.5 mi", 50, "#ffe9b0", "ma"),
        (350, 330, "No dogs allowed", 40, "#ffe9b0", "ma"),
    ],
    bg="#5b3a1e",
    fn="SourceSerifPro-Bold.ttf",
)
P["f1"] = draw(
    (800, 760),
    [
        (400, 30, "EMPLOYEE LEAVE REQUEST", 40, "black", "ma"),
        (50, 120, "Employee Name: Priya Raman", 28),
        (50, 180, "Employee ID: 7781-B", 28),
        (50, 240, "Department: Quality Assurance", 28),
        (50, 300, "Start Date: 04 January 2027", 28),
        (50, 360, "End Date: 15 January 2027", 28),
        (50, 420, "Reason: Family visit", 28),
        (50, 480, "Manager: Oscar Lindqvist", 28),
        (50, 540, "Approved: Yes", 28),
        (50, 600, "Comments:", 28),
        (50, 680, "Signature: P. Raman", 28),
    ],
    fn="SourceSerifPro-Regular.ttf",
)
P["f2"] = draw(
    (900, 560),
    [
        (450, 30, "Hotel Registration Card", 44, "black", "ma"),
        (50, 120, "Guest name", 22, "#666"),
        (50, 150, "Laura Bianchi", 30),
        (480, 120, "Nationality", 22, "#666"),
        (480, 150, "Italian", 30),
        (50, 220, "Room", 22, "#666"),
        (50, 250, "418", 30),
        (250, 220, "Nights", 22, "#666"),
        (250, 250, "3", 30),
        (480, 220, "Rate per night", 22, "#666"),
        (480, 250, "€129.00", 30),
        (50, 320, "Check-in", 22, "#666"),
        (50, 350, "2026-10-05", 30),
        (480, 320, "Check-out", 22, "#666"),
        (480, 350, "2026-10-08", 30),
        (50, 420, "Passport No.", 22, "#666"),
        (50, 450, "YA4471920", 30),
        (480, 420, "Vehicle plate", 22, "#666"),
        (480, 450, "FR 882 KT", 30),
    ],
    fn="SourceSansPro-Regular.ttf",
)

QUESTIONS: list[tuple[str, list[tuple[str, str]]]] = [
    *[
        (
            "invoice",
            [
                ("What is the invoice number?", "INV-2026-0042"),
                ("What is the due date?", "11 June 2026"),
                ("When was the invoice issued?", "12 May 2026"),
                ("Who is the customer?", "Acme Robotics"),
                ("Who is it billed to?", "Acme Robotics"),
                ("What is the total amount due?", "954.00"),
                ("How much VAT?", "159.00"),
                ("What is the unit price of the mounting bracket?", "7.50"),
                ("How many sensors were ordered?", "4"),
                ("What is the quantity of Mounting Bracket?", "10"),
                ("What is the IBAN?", "GB29"),
                ("What are the payment terms?", "30 days"),
                ("What is the contact email?", "billing@northwind"),
                ("Who is the seller?", "NORTHWIND"),
                ("What's the vendor name?", "NORTHWIND"),
                ("what is the VAT number?", "123 4567"),
                ("How much does the calibration service cost?", "220.00"),
                ("What company issued this invoice?", "NORTHWIND"),
                ("What's the grand total?", "954"),
                ("What is the bank?", "First National"),
                ("Total before tax?", "795"),
                ("List the items.", "Bracket"),
                ("How many items are on the invoice?", "3"),
                ("What is the most expensive item?", "Sensor"),
            ],
        ),
        (
            "menu",
            [
                ("How much is the grilled salmon?", "18.90"),
                ("What is the price of the House Burger?", "13.00"),
                ("What's the cheapest item?", "Garlic"),
                ("When does it open?", "11:30"),
                ("What time do they close?", "9 pm"),
                ("What's the website?", "oldmill"),
                ("What is the name of the restaurant?", "OLD MILL"),
                ("Is there lasagne on the menu?", "No|does not"),
                ("What desserts are there?", "Apple Pie"),
                ("Does the menu have risotto?", "Yes"),
                ("What is the most expensive dish?", "Salmon"),
                ("How much would a soup cost?", "6.50"),
            ],
        ),
        (
            "ticket",
            [
                ("What is the passenger's name?", "MORI"),
                ("What is the flight number?", "758"),
                ("What gate?", "B22"),
                ("What is the seat number?", "17C"),
                ("Where is the flight going to?", "Oslo"),
                ("Where does it depart from?", "Lisbon"),
                ("What is the boarding time?", "14:35"),
                ("What's the date of the flight?", "03 AUG 2026"),
                ("What color is the background?", "blue"),
                ("What's the departure city?", "Lisbon"),
                ("What is the destination?", "Oslo"),
            ],
        ),
        (
            "card",
            [
                ("What is the person's name?", "Elena"),
                ("What is her job title?", "Data Scientist"),
                ("What company does she work for?", "Brightwave"),
                ("What's the phone number?", "415"),
                ("email?", "elena@"),
                ("What is the address?", "500 Howard"),
                ("website?", "brightwave.example"),
            ],
        ),
        (
            "timetable",
            [
                ("When does the train to Leeds leave?", "09:12"),
                ("Which platform does the Edinburgh train leave from?", "1"),
                ("Is the Bristol train on time?", "Cancelled|No"),
                ("What is the status of the Bristol train?", "Cancelled"),
                ("What platform for Leeds?", "4"),
                ("What time is the Bristol train?", "09:47"),
                ("How many trains are listed?", "3"),
            ],
        ),
        (
            "warn",
            [
                ("What does the sign warn about?", "Voltage"),
                ("What is the emergency number?", "0800"),
                ("What color is the sign?", "yellow"),
                ("Does it say danger?", "Yes"),
                ("What color is the word DANGER?", "red"),
                ("What should people do?", "Keep out"),
            ],
        ),
        (
            "label",
            [
                ("How many calories per serving?", "190"),
                ("How much protein does it have?", "7 g"),
                ("What is the serving size?", "32 g"),
                ("How much sodium?", "60"),
                ("What are the ingredients?", "almonds"),
                ("What's the best before date?", "2027-01-31"),
                ("What is the net weight?", "340"),
                ("What product is this?", "ALMOND"),
                ("Does it contain salt?", "Yes"),
                ("How much sugar does it have?", "does not"),
            ],
        ),
        (
            "form2",
            [
                ("What is the patient's first name?", "Amara"),
                ("What is the last name?", "Okafor"),
                ("Date of birth?", "09/17/1988"),
                ("What is the blood type?", "O+"),
                ("How tall is the patient?", "168"),
                ("What insurance does the patient have?", "BlueShield"),
                ("What is the policy number?", "BS-771-204"),
                ("Who is the emergency contact?", "Chidi"),
                ("What allergies does the patient have?", "Penicillin"),
                ("Who is the physician?", "does not"),
                ("What is the gender?", "Female"),
                ("What is the patient's full name?", "Amara"),
            ],
        ),
    ],
    *[
        (
            "r1",
            [
                ("How much was the tip?", "9.00"),
                ("What is the total?", "59.46"),
                ("How much change was given?", "10.54"),
                ("How much cash was paid?", "70.00"),
                ("Who was the server?", "Anna"),
                ("What table was it?", "12"),
                ("How many guests were there?", "4"),
                ("What is the order number?", "2291"),
                ("How many lemonades?", "3"),
                ("How much did the Caesar Salad cost?", "8.49"),
                ("What time was the order?", "7:42"),
                ("When was it?", "03/14/2026"),
                ("What is the sales tax rate?", "7.5"),
                ("What city is the restaurant in?", "Dayton"),
                ("What's the zip code?", "45402|does not"),
                ("What is the restaurant's phone number?", "937-555-0188"),
                ("What website is mentioned?", "mariospizza"),
                ("What was ordered?", "Margherita"),
                ("What is the subtotal?", "46.94"),
                ("Name of the restaurant", "MARIO"),
                ("How much were the two pizzas?", "27.98"),
                ("what is the address", "410 Elm"),
            ],
        ),
        (
            "r2",
            [
                ("How much is the amount due?", "35.43"),
                ("What is the invoice number?", "TH-88213"),
                ("How much was the discount?", "3.75"),
                ("What was the GST?", "1.69"),
                ("Which card was used?", "Mastercard"),
                ("What are the last four digits of the card?", "1881"),
                ("What is the auth code?", "A7B291"),
                ("What's the cashier ID?", "0047"),
                ("At what time was the purchase made?", "16:05"),
                ("What is the price of the HDMI cable?", "12.50"),
                ("What is the return policy?", "30 days|does not"),
                ("Which store is this from?", "TechHub"),
                ("How much was the keyboard?", "does not"),
                ("how did the customer pay", "Mastercard"),
                ("On what date was this issued?", "22 Sep 2026"),
            ],
        ),
        (
            "r3",
            [
                ("What is the ticket number?", "559103"),
                ("When did the car enter?", "08:14"),
                ("What time did it exit?", "17:52"),
                ("How long was the car parked?", "9 h 38"),
                ("What is the parking fee?", "25.00"),
                ("What's the hourly rate?", "2.50"),
                ("How was it paid?", "VISA"),
            ],
        ),
        (
            "s1",
            [
                ("What is the population?", "12,450"),
                ("What is the elevation?", "523"),
                ("What town is this?", "SPRINGFIELD"),
                ("What does the sign say?", "WELCOME"),
                ("What color is the sign?", "green"),
                ("Which city's sign is it?", "SPRINGFIELD"),
            ],
        ),
        (
            "s2",
            [
                ("What are the no parking hours?", "8 AM"),
                ("What days does it apply?", "Mon"),
                ("What does the sign say?", "NO PARKING"),
                ("What number should you call?", "311"),
                ("What color is the text NO PARKING?", "red"),
                ("Is parking allowed on Tuesday?", "NO PARKING|Mon|does not"),
                ("What is prohibited?", "PARKING|does not"),
                ("What does it say in red?", "NO PARKING|does not"),
            ],
        ),
        (
            "s3",
            [
                ("When does the library close on Friday?", "18:00"),
                ("What are the hours on Saturday?", "10:00"),
                ("Is it open on Sunday?", "Closed"),
                ("What time does it open on Monday?", "9:00"),
                ("What is the phone number?", "555 0177"),
                ("What building is this sign for?", "Library"),
                ("What are the opening hours?", "9:00"),
            ],
        ),
        (
            "s4",
            [
                ("How far is Mirror Lake?", "1.5"),
                ("How many miles to Eagle Peak?", "4.2"),
                ("Are dogs allowed?", "No dogs"),
                ("What is the nearest destination?", "Mirror|does not"),
                ("What color is the sign?", "brown"),
            ],
        ),
        (
            "f1",
            [
                ("What is the employee's name?", "Priya"),
                ("What is the employee ID?", "7781-B"),
                ("Which department does she work in?", "Quality"),
                ("When does the leave start?", "04 January 2027"),
                ("When does it end?", "15 January"),
                ("What is the reason for the leave?", "Family visit"),
                ("Who is the manager?", "Oscar"),
                ("Was it approved?", "Yes"),
                ("Are there any comments?", "No|does not|Comments:"),
                ("Who signed the form?", "P. Raman"),
                ("What's the end date?", "15 January 2027"),
                ("What type of form is this?", "LEAVE REQUEST|document"),
            ],
        ),
        (
            "f2",
            [
                ("What is the guest's name?", "Laura"),
                ("What room number?", "418"),
                ("How many nights?", "3"),
                ("What is the check-in date?", "2026-10-05"),
                ("When is check-out?", "2026-10-08"),
                ("What is the passport number?", "YA4471920"),
                ("What's the nightly rate?", "129"),
                ("What is the nationality of the guest?", "Italian"),
                ("What is the vehicle plate?", "FR 882"),
                ("How much per night?", "129"),
            ],
        ),
    ],
]
# Nothing on any of the papers answers these, but for those named below.
ABSENT = [
    "What is the driver's licence number?",
    "How many calories?",
    "What is the wifi password?",
    "Who is the doctor?",
    "What is the name of the dog?",
    "What is the ISBN?",
    "How much is the lasagne?",
    "What is the weight?",
    "What is the customer's age?",
    "How old is the patient?",
    "What is the serial number?",
    "What is the account balance?",
    "Who wrote it?",
    "What is the warranty period?",
    "What is the delivery date?",
    "When does the concert end?",
    "Where is the dentist?",
    "What is the temperature?",
    "How many seats?",
    "What is the voltage?",
    "What is the tracking number?",
    "What's the capital of France?",
    "What is 2+2?",
    "Who is the president?",
    "What is the person wearing?",
    "What brand is the car?",
    "What is the score?",
    "What year was it built?",
    "How many people are in the photo?",
    "What is the speed limit?",
    "What time is lunch?",
    "What's the score of the game?",
    "Is the woman smiling?",
    "Which is the best restaurant?",
    "What is the meaning of life?",
    "Write a poem about this.",
    "Translate the text to French.",
    "What language is this?",
    "Is this receipt genuine?",
    "How many trees are there?",
]
_TOLD = {
    ("card", "Who is the doctor?"),
    ("label", "How many calories?"),
    ("label", "What is the weight?"),
}


def fixed_papers() -> list[Paper]:
    """Give the papers with their questions, those without an answer among them."""
    found = []
    for name, asked in QUESTIONS:
        questions: list[tuple[str, tuple[str, ...] | None]] = [
            (text, tuple(answer.split("|"))) for text, answer in asked
        ]
        questions += [(text, None) for text in ABSENT if (name, text) not in _TOLD]
        found.append(Paper(name, P[name], questions))
    return found
