"""What image processors and feature extractors share: their fields, and preprocessor_config.json, which holds them.

A class has a table of its fields, DEFAULTS, and says in `_with` what each may be. What a file says beyond them is kept
and written back.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from ..i18n import spoken
from ..utils.elsewhere import Other, instead
from ..utils.errors import damaged
from ..utils.files import one_save, read_json, write_json
from .push import PushToHubMixin
from .repository import Repo, open_repo, take_hub_options

Fields = dict[str, Any]
Kind = TypeVar("Kind", bound="Preprocessor")

FILE = "preprocessor_config.json"
TOGETHER = "processor_config.json"  # where transformers 5 keeps it, beside the settings of a tokenizer
TYPES = ("image_processor_type", "feature_extractor_type")  # fields that name the class
PARTS = ("image_processor", "feature_extractor")  # the same in processor_config.json


class Preprocessor(PushToHubMixin):
    """Fields as attributes, read from a repository and written into a folder."""

    DEFAULTS: ClassVar[Mapping[str, Any]] = {}
    OLDER: ClassVar[tuple[str, ...]] = ()  # names of fields in older files
    NAMES: ClassVar[tuple[Mapping[str, Other], Mapping[str, Other]]] = ({}, {})  # of elsewhere: for loading, attributes
    TYPE: ClassVar[str] = TYPES[0]

    def __init__(self, **fields: Any) -> None:
        self._others: Fields = {}  # what a file says beyond these fields; written back
        self._take(self.DEFAULTS, fields, self.NAMES[0])

    def _take(self, fields: Mapping[str, Any], given: Mapping[str, Any], others: Mapping[str, Other]) -> None:
        for name, value in self._with(fields, given, others).items():
            setattr(self, name, dict(value) if isinstance(value, dict) else value)

    def _with(self, fields: Mapping[str, Any], given: Mapping[str, Any], others: Mapping[str, Other]) -> Fields:
        """All fields, where a user gives some of them; TypeError or ValueError for what cannot be."""
        raise NotImplementedError

    def _fields(self) -> Fields:
        return {name: getattr(self, name) for name in self.DEFAULTS}

    @classmethod
    def from_pretrained(cls: type[Kind], name: str | os.PathLike, **options: Any) -> Kind:
        """The one of a folder or a Hub id; further keywords override its fields.

        Raises TypeError for an unknown keyword, ValueError for a damaged file, OSError if there is no such repository
        or no preprocessor_config.json in it.
        """
        return cls.from_repo(open_repo(name, **take_hub_options(options)), **options)

    @classmethod
    def from_repo(cls: type[Kind], repo: Repo, **overrides: Any) -> Kind:
        """The same from an opened repository."""
        try:
            processor = cls.from_dict(read_preprocessor(repo))
        except ValueError as error:
            raise damaged(FILE, repo.id, error) from None
        processor._take(processor._fields(), overrides, cls.NAMES[0])
        return processor

    @classmethod
    def from_dict(cls: type[Kind], values: Mapping[str, Any]) -> Kind:
        """From what a file holds; fields that this class does not have are kept for `save_pretrained`."""
        own = {name: value for name, value in values.items() if name in cls.DEFAULTS or name in cls.OLDER}
        processor = cls(**own)
        processor._others = {name: value for name, value in values.items() if name not in own and name not in TYPES}
        return processor

    def save_pretrained(self, folder: str | os.PathLike) -> tuple[str, ...]:
        """Write preprocessor_config.json into `folder` (made if missing); returns its path."""
        with one_save(folder, last=FILE):
            write_json(Path(folder) / FILE, self.to_dict())
        return (str(Path(folder) / FILE),)

    def to_dict(self) -> Fields:
        """All that preprocessor_config.json holds."""
        fields = self._with(self._fields(), {}, {})
        return dict(sorted({**self._others, **fields, self.TYPE: type(self).__name__}.items()))

    def to_json_string(self) -> str:
        """The text of that file."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    def to_json_file(self, file: str | os.PathLike) -> None:
        """Write it into a file of any name."""
        write_json(Path(file), self.to_dict())

    @classmethod
    def from_json_file(cls: type[Kind], file: str | os.PathLike) -> Kind:
        """The opposite of to_json_file."""
        return cls.from_dict(read_json(file))

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string()}"

    def __getattr__(self, name: str) -> Any:  # only reached when there is no such attribute
        known = [*self.DEFAULTS, *(one for one in dir(type(self)) if one[0] != "_")]
        near = instead(name, self.NAMES[1], known)
        raise spoken(AttributeError, "{owner} has no {name!r}{near}", owner=type(self).__name__, name=name, near=near)


def read_preprocessor(repo: Repo) -> Fields:
    """What a repository says about its pictures or sounds; HubError, with the files it has, where it says nothing."""
    values = repo.read_json(FILE)
    if values is None:
        together = repo.read_json(TOGETHER) or {}
        values = next((together[part] for part in PARTS if part in together), None)
    if not isinstance(values, dict):
        repo.path(FILE)
        raise AssertionError("path() has raised")
    return values
