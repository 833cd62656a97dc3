"""What sticks on goods: nutrition, medicine, parcels, machines, garments, bottles."""

# fmt: off

from __future__ import annotations

from functools import partial

from training.ear import goods
from training.ear.paper import Draft, Pair, kind, label, tell
from training.ear.papers.invoices import optional, plain_address
from training.ear.papers.travel import CITIES

_LABEL = partial(kind, width=(440, 860), size=(16, 24), colours=0.2)
LANDS = "Italy|Portugal|Vietnam|Turkey|Germany|Japan|India|Spain|Mexico|Poland|Thailand|Sri Lanka|Chile|Bangladesh|Korea|France"


@_LABEL("nutrition_label", could="best_before weight allergens salt price storage ingredients brand made_in serving_size")
def nutrition_label(d: Draft) -> None:
    """Write the facts on nutrition, with ingredients now and then."""
    thing = d.of("Oat biscuits|Tomato soup|Muesli|Peanut butter|Potato crisps|Greek yoghurt|Dark chocolate|Fish fingers|Orange juice|Instant noodles|Cheddar slices|Granola bar")
    if d.odds(0.6):
        d.line(tell("product_name", thing), size=1.4, bold=True)
    else:
        d.absent("product_name")
    d.line(d.of("Nutrition Facts|Nutrition information|NUTRITION|Typical values"), bold=True, size=d.pick([1, 1.5]))
    per_serving = d.odds(0.6)
    if d.maybe("serving_size", 0.5):
        d.line(f"{label(d.name('serving_size', 'Serving size', 'Portion size'))} {tell('serving_size', d.of('30 g|1 cup (240 ml)|2 biscuits (25 g)|55 g'))}")
    if d.maybe("servings", 0.4):
        d.line(f"{label('Servings per pack')}: {tell('servings', str(d.n(2, 12)))}", size=0.9)
    d.rule("stroke")
    kcal = d.n(40, 560)
    rows: list[tuple[str, str, str]] = [("calories", d.of("Energy|Calories"), f"{kcal}{d.pick([' kcal', f' kcal / {round(kcal * 4.184)} kJ'])}"), ("fat", d.of("Fat|Total Fat"), f"{d.n(0, 350) / 10} g"), ("saturates", d.of("of which saturates|Saturated fat"), f"{d.n(0, 90) / 10} g"), ("carbohydrate", d.of("Carbohydrate|Total Carbohydrate"), f"{d.n(10, 700) / 10} g"), ("sugar", d.of("of which sugars|Sugars|Total Sugars"), f"{d.n(0, 400) / 10} g"),
                                        ("fibre", d.of("Fibre|Dietary fiber"), f"{d.n(0, 90) / 10} g"), ("protein", "Protein", f"{d.n(0, 250) / 10} g"), ("salt", d.of("Salt|Sodium"), d.pick([f"{d.n(0, 200) / 100} g", f"{d.n(10, 900)} mg"]))]
    rows = [r for r in rows if r[0] in ("calories", "fat", "protein") or d.maybe(r[0], 0.8)]
    if per_serving:
        d.pairs([(m, v, name) for m, name, v in rows], d.pick(["wide", "tab", "wide"]), bold=d.odds(0.3))
    else:
        share = d.pick([0.3, 0.25, 0.5])
        def part(value: str) -> str:
            number, unit = value.split("/")[0].split()
            return f"{round(float(number) * share, 1):g} {unit}"
        columns = [("nutrient", ""), ("per_100", d.of("per 100 g|100 g|Per 100g")), ("per_serving", d.of(f"per {int(share * 100)} g|Per serving"))]
        d.absent("vitamins")
        d.table("nutrient", "nutrients", columns, [(name, v, part(v)) for _, name, v in rows], heads=True)
        d.could -= {r[0] for r in rows}
    d.rule("stroke")
    if d.maybe("ingredients", 0.5):
        d.line(f"{label(d.of('Ingredients|INGREDIENTS'))}: {tell('ingredients', ', '.join(d.some('oats (54%)|sugar|palm oil|wheat flour|tomatoes|salt|skimmed milk powder|cocoa mass|peanuts|sunflower oil|spices|emulsifier (lecithin)|water|yeast|rice syrup'.split('|'), 3, 8)))}.", size=0.85)
    if d.maybe("allergens", 0.5):
        d.line(f"{label(d.of('Contains|Allergy advice: contains|Allergens'))}: {tell('allergens', d.of('milk, wheat|nuts|soya and gluten|fish|egg, milk|peanuts'))}.", size=0.85, bold=True)
    d.pairs([optional(d, "best_before", 0.5, d.date(d.n(30, 500)), "Best before", "BBE", "Use by"), optional(d, "weight", 0.5, d.of("500 g|250 g ℮|1 kg|12 x 25 g"), "Net weight", "Net wt"), optional(d, "batch_number", 0.3, d.fill("L#####|@###"), "Lot"), optional(d, "made_in", 0.35, d.of(LANDS), "Made in", "Product of")], "colon", size=0.9)
    if d.maybe("storage", 0.35):
        d.line(f"{label('Storage')}: {tell('storage', d.of('store in a cool, dry place|keep refrigerated below 5 °C|once opened eat within 3 days'))}.", size=0.85)


