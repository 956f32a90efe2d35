"""Generation configuration (decoding options): generation_config.json, and the same names as keywords of `generate`.

Old checkpoints have no such file and say these things in config.json (`max_length`, `num_beams`,
`no_repeat_ngram_size` ...); they are read from there.
"""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, get_type_hints

from ..core.configuration import PreTrainedConfig
from ..hub.repository import Repo, open_repo, take_hub_options
from ..i18n import N_, said, spoken
from ..i18n import gettext as _
from ..utils.elsewhere import only_known
from ..utils.fields import PROBABILITY, Choice, Range, check_fields, wrong
from ..utils.files import one_save, read_json, write_json
from ..utils.notices import say
from .names import OTHERS, UNSUPPORTED

GENERATION_CONFIG = "generation_config.json"
MOST_TOKEN = 2**31 - 1  # frameworks hold token ids in 32 bits
MOST_SEQUENCES = 1_000  # for one prompt: more of them, in a file of somebody else, fill the memory

SAMPLING_OPTIONS = ("temperature", "top_k", "top_p", "min_p")  # ignored without do_sample=True
FORCED = ("forced_bos_token_id", "forced_eos_token_id")
TOKENS = (
    "bad_words_ids",
    "suppress_tokens",
    "begin_suppress_tokens",
    "eos_token_id",
    *FORCED,
)  # options with token ids
BEAM_OPTIONS = ("length_penalty", "early_stopping")  # ignored with num_beams=1


