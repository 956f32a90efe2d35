# %% [markdown]
# # Image segmentation: whose is each pixel?
#
# A box also holds what stands beside and behind a thing. *Image segmentation* says for each pixel what it belongs to.
# You have a small DETR divide a street among its things and its backgrounds, compute a mask by hand, measure areas,
# cut a thing out and put it into another picture.
#
# **Lesson 9 of 14** · level 2 of 3 · about 25 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](image_segmentation_tensorflow.ipynb). Other language:
# [français](../../fr/lessons/image_segmentation_pytorch.ipynb). First take half of the
# [quick tour](../quicktour_pytorch.ipynb), and the lesson on [object detection](object_detection_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](image_segmentation_pytorch.ipynb). Other language:
# [français](../../fr/lessons/image_segmentation_tensorflow.ipynb). First take half of the
# [quick tour](../quicktour_tensorflow.ipynb), and the lesson on [object detection](object_detection_tensorflow.ipynb).

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
try_again = "Not yet. Change my_percentage and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

well_done = "Bravo !"
try_again = "Pas encore. Changez my_percentage et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# `hfquick/detr-tiny-scenes` is the very small model of the lesson on object detection. It has one more part, a *mask
# head*, which gives each object query a mask. Leave `model=` out when you have a network, and a large DETR, trained on
# photographs, is fetched instead. Segments that are less sure than `threshold` are left out; the pipeline's own is 0.9,
# and for so small a model we take 0.5.

# %% tags=["torch"]
from hfquick import pipeline

segmenter = pipeline("image-segmentation", model="hfquick/detr-tiny-scenes", threshold=0.5)

# %% tags=["tf"]
from hfquick import pipeline

segmenter = pipeline(
    "image-segmentation", model="hfquick/detr-tiny-scenes", threshold=0.5, framework="tf"
)

# %%
segmenter("hfquick/pictures/street.png")

# %% [markdown]
# Each segment has a colour of its own, half transparent, with a white line around it and a number inside; the table
# says what it is, how sure the model is, and which share of the picture it takes. What has no colour belongs to nothing.
#
# What you see is drawn from data: a list with a dictionary for each segment. `mask` is a picture itself, as large as
# the one that went in, with 255 where the segment is, and 0 elsewhere. Here is the first one:

# %%
segments = segmenter("hfquick/pictures/street.png")
for found in segments:
    print(found["label"], round(found["score"], 2), found["mask"].size, found["mask"].mode)
segments[0]["mask"]

# %% [markdown]
# ## Things and stuff
#
# A car is a *thing*: it can be counted, and two of them are two. Grass is *stuff*: there is more or less of it. This
# model knows 30 things and eight kinds of stuff:

# %%
labels = list(segmenter.model.config.id2label.values())
print(*labels[:30], sep=", ")
print(*labels[30:], sep=", ")

# %% [markdown]
# There are three ways to divide a picture, and `subtask` chooses among them. *Semantic* segmentation gives each pixel a
# label, and does not tell one car from another. *Instance* segmentation looks for objects, each for itself. *Panoptic*
# segmentation, which you have seen, does both: things one by one, and each kind of stuff once. What do they find, and
# how much of the picture is in no mask?

# %%
import numpy as np

for subtask in ["semantic", "instance", "panoptic"]:
    found = segmenter("hfquick/pictures/street.png", subtask=subtask)
    covered = sum(np.count_nonzero(one["mask"]) for one in found) / (300 * 400)
    print(f"{subtask:9} {1 - covered:4.0%}", *[one["label"] for one in found])

# %% [markdown]
# Instance and panoptic are the same here: a query of this DETR stands for a thing or for a kind of stuff, and each pixel goes to
# one query. Semantic segments have no score: all queries count, also unsure ones, and no pixel is left over.
#
# **Question:** which subtask would you take to count sheep, which to measure how much of an aerial photograph is
# forest, and which for a car that must know both what stands in its way and where the road is?
#
# **Answer:** instance for the sheep, semantic for the forest, panoptic for the car.
#
# ## Looking inside
#
# The detector gives twelve queries with a class and a box each. The mask head takes the attention of each query over the picture, lays it
# over finer and finer maps of the ResNet, and gives a *logit* for every position of a grid. By hand:

