"""Pipelines and the command line over every kind of model: right results, the same in batches of any size."""

import json
import shutil

import numpy as np
import pytest

import hfquick
from hfquick.commands import cli
from tests.kinds import by_hand
from tests.kinds.frameworks import assert_same, framework, over_both
from tests.kinds.table import KINDS, over

NEW = 5  # tokens
FLAGS = {"output_hidden_states": True, "output_attentions": True}
OPTIONS = {
    "text-classification": [
        {"top_k": None},
        {"top_k": 2, "truncation": True},
        *({"function_to_apply": name, "top_k": None} for name in ("softmax", "sigmoid", "none")),
    ],
    "object-detection": [{"threshold": 0.2}],
    "image-segmentation": [{"threshold": 0.2}, {"subtask": "semantic"}],
    "visual-question-answering": [{"top_k": 2}],
    "image-classification": [{"top_k": None}, {"top_k": 2}, {"function_to_apply": "sigmoid"}],
    "audio-classification": [{"top_k": None}, {"top_k": 2}, {"function_to_apply": "sigmoid"}],
    "automatic-speech-recognition": [{}, {"return_timestamps": "char"}, {"return_timestamps": "word"}],
    "token-classification": [
        *(
            {"aggregation_strategy": name, "ignore_labels": []}
            for name in ("none", "simple", "first", "average", "max")
        ),
        {"aggregation_strategy": "simple", "stride": 2},
    ],
    "question-answering": [
        {"top_k": 3},
        {"max_answer_len": 1, "align_to_words": False},
        {"handle_impossible_answer": True, "top_k": 2},
        {"max_seq_len": 12, "doc_stride": 2, "align_to_words": False},
    ],
    "fill-mask": [{}, {"top_k": 2, "tokenizer_kwargs": {"truncation": True}}, {"targets": ["cat", "dog", "home"]}],
    "text-generation": [
        {"do_sample": False},
        {"do_sample": False, "num_beams": 3, "num_return_sequences": 2, "return_full_text": False},
    ],
    "summarization": [{}, {"num_beams": 1, "truncation": True}, {"num_return_sequences": 2}],
    "translation": [{}, {"num_beams": 1, "clean_up_tokenization_spaces": True}, {"num_return_sequences": 2}],
}


def options_of(kind):
    more = {"max_new_tokens": NEW} if kind.generates else {}
    return [{**options, **more} for options in OPTIONS[kind.task]]


def make(workshop, kind, framework, model=None, processor=None):
    return hfquick.pipeline(
        kind.task,
        model=workshop.shared(kind, framework) if model is None else model,
        **kind.parts(workshop.processor(kind) if processor is None else processor),
    )


def results(pipe, kind, **options):
    """The result of each input, as they come."""
    return list(pipe(iter(kind.inputs), **options))


# By hand: (kind, model, tokenizer, an input) -> what the pipeline gives with the options of `plain`


def classes_by_hand(kind, model, processor, value):
    logits = by_hand.alone(model, kind, kind.prepare(processor, value))["logits"]
    scores = (by_hand.sigmoid if kind.name in ("regression", "several") else by_hand.softmax)(logits)
    order = np.argsort(-scores)
    return [{"label": model.config.id2label[index], "score": float(scores[index])} for index in order]


def tokens_by_hand(kind, model, tokenizer, text):
    encoded = tokenizer(text, return_offsets_mapping=True)
    scores = by_hand.softmax(by_hand.alone(model, kind, encoded)["logits"])
    words = tokenizer.convert_ids_to_tokens(encoded["input_ids"])
    return [
        {
            "entity": model.config.id2label[int(row.argmax())],
            "score": float(row.max()),
            "index": index,
            "word": word,
            "start": start,
            "end": end,
        }
        for index, (row, word, (start, end)) in enumerate(zip(scores, words, encoded["offset_mapping"], strict=True))
        if end > start
    ]


def answer_by_hand(kind, model, tokenizer, value):
    """The span of up to three tokens of the context with the largest product of probabilities."""
    encoded = tokenizer(value["question"], value["context"], return_offsets_mapping=True)
    outputs, types = by_hand.alone(model, kind, encoded), encoded["token_type_ids"]
    first, last = types.index(1), len(types) - 2  # the last one is [SEP]
    starts, ends = (  # [CLS] may say that there is no answer
        by_hand.softmax(np.concatenate([outputs[name][:1], outputs[name][first : last + 1]]))[1:]
        for name in ("start_logits", "end_logits")
    )
    spans = [(starts[i] * ends[j], i, j) for i in range(len(starts)) for j in range(i, min(i + 3, len(ends)))]
    score, start, end = max(spans)
    left, right = encoded["offset_mapping"][first + start][0], encoded["offset_mapping"][first + end][1]
    return {"score": float(score), "start": left, "end": right, "answer": value["context"][left:right]}


