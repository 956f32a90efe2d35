"""Planted mistakes in text generation, and the tests or recorded cases that must see each.

A check is "test module.function", with all parameters of that test, or "recorded case". The smallest that sees a
mistake is named, so that the whole table takes less than a minute. How they are planted: tests/parity/mutations.py.
"""

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from inspect import signature
from itertools import product
from typing import Any

import pytest

from tests.parity.mutations import Mutant, rows

HERE = __name__.rpartition(".")[0]


def passes(name: str, framework: str) -> None:
    """Run one test of this folder, with the package as it is now."""
    module, _, function = name.partition(".")
    call = getattr(import_module(f"{HERE}.{module}"), function)
    for arguments in arguments_of(call, framework):
        try:
            call(**arguments)
        except pytest.fail.Exception as error:  # of pytest.raises, which is no AssertionError
            raise AssertionError(str(error)) from None


def arguments_of(call: Callable, framework: str) -> Iterator[dict[str, Any]]:
    """What pytest would call a test with: every set of its parameters, and its fixtures."""
    fixtures = {name: FIXTURES[name](framework) for name in signature(call).parameters if name in FIXTURES}
    tables = []
    for mark in getattr(call, "pytestmark", []):
        if mark.name == "parametrize":
            names, values = mark.args
            names = [names] if isinstance(names, str) else names
            tables.append([dict(zip(names, [row] if len(names) == 1 else row, strict=True)) for row in values])
    for chosen in product(*tables):
        yield {name: value for row in chosen for name, value in row.items()} | fixtures


def model_of(framework: str) -> Callable:
    helpers = import_module("tests.helpers.generation")
    return helpers.torch_model if framework == "pt" else helpers.keras_model


def tokenizer(framework: str) -> Any:
    folder = import_module(f"{HERE}.test_stopping_criteria").TOKENIZERS / "gpt2-json"
    return import_module("hfquick").AutoTokenizer.from_pretrained(folder)


FIXTURES: dict[str, Callable[[str], Any]] = {
    "make": model_of,
    "framework": str,
    "tokenizer": tokenizer,
    "monkeypatch": lambda _: pytest.MonkeyPatch(),  # what it changes goes with the copy of the package
}


def recorded(name: str, framework: str) -> None:
    """What a model generates is what was recorded."""
    import_module(f"{HERE}.test_reference_{framework}").test_same_as_transformers(name)


def table(file: str, framework: str = "pt", folder: str = "generation") -> Callable[..., Mutant]:
    """A short way to write the mutants of one file: (why, old, new, check, ...)."""
    questions = {"test": partial(passes, framework=framework), "recorded": partial(recorded, framework=framework)}
    return rows(f"hfquick/{folder}/{file}.py", questions)


processor, search, stopping, streamer = map(table, ("logits_processors", "search", "stopping_criteria", "streamers"))
config, prompts, generate = map(table, ("configuration", "prompts", "generate"))
decoding, cache = map(table, ("decoding", "cache"))
decoding_tf, cache_tf = (table(file, "tf") for file in ("decoding_tf", "cache_tf"))
arrays, fields = (table(file, folder="utils") for file in ("arrays", "fields"))

SIGN = "test test_logits_processors.test_repetition_penalty_looks_at_the_sign_and_not_at_padding"
NGRAMS = "test test_logits_processors.test_no_ngram_occurs_twice"
OF_ENCODER = "test test_logits_processors.test_no_ngram_of_the_encoder_for_all_beams"
WORDS = "test test_logits_processors.test_bad_words_of_one_token_and_of_several"
LENGTHS = "test test_logits_processors.test_suppress_and_force_act_at_their_lengths"
FIRST = "test test_logits_processors.test_the_first_token_chosen_is_not_one_of_begin_suppress_tokens"
WARM = "test test_logits_processors.test_temperature_and_top_k"
TOP_P = "test test_logits_processors.test_top_p"
ENOUGH = "test test_logits_processors.test_sampling_processors_are_left_out_without_sampling_and_keep_enough_for_beams"
ALL_SEQUENCES = "test test_search.test_many_beams_find_the_best_sequence_of_all"
NEVER = "test test_search.test_never_gives_up_only_what_cannot_win"
CACHE = "test test_search.test_the_cache_moves_only_what_differs"
STRINGS = "test test_stopping_criteria.test_ends_with_the_token_that_completes_a_string"
AS_THEY_COME = "test test_stopping_criteria.test_whole_words_as_they_come"
CHUNKS = "test test_cache.test_a_sequence_in_chunks_is_the_same_past_every_capacity"
ROWS = "test test_cache.test_rows_are_repeated_and_reordered"
OPTIONS = "test test_errors.test_options"
MEANT = "test test_errors.test_options_that_may_be_meant"

