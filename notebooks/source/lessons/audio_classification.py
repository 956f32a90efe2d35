# %% [markdown]
# # Audio classification: what is heard?
#
# A sound goes in, a label comes out: *audio classification* picks one of the classes that a model knows. You have a
# small *Wav2Vec2* tell drums apart, look at the numbers that a sound is, follow them through the model, and find out
# which changes of a sound it bears. At the end you make a drum yourself.
#
# **Lesson 12 of 14** · level 1 of 3 · about 25 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](audio_classification_tensorflow.ipynb). Other language:
# [français](../../fr/lessons/audio_classification_pytorch.ipynb). First take half of the [quick
# tour](../quicktour_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](audio_classification_pytorch.ipynb). Other language:
# [français](../../fr/lessons/audio_classification_tensorflow.ipynb). First take half of the [quick
# tour](../quicktour_tensorflow.ipynb).

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
try_again = "Not yet. Change my_frequency and my_noise and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

well_done = "Bravo !"
try_again = "Pas encore. Changez my_frequency et my_noise et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# `hfquick/wav2vec2-tiny-drums` is a very small model that travels with hfquick, as do a few sounds to try. Leave
# `model=` out when you have a network, and a Wav2Vec2-base that tells spoken commands apart is fetched instead; it is
# far larger.

# %% tags=["torch"]
from hfquick import pipeline

classifier = pipeline("audio-classification", model="hfquick/wav2vec2-tiny-drums")

# %% tags=["tf"]
from hfquick import pipeline

classifier = pipeline("audio-classification", model="hfquick/wav2vec2-tiny-drums", framework="tf")

# %%
classifier("hfquick/sounds/kick.ogg")

# %% [markdown]
# Press play: this is a *kick*, the large drum that is played with a foot. What you see and hear is made from data: a
# list with a dictionary for each label, the best one first.

# %%
for found in classifier("hfquick/sounds/kick.ogg"):
    print(found["label"], round(found["score"], 2))

# %% [markdown]
# `score` lies between 0 and 1, and the scores of all classes together are 1. These five are all that the model knows;
# it will never answer anything else:

# %%
labels = list(classifier.model.config.id2label.values())
print(*labels, sep=", ")

# %% [markdown]
# **Question:** does it know kicks, or has it learnt this very recording by heart?
#
# **Answer:** it was trained on other drum kits, and never heard one of this. That is the test that counts: of the hits
# of three kits that it did not know it recognised 83 %. That sounds like much; but a simple linear classifier, which
# looks at how loud 20 bands of frequency are in four stretches of time, has 76 %.
#
# ## What a sound is to a model
#
# A list of numbers. A microphone follows the pressure of the air, and the computer notes its signal so many times in a
# second: that is the *sampling rate*, and each number is a *sample*. Together they are the *waveform*. Here is the
# *snare*, the drum that rattles:

# %%
import numpy as np
import soundfile

from hfquick import zoo

snare, rate = soundfile.read(zoo.sound("hfquick/sounds/snare.ogg"), dtype="float32")
print(snare.shape, rate)
print(f"{len(snare) / rate:.2f} s")

# %% [markdown]
# `zoo.sound` gives the file of a sound that travels with hfquick. For a sound of your own write its path:
# `soundfile.read("door.wav")`. Here it is to be seen and heard:

# %%
from hfquick.display import SoundView

SoundView({"array": snare, "sampling_rate": rate})

# %% [markdown]
# Above is the waveform, below the *spectrogram*: time goes from left to right, frequency (how often something swings in
# a second, in hertz, Hz) from low at the bottom to high at the top, with more room for the low ones, as the ear has it;
# and the lighter a spot, the more of that frequency is in the sound at that moment. It is made by the *Fourier
# transform*, which takes a waveform apart into tones. Of the whole sound at once NumPy does it in a line. Which
# frequency is the strongest in each of the three sounds? `argmax` gives the index of the largest number:

# %%
drums = {}
for name in ["kick", "snare", "hi-hat"]:
    drums[name], rate = soundfile.read(zoo.sound(f"hfquick/sounds/{name}.ogg"), dtype="float32")
    energy = np.abs(np.fft.rfft(drums[name])) ** 2
    hertz = np.fft.rfftfreq(len(drums[name]), 1 / rate)
    print(f"{name:7} {round(hertz[energy.argmax()], -1):.0f} Hz")

# %% [markdown]
# **Question:** a rate of 16,000 has room for frequencies up to 8,000 Hz. Why half of it?
#
# **Answer:** to see that something swings, you need at least two samples of each swing: one when it is up, one when it
# is down. Everything above is lost, or worse, comes back as a false tone (*aliasing*); that is why resampling filters
# it out before. Young ears hear up to nearly 20,000 Hz, so this hi-hat sounds dull to you.
#
# A model hears at the one rate it was trained with. The *feature extractor* reads a file, mixes its channels (left and
# right) into one, *resamples* it to that rate, and *normalises* it: the samples of each sound get the mean 0 and the
# variance 1. What comes out is called `input_values`, with the axes batch and samples:

# %%
extractor = classifier.feature_extractor
input_values = extractor(snare, sampling_rate=rate, return_tensors="np")["input_values"]
print(extractor.sampling_rate, input_values.shape)
print(np.isclose(input_values.mean(), 0, atol=1e-3), np.isclose(input_values.var(), 1, atol=1e-2))

# %% [markdown]
# And the same hit, ten times softer?

# %%
softer = extractor(snare / 10, sampling_rate=rate, return_tensors="np")["input_values"]
print(np.allclose(softer, input_values, atol=0.01))

# %% [markdown]
# **Question:** what does the model know of how hard the drum was hit?
#
# **Answer:** nothing of how loud it is: both are the same numbers. (A hard hit also sounds brighter, and that it could
# hear.) Whether it is good to forget the loudness depends on the task. It makes the model independent of the microphone
# and of how far away it stood; but who wants to know whether music was played softly cannot use it so.
#
# ## Looking inside
#
# A transformer reads a sequence of vectors, and thousands of samples would be too many. A few *convolutions* come
# first: each looks at a short stretch of what is before it, moves on by its *stride*, and looks again. What is left are
# *frames*, one vector for each step. The product of the strides says how many samples a step has:

# %%
step = np.prod(classifier.model.config.conv_stride)
print(step, rate / step)

# %% [markdown]
# Fifty frames in a second, each computed from a stretch of 65 thousandths of a second. The layers behind mix what the
# frames know by *attention*. Now by hand, with the kick: the frames after the last layer, and the *logits*, one for
# each class.

# %% tags=["torch"]
import torch

inputs = extractor(drums["kick"], sampling_rate=rate, return_tensors="pt")
with torch.no_grad():
    outputs = classifier.model(**inputs, output_hidden_states=True)
frames, logits = outputs.hidden_states[-1], outputs.logits[0].numpy()
print(tuple(frames.shape), logits.shape)

# %% tags=["tf"]
inputs = extractor(drums["kick"], sampling_rate=rate, return_tensors="tf")
outputs = classifier.model(inputs, output_hidden_states=True)
frames, logits = outputs.hidden_states[-1], outputs.logits[0].numpy()
print(tuple(frames.shape), logits.shape)

# %% [markdown]
# Softmax makes probabilities of the logits, and the largest one is the answer. Are these the scores of the pipeline?

# %%
powers = np.exp(logits - logits.max())
probabilities = powers / powers.sum()

for number in np.argsort(-probabilities)[:3]:
    print(labels[number], round(float(probabilities[number]), 2))
scores = [found["score"] for found in classifier(drums["kick"])]
print(np.allclose(scores, np.sort(probabilities)[::-1], atol=1e-4))

# %% [markdown]
# How do five logits come of so many frames? Two linear layers, `projector` and `classifier`, and between them the mean
# of all frames. Since they are linear, the mean may as well come last: then each frame has logits of its own. What
# would each frame answer alone, and is their mean what the model says?

# %% tags=["torch"]
with torch.no_grad():
    of_frames = classifier.model.classifier(classifier.model.projector(frames))[0].numpy()

# %% tags=["tf"]
of_frames = classifier.model.classifier(classifier.model.projector(frames))[0].numpy()

# %%
print(*[labels[number] for number in of_frames.argmax(axis=-1)])
print(np.allclose(of_frames.mean(axis=0), logits, atol=1e-3))

# %% [markdown]
# **Question:** where in the sound does the model hesitate, and what does the mean do about it?
#
# **Answer:** the first frames, the hit itself, all say *kick*; some of those in the middle, while the drum fades, would
# say *tom*, a drum that rings on a tone. The mean asks all of them, and forgets which came first.
#
# ## Changing something
#
# A rate that is told wrongly plays a sound faster or slower: all frequencies rise or fall. `band` takes frequencies
# away, by setting to zero what the Fourier transform found below or above, and going back. `np.clip` cuts off what is
# too loud (*clipping*). What is the snare now?

# %%


def band(samples, low, high):
    parts = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    parts[(hertz < low) | (hertz > high)] = 0
    return np.fft.irfft(parts, len(samples)).astype(np.float32)


