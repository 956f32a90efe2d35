"""Planted mistakes in BART in PyTorch, and the cases that must see each."""

from . import checks, ours_pt
from .mutations import rows

CHECKS = {**ours_pt.CHECKS, **checks.CHECKS}
bart = rows("hfquick/models/bart/modeling_bart.py", CHECKS)
config = rows("hfquick/models/bart/configuration_bart.py", CHECKS)

FUSED = "q, k, v, attn_mask=mask, is_causal=is_causal"
WEIGHTS = "self.dropout(scores.softmax(-1))"
SHIFTED = "F.pad(before, (1, 0), value=start)"
ENCODED = "x = self.dropout(self.layernorm_embedding(inputs_embeds + positions))\n        mask = padding_mask"
DECODED = "x = self.dropout(self.layernorm_embedding(inputs_embeds + positions))\n        padding = padding_mask"
DROPPED = "self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))"
ENCODER_FEED = (
    f"\n        update = {DROPPED}\n"
    "        return self.final_layer_norm(x + self.dropout(update)), weights\n\n\nclass BartDecoderLayer"
)
ENCODER_NORM = "x = self.self_attn_layer_norm(x + self.dropout(update))" + ENCODER_FEED
DECODER_NEXT = "\n\n        def encoder_keys()"
DECODER_NORM = "x = self.self_attn_layer_norm(x + self.dropout(update))" + DECODER_NEXT
DECODER_FEED = (
    f"update = {DROPPED}\n        return self.final_layer_norm(x + self.dropout(update)), weights, encoder_weights"
)
FEED_ENCODER = "return self.final_layer_norm(x + self.dropout(update)), weights\n\n\nclass BartDecoderLayer"
FEED_DECODER = "return self.final_layer_norm(x + self.dropout(update)), weights, encoder_weights"
CROSS_NORM = "x = self.encoder_attn_layer_norm(x + self.dropout(update))"

