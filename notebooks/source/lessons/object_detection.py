# %% [markdown]
# # Object detection: what is where?
#
# A picture goes in, and out comes a label and a box for each thing that is found in it: *object detection*. You have
# a small DETR look at a street, question its *object queries* one by one, measure how well two boxes overlap, and see
# how training decides which query has to learn which object.
#
# **Lesson 8 of 14** · level 2 of 3 · about 30 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](object_detection_tensorflow.ipynb). Other language:
# [français](../../fr/lessons/object_detection_pytorch.ipynb). First take half of the
# [quick tour](../quicktour_pytorch.ipynb), and the lesson on [image
# classification](image_classification_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](object_detection_pytorch.ipynb). Other language:
# [français](../../fr/lessons/object_detection_tensorflow.ipynb). First take half of the
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
try_again = "Not yet. Change my_box and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

well_done = "Bravo !"
try_again = "Pas encore. Changez my_box et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# `hfquick/detr-tiny-scenes` is a very small model that travels with hfquick, as do a few pictures to try. Leave
# `model=` out when you have a network, and a large DETR, trained on photographs, is fetched instead.

# %% tags=["torch"]
from hfquick import pipeline

detector = pipeline("object-detection", model="hfquick/detr-tiny-scenes")

# %% tags=["tf"]
from hfquick import pipeline

detector = pipeline("object-detection", model="hfquick/detr-tiny-scenes", framework="tf")

# %% [markdown]
# The line names weights that are not needed here: the model can also divide a picture into segments, which is a lesson
# of its own.

# %%
detector("hfquick/pictures/street.png")

# %% [markdown]
# What you see is drawn from data: a list with a dictionary for each object.

# %%
for found in detector("hfquick/pictures/street.png"):
    print(found["label"], round(found["score"], 2), *found["box"].values())

# %% [markdown]
# `score` lies between 0 and 1. `box` has the left, the upper, the right and the lower edge in pixels (`xmin`, `ymin`,
# `xmax`, `ymax`), counted from the upper left corner of the picture. And these are the labels that this model knows:

# %%
labels = list(detector.model.config.id2label.values())
print(len(labels))
print(*labels, sep=", ")

# %% [markdown]
# The first 30 are things. The last eight are kinds of background: this model finds those, too, each with a box round
# all that can be seen of it. The lesson on segmentation needs them.
#
# **Question:** which things of the street are found, and which are not? Which boxes would you have drawn otherwise?
#
# **Answer:** all four things are found: the house, the tree, the person and the car. Not every box is good: that of the
# house leaves out much on the right and below, that of the person the head.
#
# What is less sure than `threshold` is left out; 0.5, if you say nothing. Here are other thresholds:

# %%
from PIL import Image

from hfquick import zoo

picture = Image.open(zoo.picture("hfquick/pictures/street.png")).convert("RGB")
for threshold in [0.1, 0.3, 0.5, 0.7, 0.9]:
    print(threshold, *[found["label"] for found in detector(picture, threshold=threshold)])

# %% [markdown]
# **Question:** what does a low threshold cost, and what a high one?
#
# **Answer:** at 0.1 a horse comes in, and more persons than there are: with a low threshold the *precision* falls. At
# 0.7 the house is gone, at 0.9 the tree and the person as well: with a high one the *recall* falls. Which of the two
# mistakes is worse depends on what you do with the answers.
#
# ## Looking inside
#
# DETR has three parts. A convolutional network, ResNet, makes a *feature map* of the picture: a coarse grid with a
# vector for each position. A transformer *encoder* reads those vectors, as ViT reads its patches. Its *decoder* starts
# from vectors that are the same for every picture, the *object queries*. Each of them fetches by *cross-attention* what it needs
# from the grid, and in the end gives two answers: a class, and a box. By hand:

# %% tags=["torch"]
import torch

inputs = detector.image_processor(picture, return_tensors="pt")
with torch.no_grad():
    outputs = detector.model(**inputs)
logits, boxes = outputs.logits[0].numpy(), outputs.pred_boxes[0].numpy()
print(tuple(inputs["pixel_values"].shape), logits.shape, boxes.shape)

# %% tags=["tf"]
inputs = detector.image_processor(picture, return_tensors="tf")
outputs = detector.model(inputs)
logits, boxes = outputs.logits[0].numpy(), outputs.pred_boxes[0].numpy()
print(tuple(inputs["pixel_values"].shape), logits.shape, boxes.shape)

# %% [markdown]
# Twelve queries, and for each a *logit* for every label and one more, the last, for *no object*. Softmax makes
# probabilities of them; `argmax` gives the number of the largest.

