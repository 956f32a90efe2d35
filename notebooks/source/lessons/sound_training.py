# %% [markdown]
# # Fine-tuning on sounds: a new task, a new voice
#
# You fine-tune a small speech recogniser twice. First it learns a new task from forty recordings: is this English or
# French? It is always right, and you find out why that proves little. Then it gets used to a voice that it never heard:
# you compute the *CTC* loss by hand, train, and measure what is won and what is lost.
#
# **Lesson 14 of 14** · level 2 of 3 · about 30 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](sound_training_tensorflow.ipynb). Other language:
# [français](../../fr/lessons/sound_training_pytorch.ipynb). First take the [quick tour](../quicktour_pytorch.ipynb),
# and the lesson on [automatic speech recognition](automatic_speech_recognition_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](sound_training_pytorch.ipynb). Other language:
# [français](../../fr/lessons/sound_training_tensorflow.ipynb). First take the [quick
# tour](../quicktour_tensorflow.ipynb), and the lesson on [automatic speech
# recognition](automatic_speech_recognition_tensorflow.ipynb).

# %% [markdown] tags=["address"]
# On Google Colab the next cell installs hfquick and leaves Colab's own PyTorch and TensorFlow as they are. Anywhere
# else it does nothing.

# %% tags=["address"]
import importlib.util
import subprocess
import sys

address = "{repository}"
if "google.colab" in sys.modules and address and importlib.util.find_spec("hfquick") is None:
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", f"git+{address}"], check=True)

# %% [markdown]
# The next cell is folded, and only has to be run: it chooses the language in which hfquick itself speaks, and a few
# phrases that are printed further down.

# %% lang="en" tags=["language"]
from hfquick.i18n import set_language

set_language("en")

well_done = "Well done!"
try_again = "Not yet. Change my_answer and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

well_done = "Bravo !"
try_again = "Pas encore. Changez my_answer et exécutez à nouveau la cellule."

# %% [markdown]
# ## The recordings
#
# `hfquick/minds14-tiny` has what customers say to their bank, in two languages, said by synthetic voices that take
# turns: three in English, five in French. `cast_column` has them resampled to the rate of the model.

# %%
import numpy as np
from datasets import disable_progress_bars

from hfquick import Audio, load_dataset

disable_progress_bars()  # no bars for what takes a second

spoken = {}
for name in ["en-US", "fr-FR"]:
    rows = load_dataset("hfquick/minds14-tiny", name=name, split="train")
    rows = rows.select_columns(["audio", "transcription"])
    spoken[name] = rows.cast_column("audio", Audio(sampling_rate=16_000))
    print(name, len(rows), rows[1]["transcription"])

# %% [markdown]
# The second English recording is by a woman's voice; the two other voices are men's.

# %%
from hfquick.display import SoundView

SoundView(spoken["en-US"][1]["audio"])

# %% [markdown]
# Of each language one voice is *held out*: no recording of it is in the training data. Labels are 0 for English and 1
# for French.

# %%
from datasets import concatenate_datasets

held_out = {"en-US": (3, 1), "fr-FR": (5, 3)}  # how many voices take turns, which is held out
parts = {"train": [], "test": []}
for label, (name, (voices, out)) in enumerate(held_out.items()):
    rows = spoken[name].add_column("label", [label] * len(spoken[name]))
    is_out = np.arange(len(rows)) % voices == out
    parts["train"].append(rows.select(np.flatnonzero(~is_out)))
    parts["test"].append(rows.select(np.flatnonzero(is_out)))
languages = {split: concatenate_datasets(some) for split, some in parts.items()}
print({split: len(rows) for split, rows in languages.items()})

# %% [markdown]
# **Question:** why is the test made of other voices, and not simply of other sentences?
#
# **Answer:** a model that has learnt "this voice is English" by heart would recognise the other sentences of that voice
# as well. Who uses it comes with a voice of their own.
#
# ## A new task
#
# `hfquick/wav2vec2-tiny-en` was trained to transcribe English. What its layers know of sounds is of use for another
# task, too: it keeps them, and gets a new, randomly initialised *head* with two logits. That is *transfer learning*.
# What makes frames of the waveform, the *feature encoder*, is not trained any more (*frozen*).

# %%
from hfquick import AutoProcessor

model_name = "hfquick/wav2vec2-tiny-en"
processor = AutoProcessor.from_pretrained(model_name)
head = {"num_labels": 2, "id2label": {0: "English", 1: "French"}}

# %% tags=["torch"]
import torch

from hfquick import AutoModelForAudioClassification

torch.manual_seed(42)
model = AutoModelForAudioClassification.from_pretrained(model_name, **head)
model.freeze_feature_encoder()
print(model.classifier.weight.shape)

# %% tags=["tf"]
import keras

