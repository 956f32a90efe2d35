# %% [markdown]
# # Quick tour
#
# In two hours you will have a computer judge a sentence, look at the numbers behind its answer, swap the model for
# another one, save it, move it from one library to another, build a model of your own design, and train one.
#
# Read a little, run the cell below with **Shift + Enter**, look at what comes out. Most cells are followed by a
# question, whose answer unfolds when you click on it, or by something to change. Change it: nothing here can break,
# and *Kernel > Restart Kernel…* takes you back to the start.

# %% [markdown] tags=["only-both"]
# This is the edition for **PyTorch and TensorFlow**, side by side. If you only have one of the two, take the [PyTorch
# edition](quicktour_pytorch.ipynb) or the [TensorFlow edition](quicktour_tensorflow.ipynb). Other language:
# [français](../fr/quicktour.ipynb).

# %% [markdown] tags=["only-torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](quicktour_tensorflow.ipynb) and one for
# [both](quicktour.ipynb). Other language: [français](../fr/quicktour_pytorch.ipynb).

# %% [markdown] tags=["only-tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](quicktour_pytorch.ipynb) and one for
# [both](quicktour.ipynb). Other language: [français](../fr/quicktour_tensorflow.ipynb).

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

with_score = "with score"
well_done = "Well done!"
try_again = "Not yet. Change the first line of the cell and run it again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

with_score = "avec un score de"
well_done = "Bravo !"
try_again = "Pas encore. Changez la première ligne de la cellule et exécutez-la à nouveau."

# %% [markdown]
# ## Pipeline
#
# A *pipeline* is the short way: name a task, get a function. It takes what a person would give (a sentence, a
# picture, a recording) and returns what a person can read. Behind it are a model and everything needed to talk to
# that model.
#
# Our example is *sentiment analysis*, which says if the author of a sentence sounds pleased or not.

# %% tags=["torch"]
from hfquick import pipeline

classifier = pipeline("sentiment-analysis")

# %% [markdown] tags=["only-tf"]
# When only TensorFlow is installed, `pipeline("sentiment-analysis")` is enough. Where both libraries are, `framework`
# says which one to use: `"tf"` for TensorFlow, `"pt"` for PyTorch. When it starts, TensorFlow may make a few remarks
# on your processor in red; they are harmless.

# %% tags=["only-tf"]
from hfquick import pipeline

classifier = pipeline("sentiment-analysis", framework="tf")

# %% [markdown]
# You did not name a model, so the usual one for this task was taken. With a network it is fetched from the [Hugging
# Face Hub](https://huggingface.co/models) once and kept on your disk. Without one, a line above tells you that a
# *stand-in* took its place; more on that in a moment. Now give it a sentence:

# %%
classifier("We are very happy to show you the 🤗 Transformers library.")

# %% [markdown]
# Jupyter draws the answer. To a program it is a list with one dictionary, and `print` shows it as it is:

# %%
print(classifier("We are very happy to show you the 🤗 Transformers library."))

# %% [markdown]
# `label` is the class that the model predicts, and `score`, between 0 and 1, is the probability that it gives to that
# class. Several sentences go in as a list, and one dictionary comes back for each:

# %%
results = classifier(
    ["We are very happy to show you the 🤗 Transformers library.", "We hope you don't hate it."]
)
for result in results:
    print(f"label: {result['label']}, {with_score}: {round(result['score'], 4)}")

# %% [markdown]
# The second sentence is tricky, even for people: it is friendly, but it says *don't* and *hate*. **Question:** what
# does each of the two words do to the score? Take one of them away and run the cell again.
#
# **Answer:** *hate* decides. Without *don't* the answer hardly changes, without *hate* it turns to POSITIVE. The tiny
# stand-in adds up words and does not see that one negates the other; a larger model does.
#
# ### A small model in place of a big one
#
# Models of everyday use are large: the usual one for this task has 67 million *parameters*, the numbers that training
# has set: 268 MB on disk. So that every cell works without a network, hfquick brings very small models of its own,
# trained on real data, as *stand-ins*. They have the same architecture and the same labels, but they were trained on
# far less text, and they make more mistakes. You are never left in doubt about which of the two is speaking: the
# stand-in is announced on a line of its own, and the model knows whose place it took (`None`: it took nobody's).

# %%
print(classifier.model.config.stand_in_for)

# %% [markdown] tags=["torch"]
# How many parameters does this one have?

# %% tags=["torch"]
print(sum(parameter.numel() for parameter in classifier.model.parameters()))

# %% [markdown] tags=["only-tf"]
# How many parameters does this one have?

# %% tags=["only-tf"]
print(classifier.model.count_params())

# %% [markdown]
# **Your turn.** Find an English sentence that makes the model hesitate: a score below 0.6. Two opinions in one
# sentence are a good start. (A text that the model cannot read is an error; `try` and `except` make a sentence of it.)

# %%
my_text = "A wonderful evening with friends."

try:
    my_result = classifier(my_text)[0]
    print(my_result["label"], round(my_result["score"], 4))
    found = my_result["score"] < 0.6 and len(my_text.split()) > 2
except (TypeError, ValueError) as error:
    found = False
    print(error)
print(well_done if found else try_again)

# %% [markdown]
# ### Many sentences, one at a time
#
# A pipeline also accepts a whole dataset or a *generator*, a function that hands out one text after the other.
# Results come back as they are made, in order, so that a million sentences need no more memory than ten:


# %%
def guest_book():
    yield "A tender film, beautifully acted from beginning to end."
    yield "Two hours of boredom, and the popcorn was cold."
    yield "We laughed so loudly that our neighbours complained."


for result in classifier(guest_book()):
    print(result["label"], round(result["score"], 4))

# %% [markdown]
# **Question:** do you agree with all three? **Change it:** add a page to this cinema's guest book that the model gets
# wrong. Irony usually works.
#
# **Answer:** the third one is a compliment, and the small model takes it for a complaint: *complained* weighs more
# with it than *laughed*. Something like "Thank you for the wonderful nap." is taken for praise, by its single words.

# %% [markdown]
# ### Thirteen tasks
#
# Sentiment analysis is one of thirteen tasks; they make up the whole programme of hfquick:
#
# | Task | What it does | Input | How to ask for it |
# |---|---|---|---|
# | Text classification | picks a category for a text: good or bad opinion | text | `pipeline("sentiment-analysis")` |
# | Text generation | continues a text that you begin, token by token | text | `pipeline("text-generation")` |
# | Named entity recognition | finds people, places and organisations in a sentence | text | `pipeline("ner")` |
# | Question answering | finds, in a text, the words that answer a question | text | `pipeline("question-answering")` |
# | Fill-mask | predicts the word behind a mask | text | `pipeline("fill-mask")` |
# | Summarization | condenses a long text into a few words | text | `pipeline("summarization")` |
# | Translation | translates a text into another language | text | `pipeline("translation")` |
# | Image classification | picks a category for a picture | image | `pipeline("image-classification")` |
# | Image segmentation | picks a category for every pixel of a picture | image | `pipeline("image-segmentation")` |
# | Object detection | draws a box round every object it knows and names it | image | `pipeline("object-detection")` |
# | Audio classification | picks a category for a recording | sound | `pipeline("audio-classification")` |
# | Automatic speech recognition | transcribes what is said in a recording | sound | `pipeline("automatic-speech-recognition")` |
# | Visual question answering | answers a question about a picture | image and text | `pipeline("vqa")` |
#
# hfquick keeps them in one list, which everything else looks up, and so can you. Some have a second name:

