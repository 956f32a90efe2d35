"""What tokenizers of transformers have under other names, or have had: keywords of calls and of loading, attributes."""

from ..hub import keywords as hub
from ..i18n import N_
from ..utils.elsewhere import LEAVE_OUT, Other

TEMPLATE = N_("hfquick puts messages alone into the template; write it into a message")
OF_MODEL = N_("it is for the model: {code}")
OF_LANGUAGES = N_("a vocabulary for each of several languages is not read; take a model of one language")
OF_VOCABULARY = N_("the settings of a vocabulary are in tokenizer.json: leave it out")

CALL = {
    "verbose": Other(words=LEAVE_OUT, same=(True, False)),
    "split_special_tokens": Other(words=N_("special tokens in a text are always found: leave it out"), same=(False,)),
    "pad_to_max_length": Other("padding='max_length'", same=(False,)),
    "truncation_strategy": Other("truncation=True"),
    "truncate": Other("truncation=True"),
    "max_len": Other("max_length=..."),
    "max_target_length": Other("text_target=..., max_length=..."),
    "src_texts": Other("tokenizer(texts, text_target=...)"),
    "tgt_texts": Other("text_target=..."),
    "texts": Other("tokenizer(texts)"),
    "return_input_lengths": Other("return_length=True"),
    "return_special_tokens_masks": Other("return_special_tokens_mask=True"),
    "batch_text_or_text_pairs": Other("tokenizer(texts)"),
    "add_prefix_space": Other("from_pretrained(..., add_prefix_space=True)"),
    "return_dict": Other(words=LEAVE_OUT, same=(True,)),
    "src_lang": Other(words=N_("the language stands in the text, as the model was trained: leave it out")),
    "tgt_lang": Other("forced_bos_token_id", N_("generate has {code} for it")),
}

DECODE = {
    "use_source_tokenizer": Other(words=LEAVE_OUT, same=(True, False)),
    "spaces_between_special_tokens": Other(words=LEAVE_OUT, same=(True,)),
    "verbose": CALL["verbose"],
}

CTC_DECODE = {"use_source_tokenizer": DECODE["use_source_tokenizer"], "verbose": CALL["verbose"]}

TEMPLATES = {
    "tools": Other(words=TEMPLATE),
    "documents": Other(words=TEMPLATE),
    "chat_template": Other("tokenizer.chat_template = ..."),
    "continue_final_message": Other("add_generation_prompt=True", same=(False,)),
    "return_assistant_tokens_mask": Other("return_offsets_mapping=True", same=(False,)),
    "tokenizer_kwargs": Other("max_length=..., truncation=True"),
    "conversations": Other("apply_chat_template(messages)"),
}

LOADING = hub.LOADING | {
    "use_auth_token": Other("token=..."),
    "max_len": Other("model_max_length=..."),
    "max_length": Other("model_max_length=..."),
    "config": Other(words=N_("a tokenizer is found by its own files: leave it out")),
    "verbose": CALL["verbose"],
    "from_slow": Other(words=OF_VOCABULARY, same=(False,)),
    "legacy": Other(words=OF_VOCABULARY),
    "tokenizer_type": Other("tokenizer_class=..."),
    "vocab_file": Other("AutoTokenizer.from_pretrained(folder)"),
    "merges_file": Other("AutoTokenizer.from_pretrained(folder)"),
    "src_lang": CALL["src_lang"],
    "tgt_lang": CALL["tgt_lang"],
    "target_lang": Other(words=OF_LANGUAGES),
    **{
        name: Other(f"AutoModel.from_pretrained(..., {name}=...)", OF_MODEL)
        for name in ("torch_dtype", "dtype", "device")
    },
}

ATTRIBUTES = {
    "set_target_lang": Other(words=OF_LANGUAGES),
    "target_lang": Other(words=OF_LANGUAGES),
    "as_target_tokenizer": Other("tokenizer(texts, text_target=targets)"),
    "prepare_seq2seq_batch": Other("tokenizer(texts, text_target=targets)"),
    "encode_plus": Other("tokenizer(text)"),
    "batch_encode_plus": Other("tokenizer(texts)"),
    "prepare_for_model": Other("tokenizer(text)"),
    "build_inputs_with_special_tokens": Other("tokenizer(text)"),
    "create_token_type_ids_from_sequences": Other("tokenizer(text, pair, return_token_type_ids=True)"),
    "get_special_tokens_mask": Other("tokenizer(text, return_special_tokens_mask=True)"),
    "truncate_sequences": Other("tokenizer(text, truncation=True, max_length=...)"),
    "set_truncation_and_padding": Other("tokenizer(text, truncation=..., padding=...)"),
    "train_new_from_iterator": Other(
        "PreTrainedTokenizerFast(tokenizer_object=...)",
        N_("train one with the tokenizers library, {code} makes a tokenizer of it"),
    ),
    "max_len": Other("model_max_length"),
    "max_len_single_sentence": Other("model_max_length - num_special_tokens_to_add()"),
    "max_len_sentences_pair": Other("model_max_length - num_special_tokens_to_add(pair=True)"),
    "added_tokens_encoder": Other("get_added_vocab()"),
    "added_tokens_decoder": Other("get_added_vocab()"),
    "get_chat_template": Other("chat_template"),
    "save_chat_templates": Other("save_pretrained(folder)"),
    "encode_message_with_chat_template": Other("apply_chat_template(messages)"),
    "save_vocabulary": Other("save_pretrained(folder)"),
    "clean_up_tokenization": Other("decode(ids, clean_up_tokenization_spaces=True)"),
    "sanitize_special_tokens": Other("add_special_tokens({...})"),
    "special_tokens_map_extended": Other("special_tokens_map"),
    "all_special_tokens_extended": Other("all_special_tokens"),
    "SPECIAL_TOKENS_ATTRIBUTES": Other("special_tokens_map"),
    "convert_added_tokens": Other("get_added_vocab()"),
    "slow_tokenizer_class": Other(words=N_("hfquick has fast tokenizers only")),
    "can_save_slow_tokenizer": Other(words=N_("hfquick has fast tokenizers only")),
    "vocab_files_names": Other("save_pretrained(folder)", N_("{code} gives the names of the files")),
    "pretrained_vocab_files_map": Other("save_pretrained(folder)", N_("{code} gives the names of the files")),
    "register_for_auto_class": Other("push_to_hub(...)"),
    "decoder": Other("backend_tokenizer.decoder"),
    "encoder": Other("get_vocab()"),
    "ids_to_tokens": Other("convert_ids_to_tokens(ids)"),
}
