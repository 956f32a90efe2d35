"""Token probabilities of a generative model: how probable each generated token was, and what the alternatives were.

    token_probabilities(pipeline("text-generation"), "Il était", max_new_tokens=8)

It takes a pipeline, in PyTorch or TensorFlow, and one text; the result is data, and a picture in a notebook.
"""

from typing import Any

import numpy as np

from ..display import TokenProbabilities
from ..display.tokens import label, piece
from ..i18n import spoken
from ..pipelines.generation import GenerationPipeline
from ..utils.arrays import softmax
from ..utils.fields import Range, check_field
from .checks import ONE_SEQUENCE, check_one, check_pipeline

# What a pipeline or its model may have set for another decoding strategy; at these values the options do nothing.
NO_BEAMS = {"num_beams": 1, "early_stopping": False, "length_penalty": 1.0}
GREEDY = {"do_sample": False, "temperature": 1.0, "top_k": 50, "top_p": 1.0, "min_p": None}


def token_probabilities(pipe: Any, text: Any, *, top: int = 5, **options: Any) -> TokenProbabilities:
    """Token probabilities: generate from one text with a pipeline, and show how probable each new token was.

    Args:
        pipe: a pipeline of the tasks text-generation, translation or summarization.
        text: one text; of text-generation also a conversation.
        top: how many alternatives are shown, the most probable other tokens of each position. Those that a logits
            processor forbids (no_repeat_ngram_size, top_p ...) have no probability and are left out.
        options: of the pipeline and of `generate`: max_new_tokens=8. Greedy search is the default here; with
            do_sample=True the probabilities are those of sampling, after temperature, top_k and top_p.

    Raises TypeError for what is no such pipeline or not one text, ValueError for options that generate several texts.
    """
    check_pipeline(pipe, GenerationPipeline, "token_probabilities", "text-generation")
    check_one(pipe, text, "token_probabilities", options)
    check_field("top", top, int, Range(1))
    if options.get("num_beams", 1) != 1:
        raise spoken(
            ValueError,
            "num_beams is {count}, but token_probabilities follows one text, and beam search chooses between "
            "finished ones; leave num_beams out",
            count=options["num_beams"],
        )
    usual = ONE_SEQUENCE | NO_BEAMS | ({} if options.get("do_sample") else GREEDY)
    read, output = pipe.generate_one(text, **(usual | options | {"output_scores": True}))
    prompt = read.facts[1] if pipe.decoder_only else ""
    scores = np.concatenate([pipe.array(step) for step in output.scores])  # (T, V)
    tokens = pipe.array(output.sequences)[0, -len(scores) :]
    before, rows, pieces = prompt, [], []
    for token, probabilities in zip(tokens, softmax(scores.astype(np.float64)), strict=True):
        others = [other for other in np.argsort(-probabilities, kind="stable")[: top + 1] if other != token][:top]
        pieces.append(piece(pipe.tokenizer, int(token)))
        rows.append(
            {
                "token": label(pieces[-1], before),
                "probability": float(probabilities[token]),
                "alternatives": [
                    (label(piece(pipe.tokenizer, int(other)), before), float(probabilities[other]))
                    for other in others
                    if probabilities[other] > 0
                ],
            }
        )
        before = pieces[-1]
    return TokenProbabilities(rows, prompt, pieces)
