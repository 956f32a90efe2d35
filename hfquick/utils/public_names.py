"""Classes and functions that scripts import from transformers, and what does the same here."""

from ..i18n import N_, Said
from .elsewhere import Other, instead

OPTIONS = N_("here it is an option of generate: {code}")
TABLE = {
    "logging": Other(words=N_("hfquick keeps no log, it prints one-line notices: leave it out")),
    "enable_full_determinism": Other("set_seed"),
    "AdamW": Other("torch.optim.AdamW"),
    "Adafactor": Other("torch.optim.Adafactor"),
    "AdamWeightDecay": Other("keras.optimizers.AdamW"),
    "create_optimizer": Other("keras.optimizers.AdamW"),
    "AutoModelWithLMHead": Other("AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSeq2SeqLM"),
    "AutoModelForPreTraining": Other("AutoModelForMaskedLM"),
    "AutoModelForNextSentencePrediction": Other("AutoModelForSequenceClassification"),
    "StoppingCriteria": Other("stop_strings, eos_token_id, max_new_tokens", OPTIONS),
    "StoppingCriteriaList": Other("stop_strings, eos_token_id, max_new_tokens", OPTIONS),
    "LogitsProcessor": Other("repetition_penalty, bad_words_ids, suppress_tokens", OPTIONS),
    "LogitsProcessorList": Other("repetition_penalty, bad_words_ids, suppress_tokens", OPTIONS),
    "TextIteratorStreamer": Other("TextStreamer"),
    "BitsAndBytesConfig": Other("from_pretrained(..., dtype='bfloat16')"),
    "PreTrainedTokenizer": Other("PreTrainedTokenizerFast"),
    "PreTrainedTokenizerBase": Other("PreTrainedTokenizerFast"),
    "DataCollator": Other("DataCollatorWithPadding"),
    "HfArgumentParser": Other("argparse.ArgumentParser"),
    "IntervalStrategy": Other("'no', 'steps', 'epoch'"),
    "SchedulerType": Other("'linear', 'cosine', 'constant'"),
    "is_torch_available": Other("importlib.util.find_spec('torch')"),
    "is_tf_available": Other("importlib.util.find_spec('tensorflow')"),
    "Pipeline": Other("hfquick.pipelines.Pipeline"),
    **{
        f"get_{kind}_schedule{end}": Other(f"get_scheduler('{name}', ...)")
        for kind, end, name in (
            ("linear", "_with_warmup", "linear"),
            ("cosine", "_with_warmup", "cosine"),
            ("constant", "", "constant"),
            ("constant", "_with_warmup", "constant_with_warmup"),
        )
    },
}


def public_name(name: str, known: list[str]) -> Said | str:
    """What to try in place of a name that hfquick does not have, or an empty text."""
    if name not in TABLE and name.endswith(("Tokenizer", "TokenizerFast")):
        return instead(name, {name: Other("AutoTokenizer.from_pretrained(...)")})
    return instead(name, TABLE, known)
