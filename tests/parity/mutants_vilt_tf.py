"""Planted mistakes in ViLT in Keras, and the cases that must see each."""

from functools import partial

from . import ours_tf
from .mutations import rows

CHECKS = {name: partial(check, quick=True) for name, check in ours_tf.CHECKS.items()}
vilt = rows("hfquick/models/vilt/modeling_tf_vilt.py", CHECKS)
losses = rows("hfquick/core/losses_tf.py", CHECKS)

FUSED = "ops.dot_product_attention(q, k, v, mask=mask_)"
WEIGHTS = "weights = self.dropout(tf.nn.softmax(scores))"
BEFORE = "self.layernorm_before = layers.LayerNormalization(epsilon=config.layer_norm_eps)"
AFTER = "self.layernorm_after = layers.LayerNormalization(epsilon=config.layer_norm_eps)"
LAST = "self.encoder = TFViltEncoder(config)\n        self.layernorm = layers.LayerNormalization(epsilon="
TEXT = "self.LayerNorm = layers.LayerNormalization(epsilon=config.layer_norm_eps)"
HALVES = "x + self.dropout(self.dense(hidden))"
BOTH = "[text + self.kind(0, text), picture + self.kind(image_token_type_idx, picture)]"
SUMMED = "inputs_embeds + self.token_type_embeddings(token_type_ids) + self.position_embeddings(positions)"

