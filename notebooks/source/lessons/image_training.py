# %% [markdown]
# # Fine-tuning on pictures: your own classes
#
# A model that knows cats and strawberries has no word for a violin. You teach it one: the model keeps what it knows of
# pictures, gets a new last layer, and is *fine-tuned* on a few dozen pictures of each class. Then you look at what it
# confuses, and at how to do the same with a folder of your own.
#
# **Lesson 11 of 14** · level 2 of 3 · about 25 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](image_training_tensorflow.ipynb). Other
# language: [français](../../fr/lessons/image_training_pytorch.ipynb). First take the
# [quick tour](../quicktour_pytorch.ipynb), and the lesson on [image
# classification](image_classification_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](image_training_pytorch.ipynb). Other language:
# [français](../../fr/lessons/image_training_tensorflow.ipynb). First take the
# [quick tour](../quicktour_tensorflow.ipynb), and the lesson on [image
# classification](image_classification_tensorflow.ipynb).

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
# ## The pictures
#
# `hfquick/pictures-tiny` has drawings of five musical instruments, thirty of each to train on and ten to test. A row
# is a picture and the number of its class; `features` knows the names.

# %%
import numpy as np
from PIL import Image

from hfquick import load_dataset

dataset = load_dataset("hfquick/pictures-tiny")
labels = dataset["train"].features["label"].names
right = np.array(dataset["test"]["label"])
print({split: len(rows) for split, rows in dataset.items()}, labels)

# %% [markdown]
# Five pictures to train on, one of each class, and below them five of the test:

# %%
rows = []
for split in ["train", "test"]:
    numbers = dataset[split]["label"]
    first = [numbers.index(number) for number in range(len(labels))]
    rows.append(np.concatenate([dataset[split][place]["image"] for place in first], axis=1))
Image.fromarray(np.concatenate(rows))

# %% [markdown]
# The pictures of the two splits are by different designers. **Question:** why were they not simply shuffled and
# divided?
#
# **Answer:** every designer has colours and shapes of their own, and draws all pictures in them. A model that has learnt
# those by heart would recognise the other pictures of the same designer, and seem better than it is. Whoever uses it
# comes with pictures that are new.
#
# ## A model with a new head
#
# The embedded ViT has a *head*, its last layer, with a logit for each of its 58 classes. `num_labels` asks for another
# number, and `ignore_mismatched_sizes` allows that the head is made anew, with random weights. All the other layers keep what they
# have learnt: *transfer learning*. `id2label` gives the new classes their names.

# %%
from hfquick import AutoImageProcessor

model_name = "hfquick/vit-tiny-pictures"
processor = AutoImageProcessor.from_pretrained(model_name)
head = {
    "num_labels": len(labels),
    "id2label": dict(enumerate(labels)),
    "ignore_mismatched_sizes": True,
}

# %% tags=["torch"]
import torch

from hfquick import AutoModelForImageClassification

torch.manual_seed(42)
model = AutoModelForImageClassification.from_pretrained(model_name, **head)
print(model.classifier.weight.shape)

# %% tags=["tf"]
import keras

from hfquick import TFAutoModelForImageClassification

keras.utils.set_random_seed(42)
model = TFAutoModelForImageClassification.from_pretrained(model_name, **head)
print(model.classifier.kernel.shape)

# %% [markdown] tags=["torch"]
# ## Training
#
# The Trainer is that of texts; in the place of the tokenizer it is given the image processor, and prepares the pictures
# when their batch is due. The rest is known from the tour: epochs, batches, a learning rate. `argmax(axis=-1)` gives, for
# each picture, the label whose logit is largest: the model's answer.

# %% tags=["torch"]
from hfquick import Trainer, TrainingArguments


def accuracy(prediction):
    return {
        "accuracy": float((prediction.predictions.argmax(axis=-1) == prediction.label_ids).mean())
    }


args = TrainingArguments(
    "instruments",
    num_train_epochs=4,
    learning_rate=5e-4,
    per_device_train_batch_size=16,
    per_device_eval_batch_size=50,
    logging_steps=2,
    save_strategy="no",
)
trainer = Trainer(
    model=model,
    args=args,
    train_dataset=dataset["train"],
    eval_dataset=dataset["test"],
    processing_class=processor,
    compute_metrics=accuracy,
)
print(trainer.train().global_step)

# %% [markdown] tags=["torch"]
# Of how many pictures does it know the instrument now: of those it was trained on, and of those of the test?

# %% tags=["torch"]
answers = trainer.predict(dataset["test"])
logits = answers.predictions
print(f"{trainer.evaluate(dataset['train'])['eval_accuracy']:.0%}")
print(f"{answers.metrics['test_accuracy']:.0%}")

# %% [markdown] tags=["tf"]
# ## Training
#
# `prepare_tf_dataset` is that of texts; in the place of the tokenizer it is given the image processor, and prepares the pictures
# when their batch is due. The rest is known from the tour: epochs, batches, a learning rate.

# %% tags=["tf"]
batches = model.prepare_tf_dataset(dataset["train"], batch_size=16, processing_class=processor)
model.compile(optimizer=keras.optimizers.Adam(5e-4))
history = model.fit(batches, epochs=4, verbose=0)
print(len(history.history["loss"]))

# %% [markdown] tags=["tf"]
# Of how many pictures does it know the instrument now: of those it was trained on, and of those of the test? `argmax(axis=-1)` gives, for
# each picture, the label whose logit is largest: the model's answer.