# %%
import numpy as np

powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
probabilities = powers / powers.sum(axis=-1, keepdims=True)
names = [*labels, "no object"]
for query, row in enumerate(probabilities):
    print(f"{query:2}  {row.max():.2f} {names[row.argmax()]}")

# %% [markdown]
# **Question:** how many queries have found something, and what do the others say?
#
# **Answer:** seven are surer than 0.5, as many as the pipeline gave. The other five say *no object*, not all of them
# surely. That is an answer as well: in a picture with two objects ten queries should give it.
#
# The boxes come as centre and size, in parts of the picture from 0 to 1. Edges in pixels are two lines away. Are they
# those of the pipeline?

# %%
centre, size = boxes[:, :2], boxes[:, 2:]
corners = np.concatenate([centre - size / 2, centre + size / 2], axis=1)
corners = corners * [picture.width, picture.height, picture.width, picture.height]

kept = [query for query in range(12) if probabilities[query, :-1].max() > 0.5]
by_pipeline = [list(found["box"].values()) for found in detector(picture)]
print(kept, np.allclose(corners[kept], by_pipeline, atol=1))

# %% [markdown]
# Where did a query look? `query_attention_map` shows the cross-attention of the last decoder layer, for each query
# that found something: the lighter, the more.

# %%
from hfquick import query_attention_map

query_attention_map(detector, picture, threshold=0.8)

# %% [markdown]
# **Question:** does a query look at all of its object, or at parts of it?
#
# **Answer:** those of the person, the car and the road mostly at one or two positions within it, that of the sky at
# some more. In the encoder these have exchanged with their neighbours what they see, and the grid is coarse, 8 x 8. (In
# the large model the ends of a thing stand out.)
#
# ## How good is a box?
#
# No box is right to the pixel. *Intersection over union*, IoU, measures it: the area that two boxes share, divided by
# the area that they cover together. It is 1 for equal boxes, and 0 when they do not touch.

# %%


def iou(one, other):
    (left, top, right, bottom), (left2, top2, right2, bottom2) = one, other
    across = max(0, min(right, right2) - max(left, left2))
    down = max(0, min(bottom, bottom2) - max(top, top2))
    shared = across * down
    return shared / ((right - left) * (bottom - top) + (right2 - left2) * (bottom2 - top2) - shared)


for other in [[0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10]]:
    print(other, round(iou([0, 0, 10, 10], other), 2))

# %% [markdown]
# The second box shares half of itself with the first, and has an IoU of a third only: the measure is strict. Now the
# street: these boxes were measured by eye. Which query comes nearest to each, and what does it say?

# %%
true_boxes = {
    "house": [30, 55, 160, 186],
    "tree": [255, 29, 385, 195],
    "car": [190, 191, 310, 273],
    "person": [74, 155, 146, 289],
}
overlap = np.array([[iou(box, other) for other in true_boxes.values()] for box in corners])
for column, name in enumerate(true_boxes):
    nearest = overlap[:, column].argmax()
    said = names[probabilities[nearest].argmax()]
    print(f"{name:7} query {nearest:2}  {overlap[nearest, column]:.2f}  {said}")

# %% [markdown]
# From an IoU of 0.5 on, a box with the right label usually counts as a hit. That is how detectors are compared: *AP50*
# is the mean over the labels of an area under precision and recall, with that bound.
#
# ## Who learns what?
#
# A training picture comes with its objects, in no order; and twelve queries answer. Which of them should have said *car*? DETR
# does not fix it: it matches queries and objects so that the whole costs least, one query for each object, and none
# for two. The cost is small where the query gives the right label a high probability and its box overlaps well:

# %%
from itertools import permutations

objects = list(true_boxes)
cost = -probabilities[:, [labels.index(name) for name in objects]] - overlap  # (queries, objects)
choices = np.array(list(permutations(range(12), len(objects))))  # a query for each object
total = cost[choices, np.arange(len(objects))].sum(axis=1)
matched = choices[total.argmin()]
print(len(choices), cost.shape)
for name, query in zip(objects, matched, strict=True):
    print(f"{name:7} query {query:2}")

