"""Papers of surgeries, laboratories, schools and insurers."""

# fmt: off

from __future__ import annotations

from functools import partial

from training.ear import goods
from training.ear.paper import Draft, kind, label, tell
from training.ear.papers.invoices import address, optional, plain_address

_SHEET = partial(kind, width=(780, 1120), size=(17, 23))
_CARD = partial(kind, width=(600, 940), size=(19, 26), colours=0.4)


def practice(d: Draft) -> None:
    """Write the head of a surgery."""
    d.line(tell("seller", d.of(f"{d.of(goods.NAMES)} Medical Centre|{d.town} Clinic|{d.last} Dental Practice|Health Centre {d.town}|{d.of(goods.NAMES)} Hospital")), d.pick("lc"), size=1.4, bold=True, colour=d.accent)
    d.line(tell("address", address(d, ", ", 0)), d.pick("lc"), size=0.85)
    if d.maybe("phone", 0.7):
        d.line(f"{label(d.name('phone'))} {tell('phone', d.phone)}", size=0.85)
    d.gap()


@_SHEET("prescription", could="fee next_appointment email refills weight birth_date side_effects")
def prescription(d: Draft) -> None:
    """Write a prescription."""
    practice(d)
    doctor = f"Dr {d.first} {d.last}"
    d.pairs([("patient", d.person(), d.of("Patient|Name|Patient name")), optional(d, "birth_date", 0.5, d.day(d.today.replace(year=d.n(1935, 2010), day=3)), "Date of birth", "DOB"), ("date", d.date()), optional(d, "patient_address", 0.2, plain_address(d, ", "), "Address")], d.pick(["colon", "tab", "above"]))
    d.rule("stroke")
    d.line("Rx" if d.odds(0.6) else "Prescription", size=1.4, bold=True)
    things = d.some(goods.MEDICINES.split("|"), 1, 3)
    often = "twice daily|3 times a day|every 8 hours|at night|once daily|as needed"
    if len(things) == 1:
        d.line(tell("product_name", things[0]), size=1.15)
        d.line(f"{label(d.of('Sig|Dose|Take'))}: {tell('dose', d.of('1 tablet|2 tablets|5 ml|1 capsule'))} {tell('dose_frequency', d.of(often))}" + (f" for {tell('duration', f'{d.n(3, 14)} days')}" if d.maybe("duration", 0.6) else ""))
        d.pairs([optional(d, "quantity", 0.6, str(d.n(1, 9) * 10), "Disp", "Quantity"), optional(d, "refills", 0.5, str(d.n(0, 4)), "Refills")], "colon")
    else:
        d.table("medicine", "medicines", [("product_name", d.of("Medicine|Drug")), ("dose", d.of("Dose|Dosage")), ("dose_frequency", d.of("Frequency|When")), ("duration", d.of("Days|Duration"))], [[t, d.of("1 tablet|2 tablets|5 ml"), d.of(often), f"{d.n(3, 14)} days"] for t in things], heads=True, align="llll")
    d.gap(1.5)
    d.line(tell("doctor", doctor), d.pick("lr"), font=d.pick(["hand", d.font]))
    if d.odds(0.5):
        d.line(f"{label(d.of('Licence no.|Reg. No.'))} {tell('licence_number', d.fill('######|MD-####'))}", size=0.85)
    if d.maybe("next_appointment", 0.3):
        d.line(f"{label(d.of('Next visit|Review on'))}: {tell('next_appointment', d.date(d.n(10, 60)))}")


