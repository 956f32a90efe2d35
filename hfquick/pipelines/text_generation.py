"""Text generation: a model goes on with a text, or answers in a conversation."""

from typing import Any, ClassVar

import numpy as np

from ..display import Results, Texts
from .base import Piece, check_text
from .generation import WritingPipeline


class TextGenerationPipeline(WritingPipeline):
    """Goes on with a text: `pipe("Il était une fois", max_new_tokens=20)`; the model decides word by word.

    A conversation, [{"role": "user", "content": "..."}, ...], is put into the form that the tokenizer's chat template
    gives it, and the answer is added to it as a message.

    Options of a call:
        return_full_text: False leaves out the prompt.
        truncation: True cuts a prompt that is too long for the model.
        clean_up_tokenization_spaces: no spaces in front of . , and the like.
        batch_size: most prompts per batch; left out, batches are made by length.
        seed: of what is drawn with do_sample=True, the usual way here; and every option of `generate`.
    """

    wants: ClassVar[str] = "a text or a conversation"
    usual: ClassVar[dict[str, Any]] = {"max_new_tokens": 256, "do_sample": True, "temperature": 0.7}
    defaults: ClassVar[dict[str, Any]] = {
        "return_full_text": True,
        "truncation": False,
        "clean_up_tokenization_spaces": True,
    }
    writes_on: ClassVar[bool] = True

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, str) or is_conversation(inputs)

    def preprocess(self, inputs: list[Any], settings: dict[str, Any]) -> list[list[Piece]]:
        pieces = []
        for given in inputs:
            if is_conversation(given):
                text = self.tokenizer.apply_chat_template(given, add_generation_prompt=True, tokenize=False)
                ids = self.tokenizer(text, add_special_tokens=False, truncation=settings["truncation"])["input_ids"]
            else:
                text = f"{self.prefix}{check_text(given, self.task)}"
                ids = self.tokenizer(text, truncation=settings["truncation"])["input_ids"]
            if not ids:
                start = self.model.generation_config.bos_token_id
                if start is None:
                    raise ValueError("the prompt is empty, and the model has no token to start from; give some words")
                ids = [start]
            pieces.append(Piece({"input_ids": ids, "attention_mask": [1] * len(ids)}, (given, text, ids)))
        self.check_lengths(pieces, "truncation=True")
        return [[piece] for piece in pieces]

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: dict[str, Any]) -> Any:
        given, text, ids = piece.facts
        read = len(self.decoded(ids, settings))
        results = []
        for written in outputs["written"]:
            new = self.decoded([*ids, *written.tolist()], settings)[read:]  # with the prompt: spaces depend on it
            if is_conversation(given):
                answer = [*given, {"role": "assistant", "content": new}] if settings["return_full_text"] else new
                results.append({"generated_text": answer})
            else:
                results.append({"generated_text": text + new if settings["return_full_text"] else new})
        return Texts(results, [text], "generated_text")

    def many_results(self, results: list[Any], inputs: list[Any], settings: dict[str, Any]) -> Any:
        return Results(results)


def is_conversation(value: Any) -> bool:
    """Whether a value is a list of messages: {"role": "user", "content": "..."}."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(message, dict) and {"role", "content"} <= set(message) for message in value)
    )
