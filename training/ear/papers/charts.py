"""Charts with printed values, boards of scores, tables of leagues, results of polls, keys of maps."""

# fmt: off

from __future__ import annotations

import math

from training.ear.paper import Draft, Mark, Span, kind, label, tell
from training.ear.papers.invoices import optional

COLOURS = ("#4472c4", "#ed7d31", "#2a9d4a", "#c0392b", "#8e44ad", "#16a085", "#d4ac0d", "#7f8c8d")
_THEMES = (
    ("Sales by fruit", "Apples Pears Plums Cherries Grapes Lemons Kiwis"), ("Visitors per month", "Jan Feb Mar Apr May Jun Jul"), ("Energy by source", "Wind Solar Hydro Gas Coal Nuclear"),
    ("Votes by party", "Greens Liberals Centre Labour Farmers Pirates"), ("Units sold", "Q1 Q2 Q3 Q4"), ("Rainfall in mm", "Mon Tue Wed Thu Fri Sat Sun"), ("Students per subject", "Maths Art Music History Biology Sports"),
    ("Turnover by branch", "Oslo Bergen Lyon Porto Ghent Basel"), ("Complaints by team", "Red Blue Green Yellow Orange"), ("Commuters by mode", "Car Bus Train Bike Foot Tram"), ("Pets in households", "Dogs Cats Fish Birds Rabbits"),
)  # fmt: skip


def theme(d: Draft) -> list[str]:
    """Write the title of a chart and give its categories."""
    title, names = d.pick(_THEMES)
    d.line(tell("title", title + d.of(f"| {d.today.year}|")), d.pick("lc"), size=1.3, bold=d.odds(0.7))
    if d.maybe("subtitle", 0.2):
        d.line(tell("subtitle", d.of("in thousands|survey of 1,200 adults|first half of the year")), d.pick("lc"), size=0.8)
    d.gap()
    found = names.split()
    return found[: d.n(3, len(found))] if len(found) > 3 else found


def source(d: Draft) -> None:
    """Write where the figures are from."""
    d.gap(0.5)
    if d.maybe("source", 0.4):
        d.line(f"{label(d.of('Source|Data'))}: {tell('source', d.of('National Statistics Office|company reports|own survey|City of Ghent'))}", size=0.7)


