"""Configurations: config.json <-> an object whose attributes are the keys of that file.

A model's own configuration lists its fields as annotated class attributes; their defaults are the paper's (or the first
checkpoint's) values. Keys a class does not know are kept and written back, so that nothing a checkpoint says is lost.
"""

import inspect
import json
import os
from pathlib import Path
from typing import Any, ClassVar, get_type_hints

from ..hub.repository import Repo, open_repo, take_hub_options
from ..i18n import N_, said, spoken
from ..utils.elsewhere import Other, only_known
from ..utils.errors import did_you_mean
from ..utils.fields import PROBABILITY, Choice, Range, check_field, kinds_of, wrong
from ..utils.files import one_save, read_json, write_json
from .labels import SPELLINGS, check_spellings, inverse, names_of, numbered, take_from_file

CONFIG = "config.json"
ASIDE = "set_aside"  # attribute with the keys that must not become attributes
MOST_LAYERS = 1_000  # far above any published model; a larger number is a damaged file
MOST_SIZE = 100_000_000  # the same for widths, vocabularies and lengths
OTHERS: dict[str, tuple[Any, Choice | None]] = {  # keys that are no fields, and yet are looked at: kind and choice
    "task_specific_params": (dict | None, None),
    "function_to_apply": (str | None, Choice("softmax", "sigmoid", "none")),
    "is_encoder_decoder": (bool, Choice(False)),  # those that are have a field of this name
}
PROBLEMS = Choice("regression", "single_label_classification", "multi_label_classification")

ASKED_IN_CALLS = {  # fields in transformers; here a model returns what its call asks for
    "return_dict": Other(
        "model(**batch, return_dict=False)", N_("a call gives a tuple where it asks for one: {code}"), same=(True,)
    ),
    "use_cache": Other(
        "model(**batch, use_cache=True)", N_("a call returns a KV cache where it asks for one: {code}"), same=(False,)
    ),
    "torchscript": Other(
        "torch.jit.trace(model, inputs, strict=False)", N_("{code} works without: leave it out"), same=(False,)
    ),
    "gradient_checkpointing": Other(
        "model.gradient_checkpointing_enable()", N_("try {code} after loading"), same=(False,)
    ),
}


