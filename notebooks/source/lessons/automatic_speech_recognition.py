# %% [markdown]
# # Speech recognition: what was said?
#
# Sound goes in, text comes out: *automatic speech recognition*, ASR. You have a small *Wav2Vec2* transcribe a
# recording, look at what sound is to a model and at how *CTC* makes a text of frames, measure how often it is wrong,
# and speak yourself.
#
# **Lesson 13 of 14** · level 2 of 3 · about 30 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](automatic_speech_recognition_tensorflow.ipynb). Other
# language: [français](../../fr/lessons/automatic_speech_recognition_pytorch.ipynb). First take half of the [quick
# tour](../quicktour_pytorch.ipynb) and the lesson on [audio classification](audio_classification_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](automatic_speech_recognition_pytorch.ipynb). Other
# language: [français](../../fr/lessons/automatic_speech_recognition_tensorflow.ipynb). First take half of the [quick
# tour](../quicktour_tensorflow.ipynb) and the lesson on [audio classification](audio_classification_tensorflow.ipynb).

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
# The next cell is folded, and only has to be run: it chooses the language in which hfquick itself speaks, a model and
# recordings in that language, and a few phrases that are printed further down.

# %% lang="en" tags=["language"]
from hfquick.i18n import set_language

set_language("en")

model_name = "hfquick/wav2vec2-tiny-en"
recording = "hfquick/sounds/travel-en.ogg"
foreign = "hfquick/sounds/compte-fr.ogg"
configuration = "en-US"
word = "coffee"
well_done = "Well done!"
try_again = "Not yet. Change my_row and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

model_name = "hfquick/wav2vec2-tiny-fr"
recording = "hfquick/sounds/vacances-fr.ogg"
foreign = "hfquick/sounds/account-en.ogg"
configuration = "fr-FR"
word = "créée"
well_done = "Bravo !"
try_again = "Pas encore. Changez my_row et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# The folded cell has chosen a very small model that travels with hfquick, as do a few recordings to try. Leave `model=`
# out when you have a network, and Wav2Vec2-base, which has 94 million parameters, is fetched instead; it was trained on
# English.

# %% tags=["torch"]
from hfquick import pipeline

recognizer = pipeline("automatic-speech-recognition", model=model_name)

# %% tags=["tf"]
from hfquick import pipeline

recognizer = pipeline("automatic-speech-recognition", model=model_name, framework="tf")

# %%
recognizer(recording)

# %% [markdown]
# Play it: was it understood? To a program the answer is a dictionary with one entry:

# %%
found = recognizer(recording)
print(found["text"])

# %% [markdown]
# These are all the characters that the model knows, in the order of their numbers. `|` stands for the space between two
# words; `<pad>` and `<unk>` are no characters, and `<pad>` will be important further down.

# %%
vocabulary = recognizer.tokenizer.get_vocab()
characters = sorted(vocabulary, key=vocabulary.get)
print(len(characters))
print(*characters)

# %% [markdown]
# **Question:** somebody says "at 5 o'clock, please". What would a perfect model with these characters answer?
#
# **Answer:** the five as a word, and no comma: there are no digits among the characters, no punctuation but the
# apostrophe, and only one case. It transcribes what is heard. With such a model, another one puts in punctuation and
# capital letters afterwards.
#
# ## What sound is to a model
#
# A sound is a *waveform*: the pressure of the air, measured many times in a second. How many times is its *sampling
# rate*, in hertz (Hz). A file gives both; `zoo.sound` says where the file of a recording lies that travels with
# hfquick, and for one of your own you write its path.

# %%
import numpy as np
import soundfile

from hfquick import zoo

samples, rate = soundfile.read(zoo.sound(recording), dtype="float32")
print(samples.dtype, samples.shape, rate, "Hz", round(len(samples) / rate, 1), "s")
print(samples[10_000:10_006].round(3))

# %% [markdown]
# Hardly anything can be read from such a list of numbers. A *spectrogram* shows more: from left to right the time, from
# bottom to top the *frequency* (low and high tones), the lighter, the louder. Play it, and look where you are:

# %%
from hfquick.display import SoundView

SoundView(recording)

