"""Trainer and Seq2SeqTrainer over every kind of model: right numbers, however the rows are dealt out to batches."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("datasets")

import hfquick  # noqa: E402
from hfquick import (  # noqa: E402
    DataCollatorForLanguageModeling,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    Trainer,
    TrainingArguments,
)
from tests.helpers.training import assert_equal, state_of  # noqa: E402
from tests.kinds import by_hand  # noqa: E402
from tests.kinds.table import ENCODER_DECODERS, IGNORED, KINDS, READING_TEXTS, over  # noqa: E402

pytestmark = pytest.mark.torch
OF_TRAINER = ("optimizers", "compute_metrics", "preprocess_logits_for_metrics")  # arguments that are not settings
SIZES = [1, 3, 16]  # of batches over seven rows: each alone; a last batch of one row; all in one
UNMOVED = ("masked",)  # RoBERTa counts positions from the first token; others count them from the padding


def make(workshop, kind, folder, *, size=16, model=None, processor=None, data=None, kind_of_trainer=Trainer, **options):
    """A Trainer of a kind, over its rows."""
    usual = {"max_steps": 2, "learning_rate": 1e-2, "save_strategy": "no", "disable_tqdm": True, "use_cpu": True}
    batches = {"per_device_train_batch_size": size, "per_device_eval_batch_size": size}
    of_trainer = {name: options.pop(name) for name in OF_TRAINER if name in options}
    seq2seq = issubclass(kind_of_trainer, Seq2SeqTrainer)
    arguments = (Seq2SeqTrainingArguments if seq2seq else TrainingArguments)(
        str(folder), **{**usual, **batches, **options}
    )
    processor = workshop.processor(kind) if processor is None else processor
    data = workshop.dataset(kind) if data is None else data
    return kind_of_trainer(
        workshop.model(kind) if model is None else model,
        arguments,
        data_collator=kind.make_collator(processor) if kind.collator else None,
        train_dataset=data,
        eval_dataset=data,
        processing_class=processor,
        **of_trainer,
    )


def of_row(kind, found, row):
    """The part of `predict`'s arrays that belongs to a row, by name."""
    found = found if isinstance(found, tuple) else (found,)
    return {name: array[row] for name, array in zip(kind.outputs, found, strict=True)}


def check_predictions(kind, found, outputs, rows):
    """Each row has what the model gives for it alone, and its labels; what is padded says so."""
    assert len(rows) == len(found.predictions[0] if isinstance(found.predictions, tuple) else found.predictions)
    for index, (right, row) in enumerate(zip(outputs, rows, strict=True)):
        for name, array in of_row(kind, found.predictions, index).items():
            np.testing.assert_allclose(array[: len(right[name])], right[name], atol=1e-5)
        labels, wanted = found.label_ids, kind.labels(row)
        if isinstance(labels, dict):
            for name, array in wanted.items():
                np.testing.assert_allclose(labels[name][index][: len(array)], array)
        elif isinstance(labels, tuple):
            assert [int(part[index]) for part in labels] == wanted.tolist()
        elif wanted.ndim == 0:
            assert labels[index] == pytest.approx(wanted)
        else:
            np.testing.assert_allclose(labels[index][: len(wanted)], wanted, rtol=1e-6)
            assert (labels[index][len(wanted) :] == IGNORED).all()


@over(sizes=SIZES)
def test_predict_gives_each_row_what_the_model_gives_it_alone(workshop, kind, size, tmp_path):
    rows = workshop.rows(kind)
    trainer = make(workshop, kind, tmp_path, size=size, model=workshop.shared(kind))
    check_predictions(kind, trainer.predict(rows if size == 3 else trainer.eval_dataset), workshop.outputs(kind), rows)


@over(sizes=SIZES)
def test_evaluate_is_the_mean_over_all_labels_that_count(workshop, kind, size, tmp_path):
    right = by_hand.mean_loss(kind, workshop.outputs(kind), workshop.rows(kind))
    trainer = make(workshop, kind, tmp_path, size=size, model=workshop.shared(kind))
    assert trainer.evaluate()["eval_loss"] == pytest.approx(right, abs=1e-5)