# fmt: off
NUMPY = [  # they need no framework
    # Logits processors.
    processor("repetition_penalty on the wrong side of zero", "row[seen] < 0,", "row[seen] > 0,", SIGN),
    processor("repetition_penalty of padding", "np.unique(sequence[sequence >= 0])", "np.unique(sequence)", SIGN),
    processor("n-grams one token shorter", "start = sequences.shape[1] + 1 - size",
              "size -= size > 1\n    start = sequences.shape[1] + 1 - size", NGRAMS),
    processor("n-grams of padding", " & (ngrams >= 0).all(-1)", "", NGRAMS),
    processor("a first n-gram is free", "start < 0", "start <= 0", OF_ENCODER),
    processor("n-grams of another beam's source", "np.repeat(self.encoder_ids, beams, 0)",
              "np.tile(self.encoder_ids, (beams, 1))", OF_ENCODER),
    processor("bad words are not looked for at the start", "len(word) <= L + 1", "len(word) <= L", WORDS),
    processor("a bad word is told by its end", "== word[:-1]", "== word[1:]", WORDS),
    processor("an end may be a bad word",
              "[word for word in config.bad_words_ids if word not in [[end] for end in ends]]",
              "config.bad_words_ids", "test test_logits_processors.test_an_end_is_no_bad_word"),
    processor("SuppressTokens one length too long", "< self.until", "<= self.until", LENGTHS),
    processor("SuppressTokens begins one late", "self.since <= sequences", "self.since < sequences", LENGTHS),
    processor("forced tokens keep their scores", "scores[:, self.tokens] = 0", "pass", LENGTHS),
    processor("begin_suppress_tokens before the forced one", "since=first, until=first + 1",
              "since=prompt, until=prompt + 1", FIRST),
    processor("begin_suppress_tokens for ever", ", until=first + 1", "", FIRST),
    processor("temperature upside down", "scores /= self.temperature", "scores *= self.temperature", WARM),
    processor("top_k keeps one token fewer", "scores < least", "scores <= least", WARM),
    processor("top_p keeps one token fewer", "out = cumulative <= 1 - self.p",
              "out = cumulative - np.take_along_axis(softmax(scores), order, 1) < 1 - self.p", TOP_P),
    processor("top_p may keep none", "out[:, -self.keep :] = False", "pass", TOP_P),
    processor("top_p keeps one for beams", "out[:, -self.keep :] = False", "out[:, -1:] = False", ENOUGH),
    processor("top_k keeps too few for beams", "max(config.top_k, keep)", "config.top_k", ENOUGH),
    processor("as many kept as may end", "[0]) + 1 if", "[0]) if", ENOUGH),
    processor("min_p by itself", " * probabilities.max(-1, keepdims=True)", "",
              "test test_logits_processors.test_min_p"),
    arrays("the best come last", 'np.argsort(-values, 1, kind="stable")\n    return',
           'np.argsort(values, 1, kind="stable")\n    return', "test test_logits_processors.test_best_of_a_row"),
    # The search.
    search("length_penalty with the wrong sign", "(L + 1 - P) ** config.length_penalty",
           "(L + 1 - P) ** -config.length_penalty", ALL_SEQUENCES),
    search("the length one too long", "(L + 1 - P) **", "(L + 2 - P) **", ALL_SEQUENCES),
    search("never gives up as early as others", 'if config.early_stopping == "never" and config.length_penalty > 0:',
           "if False:", NEVER),
    search("never: short texts judged as long ones", " and config.length_penalty > 0", "", NEVER),
    search("after early_stopping others come in",
           "(is_finished.all(1, keepdims=True) & (config.early_stopping is True)) |", "",
           "test test_search.test_beams_of_several_prompts_do_not_mix"),
    search("a finished sequence is continued", "new_log_probs + has_ended * NEG_INF", "new_log_probs", ALL_SEQUENCES),
    search("scores are no probabilities", "log_softmax(logits))", "logits)", ALL_SEQUENCES),
    search("beams change rows, their cache does not", "None if since is None else rows, since or 0", "", CACHE),
    search("cache moved from one position too late", "int(differs.argmax())", "int(differs.argmax()) + 1", CACHE),
    search("beams of other prompts", "rows = (first_rows + np", "rows = (np", CACHE),
    search("the end is followed by tokens", "np.where(unfinished, tokens, plan.pad)", "tokens",
           "test test_search.test_greedy_takes_the_most_probable_next_token"),
    search("the least probable is sampled", "(cumulative <= rng", "(cumulative > rng",
           "test test_search.test_sampled_tokens_have_their_probabilities"),
    search("beams without sampling", "top_k(scores + plan.rng.gumbel(size=scores.shape),", "top_k(scores,",
           "test test_search.test_sampled_beams_are_different_sequences_with_their_probabilities"),
    search("processors write over what is recorded", "scores.copy())", "scores)",
           "test test_search.test_scores_recorded_are_those_before_and_after_the_processors"),
    # Stopping criteria, and streamers.
    stopping("one token longer than max_length", "sequences.shape[1] >= self.max_length",
             "sequences.shape[1] > self.max_length", "test test_stopping_criteria.test_ends_by_token_and_by_length"),
    stopping("only the first of several ends", "np.isin(sequences[:, -1], self.eos_token_ids)",
             "sequences[:, -1] == self.eos_token_ids[:1]",
             "test test_stopping_criteria.test_ends_by_token_and_by_length"),
    stopping("stop strings one token late", "(end[:-1], end))", "(end[:-2], end[:-1]))", STRINGS),
    stopping("a string seen once is not seen again", "now.rfind(string)", "now.find(string)", STRINGS),
    stopping("half a character counts", '.rstrip("\\ufffd")', "", STRINGS),
    stopping("only the first of several strings", "for string in self.strings)", "for string in self.strings[:1])",
             STRINGS),
    stopping("a string of the prompt ends the sequence", " and index + len(string) > start", "",
             "test test_stopping_criteria.test_a_string_in_the_prompt_does_not_end_the_text"),
    streamer("half words are shown", 'return text.rfind(" ") + 1', "return len(text)", AS_THEY_COME),
    streamer("shown twice", "self.shown = max(self.shown, end)", "pass", AS_THEY_COME),
    streamer("a new line starts in the middle", "self.tokens, self.shown = [], 0", "self.tokens = []", AS_THEY_COME),
    streamer("the last word is kept back", "rest = text[self.shown :]", 'rest = ""', AS_THEY_COME),
    streamer("the second text has its prompt", "self.is_prompt = True", 'self.is_prompt = not hasattr(self, "given")',
             "test test_stopping_criteria.test_without_the_prompt_and_for_a_second_text"),
    # Options.
    fields("a whole number is no number", "(int, float) if kind is float else kind", "kind", MEANT, seen_by=ValueError),
    config("more texts than beams", "(self.do_sample and self.num_beams == 1)", "self.do_sample", OPTIONS),
    config("True is a token", "return is_count(value) and", "return isinstance(value, int) and", OPTIONS),
    config("a length of the file counts", "kept.pop(name, None)", "pass",
           "test test_asked.test_giving_way_of_lengths"),
    config("a least length of the file stays", "kept[name] = most", "pass",
           "test test_asked.test_giving_way_of_lengths"),
    fields("the least is not allowed", "value >= self.least", "value > self.least", MEANT, seen_by=ValueError),
    config("a temperature of 0", 'Range(above=0, advice=N_("; for', 'Range(0, advice=N_("; for', OPTIONS),
    config("a copy forgets what is not ours", "new.others = dict(self.others)", "pass",
           "test test_errors.test_a_copy_is_the_same_and_another"),
]