# %% [markdown]
# **Question:** where do you see vowels, where hissing sounds such as S, and where sounds such as T and K?
#
# **Answer:** vowels are the bright stripes one above the other, which bend slowly: a voice has a fundamental frequency
# and its multiples (*harmonics*), and the mouth makes those near its resonances stronger (*formants*). Hissing sounds
# are bright at the top and without stripes. T and K are a short dark gap, then a thin bright column: the tongue stops
# the air, then lets it go.
#
# The *feature extractor* makes input for the model: it reads the file, *resamples* it to the rate of the model if need
# be, and *normalises* it to mean 0 and standard deviation 1. What comes out is called `input_values`, with the axes
# batch and samples:

# %%
extractor = recognizer.feature_extractor
input_values = extractor(recording, return_tensors="np")["input_values"]
print(input_values.shape, extractor.sampling_rate)
print(np.allclose(input_values[0], (samples - samples.mean()) / samples.std(), atol=1e-3))
print(recognizer(samples / 10)["text"] == found["text"])

# %% [markdown]
# **Question:** what has the last line tried, and why is it true?
#
# **Answer:** the recording ten times as soft. After normalising it is the same to the model: how far somebody sat from
# the microphone should not change what was said.
#
# An array does not say at which rate it was recorded, but the sampling rate decides what is heard. Here the same
# samples are played too slowly, as they are, and too fast:

# %%
for told in [10_000, 13_000, 16_000, 20_000, 25_000]:
    print(f"{told:6}", recognizer({"array": samples, "sampling_rate": told})["text"])

# %% [markdown]
# **Change it:** `SoundView({"array": samples, "sampling_rate": 10_000})` lets you hear what the model heard.
#
# **Question:** how much of a wrong rate does the model bear, and why any of it?
#
# **Answer:** a fifth too slow or a quarter too fast changes some letters. People speak faster or slower, and higher or
# lower, too, and in training the recordings were changed in this way (*data augmentation*). Farther off, little is
# left.
#
# Who prepares the input by hand may say the rate, too. A wrong one is then an error, and not a bad text:

# %%
try:
    extractor(samples, sampling_rate=8_000)
except ValueError as error:
    print(error)

# %% [markdown]
# ## Looking inside: from samples to frames
#
# A transformer reads a sequence of vectors, and a second of sound has 16,000 samples: far too many. So Wav2Vec2 begins
# with *convolutions*, its *feature encoder*: they slide over the samples and make a vector, a *frame*, from each short
# stretch. How many samples one frame is computed from is its *receptive field*; the *stride* is how many samples lie
# between the beginnings of two frames.

# %%
config = recognizer.model.config
print(config.conv_kernel, config.conv_stride)
print(config.receptive_field, config.inputs_to_logits_ratio)
print(config.receptive_field / rate, config.inputs_to_logits_ratio / rate, config.frames(rate))

# %% [markdown]
# **Question:** how long is the stretch of one frame, how far apart are two, and how many frames has a second?
#
# **Answer:** a frame is computed from 65 ms, and the next one begins 20 ms later, so they overlap. That makes 50 frames
# in a second, less the last few, for which the samples do not suffice: a second alone gives 47. A vowel lasts some four
# frames, a T one.
#
# What does the first convolution listen to? Each of its filters is a short wave of 400 samples; it answers strongly
# where the sound is like it. Here are the filters of this model:

# %% tags=["torch"]
filters = recognizer.model.wav2vec2.feature_extractor.conv_layers[0].conv.weight
filters = filters.detach().numpy()[:, 0]
print(filters.shape)

# %% tags=["tf"]
filters = recognizer.model.wav2vec2.feature_extractor.conv_layers[0].conv.kernel
filters = filters.numpy()[:, 0].T
print(filters.shape)

# %% [markdown]
# The *Fourier transform* says which frequencies a wave is made of. `argmax` gives the index of the largest value, and
# from it each filter has its frequency. In the picture each row is a filter, sorted by that; from left to right the
# frequency rises to 8,000 Hz, half the sampling rate, which is the highest one that samples can hold.

# %%
from PIL import Image

spectra = np.abs(np.fft.rfft(filters))
strongest = spectra.argmax(axis=1) * rate / 400
for low, high in [(0, 500), (500, 1000), (1000, 2000), (2000, 4000), (4000, 8001)]:
    print(f"{low:5} to {high:5} Hz:", ((strongest >= low) & (strongest < high)).sum(), "filters")
