"""Tensors of a file and of a model, in both frameworks: what fits, what is left out, what is new."""

import numpy as np
import pytest

from hfquick.core.weights import WeightsError
from tests.helpers.checkpoints import (
    CHECKPOINTS,
    assert_as_recorded,
    copied,
    framework,
    model_class,
    run,
    sentence,
    tensors,
    write_tensors,
)


@framework
def test_weights_of_another_head_are_dropped_in_one_line(framework, capsys):
    folder = CHECKPOINTS / "distilbert-words/safetensors"
    loaded = model_class("distilbert-bare", framework).from_pretrained(folder)
    [line] = capsys.readouterr().out.splitlines()
    assert "dropped, not part of this model: vocab_" in line
    assert np.isfinite(run(loaded, framework, np.load(CHECKPOINTS / "distilbert-words/outputs.npz"))[
        "last_hidden_state"]).all()  # fmt: skip


@framework
@pytest.mark.parametrize("folder", ["bert-bare/safetensors", "bert-bare/h5"])
def test_a_missing_head_is_announced_in_one_line(framework, folder, capsys):
    cls = model_class("bert-labels", framework)
    loaded = cls.from_pretrained(CHECKPOINTS / folder, num_labels=4, initializer_range=0.5)
    [line] = capsys.readouterr().out.splitlines()
    assert line.endswith("new, untrained: classifier.weight, classifier.bias - train before use")
    kernel = np.asarray(loaded.classifier.kernel if framework == "tf" else loaded.classifier.weight.detach())
    assert 0.3 < kernel.std() < 0.8
    # The bare model inside is the one of the file.
    assert_as_recorded(loaded.bert, framework, folder)


@framework
def test_what_is_announced_is_in_the_readers_language(framework, capsys, monkeypatch):
    monkeypatch.setenv("HFQUICK_LANG", "fr")
    model_class("bert-labels", framework).from_pretrained(CHECKPOINTS / "bert-words/safetensors")
    (line,) = capsys.readouterr().out.splitlines()
    dropped, new = line.split(" · ")
    assert "\u00a0: laissés de côté, car ils ne font pas partie de ce modèle : cls.predictions.bias, " in dropped
    assert dropped.endswith(" de plus")
    assert "nouveaux, non entraînés : bert.pooler.dense.weight, " in new
    assert new.endswith(", classifier.bias - à entraîner avant usage")


@framework
def test_bare_names_load_with_a_head_and_the_other_way_round(framework, tmp_path):
    folder = copied("bert-labels/safetensors", tmp_path)
    state = tensors(folder)
    bare = {name.removeprefix("bert."): value for name, value in state.items() if name.startswith("bert.")}
    write_tensors(folder, bare)
    with_head = model_class("bert-labels", framework).from_pretrained(folder)
    without = model_class("bert-bare", framework).from_pretrained(folder)
    write_tensors(folder, state)
    prefixed = model_class("bert-bare", framework).from_pretrained(folder)
    recorded = np.load(CHECKPOINTS / "bert-labels/outputs.npz")
    results = [run(model, framework, recorded) for model in (with_head.bert, without, prefixed)]
    for other in results[1:]:
        np.testing.assert_array_equal(results[0]["last_hidden_state"], other["last_hidden_state"])


@framework
def test_a_misspelt_name_names_the_nearest(framework, tmp_path):
    folder = copied("bert-labels/safetensors", tmp_path)
    state = tensors(folder)
    state["classifier.wieght"] = state.pop("classifier.weight")
    write_tensors(folder, state)
    with pytest.raises(WeightsError) as error:
        model_class("bert-labels", framework).from_pretrained(folder)
    assert "lacks classifier.weight; did you mean 'classifier.wieght'" in sentence(error)


@framework
@pytest.mark.parametrize("prefix", ["bert.", ""])
def test_a_name_too_many_names_the_nearest(framework, prefix, tmp_path):
    folder = copied("bert-labels/safetensors", tmp_path)
    state = {**tensors(folder), "bert.encoder.layer.7.output.dense.bias": np.zeros(32, "float32")}
    write_tensors(folder, {name.replace("bert.", prefix): value for name, value in state.items()})
    with pytest.raises(WeightsError) as error:
        model_class("bert-labels", framework).from_pretrained(folder)
    assert (
        f"holds {prefix}encoder.layer.7.output.dense.bias, which this model does not have; did you mean 'bert.encoder"
        in (sentence(error))
    )


