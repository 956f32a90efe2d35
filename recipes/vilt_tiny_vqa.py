"""vilt-tiny-vqa: visual question answering in English and French, a ViLT of 6 layers.

    python -m recipes.asked_rows        # renders the pictures, some minutes
    python -m recipes.vilt_tiny_vqa

Trained on answers alone, so small a model learns which answers fit a question, and hardly looks at the picture. What
changes that is in `Guide`: while it learns, it must also say of every patch what is there, in which colour, whether the
middle of a thing is there, and whether the question is about it. These are four linear maps that are thrown away.
There are two stages: seeing, without questions and in the first layers only, and answering.
"""

import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from hfquick import Trainer, TrainerCallback
from hfquick.training import checkpoints
from hfquick.training.batches import BatchLoader
from hfquick.training.rng import fork_rng

from . import asked_rows, muon, sources, tokens, vocabularies
from .asked_pictures import NOTHING, PATCH, SHORT
from .asked_rows import Part, Row
from .common import SEED, ZOO, Clock, copy_tokenizer, publish, record, run, save_half, table, write_card, write_json
from .picture_words import COLOUR_WORDS, KINDS, answers, names

NAME, TASK = "vilt-tiny-vqa", "visual-question-answering"
VOCABULARY, TOKENIZER_PICTURES = 1000, 6000
ANSWERS = answers()
KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS, 1)}  # 0 is no thing
COLOUR_NUMBERS = {colour: number for number, colour in enumerate(COLOUR_WORDS, 1)}
CONFIG = {
    "hidden_size": 128,
    "intermediate_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 4,
    "max_position_embeddings": 40,
    "image_size": SHORT,
    "patch_size": PATCH,
    "initializer_range": 0.05,  # 0.02 is for a width of 768
    "id2label": dict(enumerate(ANSWERS)),
    "label2id": {answer: number for number, answer in enumerate(ANSWERS)},
}
PROCESSOR = {
    "image_processor_type": "ViltImageProcessor",
    "processor_class": "ViltProcessor",
    "do_resize": True,
    "size": {"shortest_edge": SHORT},
    "size_divisor": PATCH,
    "resample": 3,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "do_pad": True,
}
SEEING_EPOCHS, EPOCHS = 12.0, 0.87
LR, MATRIX_LR, BATCH = 1.2e-3, 0.02, 64
GENTLY = 0.15  # of the learning rates, in the second stage, for what has learnt to see
TRAINED_ON = ("train", "scenery", "easy-train")
BASELINE_ROWS = 20_000  # that the baseline is trained on
TIMES = {  # how often a kind of question is asked, where that is not once: what is hard and rare more often
    "count": 0.6, "is there": 0.7, "what": 0.6, "beside": 1.5, "is beside": 2.5, "is there coloured": 2.0,
    "are there so many": 2.0, "where": 4.0, "is at side": 2.0, "which has colour": 3.0, "is coloured": 2.0,
    "next to": 2.0, "which at side": 2.0, "which shape has colour": 3.0,
}  # fmt: skip
LENGTH = 32  # tokens of a question
NOISE = 0.1  # of the questions have another token somewhere: words that the model does not know are to be passed over
GRAIN = 0.1  # standard deviation of the grain of half of the pictures, at most
SEEING, ASKED = 3, 5  # after how many layers the patches know what is there, and what the question is about
KEPT, WHOLE = 0.5, 0.9  # share of the patches that are read, up to that part of the training; then all are
TAUGHT = ("kind", "colour", "middle", "asked")  # of each patch
WEIGHTS = {
    "kind": 1.0,
    "colour": 0.7,
    "middle": 1.0,
    "asked": 0.7,
    "look": 0.15,
    "scores": 0.3,
    "word_kinds": 1.0,
    "word_colours": 0.5,
}


# Rows


