"""The Hugging Face Hub, its cache, the embedded models and the declared stand-ins: an id -> a folder, and the way back.

repository.py   an id -> a Repo that finds its files          client.py   reading from the Hub
push.py         a model, a tokenizer, a folder -> the Hub     upload.py   writing to it
model_card.py   the README.md of a model                      errors.py     what goes wrong, in sentences
"""

from .repository import HubError, Repo, is_offline, offline_reason, open_repo, reset

__all__ = ["HubError", "Repo", "is_offline", "offline_reason", "open_repo", "reset"]
