"""Record what transformers 4.57.6 makes of text-classification calls. In the oracle's environment, from the top folder:

    python tests/reference/record_pipelines.py

Writes tiny random models and tests/reference/pipelines/text_classification.json.
"""

import json
import shutil
from pathlib import Path

import torch
import transformers

HERE = Path(__file__).parent
FOLDER = HERE / "pipelines"
TEXTS = [
    "We are here",
    "a much longer text, with many more tokens than the others have, and it ends here",
    "",
    "No",
    "We are not here; they are.",
    "été à Paris",
]
PAIR = {"text": "We are here", "text_pair": "and they are not"}
CALLS = [
    {},
    {"top_k": None},
    {"top_k": 1},
    {"top_k": 2},
    {"function_to_apply": "softmax", "top_k": None},
    {"function_to_apply": "sigmoid", "top_k": None},
    {"function_to_apply": "none", "top_k": None},
]


def models() -> dict:
    bert = {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 20,
        "max_position_embeddings": 64,
    }
    distil = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 20, "max_position_embeddings": 64}
    return {
        "three-labels": transformers.BertConfig(**bert, id2label={0: "bad", 1: "so-so", 2: "good"}),
        "several-labels": transformers.BertConfig(**bert, num_labels=3, problem_type="multi_label_classification"),
        "one-label": transformers.DistilBertConfig(**distil, num_labels=1),
        "number": transformers.DistilBertConfig(**distil, num_labels=1, problem_type="regression"),
    }


def main() -> None:
    torch.manual_seed(0)
    recorded = {"transformers": transformers.__version__, "texts": TEXTS, "pair": PAIR, "results": []}
    for name, config in models().items():
        tokenizer = transformers.AutoTokenizer.from_pretrained(HERE / "tokenizers" / f"{config.model_type}-json")
        config.vocab_size = len(tokenizer)
        model = transformers.AutoModelForSequenceClassification.from_config(config).eval()
        for parameter in model.parameters():
            parameter.data += 0.3 * torch.randn_like(parameter)
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        model.save_pretrained(FOLDER / name)
        tokenizer.save_pretrained(FOLDER / name)
        pipe = transformers.pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
        for options in CALLS:
            recorded["results"].append(
                {
                    "model": name,
                    "options": options,
                    "one": pipe(TEXTS[0], **options),
                    "many": pipe(TEXTS, **options),
                    "pair": pipe(PAIR, **options),
                    "stream": list(pipe((text for text in TEXTS), **options)),
                }
            )
    (FOLDER / "text_classification.json").write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
