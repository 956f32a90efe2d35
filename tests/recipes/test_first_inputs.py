"""What people type first: the form of the files, that nothing of them was trained on, and how answers are judged."""

import json
import re
from collections import Counter

import pytest

from hfquick.zoo import MODELS
from recipes import answers, common, entities, first_inputs, reserve
from recipes.first_inputs import TASKS
from recipes.sources import sentences_of

from .test_recipes import COLLISIONS

ENGLISH = ("question-answering", "summarization", "translation")
LANGUAGES = {task: {"en": 60} if task in ENGLISH else {"en": 30, "fr": 30} for task in TASKS}


def key(row):
    return common.key(" ".join(row["input"].values()) if isinstance(row["input"], dict) else row["input"])


@pytest.mark.parametrize("task", TASKS)
def test_sixty_inputs_and_none_twice(task):
    rows = first_inputs.rows(task)
    assert len(rows) == 60
    assert Counter(row["language"] for row in rows) == LANGUAGES[task]
    assert len({key(row) for row in rows}) == 60
    known = {"input", "accept", "language", "note", "maybe", "least", "refuse"}
    assert all({"input", "accept", "language"} <= row.keys() <= known for row in rows)


def test_each_task_and_language_has_an_embedded_model():
    assert set(first_inputs.MODELS) == {(task, language) for task in TASKS for language in LANGUAGES[task]}
    for (task, _), name in first_inputs.MODELS.items():
        assert MODELS[name].task == task
    assert set(first_inputs.RIGHT) == set(TASKS)


def test_nothing_was_trained_on():
    """By no model: neither an input nor one of its sentences, nor a masked one with a word that is accepted."""
    trained_on = common.read_digests(common.HERE / "training_hashes.bin")
    texts = {part for text in first_inputs.texts() for part in (text, *sentences_of(text))}
    long = [text for text in texts if len(common.normalise(text).split()) >= 3]
    assert len(long) > 1200
    assert not [text for text in long if common.digest(text) in trained_on and text not in COLLISIONS]


# Phrases of one or two words that whoever wrote the recipes' phrase books thought of, too: these were trained on.
SHORT = {
    "Good afternoon.",
    "Merry Christmas!",
    "Good luck!",
    "Congratulations!",
    "Of course.",
    "No problem.",
    "Cher ami,",
    "Le chat",
    "The cat",
}


def test_no_input_is_data_of_a_recipe():
    """But in SHORT. Phrase books hold longer ones, which the recipes leave out; nor is one a row of a test set."""
    books = [path for path in common.HERE.glob("*.t[sx][vt]") if path.name != "reserved_sentences.txt"]
    literals = [text for path in common.HERE.glob("*.py") for text in reserve.strings(path)]
    lines = [line for literal in literals for line in re.split(r"[\n|=]", literal)]
    lines += [text for language in ("en", "fr") for _, (text, _) in entities.by_hand(language)]
    lines += [f"{row.question} {row.context}" for _, row in answers.by_hand()]
    known = {common.key(line) for line in lines}
    phrases = {common.key(line) for path in books for line in re.split(r"[\n\t|=]", path.read_text(encoding="utf-8"))}
    assert "howareyou" in phrases
    inputs = [row for task in TASKS for row in first_inputs.rows(task)]
    listed = set((common.HERE / "reserved_sentences.txt").read_text(encoding="utf-8").splitlines())
    met = {row["input"] for row in inputs if isinstance(row["input"], str) and key(row) in known | phrases}
    assert {text for text in met if len(common.normalise(text).split()) < 3} == SHORT
    assert met - SHORT <= listed


def test_they_are_reserved():
    listed = (common.HERE / "reserved_sentences.txt").read_text(encoding="utf-8").splitlines()
    masked = next(row for row in first_inputs.rows("fill-mask") if row["language"] == "en")
    whole = {masked["input"].replace("<mask>", word) for word in masked["accept"]}
    assert whole <= set(reserve.collect()) & set(listed)


