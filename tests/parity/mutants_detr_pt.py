"""Planted mistakes in DETR in PyTorch, in its ResNet and in its losses, and the cases that must see each."""

from . import checks, ours_pt
from .mutations import rows

CHECKS = {**ours_pt.CHECKS, **checks.CHECKS}
FOLDER = "hfquick/models/detr/"
detr = rows(f"{FOLDER}modeling_detr.py", CHECKS)
resnet = rows(f"{FOLDER}resnet.py", CHECKS)
head = rows(f"{FOLDER}mask_head.py", CHECKS)
loss = rows(f"{FOLDER}loss_detr.py", CHECKS)
pairs = rows(f"{FOLDER}matching.py", CHECKS)
config = rows(f"{FOLDER}configuration_detr.py", CHECKS)

DROPPED = "self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))"
END = f"update = {DROPPED}\n        return self.final_layer_norm(x + self.dropout(update)), weights"
ENCODER, DECODER = f"{END}\n\n\nclass DetrDecoderLayer", f"{END}, cross_weights"
SELF = "update, weights = self.self_attn(x, position, x, position, mask, output_attentions)"
NORM = "self.self_attn_layer_norm(x + self.dropout(update))"
QUERIES = "update, weights = self.self_attn(x, x_position, x, x_position, query_mask, output_attentions)"
CROSS = "self.encoder_attn(x, x_position, encoded, position, mask, output_attentions)"

