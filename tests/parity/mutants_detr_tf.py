"""Planted mistakes in DETR in Keras, in its ResNet and in its losses, and the cases that must see each."""

from functools import partial

from . import ours_tf
from .mutations import rows

CHECKS = {name: partial(check, quick=True) for name, check in ours_tf.CHECKS.items()}
FOLDER = "hfquick/models/detr/"
detr = rows(f"{FOLDER}modeling_tf_detr.py", CHECKS)
resnet = rows(f"{FOLDER}resnet_tf.py", CHECKS)
head = rows(f"{FOLDER}mask_head_tf.py", CHECKS)
loss = rows(f"{FOLDER}loss_tf_detr.py", CHECKS)
pairs = rows(f"{FOLDER}matching.py", CHECKS)

DROPPED = "self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))"
END = f"update = {DROPPED}\n        return self.final_layer_norm(x + self.dropout(update)), weights"
ENCODER, DECODER = f"{END}\n\n\nclass TFDetrDecoderLayer", f"{END}, cross_weights"
NORM = "self.self_attn_layer_norm(x + self.dropout(update))"
SELF = f"output_attentions=output_attentions)\n        x = {NORM}"
QUERIES = f"query_mask_, **asked)\n        x = {NORM}"
CROSS = "self.encoder_attn(x, x_position, encoded, position, mask_, **asked)"

