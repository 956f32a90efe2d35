"""The tokenizer of models that are trained with CTC (connectionist temporal classification): letters <-> ids.

    tokenizer = AutoTokenizer.from_pretrained("facebook/wav2vec2-base-960h")
    tokenizer("HELLO WORLD").input_ids                      # labels
    tokenizer.batch_decode(logits.argmax(-1))               # what was heard

Such a model gives a token for every frame of 20 ms, or the blank (the padding token) where it hears none. Equal tokens
in a row are one letter that lasts; a blank between them makes two. So frames become text in three steps:

    H H _ E L L _ L O _   ->   H _ E L _ L O _   ->   H E L L O
           frames              runs of one token       without blanks

Paper: Graves et al. 2006, "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent
Neural Networks". Shapes: B clips, T frames.
"""

import os
from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from ..hub.repository import Repo
from ..i18n import Said, spoken
from ..utils.batches import Batch
from ..utils.elsewhere import only_known
from ..utils.errors import sentence
from ..utils.files import read_json
from .decoding import clean_up, plain_list
from .families import FAMILIES
from .letters import from_letters
from .names import CTC_DECODE
from .settings import checked
from .tokenizer import PreTrainedTokenizerFast
from .vocabularies import add_missing

FAMILY = FAMILIES["Wav2Vec2CTC"]


class Run(NamedTuple):
    """One token, and the frames in which it was heard."""

    token: str
    start: int
    end: int  # the frame after the last one


class Wav2Vec2CTCTokenizerOutput(Batch):
    """A text, and where its letters and words begin and end, in frames; None for what was not asked for."""

    def __getattr__(self, name: str) -> Any:
        return self.get(name) if name in ("text", "char_offsets", "word_offsets") else super().__getattr__(name)


