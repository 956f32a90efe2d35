"""Cross-attention of an encoder-decoder: which tokens of the encoder each generated token attends to.

    cross_attention_map(pipeline("translation"), "A green bird.")

It takes a pipeline, in PyTorch or TensorFlow, and one text; the result is data, and a picture in a notebook.
"""

from typing import Any

from ..display import CrossAlignment
from ..display.tokens import labels, piece
from ..i18n import spoken
from ..pipelines.generation import GenerationPipeline
from ..pipelines.text2text import TextToTextPipeline
from .checks import ONE_SEQUENCE, check_one, check_pipeline


def cross_attention_map(pipe: Any, text: Any, *, layer: int = -1, **options: Any) -> CrossAlignment:
    """Cross-attention map: generate from one text with a pipeline, and show where its decoder looks in the encoder.

    The generated text is the one that the pipeline itself gives. A second forward pass of both texts then gives the
    cross-attention of one layer, the mean of all heads. It shows where a model looks, and often, but not always, what
    a word was translated from.

    Args:
        pipe: a pipeline of the tasks translation or summarization.
        text: one text, not empty.
        layer: of the decoder, from 0 on; -1 is the last.
        options: of the pipeline and of `generate`: num_beams=1.

    Raises TypeError for what is no such pipeline or not one text, ValueError for an empty text, for a layer that does
    not exist, and for options that generate several texts.
    """
    if isinstance(pipe, GenerationPipeline) and not isinstance(pipe, TextToTextPipeline):
        raise spoken(
            TypeError,
            "cross_attention_map shows where a decoder looks in its encoder, and {model_kind} has no encoder; "
            "try pipeline('translation') or pipeline('summarization')",
            model_kind=type(pipe.model).__name__,
        )
    check_pipeline(pipe, TextToTextPipeline, "cross_attention_map", "translation")
    check_one(pipe, text, "cross_attention_map", options)
    if not text.strip():
        raise spoken(ValueError, "the text is empty, so there is nothing to look at; give some words")
    read, output = pipe.generate_one(text, **(ONE_SEQUENCE | options))
    generated = pipe.array(output.sequences)
    maps = pipe.cross_attentions(read, generated)  # of each layer (H, T, S)
    if type(layer) is not int or not -len(maps) <= layer < len(maps):
        raise spoken(
            ValueError,
            "layer is {layer!r}, but the decoder has {count}, from 0 to {last}; -1 is the last",
            layer=layer,
            count=len(maps),
            last=len(maps) - 1,
        )
    source, target = (
        labels([piece(pipe.tokenizer, int(token)) for token in ids])
        for ids in (read.features["input_ids"], generated[0, 1:])
    )
    return CrossAlignment(source, target, maps[layer].mean(0))


cross_alignment = cross_attention_map  # its older name
