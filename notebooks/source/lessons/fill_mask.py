# %% [markdown]
# # Fill-mask: the word behind the mask
#
# One word of a sentence is replaced by a mask, and the computer predicts it: *fill-mask*, or *masked language
# modeling* when a model is trained that way. That is how BERT, RoBERTa and their relatives are *pretrained*: nobody
# has to write down the right answers, since they stand in every book. You have a model fill in a mask, do its
# arithmetic by hand, and see what it has picked up from its training data.
#
# **Lesson 2 of 14** · level 1 of 3 · about 25 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](fill_mask_tensorflow.ipynb). Other language:
# [français](../../fr/lessons/fill_mask_pytorch.ipynb). First take half of the
# [quick tour](../quicktour_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](fill_mask_pytorch.ipynb). Other language:
# [français](../../fr/lessons/fill_mask_tensorflow.ipynb). First take half of the
# [quick tour](../quicktour_tensorflow.ipynb).

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

model_name = "hfquick/roberta-tiny-en"
text = "I drink a cup of <mask> every morning."
word = "water"
compared = ["tea", "milk", "soup"]
two = "The <mask> is in the <mask>."
beginnings = ["This man is a", "This woman is a"]
hard_text = "Paris is the capital of <mask>."
my_text = "The little boat crosses the <mask>."
well_done = "Well done!"
try_again = "Not yet. Change my_text and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

model_name = "hfquick/roberta-tiny-fr"
text = "Le chat dort sur la <mask>."
word = "mer"
compared = ["table", "chaise", "lune"]
two = "Il a perdu son <mask> et sa <mask>."
beginnings = ["Cet homme est un", "Cette femme est une"]
hard_text = "La petite barque traverse la <mask> au matin."
my_text = "La petite barque traverse la <mask>."
well_done = "Bravo !"
try_again = "Pas encore. Changez my_text et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# `model_name`, from the folded cell, is a very small model that travels with hfquick: `hfquick/roberta-tiny-en` in
# English, `hfquick/roberta-tiny-fr` in French. Both were trained on everyday sentences and on prose. Leave `model=`
# out when you have a network, and a larger one for English is fetched instead.

# %% tags=["torch"]
from hfquick import pipeline

unmasker = pipeline("fill-mask", model=model_name)

# %% tags=["tf"]
from hfquick import pipeline

unmasker = pipeline("fill-mask", model=model_name, framework="tf")

# %% [markdown]
# `<mask>` stands for the masked word:

# %%
print(text)
unmasker(text)

# %% [markdown]
# A list of dictionaries, most probable word first. `token` is the id of the token in the vocabulary, `token_str` the
# token itself, and `sequence` the text with the word in the place of the mask.

# %%
for prediction in unmasker(text):
    print(round(prediction["score"], 3), prediction["token"], repr(prediction["token_str"]))

# %% [markdown]
# **Question:** which of the five fit the grammar, and which fit the sense? There is a space in front of most words;
# the reason is below.
#
# **Answer:** all fit the grammar, and the first ones the sense as well. Grammar is what a small model learns first;
# sense takes more text and more parameters. Of thirty everyday sentences chosen beforehand, 93 % of the French ones
# get a fitting word among the five; of thirty English ones `hfquick/distilbert-tiny-en`, which you meet below, fills
# 93 %.
#
# ## Looking inside
#
# The tokens of the text. `Ġ` is how this vocabulary writes the space in front of a word: with it, a word begins;
# without it, a *subword* continues the word before. So the same letters, those of `word`, have two ids, one at the
# beginning of a word and one inside:

# %%
encoding = unmasker.tokenizer(text)
print(*encoding.tokens(), sep=" | ")
print(word, unmasker.tokenizer.convert_tokens_to_ids([f"Ġ{word}", word]))

# %% [markdown]
# The mask is a token of its own. What is its position?

# %%
position = encoding["input_ids"].index(unmasker.tokenizer.mask_token_id)
print(position, unmasker.tokenizer.mask_token, unmasker.tokenizer.mask_token_id)

# %% [markdown]
# The model gives *logits* for every position: a row for each token of the text, a column for each token of the
# vocabulary. Only the row of the mask is of interest here.

# %% tags=["torch"]
import torch

with torch.no_grad():
    all_logits = unmasker.model(**unmasker.tokenizer(text, return_tensors="pt")).logits[0].numpy()
print(all_logits.shape)

# %% tags=["tf"]
all_logits = unmasker.model(unmasker.tokenizer(text, return_tensors="tf")).logits[0].numpy()
print(all_logits.shape)

# %% [markdown]
# Softmax over the vocabulary, and the five largest. Are they the same words as above, with the same scores?

# %%
import numpy as np

powers = np.exp(all_logits[position] - all_logits[position].max())
probabilities = powers / powers.sum()
best = np.argsort(-probabilities)[:5]
print([unmasker.tokenizer.decode([int(token_id)]) for token_id in best])