# %%
from hfquick.tasks import TASKS

print(len(TASKS))
for task in TASKS.values():
    print(task.name, *task.aliases, sep=", ")

# %% [markdown]
# ### Recordings
#
# Let us take one task of another kind. *Speech recognition* transcribes what is said in a recording: sound goes in,
# text comes out. The usual model for English, Wav2Vec2, knows capital letters only, and no punctuation but the
# apostrophe.

# %% tags=["torch"]
import torch
from hfquick import pipeline

speech_recognizer = pipeline("automatic-speech-recognition", model="facebook/wav2vec2-base-960h")

# %% tags=["only-tf"]
from hfquick import pipeline

speech_recognizer = pipeline(
    "automatic-speech-recognition", model="facebook/wav2vec2-base-960h", framework="tf"
)

# %% [markdown]
# What shall it listen to? `load_dataset` fetches data as `pipeline` fetches models. These are requests that people made
# to a bank by telephone; without a network a stand-in takes their place, in which synthetic voices make such requests.

# %%
from hfquick import load_dataset, Audio

dataset = load_dataset("PolyAI/minds14", name="en-US", split="train")

# %% [markdown]
# A recording is a *waveform*: one number for the pressure of the air, thousands of times in a second. How many times is
# its *sampling rate*. A telephone takes 8,000 samples in a second; the model was trained at 16,000, and at any other
# rate it would hear everything too fast or too slowly. So the column is *cast* to the rate of the model. Recordings are
# then *resampled* when they are read, and they are read when somebody asks for them:

# %%
dataset = dataset.cast_column(
    "audio", Audio(sampling_rate=speech_recognizer.feature_extractor.sampling_rate)
)

# %% [markdown]
# The first four recordings, as a list, and what the model understands:

# %%
result = speech_recognizer(dataset[:4]["audio"])
print([d["text"] for d in result])

# %% [markdown]
# And what was said:

# %%
for sentence in dataset[:4]["transcription"]:
    print(sentence)

# %% [markdown]
# **Question:** which words does it get wrong, and what do the mistakes have in common?
#
# **Answer:** most of the second sentence, and in the others *partner*, *we* and *phone*. Many mistakes spell what can
# be heard, or let words run together: the model chooses letters and has no list of words. The stand-in is very small;
# the large model makes few mistakes.
#
# There is a lesson on speech recognition, in which you can speak yourself.
#
# ### The same with the mouse
#
# `Playground` is a pipeline with buttons. Choose a task and a model, write a sentence, press the button. Under the
# result it shows the line of code that does the same, ready to be copied into a cell.

# %%
import hfquick

hfquick.Playground()

# %% [markdown]
# **Question:** the line of code changes when you choose something else. Which of your choices does it mention, and
# which ones does it leave out?
#
# **Answer:** it names the task, the model, the library (`framework`) and your text. A box that is not ticked is left
# out: the call then does what it does by default.
#
# ### Another model, another language
#
# The first model was trained on English only. What does it make of French?

# %%
for result in classifier(["Ce film est magnifique.", "Ce film est épouvantable."]):
    print(f"label: {result['label']}, {with_score}: {round(result['score'], 4)}")

# %% [markdown]
# Whatever it answers, do not believe it: it is guessing from words it has never seen. For French we need a model that
# was trained on French. The Hub has tens of thousands of models to choose from. This one gives one to five stars to
# reviews in six languages; its stand-in knows two of them, French and English:

# %%
model_name = "nlptown/bert-base-multilingual-uncased-sentiment"

# %% [markdown] tags=["torch"]
# Until now the pipeline has found its parts by itself. This time load them yourself: the model, and the *tokenizer*
# that turns text into numbers for it, the *token ids*. In PyTorch the class for models that classify texts is
# `AutoModelForSequenceClassification`:

# %% tags=["torch"]
from hfquick import AutoTokenizer, AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained(model_name)
tokenizer = AutoTokenizer.from_pretrained(model_name)

# %% [markdown] tags=["only-both"]
# In TensorFlow the same class has the same name with `TF` in front of it. The tokenizer is the same for both. When it
# starts, TensorFlow may make a few remarks on your processor in red; they are harmless. (The cell that you run last
# decides which model is called `model` from here on.)

# %% [markdown] tags=["only-tf"]
# Until now the pipeline has found its parts by itself. This time load them yourself: the model, and the *tokenizer*
# that turns text into numbers for it, the *token ids*. In TensorFlow the class for models that classify texts is
# `TFAutoModelForSequenceClassification`:

# %% tags=["tf"]
from hfquick import AutoTokenizer, TFAutoModelForSequenceClassification

model = TFAutoModelForSequenceClassification.from_pretrained(model_name)
tokenizer = AutoTokenizer.from_pretrained(model_name)

# %% [markdown]
# Hand both to the pipeline. It recognises the library from the model:

# %%
classifier = pipeline("sentiment-analysis", model=model, tokenizer=tokenizer)
classifier("Nous sommes très heureux de vous présenter la bibliothèque 🤗 Transformers.")

# %% [markdown]
# Only the best label is shown. `top_k=None` shows them all:

# %%
for result in classifier("Un quartier agréable, mais une chambre minuscule.", top_k=None):
    print(result["label"], round(result["score"], 4))

# %% [markdown]
# **Question:** the five scores add up to 1, give or take a rounding. Why must they?
#
# **Answer:** they are the probabilities of five labels of which exactly one is given, so nothing else can happen. The
# function *softmax*, below, divides by the sum to make it so.
#
# **Change it:** give the classifier the two sentences about a film from above, *magnifique* and *épouvantable*.
#
# When no model on the Hub fits, the next step is to train one that nearly fits on examples of your own. That is
# *fine-tuning*, and it has a part of the tour to itself.

# %% [markdown]
# ## AutoClass
#
# Time to open the box. A pipeline does three things: a tokenizer turns text into numbers, the *token ids*; a model
# computes other numbers from them, the *logits* (this is *inference*, one *forward pass* through the model); and the
# last step turns those into labels and scores. We will do all three by hand and arrive at the same result.
#
# How did `from_pretrained` know that it had to build a BERT, with five labels? Every model on the Hub comes with a
# small file, `config.json`, which says so. A class whose name begins with `Auto` reads that file and picks the right
# class. You choose the *task* (here: classifying texts), the name of the model decides the rest.
#
# ### AutoTokenizer
#
# A model cannot read letters. Its tokenizer cuts a text into *tokens*, which are words or parts of words
# (*subwords*), and looks up the number of each token, its *id*, in a list, the *vocabulary*. The model has learnt
# what number 57 means in its own list; with any other list it would read gibberish. So a tokenizer is always loaded
# under the same name as its model:

