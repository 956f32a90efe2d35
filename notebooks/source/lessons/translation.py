# %% [markdown]
# # Translation: from one language to another
#
# Translation is a *sequence-to-sequence* task: one half of the model, the *encoder*, encodes an English sentence, the
# other half, the *decoder*, generates a French one. You watch the two work together, generate by hand, ask the model
# for its opinion on your own translation, and see what it does with words that were not in its training data.
#
# **Lesson 6 of 14** · level 3 of 3 · about 30 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](translation_tensorflow.ipynb). Other language:
# [français](../../fr/lessons/translation_pytorch.ipynb). First take half of the
# [quick tour](../quicktour_pytorch.ipynb), and the lesson on [text
# generation](text_generation_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](translation_pytorch.ipynb). Other language:
# [français](../../fr/lessons/translation_tensorflow.ipynb). First take half of the
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
try_again = "Not yet, or in other words than mine. Look at the last word here, and what comes next:"

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

well_done = "Bravo !"
try_again = "Pas encore, ou avec d’autres mots. Regardez le dernier mot que voici, et la suite :"

# %% [markdown]
# ## A first call
#
# The task says from which language to which: `translation_en_to_fr`. `hfquick/t5-tiny-en-fr` is a very small model
# that travels with hfquick. It knows short everyday sentences, and a little about software. Leave `model=` out when
# you have a network, and T5-base, which is far larger, is fetched instead.

# %% tags=["torch"]
from hfquick import pipeline

translator = pipeline("translation_en_to_fr", model="hfquick/t5-tiny-en-fr")

# %% tags=["tf"]
from hfquick import pipeline

translator = pipeline("translation_en_to_fr", model="hfquick/t5-tiny-en-fr", framework="tf")

# %%
text = "The dog is black and the cat is white."
translator([text, "A yellow cat under a tree.", "My sister buys two red apples."])

# %% [markdown]
# To a program it is a list with a dictionary for each text:

# %%
print(translator(text))

# %% [markdown]
# **Question:** which of the three would a French teacher accept? Look at the articles, and at the endings of the
# adjectives: English has nothing that tells the model about them.
#
# **Answer:** all three. It has learnt the gender of *pomme* from other sentences about apples. Of sixty everyday
# sentences chosen beforehand, it translates 80 % as a person would.
#
# ## Looking inside
#
# T5 was trained on many tasks at once, and reads at the head of each text what it is to do; our small model has
# learnt one task only. The pipeline puts this *prefix* there. What does the model really take in? `▁` is how this
# vocabulary writes the space in front of a word:

# %%
tokenizer = translator.tokenizer
print(repr(translator.prefix))
print(*tokenizer(translator.prefix + text).tokens())

# %% [markdown]
# The *encoder* encodes all of it at once, and makes a *vector* of every token, a row of numbers, its *hidden state*, which depends on the
# whole sentence. The *decoder* then generates the translation, token by token (*autoregressive generation*). It
# begins with a start token, and looks at two things at each step: what it has generated so far, and the vectors of
# the encoder.

# %% tags=["torch"]
import torch

model = translator.model
inputs = tokenizer(translator.prefix + text, return_tensors="pt").to(model.device)
with torch.no_grad():
    encoder_outputs = model.get_encoder()(**inputs)
print(tuple(inputs["input_ids"].shape), tuple(encoder_outputs.last_hidden_state.shape))

# %% tags=["tf"]
import tensorflow as tf

model = translator.model
inputs = tokenizer(translator.prefix + text, return_tensors="tf")
encoder_outputs = model.get_encoder()(inputs["input_ids"], inputs["attention_mask"])
print(tuple(inputs["input_ids"].shape), tuple(encoder_outputs.last_hidden_state.shape))

# %% [markdown]
# One text, its tokens, and the numbers of each. The encoder is done with its work. Now generate: the largest of
# the logits (*argmax*) is the next token, until the token comes that ends a text. Is it what the pipeline says when
# it takes the most probable token each time?


# %% tags=["torch"]
def generate_greedy(encoder_outputs, mask, max_new_tokens=30):
    generated = [model.config.decoder_start_token_id]
    while generated[-1] != model.config.eos_token_id and len(generated) <= max_new_tokens:
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
[by_pipeline] = translator(text, num_beams=1, max_new_tokens=30)
print(by_hand)
print(by_hand == by_pipeline["translation_text"])


