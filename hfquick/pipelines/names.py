"""What pipelines of transformers are given and ours are not: for all tasks, and for each kind of them."""

from ..i18n import N_
from ..utils.elsewhere import LEAVE_OUT, Other

MAKE = N_("give it where the pipeline is made: pipeline(..., {code})")
FIRST = N_("give it first and without a name: pipe({code})")
NO_LANGUAGE_MODEL = N_("no language model is read here, the best token of each frame is taken: leave it out")
TOKEN_IDS = N_("for token ids call the tokenizer and the model themselves: {code}")

EVERY_TASK = {
    # Texts are padded as the batch needs it, and it changes no score.
    "padding": Other(words=LEAVE_OUT, same=(True, False, "longest", "max_length", "do_not_pad")),
    "num_workers": Other(words=LEAVE_OUT, same=(0,)),
    "binary_output": Other(words=LEAVE_OUT, same=(False,)),
    "modelcard": Other(words=LEAVE_OUT),
    "return_tensors": Other("model(**tokenizer(text, return_tensors='pt'))", TOKEN_IDS, same=(False,)),
    "pipeline_class": Other("task, model, tokenizer", N_("call the class itself with {code}")),
    "use_auth_token": Other("token=..."),
    "topk": Other("top_k=..."),
    "inputs": Other("text", FIRST),
    "text_inputs": Other("text", FIRST),
    "text": Other("text", FIRST),
    "texts": Other("[text, text]", FIRST),
    "sentence": Other("text", FIRST),
    "sentences": Other("[text, text]", FIRST),
    "sequences": Other("text", FIRST),
    "args": Other("text", FIRST),
    **{
        name: Other(f"{name}=...", MAKE)
        for name in (
            "model", "config", "tokenizer", "image_processor", "feature_extractor", "processor", "framework", "device",
            "device_map", "dtype", "torch_dtype", "use_fast", "model_kwargs", "trust_remote_code", "revision", "token",
            "cache_dir", "local_files_only", "subfolder", "force_download", "task",
        )
    },
}  # fmt: skip

OF_CLASSIFICATION = EVERY_TASK | {
    "return_all_scores": Other("top_k=None", same=(False,)),
    "tokenizer_kwargs": Other("truncation=True, max_length=128"),
    "text_pair": Other("{'text': ..., 'text_pair': ...}", FIRST),
    "candidate_labels": Other("top_k=None", N_("the labels are those of the model, {code} gives all of them")),
}

OF_TOKENS = EVERY_TASK | {
    "grouped_entities": Other("aggregation_strategy='simple'", same=(False,)),
    "ignore_subwords": Other("aggregation_strategy='first'", same=(False,)),
    "tokenizer_kwargs": Other("truncation=True, max_length=128"),
    "tokenizer_params": Other("truncation=True, max_length=128"),
    "is_split_into_words": Other("' '.join(words)", FIRST, same=(False,)),
    "delimiter": Other("' '.join(words)", FIRST, same=(" ",)),
    "offset_mapping": Other(words=N_("each entity says where it stands: start and end")),
    "doc_stride": Other("stride=..."),
}

OF_ANSWERS = EVERY_TASK | {
    "max_length": Other("max_seq_len=..."),
    "truncation": Other(
        "max_seq_len=..., doc_stride=...",
        N_("a long context is read in windows, whole: {code} say how"),
        same=(True, False, "only_second"),
    ),
    "stride": Other("doc_stride=..."),
    "max_answer_length": Other("max_answer_len=..."),
    "max_question_len": Other(words=N_("a question is never cut here: leave it out")),
    "tokenizer_kwargs": Other("max_seq_len=..., doc_stride=..."),
    "version_2_with_negative": Other("handle_impossible_answer=True"),
    **{name: Other("question=..., context=...") for name in ("data", "X", "questions", "contexts", "text")},
}

