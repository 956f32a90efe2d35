"""Faster ways on a processor for what PyTorch does slowly there; the models know nothing of them."""