# %% tags=["tf"]
def generate_greedy(encoder_outputs, mask, max_new_tokens=30):
    generated = [model.config.decoder_start_token_id]
    while generated[-1] != model.config.eos_token_id and len(generated) <= max_new_tokens:
        decoder_input_ids = tf.constant([generated])
        outputs = model(
            encoder_outputs=encoder_outputs,
            attention_mask=mask,
            decoder_input_ids=decoder_input_ids,
        )
        generated.append(int(tf.argmax(outputs.logits[0, -1])))
    return tokenizer.decode(generated, skip_special_tokens=True)


by_hand = generate_greedy(encoder_outputs, inputs["attention_mask"])
[by_pipeline] = translator(text, num_beams=1, max_new_tokens=30)
print(by_hand)
print(by_hand == by_pipeline["translation_text"])

# %% [markdown]
# Where did the decoder look at each step? Its *cross-attention* tells: a row for each generated token, a column for
# each token of the input, the stronger in colour, the larger the attention weight.

# %%
from hfquick import cross_attention_map

alignment = cross_attention_map(translator, "A yellow cat under a tree.")
alignment

# %% [markdown]
# **Question:** in French most adjectives stand behind the noun. Does the coloured diagonal of the table step back
# there? (`alignment.weights` has the attention weights, a row for each generated token. Each row adds up to 1.)
#
# **Answer:** it does: the row of *jaune* looks at *yellow*, which stands before *cat*, while the row of *chat*, one
# line above, looks further to the right.
#
# **Change it:** `layer=0` in the call. The last layer is not always the one that follows the words best. And where a
# model looks is a hint, not a proof, of what a word was translated from.
#
# Which probability did it give to each token, and which ones were the alternatives?

# %%
from hfquick import token_probabilities

token_probabilities(translator, text, top=3, max_new_tokens=30)

# %% [markdown]
# ## Changing something
#
# A translation has to be right as a whole, so the usual way here is *beam search*: at each step the `num_beams` most
# probable beginnings (*hypotheses*) are kept, and the most probable whole sentence wins. One beam is the loop above.
# Where the model knows what to say, the number of beams changes nothing; where it does not, more beams find another
# sentence, and not a better one:

# %%
for beams in [1, 2, 4, 8]:
    for result in translator(
        [text, "My keyboard is on strike."], num_beams=beams, max_new_tokens=30
    ):
        print(beams, result["translation_text"])

# %% [markdown]
# `num_return_sequences` shows the other hypotheses that were left at the end:

# %%
translator(text, num_beams=4, num_return_sequences=4, max_new_tokens=30)

# %% [markdown]
# You can also begin the translation yourself, and have the decoder continue. `decoder_input_ids` are the tokens that
# it takes for its own. Here the sentence is to begin with *Ce chien*, *this dog*:

# %% tags=["torch"]
beginning = tokenizer("Ce chien", add_special_tokens=False, return_tensors="pt")["input_ids"].to(
    model.device
)
forced = model.generate(**inputs, decoder_input_ids=beginning, max_new_tokens=30)[0].tolist()
print(tokenizer.decode(forced, skip_special_tokens=True))

# %% tags=["tf"]
beginning = tokenizer("Ce chien", add_special_tokens=False, return_tensors="tf")["input_ids"]
forced = (
    model.generate(**inputs, decoder_input_ids=beginning, max_new_tokens=30)[0].numpy().tolist()
)
print(tokenizer.decode(forced, skip_special_tokens=True))

# %% [markdown]
# The same trick judges a translation. Force the decoder through all of it (*teacher forcing*), and see how probable
# each token was. The *loss* is the mean of −log(probability) over the tokens: the smaller, the more probable the
# model finds the whole. Right, colours exchanged, not French:


# %% tags=["torch"]
def loss_of(translation):
    labels = tokenizer(translation, return_tensors="pt")["input_ids"].to(model.device)
    with torch.no_grad():
        return float(model(**inputs, labels=labels).loss)


# %% tags=["tf"]
def loss_of(translation):
    labels = tokenizer(translation, return_tensors="tf")["input_ids"]
    return float(model({**inputs, "labels": labels}).loss)