class GenerationConfig:
    """Decoding options: how to search, logits processors, stopping criteria. Lengths count tokens.

    Raises ValueError for an option of the wrong type or range, in a sentence that names it.
    """

    # How long.
    max_length: int = 20  # with the prompt; left at 20 it means 20 tokens after the prompt
    max_new_tokens: int | None = None  # without the prompt; counts before max_length
    min_length: int = 0  # with the prompt
    min_new_tokens: int | None = None
    stop_strings: str | list | None = None  # end where one of these has been generated; needs `tokenizer=`

    # How to choose.
    do_sample: bool = False  # sample each token by its probability instead of taking the most probable
    num_beams: int = 1  # beams: hypotheses kept at each step; 1 is greedy search or plain sampling
    num_return_sequences: int = 1  # sequences returned for each prompt
    length_penalty: float = 1.0  # beam scores are divided by the length to this power: above 0 favours long ones
    early_stopping: bool | str = False  # with beams: True ends with num_beams finished ones, "never" when none can win

    # Logits processors: logits_processors.py has one class for each.
    temperature: float | None = 1.0  # with do_sample: below 1 sharpens the distribution, above 1 flattens it
    top_k: int | None = 50  # with do_sample: only the most probable k; 0 for all
    top_p: float | None = 1.0  # with do_sample: only the most probable, with this probability together
    min_p: float | None = None  # with do_sample: only those with this part of the best one's probability
    repetition_penalty: float = 1.0  # above 1: tokens of the sequence become less probable
    no_repeat_ngram_size: int = 0  # no n-gram of this size occurs twice
    encoder_no_repeat_ngram_size: int = 0  # no n-gram of this size is copied from the encoder's input
    bad_words_ids: list | None = None  # sequences of tokens that are never generated: [[5], [7, 8]]
    suppress_tokens: list | None = None  # tokens that are never generated
    begin_suppress_tokens: list | None = None  # tokens that are not generated first
    forced_bos_token_id: int | None = None  # first token generated, a language for instance
    forced_eos_token_id: int | list | None = None  # last token when max_length is reached

    # Special tokens.
    pad_token_id: int | None = None  # padding after a sequence that finished before the others
    bos_token_id: int | None = None
    eos_token_id: int | list | None = None  # ends a sequence; there may be several
    decoder_start_token_id: int | None = None  # first input of the decoder of an encoder-decoder

    # What to return.
    return_dict_in_generate: bool = False  # an object with .sequences and what follows, instead of the ids alone
    output_scores: bool = False  # with the scores of all tokens at each step, after the processors
    output_logits: bool = False  # and those before the processors

    METADATA: ClassVar[tuple[str, ...]] = ("transformers_version",)

    def __init__(self, **values: Any) -> None:
        self.others: dict[str, Any] = {}  # what a file holds beyond these options; saved again
        self.named: set[str] = set()  # options that were given by name
        for name in self.fields():
            setattr(self, name, getattr(type(self), name))
        self.update(**values)

    @classmethod
    def fields(cls) -> dict[str, Any]:
        """Option -> its type."""
        return {name: hint for name, hint in get_type_hints(cls).items() if "ClassVar" not in str(hint)}

    def update(self, **values: Any) -> None:
        """Set options by name, and check them together."""
        for name, value in only_known(values, self.fields(), OTHERS, "GenerationConfig", ValueError).items():
            setattr(self, name, value)
            self.named.add(name)
        self.check()

    def changed(self) -> dict[str, Any]:
        """Options that are not at their default value."""
        return {name: value for name in self.fields() if (value := getattr(self, name)) != getattr(type(self), name)}

    def asked(self) -> dict[str, Any]:
        """Options that somebody has set, be it to their default value."""
        changed = self.changed()
        return {name: getattr(self, name) for name in self.fields() if name in self.named or name in changed}

    def check(self) -> None:
        """Raise ValueError for an option of the wrong type or range, or for two that contradict each other."""
        check_fields(vars(self), self.fields(), LIMITS | (SAMPLING_LIMITS if self.do_sample else {}))
        for name in self.fields():
            if isinstance(value := getattr(self, name), float) and not math.isfinite(value):
                raise wrong(name, value, said("a finite number"))
        if self.num_return_sequences > self.num_beams and not (self.do_sample and self.num_beams == 1):
            raise spoken(
                ValueError,
                "num_return_sequences is {num_return_sequences} and num_beams is {num_beams}, so there are only "
                "{num_beams} different texts; try num_beams={num_return_sequences} or do_sample=True",
                num_return_sequences=self.num_return_sequences,
                num_beams=self.num_beams,
            )
        for name in (*TOKENS, "stop_strings"):
            self._check_list(name)
        for name in (*TOKENS, "pad_token_id", "bos_token_id", "decoder_start_token_id"):
            token: Any = getattr(self, name)
            if is_count(token) and token > MOST_TOKEN:
                raise wrong(name, token, said("a token id"))

    def _check_list(self, name: str) -> None:
        value = getattr(self, name)
        if isinstance(value, int) and name in FORCED and not is_token(value):
            raise wrong(name, value, said("a token id"))
        if not isinstance(value, list):
            return
        if name == "bad_words_ids":
            if not value or not all(isinstance(word, list) and word and all(map(is_token, word)) for word in value):
                advice = said("; try tokenizer(words, add_special_tokens=False).input_ids")
                raise wrong(name, value, said("a list of lists of token ids"), advice)
        elif name == "stop_strings":
            if not value or not all(isinstance(text, str) and text for text in value):
                raise wrong(name, value, said("a text or a list of texts"))
        elif not all(map(is_token, value)):
            raise wrong(name, value, said("a list of token ids"))

    @property
    def eos_token_ids(self) -> list[int]:
        """All tokens that end a sequence."""
        return ids_of(self.eos_token_id)

    @property
    def padding_id(self) -> int:
        """What a finished sequence is padded with: the padding token, or one that ends sequences, or any."""
        if self.pad_token_id is not None:
            return self.pad_token_id
        return next(iter(self.eos_token_ids), 0)

    def ignored_options(self, given: Mapping[str, Any]) -> list[str]:
        """A line for those of the options given that do nothing beside the others."""
        names = [name for name, value in given.items() if value not in (None, getattr(type(self), name))]
        sampling = [name for name in names if name in SAMPLING_OPTIONS]
        beams = [name for name in names if name in BEAM_OPTIONS]
        lines = []
        if sampling and not self.do_sample:
            lines.append(_("generate: {names} left aside without do_sample=True", names=", ".join(sampling)))
        if beams and self.num_beams == 1:
            lines.append(_("generate: {names} left aside with num_beams=1", names=", ".join(beams)))
        if "max_length" in names and self.max_new_tokens is not None:
            lines.append(_("generate: max_length left aside beside max_new_tokens"))
        return lines

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, **options: Any) -> "GenerationConfig":
        """Read generation_config.json of a folder or an id; further keywords override its options."""
        repo = open_repo(name, **take_hub_options(options))
        config = cls.from_repo(repo)
        if config is None:
            repo.path(GENERATION_CONFIG)  # says what is there instead
            raise AssertionError
        config.update(**options)
        return config

    @classmethod
    def from_repo(cls, repo: Repo) -> "GenerationConfig | None":
        """The same from an opened repository, None where it has no such file."""
        path = repo.find(GENERATION_CONFIG)
        if path is None:
            return None
        try:
            values = read_json(path)
            if not isinstance(values, dict):
                raise spoken(
                    ValueError,
                    "it holds a {values_kind}, expected an object with options",
                    values_kind=type(values).__name__,
                )
            return cls.from_values(values)
        except ValueError as error:  # what is no JSON raises one, too
            raise spoken(
                ValueError,
                "{file} of {repo!r}: {error}",
                file=GENERATION_CONFIG,
                repo=repo.id,
                error=error,
            ) from None

    @classmethod
    def from_model_config(cls, config: PreTrainedConfig) -> "GenerationConfig":
        """What a model's own configuration says about generation, as checkpoints before 2023 do."""
        known = cls.fields()
        values = {name: value for name, value in vars(config).items() if value is not None and name in known}
        return cls.from_values(values | {name: vars(config)[name] for name in UNSUPPORTED if name in vars(config)})

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> "GenerationConfig":
        """A table as a file holds it -> an object; one line tells of what it asks for and we do not have."""
        known = cls.fields()
        config = cls(**{name: value for name, value in values.items() if name in known})
        config.others = {
            name: value for name, value in values.items() if name not in known and not name.startswith("_")
        }
        missing = [
            f"{name}={values[name]!r}"
            for name, other in UNSUPPORTED.items()
            if name in values and not other.asks_for_nothing(values[name])
        ]
        if missing:
            say(_("generation: {options} asked for, which hfquick lacks; texts may differ", options=", ".join(missing)))
        return config

    def to_dict(self) -> dict[str, Any]:
        """All that generation_config.json holds: what differs from the defaults."""
        return self.others | self.changed()

    def save_pretrained(self, folder: str | os.PathLike) -> None:
        """Write generation_config.json into `folder` (made if missing)."""
        with one_save(folder, last=GENERATION_CONFIG):
            write_json(Path(folder) / GENERATION_CONFIG, dict(sorted(self.to_dict().items())))

    def copy(self) -> "GenerationConfig":
        new = type(self)(**self.asked())
        new.others = dict(self.others)
        return new

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GenerationConfig) and self.changed() == other.changed()

    def __repr__(self) -> str:
        return f"{type(self).__name__} {json.dumps(self.to_dict(), indent=2, sort_keys=True, ensure_ascii=False)}"


