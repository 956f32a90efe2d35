"""What `generate` of transformers is given, in its call or in a generation_config.json, and ours is not.

`same` holds the values with which an option does nothing: a file may hold them, too.
"""

from ..i18n import N_
from ..utils.elsewhere import LEAVE_OUT, NO_CODE, Other

LACKING = N_("hfquick does not have it, nearest is {code}")
BEAMS = N_("hfquick has no such beam search, nearest is {code}")
FASTER = N_("it gives the same text in less time elsewhere, and hfquick does not have it: leave it out")
ENDS = N_("here these options end a text: {code}")
PROCESSES = N_("here these options change the scores of tokens: {code}")
NUMBERS = N_("here scores that are no numbers are an error; try {code}")
AFTERWARDS = N_("call the model with what was generated: {code}")

# Options that change a text: one line tells of a file that asks for them, for its results will differ.
UNSUPPORTED: dict[str, Other] = {
    "assistant_early_exit": Other(words=FASTER),
    "constraints": Other("bad_words_ids, forced_bos_token_id", BEAMS),
    "diversity_penalty": Other("do_sample=True, num_return_sequences=3", BEAMS, same=(0, 0.0)),
    "encoder_repetition_penalty": Other("repetition_penalty", LACKING, same=(1, 1.0)),
    "epsilon_cutoff": Other("min_p", LACKING, same=(0, 0.0)),
    "eta_cutoff": Other("min_p", LACKING, same=(0, 0.0)),
    "exponential_decay_length_penalty": Other("length_penalty", LACKING),
    "force_words_ids": Other("bad_words_ids, forced_bos_token_id", BEAMS),
    "guidance_scale": Other("bad_words_ids", LACKING, same=(1, 1.0)),
    "num_beam_groups": Other("do_sample=True, num_return_sequences=3", BEAMS, same=(1,)),
    "penalty_alpha": Other("no_repeat_ngram_size, repetition_penalty", LACKING, same=(0, 0.0)),
    "sequence_bias": Other("bad_words_ids, suppress_tokens", LACKING),
    "typical_p": Other("top_p, min_p", LACKING, same=(1, 1.0)),
    "watermarking_config": Other(words=N_("hfquick marks no texts: leave it out")),
}

# Others, of a call.
OTHERS: dict[str, Other] = UNSUPPORTED | {
    "stopping_criteria": Other("stop_strings, eos_token_id, max_new_tokens", ENDS),
    "logits_processor": Other(
        "repetition_penalty, no_repeat_ngram_size, bad_words_ids, suppress_tokens",
        PROCESSES,
    ),
    "logits_warper": Other("temperature, top_k, top_p, min_p", PROCESSES),
    "prefix_allowed_tokens_fn": Other("bad_words_ids, suppress_tokens", LACKING),
    "max_time": Other("max_new_tokens", ENDS),
    "stop_sequence": Other("stop_strings=..., tokenizer=tokenizer"),
    "stop_token_id": Other("eos_token_id=..."),
    "num_beam": Other("num_beams=..."),
    "negative_prompt_ids": Other("bad_words_ids", LACKING),
    "negative_prompt_attention_mask": Other("bad_words_ids", LACKING),
    "custom_generate": Other(words=NO_CODE),
    "use_model_defaults": Other(
        "generation_config=GenerationConfig(...)",
        N_("what is not given comes from the model, {code} overrides it"),
        same=(True,),
    ),
    "synced_gpus": Other(words=LEAVE_OUT, same=(False,)),
    **{
        name: Other(words=FASTER)
        for name in (
            "assistant_model", "assistant_tokenizer", "assistant_confidence_threshold", "assistant_lookbehind",
            "target_lookbehind", "is_assistant", "num_assistant_tokens", "num_assistant_tokens_schedule",
            "prompt_lookup_num_tokens", "max_matching_ngram_size", "prefill_chunk_size", "compile_config",
        )
    },
    "disable_compile": Other(words=LEAVE_OUT, same=(True, False)),
    "low_memory": Other(words=LEAVE_OUT, same=(False,)),
    "use_cache": Other(words=LEAVE_OUT, same=(True,)),
    "cache_implementation": Other(words=LEAVE_OUT, same=("dynamic",)),
    "cache_config": Other(words=LEAVE_OUT),
    "return_legacy_cache": Other(words=LEAVE_OUT, same=(False,)),
    "past_key_values": Other(words=N_("generate keeps a cache of its own, from the first token of the prompt on")),
    "dola_layers": Other("repetition_penalty", LACKING),
    "token_healing": Other(words=N_("hfquick does not have it: end the prompt where a word ends"), same=(False,)),
    "renormalize_logits": Other("scores", N_("a softmax over {code} gives probabilities"), same=(False,)),
    "remove_invalid_values": Other("dtype='float32'", NUMBERS, same=(False,)),
    "output_attentions": Other("model(sequences, output_attentions=True)", AFTERWARDS, same=(False,)),
    "output_hidden_states": Other("model(sequences, output_hidden_states=True)", AFTERWARDS, same=(False,)),
    "return_dict": Other("return_dict_in_generate=True"),
    "transformers_version": Other(words=LEAVE_OUT),
    "token_type_ids": Other("return_token_type_ids=False", N_("try {code} in the tokenizer")),
    "position_ids": Other(words=N_("generate counts positions by the attention_mask: leave it out")),
    "inputs_embeds": Other("input_ids", N_("generate takes {code}")),
    "decoder_attention_mask": Other("decoder_input_ids", N_("the decoder attends to all of {code}: leave it out")),
    "head_mask": Other(words=N_("generate uses all heads: leave it out")),
    "labels": Other("model(**inputs)", N_("labels are for training: {code}, not generate, gives the loss")),
    "model_kwargs": Other("max_new_tokens=30", N_("give the options themselves: {code}")),
}  # fmt: skip
