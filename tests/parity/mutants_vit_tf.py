"""Planted mistakes in ViT in Keras, and the cases that must see each."""

from functools import partial

import tensorflow as tf

from . import ours_tf
from .mutations import rows

CHECKS = {name: partial(check, quick=True) for name, check in ours_tf.CHECKS.items()}
vit = rows("hfquick/models/vit/modeling_tf_vit.py", CHECKS)
weights = rows("hfquick/core/weights_tf.py", CHECKS)

FUSED = "ops.dot_product_attention(q, k, v)"
WEIGHTS = "weights = self.dropout(tf.nn.softmax(scores))"
BEFORE = "self.layernorm_before = layers.LayerNormalization(epsilon=config.layer_norm_eps)"
AFTER = "self.layernorm_after = layers.LayerNormalization(epsilon=config.layer_norm_eps)"
ENCODER = "self.encoder = TFViTEncoder(config)\n        "
LAST = f"{ENCODER}self.layernorm = layers.LayerNormalization(epsilon=config.layer_norm_eps)"
HALVES = "x + self.dropout(self.dense(hidden))"
SUMMED = "self.dropout(x + ops.cast(positions, x.dtype))"

# fmt: off
MUTANTS = [
    # Patches, [CLS] and positions.
    vit("rows and columns of pixels exchanged", "(0, 2, 3, 1)", "(0, 3, 2, 1)", "fused vit-short"),
    vit("patches column by column", "ops.reshape(x, (ops.shape(x)[0], -1, x.shape[-1]))",
        "ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (ops.shape(x)[0], -1, x.shape[-1]))", "fused vit-short"),
    vit("[CLS] comes last", "ops.concatenate([first, patches], 1)", "ops.concatenate([patches, first], 1)",
        "fused vit-short"),
    vit("no positions", SUMMED, "self.dropout(x)", "fused vit-short"),
    vit("embeddings: no dropout", SUMMED, SUMMED.removeprefix("self.dropout"), "train vit-short"),
    weights("kernels of convolutions as torch has them", '("weight", (2, 3, 1, 0))', '("weight", (3, 2, 1, 0))',
            "fused vit-short"),
    # Other sizes.
    vit("not interpolated where rows are equal", "grid == self.grid", "grid[0] == self.grid[0]",
        "fused vit-wider", seen_by=tf.errors.InvalidArgumentError),
    vit("Keras's own cubic: near", "(1.25 * d - 2.25) * d * d + 1", "(1.5 * d - 2.5) * d * d + 1", "fused vit-larger"),
    vit("Keras's own cubic: far", "-0.75 * (", "-0.5 * (", "fused vit-larger"),
    vit("lines counted from their edge", ' + 0.5) * (old / ops.cast(new, "float32")) - 0.5',
        ') * (old / ops.cast(new, "float32"))', "fused vit-larger"),
    vit("two old lines instead of four", "for step in (-1, 0, 1, 2):", "for step in (0, 1):", "fused vit-larger"),
    vit("nothing stands beyond the edge", "ops.clip(line, 0, old - 1)", "line", "fused vit-larger"),
    vit("rows and columns exchanged", "for old, new in zip(self.grid, (y, x), strict=True)",
        "for old, new in zip(self.grid, (x, y), strict=True)", "fused vit-larger"),
    vit("interpolated positions learn nothing", "ops.reshape(patches, (*self.grid, D))",
        "ops.reshape(ops.stop_gradient(patches), (*self.grid, D))", "train vit-larger"),
    # Attention.
    vit("queries and keys swapped", "q, k, v = split", "k, q, v = split", "fused vit-short"),
    vit("keys and values swapped", "q, k, v = split", "q, v, k = split", "fused vit-short"),
    vit("heads merged wrongly", "ops.reshape(context, (B, T, D))",
        "ops.reshape(ops.swapaxes(context, 1, 2), (B, T, D))", "fused vit-short"),
    vit("written out: no 1/sqrt(K)", " / K**0.5", "", "maps vit-short"),
    vit("written out: queries and keys swapped", '"bqhk,bthk->bhqt", q, k', '"bqhk,bthk->bhqt", k, q',
        "maps vit-short"),
    vit("written out: softmax over queries", "tf.nn.softmax(scores)", "tf.nn.softmax(scores, axis=-2)",
        "maps vit-short"),
    vit("attention: no dropout", WEIGHTS, "weights = tf.nn.softmax(scores)", "train vit-short"),
    vit("attention: dropout of another place", "layers.Dropout(config.attention_probs_dropout_prob)",
        "layers.Dropout(config.hidden_dropout_prob)", "train vit-short"),
    vit("training takes the fused call", " or (training and self.dropout.rate > 0)", "", "train vit-short"),
    vit("one call: not scaled", FUSED, FUSED.replace(")", ", scale=1.0)"), "fused vit-short"),
    vit("one call: broken in training", f"context = {FUSED}", "context = q * k + v", "train vit-still"),
    vit("keys always have a bias", "self.key = layers.Dense(config.hidden_size, use_bias=config.qkv_bias)",
        "self.key = layers.Dense(config.hidden_size)", "train vit-no-bias"),
    vit("attention: what it adds is not dropped", "return self.dropout(self.dense(context))",
        "return self.dense(context)", "train vit-short"),
    # The layer.
    vit("both halves share a norm", "self.intermediate(self.layernorm_after(x))",
        "self.intermediate(self.layernorm_before(x))", "fused vit-short"),
    vit("nothing is added to the attention", "x = x + context", "x = context", "fused vit-short"),
    vit("nothing is added to the feed-forward network", HALVES, HALVES.removeprefix("x + "), "fused vit-short"),
    vit("feed-forward: no activation", "self.intermediate_act_fn(self.dense(x))", "self.dense(x)", "fused vit-short"),
    vit("feed-forward: activation fixed", "activation(config.hidden_act)", 'activation("gelu")', "fused vit-odd"),
    vit("feed-forward: no dropout", HALVES, "x + self.dense(hidden)", "train vit-short"),
    vit("eps before attention is Keras's", BEFORE, BEFORE.replace("epsilon=config.layer_norm_eps", ""),
        "fused vit-quiet"),
    vit("eps before feed-forward fixed", AFTER, AFTER.replace("config.layer_norm_eps", "1e-12"), "fused vit-odd"),
    vit("eps at the end fixed", LAST, LAST.replace("config.layer_norm_eps", "1e-12"), "fused vit-odd"),
    # The model and its head.
    vit("no norm at the end", "x = self.layernorm(outputs.last_hidden_state)", "x = outputs.last_hidden_state",
        "fused vit-short"),
    vit("pools the first patch", "self.activation(self.dense(x[:, 0]))", "self.activation(self.dense(x[:, 1]))",
        "fused vit-short"),
    vit("pooled by tanh always", "activation(config.pooler_act)", 'activation("tanh")', "fused vit-pooled"),
    vit("classified by the mean", "self.classifier(outputs.last_hidden_state[:, 0])",
        "self.classifier(ops.mean(outputs.last_hidden_state, 1))", "fused vit-one-of-three"),
]