def test_accepted_answers_can_be_given():
    for row in first_inputs.rows("question-answering"):
        said = [answer for line in row["accept"] for answer in first_inputs.expand(line)]
        assert all(answer.lower() in row["input"]["context"].lower() for answer in said), said
    for row in first_inputs.rows("token-classification"):
        for spellings, labels in row["accept"] + row.get("maybe", []):
            assert all(words in row["input"] for words in spellings.split("|"))
            assert set(labels.split("|")) <= set(entities.KINDS)
    for row in first_inputs.rows("fill-mask"):
        assert row["input"].count("<mask>") == 1
        assert len(set(map(str.lower, row["accept"]))) == len(row["accept"])
    for row in first_inputs.rows("text-classification"):
        assert set(row["accept"]) <= {"POSITIVE", "NEGATIVE", "1 star", *(f"{count} stars" for count in range(2, 6))}
    for row in first_inputs.rows("summarization"):
        said = first_inputs.words(row["input"])
        met = [any(word.startswith(start) for word in said for start in group.split("|")) for group in row["accept"]]
        assert all(met), row["input"]
        assert not set(row["refuse"]) & set(said)
        assert 1 <= row["least"] <= len(row["accept"])
    assert Counter(row["note"] for row in first_inputs.rows("summarization")) == {"program": 30, "everyday": 30}


def test_patterns_and_comparing():
    expand, plain = first_inputs.expand, first_inputs.plain
    assert list(expand("{a {b|c}|d}{ e|}")) == ["a b e", "a b", "d e", "d", "a c e", "a c", "d e", "d"]
    assert list(expand("no choice")) == ["no choice"]
    assert plain("L’été,  est-il là ?") == plain("l'été est-il là?") == "l'été est il là?"
    assert plain("Les œufs !") == plain("les oeufs.") != plain("les ceufs")
    assert plain("Tu viens ?") != plain("Tu viens.")
    assert plain("à") != plain("a")


ENTITIES = {"accept": [["Louvre|musée du Louvre", "LOC|ORG"], ["Paris", "LOC"]], "maybe": [["French", "MISC"]]}
ANSWER = {"accept": ["{in |}a small flat", "Glasgow"]}
SUMMARY = {
    "input": "PhotoShelf sorts 300 holiday pictures by date, and makes an album of them.",
    "accept": ["photo|pictur", "sort|arrang|album"],
    "least": 2,
    "refuse": ["game"],
}
FORM = {"accept": ["ends", "varied", "language"], "language": "en"}


@pytest.mark.parametrize(
    ("task", "row", "right", "wrong"),
    [
        ("text-classification", {"accept": ["4 stars", "5 stars"]}, ["4 stars"], ["3 stars", "POSITIVE"]),
        (
            "token-classification",
            ENTITIES,
            [
                [("Louvre", "ORG"), ("Paris", "LOC")],
                [("Paris", "LOC"), ("le musée du Louvre", "LOC"), ("French", "MISC")],
            ],
            [
                [],
                [("Louvre", "LOC")],
                [("Louvre", "LOC"), ("Paris", "PER")],
                [("Louvre", "LOC"), ("Paris", "LOC"), ("French", "LOC")],
                [("Louvre", "LOC"), ("Louvre", "LOC"), ("Paris", "LOC")],
                [("Louvre", "LOC"), ("Par", "LOC"), ("is", "LOC")],
            ],
        ),
        ("token-classification", {"accept": []}, [[]], [[("Can", "PER")]]),
        (
            "question-answering",
            ANSWER,
            ["a small flat", "Small flat.", "in a small flat", "the Glasgow"],
            ["", "flat", "in", "a small flat in Glasgow"],
        ),
        ("fill-mask", {"accept": ["bleu", "Paris"]}, [["noir", "Bleu"], ["paris"]], [[], ["bleue", "rouge"]]),
        (
            "translation",
            {"accept": ["{Comment|Ça} va ?", "Je t'aime{ bien|}, Léo."]},
            ["comment va?", "Je t’aime, Léo !", "je t'aime bien léo"],
            ["", "Comment va.", "Je t'aime mal, Léo.", "{Comment|Ça} va ?"],
        ),
        (
            "summarization",
            SUMMARY,
            ["sorts pictures by date", "Photos in an album", "PhotoShelf album for 300 pictures"],
            [
                "",
                "pictures by date",
                "a game that sorts pictures",
                "sort pictures with KDE",
                "GNU photo album",
                "sort 20 pictures",
                SUMMARY["input"],
            ],
        ),
        (
            "text-generation",
            FORM,
            [" the dog was in the garden.", ' he said to her: "That was very very very good."'],
            [
                "",
                " the",
                " the dog was in the garden and",
                " the roi est dans le jardin avec sa mère.",
                " the the the the dog was there.",
                " and he was and he was and he was and he was there.",
                " dog cat mouse horse bird fish.",
            ],
        ),
    ],
)
def test_answers_are_accepted_and_refused(task, row, right, wrong):
    judge = first_inputs.RIGHT[task]
    assert [judge(row, said) for said in right] == [True] * len(right)
    assert [judge(row, said) for said in wrong] == [False] * len(wrong)


