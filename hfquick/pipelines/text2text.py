"""Text-to-text: models with an encoder and a decoder, a text in, another text out. Summarization and translation."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..display import Texts
from ..i18n import said, spoken
from ..utils.elsewhere import Other
from ..utils.errors import need
from .base import Piece
from .generation import GenerationPipeline
from .names import OF_TRANSLATION


class TextToTextPipeline(GenerationPipeline):
    """A text in, another text out: summarization, translation, and whatever else a model was trained for."""

    default_generate_kwargs: ClassVar[dict[str, Any]] = {"max_new_tokens": 256, "num_beams": 4}
    answer: ClassVar[str] = "generated_text"  # key of the text in a result

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Generate a text from one text, or from each of many.

        Args:
            inputs: a text, or a list, dataset or generator of texts.
            truncation: True cuts a text that is too long for the model instead of raising an error.
            clean_up_tokenization_spaces: True for no spaces in front of . , and the like.
            seed: of the random number generator, with do_sample=True; None takes the framework's global one.
            streamer: is given every token of one text as it is generated, with num_beams=1:
                TextStreamer(pipe.tokenizer).
            batch_size: most texts per batch; None makes batches by length, which is nearly always faster.
            generate_kwargs: every option of the model's `generate`. The most used: max_new_tokens=256 and num_beams=4
                unless the model says otherwise, num_return_sequences, length_penalty, no_repeat_ngram_size, do_sample.

        An option left out is the one with which the pipeline was made.
        """
        return super().__call__(inputs, **options)

    def cross_attentions(self, piece: Piece, generated: np.ndarray) -> list[np.ndarray]:
        """The input, and the token ids generated (1, L) -> the cross-attention of each layer: (H, L - 1, S).

        Row t belongs to the step that generated token t + 1; the first token is what a decoder starts from.
        """
        arrays = {name: np.array([values]) for name, values in piece.features.items()}
        arrays["decoder_input_ids"] = generated[:, :-1]
        if self.framework == "tf":
            tf = need("tensorflow", said("this pipeline"), "tf")
            with tf.device(self.device):
                tensors = {name: tf.constant(array, tf.int32) for name, array in arrays.items()}
                outputs = self.model(**tensors, output_attentions=True)
        else:
            torch = need("torch", said("this pipeline"), "torch")
            with torch.inference_mode():
                tensors = {name: self._tensor(array) for name, array in arrays.items()}
                outputs = self.model(**tensors, output_attentions=True)
        return [self.array(maps)[0] for maps in outputs.cross_attentions]

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        return Texts(
            [{self.answer: self.decoded(ids, settings)} for ids in outputs["generated"]], [piece.facts], self.answer
        )

    def many_results(self, results: list[Any], inputs: list[Any], settings: Any) -> Any:
        if all(len(result) == 1 for result in results):  # one text each: a flat list
            return Texts([result[0] for result in results], inputs, self.answer)
        return super().many_results(results, inputs, settings)


class SummarizationPipeline(TextToTextPipeline):
    """Sums up a long text in a few words: `pipe(article)`."""

    answer: ClassVar[str] = "summary_text"


class TranslationPipeline(TextToTextPipeline):
    """Translates a text; the task "translation_en_to_fr" names both languages, which T5 finds in front of the text."""

    answer: ClassVar[str] = "translation_text"
    other_names: ClassVar[Mapping[str, Other]] = OF_TRANSLATION

    def _model_kwargs(self, task: str, model: Any) -> dict[str, Any]:
        tasks = getattr(model.config, "task_specific_params", None) or {}
        known = [name for name in tasks if name.startswith("translation_")]
        if task == "translation" and known:  # its first pair, English to French for T5
            task = "translation_en_to_fr" if "translation_en_to_fr" in known else known[0]
        if task not in tasks and known and task != "translation":
            raise spoken(
                ValueError,
                "the model does not translate {languages}; it knows {known}",
                languages=languages(task),
                known=", ".join(known),
            )
        return super()._model_kwargs(task, model)


def languages(task: str) -> str:
    """ "translation_en_to_de" -> "from en to de"."""
    source, target = task.removeprefix("translation_").split("_to_")
    return said("from {source} to {target}", source=source, target=target)
