"""Record what transformers 4.57.6 makes of calls of the pipelines that write. In the oracle's environment:

    python tests/reference/record_writing.py

Writes tiny random models into tests/reference/pipelines/{write-gpt2,say-t5,say-bart} and writing.json beside them.
"""

import json
import shutil
import warnings
from pathlib import Path

import torch
import transformers
from record_text_pipelines import FOLDER, plain

SMALL = {"vocab_size": 300}
PROMPTS = ["We are here", "L'été à Paris", "🤗 is , not . here !", "a", "The library of Paris lent seven books"]
WRITE_CALLS = [
    {"max_new_tokens": 8},
    {"max_new_tokens": 6, "return_full_text": False},
    {"max_new_tokens": 5, "num_beams": 3, "num_return_sequences": 2},
    {"max_new_tokens": 7, "clean_up_tokenization_spaces": False},
    {"max_new_tokens": 6, "no_repeat_ngram_size": 2},
]
SAY_CALLS = [
    {"max_new_tokens": 8},
    {},
    {"num_beams": 1, "max_length": 12},
    {"num_return_sequences": 2, "max_length": 9},
]
T5_CALLS = [  # not by max_length: transformers' own 256 new tokens come before those of T5's task and of the call
    {"max_new_tokens": 8},
    {"num_beams": 1, "max_new_tokens": 6},
    {"num_return_sequences": 2, "max_new_tokens": 7},
]


def tokenizer_of(kind: str, folder: Path) -> transformers.PreTrainedTokenizerBase:
    """A byte-level tokenizer learnt from a few lines, with the special tokens of its model."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    special = {"gpt2": ["<|endoftext|>"], "t5": ["<pad>", "</s>", "<unk>"], "bart": ["<s>", "<pad>", "</s>", "<unk>"]}[
        kind
    ]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([*PROMPTS, "translate English to French: summarize"] * 3, trainer)
    if kind == "t5":
        tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    if kind == "bart":
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    names = {
        "gpt2": {"eos_token": special[0], "bos_token": special[0], "unk_token": special[0]},
        "t5": {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"},
        "bart": {
            "bos_token": "<s>",
            "cls_token": "<s>",
            "pad_token": "<pad>",
            "eos_token": "</s>",
            "sep_token": "</s>",
        },
    }[kind]
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **names)


def model_of(kind: str) -> transformers.PreTrainedModel:
    """A tiny model with wide weights, which says what its config.json says."""
    if kind == "gpt2":
        config = transformers.GPT2Config(
            **SMALL, n_embd=32, n_layer=2, n_head=4, n_positions=64, bos_token_id=0, eos_token_id=0,
            task_specific_params={"text-generation": {"do_sample": False, "max_length": 30}},
        )  # fmt: skip
        model = transformers.GPT2LMHeadModel(config)
    elif kind == "t5":
        task = {"early_stopping": True, "max_length": 19, "num_beams": 4, "prefix": "translate English to French: "}
        config = transformers.T5Config(
            **SMALL, d_model=32, d_kv=8, num_heads=4, d_ff=48, num_layers=2, decoder_start_token_id=0,
            task_specific_params={"translation_en_to_fr": task, "summarization": {**task, "prefix": "summarize: "}},
        )  # fmt: skip
        model = transformers.T5ForConditionalGeneration(config)
    else:
        config = transformers.BartConfig(
            **SMALL, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
            decoder_attention_heads=4, encoder_ffn_dim=48, decoder_ffn_dim=48, max_position_embeddings=64,
            bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=2,
        )  # fmt: skip
        model = transformers.BartForConditionalGeneration(config)
        model.generation_config.update(max_length=18, min_length=4, no_repeat_ngram_size=3, num_beams=4)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3)
    return model.eval()


def main() -> None:
    results = []
    for name, task, calls in (
        ("write-gpt2", "text-generation", WRITE_CALLS),
        ("say-t5", "translation_en_to_fr", T5_CALLS),
        ("say-t5", "summarization", T5_CALLS),
        ("say-bart", "summarization", SAY_CALLS),
    ):
        kind = name.partition("-")[2]
        torch.manual_seed(0)
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        model, tokenizer = model_of(kind), tokenizer_of(kind, FOLDER / name)
        model.save_pretrained(FOLDER / name)
        tokenizer.save_pretrained(FOLDER / name)
        for options in calls:
            pipe = transformers.pipeline(task, model=str(FOLDER / name), tokenizer=tokenizer, device="cpu")
            one, many = pipe(PROMPTS[0], **options), pipe(PROMPTS, **options)
            results.append({"model": name, "task": task, "options": options, "one": plain(one), "many": plain(many)})
    lines = ",\n".join(json.dumps(call, ensure_ascii=False) for call in results)
    about = json.dumps({"transformers": transformers.__version__, "texts": PROMPTS}, ensure_ascii=False)
    (FOLDER / "writing.json").write_text(f'{about[:-1]}, "results": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    main()