from hfquick import TFAutoModelForAudioClassification

keras.utils.set_random_seed(42)
model = TFAutoModelForAudioClassification.from_pretrained(model_name, **head)
model.freeze_feature_encoder()
print(model.classifier.kernel.shape)

# %% [markdown] tags=["torch"]
# The Trainer is that of texts; in the place of the tokenizer it is given the feature extractor, which prepares the
# recordings when their batch is due, and pads them to the longest. Two epochs must do.

# %% tags=["torch"]
from hfquick import Trainer, TrainingArguments

args = TrainingArguments(
    "languages",
    num_train_epochs=2,
    learning_rate=1e-3,
    per_device_train_batch_size=8,
    save_strategy="no",
    logging_steps=5,
)
trainer = Trainer(
    model=model,
    args=args,
    train_dataset=languages["train"].remove_columns("transcription"),
    processing_class=processor.feature_extractor,
)
print(trainer.train().global_step)

# %% [markdown] tags=["tf"]
# `prepare_tf_dataset` is that of texts; in the place of the tokenizer it is given the feature extractor, which prepares
# the recordings when their batch is due, and pads them to the longest. Two epochs must do.

# %% tags=["tf"]
rows = languages["train"].remove_columns("transcription")
batches = model.prepare_tf_dataset(rows, batch_size=8, processing_class=processor.feature_extractor)
model.compile(optimizer=keras.optimizers.Adam(1e-3))
history = model.fit(batches, epochs=2, verbose=0)
print(len(history.history["loss"]))

# %% [markdown]
# How often is it right, with voices that it did not hear in this training? And how often when the recordings are played
# backwards, so that nobody understands a word?

# %% tags=["torch"]
from hfquick import pipeline

classifier = pipeline(
    "audio-classification", model=model, feature_extractor=processor.feature_extractor
)

# %% tags=["tf"]
from hfquick import pipeline

classifier = pipeline(
    "audio-classification",
    model=model,
    feature_extractor=processor.feature_extractor,
    framework="tf",
)

# %%
sounds = [row["audio"]["array"] for row in languages["test"]]
right = [["English", "French"][label] for label in languages["test"]["label"]]
backwards = [sound[::-1] for sound in sounds]
for given in [sounds, backwards]:
    answers = [found[0]["label"] for found in classifier(given)]
    print(f"{np.mean(np.array(answers) == np.array(right)):.0%}")

# %% [markdown]
# Here is a *baseline*, too, a method as simple as can be: of each recording only how much energy lies in each of
# sixteen bands of frequency, and the language whose mean over the training data is nearest. It knows no order, no
# speech sound and no word:

# %%


def spectrum(sound):
    energy = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / 16_000)
    bands = np.histogram(hertz, bins=16, range=(0, 4000), weights=energy)[0]
    return np.log(bands / bands.sum() + 1e-6)


known = np.array([spectrum(row["audio"]["array"]) for row in languages["train"]])
numbers = np.array(languages["train"]["label"])
means = np.array([known[numbers == label].mean(axis=0) for label in (0, 1)])
nearest = [np.argmin([np.sum((spectrum(sound) - mean) ** 2) for mean in means]) for sound in sounds]
print(f"{np.mean(np.array(nearest) == np.array(languages['test']['label'])):.0%}")

# %% [markdown]
# **Question:** what has the model learnt?
#
# **Answer:** these data cannot tell. All English recordings were made by one program of synthesis, all French ones by
# another, and each program has a sound of its own, whatever it says, forwards or backwards. Language and program change
# together in these data (*confounding*): no accuracy can tell which of the two was learnt, not even with voices held
# out. Only other data can: English by the second program, or people.
#
# ## The CTC loss
#
# Now the model shall do what it was trained for, with a voice that is new to it. From the last lesson you know how a
# text comes of frames: each names a character or the *blank*, here `_`; equal neighbours are merged, and then blanks
# are dropped. But a transcription does not say in which frame a letter is spoken, and many *paths* through the frames
# (the rows of the last lesson) give the same text. *Connectionist temporal classification* (CTC) asks for none of them
# in particular: the probability of a path is the product of those of its characters, one for each frame; that of a text
# is the sum of those of all its paths, and the loss is minus the logarithm of it. With three frames one can try them
# all. Here are made-up probabilities, a row for each frame, columns for `_`, H and I:

# %%
from itertools import groupby, product


def collapse(path):
    merged = [character for character, _ in groupby(path)]
    return "".join(character for character in merged if character != "_")


frames = np.array([[0.1, 0.8, 0.1], [0.3, 0.4, 0.3], [0.2, 0.1, 0.7]])
total = 0
for numbers in product(range(3), repeat=3):
    path = "".join("_HI"[number] for number in numbers)
    if collapse(path) == "HI":
        probability = np.prod([frames[place, number] for place, number in enumerate(numbers)])
        total += probability
        print(path, round(probability, 3))
