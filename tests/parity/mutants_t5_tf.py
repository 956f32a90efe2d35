"""Planted mistakes in T5 in Keras, and the cases that must see each."""

from functools import partial

from . import ours_tf
from .mutations import rows

CHECKS = {name: partial(check, quick=True) for name, check in ours_tf.CHECKS.items()}
t5 = rows("hfquick/models/t5/modeling_tf_t5.py", CHECKS)

WEIGHTS = 'self.dropout(ops.cast(tf.nn.softmax(ops.cast(scores, "float32")), v.dtype))'
FUSED = "ops.dot_product_attention(q, k, v, bias=mask_, scale=1.0)"
DISTANCES = "ops.arange(room) - (past + ops.arange(T))[:, None]"

# fmt: off
MUTANTS = [
    t5("looks one ahead", "ops.arange(room) > past", "ops.arange(room) > 1 + past", "fused t5-short"),
    t5("does not look at itself", "ops.arange(room) > past", "ops.arange(room) >= past", "fused t5-short"),
    t5("a mask upside down", "ops.where(is_token, ops.cast(0, x.dtype), lowest)",
       "ops.where(is_token, lowest, ops.cast(0, x.dtype))", "fused t5-short"),
    t5("padding of the own text is read", "mask_ = mask_ + padding_mask(x, attention_mask, room)", "pass",
       "fused t5-short"),
    t5("padding of the other text is read", "encoder_mask_ = padding_mask", "_ = padding_mask", "fused t5-short"),
    t5("distances start at the cache", DISTANCES, "ops.arange(room) - ops.arange(T)[:, None]", "steps t5-short"),
    t5("distances of queries from keys", DISTANCES, f"-({DISTANCES})", "fused t5-short"),
    t5("a token is after itself", "distances > 0", "distances >= 0", "fused t5-short"),
    t5("eps of BERT", "mean_square + self.eps", "mean_square + 1e-12", "fused t5-quiet"),
    t5("norms without weights", "return self.weight * ops", "return ops", "fused t5-short"),
    t5("feed-forward: no dropout", "self.dropout(self.act(self.wi(x)))", "self.act(self.wi(x))", "train t5-short"),
    t5("gate: the other half", "self.act(self.wi_0(x)) * self.wi_1(x)", "self.act(self.wi_1(x)) * self.wi_0(x)",
       "fused t5-gated"),
    t5("keys and values swapped", "self.split_heads(self.k(y)), self.split_heads(self.v(y))",
       "self.split_heads(self.v(y)), self.split_heads(self.k(y))", "fused t5-short"),
    t5("written out: the mask ignored", "scores = scores + mask_", "scores = scores", "maps t5-short"),
    t5("attention: no dropout", WEIGHTS, "tf.nn.softmax(scores)", "train t5-short"),
    t5("training takes the other call", " or (training and self.dropout.rate > 0)", "", "train t5-short"),
    t5("one call: divided by sqrt(K)", FUSED, FUSED.replace(", scale=1.0", ""), "fused t5-short"),
    t5("one call: the mask ignored", FUSED, FUSED.replace("bias=mask_, ", ""), "fused t5-short"),
    t5("other text: no norm", "self.EncDecAttention( self.layer_norm(x), k,", "self.EncDecAttention(x, k,",
       "fused t5-short"),
    t5("stack: no norm at the end", "self.dropout(self.final_layer_norm(x))", "self.dropout(x)", "fused t5-short"),
    t5("stack: no dropout of the embeddings", "x = self.dropout(inputs_embeds)", "x = inputs_embeds",
       "train t5-short"),
    t5("hidden states: one off", "states.append(x)", "states.append(states[-1])", "fused t5-holes"),
    t5("labels: not shifted", "tf.pad(before, [[0, 0], [1, 0]]", "tf.pad(before, [[0, 0], [0, 1]]", "fused t5-words"),
    t5("words: the tied head not scaled", "if self.config.tie_word_embeddings:", "if False:", "fused t5-words"),
    t5("words: every head scaled", "if self.config.tie_word_embeddings:", "if True:", "fused t5-words-new"),
]
# fmt: on