@kind("medicine_leaflet", width=(820, 1150), size=(16, 21), fonts="sans sans2 serif narrow", could="price minimum_age batch_number expiry_date phone")
def medicine_leaflet(d: Draft) -> None:
    """Write the leaflet of a medicine."""
    name, *strength = d.of("Dolorex 400 mg tablets|Nasalin spray|Cetriflex 10 mg|Pantocid 20 mg capsules|Tussol syrup|Veltarin gel|Ferrolan 50 mg").split(" ", 1)
    active = d.of("ibuprofen|cetirizine hydrochloride|omeprazole|diclofenac sodium|paracetamol|loratadine|ferrous sulphate")
    d.line("Package leaflet: information for the user", "c", size=0.9)
    d.line(tell("product_name", " ".join([name, *strength])), "c", size=1.7, bold=True)
    d.line(tell("active_substance", active), "c")
    d.gap()
    times = d.of("three times a day|twice daily|every 6 hours|once a day in the evening|every 8 hours")
    dose = d.of("1 tablet|2 tablets|10 ml|one capsule|20 drops|5 ml")
    parts = [
        (f"What {name} is and what it is used for", f"{name} contains {active} and is used for {tell('usage', d.of('pain and fever|hay fever and allergies|heartburn|dry cough|muscle pain|iron deficiency'))}."),
        (f"Before you take {name}", f"{label('Warning')}: {tell('warning', d.of('do not take if you are pregnant|do not drive after taking this medicine|do not take with alcohol|ask your doctor if you have kidney problems'))}. Tell your doctor about other medicines."),
        (d.of(f"How to take {name}|Dosage"), f"{d.of('Adults and children over')} {tell('minimum_age', str(d.pick([6, 12, 16])) )} years: take {tell('dose', dose)} {tell('dose_frequency', times)} {d.of('with water|after meals|before food')}. Do not take more than {tell('maximum_dose', d.of('4 tablets|3 doses|1200 mg|30 ml'))} in 24 hours."),
        (d.of("Possible side effects|Side effects"), f"{d.of('Common')}: {tell('side_effects', d.of('headache, nausea, dizziness|dry mouth and tiredness|stomach pain, rash|diarrhoea|drowsiness'))}."),
        (d.of(f"How to store {name}|Storage"), f"{tell('storage', d.of('Do not store above 25 °C|Keep in the refrigerator|Store in the original package|Protect from light'))}. Keep out of the reach of children."),
        ("Manufacturer", f"{tell('seller', d.company())}, {tell('address', plain_address(d, ', '))}"),
    ]
    numbered = d.odds(0.6)
    kept = [p for i, p in enumerate(parts) if i in (0, 2) or d.odds(0.8)]
    d.absent("side_effects", "storage", "warning", "seller")
    def write(some: list[tuple[str, str]], first: int) -> None:
        for i, (title, text) in enumerate(some):
            d.line(f"{first + i}. {title}" if numbered else title, bold=True)
            d.line(text)
            d.gap(0.6)
    if d.odds(0.35):
        d.beside(lambda: write(kept[:3], 1), lambda: write(kept[3:], 4))
    else:
        write(kept, 1)
    if d.odds(0.5):
        d.line(f"{label('This leaflet was last revised in')} {tell('date', d.date(0, '%B %Y'))}", size=0.85)


