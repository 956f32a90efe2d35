"""Planted mistakes in BART in Keras, and the cases that must see each."""

from functools import partial

from . import ours_tf
from .mutations import rows

CHECKS = {name: partial(check, quick=True) for name, check in ours_tf.CHECKS.items()}
bart = rows("hfquick/models/bart/modeling_tf_bart.py", CHECKS)

FUSED = "ops.dot_product_attention(q, k, v, bias=mask_)"
WEIGHTS = "self.dropout(tf.nn.softmax(scores))"
DROPPED = "self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))"
ENCODER_END = (
    f"update = {DROPPED}\n"
    "        return self.final_layer_norm(x + self.dropout(update)), weights\n\n\nclass TFBartDecoderLayer"
)
DECODER_END = (
    f"update = {DROPPED}\n        return self.final_layer_norm(x + self.dropout(update)), weights, encoder_weights"
)
CROSS_NORM = "x = self.encoder_attn_layer_norm(x + self.dropout(update))"
EMBEDDED = "x = self.dropout(self.layernorm_embedding(inputs_embeds + positions))\n        mask_ = "
ENCODED, DECODED = EMBEDDED + "padding_mask", EMBEDDED + "causal_mask"

# fmt: off
MUTANTS = [
    # Masks.
    bart("looks one ahead", "ops.arange(room) > past", "ops.arange(room) > 1 + past", "fused bart-short"),
    bart("does not look at itself", "ops.arange(room) > past", "1 + ops.arange(room) > past", "fused bart-short"),
    bart("the past is forgotten by the mask", "> past + ops.arange(ops", "> ops.arange(ops", "steps bart-short"),
    bart("the mask is looked at upside down",
         "ops.where(is_token, ops.cast(0, x.dtype), lowest)",
         "ops.where(is_token, lowest, ops.cast(0, x.dtype))", "fused bart-short"),
    bart("the decoder's mask is not its padding", "mask_ = mask_ + padding_mask(x, attention_mask, room)",
         "mask_ = mask_ + 0", "fused bart-short"),
    bart("the decoder sees padding of what is read", "encoder_mask_ = padding_mask(x, encoder_attention_mask,",
         "encoder_mask_ = padding_mask(x, None,", "fused bart-short"),
    bart("the encoder reads padding", "mask_ = padding_mask(x, attention_mask, S)", "mask_ = None", "fused bart-short"),
    # Embeddings.
    bart("words not scaled", "return super().call(ids) * self.embed_scale", "return super().call(ids)",
         "fused bart-scaled"),
    bart("words always scaled", "config.d_model**0.5 if config.scale_embedding else 1.0", "config.d_model**0.5",
         "fused bart-short"),
    bart("places not moved", "super().call(positions + self.offset)", "super().call(positions)", "fused bart-short"),
    bart("the decoder counts from 0 in every step", "past + ops.arange(T))", "ops.arange(T))", "steps bart-short"),
    bart("encoder: no norm of embeddings", ENCODED, ENCODED.replace("self.layernorm_embedding", ""),
         "fused bart-short"),
    bart("encoder: no dropout of embeddings", ENCODED, ENCODED.replace("self.dropout", ""), "train bart-short"),
    bart("decoder: no places", DECODED, DECODED.replace(" + positions", ""), "fused bart-short"),
    bart("decoder: dropout before norm", DECODED,
         DECODED.replace("self.dropout(self.layernorm_embedding(", "self.layernorm_embedding(self.dropout("),
         "train bart-short"),
    # Attention.
    bart("keys and values swapped", "return self.split_heads(self.k_proj(y)), self.split_heads(self.v_proj(y))",
         "return self.split_heads(self.v_proj(y)), self.split_heads(self.k_proj(y))", "fused bart-short"),
    bart("heads interleaved", "ops.reshape(y, (B, T, self.num_heads, D // self.num_heads))",
         "ops.swapaxes(ops.reshape(y, (B, T, D // self.num_heads, self.num_heads)), 2, 3)", "fused bart-short"),
    bart("attention to the encoder has its heads", "self.encoder_attn = TFBartAttention(config, config.decoder",
         "self.encoder_attn = TFBartAttention(config, config.encoder", "fused bart-odd"),
    bart("fused: not scaled", FUSED, FUSED[:-1] + ", scale=1.0)", "fused bart-short"),
    bart("fused: mask ignored", FUSED, "ops.dot_product_attention(q, k, v)", "fused bart-short"),
    bart("fused: broken in training", FUSED, "q * ops.mean(k) + ops.mean(v)", "train bart-still"),
    bart("written out: not scaled", " / q.shape[-1] ** 0.5", "", "maps bart-short"),
    bart("written out: mask ignored", "scores = scores + mask_", "scores = scores", "maps bart-short"),
    bart("written out: no dropout", WEIGHTS, "tf.nn.softmax(scores)", "train bart-short"),
    bart("training takes the fused path", " or (training and self.dropout.rate > 0)", "", "train bart-short"),
    bart("dropout of another place", "layers.Dropout(config.attention_dropout)", "layers.Dropout(config.dropout)",
         "train bart-short"),
    # Layers.
    bart("eps of Keras", "EPSILON = 1e-5", "EPSILON = 1e-3", "fused bart-quiet"),
    bart("encoder: no activation", ENCODER_END, ENCODER_END.replace("self.activation_fn", ""), "fused bart-short"),
    bart("encoder: dropout before activation", ENCODER_END,
         ENCODER_END.replace("self.activation_dropout(self.activation_fn(",
                             "self.activation_fn(self.activation_dropout("), "train bart-short"),
    bart("encoder: feed-forward without residual", ENCODER_END, ENCODER_END.replace("x + self", "self"),
         "fused bart-short"),
    bart("decoder: feed-forward without norm", DECODER_END, DECODER_END.replace("self.final_layer_norm", ""),
         "fused bart-short"),
    bart("decoder: no dropout of what is added", DECODER_END, DECODER_END.replace("self.dropout(update)", "update"),
         "train bart-short"),
    bart("decoder: attention to the encoder without residual", CROSS_NORM,
         "x = self.encoder_attn_layer_norm(self.dropout(update))", "fused bart-short"),
    bart("decoder: attention to the encoder without dropout", CROSS_NORM,
         "x = self.encoder_attn_layer_norm(x + update)", "train bart-short"),
    bart("decoder: norms swapped", CROSS_NORM, "x = self.self_attn_layer_norm(x + self.dropout(update))",
         "fused bart-short"),
    bart("decoder: sends no gradient to the encoder", "self.encoder_attn.keys_and_values(encoded)",
         "self.encoder_attn.keys_and_values(tf.stop_gradient(encoded))", "train bart-short"),
    bart("decoder: all layers look at the first's memory", "cache.from_encoder(self.layer_idx, encoder_keys)",
         "cache.from_encoder(0, encoder_keys)", "steps bart-padded"),
    bart("decoder: layers share their place in the cache", "TFBartDecoderLayer(config, layer_idx)",
         "TFBartDecoderLayer(config, 0)", "steps bart-no-mask"),
    bart("the cache does not advance", "cache.advance(T)", "cache.advance(0)", "steps bart-no-mask"),
    bart("encoder's layers in both", "range(config.decoder_layers)", "range(config.encoder_layers)", "fused bart-odd"),
    # What comes out, and the head.
    bart("hidden states: embeddings missing", "states, maps, encoder_maps = [x], [], []",
         "states, maps, encoder_maps = [], [], []", "maps bart-short"),
    bart("maps of the decoder in place of those to the encoder", "encoder_maps.append(encoder_weights)",
         "encoder_maps.append(weights)", "maps bart-short"),
    bart("starts with padding", "constant_values=start)", "constant_values=pad)", "fused bart-words-start"),
    bart("-100 becomes 0", "ops.cast(pad, labels.dtype)", "ops.cast(0, labels.dtype)", "fused bart-words-start"),
    bart("labels in place of given tokens",
         "if labels is not None and decoder_input_ids is None and decoder_inputs_embeds is None:",
         "if labels is not None:", "fused bart-words-given"),
    bart("scores without bias", " + self.final_logits_bias # (B, T, V)", "", "fused bart-words-start"),
    bart("the bias is trained", "trainable=False,", "trainable=True,", "train bart-words-start"),
    bart("the head is always tied", "return always | super().tied()", "return self.TIED", "train bart-words-untied"),
]
# fmt: on
