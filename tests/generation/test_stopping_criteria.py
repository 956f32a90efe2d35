"""Stopping criteria, and words as they come."""

from pathlib import Path

import numpy as np
import pytest

import hfquick
from hfquick.generation.configuration import GenerationConfig
from hfquick.generation.stopping_criteria import StoppingCriteria
from hfquick.generation.streamers import TextStreamer

TOKENIZERS = Path(__file__).parents[1] / "reference" / "tokenizers"


@pytest.fixture(scope="module")
def tokenizer():
    """Byte by byte, as GPT-2's: a character may be several tokens."""
    return hfquick.AutoTokenizer.from_pretrained(TOKENIZERS / "gpt2-json")


def ids(tokenizer, text: str) -> list[int]:
    return tokenizer(text, add_special_tokens=False).input_ids


def test_ends_by_token_and_by_length():
    stopping = StoppingCriteria(GenerationConfig(eos_token_id=[7, 8]), 4)
    assert stopping(np.array([[1, 7], [8, 1], [1, 8]])).tolist() == [True, False, True]
    assert stopping(np.array([[1, 1, 1, 1]])).tolist() == [True]


@pytest.mark.parametrize("strings", ["ear", ["zzz", "ear"], ["é"], ["☕"]])
def test_ends_with_the_token_that_completes_a_string(tokenizer, strings):
    stopping = StoppingCriteria(GenerationConfig(stop_strings=strings), 99, tokenizer)
    text = ids(tokenizer, "The ear é heard ☕ it")
    wanted = [strings] if isinstance(strings, str) else strings
    hits = [count for count in range(1, len(text) + 1) if stopping(np.array([text[:count]]))[0]]
    spelled = [tokenizer.decode(text[:count]) for count in range(len(text) + 1)]
    expected = [
        count for count in range(1, len(text) + 1)
        if any(spelled[count].count(string) > spelled[count - 1].count(string) for string in wanted)
    ]  # fmt: skip
    assert hits == expected
    assert hits


def test_a_string_in_the_prompt_does_not_end_the_text(tokenizer):
    stopping = StoppingCriteria(GenerationConfig(stop_strings="ear"), 99, tokenizer)
    assert not stopping(np.array([[-1, -1, *ids(tokenizer, "ear it")]]))[0]


def test_stop_strings_need_a_tokenizer():
    with pytest.raises(ValueError) as error:
        StoppingCriteria(GenerationConfig(stop_strings=["."]), 9)
    assert str(error.value).endswith("try generate(..., tokenizer=tokenizer)")


class Words(TextStreamer):
    """Keeps what it is told to show."""

    def _start(self) -> None:
        super()._start()
        self.given: list[tuple[str, bool]] = getattr(self, "given", [])

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        self.given.append((text, stream_end))


def stream(streamer: TextStreamer, prompt: list[int], tokens: list[int]) -> None:
    streamer.put(np.array([prompt]))
    for token in tokens:
        streamer.put(np.array([token]))
    streamer.end()


@pytest.mark.parametrize("text", ["The little cat sat\non the mat\n\nand slept", "é ☕ naïve ☕☕", "漢字 かな x", ""])
def test_whole_words_as_they_come(tokenizer, text):
    streamer = Words(tokenizer)
    stream(streamer, ids(tokenizer, "It is "), ids(tokenizer, text))
    shown = [part for part, _ in streamer.given]
    assert "".join(shown) == tokenizer.decode(ids(tokenizer, "It is ") + ids(tokenizer, text))
    assert [end for _, end in streamer.given].count(True) == 1
    assert all(part.endswith((" ", "\n")) or ord(part[-1]) > 0x3000 for part in shown[:-1] if part)
    assert not any("\ufffd" in part for part in shown), "half a character was shown"


def test_without_the_prompt_and_for_a_second_text(tokenizer):
    streamer = Words(tokenizer, skip_prompt=True)
    for _ in range(2):
        stream(streamer, ids(tokenizer, "It is"), ids(tokenizer, " a cat"))
    assert "".join(part for part, _ in streamer.given) == " a cat a cat"


def test_printed(tokenizer, capsys):
    stream(TextStreamer(tokenizer), ids(tokenizer, "It is"), ids(tokenizer, " a cat"))
    assert capsys.readouterr().out == "It is a cat\n"


def test_options_reach_the_tokenizer(tokenizer):
    streamer = Words(tokenizer, skip_special_tokens=True)
    stream(streamer, ids(tokenizer, "a"), [tokenizer.eos_token_id])
    assert "".join(part for part, _ in streamer.given) == "a"


def test_one_text_only(tokenizer):
    with pytest.raises(ValueError) as error:
        TextStreamer(tokenizer).put(np.array([[1], [2]]))
    assert str(error.value) == "2 texts are generated at once, a TextStreamer shows one; give one prompt"
