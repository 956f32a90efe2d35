"""What the base classes of both frameworks leave to the classes built on them."""

import os
from typing import Any, ClassVar

from ..hub.repository import Repo
from ..i18n import spoken


class ModelHooks:
    """Hooks that generation.generate overrides in classes with a language-modeling head."""

    can_generate: ClassVar[bool] = False

    def read_more(self, repo: Repo) -> None:
        """Read what a model needs from its repository beside configuration and weights: nothing here."""

    def save_more(self, folder: str | os.PathLike) -> None:
        """Write the same beside configuration and weights."""

    def generate(self, *args: Any, **options: Any) -> Any:
        """Raise TypeError: only classes with a language-modeling head generate."""
        raise spoken(
            TypeError,
            "{name} has no language-modeling head, so it cannot generate; try AutoModelForCausalLM or "
            "AutoModelForSeq2SeqLM",
            name=type(self).__name__,
        )