# %%
from hfquick import AutoTokenizer

model_name = "nlptown/bert-base-multilingual-uncased-sentiment"
tokenizer = AutoTokenizer.from_pretrained(model_name)

# %% [markdown]
# Call it with a text:

# %%
encoding = tokenizer("We are very happy to show you the 🤗 Transformers library.")
print(encoding)

# %% [markdown]
# A dictionary of three lists of equal length. `input_ids` are the ids of the tokens. `token_type_ids` tell a first
# text from a second one when you give two; here there is only one, so they are all 0. `attention_mask` says which
# tokens count: more on that below. To see the tokens themselves:

# %%
print(*tokenizer.convert_ids_to_tokens(encoding["input_ids"]), sep=" | ")

# %% [markdown]
# `[CLS]` and `[SEP]` mark the beginning and the end; the tokenizer added them because the model was trained that way.
# A token with `##` in front continues the word before it: a word that is not in the vocabulary is put together from
# subwords that are. And `[UNK]`, *unknown*, stands for what cannot be put together at all.
#
# **Question:** what has become of the 🤗, and of the capital letters? Decode the ids to see what the model will never
# know about your text:

# %%
print(tokenizer.decode(encoding["input_ids"]))

# %% [markdown]
# **Answer:** the capitals are gone: this tokenizer is *uncased*, it writes everything small. The 🤗 has stayed if it
# is in the vocabulary, as it is in that of the stand-in; otherwise `[UNK]` stands in its place.

# %% [markdown]
# Several texts at once make a *batch*. A batch is a table of numbers, and a table needs rows of equal length:
# `padding=True` pads the short rows, that is, fills them up; `truncation=True` truncates, that is, cuts, the rows
# that are longer than `max_length`. `return_tensors` chooses whose table (*tensor*) it is.

# %% [markdown] tags=["torch"]
# `"pt"` gives PyTorch tensors:

# %% tags=["torch"]
pt_batch = tokenizer(
    ["We are very happy to show you the 🤗 Transformers library.", "We hope you don't hate it."],
    padding=True,
    truncation=True,
    max_length=512,
    return_tensors="pt",
)

# %% tags=["torch"]
print(pt_batch["input_ids"])
print(pt_batch["attention_mask"])

# %% [markdown] tags=["tf"]
# `"tf"` gives TensorFlow tensors:

# %% tags=["tf"]
tf_batch = tokenizer(
    ["We are very happy to show you the 🤗 Transformers library.", "We hope you don't hate it."],
    padding=True,
    truncation=True,
    max_length=512,
    return_tensors="tf",
)

# %% tags=["tf"]
print(tf_batch["input_ids"].numpy())
print(tf_batch["attention_mask"].numpy())

# %% [markdown]
# The zeros at the end of the second row are *padding*: the token `[PAD]`, which means nothing. The *attention mask*
# has a 0 at the same positions and tells the model to look away.
#
# **Your turn.** How many padding tokens will the first of these two texts get? Guess before you run the cell.

# %%
my_answer = 0

rows = tokenizer(["Short.", "A little longer than that one."], padding=True)["attention_mask"]
print(well_done if my_answer == rows[0].count(0) else try_again)

# %% [markdown]
# ### AutoModel

# %% [markdown] tags=["torch"]
# The model is loaded under the same name. This is the one you gave to the pipeline, now under a name that tells its
# library:

# %% tags=["torch"]
from hfquick import AutoModelForSequenceClassification

model_name = "nlptown/bert-base-multilingual-uncased-sentiment"
pt_model = AutoModelForSequenceClassification.from_pretrained(model_name)

# %% [markdown] tags=["torch"]
# It is an ordinary `torch.nn.Module`, and calling it computes the *forward pass*. The two asterisks in `**pt_batch`
# hand over the dictionary entry by entry, as if you had written `input_ids=…, attention_mask=…`:

# %% tags=["torch"]
pt_outputs = pt_model(**pt_batch)

# %% tags=["torch"]
print(pt_outputs.logits)

# %% [markdown] tags=["torch"]
# One row per text, one column per label. These are *logits*: raw scores, of any size, positive or negative; the
# larger, the more the model leans towards that label. The function *softmax* makes probabilities of them: it takes
# the exponential of each, which makes all of them positive, and divides by their sum, which makes them add up to 1.

# %% tags=["torch"]
from torch import nn

pt_predictions = nn.functional.softmax(pt_outputs.logits, dim=-1)
print(pt_predictions)

# %% [markdown] tags=["torch"]
# (`grad_fn` is PyTorch's note of how the numbers came about. Training computes gradients with it; you can ignore it.
# `detach`, below, leaves it out, and `no_grad` keeps PyTorch from taking it at all.)
# What the columns mean stands in the configuration of the model. With that, the work of the pipeline is complete:

# %% tags=["torch"]
for row in pt_predictions.tolist():
    best = row.index(max(row))
    print(pt_model.config.id2label[best], round(row[best], 4))

# %% [markdown] tags=["torch"]
# **Question:** what would happen without the mask? Below, the second text goes through the model three times: on its
# own, in the batch with its mask, and in the batch without. Which two agree, and why?

# %% tags=["torch"]
alone = tokenizer("We hope you don't hate it.", return_tensors="pt")
print(pt_model(**alone).logits[0].detach())
print(pt_outputs.logits[1].detach())
print(pt_model(input_ids=pt_batch["input_ids"]).logits[1].detach())

# %% [markdown] tags=["torch"]
# **Answer:** the first two. With the mask, the padding tokens have no part in the computation, so the text in the
# batch gives what it gives alone. Without it, the model reads `[PAD]` as if it were words of the text, and the logits
# are others.

# %% [markdown] tags=["only-both"]
# The same in TensorFlow. The class has a `TF` in front, the weights are the same:

# %% [markdown] tags=["only-tf"]
# The model is loaded under the same name. This is the one you gave to the pipeline, now under a name that tells its
# library:

# %% tags=["tf"]
from hfquick import TFAutoModelForSequenceClassification

model_name = "nlptown/bert-base-multilingual-uncased-sentiment"
tf_model = TFAutoModelForSequenceClassification.from_pretrained(model_name)

# %% [markdown] tags=["tf"]
# It is an ordinary Keras model, and calling it computes the *forward pass*. A Keras model takes the dictionary as it
# is:

# %% tags=["tf"]
tf_outputs = tf_model(tf_batch)

# %% [markdown] tags=["tf"]
# Four digits are enough for reading, and NumPy can be told so once and for all:

# %% tags=["tf"]
import numpy as np

np.set_printoptions(precision=4, suppress=True)
print(tf_outputs.logits.numpy())

