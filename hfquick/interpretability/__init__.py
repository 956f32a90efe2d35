"""Interpretability: token probabilities and cross-attention of generative models, attention over pictures."""