class PreTrainedConfig:
    """All that is needed to build a model, its weights apart.

    Raises ValueError for a field of the wrong type or an absurd size, in a sentence that names it.
    """

    model_type: ClassVar[str] = ""
    attribute_map: ClassVar[dict[str, str]] = {}  # other names in use for a field: {"hidden_size": "dim"}
    INPUT: ClassVar[str] = N_("text")  # what one row of a batch is, as errors say it

    architectures: list | None = None  # class that was saved, e.g. ["BertForMaskedLM"]
    id2label: dict | None = None  # 0 -> "NEGATIVE"; two anonymous labels when absent
    problem_type: str | None = None  # "regression", "single_label_classification" or "multi_label_classification"
    dtype: str | None = None  # data type of the saved weights
    pad_token_id: int | None = None
    tie_word_embeddings: bool = True  # the language-modeling head shares the input embeddings
    initializer_range: float = 0.02  # standard deviation of randomly initialised weights
    output_hidden_states: bool = False
    output_attentions: bool = False

    def __new__(cls, *unnamed: Any, **values: Any) -> "PreTrainedConfig":
        if unnamed:
            raise spoken(
                TypeError,
                "{config} takes its fields by name, got {given!r}; try {config}.from_pretrained(name) for a model's",
                config=cls.__name__,
                given=unnamed[0],
            )
        return super().__new__(cls)

    def __init__(self, **values: Any) -> None:
        super().__setattr__("name_or_path", values.pop("name_or_path", ""))  # first: errors name it
        labels = values.pop("num_labels", None)
        values.pop("model_type", None)
        label2id = values.pop("label2id", None)  # kept as its inverse, id2label
        if "torch_dtype" in values:  # its name until 2025
            values.setdefault("dtype", values.pop("torch_dtype"))
        for name in self.fields():
            default = getattr(type(self), name)
            super().__setattr__(name, dict(default) if isinstance(default, dict) else default)
        self.__dict__[ASIDE] = {}
        for name, value in values.items():
            if self._is_taken(name):
                self.__dict__[ASIDE][name] = value
            else:
                setattr(self, name, value)
        if label2id and self.id2label is None:
            self.label2id = label2id
        if self.id2label is None:
            self.num_labels = 2 if labels is None else labels
        check_spellings(self.id2label or {}, labels, label2id)
        self.check()

    @classmethod
    def fields(cls) -> dict[str, Any]:
        """Field names -> their types, those of the base class first."""
        hints: dict[str, Any] = {}
        for base in reversed(cls.__mro__):
            hints |= dict.fromkeys(vars(base).get("__annotations__", {}))
        types = get_type_hints(cls)
        return {name: types[name] for name in hints if "ClassVar" not in str(types[name])}

    @classmethod
    def _is_taken(cls, name: str) -> bool:
        """Whether a key of a file is the name of something else here, a method for instance: it is kept, but aside."""
        if name in cls.attribute_map:
            return False
        there = inspect.getattr_static(cls, name, None)
        is_method = callable(there) or isinstance(there, property | classmethod | staticmethod)
        return name.startswith("__") or name in (ASIDE, "attribute_map") or is_method

    def __setattr__(self, name: str, value: Any) -> None:
        name = self.attribute_map.get(name, name)
        if isinstance(value, tuple):
            value = list(value)  # as config.json has it
        if name == "id2label" and value is not None:
            value = names_of(value)
        elif name == "problem_type":
            check_field(said("{where}: {name!r}", where=self._where(), name=name), value, str | None, PROBLEMS)
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:  # only reached when there is no such attribute
        mapped = type(self).attribute_map.get(name)
        if mapped is not None and mapped in self.__dict__:
            return self.__dict__[mapped]
        raise spoken(
            AttributeError,
            "{config} has no field {name!r}{near}",
            config=type(self).__name__,
            name=name,
            near=did_you_mean(name, self.__dict__),
        )

    @property
    def num_labels(self) -> int:
        return len(self.id2label or {})

    @num_labels.setter
    def num_labels(self, count: int) -> None:
        names = numbered(count)
        if count != self.num_labels:  # else the names stay
            self.id2label = names

    @property
    def label2id(self) -> dict[str, int]:
        return {label: index for index, label in (self.id2label or {}).items()}

    @label2id.setter
    def label2id(self, table: dict[str, int]) -> None:
        self.id2label = inverse(table)

    @property
    def longest_text(self) -> int | None:
        """How many tokens one input may have, special ones counted; None where there is no limit."""
        return getattr(self, "max_position_embeddings", None)

    def check(self) -> None:
        """Raise ValueError for a wrong type or an absurd size; models add what must hold between fields."""
        for name, hint in self.fields().items():
            check_field(
                said("{where}: {name!r}", where=self._where(), name=name),
                getattr(self, name),
                hint,
                _limit(name, hint, getattr(type(self), name)),
            )

        for name, (hint, choice) in OTHERS.items():
            if name in self.__dict__ and name not in self.fields():
                check_field(
                    said("{where}: {name!r}", where=self._where(), name=name), getattr(self, name), hint, choice
                )
        tasks = self.__dict__.get("task_specific_params") or {}
        if not all(isinstance(options, dict) for options in tasks.values()):
            raise wrong("task_specific_params", tasks, said("tables of options, by task"))

    def _where(self) -> str:
        if not self.name_or_path:
            return type(self).__name__
        return said("configuration of {repo!r}", repo=self.name_or_path)

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, **options: Any) -> "PreTrainedConfig":
        """Read config.json of a folder or a Hub id; further keywords override its fields.

        Raises ValueError for a keyword that is neither a field of the model nor a key of its config.json.
        """
        repo = open_repo(name, **take_hub_options(options))
        return cls.from_repo(repo, **options)

    @classmethod
    def from_repo(cls, repo: Repo, **overrides: Any) -> "PreTrainedConfig":
        """The same from an opened repository."""
        values = read_config(repo)
        found = values.get("model_type", cls.model_type)
        if cls.model_type and found != cls.model_type:
            raise spoken(
                ValueError,
                "{repo!r} is a {found!r} model, {cls} reads {model_type!r}; try AutoConfig or AutoModel",
                repo=repo.id,
                found=found,
                cls=cls.__name__,
                model_type=cls.model_type,
            )
        known = [*cls.fields(), *cls.attribute_map, *SPELLINGS, *(key for key in values if key not in ASKED_IN_CALLS)]
        overrides = only_known(overrides, known, ASKED_IN_CALLS, cls.__name__, ValueError)
        # A field's own name counts, where a file or the caller gives another as well.
        aliases = {alias for alias, field in cls.attribute_map.items() if field in overrides or field in values}
        values = {key: value for key, value in values.items() if key not in aliases}
        labels = take_from_file(values, str(repo.id))
        given = {key: overrides.pop(key, None) for key in SPELLINGS}
        asked = {key: value for key, value in given.items() if value is not None}
        if asked and asked != {"num_labels": len(labels or ())}:  # the caller's count, not the file's
            labels = None
        config = cls(**{**values, "id2label": labels, "name_or_path": repo.id, **overrides, **asked})
        if repo.stand_in_for:
            config.stand_in_for = repo.stand_in_for
        return config

    def to_dict(self) -> dict[str, Any]:
        """All that config.json holds; None where the usual value is another one."""
        own = ("name_or_path", ASIDE)
        values = {
            key: value
            for key, value in self.__dict__.items()
            if key not in own and (value is not None or getattr(type(self), key, None) is not None)
        }
        return {"model_type": self.model_type, **values, **self.__dict__.get(ASIDE, {}), "label2id": self.label2id}

    def to_json_string(self) -> str:
        """The text of config.json."""
        return json.dumps(self.to_dict(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def to_json_file(self, file: str | os.PathLike) -> None:
        """Write the text of config.json into a file of any name."""
        write_json(Path(file), self.to_dict())

    @classmethod
    def from_dict(cls, values: dict[str, Any], **overrides: Any) -> "PreTrainedConfig":
        """The opposite of to_dict; further keywords override fields."""
        return cls(**{**values, **overrides})

    @classmethod
    def from_json_file(cls, file: str | os.PathLike) -> "PreTrainedConfig":
        """The opposite of to_json_file."""
        return cls(**read_json(file))

    def update(self, values: dict[str, Any]) -> None:
        """Set several fields."""
        for name, value in values.items():
            setattr(self, name, value)

    def save_pretrained(self, folder: str | os.PathLike) -> None:
        """Write config.json into `folder` (made if missing)."""
        with one_save(folder, last=CONFIG):
            write_json(Path(folder) / CONFIG, self.to_dict())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PreTrainedConfig) and self.to_dict() == other.to_dict()

    def __repr__(self) -> str:
        return f"{type(self).__name__} {json.dumps(self.to_dict(), indent=2, sort_keys=True, ensure_ascii=False)}"


def _limit(name: str, hint: Any, default: Any) -> Range | None:
    """The range of a field by its name: dropout is a probability, a whole number is a size unless it is an id."""
    if default == -1:
        return None  # which stands for: no limit
    if float in kinds_of(hint):
        if "drop" in name:
            return PROBABILITY
        return Range(0, 1 if name.endswith(("eps", "epsilon")) else 1_000)
    if int not in kinds_of(hint) or list in kinds_of(hint) or name.endswith("_id"):
        return None  # a list: one size, or several of which the model's own check knows how many
    least = 0 if "_min_" in name else 1  # the fewest of something may be none
    return Range(least, MOST_LAYERS if name.endswith(("layer", "layers")) else MOST_SIZE)


PretrainedConfig = PreTrainedConfig  # the spelling of transformers 4


def read_config(repo: Repo) -> dict[str, Any]:
    """config.json of a repository as a dict; HubError if there is none, ValueError if it is no JSON object."""
    values = repo.read_json("config.json")
    if values is None:
        repo.path("config.json")  # says what is there instead
        raise AssertionError
    return values
