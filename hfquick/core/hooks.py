"""What the base classes of both frameworks leave to the classes built on them."""

import os
from collections.abc import Iterable
from typing import Any, ClassVar

from ..hub.keywords import LOADING
from ..hub.repository import Repo
from ..i18n import spoken
from ..utils.elsewhere import only_known
from .weights_matching import Match


class ModelHooks:
    """Hooks: aliases for a model to override, the others for generation.generate, in classes that generate."""

    can_generate: ClassVar[bool] = False
    ALIASES: ClassVar[dict[str, str]] = {}  # other name in files -> parameter

    def aliases(self, names: Iterable[str]) -> dict[str, str]:
        """The same for a model with these parameters: more of them where names follow from a configuration."""
        return self.ALIASES

    def complete(self, found: Match, where: str) -> None:
        """Compute what a file does not hold since it spells something in another way: nothing here."""

    def read_more(self, repo: Repo) -> None:
        """Read what a model needs from its repository beside configuration and weights: nothing here."""

    def save_more(self, folder: str | os.PathLike) -> None:
        """Write the same beside configuration and weights."""

    def prune_heads(self, *args: Any, **options: Any) -> None:
        """Raise AttributeError: no attention head is taken out."""
        raise spoken(
            AttributeError,
            "{name} has no prune_heads: all heads of a layer stay; try torch.nn.utils.prune for single weights",
            name=type(self).__name__,
        )

    def to_bettertransformer(self) -> None:
        """Raise AttributeError: attention is fast already."""
        raise spoken(
            AttributeError,
            "{name} has no to_bettertransformer: attention is fused already, by scaled_dot_product_attention; leave it "
            "out",
            name=type(self).__name__,
        )

    def set_attn_implementation(self, attn_implementation: str) -> None:
        """Take "eager" and "sdpa", which give the same here; ValueError for another."""
        given = {"attn_implementation": attn_implementation}
        only_known(given, (), LOADING, "set_attn_implementation", ValueError)

    def generate(self, *args: Any, **options: Any) -> Any:
        """Raise TypeError: only classes with a language-modeling head generate."""
        raise spoken(
            TypeError,
            "{name} has no language-modeling head, so it cannot generate; try AutoModelForCausalLM or "
            "AutoModelForSeq2SeqLM",
            name=type(self).__name__,
        )
