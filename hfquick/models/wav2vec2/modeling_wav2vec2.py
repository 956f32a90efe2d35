"""Wav2Vec2 in PyTorch: convolutions turn a waveform into frames, and a transformer encoder reads these like tokens.

Papers: Baevski et al. 2020, "wav2vec 2.0" (https://arxiv.org/abs/2006.11477); stable layer norm and layer-normalised
convolutions: Conneau et al. 2020, "XLSR" (https://arxiv.org/abs/2006.13979); masks in training: Park et al. 2019,
"SpecAugment" (https://arxiv.org/abs/1904.08779).
Same model in Keras, class by class: modeling_tf_wav2vec2.py.
Attribute names spell the keys of a Hub checkpoint, so its state dict loads without renaming.

Shapes: B recordings, S samples, T frames, C channels of a convolution, D hidden_size, H heads, K = D / H, V vocabulary,
N labels, L characters of a transcription.
"""

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core.losses import classification_loss, ctc_loss
from ...core.modeling import PreTrainedModel, activation, is_full
from ...core.outputs import BaseModelOutput, CausalLMOutput, SequenceClassifierOutput, Wav2Vec2BaseModelOutput
from ...core.weights_matching import Match
from .configuration_wav2vec2 import WEIGHT_NORM, Wav2Vec2Config, check_whole


class Wav2Vec2ConvLayer(nn.Module):
    """One convolution of the feature encoder, C channels -> C' of fewer samples; normalised or not; the activation."""

    FUSED = "frames"  # cpu.speed_up computes it in fewer passes

    def __init__(self, config: Wav2Vec2Config, index: int) -> None:
        super().__init__()
        channels = config.conv_dim[index]
        self.conv = nn.Conv1d(
            config.conv_dim[index - 1] if index else 1,
            channels,
            config.conv_kernel[index],
            stride=config.conv_stride[index],
            bias=config.conv_bias,
        )
        self.norm = config.feat_extract_norm
        self.layer_norm: nn.Module | None = None
        if self.norm == "layer":
            self.layer_norm = nn.LayerNorm(channels)  # over the channels of one time
        elif index == 0:
            self.layer_norm = nn.GroupNorm(channels, channels)  # over all times of one channel
        self.activation = activation(config.feat_extract_activation)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if self.layer_norm is not None:
            x = self.layer_norm(x.transpose(1, 2)).transpose(1, 2) if self.norm == "layer" else self.layer_norm(x)
        return self.activation(x)


class Wav2Vec2FeatureEncoder(nn.Module):
    """The convolutions: waveform (B, S) -> frames (B, T, C)."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.conv_layers = nn.ModuleList(Wav2Vec2ConvLayer(config, index) for index in range(len(config.conv_dim)))

    def forward(self, input_values: Tensor) -> Tensor:
        x = input_values[:, None].to(next(self.parameters()).dtype)  # (B, 1, S)
        for layer in self.conv_layers:
            x = layer(x)
        return x.transpose(1, 2)


class Wav2Vec2FeatureProjection(nn.Module):
    """Frames (B, T, C) -> (B, T, D), and the normalised frames that were projected."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(config.conv_dim[-1], eps=config.layer_norm_eps)
        self.projection = nn.Linear(config.conv_dim[-1], config.hidden_size)
        self.dropout = nn.Dropout(config.feat_proj_dropout)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        frames = self.layer_norm(frames)
        return self.dropout(self.projection(frames)), frames


