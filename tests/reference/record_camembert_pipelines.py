"""Record what transformers 4.57.6 makes of texts with CamemBERT and XLM-RoBERTa. In the oracle's environment, with
sentencepiece and protobuf:

    python tests/reference/record_camembert_pipelines.py

Writes tiny random models and tests/reference/pipelines/camembert.json. CamemBERT's have tokenizer.json, XLM-RoBERTa's
sentencepiece.bpe.model in its place.
"""

import shutil
import warnings

import torch
import transformers
from record_text_pipelines import ENTITY_CALLS, FOLDER, HERE, LABELS, LONG, SIZES, SurestWindow, plain, save

LIMIT = 64
STARTS = {  # of the names of the models
    "fill-mask": "fill",
    "token-classification": "ner",
    "question-answering": "qa",
    "text-classification": "class",
}
KINDS = {"camembert": (5, 6), "xlm-roberta": (0, 2)}  # ids of the tokens around a text
TEXTS = [
    "Le petit chat était assis près de la fenêtre.",
    "Ada Lovelace, de Londres, a écrit à Babbage ; la réponse est venue de Paris.",
    "",
    "   ",
    "L'été à Paris 🤗 est très agréable (pour les éditeurs) : ½ ﬁn.",
    "مرحبا بالعالم hello",
    LONG,
]
QUESTIONS = [
    ("Où est le chat ?", TEXTS[0]),
    ("Qui a écrit à Babbage ?", TEXTS[1]),
    ("Quand ?", TEXTS[4]),
    ("How many books?", LONG),
    ("Where?", "London,  Paris; london and London. Not Paris!"),
]
ANSWER_CALLS = [
    {},
    {"top_k": 3},
    {"handle_impossible_answer": True},
    {"doc_stride": 7, "max_seq_len": 40},
    {"align_to_words": False, "top_k": 2},
]
MASKED = [
    "Le chat est <mask>.",
    "<mask> est à Paris, l'été comme <mask> !",
    "<mask>",
    "🤗 <mask>  مرحبا",
    "Il est<mask>là",
]
WORD_CALLS = [{}, {"top_k": 1}, {"top_k": 3, "targets": ["chat", "est", "zut"]}, {"targets": "▁la"}]
CLASS_CALLS = [{}, {"top_k": None}, {"top_k": 2}, {"truncation": True}]


def build(name: str, kind: str, head: str, **config) -> tuple:
    """A tiny model with wide random weights, and the tokenizer of its kind, saved under a name."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(
        HERE / "tokenizers" / f"{kind}-sentencepiece", model_max_length=LIMIT
    )
    bos, eos = KINDS[kind]
    sizes = {**SIZES, "vocab_size": len(tokenizer), "max_position_embeddings": LIMIT + 2, "type_vocab_size": 1}
    made = transformers.AutoConfig.for_model(
        kind, **sizes, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=bos, eos_token_id=eos, **config
    )
    model = getattr(transformers, f"AutoModelFor{head}").from_config(made).eval()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / ("tokenizer.json" if kind == "xlm-roberta" else "sentencepiece.bpe.model")).unlink()
    return model, tokenizer


def record(task: str, kind: str, head: str, calls: list, inputs: list, **config) -> list:
    """The results of every call, one input after the other."""
    name = f"{STARTS[task]}-{kind}"
    model, tokenizer = build(name, kind, head, **config)
    kind = SurestWindow if task == "question-answering" else None
    pipe = transformers.pipeline(task, model=model, tokenizer=tokenizer, device="cpu", pipeline_class=kind)
    results = []
    for options in calls:
        fitting = [one for one in inputs if one is not LONG or task != "text-classification" or "truncation" in options]
        many = [pipe(**one, **options) if isinstance(one, dict) else pipe(one, **options) for one in fitting]
        results.append({"task": task, "model": name, "options": options, "inputs": fitting, "many": plain(many)})
    return results


def main() -> None:
    results, pairs = [], [{"question": question, "context": context} for question, context in QUESTIONS]
    for kind in KINDS:
        results += record("fill-mask", kind, "MaskedLM", WORD_CALLS, MASKED)
        results += record("token-classification", kind, "TokenClassification", ENTITY_CALLS, TEXTS, id2label=LABELS)
        results += record("question-answering", kind, "QuestionAnswering", ANSWER_CALLS, pairs)
        results += record("text-classification", kind, "SequenceClassification", CLASS_CALLS, TEXTS, num_labels=3)
    save("camembert", results=results)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    main()