@_SHEET("lab_result", could="email fee next_appointment total")
def lab_result(d: Draft) -> None:
    """Write the results of a laboratory with ranges and flags."""
    d.row(tell("seller", d.of(f"{d.last} Laboratories|BioLab {d.town}|Central Diagnostics")), d.of("LABORATORY REPORT|Blood test results|TEST REPORT"), size=1.25, bold=True)
    d.rule("stroke")
    d.pairs([("patient", d.person(), d.of("Patient|Name")), ("sample_number", d.fill("########|L##-####"), d.of("Sample ID|Lab No.|Specimen")), ("sample_date", d.date(-2), d.of("Collected|Sample taken")), ("date", d.date(), d.of("Reported|Report date|Date")), optional(d, "doctor", 0.6, f"Dr {d.last}", "Requested by", "Referring doctor", "Doctor"), optional(d, "age", 0.4, str(d.n(18, 90)), "Age")], d.pick(["colon", "above", "tab"]), columns=d.pick([2, 3]))
    d.gap()
    tests = [("Haemoglobin", 13.0, 17.0, "g/dL"), ("Glucose", 3.9, 5.6, "mmol/L"), ("Cholesterol", 3.0, 5.2, "mmol/L"), ("Ferritin", 30.0, 300.0, "ng/mL"), ("TSH", 0.4, 4.0, "mIU/L"), ("Creatinine", 60.0, 110.0, "µmol/L"), ("Vitamin D", 50.0, 125.0, "nmol/L"), ("White cells", 4.0, 11.0, "10^9/L"), ("Platelets", 150.0, 400.0, "10^9/L"), ("Sodium", 135.0, 145.0, "mmol/L"), ("Potassium", 3.5, 5.1, "mmol/L"), ("CRP", 0.0, 5.0, "mg/L")]
    flags = d.odds(0.6)
    rows = []
    for name, low, high, unit in d.some(tests, 4, 10):
        value = round(d.chance.uniform(low * 0.85, high * 1.15), 1)
        rows.append([name, f"{value:g}", unit, f"{low:g} - {high:g}", *([("H" if value > high else "L" if value < low else "")] if flags else [])])
    d.table("test", "tests", [("test", d.of("Test|Analyte|Parameter")), ("value", d.of("Result|Value")), ("unit", d.of("Unit|Units")), ("reference", d.of("Reference range|Normal range|Ref.")), *([("flag", "Flag")] if flags else [])], rows, heads=True, align="lrllc"[: 5 if flags else 4])
    if d.maybe("note", 0.4):
        d.gap()
        d.line(f"{label(d.of('Comment|Remarks|Note'))}: {tell('note', d.of('fasting sample|repeat in 3 months|sample slightly haemolysed|all values within range of age'))}.")


@_CARD("appointment_card", could="email address fee duration room reason")
def appointment_card(d: Draft) -> None:
    """Write a card with the next appointment."""
    practice(d)
    d.line(d.of("Your next appointment|APPOINTMENT CARD|Appointment reminder"), bold=True)
    d.pairs([optional(d, "patient", 0.7, d.person(0.4), "Patient", "Name"), ("next_appointment", d.date(d.n(3, 60)), d.of("Date|On|Day")), ("time", d.clock(d.n(32, 68) * 15, d.short_time), d.of("Time|At")), optional(d, "doctor", 0.7, f"Dr {d.last}", "With", "Doctor", "Dentist"), optional(d, "room", 0.3, str(d.n(1, 30)), "Room"), optional(d, "reason", 0.3, d.of("Check-up|Cleaning|Vaccination|X-ray"), "Reason", "Treatment")], d.pick(["colon", "tab", "above", "wide"]))
    d.gap(0.5)
    d.line(f"Please give {tell('notice_period', d.of('24 hours|48 hours|one day'))} notice if you cannot come." if d.odds(0.5) else "Please bring this card with you.", size=0.8)


@_SHEET("school_report", could="phone birth_date fee rank")
def school_report(d: Draft) -> None:
    """Write a report of a school."""
    d.line(tell("seller", d.of(f"{d.of(goods.NAMES)} Primary School|{d.town} High School|St. {d.first}'s College")), "c", size=1.4, bold=True)
    d.line(tell("heading", d.of("School Report|REPORT CARD|End of term report")), "c", size=1.1)
    d.gap()
    d.pairs([("student", d.person(), d.of("Student|Pupil|Name")), ("class", d.fill("#@|Year #|Grade #"), d.of("Class|Form")), ("period", d.of("Autumn term|Spring term|Term 2|1st semester") + f" {d.today.year}", d.of("Term|Period")), optional(d, "teacher", 0.6, d.person(0.8), "Class teacher", "Tutor"), optional(d, "days_absent", 0.5, str(d.n(0, 14)), "Days absent", "Absences")], columns=2)
    d.gap()
    letters = d.odds(0.5)
    subjects = d.some("Mathematics|English|Science|History|Geography|Art|Music|Physical Education|French|Computing|Biology|Physics".split("|"), 5, 10)
    comments = d.odds(0.5)
    marks = [d.of("A|B|C|A-|B+|D") if letters else str(d.n(45, 99)) for _ in subjects]
    d.table("subject", "subjects", [("subject", "Subject"), ("score", d.of("Grade|Mark|Result") if letters else d.of("Marks|Score|%")), *([("note", d.of("Comment|Remarks"))] if comments else [])], [[s, m, *([d.of("Good work|Needs practice|Excellent|Works hard|")] if comments else [])] for s, m in zip(subjects, marks, strict=True)], heads=True, align="lcl"[: 3 if comments else 2])
    if not letters and d.odds(0.5):
        d.row(label(d.of("Average|Mean mark")), tell("average", f"{sum(map(int, marks)) / len(marks):.1f}"), bold=True)
    d.gap(1.2)
    d.row(f"{label(d.of('Principal|Head teacher'))}: {tell('manager', d.person(0.3))}", f"{label('Date')}: {tell('date', d.date())}")