@_LABEL("medicine_box", could="price side_effects doctor best_before phone")
def medicine_box(d: Draft) -> None:
    """Write what stands on the box or bottle of a medicine."""
    item = d.of(goods.MEDICINES)
    if d.odds(0.45):  # a pharmacist's label
        d.line(tell("seller", f"{d.last} Pharmacy"), bold=True)
        d.line(tell("address", plain_address(d, ", ")), size=0.8)
        d.line(f"{label(d.of('Tel|Phone'))} {tell('phone', d.phone)}", size=0.8)
        d.rule("stroke")
        d.pairs([("patient", d.person(), d.of("Patient|Name")), ("doctor", f"Dr {d.last}", d.of("Prescriber|Doctor|Dr")), ("prescription_number", d.fill("RX######|#######"), d.of("Rx|Rx No.|Prescription no.")), ("date", d.date(), d.of("Date filled|Date|Dispensed"))], d.pick(["colon", "tab"]))
        d.line(tell("product_name", item), size=1.2, bold=True)
        d.line(f"{d.of('Take').upper() if d.odds(0.5) else 'Take'} {tell('dose', d.of('1 tablet|2 capsules|5 ml|one tablet'))} {tell('dose_frequency', d.of('twice a day|every 8 hours|at bedtime|three times daily|each morning'))} {d.of('with food|with water|')}".strip())
        d.pairs([optional(d, "quantity", 0.7, str(d.n(1, 9) * 10), "Qty"), optional(d, "refills", 0.6, str(d.n(0, 5)), "Refills"), optional(d, "expiry_date", 0.5, d.date(365), "Expires", "Discard after")], "colon", size=0.9)
        return
    d.line(tell("product_name", item), size=1.8, bold=True, colour=d.accent)
    d.line(tell("quantity", d.of("20 tablets|30 capsules|100 ml|50 g|10 sachets|16 tablets")))
    d.gap(0.5)
    if d.maybe("active_substance", 0.5):
        d.line(f"Each tablet contains {tell('active_substance', item.split()[0].lower())}.", size=0.85)
    if d.maybe("storage", 0.6):
        d.line(tell("storage", d.of("Store below 25 °C|Keep refrigerated|Store in a dry place")) + ".", size=0.85)
    if d.maybe("warning", 0.6):
        d.line(tell("warning", d.of("Keep out of the sight and reach of children|For external use only|May cause drowsiness")) + ".", size=0.85)
    d.pairs([("batch_number", d.fill("@####|#####@"), d.of("LOT|Batch|BN")), ("expiry_date", d.date(600, "%m/%Y"), d.of("EXP|Expiry|Use before")), optional(d, "seller", 0.5, d.company(), "Manufacturer", "Made by")], d.pick(["colon", "tab", "above"]), size=0.9)


@_LABEL("shipping_label", width=(560, 860), could="delivery_date phone price weight order_number email return_address fax")
def shipping_label(d: Draft) -> None:
    """Write the label of a parcel."""
    d.row(tell("carrier", d.of("DPX|Nordpost|TransCargo|ParcelOne|SwiftShip|Kurier24")), d.of("EXPRESS|STANDARD|PRIORITY|Ground|Next day"), size=1.4, bold=True)
    d.rule("stroke")
    d.line(label(d.of("FROM|Sender|Ship from|Return address")) + d.pick([":", ""]), size=0.8)
    d.write(tell("sender", d.pick([d.company(), d.person()])), d.x, d.y, size=0.9)
    d.y += d.size * d.leading
    d.line(plain_address(d), size=0.85)
    d.rule("stroke")
    d.line(label(d.of("TO|Ship to|Deliver to|Recipient")) + d.pick([":", ""]), size=0.8)
    d.write(tell("recipient", d.person()), d.x, d.y, size=1.3, bold=True)
    d.y += d.size * d.leading * 1.3
    place, code, town = d.place()
    for meaning, part in (("postcode", code), ("destination_city", town)):
        place = place.replace(part, tell(meaning, part)) if part else place
    d.line(tell("address", f"{d.street()}\n{place}"), size=1.2)
    if d.maybe("phone", 0.4):
        d.line(f"{label(d.name('phone'))}: {tell('phone', d.phone)}", size=0.9)
    d.rule("stroke")
    d.pairs([("weight", f"{d.num(d.n(1, 300) / 10, 1)} {d.pick(['kg', 'lb' if d.country.code == 'US' else 'KG'])}", d.name("weight", "Weight", "WT", "Gross weight")), optional(d, "date", 0.6, d.date(), "Ship date", "Shipped", "Date"), optional(d, "parcel", 0.5, d.of("1 of 1|1/2|2 of 3"), "Parcel", "Package", "Piece"), optional(d, "size", 0.3, f"{d.n(2, 8) * 10} x {d.n(2, 6) * 10} x {d.n(1, 4) * 10} cm", "Dimensions"), optional(d, "order_number", 0.4, d.fill("#######"), "Ref", "Order")], d.pick(["above", "colon", "tab", "head"]))
    d.gap()
    d.line(f"{label(d.name('tracking_number', 'Tracking #', 'TRACKING', 'Shipment no.'))}{d.pick([':', ''])} {tell('tracking_number', d.fill('1Z ### ### ## #### ####|@@#########GB|JD## #### #### ####|############'))}", d.pick("lc"), bold=True)
    if d.odds(0.3):
        d.line(tell("warning", d.of("FRAGILE|This side up|Do not bend|Keep dry")), "c", size=1.5, bold=True)