drawn = spectra[strongest.argsort()]
drawn = drawn / drawn.max(axis=1, keepdims=True)
Image.fromarray((drawn * 255).astype(np.uint8)).resize((603, 320))

# %% [markdown]
# **Question:** the line is bent. Where does the model hear finely, and where coarsely?
#
# **Answer:** low frequencies have narrow filters close together, high ones broad filters far apart: the lowest 500 Hz
# have nearly as many as all from 4,000 to 8,000 Hz. The ear does likewise (the *mel scale*). Wav2Vec2-base had to find
# its filters by itself, in a thousand hours of sound. This small one had four hours, so its filters were initialised as
# such a *filter bank*, and then trained with the rest.
#
# ## Looking inside: from frames to text
#
# The transformer reads all frames, adds context to each, and in the end there is a linear layer, the *CTC head*: for
# each frame a *logit* for every character. By hand:

# %% tags=["torch"]
import torch

inputs = extractor(recording, return_tensors="pt")
with torch.no_grad():
    logits = recognizer.model(**inputs).logits[0].numpy()
print(logits.shape)

# %% tags=["tf"]
inputs = extractor(recording, return_tensors="tf")
logits = recognizer.model(inputs).logits[0].numpy()
print(logits.shape)

# %% [markdown]
# Now the best character of each frame, with `_` for `<pad>`. In this kind of model `<pad>` has a second meaning, the
# *blank token*, which says: nothing new here.

# %%
best = logits.argmax(axis=-1)
signs = ["_", *characters[1:]]
row = "".join(signs[number] for number in best)
for start in range(0, len(row), 50):
    print(row[start : start + 50])

# %% [markdown]
# Each line is one second. You can nearly read it. *Connectionist temporal classification*, CTC, has two rules to make a
# text of it: equal characters that follow each other are one; then the blanks go. In Python:

# %%
from itertools import groupby, pairwise


def collapse(row):
    once = "".join(character for character, same in groupby(row))
    return once.replace("_", "").replace("|", " ").strip()


print(collapse(row))
print(collapse(row) == recognizer.tokenizer.decode(best) == found["text"])

# %% [markdown]
# What do these rows become?

# %%
for frames in ["HH_AAA_LLL", "HAL_LL_OO", "HALLLLO", "H__A_L_L_O", "____"]:
    print(f"{frames:12}", collapse(frames))

# %% [markdown]
# **Question:** what would not be possible without a blank?
#
# **Answer:** a double letter: LL would always become one L. And the model would have to answer with some character in
# every frame, in silence, too.
#
# Many rows become one text. For "AB" in four frames there are these:

# %%
from itertools import product

rows = ["".join(frames) for frames in product("AB_", repeat=4)]
print(len(rows))
print(*[frames for frames in rows if collapse(frames) == "AB"])

# %% [markdown]
# That is the idea of the training. Nobody says which frame belongs to which letter, the texts alone are known. The *CTC
# loss* adds up the probabilities of all rows that become the right text, and the model learns to make that sum large.
# (It is computed without listing them.)
#
# ## Characters in time
#
# The number of a frame says when it was. So the model also knows when each character was spoken, though nobody has ever
# told it:

# %%
timed = recognizer(recording, return_timestamps="char")
for chunk in timed["chunks"][:6]:
    print(repr(chunk["text"]), *chunk["timestamp"])
first = next(frame for frame, sign in enumerate(row) if sign != "_")
print(first * config.inputs_to_logits_ratio / rate)

# %%
recognizer(recording, return_timestamps="word")

# %% [markdown]
# **Question:** a character lasts a tenth of a second or so when you speak. How long does it last here, and what is in
# between?
#
# **Answer:** one to three frames, 20 to 60 ms, and blanks in between. CTC asks for each character once and not for how
# long it sounds: most models answer with one short peak each. When a word begins is quite right, when it ends is less
# so.
#
# ## How often is it right?
#
# One recording says little. The dataset `hfquick/minds14-tiny` has requests that customers make to their bank, spoken
# by synthetic voices, with what was said. They are telephone sound of 8,000 Hz; `cast_column` has them resampled when
# they are read.

# %%
from hfquick import Audio, load_dataset

