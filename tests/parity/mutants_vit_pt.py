"""Planted mistakes in ViT in PyTorch, and the cases and checks that must see each."""

from . import checks, ours_pt
from .mutations import rows

QUESTIONS = ours_pt.CHECKS | checks.CHECKS
vit = rows("hfquick/models/vit/modeling_vit.py", QUESTIONS)
config = rows("hfquick/models/vit/configuration_vit.py", QUESTIONS)
pictures = rows("hfquick/core/pictures.py", QUESTIONS)

FUSED = "F.scaled_dot_product_attention(q, k, v)"
WEIGHTS = "weights = self.dropout(scores.softmax(-1))"
BEFORE = "self.layernorm_before = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)"
AFTER = "self.layernorm_after = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)"
ENCODER = "self.encoder = ViTEncoder(config)\n        "
LAST = f"{ENCODER}self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)"
PATCHES = "self.patch_embeddings = ViTPatchEmbeddings(config)\n        "
MAP = "nn.Linear(config.hidden_size, config.hidden_size, bias=config.qkv_bias)"
HALVES = "x + self.dropout(self.dense(hidden))"

# fmt: off
MUTANTS = [
    # Patches, [CLS] and positions.
    vit("patches column by column", "x.flatten(2).transpose(1, 2)", "x.transpose(2, 3).flatten(2).transpose(1, 2)",
        "fused vit-short"),
    vit("patches overlap", "kernel_size=size, stride=size)", "kernel_size=size, stride=3)", "fused vit-uneven",
        seen_by=RuntimeError),
    vit("[CLS] comes last", "[self.cls_token.expand(B, -1, -1), self.patch_embeddings(pixel_values)]",
        "[self.patch_embeddings(pixel_values), self.cls_token.expand(B, -1, -1)]", "fused vit-short"),
    vit("no [CLS]", "self.cls_token.expand(B, -1, -1)", "0 * self.cls_token.expand(B, -1, -1)", "fused vit-short"),
    vit("no positions", "self.dropout(x + positions)", "self.dropout(x)", "fused vit-short"),
    vit("embeddings: no dropout", "self.dropout(x + positions)", "x + positions", "train vit-short"),
    vit("embeddings: positions are not dropped", "self.dropout(x + positions)", "self.dropout(x) + positions",
        "train vit-short"),
    vit("embeddings: dropout of another place",
        f"{PATCHES}self.dropout = nn.Dropout(config.hidden_dropout_prob)",
        f"{PATCHES}self.dropout = nn.Dropout(config.attention_probs_dropout_prob)", "train vit-short"),
    # Other sizes.
    vit("positions by bilinear interpolation", 'mode="bicubic"', 'mode="bilinear"', "fused vit-larger"),
    vit("corners aligned", "align_corners=False", "align_corners=True", "fused vit-larger"),
    vit("smoothed when made smaller", "align_corners=False)", "align_corners=False, antialias=True)",
        "fused vit-smaller"),
    vit("the position of [CLS] last", "torch.cat([first, picture.flatten(2).transpose(1, 2)], 1)",
        "torch.cat([picture.flatten(2).transpose(1, 2), first], 1)", "fused vit-larger"),
    vit("positions column by column", "picture.flatten(2).transpose(1, 2)",
        "picture.transpose(2, 3).flatten(2).transpose(1, 2)", "fused vit-larger"),
    vit("not interpolated where rows are equal", "grid != self.grid", "grid[0] != self.grid[0]", "fused vit-wider",
        seen_by=RuntimeError),
    vit("rows and columns of the positions exchanged", "permute(0, 3, 1, 2)", "permute(0, 3, 2, 1)",
        "fused vit-larger"),
    vit("interpolated positions learn nothing", "first, patches = self.position_embeddings.split(",
        "first, patches = self.position_embeddings.detach().split(", "train vit-larger"),
    # Attention.
    vit("queries and keys swapped", "q, k, v = split", "k, q, v = split", "fused vit-short"),
    vit("keys and values swapped", "q, k, v = split", "q, v, k = split", "fused vit-short"),
    vit("heads interleaved", "y.view(B, T, self.num_attention_heads, K).transpose(1, 2)",
        "y.view(B, T, K, self.num_attention_heads).permute(0, 3, 1, 2)", "fused vit-short"),
    vit("heads merged wrongly", "context.transpose(1, 2).reshape(B, T, D)", "context.reshape(B, T, D)",
        "fused vit-short"),
    vit("written out: no 1/sqrt(K)", " / K**0.5", "", "maps vit-short"),
    vit("written out: softmax over queries", "scores.softmax(-1)", "scores.softmax(-2)", "maps vit-short"),
    vit("attention: no dropout", WEIGHTS, "weights = scores.softmax(-1)", "train vit-short"),
    vit("attention: dropout before softmax", WEIGHTS, "weights = self.dropout(scores).softmax(-1)", "train vit-short"),
    vit("attention: dropout of another place", "nn.Dropout(config.attention_probs_dropout_prob)",
        "nn.Dropout(config.hidden_dropout_prob)", "train vit-short"),
    vit("training takes the fused call", " or (self.training and self.dropout.p > 0)", "", "train vit-short"),
    vit("one call: not scaled", FUSED, FUSED.replace(")", ", scale=1.0)"), "fused vit-short"),
    vit("one call: broken in training", f"context = {FUSED}", "context = q * k + v", "train vit-still"),
    vit("queries always have a bias", f"self.query = {MAP}",
        "self.query = nn.Linear(config.hidden_size, config.hidden_size)", "train vit-no-bias"),
    vit("values always have a bias", f"self.value = {MAP}",
        "self.value = nn.Linear(config.hidden_size, config.hidden_size)", "train vit-no-bias"),
    vit("attention: what it adds is not dropped", "return self.dropout(self.dense(context))",
        "return self.dense(context)", "train vit-short"),
    # The layer.
    vit("normed after the sum", "self.attention(self.layernorm_before(x), output_attentions)\n        x = x + context",
        "self.attention(x, output_attentions)\n        x = self.layernorm_before(x + context)", "fused vit-short"),
    vit("both halves share a norm", "self.intermediate(self.layernorm_after(x))",
        "self.intermediate(self.layernorm_before(x))", "fused vit-short"),
    vit("nothing is added to the attention", "x = x + context", "x = context", "fused vit-short"),
    vit("nothing is added to the feed-forward network", HALVES, HALVES.removeprefix("x + "), "fused vit-short"),
    vit("the norm is added", "self.layernorm_after(x)), x)", "self.layernorm_after(x)), self.layernorm_after(x))",
        "fused vit-short"),
    vit("feed-forward: no activation", "self.intermediate_act_fn(self.dense(x))", "self.dense(x)", "fused vit-short"),
    vit("feed-forward: activation fixed", "activation(config.hidden_act)", 'activation("gelu")', "fused vit-odd"),
    vit("feed-forward: no dropout", HALVES, "x + self.dense(hidden)", "train vit-short"),
    vit("eps before attention fixed", BEFORE, BEFORE.replace("config.layer_norm_eps", "1e-12"), "fused vit-odd"),
    vit("eps before feed-forward is torch's", AFTER, AFTER.replace(", eps=config.layer_norm_eps", ""),
        "fused vit-odd"),
    vit("eps at the end fixed", LAST, LAST.replace("config.layer_norm_eps", "1e-12"), "fused vit-odd"),
    vit("the first layer alone", "for layer in self.layer:", "for layer in self.layer[:1]:", "fused vit-plain"),
    vit("states before the layers", "states.append(x)", "states.append(states[-1])", "fused vit-plain"),
    # The model and its head.
    vit("no norm at the end", "x = self.layernorm(outputs.last_hidden_state)", "x = outputs.last_hidden_state",
        "fused vit-short"),
    vit("pooled before the norm", "self.pooler(x)", "self.pooler(outputs.last_hidden_state)", "fused vit-short"),
    vit("pools the first patch", "self.activation(self.dense(x[:, 0]))", "self.activation(self.dense(x[:, 1]))",
        "fused vit-short"),
    vit("pooled without activation", "self.activation(self.dense(x[:, 0]))", "self.dense(x[:, 0])", "fused vit-short"),
    vit("pooled by tanh always", "activation(config.pooler_act)", 'activation("tanh")', "fused vit-pooled"),
    vit("pooled to the width", "config.pooler_output_size or config.hidden_size",
        "config.hidden_size", "fused vit-pooled"),
    vit("classified by the mean", "self.classifier(outputs.last_hidden_state[:, 0])",
        "self.classifier(outputs.last_hidden_state.mean(1))", "fused vit-one-of-three"),
    vit("the head has a pooler", "ViTModel(config, add_pooling_layer=False)", "ViTModel(config)",
        "names ViTForImageClassification"),
    vit("the head does not interpolate", "self.vit(pixel_values, interpolate_pos_encoding",
        "self.vit(pixel_values, None", "fused vit-one-of-seven", seen_by=ValueError),
    vit("[CLS] starts at 0", "nn.init.normal_(module.cls_token, std=self.config.initializer_range)", "pass",
        "initial ViTModel"),
    vit("positions start wide", "nn.init.normal_(module.position_embeddings, std=self.config.initializer_range)",
        "nn.init.normal_(module.position_embeddings)", "initial ViTModel"),
    vit("a pooler must be there", 'OPTIONAL = ("pooler.",)', "OPTIONAL = ()", "loads headed ViTModel",
        seen_by=ValueError),
    vit("what stood for patches is refused", 'BUFFERS = ("embeddings.mask_token",)', "BUFFERS = ()",
        "loads old ViTModel", seen_by=ValueError),
    # Configuration.
    config("another eps", "layer_norm_eps: float = 1e-12", "layer_norm_eps: float = 1e-6", "defaults vit"),
    config("dropout", "hidden_dropout_prob: float = 0.0", "hidden_dropout_prob: float = 0.1", "defaults vit"),
    config("pooled to nothing", "self.pooler_output_size = self.hidden_size", "pass", "defaults vit"),
    pictures("sizes are width and height", "height, width = size", "width, height = size", "fused vit-oblong",
             seen_by=ValueError),
]