# fmt: off
MUTANTS = [
    # Positions.
    detr("as many wavelengths as numbers", "repeat_interleave(2)", "repeat_interleave(1).repeat(2)",
         "fused detr-whole"),
    detr("other wavelengths", "10_000 ** (2 * pairs", "1_000 ** (2 * pairs", "fused detr-whole"),
    detr("columns first", "for axis in (1, 2):", "for axis in (2, 1):", "fused detr-whole"),
    detr("positions count pixels", "place / (place.narrow(axis, -1, 1) + 1e-6)", "place", "fused detr-whole"),
    detr("positions count padding", "place.narrow(axis, -1, 1)", "float(place.shape[axis])", "fused detr-padded"),
    detr("half a circle", "* 2 * math.pi", "* math.pi", "fused detr-whole"),
    detr("cosine first", "[angle[..., 0::2].sin(), angle[..., 1::2].cos()]",
         "[angle[..., 0::2].cos(), angle[..., 1::2].sin()]", "fused detr-whole"),
    detr("sines, then cosines", "angle[..., 1::2].cos()], -1).flatten(3)", "angle[..., 1::2].cos()], -2).flatten(3)",
         "fused detr-whole"),
    detr("learned rows first", "[by_column, by_row]", "[by_row, by_column]", "fused detr-learned"),
    detr("positions are always sines", 'config.position_embedding_type == "learned"', "False", "fused detr-learned"),
    # The mask.
    detr("padding is read", "if pixel_mask is not None and not is_full(pixel_mask):", "if False:", "fused detr-padded"),
    detr("the mask is of the nearest centre", "F.interpolate(pixel_mask[:, None].float(), sides)",
         'F.interpolate(pixel_mask[:, None].float(), sides, mode="nearest-exact")', "fused detr-padded"),
    detr("the mask is upside down", "masked_fill(~mask, very_low)", "masked_fill(mask, very_low)", "fused detr-padded"),
    detr("padding is only unlikely", "torch.finfo(x.dtype).min / 2", "-5.0", "fused detr-padded"),
    # Attention.
    detr("queries without positions", "self.q_proj(x + x_position)", "self.q_proj(x)", "fused detr-padded"),
    detr("keys without positions", "self.k_proj(y + y_position)", "self.k_proj(y)", "fused detr-padded"),
    detr("values with positions", "self.v_proj(y)", "self.v_proj(y + y_position)", "fused detr-padded"),
    detr("fused scores are not masked", "attn_mask=mask)", "attn_mask=None)", "fused detr-padded"),
    detr("written-out scores are not masked", "(scores if mask is None else scores + mask)", "scores",
         "maps detr-padded"),
    detr("scores are not scaled", "/ q.shape[-1] ** 0.5  # (B, H, T, S)", "# (B, H, T, S)", "maps detr-padded"),
    detr("no attention dropout", "context = self.dropout(weights) @ v", "context = weights @ v", "train detr-padded"),
    detr("no output projection", "return self.out_proj(context.transpose(1, 2).reshape(B, T, D)), weights",
         "return context.transpose(1, 2).reshape(B, T, D), weights", "fused detr-padded"),
    detr("the encoder has the heads of the decoder",
         "self.self_attn = DetrAttention(config, config.encoder_attention_heads)",
         "self.self_attn = DetrAttention(config, config.decoder_attention_heads)", "fused detr-padded"),
    # Layers.
    detr("no residual connection in the encoder", f"{SELF}\n        x = {NORM}",
         f"{SELF}\n        x = self.self_attn_layer_norm(self.dropout(update))", "fused detr-padded"),
    detr("no dropout after the encoder's attention", f"{SELF}\n        x = {NORM}",
         f"{SELF}\n        x = self.self_attn_layer_norm(x + update)", "train detr-padded"),
    detr("no dropout in the encoder's feed-forward network", ENCODER,
         ENCODER.replace("self.activation_dropout(self.activation_fn(self.fc1(x)))", "self.activation_fn(self.fc1(x))"),
         "train detr-padded"),
    detr("no dropout after the encoder's feed-forward network", ENCODER,
         ENCODER.replace("x + self.dropout(update)", "x + update"), "train detr-padded"),
    detr("no dropout in the decoder's feed-forward network", DECODER,
         DECODER.replace("self.activation_dropout(self.activation_fn(self.fc1(x)))", "self.activation_fn(self.fc1(x))"),
         "train detr-padded"),
    detr("no dropout after the decoder's feed-forward network", DECODER,
         DECODER.replace("x + self.dropout(update)", "x + update"), "train detr-padded"),
    detr("no dropout after the queries' attention", f"{QUERIES}\n        x = {NORM}",
         f"{QUERIES}\n        x = self.self_attn_layer_norm(x + update)", "train detr-padded"),
    detr("no dropout after cross-attention", "self.encoder_attn_layer_norm(x + self.dropout(update))",
         "self.encoder_attn_layer_norm(x + update)", "train detr-padded"),
    detr("no dropout of the feature map", "x = self.dropout(x)\n", "", "train detr-padded"),
    detr("queries attend to themselves alone", CROSS, "self.encoder_attn(x, x_position, x, x_position, None, "
         "output_attentions)", "fused detr-padded"),
    detr("cross-attention reads padding", CROSS, CROSS.replace("mask,", "None,"), "fused detr-padded"),
    detr("no norm at the end", "x = self.layernorm(x)\n        return", "return", "fused detr-padded"),
    detr("the last state is not normalised", "(*states[:-1], x)", "tuple(states)", "maps detr-padded"),
    detr("the paper's auxiliary losses", "x = self.layernorm(x)\n                intermediate.append(x)",
         "intermediate.append(self.layernorm(x))", "fused detr-intermediate", "train detr-auxiliary"),
    detr("queries begin as their positions", "x = torch.zeros_like(x_position)", "x = x_position",
         "fused detr-padded"),
    detr("the finest map is read", "self.input_projection(maps[-1])", "self.input_projection(maps[0])",
         "fused detr-padded", seen_by=RuntimeError),
    # Heads.
    detr("boxes without a sigmoid", "self.bbox_predictor(x).sigmoid()", "self.bbox_predictor(x)",
         "fused detr-unlabelled"),
    detr("a linear head for boxes", "x = layer(x).relu()", "x = layer(x)", "fused detr-unlabelled"),
    detr("all layers count twice", "outputs.intermediate_hidden_states[:-1]", "outputs.intermediate_hidden_states",
         "fused detr-auxiliary"),
    detr("masks of the finest map first", "maps[2::-1])", "maps[:3])", "fused detr-masks", seen_by=RuntimeError),
    # The ResNet.
    resnet("another epsilon", "self.weight, self.bias)", "self.weight, self.bias, eps=1e-3)", "fused detr-whole"),
    resnet("statistics of the batch", "self.weight, self.bias)", "self.weight, self.bias, training=True)",
           "fused detr-whole"),
    resnet("no activation between convolutions", "return self.activation(self.normalization(self.convolution(x)))",
           "return self.normalization(self.convolution(x))", "fused detr-whole"),
    resnet("average pooling", "nn.MaxPool2d(3, stride=2, padding=1)", "nn.AvgPool2d(3, stride=2, padding=1)",
           "fused detr-whole"),
    resnet("the stem's activation is ReLU", "size=7, stride=2, act=config.hidden_act", "size=7, stride=2",
           "fused detr-stages"),
    resnet("the stride is on the first convolution", "if config.downsample_in_bottleneck else (1, stride)",
           "if not config.downsample_in_bottleneck else (1, stride)", "fused detr-whole", "fused detr-stages"),
    resnet("no residual connection", "self.activation(self.layer(x) + self.shortcut(x))",
           "self.activation(self.layer(x))", "fused detr-whole"),
    resnet("no activation after the sum", "self.activation(self.layer(x) + self.shortcut(x))",
           "self.layer(x) + self.shortcut(x)", "fused detr-whole"),
    resnet("an activation before the sum", "ResNetConvLayer(width, outputs, 1, act=None)",
           "ResNetConvLayer(width, outputs, 1)", "fused detr-whole"),
    resnet("an activation before the sum of a basic block",
           "ResNetConvLayer(outputs, outputs, 3, 1, dilation, act=None)",
           "ResNetConvLayer(outputs, outputs, 3, 1, dilation)", "fused detr-basic"),
    resnet("the blocks' activation is ReLU", "self.activation = activation(config.hidden_act)",
           'self.activation = activation("relu")', "fused detr-stages"),
    resnet("the first stage halves", "number == 0 and not config.downsample_in_first_stage",
           "number == 0 and config.downsample_in_first_stage", "fused detr-whole", "fused detr-stages"),
    resnet("the last map always", "return [maps[index] for index in self.config.maps]", "return maps[-3:]",
           "fused detr-masks", seen_by=RuntimeError),
    # The mask head.
    head("each head for itself", "scores.flatten(2).softmax(-1).view(scores.shape)", "scores.softmax(-1)",
         "fused detr-masks"),
    head("scores are not scaled", "/ q.shape[-1] ** 0.5", "", "fused detr-masks"),
    head("padding has a mask", "if mask is not None:", "if False:", "fused detr-masks"),
    head("queries do not differ", "x = self.gn1(add(shared, own)).relu()", "x = self.gn1(add(shared, 0 * own)).relu()",
         "fused detr-masks"),
    head("the feature map is not read", "x = self.gn1(add(shared, own)).relu()",
         "x = self.gn1(add(0 * shared, own)).relu()", "fused detr-masks"),
    head("no activation", "x = self.gn2(self.lay2(x)).relu()", "x = self.gn2(self.lay2(x))", "fused detr-masks"),
    head("finer maps are not read", "x = add(map, F.interpolate(x, map.shape[2:]))",
         "x = add(0 * map, F.interpolate(x, map.shape[2:]))", "fused detr-masks"),
    head("smooth enlargement", "F.interpolate(x, map.shape[2:])", 'F.interpolate(x, map.shape[2:], mode="bilinear")',
         "fused detr-masks"),
    head("one group", "nn.GroupNorm(min(8, width), width)", "nn.GroupNorm(1, width)", "fused detr-masks"),
    # Losses.
    loss("no object counts fully", "weight[-1] = config.eos_coefficient", "pass", "train detr-objects-whole"),
    loss("boxes count by pictures", 'count = max(1, sum(len(each["class_labels"]) for each in labels))',
         "count = len(labels)", "train detr-objects"),
    loss("squared distance", "(boxes - wanted).abs().sum()", "(boxes - wanted).square().sum()", "train detr-objects"),
    loss("plain overlap", "overlap / union - (around - union) / around", "overlap / union", "train detr-objects"),
    loss("corners of whole sizes", "[centre - size / 2, centre + size / 2]", "[centre - size, centre + size]",
         "train detr-objects"),
    loss("boxes do not count more", '"loss_bbox": config.bbox_loss_coefficient', '"loss_bbox": 5',
         "train detr-objects-costs"),
    loss("overlaps do not count more", '"loss_giou": config.giou_loss_coefficient', '"loss_giou": 2',
         "train detr-objects-costs"),
    loss("masks do not count more", '"loss_mask": config.mask_loss_coefficient', '"loss_mask": 1',
         "train detr-masks-coefficients"),
    loss("dice does not count more", '"loss_dice": config.dice_loss_coefficient', '"loss_dice": 1',
         "train detr-masks-coefficients"),
    loss("the error in counting is trained on", "if name in weights", "", "train detr-objects", seen_by=KeyError),
    loss("all are counted", "logits.detach().argmax(-1) != config.num_labels", "logits.detach().argmax(-1) >= 0",
         "train detr-objects", "train detr-objects-whole", "train detr-auxiliary", "train detr-masks"),
    loss("the layers before count once", "name + layer: loss", "name: loss", "train detr-auxiliary"),
    loss("masks as large as the largest", "F.pad(each, (0, X - each.shape[2], 0, Y - each.shape[1]))",
         "F.pad(each, (X - each.shape[2], 0, Y - each.shape[1], 0))", "train detr-masks"),
    loss("masks are not resized smoothly", 'wanted.shape[1:], mode="bilinear")', "wanted.shape[1:])",
         "train detr-masks"),
    loss("no focus", "wrong**2 * entropy", "entropy", "train detr-masks"),
    loss("all pixels count alike", "(0.25 * wanted + 0.75 * (1 - wanted))", "0.5", "train detr-masks"),
    loss("dice without smoothing", "(probability * wanted).sum(1) + 1) /", "(probability * wanted).sum(1)) /",
         "train detr-masks"),
    # The matching.
    pairs("classes do not cost", "config.class_cost * probabilities[:, classes]", "0", "train detr-objects-costs"),
    pairs("distance does not cost", "config.bbox_cost * distance", "0", "train detr-objects",
          "train detr-objects-whole", "train detr-auxiliary", "train detr-objects-costs"),
    pairs("overlap does not cost", "config.giou_cost * overlap", "0", "train detr-objects-costs"),
    pairs("overlap costs", "- config.giou_cost * overlap", "+ config.giou_cost * overlap", "train detr-objects-costs"),
    # The configuration.
    config("other defaults", "eos_coefficient: float = 0.1", "eos_coefficient: float = 1.0", "defaults detr"),
    config("no options of timm", "self.backbone_kwargs = {", "_ = {", "defaults detr"),
]
# fmt: on