# Two ways to say one thing: with the prompt, or without it.
LENGTHS = (("max_length", "max_new_tokens"), ("min_length", "min_new_tokens"))


def give_way(options: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a model's files, or of a task, and those that are asked for, which count more.

    The first ones give way where nobody asked for them and they contradict the others: a length that is said in the
    other way, a least length above the greatest, more sequences than beams.

    >>> give_way({"max_new_tokens": 256, "min_length": 56}, {"max_length": 50})
    {'min_length': 50, 'max_length': 50}
    """
    kept = dict(options)
    for pair in LENGTHS:
        if any(asked.get(name) is not None for name in pair):
            for name in pair:
                kept.pop(name, None)
    with_prompt, without = (asked.get(name) for name in LENGTHS[0])
    if is_count(most := without if without is not None else with_prompt):
        for name in LENGTHS[1]:
            if is_count(kept.get(name)) and kept[name] > most:
                kept[name] = most
        if without is None:
            kept.pop("min_new_tokens", None)  # how long the prompt is, nobody knows yet
    merged = {**kept, **asked}
    beams, several = merged.get("num_beams", 1), kept.get("num_return_sequences", 1)
    samples = merged.get("do_sample") is True and beams == 1
    if "num_return_sequences" not in asked and is_count(beams) and several > beams and not samples:
        merged["num_return_sequences"] = beams
    return merged


def is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


LIMITS: dict[str, Range | Choice] = {
    "max_length": Range(1),
    "max_new_tokens": Range(1),
    "min_length": Range(0),
    "min_new_tokens": Range(0),
    "num_beams": Range(1, MOST_SEQUENCES),
    "num_return_sequences": Range(1, MOST_SEQUENCES),
    "length_penalty": Range(-10, 10),  # a power of the length: more of it is no number of 32 bits
    "early_stopping": Choice(True, False, "never"),
    "top_k": Range(0),
    "top_p": PROBABILITY,
    "min_p": PROBABILITY,
    "repetition_penalty": Range(above=0, advice=N_("; 1 is none")),
    "no_repeat_ngram_size": Range(0),
    "encoder_no_repeat_ngram_size": Range(0),
}
SAMPLING_LIMITS = {  # of what nobody looks at without do_sample
    "temperature": Range(above=0, advice=N_("; for the most probable token each time try do_sample=False")),
}


def is_token(value: Any) -> bool:
    return is_count(value) and 0 <= value <= MOST_TOKEN


def check_tokens(config: GenerationConfig, vocabulary: int | None) -> None:
    """Raise ValueError for an option with a token that a model with so many tokens does not have."""
    for name in TOKENS:
        if name == "eos_token_id":
            continue  # an end that never comes does no harm
        ids: Any = ids_of(getattr(config, name))
        if name == "bad_words_ids":
            ids = [index for word in ids for index in word]
        wrong_ids = [index for index in ids if vocabulary is not None and index >= vocabulary]
        if wrong_ids:
            raise spoken(
                ValueError,
                "{name} has the token id {wrong}, this model has token ids 0 to {last}; does the tokenizer fit the "
                "model?",
                name=name,
                wrong=wrong_ids[0],
                last=(vocabulary or 0) - 1,
            )


def ids_of(value: int | list | None) -> list[int]:
    """One id, several or none -> a list."""
    return [] if value is None else [value] if isinstance(value, int) else list(value)
