"""A look inside a model that writes: how sure it was of each token, and where it looked while it wrote.

    token_probabilities(pipeline("text-generation"), "Il était", max_new_tokens=8)
    cross_alignment(pipeline("translation"), "A green bird.")

Both take a pipeline, in PyTorch or TensorFlow, and one text; what they give is data, and a picture in a notebook.
"""

from typing import Any

import numpy as np

from ..display import CrossAlignment, TokenProbabilities
from ..display.tokens import label, labels, piece
from ..pipelines.base import check_whole
from ..pipelines.generation import TextToTextPipeline, WritingPipeline
from ..utils.arrays import softmax

# What a pipeline or its model may have set for another way of writing; at these values the options do nothing.
ONE_TEXT = {"num_return_sequences": 1}
NO_BEAMS = {"num_beams": 1, "early_stopping": False, "length_penalty": 1.0}
GREEDY = {"do_sample": False, "temperature": 1.0, "top_k": 50, "top_p": 1.0, "min_p": None}


def token_probabilities(writer: Any, text: Any, *, top: int = 5, **options: Any) -> TokenProbabilities:
    """Let a pipeline go on with a text (or translate it, sum it up), and tell how probable each token was.

    Args:
        writer: a pipeline of the tasks text-generation, translation or summarization.
        text: one text; of text-generation also a conversation.
        top: how many alternatives are told, the most probable other tokens of each place. Those that a rule forbids
            (no_repeat_ngram_size, top_p ...) have no probability and are left out.
        options: of the pipeline and of `generate`: max_new_tokens=8. Greedy search is the usual way here; with
            do_sample=True the probabilities are those that a token was drawn by, after temperature, top_k and top_p.

    Raises TypeError for what is no such pipeline or not one text, ValueError for options that write several texts.
    """
    _check(writer, WritingPipeline, "token_probabilities", "text-generation")
    _check_one(writer, text, "token_probabilities", options)
    check_whole("top", top, 1)
    if options.get("num_beams", 1) != 1:
        raise ValueError(
            f"num_beams is {options['num_beams']}, but token_probabilities follows one text, and beams choose between "
            "whole ones; leave num_beams out"
        )
    usual = ONE_TEXT | NO_BEAMS | ({} if options.get("do_sample") else GREEDY)
    read, output = writer.write_one(text, **(usual | options | {"output_scores": True}))
    prompt = read.facts[1] if writer.writes_on else ""
    scores = np.concatenate([writer.array(step) for step in output.scores])  # (T, V)
    tokens = writer.array(output.sequences)[0, -len(scores) :]
    before, rows, pieces = prompt, [], []
    for token, probabilities in zip(tokens, softmax(scores.astype(np.float64)), strict=True):
        others = [place for place in np.argsort(-probabilities, kind="stable")[: top + 1] if place != token][:top]
        pieces.append(piece(writer.tokenizer, int(token)))
        rows.append(
            {
                "token": label(pieces[-1], before),
                "probability": float(probabilities[token]),
                "alternatives": [
                    (label(piece(writer.tokenizer, int(place)), before), float(probabilities[place]))
                    for place in others
                    if probabilities[place] > 0
                ],
            }
        )
        before = pieces[-1]
    return TokenProbabilities(rows, prompt, pieces)


def cross_alignment(writer: Any, text: Any, *, layer: int = -1, **options: Any) -> CrossAlignment:
    """Let a pipeline translate a text or sum it up, and tell where its decoder looked as it wrote each token.

    The text is the one that the pipeline itself gives. The model then reads both texts once more, and shows its
    cross-attention: of one layer, the mean of all heads. It is where a model looks, and often, but not always, what a
    word was translated from.

    Args:
        writer: a pipeline of the tasks translation or summarization.
        text: one text, not empty.
        layer: of the decoder, from 0 on; -1 is the last.
        options: of the pipeline and of `generate`: num_beams=1.

    Raises TypeError for what is no such pipeline or not one text, ValueError for an empty text, for a layer that is not
    there, and for options that write several texts.
    """
    if isinstance(writer, WritingPipeline) and not isinstance(writer, TextToTextPipeline):
        raise TypeError(
            f"cross_alignment shows what a decoder reads of an encoder, and {type(writer.model).__name__} has no "
            "encoder; try pipeline('translation') or pipeline('summarization')"
        )
    _check(writer, TextToTextPipeline, "cross_alignment", "translation")
    _check_one(writer, text, "cross_alignment", options)
    if not text.strip():
        raise ValueError("the text is empty, so there is nothing to look at; give some words")
    read, output = writer.write_one(text, **(ONE_TEXT | options))
    written = writer.array(output.sequences)
    maps = writer.cross_attentions(read, written)  # of each layer (H, T, S)
    if type(layer) is not int or not -len(maps) <= layer < len(maps):
        raise ValueError(
            f"layer is {layer!r}, but the decoder has {len(maps)}, from 0 to {len(maps) - 1}; -1 is the last"
        )
    source, target = (
        labels([piece(writer.tokenizer, int(token)) for token in ids])
        for ids in (read.features["input_ids"], written[0, 1:])
    )
    return CrossAlignment(source, target, maps[layer].mean(0))


def _check(writer: Any, kind: type, name: str, task: str) -> None:
    if not isinstance(writer, kind):
        raise TypeError(
            f"{name} looks into a pipeline that writes, such as pipeline({task!r}), got a {type(writer).__name__}"
        )


def _check_one(writer: Any, text: Any, name: str, options: dict[str, Any]) -> None:
    """Raise an error for several texts, given or asked for."""
    if not writer.is_one(text):
        several = isinstance(text, list | tuple)
        advice = f"; try [{name}(pipe, text) for text in texts]" if several else ""
        given = f"a {type(text).__name__} of {len(text)}" if several else type(text).__name__
        raise TypeError(f"{name} takes one text, got {given}{advice}")
    if options.get("num_return_sequences", 1) != 1:
        raise ValueError(
            f"num_return_sequences is {options['num_return_sequences']}, but {name} shows one text; leave it out"
        )
