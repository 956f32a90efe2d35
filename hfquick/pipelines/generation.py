"""What the pipelines that write share: from prompts to texts by the model's `generate`, in batches by length.

Options come from four places; the later ones count: the task's usual ones, those of the model (generation_config.json),
those its config.json has for the task, those of the call.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..display import Texts
from ..generation.configuration import BEAM_OPTIONS, SAMPLING_OPTIONS, GenerationConfig
from ..tokenization.padding import pad_array
from ..utils.errors import did_you_mean, need
from .base import Piece, Pipeline, check_text

LENGTHS = ("max_length", "max_new_tokens")  # two ways to say one thing: the later one counts


class WritingPipeline(Pipeline):
    """A model that writes, behind one call. Any option of `generate` may be given: max_new_tokens=30, num_beams=4."""

    wants: ClassVar[str] = "a text"
    usual: ClassVar[dict[str, Any]] = {}  # options of generate for this task, unless model or call say otherwise
    writes_on: ClassVar[bool] = False  # the text goes on from the prompt, which is padded on its left, then

    def __init__(self, task: str, model: Any, tokenizer: Any = None, **options: Any) -> None:
        self.writing = self._of_the_model(task, model)  # options of generate, before those of calls
        self.prefix = self.writing.pop("prefix", "")  # what T5 reads in front of each text, to know its task
        for name in GenerationConfig.fields():
            if name in options:
                self.writing = with_length(self.writing, {name: options.pop(name)})
        super().__init__(task, model, tokenizer, **options)

    def _of_the_model(self, task: str, model: Any) -> dict[str, Any]:
        of_task = (getattr(model.config, "task_specific_params", None) or {}).get(task) or {}
        known = GenerationConfig.fields()
        of_task = {name: value for name, value in of_task.items() if name in known or name == "prefix"}
        config = getattr(model, "generation_config", GenerationConfig())  # a model without the head: `generate` raises
        return with_length(with_length(self.usual, config.changed()), of_task)

    def _settings(self, options: dict[str, Any]) -> dict[str, Any]:
        """Options of the pipeline, and under "writing" those of generate, checked together."""
        known = GenerationConfig.fields()
        given = {name: value for name, value in options.items() if name in known or name == "seed"}
        own = {name: value for name, value in options.items() if name not in given}
        for name in own:
            if name not in self.settings:
                mine = [option for option in self.settings if option != "writing"]
                near = did_you_mean(name, [*mine, *known])
                raise TypeError(
                    f"{self.task} has no option {name!r}{near}; it has {', '.join(mine)} and the options of generate"
                )
        settings = super()._settings(own)
        settings["writing"] = writing = with_length(self.writing, given)
        config = GenerationConfig(**{name: value for name, value in writing.items() if name in known})
        # What the model's files say about chance and beams is of no use to a call without them. Nobody asked for it
        # here, so it goes without the line that tells of such options.
        of_no_use = [
            *(() if config.do_sample else SAMPLING_OPTIONS),
            *(() if config.num_beams > 1 else BEAM_OPTIONS),
        ]
        for name in set(of_no_use) - given.keys():
            writing.pop(name, None)
        if writing.get("max_length") is not None:
            writing.setdefault("max_new_tokens", None)  # the model's own would count before it
        return settings

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, str)

    def preprocess(self, inputs: list[Any], settings: dict[str, Any]) -> list[list[Piece]]:
        texts = [f"{self.prefix}{check_text(text, self.task)}" for text in inputs]
        encoded = self.tokenizer(texts, truncation=settings["truncation"])
        names = [name for name in ("input_ids", "attention_mask") if name in encoded]
        pieces = [Piece({name: encoded[name][row] for name in names}, text) for row, text in enumerate(inputs)]
        self.check_lengths(pieces, "truncation=True")
        return [[piece] for piece in pieces]

    def forward(self, features: list[dict[str, Any]], settings: dict[str, Any]) -> dict[str, np.ndarray]:
        """Prompts of one batch -> token ids of what was written: (B, texts for each prompt, L)."""
        texts = self.array(self._generate(features, settings["writing"]))
        texts = texts.reshape(len(features), -1, texts.shape[-1])
        longest = max(len(item["input_ids"]) for item in features)
        return {"written": texts[:, :, longest:] if self.writes_on else texts}

    def write_one(self, text: Any, **options: Any) -> tuple[Piece, Any]:
        """One text -> what the model read of it, and all that `generate` gives with return_dict_in_generate=True.

        This is the pipeline without its last step, for hfquick/interpretability/.
        """
        settings = self._settings({**options, "return_dict_in_generate": True})
        [[piece]] = self.preprocess([text], settings)
        return piece, self._generate([piece.features], settings["writing"])

    def _generate(self, features: list[dict[str, Any]], options: Mapping[str, Any]) -> Any:
        """Prompts of one batch -> what the model's `generate` gives with these options."""
        options = dict(options)
        if options.get("stop_strings"):
            options["tokenizer"] = self.tokenizer
        lengths = [len(item["input_ids"]) for item in features]
        # Padding is hidden by the mask, so any token will do: GPT-2 has none for it.
        side, fill = "left" if self.writes_on else "right", self.tokenizer.pad_token_id or 0
        ids = pad_array([item["input_ids"] for item in features], max(lengths), fill, side)
        mask = pad_array([item["attention_mask"] for item in features], max(lengths), 0, side)
        return self.model.generate(self._tensor(ids), self._tensor(mask), **options)

    def array(self, tensor: Any) -> np.ndarray:
        """A tensor of the model's framework -> an array; numbers of 16 bits become float32."""
        if self.framework == "tf":
            array = tensor.numpy()
            return array.astype(np.float32) if array.dtype.itemsize == 2 else array
        tensor = tensor.float() if tensor.is_floating_point() else tensor
        return tensor.cpu().numpy()

    def _tensor(self, array: np.ndarray) -> Any:
        if self.framework == "tf":
            return array
        import torch

        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

    def decoded(self, ids: Any, settings: dict[str, Any]) -> str:
        return self.tokenizer.decode(
            ids,
            skip_special_tokens=True,
            clean_up_tokenization_spaces=settings["clean_up_tokenization_spaces"],
        )


