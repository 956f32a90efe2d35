# %% [markdown]
# # Hidden words
#
# One word of a sentence is hidden behind a mask, and the computer guesses it. That is how BERT, RoBERTa and their
# relatives learn a language in the first place: nobody has to write down the right answers, since they stand in every
# book. You have a model guess, do its arithmetic by hand, and see what it has picked up from its reading.

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](fill_mask_tensorflow.ipynb). Other language:
# [français](../../fr/lessons/fill_mask_pytorch.ipynb). It helps to have begun the [quick
# tour](../quicktour_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](fill_mask_pytorch.ipynb). Other language:
# [français](../../fr/lessons/fill_mask_tensorflow.ipynb). It helps to have begun the [quick
# tour](../quicktour_tensorflow.ipynb).

# %% [markdown] tags=["address"]
# On Google Colab the next cell installs hfquick and leaves Colab's own PyTorch and TensorFlow as they are. Anywhere
# else it does nothing.

# %% [markdown] tags=["no-address"]
# The next cell is for Google Colab: there it would install hfquick and leave Colab's own PyTorch and TensorFlow as
# they are. This copy of hfquick has no public address yet, so on Colab write the address you have it from between the
# two quotation marks, `"https://…"`, and run the cell. Anywhere else it does nothing.

# %%
import importlib.util
import subprocess
import sys

address = "{repository}"
if "google.colab" in sys.modules and address and importlib.util.find_spec("hfquick") is None:
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", f"git+{address}"], check=True)

# %% [markdown]
# The next cell is the only one that differs from one language of this lesson to another: it chooses the language in
# which hfquick itself speaks, and what the exercise at the end says.

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
# `hfquick/roberta-tiny-fr` is a very small model that travels with hfquick. It has read French, and old French
# literature most of all. Leave `model=` out when you have a network, and a larger one for English is fetched instead.

# %% tags=["torch"]
from hfquick import pipeline

guesser = pipeline("fill-mask", model="hfquick/roberta-tiny-fr")

# %% tags=["tf"]
from hfquick import pipeline

guesser = pipeline("fill-mask", model="hfquick/roberta-tiny-fr", framework="tf")

# %% [markdown]
# `<mask>` stands for the hidden word. *The little boat crosses the … in the morning:*

# %%
text = "La petite barque traverse la <mask> au matin."
guesser(text)

# %% [markdown]
# A list of dictionaries, best word first. `token` is the number of the word in the vocabulary, `token_str` the word
# itself, and `sequence` the text with the word in its place.

# %%
for guess in guesser(text):
    print(round(guess["score"], 3), guess["token"], repr(guess["token_str"]))

# %% [markdown]
# **Question:** which of the five fit the grammar, and which fit the sense? There is a space in front of most words;
# the reason is below.
#
# ## Looking inside
#
# The tokens of the text. `Ġ` is how this vocabulary writes the space in front of a word: with it, a word begins;
# without it, a piece goes on with the word before. So the word `mer` has two numbers, one at the beginning of a word
# and one inside:

# %%
encoding = guesser.tokenizer(text)
print(*encoding.tokens(), sep=" | ")
print(guesser.tokenizer.convert_tokens_to_ids(["Ġmer", "mer"]))

# %% [markdown]
# The mask is a token of its own. At which place does it stand?

# %%
place = encoding["input_ids"].index(guesser.tokenizer.mask_token_id)
print(place, guesser.tokenizer.mask_token, guesser.tokenizer.mask_token_id)

# %% [markdown]
# The model gives *logits* for every place: a row for each token of the text, a column for each word of the
# vocabulary. Only the row of the mask is of interest here.

# %% tags=["torch"]
import torch

with torch.no_grad():
    all_logits = guesser.model(**guesser.tokenizer(text, return_tensors="pt")).logits[0].numpy()
print(all_logits.shape)

# %% tags=["tf"]
all_logits = guesser.model(guesser.tokenizer(text, return_tensors="tf")).logits[0].numpy()
print(all_logits.shape)

# %% [markdown]
# Softmax over the vocabulary, and the five largest. Are they the same words as above, with the same scores?

# %%
import numpy as np

powers = np.exp(all_logits[place] - all_logits[place].max())
probabilities = powers / powers.sum()
best = np.argsort(-probabilities)[:5]
print([guesser.tokenizer.decode([int(number)]) for number in best])

by_pipeline = guesser(text)
print([guess["token"] for guess in by_pipeline] == best.tolist())
print(np.allclose([guess["score"] for guess in by_pipeline], probabilities[best], atol=1e-4))

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
guesser(text, targets=["Ġmer", "Ġville", "Ġroute"])

# %% [markdown]
# **Change it:** leave out the `Ġ` in `Ġmer`. The vocabulary has such a piece, and it is glued to the word before;
# look at the text in the picture. A word that is not there at all is replaced by its first token, and a line says so.
#
# A text may have several masks. Each is guessed with the others still hidden, so the best words need not fit each
# other. *He has lost his … and his …:*

# %%
two = "Il a perdu son <mask> et sa <mask>."
guesser(two, top_k=3)

# %% [markdown]
# To have them agree, fill in the first and ask again for the second:

# %%
first = guesser(two, top_k=1)[0][0]["token_str"].strip()
filled = two.replace("<mask>", first, 1)
print(guesser(filled, top_k=1)[0]["sequence"])

# %% [markdown]
# ## What goes wrong
#
# A model repeats what it has read, and books are not fair. *This man is a …*, and *This woman is a …*:

# %%
for beginning in ["Cet homme est un", "Cette femme est une"]:
    guesses = guesser(f"{beginning} <mask>.", top_k=8)
    print(f"{beginning}:", *(guess["token_str"].strip() for guess in guesses))

# %% [markdown]
# **Question:** what differs between the two lists, apart from the grammar? Would you let this model write a job
# advertisement?
#
# The mask is spelled by the tokenizer, and others spell it otherwise. A wrong one is answered with a sentence:

# %%
try:
    guesser("La petite barque traverse la [MASK].")
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
# Find a French sentence in which the model is sure of its best word: a score above 0.5. Small words such as *pas*,
# *que* or *son* are easier than large ones.

# %%
my_text = "La petite barque traverse la <mask>."

guesses = guesser(my_text)
print(well_done if guesses[0]["score"] > 0.5 else try_again)
guesses

# %% [markdown] tags=["torch"]
# Other lessons: [names in a text](token_classification_pytorch.ipynb), [answers from a
# text](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summaries](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# Other lessons: [names in a text](token_classification_tensorflow.ipynb), [answers from a
# text](question_answering_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb),
# [summaries](summarization_tensorflow.ipynb), [translation](translation_tensorflow.ipynb).
