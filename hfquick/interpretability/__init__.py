"""A look inside generative models: token probabilities and cross-attention."""
