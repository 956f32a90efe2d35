"""Record which arguments and attributes transformers 4.57.6 has, by name. In the oracle's environment:

    python tests/reference/record_names.py

Writes tests/reference/names.json.
"""

import inspect
import json
from pathlib import Path

import transformers
from transformers import GenerationConfig, PreTrainedTokenizerBase, PreTrainedTokenizerFast, pipelines
from transformers.generation.utils import GenerationMixin

TASKS = {
    "text-classification": pipelines.TextClassificationPipeline,
    "token-classification": pipelines.TokenClassificationPipeline,
    "question-answering": pipelines.QuestionAnsweringPipeline,
    "fill-mask": pipelines.FillMaskPipeline,
    "text-generation": pipelines.TextGenerationPipeline,
    "summarization": pipelines.SummarizationPipeline,
    "translation": pipelines.TranslationPipeline,
    "automatic-speech-recognition": pipelines.AutomaticSpeechRecognitionPipeline,
    "audio-classification": pipelines.AudioClassificationPipeline,
}
OF_NO_CALL = {"self", "kwargs", "args", "preprocess_params", "preprocess_parameters", "generate_kwargs", "init_inputs"}


def names(*functions) -> list[str]:
    """The parameters of functions, each once, without those that only collect others."""
    found = {name for function in functions for name in inspect.signature(function).parameters}
    return sorted(name for name in found - OF_NO_CALL if not name.startswith("_"))


def main() -> None:
    tokenizer, public = PreTrainedTokenizerBase, [name for name in dir(PreTrainedTokenizerFast) if name[0] != "_"]
    recorded = {
        "transformers": transformers.__version__,
        "pipelines": {task: names(kind._sanitize_parameters, kind.__call__) for task, kind in TASKS.items()},
        "pipeline": names(transformers.pipeline, pipelines.Pipeline.__init__),
        "generate": sorted(
            {*names(GenerationMixin.generate), *(name for name in vars(GenerationConfig()) if name[0] != "_")}
        ),
        "call": names(tokenizer.__call__),
        "pad": names(tokenizer.pad),
        "decode": [*names(tokenizer.decode), "spaces_between_special_tokens", "use_source_tokenizer"],
        "apply_chat_template": names(tokenizer.apply_chat_template),
        "from_pretrained": names(tokenizer.from_pretrained),
        "tokenizer": public,
        "model": [name for name in dir(GenerationMixin) if name[0] != "_"],
    }
    file = Path(__file__).parent / "names.json"
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(found)}" for name, found in recorded.items())
    file.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
