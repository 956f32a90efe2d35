"""Training: Trainer in PyTorch, fit in Keras, what both share."""
