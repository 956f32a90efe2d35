# %% [markdown]
# # Question answering: the answer is in the text
#
# You ask, and the computer points at the answer in a text that you give it. It makes up nothing: *extractive question
# answering* finds where the answer starts and where it ends. You ask a few questions, do the model's arithmetic by
# hand, and see what it says when there is no answer.
#
# **Lesson 3 of 14** · level 1 of 3 · about 25 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](question_answering_tensorflow.ipynb). Other language:
# [français](../../fr/lessons/question_answering_pytorch.ipynb). First take half of the
# [quick tour](../quicktour_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](question_answering_pytorch.ipynb). Other language:
# [français](../../fr/lessons/question_answering_tensorflow.ipynb). First take half of the
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

picture = ["start of the answer", "end of the answer"]
well_done = "Well done!"
try_again = "Not yet. Change my_question and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

picture = ["début de la réponse", "fin de la réponse"]
well_done = "Bravo !"
try_again = "Pas encore. Changez my_question et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# `hfquick/distilbert-tiny-qa-en` is a very small model that travels with hfquick. It was trained on English, so
# question and text, which is called the *context*, are English ones. Leave `model=` out when you have a network, and
# a large model is fetched instead.

# %% tags=["torch"]
from hfquick import pipeline

answerer = pipeline("question-answering", model="hfquick/distilbert-tiny-qa-en")

# %% tags=["tf"]
from hfquick import pipeline

answerer = pipeline("question-answering", model="hfquick/distilbert-tiny-qa-en", framework="tf")

# %%
context = (
    "Henrike Aalto opened her bakery in Turku in 1987. She sold rye bread and small round cakes. "
    "In winter the baker gave hot soup to the postmen."
)
question = "Who opened the bakery?"
answerer(question=question, context=context)

# %% [markdown]
# The picture is drawn from data, a dictionary. `start` and `end` are *offsets*, positions of characters in the
# context: the first one of the answer, and the first one after it.

# %%
answer = answerer(question=question, context=context)
print(round(answer["score"], 2), answer["start"], answer["end"], answer["answer"])
print(context[answer["start"] : answer["end"]] == answer["answer"])

# %% [markdown]
# Several questions about one context go in as a list:

# %%
questions = ["When did she open it?", "What did she sell?", "Who got hot soup?"]
for asked, answer in zip(questions, answerer(question=questions, context=context), strict=True):
    print(f"{asked:25} {answer['score']:.2f} {answer['answer']}")

# %% [markdown]
# **Question:** which answers are right? Is the model surer of those than of the others?
#
# **Answer:** all three, though *rye bread* is only half of what she sold. The year is as right as the others, and the
# model is least sure of it: a score says how sure a model is, not whether it is right. Of sixty everyday questions chosen beforehand, it answers 75 % rightly.
#
# ## Looking inside
#
# The tokenizer puts question and context one after the other, with `[SEP]` between them. `sequence_ids` tells which
# of the two a token belongs to, 0 or 1; the special tokens belong to neither.

# %%
encoding = answerer.tokenizer(question, context, return_offsets_mapping=True)
tokens, parts, offsets = encoding.tokens(), encoding.sequence_ids(), encoding["offset_mapping"]
print(*tokens)

# %% [markdown]
# The model gives every token two *logits*: how well an answer could start here, and how well it could end here.

# %% tags=["torch"]
import torch

with torch.no_grad():
    outputs = answerer.model(**answerer.tokenizer(question, context, return_tensors="pt"))
start_logits, end_logits = outputs.start_logits[0].numpy(), outputs.end_logits[0].numpy()
print(len(tokens), start_logits.shape, end_logits.shape)

# %% tags=["tf"]
outputs = answerer.model(answerer.tokenizer(question, context, return_tensors="tf"))
start_logits, end_logits = outputs.start_logits[0].numpy(), outputs.end_logits[0].numpy()
print(len(tokens), start_logits.shape, end_logits.shape)

# %% [markdown]
# An answer stands in the context, never in the question, so the logits of the question do not count. One more token
# counts, the first: `[CLS]` stands for “no answer here”. Softmax makes probabilities of the rest.

# %%
import numpy as np

allowed = np.array([part == 1 for part in parts])
allowed[0] = True  # [CLS]


def softmax(logits):
    powers = np.where(allowed, np.exp(logits - logits[allowed].max()), 0)
    return powers / powers.sum()


starts, ends = softmax(start_logits), softmax(end_logits)
print(round(float(starts.sum()), 3), round(float(ends.sum()), 3))

# %% [markdown]
# The three most probable tokens for the start of the answer, and for its end:

# %%
from hfquick.display import Scores


def best_three(probabilities):
    best = np.argsort(-probabilities)[:3]
    return [
        {"label": tokens[index], "score": round(float(probabilities[index]), 2)} for index in best
    ]


Scores([best_three(starts), best_three(ends)], inputs=picture)

# %% [markdown]
# An answer is a *span*: a start, and an end that does not come before it. Its score is the product of the two
# probabilities. The table `scores` has every pair; `triu` keeps those with the end at or after the start, `tril`
# those of 15 tokens at most, as in the pipeline, and `argmax` finds the largest. The best pair, and the pipeline's
# answer:

# %%
inside = np.where(np.arange(len(tokens)) > 0, starts, 0)  # [CLS] is no answer
scores = np.tril(np.triu(np.outer(inside, ends)), 14)
first, last = (int(index) for index in np.unravel_index(scores.argmax(), scores.shape))
print(context[offsets[first][0] : offsets[last][1]])

by_pipeline = answerer(question=question, context=context, align_to_words=False)
print(by_pipeline["answer"], abs(by_pipeline["score"] - scores[first, last]) < 1e-4)

# %% [markdown]
# (`align_to_words=False` because our own answer may begin or end inside a word; the pipeline's usually may not.)
#
# ## Changing something
#
# `top_k` asks for several answers. They are often parts of each other, and share the probability:

# %%
answerer(question=question, context=context, top_k=4)

# %% [markdown]
# Spans of the same words are one answer, and their scores add up. With a larger `top_k` more spans are looked at, so
# the same answer may score a little more.
#
# **Change it:** `max_answer_len=2` in the call, or another question. **Question:** what becomes of the scores?
#
# **Answer:** they fall to almost nothing. What is left are pieces of an answer, and the model would not start or end
# there.
#
# A long context goes through the model in *windows*, each with the question in front. `max_seq_len` is how many
# tokens a window has, `doc_stride` how many of them it shares with the next, so that an answer on the border is whole
# in one of the two. Here the answer stands in the middle of a long text:

# %%
filler = "".join(f"In week {week} the tide came in, and it went out again. " for week in range(120))
long_context = filler + context + " " + filler
windows = answerer.tokenizer(
    question,
    long_context,
    truncation="only_second",
    max_length=384,
    stride=128,
    return_overflowing_tokens=True,
)
print(len(long_context), len(windows["input_ids"]))

found = answerer(question=question, context=long_context, max_seq_len=384, doc_stride=128)
print(found["answer"], long_context[found["start"] : found["end"]] == found["answer"])
print(len(filler) <= found["start"] < len(filler + context))

# %% [markdown]
# Offsets count from the beginning of the whole text. The last line says whether the answer is one from our paragraph
# and not from the text around it: every window is computed separately, and the model points somewhere in each, also
# where the answer is not. A long text gives it more occasions to be wrong.
#
# **Change it:** smaller windows, `max_seq_len=64, doc_stride=32`. **Question:** is the answer still the same?
#
# **Answer:** it is, and still a wrong one. Every window is one more occasion to point at something.
#
# ## What goes wrong
#
# The text does not say everything. The pipeline answers all the same:

# %%
odd_question = "How many brothers has the captain?"
print(answerer(question=odd_question, context=context)["answer"])

# %% [markdown]
# With `handle_impossible_answer=True` the empty answer competes too, with the score that `[CLS]` has for both start
# and end. How probable is “no answer” to each question?

# %%
for asked in [question, odd_question]:
    answers = answerer(question=asked, context=context, handle_impossible_answer=True, top_k=1000)
    print(asked, [round(answer["score"], 2) for answer in answers if answer["answer"] == ""])

# %% [markdown]
# A model can only say so if it was trained on questions without an answer (the data set SQuAD 2 has many). One that
# was not leaves almost nothing to `[CLS]`, and a low score is then the only hint.
#
# Where there is nothing to look in, there is nothing to say:

# %%
try:
    answerer(question=question, context="")
except ValueError as error:
    print(error)

# %% [markdown]
# ## Your turn
#
# Find a question to which the model answers with the town.

# %%
my_question = "What did she sell?"

try:
    answer = answerer(question=my_question, context=context)
    found = answer["answer"] == "Turku"
except (TypeError, ValueError) as error:
    answer, found = None, False
    print(error)
print(well_done if found else try_again)
answer

# %% [markdown] tags=["torch"]
# The next lesson: [text generation](text_generation_pytorch.ipynb). Other lessons on text: [named entity
# recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb),
# [summarization](summarization_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on pictures: [image
# classification](image_classification_pytorch.ipynb), [object detection](object_detection_pytorch.ipynb), [image
# segmentation](image_segmentation_pytorch.ipynb), [visual question answering](visual_question_answering_pytorch.ipynb),
# [fine-tuning on pictures](image_training_pytorch.ipynb). Lessons on sound: [audio
# classification](audio_classification_pytorch.ipynb), [speech recognition](automatic_speech_recognition_pytorch.ipynb),
# [fine-tuning on sounds](sound_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [text generation](text_generation_tensorflow.ipynb). Other lessons on text: [named entity
# recognition](token_classification_tensorflow.ipynb), [fill-mask](fill_mask_tensorflow.ipynb),
# [summarization](summarization_tensorflow.ipynb), [translation](translation_tensorflow.ipynb). Lessons on pictures:
# [image classification](image_classification_tensorflow.ipynb), [object detection](object_detection_tensorflow.ipynb),
# [image segmentation](image_segmentation_tensorflow.ipynb), [visual question
# answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on pictures](image_training_tensorflow.ipynb).
# Lessons on sound: [audio classification](audio_classification_tensorflow.ipynb), [speech
# recognition](automatic_speech_recognition_tensorflow.ipynb), [fine-tuning on sounds](sound_training_tensorflow.ipynb).
