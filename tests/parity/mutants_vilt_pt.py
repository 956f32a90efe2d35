"""Planted mistakes in ViLT in PyTorch, and the cases and checks that must see each."""

from . import checks, ours_pt
from .mutations import rows

QUESTIONS = ours_pt.CHECKS | checks.CHECKS
vilt = rows("hfquick/models/vilt/modeling_vilt.py", QUESTIONS)
config = rows("hfquick/models/vilt/configuration_vilt.py", QUESTIONS)
losses = rows("hfquick/core/losses.py", QUESTIONS)

FUSED = "F.scaled_dot_product_attention(q, k, v, attn_mask=mask)"
WEIGHTS = "weights = self.dropout(scores.softmax(-1))"
BEFORE = "self.layernorm_before = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)"
AFTER = "self.layernorm_after = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)"
LAST = "self.encoder = ViltEncoder(config)\n        self.layernorm = nn.LayerNorm(config.hidden_size, eps="
TEXT = "self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)"
HALVES = "x + self.dropout(self.dense(hidden))"
BOTH = "[text + self.kind(0, text), picture + self.kind(image_token_type_idx, picture)]"
SUMMED = "inputs_embeds + self.token_type_embeddings(token_type_ids) + self.position_embeddings(positions)"

# fmt: off
MUTANTS = [
    # The text.
    vilt("text: positions start at 1", "positions = torch.arange(T,", "positions = 1 + torch.arange(T,",
         "fused vilt-short"),
    vilt("text: no positions", SUMMED, SUMMED.replace(" + self.position_embeddings(positions)", ""),
         "fused vilt-short"),
    vilt("text: token types ignored", SUMMED, SUMMED.replace(" + self.token_type_embeddings(token_type_ids)", ""),
         "fused vilt-short"),
    vilt("text: one text is of type 1", "positions.new_zeros(B, T)", "positions.new_ones(B, T)", "fused vilt-larger"),
    vilt("text: eps fixed", TEXT, TEXT.replace("config.layer_norm_eps", "1e-12"), "fused vilt-odd"),
    vilt("text: no dropout", "self.dropout(self.LayerNorm(x))", "self.LayerNorm(x)", "train vilt-short"),
    vilt("text: no norm", "self.dropout(self.LayerNorm(x))", "self.dropout(x)", "fused vilt-short"),
    vilt("text: padding is trained", ", padding_idx=config.pad_token_id", "", "train vilt-pad-id"),
    # Patches and their positions.
    vilt("patches column by column", "patches.flatten(2).transpose(1, 2)  # (B, y * x, D)",
         "patches.transpose(2, 3).flatten(2).transpose(1, 2)", "fused vilt-plain"),
    vilt("the mask counts its pixels", "F.interpolate(pixel_mask[:, None].float(), size=(y, x))",
         'F.interpolate(pixel_mask[:, None].float(), size=(y, x), mode="area")', "fused vilt-uneven"),
    vilt("rows and columns of a picture exchanged", "[read[:, :, 0].sum(1), read[:, 0].sum(1)]",
         "[read[:, 0].sum(1), read[:, :, 0].sum(1)]", "fused vilt-short"),
    vilt("positions span the whole batch", "(sizes[:, None] - 1)", "(0 * sizes[:, None] + new - 1)",
         "fused vilt-short"),
    vilt("corners not aligned", "line * (old - 1) / (sizes[:, None] - 1).clamp(min=1)",
         "((line + 0.5) * old / sizes[:, None] - 0.5).clamp(0, old - 1)", "fused vilt-short"),
    vilt("a single line divides by 0", ".clamp(min=1)  # (B, new)", "  # (B, new)", "fused vilt-lines"),
    vilt("the nearest position", "(1 - (at[..., None] - torch.arange(old, device=sizes.device)).abs()).clamp(min=0)",
         "((at[..., None] - torch.arange(old, device=sizes.device)).abs() < 0.5).float()", "fused vilt-larger"),
    vilt("rows are interpolated as columns", '"byi,ijd->byjd", rows', '"byj,ijd->byid", rows', "fused vilt-plain",
         "fused vilt-sizes"),
    vilt("no positions of patches", "vectors = vectors + positions", "pass", "fused vilt-plain"),
    vilt("positions of patches learn nothing", "self.position_embeddings[:, 1:].view(",
         "self.position_embeddings[:, 1:].detach().view(", "train vilt-plain"),
    vilt("no position of [CLS]", "self.cls_token + first", "self.cls_token + 0 * first", "fused vilt-plain"),
    vilt("no [CLS]", "(self.cls_token + first)", "first", "fused vilt-plain"),
    vilt("[CLS] comes last", "[(self.cls_token + first).expand(B, -1, -1), vectors]",
         "[vectors, (self.cls_token + first).expand(B, -1, -1)]", "fused vilt-plain"),
    vilt("picture: no dropout", "self.dropout(torch.cat([(self.cls_token + first).expand(B, -1, -1), vectors], 1))",
         "torch.cat([(self.cls_token + first).expand(B, -1, -1), vectors], 1)", "train vilt-short"),
    vilt("padding comes first", "(1 - read).argsort(", "read.argsort(", "fused vilt-short"),
    vilt("as many patches as in the smallest picture", "size.prod(0).max()", "size.prod(0).min()", "fused vilt-sizes"),
    vilt("all patches of padding are kept", "[:, :longest]", "", "fused vilt-short"),
    vilt("what is read stands in the old order", "read.gather(1, read_first)", "read[:, : read_first.shape[1]]",
         "fused vilt-short"),
    vilt("[CLS] of the picture is not read", "read.new_ones(B, 1)", "read.new_zeros(B, 1)", "fused vilt-short"),
    # Both together.
    vilt("the picture comes first", BOTH, BOTH.replace("[", "[*reversed([").replace("]", "])]"), "fused vilt-plain"),
    vilt("text is of the other kind", "self.kind(0, text)", "self.kind(1, text)", "fused vilt-plain"),
    vilt("pictures are of kind 1 always", "self.kind(image_token_type_idx, picture)", "self.kind(1, picture)",
         "fused vilt-kinds"),
    vilt("without a kind pictures are as texts", "1 if image_token_type_idx is None",
         "0 if image_token_type_idx is None", "fused vilt-plain"),
    vilt("padding of the text is read", "[attention_mask.bool(), read.bool()]",
         "[attention_mask.bool() | True, read.bool()]", "fused vilt-plain"),
    vilt("padding of the picture is read", "[attention_mask.bool(), read.bool()]",
         "[attention_mask.bool(), read.bool() | True]", "fused vilt-short"),
    vilt("without a mask nothing of the text is read", "text.new_ones(text.shape[:2]) if attention_mask is None",
         "text.new_zeros(text.shape[:2]) if attention_mask is None", "fused vilt-lines"),
    vilt("without a mask nothing of the picture is read", "text.new_ones(picture.shape[:2]) if read is None",
         "text.new_zeros(picture.shape[:2]) if read is None", "fused vilt-plain"),
    # Attention and layers.
    vilt("keys and values swapped", "q, k, v = split", "q, v, k = split", "fused vilt-short"),
    vilt("heads merged wrongly", "context.transpose(1, 2).reshape(B, S, D)", "context.reshape(B, S, D)",
         "fused vilt-short"),
    vilt("written out: no 1/sqrt(K)", " / K**0.5", "", "maps vilt-short"),
    vilt("written out: mask inverted", "masked_fill(~mask,", "masked_fill(mask,", "maps vilt-short"),
    vilt("written out: mask ignored", "if mask is not None:\n                scores",
         "if False:\n                scores", "maps vilt-short"),
    vilt("attention: no dropout", WEIGHTS, "weights = scores.softmax(-1)", "train vilt-short"),
    vilt("attention: dropout of another place", "nn.Dropout(config.attention_probs_dropout_prob)",
         "nn.Dropout(config.hidden_dropout_prob)", "train vilt-short"),
    vilt("training takes the fused call", " or (self.training and self.dropout.p > 0)", "", "train vilt-short"),
    vilt("one call: the mask ignored", FUSED, FUSED.replace(", attn_mask=mask", ""), "fused vilt-short"),
    vilt("one call: broken in training", f"context = {FUSED}", "context = q * k + v", "train vilt-still"),
    vilt("keys always have a bias",
         "self.key = nn.Linear(config.hidden_size, config.hidden_size, bias=config.qkv_bias)",
         "self.key = nn.Linear(config.hidden_size, config.hidden_size)", "train vilt-no-bias"),
    vilt("attention: what it adds is not dropped", "return self.dropout(self.dense(context))",
         "return self.dense(context)", "train vilt-short"),
    vilt("both halves share a norm", "self.intermediate(self.layernorm_after(x))",
         "self.intermediate(self.layernorm_before(x))", "fused vilt-short"),
    vilt("nothing is added to the attention", "x = x + context", "x = context", "fused vilt-short"),
    vilt("nothing is added to the feed-forward network", HALVES, HALVES.removeprefix("x + "), "fused vilt-short"),
    vilt("feed-forward: activation fixed", "activation(config.hidden_act)", 'activation("gelu")', "fused vilt-odd"),
    vilt("feed-forward: no dropout", HALVES, "x + self.dense(hidden)", "train vilt-short"),
    vilt("eps before attention fixed", BEFORE, BEFORE.replace("config.layer_norm_eps", "1e-12"), "fused vilt-odd"),
    vilt("eps before feed-forward fixed", AFTER, AFTER.replace("config.layer_norm_eps", "1e-12"), "fused vilt-odd"),
    vilt("eps at the end fixed", f"{LAST}config.layer_norm_eps)", f"{LAST}1e-12)", "fused vilt-odd"),
    # The model, its head and the loss.
    vilt("no norm at the end", "x = self.layernorm(outputs.last_hidden_state)", "x = outputs.last_hidden_state",
         "fused vilt-short"),
    vilt("pools the second token", "torch.tanh(self.dense(x[:, 0]))", "torch.tanh(self.dense(x[:, 1]))",
         "fused vilt-short"),
    vilt("pooled without tanh", "torch.tanh(self.dense(x[:, 0]))", "self.dense(x[:, 0])", "fused vilt-short"),
    vilt("the head: no activation", "nn.GELU()", "nn.Identity()", "fused vilt-answers-plain"),
    vilt("the head: gelu by tanh", "nn.GELU()", 'nn.GELU("tanh")', "fused vilt-answers-plain"),
    vilt("the head: eps of the configuration", "nn.LayerNorm(2 * config.hidden_size)",
         "nn.LayerNorm(2 * config.hidden_size, eps=config.layer_norm_eps)", "fused vilt-answers-quiet"),
    vilt("the head does not see the mask", "pixel_mask, inputs_embeds, image_embeds, output_hidden_states=",
         "None, inputs_embeds, image_embeds, output_hidden_states=", "fused vilt-answers"),
    vilt("[CLS] starts at 1", "self.cls_token = nn.Parameter(torch.zeros(",
         "self.cls_token = nn.Parameter(torch.ones(", "initial ViltModel"),
    losses("scores: the mean over all answers", " * labels.shape[1]", "", "train vilt-answers"),
    losses("scores: the sum over all pairs", " * labels.shape[1]", " * labels.numel()", "train vilt-answers"),
    # Configuration.
    config("ties", "tie_word_embeddings: bool = False", "tie_word_embeddings: bool = True", "defaults vilt"),
    config("longer texts", "max_position_embeddings: int = 40", "max_position_embeddings: int = 512", "defaults vilt"),
    config("pictures of 224", "image_size: int | list = 384", "image_size: int | list = 224", "defaults vilt"),
]
