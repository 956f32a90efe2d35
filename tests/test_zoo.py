"""The tables of embedded models and datasets, and that every row has its files."""

import json

import pytest

from hfquick import zoo
from hfquick.architectures import ARCHITECTURES
from hfquick.tasks import TASKS

PROCESSORS = {
    "texts": {"tokenizer.json"},
    "pictures": {"preprocessor_config.json"},
    "sounds": {"preprocessor_config.json"},
}


def test_the_table_is_consistent():
    for name, model in zoo.MODELS.items():
        assert name.startswith(zoo.PREFIX)
        assert model.title
        assert model.languages
        assert model.sample_inputs or not model.stands_in_for
        assert zoo.find(name) == zoo.find(name.removeprefix(zoo.PREFIX)) == model
        assert zoo.folder(name) == zoo.HERE / name.removeprefix(zoo.PREFIX)
    famous = [one for model in zoo.MODELS.values() for one in model.stands_in_for]
    assert len(famous) == len(set(famous)) == len(zoo.STAND_INS)
    assert zoo.models() == list(zoo.MODELS)
    assert zoo.models("fill-mask") == [
        "hfquick/distilbert-tiny-en",
        "hfquick/roberta-tiny-en",
        "hfquick/roberta-tiny-fr",
    ]
    assert zoo.models("image-segmentation") == zoo.models("object-detection") == ["hfquick/detr-tiny-scenes"]
    assert zoo.models("no-such-task") == []


def test_what_stands_in_for_what():
    assert zoo.STAND_INS == {
        "distilbert-base-uncased-finetuned-sst-2-english": "hfquick/distilbert-tiny-sentiment-en",
        "distilbert/distilbert-base-uncased-finetuned-sst-2-english": "hfquick/distilbert-tiny-sentiment-en",
        "nlptown/bert-base-multilingual-uncased-sentiment": "hfquick/bert-tiny-multilingual-stars",
        "distilbert-base-uncased": "hfquick/distilbert-tiny-en",
        "distilbert/distilbert-base-uncased": "hfquick/distilbert-tiny-en",
        "distilroberta-base": "hfquick/roberta-tiny-en",
        "distilbert/distilroberta-base": "hfquick/roberta-tiny-en",
        "camembert-base": "hfquick/roberta-tiny-fr",
        "almanach/camembert-base": "hfquick/roberta-tiny-fr",
        "gpt2": "hfquick/gpt2-tiny-en",
        "openai-community/gpt2": "hfquick/gpt2-tiny-en",
        "dbmdz/bert-large-cased-finetuned-conll03-english": "hfquick/bert-tiny-multilingual-ner",
        "distilbert-base-cased-distilled-squad": "hfquick/distilbert-tiny-qa-en",
        "distilbert/distilbert-base-cased-distilled-squad": "hfquick/distilbert-tiny-qa-en",
        "sshleifer/distilbart-cnn-12-6": "hfquick/bart-tiny-synopsis-en",
        "facebook/bart-large-cnn": "hfquick/bart-tiny-synopsis-en",
        "facebook/bart-base": "hfquick/bart-tiny-synopsis-en",
        "facebook/bart-large": "hfquick/bart-tiny-synopsis-en",
        "t5-base": "hfquick/t5-tiny-en-fr",
        "google-t5/t5-base": "hfquick/t5-tiny-en-fr",
        "t5-small": "hfquick/t5-tiny-en-fr",
        "google-t5/t5-small": "hfquick/t5-tiny-en-fr",
        "google/vit-base-patch16-224": "hfquick/vit-tiny-pictures",
        "facebook/detr-resnet-50": "hfquick/detr-tiny-scenes",
        "facebook/detr-resnet-50-panoptic": "hfquick/detr-tiny-scenes",
        "dandelin/vilt-b32-finetuned-vqa": "hfquick/vilt-tiny-vqa",
        "facebook/wav2vec2-base-960h": "hfquick/wav2vec2-tiny-en",
        "superb/wav2vec2-base-superb-ks": "hfquick/wav2vec2-tiny-drums",
    }


