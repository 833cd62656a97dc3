"""What is read: recipes, pages of books, contents, newspapers, slides."""

# fmt: off

from __future__ import annotations

from training.ear import goods
from training.ear.paper import Draft, kind, label, tell

_SUBJECTS = "The old lighthouse|A small boat|The market|Her brother|The river|An empty train|The gardener|A stranger|The morning post|The teacher|The clock on the wall|Everyone in the village"
_DID = "had been quiet for a week|arrived later than anyone expected|kept the letter in a drawer|waited behind the mill|was painted green in spring|knew the answer already|moved slowly past the houses|stood in the rain|never came back to the harbour|told the story again"
_WHEN = "in the winter of 1911|on the second evening|before the war|when the snow melted|at half past six|after the harvest|long ago|that summer|by the end of the month"


def lower(text: str) -> str:
    """Begin a text with a small letter."""
    return text[0].lower() + text[1:]


def prose(d: Draft, sentences: int) -> str:
    """Make up some sentences."""
    return " ".join(d.pick([f"{d.of(_SUBJECTS)} {d.of(_DID)} {d.of(_WHEN)}.", f"{d.of(_WHEN).capitalize()}, {lower(d.of(_SUBJECTS))} {d.of(_DID)}.", f"“{d.of(_WHEN).capitalize()},” said {d.first}, “nobody {d.of(_DID)}.”"]) for _ in range(sentences))


@kind("recipe", width=(760, 1100), size=(18, 24), fonts="serif sans sans2 italic serif2", colours=0.35, could="calories author allergens price storage")
def recipe(d: Draft) -> None:
    """Write a recipe."""
    dish = d.of("Lentil Soup|Apple Crumble|Banana Bread|Chicken Curry|Pancakes|Tomato Tart|Beef Stew|Lemon Cake|Potato Salad|Mushroom Pie")
    d.line(tell("title", (d.of("Grandma's |Easy |Quick |") + dish)), d.pick("lc"), size=1.8, bold=True, colour=d.accent)
    if d.maybe("author", 0.3):
        d.line(f"{label('by')} {tell('author', d.person())}", size=0.9)
    cook, prep = d.n(2, 18) * 5, d.n(1, 6) * 5
    d.pairs([("count_of_people", str(d.pick([2, 4, 6, 8])), d.of("Serves|Servings|Portions")), ("preparation_time", f"{prep} min", d.of("Prep|Preparation|Prep time")), ("cooking_time", f"{cook} min", d.of("Cook|Cooking time|Baking")), ("duration", f"{prep + cook} min", d.of("Total time|Ready in")) if d.maybe("duration", 0.4) else None, ("calories", f"{d.n(180, 800)} kcal", d.of("Calories|Energy per serving")) if d.maybe("calories", 0.3) else None], d.pick(["colon", "above", "head", "tab"]))
    d.gap()
    amounts = "200 g|1 tbsp|2|3 cups|500 ml|1 tsp|a pinch of|150 g|4|half a|1 kg|250 g"
    things = d.some("flour|sugar|butter|eggs|milk|onion|carrots|garlic|olive oil|salt|tomatoes|lentils|apples|cream|chicken stock|lemon juice|thyme|cumin|rice|baking powder".split("|"), 5, 9)
    steps = [f"Heat the oven to {tell('temperature', f'{d.n(15, 23) * 10} °C')}.", *d.some([f"Chop the {things[0]} and the {things[1]}.", f"Mix {things[2]} with {things[3]} in a bowl.", f"Add the {things[4]} and stir well.", "Season to taste.", "Let it rest for 10 minutes.", "Simmer over low heat until soft.", "Pour into a greased tin."], 3, 5), f"{d.of('Bake|Cook')} for {cook} minutes."]
    def left() -> None:
        d.line(d.of("Ingredients|INGREDIENTS|You need"), bold=True)
        first = d.odds(0.6)
        rows = [[d.of(amounts), t] for t in things]
        columns = [("quantity", ""), ("product_name", "")]
        d.table("ingredient", "ingredients", columns if first else columns[::-1], rows if first else [r[::-1] for r in rows], heads=False, rules="none", align="ll", grow=int(first))
    def right() -> None:
        d.line(d.of("Method|Directions|Preparation"), bold=True)
        for i, step in enumerate(steps):
            d.line(f"{i + 1}. {step}")
    if d.odds(0.4):
        d.beside(left, right, weights=(2, 3))
    else:
        left()
        d.gap()
        right()
    if d.maybe("note", 0.3):
        d.gap(0.5)
        d.line(f"{label(d.of('Tip|Note'))}: {tell('note', d.of('it tastes even better the next day|use stale bread|freezes well for 3 months|serve with yoghurt'))}.", size=0.9)


