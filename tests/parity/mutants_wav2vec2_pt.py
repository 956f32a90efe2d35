"""Planted mistakes in Wav2Vec2 in PyTorch, and the cases and checks that must see each."""

from . import checks, ours_pt
from .mutations import rows

QUESTIONS = ours_pt.CHECKS | checks.CHECKS
wav2vec2 = rows("hfquick/models/wav2vec2/modeling_wav2vec2.py", QUESTIONS)
config = rows("hfquick/models/wav2vec2/configuration_wav2vec2.py", QUESTIONS)
losses = rows("hfquick/core/losses.py", QUESTIONS)
weights = rows("hfquick/core/weights.py", QUESTIONS)

FUSED = "F.scaled_dot_product_attention(q, k, v, attn_mask=mask)"
WEIGHTS = "weights = self.dropout((scores if mask is None else scores + mask).softmax(-1))"
UNSTABLE = "x = self.layer_norm(x + self.dropout(context))"
HALF = "x + self.feed_forward(self.final_layer_norm(x))"

# fmt: off
MUTANTS = [
    # From a waveform to frames.
    wav2vec2("convolutions always have a bias", "bias=config.conv_bias", "bias=True", "train wav2vec2-short"),
    wav2vec2("the first width for all", "config.conv_kernel[index]", "config.conv_kernel[0]", "fused wav2vec2-short"),
    wav2vec2("the first stride for all", "config.conv_stride[index]", "config.conv_stride[0]",
             "fused wav2vec2-short"),
    wav2vec2("one norm for all channels", "nn.GroupNorm(channels, channels)", "nn.GroupNorm(1, channels)",
             "fused wav2vec2-short"),
    wav2vec2("each convolution has a norm of channels", "elif index == 0:", "else:", "fused wav2vec2-short"),
    wav2vec2("the first one alone has a norm", 'if self.norm == "layer":', 'if self.norm == "layer" and index == 0:',
             "fused wav2vec2-layer-after"),
    wav2vec2("no activation of frames", "self.layer_norm(x)\n        return self.activation(x)",
             "self.layer_norm(x)\n        return x", "fused wav2vec2-short"),
    wav2vec2("another activation of frames", "self.activation = activation(config.feat_extract_activation)\n\n"
             "    def forward(self, x: Tensor) -> Tensor:\n        x = self.conv(x)",
             "self.activation = activation(config.hidden_act)\n\n"
             "    def forward(self, x: Tensor) -> Tensor:\n        x = self.conv(x)", "fused wav2vec2-odd"),
    wav2vec2("eps of the frames fixed", "nn.LayerNorm(config.conv_dim[-1], eps=config.layer_norm_eps)",
             "nn.LayerNorm(config.conv_dim[-1])", "fused wav2vec2-odd"),
    wav2vec2("frames before their norm", "return self.dropout(self.projection(frames)), frames",
             "return self.dropout(self.projection(frames)), self.projection.weight.mean() + frames",
             "fused wav2vec2-short"),
    wav2vec2("projected frames are not dropped", "self.dropout(self.projection(frames))", "self.projection(frames)",
             "train wav2vec2-short"),
    wav2vec2("frames: dropout of another place", "nn.Dropout(config.feat_proj_dropout)",
             "nn.Dropout(config.hidden_dropout)", "train wav2vec2-short"),
    # Positions.
    wav2vec2("the direction as it is", "self.weight_v * (self.weight_g / kernel_lengths(self.weight_v))",
             "self.weight_v * self.weight_g", "fused wav2vec2-short"),
    wav2vec2("a length for each channel", "kernel.norm(dim=(0, 1), keepdim=True)",
             "kernel.norm(dim=(1, 2), keepdim=True)", "fused wav2vec2-short", seen_by=RuntimeError),
    wav2vec2("the frame too many is the first", "[:, :, :T]", "[:, :, -T:]", "fused wav2vec2-short"),
    wav2vec2("positions: no activation", "return self.activation(x).transpose(1, 2)", "return x.transpose(1, 2)",
             "fused wav2vec2-short"),
    wav2vec2("nothing is added to the positions", "x = x + self.pos_conv_embed(x)", "x = self.pos_conv_embed(x)",
             "fused wav2vec2-short"),
    wav2vec2("positions see padding", "x = x * is_sound[..., None].to(x.dtype)", "x = x * 1.0",
             "fused wav2vec2-short"),
    # Attention.
    wav2vec2("queries and keys swapped", "q, k, v = split", "k, q, v = split", "fused wav2vec2-short"),
    wav2vec2("keys and values swapped", "q, k, v = split", "q, v, k = split", "fused wav2vec2-short"),
    wav2vec2("heads merged wrongly", "context.transpose(1, 2).reshape(B, T, D)", "context.reshape(B, T, D)",
             "fused wav2vec2-short"),
    wav2vec2("written out: no 1/sqrt(K)", " / q.shape[-1] ** 0.5", "", "maps wav2vec2-short"),
    wav2vec2("written out: softmax over queries", "scores + mask).softmax(-1)", "scores + mask).softmax(-2)",
             "maps wav2vec2-short"),
    wav2vec2("written out: padding is attended to", "(scores if mask is None else scores + mask)", "scores",
             "maps wav2vec2-short"),
    wav2vec2("one call: padding is attended to", FUSED, "F.scaled_dot_product_attention(q, k, v)",
             "fused wav2vec2-short"),
    wav2vec2("attention: no dropout", WEIGHTS, WEIGHTS.replace("self.dropout(", "("), "train wav2vec2-short"),
    wav2vec2("training takes the fused call", " or (self.training and self.dropout.p > 0)", "",
             "train wav2vec2-short"),
    wav2vec2("one call: broken in training", f"context = {FUSED}", "context = q * k + v", "train wav2vec2-still"),
    wav2vec2("padding is what is heard", "masked_fill(~is_sound", "masked_fill(is_sound", "fused wav2vec2-short"),
    # The layer.
    wav2vec2("feed-forward: no activation", "self.intermediate_act_fn(self.intermediate_dense(x))",
             "self.intermediate_dense(x)", "fused wav2vec2-short"),
    wav2vec2("feed-forward: activation fixed", "activation(config.hidden_act)", 'activation("gelu")',
             "fused wav2vec2-odd"),
    wav2vec2("feed-forward: dropouts exchanged", "nn.Dropout(config.activation_dropout)",
             "nn.Dropout(config.hidden_dropout)", "train wav2vec2-short"),
    wav2vec2("feed-forward: what it adds is not dropped", "self.output_dropout(self.output_dense(x))",
             "self.output_dense(x)", "train wav2vec2-short"),
    wav2vec2("attention: what it adds is not dropped", UNSTABLE, "x = self.layer_norm(x + context)",
             "train wav2vec2-short"),
    wav2vec2("stable: what attention adds is not dropped", "x = x + self.dropout(context)", "x = x + context",
             "train wav2vec2-layer-whole"),
    wav2vec2("nothing is added to the attention", UNSTABLE, "x = self.layer_norm(self.dropout(context))",
             "fused wav2vec2-short"),
    wav2vec2("both halves share a norm", "self.final_layer_norm(x + self.feed_forward(x))",
             "self.layer_norm(x + self.feed_forward(x))", "fused wav2vec2-short"),
    wav2vec2("stable: both halves share a norm", HALF, HALF.replace("final_", ""), "fused wav2vec2-layer-whole"),
    wav2vec2("stable: attention without a norm", "self.attention(self.layer_norm(x), mask",
             "self.attention(x, mask", "fused wav2vec2-layer-whole"),
    wav2vec2("always after", "if self.is_stable:\n            context", "if False:\n            context",
             "fused wav2vec2-layer-whole"),
    wav2vec2("the encoder's norm is always before", "if not self.is_stable:", "if True:",
             "fused wav2vec2-layer-whole"),
    wav2vec2("no norm at the end", "x = states[-1] = self.layer_norm(x)", "pass", "fused wav2vec2-layer-whole"),
    wav2vec2("the last state before the norm", "x = states[-1] = self.layer_norm(x)", "x = self.layer_norm(x)",
             "fused wav2vec2-layer-whole"),
    wav2vec2("the sum of positions is not dropped", "x = self.dropout(x)\n        states", "states",
             "train wav2vec2-short"),
    wav2vec2("a layer too few", "for layer in self.layers:", "for layer in self.layers[:1]:", "fused wav2vec2-plain"),
    # Masks.
    wav2vec2("padding counted in frames of the first convolution", "self.config.frames(attention_mask.sum(1))"
             ".clamp(min=1)\n", "(attention_mask.sum(1) - 10) // 5 + 1\n",
             "fused wav2vec2-short"),
    wav2vec2("a frame of padding is heard", "torch.arange(T, device=frames.device) < frames[:, None]",
             "torch.arange(T, device=frames.device) <= frames[:, None]", "fused wav2vec2-short"),
    wav2vec2("masked frames are zero", "torch.where(is_masked, self.masked_spec_embed.to(x.dtype), x)",
             "torch.where(is_masked, 0 * self.masked_spec_embed.to(x.dtype), x)", "fused wav2vec2-masked"),
    wav2vec2("the others are masked", "torch.where(is_masked, self", "torch.where(~is_masked, self",
             "fused wav2vec2-masked"),
    wav2vec2("masked in training alone", "if mask_time_indices is not None:",
             "if mask_time_indices is not None and self.training:", "fused wav2vec2-masked"),
    # Heads.
    wav2vec2("characters are not dropped", "self.lm_head(self.dropout(outputs.last_hidden_state))",
             "self.lm_head(outputs.last_hidden_state)", "train wav2vec2-characters-whole"),
    wav2vec2("characters: dropout of another place", "nn.Dropout(config.final_dropout)",
             "nn.Dropout(config.hidden_dropout)", "train wav2vec2-characters-whole"),
    wav2vec2("characters are heard in padding", "torch.full((B,), T) if attention_mask is None else "
             "self.config.frames(attention_mask.sum(1))", "torch.full((B,), T)", "fused wav2vec2-characters-mean"),
    wav2vec2("the mean of all frames", "(x * is_sound).sum(1) / is_sound.sum(1)", "x.mean(1)",
             "fused wav2vec2-one-of-three"),
    wav2vec2("the sum of frames", "pooled = x.mean(1)", "pooled = x.sum(1)", "fused wav2vec2-one-of-seven"),
    wav2vec2("the last layer alone", "if weighted:\n            x", "if False:\n            x",
             "fused wav2vec2-weighted"),
    wav2vec2("weights of layers as they are", "self.layer_weights.softmax(0)", "self.layer_weights",
             "fused wav2vec2-weighted"),
    losses("another blank", "blank=blank_of(config)", "blank=0", "fused wav2vec2-characters-holes"),
    losses("always the sum", "reduction=config.ctc_loss_reduction", 'reduction="sum"',
           "fused wav2vec2-characters-mean"),
    losses("infinity counts", "zero_infinity=config.ctc_zero_infinity", "zero_infinity=False",
           "fused wav2vec2-characters-long"),
    losses("no softmax before CTC", "logits.float().log_softmax(-1).transpose(0, 1)", "logits.float().transpose(0, 1)",
           "fused wav2vec2-characters-mean"),
    # Files.
    wav2vec2("one spelling of the kernel", "for other, ours in WEIGHT_NORM.items()",
             "for other, ours in list(WEIGHT_NORM.items())[2:]", "loads old Wav2Vec2Model", seen_by=ValueError),
    wav2vec2("a kernel in one piece keeps drawn lengths",
             "self.get_parameter(new).data.copy_(kernel_lengths(self.get_parameter(kernel)))", "pass",
             "loads whole Wav2Vec2ForCTC"),
    weights("kernels over time as TensorFlow has them", "lambda: read().swapaxes(0, 2)", "read",
            "loads keras Wav2Vec2Model", seen_by=RuntimeError),
    wav2vec2("convolutions start narrow", "nn.init.kaiming_normal_(module.weight)", "pass", "initial Wav2Vec2Model"),
    wav2vec2("the projection starts normal", "nn.init.uniform_(module.projection.weight, -bound, bound)", "pass",
             "initial Wav2Vec2Model"),
    wav2vec2("directions start wide", "std=2 * (module.weight_v[0].numel() * module.groups) ** -0.5", "std=1.0",
             "initial Wav2Vec2Model"),
    config("dropout", "activation_dropout: float = 0.1", "activation_dropout: float = 0.0", "defaults wav2vec2"),
    config("strides", "[5, 2, 2, 2, 2, 2, 2]", "[5, 2, 2, 2, 2, 2, 1]", "defaults wav2vec2"),
    config("rounded up", "(samples - kernel) // stride + 1", "(samples - 1) // stride + 1", "fused wav2vec2-short"),
]
