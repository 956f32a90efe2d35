"""model_card.py: a card says what is known, names what is not, and gives nothing away."""

import re
from importlib.util import find_spec

import pytest

import hfquick
from hfquick.hub.model_card import (
    HYPERPARAMETERS,
    MARK,
    ModelFacts,
    TrainingFacts,
    create_model_card,
    front_matter,
    hyperparameters,
    model_card,
)
from hfquick.hub.push import upload_folder
from tests.helpers.hub import run
from tests.helpers.tiny_model import WORDS, tiny_classifier

MODEL = ModelFacts(
    "ada/reviews",
    architecture="DistilBertForSequenceClassification",
    model_type="distilbert",
    base_model="distilbert-base-uncased",
    framework="torch",
    parameters=66_955_010,
    labels=("neg", "pos"),
    license="apache-2.0",
    languages=("en",),
)
LOG = [  # as the Trainer keeps it
    {"loss": 0.69314, "grad_norm": 1.5, "learning_rate": 4e-05, "epoch": 0.5, "step": 10},
    {"loss": 0.5, "learning_rate": 2e-05, "epoch": 1.0, "step": 20},
    {"eval_loss": 0.45, "eval_accuracy": 0.8125, "eval_runtime": 1.5, "eval_samples_per_second": 99.0, "epoch": 1.0,
     "step": 20},
    {"loss": 0.25, "epoch": 2.0, "step": 40},
    {"eval_loss": 0.375, "eval_accuracy": 0.84375, "eval_runtime": 1.4, "epoch": 2.0, "step": 40},
    {"train_runtime": 12.3, "train_loss": 0.48, "total_flos": 1e12, "epoch": 2.0, "step": 40},
]  # fmt: skip
TRAINING = TrainingFacts(
    dataset="rotten_tomatoes",
    evaluated_on="validation",
    args={
        "learning_rate": 5e-05,
        "num_train_epochs": 2,
        "seed": 42,
        "bf16": True,
        "fp16": False,
        "optim": "adamw_torch",
    },
    log_history=LOG,
    metrics={
        "eval_loss": 0.375,
        "eval_accuracy": 0.84375,
        "eval_runtime": 1.4,
        "eval_steps_per_second": 3.0,
        "epoch": 2.0,
    },
    versions={"accelerate": "1.2.3"},
)


def section(card: str, title: str) -> str:
    """The text under a heading."""
    return re.search(rf"^#+ {title}\n\n(.*?)(?=\n\n#|\Z)", card, re.DOTALL | re.MULTILINE)[1].strip()


