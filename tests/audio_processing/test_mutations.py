"""Planted mutations of the feature extractor and the CTC tokenizer: the comparison with transformers must see each."""

from pathlib import Path

import numpy as np
import pytest

from hfquick import AutoTokenizer
from hfquick.audio_processing import feature_extractor
from hfquick.tokenization import ctc, letters

from .cases import FEATURES, LETTERS, OPTIONS, PADS, RATE, THREE, clip, frames, write
from .test_parity import LETTERS_THERE, REFERENCE, compare

OF_SAMPLES = [
    ("+ EPSILON", "+ 0"),
    ("EPSILON = 1e-7", "EPSILON = 1e-5"),
    ("(clip - clip.mean())", "clip"),
    ("np.sqrt(clip.var() + EPSILON)", "(clip.std() + EPSILON)"),
    ("clip.var()", "clip.var(ddof=1)"),
    ("clips = [clip[:length] for clip in clips]", "pass"),
    ("return None if length is None else round_up(length, multiple)", "return length"),
    ("longest = round_up(max(map(len, rows), default=0), multiple)", "longest = max(map(len, rows), default=0)"),
    ("self._filled(row, target, self.padding_value)", "self._filled(row, target, 0)"),
    ("self._filled(row, target, 0)", "self._filled(row, target, 1)"),
    ("np.ones(len(row), np.int32)", "np.ones(len(row), np.int64)"),
    ('if self.padding_side == "right" else', 'if self.padding_side else'),
    ("mask = self.return_attention_mask if mask is None else mask", "mask = bool(mask)"),
    ('if strategy == "longest" or length is None else length', 'if True else length'),
    ("if self.do_normalize:", "if True:"),
]  # fmt: skip
OF_FRAMES = [
    ("groupby(tokens) if group else", "groupby(tokens) if True else"),
    ("skipped = {self.pad_token, *(", "skipped = {*("),
    ("if skip_special_tokens else ()", "if True else ()"),
    ('(" " if spaces_between_special_tokens else "")', '""'),
    (".join(letters).strip()", ".join(letters)"),
    ("text.lower() if self.do_lower_case else text", "text"),
    ("clean_up(text) if clean_up_tokenization_spaces else text", "text"),
    ("clean_up_tokenization_spaces = self.clean_up_tokenization_spaces", "clean_up_tokenization_spaces = False"),
    ("start = end", "start = end - 1"),
    ("if not is_space:", "if True:"),
    ('last["end_offset"]', 'last["start_offset"]'),
    ("self.replace_word_delimiter_char if token == self.word_delimiter_token else token", "token"),
    ("tokens.get(index, unknown)", 'tokens.get(index, "")'),
]
OF_LETTERS = [
    ("lstrip=True, rstrip=True", "lstrip=False, rstrip=False"),
    ("normalizers.Replace(letter, upper)", "normalizers.Replace(letter, letter)"),
    ("letter.upper())", "letter.upper()[:1])"),
    ('normalizers.Replace(" ", space)', 'normalizers.Replace(" ", " ")'),
    ("if len(token) > 1:", "if len(token) > 99:"),
    (r"|[\s\S]", "|."),
]


def mutated(module, old, new):
    """What a module has, made of its source with one change."""
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert old in source, f"{old!r} is not in {module.__name__} any more"
    made = {"__name__": module.__name__, "__package__": module.__package__, "__file__": module.__file__}
    exec(compile(source.replace(old, new), module.__file__, "exec"), made)
    return made


def samples_are_those_of_transformers(kind):
    there = np.load(REFERENCE / "features.npz")
    for name, case in FEATURES.items():
        clips = [clip(one) for one in case.clips]
        clips = [one.tolist() if case.given_as == "list" else one.astype(case.given_as) for one in clips]
        compare(name, kind(**case.file)(clips if clips[1:] else clips[0], sampling_rate=RATE, **case.options), there)
    for name, (file, options) in PADS.items():
        compare(name, kind(**file).pad([{"input_values": clip(one)} for one in THREE], **options), there)


def letters_are_those_of_transformers(folder, kind):
    for name, case in LETTERS.items():
        (folder / name).mkdir()
        write(name, folder / name)
        tokenizer = AutoTokenizer.from_pretrained(folder / name)
        tokenizer.__class__ = kind
        there = LETTERS_THERE[name]
        assert [tokenizer(text).input_ids for text in case.texts] == there["ids"]
        for option, chosen in OPTIONS.items():
            for ids, wanted in zip(frames(name), there["decoded"][option], strict=True):
                if ids:
                    assert tokenizer.decode(ids, **chosen) == wanted


def test_without_a_mutation_nothing_differs(tmp_path):
    samples_are_those_of_transformers(feature_extractor.Wav2Vec2FeatureExtractor)
    letters_are_those_of_transformers(tmp_path, ctc.Wav2Vec2CTCTokenizer)


@pytest.mark.parametrize(("old", "new"), OF_SAMPLES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_mutations_of_samples(old, new):
    kind = mutated(feature_extractor, old, new)["Wav2Vec2FeatureExtractor"]
    with pytest.raises((AssertionError, ValueError)):
        samples_are_those_of_transformers(kind)


@pytest.mark.parametrize(("old", "new"), OF_FRAMES)
def test_mutations_of_frames(old, new, tmp_path):
    with pytest.raises(AssertionError):
        letters_are_those_of_transformers(tmp_path, mutated(ctc, old, new)["Wav2Vec2CTCTokenizer"])


@pytest.mark.parametrize(("old", "new"), OF_LETTERS)
def test_mutations_of_letters(old, new, tmp_path, monkeypatch):
    monkeypatch.setattr(letters, "from_letters", mutated(letters, old, new)["from_letters"])
    with pytest.raises(AssertionError):
        letters_are_those_of_transformers(tmp_path, ctc.Wav2Vec2CTCTokenizer)