by_pipeline = unmasker(text)
print([prediction["token"] for prediction in by_pipeline] == best.tolist())
print(
    np.allclose([prediction["score"] for prediction in by_pipeline], probabilities[best], atol=1e-4)
)

# %% [markdown]
# The rest of the probability goes to all the other words. How much do the best 5, 50 and 500 share between them?

# %%
ordered = -np.sort(-probabilities)
for many in [5, 50, 500, len(ordered)]:
    print(many, f"{ordered[:many].sum():.2f}")

# %% [markdown]
# ## Changing something
#
# `top_k` asks for more words or fewer, and `targets` compares only the words that you name. Write them as the
# vocabulary does, with `Ġ`:

# %%
unmasker(text, targets=[f"Ġ{one}" for one in compared])

# %% [markdown]
# **Change it:** add `word` without `Ġ` to the targets. The vocabulary has such a token, and it is glued to the word
# before; look at the text in the table. A word that is not there at all is replaced by its first token, and a line
# says so.
#
# A text may have several masks. Each is predicted while the others are still masked, so the best words need not fit
# each other:

# %%
print(two)
unmasker(two, top_k=3)

# %% [markdown]
# To have them agree, fill in the first and ask again for the second:

# %%
first = unmasker(two, top_k=1)[0][0]["token_str"].strip()
filled = two.replace("<mask>", first, 1)
print(unmasker(filled, top_k=1)[0]["sequence"])

# %% [markdown]
# ## What goes wrong
#
# A sentence on which it does less well. **Question:** which of the five would you take, and does it know what it is
# talking about?

# %%
print(hard_text)
unmasker(hard_text)

# %% [markdown]
# **Answer:** the one you would take has a small score, if it is there at all. The model has seen which words stand
# together, and has learnt no facts: it does not know what it is talking about.
#
# It also repeats what was in its training data, and
# texts are not fair: a model has a *bias*. Of a man, and of a woman:

# %%
for beginning in beginnings:
    predictions = unmasker(f"{beginning} <mask>.", top_k=8)
    print(f"{beginning}:", *(prediction["token_str"].strip() for prediction in predictions))

# %% [markdown]
# **Question:** what differs between the two lists, apart from the grammar? Would you let this model write a job
# advertisement?
#
# **Answer:** look for trades, for looks, for who is somebody's wife. What the texts said of men and of women comes
# back as a probability, and nobody chose it. So, better not.
#
# The mask is spelled by the tokenizer, and others spell it otherwise. A wrong one? A sentence tells you:

# %%
try:
    unmasker(text.replace("<mask>", "[MASK]"))
except ValueError as error:
    print(error)

# %% [markdown]
# With `mask_token` from the tokenizer, the same line works for every model. Here a small English one, which has no
# capital letters:

# %% tags=["torch"]
english = pipeline("fill-mask", model="hfquick/distilbert-tiny-en")
english(f"The cat is sleeping on the {english.tokenizer.mask_token}.")

# %% tags=["tf"]
english = pipeline("fill-mask", model="hfquick/distilbert-tiny-en", framework="tf")
english(f"The cat is sleeping on the {english.tokenizer.mask_token}.")

# %% [markdown]
# ## Your turn
#
# Find a sentence with one mask, in the language of the model, in which it is sure of its first word: a score above
# 0.5. Fixed phrases and small words are easier than large ones.

# %%
try:
    predictions = unmasker(my_text)
    found = my_text.count("<mask>") == 1 and predictions[0]["score"] > 0.5
except (TypeError, ValueError) as error:
    predictions, found = None, False
    print(error)
print(well_done if found else try_again)
predictions

# %% [markdown] tags=["torch"]
# The next lesson: [question answering](question_answering_pytorch.ipynb). Other lessons on text: [named entity
# recognition](token_classification_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on pictures: [image
# classification](image_classification_pytorch.ipynb), [object detection](object_detection_pytorch.ipynb), [image
# segmentation](image_segmentation_pytorch.ipynb), [visual question answering](visual_question_answering_pytorch.ipynb),
# [fine-tuning on pictures](image_training_pytorch.ipynb). Lessons on sound: [audio
# classification](audio_classification_pytorch.ipynb), [speech recognition](automatic_speech_recognition_pytorch.ipynb),
# [fine-tuning on sounds](sound_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [question answering](question_answering_tensorflow.ipynb). Other lessons on text: [named entity
# recognition](token_classification_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb),
# [summarization](summarization_tensorflow.ipynb), [translation](translation_tensorflow.ipynb). Lessons on pictures:
# [image classification](image_classification_tensorflow.ipynb), [object detection](object_detection_tensorflow.ipynb),
# [image segmentation](image_segmentation_tensorflow.ipynb), [visual question
# answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on pictures](image_training_tensorflow.ipynb).
# Lessons on sound: [audio classification](audio_classification_tensorflow.ipynb), [speech
# recognition](automatic_speech_recognition_tensorflow.ipynb), [fine-tuning on sounds](sound_training_tensorflow.ipynb).
