# %% [markdown]
# # Summarization: a long text in a few words
#
# A long text goes in, a short one comes out. The model does not cut sentences out of the text (*extractive
# summarization*), it generates new ones (*abstractive summarization*); that is what makes it useful, and what makes
# it dangerous. You have everyday texts and descriptions of programs summarized in one line, look at the steps of the
# generation, and catch the model making things up.
#
# **Lesson 5 of 14** · level 3 of 3 · about 25 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](summarization_tensorflow.ipynb). Other language:
# [français](../../fr/lessons/summarization_pytorch.ipynb). First take half of the
# [quick tour](../quicktour_pytorch.ipynb), and the lesson on [text
# generation](text_generation_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](summarization_pytorch.ipynb). Other language:
# [français](../../fr/lessons/summarization_tensorflow.ipynb). First take half of the
# [quick tour](../quicktour_tensorflow.ipynb), and the lesson on [text
# generation](text_generation_tensorflow.ipynb).

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
try_again = "Not yet. Change my_options and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

well_done = "Bravo !"
try_again = "Pas encore. Changez my_options et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# `hfquick/bart-tiny-synopsis-en` is a very small model that travels with hfquick. It was trained on two kinds of
# summary: the main sentence of a short everyday text, with details left out, and the line that stands above the
# description of a program in a catalogue. Leave `model=` out when you have a network, and a large model that
# summarizes news is fetched instead.

# %% tags=["torch"]
from hfquick import pipeline

summarizer = pipeline("summarization", model="hfquick/bart-tiny-synopsis-en")

# %% tags=["tf"]
from hfquick import pipeline

summarizer = pipeline("summarization", model="hfquick/bart-tiny-synopsis-en", framework="tf")

# %%
stork = (
    "A stork is nesting on the chimney of our school, so the heating stays off until June. Each"
    " class may watch the young birds for ten minutes a day."
)
summarizer(stork)

# %% [markdown]
# The words are those of the text, but the model has chosen and generated each of them. Now the description of a
# program:

# %%
moon = (
    "This program shows the phases of the moon in a corner of the screen. It knows the times of "
    "rising and setting for any town, warns before an eclipse, and can draw the sky of a given "
    "night."
)
summarizer(moon)

# %% [markdown]
# To a program it is a list with a dictionary for each text:

# %%
print(summarizer(moon))

# %% [markdown]
# Several texts go in as a list, and are summarized in one batch:

# %%
photos = (
    "A program to sort photographs. It reads the date of each picture from the camera, puts "
    "pictures of one day into one folder, and shows them on the whole screen."
)
snails = (
    "A small game for two players at one keyboard. Each of them steers a snail through a garden "
    "full of holes, and the slower snail wins. Gardens can be drawn with a text editor."
)
summarizer([moon, photos, snails])

# %% [markdown]
# **Question:** read each line as if you had not read the text. What kind of program would you expect?
#
# **Answer:** of these three, you would expect nearly the right one; a verb may be wrong. Of sixty texts chosen
# beforehand, half about programs and half everyday ones, 95 % get a line with the words that count.
#
# The laziest of all summaries is the first sentence, and it is hard to beat. Here are the three.
# **Question:** which do you prefer, these or the lines of the model?

# %%
for description in [moon, photos, snails]:
    print(description.partition(". ")[0] + ".")

# %% [markdown]
# **Answer:** there is no right answer, and that is why summaries are hard to judge. A first sentence is never wrong,
# but it may be long, or lead up to what comes after it. A line of the model is short, and has to be checked.
#
# ## Looking inside
#
# BART is an *encoder-decoder* model: it has two halves. The *encoder* encodes the whole text at once, and makes a
# *vector* of every token, a row of numbers, its *hidden state*, which depends on what stands around it:

# %% tags=["torch"]
import torch

model, tokenizer = summarizer.model, summarizer.tokenizer
inputs = tokenizer(moon, return_tensors="pt").to(model.device)
with torch.no_grad():
    encoder_outputs = model.get_encoder()(**inputs)
print(tuple(inputs["input_ids"].shape), tuple(encoder_outputs.last_hidden_state.shape))