@over()
def test_a_stream_and_datasets_by_name_have_the_same_loss(workshop, kind, tmp_path):
    data, rows = workshop.dataset(kind), workshop.rows(kind)
    right = by_hand.mean_loss(kind, workshop.outputs(kind), rows)
    trainer = make(workshop, kind, tmp_path, size=3, model=workshop.shared(kind))
    assert trainer.evaluate(data.to_iterable_dataset())["eval_loss"] == pytest.approx(right, abs=1e-5)
    found = trainer.evaluate({"all": data, "some": data.select([1, 2])})
    some = by_hand.mean_loss(kind, workshop.outputs(kind)[1:3], rows[1:3])
    assert [found["eval_all_loss"], found["eval_some_loss"]] == pytest.approx([right, some], abs=1e-5)


@over([name for name, kind in KINDS.items() if kind.choice], SIZES)
def test_the_smoothed_loss_is_that_of_the_same_labels(workshop, kind, size, tmp_path):
    right = by_hand.mean_loss(kind, workshop.outputs(kind), workshop.rows(kind), 0.3)
    trainer = make(workshop, kind, tmp_path, size=size, model=workshop.shared(kind), label_smoothing_factor=0.3)
    assert trainer.evaluate()["eval_loss"] == pytest.approx(right, abs=1e-5)


@over([name for name, kind in KINDS.items() if not kind.choice])
def test_smoothing_is_refused_where_it_means_nothing(workshop, kind, tmp_path):
    trainer = make(workshop, kind, tmp_path, model=workshop.shared(kind), label_smoothing_factor=0.3)
    with pytest.raises(ValueError, match=r"label_smoothing_factor=0\.3 needs"):
        trainer.evaluate()


@over(READING_TEXTS)
def test_padding_on_the_left(workshop, kind, tmp_path):
    """All rows in one batch, and by hand each by itself, with as much padding in front of it."""
    tokenizer = workshop.left(kind)
    rows = kind.rows(tokenizer)
    longest = {name: max(len(row[name]) for row in rows) for name in rows[0] if isinstance(rows[0][name], list)}
    padded = [by_hand.padded_left(tokenizer, row, longest) for row in rows]
    outputs = [by_hand.alone(workshop.shared(kind), kind, row) for row in padded]
    trainer = make(workshop, kind, tmp_path, model=workshop.shared(kind), processor=tokenizer)
    found = trainer.predict(trainer.eval_dataset.from_list(rows))
    assert found.metrics["test_loss"] == pytest.approx(by_hand.mean_loss(kind, outputs, padded), abs=1e-5)
    for index, right in enumerate(outputs):
        own = len(kind.labels(rows[index]) if kind.has_decoder_inputs else rows[index]["input_ids"])
        for name, array in of_row(kind, found.predictions, index).items():
            start = -own if kind.of_tokens else 0
            np.testing.assert_allclose(array[start:], right[name][start:], atol=1e-5)
            if kind.name in UNMOVED:
                np.testing.assert_allclose(array[start:], workshop.outputs(kind)[index][name], atol=1e-5)


@over()
def test_metrics_see_what_predict_gives(workshop, kind, tmp_path):
    """The logits go through a function that may make less of them, and are given back as they are."""
    seen = []
    options = {
        "compute_metrics": lambda found: seen.append(found) or {},
        "preprocess_logits_for_metrics": lambda logits, labels: logits,
    }
    trainer = make(workshop, kind, tmp_path, size=3, model=workshop.shared(kind), **options)
    trainer.evaluate()
    check_predictions(kind, seen[0], workshop.outputs(kind), workshop.rows(kind))


# Training


