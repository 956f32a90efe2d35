"""Wav2Vec2 in Keras: convolutions turn a waveform into frames, and a transformer encoder reads these like tokens.

Papers: Baevski et al. 2020, "wav2vec 2.0" (https://arxiv.org/abs/2006.11477); stable layer norm and layer-normalised
convolutions: Conneau et al. 2020, "XLSR" (https://arxiv.org/abs/2006.13979); masks in training: Park et al. 2019,
"SpecAugment" (https://arxiv.org/abs/1904.08779).
Same model in PyTorch, class by class: modeling_wav2vec2.py.
Attribute names spell the keys of a Hub checkpoint, so one table of layouts loads it (weights_tf.py).
Keras claims arguments that end in `mask` for itself: here it is `mask_`. The channels of convolutions stand last: on a
processor TensorFlow convolves nothing else. A graph is traced once for all batches, so whether a layer is left out in
training is decided in it, by tf.cond.

Shapes: B recordings, S samples, T frames, C channels of a convolution, D hidden_size, H heads, K = D / H, V vocabulary,
N labels, L characters of a transcription.
"""

from collections.abc import Iterable

import keras
import tensorflow as tf
from keras import layers, ops

from ...core.losses_tf import classification_loss, ctc_loss
from ...core.modeling_tf import Initial, TFPreTrainedModel, activation
from ...core.outputs import BaseModelOutput, CausalLMOutput, SequenceClassifierOutput, Wav2Vec2BaseModelOutput
from ...core.weights_matching import Match
from .configuration_wav2vec2 import WEIGHT_NORM, Wav2Vec2Config, check_whole

EPSILON = 1e-5  # of the norms among the convolutions, as PyTorch has it


class TFWav2Vec2ConvLayer(layers.Layer):
    """One convolution of the feature encoder, C channels -> C' of fewer samples; normalised or not; the activation."""

    def __init__(self, config: Wav2Vec2Config, index: int) -> None:
        super().__init__()
        channels = config.conv_dim[index]
        self.conv = layers.Conv1D(
            channels,
            config.conv_kernel[index],
            strides=config.conv_stride[index],
            use_bias=config.conv_bias,
            data_format="channels_last",
        )
        self.layer_norm = None
        if config.feat_extract_norm == "layer":
            self.layer_norm = layers.LayerNormalization(epsilon=EPSILON)  # over the channels of one time
        elif index == 0:
            self.layer_norm = layers.GroupNormalization(channels, epsilon=EPSILON)  # over all times of one channel
        self.activation = activation(config.feat_extract_activation)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        x = self.conv(x)
        if self.layer_norm is not None:
            x = self.layer_norm(x)
        return self.activation(x)


