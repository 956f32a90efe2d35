"""Configurations: config.json there and back, overrides, labels, and sentences for what is wrong."""

import copy
import json

import pytest

from hfquick import (
    AutoConfig,
    BartConfig,
    BertConfig,
    DistilBertConfig,
    GPT2Config,
    PreTrainedConfig,
    RobertaConfig,
    T5Config,
)


@pytest.fixture
def folder(tmp_path):
    """A DistilBERT configuration as the Hub has it, with a key that hfquick does not know."""
    values = {
        "model_type": "distilbert",
        "dim": 48,
        "n_heads": 4,
        "n_layers": 2,
        "torch_dtype": "float16",
        "old_key": [1],
    }
    values |= {"id2label": {"0": "bad", "1": "good"}, "label2id": {"bad": 0, "good": 1}}
    (tmp_path / "config.json").write_text(json.dumps(values))
    return tmp_path


def test_there_and_back(folder, tmp_path):
    config = AutoConfig.from_pretrained(folder)
    assert type(config) is DistilBertConfig
    assert (config.dim, config.hidden_size, config.old_key, config.dtype) == (48, 48, [1], "float16")
    assert config.id2label == {0: "bad", 1: "good"}
    assert config.label2id == {"bad": 0, "good": 1}
    config.save_pretrained(tmp_path / "new")
    again = AutoConfig.from_pretrained(tmp_path / "new")
    assert again == config
    assert again.to_dict()["old_key"] == [1]
    assert "torch_dtype" not in again.to_dict()


def test_none_in_the_place_of_a_number_is_kept(tmp_path):
    config = GPT2Config(bos_token_id=None)
    config.save_pretrained(tmp_path)
    assert '"bos_token_id": null' in (tmp_path / "config.json").read_text(encoding="utf-8")
    assert "problem_type" not in (tmp_path / "config.json").read_text(encoding="utf-8")  # None is usual there
    assert GPT2Config.from_pretrained(tmp_path).bos_token_id is None
    assert GPT2Config.from_pretrained(tmp_path) == config != GPT2Config()


def test_keywords_override_the_file(folder):
    config = AutoConfig.from_pretrained(folder, n_heads=12, num_labels=3)
    assert config.n_heads == config.num_attention_heads == 12
    assert config.id2label == {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}
    assert AutoConfig.from_pretrained(folder, hidden_size=96).dim == 96
    assert DistilBertConfig.from_pretrained(folder, label2id={"a": 0, "b": 1}).id2label == {0: "a", 1: "b"}


