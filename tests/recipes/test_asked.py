"""Questions about composed pictures: that the question alone tells nothing, and that what is held out is held out."""

import json
import random
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from recipes import asked_pictures, asked_samples, drawn_objects, first_inputs, picture_words, pictures
from recipes import questions_on_pictures as asking
from recipes.picture_words import KINDS, Noun, forms
from recipes.questions_on_pictures import Asker, Thing


class AnySprites:
    """As Sprites, and no picture is needed."""

    def __init__(self, rng):
        self.rng = rng

    def has(self, kind):
        return True

    def colour(self, kind):
        return self.rng.choice(picture_words.PALETTES[KINDS[kind].paint] or ("",))


def some_questions(part="train", pictures=1500, seed=1):
    rng = random.Random(seed)
    sprites, asker = AnySprites(rng), Asker(part, rng)
    for _ in range(pictures):
        planned = asked_pictures.plan(sprites, 1.0, 1.0)
        things = [Thing(kind, x, y, side, side, colour) for kind, colour, (x, y, side) in planned]
        for asked in asker.questions(things, 6):
            yield things, asked


def test_every_answer_is_a_label_and_every_blank_is_filled():
    known = set(picture_words.answers())
    for part in ("train", "test"):
        met = Counter()
        for _, asked in some_questions(part, 400):
            assert set(asked.answers) <= known
            assert not set("{}*") & set(asked.question)
            met[asked.about, asked.language] += 1
        assert {about for about, _ in met} == set(asking.TEMPLATES)
        assert {language for _, language in met} == {"en", "fr"}


def test_held_out_phrasings_are_in_no_training_question():
    for about, languages in asking.TEMPLATES.items():
        for language in languages:
            train, test = (set(asking.templates(about, language, part)) for part in ("train", "test"))
            assert len(train) > len(test) >= 1
            assert not train & test


def test_the_question_alone_tells_nothing():
    rows = [asked for _, asked in some_questions()]
    for about in ("is there", "is beside", "is at side", "is coloured", "is there coloured"):
        said = [asked.answers[0] in ("yes", "oui") for asked in rows if asked.about == about]
        assert len(said) > 150
        assert 0.38 < np.mean(said) < 0.62, about
    cars = Counter(asked.answers[0] for asked in rows if asked.about == "colour" and "car" in asked.question.split())
    assert cars.most_common(1)[0][1] < 0.4 * cars.total()


def test_answers_are_true():
    for things, asked in some_questions(pictures=300, seed=2):
        kinds = [thing.kind for thing in things]
        words = {language: [picture_words.answer_word(kind, language) for kind in kinds] for language in ("en", "fr")}
        if asked.about == "what":
            assert set(asked.answers) == set(words[asked.language])
        if asked.about == "count":
            assert int(asked.answers[0]) == len(asked.things) <= picture_words.MOST
        if asked.about in ("beside", "next to", "at side", "which has colour", "which of group"):
            assert asked.answers[0] in words[asked.language]
        if asked.about == "colour":
            thing = things[asked.things[0]]
            assert kinds.count(thing.kind) == 1
            assert asked.answers[0] == picture_words.colour_word(thing.colour, asked.language)


def test_sides_are_plain_to_see():
    dog, tree = Thing("dog", 0.2, 0.5, 0.2, 0.2), Thing("tree", 0.8, 0.55, 0.3, 0.4)
    assert asking.side_of(dog, tree) == "left"
    assert asking.side_of(tree, dog) == "right"
    assert asking.side_of(dog, Thing("ball", 0.25, 0.9, 0.1, 0.1)) == "above"
    assert asking.side_of(dog, Thing("ball", 0.5, 0.8, 0.1, 0.1)) == ""  # both below and on the right
    assert asking.place_of(dog) == "left"
    assert asking.place_of(Thing("cat", 0.5, 0.52, 0.3, 0.3)) == ""