# %%
for candidate in [
    "Le chien est noir et le chat est blanc.",
    "Le chien est blanc et le chat est noir.",
    "Noir est chien le et blanc est chat le.",
]:
    print(f"{loss_of(candidate):.1f}", candidate)

# %% [markdown]
# **Question:** does the model prefer the right one? Is it the order of the words that it knows better, or what they
# mean?
#
# **Answer:** it does, by far. The order of the words costs most: what French looks like is learnt before what it
# means. A loss says what the model finds probable, not what is true: where it has not learnt a word, it may prefer a
# wrong sentence.
#
# ## What goes wrong
#
# The model never says that it does not know a word. It generates what French sentences look like:

# %%
for odd in ["The walrus proofreads a treaty.", "My keyboard is on strike.", "Bzzt krfl womp."]:
    [result] = translator(odd, max_new_tokens=30)
    print(odd, "→", result["translation_text"])

# %% [markdown]
# **Question:** would you notice if you had no English?
#
# **Answer:** hardly. A translation that reads well is not therefore right.
#
# A model translates between the languages that it was trained on, and no others. The name of the task is checked
# against what the model says of itself; a name that is not spelled like this is not the name of a task:

# %% tags=["torch"]
for task in ["translation_en_to_de", "translation_english_to_french"]:
    try:
        pipeline(task, model="hfquick/t5-tiny-en-fr")
    except ValueError as error:
        print(error)

# %% tags=["tf"]
for task in ["translation_en_to_de", "translation_english_to_french"]:
    try:
        pipeline(task, model="hfquick/t5-tiny-en-fr", framework="tf")
    except ValueError as error:
        print(error)

# %% [markdown]
# Plain `translation` takes the first pair that the model knows.
#
# ## Your turn
#
# Translate the sentence about the dog and the cat into French yourself. The cell knows some right translations, and
# compares yours with them. The model's opinion decides nothing: below come the loss of your words and that of a wrong
# translation, *Le chien est noir et le chat est blanche.* The model finds the wrong one quite probable, and a right
# one that it did not expect much less so.

# %%
my_translation = text

dogs = {"le chien": "noir", "la chienne": "noire"}
cats = {"le chat": "blanc", "la chatte": "blanche"}
right = [
    f"{dog} est {black}{link}{cat}{verb}{white}"
    for dog, black in dogs.items()
    for link in [" et ", ", et ", ", "]
    for cat, white in cats.items()
    for verb in [" est ", " "]
]

words = my_translation.lower().rstrip(" .!").split()
known = 0  # so many of the words begin a right translation
while known < len(words) and any(one.split()[: known + 1] == words[: known + 1] for one in right):
    known += 1
if " ".join(words) in right:
    print(well_done)
else:
    print(try_again, repr(" ".join(words[: known + 1])[:60]))

for candidate in [my_translation[:100], "Le chien est noir et le chat est blanche."]:
    print(f"{loss_of(candidate):.1f}")

# %% [markdown] tags=["torch"]
# The next lesson: [image classification](image_classification_pytorch.ipynb). Other lessons on text: [named entity
# recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb), [question
# answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb). Lessons on pictures: [object detection](object_detection_pytorch.ipynb),
# [image segmentation](image_segmentation_pytorch.ipynb), [visual question
# answering](visual_question_answering_pytorch.ipynb), [fine-tuning on pictures](image_training_pytorch.ipynb). Lessons
# on sound: [audio classification](audio_classification_pytorch.ipynb), [speech
# recognition](automatic_speech_recognition_pytorch.ipynb), [fine-tuning on sounds](sound_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [image classification](image_classification_tensorflow.ipynb). Other lessons on text: [named entity
# recognition](token_classification_tensorflow.ipynb), [fill-mask](fill_mask_tensorflow.ipynb), [question
# answering](question_answering_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb),
# [summarization](summarization_tensorflow.ipynb). Lessons on pictures: [object
# detection](object_detection_tensorflow.ipynb), [image segmentation](image_segmentation_tensorflow.ipynb), [visual
# question answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on
# pictures](image_training_tensorflow.ipynb). Lessons on sound: [audio
# classification](audio_classification_tensorflow.ipynb), [speech
# recognition](automatic_speech_recognition_tensorflow.ipynb), [fine-tuning on sounds](sound_training_tensorflow.ipynb).
