# %% [markdown]
# # Image classification: what does a picture show?
#
# A picture goes in, a label comes out: *image classification* picks one of the classes that a model knows. You have a
# small *vision transformer*, ViT, name a thing, cut the picture into patches as it does, look at where its attention
# goes, and find out how little it takes to mislead it.
#
# **Lesson 7 of 14** · level 1 of 3 · about 25 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](image_classification_tensorflow.ipynb). Other
# language: [français](../../fr/lessons/image_classification_pytorch.ipynb). First take half of the
# [quick tour](../quicktour_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](image_classification_pytorch.ipynb). Other language:
# [français](../../fr/lessons/image_classification_tensorflow.ipynb). First take half of the
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
try_again = "Not yet. Change my_rows and my_columns and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

well_done = "Bravo !"
try_again = "Pas encore. Changez my_rows et my_columns et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# `hfquick/vit-tiny-pictures` is a very small model that travels with hfquick, as do a few pictures to try. Leave
# `model=` out when you have a network, and ViT-base, which is far larger and knows a thousand classes, is fetched
# instead.

# %% tags=["torch"]
from hfquick import pipeline

classifier = pipeline("image-classification", model="hfquick/vit-tiny-pictures")

# %% tags=["tf"]
from hfquick import pipeline

classifier = pipeline("image-classification", model="hfquick/vit-tiny-pictures", framework="tf")

# %%
classifier("hfquick/pictures/strawberry.png")

# %% [markdown]
# What you see is drawn from data: a list with a dictionary for each label, the best one first.

# %%
for found in classifier("hfquick/pictures/strawberry.png"):
    print(found["label"], round(found["score"], 2))

# %% [markdown]
# `score` lies between 0 and 1, and the scores of all classes together are 1. `top_k` says how many you want to see.
# These are the classes that this model knows; it will never answer anything else:

# %%
labels = list(classifier.model.config.id2label.values())
print(len(labels))
print(*labels, sep=", ")

# %% [markdown]
# **Question:** does it know strawberries, or has it learnt these very pixels by heart?
#
# **Answer:** it was trained on drawings of strawberries by other designers, and never saw one by this designer. That is
# the test that counts: pictures that were not in the training data. Do not expect much of so small a model, though: of
# such drawings over backgrounds it knows 66 %, of photographs 35 %.
#
# ## What a picture is to a model
#
# A table of numbers. Each *pixel* has three of them, from 0 to 255: how much red, green and blue. The axes are rows,
# columns and colours. Here is the picture, and the pixels in the middle and top left:

# %%
import numpy as np
from PIL import Image

from hfquick import zoo

picture = Image.open(zoo.picture("hfquick/pictures/strawberry.png")).convert("RGB")
pixels = np.asarray(picture)
print(pixels.shape, pixels[150, 200], pixels[0, 0])
picture

# %% [markdown]
# `zoo.picture` gives the file of a picture that travels with hfquick. For a picture of your own write its path:
# `Image.open("holidays.jpg")`.
#
# **Question:** which of the two pixels is red, and how do you see it in the numbers?
#
# **Answer:** the one in the middle: much red, little green and blue. Where all three are large and nearly equal, the
# pixel is light and almost without colour, as top left.
#
# A model wants all pictures in one size, and numbers round 0. The *image processor* resizes and *normalises* them, and
# puts the colours first. What comes out is called `pixel_values`, with the axes batch, colours, rows, columns:

# %%
processor = classifier.image_processor
pixel_values = processor(picture, return_tensors="np")["pixel_values"]
print(pixel_values.shape, pixel_values.min() >= -1, pixel_values.max() <= 1)

# %% [markdown]
# A transformer reads tokens, and a picture has none. So ViT cuts it into square *patches*, and a linear layer makes
# one vector, one token, of all numbers of a patch. Here is what the model is given, with gaps between the patches:

# %%
side = classifier.model.config.patch_size
small = (pixel_values[0].transpose(1, 2, 0) * 0.5 + 0.5).clip(0, 1)  # (rows, columns, colours)
patches = [
    np.split(row, small.shape[1] // side, axis=1) for row in np.split(small, small.shape[0] // side)
]
framed = [
    [np.pad(one, ((0, 1), (0, 1), (0, 0)), constant_values=0.5) for one in row] for row in patches
]
sheet = np.concatenate([np.concatenate(row, axis=1) for row in framed])
print(len(patches), len(patches[0]), patches[0][0].shape)
Image.fromarray((sheet * 255).astype(np.uint8)).resize((432, 432), Image.Resampling.NEAREST)

# %% [markdown]
# **Question:** how many tokens are that, and how many numbers does the linear layer read for each?
#
# **Answer:** 8 rows of 8 patches are 64 tokens, each of 8 · 8 pixels with 3 colours: 192 numbers. The picture was
# wider than high, and is square now: everything in it has become narrower.
#
# One more token comes first, `[CLS]`, which stands for no patch; the model classifies from its vector. And each token
# is told its place by a *position embedding*, because attention itself knows no order. Now by hand: the tokens, and
# the *logits*, one for each class.

# %% tags=["torch"]
import torch

inputs = processor(picture, return_tensors="pt")
with torch.no_grad():
    outputs = classifier.model(**inputs, output_hidden_states=True)
logits = outputs.logits[0].numpy()
print(tuple(outputs.hidden_states[-1].shape), logits.shape)

# %% tags=["tf"]
inputs = processor(picture, return_tensors="tf")
outputs = classifier.model(inputs, output_hidden_states=True)
logits = outputs.logits[0].numpy()
print(tuple(outputs.hidden_states[-1].shape), logits.shape)

# %% [markdown]
# Softmax makes probabilities of the logits. The largest one is the answer (`argmax` gives its number, `argsort` sorts
# all). Are these the scores of the pipeline?

# %%
powers = np.exp(logits - logits.max())
probabilities = powers / powers.sum()

for number in np.argsort(-probabilities)[:5]:
    print(labels[number], round(float(probabilities[number]), 2))
scores = [found["score"] for found in classifier(picture)]
print(np.allclose(scores, np.sort(probabilities)[::-1][:5], atol=1e-4))

# %% [markdown]
# ## Looking inside
#
# From which patches does `[CLS]` take what it knows? `attention_map` shows how its attention in the last layer is
# spread over the picture, the lighter, the more. Where a model looks is a hint, and no proof of why it decides.

# %%
from hfquick import attention_map

attention_map(classifier, picture)

# %% [markdown]
# **Question:** is it the red that is looked at most, or something else?
#
# **Answer:** the red: the five patches with the most attention lie in it. The leaves have a share, too, the background
# next to nothing.
#
# The last layer is only the end. `attention_rollout` follows the attention through all layers:

# %%
from hfquick import attention_rollout

attention_rollout(classifier, picture)

# %% [markdown]
# **Change it:** `attention_map(classifier, picture, layer=0, head=1)`, one *head* of the first layer. Most heads
# look elsewhere.
#
# ## Changing something
#
# A person knows a strawberry from the left, upside down, and in black and white. Does the model?

# %%
changed = {
    "as it is": pixels,
    "mirrored": pixels[:, ::-1],
    "upside down": pixels[::-1],
    "grey": pixels.mean(axis=-1).astype(np.uint8),
    "red and blue exchanged": pixels[:, :, ::-1],
    "the upper half": pixels[:150],
    "the left half": pixels[:, :200],
}
for name, other in changed.items():
    best, second = classifier(other, top_k=2)
    print(f"{name:24} {best['label']} {best['score']:.2f}, {second['label']} {second['score']:.2f}")

# %% [markdown]
# **Question:** which changes does it bear, and which not? Why does mirroring do no harm?
#
# **Answer:** mirrored it remains a strawberry, because in training half of the pictures were mirrored (*data
# augmentation*). Upside down it becomes a flower, with red above and green leaves below, and the model is quite sure of
# it. With other colours it is still recognised; without any it is taken for an orange or an apple, which are as round.
# Of the two halves neither is enough.
#
# **Change it:** add a line of your own, `"dark": pixels // 4`, or take another picture above: `boat.png`, `cat.png`,
# `table.png`, or one of your own.
#
# ## What goes wrong
#
# The model has to choose one of its classes. What is in none of them is called one of them all the same. A musical
# instrument, for which it has no word:

# %%
from hfquick import load_dataset

instrument = load_dataset("hfquick/pictures-tiny")["test"][40]["image"]
classifier(instrument)

# %% [markdown]
# **Question:** can you tell by the score that it does not know?
#
# **Answer:** no. This score is low, but so may be that of a right answer, and the flower above had a high one. Softmax
# divides 1 among the classes it has, and there is none for *something else*: a high score says that one of them fits
# better than the others, not that it fits.
#
# And a picture with several things in it? There is one answer for all of it:

# %%
classifier("hfquick/pictures/street.png")

# %% [markdown]
# **Question:** is any of it right? What would be a better question to put to this picture?
#
# **Answer:** none of the things in the street comes first. The model was trained on pictures with one large thing in
# the middle, and these are small. The better question is *what is where*: that is *object detection*, another task.
#
# A slip of the pen? A sentence tells you:

# %%
for wrong in ["hfquick/pictures/strawbery.png", pixels[:0]]:
    try:
        classifier(wrong)
    except ValueError as error:
        print(error)

# %% [markdown]
# ## Your turn
#
# In the street there is a tree. Cut the picture so that the model sees it: give the first and the last row, and the
# first and the last column. Rows are counted from the top, columns from the left; the whole picture has 300 and 400.

# %%
my_rows = 0, 300
my_columns = 0, 400

street = np.asarray(Image.open(zoo.picture("hfquick/pictures/street.png")).convert("RGB"))
seen, has_tree = None, False
try:
    (top, bottom), (left, right) = my_rows, my_columns
    seen = classifier(street[top:bottom, left:right])
    has_tree = 0 <= top < 90 < bottom and 0 <= left < 320 < right  # its middle is in the piece
except (TypeError, ValueError) as error:
    print(error)
print(well_done if has_tree and seen[0]["label"] == "tree" else try_again)
seen

# %% [markdown] tags=["torch"]
# The next lesson: [object detection](object_detection_pytorch.ipynb). Other lessons on pictures: [image
# segmentation](image_segmentation_pytorch.ipynb), [visual question answering](visual_question_answering_pytorch.ipynb),
# [fine-tuning on pictures](image_training_pytorch.ipynb). Lessons on text: [named entity
# recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb), [question
# answering](question_answering_pytorch.ipynb), [text generation](text_generation_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on sound: [audio
# classification](audio_classification_pytorch.ipynb), [speech recognition](automatic_speech_recognition_pytorch.ipynb),
# [fine-tuning on sounds](sound_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [object detection](object_detection_tensorflow.ipynb). Other lessons on pictures: [image
# segmentation](image_segmentation_tensorflow.ipynb), [visual question
# answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on pictures](image_training_tensorflow.ipynb).
# Lessons on text: [named entity recognition](token_classification_tensorflow.ipynb),
# [fill-mask](fill_mask_tensorflow.ipynb), [question answering](question_answering_tensorflow.ipynb), [text
# generation](text_generation_tensorflow.ipynb), [summarization](summarization_tensorflow.ipynb),
# [translation](translation_tensorflow.ipynb). Lessons on sound: [audio
# classification](audio_classification_tensorflow.ipynb), [speech
# recognition](automatic_speech_recognition_tensorflow.ipynb), [fine-tuning on sounds](sound_training_tensorflow.ipynb).
