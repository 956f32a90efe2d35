"""What the labels of a model are; without a framework, for both."""

from typing import Any


def label_kind_of(model: Any) -> str | None:
    """ "class" (one of each text, picture or recording), "token" (one of each token), "span" (first and last token of
    an answer), "words" (tokens of the vocabulary), "characters" (those that a recording holds) or "scores" (how right
    each answer is), or None where that is not known.

    Heads of this package say it themselves. Models of other libraries are judged by transformers' habits of naming.
    """
    kind = getattr(type(model), "label_kind", None)
    if kind is not None:
        return kind
    name = type(model).__name__
    ends = {"TokenClassification": "token", "Classification": "class", "QuestionAnswering": "span", "CTC": "characters"}
    kind = next((kind for end, kind in ends.items() if name.endswith(end) and "For" in name), None)
    is_language_model = "LM" in name or name.endswith("ForConditionalGeneration")
    return kind or ("words" if is_language_model else None)


def sums_losses(model: Any) -> bool:
    """Whether a loss is that of all recordings of a batch together, as CTC's is unless the configuration asks else."""
    return label_kind_of(model) == "characters" and getattr(model.config, "ctc_loss_reduction", "mean") == "sum"


def shifts_labels(model: Any) -> bool:
    """Whether a model compares the logits of each token with the label of the next, as causal language models do: the
    label of a text's first token then counts for nothing."""
    return any(kind.__name__.endswith(("LMHeadModel", "ForCausalLM")) for kind in type(model).__mro__)
