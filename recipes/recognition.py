"""Speech recognition by tiny Wav2Vec2 models: sizes, first filters, changed recordings, training and error rates.

recipes.wav2vec2_tiny_en and recipes.wav2vec2_tiny_fr are the two trainings. The published Wav2Vec2 learns its first
convolutions from a thousand hours of sound. Four hours do not suffice for that, so here the first one begins as what
classical speech recognition used: a bank of filters, spaced like the ear's, of which it may learn better ones.
"""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from hfquick import Trainer, TrainerCallback
from hfquick.training.batches import BatchLoader

from . import muon, sources, tokens
from .common import SEED, ZOO, Clock, publish, record, save_half, table, write_card, write_json

RATE = 16_000
WINDOW, HOP = 400, 160  # samples: 25 and 10 ms
BANDS = 80
PHASES = 4  # 0, 90, 180 and 270 degrees: what is left of all four behind a rectifier hardly depends on the phase
SIZES: dict[str, Any] = {
    "hidden_size": 128,
    "num_hidden_layers": 6,
    "num_attention_heads": 4,
    "intermediate_size": 512,
    "feat_extract_norm": "layer",
    "conv_dim": [BANDS * PHASES, BANDS, 128],
    "conv_kernel": [WINDOW, 1, 5],
    "conv_stride": [HOP, 1, 2],
    "conv_bias": True,
    "num_conv_pos_embeddings": 32,
    "num_conv_pos_embedding_groups": 16,
    "do_stable_layer_norm": True,
    "layerdrop": 0.0,
    "mask_time_prob": 0.1,
    "mask_time_length": 8,
    "mask_feature_prob": 0.1,
    "mask_feature_length": 8,
    "ctc_loss_reduction": "mean",
    "ctc_zero_infinity": True,
}
EXTRACTOR = {
    "feature_extractor_type": "Wav2Vec2FeatureExtractor",
    "feature_size": 1,
    "sampling_rate": RATE,
    "padding_value": 0.0,
    "padding_side": "right",
    "do_normalize": True,
    "return_attention_mask": True,
}
SPACE = 2  # its id
LETTERS = {
    "en": "abcdefghijklmnopqrstuvwxyz'".upper(),
    "fr": "abcdefghijklmnopqrstuvwxyzàâæçèéêëîïôùûüÿœ'",
}
PEOPLE = ("tuxpaint", "asterisk")  # sources whose speakers are no machines
SECONDS = 80  # of sound in a batch
UNIT = 640  # samples: lengths are counted in these, and rounded up to eight of them
LR, MATRIX_LR = 1.5e-3, 0.02
HARD, CALM = 0.45, 0.15  # share of the recordings that are changed in all ways: most of the time, and at the end


def vocabulary(language: str) -> dict[str, int]:
    """Token -> id: the blank, which is the padding as well; unknown; the space between words; letters."""
    return {token: index for index, token in enumerate(["<pad>", "<unk>", "|", *LETTERS[language]])}


def config(language: str) -> Any:
    from hfquick.models.wav2vec2.configuration_wav2vec2 import Wav2Vec2Config

    return Wav2Vec2Config(
        **SIZES, vocab_size=len(vocabulary(language)), pad_token_id=0, bos_token_id=None, eos_token_id=None
    )


# Weight initialisation


def filters(bands: int = BANDS) -> Tensor:
    """Waves under a bell, (bands * PHASES, WINDOW): centres from 60 to 7,600 Hz, as far apart as on the mel scale."""

    def mel(hertz: Any) -> Any:
        return 2595 * np.log10(1 + hertz / 700)

    centres = 700 * (10 ** (np.linspace(mel(60), mel(7600), bands) / 2595) - 1)
    widths = np.maximum(np.gradient(centres), 40)  # Hz; the window allows no narrower ones
    time = (np.arange(WINDOW) - (WINDOW - 1) / 2) / RATE
    rows = []
    for centre, width in zip(centres, widths, strict=True):
        bell = np.exp(-0.5 * (time * 2 * np.pi * width * 0.6) ** 2) * np.hanning(WINDOW)
        gain = (1 + centre / 700) ** 0.9 / np.sqrt((bell**2).sum())  # speech is weaker where it is higher
        for phase in range(PHASES):
            rows.append(gain * bell * np.cos(2 * np.pi * centre * time + phase * 2 * np.pi / PHASES))
    return torch.tensor(np.array(rows), dtype=torch.float32)