@kind("bar_chart", width=(640, 1100), size=(16, 22), fonts="sans sans2 narrow", colours=0.15, dark=0.1, could="subtitle source total author date percentage")
def bar_chart(d: Draft) -> None:
    """Draw bars with their values, of one or two series."""
    names = theme(d)
    series = d.pick([1, 1, 2]) if len(names) < 6 else 1
    top = d.pick([60, 400, 9000, 95])
    values = [[d.n(top // 12, top) for _ in range(series)] for _ in names]
    unit = d.pick(["", "", "%", " t", "k"]) if top < 500 else ""
    heads: list[Span | None] = [None] * series
    if series == 2:
        x = d.x
        for s, name in enumerate(d.pick([(str(d.today.year - 1), str(d.today.year)), ("Men", "Women"), ("Plan", "Actual"), ("North", "South")])):
            d.marks.append(Mark((x, d.y + 3, x + d.size * 0.8, d.y + 3 + d.size * 0.8), COLOURS[s]))
            made, _ = d.write(name, x + d.size * 1.2, d.y, size=0.9)
            heads[s], x = made[0], d.cells[-1].box[2] + d.size * 2
        d.y += d.size * 1.8
    rows: list[tuple[tuple[Span, ...], ...]] = []
    colour = d.pick(COLOURS)
    if d.odds(0.45):  # lying
        room = max(len(n) for n in names) * d.size * 0.65 + d.size
        for name, some in zip(names, values, strict=True):
            one, low = d.write(name, d.x, d.y + (d.size * 0.7 if series == 2 else 0), w=room)
            cells = [tuple(one)]
            y = d.y
            for s, value in enumerate(some):
                long = (d.w - room - d.size * 5) * value / top
                d.marks.append(Mark((d.x + room, y + 2, d.x + room + long, y + d.size), colour if series == 1 else COLOURS[s]))
                made, _ = d.write(f"{d.num(value)}{unit}", d.x + room + long + d.size * 0.6, y, size=0.85)
                cells.append(tuple(made))
                y += d.size * 1.35
            rows.append(tuple(cells))
            d.y = max(y, low) + d.size * 0.3
    else:
        high, wide = d.w * d.pick([0.35, 0.5]), d.w / len(names)
        base = d.y + high + d.size * 1.6
        low = base
        for i, (name, some) in enumerate(zip(names, values, strict=True)):
            cells = []
            for s, value in enumerate(some):
                w = wide * 0.7 / series
                x = d.x + i * wide + wide * 0.15 + s * w
                tip = base - high * value / top
                d.marks.append(Mark((x + 2, tip, x + w - 2, base), colour if series == 1 else COLOURS[s]))
                made, _ = d.write(f"{d.num(value)}{unit}", x, tip - d.size * 1.1, w=w, align="c", size=0.8)
                cells.append(tuple(made))
            one, under = d.write(name, d.x + i * wide + 2, base + d.size * 0.3, w=wide - 4, align="c", size=0.9)
            rows.append((tuple(one), *cells))
            low = max(low, under)
        d.marks.append(Mark((d.x, base, d.x + d.w, base), d.ink, shape="line"))
        d.y = low
    d.listed("bar", "bars", [("category", None), *[("value", head) for head in heads]], rows)
    source(d)


@kind("line_chart", width=(680, 1150), size=(16, 22), fonts="sans sans2 narrow", colours=0.1, could="subtitle source author total date")
def line_chart(d: Draft) -> None:
    """Draw a line through points with their values."""
    d.line(tell("title", d.of("Members over time|Price of wheat|Average temperature|Website visits|Unemployment rate|Share price")), d.pick("lc"), size=1.3, bold=True)
    d.gap()
    names = d.months(True)[: d.n(5, 9)] if d.odds(0.6) else [str(d.today.year - 7 + i) for i in range(d.n(4, 7))]
    top = d.pick([40, 90, 800])
    values = [d.n(top // 5, top) for _ in names]
    high, wide = d.w * 0.4, (d.w - d.size * 3) / len(names)
    base, left = d.y + high + d.size * 1.5, d.x + d.size * 2.5
    if d.odds(0.5):  # an axis with its numbers, which are not the values
        for i in range(3):
            d.write(d.num(top * i // 2), d.x, base - high * i / 2 - d.size * 0.5, w=d.size * 2, align="r", size=0.7)
    spots = [(left + (i + 0.5) * wide, base - high * v / top) for i, v in enumerate(values)]
    rows = []
    for i, (x, y) in enumerate(spots):
        if i:
            d.marks.append(Mark((*spots[i - 1], x, y), COLOURS[0], shape="line"))
        d.marks.append(Mark((x - 4, y - 4, x + 4, y + 4), COLOURS[0], shape="oval"))
        made, _ = d.write(d.num(values[i]), x - wide / 2, y - d.size * 1.35, w=wide, align="c", size=0.8)
        one, d.y = d.write(names[i], x - wide / 2, base + d.size * 0.4, w=wide, align="c", size=0.85)
        rows.append((tuple(one), tuple(made)))
    for line in ((left, base, d.x + d.w, base), (left, base - high, left, base)):
        d.marks.append(Mark(line, d.ink, shape="line"))
    d.listed("point", "points", [("category", None), ("value", None)], rows)
    source(d)


@kind("pie_chart", width=(620, 1000), size=(17, 23), fonts="sans sans2 narrow", colours=0.1, could="subtitle source total author date")
def pie_chart(d: Draft) -> None:
    """Draw a pie with its shares in a legend or around it."""
    names = theme(d)[:6]
    cuts = sorted(d.chance.sample(range(4, 97), len(names) - 1))
    shares = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    r = d.w * d.pick([0.18, 0.22])
    around = d.odds(0.4) and min(shares) > 5
    x, y = d.x + (d.w / 2 if around else r), d.y + r + (d.size * 2 if around else 0)
    at, rows = 0.0, []
    for i, (name, share) in enumerate(zip(names, shares, strict=True)):
        end = at + share * 3.6
        d.marks.append(Mark((x - r, y - r, x + r, y + r), COLOURS[i], shape=f"pie:{at}:{end}"))
        if around:
            turn = math.radians((at + end) / 2)
            side = math.cos(turn)
            px, py = x + (r + d.size) * side, y + (r + d.size * 1.1) * math.sin(turn) - d.size * 0.7
            w = d.size * 10
            one, low = d.write(name, px if side > 0 else px - w, py, w=w, align="l" if side > 0 else "r", size=0.85)
            two, _ = d.write(f"{share}%", px if side > 0 else px - w, low - d.size * 0.15, w=w, align="l" if side > 0 else "r", size=0.85)
        else:
            top = d.y + i * d.size * 1.7
            left = d.x + 2 * r + d.size * 2
            d.marks.append(Mark((left, top + 3, left + d.size * 0.8, top + 3 + d.size * 0.8), COLOURS[i]))
            one, _ = d.write(name, left + d.size * 1.4, top)
            two, _ = d.write(f"{share}%", left, top, w=d.x + d.w - left, align="r")
        rows.append((tuple(one), tuple(two)))
        at = end
    d.y = max(y + r, *(c.box[3] for c in d.cells)) + d.size
    d.listed("share", "shares", [("category", None), ("percentage", None)], rows)
    source(d)


@kind("scoreboard", width=(620, 1100), size=(22, 32), dark=0.7, fonts="sans mono narrow sans2", could="date venue seat price referee")
def scoreboard(d: Draft) -> None:
    """Write the board of a match."""
    a, b = d.chance.sample("LIONS TIGERS EAGLES SHARKS WOLVES BEARS HAWKS ROVERS UNITED CITY HOME GUEST".split(), 2)
    one, two = d.n(0, 9) if d.odds(0.5) else d.n(40, 120), d.n(0, 9) if d.odds(0.5) else d.n(40, 120)
    if d.odds(0.3):
        d.line(tell("event", d.of("Cup Final|League match|Basketball Night|Quarter-final")), "c", size=0.9)
    if d.odds(0.5):
        d.row(tell("home_team", a), tell("away_team", b), size=1.4, bold=True)
        d.row(tell("home_score", str(one)), tell("away_score", str(two)), size=3, bold=True, colour=d.accent)
    else:
        d.table("team", "teams", [("team", ""), ("score", "")], [[a, str(one)], [b, str(two)]], heads=False, rules="none", size=1.5)
    d.gap(0.5)
    d.pairs([optional(d, "period", 0.7, d.of("1|2|3|4|2nd half|HALF 1"), "Period", "Quarter"), optional(d, "time_left", 0.7, f"{d.n(0, 44)}:{d.n(0, 59):02}", "Time", "Clock"), optional(d, "fouls", 0.3, f"{d.n(0, 5)} - {d.n(0, 5)}", "Fouls")], d.pick(["above", "colon", "head"]))


@kind("league_table", width=(720, 1150), size=(17, 23), colours=0.3, dark=0.15, could="date venue price referee")
def league_table(d: Draft) -> None:
    """Write the standings of a league; points follow from the results."""
    d.line(tell("title", d.of(f"Premier Division|League table|Standings Group {d.fill('@')}|Season {d.today.year}/{d.today.year % 100 + 1}|Handball North")), d.pick("lc"), size=1.4, bold=True, colour=d.accent)
    d.gap()
    teams = []
    played = d.n(6, 34)
    for town in d.some("Leeds Porto Basel Ghent Boston Perth Durban Pune Lyon Graz Malmö Bari Derby Cork".split(), 4, 10):
        won = d.n(0, played)
        drawn = d.n(0, played - won)
        lost = played - won - drawn
        teams.append((won * 3 + drawn, (won - lost) * d.n(1, 3) + d.n(-2, 2), town + d.of(" FC| United|| City| 04"), won, drawn, lost))
    teams.sort(reverse=True)
    full = d.odds(0.7)
    rows = [[str(i + 1), t, str(played), *([str(w), str(e), str(lost), f"{g:+d}"] if full else []), str(p)] for i, (p, g, t, w, e, lost) in enumerate(teams)]
    columns = [("position", d.of("#|Pos|")), ("team", d.of("Team|Club")), ("played", d.of("P|Pl|Played|GP")), *([("won", "W"), ("drawn", "D"), ("lost", "L"), ("goal_difference", d.of("GD|+/-"))] if full else []), ("points", d.of("Pts|Points"))]
    d.table("team", "teams", columns, rows, heads=True, grow=1, align="ll" + "r" * (len(columns) - 2))


@kind("survey", width=(660, 1050), size=(18, 24), fonts="sans sans2 serif", colours=0.2, could="author date percentage phone source")
def survey(d: Draft) -> None:
    """Write the result of a poll."""
    d.line(tell("question", d.of("How do you get to work?|Are you happy with the service?|What is your favourite season?|Would you recommend us?|How often do you eat out?|Should the square be free of cars?")), size=1.3, bold=True)
    if d.maybe("count_of_people", 0.7):
        people = d.num(d.n(80, 5000))
        d.line(f"n = {tell('count_of_people', people)}" if d.odds(0.4) else f"{tell('count_of_people', people)} {d.of('people asked|answers|respondents')}", size=0.8)
    d.gap()
    answers = d.pick([["Yes", "No", "Don't know"], ["By car", "By bus", "On foot", "By bike"], ["Very happy", "Happy", "Neutral", "Unhappy", "Very unhappy"], ["Spring", "Summer", "Autumn", "Winter"], ["Never", "Monthly", "Weekly", "Daily"]])
    cuts = sorted(d.chance.sample(range(4, 97), len(answers) - 1))
    shares = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    d.table("answer", "answers", [("answer_text", ""), ("percentage", "")], [[a, d.percent(s)] for a, s in zip(answers, shares, strict=True)], heads=False, rules=d.pick(["none", "rows"]))
    source(d)


@kind("map_legend", width=(520, 900), size=(18, 25), fonts="sans serif narrow", colours=0.3, could="date author phone price version")
def map_legend(d: Draft) -> None:
    """Write the key of a map."""
    d.line(tell("title", d.of("Town map|Hiking map North|Metro network|Campus plan|Zoo map|Harbour chart") if d.odds(0.7) else d.of("Legend|Key")), size=1.4, bold=True)
    d.gap(0.5)
    rows = []
    for i, name in enumerate(d.some("Footpath|Main road|Railway|Forest|Lake|Hospital|Car park|Bus stop|Museum|Viewpoint|Campsite|Toilets|Line 1|Line 2|School".split("|"), 4, 9)):
        d.marks.append(Mark((d.x, d.y + 4, d.x + d.size * 1.6, d.y + d.size), COLOURS[i % 8], d.ink))
        made, d.y = d.write(name, d.x + d.size * 2.6, d.y)
        d.gap(0.15)
        rows.append((tuple(made),))
    d.listed("sign", "signs", [("category", None)], rows)
    d.gap(0.5)
    d.pairs([optional(d, "scale", 0.7, d.of("1 : 25 000|1:50,000|1 : 10 000"), "Scale"), optional(d, "version", 0.3, d.of("2nd|2021|4"), "Edition")], "colon", size=0.85)
    if d.maybe("distance", 0.3):
        d.line(tell("distance", d.of("0 - 500 m|1 km|2 miles")), size=0.8)


@kind("org_list", width=(640, 1050), size=(18, 24), could="website fax price date", colours=0.3)
def org_list(d: Draft) -> None:
    """Write a list of who is where, as in a lobby or a directory."""
    d.line(tell("title", d.of("Directory|Building guide|Staff contacts|Who is where|Departments")), d.pick("lc"), size=1.5, bold=True, colour=d.accent)
    d.gap()
    rooms = d.odds(0.5)
    names = d.some("Reception|Accounts|Human Resources|IT Support|Marketing|Legal|Canteen|Library|X-Ray|Cardiology|Pharmacy|Radiology|Archive".split("|"), 4, 9)
    if rooms:
        d.table("department", "departments", [("department", d.of("Department|Office|")), ("floor", d.of("Floor|Level")), ("room", d.of("Room|Door"))], [[n, d.of("1st|2nd|3rd|Ground|4th|Basement"), d.fill("###|@##")] for n in names], heads=d.odds(0.8), align="lll")
    else:
        d.table("person", "people", [("person", "Name"), ("department", d.of("Department|Role")), ("extension", d.of("Ext.|Extension|Phone"))], [[d.person(), n, d.fill("###|####")] for n in names], heads=True, align="lll")