def test_labels_from_either_table():
    assert BertConfig(label2id={"no": 0, "yes": 1}).id2label == {0: "no", 1: "yes"}
    assert BertConfig(id2label={"1": "yes", "0": "no"}).label2id == {"no": 0, "yes": 1}
    assert BertConfig().num_labels == 2


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"hidden_size": "768"}, "'hidden_size' is '768', expected a whole number from 1 to 100000000"),
        ({"hidden_size": 768.0}, "'hidden_size' is 768.0, expected a whole number"),
        ({"hidden_size": True}, "'hidden_size' is True, expected a whole number"),
        ({"hidden_act": None}, "'hidden_act' is None, expected a text"),
        ({"tie_word_embeddings": 1}, "'tie_word_embeddings' is 1, expected True or False"),
        ({"pad_token_id": "0"}, "'pad_token_id' is '0', expected a whole number or None"),
        ({"vocab_size": 0}, "'vocab_size' is 0, expected a whole number from 1 to"),
        ({"vocab_size": 10**12}, "'vocab_size' is 1000000000000, expected a whole number from 1 to"),
        ({"num_hidden_layers": 10**6}, "'num_hidden_layers' is 1000000, expected a whole number from 1 to 1000"),
        ({"hidden_size": 50}, "hidden_size 50 is not divisible by num_attention_heads 12"),
        ({"position_embedding_type": "relative_key"}, "only 'absolute' positions are known"),
        ({"is_decoder": True}, "encoder only"),
        ({"num_labels": 0}, "num_labels is 0, expected a whole number from 1 to 100000"),
        ({"num_labels": 10**8}, "num_labels is 100000000, expected a whole number from 1 to 100000"),  # 13 GB of names
        ({"layer_norm_eps": float("nan")}, "'layer_norm_eps' is nan, expected a number from 0 to 1"),
        ({"layer_norm_eps": float("inf")}, "'layer_norm_eps' is inf, expected a number from 0 to 1"),
        ({"layer_norm_eps": -1}, "'layer_norm_eps' is -1, expected a number from 0 to 1"),
        ({"hidden_dropout_prob": 7}, "'hidden_dropout_prob' is 7, expected a probability from 0 to 1"),
        ({"classifier_dropout": float("nan")}, "'classifier_dropout' is nan, expected a probability from 0 to 1"),
        ({"initializer_range": -0.1}, "'initializer_range' is -0.1, expected a number from 0 to 1000"),
        ({"function_to_apply": "x"}, "'function_to_apply' is 'x', expected 'softmax', 'sigmoid' or 'none'"),
        ({"task_specific_params": 3}, "'task_specific_params' is 3, expected a table or None"),
        ({"task_specific_params": {"a": 3}}, "task_specific_params is {'a': 3}, expected tables of options, by task"),
        ({"is_encoder_decoder": True}, "'is_encoder_decoder' is True, expected False"),
        ({"id2label": {"a": "b"}}, "id2label is .* expected a table from 0, 1, 2"),
        ({"id2label": {"1": "b"}}, "id2label is .* expected a table from 0, 1, 2"),
        ({"id2label": ["a"]}, r"id2label is .* expected a table from 0, 1, 2 .*; try dict\(enumerate\(names\)\)"),
        ({"label2id": {"a": 0, "b": 0}}, "label2id is .* expected a table from names to 0, 1, 2"),
        ({"label2id": {"a": 1}}, "label2id is .* expected a table from names to 0, 1, 2"),
        ({"label2id": ["a"]}, "label2id is .* expected a table from names to 0, 1, 2"),
        (
            {"num_labels": 3, "id2label": {0: "bad", 1: "good"}},
            "num_labels is 3, but id2label has 2 names: bad, good; give a name for each, or leave num_labels out",
        ),
        ({"num_labels": 3, "label2id": {"bad": 0, "good": 1}}, "num_labels is 3, but id2label has 2 names: bad, good"),
        (
            {"id2label": {0: "a", 1: "b"}, "label2id": {"a": 1, "b": 0}},
            "id2label is .* and label2id .*, which contradict each other; give one of them",
        ),
        ({"problem_type": "multi_label"}, "'problem_type' is 'multi_label', expected .*; did you mean 'multi_label_cl"),
    ],
)
def test_wrong_values(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        BertConfig(**values)


def test_heads_that_do_not_fit_come_with_those_that_do():
    with pytest.raises(ValueError, match="dim 96 is not divisible by n_heads 5; try 1, 2, 3, 4, 6, 8, 12, 16, 24"):
        DistilBertConfig(dim=96, n_heads=5)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "config.json of .* is damaged .*; fetch it again with force_download=True"),
        ("[1]", r"config.json of .* is damaged \(it holds a list, expected an object\); fetch it again"),
        ("{}", "does not say its 'model_type'"),
        ('{"model_type": "bart2"}', "is a 'bart2' model, which hfquick does not have; did you mean 'bart' or 'bert'"),
        ('{"model_type": "bert", "hidden_size": "x"}', "configuration of .*: 'hidden_size' is 'x'"),
    ],
)
def test_wrong_files(tmp_path, text, sentence):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        AutoConfig.from_pretrained(tmp_path)


def test_wrong_names(folder):
    with pytest.raises(ValueError, match=r"DistilBertConfig has no argument 'n_head'; did you mean 'n_heads'"):
        AutoConfig.from_pretrained(folder, n_head=12)
    with pytest.raises(ValueError, match="is a 'distilbert' model, BertConfig reads 'bert'; try AutoConfig"):
        BertConfig.from_pretrained(folder)
    with pytest.raises(AttributeError, match="DistilBertConfig has no field 'n_hedas'; did you mean 'n_heads'"):
        _ = AutoConfig.from_pretrained(folder).n_hedas
    with pytest.raises(TypeError, match=r"AutoConfig is not built itself; try AutoConfig.from_pretrained"):
        AutoConfig()


