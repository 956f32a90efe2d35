"""Texts -> token ids for a model, and back: one class over the `tokenizers` library for every model.

    tokenizer = PreTrainedTokenizerFast.from_pretrained("distilbert-base-uncased")
    tokenizer(["one text", "and another"], padding=True, return_tensors="pt")

Reading and writing of files: files.py. What a call returns: encoding.py.

Shapes: B sequences, T tokens of the longest.
"""

import copy
import inspect
import os
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Encoding, Tokenizer

from ..hub.push import PushToHubMixin
from ..hub.repository import Repo, open_repo, take_hub_options
from ..i18n import said, spoken
from ..utils.batches import check_tensor_kind
from ..utils.elsewhere import only_known
from .chat import named, render
from .decoding import Decoding
from .encoding import BatchEncoding
from .families import FAMILIES, SPECIAL_NAMES, Family, family_of
from .files import NO_LIMIT, read_file, read_tokenizer, write_tokenizer
from .inputs import to_batch, without_surrogates
from .names import CALL, TEMPLATES
from .options import (
    LARGEST_LIMIT,
    check_count,
    check_overflowing,
    check_side,
    full_length,
    library_error,
    padding_for,
    padding_strategy,
    truncation_for,
)
from .padding import pad_examples, padding_values
from .settings import checked
from .vocabularies import add_missing, adjust