TORCH = [
    # Lengths that the processors are given.
    processor("min_length one less", "SuppressTokens(ends, until=shortest)", "SuppressTokens(ends, until=shortest - 1)",
              "recorded gpt2-min-length", "recorded gpt2-min-new"),
    processor("min_new_tokens counts the prompt", "prompt + (config.min_new_tokens or 0)", "config.min_new_tokens or 0",
              "recorded gpt2-min-new"),
    processor("forced_eos one step early", "at=max_length - 1", "at=max_length - 2", "recorded gpt2-forced-end"),
    processor("forced_bos one step late", "at=1)", "at=2)", "recorded t5-forced-start"),
    # Beams.
    search("all beams are one", "cumulative_log_probs[:, 1:] = NEG_INF", "pass", "recorded gpt2-beams"),
    search("early_stopping ignored", " or (config.early_stopping is True and is_finished.all())", "",
           "recorded gpt2-beams-early"),
    search("all go on as long as never", 'if config.early_stopping == "never" and', "if", "recorded gpt2-beams-long",
           "recorded gpt2-beams-ends"),
    search("hopeless beams are continued", "attainable > worst", "attainable < worst", "recorded gpt2-beams-ends"),
    search("too few candidates", "max(2, 1 + len(config.eos_token_ids)) * n", "2 * n", "recorded gpt2-beams-ends"),
    search("ends behind the best n count", "has_ended & (np.arange(indices.shape[1]) < n)", "has_ended",
           "recorded gpt2-beams-early"),
    search("rows of the first prompt", "= first_rows + parents", "= parents", "recorded gpt2-beams-ends"),
    # Prompts.
    prompts("padding found by what ends sequences", " and pad not in config.eos_token_ids", "",
            "test test_generate.test_an_end_that_is_padding_may_belong_to_the_prompt"),
    prompts("a decoder starts from bos", "config.bos_token_id if config.decoder_start_token_id is None else "
            "config.decoder_start_token_id", "config.bos_token_id", "recorded bart-greedy"),
    prompts("a start is not put before what is given", "ids if (ids[:, 0] == start).any() else", "ids if True else",
            "test test_generate.test_the_decoder_may_be_given_a_start"),
    prompts("20 tokens with the prompt", "longest = prompt + config.max_length", "longest = config.max_length",
            "recorded gpt2-default-length"),
    prompts("the last position is not used", "longest > positions", "longest >= positions", "recorded gpt2-long",
            seen_by=ValueError),
    prompts("min_new_tokens must be below max_new_tokens", "shortest > longest", "shortest >= longest",
            "test test_generate.test_exactly_so_many_tokens", seen_by=ValueError),
    config("padded with 0", "next(iter(self.eos_token_ids), 0)", "0",
           "test test_generate.test_what_a_finished_sequence_is_padded_with"),
    generate("the configuration overrides the call", "give_way({} if given is None else given.asked(), options)",
             "give_way(options, {} if given is None else given.asked())",
             "test test_generate.test_options_count_from_call_to_configuration_to_model"),
    generate("padding returned as -1", "result.sequences[:, : prompts.shape[1]] = np", "_ = np",
             "recorded gpt2-padded"),
    generate("dropout is on", "part.training = False", "pass",
             "test test_generate.test_dropout_is_off_and_training_goes_on_after"),
    generate("the prompt's padding is not masked", "np.where(mask == 1, prompts, -1)", "prompts",
             "test test_generate.test_padded_on_the_left_each_prompt_is_as_alone"),
    # Decoding in PyTorch.
    decoding("positions not from the mask", "(self.mask[:, : mask.shape[1]].cumsum(1) - 1).clamp(min=0)",
             "torch.arange(mask.shape[1]).expand(len(mask), -1)", "recorded gpt2-padded"),
    decoding("positions stand still", "self.positions[:, -1:] + 1", "self.positions[:, -1:]", "recorded gpt2-padded"),
    decoding("beams reordered without the cache", "if rows is not None:", "if False:", "recorded gpt2-beams"),
    decoding("scores of other prompts", "np.repeat(scores, times, 0)", "np.tile(scores, (times, 1))",
             "recorded gpt2-beams-ends"),
    decoding("masks of other prompts", "else tensor.repeat_interleave(times, 0)", "else tensor.repeat(times, 1)",
             "recorded gpt2-beams-padded"),
    decoding("the encoder's masks of other prompts", "self.encoded[1].repeat_interleave(times, 0)",
             "self.encoded[1].repeat(times, 1)", "recorded t5-beams"),
    cache("a larger cache is empty", "larger[:, :, :start] = cached[layer][:, :, :start]", "larger.zero_()", CHUNKS),
    cache("expanded in another order", "tensor[:, :, : self.length].repeat_interleave(times, 0)",
          "tensor[:, :, : self.length].repeat(times, 1, 1, 1)", ROWS),
    cache("rows go the other way", "recent.index_copy_(0, changed, recent.index_select(0, sources))",
          "recent.index_copy_(0, sources, recent.index_select(0, changed))", ROWS),
    cache("the first token that differs is not moved", "tensor[:, :, since : self.length]",
          "tensor[:, :, since + 1 : self.length]", ROWS),
    cache("values are keys", "[:, :, :end], self.values[layer]", "[:, :, :end], self.keys[layer]", ROWS),
]