# %% [markdown] tags=["only-tf"]
# One row per text, one column per label. These are *logits*: raw scores, of any size, positive or negative; the
# larger, the more the model leans towards that label. The function *softmax* makes probabilities of them: it takes
# the exponential of each, which makes all of them positive, and divides by their sum, which makes them add up to 1.

# %% [markdown] tags=["only-both"]
# And softmax once more:

# %% tags=["tf"]
import tensorflow as tf

tf_predictions = tf.nn.softmax(tf_outputs.logits, axis=-1)
tf_predictions

# %% [markdown] tags=["only-tf"]
# What the columns mean stands in the configuration of the model. With that, the work of the pipeline is complete:

# %% tags=["only-tf"]
for row in tf_predictions.numpy().tolist():
    best = row.index(max(row))
    print(tf_model.config.id2label[best], round(row[best], 4))

# %% [markdown] tags=["only-tf"]
# **Question:** what would happen without the mask? Below, the second text goes through the model three times: on its
# own, in the batch with its mask, and in the batch without. Which two agree, and why?

# %% tags=["only-tf"]
alone = tokenizer("We hope you don't hate it.", return_tensors="tf")
print(tf_model(alone).logits[0].numpy())
print(tf_outputs.logits[1].numpy())
print(tf_model(input_ids=tf_batch["input_ids"]).logits[1].numpy())

# %% [markdown] tags=["only-tf"]
# **Answer:** the first two. With the mask, the padding tokens have no part in the computation, so the text in the
# batch gives what it gives alone. Without it, the model reads `[PAD]` as if it were words of the text, and the logits
# are others.

# %% [markdown] tags=["only-both"]
# Two libraries, one model. How far apart are their probabilities?

# %% tags=["only-both"]
difference = np.abs(pt_predictions.detach().numpy() - tf_predictions.numpy()).max()
print(difference < 1e-5)

# %% [markdown]
# Models return logits and not probabilities because training wants them: the loss contains the softmax already. And a
# word about what they return: it can be used as an object, as a dictionary or as a tuple, whichever you like best.
# What the model did not compute (here for instance the loss, since we gave no *labels*, that is, no right answers) is
# simply not there.

# %% tags=["torch"]
print(list(pt_outputs.keys()))
print(pt_outputs["logits"] is pt_outputs.logits, pt_outputs[0] is pt_outputs.logits)

# %% tags=["only-tf"]
print(list(tf_outputs.keys()))
print(tf_outputs["logits"] is tf_outputs.logits, tf_outputs[0] is tf_outputs.logits)

# %% [markdown]
# ### Saving a model
#
# A model that you have changed, by training it for example, is worth keeping. The tokenizer goes into the same
# folder, so that the two stay together:

# %% tags=["torch"]
pt_save_directory = "./pt_save_pretrained"
tokenizer.save_pretrained(pt_save_directory)
pt_model.save_pretrained(pt_save_directory)

# %% tags=["only-tf"]
tf_save_directory = "./tf_save_pretrained"
tokenizer.save_pretrained(tf_save_directory)
tf_model.save_pretrained(tf_save_directory)

# %% [markdown]
# What is in there?

# %% tags=["torch"]
from pathlib import Path

print(*sorted(path.name for path in Path(pt_save_directory).iterdir()), sep="\n")

# %% tags=["only-tf"]
from pathlib import Path

print(*sorted(path.name for path in Path(tf_save_directory).iterdir()), sep="\n")

# %% [markdown]
# `config.json` describes the architecture, the files with *token* or *vocab* in their name belong to the tokenizer,
# and `model.safetensors` holds the weights. It is a plain table of names and numbers. That is a virtue: older formats
# could contain programs, which ran as soon as the file was opened, whoever had put them there. Here are the first
# three names:

# %% tags=["torch"]
from safetensors import safe_open

with safe_open(f"{pt_save_directory}/model.safetensors", framework="np") as weights:
    for name in sorted(weights.keys())[:3]:
        print(name, weights.get_slice(name).get_shape())

# %% tags=["only-tf"]
from safetensors import safe_open

with safe_open(f"{tf_save_directory}/model.safetensors", framework="np") as weights:
    for name in sorted(weights.keys())[:3]:
        print(name, weights.get_slice(name).get_shape())

# %% [markdown]
# To use the model again, give `from_pretrained` the folder in the place of a name:

# %% tags=["torch"]
pt_model = AutoModelForSequenceClassification.from_pretrained("./pt_save_pretrained")

# %% [markdown] tags=["only-both"]
# The same two steps in TensorFlow:

# %% tags=["only-both"]
tf_save_directory = "./tf_save_pretrained"
tokenizer.save_pretrained(tf_save_directory)
tf_model.save_pretrained(tf_save_directory)

# %% tags=["tf"]
tf_model = TFAutoModelForSequenceClassification.from_pretrained("./tf_save_pretrained")

# %% [markdown] tags=["only-both"]
# **Question:** compare the two folders. Can you tell from the names of the files which library has written which?

# %% tags=["only-both"]
print(*sorted(path.name for path in Path(tf_save_directory).iterdir()), sep="\n")

# %% [markdown] tags=["only-both"]
# **Answer:** no. hfquick writes the same `model.safetensors` from both, with the same names and the same shapes.

# %% [markdown]
# ### From one library to the other
#
# A model that was trained with one library can be used, and trained further, in the other. The weights are the same;
# what differs is how each library names its tables of weights (*tensors*) and which way round it lays them.
# Converting means renaming and transposing.

# %% [markdown] tags=["only-both"]
# `from_tf=True` says that a folder was saved with TensorFlow, `from_pt=True` that it was saved with PyTorch. The
# folders that hfquick writes can be read by both anyway; older ones from the Hub hold a `tf_model.h5` or a
# `pytorch_model.bin`, and are converted while they are read.

# %% [markdown] tags=["only-torch"]
# `from_tf=True` says that a folder was saved with TensorFlow. Since TensorFlow is not needed in this edition, the
# folder comes with hfquick: the star model as TensorFlow users have been sharing it for years, with a `tf_model.h5`
# inside. It is converted while it is read, and TensorFlow need not be installed for that.

# %% tags=["only-torch"]
tf_save_directory = "hfquick/sample-tf-save"

# %% tags=["torch"]
from hfquick import AutoModel

tokenizer = AutoTokenizer.from_pretrained(tf_save_directory)
pt_model = AutoModelForSequenceClassification.from_pretrained(tf_save_directory, from_tf=True)

# %% [markdown] tags=["only-tf"]
# `from_pt=True` says that a folder was saved with PyTorch. Since PyTorch is not needed in this edition, the folder
# comes with hfquick: it is the star model, as its PyTorch twin saved it. PyTorch need not be installed to read it.

# %% tags=["only-tf"]
pt_save_directory = "hfquick/bert-tiny-multilingual-stars"

# %% tags=["tf"]
from hfquick import TFAutoModel

tokenizer = AutoTokenizer.from_pretrained(pt_save_directory)
tf_model = TFAutoModelForSequenceClassification.from_pretrained(pt_save_directory, from_pt=True)

