"""wav2vec2-tiny-drums: which drum was hit? An audio classifier of five classes, for kits that it never heard.

After recipes.drums has gathered the hits: python -m recipes.wav2vec2_tiny_drums
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from hfquick import Trainer

from . import drums, recognition, sources, tokens
from .common import SEED, ZOO, Clock, publish, record, run, save_half, table, write_card, write_json
from .recognition import EXTRACTOR, HOP, PHASES, RATE, WINDOW, sometimes, uniform

NAME = "wav2vec2-tiny-drums"
BANDS = 40
SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "feat_extract_norm": "layer",
    "conv_dim": [BANDS * PHASES, BANDS, 64],
    "conv_kernel": [WINDOW, 1, 5],
    "conv_stride": [HOP, 1, 2],
    "conv_bias": True,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 8,
    "do_stable_layer_norm": True,
    "layerdrop": 0.0,
    "mask_time_prob": 0.1,
    "mask_time_length": 4,
    "mask_time_min_masks": 0,
    "classifier_proj_size": 64,
    "pad_token_id": 0,
    "bos_token_id": None,
    "eos_token_id": None,
}
EPOCHS, LR, MATRIX_LR, BATCH = 60, 5e-4, 0.005, 32
GAIN = 0.01  # how a hit fades away tells much of what was hit
SHORTEST = 1600  # samples of a hit that are heard, at least
SILENCE = 0.05  # seconds before a hit, at most


def config() -> Any:
    from hfquick.models.wav2vec2.configuration_wav2vec2 import Wav2Vec2Config

    return Wav2Vec2Config(**SIZES, id2label=dict(enumerate(drums.LABELS)))


class Hits:
    """Rows of a split: waveforms (S,) and their labels."""

    def __init__(self, split: str) -> None:
        self.clips = list(drums.rows(split))
        self.labels = np.array([drums.LABELS.index(clip.label) for clip in self.clips])

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"wave": torch.from_numpy(self.clips[index].samples), "labels": int(self.labels[index])}


class Collator:
    """Rows -> a batch; with `change`, of drums of another size, in other rooms, through other microphones."""

    def __init__(self, change: bool = False) -> None:
        self.change, self.lines = change, recognition.Collator(change=True)

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        waves = [self.changed(row["wave"]) if self.change else row["wave"] for row in rows]
        batch = recognition.padded(waves, max(SHORTEST, *map(len, waves)), SHORTEST)
        return {**batch, "labels": torch.tensor([row["labels"] for row in rows])}

    def changed(self, wave: Tensor) -> Tensor:
        if sometimes(0.9):  # a larger or smaller drum
            wave = F.interpolate(wave[None, None], scale_factor=float(uniform(0.75, 1.35)), mode="linear")[0, 0]
        if sometimes(0.4):  # damped by a hand, or cut short
            time = torch.arange(len(wave)) / RATE
            wave = wave * torch.exp(-time * uniform(1, 12))
        if sometimes(0.3):
            wave = wave[: max(SHORTEST, int(len(wave) * uniform(0.3, 1)))]
        return self.lines.changed(F.pad(wave, (int(uniform(0, SILENCE) * RATE), 0)))


class DrumTrainer(Trainer):
    """Trains the matrices of the layers with Muon."""

    def create_optimizer(self, model: Any = None) -> Any:
        if self.optimizer is None:
            self.optimizer = recognition.optimizer(self.model, self.args.learning_rate, MATRIX_LR / LR)
        return self.optimizer


def train() -> None:
    from hfquick.models.wav2vec2.modeling_wav2vec2 import Wav2Vec2ForSequenceClassification

    clock = Clock()
    torch.manual_seed(SEED)
    model = Wav2Vec2ForSequenceClassification(config())
    recognition.initialise(model, BANDS, GAIN)
    rows, dev = Hits("train"), Hits("dev")
    arguments = tokens.arguments(
        NAME,
        num_train_epochs=EPOCHS,
        learning_rate=LR,
        per_device_train_batch_size=BATCH,
        lr_scheduler_type="cosine",
        weight_decay=0.05,
        max_grad_norm=1.0,
        remove_unused_columns=False,
        label_names=["labels"],
        eval_strategy="steps",
        eval_steps=60,
        save_steps=300,
    )
    trainer = DrumTrainer(
        model,
        arguments,
        Collator(change=True),
        train_dataset=rows,
        eval_dataset=dev,
        compute_metrics=lambda found: {"accuracy": np.mean(found.predictions.argmax(-1) == found.label_ids)},
    )
    trainer.get_eval_dataloader = lambda dataset=None: batches(dataset or dev)
    trainer.train(resume_from_checkpoint=any(Path(arguments.output_dir).glob("checkpoint-*")))
    folder = sources.WORK / "models" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "preprocessor_config.json", EXTRACTOR)
    save_half(model, folder)
    if publish(folder, lambda where: accuracy(where, "dev")):
        record(NAME, minutes=clock.minutes(), epochs=EPOCHS, rows=len(rows))


# Measuring


def batches(rows: Hits) -> list[dict[str, Tensor]]:
    collate = Collator()
    return [
        collate([rows[index] for index in range(start, min(start + 16, len(rows)))])
        for start in range(0, len(rows), 16)
    ]


@torch.inference_mode()
def accuracy(folder: Path, split: str) -> float:
    from hfquick.models.wav2vec2.modeling_wav2vec2 import Wav2Vec2ForSequenceClassification

    model, rows = Wav2Vec2ForSequenceClassification.from_pretrained(str(folder)), Hits(split)
    found = [model(each["input_values"], each["attention_mask"]).logits.argmax(-1) for each in batches(rows)]
    return float((torch.cat(found).numpy() == rows.labels).mean())


def card() -> None:
    linear = drums.baseline()
    lines = [(split, len(Hits(split)), accuracy(ZOO / NAME, split), linear[split]) for split in ("dev", "test")]
    front = {
        "license": "apache-2.0",
        "library_name": "hfquick",
        "pipeline_tag": "audio-classification",
        "tags": ["wav2vec2", "audio", "tiny", "education"],
        "metrics": ["accuracy"],
    }
    parts = {part: [kit for kit, row in drums.KITS.items() if row.part == part] for part in ("train", "dev", "test")}
    values = {
        **SIZES,
        "labels": ", ".join(drums.LABELS),
        "guess": float(np.bincount(Hits("test").labels).max() / len(Hits("test"))),
        "scores": table(("kits", "hits", "this model", "linear"), lines),
        "folds": linear["leave one kit out"],
        **{
            part: "; ".join(f"{kit} by {drums.KITS[kit].author} ({drums.KITS[kit].licence})" for kit in kits)
            for part, kits in parts.items()
        },
    }
    write_card(NAME, front, values)


if __name__ == "__main__":
    run(train, card)
