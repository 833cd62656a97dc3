"""Money, units, dates and the like as they are said, and as voices say them."""

from __future__ import annotations

import asyncio

import pytest

from sightline.voices.espeak import Espeak
from sightline.voices.sentences import sentences
from sightline.voices.spelled import spelled
from sightline.voices.voice import VoiceOptions

ENGLISH = {
    "It costs $16.20, not €1,234.50.": "It costs 16 dollars and 20 cents, not 1234 euros and 50 cents.",
    "USD 12, $0.50, $1, $1.01": "12 dollars, 50 cents, 1 dollar, 1 dollar and 1 cent",
    "$1.5 million, $5M, ¥500": "1.5 million dollars, 5 million dollars, 500 yen",
    "On 2026-03-14, 03/14/2026 and 14/03/2026.": "On March 14th, 20 26, March 14th, 20 26 and March 14th, 20 26.",
    "March 3, 1905 and Jan. 5": "March 3rd, 19 oh 5 and January 5th",
    "At 14:30, 3:05 p.m. and 10:00": "At 14 30, 3 oh 5 pm and 10 o'clock",
    "5 km, 1 kg, 25 °C, 90 km/h, 3.5 GB": "5 kilometers, 1 kilogram, 25 degrees Celsius, "
    "90 kilometers per hour, 3.5 gigabytes",
    "No. 5, e.g. this, etc.": "number 5, for example this, et cetera.",
    "10–12 people, 1939–1945": "10 to 12 people, 1939 to 1945",
    "in 1984, the 1990s": "in 19 84, the 19 nineties",
    "~5 at −3 °C": "about 5 at -3 degrees Celsius",
    "about ~5, 10-15 minutes, pp. 3-5": "about 5, 10 to 15 minutes, pages 3 to 5",
    "a 1920x1080 px screen of 4 × 5 m, 3x": "a 1920 by 1080 pixels screen of 4 by 5 meters, 3 times",
    "1/2 cup, 3/4 tsp.": "½ cup, ¾ tsp.",
    "2 mi. away, 12 min. on foot": "2 miles away, 12 minutes on foot",
    "5€/kg, £3.20/lb, 20¢": "5 euros per kilogram, 3 pounds and 20 pence per pound, 20 cents",
    "180°C/350°F at 100 Mbit/s": "180 degrees Celsius/350 degrees Fahrenheit at 100 megabits per second",
    "won 3-1, 555-1234, 24-7, A320-900, 9/10": "won 3-1, 555-1234, 24-7, A320-900, 9/10",
    # What is no date, money or unit stays.
    "v1.2.3 at 192.168.1.1, +49-30-1234, 2026-13-40": "v1.2.3 at 192.168.1.1, +49-30-1234, 2026-13-40",
    "a 16:9 picture, 50%, 3.14": "a 16:9 picture, 50%, 3.14",
}  # fmt: skip
OTHERS = {
    "de": ("Am 3. Mai um 14:30 Uhr: 16,20 €, z. B. 25 °C.",
           "Am dritten Mai um 14 Uhr 30: 16 Euro und 20 Cent, zum Beispiel 25 Grad Celsius."),
    "de-AT": ("Der 14.03.2026, 1,5 Mio. €", "Der vierzehnte März 2026, 1,5 Millionen Euro"),
    "fr": ("Le 1er mars 2026 à 14h05, M. Dupont paie 1,50 €.",
           "Le premier mars 2026 à 14 heures 5, monsieur Dupont paie 1 euro et 50 centimes."),
    "es": ("El 14/03/2026: 16,20 € y 5 km", "El 14 de marzo de 2026: 16 euros con 20 céntimos y 5 kilómetros"),
    "it": ("1° maggio 2026, 2,50 €", "primo maggio 2026, 2 euro e 50 centesimi"),
    "pt-BR": ("R$ 5,50 e 1 kg", "5 reais e 50 centavos e 1 quilograma"),
    "nl": ("om 14:00 uur, € 5", "om 14 uur, 5 euro"),
    "ru": ("3 мая 2026 г. и 21 км, 3 кг, 11 руб.", "третьего мая 2026 года и 21 километр, 3 килограмма, 11 рублей"),
    "ru-RU": ("5 руб. 50 коп., 10-15 мин", "5 рублей 50 копеек, 10 до 15 минут"),
    "fr-CA": ("5 € 50, 3x, 20-25 min", "5 euros 50, 3 fois, 20 à 25 minutes"),
    "de-CH": ("im 19. Jh. 3x 1/2 l, 2 €/kg", "im 19. Jahrhundert 3 mal ½ Liter, 2 Euro pro Kilogramm"),
    "en-GB": ("On 03/04/2026.", "On April 3rd, 20 26."),
    "fi": ("16,20 €", "16,20 €"),
}  # fmt: skip


@pytest.mark.parametrize("text", ENGLISH)
def test_english(text: str) -> None:
    assert spelled(text, "en") == ENGLISH[text]


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages(language: str) -> None:
    text, said = OTHERS[language]
    assert spelled(text, language) == said


def test_a_sentence_goes_on_after_an_abbreviation_and_a_day() -> None:
    for text in (
        "Siehe Nr. 5 dort.",
        "Am 3. Mai war es so.",
        "Il a lu p. 12 hier.",
        "It was Jan. 5 then.",
        "Chapter 2, see Figs. 3 and 4.",
        "It is 2 mi. away, with 1 tsp. of salt.",
        "Dort leben 80 Mio. Menschen.",
        "Im 19. Jh. war es so.",
        "1. First, open it.",
    ):
        assert sentences(text) == [text]
    assert len(sentences("It was in 1984. Then it ended. He had 12. They left.")) == 4


def test_nothing_of_a_text_is_said_with_the_next() -> None:
    """espeak-ng reads a sign ahead: a last clause of one sign stayed behind."""

    async def phonemes(*texts: str) -> list[str]:
        espeak = Espeak(VoiceOptions())
        said = [await espeak.phonemes(text, "en-us") for text in texts]
        await espeak.close()
        return said

    first, second, alone = asyncio.run(phonemes("Well, I", "Nothing", "I"))
    assert first.endswith(alone)
    assert alone not in second