TENSORFLOW = [
    cache_tf("the past is at the end of a larger cache", "[0, more]", "[more, 0]", CHUNKS),
    cache_tf("the capacity is not raised", "self.capacity += more", "pass", CHUNKS, seen_by=Exception),
    cache_tf("expanded in another order", "[tf.repeat(tensor, times, 0) for", "[tf.tile(tensor, [times, 1, 1, 1]) for",
             ROWS),
    cache_tf("rows stay where they are", "cached[layer] = tf.gather(tensor, rows)", "pass", ROWS),
    cache_tf("rows of a compiled step stay where they are", "tf.gather(tensor[:, since : self.length], rows)",
             "tensor[:, since : self.length]", "recorded gpt2-beams"),
    decoding_tf("positions not from the mask", "np.maximum(self.mask[:, : prompts.shape[1]].cumsum(1) - 1, 0)",
                "np.arange(prompts.shape[1])[None].repeat(len(prompts), 0)", "recorded gpt2-padded"),
    decoding_tf("positions stand still", "self.positions[:, -1:] + 1", "self.positions[:, -1:]",
                "recorded gpt2-padded"),
    decoding_tf("scores of other prompts", "np.repeat(scores.numpy(), times, 0)", "np.tile(scores.numpy(), (times, 1))",
                "recorded gpt2-beams-ends"),
]
# fmt: on
