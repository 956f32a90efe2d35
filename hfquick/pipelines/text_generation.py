"""Text generation: a causal language model continues a text, or answers in a conversation."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..display import Texts
from ..generation.generate import check_streamer
from ..i18n import N_, spoken
from .base import Piece, Settings
from .generation import GenerationPipeline, GenerationSettings
from .texts import check_text


@dataclass(frozen=True, kw_only=True)
class TextGenerationSettings(GenerationSettings):
    """The options of TextGenerationPipeline."""

    return_full_text: bool = True
    clean_up_tokenization_spaces: bool = True


class TextGenerationPipeline(GenerationPipeline):
    """Continues a text: `pipe("Il était une fois", max_new_tokens=20)`. Autoregressive: one token after the other.

    A conversation, [{"role": "user", "content": "..."}, ...], is put into the form that the tokenizer's chat template
    gives it, and the answer is added to it as a message.
    """

    wants: ClassVar[str] = N_("a text or a conversation")
    settings_class: ClassVar[type[Settings]] = TextGenerationSettings
    default_generate_kwargs: ClassVar[dict[str, Any]] = {"max_new_tokens": 256, "do_sample": True, "temperature": 0.7}
    decoder_only: ClassVar[bool] = True

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Continue one text, or each of many.

        Args:
            inputs: a text, a conversation, or a list, dataset or generator of them.
            return_full_text: False leaves out the prompt.
            truncation: True cuts a prompt that is too long for the model instead of raising an error.
            clean_up_tokenization_spaces: True for no spaces in front of . , and the like.
            seed: of the random number generator, with do_sample=True; None takes the framework's global one.
            streamer: is given every token of one text as it is generated: TextStreamer(pipe.tokenizer).
            batch_size: most prompts per batch; None makes batches by length, which is nearly always faster.
            generate_kwargs: every option of the model's `generate`. The most used: max_new_tokens=256, do_sample=True
                and temperature=0.7 unless the model says otherwise, top_k, top_p, repetition_penalty, num_beams,
                num_return_sequences.

        An option left out is the one with which the pipeline was made.
        """
        if inputs is None:
            inputs = options.pop("text_inputs", None)  # its name in transformers
        return super().__call__(inputs, **options)

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, str) or is_conversation(inputs)

    def preprocess(self, inputs: list[Any], settings: Any) -> list[list[Piece]]:
        check_streamer(settings.streamer, len(inputs))
        pieces, cut = [], self._cut_prompt(settings)
        for given in inputs:
            if is_conversation(given):
                text = self.tokenizer.apply_chat_template(given, add_generation_prompt=True, tokenize=False)
                ids = self.tokenizer(text, add_special_tokens=False, **cut)["input_ids"]
            else:
                text = f"{self.prefix}{check_text(given, self.task)}"
                ids = self.tokenizer(text, **cut)["input_ids"]
            if not ids:
                start = self.model.generation_config.bos_token_id
                if start is None:
                    raise spoken(
                        ValueError, "the prompt is empty, and the model has no token to start from; give some words"
                    )
                ids = [start]
            pieces.append(Piece({"input_ids": ids, "attention_mask": [1] * len(ids)}, (given, text, ids)))
        self.check_lengths(pieces, "truncation=True")
        return [[piece] for piece in pieces]

    def _cut_prompt(self, settings: Any) -> dict[str, Any]:
        """Options of the tokenizer: with truncation=True a prompt leaves room for the tokens that are to come."""
        options, positions = self.cut(settings), self.model.config.longest_text
        if not settings.truncation or positions is None:
            return options
        room = positions - (settings.generate_kwargs.get("max_new_tokens") or 1)
        return options | {"max_length": min(options["max_length"], room if room > 0 else positions - 1)}

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        given, text, ids = piece.facts
        start = len(self.decoded(ids, settings))
        results = []
        for generated in outputs["generated"]:
            new = self.decoded([*ids, *generated.tolist()], settings)[start:]  # with the prompt: spaces depend on it
            if is_conversation(given):
                answer = [*given, {"role": "assistant", "content": new}] if settings.return_full_text else new
                results.append({"generated_text": answer})
            else:
                results.append({"generated_text": text + new if settings.return_full_text else new})
        return Texts(results, [text], "generated_text")


def is_conversation(value: Any) -> bool:
    """Whether a value is a list of messages: {"role": "user", "content": "..."}."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(message, dict) and {"role", "content"} <= set(message) for message in value)
    )