@_SHEET("school_timetable", width=(820, 1250), could="phone date address")
def school_timetable(d: Draft) -> None:
    """Write who has what when: days across, hours down, some blank."""
    d.line(tell("title", d.of(f"Timetable {d.fill('#@')}|Class schedule|Weekly plan|Duty roster|Training plan")), d.pick("lc"), size=1.5, bold=True)
    d.gap()
    duty = d.odds(0.3)
    days = d.weekdays(d.odds(0.5))[: d.pick([5, 5, 6])]
    what = [d.first for _ in range(5)] if duty else "Maths English Art Music PE Science History French IT Biology".split()
    start, rows = d.n(15, 18) * 30, []
    long = d.pick([45, 50, 60])
    for i in range(d.n(4, 7)):
        at = start + i * long
        rows.append([f"{d.clock(at, '%H:%M')}-{d.clock(at + long, '%H:%M')}" if not duty else d.of("Early|Late|Night|Front desk|Kitchen|Bar"), *[d.pick(what) if d.odds(0.88) else "" for _ in days]])
    d.table("shift" if duty else "lesson", "shifts" if duty else "lessons", [("shift" if duty else "time", d.of("Shift|Post") if duty else d.of("Time|Lesson|")), *[("day", day) for day in days]], rows, heads=True, spread=True, align="l" + "c" * len(days), rules=d.pick(["grid", "grid", "rows", "head", "stripes"]))


@_CARD("insurance_card", dark=0.15, could="address expiry_date birth_date fee website issue_date")
def insurance_card(d: Draft) -> None:
    """Write the card of an insurer."""
    d.line(tell("seller", d.of(f"{d.of(goods.NAMES)} Health|{d.last} Mutual|Union Insurance|SafeLife")), size=1.4, bold=True, colour=d.accent)
    d.line(d.of("HEALTH INSURANCE CARD|Member ID card|Insurance card|Motor insurance"), size=0.9)
    d.gap()
    d.pairs([("person", d.person(), d.of("Name|Member|Insured|Member name")), ("policy_number", d.fill("@@@########|####-######|@#######"), d.of("Policy No.|Member ID|Policy number")), optional(d, "group_number", 0.5, d.fill("####|G-#####"), "Group No.", "Group"), optional(d, "start_date", 0.5, d.date(-100), "Effective date", "Valid from"), optional(d, "expiry_date", 0.5, d.date(265), "Valid until", "Expires"), optional(d, "plan", 0.4, d.of("Silver|Gold PPO|Basic|Family Plus"), "Plan")], d.pick(["above", "colon", "tab"]), columns=2)
    if d.odds(0.4):
        d.pairs([("copay", d.money(d.price(25), True), d.of("Co-pay|Office visit")), ("emergency_copay", d.money(d.price(120), True), d.of("Emergency|ER"))], "colon", size=0.9)
    if d.maybe("phone", 0.6):
        d.line(f"{d.of('Customer service|Claims|24 h helpline')}: {tell('phone', d.phone)}", size=0.85)


@_SHEET("policy", fonts="serif sans sans2", could="phone email discount tax iban due_date fee licence_plate")
def policy(d: Draft) -> None:
    """Write the schedule of an insurance policy."""
    d.line(tell("seller", d.of(f"{d.last} Insurance plc|{d.of(goods.NAMES)} Assurance|First Mutual")), size=1.5, bold=True, colour=d.accent)
    d.line(tell("title", d.of("Home insurance policy schedule|MOTOR INSURANCE CERTIFICATE|Travel insurance confirmation|Policy summary")), size=1.2)
    d.gap()
    d.pairs([("policy_number", d.fill("POL-######|@@/#######|########"), d.name("policy_number", "Policy No.", "Policy number")), ("buyer", d.person(0.5), d.of("Policyholder|Insured|Name of insured")), ("start_date", d.date(), d.of("Start of cover|Valid from|Effective date")), ("end_date", d.date(364), d.of("End of cover|Valid to|Renewal date")), optional(d, "address", 0.6, plain_address(d, ", "), "Insured address", "Address"), optional(d, "licence_plate", 0.3, d.fill("@@## @@@"), "Vehicle"), ("price", d.money(d.price(380), True), d.of("Annual premium|Premium|Total premium")), ("excess", d.money(d.price(250), True), d.of("Excess|Deductible"))], d.pick(["tab", "wide", "colon", "above"]))
    d.gap()
    d.table("cover", "covers", [("cover", d.of("Cover|Section")), ("limit", d.of("Limit|Sum insured"))], [[t, d.money(d.n(2, 90) * 10 ** (3 + d.country.places), True)] for t in d.some(["Buildings", "Contents", "Legal costs", "Personal liability", "Theft", "Glass", "Medical costs", "Luggage"], 3, 6)], heads=True)
    d.gap()
    if d.maybe("phone", 0.6):
        d.line(f"To make a claim call {tell('phone', d.phone)}.")