# %% [markdown]
# Did anything get lost on the way? Compare the probabilities with the ones from before:

# %% tags=["torch"]
moved = nn.functional.softmax(pt_model(**pt_batch).logits, dim=-1)
print(moved)

# %% tags=["tf"]
moved = tf.nn.softmax(tf_model(tf_batch).logits, axis=-1)
moved

# %% [markdown] tags=["only-torch"]
# And was it really PyTorch alone? Python keeps a list of everything that has been imported:

# %% tags=["only-torch"]
import sys

print("torch" in sys.modules, "tensorflow" in sys.modules)

# %% [markdown] tags=["only-tf"]
# And was it really TensorFlow alone? Python keeps a list of everything that has been imported:

# %% tags=["only-tf"]
import sys

print("tensorflow" in sys.modules, "torch" in sys.modules)

# %% [markdown]
# ## Building a model of your own
#
# So far every model came ready made. Its architecture is described by its configuration: how many *layers* compute
# one after the other, how many numbers stand for one token, and how many *attention heads* a layer has, each of which
# looks at the text in its own way. Change the configuration, and you have the plan of another model. `AutoConfig`
# reads the plan of a known model, and takes your changes along:

# %%
from hfquick import AutoConfig

my_config = AutoConfig.from_pretrained("distilbert-base-uncased", n_heads=12)

# %%
usual_config = AutoConfig.from_pretrained("distilbert-base-uncased")
print(usual_config.n_heads, usual_config.n_layers, usual_config.dim)
print(my_config.n_heads, my_config.n_layers, my_config.dim)

# %% [markdown]
# `n_heads` is how many attention heads each layer has, `n_layers` how many layers there are, and `dim` how many numbers
# stand for one token, the size of its *hidden state*. The heads share these numbers among themselves in equal parts. So which numbers of heads are possible?

# %%
print([n for n in range(1, 25) if my_config.dim % n == 0])

# %% [markdown]
# **Change it:** ask for `n_heads=7` above, and see whether the model below can still be built. Then put the 12 back.

# %% [markdown] tags=["torch"]
# `from_config` builds the model, in PyTorch:

# %% tags=["torch"]
from hfquick import AutoModel

my_model = AutoModel.from_config(my_config)

# %% tags=["torch"]
print(sum(parameter.numel() for parameter in my_model.parameters()))

# %% [markdown] tags=["only-both"]
# And in TensorFlow:

# %% [markdown] tags=["only-tf"]
# `from_config` builds the model:

# %% tags=["tf"]
from hfquick import TFAutoModel

my_model = TFAutoModel.from_config(my_config)

# %% tags=["tf"]
print(my_model.count_params())

# %% [markdown]
# There is the plan, there is the model, and it knows nothing: its weights are *randomly initialised*. Ask it for what
# it makes of a sentence, and it will give you numbers of the right shape and without any meaning. Only training gives
# them one.

# %% tags=["torch"]
tokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")
inputs = tokenizer("Nobody has taught me anything yet.", return_tensors="pt")
print(AutoModel.from_config(my_config)(**inputs).last_hidden_state.shape)

# %% tags=["only-tf"]
tokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")
inputs = tokenizer("Nobody has taught me anything yet.", return_tensors="tf")
print(my_model(inputs).last_hidden_state.shape)

# %% [markdown]
# One text, its tokens (`[CLS]` and `[SEP]` among them), and for each token a hidden state of `dim` numbers.
#
# **Your turn.** Where are most of a model's parameters? Below, the count is made for plans that differ in one thing
# only. Which of the four changes saves most parameters? Guess, in the first line, before you run the cell.

# %% tags=["torch"]
my_answer = {"n_heads": 12}

counts = []
changes = [{}, {"n_heads": 12}, {"n_layers": 1}, {"dim": 96}, {"vocab_size": 1000}]
for change in changes:
    config = AutoConfig.from_pretrained("distilbert-base-uncased", **change)
    model = AutoModel.from_config(config)
    counts.append(sum(parameter.numel() for parameter in model.parameters()))
    print(counts[-1], change)
print(well_done if my_answer == changes[counts.index(min(counts))] else try_again)

# %% tags=["only-tf"]
my_answer = {"n_heads": 12}

counts = []
changes = [{}, {"n_heads": 12}, {"n_layers": 1}, {"dim": 96}, {"vocab_size": 1000}]
for change in changes:
    config = AutoConfig.from_pretrained("distilbert-base-uncased", **change)
    model = TFAutoModel.from_config(config)
    counts.append(model.count_params())
    print(counts[-1], change)
print(well_done if my_answer == changes[counts.index(min(counts))] else try_again)

# %% [markdown]
# **Question:** why does the number of heads make no difference?
#
# **Answer:** the heads share the `dim` numbers of a token among themselves. More heads means that each gets fewer of
# them; the matrices, `dim` by `dim`, stay as large as they were.

# %% [markdown]
# ## The data
#
# To *train* a model is to show it examples with the right answer, over and over: it makes a prediction, the *loss*
# says how far off it was, and every parameter of the model is moved a little in the direction that makes the loss
# smaller. That is *gradient descent*. A model that was *pretrained* on much text needs few examples for a new task;
# that is *fine-tuning*. The task here: tell good film reviews from bad ones.

# %% [markdown] tags=["torch"]
# ## Trainer
#
# `Trainer` is the training loop for PyTorch. It needs six things. The first is a model: one that was pretrained on
# English, with a new layer on top, the *classification head*, which shall learn the two labels. The weights of a new
# layer are randomly initialised; `manual_seed` sets the *seed* of the random number generator, so that they are the
# same in every run:

# %% tags=["torch"]
import torch

generator = torch.manual_seed(42)

# %% tags=["torch"]
from hfquick import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")

# %% [markdown] tags=["torch"]
# A line tells you which parts are new and untrained. The second thing is a plan, `TrainingArguments`, with the
# *hyperparameters*: where to write, how far each step goes (`learning_rate`), how many reviews a step looks at
# (`per_device_train_batch_size`), how many *epochs* there are, that is, how often to go through all reviews
# (`num_train_epochs`). What you do not name keeps its default value:

# %% tags=["torch"]
from hfquick import TrainingArguments

training_args = TrainingArguments(
    output_dir="path/to/save/folder/",
    learning_rate=2e-5,
    per_device_train_batch_size=8,
    per_device_eval_batch_size=8,
    num_train_epochs=2,
)

# %% [markdown] tags=["torch"]
# **Change it:** misspell one of the names, `learning_rat` for instance, and read what happens. Then put it right.
#
# The third thing is the tokenizer of that model, and the fourth the data:

# %% tags=["torch"]
from hfquick import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")

# %% tags=["torch"]
from hfquick import load_dataset

dataset = load_dataset("rotten_tomatoes")

# %% [markdown] tags=["only-tf"]
# The data are sentences of film reviews:

# %% tags=["only-tf"]
from hfquick import load_dataset

dataset = load_dataset("rotten_tomatoes")