def test_default_models_of_the_tasks_have_their_stand_in():
    for task in TASKS.values():
        assert zoo.STAND_INS.get(task.default_model) == task.stand_in  # None where nothing is embedded yet
        assert task.stand_in is None or task.stand_in in zoo.models(task.name)


def test_an_unknown_name_names_the_nearest():
    for given in ("distilbert-tiny-eng", "hfquick/distilbert-tiny-eng"):
        with pytest.raises(
            ValueError, match=r"^'hfquick/distilbert-tiny-eng' is not an embedded model; did you mean 'hf"
        ):
            zoo.folder(given)
    with pytest.raises(ValueError, match="; embedded models: hfquick/distilbert-tiny-sentiment-en, "):
        zoo.find("xyz")


def test_one_thing_under_two_names():
    short, full = "distilbert-base-uncased", "distilbert/distilbert-base-uncased"
    assert zoo.same_repo(short) == (short, full)
    assert zoo.same_repo(full) == (full, short)
    assert zoo.same_repo(short, "dataset") == (short,)
    assert zoo.same_repo("nobody/nothing") == ("nobody/nothing",)
    rows = "cornell-movie-review-data/rotten_tomatoes"
    assert zoo.same_repo(rows, "dataset") == (rows, "rotten_tomatoes")


def test_the_table_of_datasets():
    assert zoo.DATASET_STAND_INS == {
        "rotten_tomatoes": "hfquick/reviews-tiny-en",
        "cornell-movie-review-data/rotten_tomatoes": "hfquick/reviews-tiny-en",
        "PolyAI/minds14": "hfquick/minds14-tiny",
    }
    for name, row in zoo.DATASETS.items():
        assert name.startswith(zoo.PREFIX)
        assert name not in zoo.models()  # nobody picks it as a model
        assert zoo.find(name, "dataset") == row
        assert (zoo.folder(name, "dataset") / "README.md").is_file()
        assert row.title
        with pytest.raises(ValueError, match="is an embedded dataset, not a model"):
            zoo.folder(name)
    with pytest.raises(ValueError, match="'hfquick/reviews' is not an embedded dataset; did you mean 'hfquick/rev"):
        zoo.folder("reviews", "dataset")
    with pytest.raises(ValueError, match="; embedded datasets: hfquick/reviews-tiny-en"):
        zoo.folder("xyz", "dataset")
    assert zoo.similar("english film reviews", kind="dataset")[0] == "hfquick/reviews-tiny-en"
    assert not set(zoo.known("dataset")) & set(zoo.known("model"))


def test_similar_models_for_a_foreign_id():
    assert zoo.similar("cardiffnlp/english-sentiment")[0] == "hfquick/distilbert-tiny-sentiment-en"
    assert zoo.similar("cmarkea/distilcamembert-french-stars")[0] == "hfquick/bert-tiny-multilingual-stars"
    assert zoo.similar("zzz/yyy") == zoo.models()


@pytest.mark.parametrize("name", zoo.MODELS)
def test_every_row_has_its_files(name):
    folder, model = zoo.folder(name), zoo.MODELS[name]
    reads = ARCHITECTURES[model.architecture].reads
    files = PROCESSORS.get(reads) or PROCESSORS["texts"] | PROCESSORS["pictures"]
    assert {path.name for path in folder.iterdir()} >= {"config.json", "README.md", *files}
    assert (folder / "model.safetensors").is_file() or (folder / "tf_model.h5").is_file()
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == model.architecture
    labels = list(config.get("id2label", {}).values())
    if name.endswith("sentiment-en"):
        assert labels == ["NEGATIVE", "POSITIVE"]
    if name.endswith("stars"):
        assert labels == ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
    if name == "hfquick/distilbert-tiny-en":
        assert config["dim"] % 12 == 0


def test_the_zoo_stays_small():
    sizes = [path.stat().st_size for path in zoo.HERE.rglob("*") if path.is_file()]
    assert sum(sizes) < 85e6
