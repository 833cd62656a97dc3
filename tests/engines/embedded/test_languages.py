"""Questions in other languages, put into English."""

from __future__ import annotations

import openai
import pytest

from sightline.engines.embedded import languages
from tests.pictures import asking, encoded, photograph
from training import english


@pytest.mark.parametrize(
    ("language", "question", "english"),
    [
        (
            "de",
            "Wie viele Hunde sind auf dem Foto zu sehen?",
            "How many dogs are there in the photo?",
        ),
        ("de", "koennten sie mir sagen wie viele hunde da sind", "How many dogs there are"),
        ("de", "Rechnungsbetrag?", "Invoice amount?"),
        ("fr", "Quel est le montant total ?", "What is the total?"),
        ("fr", "Dis-moi, combien y a-t-il de chats ?", "How many cats are there?"),
        ("es", "¿Cuánto cuesta el café?", "How much does the coffee cost?"),
        ("it", "Quanti gatti ci sono?", "How many cats are there?"),
        ("pt", "Quem assinou o documento?", "Who signed the document?"),
        ("nl", "Hoeveel mensen staan er op de foto?", "How many people are there in the picture?"),
        ("zh", "照片里有几只猫？", "How many cats are in the photo?"),
        ("ja", "写真に犬はいますか？", "Is there a dog in the picture?"),
    ],
)
def test_questions_are_put_into_english(language: str, question: str, english: str) -> None:
    assert languages.language(question) == language
    assert languages.english(question) == english


@pytest.mark.parametrize(
    "question",
    [
        "How many dogs are in the picture?", "total?", "IBAN", "dog", "animal?", "SKU-4",
        "Give me the date in ISO format.", "What does “Gesamtbetrag” mean?", "Latte Macchiato price",
        "Return JSON with vendor, date, total", "", "?!", "12.50", "name", "menu", "invoice no",
    ],
)  # fmt: skip
def test_english_stays_as_it_is(question: str) -> None:
    assert languages.english(question) == question


def test_what_is_quoted_or_an_example_stays_as_it_is() -> None:
    said = languages.english('Wo steht „Wie viele Hunde“? Antworte so: {"hund": [x, y]}')
    assert "„Wie viele Hunde“" in said
    assert '{"hund": [x, y]}' in said


def test_long_and_odd_questions_end() -> None:
    for text in ("wo ist der hund und " * 2000, "犬" * 5000, "{x} ist {y}?", "¿" * 100, "à" * 3000):
        assert isinstance(languages.english(text), str)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Wie viele Katzen siehst du?", "I count one cat."),
        ("¿Hay algún perro en la foto?", "No, I see none (I looked for dogs)."),
        ("Quel animal est-ce ?", "I see a cat."),
        ("写真に猫はいますか？", "Yes, I see a cat"),
    ],
)
def test_they_are_answered(client: openai.OpenAI, question: str, answer: str) -> None:
    pytest.importorskip("skimage")
    messages = asking(question, encoded(photograph("chelsea")))
    said = client.chat.completions.create(model="gpt-4o", messages=messages)
    assert (said.choices[0].message.content or "").lower().startswith(answer.lower())


def test_the_list_of_english_words_is_in_step_with_the_dictionaries() -> None:
    written = (languages.FOLDER / "english.txt").read_text("utf-8")
    assert written == "\n".join(english.words()), "python -m training.english writes it"