class WeightNormConv1d(nn.Module):
    """Convolution over frames whose kernel is a direction and a length: weight_g * weight_v / |weight_v|.

    One length for each of the kernel's places (Salimans and Kingma 2016, https://arxiv.org/abs/1602.07868).
    """

    FUSED = "positions"  # cpu.speed_up computes it in the frequency domain

    def __init__(self, channels: int, width: int, groups: int) -> None:
        super().__init__()
        self.groups, self.padding = groups, width // 2
        self.weight_g = nn.Parameter(torch.empty(1, 1, width))
        self.weight_v = nn.Parameter(torch.empty(channels, channels // groups, width))
        self.bias = nn.Parameter(torch.empty(channels))

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight_v * (self.weight_g / kernel_lengths(self.weight_v))
        return F.conv1d(x, weight, self.bias, padding=self.padding, groups=self.groups)


def kernel_lengths(kernel: Tensor) -> Tensor:
    """The length of a kernel (C, C / groups, width) at each of its places: (1, 1, width)."""
    return kernel.norm(dim=(0, 1), keepdim=True)


class Wav2Vec2PositionalConvEmbedding(nn.Module):
    """Relative positions: each frame learns from a convolution over its neighbours where it stands among them."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        width = config.num_conv_pos_embeddings
        self.conv = WeightNormConv1d(config.hidden_size, width, config.num_conv_pos_embedding_groups)
        self.activation = activation(config.feat_extract_activation)

    def forward(self, x: Tensor) -> Tensor:
        T = x.shape[1]
        x = self.conv(x.transpose(1, 2))[:, :, :T]  # an even width makes one frame too many
        return self.activation(x).transpose(1, 2)


class Wav2Vec2Attention(nn.Module):
    """Multi-head self-attention (B, T, D) -> (B, T, D): each frame attends to all frames, padding left out."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.num_heads = config.num_attention_heads
        self.k_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.v_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.q_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.out_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.dropout = nn.Dropout(config.attention_dropout)

    def forward(self, x: Tensor, mask: Tensor | None, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        B, T, D = x.shape

        def split_heads(y: Tensor) -> Tensor:
            return y.view(B, T, self.num_heads, D // self.num_heads).transpose(1, 2)  # (B, H, T, K)

        q, k, v = split_heads(self.q_proj(x)), split_heads(self.k_proj(x)), split_heads(self.v_proj(x))
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (self.training and self.dropout.p > 0):
            scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5  # (B, H, T, T)
            weights = self.dropout((scores if mask is None else scores + mask).softmax(-1))
            context = weights @ v
        else:
            weights = None
            context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (B, H, T, K)
        return self.out_proj(context.transpose(1, 2).reshape(B, T, D)), weights


class Wav2Vec2FeedForward(nn.Module):
    """Position-wise feed-forward network: D -> intermediate_size -> D."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.intermediate_dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)
        self.intermediate_dropout = nn.Dropout(config.activation_dropout)
        self.output_dense = nn.Linear(config.intermediate_size, config.hidden_size)
        self.output_dropout = nn.Dropout(config.hidden_dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = self.intermediate_dropout(self.intermediate_act_fn(self.intermediate_dense(x)))
        return self.output_dropout(self.output_dense(x))


class Wav2Vec2EncoderLayer(nn.Module):
    """Transformer encoder layer; LayerNorm after each half, or with do_stable_layer_norm before it (pre-norm)."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.is_stable = config.do_stable_layer_norm
        self.attention = Wav2Vec2Attention(config)
        self.dropout = nn.Dropout(config.hidden_dropout)
        self.layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.feed_forward = Wav2Vec2FeedForward(config)
        self.final_layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x: Tensor, mask: Tensor | None, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        if self.is_stable:
            context, weights = self.attention(self.layer_norm(x), mask, output_attentions)
            x = x + self.dropout(context)
            return x + self.feed_forward(self.final_layer_norm(x)), weights
        context, weights = self.attention(x, mask, output_attentions)
        x = self.layer_norm(x + self.dropout(context))
        return self.final_layer_norm(x + self.feed_forward(x)), weights


class Wav2Vec2Encoder(nn.Module):
    """Positions, then num_hidden_layers layers; its LayerNorm stands before them, with do_stable_layer_norm after."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.is_stable, self.layerdrop = config.do_stable_layer_norm, config.layerdrop
        self.pos_conv_embed = Wav2Vec2PositionalConvEmbedding(config)
        self.layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout)
        self.layers = nn.ModuleList(Wav2Vec2EncoderLayer(config) for _ in range(config.num_hidden_layers))

    def forward(
        self, x: Tensor, is_sound: Tensor | None, output_hidden_states: bool, output_attentions: bool
    ) -> BaseModelOutput:
        """`is_sound` (B, T) is False for frames of padding, None where there are none."""
        mask = None
        if is_sound is not None:
            x = x * is_sound[..., None].to(x.dtype)  # else the convolution over positions would see padding
            mask = torch.zeros_like(is_sound, dtype=x.dtype).masked_fill(~is_sound, torch.finfo(x.dtype).min)
            mask = mask[:, None, None]  # (B, 1, 1, T), added to the scores
        x = x + self.pos_conv_embed(x)
        if not self.is_stable:
            x = self.layer_norm(x)
        x = self.dropout(x)
        states, maps = [x], []
        for layer in self.layers:
            weights = None
            if not (self.training and self.layerdrop > 0 and torch.rand(()) < self.layerdrop):
                x, weights = layer(x, mask, output_attentions)
            states.append(x)
            maps.append(weights)
        if self.is_stable:
            x = states[-1] = self.layer_norm(x)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


def spans(B: int, length: int, prob: float, width: int, least: int, lengths: Tensor | None) -> Tensor:
    """Randomly chosen spans (B, length), True within: `width` long, about prob * length / width of them, or `least`.

    None of them begins at another's beginning or ends past its row's entry of `lengths` (B,); they may overlap.
    """
    if lengths is None:
        lengths = torch.full((B,), length)
    lengths = lengths[:, None].cpu()
    starts = (lengths - width + 1).clamp(min=0)  # places where a span may begin
    count = (prob * lengths / width + torch.rand(())).floor().clamp(min=least)  # rounded up or down at random
    count = torch.minimum(torch.minimum(count, lengths // width), starts)
    noise = torch.rand(B, length).masked_fill(torch.arange(length) >= starts, -1.0)
    is_start = noise.argsort(1, descending=True).argsort(1) < count  # the `count` largest of each row
    begun = F.pad(is_start.cumsum(1), (width, 0))  # how many have begun so far
    return begun[:, width:] > begun[:, :-width]  # of which some in the last `width` places


class Wav2Vec2PreTrainedModel(PreTrainedModel):
    """Loading, saving and weight initialisation of all Wav2Vec2 models."""

    config_class = Wav2Vec2Config
    base_model_prefix = "wav2vec2"
    main_input_name = "input_values"
    INPUT_EMBEDDINGS = "feature_extractor"
    config: Wav2Vec2Config
    OPTIONAL = ("masked_spec_embed", "encoder.pos_conv_embed.conv.weight_g")
    ZEROS = ("masked_spec_embed", "wav2vec2.masked_spec_embed")  # files of models trained without masks have none

    def init_weights(self, module: nn.Module) -> None:
        super().init_weights(module)
        if any(parameter.is_meta for parameter in module.parameters()):
            return
        if isinstance(module, nn.Conv1d):
            nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                bound = (module.groups / (module.in_channels * module.kernel_size[0])) ** 0.5
                nn.init.uniform_(module.bias, -bound, bound)
        elif isinstance(module, nn.GroupNorm):
            module.reset_parameters()
        elif isinstance(module, WeightNormConv1d):
            nn.init.normal_(module.weight_v, std=2 * (module.weight_v[0].numel() * module.groups) ** -0.5)
            module.weight_g.data.copy_(kernel_lengths(module.weight_v))
            nn.init.zeros_(module.bias)
        elif isinstance(module, Wav2Vec2FeatureProjection):
            bound = module.projection.in_features**-0.5
            nn.init.uniform_(module.projection.weight, -bound, bound)
            nn.init.uniform_(module.projection.bias, -bound, bound)
        elif isinstance(module, Wav2Vec2Model) and hasattr(module, "masked_spec_embed"):
            nn.init.uniform_(module.masked_spec_embed)

    def aliases(self, names: Iterable[str]) -> dict[str, str]:
        """The other spellings of the convolution over positions, for a model with these parameters."""
        stem = next(name for name in names if name.endswith("conv.weight_v")).removesuffix("weight_v")
        return {f"{stem}{other}": f"{stem}{ours}" for other, ours in WEIGHT_NORM.items()}

    def complete(self, found: Match, where: str) -> None:
        """The lengths of a kernel that stands in one piece."""
        new = next((name for name in found.new if name.endswith("conv.weight_g")), None)
        kernel = new and f"{new.removesuffix('g')}v"
        if new and kernel in found.source:
            check_whole(found.source[kernel], where)
            self.get_parameter(new).data.copy_(kernel_lengths(self.get_parameter(kernel)))
            found.new.remove(new)

    def freeze_feature_encoder(self) -> None:
        """Train no longer what turns the waveform into frames: the usual choice in fine-tuning."""
        self.base_model.get_submodule("feature_extractor").requires_grad_(False)

    def is_sound(self, attention_mask: Tensor | None, T: int) -> Tensor | None:
        """A mask of samples (B, S) -> of frames (B, T), False for padding; None where nothing is padding.

        A recording shorter than a frame has one, too: a mean over none would be 0 / 0.
        """
        if attention_mask is None or is_full(attention_mask):
            return None
        frames = self.config.frames(attention_mask.sum(1)).clamp(min=1)
        return torch.arange(T, device=frames.device) < frames[:, None]


class Wav2Vec2Model(Wav2Vec2PreTrainedModel):
    """Recordings -> a contextual vector for each frame.

    Args of a call:
        input_values: (B, S), waveforms as a feature extractor makes them, sampled at the rate of the checkpoint.
        attention_mask: (B, S), 1 for sound, 0 for padding; left out for models that were trained without
            (`return_attention_mask` of their feature extractor is False), whose padding is zeros.
        mask_time_indices: (B, T), True for frames to mask as in training; None: randomly chosen ones in training.
        output_hidden_states: also return the vectors before the first layer and after each.
        output_attentions: also return each layer's attention weights (B, H, T, T).
    """

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__(config)
        self.feature_extractor = Wav2Vec2FeatureEncoder(config)
        self.feature_projection = Wav2Vec2FeatureProjection(config)
        if config.mask_time_prob > 0 or config.mask_feature_prob > 0:
            self.masked_spec_embed = nn.Parameter(torch.empty(config.hidden_size))
        self.encoder = Wav2Vec2Encoder(config)
        self.post_init()

    def masked(self, x: Tensor, is_sound: Tensor | None, mask_time_indices: Tensor | None) -> Tensor:
        """SpecAugment: spans of frames (B, T, D) become one learned vector, spans of their numbers zero."""
        config, (B, T, D) = self.config, x.shape
        if not config.apply_spec_augment:
            return x
        if mask_time_indices is None and self.training and config.mask_time_prob > 0:
            counts = None if is_sound is None else is_sound.sum(1)
            chosen = config.mask_time_prob, config.mask_time_length, config.mask_time_min_masks
            mask_time_indices = spans(B, T, *chosen, counts)
        if mask_time_indices is not None:
            is_masked = mask_time_indices.to(x.device, torch.bool)[..., None]
            x = torch.where(is_masked, self.masked_spec_embed.to(x.dtype), x)
        if self.training and config.mask_feature_prob > 0:
            chosen = config.mask_feature_prob, config.mask_feature_length, config.mask_feature_min_masks
            x = x.masked_fill(spans(B, D, *chosen, None)[:, None].to(x.device), 0)
        return x

    def forward(
        self,
        input_values: Tensor | None = None,
        attention_mask: Tensor | None = None,
        mask_time_indices: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> Wav2Vec2BaseModelOutput:
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        x, frames = self.feature_projection(self.feature_extractor(input_values))  # (B, T, D), (B, T, C)
        is_sound = self.is_sound(attention_mask, x.shape[1])
        x = self.masked(x, is_sound, mask_time_indices)
        outputs = self.encoder(x, is_sound, output_hidden_states, output_attentions)
        return Wav2Vec2BaseModelOutput(outputs.last_hidden_state, frames, outputs.hidden_states, outputs.attentions)


class Wav2Vec2ForCTC(Wav2Vec2PreTrainedModel):
    """Speech recognition: logits (B, T, V), the scores of each character or the blank in each frame.

    labels (B, L): token ids of the transcriptions, -100 after their ends. The loss is connectionist temporal
    classification (CTC): minus the log probability of all ways to spread the characters over the frames.
    """

    label_kind = "characters"

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__(config)
        self.wav2vec2 = Wav2Vec2Model(config)
        self.dropout = nn.Dropout(config.final_dropout)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size)
        self.post_init()

    def forward(
        self,
        input_values: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> CausalLMOutput:
        outputs = self.wav2vec2(input_values, attention_mask, None, output_hidden_states, output_attentions)
        logits = self.lm_head(self.dropout(outputs.last_hidden_state))  # (B, T, V)
        loss = None
        if labels is not None:
            B, T, _ = logits.shape
            frames = torch.full((B,), T) if attention_mask is None else self.config.frames(attention_mask.sum(1))
            loss = ctc_loss(logits, labels, frames, self.config)
        return CausalLMOutput(loss, logits, outputs.hidden_states, outputs.attentions)


class Wav2Vec2ForSequenceClassification(Wav2Vec2PreTrainedModel):
    """Audio classification: logits (B, N) from the mean of the frames, padding left out; labels (B,)."""

    label_kind = "class"

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__(config)
        self.wav2vec2 = Wav2Vec2Model(config)
        if config.use_weighted_layer_sum:
            count = config.num_hidden_layers + 1
            self.layer_weights = nn.Parameter(torch.ones(count) / count)
        self.projector = nn.Linear(config.hidden_size, config.classifier_proj_size)
        self.classifier = nn.Linear(config.classifier_proj_size, config.num_labels)
        self.post_init()

    def forward(
        self,
        input_values: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> SequenceClassifierOutput:
        weighted = self.config.use_weighted_layer_sum
        wants_states = True if weighted else output_hidden_states
        outputs = self.wav2vec2(input_values, attention_mask, None, wants_states, output_attentions)
        x = outputs.last_hidden_state
        if weighted:
            x = (torch.stack(outputs.hidden_states, -1) * self.layer_weights.softmax(0)).sum(-1)  # (B, T, D)
        x = self.projector(x)
        is_sound = self.is_sound(attention_mask, x.shape[1])
        if is_sound is None:
            pooled = x.mean(1)
        else:
            is_sound = is_sound[..., None].to(x.dtype)
            pooled = (x * is_sound).sum(1) / is_sound.sum(1)
        logits = self.classifier(pooled)  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return SequenceClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)
