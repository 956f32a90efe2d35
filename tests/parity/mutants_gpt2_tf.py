"""Planted mistakes in GPT-2 in Keras, and the cases that must see each."""

from functools import partial

from . import ours_tf
from .mutations import rows

CHECKS = {name: partial(check, quick=True) for name, check in ours_tf.CHECKS.items()}
gpt2 = rows("hfquick/models/gpt2/modeling_tf_gpt2.py", CHECKS)

FUSED = "ops.dot_product_attention(q, k, v, bias=mask_, scale=self.scale)"
WEIGHTS = "self.attn_dropout(ops.cast(tf.nn.softmax(scores), v.dtype))"
SUMMED = "scores = scores + ops.cast(mask_, scores.dtype)"
LAST = 'ops.argmax(ops.arange(T) * ops.cast(is_token, "int32"), axis=-1)'
SPLIT = "ops.unstack(ops.reshape(self.c_attn(x), (B, T, 3, self.n_head, D // self.n_head)), axis=2)"

# fmt: off
MUTANTS = [
    # The mask.
    gpt2("looks one ahead", "ops.arange(room) > past", "ops.arange(room) > 1 + past", "fused gpt2-short"),
    gpt2("does not look at itself", "ops.arange(room) > past", "ops.arange(room) >= past", "fused gpt2-short"),
    gpt2("the past is forgotten by the mask", "past + ops.arange(T)[:, None]", "ops.arange(T)[:, None]",
         "steps gpt2-short"),
    gpt2("the mask is looked at upside down", "ops.where(is_token, ops.cast(0, x.dtype), lowest)",
         "ops.where(is_token, lowest, ops.cast(0, x.dtype))", "fused gpt2-short"),
    gpt2("padding is minus infinity", "float(x.dtype.min) / 2", "-float('inf')", "fused gpt2-left"),
    gpt2("padding is a little lower", "float(x.dtype.min) / 2", "-5.0", "fused gpt2-left"),
    gpt2("padding is not lower", "later + padding[:, None, None, :]", "later[None, None]", "fused gpt2-short"),
    gpt2("the mask is over queries", "padding[:, None, None, :]", "padding[:, None, :, None]", "fused gpt2-short"),
    # Linear maps and attention.
    gpt2("queries and keys swapped", f"q, k, v = {SPLIT}", f"k, q, v = {SPLIT}", "fused gpt2-short"),
    gpt2("keys and values swapped", f"q, k, v = {SPLIT}", f"q, v, k = {SPLIT}", "fused gpt2-short"),
    gpt2("heads interleaved", "(B, T, 3, self.n_head, D // self.n_head)), axis=2)",
         "(B, T, 3, D // self.n_head, self.n_head)).swapaxes(3, 4), axis=2)", "fused gpt2-short",
         seen_by=AttributeError),
    gpt2("heads merged wrongly", "ops.reshape(context, (B, T, D))",
         "ops.reshape(ops.swapaxes(context, 1, 2), (B, T, D))", "fused gpt2-short"),
    gpt2("scaled by K", ") ** -0.5 if", ") ** -1 if", "fused gpt2-short"),
    gpt2("always scaled", "if config.scale_attn_weights else 1.0", "", "fused gpt2-unscaled"),
    gpt2("not scaled by layer", "if config.scale_attn_by_inverse_layer_idx:", "if False:", "fused gpt2-by-layer"),
    gpt2("layers counted from 2", "self.scale /= layer_idx + 1", "self.scale /= layer_idx + 2", "fused gpt2-by-layer"),
    gpt2("all layers are the first", "TFGPT2Block(config, layer_idx)", "TFGPT2Block(config, 0)", "fused gpt2-by-layer"),
    gpt2("written out: not scaled", "q, k) * self.scale", "q, k)", "maps gpt2-short"),
    gpt2("written out: looks ahead", SUMMED, "pass", "maps gpt2-short"),
    gpt2("written out: queries and keys swapped", '"bqhk,bshk->bhqs", q, k', '"bqhk,bshk->bhqs", k, q',
         "maps gpt2-short"),
    gpt2("written out: softmax over queries", "tf.nn.softmax(scores)", "tf.nn.softmax(scores, axis=-2)",
         "maps gpt2-short"),
    gpt2("attention: no dropout", WEIGHTS, "tf.nn.softmax(scores)", "train gpt2-short"),
    gpt2("attention: dropout of another place", "layers.Dropout(config.attn_pdrop)",
         "layers.Dropout(config.resid_pdrop)", "train gpt2-short"),
    gpt2("training takes the one call", " or (training and self.attn_dropout.rate > 0)", "", "train gpt2-short"),
    gpt2("one call: not scaled by the configuration", FUSED, FUSED.replace(", scale=self.scale", ""),
         "fused gpt2-unscaled"),
    gpt2("one call: the mask ignored", FUSED, FUSED.replace("bias=mask_, ", ""), "fused gpt2-short"),
    gpt2("one call: broken in training", FUSED, "q * k + v", "train gpt2-still"),
    gpt2("attention: heads not mixed", "self.c_proj(ops.reshape(context, (B, T, D)))",
         "ops.reshape(context, (B, T, D))", "fused gpt2-short"),
    gpt2("attention: what it adds is not dropped", "self.resid_dropout(self.c_proj(", "(self.c_proj(",
         "train gpt2-short"),
    # The rest of a block.
    gpt2("feed-forward: always four times as wide", "if config.n_inner is None else config.n_inner", "",
         "fused gpt2-odd"),
    gpt2("feed-forward: always gelu_new", "activation(config.activation_function)", "activation('gelu_new')",
         "fused gpt2-odd"),
    gpt2("feed-forward: no activation", "self.act(self.c_fc(x))", "self.c_fc(x)", "fused gpt2-short"),
    gpt2("feed-forward: no dropout", "self.dropout(self.c_proj(", "(self.c_proj(", "train gpt2-short"),
    gpt2("block: first norm left out", "self.attn(self.ln_1(x), ", "self.attn(x, ", "fused gpt2-short"),
    gpt2("block: norms swapped", "self.mlp(self.ln_2(x))", "self.mlp(self.ln_1(x))", "fused gpt2-short"),
    gpt2("block: first eps of Keras",
         "self.ln_1 = layers.LayerNormalization(epsilon=config.layer_norm_epsilon)",
         "self.ln_1 = layers.LayerNormalization()", "fused gpt2-quiet"),
    gpt2("block: second eps of Keras",
         "self.ln_2 = layers.LayerNormalization(epsilon=config.layer_norm_epsilon)",
         "self.ln_2 = layers.LayerNormalization()", "fused gpt2-quiet"),
    gpt2("block: no first residual", "x = x + update", "x = update", "fused gpt2-short"),
    gpt2("block: no second residual", "return x + self.mlp(", "return self.mlp(", "fused gpt2-short"),
    # The model.
    gpt2("no positions", "inputs_embeds + self.wpe(position_ids)", "inputs_embeds", "fused gpt2-short"),
    gpt2("positions start at 1", "position_ids = past + ops.arange(T)", "position_ids = 1 + past + ops.arange(T)",
         "fused gpt2-short"),
    gpt2("positions start anew with a cache", "position_ids = past + ops.arange(T)", "position_ids = ops.arange(T)",
         "steps gpt2-short"),
    gpt2("given positions ignored", "if position_ids is None:", "if True:", "fused gpt2-left"),
    gpt2("embeddings: no dropout", "self.drop(inputs_embeds", "(inputs_embeds", "train gpt2-short"),
    gpt2("embeddings: dropout of another place", "layers.Dropout(config.embd_pdrop)",
         "layers.Dropout(config.resid_pdrop)", "train gpt2-short"),
    gpt2("last norm left out", "x = states[-1] = self.ln_f(x)", "pass", "fused gpt2-short"),
    gpt2("last norm: eps of Keras", "self.ln_f = layers.LayerNormalization(epsilon=config.layer_norm_epsilon)",
         "self.ln_f = layers.LayerNormalization()", "fused gpt2-quiet"),
    gpt2("hidden states: the last without its norm", "x = states[-1] = self.ln_f(x)", "x = self.ln_f(x)",
         "fused gpt2-short"),
    gpt2("hidden states: no embeddings", "states, maps = [x], []", "states, maps = [0 * x], []", "maps gpt2-short"),
    gpt2("maps: the first for all", "maps.append(weights)", "maps.append(maps[0] if maps else weights)",
         "maps gpt2-padded"),
    gpt2("all layers keep in one place", "cache.append(self.layer_idx,", "cache.append(0,", "steps gpt2-padded"),
    gpt2("the cache does not advance", "cache.advance(T)", "pass", "steps gpt2-short"),
    # Heads.
    gpt2("words: not tied", '{"lm_head.weight": "transformer.wte.weight"}', "{}", "train gpt2-words-no-mask"),
    gpt2("words: a token guesses itself", "token_loss(logits[:, :-1], labels[:, 1:])", "token_loss(logits, labels)",
         "fused gpt2-words-no-mask"),
    gpt2("words: a token guesses the one before", "token_loss(logits[:, :-1], labels[:, 1:])",
         "token_loss(logits[:, 1:], labels[:, :-1])", "fused gpt2-words-no-mask"),
    gpt2("classes: the first token", "ops.argmax(", "ops.argmin(", "fused gpt2-number"),
    gpt2("classes: padding is always 0", "ops.not_equal(input_ids, self.config.pad_token_id)",
         "ops.not_equal(input_ids, 0)", "fused gpt2-pad-id"),
    gpt2("classes: words are counted", LAST, "ops.sum(ops.cast(is_token, 'int32'), -1) - 1", "fused gpt2-pad-id"),
    gpt2("classes: the first place", "ops.full((B,), T - 1", "ops.full((B,), 0", "fused gpt2-one-text",
         "fused gpt2-class-embeds"),
    gpt2("classes: with a bias", "config.num_labels, use_bias=False", "config.num_labels", "train gpt2-number"),
    gpt2("maps lie as in nn.Linear", 'RULES[TFConv1D] = {"kernel": ("weight", None)',
         'RULES[TFConv1D] = {"kernel": ("weight", (1, 0))', "fused gpt2-short"),
]
# fmt: on
