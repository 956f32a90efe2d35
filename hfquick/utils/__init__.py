"""Helpers that know nothing of models: sentences for errors, files, arrays, text, installed packages."""