def words_by_hand(kind, model, tokenizer, text):
    ids = tokenizer(text)["input_ids"]
    probabilities = by_hand.softmax(by_hand.alone(model, kind, tokenizer(text))["logits"])
    found = []
    for place in [place for place, token in enumerate(ids) if token == tokenizer.mask_token_id]:
        order = np.argsort(-probabilities[place])[:3]
        found.append(
            [{"score": float(probabilities[place][word]), "token": int(word), "token_str": tokenizer.decode([word])}
             for word in order.tolist()]
        )  # fmt: skip
    return found[0] if len(found) == 1 else found


def text_by_hand(kind, model, tokenizer, text):
    ids = np.array([tokenizer(text)["input_ids"]])
    if not hasattr(model, "parameters"):
        new = model.generate(ids, max_new_tokens=NEW, do_sample=False)
    else:
        import torch

        new = model.generate(torch.from_numpy(ids), max_new_tokens=NEW, do_sample=False)
    new = np.asarray(new)[0].tolist()
    if kind.has_decoder_inputs:
        key = "summary_text" if kind.task == "summarization" else "translation_text"
        return [{key: tokenizer.decode(new, skip_special_tokens=True)}]
    before = tokenizer.decode(ids[0].tolist(), skip_special_tokens=True)
    return [{"generated_text": text + tokenizer.decode(new, skip_special_tokens=True)[len(before) :]}]


def objects_by_hand(kind, model, processor, picture):
    """Of each query the most probable class that is one, and its box in pixels."""
    outputs = by_hand.alone(model, kind, kind.prepare(processor, picture))
    scores, size = by_hand.softmax(outputs["logits"])[:, :-1], (picture.width, picture.height)
    found = []
    for row, (x, y, w, h) in zip(scores, outputs["pred_boxes"].astype(float), strict=True):
        corners = [int(part * size[axis % 2]) for axis, part in enumerate((x - w / 2, y - h / 2, x + w / 2, y + h / 2))]
        box = dict(zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True))
        found.append({"score": float(row.max()), "label": model.config.id2label[int(row.argmax())], "box": box})
    return [one for one in found if one["score"] > SURE]


def answers_by_hand(kind, model, processor, value):
    scores = by_hand.sigmoid(by_hand.alone(model, kind, kind.prepare(processor, value))["logits"])
    return [{"score": float(scores[i]), "answer": model.config.id2label[int(i)]} for i in np.argsort(-scores)]


def speech_by_hand(kind, model, processor, value):
    """The most probable token of each frame, repeats and blanks left out."""
    ids = by_hand.alone(model, kind, kind.prepare(processor, value))["logits"].argmax(-1).tolist()
    kept = [token for place, token in enumerate(ids) if token != 0 and (place == 0 or token != ids[place - 1])]
    return {"text": processor.tokenizer.decode(kept, group_tokens=False)}


SURE = 0.3  # the score of an object that is kept
BY_HAND = {
    "object-detection": (objects_by_hand, {"threshold": SURE}),
    "visual-question-answering": (answers_by_hand, {"top_k": None}),
    "text-classification": (classes_by_hand, {"top_k": None}),
    "image-classification": (classes_by_hand, {"top_k": None}),
    "audio-classification": (classes_by_hand, {"top_k": None}),
    "automatic-speech-recognition": (speech_by_hand, {}),
    "token-classification": (tokens_by_hand, {"ignore_labels": []}),
    "question-answering": (answer_by_hand, {"max_answer_len": 3, "align_to_words": False}),
    "fill-mask": (words_by_hand, {"top_k": 3}),
    "text-generation": (text_by_hand, {"do_sample": False, "max_new_tokens": NEW}),
    "summarization": (text_by_hand, {"num_beams": 1, "max_new_tokens": NEW}),
    "translation": (text_by_hand, {"num_beams": 1, "max_new_tokens": NEW}),
}


FOUND_BY_HAND = [name for name, kind in KINDS.items() if kind.task in BY_HAND]


def without_sequences(result):
    """Words of fill-mask without the text they are put into."""
    if isinstance(result, dict):
        return {name: value for name, value in result.items() if name != "sequence"}
    return [without_sequences(one) for one in result]


def check_by_hand(workshop, kind, framework, pipe, *sizes):
    """In both frameworks what the same model gives in PyTorch; for Keras, which is slower, a few inputs are enough."""
    find, options = BY_HAND[kind.task]
    values = kind.inputs[: 3 if framework == "tf" else None]
    right = [find(kind, workshop.reference(kind), workshop.processor(kind), value) for value in values]
    assert any(right)
    for size in sizes:
        found = list(pipe(iter(values), **options, batch_size=size))
        found = without_sequences(found) if kind.task == "fill-mask" else found
        assert_same(found, right, 1e-4 if framework == "tf" else 1e-5)


