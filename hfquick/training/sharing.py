"""The way of a run to the Hub: the card of its model, and the upload of its folder without checkpoints."""

from pathlib import Path
from typing import Any

from torch import nn

from ..hub.model_card import ModelFacts, TrainingFacts
from ..hub.model_card import create_model_card as write_card
from ..hub.push import upload_folder
from .arguments import TrainingArguments
from .state import TrainerState

NOT_UPLOADED = ["checkpoint-*", "runs/*", "training_args.json"]


def repository_of(args: TrainingArguments) -> str:
    """The repository of a run."""
    return args.hub_model_id or Path(args.output_dir).resolve().name


def create_model_card(
    model: nn.Module, args: TrainingArguments, state: TrainerState, dataset: str | None, **facts: Any
) -> Path:
    """README.md of a model, with the arguments of its run and the last numbers of an evaluation."""
    history = state.log_history
    measured = [entry for entry in history if any(name.startswith("eval_") for name in entry)]
    last: dict[str, Any] = {"metrics": measured[-1]} if measured else {}
    training = TrainingFacts(dataset=dataset, args=args.to_dict(), log_history=history, **last)
    return write_card(args.output_dir, ModelFacts.of(model, repository_of(args), **facts), training)


def upload(args: TrainingArguments, commit_message: str, token: str | None) -> str:
    """Upload the folder of a run; returns the address of its page."""
    return upload_folder(
        args.output_dir,
        repository_of(args),
        commit_message=commit_message,
        private=args.hub_private_repo,
        token=token or args.hub_token,
        ignore_patterns=NOT_UPLOADED,
    )