class PreTrainedTokenizerFast(PushToHubMixin, Decoding):
    """Splits texts into tokens, and gives each the id that the model was trained with.

    One object may be used from several threads; a call never changes what the next call does.
    """

    is_fast = True

    def __init__(
        self,
        tokenizer_object: Tokenizer | None = None,
        *,
        tokenizer_file: str | os.PathLike | None = None,
        **settings: Any,
    ) -> None:
        if (tokenizer_object is None) == (tokenizer_file is None):
            raise spoken(
                ValueError,
                "a tokenizer is made from tokenizer_object= or tokenizer_file=; for a model's own try from_pretrained",
            )
        settings = checked(settings, "PreTrainedTokenizerFast")
        backend: Any = copy.deepcopy(tokenizer_object) if tokenizer_file is None else read_file(tokenizer_file)
        family = family_of(settings.pop("tokenizer_class", None), None) or FAMILIES["PreTrained"]
        for name, token in family.tokens.items():
            if backend.token_to_id(token) is not None:
                settings.setdefault(name, token)
        more = [token for token in family.more_tokens if backend.token_to_id(token) is not None]
        settings.setdefault("additional_special_tokens", more)
        adjust(backend, family, settings)
        add_missing(backend, settings, {})
        self._set_up(backend, family, settings)

    def _set_up(self, backend: Tokenizer, family: Family, settings: dict[str, Any]) -> None:
        self._lock = threading.RLock()
        self._backend = backend
        self._family = family
        self._settings = settings  # kept whole, written back by save_pretrained
        self.name_or_path = ""
        self.stand_in_for: str | None = None
        padding, truncation = backend.padding or {}, backend.truncation or {}
        backend.no_padding()
        backend.no_truncation()
        limit = settings.get("model_max_length")
        check_count("model_max_length", limit, 1)
        self.model_max_length: int = NO_LIMIT if limit is None else limit
        self.padding_side = settings.get("padding_side", padding.get("direction", "right"))
        self.truncation_side = settings.get("truncation_side", truncation.get("direction", "right"))
        check_side("padding_side", self.padding_side)
        check_side("truncation_side", self.truncation_side)
        self.pad_token_type_id = settings.get("pad_token_type_id", padding.get("pad_type_id", 0))
        self.model_input_names = list(settings.get("model_input_names", family.inputs))
        self.clean_up_tokenization_spaces = bool(settings.get("clean_up_tokenization_spaces", False))
        if "pad_token" in padding:
            settings.setdefault("pad_token", padding["pad_token"])
        self._set_special_tokens(settings)

    # Files.

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, **options: Any) -> "PreTrainedTokenizerFast":
        """The tokenizer of a folder or a Hub id; further keywords override its settings.

        Raises TypeError for an unknown keyword, ValueError for a damaged file, OSError if there is no such repository
        or no tokenizer in it.
        """
        return cls.from_repo(open_repo(name, **take_hub_options(options)), **options)

    @classmethod
    def from_repo(cls, repo: Repo, **overrides: Any) -> "PreTrainedTokenizerFast":
        """The same from an opened repository."""
        if overrides.pop("use_fast", True) is False:
            raise spoken(
                ValueError, "use_fast=False asks for a tokenizer in Python, hfquick has fast ones only; leave it out"
            )
        backend, family, settings = read_tokenizer(repo, checked(overrides, "from_pretrained"))
        tokenizer = _class_of(family, cls).__new__(_class_of(family, cls))
        tokenizer._set_up(backend, family, settings)
        tokenizer.name_or_path = str(repo.id)
        tokenizer.stand_in_for = repo.stand_in_for
        return tokenizer

    def save_pretrained(self, folder: str | os.PathLike) -> tuple[str, ...]:
        """Write the tokenizer's files into `folder` (made if missing); returns their paths."""
        settings = {key: value for key, value in self._settings.items() if key not in SPECIAL_NAMES}
        settings["model_max_length"] = self.model_max_length
        settings["clean_up_tokenization_spaces"] = self.clean_up_tokenization_spaces
        for key, usual in (
            ("padding_side", "right"),
            ("truncation_side", "right"),
            ("model_input_names", list(self._family.inputs)),
        ):
            if key in settings or getattr(self, key) != usual:
                settings[key] = getattr(self, key)
        if self._family.name == "PreTrained":
            settings["model_input_names"] = self.model_input_names  # readers disagree about the default
        with self._lock:
            names = write_tokenizer(Path(folder), self._backend, self._family, settings, self._special)
        return tuple(str(Path(folder) / name) for name in names)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        limit = self.model_max_length if self.has_length_limit else "none"
        return (
            f"{self._family.tokenizer_class}(name_or_path={self.name_or_path!r}, vocab_size={self.vocab_size}, "
            f"model_max_length={limit}, padding_side={self.padding_side!r}, truncation_side={self.truncation_side!r}, "
            f"special_tokens={self.special_tokens_map})"
        )

    @property
    def has_length_limit(self) -> bool:
        """Whether `model_max_length` says how many tokens the model takes; else it is a huge number."""
        return self.model_max_length <= LARGEST_LIMIT

    # Vocabulary.

    @property
    def backend_tokenizer(self) -> Tokenizer:
        """The object of the `tokenizers` library."""
        return self._backend

    @property
    def vocab_size(self) -> int:
        """Number of tokens without those added later; `len(tokenizer)` counts all."""
        return self._backend.get_vocab_size(with_added_tokens=False)

    def __len__(self) -> int:
        return self._backend.get_vocab_size(with_added_tokens=True)

    def __bool__(self) -> bool:
        return True

    def get_vocab(self) -> dict[str, int]:
        """Token -> id, added tokens included."""
        return self._backend.get_vocab(with_added_tokens=True)

    vocab = property(get_vocab)

    def get_added_vocab(self) -> dict[str, int]:
        """Added token -> id."""
        return {token.content: index for index, token in sorted(self._backend.get_added_tokens_decoder().items())}

    # Texts to token ids.

    def __call__(
        self,
        text: Any = None,
        text_pair: Any = None,
        text_target: Any = None,
        text_pair_target: Any = None,
        *,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        is_split_into_words: bool = False,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_tensors: str | None = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        return_length: bool = False,
        **unknown: Any,
    ) -> BatchEncoding:
        """One text, a list of texts, or pairs of them -> token ids, attention mask and what else is asked for.

        One text gives lists (T,), a list of texts gives lists of lists, or with `return_tensors` tensors (B, T), where
        one text is a batch of one. Which names the model takes is in `model_input_names`.

        Arguments:
            text: a text, a list of texts, a list of pairs, a column of a dataset.
            text_pair: the second text of each pair: the context of a question, for instance.
            text_target: what a model is to generate from each text: its token ids are `labels`. Without `text` they are
                `input_ids`.
            text_pair_target: the second text of each target.
            add_special_tokens: put [CLS], [SEP] and their like around each text.
            padding: True or "longest" pads to the longest text of the batch, "max_length" to `max_length`, False or
                "do_not_pad" leaves lists of different lengths.
            truncation: True or "longest_first" cuts what is longer than `max_length`, of a pair the longer text first;
                "only_first" or "only_second" cuts one text of a pair; False or "do_not_truncate" cuts nothing. Left
                out, texts are cut if `max_length` is given, and `padding` is not.
            max_length: in tokens, special ones counted; left out, what the model takes at most.
            stride: tokens that two windows of a long text share, with return_overflowing_tokens=True.
            is_split_into_words: each text is a list of words.
            pad_to_multiple_of: pad to the next multiple; 8 suits the tensor cores of a GPU.
            padding_side: "right" or "left"; left out, that of the tokenizer.
            return_tensors: "pt" for PyTorch, "tf" for TensorFlow, "np" for NumPy; left out, lists.
            return_token_type_ids: `token_type_ids`, 0 for the first text of a pair and 1 for the second.
            return_attention_mask: `attention_mask`, 1 for tokens and 0 for padding. Left out, these two are given where
                the model takes them.
            return_overflowing_tokens: a long text gives several windows; `overflow_to_sample_mapping` has the index of
                the text for each.
            return_special_tokens_mask: `special_tokens_mask`, 1 for special tokens.
            return_offsets_mapping: `offset_mapping`, start and end of each token in the characters of its text.
            return_length: `length`, the number of tokens, padding counted.

        A lone surrogate (half of a cut emoji) becomes U+FFFD. Raises TypeError for what is no text and for an unknown
        keyword, ValueError for an option that cannot be met.
        """
        if unknown:
            only_known(unknown, ("text", "text_pair", *sorted(self.call_options())), CALL, said("a tokenizer"))
        if text_target is not None or text_pair_target is not None:
            options = {name: value for name, value in locals().items() if name in self.call_options()}
            target = self(text_target, text_pair_target, **options)
            if text is None:
                return target
            batch = self(text, text_pair, **options)
            texts, targets = (len(each.encodings or []) for each in (batch, target))
            if texts != targets and not return_overflowing_tokens:
                raise spoken(
                    ValueError,
                    "text has {count} texts and text_target has {other}, expected as many of both",
                    count=texts,
                    other=targets,
                )
            batch["labels"] = target["input_ids"]
            return batch
        if return_tensors is not None:
            check_tensor_kind(return_tensors)
        if return_overflowing_tokens:
            check_overflowing()
        inputs, batched = to_batch(text, text_pair, is_split_into_words)
        truncation_options = truncation_for(
            self,
            truncation,
            padding,
            max_length,
            stride,
            bool(inputs) and isinstance(inputs[0], tuple),
            add_special_tokens,
        )
        padding_options = padding_for(self, padding, max_length, pad_to_multiple_of, padding_side, truncation_options)
        if (
            is_split_into_words
            and self._family.style in ("gpt2", "roberta")
            and not self._settings.get("add_prefix_space")
        ):
            raise spoken(
                ValueError,
                "words need a space in front in this vocabulary; try from_pretrained(..., add_prefix_space=True)",
            )
        encodings = self._encode(inputs, add_special_tokens, is_split_into_words, truncation_options, padding_options)
        origin = None
        if return_overflowing_tokens:
            origin = [index for index, encoding in enumerate(encodings) for _ in range(1 + len(encoding.overflowing))]
            encodings = [part for encoding in encodings for part in (encoding, *encoding.overflowing)]

        data: dict[str, Any] = {"input_ids": [encoding.ids for encoding in encodings]}
        names = self.model_input_names
        if "token_type_ids" in names if return_token_type_ids is None else return_token_type_ids:
            data["token_type_ids"] = [encoding.type_ids for encoding in encodings]
        if "attention_mask" in names if return_attention_mask is None else return_attention_mask:
            data["attention_mask"] = [encoding.attention_mask for encoding in encodings]
        if return_special_tokens_mask:
            data["special_tokens_mask"] = [encoding.special_tokens_mask for encoding in encodings]
        if return_offsets_mapping:
            data["offset_mapping"] = [encoding.offsets for encoding in encodings]
        if not batched and return_tensors is None and origin is None:
            data = {name: rows[0] for name, rows in data.items()}
        if return_length:
            data["length"] = [len(encoding.ids) for encoding in encodings]
        if origin is not None:
            data["overflow_to_sample_mapping"] = origin
        return BatchEncoding(data, encodings, return_tensors)

    @staticmethod
    @cache
    def call_options() -> frozenset[str]:
        """The names of the options of a call; the texts themselves are none."""
        parameters = inspect.signature(PreTrainedTokenizerFast.__call__).parameters.values()
        return frozenset(value.name for value in parameters if value.kind is value.KEYWORD_ONLY)

    def _encode(
        self,
        inputs: list,
        add_special_tokens: bool,
        words: bool,
        truncation_options: dict | None,
        padding_options: dict | None,
    ) -> list[Encoding]:
        """All inputs in one call of the library. Truncation and padding are on for this call only, under a lock."""
        with self._lock:
            try:
                if truncation_options:
                    self._backend.enable_truncation(**truncation_options)
                if padding_options:
                    self._backend.enable_padding(**padding_options)
                try:
                    return self._backend.encode_batch(
                        inputs, is_pretokenized=words, add_special_tokens=add_special_tokens
                    )
                except TypeError:  # the texts were checked, so this is about characters that UTF-8 cannot hold
                    inputs = without_surrogates(inputs)
                    return self._backend.encode_batch(
                        inputs, is_pretokenized=words, add_special_tokens=add_special_tokens
                    )
            except BaseException as error:
                explained = library_error(error, truncation_options)
                if explained is None:
                    raise
                raise explained from None
            finally:
                self._backend.no_truncation()
                self._backend.no_padding()

    def encode(
        self,
        text: Any,
        text_pair: Any = None,
        *,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        is_split_into_words: bool = False,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_tensors: str | None = None,
        **options: Any,
    ) -> Any:
        """One text, or a pair -> its token ids alone: a list (T,), or with `return_tensors` a tensor (1, T).

        All options are those of a call, and so are the errors.
        """
        batch = self(
            text,
            text_pair,
            add_special_tokens=add_special_tokens,
            padding=padding,
            truncation=truncation,
            max_length=max_length,
            stride=stride,
            is_split_into_words=is_split_into_words,
            pad_to_multiple_of=pad_to_multiple_of,
            padding_side=padding_side,
            return_tensors=return_tensors,
            **options,
        )
        return batch["input_ids"]

    def tokenize(
        self, text: str, pair: str | None = None, *, add_special_tokens: bool = False, **options: Any
    ) -> list[str]:
        """One text, or a pair -> its tokens as strings; options are those of a call."""
        batch = self(text, pair, add_special_tokens=add_special_tokens, **options)
        return batch.tokens() if batch.encodings else []

    @property
    def chat_template(self) -> Any:
        """The form that conversations had in the training data, in Jinja; None where there were none.

        Some tokenizers have several: a list of tables with 'name' and 'template'.
        """
        return self._settings.get("chat_template")

    @chat_template.setter
    def chat_template(self, template: Any) -> None:
        self._settings["chat_template"] = template

    def apply_chat_template(
        self,
        conversation: list[dict[str, Any]],
        *,
        chat_template: str | None = None,
        add_generation_prompt: bool = False,
        tokenize: bool = True,
        return_dict: bool = False,
        **options: Any,
    ) -> Any:
        """Messages, [{"role": "user", "content": "..."}, ...] -> token ids, or with tokenize=False their text.

        `add_generation_prompt=True` ends with what stands in front of an answer; `return_dict=True` gives all that a
        call gives, the attention mask among it; `options` are those of a call. `chat_template` is a template to use
        instead, or the name of one, where a tokenizer has several; "default" counts if it is left out. Raises
        ValueError for a tokenizer without a template, for what the template does not take, and for one that takes more
        than a few seconds or megabytes.
        """
        options = only_known(options, options.keys() - TEMPLATES.keys(), TEMPLATES, "apply_chat_template")
        template = named(self.chat_template, chat_template)
        if template is None:
            raise spoken(
                ValueError,
                "this tokenizer has no chat template: its model was trained on no conversations; give it a text "
                "instead",
            )
        special = {name: token for name, token in self.special_tokens_map.items() if isinstance(token, str)}
        text = render(template, conversation, add_generation_prompt, special)
        if not tokenize:
            return text
        batch = self(text, add_special_tokens=False, **options)
        return batch if return_dict else batch["input_ids"]

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """How many special tokens a call adds to one text, or to a pair."""
        return self._backend.num_special_tokens_to_add(pair)

    def pad(
        self,
        encoded: Mapping[str, Any] | list[Mapping[str, Any]],
        padding: bool | str = True,
        max_length: int | None = None,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: str | None = None,
        **unknown: Any,
    ) -> BatchEncoding:
        """Pad what was tokenized before, rows of different lengths, to one length: lists of lists, or tensors (B, T).

        `input_ids`, `token_type_ids` and the masks are padded; other columns, labels among them, are passed on.

        Arguments:
            encoded: a list of examples (dicts), a dict of lists, or one example.
            padding: True or "longest" pads to the longest row, "max_length" to `max_length`; longer rows stay as they
                are.
            max_length: for padding="max_length"; left out, what the model takes at most.
            pad_to_multiple_of: pad to the next multiple; 8 suits the tensor cores of a GPU.
            padding_side: "right" or "left"; left out, that of the tokenizer.
            return_attention_mask: add `attention_mask`, 1 for tokens and 0 for padding, where there is none; left out,
                if the model takes it.
            return_tensors: "pt" for PyTorch, "tf" for TensorFlow, "np" for NumPy; left out, what came in.

        Raises TypeError for what are no examples, ValueError for a tokenizer without a padding token, for columns that
        do not fit together, and for an option that cannot be met.
        """
        only_known(unknown, list(inspect.signature(PreTrainedTokenizerFast.pad).parameters)[1:-1], CALL, "pad")
        strategy = padding_strategy(padding)
        check_count("max_length", max_length, 1)
        check_count("pad_to_multiple_of", pad_to_multiple_of, 1)
        length = None if strategy == "longest" else 0
        if strategy == "max_length":
            length = full_length(self, max_length)
        values = padding_values(self, needed=strategy != "do_not_pad")
        if return_attention_mask is None:
            return_attention_mask = "attention_mask" in self.model_input_names
        side = check_side("padding_side", self.padding_side if padding_side is None else padding_side)
        data, kind = pad_examples(
            encoded, values, length, pad_to_multiple_of, side, return_attention_mask, return_tensors
        )
        return BatchEncoding(data, None, kind)


def _class_of(family: Family, asked: type[PreTrainedTokenizerFast]) -> type[PreTrainedTokenizerFast]:
    """The class of a family: what is decoded from frames needs its own."""
    if family.style != "ctc":
        return asked
    from .ctc import Wav2Vec2CTCTokenizer

    return Wav2Vec2CTCTokenizer