@_LABEL("serial_label", fonts="sans narrow mono sans2", dark=0.15, could="date weight price phone website capacity made_in batch_number")
def serial_label(d: Draft) -> None:
    """Write the plate of a machine."""
    d.line(tell("brand", d.of(goods.NAMES).upper()), d.pick("lc"), size=1.6, bold=True)
    d.line(tell("product_name", d.of("Coffee machine|Laser printer|AC adapter|Air fryer|Router|Water pump|Vacuum cleaner|Drill driver|Notebook PC|Freezer|Battery charger")), d.pick("lc"))
    d.gap(0.5)
    items: list[Pair] = [("model", d.fill("@@-###|@####@|@@@ ##"), d.of("Model|Type|MODEL NO.|Mod.")), ("serial_number", d.fill("SN########|@@#@#######|####-####-####"), d.name("serial_number", "S/N", "Serial No.", "SERIAL", "Ser. Nr.")), ("voltage", d.of("220-240 V~ 50/60 Hz|100-240V ~ 1.5A|12 V DC|120 V 60 Hz"), d.name("voltage", "Input", "Rated voltage", "Voltage"))]
    extras = (optional(d, "power", 0.7, d.of("1450 W|65 W|2.2 kW|750W|18W"), "Power", "Rated power", "Output"), optional(d, "capacity", 0.4, d.of("1.5 L|5000 mAh|320 l|64 GB"), "Capacity"), optional(d, "weight", 0.3, f"{d.n(10, 400) / 10} kg", "Weight"), optional(d, "manufacture_date", 0.4, d.date(0, "%m/%Y"), "MFG date", "Manufactured"), optional(d, "version", 0.3, d.fill("#.#|V#.##"), "FW", "HW ver."))
    items.extend(extra for extra in extras if extra)
    d.chance.shuffle(items)
    d.pairs(items, d.pick(["colon", "tab", "colon", "wide"]))
    if d.maybe("made_in", 0.6):
        d.line(f"{label(d.of('Made in|MADE IN|Assembled in'))} {tell('made_in', d.of(LANDS))}")
    if d.maybe("warning", 0.3):
        d.line(tell("warning", d.of("Do not open. No serviceable parts inside|Indoor use only|Risk of electric shock")) + ".", size=0.8)
    if d.odds(0.5):
        d.row("CE", d.of("RoHS|IP44|Class II|FCC"), size=1.2)


@_LABEL("care_label", width=(360, 620), could="price brand article_number washing_temperature weight batch_number colour_name")
def care_label(d: Draft) -> None:
    """Write the label sewn into a garment."""
    if d.maybe("brand", 0.6):
        d.line(tell("brand", d.of(goods.NAMES).upper()), "c", size=1.5, bold=True)
    d.line(f"{label(d.of('SIZE|Size|Taille'))} {tell('size', d.of('S|M|L|XL|38|40|EU 42|UK 10|32/34|10-12 years'))}" if d.odds(0.8) else tell("size", d.of("M|L|XL")), "c")
    one = d.n(5, 9) * 10
    d.line(tell("material", d.of(f"100% cotton|{one}% cotton {100 - one}% polyester|100% wool|{one}% viscose {100 - one}% linen|95% cotton, 5% elastane|100% POLYESTER")), "c")
    d.gap(0.5)
    if d.maybe("washing_temperature", 0.8):
        d.line(f"{d.of('Machine wash at|Wash at|Wash max.|Gentle wash')} {tell('washing_temperature', d.of('30 °C|40 °C|60 °C|30°'))}", "c")
    for text in d.some(["Do not bleach", "Do not tumble dry", "Iron low", "Do not dry clean", "Wash with like colours", "Dry flat", "Wash inside out"], 1, 4):
        d.line(tell("instruction", text), "c", size=0.9)
    if d.maybe("made_in", 0.8):
        d.line(f"{label(d.of('Made in|MADE IN'))} {tell('made_in', d.of(LANDS))}", "c")
    if d.maybe("article_number", 0.4):
        d.line(f"{label(d.of('Art.|Style|RN'))} {tell('article_number', d.fill('######|####-###'))}", "c", size=0.85)