def test_names_that_are_set_later():
    config = BertConfig(num_labels=3)
    config.id2label = {"0": "neg", "1": "pos"}  # as read from a JSON file
    assert config.id2label == {0: "neg", 1: "pos"}
    assert (config.num_labels, config.label2id) == (2, {"neg": 0, "pos": 1})
    config.label2id = {"good": 1, "bad": 0}
    assert config.id2label == {0: "bad", 1: "good"}
    config.num_labels = 2  # as many as before: the names stay
    assert config.id2label == {0: "bad", 1: "good"}
    config.num_labels = 1
    assert config.id2label == {0: "LABEL_0"}
    for name, value, sentence in [
        ("id2label", {0: "a", 2: "b"}, "id2label is .* expected a table from 0, 1, 2"),
        ("label2id", {"a": "x"}, "label2id is .* expected a table from names to"),
        ("problem_type", "regresion", "BertConfig: 'problem_type' is 'regresion', expected .*; did you mean 'regress"),
        ("num_labels", "2", "num_labels is '2', expected a whole number"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            setattr(config, name, value)
    config.problem_type = "regression"
    config.problem_type = None


def test_two_labels_may_have_one_name():
    config = BertConfig(id2label={0: "name", 1: "other", 2: "name"})
    assert BertConfig(**config.to_dict()) == config


def test_the_callers_labels_count_not_those_of_the_file(folder):
    config = AutoConfig.from_pretrained(folder, num_labels=2)
    assert config.id2label == {0: "bad", 1: "good"}  # the file's names fit
    assert AutoConfig.from_pretrained(folder, id2label={"0": "a", "1": "b", "2": "c"}).label2id == {
        "a": 0,
        "b": 1,
        "c": 2,
    }
    assert AutoConfig.from_pretrained(folder, id2label=None, label2id={"a": 0}).num_labels == 1
    with pytest.raises(ValueError, match="num_labels is 3, but id2label has 2 names: a, b"):
        AutoConfig.from_pretrained(folder, num_labels=3, id2label={0: "a", 1: "b"})
    with pytest.raises(
        ValueError, match=r"configuration of .*: 'problem_type' is 'regresion'.* did you mean 'regression'"
    ):
        AutoConfig.from_pretrained(folder, problem_type="regresion")


@pytest.mark.parametrize(
    ("values", "names", "line"),
    [
        (
            {"id2label": {"0": "a"}, "label2id": {"LABEL_0": 0}},
            ["a"],
            "label2id contradicts id2label, whose 1 labels are",
        ),
        (
            {"id2label": {"0": "a", "1": "b"}, "num_labels": 5},
            ["a", "b"],
            "num_labels contradicts id2label, whose 2 lab",
        ),
        ({"label2id": {"b": 1, "a": 0}}, ["a", "b"], ""),
        ({"num_labels": 3}, ["LABEL_0", "LABEL_1", "LABEL_2"], ""),
        ({"id2label": {"0": "a"}, "label2id": {"a": "0"}}, ["a"], ""),
    ],
)
def test_labels_of_a_file_that_contradict_each_other(tmp_path, capsys, values, names, line):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert", **values}))
    assert list(AutoConfig.from_pretrained(tmp_path).id2label.values()) == names
    said = capsys.readouterr().out
    assert line in said
    assert bool(said) == bool(line)


def test_as_json_and_from_it(folder, tmp_path):
    config = AutoConfig.from_pretrained(folder)
    config.to_json_file(tmp_path / "other.json")
    assert json.loads((tmp_path / "other.json").read_text(encoding="utf-8")) == json.loads(config.to_json_string())
    assert DistilBertConfig.from_json_file(tmp_path / "other.json") == config
    assert DistilBertConfig.from_dict(config.to_dict(), n_layers=1).n_layers == 1
    config.update({"dropout": 0.3, "hidden_size": 96})
    assert (config.dropout, config.dim) == (0.3, 96)


def test_a_name_in_place_of_fields_says_so():
    with pytest.raises(
        TypeError, match=r"BertConfig takes its fields by name, got 'bert'; try BertConfig.from_pretrained"
    ):
        BertConfig("bert")


@pytest.mark.parametrize(
    ("keyword", "sentence"),
    [
        (
            {"return_dict": False},
            r"does not take return_dict=False; a call gives a tuple where .*model\(\*\*batch, return_dict=False\)",
        ),
        (
            {"use_cache": True},
            r"does not take use_cache=True; a call returns a KV cache where .*model\(\*\*batch, use_cache=True\)",
        ),
        (
            {"torchscript": True},
            r"does not take torchscript=True; torch.jit.trace\(model, inputs, strict=False\) works",
        ),
        (
            {"gradient_checkpointing": True},
            r"take gradient_checkpointing=True; try model.gradient_checkpointing_enable\(\)",
        ),
    ],
)
def test_what_is_asked_for_in_calls(folder, keyword, sentence):
    ((name, value),) = keyword.items()
    with pytest.raises(ValueError, match=sentence):
        AutoConfig.from_pretrained(folder, **keyword)
    AutoConfig.from_pretrained(folder, **{name: not value})


def test_saving_into_a_file_says_so(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(NotADirectoryError, match="is a file, expected a folder to save into"):
        PreTrainedConfig().save_pretrained(tmp_path / "taken")


@pytest.mark.parametrize("kind", [BertConfig, BartConfig, DistilBertConfig, GPT2Config, RobertaConfig, T5Config])
@pytest.mark.parametrize(
    "name", ["check", "fields", "longest_text", "_where", "to_dict", "from_repo", "save_pretrained", "set_aside",
             "attribute_map", "__class__", "__dict__", "__deepcopy__", "__init__", "__setattr__"]
)  # fmt: skip
def test_keys_that_are_names_of_the_class_are_kept_and_do_no_harm(kind, name, tmp_path):
    values = {"model_type": kind.model_type, name: 7}
    (tmp_path / "config.json").write_text(json.dumps(values))
    config = copy.deepcopy(AutoConfig.from_pretrained(tmp_path))
    assert type(config) is kind
    config.check()
    assert config.longest_text is None or config.longest_text > 7
    config.save_pretrained(tmp_path / "new")
    assert json.loads((tmp_path / "new" / "config.json").read_text())[name] == 7
    assert AutoConfig.from_pretrained(tmp_path / "new") == config


def test_a_field_of_a_users_own_class_is_no_such_name():
    class Own(BertConfig):
        plain = 3
        typed: int = 4

    config = Own(plain=5, typed=6)
    assert (config.plain, config.typed) == (5, 6)
