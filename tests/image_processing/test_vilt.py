"""ViLT's processor, and what AutoProcessor gives for other models."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from hfquick import AutoImageProcessor, AutoProcessor, AutoTokenizer, PreTrainedTokenizerFast, ViltProcessor
from hfquick import ViltImageProcessor as Pictures

from .scenes import OLD_VILT, OLD_VIT, picture

TOKENIZER = Path(__file__).parents[1] / "reference" / "tokenizers" / "bert-vocab"
QUESTIONS = ["How many cats?", "Is the little cat on the mat?"]
PICTURE = picture("wide")


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(TOKENIZER, tmp_path / "vilt")
    (tmp_path / "vilt" / "preprocessor_config.json").write_text(json.dumps(OLD_VILT))
    (tmp_path / "vilt" / "config.json").write_text(json.dumps({"model_type": "vilt"}))
    return tmp_path / "vilt"


@pytest.fixture
def processor(folder):
    return AutoProcessor.from_pretrained(folder)


def test_both_parts_are_loaded_and_saved(processor, folder):
    assert type(processor) is ViltProcessor
    assert type(processor.image_processor) is Pictures
    assert processor.feature_extractor is processor.image_processor
    names = processor.save_pretrained(folder / "new")
    assert {Path(name).name for name in names} >= {"tokenizer.json", "preprocessor_config.json"}
    written = json.loads((folder / "new" / "preprocessor_config.json").read_text())
    assert written["processor_class"] == "ViltProcessor"
    again = AutoProcessor.from_pretrained(folder / "new", size=64)
    assert type(again) is ViltProcessor
    assert again.image_processor.size == {"shortest_edge": 64}
    assert type(AutoImageProcessor.from_pretrained(folder / "new")) is Pictures
    assert repr(again).startswith("ViltProcessor:\n- image_processor: ViltImageProcessor {")


def test_one_call_for_both(processor):
    batch = processor([PICTURE, picture("tall")], QUESTIONS, padding=True, return_tensors="np")
    assert set(batch) == {"input_ids", "token_type_ids", "attention_mask", "pixel_values", "pixel_mask"}
    assert set(batch) == set(processor.model_input_names)
    texts = processor.tokenizer(QUESTIONS, padding=True, return_tensors="np")
    pictures = processor.image_processor([PICTURE, picture("tall")], return_tensors="np")
    assert all(np.array_equal(batch[name], value) for name, value in {**texts, **pictures}.items())
    assert processor.batch_decode(batch.input_ids) == processor.tokenizer.batch_decode(batch.input_ids)
    assert processor.decode(batch.input_ids[0]) == processor.tokenizer.decode(batch.input_ids[0])


def test_options_reach_their_part(processor):
    batch = processor(
        PICTURE, QUESTIONS[0], max_length=4, truncation=True, size={"shortest_edge": 8}, return_tensors="np"
    )
    assert batch.input_ids.shape == (1, 4)
    assert batch.pixel_values.shape[2] == 8
    assert set(processor(text=QUESTIONS)) == {"input_ids", "token_type_ids", "attention_mask"}
    assert set(processor(PICTURE)) == {"pixel_values", "pixel_mask"}
    assert processor(images=PICTURE, text=QUESTIONS[0]).input_ids[0] == processor.tokenizer.cls_token_id


def test_what_is_refused(processor):
    with pytest.raises(ValueError, match="there is neither a picture nor a text"):
        processor()
    with pytest.raises(ValueError, match="there are 1 pictures and 2 texts"):
        processor(PICTURE, QUESTIONS, padding=True, return_tensors="np")
    with pytest.raises(TypeError, match="ViltProcessor has no argument 'paddings'; did you mean 'padding'"):
        processor(PICTURE, QUESTIONS[0], paddings=True)
    with pytest.raises(TypeError, match="image_processor is a PreTrainedTokenizerFast, expected a ViltImageProcessor"):
        ViltProcessor(processor.tokenizer, processor.image_processor)


def test_what_other_models_have(tmp_path, folder):
    assert type(AutoProcessor.from_pretrained(TOKENIZER)) is PreTrainedTokenizerFast
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(OLD_VIT))
    assert type(AutoProcessor.from_pretrained(tmp_path)) is type(AutoImageProcessor.from_pretrained(tmp_path))
    assert AutoTokenizer.from_pretrained(folder).vocab_size
    with pytest.raises(TypeError, match="AutoProcessor is not built itself"):
        AutoProcessor()
