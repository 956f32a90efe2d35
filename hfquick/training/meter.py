"""What a run measures of itself: the mean loss since the last log, the length of the gradient, rows and time."""

from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from .state import Metrics, TrainerState


class Meter:
    """Adds up losses on the model's device: to look at them makes a GPU wait, so only logs and checkpoints do."""

    def __init__(self, accelerator: Any, state: TrainerState) -> None:
        self.accelerator = accelerator
        device = "cpu" if accelerator.device.type == "mps" else accelerator.device  # float64 does not exist there
        self.loss_sum = torch.full((), state.loss_sum, dtype=torch.float64, device=device)  # since the last log
        self.loss: Tensor | None = None  # of the last update, in this process
        self.grad_norm: Any = None
        self.rows = 0  # of this process; a loader of the user's own may give batches of any size
        self.start, self.first_step = perf_counter(), state.global_step

    def add(self, loss: Tensor, rows: int, state: TrainerState) -> None:
        """The loss of an update."""
        self.loss = loss
        self.loss_sum += loss
        self.rows += rows
        state.loss_steps += 1

    def skip(self, state: TrainerState) -> None:
        """An update without any label that counts: it has no loss."""
        self.loss = None
        state.skipped_steps += 1

    def logs(self, state: TrainerState, learning_rate: float) -> dict[str, float]:
        """What is to be logged; the mean loss then begins anew."""
        mean = self._mean_loss(state)
        logs = {"loss": mean, "learning_rate": learning_rate}
        if self.grad_norm is not None:
            logs["grad_norm"] = float(self.grad_norm)
        state.total_loss += mean * state.loss_steps
        self.loss_sum.zero_()
        state.loss_steps = 0
        return logs

    def summary(self, state: TrainerState) -> Metrics:
        """The numbers of the whole run."""
        seconds = perf_counter() - self.start
        rest = self._mean_loss(state) * state.loss_steps if state.loss_steps else 0.0
        return Metrics(
            train_runtime=seconds,
            train_samples_per_second=self.rows * self.accelerator.num_processes / seconds,
            train_steps_per_second=(state.global_step - self.first_step) / seconds,
            train_loss=(state.total_loss + rest) / max(1, state.global_step - state.skipped_steps),
        )

    def _mean_loss(self, state: TrainerState) -> float:
        """Over all processes."""
        mean = self.loss_sum / state.loss_steps
        return float(self.accelerator.reduce(mean, "mean")) if self.accelerator.num_processes > 1 else float(mean)
