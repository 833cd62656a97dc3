"""Questions about photographs, to the engine as it is installed; the photographs are scikit-image's."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from PIL import Image, ImageDraw
from sightline_weights import FOLDER

from sightline.perception import ocr
from tests.commands import typed
from tests.pictures import asking, encoded, part, photograph
from tests.waiting import PATIENCE_S

pytest.importorskip("skimage")


def ask(client: openai.OpenAI, question: str, *names: str) -> str:
    pictures = [encoded(photograph(name)) for name in names]
    messages = asking(question, *pictures)
    said = client.chat.completions.create(model="gpt-4o", messages=messages)
    return said.choices[0].message.content or ""


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("chelsea", "What's in this image?", "A photograph of a cat"),
        ("chelsea", "Describe this picture in one sentence.", "A photograph of a cat"),
        ("chelsea", "Which animal is this?", "a cat"),
        ("chelsea", "Is there an animal in the photo?", "Yes, I see a cat"),
        ("chelsea", "Can you see any pets?", "Yes, I see a cat"),
        ("chelsea", "Is there a dog?", "No, I see none (I looked for dogs). I see a cat."),
        ("chelsea", "How many cats are there?", "I count one cat."),
        ("chelsea", "How many dogs do you see?", "I see none"),
        ("chelsea", "Give me a title for this photo.", "A cat"),
        ("chelsea", "Write alt text for the image", "A photograph of a cat"),
        ("chelsea", "Write alt text, max 125 characters.", "A photograph of a cat"),
        ("chelsea", "List the objects in this picture.", "I see a cat."),
        ("chelsea", "Is the cat asleep?", "I can't tell that."),
        ("chelsea", "Is there a piano?", "can't tell whether there is a piano"),
        ("chelsea", "Are there more dogs than cats?", "No: I count no dogs and one cat."),
        ("chelsea", "Is somebody holding the cat?", "No, I see nobody"),
        ("astronaut", "Is anybody in the picture?", "Yes, I see a person"),
        ("astronaut", "How many people are there?", "I count one person."),
        ("astronaut", "Who is this?", "can't identify people"),
        ("astronaut", "How old is she?", "can't identify people or guess their age"),
        ("astronaut", "Is this a man or a woman?", "can't identify people or guess their age, gender"),
        ("astronaut", "Does she look happy?", "can't identify people"),
        ("astronaut", "Is there a woman?", "guess their age, gender"),
        ("astronaut", "What is the person doing?", "can't tell what happens"),
        ("coffee", "What is this?", "A cup"),
        ("coffee", "Where is the spoon?", "The spoon is in the middle."),
        ("coffee", "Which is larger, the cup or the spoon?", "The cup is larger"),
        ("coffee", "What is next to the spoon?", "A cup"),
        ("rocket", "What is in this picture?", "photograph"),
        ("rocket", "Is there a zebra?", "No, I see none"),
        ("coffee", "Was this taken indoors or outdoors?", "It looks indoors."),
        ("coffee", "Is it outside?", "No, it looks indoors."),
        ("camera", "Is this indoors or outdoors?", "I can't tell"),
        ("coffee", "Is there any sky?", "No, I see no sky."),
    ],
)  # fmt: skip
def test_answers(client: openai.OpenAI, name: str, question: str, answer: str) -> None:
    assert answer in ask(client, question, name)


def test_two_photographs_are_compared_by_what_they_show(client: openai.OpenAI) -> None:
    said = ask(client, "What is different between these two pictures?", "chelsea", "coffee")
    assert "a cat" in said
    assert "a cup" in said


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.full((40, 800, 3), 90, np.uint8),
        np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8),
        np.full((700, 700), 128, np.uint8),
    ],
    ids=["a pixel", "a strip", "noise", "grey"],
)
def test_nothing_is_seen_in_nothing(client: openai.OpenAI, pixels: np.ndarray) -> None:
    picture = encoded(Image.fromarray(pixels))
    messages = asking("What animals are there?", picture)
    said = client.chat.completions.create(model="gpt-4o", messages=messages)
    assert "I see a" not in (said.choices[0].message.content or "")


def test_without_weights_the_rest_is_measured(tmp_path: Path) -> None:
    """Another package of that name, with what reads print alone, stands in its way."""
    (tmp_path / "sightline_weights").mkdir()
    (tmp_path / "sightline_weights" / "__init__.py").write_text(
        "from pathlib import Path\nFOLDER = Path(__file__).parent\n"
    )
    for name in ocr.FILES:
        os.symlink(FOLDER / name, tmp_path / "sightline_weights" / name)
    picture = tmp_path / "cat.png"
    picture.write_bytes(encoded(photograph("chelsea")))
    done = subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", "ask", str(picture), "What's in this image?"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    assert "The picture is a photograph" in done.stdout
    assert done.stderr.count("`sightline-weights`") == 1


def film(tmp_path: Path, *frames: Image.Image) -> Path:
    """A film of a second for each picture."""
    import av

    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("h264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 448, 300, "yuv420p"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(
                np.asarray(frame.convert("RGB").resize((448, 300))), format="rgb24"
            )
            for _ in range(10):
                out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return path


def test_a_film_is_told_by_what_holds_over_frames(tmp_path: Path) -> None:
    cat, brick = photograph("chelsea"), photograph("brick")
    path = film(tmp_path, brick, cat, cat, cat, brick)
    done = typed("describe", str(path), "--frames", "5")
    assert done.returncode == 0, done.stderr
    assert "I see a cat from 1.5 to 3.5 s." in done.stdout


def test_a_narration_tells_what_comes_and_goes_once(tmp_path: Path) -> None:
    cat, coffee = photograph("chelsea"), photograph("coffee")
    path = film(tmp_path, *[cat] * 4, *[coffee] * 4, *[cat] * 4)
    done = typed("narrate", str(path), "--script-only", "--style", "In the style of a pirate.")
    assert done.returncode == 0, done.stderr
    # What it cannot do is said before it begins, and the style once.
    told = done.stderr.splitlines()
    assert "does not see who people are" in told[0]
    assert done.stderr.count("cannot write in a style") == 1
    first, second, third = (s["text"] for s in json.loads(done.stdout)["segments"])
    assert first.startswith("We see a cat")
    assert "a cup" in second.lower()
    assert third.endswith("the cat.")  # the same one again
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    ("slots", "param"),
    [
        ([], "sightline.narrate"),
        ([{"start_s": 0, "end_s": 1}], "sightline.narrate[0].words"),
        ([{"start_s": -1, "end_s": 1, "words": 5}], "sightline.narrate[0].start_s"),
        ([{"start_s": 0, "end_s": 1, "words": 0}], "sightline.narrate[0].words"),
        ([{"start_s": 5, "end_s": 1, "words": 9}], "sightline.narrate[0].end_s"),
    ],
)
def test_stretches_to_narrate_are_checked(client: openai.OpenAI, slots: object, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        _told(client, encoded(photograph("chelsea")), sightline={"narrate": slots})
    assert caught.value.param == param


def drawing() -> bytes:
    """Three red circles over a blue square and a green triangle."""
    image = Image.new("RGB", (480, 320), "white")
    draw = ImageDraw.Draw(image)
    for x in (60, 200, 340):
        draw.ellipse((x, 30, x + 70, 100), fill="#c82828")
    draw.rectangle((60, 180, 160, 280), fill="#283cc8")
    draw.polygon([(300, 280), (360, 180), (420, 280)], fill="#28963c")
    return encoded(image)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many circles are there?", "I count three circles."),
        ("How many red shapes?", "I count three red shapes."),
        ("What colour is the triangle?", "The triangle is green."),
        ("Where is the square?", "The square is at the bottom left."),
        ("Is there a star?", "No, I see none"),
        ("Is there a green circle?", "No, I see three red circles, but not green."),
        ("What is in this picture?", "A drawing of a green triangle, a blue square and three red circles."),
        ("Is the triangle left of the square?", "No"),
        ("Are there more circles than squares?", "Yes: I count three circles and one square."),
    ],
)  # fmt: skip
def test_plain_shapes_are_measured(client: openai.OpenAI, question: str, answer: str) -> None:
    said = client.chat.completions.create(model="gpt-4o", messages=asking(question, drawing()))
    assert answer in (said.choices[0].message.content or "")


def test_attributes_of_things_are_filled(client: openai.OpenAI) -> None:
    box = {"type": "array", "items": {"type": "number"}}
    row = {"label": {"type": "string"}, "score": {"type": "number"}, "bbox": box}
    wanted = {
        "main_subject": {"type": "string"},
        "objects": {"type": "array", "items": {"type": "string"}},
        "animal": {"type": ["string", "null"]},
        "has_dog": {"type": "boolean"},
        "cat_count": {"type": "integer"},
        "cat_color": {"type": ["string", "null"]},
        "dog_color": {"type": ["string", "null"]},
        "detections": {"type": "array", "items": {"type": "object", "properties": row}},
    }
    schema: Any = {"name": "seen", "schema": {"type": "object", "properties": wanted}}
    said = client.chat.completions.create(
        model="gpt-4o",
        messages=asking("Fill it in.", encoded(photograph("chelsea"))),
        response_format={"type": "json_schema", "json_schema": schema},
    )
    told = json.loads(said.choices[0].message.content or "")
    (found,) = told.pop("detections")
    assert told == {
        "main_subject": "cat", "objects": ["cat"], "animal": "cat", "has_dog": False, "cat_count": 1,
        "cat_color": "brown", "dog_color": None,
    }  # fmt: skip
    assert found["label"] == "cat"
    assert 0.9 < found["score"] <= 1
    assert len(found["bbox"]) == 4


def test_things_are_listed_with_boxes_as_json(client: openai.OpenAI) -> None:
    told = json.loads(ask(client, "List the objects with their boxes as JSON.", "chelsea"))
    (cat,) = told["objects"]
    assert cat["name"] == "cat"
    assert len(cat["box"]) == 4


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ('Return [{"label": str, "box": [x, y, w, h]}] as JSON for all cats.', "cat"),
        ('JSON: [{"label": "...", "bbox": {"xmin": 0, "ymin": 0, "xmax": 0, "ymax": 0}}]', "cat"),
        ('Find all dogs. Return JSON: [{"label": "...", "box": [x1, y1, x2, y2]}]', None),
    ],
)
def test_things_are_listed_as_an_example_shows(
    client: openai.OpenAI, question: str, told: str | None
) -> None:
    rows = json.loads(ask(client, question, "chelsea"))
    assert [row["label"] for row in rows] == ([] if told is None else [told])
    for row in rows:
        box = row.get("box") or row["bbox"]
        assert len(box) == 4
        assert None not in (box.values() if isinstance(box, dict) else box)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ('Answer like this: {"is_cat": true, "place": "indoor" or "street"}', {"is_cat": True, "place": None}),
        ('JSON {"animal": {"species": str, "wings": int}}', {"animal": {"species": "cat", "wings": None}}),
        ("json: is there a cat, a dog? true or false per key", {"cat": True, "dog": False}),
        ("JSON with name, count and material of each kind", {"objects": [{"name": "cat", "count": 1, "material": None}]}),
        ('{"kind": "mammal|bird|fish"} as JSON', {"kind": "mammal"}),
        ('Como JSON: {"gatos": número, "hay_perro": true, "nombre_del_dueño": texto}', {"gatos": 1, "hay_perro": False, "nombre_del_dueño": None}),
        ('Antworte als JSON {"tiere": ["..."], "anzahl_katzen": zahl}', {"tiere": ["cat"], "anzahl_katzen": 1}),
    ],
)  # fmt: skip
def test_examples_of_json_are_filled_from_what_is_seen(
    client: openai.OpenAI, question: str, told: dict[str, Any]
) -> None:
    assert json.loads(ask(client, question, "chelsea")) == told


def test_an_object_may_be_of_one_picture_or_tell_a_place(client: openai.OpenAI) -> None:
    form = '{"image_1": {"cats": 0, "people": 0}, "image_2": {"cats": 0, "people": 0}}'
    told = json.loads(ask(client, f"Return JSON {form}", "chelsea", "astronaut"))
    assert told["image_1"] == {"cats": 1, "people": 0}
    assert told["image_2"]["people"] == 1
    place = json.loads(ask(client, 'JSON, in percent: {"cat": {"cx": 0, "cy": 0}}', "chelsea"))
    assert all(20 < number < 80 for number in place["cat"].values())


def test_words_for_a_picture_are_listed(client: openai.OpenAI) -> None:
    told = json.loads(ask(client, 'Return {"tags": ["..."]} as JSON', "chelsea"))
    assert "cat" in told["tags"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What's in this image?", "A blank picture, white all over, of 320 × 240 pixels."),
        ("Is there a dog?", "No. The picture is blank: white all over."),
        ("How many cats are there?", "None. The picture is blank: white all over."),
        ("Is this picture empty?", "Yes. The picture is blank: white all over."),
        ("Is it day or night?", "Nothing in the picture tells that."),
        ("Who wrote it?", "Nothing in the picture tells that."),
    ],
)
def test_nothing_is_on_a_blank_picture(client: openai.OpenAI, question: str, answer: str) -> None:
    picture = encoded(Image.new("RGB", (320, 240), "white"))
    said = client.chat.completions.create(model="gpt-4o", messages=asking(question, picture))
    assert (said.choices[0].message.content or "").startswith(answer)


def _told(client: openai.OpenAI, picture: bytes, **more: Any) -> Any:
    messages = asking("What is this?", picture)
    said = client.chat.completions.create(model="gpt-4o", messages=messages, extra_body=more)
    assert said.usage is not None
    assert said.usage.model_extra is not None
    return said.usage.model_extra["sightline"]


def test_things_come_beside_the_answer_when_asked_for(client: openai.OpenAI) -> None:
    picture = photograph("chelsea")
    large = picture.resize((2 * picture.width, 2 * picture.height))
    small, big = (
        _told(client, encoded(one), sightline={"include": ["things"]})["things"]
        for one in (picture, large)
    )
    assert [thing["kind"] for thing in small] == ["cat"]
    assert small[0]["param"] == "messages[0].content[1].image_url.url"
    assert 0.5 < small[0]["confidence"] <= 1
    x0, y0, x1, y1 = small[0]["box"]
    assert 0 <= x0 < x1 <= picture.width
    assert 0 <= y0 < y1 <= picture.height
    # Boxes are in pixels of the picture as sent, whatever it was looked at in.
    assert big[0]["box"][2] > 1.6 * x1


def test_things_are_left_out_unless_asked_for(client: openai.OpenAI) -> None:
    assert "things" not in _told(client, encoded(photograph("chelsea")))


def test_things_come_with_responses(client: openai.OpenAI) -> None:
    url = "data:image/png;base64," + base64.b64encode(encoded(photograph("chelsea"))).decode()
    part = {"type": "input_image", "image_url": url}
    said = client.responses.create(
        model="gpt-4o",
        input=[{"role": "user", "content": [part]}],  # type: ignore[list-item, misc]
        extra_body={"sightline": {"include": ["things"]}},
    )
    assert said.usage is not None
    assert said.usage.model_extra is not None
    assert said.usage.model_extra["sightline"]["things"][0]["kind"] == "cat"


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"include": ["thoughts"]}, "sightline.include[0]"),
        ({"include": "things"}, "sightline.include"),
        ({"included": []}, "sightline.included"),
        (["things"], "sightline"),
    ],
)
def test_what_cannot_be_included_is_named(
    client: openai.OpenAI, options: object, param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        _told(client, encoded(photograph("chelsea")), sightline=options)
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("chelsea", "Are there at least two cats?", "No, I count one cat."),
        ("chelsea", "Are there at most two cats?", "Yes, I count one cat."),
        ("chelsea", "Is there more than one cat?", "No, I count one cat."),
        ("chelsea", "Is there only one cat?", "Yes, I count one cat."),
        ("chelsea", "Is there no cat?", "There is: I see a cat."),
        ("chelsea", "Isn't there a cat?", "There is: I see a cat."),
        ("chelsea", "Is there a dog or a horse?", "No, I see none (I looked for dogs and horses)."),
        ("chelsea", "Is there a beagle, a poodle or a dog?", "I see no dogs, and can't tell about"),
        ("chelsea", "Answer yes or no: is there a dog or a cat?", "Yes"),
        ("chelsea", "no dogs, right?", "Right, I see none (I looked for dogs)."),
        ("chelsea", "There's no cat in it, is there?", "There is: I see a cat."),
        ("chelsea", "Is there any animal except a cat?", "can't tell"),
        ("chelsea", "cat?", "Yes, I see a cat"),
        ("chelsea", "Answer only yes or no: is there a cat?", "Yes"),
        ("chelsea", "What is behind the cat?", "can't tell what is behind the cat"),
        ("chelsea", "What is on the cat's head?", "I can't tell that."),
        ("chelsea", "What colour is it?", "The cat is brown."),
        ("coffee", "Is the cup on the spoon?", "I can't tell whether the cup is on the spoon."),
        ("astronaut", "Is she pretty?", "can't identify people"),
        ("astronaut", "male or female?", "can't identify people"),
    ],
)
def test_how_many_negation_and_what_lies_on_what(
    client: openai.OpenAI, name: str, question: str, answer: str
) -> None:
    said = ask(client, question, name)
    assert answer in said
    assert "it is not among what I see" not in said


def filled(client: openai.OpenAI, fields: dict[str, Any], *names: str) -> Any:
    schema: Any = {"name": "seen", "schema": {"type": "object", "properties": fields}}
    said = client.chat.completions.create(
        model="gpt-4o",
        messages=asking("Fill it in.", *[encoded(photograph(name)) for name in names]),
        response_format={"type": "json_schema", "json_schema": schema},
    )
    return json.loads(said.choices[0].message.content or "")


def test_attributes_beyond_what_is_seen_are_null(client: openai.OpenAI) -> None:
    number, truth, text = ({"type": [kind, "null"]} for kind in ("integer", "boolean", "string"))
    fields = {
        "cat_age": number, "age_of_person": number, "person_age": number, "number_of_women": number,
        "cat_weight_kg": number, "cat_is_sleeping": truth, "is_cat_flying": truth, "helmet_color": text,
        "cats": number, "number_of_cats": number, "has_cat": truth, "is_there_a_dog": truth,
    }  # fmt: skip
    told = filled(client, fields, "chelsea")
    assert told == {
        **dict.fromkeys(fields), "cats": 1, "number_of_cats": 1, "has_cat": True, "is_there_a_dog": False,
    }  # fmt: skip


def test_attributes_of_several_pictures_are_of_all_or_of_the_one_named(
    client: openai.OpenAI,
) -> None:
    truth = {"type": ["boolean", "null"]}
    names = (
        "has_cat",
        "has_cup",
        "first_has_cat",
        "second_has_cat",
        "second_image_has_cup",
        "has_dog",
    )
    told = filled(client, dict.fromkeys(names, truth), "chelsea", "coffee")
    assert told == {
        "has_cat": True, "has_cup": True, "first_has_cat": True, "second_has_cat": False,
        "second_image_has_cup": True, "has_dog": False,
    }  # fmt: skip


def test_noise_shows_nothing(client: openai.OpenAI) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), np.uint8)
    picture = encoded(Image.fromarray(noise))
    for question in ("What is this?", "Is there an animal?"):
        said = client.chat.completions.create(model="gpt-4o", messages=asking(question, picture))
        text = said.choices[0].message.content or ""
        assert "bird" not in text
        assert not text.startswith("Yes")


def test_a_follow_up_is_about_what_was_named_before(client: openai.OpenAI) -> None:
    said = asking("Are there cats in it?", encoded(photograph("chelsea")))
    for question, answer in (
        ("How many?", "I count one cat."),
        ("Where are they?", "The cat is"),
        ("What colour is it?", "The cat is brown."),
        ("And dogs?", "No, I see none"),
    ):
        turns = [
            *said,
            {"role": "assistant", "content": "Yes."},
            {"role": "user", "content": question},
        ]
        got = client.chat.completions.create(model="gpt-4o", messages=turns)
        assert answer in (got.choices[0].message.content or ""), question


def test_places_in_pixels_are_told(client: openai.OpenAI) -> None:
    said = ask(client, "Give me the bounding box of the cat.", "chelsea")
    assert "The cat: x " in said
    assert "451 × 300 pixels" in said


def test_short_descriptions_tell_things_alone(client: openai.OpenAI) -> None:
    said = ask(client, "Describe this in one sentence.", "coffee")
    assert "without readable text" not in said
    assert "mostly" not in said
    both = ask(client, "Describe each picture in one sentence.", "coffee", "chelsea")
    assert "cup" in both
    assert "cat" in both


def test_a_damaged_network_is_noticed_and_told(tmp_path: Path) -> None:
    """A few bytes that are others: its runtime would load it all the same, and see what is not there."""
    import sightline_weights

    copy = tmp_path / "sightline_weights"
    shutil.copytree(Path(sightline_weights.__file__).parent, copy)
    with (copy / "things.onnx").open("r+b") as file:
        file.seek(3_000_000)
        file.write(b"x" * 8)
    with (copy / "answers.onnx").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"x" * 8)
    picture = tmp_path / "cat.png"
    photograph("chelsea").save(picture)
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "sightline.cli.main", *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)  # fmt: skip
        return done.stdout + done.stderr

    said = run("doctor")
    assert "eyes: missing or damaged" in said
    assert "ear: missing or damaged" in said
    assert "Files of the embedded engine are missing or damaged" in said
    assert "`sightline-weights`" in run("ask", str(picture), "What's in this image?")


def test_far_animals_in_snow_are_no_people(tmp_path: Path) -> None:
    path = Path(__file__).parents[4] / "shared" / "data" / "bison.mp4"
    if not path.is_file():
        pytest.skip("the documents' film is not here")
    done = typed("describe", str(path), "--frames", "41")
    assert done.returncode == 0, done.stderr
    assert "It looks like snow. I see animals from" in done.stdout
    for other in ("people", "person", "elephant", "sled"):
        assert f"I see {other}" not in done.stdout
        assert f"and {other}" not in done.stdout
        assert f"a {other} " not in done.stdout


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which picture has a cat?", "Image 1."),
        ("Which one shows a cup?", "Image 2."),
        ("Do both pictures show a cat?", "No, I see cats in image 1."),
        ("Does any of them show a cup?", "Yes, I see cups in image 2."),
        (
            "Which image has more cats?",
            "Image 1: I count one cat in image 1 and no cats in image 2.",
        ),
    ],
)
def test_pictures_are_told_apart_by_what_they_show(
    client: openai.OpenAI, question: str, answer: str
) -> None:
    assert ask(client, question, "chelsea", "coffee") == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Is it a cat or a dog?", "A cat"),
        ("True or false: there is a dog.", "No, I see none"),
        ("How many legs does the cat have?", "I can't tell that."),
        ("there's a cat in it, right?", "Yes, I see a cat"),
        ("Write a short poem about it", "I can't tell that."),
    ],
)
def test_wordings_that_no_rule_was_written_for(
    client: openai.OpenAI, question: str, answer: str
) -> None:
    assert answer in ask(client, question, "chelsea")


def _page() -> bytes:
    """A photograph of a cat, small on a white page."""
    cat = photograph("chelsea").convert("RGB")
    page = Image.new("RGB", (1000, 1400), "white")
    page.paste(cat.resize((360, 240)), (320, 300))
    return encoded(page)


def _wide() -> bytes:
    """Two cats at the ends of a panorama."""
    cat = photograph("chelsea").convert("RGB").resize((450, 300))
    wide = Image.blend(cat.resize((2100, 300)), Image.new("RGB", (2100, 300), "grey"), 0.8)
    wide.paste(cat, (40, 0))
    wide.paste(cat, (1600, 0))
    return encoded(wide, "JPEG", quality=92)


def _disc() -> bytes:
    image = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(image).ellipse((100, 100, 300, 300), fill="red")
    return encoded(image)


@pytest.mark.parametrize(
    ("drawn", "question", "answer"),
    [
        (_page, "Is there a cat in this picture?", "Yes"),
        (_page, "Is this a cat? Yes or no.", "Yes"),
        (_page, "Which brand is the cat food?", "I can't tell that."),
        (_page, "What colour are its feet?", "can't tell"),
        (_wide, "How many cats are there?", "two cats"),
        (_disc, "What shape is it?", "A red circle."),
    ],
)
def test_photographs_on_pages_panoramas_and_parts(
    client: openai.OpenAI, drawn: Callable[[], bytes], question: str, answer: str
) -> None:
    parts: Any = [{"type": "text", "text": question}, part(drawn(), detail="high")]
    made = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": parts}]
    )
    assert answer in (made.choices[0].message.content or "")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Is this picture in colour?", "Yes, it is in colour."),
    ],
)
def test_whether_a_picture_has_colours(client: openai.OpenAI, question: str, answer: str) -> None:
    assert answer in ask(client, question, "chelsea")