# fmt: off
MUTANTS = [
    # The text.
    vilt("text: positions start at 1", "positions = ops.arange(T)", "positions = 1 + ops.arange(T)",
         "fused vilt-short"),
    vilt("text: token types ignored", SUMMED, SUMMED.replace(" + self.token_type_embeddings(token_type_ids)", ""),
         "fused vilt-short"),
    vilt("text: one text is of type 1", 'ops.zeros((B, T), "int32")', 'ops.ones((B, T), "int32")',
         "fused vilt-larger"),
    vilt("text: eps fixed", TEXT, TEXT.replace("config.layer_norm_eps", "1e-12"), "fused vilt-odd"),
    vilt("text: no dropout", "self.dropout(self.LayerNorm(x))", "self.LayerNorm(x)", "train vilt-short"),
    # Patches and their positions.
    vilt("rows and columns of pixels exchanged", "(0, 2, 3, 1)", "(0, 3, 2, 1)", "fused vilt-plain"),
    vilt("the mask at the middle of patches", '(ops.arange(count, dtype="float32") * step)',
         '((ops.arange(count, dtype="float32") + 0.5) * step)', "fused vilt-uneven"),
    vilt("patches are of whole pixels", ' / ops.cast(count, "float32")', ' // ops.cast(count, "float32")',
         "fused vilt-uneven"),
    vilt("rows and columns of a picture exchanged", "ops.sum(read[:, :, 0], 1), ops.sum(read[:, 0], 1)",
         "ops.sum(read[:, 0], 1), ops.sum(read[:, :, 0], 1)", "fused vilt-short"),
    vilt("a single line divides by 0", "ops.maximum(sizes - 1, 1)", "(sizes - 1)", "fused vilt-lines"),
    vilt("positions span the whole batch", "ops.maximum(sizes - 1, 1)", "(0 * sizes + new - 1)", "fused vilt-short"),
    vilt("rows are interpolated as columns", '"byi,ijd->byjd", rows', '"byj,ijd->byid", rows', "fused vilt-plain",
         "fused vilt-sizes"),
    vilt("no positions of patches", "vectors = vectors + ops.reshape(positions, (-1, y * x, D))", "pass",
         "fused vilt-plain"),
    vilt("no position of [CLS]", "self.cls_token + self.position_embeddings[:, :1]", "self.cls_token",
         "fused vilt-plain"),
    vilt("[CLS] comes last", "ops.concatenate([ops.broadcast_to(first, (B, 1, D)), vectors], 1)",
         "ops.concatenate([vectors, ops.broadcast_to(first, (B, 1, D))], 1)", "fused vilt-plain"),
    vilt("picture: no dropout", "self.dropout(ops.concatenate([ops.broadcast_to(first, (B, 1, D)), vectors], 1))",
         "ops.concatenate([ops.broadcast_to(first, (B, 1, D)), vectors], 1)", "train vilt-short"),
    vilt("padding comes first", "tf.argsort(1 - read,", "tf.argsort(read,", "fused vilt-short"),
    vilt("as many patches as in the smallest picture", "ops.max(size[0] * size[1])", "ops.min(size[0] * size[1])",
         "fused vilt-sizes"),
    vilt("all patches of padding are kept", "[:, :longest]", "", "fused vilt-short"),
    vilt("[CLS] of the picture is not read", 'ops.ones((B, 1), "int32")', 'ops.zeros((B, 1), "int32")',
         "fused vilt-short"),
    # Both together.
    vilt("the picture comes first", BOTH, BOTH.replace("[", "[*reversed([").replace("]", "])]"), "fused vilt-plain"),
    vilt("text is of the other kind", "self.kind(0, text)", "self.kind(1, text)", "fused vilt-plain"),
    vilt("pictures are of kind 1 always", "self.kind(image_token_type_idx, picture)", "self.kind(1, picture)",
         "fused vilt-kinds"),
    vilt("padding of the text is read", "[text_mask_, read]", "[text_mask_ | True, read]", "fused vilt-plain"),
    vilt("padding of the picture is read", "[text_mask_, read]", "[text_mask_, read | True]", "fused vilt-short"),
    vilt("without a mask nothing of the text is read", 'ops.ones(ops.shape(text)[:2], "bool")',
         'ops.zeros(ops.shape(text)[:2], "bool")', "fused vilt-lines"),
    vilt("without a mask nothing of the picture is read", 'ops.ones(ops.shape(picture)[:2], "bool")',
         'ops.zeros(ops.shape(picture)[:2], "bool")', "fused vilt-plain"),
    # Attention and layers.
    vilt("keys and values swapped", "q, k, v = split", "q, v, k = split", "fused vilt-short"),
    vilt("heads merged wrongly", "ops.reshape(context, (B, S, D))",
         "ops.reshape(ops.swapaxes(context, 1, 2), (B, S, D))", "fused vilt-short"),
    vilt("written out: no 1/sqrt(K)", " / K**0.5", "", "maps vilt-short"),
    vilt("written out: mask inverted", "ops.where(mask_, scores, scores.dtype.min)",
         "ops.where(mask_, scores.dtype.min, scores)", "maps vilt-short"),
    vilt("written out: mask ignored", "if mask_ is not None:\n                scores",
         "if False:\n                scores", "maps vilt-short"),
    vilt("attention: no dropout", WEIGHTS, "weights = tf.nn.softmax(scores)", "train vilt-short"),
    vilt("attention: dropout of another place", "layers.Dropout(config.attention_probs_dropout_prob)",
         "layers.Dropout(config.hidden_dropout_prob)", "train vilt-short"),
    vilt("training takes the fused call", " or (training and self.dropout.rate > 0)", "", "train vilt-short"),
    vilt("one call: the mask ignored", FUSED, FUSED.replace(", mask=mask_", ""), "fused vilt-short"),
    vilt("one call: broken in training", f"context = {FUSED}", "context = q * k + v", "train vilt-still"),
    vilt("values always have a bias", "self.value = layers.Dense(config.hidden_size, use_bias=config.qkv_bias)",
         "self.value = layers.Dense(config.hidden_size)", "train vilt-no-bias"),
    vilt("attention: what it adds is not dropped", "return self.dropout(self.dense(context))",
         "return self.dense(context)", "train vilt-short"),
    vilt("both halves share a norm", "self.intermediate(self.layernorm_after(x))",
         "self.intermediate(self.layernorm_before(x))", "fused vilt-short"),
    vilt("nothing is added to the attention", "x = x + context", "x = context", "fused vilt-short"),
    vilt("nothing is added to the feed-forward network", HALVES, HALVES.removeprefix("x + "), "fused vilt-short"),
    vilt("feed-forward: activation fixed", "activation(config.hidden_act)", 'activation("relu")', "fused vilt-plain"),
    vilt("feed-forward: no dropout", HALVES, "x + self.dense(hidden)", "train vilt-short"),
    vilt("eps before attention fixed", BEFORE, BEFORE.replace("config.layer_norm_eps", "1e-12"), "fused vilt-odd"),
    vilt("eps before feed-forward is Keras's", AFTER, AFTER.replace("epsilon=config.layer_norm_eps", ""),
         "fused vilt-quiet"),
    vilt("eps at the end fixed", f"{LAST}config.layer_norm_eps)", f"{LAST}1e-12)", "fused vilt-odd"),
    # The model, its head and the loss.
    vilt("no norm at the end", "x = self.layernorm(outputs.last_hidden_state)", "x = outputs.last_hidden_state",
         "fused vilt-short"),
    vilt("pools the second token", "ops.tanh(self.dense(x[:, 0]))", "ops.tanh(self.dense(x[:, 1]))",
         "fused vilt-short"),
    vilt("the head: gelu by tanh", 'activation("gelu")', 'activation("gelu_new")', "fused vilt-answers-plain"),
    vilt("the head: eps is Keras's", "layers.LayerNormalization(epsilon=1e-5)", "layers.LayerNormalization()",
         "fused vilt-answers-quiet"),
    losses("scores: the mean over all answers", "ops.mean(losses) * logits.shape[1]", "ops.mean(losses)",
           "train vilt-answers"),
]
