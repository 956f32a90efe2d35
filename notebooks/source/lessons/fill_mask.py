# %% [markdown]
# # Fill-mask: the word behind the mask
#
# One word of a sentence is replaced by a mask, and the computer predicts it: *fill-mask*, or *masked language
# modeling* when a model is trained that way. That is how BERT, RoBERTa and their relatives are *pretrained*: nobody
# has to write down the right answers, since they stand in every book. You have a model fill in a mask, do its
# arithmetic by hand, and see what it has picked up from its training data.

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

well_done = "Well done!"
try_again = "Not yet. Change my_text and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

well_done = "Bravo !"
try_again = "Pas encore. Changez my_text et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# `hfquick/roberta-tiny-fr` is a very small model that travels with hfquick. It was trained on French, and on old
# French literature most of all. Leave `model=` out when you have a network, and a larger one for English is fetched
# instead.

# %% tags=["torch"]
from hfquick import pipeline

unmasker = pipeline("fill-mask", model="hfquick/roberta-tiny-fr")

# %% tags=["tf"]
from hfquick import pipeline

unmasker = pipeline("fill-mask", model="hfquick/roberta-tiny-fr", framework="tf")

# %% [markdown]
# `<mask>` stands for the masked word. *The little boat crosses the … in the morning:*

# %%
text = "La petite barque traverse la <mask> au matin."
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
# **Answer:** grammar is what a small model learns first, so nearly all of them fit it. Sense takes more text, and
# more parameters: TODO
#
# ## Looking inside
#
# The tokens of the text. `Ġ` is how this vocabulary writes the space in front of a word: with it, a word begins;
# without it, a *subword* continues the word before. So `mer` has two ids, one at the beginning of a word and one
# inside:

# %%
encoding = unmasker.tokenizer(text)
print(*encoding.tokens(), sep=" | ")
print(unmasker.tokenizer.convert_tokens_to_ids(["Ġmer", "mer"]))

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
print(np.allclose([prediction["score"] for prediction in by_pipeline], probabilities[best], atol=1e-4))

# %% [markdown]
# The rest of the probability goes to all the other words. How much do the best 5, 50 and 500 share between them?

# %%
ordered = -np.sort(-probabilities)
for many in [5, 50, 500, len(ordered)]:
    print(many, f"{ordered[:many].sum():.2f}")

# %% [markdown]
# ## Changing something
#
# `top_k` asks for more words or fewer, and `targets` compares only the words that you name: *sea*, *town*, *road*.
# Write them as the vocabulary does, with `Ġ`:

# %%
unmasker(text, targets=["Ġmer", "Ġville", "Ġroute"])

# %% [markdown]
# **Change it:** leave out the `Ġ` in `Ġmer`. The vocabulary has such a token, and it is glued to the word before;
# look at the text in the table. A word that is not there at all is replaced by its first token, and a line says so.
#
# A text may have several masks. Each is predicted while the others are still masked, so the best words need not fit
# each other. *He has lost his … and his …:*

# %%
two = "Il a perdu son <mask> et sa <mask>."
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
# A model repeats what was in its training data, and books are not fair: it has a *bias*. *This man is a …*, and *This
# woman is a …*:

# %%
for beginning in ["Cet homme est un", "Cette femme est une"]:
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
    unmasker("La petite barque traverse la [MASK].")
except ValueError as error:
    print(error)

# %% [markdown]
# With `mask_token` from the tokenizer, the same line works for every model. Here a small English one, which has no
# capital letters:

# %% tags=["torch"]
english = pipeline("fill-mask", model="hfquick/distilbert-tiny-en")
english(f"The little boat crosses the {english.tokenizer.mask_token} before the fog lifts.")

# %% tags=["tf"]
english = pipeline("fill-mask", model="hfquick/distilbert-tiny-en", framework="tf")
english(f"The little boat crosses the {english.tokenizer.mask_token} before the fog lifts.")

# %% [markdown]
# ## Your turn
#
# Find a French sentence in which the model is sure of its first word: a score above 0.5. Small words such as *pas*,
# *que* or *son* are easier than large ones.

# %%
my_text = "La petite barque traverse la <mask>."

predictions = unmasker(my_text)
print(well_done if predictions[0]["score"] > 0.5 else try_again)
predictions

# %% [markdown] tags=["torch"]
# Other lessons: [named entity recognition](token_classification_pytorch.ipynb), [question
# answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# Other lessons: [named entity recognition](token_classification_tensorflow.ipynb), [question
# answering](question_answering_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb),
# [summarization](summarization_tensorflow.ipynb), [translation](translation_tensorflow.ipynb).