print(round(total, 3), round(-np.log(total), 3))

# %% [markdown]
# A recording of three seconds has some 150 frames, far too many paths to try. The *forward algorithm* adds them up all
# the same: it goes from frame to frame and keeps, for each position in the text, with blanks between the characters and
# at both ends, the sum of the probabilities of all paths that have come so far. It keeps logarithms, since the
# probabilities become too small; `np.logaddexp` adds two of them.

# %%


def ctc_loss(log_probabilities, labels, blank=0):
    text = [blank]
    for label in labels:
        text += [label, blank]
    sums = np.full(len(text), -np.inf)
    sums[:2] = log_probabilities[0, text[:2]]
    for frame in log_probabilities[1:]:
        stay, step, leap = sums, np.roll(sums, 1), np.roll(sums, 2)
        step[0] = leap[:2] = -np.inf
        for place in range(2, len(text)):  # a blank may be left out, but not between equal letters
            if text[place] in (blank, text[place - 2]):
                leap[place] = -np.inf
        sums = np.logaddexp(np.logaddexp(stay, step), leap) + frame[text]
    return -np.logaddexp(sums[-1], sums[-2])


print(round(ctc_loss(np.log(frames), [1, 2]), 3))

# %% [markdown]
# The same number. Now for real: the recordings of the new voice, with capital letters, since the model has no others.
# The data collator makes a batch: sounds are padded with silence, labels with -100, which no loss counts.

# %%
from hfquick import DataCollatorCTCWithPadding

english = spoken["en-US"].map(lambda row: {"transcription": row["transcription"].upper()})
places = np.arange(len(english))
voice = english.select(places[places % 3 == 1])
others = english.select(places[places % 3 != 1])

# %% tags=["torch"]
batch = DataCollatorCTCWithPadding(processor)([voice[0], voice[1]])
print({name: tuple(value.shape) for name, value in batch.items()})
print(batch["labels"][0])

# %% tags=["tf"]
batch = DataCollatorCTCWithPadding(processor, return_tensors="tf")([voice[0], voice[1]])
print({name: tuple(value.shape) for name, value in batch.items()})
print(batch["labels"].numpy()[0])

# %% [markdown]
# And the loss of one recording, by the model and by hand. The model gives it per character, so that long sentences do
# not count more:

# %% tags=["torch"]
from hfquick import AutoModelForCTC

torch.manual_seed(42)
model = AutoModelForCTC.from_pretrained(model_name)
batch = DataCollatorCTCWithPadding(processor)([voice[0]])
with torch.no_grad():
    outputs = model(**batch)
log_probabilities = outputs.logits.log_softmax(-1)[0].double().numpy()

# %% tags=["tf"]
import tensorflow as tf

from hfquick import TFAutoModelForCTC

keras.utils.set_random_seed(42)
model = TFAutoModelForCTC.from_pretrained(model_name)
batch = DataCollatorCTCWithPadding(processor, return_tensors="tf")([voice[0]])
outputs = model(batch)
log_probabilities = tf.nn.log_softmax(outputs.logits)[0].numpy().astype(float)

# %%
labels = batch["labels"].numpy()[0].tolist()
by_hand = ctc_loss(log_probabilities, labels) / len(labels)
print(np.isclose(by_hand, float(outputs.loss), rtol=1e-3))

# %% [markdown]
# ## A new voice
#
# How well is the new voice understood? As in the last lesson, *edits* are counted: how many words have to be inserted,
# deleted or replaced to come from what was heard to what was said, as a share of the words that were said. That is the
# *word error rate*. With so few recordings the *character error rate*, the same count for characters, tells more.

# %% tags=["torch"]
parts = {"tokenizer": processor.tokenizer, "feature_extractor": processor.feature_extractor}
recognizer = pipeline("automatic-speech-recognition", model=model, **parts)

# %% tags=["tf"]
parts = {"tokenizer": processor.tokenizer, "feature_extractor": processor.feature_extractor}
recognizer = pipeline("automatic-speech-recognition", model=model, framework="tf", **parts)

# %%


def edits(one, other):
    row = list(range(len(other) + 1))
    for number, left in enumerate(one, start=1):
        before, row = row, [number]
        for place, right in enumerate(other):
            row.append(min(row[-1] + 1, before[place + 1] + 1, before[place] + (left != right)))
    return row[-1]


def error_rate(rows, of=list):
    heard = [found["text"] for found in recognizer([row["audio"]["array"] for row in rows])]
    errors = [
        edits(of(one), of(text)) for one, text in zip(heard, rows["transcription"], strict=True)
    ]
    return sum(errors) / sum(len(of(text)) for text in rows["transcription"])


