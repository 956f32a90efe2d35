"""Planted mistakes in Wav2Vec2 in Keras, and the cases that must see each."""

from functools import partial

import tensorflow as tf

from . import ours_tf
from .mutations import rows

QUESTIONS = {name: partial(check, quick=True) for name, check in ours_tf.CHECKS.items()}
wav2vec2 = rows("hfquick/models/wav2vec2/modeling_tf_wav2vec2.py", QUESTIONS)
losses = rows("hfquick/core/losses_tf.py", QUESTIONS)
weights = rows("hfquick/core/weights_tf.py", QUESTIONS)

FUSED = "ops.dot_product_attention(q, k, v, bias=mask_)"
WEIGHTS = "weights = self.dropout(tf.nn.softmax(scores if mask_ is None else scores + mask_))"
UNSTABLE = "x = self.layer_norm(x + self.dropout(context))"

# fmt: off
MUTANTS = [
    # From a waveform to frames.
    wav2vec2("convolutions always have a bias", "use_bias=config.conv_bias", "use_bias=True", "train wav2vec2-short"),
    wav2vec2("one norm for all channels", "layers.GroupNormalization(channels, epsilon=EPSILON)",
             "layers.GroupNormalization(1, epsilon=EPSILON)", "fused wav2vec2-short"),
    wav2vec2("the eps of Keras: channels", "layers.GroupNormalization(channels, epsilon=EPSILON)",
             "layers.GroupNormalization(channels)", "fused wav2vec2-quiet"),
    wav2vec2("the eps of Keras: one time", "layers.LayerNormalization(epsilon=EPSILON)",
             "layers.LayerNormalization()", "fused wav2vec2-quiet-layer"),
    wav2vec2("no activation of frames", "x = self.layer_norm(x)\n        return self.activation(x)",
             "x = self.layer_norm(x)\n        return x", "fused wav2vec2-short"),
    wav2vec2("projected frames are not dropped", "self.dropout(self.projection(frames))", "self.projection(frames)",
             "train wav2vec2-short"),
    weights("kernels over time as torch has them", 'layers.Conv1D: {"kernel": ("weight", (2, 1, 0))',
            'layers.Conv1D: {"kernel": ("weight", (2, 0, 1))', "fused wav2vec2-layer-after"),
    # Positions.
    wav2vec2("the direction as it is", "self.weight_v * (self.weight_g / kernel_lengths(self.weight_v))",
             "self.weight_v * self.weight_g", "fused wav2vec2-short"),
    wav2vec2("a length for each channel", "ops.square(kernel), (0, 1)", "ops.square(kernel), (1, 2)",
             "fused wav2vec2-short"),
    wav2vec2("groups in another order", "tf.split(kernel, self.groups, -1), strict=True",
             "tf.split(kernel, self.groups, -1)[::-1], strict=True", "fused wav2vec2-short"),
    wav2vec2("positions: no bias", "return x + ops.cast(self.bias, x.dtype)",
             "return x + 0 * ops.cast(self.bias, x.dtype)", "fused wav2vec2-short"),
    wav2vec2("the frame too many is the first", "self.conv(x)[:, :T]", "self.conv(x)[:, -T:]", "fused wav2vec2-short"),
    wav2vec2("positions see padding", "x = x * ops.cast(is_sound[..., None], x.dtype)", "x = x * 1.0",
             "fused wav2vec2-short"),
    # Attention.
    wav2vec2("queries and keys swapped", "q, k, v = split", "k, q, v = split", "fused wav2vec2-short"),
    wav2vec2("keys and values swapped", "q, k, v = split", "q, v, k = split", "fused wav2vec2-short"),
    wav2vec2("written out: no 1/sqrt(K)", " / q.shape[-1] ** 0.5", "", "maps wav2vec2-short"),
    wav2vec2("written out: padding is attended to", "scores if mask_ is None else scores + mask_", "scores",
             "maps wav2vec2-short"),
    wav2vec2("one call: padding is attended to", FUSED, "ops.dot_product_attention(q, k, v)", "fused wav2vec2-short"),
    wav2vec2("attention: no dropout", WEIGHTS, WEIGHTS.replace("self.dropout(", "("), "train wav2vec2-short"),
    wav2vec2("training takes the fused call", " or (training and self.dropout.rate > 0)", "", "train wav2vec2-short"),
    wav2vec2("one call: broken in training", f"context = {FUSED}", "context = q * k + v", "train wav2vec2-still"),
    # The layer.
    wav2vec2("feed-forward: no activation", "self.intermediate_act_fn(self.intermediate_dense(x))",
             "self.intermediate_dense(x)", "fused wav2vec2-short"),
    wav2vec2("feed-forward: dropouts exchanged", "layers.Dropout(config.activation_dropout)",
             "layers.Dropout(config.hidden_dropout)", "train wav2vec2-short"),
    wav2vec2("attention: what it adds is not dropped", UNSTABLE, "x = self.layer_norm(x + context)",
             "train wav2vec2-short"),
    wav2vec2("both halves share a norm", "self.final_layer_norm(x + self.feed_forward(x))",
             "self.layer_norm(x + self.feed_forward(x))", "fused wav2vec2-short"),
    wav2vec2("stable: attention without a norm", "self.attention(self.layer_norm(x), mask_",
             "self.attention(x, mask_", "fused wav2vec2-layer-whole"),
    wav2vec2("the encoder's norm is always before", "if not self.is_stable:", "if True:",
             "fused wav2vec2-layer-whole"),
    wav2vec2("the last state before the norm", "x = states[-1] = self.layer_norm(x)", "x = self.layer_norm(x)",
             "fused wav2vec2-layer-whole"),
    wav2vec2("the sum of positions is not dropped", "x = self.dropout(x)\n        states", "states",
             "train wav2vec2-short"),
    # Masks.
    wav2vec2("a frame of padding is heard", "ops.arange(T) < frames[:, None]", "ops.arange(T) <= frames[:, None]",
             "fused wav2vec2-short"),
    wav2vec2("the others are masked", "ops.where(is_masked, ops", "ops.where(~is_masked, ops", "fused wav2vec2-masked"),
    wav2vec2("masked in training alone", "if mask_time_indices is not None:",
             "if mask_time_indices is not None and training:", "fused wav2vec2-masked"),
    # Heads.
    wav2vec2("characters are not dropped", "self.lm_head(self.dropout(outputs.last_hidden_state))",
             "self.lm_head(outputs.last_hidden_state)", "train wav2vec2-characters-whole"),
    wav2vec2("characters are heard in padding", "if attention_mask is not None:\n                frames",
             "if False:\n                frames", "fused wav2vec2-characters-mean"),
    wav2vec2("the mean of all frames", "ops.sum(x * is_sound, 1) / ops.sum(is_sound, 1)", "ops.mean(x, 1)",
             "fused wav2vec2-one-of-three"),
    wav2vec2("weights of layers as they are", "ops.softmax(self.layer_weights)", "self.layer_weights",
             "fused wav2vec2-weighted"),
    losses("another blank", "blank_index=blank", "blank_index=0", "fused wav2vec2-characters-holes",
           seen_by=tf.errors.InvalidArgumentError),
    losses("always the sum", 'if config.ctc_loss_reduction == "mean":', "if False:", "fused wav2vec2-characters-mean"),
    losses("infinity counts", "0.0 if config.ctc_zero_infinity else math.inf", "math.inf",
           "fused wav2vec2-characters-long"),
    losses("divided by all labels", "ops.maximum(counts, 1)", "ops.shape(labels)[1]",
           "fused wav2vec2-characters-mean"),
]
