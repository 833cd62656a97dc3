"""The world that papers tell of: countries with their money, dates, names and streets, and what is sold."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from training.ear import goods

T = TypeVar("T")

# Ground, ink, accent.
LIGHT = (
    ("#fffbe8", "#222222", "#8a5a00"), ("#f4f8ff", "#10243c", "#1f4e79"), ("#fdf1f1", "#301010", "#b02020"), ("#f1faf1", "#102810", "#207030"),
    ("white", "#1a3c8c", "#1a3c8c"), ("white", "#222222", "#b02020"), ("#ffe34d", "black", "black"), ("#f5f0e6", "#3b2a1a", "#7a3b1a"), ("#eeeeee", "black", "#333333"),
)  # fmt: skip
DARK = (
    ("#111111", "#eeeeee", "#7fb2ff"), ("#1e1e2e", "#dcdcf0", "#f0c674"), ("#0d3b66", "white", "#ffd166"), ("#14532d", "white", "#ffee99"),
    ("#7a1020", "white", "#ffd9a0"), ("#2b2b2b", "#f2f2f2", "#9ad0a0"), ("black", "#ffb000", "#ffb000"),
)  # fmt: skip

# code; country; language; signs of its money; form; tax; rates; people; phones; postcodes with towns
_COUNTRIES = """
US;United States;en;$;,.2;Sales tax|Tax;8.25 7 6 9.5;en;(###) ###-####|###-###-####|+1 ### ### ####;Springfield, IL 627##|Portland, OR 972##|Austin, TX 787##|Dayton, OH 454##|Boise, ID 837##|Tampa, FL 336##|Denver, CO 802##|Salem, MA 019##|Tucson, AZ 857##|Madison, WI 537##
GB;United Kingdom;en;£;,.2;VAT;20 20 5;en;020 7### ####|01### ######|+44 1### ######|0### ### ####;Leeds LS# #DT|Bristol BS# #QA|York YO1 #HG|Cardiff CF10 #BH|Norwich NR# #PL|Exeter EX# #RB|Bath BA# #NE|Derby DE1 #FU|Aberdeen AB10 #XG
IE;Ireland;en;€;,.2;VAT;23 13.5 9;en;01 ### ####|021 ### ####|+353 1 ### ####;Dublin D0# A#W#|Cork T12 #XY#|Galway H91 K#P#|Limerick V94 #TD#
AU;Australia;en;$|AUD ;,.2;GST;10;en;(0#) #### ####|1300 ### ###|+61 # #### ####;Perth WA 60##|Hobart TAS 70##|Geelong VIC 32##|Cairns QLD 48##|Newcastle NSW 23##
CA;Canada;en;$|CAD ;,.2;HST|GST;13 5 15;en;(###) ###-####|1-800-###-####;Halifax NS B3H #K#|Toronto ON M5V #A#|Calgary AB T2P #J#|Ottawa ON K1P #L#
NZ;New Zealand;en;$;,.2;GST;15;en;0# ### ####|+64 # ### ####;Nelson 70##|Dunedin 90##|Napier 41##|Hamilton 32##
ZA;South Africa;en;R|R ;,.2;VAT;15;en;0## ### ####|+27 ## ### ####;Durban 40##|George 65##|Pretoria 00##|Knysna 65##
IN;India;en;₹|Rs.|Rs. |INR ;,.2;GST;5 12 18;in;+91 ##### #####|080-########|0##-########;Pune 4110##|Bengaluru 5600##|Kochi 6820##|Jaipur 3020##|Mysuru 5700##|Chennai 6000##
MY;Malaysia;en;RM|RM ;,.2;SST|GST|Service tax;6 8 10;my;03-#### ####|012-### ####|+60 3 #### ####;Shah Alam 401##|Kuala Lumpur 504##|Ipoh 30###|Johor Bahru 81###|Melaka 750##|Klang 41###|Petaling Jaya 47###
SG;Singapore;en;S$|$|SGD ;,.2;GST;9 8;my;+65 #### ####|6### ####;Singapore 2#####|Singapore 5#####|Singapore 1#####
HK;Hong Kong;en;HK$|HKD ;,.2;;;my;+852 #### ####|2### ####;Kowloon|Central|Sha Tin|Tsuen Wan
AE;United Arab Emirates;en;AED |Dhs ;,.2;VAT;5;in;+971 4 ### ####|04 ### ####;Dubai|Sharjah|Abu Dhabi
JP;Japan;en;¥;,.0;Consumption tax|Tax;10 8;jp;03-####-####|06-####-####;Osaka 530-00##|Kyoto 600-8###|Sapporo 060-00##|Nagoya 450-00##
SE;Sweden;en; kr| SEK; ,2;VAT|Moms;25 12 6;se;08-### ## ##|+46 # ### ## ##;### ## Uppsala|### ## Malmö|### ## Lund|### ## Kalmar
PL;Poland;en; zł| PLN; ,2;VAT;23 8 5;pl;## ### ## ##|+48 ### ### ###;##-### Kraków|##-### Gdynia|##-### Toruń|##-### Lublin
DE;Deutschland;de; €| EUR;.,2;MwSt.|USt.;19 7;de;0## ######|0#### / #####|+49 ### ######;#### Leipzig|##### Kassel|##### Bremen|##### Ulm|##### Mainz|##### Rostock|##### Trier
AT;Österreich;de; €|€ ;.,2;USt.|MwSt.;20 10;de;0### / ######|+43 # ### ####;#### Linz|#### Graz|#### Villach|#### Bregenz
CH;Schweiz;de;CHF | CHF|Fr. ;'.2;MWST;8.1 2.6;de;0## ### ## ##|+41 ## ### ## ##;#### Thun|#### Luzern|#### Chur|#### Winterthur
FR;France;fr; €| EUR; ,2;TVA;20 10 5.5;fr;0# ## ## ## ##|+33 # ## ## ## ##;##### Lyon|##### Nantes|##### Rouen|##### Angers|##### Dijon|##### Nîmes
BE;Belgique;fr; €|€ ;.,2;TVA;21 6;fr;0# ### ## ##|+32 # ### ## ##;#### Liège|#### Namur|#### Mons|#### Tournai
ES;España;es; €|€;.,2;IVA;21 10 4;es;9## ## ## ##|+34 ### ### ###;##### Valencia|##### Sevilla|##### Bilbao|##### Granada|##### Vigo
MX;México;es;$|$ ;,.2;IVA;16;es;## #### ####|+52 ## #### ####;Puebla 72###|Mérida 97###|León 37###|Oaxaca 68###
IT;Italia;it;€ | €;.,2;IVA;22 10 4;it;0## #######|+39 0# ######;##### Torino|##### Bologna|##### Verona|##### Lecce|##### Trieste
PT;Portugal;pt; €|€;.,2;IVA;23 13 6;pt;2## ### ###|+351 2## ### ###;####-### Porto|####-### Braga|####-### Évora|####-### Faro
BR;Brasil;pt;R$ |R$;.,2;ICMS;18 12;pt;(##) ####-####|(##) 9####-####;Curitiba 80###-###|Recife 50###-###|Natal 59###-###
NL;Nederland;nl;€ |€;.,2;BTW;21 9;nl;0##-#######|+31 ## ### ####;#### KD Utrecht|#### AB Leiden|#### XR Breda|#### PN Delft|#### GH Zwolle
"""
_FIRST = {
    "en": "Alice Ben Carla Daniel Ella Frank Grace Henry Isla Jack Karen Liam Megan Nathan Olivia Peter Quinn Rachel Samuel Tess Una Victor Wendy Zoe Marcus Joanne Kevin Nia Tyrone Dorothy Hugh Sheila Kyle Amber Leon Ruth Gareth Imogen Declan Priya Omar",
    "de": "Anna Bernd Claudia Dieter Elke Florian Greta Holger Ines Jürgen Katrin Lukas Monika Nils Petra Rolf Sabine Thomas Ulrike Volker Wiebke Jonas Heike Sönke",
    "fr": "Amélie Bruno Chloé Denis Élodie François Gaëlle Hugo Inès Julien Laure Mathieu Nadia Olivier Pauline Rémi Sophie Thierry Valérie Yann Lucie Didier",
    "es": "Alba Borja Carmen Diego Elena Fernando Gloria Héctor Inés Javier Lucía Manuel Nuria Óscar Pilar Ramón Sara Tomás Ximena Rocío Álvaro",
    "it": "Alessia Bruno Chiara Davide Elisa Fabio Giulia Ivan Lorenzo Marta Nicola Paola Riccardo Silvia Tommaso Valentina Matteo Serena",
    "pt": "Ana Bruno Catarina Duarte Eduardo Filipa Gonçalo Helena Inês João Leonor Miguel Nuno Rita Sofia Tiago Vera Thaís",
    "nl": "Anouk Bram Daan Eline Floris Hanneke Ingrid Joris Kees Lotte Maarten Noor Pieter Sanne Thijs Willem Femke",
    "in": "Aarav Anjali Deepak Divya Farhan Gita Harish Kavita Lakshmi Manoj Neha Prakash Ravi Sunita Suresh Vikram Meera Arjun",
    "my": "Aisha Azlan Chee Devi Farid Hafiz Mei Nurul Rahman Siti Wei Yusof Zainab Kumar Lina Jun",
    "jp": "Aiko Daichi Emi Hiroshi Kana Kenji Mariko Naoki Sakura Takumi Yui Yuto", "se": "Astrid Björn Elsa Gustav Ingrid Johan Karin Lars Maja Nils Saga Oskar",
    "pl": "Agnieszka Bartek Dorota Ewa Grzegorz Hanna Jacek Kasia Marek Piotr Wojciech Zofia",
}  # fmt: skip
_LAST = {
    "en": "Adams Bennett Carter Dawson Ellis Foster Griffin Hughes Irving Jenkins Kelly Lawson Morgan Norris Owens Parker Reed Shaw Turner Vaughan Walsh York Okafor Baker Cole Doyle Finch Hale Marsh Pike Stone Webb Murphy O'Brien McKay Lindqvist Nguyen Castillo",
    "de": "Müller Schmidt Weber Wagner Becker Hoffmann Schäfer Koch Bauer Richter Klein Wolf Neumann Schwarz Krüger Hofmann Lange Vogel Böhm Seidel",
    "fr": "Martin Bernard Dubois Moreau Laurent Lefèvre Michel Garcia Roux Fournier Girard Bonnet Dupont Lambert Faure Mercier Blanc Guérin",
    "es": "García Fernández López Martínez Sánchez Pérez Gómez Ruiz Díaz Torres Navarro Serrano Molina Ortega Delgado Castro Ibáñez",
    "it": "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Conti Gallo Costa Mancini Barbieri Fontana",
    "pt": "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Fernandes Gonçalves Almeida Ribeiro Carvalho",
    "nl": "Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Kuipers Postma", "in": "Sharma Patel Nair Iyer Reddy Gupta Singh Menon Rao Das Joshi Kulkarni Bose Mehta Khan",
    "my": "Abdullah Tan Lim Ismail Wong Krishnan Hassan Lee Ahmad Ng Chong Osman", "jp": "Sato Suzuki Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Mori Hayashi",
    "se": "Andersson Nilsson Lindberg Berg Holm Sandström Ek Nyström Sjögren", "pl": "Nowak Kowalska Wójcik Lewandowski Zając Kaczmarek Mazur Dudek",
}  # fmt: skip
_STREETS = {
    "en": "High Street|Station Road|Mill Lane|Church Road|Maple Avenue|Oak Street|Harbour View|Queen's Road|Victoria Street|Park Avenue|Elm Drive|Bridge Street|King Street|Orchard Close|Main Street|Riverside Drive|Market Place|Lakeside Boulevard|Castle Hill|Union Square",
    "de": "Bahnhofstraße|Hauptstraße|Lindenweg|Gartenstraße|Schulgasse|Am Markt|Mühlenweg|Goethestraße|Ringstraße|Kirchplatz|Seestrasse",
    "fr": "rue de la Gare|avenue Victor Hugo|place du Marché|rue des Lilas|boulevard Carnot|rue Pasteur|quai des Arts|impasse du Moulin",
    "es": "Calle Mayor|Avenida de la Paz|Calle del Sol|Plaza Nueva|Paseo Marítimo|Calle Real|Ronda Norte", "it": "Via Roma|Corso Garibaldi|Piazza Dante|Via Mazzini|Viale Europa|Via dei Mille|Via Verdi",
    "pt": "Rua Augusta|Avenida da Liberdade|Rua do Sol|Praça Nova|Rua das Flores|Travessa do Carmo", "nl": "Kerkstraat|Dorpsstraat|Molenweg|Stationsplein|Prinsengracht|Lindelaan|Havenkade",
    "in": "M.G. Road|Nehru Nagar|Brigade Road|Station Road|Gandhi Marg|Ring Road|Lake View Colony", "my": "Jalan Ampang|Jalan Merdeka|Jalan Sri Hartamas 1|Lorong Bunga 3|Jalan Tun Razak|Persiaran Damai|Jalan SS 2/24",
    "jp": "Chuo-dori|Sakura 2-chome|Minami-machi|Shinmachi", "se": "Storgatan|Kungsgatan|Skolvägen|Hamngatan", "pl": "ul. Długa|ul. Polna|Rynek|ul. Lipowa",
}  # fmt: skip
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}  # fmt: skip
_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday", "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche", "es": "lunes martes miércoles jueves viernes sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica", "pt": "segunda terça quarta quinta sexta sábado domingo",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
}  # fmt: skip
# D day, M month, Y year, B name of the month, b its first letters, A name of the day, a its first letters.
_DATES = {
    "en": "%d/%m/%Y|%d-%m-%Y|%D %B %Y|%D %b %Y|%d-%b-%Y|%d.%m.%Y|%Y-%m-%d|%a %D %b %Y|%A, %D %B %Y|%d/%m/%y|%b %D, %Y|%D. %B %Y|%d %b %y",
    "us": "%m/%d/%Y|%m/%d/%y|%B %D, %Y|%b %D, %Y|%a, %b %D, %Y|%A, %B %D, %Y|%m-%d-%Y|%Y-%m-%d",
    "de": "%d.%m.%Y|%d.%m.%y|%D. %B %Y|%D.%n.%Y|%A, %D. %B %Y", "fr": "%d/%m/%Y|%d/%m/%y|%D %B %Y|%A %D %B %Y|%d-%m-%Y", "es": "%d/%m/%Y|%D de %B de %Y|%d-%m-%Y|%d/%m/%y",
    "it": "%d/%m/%Y|%d-%m-%Y|%D %B %Y|%d.%m.%y", "pt": "%d/%m/%Y|%D de %B de %Y|%d-%m-%Y", "nl": "%d-%m-%Y|%D %B %Y|%d/%m/%Y|%A %D %B %Y",
}  # fmt: skip
_TIMES = {
    "en": "%H:%M|%H:%M|%I:%M %p|%i:%M%q|%H:%M:%S|%H.%M",
    "us": "%I:%M %p|%i:%M %p|%I:%M:%S %p|%i:%M %q",
    "fr": "%H:%M|%Hh%M|%H:%M:%S",
    "de": "%H:%M|%H:%M Uhr|%H:%M:%S",
}


@dataclass(frozen=True)
class Country:
    """What differs between countries on a paper."""

    code: str
    name: str
    language: str
    signs: tuple[str, ...]
    thousands: str
    decimal: str
    places: int
    taxes: tuple[str, ...]
    rates: tuple[str, ...]
    people: str
    phones: tuple[str, ...]
    towns: tuple[str, ...]


def _country(line: str) -> Country:
    code, name, language, signs, form, taxes, rates, people, phones, towns = line.split(";")
    return Country(code, name, language, tuple(signs.split("|")), form[0], form[1], int(form[2]), tuple(taxes.split("|")) if taxes else (),
                   tuple(rates.split()), people, tuple(phones.split("|")), tuple(towns.split("|")))  # fmt: skip


COUNTRIES = tuple(_country(line) for line in _COUNTRIES.strip().splitlines())
_ENGLISH = tuple(c for c in COUNTRIES if c.language == "en")
_OTHER = tuple(c for c in COUNTRIES if c.language != "en")


class World:
    """What one paper chooses from the world: a country, a language, how money and dates are written."""

    def __init__(self, chance: random.Random, langs: str) -> None:
        self.chance = chance
        pick = chance.choice
        self.country = pick(_OTHER) if langs == "all" and chance.random() < 0.42 else pick(_ENGLISH)
        self.lang = self.country.language
        self.sign = pick(self.country.signs)
        self.dated = pick(_DATES["us" if self.country.code == "US" else self.lang].split("|"))
        self.timed = pick(
            _TIMES.get("us" if self.country.code == "US" else self.lang, _TIMES["en"]).split("|")
        )
        self.today = dt.date(2015, 1, 1) + dt.timedelta(chance.randint(0, 4300))
        self.signed = pick(["never", "always", "totals"])

    # Chance

    def pick(self, some: Sequence[T]) -> T:
        """Choose one."""
        return self.chance.choice(some)

    def of(self, some: str) -> str:
        """Choose one of a text's parts between bars."""
        return self.chance.choice(some.split("|"))

    def odds(self, odds: float) -> bool:
        """Throw a coin that falls so often on its head."""
        return self.chance.random() < odds

    def n(self, low: int, high: int) -> int:
        """Choose a whole number."""
        return self.chance.randint(low, high)

    def some(self, things: Sequence[T], low: int, high: int) -> list[T]:
        """Choose several different ones."""
        return self.chance.sample(things, min(len(things), self.chance.randint(low, high)))

    def fill(self, pattern: str) -> str:
        """Replace # by digits, @ by letters."""
        pattern = self.of(pattern)
        return "".join(
            [
                str(self.chance.randint(0, 9))
                if c == "#"
                else self.chance.choice("ABCDEFGHJKLMNPRSTVWXYZ")
                if c == "@"
                else c
                for c in pattern
            ]
        )

    # Money and numbers

    def num(self, value: float, places: int = 0) -> str:
        """Write a number as the country does."""
        return f"{value:,.{places}f}".translate(
            {44: self.country.thousands, 46: self.country.decimal}
        )

    def money(self, cents: int, signed: bool | None = None) -> str:
        """Write an amount of the smallest coin as the country does."""
        text = self.num(abs(cents) / 10**self.country.places, self.country.places)
        if self.signed == "always" if signed is None else signed:
            text = (
                text + self.sign if self.sign[0] == " " and len(self.sign) > 1 else self.sign + text
            )
        return "-" + text if cents < 0 else text

    def pay(self, cents: int) -> str:
        """Write an amount as this paper writes its totals."""
        return self.money(cents, self.signed != "never")

    def price(self, euros: float) -> int:
        """Give a likely price near a number of euros, in the smallest coin."""
        rate = {
            "JP": 150,
            "IN": 60,
            "MY": 3,
            "SE": 10,
            "HK": 8,
            "AE": 4,
            "PL": 4,
            "ZA": 12,
            "MX": 18,
            "BR": 5,
        }.get(self.country.code, 1)
        worth = euros * rate * self.chance.uniform(0.7, 1.4)
        if self.country.places == 0:
            return max(10, round(worth / 10) * 10)
        if rate > 5:
            return max(100, round(worth) * 100 - self.chance.choice([0, 0, 1, 5, 50]))
        return max(15, round(worth * 100 / 5) * 5 - self.chance.choice([0, 1, 0, 5]))

    @property
    def tax(self) -> str:
        """Name the tax."""
        return self.pick(self.country.taxes or ("Tax",))

    @property
    def rate(self) -> str:
        """Give one of the tax's rates as a number in English."""
        return self.pick(self.country.rates or ("0",))

    def percent(self, rate: str | float) -> str:
        """Write a share."""
        return str(rate).replace(".", self.country.decimal) + (
            "%" if self.lang in ("en", "it", "pt", "nl") or self.odds(0.3) else " %"
        )

    # Dates and times

    def date(self, days: int = 0, form: str = "") -> str:
        """Write the date so many days from the paper's."""
        return self.day(self.today + dt.timedelta(days), form)

    def day(self, day: dt.date, form: str = "") -> str:
        """Write a date in this paper's form, or in one that is given."""
        month, name = (
            _MONTHS[self.lang].split()[day.month - 1],
            _DAYS[self.lang].split()[day.weekday()],
        )
        out = form or self.dated
        for sign, text in (
            ("%d", f"{day.day:02}"), ("%D", str(day.day)), ("%m", f"{day.month:02}"), ("%n", str(day.month)), ("%Y", str(day.year)), ("%y", f"{day.year % 100:02}"),
            ("%B", month), ("%b", month[:3]), ("%A", name), ("%a", name[:3]),
        ):  # fmt: skip
            out = out.replace(sign, text)
        return out

    def weekdays(self, short: bool = False) -> list[str]:
        """Name the days of the week."""
        days = _DAYS[self.lang].split()
        return [day[: 3 if self.lang == "en" else 2] for day in days] if short else days

    def months(self, short: bool = False) -> list[str]:
        """Name the months."""
        return [month[:3] if short else month for month in _MONTHS[self.lang].split()]

    def clock(self, minutes: int, form: str = "") -> str:
        """Write a time of the day, given in minutes."""
        hour, minute = minutes // 60 % 24, minutes % 60
        half = "AM" if hour < 12 else "PM"
        out = form or self.timed
        for sign, text in (
            ("%H", f"{hour:02}"), ("%I", f"{(hour - 1) % 12 + 1:02}"), ("%i", str((hour - 1) % 12 + 1)), ("%M", f"{minute:02}"), ("%S", f"{self.chance.randint(0, 59):02}"),
            ("%p", half), ("%q", half.lower()),
        ):  # fmt: skip
            out = out.replace(sign, text)
        return out

    @property
    def short_time(self) -> str:
        """Give the form of this paper's times, without seconds."""
        return self.timed.replace(":%S", "")

    # People and places

    @property
    def first(self) -> str:
        """Choose a first name."""
        return self.pick(_FIRST[self.country.people].split())

    @property
    def last(self) -> str:
        """Choose a family name."""
        return self.pick(_LAST[self.country.people].split())

    def person(self, titled: float = 0.0) -> str:
        """Name someone."""
        name = f"{self.first} {self.last}"
        if self.odds(0.08):
            name = f"{self.first[0]}. {self.last}"
        titles = {
            "en": "Mr|Ms|Mrs|Dr",
            "de": "Herr|Frau",
            "fr": "M.|Mme",
            "es": "Sr.|Sra.",
            "it": "Sig.|Sig.ra",
            "pt": "Sr.|Sra.",
            "nl": "Dhr.|Mevr.",
        }
        return f"{self.of(titles[self.lang])} {name}" if self.odds(titled) else name

    @property
    def phone(self) -> str:
        """Give a phone number."""
        return self.fill(self.pick(self.country.phones))

    @property
    def town(self) -> str:
        """Name a town, without its postcode."""
        return self.pick(
            [
                w
                for w in self.pick(self.country.towns).replace(",", "").split()
                if w.isalpha() and not w.isupper()
            ]
            or ["Newton"]
        )

    def street(self) -> str:
        """Give a street with a number."""
        people, number = self.country.people, self.n(1, 240)
        street = self.of(_STREETS.get(people, _STREETS["en"]))
        if people in ("en", "fr", "in", "jp"):
            return (
                f"{number} {street}" if people != "fr" or self.odds(0.4) else f"{number}, {street}"
            )
        if people == "my":
            return f"No. {number}, {street}"
        return f"{street}, {number}" if people in ("es", "it", "pt") else f"{street} {number}"

    def place(self) -> tuple[str, str, str]:
        """Give a line with postcode and town, the postcode, the town."""
        pattern = self.pick(self.country.towns)
        words = self.fill(pattern).split()
        town = " ".join(
            w.strip(",")
            for w in words
            if not any(c.isdigit() for c in w)
            and not w.isupper()
            and w.strip(",").replace("-", "").isalpha()
        )
        code = " ".join(
            w
            for w in words
            if w.strip(",") not in town.split()
            and (
                any(c.isdigit() for c in w)
                or (w.isupper() and self.country.code in ("NL", "CA", "GB"))
            )
        )
        return " ".join(words), code, town

    def company(self) -> str:
        """Name a company."""
        names = f"{self.last} & {self.last}|{self.last}|{self.last} Bros|{self.of(goods.NAMES)} {self.of(goods.TRADES)}|{self.of(goods.NAMES)} {self.of(goods.TRADES)}|{self.of(goods.NAMES)}"
        ends = {
            "en": " Ltd| Inc.| LLC| plc|||",
            "de": " GmbH| AG| KG|",
            "fr": " SARL| SAS|",
            "es": " S.L.| S.A.|",
            "it": " S.r.l.| S.p.A.|",
            "pt": " Lda.|",
            "nl": " B.V.|",
        }
        end = {
            "MY": " SDN BHD| Sdn. Bhd.| ENTERPRISE|",
            "SG": " Pte Ltd|",
            "IN": " Pvt. Ltd.| Traders|",
            "AU": " Pty Ltd|",
        }.get(self.country.code, ends[self.lang])
        return self.of(names) + self.of(end)

    def domain(self, name: str) -> str:
        """Give a likely web domain for a name."""
        flat = "".join(
            c
            for c in name.lower()
            .replace("ü", "ue")
            .replace("ö", "oe")
            .replace("ä", "ae")
            .replace("é", "e")
            .replace("è", "e")
            if c.isascii() and c.isalnum()
        )
        tail = {"US": "com", "GB": "co.uk", "AU": "com.au", "MY": "com.my", "IN": "in"}.get(
            self.country.code, self.country.code.lower()
        )
        return f"{flat[:18] or 'shop'}.{self.pick([tail, tail, 'com', 'example', 'net'])}"