class Rows:
    """The rows of some parts as arrays. As a dataset, an item is no more than its number: `batch` makes the rest."""

    def __init__(self, tokenizer: Any, parts: list[Part]) -> None:
        self.parts, self.size, self.words = parts, len(tokenizer), word_tables(tokenizer)
        rows: list[Row] = [row for part in parts for row in part.rows]
        self.rows = rows
        self.part = np.concatenate([np.full(len(part.rows), number) for number, part in enumerate(parts)])
        self.ids = tokens.encode(tokenizer, [row.question for row in rows], LENGTH)
        self.grids = [{shape: grids(part, shape) for shape in part.owner} for part in parts]
        largest = [max(sides) for sides in zip(*(shape for part in parts for shape in part.owner), strict=True)]
        self.grain = torch.randn(BATCH, 3, *largest, generator=torch.Generator().manual_seed(SEED))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> int:
        return number

    def plan(self, size: int, rng: np.random.Generator) -> list[np.ndarray]:
        """Row numbers in batches: pictures of one shape, questions of nearly one length."""
        alike: dict[tuple[int, int], list[int]] = {}
        for number in rng.permutation(len(self)):
            alike.setdefault(self.rows[number].shape, []).append(number)
        found = []
        for numbers in alike.values():
            for start in range(0, len(numbers), 16 * size):
                some = sorted(numbers[start : start + 16 * size], key=lambda number: len(self.ids[number]))
                found += [np.array(some[at : at + size]) for at in range(0, len(some), size)]
        return [found[index] for index in rng.permutation(len(found))]

    def inputs(self, numbers: list[int], pictures: list[int] | None = None) -> dict[str, Tensor]:
        """What the model is called with; `pictures` are the rows whose pictures are shown instead."""
        length = max(len(self.ids[number]) for number in numbers)
        ids = torch.zeros(len(numbers), length, dtype=torch.long)
        for at, number in enumerate(numbers):
            ids[at, : len(self.ids[number])] = torch.tensor(self.ids[number])
        shown = numbers if pictures is None else pictures
        pixels = np.stack([self.of(self.parts[self.part[n]].pixels, n) for n in shown])
        return {
            "input_ids": ids,
            "attention_mask": (ids > 0).long(),
            "pixel_values": torch.from_numpy(pixels).float() / 127.5 - 1,
        }

    def of(self, arrays: dict[tuple[int, int], np.ndarray], number: int) -> np.ndarray:
        row = self.rows[number]
        return arrays[row.shape][row.picture]

    def labels(self, numbers: list[int]) -> Tensor:
        """(B, N), 1 for each answer that is right."""
        found = torch.zeros(len(numbers), len(ANSWERS))
        for at, number in enumerate(numbers):
            found[at, [CONFIG["label2id"][answer] for answer in self.rows[number].answers]] = 1.0
        return found

    def batch(self, numbers: list[int]) -> dict[str, Tensor]:
        """A training batch: inputs a little changed, labels, and for each patch (B, y, x) what `Guide` is taught."""
        batch = self.inputs(numbers)
        size = (len(numbers), 1, 1, 1)
        contrast, light = torch.empty(size).uniform_(0.85, 1.15), torch.empty(size).uniform_(-0.15, 0.15)
        grain = self.grain[torch.randint(len(self.grain), (len(numbers),))]
        height, width = batch["pixel_values"].shape[2:]
        strength = torch.empty(size).uniform_(-GRAIN, GRAIN).clamp(min=0)  # half of the pictures have none
        batch["pixel_values"] = batch["pixel_values"] * contrast + light + strength * grain[..., :height, :width]
        for at, number in enumerate(numbers):
            if random.random() < NOISE:
                batch["input_ids"][at, random.randrange(1, len(self.ids[number]))] = random.randrange(5, self.size)
        kind, colour, middle, owner = (
            torch.from_numpy(np.stack([self.of(self.grids[self.part[n]], n)[name] for n in numbers])).long()
            for name in range(4)
        )
        asked = torch.tensor([self.rows[number].look for number in numbers])[:, None, None]
        about = (asked >> owner.clamp(max=62)) & 1  # NOTHING is larger than any bit that is set
        word_kinds, word_colours = (known[batch["input_ids"]] for known in self.words)  # (B, T)
        taught = {
            "word_kinds": word_kinds,
            "word_colours": word_colours,
            "kind": kind,
            "colour": colour,
            "middle": middle,
            "asked": about,
            "owner": owner,
        }
        plain = torch.tensor(["colour" not in self.rows[n].about and self.rows[n].about != "easy-vqa" for n in numbers])
        return {**batch, "labels": self.labels(numbers), **taught, "plain": plain}