def sgd(model, rate=0.1):
    """Updates that are easily worked out: weights minus `rate` times gradient."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)


def updated_by_hand(workshop, kind, rows, rate=0.1):
    """The weights after one step down the gradient of the mean loss over all labels of these rows."""
    model = workshop.model(kind)
    collate, counts = kind.make_collator(workshop.processor(kind)), []
    outputs = [by_hand.alone(model, kind, row) for row in rows]
    counts = [kind.loss(*pair)[1] for pair in zip(outputs, rows, strict=True)]
    total = sum(model(**collate([row])).loss * count for row, count in zip(rows, counts, strict=True) if count)
    (total / sum(counts)).backward()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter -= rate * parameter.grad
    return total.item() / sum(counts), state_of(model)


def assert_close(found, right, atol=1e-5):
    assert list(found) == list(right)
    for name in right:
        torch.testing.assert_close(
            found[name], right[name], atol=atol, rtol=1e-4, msg=lambda text, name=name: f"{name}: {text}"
        )


@over(sizes=SIZES)
def test_an_update_goes_down_the_mean_loss_of_its_labels(workshop, kind, size, tmp_path):
    """As one batch, and as several whose gradients are accumulated."""
    model, rows = workshop.model(kind), workshop.rows(kind)
    loss, right = updated_by_hand(workshop, kind, rows)
    steps = -(-len(rows) // size)
    trainer = make(
        workshop, kind, tmp_path, size=size, model=model, max_steps=1, gradient_accumulation_steps=steps,
        optimizers=sgd(model), max_grad_norm=0.0, logging_steps=1,
    )  # fmt: skip
    trainer.train()
    assert trainer.state.log_history[0]["loss"] == pytest.approx(loss, abs=1e-5)
    assert_close(state_of(model), right)


@over()
def test_activations_that_are_computed_anew_give_the_same_update(workshop, kind, tmp_path):
    model, rows = workshop.model(kind), workshop.rows(kind)
    _, right = updated_by_hand(workshop, kind, rows)
    options = {"max_steps": 1, "gradient_checkpointing": True, "max_grad_norm": 0.0, "optimizers": sgd(model)}
    make(workshop, kind, tmp_path, model=model, **options).train()
    assert_close(state_of(model), right)


@over()
def test_rows_one_by_one_with_nothing_to_predict_among_them(workshop, kind, tmp_path):
    model = workshop.model(kind)
    trainer = make(workshop, kind, tmp_path, size=1, model=model, max_steps=-1, num_train_epochs=1, logging_steps=1)
    assert trainer.train().global_step == 7
    assert all(torch.isfinite(tensor).all() for tensor in state_of(model).values())
    assert all(np.isfinite(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry)


@over(["masked"])
def test_a_text_in_which_chance_masks_nothing(workshop, kind, tmp_path):
    """One text after the other: in that of one word, and in some others, there is nothing to predict."""
    model, data = (
        workshop.model(kind),
        workshop.dataset(KINDS["several"]).select_columns(["input_ids", "attention_mask"]),
    )
    trainer = make(workshop, kind, tmp_path, size=1, model=model, data=data, max_steps=14, logging_steps=1)
    trainer.data_collator = DataCollatorForLanguageModeling(workshop.processor(kind))
    losses = [trainer.evaluate()["eval_loss"], trainer.train().training_loss, trainer.evaluate()["eval_loss"]]
    assert np.isfinite(losses).all()
    assert losses[2] < losses[0]


@over()
def test_a_resumed_run_ends_with_the_weights_of_one_that_was_not_stopped(workshop, kind, tmp_path):
    """Dropout is on. The run is left in the middle of an epoch."""
    options = {"size": 2, "max_steps": 4, "save_strategy": "steps", "save_steps": 2, "max_grad_norm": 0.5}
    dropout = dict.fromkeys(kind.dropout, 0.2)
    counts = [kind.loss(*pair)[1] for pair in zip(workshop.outputs(kind), workshop.rows(kind), strict=True)]
    data = workshop.dataset(kind).select(np.flatnonzero(counts))  # only rows of which something is predicted
    whole = make(workshop, kind, tmp_path, model=workshop.model(kind, **dropout), data=data, **options)
    whole.train()
    again = make(workshop, kind, tmp_path, model=workshop.model(kind, **dropout), data=data, **options)
    assert again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-2")).global_step == 4
    assert_equal(state_of(again.model), state_of(whole.model))
    first = workshop.model(kind, **dropout)
    assert any(not tensor.equal(state_of(whole.model)[name]) for name, tensor in state_of(first).items())


@over()
def test_hidden_states_and_attentions_change_nothing(workshop, kind, tmp_path):
    """A configuration may ask for both."""
    asked = {"output_hidden_states": True, "output_attentions": True}
    model, rows = workshop.model(kind, **asked), workshop.rows(kind)
    trainer = make(workshop, kind, tmp_path, size=3, model=model)
    check_predictions(kind, trainer.predict(trainer.eval_dataset), workshop.outputs(kind), rows)
    trainer = make(workshop, kind, tmp_path, model=model)
    right = by_hand.mean_loss(kind, workshop.outputs(kind), rows)
    assert trainer.evaluate()["eval_loss"] == pytest.approx(right, abs=1e-5)
    trainer.train()
    assert all(torch.isfinite(tensor).all() for tensor in state_of(model).values())


@over()
def test_what_is_saved_is_what_was_trained(workshop, kind, tmp_path):
    trainer = make(workshop, kind, tmp_path, size=16)
    trainer.train()
    trainer.save_model()
    loaded = kind.auto_class("pt").from_pretrained(tmp_path)
    assert_equal(state_of(loaded), state_of(trainer.model))
    assert type(loaded) is kind.model_class("pt")
    again = make(workshop, kind, tmp_path, model=loaded).evaluate()
    assert again["eval_loss"] == trainer.evaluate()["eval_loss"]


@over()
def test_a_trained_model_is_pushed_with_what_prepares_its_inputs_and_its_card(workshop, kind, ada, tmp_path):
    trainer = make(workshop, kind, tmp_path, max_steps=1, push_to_hub=True, hub_model_id=f"ada/{kind.name}")
    trainer.train()
    assert f"# {kind.name}\n" in ada.files(f"ada/{kind.name}")["README.md"].decode()
    loaded = kind.auto_class("pt").from_pretrained(f"ada/{kind.name}")
    assert_equal(state_of(loaded), state_of(trainer.model))
    processor = getattr(hfquick, kind.reads.auto).from_pretrained(f"ada/{kind.name}")
    found, right = (kind.prepare(each, kind.inputs[1]) for each in (processor, workshop.processor(kind)))
    np.testing.assert_equal(found, right)


# Seq2SeqTrainer


def generating(workshop, kind, folder, size, tokenizer, **config):
    options = {"predict_with_generate": True, "generation_max_length": 8, "kind_of_trainer": Seq2SeqTrainer}
    model = workshop.model(kind, **config)
    return make(workshop, kind, folder, size=size, model=model, processor=tokenizer, **options)


@over(ENCODER_DECODERS, SIZES)
def test_generated_predictions_are_those_of_each_text_alone(workshop, kind, size, tmp_path):
    """T5 has no positions but those between tokens, so its texts may be padded on the left."""
    tokenizer = workshop.left(kind) if kind.name == "t5" else workshop.processor(kind)
    trainer = generating(workshop, kind, tmp_path, size, tokenizer, output_attentions=True, output_hidden_states=True)
    found = trainer.predict(trainer.eval_dataset)
    assert found.predictions.shape == (7, 8)
    for index, row in enumerate(workshop.rows(kind)):
        right = workshop.shared(kind).generate(torch.tensor([row["input_ids"]]), max_length=8)[0].tolist()
        assert found.predictions[index].tolist() == right + [tokenizer.pad_token_id] * (8 - len(right))
        labels = found.label_ids[index]
        assert labels[labels != IGNORED].tolist() == [label for label in row["labels"] if label != IGNORED]


@over(ENCODER_DECODERS, SIZES)
def test_the_loss_beside_generated_predictions(workshop, kind, size, tmp_path):
    right = by_hand.mean_loss(kind, workshop.outputs(kind), workshop.rows(kind))
    trainer = generating(workshop, kind, tmp_path, size, workshop.processor(kind))
    assert trainer.evaluate()["eval_loss"] == pytest.approx(right, abs=1e-5)