@_LABEL("wine_label", width=(420, 720), fonts="serif serif2 italic serif", colours=0.4, could="price best_before ingredients serving_size speaker")
def wine_label(d: Draft) -> None:
    """Write the label of a bottle."""
    beer = d.odds(0.3)
    d.line(tell("brand", d.of(f"Château {d.last}|{d.last} Estate|Bodega {d.last}|Quinta {d.town}|Cantina {d.last}") if not beer else f"{d.of(goods.NAMES)} Brewery"), "c", size=1.5, bold=True)
    d.line(tell("product_name", d.of("Reserve Merlot|Pinot Noir|Riesling dry|Cabernet Sauvignon|Rosé|Tempranillo Crianza|Chardonnay") if not beer else d.of("Pale Ale|Dark Lager|Wheat Beer|Porter")), "c", size=1.2)
    if not beer and d.maybe("year", 0.9):
        d.line(tell("year", str(d.n(1988, 2024))), "c", size=1.6)
    if d.odds(0.5):
        d.line(tell("region", d.of("Douro Valley|Rioja|Mosel|Napa Valley|Barossa|Tuscany|Stellenbosch")), "c")
    d.gap()
    d.row(tell("alcohol", f"{d.num(d.n(45 if beer else 110, 60 if beer else 150) / 10, 1)}% {d.pick(['vol', 'Vol.', 'ABV', 'alc/vol'])}"), tell("volume", d.of("750 ml|75 cl|0.75 L") if not beer else d.of("330 ml|0.5 l")), size=0.9)
    if d.maybe("made_in", 0.6):
        d.line(f"{label(d.of('Product of|Produced in|Bottled in'))} {tell('made_in', d.of(LANDS))}", "c", size=0.85)
    if d.maybe("allergens", 0.5):
        d.line(f"{label('Contains')} {tell('allergens', d.of('sulphites|barley|sulfites'))}", "c", size=0.8)
    if d.odds(0.5):
        d.line(f"Bottled by {tell('seller', d.company())}, {d.of(CITIES)}", "c", size=0.8)
    if d.odds(0.3):
        d.line(f"Serve at {tell('temperature', d.of('8-10 °C|16 °C|12 °C'))}", "c", size=0.85)


@_LABEL("price_tag", width=(340, 560), langs="all", could="size made_in brand discount material")
def price_tag(d: Draft) -> None:
    """Write the tag of a garment or a thing in a shop."""
    if d.maybe("brand", 0.7):
        d.line(tell("brand", d.of(goods.NAMES)), "c", size=1.4, bold=True)
    d.line(tell("product_name", d.of("Rain jacket|Slim jeans|Wool scarf|Running shoe|Linen shirt|Table lamp|Backpack 25 L|Mug blue") if d.lang == "en" else d.pick(goods.WARES[d.lang])[0]), "c")
    if d.maybe("size", 0.6):
        d.line(f"{label(d.name('size', 'Size'))} {tell('size', d.of('S|M|L|38|42|One size' if d.lang == 'en' else 'S|M|L|38'))}", "c")
    price = d.price(40)
    if d.maybe("discount", 0.25):
        off = d.pick([20, 30, 50])
        d.line(tell("old_price", d.money(price, True)), "c", size=0.9)
        d.line(tell("discount", f"-{off}%"), "c", colour=d.accent)
        price = round(price * (100 - off) / 100)
    d.line(tell("price", d.money(price, True)), "c", size=2, bold=True)
    if d.maybe("article_number", 0.6):
        d.line(f"{label(d.name('article_number', 'Art.', 'SKU', 'Style'))} {tell('article_number', d.fill('#######|###/####'))}", "c", size=0.8)