def word_tables(tokenizer: Any) -> tuple[Tensor, Tensor]:
    """Two tables over the vocabulary: the kind, and the colour, that a token is a word for; -100 for others."""
    kinds, colours = torch.full((len(tokenizer),), -100), torch.full((len(tokenizer),), -100)
    both = [(kinds, number, word) for kind, number in KIND_NUMBERS.items() for word in nouns_of(kind)]
    both += [(colours, number, word) for colour, number in COLOUR_NUMBERS.items() for word in COLOUR_WORDS[colour]]
    for known, number, word in both:
        ids = tokenizer(word)["input_ids"][1:-1]
        if len(ids) == 1:  # a part of a word may be a part of another
            known[ids] = number
    return kinds, colours


def nouns_of(kind: str) -> list[str]:
    return [word for language in ("en", "fr") for noun in names(kind, language) for word in (noun.one, noun.many)]


def grids(part: Part, shape: tuple[int, int]) -> np.ndarray:
    """(N, 4, y, x): kind and colour of what covers each patch (-100 where that is not known), whether the middle of a
    thing is there, and which thing it is."""
    owner = np.array(part.owner[shape])
    found = np.zeros((len(owner), 4, *owner.shape[1:]), np.int16)
    found[:, 3] = owner
    height, width = owner.shape[1:]
    for picture, things in enumerate(part.things[shape]):
        for number, thing in enumerate(things):
            where = owner[picture] == number
            found[picture, 0][where] = KIND_NUMBERS.get(thing.kind, -100)
            found[picture, 1][where] = COLOUR_NUMBERS.get(thing.colour, -100)
            found[picture, 2, min(height - 1, int(thing.y * height)), min(width - 1, int(thing.x * width))] = 1
    return found


class PictureLoader(BatchLoader):
    """The Trainer's loader with the plan of Rows."""

    def __init__(self, rows: Rows, seed: int) -> None:
        super().__init__(rows, rows.batch, BATCH, seed=seed)

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        self.epoch, self.start = epoch, start
        self.plan = self.dataset.plan(self.batch_size, np.random.default_rng((self.seed, epoch)))

    def __len__(self) -> int:
        return len(self.plan)


# Training


class Guide(nn.Module):
    """What is taught beside the answers: four linear maps over the vectors of the patches (B, P, D)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.seen_norm, self.asked_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.kind = nn.Linear(width, 1 + len(KINDS))
        self.colour = nn.Linear(width, 1 + len(COLOUR_WORDS))
        self.middle = nn.Linear(width, 1)
        self.asked = nn.Linear(width, 1)

    def see(self, state: Tensor) -> dict[str, Tensor]:
        """Vectors of the patches (B, P, D) -> logits of what is there."""
        state = self.seen_norm(state)
        return {"kind": self.kind(state), "colour": self.colour(state), "middle": self.middle(state)[..., 0]}

    def ask(self, state: Tensor) -> dict[str, Tensor]:
        """The same in a later layer -> logits (B, P) of whether the question is about each."""
        return {"asked": self.asked(self.asked_norm(state))[..., 0]}


def guide_losses(found: dict[str, Tensor], batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The losses of `Guide`, given what is true of each patch (B, P). Ground is most of it, so it weighs less."""
    losses = {}
    for name, logits in found.items():
        if name in ("kind", "colour"):
            logits = logits.float().flatten(0, 1)
            weight = torch.ones(logits.shape[-1])
            weight[0] = 0.15
            losses[name] = F.cross_entropy(logits, batch[name].flatten(), weight, ignore_index=-100)
        else:
            weight, target = torch.tensor(4.0 if name == "middle" else 2.0), batch[name].float()
            losses[name] = F.binary_cross_entropy_with_logits(logits.float(), target, pos_weight=weight)
    return losses


