"""Interpretability of generative models: token probabilities and cross-attention maps."""
