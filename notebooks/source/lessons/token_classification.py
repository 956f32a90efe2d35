# %% [markdown]
# # Named entity recognition: the names in a text
#
# Who is spoken of, where does it happen, which organisations take part? *Token classification* gives every token of a
# text a label; when the labels are people, places and organisations, it is called *named entity recognition*, NER.
# You have a model mark the entities of a sentence, do its work by hand, and see where it goes wrong.
#
# **Lesson 1 of 14** · level 1 of 3 · about 25 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](token_classification_tensorflow.ipynb). Other
# language: [français](../../fr/lessons/token_classification_pytorch.ipynb). First take half of the
# [quick tour](../quicktour_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](token_classification_pytorch.ipynb). Other language:
# [français](../../fr/lessons/token_classification_tensorflow.ipynb). First take half of the
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

text = "Albert Einstein taught at Princeton University in New Jersey."
hard_text = "In May, Anna Schmidt left Berlin for Paris, where Siemens had found a flat for her."
my_text = "A fine day with a little wind."
well_done = "Well done!"
try_again = "Not yet. Change my_text and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

text = "Paul Dupont travaille chez Airbus à Toulouse."
hard_text = "En mai, Paul Dupont a quitté Lyon pour Paris, où Airbus lui avait trouvé un logement."
my_text = "Une belle journée avec un peu de vent."
well_done = "Bravo !"
try_again = "Pas encore. Changez my_text et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# `hfquick/bert-tiny-multilingual-ner` is a very small model that travels with hfquick; it was trained on French and
# English. Leave `model=` out when you have a network, and a large one for English is fetched instead.

# %% tags=["torch"]
from hfquick import pipeline

recognizer = pipeline("ner", model="hfquick/bert-tiny-multilingual-ner")

# %% tags=["tf"]
from hfquick import pipeline

recognizer = pipeline("ner", model="hfquick/bert-tiny-multilingual-ner", framework="tf")

# %%
recognizer(text, aggregation_strategy="simple")

# %% [markdown]
# The picture is drawn from data: a list with a dictionary for each entity.

# %%
for entity in recognizer(text, aggregation_strategy="simple"):
    print(
        entity["entity_group"],
        round(entity["score"], 2),
        entity["start"],
        entity["end"],
        entity["word"],
    )

# %% [markdown]
# `entity_group` is the type of the entity: a person (`PER`), a place (`LOC`), an organisation (`ORG`), anything else
# that has a name (`MISC`). `score` lies between 0 and 1. `start` and `end` are *offsets*: the first character of the
# entity, and the first one after it.
#
# **Question:** do you agree with every entity? Is one missing?
#
# **Answer:** in this sentence it finds all three, with names that are often written about. Of thirty everyday
# sentences chosen beforehand, all names are right in 90 % of the English ones and in 80 % of the French ones.
#
# `word` is put together again from subwords, and may be written otherwise than in the text. Offsets are exact, so cut
# the entity out of the text with them:

# %%
print(
    [
        text[entity["start"] : entity["end"]]
        for entity in recognizer(text, aggregation_strategy="simple")
    ]
)

# %% [markdown]
# ## Looking inside
#
# The model does not work with words but with *tokens*, and gives every token a label of its own. Without a strategy
# for joining them, this is what you see, below the labels that this model knows:

# %%
print(*recognizer.model.config.id2label.values())
recognizer(text)

# %% [markdown]
# A label with `B-` begins an entity, one with `I-` continues it, and `O`, *outside*, is no entity; the pipeline
# leaves those out. This is the *BIO scheme*: `B-` is what tells two entities apart that stand side by side.
#
# Now by hand. The tokenizer gives the ids of the tokens, and where in the text each of them stands:

# %%
encoding = recognizer.tokenizer(text, return_offsets_mapping=True)
tokens, offsets = encoding.tokens(), encoding["offset_mapping"]
print(len(tokens), tokens[0], offsets[0], tokens[1], offsets[1], tokens[-1], offsets[-1])

# %% [markdown]
# The model makes *logits* of them: one row for each token, one column for each label.

# %% tags=["torch"]
import torch

with torch.no_grad():
    logits = recognizer.model(**recognizer.tokenizer(text, return_tensors="pt")).logits[0].numpy()
print(logits.shape)

# %% tags=["tf"]
logits = recognizer.model(recognizer.tokenizer(text, return_tensors="tf")).logits[0].numpy()
print(logits.shape)

# %% [markdown]
# Softmax makes probabilities of each row, and the largest one wins (`argmax` gives its number). Which tokens does the model take for a part of an
# entity? (`[UNK]` would be a word that the vocabulary does not know; its offsets still tell what it was.)

# %%
import numpy as np

powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
probabilities = powers / powers.sum(axis=-1, keepdims=True)
labels = [recognizer.model.config.id2label[int(number)] for number in probabilities.argmax(axis=-1)]

for token, label, row, (start, end) in zip(tokens, labels, probabilities, offsets, strict=True):
    if label != "O" and start < end:
        print(f"{token:10} {label:7} {row.max():.2f} {text[start:end]}")