@torch.no_grad()
def initialise(model: Any, bands: int = BANDS, gain: float = 1.0) -> None:
    """The first convolution becomes the bank of filters, the second adds the phases of each.

    The LayerNorm behind the first brings all frames to one loudness. With a small `gain` its epsilon counts, and quiet
    frames stay quiet.
    """
    first, second = model.wav2vec2.feature_extractor.conv_layers[:2]
    first.conv.weight.copy_(gain * filters(bands)[:, None])
    first.conv.bias.zero_()
    second.conv.weight.zero_()
    for band in range(bands):
        second.conv.weight[band, band * PHASES : (band + 1) * PHASES] = 1.0
    second.conv.bias.zero_()


# Recordings


class Recordings:
    """Rows of some parts: waveforms (S,) of 16 kHz and their texts, read when they are asked for.

    Recordings of people are there `people` times: they are few beside those of synthetic voices.
    """

    def __init__(self, language: str, parts: Sequence[str], people: int = 1, longest: float = 12.0) -> None:
        self.facts, self.samples = [], []
        for part in parts:
            stem = sources.WORK / "speech" / f"{language}-{part}"
            self.samples.append(np.load(f"{stem}.samples.npy", mmap_mode="r"))
            rows = map(json.loads, Path(f"{stem}.jsonl").read_text(encoding="utf-8").splitlines())
            kept = [row for row in rows if 0.25 * RATE < row["length"] < longest * RATE]
            of_people = [row for row in kept if row["source"] in PEOPLE]
            self.facts += [{**row, "file": len(self.samples) - 1} for row in kept + of_people * (people - 1)]
        self.texts = [row["text"] for row in self.facts]
        table = vocabulary(language)
        self.labels = [[table["|" if letter == " " else letter] for letter in text] for text in self.texts]
        self.lengths = [-(-row["length"] // UNIT) for row in self.facts]

    def __len__(self) -> int:
        return len(self.facts)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self.facts[index]
        wave = self.samples[row["file"]][row["start"] : row["start"] + row["length"]]
        return {"wave": torch.from_numpy(wave.astype(np.float32) / 32768), "labels": self.labels[index]}

    def seconds(self) -> float:
        return sum(row["length"] for row in self.facts) / RATE


class Collator:
    """Rows -> a batch of padded, normalised waveforms; with `change`, of another voice, room, line and noise each."""

    def __init__(self, change: bool = False, rows: Recordings | None = None) -> None:
        self.change, self.rows, self.hard = change, rows, HARD

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        if self.change:
            if len(rows[0]["wave"]) < 4 * RATE and sometimes(0.25):
                rows = self.joined(rows)
            rows = [{**row, "wave": self.changed(row["wave"])} for row in rows]
        longest = max(len(row["wave"]) for row in rows)
        labels = torch.full((len(rows), max(len(row["labels"]) for row in rows)), -100)
        for index, row in enumerate(rows):
            labels[index, : len(row["labels"])] = torch.tensor(row["labels"])
        batch = padded([row["wave"] for row in rows], -(-longest // (8 * UNIT)) * 8 * UNIT)
        return {**batch, "labels": labels}

    def joined(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Pairs of recordings with a pause between: so there are more and longer sentences than were made."""
        found = []
        for one, other in zip(rows[::2], rows[1::2], strict=False):
            pause = torch.zeros(int(uniform(0.0, 0.3) * RATE))
            gain = float(uniform(0.5, 1.5)) * one["wave"].std() / (other["wave"].std() + 1e-6)
            wave = torch.cat([one["wave"], pause, other["wave"] * gain])
            found.append({"wave": wave, "labels": [*one["labels"], SPACE, *other["labels"]]})
        return [*found, *rows[len(found) * 2 :]]

    def changed(self, wave: Tensor) -> Tensor:
        """The recording of somebody larger or smaller, elsewhere: random numbers come from the Trainer's generator."""
        hard = sometimes(self.hard)  # the others teach the letters, these to hear them elsewhere
        if sometimes(0.8):  # speed, and pitch with it
            speed = uniform(0.84, 1.2) if hard else uniform(0.92, 1.1)
            wave = F.interpolate(wave[None, None], scale_factor=float(speed), mode="linear")[0, 0]
        quiet = (torch.rand(2) * 0.15 * RATE).int().tolist()
        wave = F.pad(wave, tuple(quiet))
        by_telephone = sometimes(0.35)
        if not hard and not by_telephone:
            return wave
        length = -(-(len(wave) + RATE // 4) // 3200) * 3200  # a transform is fast where its length has small factors
        spectrum = torch.fft.rfft(wave, n=length)
        if by_telephone:  # or a file of 8 kHz
            hertz = torch.linspace(0, RATE / 2, len(spectrum))
            spectrum = spectrum * ((hertz < uniform(3300, 4000)) & (hertz > uniform(0, 250)))
        if hard and sometimes(0.6):  # another microphone: a smooth curve over the frequencies, up to 8 dB
            knots = torch.randn(1, 1, 8) * 4
            curve = F.interpolate(knots, size=len(spectrum), mode="linear", align_corners=True)[0, 0]
            spectrum = spectrum * 10 ** (curve / 20)
        if hard and sometimes(0.4):  # a room: an echo that fades as noise does
            fade = int(uniform(0.05, 0.25) * RATE)
            echo = torch.randn(fade) * torch.exp(-torch.arange(fade) / (fade / 4))
            echo *= float(uniform(0.05, 0.5)) / echo.norm()
            echo[0] = 1.0
            spectrum = spectrum * torch.fft.rfft(echo, n=length)
        changed = torch.fft.irfft(spectrum, n=length)[: len(wave)]
        if hard and sometimes(0.6):
            noise = self.noise(len(changed))
            decibels = float(uniform(5, 35))
            changed = changed + noise * changed.std() / (noise.std() + 1e-6) * 10 ** (-decibels / 20)
        return changed

    def noise(self, length: int) -> Tensor:
        """White, pink or brown noise, or somebody else who speaks."""
        if self.rows is not None and sometimes(0.3):
            other = self.rows[int(torch.randint(len(self.rows), ()))]["wave"]
            return other.repeat(-(-length // len(other)))[:length]
        whole = -(-length // 3200) * 3200
        spectrum = torch.fft.rfft(torch.randn(whole))
        slope = float(uniform(0, 1))
        return torch.fft.irfft(spectrum / torch.arange(1, len(spectrum) + 1) ** slope, n=whole)[:length]


def padded(waves: Sequence[Tensor], length: int, least: int = 0) -> dict[str, Tensor]:
    """Waveforms -> normalised and padded (N, length), with their mask; of each at least `least` samples are heard."""
    values, mask = torch.zeros(len(waves), length), torch.zeros(len(waves), length, dtype=torch.long)
    for index, wave in enumerate(waves):
        values[index, : len(wave)] = (wave - wave.mean()) / (wave.var(correction=0) + 1e-7).sqrt()
        mask[index, : max(least, len(wave))] = 1
    return {"input_values": values, "attention_mask": mask}


def uniform(low: float, high: float) -> Tensor:
    return low + (high - low) * torch.rand(())


def sometimes(probability: float) -> bool:
    return bool(torch.rand(()) < probability)


# Training


class SecondsLoader(BatchLoader):
    """The Trainer's loader with batches of about SECONDS of sound; the first epoch goes `gently` from short to long."""

    def __init__(self, rows: Recordings, collate: Any, seed: int | None, gently: bool = False) -> None:
        self.shuffled, self.gently, self.spans = seed is not None, gently, rows.lengths
        super().__init__(rows, collate, 1, seed=seed or 0)

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        self.epoch, self.start = epoch, start
        rng = random.Random(f"{self.seed} {epoch}") if self.shuffled else None
        self.plan = tokens.batches(self.spans, SECONDS * RATE // UNIT, rng)
        if self.gently and epoch == 0:  # CTC leaves its blanks sooner on short recordings
            self.plan.sort(key=lambda batch: self.spans[batch[0]] // 8)

    def __len__(self) -> int:
        return len(self.plan)


class SoundTrainer(Trainer):
    """Trainer with batches of so many seconds, and Muon for the matrices of the layers."""

    gently = False  # whether the first epoch goes from short to long recordings

    def training_step(self, model: torch.nn.Module, inputs: Any, share: float = 1.0) -> Tensor:
        # With its softmax written out, attention in bfloat16 takes two thirds of the time backwards on a CPU.
        return super().training_step(model, {**inputs, "output_attentions": True}, share)

    def get_train_dataloader(self) -> SecondsLoader:
        return SecondsLoader(self.train_dataset, self.data_collator, self.args.seed, self.gently)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> SecondsLoader:
        return SecondsLoader(self.eval_dataset if eval_dataset is None else eval_dataset, Collator(), None)

    def create_optimizer(self, model: Any = None) -> Any:
        if self.optimizer is None:
            self.optimizer = optimizer(self.model, self.args.learning_rate, MATRIX_LR / LR)
        return self.optimizer


def optimizer(model: Any, rate: float, faster: float) -> muon.MuonWithAdamW:
    """Muon for the matrices of the layers, at `faster` times the rate; the first filters change slowly."""
    slow = model.wav2vec2.feature_extractor.conv_layers[0].parameters()
    return muon.optimizer(model, model.wav2vec2.encoder.layers, rate, rate * faster, 0.05, slow, 0.2)


class Round(NamedTuple):
    """A part of the training, with learning rates that rise, then fall to zero."""

    epochs: int
    faster: float = 1.0  # times LR and MATRIX_LR
    calm: float = 0.0  # share of its steps, the last ones, with recordings more like those of the tests


def train(language: str, rounds: Sequence[Round], people: int) -> None:
    """Train wav2vec2-tiny-<language>, and put it into the zoo if it is better on dev rows than the one there."""
    from hfquick.models.wav2vec2.modeling_wav2vec2 import Wav2Vec2ForCTC

    clock, name = Clock(), f"wav2vec2-tiny-{language}"
    torch.manual_seed(SEED)
    model = tokens.without_dropout(Wav2Vec2ForCTC(config(language)))
    initialise(model)
    rows = Recordings(language, ["train"], people)
    for number, part in enumerate(rounds):
        fit(model, language, rows, part, number)
    folder = sources.WORK / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    write_processor(folder, language)
    save_half(model, folder)
    if publish(folder, lambda where: -dev_errors(where, language)):
        epochs = [part.epochs for part in rounds]
        record(name, minutes=clock.minutes(), epochs=epochs, rows=len(rows), hours=round(rows.seconds() / 3600, 1))


def fit(model: Any, language: str, rows: "Recordings", part: Round, number: int) -> None:
    """One round, from its last checkpoint if there is one; the first round begins with short recordings."""
    arguments = tokens.arguments(
        f"wav2vec2-tiny-{language}-{number + 1}",
        num_train_epochs=part.epochs,
        learning_rate=LR * part.faster,
        lr_scheduler_type="cosine",
        max_grad_norm=1.0,
        remove_unused_columns=False,
        label_names=["labels"],
        eval_strategy="no",
        logging_steps=50,
        save_steps=500,
        seed=SEED + number,
    )
    collate = Collator(change=True, rows=rows)
    trainer = SoundTrainer(model, arguments, collate, train_dataset=rows)
    trainer.gently = number == 0
    trainer.add_callback(Calm(collate, part.calm))
    trainer.add_callback(Heard(Recordings(language, ["dev"]), language))
    trainer.train(resume_from_checkpoint=any(Path(arguments.output_dir).glob("checkpoint-*")))


class Calm(TrainerCallback):
    """Fewer recordings are changed in all ways towards the end."""

    def __init__(self, collate: Collator, share: float) -> None:
        self.collate, self.share = collate, share

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step >= (1 - self.share) * state.max_steps:
            self.collate.hard = CALM


class Heard(TrainerCallback):
    """Prints error rates on dev rows, and a few transcriptions, twice in an epoch or so."""

    def __init__(self, rows: "Recordings", language: str) -> None:
        self.rows, self.language = rows, language

    def on_save(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        found = transcribed(model, self.rows, self.language)
        model.train()
        words, letters = error_rates(found, self.rows.texts)
        print(f"step {state.global_step}: words {words:.3f}, characters {letters:.3f}", flush=True)
        for index in range(0, len(found), max(1, len(found) // 4)):
            print(f"    {self.rows.texts[index]} -> {found[index]}", flush=True)


def write_processor(folder: Path, language: str) -> None:
    """The files of feature extractor and tokenizer."""
    write_json(folder / "preprocessor_config.json", EXTRACTOR)
    write_json(folder / "vocab.json", vocabulary(language))
    settings = {
        "tokenizer_class": "Wav2Vec2CTCTokenizer",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "bos_token": None,
        "eos_token": None,
        "word_delimiter_token": "|",
        "do_lower_case": LETTERS[language].islower(),
        "processor_class": "Wav2Vec2Processor",
    }
    write_json(folder / "tokenizer_config.json", settings)


# Measuring


def dev_errors(folder: Path, language: str) -> float:
    """Mean of the word and character error rates on dev rows."""
    from hfquick.models.wav2vec2.modeling_wav2vec2 import Wav2Vec2ForCTC

    rows = Recordings(language, ["dev"])
    model = Wav2Vec2ForCTC.from_pretrained(str(folder))
    return float(np.mean(error_rates(transcribed(model, rows, language), rows.texts)))


TESTS = {  # part -> what it has, for the card
    "en": {
        "test-sentences": "new sentences, known voices",
        "test-voices": "new sentences, new synthetic voices",
        "test-asterisk": "a person at the telephone (Asterisk's prompts)",
        "test-ktuberling": "a person who names things (KTuberling)",
    },
    "fr": {
        "test-sentences": "new sentences, known voices",
        "test-voices": "new sentences, new synthetic voices",
        "test-human": "new captions, the person of the training (Tux Paint)",
        "test-asterisk": "another person, at the telephone (Asterisk's prompts)",
        "test-ktuberling": "another person who names things (KTuberling)",
    },
}


def card(language: str) -> None:
    """Measure the shipped files on every test, and write the card."""
    from hfquick.models.wav2vec2.modeling_wav2vec2 import Wav2Vec2ForCTC

    name = f"wav2vec2-tiny-{language}"
    model, known, lines = Wav2Vec2ForCTC.from_pretrained(str(ZOO / name)), Recordings(language, ["train"]), []
    sounds, values = described(known), {}
    for part, title in TESTS[language].items():
        rows = Recordings(language, [part])
        mine = error_rates(transcribed(model, rows, language), rows.texts)
        # The simplest recogniser: the text of the recording of the training that sounds most alike.
        nearest = [known.texts[int(((sounds - one) ** 2).sum(1).argmin())] for one in described(rows)]
        lines.append((title, len(rows), *mine, *error_rates(nearest, rows.texts)))
        values[part.replace("-", "_")] = mine[0]
    front = {
        "license": "apache-2.0",
        "language": [language],
        "library_name": "hfquick",
        "pipeline_tag": "automatic-speech-recognition",
        "tags": ["wav2vec2", "audio", "ctc", "tiny", "education"],
        "metrics": ["wer", "cer"],
    }
    head = ("test", "recordings", "words wrong", "characters wrong", "nearest: words", "nearest: characters")
    write_card(name, front, {**SIZES, **values, "scores": table(head, lines), "letters": len(LETTERS[language])})


def described(rows: Recordings, pieces: int = 12, bands: int = 20) -> np.ndarray:
    """Simple features (N, pieces * bands): how loud each band is, in pieces of equal length, in dB, less the mean."""
    edges, found = np.geomspace(80, RATE / 2, bands + 1), []
    for index in range(len(rows)):
        for_band = []
        for piece in np.array_split(rows[index]["wave"].numpy(), pieces):
            power = np.abs(np.fft.rfft(piece * np.hanning(len(piece)))) ** 2
            sums = np.histogram(np.fft.rfftfreq(len(piece), 1 / RATE), edges, weights=power)[0]
            for_band.append(10 * np.log10(sums / len(piece) + 1e-6))
        found.append(np.array(for_band) - np.mean(for_band))
    return np.array(found).reshape(len(rows), -1)


def distance(found: Sequence, right: Sequence) -> int:
    """The fewest insertions, deletions and substitutions from one sequence to another (Levenshtein distance)."""
    row = list(range(len(right) + 1))
    for i, one in enumerate(found, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(right, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != other))
    return row[-1]


def error_rates(found: Sequence[str], right: Sequence[str]) -> tuple[float, float]:
    """Word and character error rate: distances, as parts of the words and characters that are right."""
    words = sum(distance(one.split(), other.split()) for one, other in zip(found, right, strict=True))
    letters = sum(distance(one, other) for one, other in zip(found, right, strict=True))
    return words / sum(len(text.split()) for text in right), letters / sum(map(len, right))


def collapsed(ids: Sequence[int], table: Sequence[str]) -> str:
    """The best character of each frame -> a text: repetitions are one, blanks fall away."""
    kept = [one for one, before in zip(ids, [-1, *ids[:-1]], strict=True) if one != before and one != 0]
    return " ".join("".join(table[one] for one in kept).replace("|", " ").split())


@torch.inference_mode()
def transcribed(model: Any, rows: Recordings, language: str) -> list[str]:
    """What a model hears in each recording, the best character of each frame by itself."""
    model.eval()
    table = list(vocabulary(language))
    loader, found = SecondsLoader(rows, Collator(), None), {}
    for places, batch in zip(loader.plan, loader, strict=True):
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(batch["input_values"], batch["attention_mask"]).logits
        frames = model.config.frames(batch["attention_mask"].sum(1)).tolist()
        for place, ids, count in zip(places, logits.argmax(-1).tolist(), frames, strict=True):
            found[int(place)] = collapsed(ids[:count], table)
    return [found[index] for index in range(len(rows))]