# fmt: off
MUTANTS = [
    # Masks.
    bart("looks one ahead", "triu(past + 1)", "triu(past + 2)", "fused bart-holes", "fused bart-padded"),
    bart("does not look at itself", "triu(past + 1)", "triu(past)", "fused bart-holes"),
    bart("the past is forgotten by the mask", "triu(past + 1)", "triu(1)", "steps bart-padded"),
    bart("the mask is looked at upside down", "masked_fill(~attention_mask.bool()", "masked_fill(attention_mask.bool()",
         "fused bart-padded"),
    bart("padding is minus infinity", "torch.finfo(x.dtype).min / 2", "-5.0", "fused bart-holes"),
    bart("the mask is over queries", "[:, None, None, :]", "[:, None, :, None]", "fused bart-short",
         seen_by=RuntimeError),
    bart("every mask is full", "is_full(attention_mask)", "True", "fused bart-holes"),
    bart("the decoder's mask is not its padding", "causal_mask(x, past) + padding", "causal_mask(x, past)",
         "fused bart-holes"),
    bart("the decoder's mask hides padding alone", "mask = causal_mask(x, past) + padding",
         "mask = padding.expand(-1, -1, T, -1)", "fused bart-holes"),
    bart("no mask with a cache", "elif (past and T > 1) or torch.jit.is_tracing():", "elif False:",
         "steps bart-still-no-mask"),
    bart("the decoder sees padding of what is read", "encoder_mask = padding_mask(x, encoder_attention_mask)",
         "encoder_mask = None", "fused bart-padded"),
    bart("the encoder reads padding", "mask = padding_mask(x, attention_mask) states", "mask = None\n\n        states",
         "fused bart-padded"),
    # Embeddings.
    bart("words not scaled", "return super().forward(ids) * self.embed_scale", "return super().forward(ids)",
         "fused bart-scaled"),
    bart("words always scaled", "config.d_model**0.5 if config.scale_embedding else 1.0", "config.d_model**0.5",
         "fused bart-padded"),
    bart("words scaled by D", "config.d_model**0.5 if", "config.d_model if", "fused bart-scaled"),
    bart("vectors scaled, too", "if inputs_embeds is None: check_ids(input_ids, self.embed_tokens.num_embeddings, "
         '"token id") inputs_embeds = self.embed_tokens(input_ids) # (B, S, D)',
         "if inputs_embeds is not None:\n            inputs_embeds = inputs_embeds * self.embed_tokens.embed_scale\n"
         "        else:\n            inputs_embeds = self.embed_tokens(input_ids)", "fused bart-scaled-embeds"),
    bart("padding learns", ", padding_idx=config.pad_token_id", "", "train bart-no-mask"),
    bart("always padding 1", "padding_idx=config.pad_token_id", "padding_idx=1", "train bart-pad-id"),
    bart("places from 0", "offset = 2", "offset = 0", "fused bart-padded", "names BartModel"),
    bart("places not moved", "super().forward(positions + self.offset)", "super().forward(positions)",
         "fused bart-padded"),
    bart("the decoder counts from 0 in every step", "torch.arange(past, past + T,", "torch.arange(T,",
         "steps bart-padded"),
    bart("encoder: no norm of embeddings", ENCODED, ENCODED.replace("self.layernorm_embedding", ""),
         "fused bart-padded"),
    bart("encoder: no places", ENCODED, ENCODED.replace(" + positions", ""), "fused bart-padded"),
    bart("encoder: no dropout of embeddings", ENCODED, ENCODED.replace("self.dropout", ""), "train bart-padded"),
    bart("encoder: dropout before norm", ENCODED,
         ENCODED.replace("self.dropout(self.layernorm_embedding(", "self.layernorm_embedding(self.dropout("),
         "train bart-padded"),
    bart("decoder: no norm of embeddings", DECODED, DECODED.replace("self.layernorm_embedding", ""),
         "fused bart-padded"),
    bart("decoder: no places", DECODED, DECODED.replace(" + positions", ""), "fused bart-padded"),
    bart("decoder: no dropout of embeddings", DECODED, DECODED.replace("self.dropout", ""), "train bart-padded"),
    # Attention.
    bart("keys and values swapped", "return self.split_heads(self.k_proj(y)), self.split_heads(self.v_proj(y))",
         "return self.split_heads(self.v_proj(y)), self.split_heads(self.k_proj(y))", "fused bart-padded"),
    bart("heads interleaved", "view(B, T, self.num_heads, D // self.num_heads).transpose(1, 2)",
         "view(B, T, D // self.num_heads, self.num_heads).permute(0, 3, 1, 2)", "fused bart-padded"),
    bart("heads merged wrongly", "context.transpose(1, 2).reshape", "context.reshape", "fused bart-padded"),
    bart("the decoder has the encoder's heads", "BartAttention(config, config.decoder_attention_heads, is_causal=True)",
         "BartAttention(config, config.encoder_attention_heads, is_causal=True)", "fused bart-odd"),
    bart("attention to the encoder has its heads", "self.encoder_attn = BartAttention(config, config.decoder",
         "self.encoder_attn = BartAttention(config, config.encoder", "fused bart-odd"),
    bart("attention to the encoder looks back only",
         "self.encoder_attn = BartAttention(config, config.decoder_attention_heads)",
         "self.encoder_attn = BartAttention(config, config.decoder_attention_heads, is_causal=True)",
         "fused bart-no-mask"),
    bart("the encoder looks back only", "BartAttention(config, config.encoder_attention_heads)",
         "BartAttention(config, config.encoder_attention_heads, is_causal=True)", "fused bart-no-mask"),
    bart("the decoder looks ahead", "config.decoder_attention_heads, is_causal=True)",
         "config.decoder_attention_heads)",
         "fused bart-no-mask"),
    bart("fused: not scaled", FUSED, FUSED + ", scale=1.0", "fused bart-padded"),
    bart("fused: mask ignored", FUSED, "q, k, v, is_causal=is_causal", "fused bart-padded"),
    bart("fused: broken in training", f"F.scaled_dot_product_attention({FUSED})", "q * k.mean() + v.mean()",
         "train bart-still"),
    bart("written out: not scaled", " / q.shape[-1] ** 0.5", "", "maps bart-padded"),
    bart("written out: scaled by K", " / q.shape[-1] ** 0.5", " / q.shape[-1]", "maps bart-padded"),
    bart("written out: looks ahead", "if mask is None and self.is_causal:", "if False:", "maps bart-no-mask"),
    bart("written out: mask ignored", "scores = scores + mask", "scores = scores", "maps bart-padded"),
    bart("written out: no dropout", WEIGHTS, "scores.softmax(-1)", "train bart-padded"),
    bart("written out: dropout before softmax", WEIGHTS, "self.dropout(scores).softmax(-1)", "train bart-padded"),
    bart("training takes the fused path", " or (self.training and self.dropout.p > 0)", "", "train bart-padded"),
    bart("dropout of another place", "nn.Dropout(config.attention_dropout)", "nn.Dropout(config.dropout)",
         "train bart-padded"),
    # Layers.
    bart("encoder: no residual", ENCODER_NORM, "x = self.self_attn_layer_norm(self.dropout(update))" + ENCODER_FEED,
         "fused bart-padded"),
    bart("encoder: no dropout", ENCODER_NORM, "x = self.self_attn_layer_norm(x + update)" + ENCODER_FEED,
         "train bart-padded"),
    bart("encoder: norm first", ENCODER_NORM, "x = x + self.dropout(self.self_attn_layer_norm(update))" + ENCODER_FEED,
         "fused bart-padded"),
    bart("decoder: no residual", DECODER_NORM, "x = self.self_attn_layer_norm(self.dropout(update))" + DECODER_NEXT,
         "fused bart-padded"),
    bart("decoder: no dropout", DECODER_NORM, "x = self.self_attn_layer_norm(x + update)" + DECODER_NEXT,
         "train bart-padded"),
    bart("encoder's feed-forward: no dropout", FEED_ENCODER, FEED_ENCODER.replace("self.dropout(update)", "update"),
         "train bart-padded"),
    bart("encoder's feed-forward: no residual", FEED_ENCODER, FEED_ENCODER.replace("x + ", ""), "fused bart-padded"),
    bart("encoder's feed-forward: no norm", FEED_ENCODER, FEED_ENCODER.replace("self.final_layer_norm", ""),
         "fused bart-padded"),
    bart("decoder's feed-forward: no dropout", FEED_DECODER, FEED_DECODER.replace("self.dropout(update)", "update"),
         "train bart-padded"),
    bart("decoder's feed-forward: no residual", FEED_DECODER, FEED_DECODER.replace("x + ", ""), "fused bart-padded"),
    bart("encoder: no activation", ENCODER_FEED, ENCODER_FEED.replace("self.activation_fn", ""), "fused bart-padded"),
    bart("encoder: dropout before activation", ENCODER_FEED,
         ENCODER_FEED.replace("self.activation_dropout(self.activation_fn(",
                              "self.activation_fn(self.activation_dropout("),
         "train bart-padded"),
    bart("encoder: no dropout inside the feed-forward part", ENCODER_FEED,
         ENCODER_FEED.replace("self.activation_dropout", ""), "train bart-padded"),
    bart("decoder: no dropout inside the feed-forward part", DECODER_FEED,
         DECODER_FEED.replace("self.activation_dropout", ""), "train bart-padded"),
    bart("decoder: relu for what is asked", DECODER_FEED, DECODER_FEED.replace("self.activation_fn(", "F.relu("),
         "fused bart-no-mask"),
    bart("decoder: no attention to the encoder", CROSS_NORM, "x = self.encoder_attn_layer_norm(x)",
         "fused bart-padded"),
    bart("decoder: attention to the encoder without residual", CROSS_NORM,
         "x = self.encoder_attn_layer_norm(self.dropout(update))", "fused bart-padded"),
    bart("decoder: attention to the encoder without norm", CROSS_NORM, "x = x + self.dropout(update)",
         "fused bart-padded"),
    bart("decoder: attention to the encoder without dropout", CROSS_NORM,
         "x = self.encoder_attn_layer_norm(x + update)", "train bart-padded"),
    bart("decoder: norms swapped", CROSS_NORM, "x = self.self_attn_layer_norm(x + self.dropout(update))",
         "fused bart-padded"),
    bart("decoder: what is written in place of what is read", "self.encoder_attn.keys_and_values(encoded)",
         "self.encoder_attn.keys_and_values(x)", "fused bart-still-no-mask"),
    bart("decoder: sends no gradient to the encoder", "self.encoder_attn.keys_and_values(encoded)",
         "self.encoder_attn.keys_and_values(encoded.detach())", "train bart-padded"),
    bart("decoder: all layers look at the first's memory", "cache.from_encoder(self.layer_idx, encoder_keys)",
         "cache.from_encoder(0, encoder_keys)", "steps bart-padded"),
    bart("decoder: keys are not kept", "k, v = cache.append(self.layer_idx, k, v)",
         "cache.append(self.layer_idx, k, v)",
         "steps bart-still-no-mask", seen_by=RuntimeError),
    bart("decoder: layers share their place in the cache", "BartDecoderLayer(config, layer_idx)",
         "BartDecoderLayer(config, 0)", "steps bart-padded"),
    bart("the cache does not advance", "cache.advance(T)", "cache.advance(0)", "steps bart-no-mask"),
    bart("encoder's width in both", "Linear(config.d_model, config.decoder_ffn_dim)",
         "Linear(config.d_model, config.encoder_ffn_dim)", "names BartModel"),
    bart("encoder's layers in both", "range(config.decoder_layers)", "range(config.encoder_layers)",
         "fused bart-odd"),
    # What comes out, and the head.
    bart("hidden states: embeddings missing", "states, maps, encoder_maps = [x], [], []",
         "states, maps, encoder_maps = [], [], []", "maps bart-padded"),
    bart("maps of the decoder in place of those to the encoder", "encoder_maps.append(encoder_weights)",
         "encoder_maps.append(weights)", "maps bart-padded"),
    bart("written tokens are not shifted", SHIFTED, "F.pad(before[:, 1:], (1, 1), value=start)", "fused bart-words"),
    bart("starts with padding", SHIFTED, "F.pad(before, (1, 0), value=pad)", "fused bart-words-start"),
    bart("-100 becomes 0", "labels[:, :-1] == -100, pad", "labels[:, :-1] == -100, 0", "fused bart-words"),
    bart("labels in place of given tokens",
         "if labels is not None and decoder_input_ids is None and decoder_inputs_embeds is None:",
         "if labels is not None:", "fused bart-words-given"),
    bart("scores without bias", " + self.final_logits_bias", "", "fused bart-words"),
    bart("loss of the next place", "token_loss(logits, labels)", "token_loss(logits[:, :-1], labels[:, 1:])",
         "fused bart-words"),
    bart("the head is never tied", 'if name.endswith("embed_tokens.weight")}\n        return always | super().tied()',
         'if name.endswith("embed_tokens.weight")}\n        return always', "train bart-words"),
    bart("the head is always tied", "return always | super().tied()", "return self.TIED", "train bart-words-untied"),
    # Configuration, files.
    bart("numbers of fairseq's files are not known", '(".encoder.version", ".decoder.version")', "()",
         "loads old BartModel", seen_by=OSError),
    config("wider than it was", "d_model: int = 1024", "d_model: int = 768", "defaults bart"),
    config("starts as it should not", "decoder_start_token_id: int | None = 2",
         "decoder_start_token_id: int | None = 0",
           "defaults bart"),
    config("two labels", '"num_labels", 3', '"num_labels", 2', "defaults bart"),
    config("the standard deviation is fixed", "return self.init_std", "return 0.02", "initial BartModel"),
]
# fmt: on