OF_PICTURES = EVERY_TASK | {
    "images": Other("picture", FIRST),
    "image": Other("picture", FIRST),
    "timeout": Other(words=N_("a picture is waited for as long as is sensible: leave it out")),
    "candidate_labels": Other("top_k=None", N_("the labels are those of the model, {code} gives all of them")),
}

OF_PICTURE_QUESTIONS = EVERY_TASK | {
    "images": Other("image=..."),
    "questions": Other("question=..."),
    "text": Other("question=..."),
    "word_boxes": Other(words=N_("no text in a picture is read here: leave it out")),
    "tokenizer_kwargs": Other("truncation=True"),
    "timeout": Other(words=N_("a picture is waited for as long as is sensible: leave it out")),
}

OF_SOUNDS = EVERY_TASK | {
    "audio": Other("sound", FIRST),
    "raw_speech": Other("sound", FIRST),
    "raw": Other("{'array': samples, 'sampling_rate': 44_100}", FIRST),
    "array": Other("{'array': samples, 'sampling_rate': 44_100}", FIRST),
    "sampling_rate": Other("{'array': samples, 'sampling_rate': 44_100}", FIRST),
    "candidate_labels": Other("top_k=None", N_("the labels are those of the model, {code} gives all of them")),
}

OF_SPEECH = OF_SOUNDS | {
    "ignore_warning": Other(words=LEAVE_OUT, same=(True, False)),
    "decoder": Other(words=NO_LANGUAGE_MODEL),
    "decoder_kwargs": Other(words=NO_LANGUAGE_MODEL),
    "return_language": Other(
        words=N_("it belongs to Whisper, which hfquick does not have: leave it out"), same=(False,)
    ),
    **{
        name: Other(words=N_("a CTC model generates no tokens, it gives one for each frame: leave it out"), same=({},))
        for name in (
            "generate_kwargs", "max_new_tokens", "num_beams", "do_sample", "temperature", "language",
            "generation_config", "assistant_model", "assistant_tokenizer", "forced_decoder_ids",
        )
    },
}  # fmt: skip

OF_MASKS = EVERY_TASK | {
    "target": Other("targets=..."),
    "num_results": Other("top_k=..."),
}

OF_GENERATION = EVERY_TASK | {
    "return_text": Other("model.generate(**tokenizer(text, return_tensors='pt'))", TOKEN_IDS, same=(True,)),
    "return_tensors": Other("model.generate(**tokenizer(text, return_tensors='pt'))", TOKEN_IDS, same=(False,)),
    "return_type": Other("model.generate(**tokenizer(text, return_tensors='pt'))", TOKEN_IDS),
    "stop_sequence": Other(
        "stop_strings=..., eos_token_id=...", N_("here it is {code}: a text or a token that ends it")
    ),
    "prefix": Other("prefix + text", FIRST),
    "skip_special_tokens": Other(
        "tokenizer.decode(model.generate(**tokenizer(text, return_tensors='pt'))[0])",
        N_("for a text with its special tokens: {code}"),
        same=(True,),
    ),
    "add_special_tokens": Other("model.generate(**tokenizer(text, return_tensors='pt'))", TOKEN_IDS),
    "handle_long_generation": Other("truncation=True, max_new_tokens=..."),
    "tokenizer_kwargs": Other("truncation=True"),
    "tokenizer_encode_kwargs": Other("truncation=True"),
    "generate_kwargs": Other("max_new_tokens=30, num_beams=4", N_("give the options of generate themselves: {code}")),
    "continue_final_message": Other(
        "text", N_("to continue a message give the text alone: pipe({code})"), same=(False,)
    ),
    "forward_params": Other("max_new_tokens=30", N_("give the options of generate themselves: {code}")),
}

OF_TRANSLATION = OF_GENERATION | {
    "src_lang": Other("pipeline('translation_en_to_fr')", N_("the task names both languages: {code}")),
    "tgt_lang": Other("pipeline('translation_en_to_fr')", N_("the task names both languages: {code}")),
}