def word_losses(found: dict[str, Tensor], batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Words are named by the linear maps that name patches: so "dog" and the patches of a dog come to lie together, and
    one is found by the other."""
    losses = {}
    for name, logits in (("word_kinds", found["kind"]), ("word_colours", found["colour"])):
        target = batch[name].flatten()
        count = (target >= 0).sum().clamp(min=1)
        losses[name] = F.cross_entropy(logits.float().flatten(0, 1), target, ignore_index=-100, reduction="sum") / count
    return losses


def look_loss(attention: Tensor, asked: Tensor, start: int) -> Tensor:
    """Guided attention: how little the first token (B, H, S, S) attends to patches (B, P) that it is asked about."""
    target = asked.float()
    share = (attention[:, :, 0, start:].float().mean(1) * target).sum(1)
    known = target.sum(1) > 0
    return -(share[known] + 1e-4).log().sum() / known.sum().clamp(min=1)


def answer_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy with the right answers, each as probable as the others."""
    return -(labels / labels.sum(1, keepdim=True) * logits.float().log_softmax(-1)).sum(1).mean()


def some_patches(owner: Tensor, share: float) -> Tensor:
    """Which patches (B, P) are read of each picture (B, y, x): most of things, the others sampled; their indices."""
    here = (owner.flatten(1) != NOTHING).float()
    order = (torch.rand(here.shape) + here).argsort(1, descending=True)
    return order[:, : round(share * here.shape[1])].sort(1).values


def read_some(model: Any, batch: Any, share: float) -> tuple[Tensor, dict[str, Tensor]]:
    """Embeddings of the picture's [CLS] and of some patches (B, 1 + P, D), and what is true of those patches (B, P)."""
    kept = some_patches(batch["owner"], share)
    patches, _ = model.vilt.embeddings.visual_embed(batch["pixel_values"], None)
    places = torch.cat([torch.zeros(len(kept), 1).long(), 1 + kept], 1)
    truth = {name: batch[name].flatten(1).gather(1, kept) for name in TAUGHT}
    return patches.take_along_dim(places[..., None], 1), truth


class PictureTrainer(Trainer):
    """Trainer with the plan of Rows, and with Muon."""

    def get_train_dataloader(self) -> PictureLoader:
        return PictureLoader(self.train_dataset, self.args.seed)

    def create_optimizer(self) -> torch.optim.Optimizer:
        if self.optimizer is None:
            model: Any = self.model
            options = (self.args.learning_rate, MATRIX_LR, self.args.weight_decay)
            gently = self.gently(model)
            self.optimizer = muon.optimizer(model, model.vilt.encoder.layer, *options, gently, GENTLY)
        return self.optimizer

    def gently(self, model: Any) -> list[Tensor]:
        """The weights that are moved slowly."""
        return []


class SeeingTrainer(PictureTrainer):
    """The first stage: the first layers alone say of each patch what is there. Most of the ground is left out."""

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        everywhere = torch.ones(len(inputs["owner"]), dtype=torch.bool)
        state, truth = read_some(model, recoloured(inputs, everywhere), KEPT)
        found = model.guide.see(seen_states(model, state)[:, 1:])
        losses = guide_losses(found, truth)
        loss = sum(WEIGHTS[name] * value for name, value in losses.items())
        return (loss, found) if return_outputs else loss


def recoloured(batch: dict[str, Tensor], where: Tensor) -> dict[str, Tensor]:
    """The same, but a third of the pictures `where` that is allowed (B,) has its colours exchanged, some as negatives.

    So a thing is known by its shape, too, in whatever colours a designer paints it. Those colours are not taught.
    """
    pixels, colour = batch["pixel_values"].clone(), batch["colour"].clone()
    for number in torch.nonzero(where & (torch.rand(len(pixels)) < 1 / 3)).flatten().tolist():
        sign = -1 if random.random() < 0.5 else 1
        pixels[number] = sign * pixels[number, torch.randperm(3)]
        colour[number] = torch.where(colour[number] > 0, -100, colour[number])
    return {**batch, "pixel_values": pixels, "colour": colour}


def seen_states(model: Any, state: Tensor) -> Tensor:
    """Embeddings of a picture (B, S, D) -> the same after the layers that see."""
    state = state + model.vilt.embeddings.token_type_embeddings.weight[1]
    for layer in model.vilt.encoder.layer[:SEEING]:
        state, _ = layer(state, None, True)
    return state


class AnsweringTrainer(PictureTrainer):
    """The second stage: answers, and what `Guide` is taught beside them, less of it towards the end.

    Until then a picture is read without a part of its ground, which makes a step half as long (PatchDropout, Liu et al.
    2022, https://arxiv.org/abs/2208.07220). What has learnt to see is moved slowly, or it would be forgotten.
    """

    def gently(self, model: Any) -> list[Tensor]:
        patches = model.vilt.embeddings
        parts = [patches.patch_embeddings, *model.vilt.encoder.layer[:SEEING], model.guide]
        seeing = [weight for part in parts for weight in part.parameters()]
        return [patches.cls_token, patches.position_embeddings, *seeing]

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        done = self.state.global_step / max(1, self.state.max_steps)
        inputs = recoloured(inputs, inputs["plain"])  # not where the question is about colours
        patches, truth = read_some(model, inputs, KEPT if done < WHOLE else 1.0)
        outputs = model(
            inputs["input_ids"],
            inputs["attention_mask"],
            image_embeds=patches,
            output_hidden_states=True,
            output_attentions=True,
        )
        start = inputs["input_ids"].shape[1] + 1  # the text, and the picture's own [CLS]
        states = outputs.hidden_states
        found = {**model.guide.see(states[SEEING][:, start:]), **model.guide.ask(states[ASKED][:, start:])}
        losses = guide_losses(found, truth)
        losses |= word_losses(model.guide.see(states[SEEING][:, : start - 1]), inputs)
        losses["look"] = look_loss(outputs.attentions[-1], truth["asked"], start)
        scores = F.binary_cross_entropy_with_logits(outputs.logits.float(), inputs["labels"])
        losses["scores"] = scores * len(ANSWERS)
        left = max(0.3, 1 - done)
        loss = answer_loss(outputs.logits, inputs["labels"])
        for name, value in losses.items():
            loss = loss + WEIGHTS[name] * (left if name in ("kind", "colour", "middle") else 1.0) * value
        return (loss, outputs) if return_outputs else loss


def vocabulary() -> Any:
    return vocabularies.of(
        NAME,
        vocabularies.wordpiece,
        lambda: asked_rows.texts(TOKENIZER_PICTURES),
        VOCABULARY,
        "BertTokenizer",
        length=CONFIG["max_position_embeddings"],
    )


def positions(side: int, width: int) -> Tensor:
    """Sines and cosines of row and column (side * side, width): from the start it shows how far apart patches are."""
    row, column = torch.meshgrid(torch.arange(side).float(), torch.arange(side).float(), indexing="ij")
    rates = 1 / 100 ** (torch.arange(width // 4) / (width // 4))
    angles = [place.flatten()[:, None] * rates for place in (row, column)]
    return torch.cat([turn(angle) for angle in angles for turn in (torch.sin, torch.cos)], 1)


def new_model(tokenizer: Any) -> Any:
    from hfquick import ViltConfig, ViltForQuestionAnswering

    model: Any = ViltForQuestionAnswering(ViltConfig(**CONFIG, vocab_size=len(tokenizer)))
    with torch.no_grad():
        model.vilt.embeddings.position_embeddings[0, 1:] = 0.14 * positions(SHORT // PATCH, CONFIG["hidden_size"])
        model.classifier[-1].bias.fill_(-4.0)  # of a hundred answers about one is right
    model.guide = Guide(CONFIG["hidden_size"])
    return model


def fit(kind: type[PictureTrainer], model: Any, name: str, epochs: float, rows: Rows, progress: Any) -> None:
    """A stage of the training, from its last checkpoint if it broke off; its weights are kept beside the others."""
    path = sources.WORK / "models" / f"{name}.safetensors"
    if path.exists():
        model.load_state_dict(load_file(path))
        return
    options = {"num_train_epochs": epochs, "learning_rate": LR, "per_device_train_batch_size": BATCH}
    options |= {"eval_strategy": "no", "save_steps": 250, "logging_steps": 50}
    trainer = kind(model, tokens.arguments(name, **options), train_dataset=rows, callbacks=[progress])
    trainer.train(resume_from_checkpoint=bool(checkpoints.all_of(trainer.args.output_dir)))
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, path)


def train() -> None:
    clock = Clock()
    torch.manual_seed(SEED)
    folder = sources.WORK / "models" / NAME
    tokenizer = vocabulary()
    copy_tokenizer(ZOO / NAME, folder)
    parts = [asked_rows.load(name) for name in TRAINED_ON]
    dev = {name: Rows(tokenizer, [asked_rows.load(name)]) for name in ("dev", "easy-dev")}
    model = new_model(tokenizer)
    pictures = Rows(tokenizer, [one_row_each(part) for part in parts])
    fit(
        SeeingTrainer,
        model,
        f"{NAME}-seeing",
        SEEING_EPOCHS,
        pictures,
        Seen(one_row_each(dev["dev"].parts[0]), tokenizer),
    )
    rows = Rows(tokenizer, [weighed(part) for part in parts])
    fit(AnsweringTrainer, model, f"{NAME}-answering", EPOCHS, rows, Progress(dev))
    del model.guide
    save_half(model, folder)
    write_json(folder / "preprocessor_config.json", PROCESSOR)
    if publish(folder, dev_score):
        composed = sum(asked_rows.COUNTS[name] for name in TRAINED_ON[:2])
        facts = {"seeing_epochs": SEEING_EPOCHS, "epochs": EPOCHS, "rows": len(rows), "composed": composed}
        record(NAME, minutes=clock.minutes(), **facts)


def weighed(part: Part) -> Part:
    """The same pictures with their questions as often as TIMES says."""
    rng, rows = random.Random(SEED), []
    for row in part.rows:
        rows += [row] * int(TIMES.get(row.about, 1.0) + rng.random())
    return part._replace(rows=rows)


def one_row_each(part: Part) -> Part:
    """The same pictures, each with its first question only."""
    return part._replace(rows=list({(row.shape, row.picture): row for row in reversed(part.rows)}.values()))


# Answers


@torch.inference_mode()
def answers_of(model: nn.Module, rows: Rows, exchanged: bool = False) -> list[str]:
    """The most probable answer to every row; with `exchanged` pictures, those of another row of the same shape."""
    model.eval()
    found = [""] * len(rows)
    for numbers in rows.plan(2 * BATCH, np.random.default_rng(SEED)):
        some = numbers.tolist()
        outputs = model(**rows.inputs(some, other_pictures(rows, some) if exchanged else None))
        for number, best in zip(some, outputs.logits.argmax(-1).tolist(), strict=True):
            found[number] = ANSWERS[best]
    return found


def other_pictures(rows: Rows, numbers: list[int]) -> list[int]:
    """For each row another one whose picture is shown instead: half of a batch further."""
    half = len(numbers) // 2
    return [numbers[(at + half) % len(numbers)] for at in range(len(numbers))]


def right(rows: Rows, found: list[str]) -> np.ndarray:
    return np.array([answer in row.answers for row, answer in zip(rows.rows, found, strict=True)])


class Seen(TrainerCallback):
    """Prints what share of the dev pictures' patches is seen rightly, now and then."""

    def __init__(self, part: Part, tokenizer: Any, every: int = 500) -> None:
        self.rows, self.every = Rows(tokenizer, [part]), every

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step % self.every == 0:
            print(f"step {state.global_step}: seen {self.share(kwargs['model'])}", flush=True)

    @torch.inference_mode()
    def share(self, model: Any) -> dict[str, float]:
        """Of the patches of things, those whose kind and colour is right."""
        right: dict[str, list[Tensor]] = {"kind": [], "colour": []}
        with torch.autocast("cpu", torch.bfloat16), fork_rng(0):
            for numbers in self.rows.plan(2 * BATCH, np.random.default_rng(SEED)):
                state, truth = read_some(model, self.rows.batch(numbers.tolist()), 1.0)
                found = model.guide.see(seen_states(model, state)[:, 1:])
                for name, some in right.items():
                    known = truth[name] > 0
                    some.append((found[name].argmax(-1) == truth[name])[known])
        return {name: round(float(torch.cat(some).float().mean()), 3) for name, some in right.items()}


class Progress(TrainerCallback):
    """Prints the share of right answers about dev pictures, now and then."""

    def __init__(self, sets: dict[str, Rows], every: int = 500) -> None:
        self.sets, self.every = sets, every

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step % self.every == 0:
            with torch.autocast("cpu", torch.bfloat16), fork_rng(0):
                for name, rows in self.sets.items():
                    found = right(rows, answers_of(kwargs["model"], rows))
                    kinds = np.array([row.about for row in rows.rows])
                    parts = {kind: round(float(found[kinds == kind].mean()), 2) for kind in sorted(set(kinds.tolist()))}
                    print(f"step {state.global_step}: {name} {found.mean():.4f}", parts, flush=True)


def dev_score(folder: Path) -> float:
    """Mean share of right answers about dev pictures and about those of easy-vqa that were kept apart."""
    model, tokenizer = loaded(folder)
    sets = [Rows(tokenizer, [asked_rows.load(name)]) for name in ("dev", "easy-dev")]
    return float(np.mean([right(rows, answers_of(model, rows)).mean() for rows in sets]))


def loaded(folder: Path) -> tuple[Any, Any]:
    from hfquick import AutoTokenizer, ViltForQuestionAnswering

    model = ViltForQuestionAnswering.from_pretrained(str(folder))
    return model, AutoTokenizer.from_pretrained(str(folder))


# The card


def question_alone(trained: list[Row], some: list[Row]) -> np.ndarray:
    """Which questions a bag of words answers rightly without any picture: word n-grams and logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    chosen = random.Random(SEED).sample(trained, min(len(trained), BASELINE_ROWS))
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b")
    model = make_pipeline(words, LogisticRegression(C=10, max_iter=100))
    model.fit([row.question for row in chosen], [row.answers[0] for row in chosen])
    found = model.predict([row.question for row in some])
    return np.array([answer in row.answers for answer, row in zip(found, some, strict=True)])


def measured(folder: Path) -> tuple[list[tuple], list[tuple]]:
    """Scores on both test sets, and by kind of question on the composed pictures: rows of the card's tables."""
    model, tokenizer = loaded(folder)
    sets: list[tuple] = []
    kinds: list[tuple] = []
    for title, test, trained in (
        ("easy-vqa, its official test split", "easy-test", "easy-train"),
        ("composed pictures, designers and phrasings held out", "test", "train"),
    ):
        rows = Rows(tokenizer, [asked_rows.load(test)])
        found, other = answers_of(model, rows), answers_of(model, rows, exchanged=True)
        good, exchanged = right(rows, found), right(rows, other)
        alone = question_alone(asked_rows.load(trained).rows, rows.rows)
        changed = np.mean([one != two for one, two in zip(found, other, strict=True)])
        sets.append((title, len(rows), *map(float, (good.mean(), alone.mean(), exchanged.mean(), changed))))
        if test == "test":
            for name, values in (("about", [row.about for row in rows.rows]), ("language", languages(rows))):
                for value in sorted(set(values)):
                    where = np.array([one == value for one in values])
                    title = value if name == "about" else f"all in {value}"
                    kinds.append((title, int(where.sum()), float(good[where].mean()), float(alone[where].mean())))
    return sets, kinds


def languages(rows: Rows) -> list[str]:
    return [{"en": "English", "fr": "French"}[row.language] for row in rows.rows]


def card() -> None:
    sets, kinds = measured(ZOO / NAME)
    front = {
        "license": "apache-2.0",
        "language": ["en", "fr"],
        "library_name": "hfquick",
        "pipeline_tag": TASK,
        "tags": ["vilt", "visual-question-answering", "vqa", "tiny", "education"],
        "metrics": ["accuracy"],
    }
    head = ("held-out questions", "rows", "accuracy", "question alone", "with other pictures", "answers that change")
    below = [title for title, _, score, alone in kinds if score < alone]
    below += [title for title, _, score, alone, *_ in sets if score < alone]
    values = {
        **CONFIG,
        "scores": table(head, sets),
        "kinds": table(("kind of question", "rows", "accuracy", "question alone"), kinds),
        "below": f"**Below the question alone on: {'; '.join(below)}.**"
        if below
        else "Nowhere below the question alone.",
        "answers": len(ANSWERS),
        "things": ", ".join(KINDS),
        "easy_dev": asked_rows.EASY_DEV,
    }
    write_card(NAME, front, values)


if __name__ == "__main__":
    run(train, card)
