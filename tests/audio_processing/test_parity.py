"""Feature extractors and CTC tokenizers against what transformers 4.57.6 made of the same samples, texts and frames."""

import json
from pathlib import Path

import numpy as np
import pytest

from hfquick import AutoTokenizer, Wav2Vec2FeatureExtractor

from .cases import FEATURES, LETTERS, OPTIONS, PADS, RATE, THREE, clip, frames, write

REFERENCE = Path(__file__).parents[1] / "reference" / "audio_processing"
LETTERS_THERE = json.loads((REFERENCE / "letters.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def features():
    return np.load(REFERENCE / "features.npz")


def compare(name, batch, features):
    wanted = {key.removeprefix(f"{name}/"): features[key] for key in features if key.startswith(f"{name}/")}
    found = {f"{index}/{key}": row for key, rows in batch.items() for index, row in enumerate(rows)}
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        assert found[key].dtype == value.dtype, key
        np.testing.assert_allclose(found[key], value, rtol=1e-6, atol=1e-6, err_msg=key)


@pytest.mark.parametrize("name", FEATURES)
def test_input_values(name, features):
    case = FEATURES[name]
    clips = [clip(one) for one in case.clips]
    clips = [one.tolist() if case.given_as == "list" else one.astype(case.given_as) for one in clips]
    ours = Wav2Vec2FeatureExtractor.from_dict(case.file)
    batch = ours(clips if len(clips) > 1 else clips[0], sampling_rate=RATE, **case.options)
    assert isinstance(batch["input_values"], np.ndarray) == ("return_tensors" in case.options)
    compare(name, batch, features)


@pytest.mark.parametrize("name", PADS)
def test_padding_of_what_was_prepared_before(name, features):
    file, options = PADS[name]
    rows = [{"input_values": clip(one)} for one in THREE]
    compare(name, Wav2Vec2FeatureExtractor.from_dict(file).pad(rows, **options), features)


@pytest.fixture(scope="module", params=LETTERS)
def letters(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    write(request.param, folder)
    return request.param, AutoTokenizer.from_pretrained(folder)


def test_ids_of_letters(letters):
    name, tokenizer = letters
    there = LETTERS_THERE[name]
    assert [tokenizer(text).input_ids for text in LETTERS[name].texts] == there["ids"]
    assert tokenizer(list(LETTERS[name].texts)).input_ids == there["ids"]
    assert tokenizer.special_tokens_map == there["special_tokens_map"]
    assert [tokenizer.vocab_size, len(tokenizer)] == there["size"]
    assert tokenizer.get_vocab() == there["vocab"]
    assert [tokenizer.word_delimiter_token, tokenizer.word_delimiter_token_id] == there["delimiter"]


@pytest.mark.parametrize("option", OPTIONS)
def test_texts_of_frames(letters, option):
    name, tokenizer = letters
    wanted = LETTERS_THERE[name]["decoded"][option]
    for ids, there in zip(frames(name), wanted, strict=True):
        ours = tokenizer.decode(np.array(ids, int), **OPTIONS[option])
        if isinstance(there, str):
            assert ours == there
            continue
        assert ours.text == there["text"]
        for key in ("char_offsets", "word_offsets"):
            if ids:  # of nothing transformers gives both, whichever was asked for
                assert ours[key] == there[key] if key in there else getattr(ours, key) is None