# %% [markdown]
# That is all the pipeline does. It leaves out the first and the last token, which stand for no text. With nothing
# ignored, does it give the same labels, and the same scores?

# %%
by_pipeline = recognizer(text, ignore_labels=[])
print([item["entity"] for item in by_pipeline] == labels[1:-1])
print(
    np.allclose(
        [item["score"] for item in by_pipeline], probabilities.max(axis=-1)[1:-1], atol=1e-4
    )
)

# %% [markdown]
# ## Changing something
#
# Here is a sentence that is harder for the model. A name is often cut into several tokens, and they may disagree.
# `aggregation_strategy` says what is done then. `"simple"` joins neighbours with the same label, even if that cuts a
# word in two. The others decide for whole words: `"first"` by the first token of the word, `"average"` by the mean of
# all, `"max"` by the one that is surest.

# %%
for strategy in ["simple", "first", "average", "max"]:
    found = recognizer(hard_text, aggregation_strategy=strategy)
    print(strategy, [(entity["entity_group"], entity["word"]) for entity in found])

# %% [markdown]
# **Question:** do the four lists differ, and which one would you take? A word that begins with `##` is the rest of a
# word that was cut.
#
# **Answer:** where all tokens of a word agree, the four are equal. Where they do not, `"simple"` shows pieces of
# words, and the other three may differ; here `"average"` is right about one name more than `"first"`.
#
# **Change it:** `ignore_labels=["O", "PER"]` in the call leaves out people too.
#
# ## What goes wrong
#
# The harder sentence, marked. **Question:** which names are missed, and which have the wrong type?

# %%
recognizer(hard_text, aggregation_strategy="first")

# %% [markdown]
# **Answer:** the firm is missed, and both towns are taken for organisations. Behind *left* and *for* a firm would fit as well
# as a town.
#
# Does the model go by capital letters? Take them away from the first sentence:

# %%
recognizer(text.lower(), aggregation_strategy="first")

# %% [markdown]
# **Question:** is any entity still found? What else could the model go by?
#
# **Answer:** most are: it was trained on sentences in small letters, too. Try a sentence without any name, with a
# capital at the head of every word: what is then marked, is marked for its looks.
#
# A model can read a limited number of tokens at once. Of a longer text only the beginning is kept (*truncation*), and
# a line says so:

# %%
long_text = " ".join([hard_text] * 40)
beginning = recognizer(long_text, aggregation_strategy="first")
print(recognizer.tokenizer.model_max_length, len(recognizer.tokenizer(long_text)["input_ids"]))

# %% [markdown]
# With `stride` all of it is computed, window by window. Two windows have that many tokens in common, so that no
# entity is lost on the border. Offsets count from the beginning of the whole text, whichever window an entity was
# found in. Is the last entity near the end of the text, before and now? And which one is it?

# %%
whole = recognizer(long_text, aggregation_strategy="first", stride=64)
for found in [beginning, whole]:
    print(found[-1]["end"] > 0.9 * len(long_text), long_text[found[-1]["start"] : found[-1]["end"]])

# %% [markdown]
# A slip of the pen? A sentence tells you:

# %%
try:
    recognizer(text, aggregation_strategy="frist")
except ValueError as error:
    print(error)

# %% [markdown]
# ## Your turn
#
# Write a sentence in which the model finds a person, a place and an organisation. It may be any sentence; common
# names are easier than rare ones.

# %%
try:
    found = recognizer(my_text, aggregation_strategy="first")
    kinds = {entity["entity_group"] for entity in found}
except (TypeError, ValueError) as error:
    found, kinds = None, set()
    print(error)
print(well_done if {"PER", "LOC", "ORG"} <= kinds else try_again)
found

# %% [markdown] tags=["torch"]
# The next lesson: [fill-mask](fill_mask_pytorch.ipynb). Other lessons on text: [question
# answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on pictures: [image
# classification](image_classification_pytorch.ipynb), [object detection](object_detection_pytorch.ipynb), [image
# segmentation](image_segmentation_pytorch.ipynb), [visual question answering](visual_question_answering_pytorch.ipynb),
# [fine-tuning on pictures](image_training_pytorch.ipynb). Lessons on sound: [audio
# classification](audio_classification_pytorch.ipynb), [speech recognition](automatic_speech_recognition_pytorch.ipynb),
# [fine-tuning on sounds](sound_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [fill-mask](fill_mask_tensorflow.ipynb). Other lessons on text: [question
# answering](question_answering_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb),
# [summarization](summarization_tensorflow.ipynb), [translation](translation_tensorflow.ipynb). Lessons on pictures:
# [image classification](image_classification_tensorflow.ipynb), [object detection](object_detection_tensorflow.ipynb),
# [image segmentation](image_segmentation_tensorflow.ipynb), [visual question
# answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on pictures](image_training_tensorflow.ipynb).
# Lessons on sound: [audio classification](audio_classification_tensorflow.ipynb), [speech
# recognition](automatic_speech_recognition_tensorflow.ipynb), [fine-tuning on sounds](sound_training_tensorflow.ipynb).
