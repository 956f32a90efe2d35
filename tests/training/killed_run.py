"""A run, and somebody who kills it. In a process of its own, where nothing else has started threads:

python -m tests.training.killed_run FOLDER            train, or go on from the last whole checkpoint, to the end
python -m tests.training.killed_run FOLDER --kills 20 start that as a child and kill it (SIGKILL) at random moments

Losses and weights are written at the end of a run, what the shots hit is printed as JSON.
"""

import argparse
import json
import os
import random
import signal
import time
from pathlib import Path

import torch

from hfquick.training import checkpoints
from tests.helpers.training import losses_of, tiny_model, tiny_trainer

OPTIONS = {"max_steps": 60, "logging_steps": 1, "save_strategy": "steps", "save_steps": 1, "save_total_limit": 3}


def train(folder: Path) -> None:
    trainer = tiny_trainer(folder, tiny_model(), **OPTIONS)  # with dropout
    trainer.train(resume_from_checkpoint=checkpoints.last_whole(folder) is not None)
    weights = {name: tensor.tolist() for name, tensor in trainer.model.state_dict().items()}
    (folder / "result.json").write_text(json.dumps({"losses": losses_of(trainer), "weights": weights}))


def shoot(folder: Path, kills: int) -> dict:
    """Kill a run so often; what was found after each shot."""
    tiny_trainer(folder / "first", tiny_model(), max_steps=1).train()  # so that the children find all imports done
    draw, found = random.Random(0), {"kills": 0, "finished": 0, "unfinished": 0, "steps": [], "lies": []}
    while found["kills"] < kills:
        child = os.fork()
        if not child:
            try:
                train(folder)
            finally:
                os._exit(0 if (folder / "result.json").is_file() else 1)
        time.sleep(draw.uniform(0.05, 0.7))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        found["kills"] += os.WIFSIGNALED(status)
        found["unfinished"] += any(folder.glob(".unfinished-*"))
        there = checkpoints.all_of(folder)
        found["lies"] += [f"{path.name}: {problem}" for path in there if (problem := checkpoints.problem_of(path))]
        found["steps"].append(checkpoints.step_of(there[-1]) if there else 0)
        if not os.WIFSIGNALED(status):  # it was faster than the bullet: go back to the middle
            found["finished"] += 1
            for path in there:
                checkpoints.remove(path)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.kills:
        print(json.dumps(shoot(options.folder, options.kills)))
    else:
        train(options.folder)