# %% tags=["tf"]


def predicted(split):
    rows = model.prepare_tf_dataset(
        dataset[split], batch_size=50, shuffle=False, processing_class=processor
    )
    return model.predict(rows, verbose=0).logits


known, logits = predicted("train"), predicted("test")
print(f"{(known.argmax(axis=-1) == np.array(dataset['train']['label'])).mean():.0%}")
print(f"{(logits.argmax(axis=-1) == right).mean():.0%}")

# %% [markdown]
# **Question:** is that good?
#
# **Answer:** guessing would be right in a fifth of the pictures, so it has learnt something, in seconds and from thirty
# pictures of each class. But it knows the pictures of the training far better than new ones, and the card of this data
# set names another score: 72 %, by a simple classifier of colours and edges. That is nearly as good. Before you believe
# in a model, look for such a *baseline*.
#
# ## Its mistakes
#
# A *confusion matrix* counts every pair of label (the right answer) and prediction: what stands on the diagonal is
# right.

# %%
from hfquick.display import ConfusionMatrix, LargestLosses

matrix = ConfusionMatrix(right, logits, labels)
matrix

# %% [markdown]
# And the mistakes of which the model was most sure. For these, softmax makes probabilities of the logits:

# %%
powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
probabilities = powers / powers.sum(axis=-1, keepdims=True)
LargestLosses(dataset["test"]["image"], right, probabilities, labels)

# %% [markdown]
# The row of the guitars looks bad. Here are ten of those that it was trained on, and below them those of the test:

# %%
rows = []
for split in ["train", "test"]:
    guitars = [row["image"] for row in dataset[split] if labels[row["label"]] == "guitar"]
    rows.append(np.concatenate([np.asarray(guitar) for guitar in guitars[:10]], axis=1))
Image.fromarray(np.concatenate(rows))

# %% [markdown]
# **Question:** why does it not know the guitars of the test, and what would help?
#
# **Answer:** all guitars of the training are red or orange, most with much white, and those of the test are brown: they look more like
# the violins. The model has learnt what tells the classes apart *in its data*, and colour was enough for that. More
# training would not help, more designers would.
#
# ## Keeping it
#
# Model and processor are saved into one folder, and a pipeline opens them from there. What does it say of the first
# picture of a piano?

# %% tags=["torch"]
from hfquick import pipeline

trainer.save_model("instruments")
classifier = pipeline("image-classification", model="instruments")

# %% tags=["tf"]
from hfquick import pipeline

model.save_pretrained("instruments")
processor.save_pretrained("instruments")
classifier = pipeline("image-classification", model="instruments", framework="tf")

# %%
piano = dataset["test"][dataset["test"]["label"].index(labels.index("piano"))]["image"]
print(classifier(piano)[0]["label"])

# %% [markdown]
# ## With a folder of your own
#
# Put your pictures into a folder with one folder inside for each class: `my_pictures/oak/1.jpg`,
# `my_pictures/maple/1.jpg`. The names of those folders become the labels:
#
# ```python
# dataset = load_dataset("imagefolder", data_dir="my_pictures")["train"]
# dataset = dataset.train_test_split(test_size=0.2, seed=42)
# ```
#
# Everything else stays as it is above. Twenty pictures of each class are a beginning. Take them in several places and
# by several people, and keep for the test what was taken on another day: then you measure what you want to know.
#
# **Change it:** `model.vit.trainable = False` before `compile`, or `model.vit.requires_grad_(False)` in PyTorch, trains
# the head alone (*frozen* layers). It is quicker, and with very few pictures often as good.
#
# ## Your turn
#
# Which instrument is recognised most often? You find it on the diagonal of the confusion matrix. Write its label; if
# several share the first place, one of them.

# %%
my_answer = ""

counts = matrix.counts.diagonal()
easiest = [label for label, count in zip(labels, counts, strict=True) if count == counts.max()]
print(well_done if str(my_answer).strip().lower() in easiest else try_again)

# %% [markdown] tags=["torch"]
# The next lesson: [audio classification](audio_classification_pytorch.ipynb). Other lessons on pictures: [image
# classification](image_classification_pytorch.ipynb), [object detection](object_detection_pytorch.ipynb), [image
# segmentation](image_segmentation_pytorch.ipynb), [visual question answering](visual_question_answering_pytorch.ipynb).
# Lessons on text: [named entity recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb),
# [question answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on sound: [speech
# recognition](automatic_speech_recognition_pytorch.ipynb), [fine-tuning on sounds](sound_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [audio classification](audio_classification_tensorflow.ipynb). Other lessons on pictures: [image
# classification](image_classification_tensorflow.ipynb), [object detection](object_detection_tensorflow.ipynb), [image
# segmentation](image_segmentation_tensorflow.ipynb), [visual question
# answering](visual_question_answering_tensorflow.ipynb). Lessons on text: [named entity
# recognition](token_classification_tensorflow.ipynb), [fill-mask](fill_mask_tensorflow.ipynb), [question
# answering](question_answering_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb),
# [summarization](summarization_tensorflow.ipynb), [translation](translation_tensorflow.ipynb). Lessons on sound:
# [speech recognition](automatic_speech_recognition_tensorflow.ipynb), [fine-tuning on
# sounds](sound_training_tensorflow.ipynb).
