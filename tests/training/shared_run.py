"""A script for several processes, as a user would write it: the test starts it with torchrun and alone.

torchrun --nproc_per_node 2 tests/training/shared_run.py FOLDER BATCH_SIZE [resume] [sharded] [best] [words] [hasty]
"""

import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from hfquick.training.trainer import Trainer
from tests.helpers.kinds import collator_of, model_of, rows_of
from tests.helpers.training import arguments, losses_of, tiny_trainer
from tests.reference.training_cases import rows


def shard(trainer) -> None:
    """Make Accelerate use FSDP on this machine's CPU, which it does by itself only where there are GPUs."""
    from accelerate.state import PartialState
    from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin

    plugin = FullyShardedDataParallelPlugin(
        fsdp_version=2,
        auto_wrap_policy="TRANSFORMER_BASED_WRAP",
        transformer_cls_names_to_wrap=["BertLayer"],
        state_dict_type="FULL_STATE_DICT",
    )
    trainer.accelerator.state.fsdp_plugin = plugin
    trainer.accelerator.state.distributed_type = DistributedType.FSDP
    PartialState().distributed_type = DistributedType.FSDP


BEST = {  # the checkpoint with the highest loss, so that it is not the last one
    "eval_strategy": "steps",
    "eval_steps": 4,
    "load_best_model_at_end": True,
    "metric_for_best_model": "loss",
    "greater_is_better": True,
}


def words(folder: Path, batch_size: int) -> None:
    """A causal language model over texts with few and many labels that count, and one with none."""
    torch.set_num_threads(1)
    model = model_of("causal")
    args = arguments(
        folder,
        per_device_train_batch_size=batch_size,
        gradient_accumulation_steps=2,
        per_device_eval_batch_size=batch_size,
        logging_steps=1,
    )
    plain = torch.optim.SGD(model.parameters(), lr=0.1)
    data = rows_of("causal")
    trainer = Trainer(model, args, collator_of("causal"), data, data[:9], optimizers=(plain, None))
    trainer.train()
    metrics = trainer.evaluate()
    weights = sum(float(each.detach().double().abs().sum()) for each in trainer.model.parameters())
    if trainer.accelerator.is_main_process:
        result = {"losses": losses_of(trainer), "eval_loss": metrics["eval_loss"], "weights": weights}
        (folder / "result.json").write_text(json.dumps(result))


def main(folder: Path, batch_size: int, resume: bool, sharded: bool, best: bool) -> None:
    torch.set_num_threads(1)
    trainer = tiny_trainer(
        folder,
        dataset=rows(64),
        eval_dataset=rows(43),  # the last batch is not full, and its rows are odd
        compute_metrics=lambda found: {"rows": len(found.label_ids), "sum": int(found.label_ids.sum())},
        per_device_train_batch_size=batch_size,
        per_device_eval_batch_size=4,
        max_steps=10,
        logging_steps=1,
        save_strategy="steps",
        save_steps=4,
        **(BEST if best else {}),
    )
    if sharded:
        shard(trainer)
    trainer.train(resume_from_checkpoint=str(folder / "checkpoint-4") if resume else None)
    metrics = trainer.evaluate()
    found = trainer.predict(rows(43))
    if trainer.accelerator.is_main_process:
        result = {
            "processes": trainer.accelerator.num_processes,
            "losses": losses_of(trainer),
            "metrics": {name: value for name, value in metrics.items() if not name.endswith(("runtime", "second"))},
            "predictions": found.predictions.tolist(),
        }
        (folder / f"result{'-resumed' if resume else ''}.json").write_text(json.dumps(result))


def hasty(folder: Path) -> None:
    """End while sums over both processes still run."""
    trainer = tiny_trainer(folder, dataset=rows(8), max_steps=1)
    trainer.train()
    for _ in range(3000):
        torch.distributed.all_reduce(torch.ones(20_000), async_op=True)


if __name__ == "__main__":
    if "hasty" in sys.argv:
        hasty(Path(sys.argv[1]))
    elif "words" in sys.argv:
        words(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]), "resume" in sys.argv, "sharded" in sys.argv, "best" in sys.argv)