@kind("book_page", width=(700, 950), size=(19, 23), fonts="serif serif2 serif", colours=0.2, tall=1.3, could="date price publisher speaker subtitle")
def book_page(d: Draft) -> None:
    """Write a page of a book with head, chapter and number."""
    number = d.n(3, 480)
    title, author = d.of("The Salt Road|Winter Letters|A House by the Canal|The Glass Hill|Seven Bridges"), d.person()
    top = d.odds(0.6)
    if top:
        d.row(*([tell("page_number", str(number)), tell("title", title.upper())] if number % 2 == 0 else [tell("author", author), tell("page_number", str(number))]), size=0.8)
        d.gap()
    if d.maybe("chapter", 0.6):
        d.line(f"{label(d.of('Chapter|CHAPTER|Part'))} {tell('chapter', d.of('1|2|5|Seven|XII|IV|Three|14'))}", "c", size=1.1)
        if d.odds(0.7):
            d.line(tell("chapter_title", d.of("The Arrival|What the Miller Knew|Snow|A Letter from Home|The Long Way Back")), "c", size=1.5, bold=True)
        d.gap()
    for _ in range(d.n(2, 5)):
        d.line(prose(d, d.n(2, 5)))
        d.gap(0.3)
    if not top:
        d.gap()
        d.line(tell("page_number", str(number)), "c", size=0.85)


@kind("contents", width=(700, 1000), size=(18, 24), fonts="serif sans serif2", could="date price chapter isbn")
def contents(d: Draft) -> None:
    """Write a table of contents or an index."""
    index = d.odds(0.3)
    d.line(tell("heading", d.of("Index") if index else d.of("Contents|CONTENTS|Table of contents|In this issue")), d.pick("lc"), size=1.7, bold=True)
    d.gap()
    names = "Introduction|Getting started|The first years|Tools and materials|Planting|Safety|Maintenance|Case studies|Maps and routes|Costs|Troubleshooting|Trade and money|The sea|Conclusion|Glossary|Appendix"
    chosen = d.some(names.split("|"), 5, 11)
    if index:
        chosen = sorted(c.lower() for c in chosen)
    at, rows = d.n(1, 9), []
    numbered = not index and d.odds(0.5)
    for i, name in enumerate(chosen):
        rows.append([*([str(i + 1)] if numbered else []), name, str(at)])
        at = d.n(2, 250) if index else at + d.n(4, 32)
    head = d.odds(0.25)
    d.table("chapter" if not index else "entry", "chapters" if not index else "entries", [*([("chapter", "Chapter" if head else "")] if numbered else []), ("title", d.of("Title|Section") if head else ""), ("page_number", "Page" if head else "")], rows, heads=head, rules=d.pick(["none", "none", "rows"]), grow=int(numbered))


@kind("newspaper", width=(900, 1300), size=(18, 23), fonts="serif serif2 serif narrow", could="phone email temperature edition")
def newspaper(d: Draft) -> None:
    """Write the front of a newspaper."""
    d.line(tell("brand", d.of(f"The {d.town} Herald|Daily {d.of(goods.NAMES)}|{d.town} Times|The Morning Post|Evening {d.of('Star|Courier|Echo')}")), "c", size=2.6, bold=True)
    d.rule("stroke")
    d.row(tell("date", d.date(0, d.pick([d.dated, "%A, %D %B %Y", "%A %D %B %Y"]))), *([f"{label(d.of('No.|Issue'))} {tell('edition', d.fill('###|#,###'))}"] if d.maybe("edition", 0.6) else []), tell("price", d.money(d.price(2.2), True)) if d.maybe("price", 0.8) else " ", size=0.85)
    d.rule("stroke")
    town = d.town
    d.line(tell("heading", d.of(f"New bridge opens in {town}|Storm leaves thousands without power|Council votes for free buses|Bakery wins national prize|Rail strike enters third day|Museum finds lost painting")), d.pick("lc"), size=2, bold=True)
    if d.maybe("subtitle", 0.5):
        d.line(tell("subtitle", d.of("Residents wait for answers|“We did not expect this,” says mayor|Costs rise to 14 million|Vote was close")), size=1.1)
    if d.maybe("author", 0.7):
        d.line(f"{label(d.of('By|BY|From our reporter'))} {tell('author', d.person())}", size=0.9)
    d.gap(0.6)
    columns = d.pick([1, 2, 3])
    d.beside(*[lambda: d.line(prose(d, d.n(2, 4))) for _ in range(columns)], gap=1.8)
    d.gap()
    if d.odds(0.4):
        d.line(f"{d.of('Weather|Today')}: {tell('weather', d.of('sunny|rain|cloudy with showers|snow'))}, {tell('temperature', f'{d.n(-4, 33)} °C')}   Sport: page {d.n(8, 30)}", size=0.85)