def with_length(options: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Options and further ones, which count more: a length given there replaces one that is said the other way.

    >>> with_length({"max_new_tokens": 256}, {"max_length": 50})
    {'max_length': 50}
    """
    more = dict(more)
    if any(more.get(name) is not None for name in LENGTHS):
        options = {name: value for name, value in options.items() if name not in LENGTHS}
    return {**options, **more}


class TextToTextPipeline(WritingPipeline):
    """A text in, another text out: summarization, translation, and whatever else a model was taught.

    Options of a call:
        truncation: True cuts a text that is too long for the model.
        clean_up_tokenization_spaces: True for no spaces in front of . , and the like.
        batch_size: most texts per batch; left out, batches are made by length.
        seed: of what is drawn with do_sample=True; and every option of `generate`.
    """

    usual: ClassVar[dict[str, Any]] = {"max_new_tokens": 256, "num_beams": 4}
    defaults: ClassVar[dict[str, Any]] = {"truncation": False, "clean_up_tokenization_spaces": False}
    answer: ClassVar[str] = "generated_text"  # key of the text in a result

    def cross_attentions(self, piece: Piece, written: np.ndarray) -> list[np.ndarray]:
        """What was read, and the tokens written (1, L) -> where each layer of the decoder looked: (H, L - 1, S).

        Row t belongs to the step that wrote token t + 1; the first token is what a decoder starts from.
        """
        arrays = {name: np.array([values]) for name, values in piece.features.items()}
        arrays["decoder_input_ids"] = written[:, :-1]
        if self.framework == "tf":
            tf = need("tensorflow", "this pipeline", "tf")
            with tf.device(self.device):
                tensors = {name: tf.constant(array, tf.int32) for name, array in arrays.items()}
                outputs = self.model(**tensors, output_attentions=True)
        else:
            torch = need("torch", "this pipeline", "torch")
            with torch.inference_mode():
                tensors = {name: self._tensor(array) for name, array in arrays.items()}
                outputs = self.model(**tensors, output_attentions=True)
        return [self.array(maps)[0] for maps in outputs.cross_attentions]

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: dict[str, Any]) -> Any:
        return Texts(
            [{self.answer: self.decoded(ids, settings)} for ids in outputs["written"]], [piece.facts], self.answer
        )

    def many_results(self, results: list[Any], inputs: list[Any], settings: dict[str, Any]) -> Any:
        if all(len(result) == 1 for result in results):  # one text each: a flat list
            return Texts([result[0] for result in results], inputs, self.answer)
        return results


class SummarizationPipeline(TextToTextPipeline):
    """Says a long text in a few words: `pipe(article)`. The options are those of TextToTextPipeline."""

    answer: ClassVar[str] = "summary_text"


class TranslationPipeline(TextToTextPipeline):
    """Says a text in another language: the task "translation_en_to_fr" names both, and T5 reads them before the text.

    The options are those of TextToTextPipeline.
    """

    answer: ClassVar[str] = "translation_text"

    def _of_the_model(self, task: str, model: Any) -> dict[str, Any]:
        tasks = getattr(model.config, "task_specific_params", None) or {}
        known = [name for name in tasks if name.startswith("translation_")]
        if task == "translation" and known:  # its first pair, English to French for T5
            task = "translation_en_to_fr" if "translation_en_to_fr" in known else known[0]
        if task not in tasks and known and task != "translation":
            raise ValueError(f"the model does not translate {languages(task)}; it knows {', '.join(known)}")
        return super()._of_the_model(task, model)


def languages(task: str) -> str:
    """ "translation_en_to_de" -> "from en to de"."""
    return "from " + task.removeprefix("translation_").replace("_", " ")