dataset = load_dataset("hfquick/minds14-tiny", name=configuration, split="train")
print(len(dataset), dataset[0]["audio"]["array"].shape, dataset[0]["audio"]["sampling_rate"])
dataset = dataset.cast_column("audio", Audio(sampling_rate=extractor.sampling_rate))
print(len(dataset), dataset[0]["audio"]["array"].shape, dataset[0]["audio"]["sampling_rate"])

# %%
said = dataset[:12]["transcription"]
heard = [one["text"] for one in recognizer(dataset[:12]["audio"])]
for number in range(5):
    print(said[number])
    print(heard[number].lower())
    print()

# %% [markdown]
# How wrong is that? The *edit distance* is the smallest number of *edits* that make one text the other: replace, delete
# or insert a word. Divided by the number of words that were said it is the *word error rate*, WER; the same with
# characters is the *character error rate*.

# %%


def edit_distance(one, other):
    distances = list(range(len(other) + 1))
    for number, item in enumerate(one, start=1):
        above, distances = distances, [number]
        for place, its in enumerate(other, start=1):
            steps = [above[place] + 1, distances[-1] + 1, above[place - 1] + (item != its)]
            distances.append(min(steps))
    return distances[-1]


def error_rate(said, heard, cut=str.split):
    pairs = [
        [cut(text.lower().replace("-", " ")) for text in both]
        for both in zip(said, heard, strict=True)
    ]
    return sum(edit_distance(*pair) for pair in pairs) / sum(len(right) for right, _ in pairs)


print(edit_distance(["a", "cat", "sat"], ["cat", "sat", "down"]), edit_distance("cat", "hats"))
print(f"{error_rate(said, heard):.0%} of the words")
print(f"{error_rate(said, heard, cut=list):.0%} of the characters")

# %% [markdown]
# **Question:** may it be more than 100 %?
#
# **Answer:** yes, if it puts in more words than were said. Here some four words in ten are wrong, but only one
# character in seven or eight: one of them makes a word wrong. Read the rows aloud, and you understand most of them. The
# model spells what it hears and has no list of words. Large models, trained on a thousand hours and more, get a few
# words in a hundred wrong, if they are read clearly.
#
# ## Changing something
#
# People telephone in the street and in large rooms. How does the word error rate grow with noise? How loud speech is
# beside noise is told in *decibels*, the *signal-to-noise ratio*: at 20 the noise has a tenth of the amplitude, at 0 it
# is as loud as the speech.

# %%
few = [one["array"] for one in dataset[:6]["audio"]]
rng = np.random.default_rng(0)
noise = [rng.standard_normal(len(one)) * one.std() for one in few]


def measure(sounds):
    heard = [one["text"] for one in recognizer(sounds)]
    return f"{error_rate(said[:6], heard):.0%}"


for decibels in [30, 15, 0]:
    volume = 10 ** (-decibels / 20)
    print(
        f"{decibels:2} dB",
        measure([one + volume * its for one, its in zip(few, noise, strict=True)]),
    )

# %% [markdown]
# A little noise does little harm, since the model was trained with some; where it is as loud as the speech, hardly a
# word is left. Other changes: an *echo*, which comes a fifth of a second later and half as loud; and lower sampling
# rates, from which the sound is resampled again. What was lost on the way does not come back.

# %%
import soxr


def echo(samples, seconds=0.2):
    later = np.concatenate([np.zeros(int(seconds * rate), np.float32), samples])
    return samples + later[: len(samples)] / 2


print("as it is", measure(few))
print("echo    ", measure([echo(one) for one in few]))
for lower in [8_000, 4_000, 2_000]:
    sounds = [{"array": soxr.resample(one, rate, lower), "sampling_rate": lower} for one in few]
    print(f"{lower} Hz ", measure(sounds))

# %% [markdown]
# **Question:** telephone sound has 8,000 Hz anyway, so nothing was lost there. What is missing at 4,000 Hz?
#
# **Answer:** all frequencies above 2,000 Hz, half the rate. Most of each vowel stays, but S, F and T, which lie mostly
# higher, are gone or sound alike. The echo lays each syllable over the next one; a person understands it all the same.
#
# **Change it:** `SoundView({"array": echo(few[0]), "sampling_rate": rate})` lets you hear the echo.
#
# ## Long recordings
#
# The attention of a transformer looks from each frame to each other one: twice as long is four times as much work and
# memory. An hour would not fit. `chunk_length_s` cuts the recording into *chunks* of so many seconds. They overlap: the
# ends of a chunk, its *strides* (not those of the convolutions), only give context, and what was recognised there is
# dropped.