# %% tags=["tf"]
import tensorflow as tf

model, tokenizer = summarizer.model, summarizer.tokenizer
inputs = tokenizer(moon, return_tensors="tf")
encoder_outputs = model.get_encoder()(inputs["input_ids"], inputs["attention_mask"])
print(tuple(inputs["input_ids"].shape), tuple(encoder_outputs.last_hidden_state.shape))

# %% [markdown]
# The *decoder* generates the summary token by token (*autoregressive generation*). At each step it takes in what it
# has generated so far, and looks at the vectors of the encoder. Its default options stand in a file,
# `generation_config.json`: which token it starts from, which one is always first, how long the output may become.

# %%
config = model.generation_config
print(
    config.decoder_start_token_id,
    config.forced_bos_token_id,
    config.eos_token_id,
    config.max_length,
)

# %% [markdown]
# By hand: start, put the first token there, then always the largest of the logits (*argmax*; this is *greedy
# search*), until the token comes that ends a text, or the maximum length is reached. Is it what the pipeline says
# with one beam, and without its rule against repetitions?


# %% tags=["torch"]
def generate_greedy(encoder_outputs, mask):
    generated = [config.decoder_start_token_id, config.forced_bos_token_id]
    while generated[-1] != config.eos_token_id and len(generated) < config.max_length - 1:
        decoder_input_ids = torch.tensor([generated], device=model.device)
        with torch.no_grad():
            outputs = model(
                encoder_outputs=encoder_outputs,
                attention_mask=mask,
                decoder_input_ids=decoder_input_ids,
            )
        generated.append(int(outputs.logits[0, -1].argmax()))
    return tokenizer.decode(generated, skip_special_tokens=True)


by_hand = generate_greedy(encoder_outputs, inputs["attention_mask"])
[by_pipeline] = summarizer(moon, num_beams=1, no_repeat_ngram_size=0)
print(by_hand == by_pipeline["summary_text"])


# %% tags=["tf"]
def generate_greedy(encoder_outputs, mask):
    generated = [config.decoder_start_token_id, config.forced_bos_token_id]
    while generated[-1] != config.eos_token_id and len(generated) < config.max_length - 1:
        decoder_input_ids = tf.constant([generated])
        outputs = model(
            encoder_outputs=encoder_outputs,
            attention_mask=mask,
            decoder_input_ids=decoder_input_ids,
        )
        generated.append(int(tf.argmax(outputs.logits[0, -1])))
    return tokenizer.decode(generated, skip_special_tokens=True)


by_hand = generate_greedy(encoder_outputs, inputs["attention_mask"])
[by_pipeline] = summarizer(moon, num_beams=1, no_repeat_ngram_size=0)
print(by_hand == by_pipeline["summary_text"])

# %% [markdown]
# Where did the decoder look at each step? Its *cross-attention* tells: a row for each generated token, a column for
# each token of the input, the stronger in colour, the larger the attention weight.

# %%
from hfquick import cross_attention_map

cross_attention_map(summarizer, moon)

# %% [markdown]
# **Question:** does it take its words from one place, or from all over the text?
#
# **Answer:** mostly from the first sentence, which says in descriptions of programs what the program is.
#
# **Change it:** `layer=0`. And give it the text about the snails.
#
# ## Changing something
#
# `max_length` and `min_length` set the largest and the smallest number of tokens of a line, the special ones
# included. Beside each setting the number of words of the line:

# %%
for options in [
    {"max_length": 6},
    {"max_length": 12},
    {"max_length": 32},
    {"min_length": 24, "max_length": 32},
]:
    [result] = summarizer(photos, **options)
    print(options, len(result["summary_text"].split()))
    print(result["summary_text"])

# %% [markdown]
# **Question:** what becomes of a line that is forced to be long? What is missing from one that is cut short?
#
# **Answer:** a forced line repeats itself or goes on about something else, for the model would have ended it. A short
# one lacks its end, in the middle of a phrase if need be: the model does not plan for the length.
#
# The pipeline works with *beam search*: at each step it keeps the `num_beams` most probable beginnings
# (*hypotheses*), and in the end takes the line that is most probable as a whole. All four of its last choices:

# %%
summarizer(photos, num_beams=4, num_return_sequences=4)

# %% [markdown]
# ## What goes wrong
#
# The model generates what such lines look like. Most words come from the text, others from its training data. Here
# are the words of each line that do *not* stand in its text. A small word like *for* may be needed to join others.
# **Question:** which ones are made up, in one word *hallucinated*?

# %%
import re


def words_of(text):
    return set(re.findall(r"\w+", text.lower()))


recipes = (
    "Quillfeather turns handwritten recipes into printed ones. It reads a photograph of the "
    "page, and asks when a word cannot be read."
)


for description in [moon, recipes, snails]:
    [result] = summarizer(description)
    print(
        result["summary_text"],
        "|",
        *sorted(words_of(result["summary_text"]) - words_of(description)),
    )

# %% [markdown]
# **Answer:** those which say something of the program that its text does not say. Another form of a word of the text,
# or a small word between two others, is not made up.
#
# Large models do the same, less often and better hidden. Whoever relies on a summary compares it with the text:
# names, numbers, and who did what to whom.
#
# In the everyday texts of its training data the first sentence was mostly the main one. Where it is not, a line may
# be true and still miss what happened:

# %%
balloon = (
    "I got up at seven and made tea as usual. The cat lay on the stove. Then a balloon with "
    "two brides in it came down in our garden."
)
print(summarizer(balloon)[0]["summary_text"])

# %% [markdown]
# A model can read a limited number of tokens at once, and two lengths may contradict each other. In both cases a
# sentence tells you:

# %%
long_text = " ".join([moon, photos, snails] * 3)
for given, options in [(long_text, {}), (moon, {"min_length": 50, "max_length": 20})]:
    try:
        summarizer(given, **options)
    except ValueError as error:
        print(error)

# %% [markdown]
# With `truncation=True` the text is cut (*truncation*), and the model never sees the rest. To the long text we add an
# end that changes everything. Does it change the line?

# %%
plain = summarizer(long_text, truncation=True)
changed = summarizer(long_text + " By the way, none of this is true.", truncation=True)
print(plain == changed)

# %% [markdown]
# ## Your turn
#
# Find options with which the line about the snails has at least 15 words, whether they make sense or not.

# %%
my_options = {"min_length": 5, "max_length": 32}

line = ""
try:
    line = summarizer(snails, **my_options)[0]["summary_text"]
except (TypeError, ValueError) as error:
    print(error)
print(well_done if len(line.split()) >= 15 else try_again)
print(line)

# %% [markdown] tags=["torch"]
# The next lesson: [translation](translation_pytorch.ipynb). Other lessons on text: [named entity
# recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb), [question
# answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb). Lessons on pictures:
# [image classification](image_classification_pytorch.ipynb), [object detection](object_detection_pytorch.ipynb), [image
# segmentation](image_segmentation_pytorch.ipynb), [visual question answering](visual_question_answering_pytorch.ipynb),
# [fine-tuning on pictures](image_training_pytorch.ipynb). Lessons on sound: [audio
# classification](audio_classification_pytorch.ipynb), [speech recognition](automatic_speech_recognition_pytorch.ipynb),
# [fine-tuning on sounds](sound_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [translation](translation_tensorflow.ipynb). Other lessons on text: [named entity
# recognition](token_classification_tensorflow.ipynb), [fill-mask](fill_mask_tensorflow.ipynb), [question
# answering](question_answering_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb). Lessons on
# pictures: [image classification](image_classification_tensorflow.ipynb), [object
# detection](object_detection_tensorflow.ipynb), [image segmentation](image_segmentation_tensorflow.ipynb), [visual
# question answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on
# pictures](image_training_tensorflow.ipynb). Lessons on sound: [audio
# classification](audio_classification_tensorflow.ipynb), [speech
# recognition](automatic_speech_recognition_tensorflow.ipynb), [fine-tuning on sounds](sound_training_tensorflow.ipynb).