@framework
def test_a_part_of_the_bare_model_missing(framework, tmp_path):
    folder = copied("distilbert-bare/safetensors", tmp_path)
    state = tensors(folder)
    del state["transformer.layer.1.ffn.lin1.weight"]
    write_tensors(folder, state)
    with pytest.raises(WeightsError) as error:
        model_class("distilbert-bare", framework).from_pretrained(folder)
    assert "lacks transformer.layer.1.ffn.lin1.weight" in sentence(error)


@framework
def test_it_is_said_once_and_names_what_was_loaded(framework, capsys):
    cls = model_class("distilbert-labels", framework)
    cls.from_pretrained("distilbert-base-uncased")
    notice, line = capsys.readouterr().out.splitlines()
    assert "'distilbert-base-uncased' is replaced by its tiny stand-in 'hfquick/distilbert-tiny-en'" in notice
    assert line.startswith("hfquick/distilbert-tiny-en: dropped, not part of this model: ")
    assert line.endswith("classifier.bias - train before use")
    cls.from_pretrained("distilbert-base-uncased")
    assert capsys.readouterr().out == ""
    cls.from_pretrained("distilbert-base-uncased", num_labels=2)  # the same tensors start untrained
    assert capsys.readouterr().out == ""
    model_class("distilbert-bare", framework).from_pretrained("distilbert-base-uncased")  # another story
    assert "dropped" in capsys.readouterr().out


@framework
def test_a_head_of_another_size(framework, capsys):
    folder = CHECKPOINTS / "distilbert-labels/safetensors"
    cls = model_class("distilbert-labels", framework)
    with pytest.raises(WeightsError) as error:
        cls.from_pretrained(folder, num_labels=5)
    assert "'classifier.weight' has the shape (3, 32), this configuration expects (5, 32)" in sentence(error)
    assert "ignore_mismatched_sizes=True" in sentence(error)
    capsys.readouterr()
    loaded = cls.from_pretrained(folder, num_labels=5, ignore_mismatched_sizes=True)
    [line] = capsys.readouterr().out.splitlines()
    assert line.endswith("new, untrained: classifier.weight, classifier.bias - train before use")
    assert run(loaded, framework, np.load(CHECKPOINTS / "distilbert-labels/outputs.npz"))["logits"].shape == (2, 5)


@framework
def test_a_body_of_another_size_is_never_ignored(framework):
    with pytest.raises(WeightsError) as error:
        model_class("distilbert-labels", framework).from_pretrained(
            CHECKPOINTS / "distilbert-labels/safetensors", hidden_dim=48, ignore_mismatched_sizes=True
        )
    assert "has the shape (40, 32), this configuration expects (48, 32)" in sentence(error)


@framework
@pytest.mark.parametrize("model", ["bert-words", "distilbert-words"])
def test_tied_and_untied_word_scores(framework, model, tmp_path):
    cls = model_class(model, framework)
    tied = cls.from_pretrained(CHECKPOINTS / model / "safetensors")
    tied.save_pretrained(tmp_path / "tied")
    names = tensors(tmp_path / "tied")
    scores = next(iter(cls.TIED))
    words = cls.TIED[scores]
    assert words in names  # written once
    assert scores not in names
    untied = cls.from_config(type(tied.config)(**{**tied.config.to_dict(), "tie_word_embeddings": False}))
    assert untied.num_parameters() == tied.num_parameters() + 60 * 32
    untied.save_pretrained(tmp_path / "untied")
    state = tensors(tmp_path / "untied")
    assert not np.array_equal(state[scores], state[words])
    again = cls.from_pretrained(tmp_path / "untied")
    recorded = np.load(CHECKPOINTS / model / "outputs.npz")
    np.testing.assert_array_equal(run(untied, framework, recorded)["logits"], run(again, framework, recorded)["logits"])