class Pipe:
    """Says to every input the same, as a pipeline of the task would."""

    class tokenizer:
        mask_token = "[MASK]"

    def __init__(self, result):
        self.result = result
        self.asked = []

    def __call__(self, inputs, **options):
        self.asked.append((inputs, options))
        return [self.result] * len(inputs) if isinstance(inputs, list) else [self.result]


@pytest.mark.parametrize(
    ("task", "result", "said"),
    [
        ("text-classification", {"label": "POSITIVE", "score": 0.9}, "POSITIVE"),
        ("token-classification", [{"entity_group": "LOC", "start": 2, "end": 5}], [("ris", "LOC")]),
        ("question-answering", {"answer": "Ada"}, "Ada"),
        ("fill-mask", [{"token_str": " bleu"}, {"token_str": "noir"}], ["bleu", "noir"]),
        ("text-generation", {"generated_text": " end."}, " end."),
        ("summarization", {"summary_text": "a"}, "a"),
        ("translation", {"translation_text": "b"}, "b"),
        ("visual-question-answering", [{"answer": "red", "score": 0.9}], "red"),
    ],
)
def test_what_a_pipeline_says_is_taken_out_of_its_result(task, result, said):
    pipe = Pipe(result)
    inputs = [{"image": "cats.png", "question": "Paris?"}] * 2 if task.startswith("visual") else ["Paris <mask>"] * 2
    assert first_inputs.ask(task, pipe, inputs) == [said, said]
    if task.startswith("visual"):
        assert pipe.asked[0][0][0]["image"].endswith("cats.png")
    if task == "fill-mask":
        assert pipe.asked == [(["Paris [MASK]"] * 2, {"top_k": 5})]


def test_the_table_and_the_failures(monkeypatch, capsys):
    monkeypatch.setattr("hfquick.pipeline", lambda *args, **options: Pipe({"label": "POSITIVE"}))
    monkeypatch.setattr("sys.argv", ["first_inputs", "text-classification", "--failures"])
    first_inputs.main()
    out = capsys.readouterr().out
    assert "| text-classification | en | hfquick/distilbert-tiny-sentiment-en | 30 | 0.50 |" in out
    assert "| text-classification | fr | hfquick/bert-tiny-multilingual-stars | 30 | 0.00 |" in out
    assert "text-classification (en): I hate Mondays.\n    said: POSITIVE\n    accepted: ['NEGATIVE']" in out


def test_an_unknown_task_is_named(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["first_inputs", "translate"])
    with pytest.raises(SystemExit):
        first_inputs.main()
    assert "task 'translate' is unknown; one of text-classification" in capsys.readouterr().err


def test_the_table_and_the_cards_say_what_was_measured():
    rows = json.loads(common.ACCEPTED.read_text(encoding="utf-8"))
    assert {(row["task"], row["language"]): f"hfquick/{row['model']}" for row in rows} == first_inputs.MODELS
    before, after = (first_inputs.FOLDER / "README.md").read_text(encoding="utf-8").split("## After training")
    for row in rows:
        line = rf"^\| {row['task']} \| {row['language']} \|.*\| {row['inputs']} \| "
        if row["before"] is not None:
            assert re.search(line + rf"{row['before'] / row['inputs']:.2f} \|$", before, re.M), row
        assert re.search(line + rf"{row['after'] / row['inputs']:.2f} \|$", after, re.M), row
        card = (common.ZOO / row["model"] / "README.md").read_text(encoding="utf-8")
        assert common.first_inputs(row["model"]) in card, row
