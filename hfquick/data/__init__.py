"""Rows to learn from: loading.py opens a dataset, collators.py and masking.py make batches of its rows."""