# %%
long = np.concatenate(few)
print(round(len(long) / rate), "s")
for options in [
    {},
    {"chunk_length_s": 4},
    {"chunk_length_s": 1, "stride_length_s": 0},
]:
    heard = recognizer(long, **options)["text"]
    print(f"{error_rate([' '.join(said[:6])], [heard]):.0%}", options)

# %% [markdown]
# **Question:** what went wrong in the last line?
#
# **Answer:** a second is short, and without strides most cuts go through a word, of which both chunks have a part
# without its context. With overlapping chunks the text is about as good as at once, or better, since the model heard
# nothing so long in its training; and the memory no longer grows with the recording.
#
# ## Speak yourself
#
# The Playground has a recorder. Choose a model, press *Record* and say something to a bank, in the language of the
# model; or give the recogniser the path of a recording of your own, `recognizer("my_voice.wav")`. What you record stays
# in the kernel of this notebook.

# %%
import hfquick

hfquick.Playground("automatic-speech-recognition")

# %% [markdown]
# **Question:** does it understand you?
#
# **Answer:** hardly, a word here and there. Nearly all of its training data are synthetic voices, which are even and
# clear; people differ more among themselves, and swallow more. Test a model with those who will use it: the test with
# its own voices says little about that.
#
# ## What goes wrong
#
# The model has only characters to answer with, whatever it hears. Another language, the hit of a drum, noise, silence:

# %%
strange = {
    "language": foreign,
    "drum": "hfquick/sounds/kick.ogg",
    "noise": 0.1 * rng.standard_normal(2 * rate).astype(np.float32),
    "silence": np.zeros(2 * rate, np.float32),
}
for name, sound in strange.items():
    print(f"{name:9}", repr(recognizer(sound)["text"]))

# %% [markdown]
# **Question:** does it say that this is not its language?
#
# **Answer:** no, it spells what it hears with the sounds that it knows. And the answer has no score by which you could
# tell. The drum, noise and silence leave nothing, because its training data had pauses and noise: there the blank token
# is the best in every frame, and the text is empty.
#
# A typing mistake? A sentence tells you:

# %%
for given, options in [
    ("hfquick/sounds/acount-en.ogg", {}),
    (samples[:100], {}),
    (samples, {"return_timestamps": "sentence"}),
]:
    try:
        recognizer(given, **options)
    except ValueError as error:
        print(error)

# %% [markdown]
# ## Your turn
#
# In how few frames can CTC say the word that the cell prints? Write the shortest row of characters and blanks (`_`)
# that becomes it.

# %%
my_row = ""

its_word = collapse(str(my_row).strip().lower())
shortest = len(word) + sum(one == other for one, other in pairwise(word))
print(word, its_word[:60])
print(well_done if its_word == word and len(str(my_row).strip()) == shortest else try_again)

# %% [markdown] tags=["torch"]
# The next lesson: [fine-tuning on sounds](sound_training_pytorch.ipynb). Other lesson on sound: [audio
# classification](audio_classification_pytorch.ipynb). Lessons on text: [named entity
# recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb), [question
# answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on pictures: [image
# classification](image_classification_pytorch.ipynb), [object detection](object_detection_pytorch.ipynb), [image
# segmentation](image_segmentation_pytorch.ipynb), [visual question answering](visual_question_answering_pytorch.ipynb),
# [fine-tuning on pictures](image_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [fine-tuning on sounds](sound_training_tensorflow.ipynb). Other lesson on sound: [audio
# classification](audio_classification_tensorflow.ipynb). Lessons on text: [named entity
# recognition](token_classification_tensorflow.ipynb), [fill-mask](fill_mask_tensorflow.ipynb), [question
# answering](question_answering_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb),
# [summarization](summarization_tensorflow.ipynb), [translation](translation_tensorflow.ipynb). Lessons on pictures:
# [image classification](image_classification_tensorflow.ipynb), [object detection](object_detection_tensorflow.ipynb),
# [image segmentation](image_segmentation_tensorflow.ipynb), [visual question
# answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on pictures](image_training_tensorflow.ipynb).