@kind("slide", width=(960, 1280), size=(24, 34), fonts="sans sans2 narrow serif", colours=0.5, dark=0.3, could="page_number email date subtitle phone")
def slide(d: Draft) -> None:
    """Write a slide of a talk."""
    if d.odds(0.3):
        d.gap(3)
        d.line(tell("title", d.of("Roadmap for next year|Water in Cities|Results of the pilot|How Bees Navigate|Onboarding guide|Safer Streets")), "c", size=2, bold=True, colour=d.accent)
        if d.maybe("subtitle", 0.5):
            d.line(tell("subtitle", d.of("A short overview|Annual conference|Workshop 3|Lessons from five towns")), "c", size=1.1)
        d.gap()
        d.line(tell("speaker", d.person(0.3)), "c")
        if d.maybe("employer", 0.5):
            d.line(tell("employer", d.company()), "c", size=0.85)
        d.line(tell("date", d.date()), "c", size=0.85)
    else:
        d.line(tell("title", d.of("Key results|Why it matters|Next steps|Costs|Our team|Risks|Timeline|Summary")), size=1.6, bold=True, colour=d.accent)
        d.gap()
        grown = d.n(3, 40)
        points = [f"Revenue up {tell('percentage', f'{grown}%')} on last year", "Three new sites opened", f"Budget: {tell('budget', d.money(d.n(2, 90) * 10 ** (4 + d.country.places), True))}", f"Launch planned for {tell('start_date', d.date(90, d.pick(['%B %Y', d.dated])))}", "Fewer complaints than ever", f"{tell('count_of_people', str(d.n(4, 60)))} people in the team", f"Contact: {tell('contact_person', d.person())}", "Two suppliers still missing", "Training starts in autumn"]
        mark = d.pick(["• ", "- ", "– ", "1"])
        for i, point in enumerate(d.some(points, 3, 5)):
            d.line(f"{i + 1}. {point}" if mark == "1" else mark + point)
            d.gap(0.2)
    d.gap()
    if d.maybe("page_number", 0.6):
        d.line(tell("page_number", d.fill("#|1#|2#")), "r", size=0.6)
    d.least = d.width * 0.5625


@kind("book_cover", width=(520, 760), size=(22, 30), fonts="serif sans italic serif2", colours=0.7, dark=0.4, could="price publisher isbn subtitle edition")
def book_cover(d: Draft) -> None:
    """Write the cover of a book."""
    first = d.odds(0.4)
    author = d.person()
    if first:
        d.line(tell("author", author), "c", size=1.1)
    d.gap(2)
    d.line(tell("title", d.of("The Salt Road|A History of Bread|Knots and Ropes|Learn Portuguese|The Quiet Valley|Physics for Gardeners|Old Maps|Night Trains")), "c", size=2.2, bold=True, colour=d.accent)
    if d.maybe("subtitle", 0.5):
        d.line(tell("subtitle", d.of("A novel|101 simple projects|From Rome to today|With 40 maps|Stories")), "c")
    d.gap(2.5)
    if not first:
        d.line(tell("author", author), "c", size=1.2)
    if d.maybe("edition", 0.3):
        d.line(tell("edition", d.of("Second edition|3rd edition|Revised edition")), "c", size=0.85)
    if d.maybe("publisher", 0.5):
        d.line(tell("publisher", d.of(f"{d.last} Press|{d.of(goods.NAMES)} Books")), "c", size=0.85)
    if d.maybe("price", 0.2):
        d.line(tell("price", d.money(d.price(15), True)), "r", size=0.8)