class Wav2Vec2CTCTokenizer(PreTrainedTokenizerFast):
    """Texts -> ids of letters, for training; ids of frames -> texts."""

    def __init__(self, vocab_file: str | os.PathLike, **settings: Any) -> None:
        """`vocab_file` is a vocab.json, token -> id; settings are unk_token, pad_token, word_delimiter_token, ..."""

        def no_vocabulary(why: Said) -> ValueError:
            return spoken(
                ValueError, "{path!r} is no vocabulary ({why}); expected a table in JSON: token -> id",
                path=os.fspath(vocab_file), why=why,
            )  # fmt: skip

        given = checked(settings, type(self).__name__)
        try:
            vocabulary = read_json(vocab_file)
        except ValueError as error:
            raise no_vocabulary(sentence(error)) from None
        added: dict = {}
        backend = from_letters(vocabulary if isinstance(vocabulary, dict) else {}, FAMILY, given, added, no_vocabulary)
        add_missing(backend, given, added)
        self._set_up(backend, FAMILY, given)

    @classmethod
    def from_repo(cls, repo: Repo, **overrides: Any) -> "PreTrainedTokenizerFast":
        """From an opened repository, whatever it says about its kind of tokenizer."""
        return super().from_repo(repo, **{"tokenizer_class": FAMILY.tokenizer_class, **overrides})

    @property
    def do_lower_case(self) -> bool:
        """Whether the vocabulary has upper-case letters and texts come out in lower case."""
        return self._settings["do_lower_case"]

    @property
    def word_delimiter_token(self) -> str:
        """The token that stands for a space."""
        return self._settings["word_delimiter_token"]

    @property
    def word_delimiter_token_id(self) -> int | None:
        """Its id."""
        return self.convert_tokens_to_ids(self.word_delimiter_token)

    @property
    def replace_word_delimiter_char(self) -> str:
        """What it becomes in a text."""
        return self._settings["replace_word_delimiter_char"]

    # Ids of frames to texts.

    def decode(
        self,
        token_ids: Any,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        *,
        group_tokens: bool = True,
        spaces_between_special_tokens: bool = False,
        output_char_offsets: bool = False,
        output_word_offsets: bool = False,
        **unknown: Any,
    ) -> Any:
        """The best token of each frame (T,) -> the text; with offsets a Wav2Vec2CTCTokenizerOutput.

        Arguments:
            token_ids: a list, an array or a tensor of any framework: `logits.argmax(-1)` of one clip, or labels.
            skip_special_tokens: leave out <s>, </s> and <unk>; blanks are left out anyway.
            clean_up_tokenization_spaces: take out the spaces before English punctuation; None: as the tokenizer was
                set up.
            group_tokens: equal tokens in a row are one letter. False for labels, in which "LL" are two.
            spaces_between_special_tokens: put a space between all tokens: for phonemes.
            output_char_offsets: `char_offsets`, a dict for each letter: "char", "start_offset" and "end_offset" in
                frames. A frame lasts model.config.inputs_to_logits_ratio / feature_extractor.sampling_rate seconds.
            output_word_offsets: `word_offsets`, the same for each word, under "word".

        Raises TypeError for the ids of several clips, ValueError for an id that does not exist.
        """
        only_known(unknown, _OPTIONS, CTC_DECODE, "decode")
        tokens = self._tokens_of(token_ids)
        skipped = {self.pad_token, *(self.all_special_tokens if skip_special_tokens else ())}
        runs = [run for run in _runs(tokens, group_tokens) if run.token not in skipped]
        letters = [self._letter(run.token) for run in runs]
        text = (" " if spaces_between_special_tokens else "").join(letters).strip()
        text = text.lower() if self.do_lower_case else text
        if clean_up_tokenization_spaces is None:
            clean_up_tokenization_spaces = self.clean_up_tokenization_spaces
        text = clean_up(text) if clean_up_tokenization_spaces else text
        if not output_char_offsets and not output_word_offsets:
            return text
        places = [
            {"char": letter, "start_offset": run.start, "end_offset": run.end}
            for letter, run in zip(letters, runs, strict=True)
        ]
        output = Wav2Vec2CTCTokenizerOutput({"text": text})
        if output_char_offsets:
            output["char_offsets"] = places
        if output_word_offsets:
            output["word_offsets"] = _words(places, self.replace_word_delimiter_char)
        return output

    def batch_decode(
        self,
        sequences: Any,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        **options: Any,
    ) -> Any:
        """The best token of each frame of many clips (B, T) -> the texts; with offsets one object with lists of them.

        The options are those of `decode`.
        """
        options = {"clean_up_tokenization_spaces": clean_up_tokenization_spaces, **options}
        decoded = [self.decode(ids, skip_special_tokens, **options) for ids in plain_list(sequences)]
        if not decoded or isinstance(decoded[0], str):
            return decoded
        return Wav2Vec2CTCTokenizerOutput({name: [one[name] for one in decoded] for name in decoded[0]})

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Tokens of frames -> text."""
        return "".join(self._letter(run.token) for run in _runs(tokens) if run.token != self.pad_token).strip()

    def _letter(self, token: str) -> str:
        return self.replace_word_delimiter_char if token == self.word_delimiter_token else token

    def _tokens_of(self, token_ids: Any) -> list[str]:
        """Ids -> tokens; one that the model has and the vocabulary has not is an unknown one."""
        ids = self._checked_ids(token_ids)
        tokens = {index: token for token, index in self.get_vocab().items()}
        unknown = self.unk_token
        wrong = next((index for index in ids if index < 0 or (unknown is None and index not in tokens)), None)
        if wrong is not None:
            raise self._no_token(wrong)
        return [tokens.get(index, unknown) for index in ids]


_OPTIONS = (
    "skip_special_tokens", "clean_up_tokenization_spaces", "group_tokens", "spaces_between_special_tokens",
    "output_char_offsets", "output_word_offsets",
)  # fmt: skip


def _runs(tokens: list[str], group: bool = True) -> Iterator[Run]:
    """Tokens of frames -> runs of equal ones, blanks among them; ungrouped each frame is a run."""
    start = 0
    for token, frames in groupby(tokens) if group else ((token, (token,)) for token in tokens):
        end = start + sum(1 for _ in frames)
        yield Run(token, start, end)
        start = end


def _words(places: list[dict[str, Any]], space: str) -> list[dict[str, Any]]:
    """Where letters are -> where words are."""
    words = []
    for is_space, group in groupby(places, lambda place: place["char"] == space):
        letters = list(group)
        if not is_space:
            word = "".join(place["char"] for place in letters)
            first, last = letters[0], letters[-1]
            words.append({"word": word, "start_offset": first["start_offset"], "end_offset": last["end_offset"]})
    return words