def rows(card: str, title: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    lines = [line for line in section(card, title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_what_the_hub_reads():
    from huggingface_hub import ModelCard

    data = ModelCard(model_card(MODEL, TRAINING)).data
    assert data.to_dict() | {"model-index": None} == {
        "library_name": "transformers",
        "pipeline_tag": "text-classification",
        "license": "apache-2.0",
        "language": ["en"],
        "base_model": "distilbert-base-uncased",
        "datasets": ["rotten_tomatoes"],
        "tags": ["hfquick", "distilbert"],
        "metrics": ["accuracy"],
        "model-index": None,
    }
    (result,) = data.eval_results
    assert (data.model_name, result.task_type, result.dataset_type) == (
        "reviews",
        "text-classification",
        "rotten_tomatoes",
    )
    assert (result.dataset_split, result.metric_type, result.metric_value) == ("validation", "accuracy", 0.84375)


def test_what_people_read():
    card = model_card(MODEL, TRAINING)
    assert "A `DistilBertForSequenceClassification` with 66,955,010 parameters, for text classification." in card
    assert "Its labels: `neg`, `pos`." in card
    assert "Its weights started from [distilbert-base-uncased](https://huggingface.co/distilbert-base-uncased)." in card
    data = "[rotten_tomatoes](https://huggingface.co/datasets/rotten_tomatoes)"
    assert section(card, "Results").startswith(f"Measured on the split validation of {data}:")
    assert rows(card, "Results") == [["loss", "0.3750"], ["accuracy", "0.8438"]]
    assert section(card, "Training").startswith(f"It was trained on {data}.")
    assert rows(card, "Hyperparameters") == [
        ["learning_rate", "5e-05"],
        ["num_train_epochs", "2"],
        ["seed", "42"],
        ["bf16", "True"],
        ["optim", "adamw_torch"],
    ]
    assert "| epoch | step | training loss | evaluation loss | accuracy |" in card
    assert rows(card, "Losses") == [
        ["1", "20", "0.5000", "0.4500", "0.8125"],
        ["2", "40", "0.2500", "0.3750", "0.8438"],
    ]
    installed = ["torch"] if find_spec("torch") else []
    assert [row[0] for row in rows(card, "Versions")] == ["hfquick", *installed, "accelerate"]
    assert rows(card, "Versions")[0][1] == hfquick.__version__
    assert section(card, "What is not known") == (
        "- Where it fails, and whom its mistakes would hurt: nobody has written that down yet."
    )


def test_the_same_facts_give_the_same_text():
    assert model_card(MODEL, TRAINING) == model_card(MODEL, TRAINING)
    assert not re.search(r"\d{4}-\d\d|\d\d:\d\d", model_card(MODEL, TRAINING))  # no date, no time of day
    assert "Trained: 14 July 2031." in model_card(MODEL, TrainingFacts(dataset="imdb", when="14 July 2031"))


def test_what_nobody_told_is_said_to_be_unknown():
    card = model_card(ModelFacts("model"))
    assert front_matter(ModelFacts("model"), TrainingFacts()) == {"tags": ["hfquick"]}
    unknown = section(card, "What is not known")
    for words in ("The licence: none was given", "The data it was trained on", "What its weights started from",
                  "The languages", "no score was recorded", "Where it fails"):  # fmt: skip
        assert words in unknown
    for title in ("Results", "Training", "How to use it"):
        assert f"# {title}" not in card
    scored = model_card(MODEL, TrainingFacts(metrics={"accuracy": 1.0}))
    assert "Whether the data it was measured on was kept apart from the training." in scored
    assert "Measured:" in scored
    assert "metrics" in front_matter(MODEL, TrainingFacts(metrics={"accuracy": 1.0}))
    assert "model-index" not in front_matter(MODEL, TrainingFacts(metrics={"accuracy": 1.0}))
    assert "The data is not named." in model_card(MODEL, TrainingFacts(args={"seed": 1}))
    assert "Measured on the split validation:" in model_card(
        MODEL, TrainingFacts(metrics={"f1": 1.0}, evaluated_on="validation")
    )


def test_what_is_embedded_is_not_linked_to_the_hub():
    model = ModelFacts("reviews", base_model="hfquick/distilbert-tiny-en", model_type="distilbert")
    training = TrainingFacts(dataset="hfquick/reviews", metrics={"accuracy": 0.5})
    card, front = model_card(model, training), front_matter(model, training)
    assert not {"base_model", "datasets", "model-index"} & set(front)
    assert "Its weights started from `hfquick/distilbert-tiny-en`, a small model inside the hfquick package." in card
    assert "Measured on `hfquick/reviews`:" in card
    assert "huggingface.co/hfquick" not in card
    local = model_card(
        ModelFacts("m", base_model="/home/ada/run"), TrainingFacts(dataset="C:\\Users\\ada\\reviews.csv")
    )
    assert "It was trained on `reviews.csv`." in local
    assert "- What its weights started from." in local
    assert "ada" not in local


def test_tokens_paths_and_settings_of_the_machine_are_left_out():
    secret = {
        "hub_token": "hf_abcdef", "output_dir": "/home/ada/out", "logging_dir": "runs", "cache": "C:\\Users\\ada",
        "password": "p", "report_to": "tensorboard", "save_steps": 500, "run_name": "ada", "device": "cuda:0",
        "push_to_hub": True, "eval_strategy": "epoch", "note": "hf_xyz", "api_key": "k", "callbacks": [1], "lr": None,
    }  # fmt: skip
    card = model_card(MODEL, TrainingFacts(args={**secret, "weight_decay": 0.0}))
    assert rows(card, "Hyperparameters") == [["weight_decay", "0.0"]]
    assert not re.search("ada[^/]|hf_", card.replace("ada/reviews", ""))


def test_an_argument_that_nobody_has_allowed_is_left_out():
    unknown = {"wandb": "ada-lovelace", "patience": 3, "learning_rate_of_ada": 1.0, "Seed": 7, "remote": True}
    assert "Hyperparameters" not in model_card(MODEL, TrainingFacts(dataset="imdb", args=unknown))
    for value in (
        "hf_abcdef",
        "/home/ada/adam.py",
        "C:\\ada",
        "adam of ada",
        "ada@home",
        "a" * 41,
        "",
        None,
        [1],
        False,
    ):
        args = {"optim": value, "lr_scheduler_type": value, "seed": value}
        assert "Hyperparameters" not in model_card(MODEL, TrainingFacts(dataset="imdb", args=args)), value


def test_each_name_on_the_list_is_an_argument_of_a_trainer():
    from dataclasses import fields

    from hfquick.training.arguments import TrainingArguments

    other_trainers = {"epochs", "batch_size", "optim", "optimizer"}
    assert HYPERPARAMETERS - other_trainers <= {each.name for each in fields(TrainingArguments)}
    secret = TrainingArguments(**{each.name: "hf_xyz" for each in fields(TrainingArguments) if "hub" in each.name})
    assert not {name for name in hyperparameters(TrainingFacts(args=secret.to_dict())) if "hub" in name}


def test_the_arguments_of_the_trainer():
    from hfquick.training.arguments import TrainingArguments

    args = TrainingArguments("/home/ada/run", max_steps=10, hub_token="hf_secret", load_best_model_at_end=True,
                             eval_strategy="epoch", save_strategy="epoch", warmup_ratio=0.1)  # fmt: skip
    card = model_card(MODEL, TrainingFacts(args=args.to_dict()))
    shown = dict(rows(card, "Hyperparameters"))
    assert (shown["max_steps"], shown["warmup_ratio"], shown["load_best_model_at_end"]) == ("10", "0.1", "True")
    assert {"learning_rate", "per_device_train_batch_size", "lr_scheduler_type", "seed", "adam_beta1"} <= set(shown)
    assert "num_train_epochs" not in shown  # max_steps ended the training
    assert set(shown) <= HYPERPARAMETERS
    forbidden = ("out", "dir", "hub", "push", "log", "save", "report", "tqdm", "cpu", "column", "eval_")
    assert not [name for name in shown if any(word in name for word in forbidden)]
    epochs = model_card(MODEL, TrainingFacts(args=TrainingArguments("run").to_dict()))
    assert dict(rows(epochs, "Hyperparameters"))["num_train_epochs"] == "3.0"
    assert "max_steps" not in epochs


def test_numbers_that_are_none_and_logs_without_evaluation():
    nan = TrainingFacts(dataset="imdb", metrics={"eval_accuracy": float("nan"), "eval_f1": "high", "best": True})
    assert "metrics" not in front_matter(MODEL, nan)
    assert "no score was recorded" in model_card(MODEL, nan)
    card = model_card(MODEL, TrainingFacts(log_history=LOG[:2]))
    assert "The last training loss was 0.5000. No evaluation was made while it was training." in card
    lost = TrainingFacts(log_history=[{"loss": float("nan"), "step": 1}, {"eval_loss": float("nan"), "step": 1}])
    assert rows(model_card(MODEL, lost), "Losses") == [["1", "nan", "nan"]]
    tiny = TrainingFacts(metrics={"mse": 0.0000123456, "zero": 0.0})
    assert rows(model_card(MODEL, tiny), "Results") == [["mse", "1.235e-05"], ["zero", "0.0000"]]
    early = TrainingFacts(log_history=[{"eval_loss": 0.7, "step": 5}])  # before any training loss was logged
    assert rows(model_card(MODEL, early), "Losses") == [["5", "0.7000"]]


def test_text_from_outside_changes_neither_table_nor_page():
    from huggingface_hub import ModelCard

    bad = "a|b`\n# <script>alert(1)</script> [x](y)\n---\nlicense: mit"
    model = ModelFacts(bad, labels=(bad,), architecture=bad, base_model=bad, license=bad)
    training = TrainingFacts(dataset=bad, evaluated_on=bad, args={bad: bad, "optim": bad}, metrics={bad: 1.0}, when=bad)
    card = model_card(model, training)
    body = re.sub(r"(?<!\\)`[^`\n]*`", "", card.split("\n---\n")[-1])  # between backticks all is text
    assert "<script" not in body
    assert "](y)" not in re.sub(r"\\\]\(y\)", "", body)
    assert len(rows(card, "Results")) == 1
    assert sum(line.startswith("#") for line in body.splitlines()) == 5  # the headings of this card
    assert ModelCard(card).data.license == bad  # quoted, so it stays one value
    many = ModelFacts("m", labels=tuple(f"label {number}" for number in range(1000)))
    assert "`label 19` and 980 more." in model_card(many)


def test_a_card_of_a_person_stays(tmp_path):
    path = create_model_card(tmp_path, MODEL)
    assert path == tmp_path / "README.md"
    assert MARK in path.read_text(encoding="utf-8")
    create_model_card(tmp_path, MODEL, TRAINING)
    assert "## Training" in path.read_text(encoding="utf-8")
    path.write_text("Mine: é\n", encoding="utf-8")
    create_model_card(tmp_path, MODEL, TRAINING)
    assert path.read_text(encoding="utf-8") == "Mine: é\n"


def test_the_hub_accepts_the_card_of_a_training(hub_server, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_TOKEN", "hf_known")
    create_model_card(tmp_path, MODEL, TRAINING)
    upload_folder(tmp_path, "ada/reviews")
    assert hub_server.count("POST /api/validate-yaml") == 1  # warnings would have been errors
    assert hub_server.files("ada/reviews")["README.md"].decode() == model_card(MODEL, TRAINING)


# What models say about themselves


@pytest.mark.torch
def test_facts_of_pytorch_models(tmp_path, capsys):
    import torch

    folder = tiny_classifier(tmp_path)
    model = hfquick.AutoModelForSequenceClassification.from_pretrained(folder)
    facts = ModelFacts.of(model, "ada/model", license="mit")
    assert facts == ModelFacts(
        "ada/model",
        architecture="DistilBertForSequenceClassification",
        model_type="distilbert",
        base_model=None,  # a folder of this machine: what it holds is not known, and its name is nobody's business
        framework="torch",
        parameters=model.num_parameters(),
        labels=("NEGATIVE", "POSITIVE"),
        license="mit",
    )
    assert str(folder) not in model_card(facts)
    new = hfquick.AutoModelForSequenceClassification.from_config(
        hfquick.AutoConfig.from_pretrained("hfquick/distilbert-tiny-en")
    )
    facts = ModelFacts.of(new, "new")
    assert (facts.base_model, facts.labels) == (None, ())  # its weights are random, and nobody named its labels
    embedded = hfquick.AutoModelForMaskedLM.from_pretrained("hfquick/distilbert-tiny-en")
    assert ModelFacts.of(embedded, "m").base_model == "hfquick/distilbert-tiny-en"
    stand_in = hfquick.AutoModelForMaskedLM.from_pretrained("distilbert-base-uncased")
    assert "is replaced by its tiny stand-in" in capsys.readouterr().out
    assert ModelFacts.of(stand_in, "m").base_model == "hfquick/distilbert-tiny-en"  # what it truly is
    own = ModelFacts.of(torch.nn.Linear(3, 2), "linear")
    assert own == ModelFacts("linear", architecture="Linear", framework="torch", parameters=8)
    assert "How to use it" not in model_card(own)
    assert "library_name" not in front_matter(own, TrainingFacts())


@pytest.mark.tf
def test_facts_of_keras_models(tmp_path):
    import keras

    model = hfquick.TFAutoModelForMaskedLM.from_pretrained("hfquick/distilbert-tiny-en")
    facts = ModelFacts.of(model, "ada/model")
    assert (facts.architecture, facts.framework) == ("TFDistilBertForMaskedLM", "keras")
    assert (facts.base_model, facts.parameters) == ("hfquick/distilbert-tiny-en", model.num_parameters())
    card = model_card(facts)
    assert [row[0] for row in rows(card, "Versions")] == ["hfquick", "tensorflow", "keras"]
    assert 'pipe = pipeline("fill-mask", model="ada/model")' in card
    assert 'pipe(f"The old cat is sleeping on the {pipe.tokenizer.mask_token}.")' in card
    dense = keras.Sequential([keras.layers.Dense(2)])
    assert ModelFacts.of(dense, "dense").parameters is None  # it has no variables yet
    dense.build((None, 3))
    assert ModelFacts.of(dense, "dense").parameters == 8


@pytest.mark.torch
def test_the_example_of_a_head_without_a_pipeline_runs(tmp_path):
    tiny_classifier(tmp_path)
    sizes = {"vocab_size": len(WORDS), "dim": 24, "hidden_dim": 48, "n_layers": 1, "n_heads": 2}
    model = hfquick.DistilBertModel(hfquick.DistilBertConfig(max_position_embeddings=32, **sizes))
    model.save_pretrained(tmp_path)
    facts = ModelFacts.of(model, str(tmp_path))
    code = re.search(r"```python\n(.*?)```", model_card(facts), re.DOTALL)[1]
    assert "AutoModel, AutoTokenizer" in code
    assert re.fullmatch(r"\{'last_hidden_state': .*\[1, 6, 24\]\)\}", run(code))