# %% [markdown]
# The data come under the rule for models: from the Hub, or without a network from a sample inside hfquick, and then a
# line says so. There are three *splits*: `train` to train on, `validation` to choose hyperparameters by, and `test`,
# which is looked at once, in the end.
#
# **Question:** why not measure on what the model was trained on?
#
# **Answer:** it may know those answers by heart. What counts is whether it is right about sentences it has never
# seen.

# %%
print(dataset)
print(dataset["train"].features["label"].names)

# %% [markdown]
# Half of the reviews are good ones. Whoever always gives the same answer is right in 50 % of the cases, and a model
# has learnt something only if it does better. The next cell keeps every fourth review. Training then takes
# 20 seconds to 6 minutes on a processor, more when it has other work, and four times as long with all of them. With a
# graphics card or with patience, leave the cell out:

# %%
from datasets import disable_progress_bars

disable_progress_bars()  # no bars for what takes a second
dataset["train"] = dataset["train"].shard(num_shards=4, index=0)
print(len(dataset["train"]))

# %% [markdown] tags=["torch"]
# The fifth thing: a function that *tokenizes* the text, that is, turns it into tokens. `map` applies it to all rows,
# with `batched=True` to many at once, and adds what it returns as new columns:


# %% tags=["torch"]
def tokenize_dataset(dataset):
    return tokenizer(dataset["text"])


# %% tags=["torch"]
dataset = dataset.map(tokenize_dataset, batched=True)

# %% tags=["torch"]
print(dataset["train"].column_names)

# %% [markdown] tags=["torch"]
# And the sixth, a *collator*: it makes one batch out of several rows and pads the short ones. It does so batch by
# batch (*dynamic padding*), not once for all, so that a batch of short reviews stays small:

# %% tags=["torch"]
from hfquick import DataCollatorWithPadding

data_collator = DataCollatorWithPadding(tokenizer=tokenizer)

# %% tags=["torch"]
inputs = dataset["train"].select_columns(["input_ids", "attention_mask"])
rows = [inputs[i] for i in range(4)]
print([len(row["input_ids"]) for row in rows])
print(data_collator(rows)["input_ids"].shape)

# %% [markdown] tags=["torch"]
# Everything together makes a `Trainer`:

# %% tags=["torch"]
from hfquick import Trainer

trainer = Trainer(
    model=model,
    args=training_args,
    train_dataset=dataset["train"],
    eval_dataset=dataset["test"],
    tokenizer=tokenizer,
    data_collator=data_collator,
)

# %% [markdown] tags=["torch"]
# Before training: how often is the untrained model right? `argmax(axis=-1)` gives, for each review, the label whose
# logit is largest, which is the model's answer. We ask on the `validation` split, and keep `test` for the end.


# %% tags=["torch"]
def accuracy(trainer):
    answers = trainer.predict(dataset["validation"])
    return float((answers.predictions.argmax(axis=-1) == answers.label_ids).mean())


before = accuracy(trainer)
print(f"{before:.0%}")

# %% [markdown] tags=["torch"]
# About one half, which is what guessing gives. Now train. Below the cell a *live chart* appears: the loss as it goes
# down, the learning rate as it decreases step by step, the reviews per second and the time left. Its **Stop** button
# ends the run after the current step, and the model keeps the weights it has reached:

# %% tags=["torch"]
trainer.train()

# %% [markdown] tags=["torch"]
# What `train` returns: the number of steps, and the mean loss over all of them. Did it help? On the same reviews as
# before, which were not trained on:

# %% tags=["torch"]
after = accuracy(trainer)
print(f"{before:.0%} → {after:.0%}")

# %% [markdown] tags=["torch"]
# `evaluate` measures the loss on the test split, which is `eval_dataset` above. The loss is the mean of −log(p),
# where p is the probability that the model gave to the right label. A model that gives both labels the same
# probability has a loss of 0.69, the logarithm of 2. To read ours as a probability, undo the logarithm:

# %% tags=["torch"]
from math import exp

measured = trainer.evaluate()
print(f"{exp(-measured['eval_loss']):.0%}")

# %% [markdown] tags=["torch"]
# **Question:** the model is right far more often than somebody who guesses, and yet gives the right label little more
# than one half. How does that fit together?
#
# **Answer:** it picks the right label by a narrow margin. Steps of `2e-5` suit a large model; our small one has
# hardly moved. In the notebook on training it takes larger steps, and becomes both surer and better.

# %% [markdown] tags=["torch"]
# The trained model goes into a pipeline like any other. First, its labels get names:

# %% tags=["torch"]
trainer.model.config.id2label = {0: "negative", 1: "positive"}
my_classifier = pipeline("sentiment-analysis", model=trainer.model, tokenizer=tokenizer)

my_review = "A moving, beautiful and very funny film with wonderful actors."
print(my_classifier(my_review)[0]["label"])

# %% [markdown] tags=["torch"]
# **Your turn.** Write a review of the film that you saw last, then one that fools the model: in the first line your
# review, in the second what you mean by it.

# %% tags=["torch"]
my_review = "A moving, beautiful and very funny film with wonderful actors."
my_meaning = "positive"

try:
    its_answer = my_classifier(my_review)[0]["label"]
except (TypeError, ValueError) as error:
    its_answer = my_meaning
    print(error)
print(its_answer)
print(well_done if its_answer != my_meaning else try_again)

# %% [markdown] tags=["torch"]#
# ### Resuming where you stopped
#
# While it trains, the Trainer writes *checkpoints*: folders with the model and with everything else that is needed to
# resume the run, such as the state of the optimizer and of the random number generators.

# %% tags=["torch"]
from pathlib import Path

print(*sorted(path.name for path in Path("path/to/save/folder").glob("checkpoint-*")), sep="\n")

# %% [markdown] tags=["torch"]
# After a power cut, `trainer.train(resume_from_checkpoint=True)` resumes from the newest complete one, and ends with
# the very weights that the run would have had without the cut. **Change it:** run `trainer.train()` again and stop it
# with the button, which writes a checkpoint too; then run that line in a cell of its own.
#
# ### Watching and changing the loop
#
# A *callback* is code of yours that the Trainer calls at every turn: after a step, after an epoch, when something is
# logged. It sees all and can ask the run to stop:

# %% tags=["torch"]
from hfquick import TrainerCallback


class EnoughIsEnough(TrainerCallback):
    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == 10:
            control.should_training_stop = True


trainer.add_callback(EnoughIsEnough())
print(trainer.train().global_step)

# %% [markdown] tags=["torch"]
# **Question:** the run started from the model as it was, already trained. How would you begin with a fresh one?
#
# **Answer:** load it again with `from_pretrained`, or give the Trainer a function that does, `model_init=`, in the
# place of `model=`: it is then called at the beginning of every run.
#
# Callbacks change nothing about *how* a model is trained. For that, make a class of your own and override a method.
# Here a negative review that is taken for a positive one costs four times as much as the other way round. Does the
# model praise less after forty such steps? The share of reviews that it calls positive, before and after:


# %% tags=["torch"]
class CautiousTrainer(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
        outputs = model(**inputs)
        costs = outputs.logits.new_tensor([4.0, 1.0])
        loss = nn.functional.cross_entropy(outputs.logits, inputs["labels"], weight=costs)
        return (loss, outputs) if return_outputs else loss


cautious = CautiousTrainer(
    model=trainer.model,
    args=TrainingArguments(
        output_dir="cautious", max_steps=40, learning_rate=1e-4, save_strategy="no"
    ),
    train_dataset=dataset["train"],
    tokenizer=tokenizer,
    data_collator=data_collator,
)
positive = (cautious.predict(dataset["validation"]).predictions.argmax(axis=-1) == 1).mean()
cautious.train()
still_positive = (cautious.predict(dataset["validation"]).predictions.argmax(axis=-1) == 1).mean()
print(f"{positive:.0%} → {still_positive:.0%}")

# %% [markdown] tags=["torch"]
# A model that is not sure finds the cheap way out: never praise. **Change it:** turn the costs round, `[1.0, 4.0]`.
# **Question:** what do you expect?
#
# **Answer:** the opposite: now it is praise taken for blame that costs most, so the model praises more.

# %% [markdown] tags=["tf"]
# ## Training with TensorFlow
#
# The TensorFlow models are Keras models, so `compile` and `fit` train them. First the model and its tokenizer. On top
# of the model comes a new layer, the *classification head*. Its weights are randomly initialised; `set_random_seed`
# sets the *seed* of the random number generators, so that they are the same in every run:

# %% tags=["tf"]
import keras

keras.utils.set_random_seed(42)

# %% tags=["tf"]
from hfquick import TFAutoModelForSequenceClassification

model = TFAutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")

# %% tags=["tf"]
from hfquick import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")

# %% [markdown] tags=["tf"]
# Then a function that *tokenizes* the text, that is, turns it into tokens, applied to all rows by `map`. What it
# returns is added as new columns:


# %% tags=["tf"]
def tokenize_dataset(dataset):
    return tokenizer(dataset["text"])


# %% [markdown] tags=["tf"]
# `prepare_tf_dataset` makes a `tf.data.Dataset` of it: batches of 16, in a new order for every epoch, each padded to
# its longest review, with the columns that the model takes as inputs and no others.

# %% tags=["tf"]
dataset = dataset.map(tokenize_dataset)
tf_dataset = model.prepare_tf_dataset(dataset, batch_size=16, shuffle=True, tokenizer=tokenizer)

# %% [markdown] tags=["tf"]
# A line says that of the three splits it took `train`. Look at the first batch:

# %% tags=["tf"]
inputs, labels = next(iter(tf_dataset))
print(sorted(inputs), labels.shape)

# %% [markdown] tags=["tf"]
# Before training: how often is the untrained model right? `argmax(axis=-1)` gives, for each review, the label whose
# logit is largest, which is the model's answer. We ask on the `validation` split, and keep `test` for the end.


# %% tags=["tf"]
def tf_accuracy(split):
    logits = model.predict(dataset[split]).logits
    return float((logits.argmax(axis=-1) == dataset[split]["label"]).mean())


before = tf_accuracy("validation")
print(f"{before:.0%}")

# %% [markdown] tags=["tf"]
# `compile` chooses the optimizer; a loss need not be named, the model brings its own. `fit` trains. A *live chart*
# appears below the cell: "preparing" while TensorFlow compiles the first step, then the loss as it goes down, the
# reviews per second and the time left. Its **Stop** button ends the run, and the model keeps the weights it has
# reached. `fit` takes `tf_dataset`, and just as well the dataset itself, which it then prepares in batches of 8:

# %% tags=["tf"]
from tensorflow.keras.optimizers import Adam

model.compile(optimizer=Adam(3e-5))
model.fit(dataset)

# %% [markdown] tags=["tf"]
# About one half of the answers were right before, which is what guessing gives. And now, on the same reviews, which
# were not trained on? Then on the test split, once:

# %% tags=["tf"]
after = tf_accuracy("validation")
print(f"{before:.0%} → {after:.0%}")
print(f"{tf_accuracy('test'):.0%}")

# %% [markdown] tags=["tf"]
# **Change it:** give `tf_dataset` to `fit`, and `epochs=2`. **Question:** does the second epoch bring as much as the
# first?
#
# **Answer:** less. The first takes the model from guessing to most of what it can do; what is left is harder to
# learn, and the training loss goes on falling faster than the model improves on new reviews.
#
# The trained model goes into a pipeline like any other. First, its labels get names:

# %% tags=["tf"]
model.config.id2label = {0: "negative", 1: "positive"}
my_classifier = pipeline("sentiment-analysis", model=model, tokenizer=tokenizer)

my_review = "A moving, beautiful and very funny film with wonderful actors."
print(my_classifier(my_review)[0]["label"])

# %% [markdown] tags=["tf"]
# **Your turn.** Write a review of the film that you saw last, then one that fools the model: in the first line your
# review, in the second what you mean by it.

# %% tags=["tf"]
my_review = "A moving, beautiful and very funny film with wonderful actors."
my_meaning = "positive"

try:
    its_answer = my_classifier(my_review)[0]["label"]
except (TypeError, ValueError) as error:
    its_answer = my_meaning
    print(error)
print(its_answer)
print(well_done if its_answer != my_meaning else try_again)

# %% [markdown] tags=["tf"]#
# To watch a run and to stop it, Keras has callbacks of its own. This one writes folders that `from_pretrained` loads,
# one after each epoch:

# %% tags=["tf"]
from hfquick import SavePretrainedCallback

keeper = SavePretrainedCallback("tf_checkpoints", tokenizer=tokenizer)
model.fit(tf_dataset.take(10), callbacks=[keeper])

# %% tags=["tf"]
from pathlib import Path

print(*sorted(path.name.partition("-")[0] for path in Path("tf_checkpoints").iterdir()), sep="\n")

# %% [markdown]
# ## And now?
#
# You have used a pipeline, taken it apart and put it together again by hand, saved a model, brought it to another
# library, built one from a configuration, and trained another to judge films. Five things to try:

# %% [markdown] tags=["only-both"]
# - Go on with the [notebook on training](training.ipynb): curves, mistakes, a loop written by hand.
# - Take the lessons, each on one task, in this order or in another. Level 1 asks for the first half of this tour,
#   level 2 for a lesson of level 1, level 3 for that on text generation:
#   1. Named entity recognition ([PyTorch](lessons/token_classification_pytorch.ipynb), [TensorFlow](lessons/token_classification_tensorflow.ipynb)): level 1, about 25 minutes
#   2. Fill-mask ([PyTorch](lessons/fill_mask_pytorch.ipynb), [TensorFlow](lessons/fill_mask_tensorflow.ipynb)): level 1, about 25 minutes
#   3. Question answering ([PyTorch](lessons/question_answering_pytorch.ipynb), [TensorFlow](lessons/question_answering_tensorflow.ipynb)): level 1, about 25 minutes
#   4. Text generation ([PyTorch](lessons/text_generation_pytorch.ipynb), [TensorFlow](lessons/text_generation_tensorflow.ipynb)): level 2, about 30 minutes
#   5. Summarization ([PyTorch](lessons/summarization_pytorch.ipynb), [TensorFlow](lessons/summarization_tensorflow.ipynb)): level 3, about 25 minutes
#   6. Translation ([PyTorch](lessons/translation_pytorch.ipynb), [TensorFlow](lessons/translation_tensorflow.ipynb)): level 3, about 30 minutes
#   7. Image classification ([PyTorch](lessons/image_classification_pytorch.ipynb), [TensorFlow](lessons/image_classification_tensorflow.ipynb)): level 1, about 25 minutes
#   8. Object detection ([PyTorch](lessons/object_detection_pytorch.ipynb), [TensorFlow](lessons/object_detection_tensorflow.ipynb)): level 2, about 30 minutes
#   9. Image segmentation ([PyTorch](lessons/image_segmentation_pytorch.ipynb), [TensorFlow](lessons/image_segmentation_tensorflow.ipynb)): level 2, about 25 minutes
#   10. Visual question answering ([PyTorch](lessons/visual_question_answering_pytorch.ipynb), [TensorFlow](lessons/visual_question_answering_tensorflow.ipynb)): level 2, about 25 minutes
#   11. Fine-tuning on pictures ([PyTorch](lessons/image_training_pytorch.ipynb), [TensorFlow](lessons/image_training_tensorflow.ipynb)): level 2, about 25 minutes
#   12. Audio classification ([PyTorch](lessons/audio_classification_pytorch.ipynb), [TensorFlow](lessons/audio_classification_tensorflow.ipynb)): level 1, about 25 minutes
#   13. Speech recognition ([PyTorch](lessons/automatic_speech_recognition_pytorch.ipynb), [TensorFlow](lessons/automatic_speech_recognition_tensorflow.ipynb)): level 2, about 30 minutes
#   14. Fine-tuning on sounds ([PyTorch](lessons/sound_training_pytorch.ipynb), [TensorFlow](lessons/sound_training_tensorflow.ipynb)): level 2, about 30 minutes
# - Open the Playground again and give it ten sentences of your own. Count how often you agree with the model.
# - Find a model for your language on the [Hub](https://huggingface.co/models?pipeline_tag=text-classification) and
#   put its name in the place of `model_name`.
# - Open the package: `hfquick/models/distilbert/modeling_distilbert.py` is the whole model on a few pages, and its
#   TensorFlow twin lies beside it.

# %% [markdown] tags=["only-torch"]
# - Go on with the [notebook on training](training_pytorch.ipynb): curves, mistakes, a loop written by hand.
# - Take the lessons, each on one task, in this order or in another. Level 1 asks for the first half of this tour,
#   level 2 for a lesson of level 1, level 3 for that on text generation:
#   1. [Named entity recognition](lessons/token_classification_pytorch.ipynb): level 1, about 25 minutes
#   2. [Fill-mask](lessons/fill_mask_pytorch.ipynb): level 1, about 25 minutes
#   3. [Question answering](lessons/question_answering_pytorch.ipynb): level 1, about 25 minutes
#   4. [Text generation](lessons/text_generation_pytorch.ipynb): level 2, about 30 minutes
#   5. [Summarization](lessons/summarization_pytorch.ipynb): level 3, about 25 minutes
#   6. [Translation](lessons/translation_pytorch.ipynb): level 3, about 30 minutes
#   7. [Image classification](lessons/image_classification_pytorch.ipynb): level 1, about 25 minutes
#   8. [Object detection](lessons/object_detection_pytorch.ipynb): level 2, about 30 minutes
#   9. [Image segmentation](lessons/image_segmentation_pytorch.ipynb): level 2, about 25 minutes
#   10. [Visual question answering](lessons/visual_question_answering_pytorch.ipynb): level 2, about 25 minutes
#   11. [Fine-tuning on pictures](lessons/image_training_pytorch.ipynb): level 2, about 25 minutes
#   12. [Audio classification](lessons/audio_classification_pytorch.ipynb): level 1, about 25 minutes
#   13. [Speech recognition](lessons/automatic_speech_recognition_pytorch.ipynb): level 2, about 30 minutes
#   14. [Fine-tuning on sounds](lessons/sound_training_pytorch.ipynb): level 2, about 30 minutes
# - Open the Playground again and give it ten sentences of your own. Count how often you agree with the model.
# - Find a model for your language on the [Hub](https://huggingface.co/models?pipeline_tag=text-classification) and
#   put its name in the place of `model_name`.
# - Open the package: `hfquick/models/distilbert/modeling_distilbert.py` is the whole model on a few pages, and its
#   TensorFlow twin lies beside it.

# %% [markdown] tags=["only-tf"]
# - Go on with the [notebook on training](training_tensorflow.ipynb): curves, mistakes, a step written by hand.
# - Take the lessons, each on one task, in this order or in another. Level 1 asks for the first half of this tour,
#   level 2 for a lesson of level 1, level 3 for that on text generation:
#   1. [Named entity recognition](lessons/token_classification_tensorflow.ipynb): level 1, about 25 minutes
#   2. [Fill-mask](lessons/fill_mask_tensorflow.ipynb): level 1, about 25 minutes
#   3. [Question answering](lessons/question_answering_tensorflow.ipynb): level 1, about 25 minutes
#   4. [Text generation](lessons/text_generation_tensorflow.ipynb): level 2, about 30 minutes
#   5. [Summarization](lessons/summarization_tensorflow.ipynb): level 3, about 25 minutes
#   6. [Translation](lessons/translation_tensorflow.ipynb): level 3, about 30 minutes
#   7. [Image classification](lessons/image_classification_tensorflow.ipynb): level 1, about 25 minutes
#   8. [Object detection](lessons/object_detection_tensorflow.ipynb): level 2, about 30 minutes
#   9. [Image segmentation](lessons/image_segmentation_tensorflow.ipynb): level 2, about 25 minutes
#   10. [Visual question answering](lessons/visual_question_answering_tensorflow.ipynb): level 2, about 25 minutes
#   11. [Fine-tuning on pictures](lessons/image_training_tensorflow.ipynb): level 2, about 25 minutes
#   12. [Audio classification](lessons/audio_classification_tensorflow.ipynb): level 1, about 25 minutes
#   13. [Speech recognition](lessons/automatic_speech_recognition_tensorflow.ipynb): level 2, about 30 minutes
#   14. [Fine-tuning on sounds](lessons/sound_training_tensorflow.ipynb): level 2, about 30 minutes
# - Open the Playground again and give it ten sentences of your own. Count how often you agree with the model.
# - Find a model for your language on the [Hub](https://huggingface.co/models?pipeline_tag=text-classification) and
#   put its name in the place of `model_name`.
# - Open the package: `hfquick/models/distilbert/modeling_distilbert.py` is the whole model on a few pages, and its
#   TensorFlow twin lies beside it.