trained, new = voice.select(range(6)), voice.select(range(6, 10))
parts = {"trained on": trained, "new sentences": new, "other voices": others}
before = {name: error_rate(rows) for name, rows in parts.items()}
for name, rows in parts.items():
    print(f"{name:14} characters {before[name]:.0%}, words {error_rate(rows, str.split):.0%}")

# %% [markdown]
# The other voices the model knows from its first training, though not these sentences; the new one it understands much
# worse. A word is wrong as soon as one of its letters is, so the share of wrong words is larger. Six recordings of the
# new voice are to train on now, four are kept for the test.

# %% tags=["torch"]
model.freeze_feature_encoder()
args = TrainingArguments(
    "voice",
    num_train_epochs=25,
    learning_rate=3e-4,
    lr_scheduler_type="constant",
    per_device_train_batch_size=6,
    save_strategy="no",
    logging_steps=5,
)
trainer = Trainer(model=model, args=args, train_dataset=trained, processing_class=processor)
print(trainer.train().global_step)

# %% tags=["tf"]
model.freeze_feature_encoder()
batches = model.prepare_tf_dataset(trained, batch_size=6, processing_class=processor)
model.compile(optimizer=keras.optimizers.Adam(3e-4))
history = model.fit(batches, epochs=25, verbose=0)
print(len(history.history["loss"]))

# %%
for name, rows in parts.items():
    print(f"{name:14} {before[name]:.0%} -> {error_rate(rows):.0%}")

# %% [markdown]
# **Question:** what has been won, what has been lost, and which of these three figures would you put on a card?
#
# **Answer:** the six recordings are transcribed with few errors now: the model knows them nearly by heart. New
# sentences of the same voice are understood a little better only: that is *overfitting*, and six sentences are too few
# to get to know a voice. The voices that it knew are understood worse than before, since nothing in this training asked
# for them (*catastrophic forgetting*). The figure in the middle belongs on the card: it says what somebody with this
# voice can expect, with sentences of their own.
#
# **Change it:** load the model once more, and train on known voices as well, `concatenate_datasets([trained,
# others.select(range(6))])`; measure those with the rest, `others.select(range(6, 20))`. They are forgotten less.
#
# ## With recordings of your own
#
# Record a few dozen sentences, and write a file `recordings.csv`, with a line for each: `audio,transcription` first,
# then `recordings/1.wav,GOOD MORNING` and so on.
#
# ```python
# dataset = load_dataset("csv", data_files="recordings.csv", split="train")
# dataset = dataset.cast_column("audio", Audio(sampling_rate=16_000))
# dataset = dataset.train_test_split(test_size=0.2, seed=42)
# ```
#
# Everything else stays as it is above. For a classifier write a column `label` with numbers in the place of the
# transcriptions. Keep for the test what was recorded on another day, and, if the model is for everybody, by other
# people. A voice is personal data: ask before you record one, and say what for.
#
# ## Your turn
#
# How probable is the text I, with the made-up `frames` from above? Its paths have three characters each: find them, and
# add up their probabilities; or let a function from above do it, and undo the logarithm with `np.exp` (mind the minus
# sign). Write `my_answer` as a number between 0 and 1.

# %%
my_answer = 0.0

right_answer = np.exp(-ctc_loss(np.log(frames), [2]))
is_right = False
try:
    is_right = abs(float(my_answer) - right_answer) < 0.001
except (TypeError, ValueError) as error:
    print(str(error)[:80])
print(well_done if is_right else try_again)

# %% [markdown] tags=["torch"]
# Other lessons on sound: [audio classification](audio_classification_pytorch.ipynb), [automatic speech
# recognition](automatic_speech_recognition_pytorch.ipynb). Lessons on text: [named entity
# recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb), [question
# answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on pictures: [image
# classification](image_classification_pytorch.ipynb), [object detection](object_detection_pytorch.ipynb), [image
# segmentation](image_segmentation_pytorch.ipynb), [visual question answering](visual_question_answering_pytorch.ipynb),
# [fine-tuning on pictures](image_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# Other lessons on sound: [audio classification](audio_classification_tensorflow.ipynb), [automatic speech
# recognition](automatic_speech_recognition_tensorflow.ipynb). Lessons on text: [named entity
# recognition](token_classification_tensorflow.ipynb), [fill-mask](fill_mask_tensorflow.ipynb), [question
# answering](question_answering_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb),
# [summarization](summarization_tensorflow.ipynb), [translation](translation_tensorflow.ipynb). Lessons on pictures:
# [image classification](image_classification_tensorflow.ipynb), [object detection](object_detection_tensorflow.ipynb),
# [image segmentation](image_segmentation_tensorflow.ipynb), [visual question
# answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on pictures](image_training_tensorflow.ipynb).