class TFWav2Vec2FeatureEncoder(layers.Layer):
    """The convolutions: waveform (B, S) -> frames (B, T, C)."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.conv_layers = [TFWav2Vec2ConvLayer(config, index) for index in range(len(config.conv_dim))]

    def call(self, input_values: tf.Tensor) -> tf.Tensor:
        x = input_values[..., None]  # (B, S, 1)
        for layer in self.conv_layers:
            x = layer(x)
        return x


class TFWav2Vec2FeatureProjection(layers.Layer):
    """Frames (B, T, C) -> (B, T, D), and the normalised frames that were projected."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.layer_norm = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.projection = layers.Dense(config.hidden_size)
        self.dropout = layers.Dropout(config.feat_proj_dropout)

    def call(self, frames: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        frames = self.layer_norm(frames)
        return self.dropout(self.projection(frames)), frames


class TFWeightNormConv1d(layers.Layer):
    """Convolution over frames whose kernel is a direction and a length: weight_g * weight_v / |weight_v|.

    One length for each of the kernel's places (Salimans and Kingma 2016, https://arxiv.org/abs/1602.07868).
    """

    def __init__(self, channels: int, width: int, groups: int) -> None:
        super().__init__()
        self.groups, self.padding = groups, width // 2
        std = 2 * (channels * width) ** -0.5
        # The length that such a direction has on average: here one variable cannot be computed from another.
        length = std * channels / groups**0.5
        self.weight_g_initializer = Initial(keras.initializers.Constant(length))
        self.weight_v_initializer = Initial(keras.initializers.RandomNormal(stddev=std))
        self.bias_initializer = Initial("zeros")
        for name, shape in (
            ("weight_g", (1, 1, width)),
            ("weight_v", (channels, channels // groups, width)),
            ("bias", (channels,)),
        ):
            initial = getattr(self, f"{name}_initializer")  # laid out as in torch, and in float32 until multiplied
            setattr(self, name, self.add_weight(name=name, shape=shape, initializer=initial, autocast=False))

    def call(self, x: tf.Tensor) -> tf.Tensor:
        weight = self.weight_v * (self.weight_g / kernel_lengths(self.weight_v))
        kernel = ops.cast(ops.transpose(weight, (2, 1, 0)), x.dtype)  # (width, C / groups, C)
        x = tf.pad(x, [[0, 0], [self.padding] * 2, [0, 0]])
        # One convolution for each group: without oneDNN, TensorFlow has no gradient of all of them in one.
        pairs = zip(tf.split(x, self.groups, -1), tf.split(kernel, self.groups, -1), strict=True)
        x = tf.concat([tf.nn.conv1d(part, each, 1, "VALID") for part, each in pairs], -1)
        return x + ops.cast(self.bias, x.dtype)


def kernel_lengths(kernel: tf.Tensor) -> tf.Tensor:
    """The length of a kernel (C, C / groups, width) at each of its places: (1, 1, width)."""
    return ops.sqrt(ops.sum(ops.square(kernel), (0, 1), keepdims=True))


class TFWav2Vec2PositionalConvEmbedding(layers.Layer):
    """Relative positions: each frame learns from a convolution over its neighbours where it stands among them."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        width = config.num_conv_pos_embeddings
        self.conv = TFWeightNormConv1d(config.hidden_size, width, config.num_conv_pos_embedding_groups)
        self.activation = activation(config.feat_extract_activation)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        T = ops.shape(x)[1]
        return self.activation(self.conv(x)[:, :T])  # an even width makes one frame too many


class TFWav2Vec2Attention(layers.Layer):
    """Multi-head self-attention (B, T, D) -> (B, T, D): each frame attends to all frames, padding left out."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.num_heads = config.num_attention_heads
        self.k_proj = layers.Dense(config.hidden_size)
        self.v_proj = layers.Dense(config.hidden_size)
        self.q_proj = layers.Dense(config.hidden_size)
        self.out_proj = layers.Dense(config.hidden_size)
        self.dropout = layers.Dropout(config.attention_dropout)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool, training: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        B, T, D = ops.shape(x)

        def split_heads(y: tf.Tensor) -> tf.Tensor:
            return ops.reshape(y, (B, T, self.num_heads, D // self.num_heads))

        q, k, v = split_heads(self.q_proj(x)), split_heads(self.k_proj(x)), split_heads(self.v_proj(x))  # (B, T, H, K)
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (training and self.dropout.rate > 0):
            scores = ops.einsum("bqhk,bthk->bhqt", q, k) / q.shape[-1] ** 0.5  # (B, H, T, T)
            weights = self.dropout(tf.nn.softmax(scores if mask_ is None else scores + mask_))
            context = ops.einsum("bhqt,bthk->bqhk", weights, v)
        else:
            weights = None
            context = ops.dot_product_attention(q, k, v, bias=mask_)  # (B, T, H, K)
        return self.out_proj(ops.reshape(context, (B, T, D))), weights


class TFWav2Vec2FeedForward(layers.Layer):
    """Position-wise feed-forward network: D -> intermediate_size -> D."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.intermediate_dense = layers.Dense(config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)
        self.intermediate_dropout = layers.Dropout(config.activation_dropout)
        self.output_dense = layers.Dense(config.hidden_size)
        self.output_dropout = layers.Dropout(config.hidden_dropout)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        x = self.intermediate_dropout(self.intermediate_act_fn(self.intermediate_dense(x)))
        return self.output_dropout(self.output_dense(x))


class TFWav2Vec2EncoderLayer(layers.Layer):
    """Transformer encoder layer; LayerNorm after each half, or with do_stable_layer_norm before it (pre-norm)."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.is_stable = config.do_stable_layer_norm
        self.attention = TFWav2Vec2Attention(config)
        self.dropout = layers.Dropout(config.hidden_dropout)
        self.layer_norm = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.feed_forward = TFWav2Vec2FeedForward(config)
        self.final_layer_norm = layers.LayerNormalization(epsilon=config.layer_norm_eps)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        if self.is_stable:
            context, weights = self.attention(self.layer_norm(x), mask_, output_attentions=output_attentions)
            x = x + self.dropout(context)
            return x + self.feed_forward(self.final_layer_norm(x)), weights
        context, weights = self.attention(x, mask_, output_attentions=output_attentions)
        x = self.layer_norm(x + self.dropout(context))
        return self.final_layer_norm(x + self.feed_forward(x)), weights


class TFWav2Vec2Encoder(layers.Layer):
    """Positions, then num_hidden_layers layers; its LayerNorm stands before them, with do_stable_layer_norm after."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.is_stable, self.layerdrop = config.do_stable_layer_norm, config.layerdrop
        self.num_heads = config.num_attention_heads
        self.pos_conv_embed = TFWav2Vec2PositionalConvEmbedding(config)
        self.layer_norm = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.dropout = layers.Dropout(config.hidden_dropout)
        self.layers = [TFWav2Vec2EncoderLayer(config) for _ in range(config.num_hidden_layers)]

    def call(
        self,
        x: tf.Tensor,
        is_sound: tf.Tensor | None,
        output_hidden_states: bool,
        output_attentions: bool,
        training: bool = False,
    ) -> BaseModelOutput:
        """`is_sound` (B, T) is False for frames of padding, None where there are none."""
        mask_ = None
        if is_sound is not None:
            x = x * ops.cast(is_sound[..., None], x.dtype)  # else the convolution over positions would see padding
            very_low = ops.cast(float(x.dtype.min) / 2, x.dtype)
            mask_ = ops.where(is_sound, ops.cast(0, x.dtype), very_low)[:, None, None]  # (B, 1, 1, T), added to scores
        x = x + self.pos_conv_embed(x)
        if not self.is_stable:
            x = self.layer_norm(x)
        x = self.dropout(x)
        states, maps = [x], []
        for layer in self.layers:
            if training and self.layerdrop > 0:
                x, weights = self.with_luck(layer, x, mask_, output_attentions)
            else:
                x, weights = layer(x, mask_, output_attentions=output_attentions)
            states.append(x)
            maps.append(weights)
        if self.is_stable:
            x = states[-1] = self.layer_norm(x)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )

    def with_luck(
        self, layer: layers.Layer, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        """What a layer gives; or, at random, x as it is, with attention weights of zero."""
        if not output_attentions:
            return tf.cond(
                tf.random.uniform(()) < self.layerdrop, lambda: x, lambda: layer(x, mask_, output_attentions=False)[0]
            ), None
        B, T, _ = ops.shape(x)
        return tf.cond(
            tf.random.uniform(()) < self.layerdrop,
            lambda: (x, ops.zeros((B, self.num_heads, T, T), x.dtype)),
            lambda: layer(x, mask_, output_attentions=True),
        )


def spans(
    B: int | tf.Tensor, length: int | tf.Tensor, prob: float, width: int, least: int, lengths: tf.Tensor | None
) -> tf.Tensor:
    """Randomly chosen spans (B, length), True within: `width` long, about prob * length / width of them, or `least`.

    None of them begins at another's beginning or ends past its row's entry of `lengths` (B,); they may overlap.
    """
    lengths = ops.broadcast_to(length if lengths is None else lengths, (B,))[:, None]
    starts = ops.maximum(lengths - width + 1, 0)  # places where a span may begin
    count = ops.floor(prob * ops.cast(lengths, "float32") / width + tf.random.uniform(()))  # up or down at random
    count = ops.maximum(ops.cast(count, "int32"), least)
    count = ops.minimum(ops.minimum(count, lengths // width), starts)
    noise = ops.where(ops.arange(length) < starts, tf.random.uniform((B, length)), -1.0)
    is_start = ops.argsort(ops.argsort(-noise)) < count  # the `count` largest of each row
    begun = tf.pad(tf.cumsum(tf.cast(is_start, "int32"), 1), [[0, 0], [width, 0]])  # how many have begun so far
    return begun[:, width:] > begun[:, :-width]  # of which some in the last `width` places


class TFWav2Vec2PreTrainedModel(TFPreTrainedModel):
    """Loading, saving and weight initialisation of all Wav2Vec2 models."""

    config_class = Wav2Vec2Config
    base_model_prefix = "wav2vec2"
    main_input_name = "input_values"
    INPUT_EMBEDDINGS = "feature_extractor"
    config: Wav2Vec2Config
    OPTIONAL = ("masked_spec_embed", "encoder.pos_conv_embed.conv.weight_g")
    ZEROS = ("masked_spec_embed", "wav2vec2.masked_spec_embed")  # files of models trained without masks have none

    def init_weights(self, module: layers.Layer) -> None:
        super().init_weights(module)

        def uniform(inputs: int) -> Initial:
            return Initial(keras.initializers.RandomUniform(-(inputs**-0.5), inputs**-0.5))

        if isinstance(module, TFWav2Vec2FeatureEncoder):
            inputs = 1
            for layer in module.conv_layers:
                he = keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")  # He et al. 2015
                layer.conv.kernel_initializer = Initial(he)
                layer.conv.bias_initializer = uniform(inputs * layer.conv.kernel_size[0])
                inputs = layer.conv.filters
        elif isinstance(module, layers.GroupNormalization):
            module.gamma_initializer, module.beta_initializer = Initial("ones"), Initial("zeros")
        elif isinstance(module, TFWav2Vec2FeatureProjection):
            dense, inputs = module.projection, self.config.conv_dim[-1]
            dense.kernel_initializer, dense.bias_initializer = uniform(inputs), uniform(inputs)
            dense._has_initial_weights = True  # parents come first here

    def aliases(self, names: Iterable[str]) -> dict[str, str]:
        """The other spellings of the convolution over positions, for a model with these parameters."""
        stem = next(name for name in names if name.endswith("conv.weight_v")).removesuffix("weight_v")
        return {f"{stem}{other}": f"{stem}{ours}" for other, ours in WEIGHT_NORM.items()}

    def complete(self, found: Match, where: str) -> None:
        """The lengths of a kernel that stands in one piece."""
        conv = self.base_model.encoder.pos_conv_embed.conv
        new = next((name for name in found.new if name.endswith("conv.weight_g")), None)
        kernel = new and f"{new.removesuffix('g')}v"
        if new and kernel in found.source:
            check_whole(found.source[kernel], where)
            conv.weight_g.assign(kernel_lengths(conv.weight_v))
            found.new.remove(new)

    def freeze_feature_encoder(self) -> None:
        """Train no longer what turns the waveform into frames: the usual choice in fine-tuning."""
        self.base_model.feature_extractor.trainable = False

    def is_sound(self, attention_mask: tf.Tensor | None, T: int | tf.Tensor) -> tf.Tensor | None:
        """A mask of samples (B, S) -> of frames (B, T), False for padding; None where none is given.

        A recording shorter than a frame has one, too: a mean over none would be 0 / 0.
        """
        if attention_mask is None:
            return None
        frames = ops.maximum(self.config.frames(ops.sum(ops.cast(attention_mask, "int32"), 1)), 1)
        return ops.arange(T) < frames[:, None]


@keras.saving.register_keras_serializable("hfquick")
class TFWav2Vec2Model(TFWav2Vec2PreTrainedModel):
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
        self.feature_extractor = TFWav2Vec2FeatureEncoder(config)
        self.feature_projection = TFWav2Vec2FeatureProjection(config)
        if config.mask_time_prob > 0 or config.mask_feature_prob > 0:
            self.masked_spec_embed_initializer = Initial(keras.initializers.RandomUniform(0, 1))
            self.masked_spec_embed = self.add_weight(
                name="masked_spec_embed", shape=(config.hidden_size,), initializer=self.masked_spec_embed_initializer
            )
        self.encoder = TFWav2Vec2Encoder(config)
        self.post_init()

    def masked(
        self, x: tf.Tensor, is_sound: tf.Tensor | None, mask_time_indices: tf.Tensor | None, training: bool
    ) -> tf.Tensor:
        """SpecAugment: spans of frames (B, T, D) become one learned vector, spans of their numbers zero."""
        config, (B, T, D) = self.config, ops.shape(x)
        if not config.apply_spec_augment:
            return x
        if mask_time_indices is None and training and config.mask_time_prob > 0:
            counts = None if is_sound is None else ops.sum(ops.cast(is_sound, "int32"), 1)
            chosen = config.mask_time_prob, config.mask_time_length, config.mask_time_min_masks
            mask_time_indices = spans(B, T, *chosen, counts)
        if mask_time_indices is not None:
            is_masked = ops.cast(mask_time_indices, "bool")[..., None]
            x = ops.where(is_masked, ops.cast(self.masked_spec_embed, x.dtype), x)
        if training and config.mask_feature_prob > 0:
            chosen = config.mask_feature_prob, config.mask_feature_length, config.mask_feature_min_masks
            x = ops.where(spans(B, D, *chosen, None)[:, None], ops.cast(0, x.dtype), x)
        return x

    def call(
        self,
        input_values: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        mask_time_indices: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> Wav2Vec2BaseModelOutput:
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        x, frames = self.feature_projection(self.feature_extractor(input_values))  # (B, T, D), (B, T, C)
        is_sound = self.is_sound(attention_mask, ops.shape(x)[1])
        x = self.masked(x, is_sound, mask_time_indices, training)
        outputs = self.encoder(
            x, is_sound, output_hidden_states=output_hidden_states, output_attentions=output_attentions
        )
        return Wav2Vec2BaseModelOutput(outputs.last_hidden_state, frames, outputs.hidden_states, outputs.attentions)


@keras.saving.register_keras_serializable("hfquick")
class TFWav2Vec2ForCTC(TFWav2Vec2PreTrainedModel):
    """Speech recognition: logits (B, T, V), the scores of each character or the blank in each frame.

    labels (B, L): token ids of the transcriptions, -100 after their ends. The loss is connectionist temporal
    classification (CTC): minus the log probability of all ways to spread the characters over the frames.
    """

    label_kind = "characters"

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__(config)
        self.wav2vec2 = TFWav2Vec2Model(config)
        self.dropout = layers.Dropout(config.final_dropout)
        self.lm_head = layers.Dense(config.vocab_size)
        self.post_init()

    def call(
        self,
        input_values: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> CausalLMOutput:
        outputs = self.wav2vec2(
            input_values,
            attention_mask=attention_mask,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.lm_head(self.dropout(outputs.last_hidden_state))  # (B, T, V)
        loss = None
        if labels is not None:
            B, T, _ = ops.shape(logits)
            frames = ops.broadcast_to(T, (B,))
            if attention_mask is not None:
                frames = self.config.frames(ops.sum(ops.cast(attention_mask, "int32"), 1))
            loss = ctc_loss(logits, labels, frames, self.config)
        return CausalLMOutput(loss, logits, outputs.hidden_states, outputs.attentions)


@keras.saving.register_keras_serializable("hfquick")
class TFWav2Vec2ForSequenceClassification(TFWav2Vec2PreTrainedModel):
    """Audio classification: logits (B, N) from the mean of the frames, padding left out; labels (B,)."""

    label_kind = "class"

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__(config)
        self.wav2vec2 = TFWav2Vec2Model(config)
        if config.use_weighted_layer_sum:
            count = config.num_hidden_layers + 1
            self.layer_weights_initializer = Initial(keras.initializers.Constant(1 / count))
            self.layer_weights = self.add_weight(
                name="layer_weights", shape=(count,), initializer=self.layer_weights_initializer
            )
        self.projector = layers.Dense(config.classifier_proj_size)
        self.classifier = layers.Dense(config.num_labels)
        self.post_init()

    def call(
        self,
        input_values: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> SequenceClassifierOutput:
        weighted = self.config.use_weighted_layer_sum
        outputs = self.wav2vec2(
            input_values,
            attention_mask=attention_mask,
            output_hidden_states=True if weighted else output_hidden_states,
            output_attentions=output_attentions,
        )
        x = outputs.last_hidden_state
        if weighted:
            x = ops.sum(ops.stack(outputs.hidden_states, -1) * ops.softmax(self.layer_weights), -1)  # (B, T, D)
        x = self.projector(x)
        is_sound = self.is_sound(attention_mask, ops.shape(x)[1])
        if is_sound is None:
            pooled = ops.mean(x, 1)
        else:
            is_sound = ops.cast(is_sound[..., None], x.dtype)
            pooled = ops.sum(x * is_sound, 1) / ops.sum(is_sound, 1)
        logits = self.classifier(pooled)  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return SequenceClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)
