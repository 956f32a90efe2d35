"""hfquick and transformers 5 on one GPU, in turn in one run: a list of texts, a generated text, steps of training.

python benchmarks/gpu.py [--rounds 3] [--device cuda]

Full-size DistilBERT and GPT-2, randomly initialised. Prints the ratio of the medians, transformers' seconds to ours.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import torch
from common import full_size_folder, in_turn, mixed_lengths, texts

ROWS, BATCH, NEW_TOKENS = 512, 32, 64


def causal_folder() -> Path:
    from hfquick import GPT2Config
    from hfquick.models.gpt2.modeling_gpt2 import GPT2LMHeadModel

    folder = Path(tempfile.gettempdir()) / "hfquick-benchmark-gpt2"
    if not (folder / "config.json").exists():
        torch.manual_seed(0)
        GPT2LMHeadModel.from_config(GPT2Config()).save_pretrained(folder)
    return folder


def classify(library, tokenizer, model, data: list[str], device: str):
    pipe = library.pipeline("text-classification", model=model, tokenizer=tokenizer, device=device)
    options = {} if library.__name__ == "hfquick" else {"batch_size": BATCH}
    return lambda: finished(lambda: pipe(data, truncation=True, **options))


def generate(model, device: str):
    prompt = torch.arange(5, 37, device=device)[None].repeat(8, 1)
    options = {"max_new_tokens": NEW_TOKENS, "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
    return lambda: finished(lambda: model.generate(prompt, attention_mask=torch.ones_like(prompt), **options))


def train(library, tokenizer, model, data: list[str], device: str, **precision: bool):
    rows = [{**tokenizer(text, truncation=True), "label": index % 2} for index, text in enumerate(data)]
    arguments = library.TrainingArguments(
        tempfile.mkdtemp(), per_device_train_batch_size=BATCH, max_steps=10, save_strategy="no", report_to="none",
        disable_tqdm=True, use_cpu=device == "cpu", **precision,
    )  # fmt: skip
    trainer = library.Trainer(
        model, arguments, train_dataset=rows, data_collator=library.DataCollatorWithPadding(tokenizer)
    )
    return lambda: finished(trainer.train)


def finished(work) -> None:
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cuda")
    given = parser.parse_args()

    import transformers

    import hfquick

    folder, causal = str(full_size_folder()), str(causal_folder())
    data = texts(mixed_lengths(ROWS))
    print(
        torch.cuda.get_device_name(0) if given.device == "cuda" else "CPU",
        "torch",
        torch.__version__,
        "transformers",
        transformers.__version__,
    )
    sides = {"transformers": transformers, "hfquick": hfquick}
    works = {}
    for dtype in (torch.float32, torch.bfloat16):
        name = str(dtype).removeprefix("torch.")
        works[f"{ROWS} texts of mixed length, {name}"] = {}
        works[f"8 prompts, {NEW_TOKENS} tokens, {name}"] = {}
        for side, library in sides.items():
            tokenizer = library.AutoTokenizer.from_pretrained(folder)
            model = library.AutoModelForSequenceClassification.from_pretrained(folder, dtype=dtype).eval()
            works[f"{ROWS} texts of mixed length, {name}"][side] = classify(
                library, tokenizer, model, data, given.device
            )
            model = library.AutoModelForCausalLM.from_pretrained(causal, dtype=dtype).eval().to(given.device)
            works[f"8 prompts, {NEW_TOKENS} tokens, {name}"][side] = generate(model, given.device)
    for name, precision in (("float32", {}), ("bf16", {"bf16": True})):
        works[f"10 steps of {BATCH}, {name}"] = {
            side: train(
                library, library.AutoTokenizer.from_pretrained(folder),
                library.AutoModelForSequenceClassification.from_pretrained(folder), data, given.device, **precision,
            )
            for side, library in sides.items()
        }  # fmt: skip
    print("| work | transformers, s | hfquick, s | ratio |\n|---|---|---|---|")
    for what, both in works.items():
        seconds = {side: statistics.median(times) for side, times in in_turn(both, given.rounds).items()}
        ratio = seconds["transformers"] / seconds["hfquick"]
        print(f"| {what} | {seconds['transformers']:.3f} | {seconds['hfquick']:.3f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