# %% tags=["torch"]
import torch
from PIL import Image

from hfquick import zoo

picture = Image.open(zoo.picture("hfquick/pictures/street.png")).convert("RGB")
with torch.no_grad():
    outputs = segmenter.model(**segmenter.image_processor(picture, return_tensors="pt"))
logits, pred_masks = outputs.logits[0].numpy(), outputs.pred_masks[0].numpy()
print(logits.shape, pred_masks.shape)

# %% tags=["tf"]
from PIL import Image

from hfquick import zoo

picture = Image.open(zoo.picture("hfquick/pictures/street.png")).convert("RGB")
outputs = segmenter.model(segmenter.image_processor(picture, return_tensors="tf"))
logits, pred_masks = outputs.logits[0].numpy(), outputs.pred_masks[0].numpy()
print(logits.shape, pred_masks.shape)

# %% [markdown]
# The *sigmoid* makes probabilities of the mask's logits, for each position by itself. We take the query that is surest
# to have found a car (`argmax` gives its number), and draw its mask, the lighter, the more probable:

# %%
query = logits[:, labels.index("car")].argmax()
probable = 0.5 + np.tanh(pred_masks / 2) / 2  # the sigmoid; (queries, rows, columns)
small = Image.fromarray((probable[query] * 255).astype(np.uint8))
small.resize(picture.size, Image.Resampling.NEAREST)

# %% [markdown]
# **Question:** how fine is this grid, and what does that mean for the edges of a mask?
#
# **Answer:** it has 32 rows and 32 columns, one position for about 12 times 9 pixels. The pipeline enlarges it smoothly:
# edges come out round, and what is thinner than a position, a leg or a lamp post, gets lost.
#
# Two masks may want the same position. Each mask is multiplied with the score of its query, and the largest product
# wins. Is that how the shares of the pipeline come about?

# %%
powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
probabilities = powers / powers.sum(axis=-1, keepdims=True)
scores = probabilities.max(axis=-1)
kept = np.flatnonzero((probabilities.argmax(axis=-1) < len(labels)) & (scores > 0.5))
owner = (probable[kept] * scores[kept, None, None]).argmax(axis=0)
for place, query in enumerate(kept):
    print(f"{labels[probabilities[query].argmax()]:8} {(owner == place).mean():4.0%}")
print(*[f"{found['label']} {(np.asarray(found['mask']) > 0).mean():.0%}" for found in segments])

# %% [markdown]
# Nearly: the pipeline enlarges the masks first, and it drops a segment that is nowhere surer than one half, or of which
# others take more than half. Such is the grass: what is left of it belongs to others.
#
# ## Measuring
#
# A mask can be counted. That is what it is made for in medicine and in maps: how large is the tumour, how much forest is
# left? The shares of the table, by hand:

# %%
for found in segments:
    inside = np.asarray(found["mask"]) > 127
    print(f"{found['label']:8} {inside.mean():.1%}", *inside.shape)

# %% [markdown]
# And how good is a mask? *Intersection over union*, as with boxes: the pixels that are in both, divided by those that
# are in one at least. We have no masks by hand to compare with; but a mirrored picture should give mirrored masks:

# %%
mirrored = segmenter(np.asarray(picture)[:, ::-1])
for found in segments:
    one = np.asarray(found["mask"]) > 127
    others = [np.asarray(other["mask"])[:, ::-1] > 127 for other in mirrored]
    shares = [(one & other).sum() / (one | other).sum() for other in others]
    print(f"{found['label']:8} {max(shares, default=0):.2f}")

# %% [markdown]
# **Question:** what does a high number tell here, and what does it not?
#
# **Answer:** that the model is of one mind about this segment, whichever side it stands on: about the car more than
# about the road. Not that it is right: it can be wrong in the same way twice. For that, somebody must draw masks by
# hand, and that takes minutes for each picture.
#
# ## Cutting out
#
# A mask is what a picture program calls an *alpha channel*: it says where a picture can be seen. So a thing can be
# taken out of one picture and put into another. We take the car, and a meadow:

# %%
meadow = Image.open(zoo.picture("hfquick/pictures/meadow.png")).convert("RGB")
[car] = [found for found in segments if found["label"] == "car"]
frame = car["mask"].getbbox()  # left, upper, right and lower edge of what is not 0
piece, its_mask = picture.crop(frame), car["mask"].crop(frame)
meadow.paste(piece, (20, 20), its_mask)
print(frame, piece.size)
meadow

# %% [markdown]
# **Change it:** another place, or `meadow.paste(piece, (20, 20))` without the mask. **Question:** what is the difference?
#
# **Answer:** without the mask the whole box is pasted, with a piece of street around the car. That is what segmentation
# knows more than detection.
#
# And the way round: the street without its things. Does the model still see what was there?

# %%
pixels = np.asarray(picture).copy()
for found in segments:
    if found["label"] in labels[:30]:
        pixels[np.asarray(found["mask"]) > 127] = 128  # grey
print(*[found["label"] for found in segmenter(pixels)])
Image.fromarray(pixels)

# %% [markdown]
# **Question:** what is left of a thing whose pixels are all of one grey?
#
# **Answer:** its outline, and where the mask was too small a rim of its colours. By those none of the four things is
# found again, but others are, which are not there. Sky and road were not touched.
#
# ## What goes wrong
#
# Which segments are left at other thresholds?

# %%
for threshold in [0.3, 0.5, 0.7, 0.9]:
    found = segmenter(picture, threshold=threshold)
    print(
        threshold, *[f"{one['label']} {(np.asarray(one['mask']) > 0).mean():.0%}" for one in found]
    )

# %% [markdown]
# **Question:** why do the shares change, too, and not only the number of segments?
#
# **Answer:** each pixel goes to one of the segments that remain, however weak their masks are there: once the house,
# the tree and the person are left out, sky and road spread over them.
#
# The model was trained on pictures composed of drawings, like this one. On photographs, with light, shadow and blur, it is
# lost. A slip of the pen? A sentence tells you:

# %%
for options in [{"subtask": "panoptik"}, {"mask_threshold": 2}]:
    try:
        segmenter(picture, **options)
    except ValueError as error:
        print(error)

# %% [markdown]
# ## Your turn
#
# What percentage of the picture `boat.png` is water? Guess by eye, to within 8 points of what the masks say.

# %%
my_percentage = 0

boat = Image.open(zoo.picture("hfquick/pictures/boat.png")).convert("RGB")
by_label = {one["label"]: one["mask"] for one in segmenter(boat, subtask="semantic")}
water = 100 * (np.asarray(by_label["water"]) > 0).mean() if "water" in by_label else 0
near = False
try:
    near = my_percentage > 0 and abs(my_percentage - water) <= 8
except TypeError as error:
    print(error)
print(well_done if near else try_again)
boat

# %% [markdown] tags=["torch"]
# The next lesson: [visual question answering](visual_question_answering_pytorch.ipynb). Other lessons on pictures:
# [image classification](image_classification_pytorch.ipynb), [object detection](object_detection_pytorch.ipynb),
# [fine-tuning on pictures](image_training_pytorch.ipynb). Lessons on text: [named entity
# recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb), [question
# answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on sound: [audio
# classification](audio_classification_pytorch.ipynb), [speech recognition](automatic_speech_recognition_pytorch.ipynb),
# [fine-tuning on sounds](sound_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [visual question answering](visual_question_answering_tensorflow.ipynb). Other lessons on pictures:
# [image classification](image_classification_tensorflow.ipynb), [object detection](object_detection_tensorflow.ipynb),
# [fine-tuning on pictures](image_training_tensorflow.ipynb). Lessons on text: [named entity
# recognition](token_classification_tensorflow.ipynb), [fill-mask](fill_mask_tensorflow.ipynb), [question
# answering](question_answering_tensorflow.ipynb), [text generation](text_generation_tensorflow.ipynb),
# [summarization](summarization_tensorflow.ipynb), [translation](translation_tensorflow.ipynb). Lessons on sound: [audio
# classification](audio_classification_tensorflow.ipynb), [speech
# recognition](automatic_speech_recognition_tensorflow.ipynb), [fine-tuning on sounds](sound_training_tensorflow.ipynb).