# fmt: off
MUTANTS = [
    # Positions.
    detr("other wavelengths", "10_000 ** (2 * pairs", "1_000 ** (2 * pairs", "fused detr-basic"),
    detr("columns first", "for axis in (1, 2):", "for axis in (2, 1):", "fused detr-basic"),
    detr("the last of another axis", "if axis == 1 else place[:, :, -1:]", "if axis == 2 else place[:, :, -1:]",
         "fused detr-basic"),
    detr("cosine first", "[ops.sin(angle[..., 0::2]), ops.cos(angle[..., 1::2])]",
         "[ops.cos(angle[..., 0::2]), ops.sin(angle[..., 1::2])]", "fused detr-basic"),
    detr("learned rows first", "[by_column, by_row]", "[by_row, by_column]", "fused detr-learned"),
    # The mask.
    detr("padding is read", "if pixel_mask_ is not None:", "if False:", "fused detr-basic"),
    detr("the mask is upside down", "ops.where(seen, ops.cast(0, x.dtype), very_low)",
         "ops.where(seen, very_low, ops.cast(0, x.dtype))", "fused detr-basic"),
    head("the nearest centre", 'ops.arange(size, dtype="float32") * (old',
         '(ops.arange(size, dtype="float32") + 0.5) * (old',
         "fused detr-basic"),
    # Attention.
    detr("queries without positions", "self.q_proj(x + x_position)", "self.q_proj(x)", "fused detr-basic"),
    detr("keys without positions", "self.k_proj(y + y_position)", "self.k_proj(y)", "fused detr-basic"),
    detr("values with positions", "self.v_proj(y)", "self.v_proj(y + y_position)", "fused detr-basic"),
    detr("fused scores are not masked", "q, k, v, bias=mask_)", "q, k, v)", "fused detr-basic"),
    detr("written-out scores are not masked", "scores if mask_ is None else scores + mask_", "scores",
         "maps detr-basic"),
    detr("scores are not scaled", "/ q.shape[-1] ** 0.5  # (B, H, T, S)", "# (B, H, T, S)", "maps detr-basic"),
    detr("no attention dropout", 'ops.einsum("bhts,bshk->bthk", self.dropout(weights), v)',
         'ops.einsum("bhts,bshk->bthk", weights, v)', "train detr-basic"),
    detr("the encoder has the heads of the decoder",
         "self.self_attn = TFDetrAttention(config, config.encoder_attention_heads)",
         "self.self_attn = TFDetrAttention(config, config.decoder_attention_heads)", "fused detr-basic"),
    # Layers.
    detr("no dropout after the encoder's attention", SELF, SELF.replace("self.dropout(update)", "update"),
         "train detr-basic"),
    detr("no dropout in the encoder's feed-forward network", ENCODER,
         ENCODER.replace("self.activation_dropout(self.activation_fn(self.fc1(x)))", "self.activation_fn(self.fc1(x))"),
         "train detr-basic"),
    detr("no dropout after the decoder's feed-forward network", DECODER,
         DECODER.replace("x + self.dropout(update)", "x + update"), "train detr-basic"),
    detr("no dropout after the queries' attention", QUERIES, QUERIES.replace("self.dropout(update)", "update"),
         "train detr-basic"),
    detr("no dropout after cross-attention", "self.encoder_attn_layer_norm(x + self.dropout(update))",
         "self.encoder_attn_layer_norm(x + update)", "train detr-basic"),
    detr("no dropout of the feature map", "x = self.dropout(x)\n", "", "train detr-basic"),
    detr("cross-attention reads padding", CROSS, CROSS.replace("mask_", "None"), "fused detr-basic"),
    detr("no norm at the end", "x = self.layernorm(x)\n        return", "return", "fused detr-basic"),
    detr("the last state is not normalised", "(*states[:-1], x)", "tuple(states)", "maps detr-basic"),
    detr("the paper's auxiliary losses", "x = self.layernorm(x)\n                intermediate.append(x)",
         "intermediate.append(self.layernorm(x))", "fused detr-intermediate"),
    detr("queries begin as their positions", "ops.broadcast_to(ops.zeros_like(queries), ",
         "ops.broadcast_to(queries, ", "fused detr-basic"),
    # Heads.
    detr("boxes without a sigmoid", "ops.sigmoid(self.bbox_predictor(x))", "self.bbox_predictor(x)",
         "fused detr-unlabelled"),
    detr("a linear head for boxes", "x = ops.relu(layer(x))", "x = layer(x)", "fused detr-unlabelled"),
    detr("all layers count twice", "for each in states[:-1]", "for each in states", "fused detr-auxiliary"),
    # The ResNet.
    resnet("another epsilon", "EPSILON = 1e-5", "EPSILON = 1e-3", "fused detr-basic"),
    resnet("the mean is not scaled", "self.running_mean * scale", "self.running_mean", "fused detr-basic"),
    resnet("no activation between convolutions", "return self.activation(self.normalization(self.convolution(x)))",
           "return self.normalization(self.convolution(x))", "fused detr-basic"),
    resnet("padding on one side", "[[0, 0], [self.padding] * 2, [self.padding] * 2, [0, 0]]",
           "[[0, 0], [0, 2 * self.padding], [0, 2 * self.padding], [0, 0]]", "fused detr-basic"),
    resnet("pooling with padding on one side", "[[0, 0], [1, 1], [1, 1], [0, 0]]", "[[0, 0], [0, 2], [0, 2], [0, 0]]",
           "fused detr-basic"),
    resnet("the stem's activation is ReLU", "size=7, stride=2, act=config.hidden_act", "size=7, stride=2",
           "fused detr-stages"),
    resnet("the stride is on the first convolution", "if config.downsample_in_bottleneck else (1, stride)",
           "if not config.downsample_in_bottleneck else (1, stride)", "fused detr-stages"),
    resnet("no residual connection", "update + (x if self.shortcut is None else self.shortcut(x))", "update",
           "fused detr-basic"),
    resnet("the first stage halves", "number == 0 and not config.downsample_in_first_stage",
           "number == 0 and config.downsample_in_first_stage", "fused detr-basic"),
    # The mask head.
    head("each head for itself", "weights = tf.nn.softmax(ops.reshape(scores, (B, Q, H * S)))",
         "weights = tf.nn.softmax(scores)", "fused detr-masks-three"),
    head("padding has a mask", "if seen is not None:", "if False:", "fused detr-masks-three"),
    head("queries do not differ", "self.gn1(add(shared, own))", "self.gn1(add(shared, 0 * own))",
         "fused detr-masks-three"),
    head("no activation", "z = ops.relu(self.gn2(self.lay2(z)))", "z = self.gn2(self.lay2(z))",
         "fused detr-masks-three"),
    head("finer maps are not read", "z = add(map, nearest(", "z = add(0 * map, nearest(", "fused detr-masks-three"),
    head("one group", "layers.GroupNormalization(min(8, width),", "layers.GroupNormalization(1,",
         "fused detr-masks-three"),
    # Losses.
    loss("no object counts fully", "config.eos_coefficient, 1.0)", "1.0, 1.0)", "train detr-objects-whole"),
    loss("boxes count by pictures", "count = ops.maximum(ops.sum(numbers), 1.0)", "count = ops.sum(0 * numbers + 1.0)",
         "train detr-objects"),
    loss("plain overlap", "overlap / union - (around - union) / around", "overlap / union", "train detr-objects"),
    loss("boxes do not count more", '"loss_bbox": config.bbox_loss_coefficient', '"loss_bbox": 5',
         "train detr-objects-costs"),
    loss("dice does not count more", '"loss_dice": config.dice_loss_coefficient', '"loss_dice": 1',
         "train detr-masks-coefficients"),
    loss("what has no query counts", "tf.where(query >= 0)", "tf.where(query >= -1)", "train detr-crowded",
         seen_by=Exception),
    loss("no focus", "wrong**2 * entropy", "entropy", "train detr-masks-three"),
    loss("masks are not resized smoothly", "tf.image.resize(logits[..., None], (Y, X))",
         'tf.image.resize(logits[..., None], (Y, X), "nearest")', "train detr-masks-three"),
    pairs("queries in the order of objects", "there[number][objects]] = query", "there[number]] = query",
          "train detr-objects", "train detr-objects-whole", "train detr-auxiliary", "train detr-objects-costs"),
]
# fmt: on
