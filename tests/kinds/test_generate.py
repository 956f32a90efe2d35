"""`generate` over every kind of generative model: what is found by hand, however prompts are padded."""

import numpy as np
import pytest

from tests.kinds import by_hand
from tests.kinds.frameworks import framework, over_both, tensor
from tests.kinds.table import GENERATING, IGNORED, over

pytestmark = pytest.mark.usefixtures("eagerly")
NEW = 5  # tokens


def greedy(model, kind, ids):
    """The most probable token, again and again, the whole text computed anew. The last one of BART is always an end."""
    config = model.config
    start = [config.decoder_start_token_id] if kind.has_decoder_inputs else ids
    sequence = list(start)
    for step in range(NEW):
        row = {"input_ids": ids, "attention_mask": [1] * len(ids)}
        if kind.has_decoder_inputs:
            row["labels"] = [*sequence[1:], IGNORED]  # a decoder's inputs are its labels, moved by one
        else:
            row = {"input_ids": sequence, "attention_mask": [1] * len(sequence)}
        sequence.append(int(by_hand.alone(model, kind, row)["logits"][-1].argmax()))
        if step == NEW - 1 and kind.name == "bart":
            sequence[-1] = config.forced_eos_token_id
        if sequence[-1] == config.eos_token_id:
            break
    return sequence


def padded(rows, pad, left):
    longest = max(map(len, rows))
    fill = [[pad] * (longest - len(row)) for row in rows]
    mask = [[0] * len(more) + [1] * len(row) if left else [1] * len(row) + [0] * len(more)
            for row, more in zip(rows, fill, strict=True)]  # fmt: skip
    ids = [more + row if left else row + more for row, more in zip(rows, fill, strict=True)]
    return ids, mask


def without_padding(sequence, prompt, config):
    """A generated sequence up to its end, its padded prompt taken off."""
    new = sequence[prompt:]
    ends = [index for index, token in enumerate(new) if token == config.eos_token_id]
    return new[: ends[0] + 1] if ends else new


@over(GENERATING)
@framework
def test_greedy_search_finds_the_most_probable_token_of_each_step(workshop, kind, framework):
    """Prompts of a decoder are padded on the left, those of an encoder on the right; T5 takes both."""
    model = workshop.shared(kind, framework)
    prompts = [row["input_ids"] for row in workshop.rows(kind)][:4]
    starts = [1 if kind.has_decoder_inputs else len(ids) for ids in prompts]
    right = [greedy(workshop.reference(kind), kind, ids)[start:] for ids, start in zip(prompts, starts, strict=True)]
    for ids, new in list(zip(prompts, right, strict=True))[: 1 if framework == "tf" else None]:
        alone = np.asarray(model.generate(tensor([ids], framework), max_new_tokens=NEW, do_sample=False))[0]
        assert without_padding(alone.tolist(), 1 if kind.has_decoder_inputs else len(ids), model.config) == new
    for left in {"causal": [True], "bart": [False], "t5": [True, False][: 1 + (framework == "pt")]}[kind.name]:
        ids, mask = padded(prompts, workshop.processor(kind).pad_token_id, left)
        options = {"attention_mask": tensor(mask, framework), "max_new_tokens": NEW, "do_sample": False}
        found = np.asarray(model.generate(tensor(ids, framework), **options)).tolist()
        start = 1 if kind.has_decoder_inputs else len(ids[0])
        assert [without_padding(sequence, start, model.config) for sequence in found] == right


@over(GENERATING)
@framework
def test_beams_of_a_text_do_not_depend_on_its_neighbours(workshop, kind, framework):
    model, prompts = (
        workshop.shared(kind, framework),
        [row["input_ids"] for row in workshop.rows(kind)][: 2 if framework == "tf" else 4],
    )
    options = {"max_new_tokens": NEW, "num_beams": 3, "num_return_sequences": 2, "do_sample": False}
    ids, mask = padded(prompts, workshop.processor(kind).pad_token_id, not kind.has_decoder_inputs)
    together = model.generate(tensor(ids, framework), attention_mask=tensor(mask, framework), **options)
    start = 1 if kind.has_decoder_inputs else len(ids[0])
    together = [without_padding(row, start, model.config) for row in np.asarray(together).tolist()]
    alone = []
    for row in prompts:
        start = 1 if kind.has_decoder_inputs else len(row)
        found = np.asarray(model.generate(tensor([row], framework), **options)).tolist()
        alone += [without_padding(sequence, start, model.config) for sequence in found]
    assert together == alone
    assert len({tuple(sequence) for sequence in alone}) > len(prompts)


@over_both(GENERATING, ["bart"])
def test_hidden_states_and_attentions_change_nothing(workshop, kind, framework):
    prompts = tensor([workshop.rows(kind)[1]["input_ids"]], framework)
    options = {"max_new_tokens": NEW, "num_beams": 2, "do_sample": False}
    asking = workshop.model(kind, framework, output_hidden_states=True, output_attentions=True)
    right = np.asarray(workshop.shared(kind, framework).generate(prompts, **options))
    np.testing.assert_array_equal(np.asarray(asking.generate(prompts, **options)), right)
