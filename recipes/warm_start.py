"""Begin a model with what another one has learnt: a RoBERTa with the layers of a DistilBERT, whatever its vocabulary.

Both have the same layers under other names. A byte-level subword is initialised as the WordPiece tokens that spell it.
"""

from typing import Any

import torch

LAYER = {  # in RoBERTa -> in DistilBERT
    "attention.self.query": "attention.q_lin",
    "attention.self.key": "attention.k_lin",
    "attention.self.value": "attention.v_lin",
    "attention.output.dense": "attention.out_lin",
    "attention.output.LayerNorm": "sa_layer_norm",
    "intermediate.dense": "ffn.lin1",
    "output.dense": "ffn.lin2",
    "output.LayerNorm": "output_layer_norm",
}
PARTS = {
    "roberta.embeddings.LayerNorm": "distilbert.embeddings.LayerNorm",
    "lm_head.dense": "vocab_transform",
    "lm_head.layer_norm": "vocab_layer_norm",
}


@torch.no_grad()
def roberta_from_distilbert(model: Any, tokenizer: Any, donor: Any, donors: Any) -> None:
    """Copy the weights of `donor`, with its tokenizer `donors`, into a RoBERTa of the same width and depth.

    The bias of the head is left alone: it goes with how frequent the tokens are.
    """
    given, state = donor.state_dict(), model.state_dict()
    pairs = dict(PARTS)
    for layer in range(model.config.num_hidden_layers):
        for here, there in LAYER.items():
            pairs[f"roberta.encoder.layer.{layer}.{here}"] = f"distilbert.transformer.layer.{layer}.{there}"
    for here, there in pairs.items():
        for kind in ("weight", "bias"):
            state[f"{here}.{kind}"].copy_(given[f"{there}.{kind}"])
    positions = state["roberta.embeddings.position_embeddings.weight"]
    first = model.config.pad_token_id + 1  # RoBERTa counts from there
    positions[first:] = given["distilbert.embeddings.position_embeddings.weight"][: len(positions) - first]
    table = given["distilbert.embeddings.word_embeddings.weight"]
    words = state["roberta.embeddings.word_embeddings.weight"]
    known = donors.get_vocab()
    for token, row in tokenizer.get_vocab().items():
        ids = spelling(tokenizer, donors, known, token)
        words[row] = table[ids].mean(0) + (0.1 * table.std() * torch.randn(table.shape[1]) if token.isupper() else 0)
    model.load_state_dict(state)


def spelling(tokenizer: Any, donors: Any, known: dict[str, int], token: str) -> list[int]:
    """The WordPiece tokens that spell a byte-level token."""
    for name in ("mask_token", "pad_token", "cls_token", "sep_token", "unk_token"):
        if token == getattr(tokenizer, name):
            return [getattr(donors, f"{name}_id")]
    text = tokenizer.convert_tokens_to_string([token])
    inside = text == text.lower() and text[:1].isalpha()  # no space before it and no capital: it continues a word
    ids: list[int] = []
    for word in [text] if inside else []:
        while word:
            end = next((size for size in range(len(word), 0, -1) if "##" + word[:size] in known), 0)
            if not end:
                break
            ids.append(known["##" + word[:end]])
            word = word[end:]
    return ids or donors(text, add_special_tokens=False)["input_ids"] or [donors.unk_token_id]