noise = np.random.default_rng(42).normal(size=rate).astype(np.float32)
changed = {
    "as it is": snare,
    "much louder, clipped": np.clip(5 * snare, -1, 1),
    "backwards": snare[::-1],
    "the first 80 ms": snare[: rate * 80 // 1000],
    "with noise": snare + 0.03 * noise[: len(snare)],
    "three times as fast": {"array": snare, "sampling_rate": 3 * rate},
    "half as fast": {"array": snare, "sampling_rate": rate // 2},
    "nothing above 1,000 Hz": band(snare, 0, 1000),
    "nothing below 500 Hz": band(snare, 500, 8000),
}
for name, other in changed.items():
    best, second = classifier(other, top_k=2)
    print(f"{name:24} {best['label']} {best['score']:.2f}, {second['label']} {second['score']:.2f}")

# %% [markdown]
# **Question:** which changes does it bear, and which not? Why does it not care about backwards?
#
# **Answer:** loudness, clipping, a bit of noise, a short beginning: it still is a snare. Backwards, too: each frame
# finds nearly the same frequencies, and the mean at the end knows no order. But faster it becomes a hi-hat, and slower
# a tom: small things sound high, large ones low, and to the model the frequencies are the drum. Without the low ones
# the snare is a hi-hat; without the high ones, where you hear it rattle, it stays a snare: most of its energy is low.
#
# Look at the hi-hat that was a snare, and hear it: what was below 500 Hz is black in the spectrogram now.

# %%
classifier(changed["nothing below 500 Hz"])

# %% [markdown]
# **Change it:** put `drums["kick"]` in the place of `snare` in the table above, or a sound of your own: a hand on a
# table, a tongue that clicks.
#
# ## What goes wrong
#
# The model has to choose one of its classes. A voice is a drum, too, and so is silence:

# %%
for other in ["hfquick/sounds/travel-en.ogg", "hfquick/sounds/vacances-fr.ogg", np.zeros(rate)]:
    best = classifier(other)[0]
    print(best["label"], round(best["score"], 2))

# %% [markdown]
# **Question:** can you tell by the score that it does not know?
#
# **Answer:** no: of silence it is very sure. Softmax divides 1 among the classes it has, and there is none for
# *something else*. Who listens to a room all day needs such a class, trained on much that is no drum.
#
# Now a second of silence behind the snare, as when a recording is stopped too late:

# %%
for found in classifier(np.pad(snare, (0, rate)), top_k=2):
    print(found["label"], round(found["score"], 2))

# %% [markdown]
# **Question:** why does silence change the answer?
#
# **Answer:** each of its frames counts as much in the mean as one with sound, and there are more of them. In the
# training data toms ring for more than a second, snares are over in a third of one; something short with much silence
# behind it was hardly ever there. Cut a recording before you have it classified.
#
# And a wrong rate? Most files of music have 44,100 samples in a second. An array does not say how many it has: alone it
# is taken to be at the rate of the model. Here is the snare at that higher rate, first without saying so, then in a
# dictionary that does:

# %%
times = np.arange(0, len(snare) - 1, rate / 44_100)
high = np.interp(times, np.arange(len(snare)), snare).astype(np.float32)
for given in [high, {"array": high, "sampling_rate": 44_100}]:
    best = classifier(given)[0]
    print(best["label"], round(best["score"], 2))

# %% [markdown]
# The first was heard nearly three times too slow, and nothing complains. If you say the rate, the feature extractor
# can: some mistakes are answered by a message.

# %%
for wrong in ["hfquick/sounds/snear.ogg", snare[:800], snare[:0]]:
    try:
        classifier(wrong)
    except ValueError as error:
        print(error)
try:
    extractor(high, sampling_rate=44_100)
except ValueError as error:
    print(error)

# %% [markdown]
# ## Your turn
#
# Drums can be made from nothing: a tone that fades is a kick. Make a snare! A snare is a drum on which wires rattle:
# that is noise. `my_frequency` is the tone in hertz, `my_noise` how loud the noise is beside the tone: at 0.7 both have
# the same energy. Above you saw which frequency is the strongest in a snare; go a bit lower.

# %%
my_frequency = 60
my_noise = 0.0

seconds = np.arange(rate) / rate
heard = None
try:
    made = np.sin(2 * np.pi * my_frequency * seconds) + my_noise * noise
    heard = classifier(np.asarray(made * np.exp(-10 * seconds), np.float32))
except (TypeError, ValueError) as error:
    print(error)
print(well_done if heard and heard[0]["label"] == "snare" else try_again)
heard

# %% [markdown] tags=["torch"]
# The next lesson: [automatic speech recognition](automatic_speech_recognition_pytorch.ipynb). Another lesson on sound:
# [fine-tuning on sounds](sound_training_pytorch.ipynb). Lessons on text: [named entity
# recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb), [question
# answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on pictures: [image
# classification](image_classification_pytorch.ipynb), [object detection](object_detection_pytorch.ipynb), [image
# segmentation](image_segmentation_pytorch.ipynb), [visual question answering](visual_question_answering_pytorch.ipynb),
# [fine-tuning on pictures](image_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [automatic speech recognition](automatic_speech_recognition_tensorflow.ipynb). Another lesson on
# sound: [fine-tuning on sounds](sound_training_tensorflow.ipynb). Lessons on text: [named entity
# recognition](token_classification_tensorflow.ipynb), [fill-mask](fill_mask_tensorflow.ipynb), [question
# answering](question_answering_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb),
# [summarization](summarization_tensorflow.ipynb), [translation](translation_tensorflow.ipynb). Lessons on pictures:
# [image classification](image_classification_tensorflow.ipynb), [object detection](object_detection_tensorflow.ipynb),
# [image segmentation](image_segmentation_tensorflow.ipynb), [visual question
# answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on pictures](image_training_tensorflow.ipynb).