# %% [markdown]
# **Question:** we have tried all choices. Could one do that with the hundred queries of the large model, and twenty
# objects?
#
# **Answer:** no, the number of choices has forty digits. The *Hungarian algorithm* finds the best one without trying
# them all; SciPy has it as `linear_sum_assignment`, and hfquick's DETR uses it in training. (Its cost has a third part, the distance between the edges.)
#
# Each matched query is then taught its object, and all the others *no object*. So a second box round the same person is
# an error, and the queries learn to leave each other alone. In the street they do; the cup of `shelf.png` has two
# boxes: the large model was trained for days, this one for minutes. Older detectors give dozens of boxes for each
# thing, and a further step throws out the duplicates (*non-maximum suppression*). DETR is meant to do without.
#
# **Question:** why does a query, after training, like some parts of pictures and some sizes better than others?
#
# **Answer:** whichever query answers best is matched and learns more of the same: each becomes a specialist. Which one
# of what, depends on the random initialisation of the weights.
#
# ## Changing something
#
# The street once, and laid out like tiles, twice and three times in both directions:

# %%
pixels = np.asarray(picture)
for times in [1, 2, 3]:
    sheet = np.tile(pixels, (times, times, 1))
    found = [one["label"] for one in detector(sheet)]
    print(times * times * len(objects), "things, found:", len(found), *found)
detector(np.tile(pixels, (2, 2, 1)))

# %% [markdown]
# **Question:** why is so little found among so many?
#
# **Answer:** there are twelve queries, so there are never more than twelve objects. And the model makes every picture
# 128 pixels wide and high: in the tiles each thing is small, and smaller than those that it was trained on.
#
# Other changes, on one picture:

# %%
changed = {
    "as it is": pixels,
    "mirrored": pixels[:, ::-1],
    "upside down": pixels[::-1],
    "grey": pixels.mean(axis=-1).astype(np.uint8),
    "the right half": pixels[:, 200:],
}
for name, other in changed.items():
    print(f"{name:15}", *sorted(found["label"] for found in detector(other)))

# %% [markdown]
# **Question:** which changes does it bear?
#
# **Answer:** the mirror, which it was trained with. Things that stand on their heads it has never seen. Without colours
# the house and the tree are lost, and an apple comes in. In the right half everything becomes twice as wide, and the
# tree is lost.
#
# **Change it:** a picture with other things: `table.png`, `meadow.png`, `lake.png`, `playground.png`, or one of your own.
#
# ## What goes wrong
#
# Something that is none of its labels:

# %%
detector("hfquick/pictures/strawberry.png", threshold=0.3)

# %% [markdown]
# **Question:** does it say that it does not know the thing?
#
# **Answer:** no, it takes it for an apple. It could say *no object*, but it has learnt to do so only where there was
# nothing, or where another query had the object already.
#
# A slip of the pen? A sentence tells you:

# %%
for options in [{"threshold": 50}, {"treshold": 0.5}]:
    try:
        detector(picture, **options)
    except (TypeError, ValueError) as error:
        print(error)

# %% [markdown]
# ## Your turn
#
# Here is the box of the car. Give another one, as wide and as high as this, whose IoU with it lies between 0.45 and
# 0.55. Guess first: how far may it be shifted?

# %%
my_box = [190, 191, 310, 273]

car, overlap_with_car = [190, 191, 310, 273], 0.0
try:
    left, top, right, bottom = map(float, my_box)
    if (right - left, bottom - top) == (120, 82):
        overlap_with_car = iou([left, top, right, bottom], car)
except (TypeError, ValueError) as error:
    print(error)
print(round(overlap_with_car, 2))
print(well_done if 0.45 <= overlap_with_car <= 0.55 else try_again)

# %% [markdown] tags=["torch"]
# The next lesson: [image segmentation](image_segmentation_pytorch.ipynb). Other lessons on pictures: [image
# classification](image_classification_pytorch.ipynb), [visual question
# answering](visual_question_answering_pytorch.ipynb), [fine-tuning on pictures](image_training_pytorch.ipynb). Lessons
# on text: [named entity recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb),
# [question answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on sound: [audio
# classification](audio_classification_pytorch.ipynb), [speech recognition](automatic_speech_recognition_pytorch.ipynb),
# [fine-tuning on sounds](sound_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [image segmentation](image_segmentation_tensorflow.ipynb). Other lessons on pictures: [image
# classification](image_classification_tensorflow.ipynb), [visual question
# answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on pictures](image_training_tensorflow.ipynb).
# Lessons on text: [named entity recognition](token_classification_tensorflow.ipynb),
# [fill-mask](fill_mask_tensorflow.ipynb), [question answering](question_answering_tensorflow.ipynb), [text
# generation](text_generation_tensorflow.ipynb), [summarization](summarization_tensorflow.ipynb),
# [translation](translation_tensorflow.ipynb). Lessons on sound: [audio
# classification](audio_classification_tensorflow.ipynb), [speech
# recognition](automatic_speech_recognition_tensorflow.ipynb), [fine-tuning on sounds](sound_training_tensorflow.ipynb).