def test_grammar():
    tree, bird, star = (picture_words.names(kind, "fr")[0] for kind in ("tree", "bird", "star"))
    assert forms(tree)["le"] == "l'arbre"
    assert forms(tree)["du"] == "de l'arbre"
    assert forms(bird)["de"] == "d'oiseaux"
    assert (forms(star)["un"], forms(star)["il"]) == ("une étoile", "elle")
    assert forms(picture_words.names("clock", "fr")[0])["le"] == "l'horloge"
    assert forms(Noun("umbrella", "umbrellas"))["a"] == "an umbrella"
    asker = Asker("test", random.Random(0))
    dog = picture_words.names("dog", "fr")[0]
    texts = {asker.say("beside", "fr", dog, side="sous") for _ in range(30)}
    assert all("sous le chien" in text for text in texts)
    assert all("sous du" not in text for text in texts)


def test_designers_of_test_pictures_are_in_no_training_picture():
    for part in ("test", "sample", "dev"):
        assert {pictures.SETS[source].part for source in asked_pictures.SOURCES[part]} == {
            "dev" if part == "dev" else "test"
        }
    assert all(pictures.SETS[source].licence in pictures.FREE for source in asked_pictures.SOURCES["sample"])
    train, test = drawn_objects.HANDS["train"], drawn_objects.HANDS["test"]
    assert not set(train.petals) & set(test.petals)
    assert not set(train.windows) & set(test.windows)


@pytest.mark.parametrize("kind", drawn_objects.DRAWN)
def test_drawn_things_have_their_colour(kind):
    for colour in ("red", "blue"):
        array = np.asarray(drawn_objects.draw(kind, colour, random.Random(kind), "test"))
        assert array.shape[2] == 4
        main, _, share = asked_pictures.main_colour(array)
        assert asked_pictures.colour_name(main) == colour or share < 0.6
    assert set(drawn_objects.COLOURS) == set(picture_words.PALETTES["any"])


def test_painting_leaves_the_rest_as_it_is():
    array = np.zeros((20, 20, 4), np.uint8)
    array[2:18, 2:18] = (200, 30, 30, 255)
    array[8:10, 8:10] = (250, 250, 250, 255)  # an eye
    main, where, share = asked_pictures.main_colour(array)
    assert asked_pictures.colour_name(main) == "red"
    assert share > 0.9
    new = asked_pictures.painted(array, main, where, (30, 60, 200))
    assert asked_pictures.colour_name(np.median(new[2:18, 2:6, :3].reshape(-1, 3), 0)) == "blue"
    assert (new[8:10, 8:10, :3] == 250).all()
    assert (new[..., 3] == array[..., 3]).all()


def test_grid_says_which_thing_covers_a_patch():
    owner = np.full((24, 36), asked_pictures.NOTHING, np.uint8)
    owner[:12, :12], owner[:6, 12:24], owner[13, 30] = 0, 1, 2
    found = asked_pictures.grid(owner, 12)
    assert found.tolist() == [[0, 1, 255], [255, 255, 255]]


def test_squares_hardly_touch():
    rng = random.Random(3)
    for count in (2, 4, 6):
        found = asked_pictures.scattered(count, 0.2, 0.28, 1.0, 1.25, rng)
        assert found is not None
        pairs = [(one, other) for one in found for other in found if one is not other]
        assert all(asked_pictures.overlap(*pair) < 0.06 for pair in pairs)
    assert asked_pictures.scattered(6, 0.6, 0.8, 1.0, 1.0, rng) is None


def test_first_questions_have_their_pictures():
    scenes = json.loads((asked_samples.FIRST_INPUTS / "scenes.json").read_text(encoding="utf-8"))
    rows = first_inputs.rows("visual-question-answering")
    assert {row["input"]["image"] for row in rows} == {f"{name}.png" for name in scenes}
    for name, scene in scenes.items():
        with Image.open(asked_samples.FIRST_INPUTS / f"{name}.png") as image:
            assert list(image.size) == scene["size"]
        assert {kind for kind, *_ in scene["objects"]} <= set(KINDS)
    said = set(picture_words.answers())
    assert all(said & set(row["accept"]) for row in rows)
