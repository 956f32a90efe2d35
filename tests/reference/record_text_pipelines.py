"""Record what transformers 4.57.6 makes of calls for entities, answers and hidden words. In the oracle's environment:

    python tests/reference/record_text_pipelines.py

Writes tiny random models and tests/reference/pipelines/{token_classification,question_answering,
question_answering_left,fill_mask}.json.
"""

import json
import shutil
import warnings
from pathlib import Path

import torch
import transformers

HERE = Path(__file__).parent
FOLDER = HERE / "pipelines"
LONG = " ".join(
    f"In {year} the library of Paris lent {year % 97} books to readers, été comme hiver." for year in range(1900, 1906)
)
TEXTS = [
    "We are here",
    "Ada Lovelace, of London, wrote to Babbage about the engine; the answer came from Paris.",
    "",
    "   ",
    "L'été à Paris 🤗 est très agréable (pour les éditeurs).",
    "مرحبا بالعالم hello",
    "unaffable unbelievableness\x00 retokenization",
    LONG,
]
ENTITY_CALLS = [
    {},
    {"ignore_labels": []},
    {"ignore_labels": ["O", "LOC"], "aggregation_strategy": "simple"},
    *({"aggregation_strategy": name} for name in ("simple", "first", "average", "max")),
    *({"aggregation_strategy": name, "stride": 5} for name in ("simple", "first", "average", "max")),
    {"aggregation_strategy": "simple", "stride": 0, "ignore_labels": []},
]
QUESTIONS = [
    ("Where are the two of us at noon?", "We are here"),
    ("Who wrote it?", TEXTS[1]),
    ("Quand ?", TEXTS[4]),
    ("what", "مرحبا بالعالم hello 🤗"),
    ("How many books?", LONG),
    ("Where?", "London, Paris; london and London. Not Paris!"),
    ("Who?", "   "),
]
ANSWER_CALLS = [
    {},
    {"top_k": 3},
    {"max_answer_len": 2},
    {"handle_impossible_answer": True},
    {"handle_impossible_answer": True, "top_k": 4, "max_answer_len": 4},
    {"doc_stride": 7, "max_seq_len": 40},
    {"doc_stride": 0, "top_k": 2},
    {"align_to_words": False, "top_k": 2},
]
MASKED = [
    "We are [MASK] .",
    "The [MASK] is in Paris, été comme [MASK]!",
    "[MASK]",
    "🤗 [MASK] مرحبا",
    "no! [MASK]? yes: a",
]
WORD_CALLS = [{}, {"top_k": 1}, {"top_k": 3, "targets": ["here", "there", "is"]}, {"targets": "we"}]
SIZES = {"num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 16, "intermediate_size": 20}
LABELS = dict(enumerate(["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "MISC"]))
POSITIONS = 64


def build(name: str, kind: str, head: str, **config) -> tuple:
    """A tiny model with wide random weights, and the tokenizer of its kind, saved under a name."""
    source = {"BERT": "bert-json", "DistilBERT": "distilbert-json", "RoBERTa": "roberta-json"}[kind]
    tokenizer = transformers.AutoTokenizer.from_pretrained(HERE / "tokenizers" / source, model_max_length=POSITIONS)
    if kind == "DistilBERT":
        sizes = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 20, "max_position_embeddings": POSITIONS}
        made = transformers.DistilBertConfig(**sizes, **config)
    elif kind == "RoBERTa":
        pad = tokenizer.pad_token_id
        made = transformers.RobertaConfig(
            **SIZES, type_vocab_size=1, pad_token_id=pad, max_position_embeddings=POSITIONS + pad + 1, **config
        )
    else:
        made = transformers.BertConfig(**SIZES, max_position_embeddings=POSITIONS, **config)
    made.vocab_size = len(tokenizer)
    model = getattr(transformers, f"AutoModelFor{head}").from_config(made).eval()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    shutil.rmtree(FOLDER / name, ignore_errors=True)
    model.save_pretrained(FOLDER / name)
    tokenizer.save_pretrained(FOLDER / name)
    return model, tokenizer


def plain(result):
    """Numbers of NumPy as numbers of Python, with 7 digits."""
    if isinstance(result, dict):
        return {name: plain(value) for name, value in result.items()}
    if isinstance(result, list):
        return [plain(value) for value in result]
    result = result.item() if hasattr(result, "item") else result
    return round(result, 7) if isinstance(result, float) else result


def save(name: str, **recorded) -> None:
    """Write what was recorded, a call on a line."""
    results = ",\n".join(json.dumps(call, ensure_ascii=False) for call in recorded.pop("results"))
    about = json.dumps({"transformers": transformers.__version__, **recorded}, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(f'{about[:-1]}, "results": [\n{results}\n]}}\n', encoding="utf-8")


def entities() -> None:
    results = []
    for name, kind in (("ner-bert", "BERT"), ("ner-distilbert", "DistilBERT"), ("ner-roberta", "RoBERTa")):
        model, tokenizer = build(name, kind, "TokenClassification", id2label=LABELS)
        pipe = transformers.pipeline("ner", model=model, tokenizer=tokenizer, device="cpu")
        for options in ENTITY_CALLS:
            results.append({"model": name, "options": options, "many": plain(pipe(TEXTS, **options))})
    save("token_classification", texts=TEXTS, results=results)


def answers() -> None:
    results = []
    for name, kind in (("qa-bert", "BERT"), ("qa-distilbert", "DistilBERT"), ("qa-roberta", "RoBERTa")):
        model, tokenizer = build(name, kind, "QuestionAnswering")
        pipe = SurestWindow(model=model, tokenizer=tokenizer, device="cpu")
        for options in ANSWER_CALLS:
            many = [pipe(question=question, context=context, **options) for question, context in QUESTIONS]
            results.append({"model": name, "options": options, "many": plain(many)})
    save("question_answering", questions=QUESTIONS, results=results)


class SurestWindow(transformers.QuestionAnsweringPipeline):
    """4.57.6 adds up what overlapping windows say of one place, so scores rise above 1: here the surest one counts."""

    def postprocess(self, windows, top_k=1, handle_impossible_answer=False, **options):
        found = {}
        for window in windows:
            for answer in listed(super().postprocess([window], top_k=top_k, **options)):
                words = answer["answer"].lower()
                if words not in found or answer["score"] > found[words]["score"]:
                    found[words] = answer
        answers = list(found.values())
        if handle_impossible_answer:
            everything = super().postprocess(windows, top_k=10_000, handle_impossible_answer=True, **options)
            answers.append(next(answer for answer in listed(everything) if not answer["end"]))
        answers = sorted(answers, key=lambda answer: -answer["score"])[:top_k]
        return answers[0] if len(answers) == 1 else answers


def listed(answers) -> list:
    return answers if isinstance(answers, list) else [answers]


class ContextFirst(SurestWindow):
    """With padding on the left 4.57.6 has the question last, and forgets that no answer is in it: that is mended here.

    Its answers would be words of the question then, named by places in the context that may end before they start.
    """

    def preprocess(self, example, **options):
        for features in super().preprocess(example, **options):
            context = torch.tensor([part == 0 for part in features["encoding"].sequence_ids])
            features["p_mask"] = (~context & (features["input_ids"] != self.tokenizer.cls_token_id)).long()
            yield features


def answers_left() -> None:
    """The same questions of the same models, whose tokenizers pad on the left; one by one, so that none is padded."""
    results = []
    for name in ("qa-bert", "qa-distilbert", "qa-roberta"):
        model = transformers.AutoModelForQuestionAnswering.from_pretrained(FOLDER / name)
        tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER / name, padding_side="left")
        pipe = ContextFirst(model=model, tokenizer=tokenizer, device="cpu")
        for options in ANSWER_CALLS:
            many = [pipe(question=question, context=context, **options) for question, context in QUESTIONS]
            results.append({"model": name, "options": options, "many": plain(many)})
    save("question_answering_left", questions=QUESTIONS, results=results)


def words() -> None:
    results = []
    for name, kind in (("fill-bert", "BERT"), ("fill-distilbert", "DistilBERT"), ("fill-roberta", "RoBERTa")):
        model, tokenizer = build(name, kind, "MaskedLM")
        pipe = transformers.pipeline("fill-mask", model=model, tokenizer=tokenizer, device="cpu")
        texts = [text.replace("[MASK]", tokenizer.mask_token) for text in MASKED]
        for options in WORD_CALLS:
            # one by one: with several masks a list of all texts is refused where targets are few
            results.append(
                {
                    "model": name,
                    "options": options,
                    "texts": texts,
                    "many": [plain(pipe(text, **options)) for text in texts],
                }
            )
    save("fill_mask", results=results)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    entities()
    answers()
    answers_left()
    words()