@over(FOUND_BY_HAND)
@framework
def test_results_are_those_found_by_hand(workshop, kind, framework, request):
    if kind.generates:
        request.getfixturevalue("eagerly")
    check_by_hand(workshop, kind, framework, make(workshop, kind, framework), None, 2)


@over()
@pytest.mark.torch
def test_results_depend_on_no_batch_and_no_side(workshop, kind):
    """A question is read last where the tokenizer pads on the left, so its results are others then."""
    pipe = make(workshop, kind, "pt")
    left = make(workshop, kind, "pt", processor=workshop.left(kind)) if kind.reads_texts else pipe
    for options in options_of(kind):
        right = results(pipe, kind, **options, batch_size=1)
        assert_same(results(pipe, kind, **options, batch_size=3), right)
        assert_same(results(pipe, kind, **options), right)
        assert_same(list(pipe(list(kind.inputs), **options)), flat(right))
        if kind.name != "spans":
            assert_same(results(left, kind, **options, batch_size=3), right)


def flat(results):
    """What a list of texts gives: where each has one text, a list of these."""
    generated = all(
        isinstance(result, list) and len(result) == 1 and "_text" in "".join(result[0]) for result in results
    )
    return [result[0] for result in results] if generated and "generated_text" not in results[0][0] else results


@over_both(FOUND_BY_HAND, [name for name in FOUND_BY_HAND if not KINDS[name].generates])
@pytest.mark.usefixtures("eagerly")
def test_hidden_states_and_attentions_change_nothing(workshop, kind, framework):
    pipe = make(workshop, kind, framework, model=workshop.model(kind, framework, **FLAGS))
    check_by_hand(workshop, kind, framework, pipe, None)


@over(["regression", "several"])
@framework
def test_a_trained_model_gives_what_it_was_trained_to_give(workshop, kind, framework, tmp_path):
    """Nobody said the problem_type; the labels did: numbers, or a one for each label that fits."""
    model, tokenizer = workshop.model(kind, framework, problem_type=None), workshop.processor(kind)
    rows = workshop.dataset(kind)
    if framework == "tf":
        model.compile("sgd", run_eagerly=True)
        model.fit(model.prepare_tf_dataset(rows, batch_size=7, tokenizer=tokenizer), verbose=0)
    else:
        options = {"max_steps": 1, "use_cpu": True, "disable_tqdm": True, "save_strategy": "no"}
        arguments = hfquick.TrainingArguments(str(tmp_path / "run"), **options)
        hfquick.Trainer(model, arguments, train_dataset=rows, processing_class=tokenizer).train()
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    logits = by_hand.alone(model, kind, workshop.rows(kind)[1])["logits"]
    right = by_hand.sigmoid(logits) if kind.name == "several" else logits
    pipe = hfquick.pipeline(kind.task, model=str(tmp_path), framework=framework)
    found = {one["label"]: one["score"] for one in pipe(kind.inputs[1], top_k=None)}
    assert [found[label] for label in sorted(found)] == pytest.approx(right.tolist(), abs=1e-5)


# The command line


@pytest.fixture
def folder(workshop, kind, tmp_path):
    """The kind's folder; a generative model is short there, and takes the best of one."""
    folder = shutil.copytree(workshop.folder(kind), tmp_path / "folder")
    if kind.generates:
        file = folder / "generation_config.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "max_new_tokens": NEW, "top_k": 1}))
    return folder


def typed(value, folder):
    """An input as words of a command; a picture, or a sound, is the path of its file; a question comes first."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict) and "array" in value:
        soundfile = pytest.importorskip("soundfile")
        path = str(folder / f"{id(value)}.wav")
        soundfile.write(path, value["array"], value["sampling_rate"], subtype="FLOAT")
        return [path]
    if isinstance(value, dict):
        return [*typed(value["question"], folder), *typed(value.get("context", value.get("image")), folder)]
    value.save(folder / f"{id(value)}.png")
    return [str(folder / f"{id(value)}.png")]


@over()
@pytest.mark.torch
def test_the_command_prints_what_the_pipeline_gives(workshop, kind, folder, tmp_path, capsys):
    options = {"threshold": SURE} if kind.task in ("object-detection", "image-segmentation") else {}
    pipe = hfquick.pipeline(kind.task, model=str(folder))
    values = kind.inputs[1:2] if isinstance(kind.inputs[0], dict) else kind.inputs[:3]
    right = json.loads(json.dumps(list(pipe(iter(values), **options)), default=cli.base64_of))
    words = [word for value in values for word in typed(value, tmp_path)]
    asked = ["run", kind.task, *words, "--model", str(folder), *(["--threshold", str(SURE)] if options else [])]
    assert cli.main([*asked, "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert_same(found, right)
    assert cli.main(asked) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 1
