"""Autoregressive text generation: decoding options, logits processors, search, KV cache, stopping criteria."""
